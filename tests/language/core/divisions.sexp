; floor/ and truncate/ whose two values are taken apart at once
(define (floored a b) (let-values (((q r) (floor/ a b))) (list q r)))
(define (cut a b) (receive (q r) (truncate/ a b) (list q r)))
(map floored '(17 -17 17 -17) '(5 5 -5 -5)) ;=> ((3 2) (-4 3) (-4 -3) (3 -2))
(map cut '(17 -17 17 -17) '(5 5 -5 -5)) ;=> ((3 2) (-3 -2) (-3 2) (3 -2))
(map floored '(17.0 -17 4611686018427387904 -36893488147419103233) '(5 5.0 7 2)) ;=> ((3.0 2.0) (-4.0 3.0) (658812288346769700 4) (-18446744073709551617 1))
(map cut '(17.0 -17 4611686018427387904 -36893488147419103233) '(5 5.0 7 2)) ;=> ((3.0 2.0) (-3.0 -2.0) (658812288346769700 4) (-18446744073709551616 -1))
(floored 1 0) ;!! division
(cut 1 0) ;!! division
(floored 1.5 2) ;!! type
(cut #t 2) ;!! type
(floored 2 #t) ;!! type
(define (digits n) (let loop ((n n) (all '())) (if (= n 0) all (let-values (((q r) (truncate/ n 10))) (loop q (cons r all))))))
(digits 1234567890123456789012) ;=> (1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2)
(define (sum n) (let loop ((i 0) (s 0)) (if (= i n) s (call-with-values (lambda () (floor/ i 7)) (lambda (q r) (loop (+ i 1) (+ s q r)))))))
(sum 100) ;=> 960
(define (three a) (let-values (((q r s) (floor/ a 2))) q))
(three 5) ;!! arity
(set! floor/ (lambda (a b) (values a 'mine)))
(floored 17 5) ;=> (17 mine)
