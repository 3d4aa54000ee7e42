; optional, keyword and rest parameters
(define (f x [y 10] :limit [limit 5] . rest) "doc" (list x y limit rest))
(f 1) ;=> (1 10 5 ())
(f 1 2) ;=> (1 2 5 ())
(f 1 2 3 4) ;=> (1 2 5 (3 4))
(f 1 :limit 7) ;=> (1 10 7 ())
(f :limit 7 1 2) ;=> (1 2 7 ())
(f 1 :limit) ;!! arity
(f) ;!! arity
(define (g a (b (+ a 1)) (c (+ a b))) (list a b c))
(g 1) ;=> (1 2 3)
(g 1 5) ;=> (1 5 6)
(define (k a :needed needed) (list a needed))
(k 1 :needed 2) ;=> (1 2)
(k 1) ;!! arity
(k 1 :needed 2 :other 3) ;!! arity
((lambda args args) 1 2) ;=> (1 2)
((lambda (a . args) (list a args)) 1) ;=> (1 ())
((lambda () 5)) ;=> 5
(define (h [x #f]) (if x (h) (lambda () x)))
((h)) ;=> #f
(define (plain a b) (list a b))
(plain :a :b) ;=> (:a :b)
(plain 1) ;!! arity at 1:1
(plain 1 2 3) ;!! arity at 1:1
(define ((curried a) b) (list a b))
((curried 1) 2) ;=> (1 2)
(define area (case-lambda ((s) (* s s)) ((a b) (* a b)) ((a . more) (list a more))))
(list (area 3) (area 2 5) (area 1 2 3)) ;=> (9 10 (1 (2 3)))
(lambda (a a) a) ;!! syntax
(guard (e (#t (error-object-message e))) ((make-parameter 1) 2)) ;=> "a parameter object got 1 argument"
