; What a macro's own identifiers define at the top level (R7RS 4.3: renamed to avoid conflicts)
(define-syntax define-tmp (syntax-rules () ((_ v) (define tmp v))))
(define-tmp 2)
; a name that nobody else has is there for all
tmp ;=> 2
(define tmp 1)
(define-tmp 3)
tmp ;=> 1
(define other-tmp 1)
(define-syntax define-with-helper (syntax-rules () ((_ n v) (begin (define helper v) (define (n) helper)))))
(define-with-helper f 10)
(define-with-helper g 20)
(list (f) (g) helper) ;=> (10 20 20)
; also if the helper comes after what uses it
(define late 'mine)
(define-syntax define-late (syntax-rules () ((_ n v) (begin (define (n) late) (define late v)))))
(define-late h 30)
(list (h) late) ;=> (30 mine)
; macros that share a variable
(define-syntax define-counter (syntax-rules () ((_) (define counter 0))))
(define-syntax count! (syntax-rules () ((_) (begin (set! counter (+ counter 1)) counter))))
(define-counter)
(list (count!) (count!) counter) ;=> (1 2 2)
; a macro that a macro defines keeps to the variable of its expansion
(define march-hare 'mine)
(define-syntax jabberwocky (syntax-rules () ((_ hatter) (begin (define march-hare 42) (define-syntax hatter (syntax-rules () ((_) march-hare)))))))
(jabberwocky mad-hatter)
(list (mad-hatter) march-hare) ;=> (42 mine)
(let () (define-tmp 7) tmp) ;=> 1
; names that the macro is given are the program's
(define-syntax define-two (syntax-rules () ((_ a b) (begin (define a 1) (define b (+ a 1))))))
(define-two march-hare new)
(list march-hare new) ;=> (1 2)
; a helper that is a form
(define-syntax define-quoter (syntax-rules () ((_ n v) (begin (define-syntax quoted (syntax-rules () ((_) 'v))) (define (n) (quoted))))))
(define-quoter q1 a)
(define-quoter q2 b)
(list (q1) (q2)) ;=> (a b)
