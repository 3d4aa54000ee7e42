; let, let*, letrec, letrec*, internal defines, let-values, receive, define-values
(let ((x 2) (y 3)) (* x y)) ;=> 6
(let ((x 2)) (let ((x 7) (y x)) (list x y))) ;=> (7 2)
(let* ((x 1) (y (+ x 1)) (x (* y 10))) (list x y)) ;=> (20 2)
(let* () 5) ;=> 5
(letrec ((e? (lambda (n) (if (= n 0) #t (o? (- n 1))))) (o? (lambda (n) (if (= n 0) #f (e? (- n 1)))))) (e? 1001)) ;=> #f
(letrec* ((a 1) (b (+ a 1))) (list a b)) ;=> (1 2)
(let () (define a 1) (define (f) (* a 10)) (set! a 5) (f)) ;=> 50
(let () (define a 1) (display "") (define b (+ a 1)) b) ;=> 2
(let-values (((q r) (floor/ 7 2)) (all (values 1 2))) (list q r all)) ;=> (3 1 (1 2))
(let ((a 1)) (let-values (((a b) (values 2 a)) ((c) (values a))) (list a b c))) ;=> (2 1 1)
(let*-values (((a b) (values 1 2)) ((c) (values (+ a b)))) c) ;=> 3
(receive (a . more) (values 1 2 3) (list a more)) ;=> (1 (2 3))
(define-values (p q . rest) (values 1 2 3 4))
(list p q rest) ;=> (1 2 (3 4))
(let () (define-values (x y) (values 1 2)) (+ x y)) ;=> 3
(let loop ((i 0) (acc '())) (if (= i 3) acc (loop (+ i 1) (cons i acc)))) ;=> (2 1 0)
(let ((x 1)) (set! x (+ x 1)) x) ;=> 2
(letrec ((a b) (b 1)) a) ;!! unbound
(let () (define a b) (define b 1) a) ;!! unbound
(let ((x 1) (x 2)) x) ;!! syntax
(let ((x)) x) ;!! syntax
