;;; The evaluator that can be stopped: before each form that was written, and where one fails.
;;;
;;; The stepper of the host is given, for each, what the form is, and its part of the code: a procedure that makes the
;;; environment the form stands in, if it is told so, and else evaluates it. A form in tail position stays there: nothing
;;; waits for its value but what waits for the procedure's. Only a primitive that computes, and so calls nothing, is waited for.

(define step-passed ; forms that there is nothing to see of
  '(quote lambda begin define define-syntax let-syntax letrec-syntax import define-library syntax-rules syntax-error
    er-macro-transformer the-environment with-level with-evaluator))

(define step-quiet #f)                       ; whether what is evaluated is part of a form that is done in one go
(define step-sure '(null? pair? not eq? eqv? equal? cons list values)) ; cannot fail
(define step-kinds                           ; nor can these, if each operand is of that kind
  '((car . pair?) (cdr . pair?) (+ . integer?) (- . integer?) (= . integer?) (< . integer?) (> . integer?) (<= . integer?)
    (>= . integer?) (zero? . integer?)))

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
  (define (looking) (%call l (l (%step-looking)) '() at))
  (define (unless-looked-at yes no) (%if l (looking) yes no at))
  (define primitive (%global-name (primitive-of x env)))
  (define kind (and at-once (step-kind x env)))
  (let ((sure (memq primitive step-sure)) (part (lambda () (step-part l x env at-once at))))
    (cond ((and kind (step-settled? (cdr x) (cdr kind) env #t))
           (%if l (%if l (looking) (lambda () (l #f))
                       (lambda () (step-in-one-go (lambda () (step-all l (cdr x) (cdr kind) env at)))) at)
                (lambda () (step-in-one-go (lambda () (step-next-pair l x env at)))) (lambda () (asked (part))) at))
          ((not (or row (pair? (car x)) sure)) (asked (part)))
          (else
            (let ((made (part))) (unless-looked-at (lambda () (asked made)) (lambda () (%call l made (list (l (if at-once '() #f))) at))))))))

(define (step-kind x env)                    ; (name . kind); #f for any
  (let ((name (%global-name (primitive-of x env))))
    (or (assq name step-kinds) (and (memq name step-sure) (cons name #f)))))

(define (step-settled? cells kind env deep)  ; whether CELLS are variables, numbers where that is the KIND, or, if DEEP, such forms
  (every (lambda (x)
           (cond ((%identifier? x) (or (not kind) (%local x env)))
                 ((pair? x) (and deep (step-kind x env) (step-settled? (cdr x) (cdr (step-kind x env)) env #f)))
                 (else (or (not kind) (and (eq? kind 'integer?) (integer? x))))))
         cells))

(define (step-all l cells kind env at)       ; whether the values of those are of KIND
  (define (rest) (step-all l (cdr cells) kind env at))
  (define (is?) (if kind (%call l (ev l (%alias kind) env at) (list (ev-car (%operand l) cells env at)) at) (l #t)))
  (define (both this that) (%if l (this) that (lambda () (l #f)) at))
  (cond ((null? cells) (l #t))
        ((%identifier? (car cells)) (both is? rest))
        ((not (pair? (car cells))) (rest))
        (else (both (lambda () (step-all l (cdar cells) (cdr (step-kind (car cells) env)) env at)) (lambda () (both is? rest))))))

(define (step-in-one-go thunk) (dynamic-wind (lambda () (set! step-quiet #t)) thunk (lambda () (set! step-quiet #f))))

(define (step-part l x env quiet at)         ; is told #t for the environment, () or #f for the value: #f in one go, if QUIET
  (define (evaluated) (step-next-pair (%tail l) x env at))
  (define (in-one-go) (step-in-one-go evaluated))
  (%procedure l '(what) #f
              (lambda (arguments)
                (let ((scope (%scope l env)))
                  (define (told) (%ref l (%local 'what scope) at))
                  (define (environment) (%environment l env at))
                  (define (form-by-form) (%if l (%call l (l eq?) (list (told) (l #t)) at) environment evaluated at))
                  (bind l '(what) arguments scope at)
                  (if quiet (%if l (told) form-by-form in-one-go at) (%if l (told) environment evaluated at))))
              at))
