;;; The evaluator that tells what each call in the text cost: how often it was made, time, rows of tables, bytes.
;;;
;;; A call that something waits for begins and ends. One in tail position only begins: it ends with the call that its
;;; procedure was called by. What takes no longer than a look at the clock would is counted, and belongs to the call around.

(define profile-clock (%profile-clock))
(define profile-counted
  '(+ - * < > <= >= = zero? not eq? eqv? null? pair? car cdr caar cadr cdar cddr cons vector-ref vector-set!
    string-ref quotient remainder modulo hash-table-ref/default hash-table-set! hash-ref hash-set!))

(define (profile-only-counted? l x env)      ; what `let` makes is no call either, but something has to end where it ends
  (if (pair? (car x))
      (let ((row (row-of (car x) env))) (and row (eq? (%row-name row) 'lambda) (%tail? l)))
      (memq (%global-name (primitive-of x env)) profile-counted)))

(redefine (ev-call l x env at) profile-next-call
  (define call (%profile-call (%original x) at))
  (define (note procedure . arguments) (%call l (l procedure) arguments at))
  (define (begins procedure)
    (%count-like! l call)
    (note procedure))
  (define (the-call)
    (let ((value (profile-next-call l x env at)))
      (%count-anew! l)                       ; it may not return
      value))
  (cond ((not (%place l x #f)) (the-call))
        ((profile-only-counted? l x env)
         (%profile-counted! profile-clock call (%counter-here l))
         (if (pair? (car x)) (the-call) (profile-next-call l x env at)))
        ((%tail? l) (begins (%profile-tail profile-clock call)) (the-call))
        (else
          (let ((begun (begins (%profile-begin profile-clock call))))
            (note (%profile-end profile-clock) begun (the-call))))))

(define (profile-report) (%profile-rows profile-clock)) ; the calls that were made, those that took the longest first
