;;; The evaluator that remembers what was run: each call, and each branch of an `if`, with how often it was begun.

(define coverage-rows '()) ; (counter form place) of the forms in the code that was evaluated, the latest first

(define (coverage-mark! l x at)
  (set! coverage-rows (cons (list (%counter-here l) x at) coverage-rows)))

(redefine (ev-call l x env at) coverage-next-call
  (if at (coverage-mark! l (%original x) at))
  (let ((value (coverage-next-call l x env at)))
    (%count-anew! l) ; it may not return
    value))

(redefine (ev-branch l cell env at) coverage-next-branch ; one that is no call is marked too
  (let ((place (%cell-place l cell #f)))
    (if (and place (not (pair? (car cell)))) (coverage-mark! l (car cell) place))
    (coverage-next-branch l cell env at)))

(define (coverage-report) ; every form with how often it was begun, in the order of the text
  (map (lambda (row) {:form (%strip (cadr row)) :place (%place-text (caddr row)) :begun (%counter-count (car row))})
       (reverse coverage-rows)))
