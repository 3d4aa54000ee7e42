; R7RS 5.3, 5.5: definitions, records
(define add3 (lambda (x) (+ x 3)))
(add3 3) ;=> 6
(define first car)
(first '(1 2)) ;=> 1
(define (rest-of a . r) (list a r))
(list (rest-of 1) (rest-of 1 2 3)) ;=> ((1 ()) (1 (2 3)))
(define (only-rest . r) r)
(only-rest 1 2) ;=> (1 2)
(let ((x 5)) (define foo (lambda (y) (bar x y))) (define bar (lambda (a b) (+ (* a b) a))) (foo (+ x 3))) ;=> 45
(let () (define x 1) (define y (+ x 1)) (define (f) (+ x y)) (f)) ;=> 3
(let ((x 1)) (define x 2) (set! x (+ x 1)) x) ;=> 3
(let () (begin (define a 1) (define b 2)) (begin) (+ a b)) ;=> 3
(let () (define f (lambda () (g))) (define g (lambda () 'g)) (f)) ;=> g
(let () (define a b) (define b 1) a) ;!! unbound
(let () (define x 1) (set! x 5) (define y x) y) ;=> 5
; define-values
(define-values (x y) (exact-integer-sqrt 17))
(list x y) ;=> (4 1)
(define-values (head . tail) (values 1 2 3))
(list head tail) ;=> (1 (2 3))
(define-values everything (values 1 2))
everything ;=> (1 2)
(define-values () (values))
(define-values (one) 1)
one ;=> 1
(let () (define-values (x y) (values 1 2)) (+ x y)) ;=> 3
(let () (define-values (x y) (values 1 2)) (define-values (z . w) (values y x 5)) (list z w)) ;=> (2 (1 5))
(let () (define-values (f g) (values (lambda () (g)) (lambda () 'g))) (f)) ;=> g
(define-values (p q) (values 1 2 3)) ;!! arity
(define-values (p q) (values 1)) ;!! arity
(define-values (p) (values 1 2)) ;!! arity
(define-values () (values 1)) ;!! arity
(define-values (p q . r) (values 1)) ;!! arity
(let () (define-values (p q) (values 1 2 3)) p) ;!! arity
(let () (define-values (a b . c) (values 1 2)) (list a b c)) ;=> (1 2 ())
; records
(define-record-type <pare> (kons x y) pare? (x kar set-kar!) (y kdr))
(list (pare? (kons 1 2)) (pare? (cons 1 2)) (kar (kons 1 2)) (kdr (kons 1 2)) (let ((k (kons 1 2))) (set-kar! k 3) (kar k))) ;=> (#t #f 1 2 3)
(kar '(1 . 2)) ;!! type
(kons 1) ;!! arity
(define-record-type <partial> (make-partial b) partial? (a partial-a set-partial-a!) (b partial-b) (c partial-c set-partial-c!))
(let ((r (make-partial 2))) (set-partial-a! r 1) (set-partial-c! r 3) (list (partial-a r) (partial-b r) (partial-c r))) ;=> (1 2 3)
(define-record-type <order> (make-order b a) order? (a order-a) (b order-b))
(let ((o (make-order 1 2))) (list (order-a o) (order-b o))) ;=> (2 1)
(define-record-type <no-constructor> #f no-constructor? (a no-constructor-a))
(no-constructor? 5) ;=> #f
(define-record-type <empty> (make-empty) empty?)
(list (empty? (make-empty)) (empty? 1) (pare? (make-empty))) ;=> (#t #f #f)
(let () (define-record-type thing (make-thing n) thing? (n thing-n)) (thing-n (make-thing 7))) ;=> 7
(let ((make (lambda () (define-record-type t (m) t?) (cons (m) t?)))) (let ((a (make)) (b (make))) (list ((cdr a) (car a)) ((cdr a) (car b))))) ;=> (#t #f)
(map (lambda (p) (p (kons 1 2))) (list vector? procedure? pair? list? symbol? string? boolean? null? char? number? bytevector? eof-object? promise?)) ;=> (#f #f #f #f #f #f #f #f #f #f #f #f #f)
(equal? (kons 1 2) (kons 1 2)) ;=> #f
(let ((k (kons 1 2))) (eqv? k k)) ;=> #t
(begin) 
(begin (define in-begin 1) (define in-begin-2 (+ in-begin 1)))
in-begin-2 ;=> 2
(define if-used-as-variable (let ((list (lambda x 'shadowed))) (list 1)))
if-used-as-variable ;=> shadowed
(define (nested-definitions n) (define (inner m) (define z (* m 2)) (+ z 1)) (inner n))
(nested-definitions 5) ;=> 11
(cond-expand (full-unicode 'unicode) (else 'none)) ;=> unicode
(cond-expand (no-such-feature 1) ((and r7rs (not no-such-feature)) 2) (else 3)) ;=> 2
(cond-expand ((or no-such-feature exact-complex) 'exact) (else 'no)) ;=> exact
(cond-expand ((library (scheme base)) 'has) (else 'not)) ;=> has
(cond-expand ((library (no such library)) 'has) (else 'not)) ;=> not
(cond-expand ((and) 'empty-and) (else 'no)) ;=> empty-and
(cond-expand ((or) 'empty-or) (else 'no)) ;=> no
(begin (cond-expand (no-such-feature (car (quote ())))) (quote went-on)) ;=> went-on
(let () (cond-expand (r7rs (define from-expand 9)) (else)) from-expand) ;=> 9
(cond-expand (r7rs (define at-top 1) (define at-top-2 2)))
(+ at-top at-top-2) ;=> 3
; letrec gives its names their values when it has them all, letrec* one by one
(let ((cont #f)) (letrec ((x (call/cc (lambda (c) (set! cont c) 0))) (y (call/cc (lambda (c) (set! cont c) 0)))) (if cont (let ((c cont)) (set! cont #f) (set! x 1) (set! y 1) (c 0)) (+ x y)))) ;=> 0
(let ((cont #f)) (letrec* ((x (call/cc (lambda (c) (set! cont c) 0))) (y (call/cc (lambda (c) (set! cont c) 0)))) (if cont (let ((c cont)) (set! cont #f) (set! x 1) (set! y 1) (c 0)) (+ x y)))) ;=> 1
(letrec ((a (list b)) (b (list 2))) a) ;!! unbound
