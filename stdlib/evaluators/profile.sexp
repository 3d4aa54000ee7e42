;;; The evaluator that tells what each call in the text cost: how often it was made, time, rows of tables, bytes.
;;;
;;; A call that something waits for begins and ends. One in tail position only begins: it ends with the call that its
;;; procedure was called by. What takes no longer than a look at the clock would is counted, and belongs to the call around.

(define profile-clock (%profile-clock))
(define profile-counted
  '(+ - * < > <= >= = zero? not eq? eqv? null? pair? car cdr caar cadr cdar cddr cons values vector-ref vector-set!
    string-ref quotient remainder modulo hash-table-ref/default hash-table-set! hash-ref hash-set!))

(define (profile-let? x env)                 ; a procedure that is called where it is written: that is no call either
  (and (pair? (car x)) (let ((row (row-of (car x) env))) (and row (eq? (%row-name row) 'lambda)))))

(define profile-waited #f)                   ; the end of the last `let`, if something waits for it: so it does for calls there

(redefine (ev-body l forms env at) profile-next-body
  (profile-next-body (if (eq? (last-pair forms) profile-waited) (%operand l) l) forms env at))

(redefine (ev-call l x env at) profile-next-call
  (define call (%profile-call (%original x) at))
  (define (note procedure . arguments) (%call l (l procedure) arguments at))
  (define (begins procedure)
    (%count-like! l call)
    (note procedure))
  (define (counted)
    (%profile-counted! profile-clock call (%counter-here l)))
  (define (the-call)
    (let ((value (profile-next-call l x env at)))
      (%count-anew! l)                       ; it may not return
      value))
  (if (profile-let? x env) (set! profile-waited (and (not (%tail? l)) (last-pair (car x)))))
  (cond ((not (%place l x #f)) (the-call))
        ((profile-let? x env) (counted) (the-call))
        ((memq (%global-name (primitive-of x env)) profile-counted) (counted) (profile-next-call l x env at))
        ((%tail? l) (begins (%profile-tail profile-clock call)) (the-call))
        (else
          (let ((begun (begins (%profile-begin profile-clock call))))
            (note (%profile-end profile-clock) begun (the-call))))))

(define (profile-report) (%profile-rows profile-clock)) ; the calls that were made, those that took the longest first
