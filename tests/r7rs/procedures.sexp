; R7RS 6.10: procedures, values, map
(map procedure? (list car 'car (lambda (x) x) '(lambda (x) x) (make-parameter 1))) ;=> (#t #f #t #f #t)
(call/cc procedure?) ;=> #t
(list (apply + (list 3 4)) (apply + 1 2 '(3 4)) (apply + '()) (apply list 1 '())) ;=> (7 10 0 (1))
(let ((compose (lambda (f g) (lambda args (f (apply g args)))))) ((compose sqrt *) 12 75)) ;=> 30
(apply + 1) ;!! type
(apply + 1 '(2 . 3)) ;!! type
(list (map cadr '((a b) (d e) (g h))) (map (lambda (n) (expt n n)) '(1 2 3 4 5)) (map + '(1 2 3) '(4 5 6)) (map + '(1 2) '(10 20 30)) (map + '() '())) ;=> ((b e h) (1 4 27 256 3125) (5 7 9) (11 22) ())
(map + '(1 2) '#0=(10 . #0#)) ;=> (11 12)
(map (lambda (a b c) (list a b c)) '(1 2) '(3 4) '(5 6)) ;=> ((1 3 5) (2 4 6))
(let ((count 0)) (map (lambda (ignored) (set! count (+ count 1)) count) '(a b))) ;=> (1 2)
(let ((v (make-vector 5))) (for-each (lambda (i) (vector-set! v i (* i i))) '(0 1 2 3 4)) v) ;=> #(0 1 4 9 16)
(let ((all '())) (for-each (lambda (a b) (set! all (cons (+ a b) all))) '(1 2 3) '(10 20)) all) ;=> (22 11)
(map car 5) ;!! type
(map 5 '(1)) ;!! not-procedure
(call-with-values (lambda () (values 4 5)) (lambda (a b) b)) ;=> 5
(list (call-with-values * -) (call-with-values (lambda () (values)) list) (call-with-values (lambda () 1) list)) ;=> (-1 () (1))
(+ 1 (values 2)) ;=> 3
(call-with-values (lambda () (values 1 2)) cons) ;=> (1 . 2)
(begin (values 1 2) 3) ;=> 3
; escapes
(call-with-current-continuation (lambda (exit) (for-each (lambda (x) (if (negative? x) (exit x))) '(54 0 37 -3 245 19)) #t)) ;=> -3
(define (list-length obj) (call/cc (lambda (return) (letrec ((r (lambda (obj) (cond ((null? obj) 0) ((pair? obj) (+ (r (cdr obj)) 1)) (else (return #f)))))) (r obj)))))
(list (list-length '(1 2 3 4)) (list-length '(a b . c))) ;=> (4 #f)
(+ 1 (call/cc (lambda (k) (k 5) 100))) ;=> 6
(+ 1 (call/cc (lambda (k) 5))) ;=> 6
(call-with-values (lambda () (call/cc (lambda (k) (k 1 2 3)))) list) ;=> (1 2 3)
(call-with-values (lambda () (call/cc (lambda (k) (k)))) list) ;=> ()
(let ((path '())) (dynamic-wind (lambda () (set! path (cons 'in path))) (lambda () (set! path (cons 'body path))) (lambda () (set! path (cons 'out path)))) (reverse path)) ;=> (in body out)
(let ((path '())) (call/cc (lambda (k) (dynamic-wind (lambda () (set! path (cons 'in path))) (lambda () (k 1)) (lambda () (set! path (cons 'out path)))))) (reverse path)) ;=> (in out)
(let ((path '())) (call/cc (lambda (k) (dynamic-wind (lambda () (set! path (cons 'in1 path))) (lambda () (dynamic-wind (lambda () (set! path (cons 'in2 path))) (lambda () (k 1)) (lambda () (set! path (cons 'out2 path))))) (lambda () (set! path (cons 'out1 path)))))) (reverse path)) ;=> (in1 in2 out2 out1)
(dynamic-wind (lambda () 1) (lambda () 2) (lambda () 3)) ;=> 2
(call-with-values (lambda () (dynamic-wind (lambda () 1) (lambda () (values 2 3)) (lambda () 4))) list) ;=> (2 3)
(list (procedure? call-with-current-continuation) (procedure? call/cc)) ;=> (#t #t)
