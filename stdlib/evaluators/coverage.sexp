;;; The evaluator that remembers what was run: each call, and each branch of an `if`, with how often it was begun.

(define coverage-rows '()) ; #(begun form place) of the forms in the code that was evaluated, the latest first

(define (coverage-mark! l x at)
  (let ((row (vector 0 (%strip x) at)))
    (set! coverage-rows (cons row coverage-rows))
    (%call l (l %count!) (list (l row)) at)))

(define coverage-next-call ev-call)
(define (ev-call l x env at)
  (if at (coverage-mark! l x at))
  (coverage-next-call l x env at))

(define coverage-next-branch ev-branch)
(define (ev-branch l cell env at) ; one that is no call is marked too
  (let ((place (%cell-place l cell #f)))
    (if (and place (not (pair? (car cell)))) (coverage-mark! l (car cell) place))
    (coverage-next-branch l cell env at)))

(define (coverage-report) ; every form with how often it was begun, in the order of the text
  (map (lambda (row) {:form (vector-ref row 1) :place (%place-text (vector-ref row 2)) :begun (vector-ref row 0)})
       (reverse coverage-rows)))
