;;; The evaluator that can be stopped: before each form that was written, and where one fails.
;;;
;;; The stepper of the host is given, for each, what the form is, and its part of the code: a procedure that makes the
;;; environment the form stands in, if it is told so, and else evaluates it. A form in tail position stays there: nothing
;;; waits for its value but what waits for the procedure's. Only a primitive that computes, and so calls nothing, is waited for.

(define step-passed ; forms that there is nothing to see of
  '(quote lambda begin define define-syntax let-syntax letrec-syntax import define-library syntax-rules syntax-error
    er-macro-transformer the-environment with-level with-evaluator))

(define step-quiet #f)                       ; whether what is evaluated is part of a form that is done in one go
(define step-sure '(null? pair? not eq? eqv? equal? cons list)) ; cannot fail

(define (step-pure? x env)                   ; all in X are primitives that change nothing: it may be computed again
  (let ((global (primitive-of x env)))
    (and global (equal? (%effects (%global-value global)) '(pure)) (step-operands? (cdr x) env))))

(define (step-operands? cells env)
  (or (null? cells)
      (and (pair? cells) (or (not (pair? (car cells))) (step-pure? (car cells) env)) (step-operands? (cdr cells) env))))

(redefine (ev-pair l x env at) step-next-pair
  (let ((row (row-of x env)))
    (if (or step-quiet (not (%place l x #f)) (and row (or (%macro? row) (memq (%row-name row) step-passed))))
        (step-next-pair l x env at)
        (step-form l x env row at))))

(define (step-form l x env row at)           ; of what cannot fail nobody need be told unless somebody looks
  (define at-once (and (not row) (not (pair? (car x))) (step-operands? (cdr x) env))) ; and again, if an operand fails
  (define cell (l (%step-cell (%original x) at at-once)))
  (define asks (if (and (%tail? l) (not (primitive-of x env))) '%step-tail '%step-run))
  (define (asked part) (%call l (ev l (%alias asks) env at) (list cell part) at))
  (define (unless-looked-at yes no) (%if l (%call l (l (%step-looking)) '() at) yes no at))
  (let ((sure (memq (%global-name (primitive-of x env)) step-sure)) (part (lambda () (step-part l x env at-once at))))
    (cond ((not (or row (pair? (car x)) sure)) (asked (part)))
          ((and at-once (not (any pair? (cdr x))))
           (unless-looked-at (lambda () (asked (part))) (lambda () (step-next-pair l x env at))))
          (else
            (let ((made (part))) (unless-looked-at (lambda () (asked made)) (lambda () (%call l made (list (l (if at-once '() #f))) at))))))))

(define (step-part l x env quiet at)         ; is told #t for the environment, () or #f for the value: #f in one go, if QUIET
  (define (evaluated) (step-next-pair (%tail l) x env at))
  (define (in-one-go) (dynamic-wind (lambda () (set! step-quiet #t)) evaluated (lambda () (set! step-quiet #f))))
  (%procedure l '(what) #f
              (lambda (arguments)
                (let ((scope (%scope l env)))
                  (define (told) (%ref l (%local 'what scope) at))
                  (define (environment) (%environment l env at))
                  (define (form-by-form) (%if l (%call l (l eq?) (list (told) (l #t)) at) environment evaluated at))
                  (bind l '(what) arguments scope at)
                  (if quiet (%if l (told) form-by-form in-one-go at) (%if l (told) environment evaluated at))))
              at))
