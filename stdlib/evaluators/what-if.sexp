;;; The evaluator under which nothing lasts, while a `what-if` is under way: what globals are given is taken back at its
;;; end, and what would write outside the program is refused. Calls are followed into the definitions of what is called.

(define what-if-here (the-environment))
(define what-if-depth 0)                     ; how many `what-if` are under way
(define what-if-refused '(write-store ingest write-file net process rewrite))
(define what-if-left-out '(%record-turn!))   ; not done, which nobody notices: keeping the answer as a turn
(define what-if-kept '(%prepare-search %heard %with-vectors)) ; done, which nobody notices: they keep what they compute

(define what-if-next ev)
(define (ev l x env at)
  (let ((code (what-if-next l x env at)) (meaning (if (%identifier? x) (lookup x env) #f)))
    (if (or (not (%global-name meaning)) (%plain? meaning))
        code
        (%call l (l what-if-stand-in) (list code (l meaning)) at))))

(define what-if-stand-in
  (%stand-ins what-if-here
              (lambda (value meaning)
                (and (not (memq (%global-name meaning) what-if-kept))
                     (any (lambda (effect) (memq effect what-if-refused)) (%outside-effects value))
                     (what-if-guarded value (%global-name meaning))))))

(define (what-if-guarded primitive name)
  (lambda arguments
    (cond ((= what-if-depth 0) (apply primitive arguments))
          ((memq name what-if-left-out) (if #f #f))
          (else (%error 'what-if (string-append (symbol->string name) " would change what lies outside the program")
                        "what-if changes nothing: ask about a part that only computes")))))

;; A procedure that was compiled elsewhere is not followed: it is not called if it could write.

(define what-if-next-apply ev-apply)
(define (ev-apply l procedure arguments x at)
  (%call l (l what-if-check!) (cons procedure arguments) at)
  (what-if-next-apply l procedure arguments x at))

(define what-if-seen (make-hash-table))      ; procedures that have been looked at → the effects for which they are refused

(define (what-if-check! . parts)
  (if (> what-if-depth 0)
      (for-each
        (lambda (part)
          (if (and (procedure? part) (pair? (what-if-effects part)))
              (%error 'what-if "a procedure that was made elsewhere could change what lies outside the program" #f)))
        parts)))

(define (what-if-effects procedure)
  (let ((known (hash-ref what-if-seen procedure 'new)))
    (if (eq? known 'new)
        (let ((found (filter (lambda (effect) (memq effect what-if-refused))
                             (or (%unseen-effects procedure what-if-stand-in) '()))))
          (hash-set! what-if-seen procedure found)
          found)
        known)))

(define (what-if-refuse-nothing!) (set! what-if-refused '())) ; where another evaluator sees to it

;; What is given to a global is kept aside first.

(define (what-if-keep! l meaning at)
  (if (%global-name meaning) (%call l (l what-if-aside!) (list (l meaning)) at)))

(define (what-if-aside! meaning) (if (> what-if-depth 0) (%keep-aside meaning)))

(define what-if-next-set! ev-set!)
(define (ev-set! l x env at)
  (if (and (pair? (cdr x)) (%identifier? (cadr x))) (what-if-keep! l (lookup (cadr x) env) at))
  (what-if-next-set! l x env at))

(define what-if-next-define ev-define)
(define (ev-define l x env at)
  (if (%top-level? env) (what-if-keep! l (%global (%definition x at) env) at))
  (what-if-next-define l x env at))

(define (what-if-enter!) (set! what-if-depth (+ what-if-depth 1)))
(define (what-if-leave!) (set! what-if-depth (- what-if-depth 1)))

(define (what-if-report) '())
