; every run-time error is typed and stands at its form
(car 5) ;!! type at 1:1
(+ 1 (car 5)) ;!! type at 1:6
(undefined-name 1) ;!! unbound at 1:2
(+ 1 undefined-name) ;!! unbound at 1:6
(let ((x 1))
  (list x
        yy)) ;!! unbound at 3:9
(when #t (cond (#f 1) (else (list zz)))) ;!! unbound at 1:35
(set! never-defined 1) ;!! unbound at 1:1
(5 1) ;!! not-procedure at 1:1
(define (f g) (+ 1 (g 2)))
(f 7) ;!! not-procedure
(define (t g) (g 2))
(t 7) ;!! not-procedure
((lambda (x) x)) ;!! arity at 1:1
(define (two a b) a)
(list (two 1)) ;!! arity at 1:7
(/ 1 0) ;!! division at 1:1
(vector-ref #(1 2) 5) ;!! range
(error "boo" 1 2) ;!! error at 1:1
(raise 'x) ;!! raised at 1:1
(assert (= 1 2)) ;!! assert at 1:1
(+ "a" 1) ;!! type at 1:1
(+ #t 1) ;!! type at 1:1
(< 1 'a) ;!! type at 1:1
(map car '(1)) ;!! type at 1:1
(let loop ((i 0)) (if (= i 3) (car i) (loop (+ i 1)))) ;!! type at 1:31
(if) ;!! syntax at 1:1
(lambda (x)) ;!! syntax at 1:1
(let ((a 1)) (define)) ;!! syntax
() ;!! syntax
(define "x" 1) ;!! syntax
(string-length 5) ;!! type at 1:1
(hash-ref {:a 1} :b) ;!! key at 1:1
(list 1 . 2) ;!! syntax
(call/cc 5) ;!! not-procedure at 1:1
(call/cc (lambda () 1)) ;!! arity at 1:1
(dynamic-wind 1 2 3) ;!! not-procedure at 1:1
(call-with-values (lambda () (values 1 2)) (lambda (x) x)) ;!! arity at 1:1
(guard (e (#f 1)) (car 5)) ;!! type at 1:19
(map (lambda (x) (string-length x)) '(1)) ;!! type at 1:18
(sort '(1 2) (lambda (a) #t)) ;!! arity at 1:1
; the name that was written
(guard (e (#t (error-object-message e))) (modulo 5 0)) ;=> "modulo: division by zero"
(guard (e (#t (error-object-message e))) (quotient 5 0)) ;=> "quotient: division by zero"
(let ((f (car (list peek-char)))) (f 1 2)) ;!! arity
