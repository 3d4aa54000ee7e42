;;; The evaluator under which nothing lasts, while a `what-if` is under way: what globals are given is taken back at its
;;; end, and what would write outside the program is refused, in the definitions of what is called as well.

(%stand-on (the-environment) 'follow)

(define what-if-depth 0)                     ; how many `what-if` are under way
(define what-if-refused '(write-store note ingest write-file net process rewrite))
(define what-if-left-out '(%record-turn! %record-sign!)) ; not done, which nobody notices: keeping the answer as a turn
(define what-if-known (%known))              ; procedures that may be called: nothing is refused in what they reach

(define (followed? global) #t)
(define (what-if-judging?) (> what-if-depth 0))
(define (what-if-effects effects) (%common effects what-if-refused))

(redefine (stand-in value global) what-if-next-stand-in
  (let ((name (%global-name global)))
    (if (null? (what-if-effects (%outside-effects value)))
        (what-if-next-stand-in value global)
        (lambda arguments
          (cond ((not (what-if-judging?)) (%call-at #f value arguments))
                ((memq name what-if-left-out) (if #f #f))
                (else (%error 'what-if (string-append (symbol->string name) " would change what lies outside the program")
                              "what-if changes nothing: ask about a part that only computes")))))))

;; What was compiled elsewhere, or comes out of data, cannot be followed: what could write is refused when it is called.

(redefine (ev-apply l procedure arguments x at) what-if-next-apply
  (let ((parts (what-if-parts procedure arguments)) (global (%global-of procedure)))
    (define (call procedure arguments) (what-if-next-apply l procedure arguments x at))
    (if parts
        (%if l (%call l (l %all-known?) (cons* (l what-if-known) (l (what-if-place parts at)) parts) at)
             (lambda () (call (if global (%ref l global at) procedure) arguments)) ; a name is known to the compiler
             (lambda () (call (l %call-judged) (cons* (l what-if-judged) (l what-if-call) (l at) procedure arguments)))
             at)
        (call procedure arguments))))

(define (what-if-parts procedure arguments)  ; of a call what must be known; #f if it is of a primitive that only computes
  (let ((global (%global-of procedure))) (if (and global (plain? global)) #f (cons procedure arguments))))

(define (what-if-place parts at) #f)         ; of the call, to be remembered
(define what-if-call %call-at)               ; of what its parts have been judged to be

(define (what-if-judged value)               ; VALUE, or what stands for the procedure
  (let ((effects (if (procedure? value) (what-if-effects (%all-effects value follow-instead)) #f)))
    (cond ((not effects) value)
          ((null? effects) (%known! what-if-known value) value)
          ((what-if-judging?) (what-if-instead value effects))
          (else value))))

(define (what-if-instead procedure effects)
  (lambda arguments (%error 'what-if "a procedure that was made elsewhere could change what lies outside the program" #f)))

;; What is given to a global is kept aside first.

(define (what-if-aside! global) (if (> what-if-depth 0) (%keep-aside global)))
(define (what-if-keep! l global at)
  (if (%global-name global) (%call l (l what-if-aside!) (list (l global)) at)))

(redefine (ev-set! l x env at) what-if-next-set!
  (if (and (pair? (cdr x)) (%identifier? (cadr x))) (what-if-keep! l (lookup (cadr x) env) at))
  (what-if-next-set! l x env at))

(redefine (ev-define l x env at) what-if-next-define
  (if (%top-level? env) (what-if-keep! l (%global (%definition x at) env) at))
  (what-if-next-define l x env at))

(define (what-if-enter! more)                ; one more `what-if`, or -1
  (follow-anew!)
  (%known-anew! what-if-known)
  (set! what-if-depth (+ what-if-depth more)))
