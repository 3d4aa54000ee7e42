; operations that are inlined agree with the primitives on everything else
(define (add a b) (+ a b))
(define (inc a) (+ a 1))
(define (less a b) (< a b))
(list (add 1 2) (add 1.5 2) (add 1/2 1/2) (add 1 1/2)) ;=> (3 3.5 1 3/2)
(list (inc 1/2) (inc 0.5) (inc (expt 10 30))) ;=> (3/2 1.5 1000000000000000000000000000001)
(add "a" "b") ;!! type
(add #t 1) ;!! type
(inc #t) ;!! type
(inc "a") ;!! type
(add '(1) '(2)) ;!! type
(less #f 1) ;!! type
(less 1 2) ;=> #t
(less 1/2 0.7) ;=> #t
(define (eqn a) (= a 1))
(list (eqn 1) (eqn 1.0) (eqn 2)) ;=> (#t #t #f)
(eqn #t) ;!! type
(define (both x) (* 2 x))
(list (both 4) (both 1/2) (both 1.5)) ;=> (8 1 3.0)
(define (head x) (car x))
(head '(1 2)) ;=> 1
(head (cons 1 2)) ;=> 1
(head '()) ;!! type
(head #(1)) ;!! type
(define (empty x) (list (null? x) (pair? x) (not x) (eq? x x)))
(empty '()) ;=> (#t #f #f #t)
(empty '(1)) ;=> (#f #t #f #t)
(empty #f) ;=> (#f #f #t #t)
(define n 5)
(define (f) (set! n 10) 1)
(+ n (f)) ;=> 6
(let ((x 1)) (define (g) (set! x 100) 1) (+ x (g))) ;=> 2
(let ((v '(1 2))) (if (not (null? v)) 'some 'none)) ;=> some
(+ (car '(1)) (car '(2))) ;=> 3
(+ 1 (+ 2 (+ 3 (car '(4))))) ;=> 10
(< (add 1 2) (add 2 2)) ;=> #t
