; redefining a primitive that is inlined takes effect at the next operation
(define (down n) (if (= n 0) 'down (down (- n 1))))
(define (sum l) (if (null? l) 0 (+ (car l) (sum (cdr l)))))
(sum '(1 2 3)) ;=> 6
(let loop ((i 0) (seen '())) (if (= i 3) (reverse seen) (begin (when (= i 1) (set! + (lambda (a b) (- a -10)))) (loop (- i -1) (cons (+ 1 i) seen))))) ;=> (1 11 11)
(sum '(1 2 3)) ;=> 11
(define + -)
(sum '(1 2 3)) ;=> 2
(set! null? (lambda (x) #t))
(sum '(1 2 3)) ;=> 0
(define (not x) 'not)
(let ((f (lambda (x) (if (not x) 1 2)))) (f 5)) ;=> 1
(define (eq? a b) 'eq)
(eq? 1 2) ;=> eq
