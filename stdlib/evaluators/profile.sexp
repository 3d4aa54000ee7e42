;;; The evaluator that tells what each call in the text cost: how often it was made, time, rows of tables, bytes.
;;;
;;; A call that something waits for begins and ends. One in tail position only begins: it ends with the call that its
;;; procedure was called by. What takes no longer than a look at the clock would is counted, and belongs to the call around.

(define profile-clock (%profile-clock))
(define profile-counted
  '(+ - * < > <= >= = zero? not eq? eqv? null? pair? car cdr caar cadr cdar cddr cons vector-ref vector-set!
    string-ref quotient remainder modulo hash-table-ref/default hash-table-set! hash-ref hash-set!))

(define (profile-only-counted? x env)
  (let ((global (and (%identifier? (car x)) (lookup (car x) env))))
    (and (memq (%global-name global) profile-counted) (%plain? global))))

(define profile-next-call ev-call)
(define (ev-call l x env at)
  (let ((call (%profile-call (%original x) at)))
    (cond ((not (%place l x #f)) (profile-next-call l x env at))
          ((profile-only-counted? x env)
           (%call l (l %profile-count!) (list (l profile-clock) (l call)) at)
           (profile-next-call l x env at))
          ((%tail? l)
           (%call l (l %profile-tail!) (list (l profile-clock) (l call)) at)
           (profile-next-call l x env at))
          (else
            (let* ((mine (%call l (l %profile-begin!) (list (l profile-clock) (l call)) at))
                   (value (profile-next-call l x env at)))
              (%call l (l %profile-end!) (list (l profile-clock) mine value) at))))))

(define profile-next-pair ev-pair)
(define (ev-pair l x env at)
  (if (%place l x #f)
      (head l x env at (lambda (y at row) (if (pair? y) (profile-next-pair l y env at) (ev l y env at))))
      (profile-next-pair l x env at)))

(define profile-next-head head)
(define (head l x env at use) ; what a macro made of a form counts as written where that was
  (profile-next-head l x env at
                     (lambda (y at row)
                       (use (if (and (pair? x) (pair? y) (not (eq? x y)) (%place l x #f)) (%written-at y x) y) at row))))

(define (profile-report) (%profile-rows profile-clock)) ; the calls that were made, those that took the longest first
