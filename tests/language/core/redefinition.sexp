; a definition takes effect at the next call, everywhere in the session's own code
(define (f x) (* x 2))
(define (g x) (f x))
(g 5) ;=> 10
(define (f x) (* x 100))
(g 5) ;=> 500
(set! f (lambda (x) 'set))
(g 5) ;=> set
(define old-g g)
(define (g x) (list 'new (old-g x)))
(g 1) ;=> (new set)
(define (count n) (if (= n 0) 'plain (count (- n 1))))
(define inner count)
(define (count n) (if (< n 5) 'wrapped (inner n)))
(count 10) ;=> wrapped
(define (self n) (if (= n 0) 'unreached (begin (set! self (lambda (n) (list 'other n))) (self (- n 1)))))
(self 5) ;=> (other 4)
(define (square x) (* x x))
(define (* a b) 'star)
(square 3) ;=> star
(map (lambda (x) (* x x)) '(1 2)) ;=> (star star)
(define (car x) 'mine)
(car '(1 2)) ;=> mine
(map (lambda (x) x) '(1 2)) ;=> (1 2)
(cadr '(1 2)) ;=> 2
(define (list . xs) 'my-list)
`(1 ,(+ 1 1)) ;=> (1 2)
(let-values (((a b) (values 1 2))) (vector a b)) ;=> #(1 2)
(define x 5)
(x) ;!! not-procedure
(define (x) 'now)
(x) ;=> now
(set! x 7)
(x) ;!! not-procedure
(define when 5)
(+ when 1) ;=> 6
(define (if2 a) (unless a 'still))
(if2 #f) ;=> still
(define odd (lambda (n) #f))
(define (even n) (if (= n 0) #t (odd (- n 1))))
(define (odd n) (if (= n 0) #f (even (- n 1))))
(even 200001) ;=> #f
