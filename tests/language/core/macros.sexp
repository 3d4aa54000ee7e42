; syntax-rules is hygienic; ellipses nest; literals compare by binding
(define-syntax swap! (syntax-rules () ((_ a b) (let ((tmp a)) (set! a b) (set! b tmp)))))
(let ((tmp 1) (other 2)) (swap! tmp other) (list tmp other)) ;=> (2 1)
(define-syntax my-or (syntax-rules () ((_) #f) ((_ e) e) ((_ e r ...) (let ((t e)) (if t t (my-or r ...))))))
(let ((t 5)) (my-or #f t)) ;=> 5
(let ((if list)) (my-or #f 3)) ;=> 3
(define-syntax my-let (syntax-rules () ((_ ((n v) ...) b ...) ((lambda (n ...) b ...) v ...))))
(my-let ((a 1) (b 2)) (+ a b)) ;=> 3
(define-syntax nest (syntax-rules () ((_ (a b ...) ...) '((b ... a) ...))))
(nest (1 2 3) (4) (5 6)) ;=> ((2 3 1) (4) (6 5))
(define-syntax flat (syntax-rules () ((_ (a ...) ...) '(a ... ...))))
(flat (1 2) () (3)) ;=> (1 2 3)
(define-syntax tail (syntax-rules () ((_ a ... z) '(z a ...))))
(tail 1 2 3) ;=> (3 1 2)
(define-syntax dots (syntax-rules () ((_ a) '(a (... ...)))))
(dots 1) ;=> (1 ...)
(define-syntax my-ellipsis (syntax-rules ___ () ((_ a ___) '(a ___ ...))))
(my-ellipsis 1 2) ;=> (1 2 ...)
(define-syntax vec (syntax-rules () ((_ #(a b ...)) '(a (b ...)))))
(vec #(1 2 3)) ;=> (1 (2 3))
(define-syntax my-if (syntax-rules (then) ((_ c then a b) (if c a b))))
(my-if #t then 1 2) ;=> 1
(my-if #t 1 1 2) ;!! syntax
(let ((then 5)) (my-if #t then 1 2)) ;!! syntax
(define-syntax ten (syntax-rules () ((_) 10)))
(define (use) (ten))
(use) ;=> 10
(let-syntax ((foo (syntax-rules () ((_ x) (* x 2))))) (foo 4)) ;=> 8
(letrec-syntax ((ev? (syntax-rules () ((_) #t) ((_ x . r) (od? . r)))) (od? (syntax-rules () ((_) #f) ((_ x . r) (ev? . r))))) (ev? 1 1 1)) ;=> #f
(let () (define-syntax loc (syntax-rules () ((_ x) (list x y)))) (define y 3) (loc 1)) ;=> (1 3)
(define y 'global)
(define-syntax get-y (syntax-rules () ((_) y)))
(let ((y 'local)) (get-y)) ;=> global
(define-syntax def (syntax-rules () ((_ n v) (define n v))))
(def zz 5)
zz ;=> 5
(define-syntax def-hidden (syntax-rules () ((_ get) (begin (define hidden 42) (define (get) hidden)))))
(def-hidden get-hidden)
(get-hidden) ;=> 42
(define-macro (unless2 c . body) `(if ,c #f (begin ,@body)))
(unless2 #f 1 2) ;=> 2
(define-syntax er (er-macro-transformer (lambda (form rename compare) (list (rename 'quote) (cdr form)))))
(let ((quote 5)) (er a b)) ;=> (a b)
(macroexpand-1 '(when a b)) ;=> (if a (begin b))
(define-syntax while2 (syntax-rules () ((_ c b ...) (let lp () (when c b ... (lp))))))
(let ((lp 0)) (while2 (< lp 3) (set! lp (+ lp 1))) lp) ;=> 3
(let ((list vector)) `(1 ,(list 2))) ;=> (1 #(2))
(define-syntax bad (syntax-rules () ((_ a ...) '(a))))
(bad 1 2) ;!! syntax
when ;!! syntax
(let ((x 1)) (define-syntax x (syntax-rules () ((_) 2))) (x)) ;=> 2
