; tail calls use no stack
(define (count n) (if (= n 0) 'done (count (- n 1))))
(count 1000000) ;=> done
(define (ping n) (if (= n 0) 'ping (pong (- n 1))))
(define (pong n) (if (= n 0) 'pong (ping (- n 1))))
(ping 300001) ;=> pong
(let loop ((i 0)) (cond ((= i 100000) i) (else (loop (+ i 1))))) ;=> 100000
(let loop ((i 0)) (and (or (= i 100000) (loop (+ i 1))) 'ok)) ;=> ok
(define (f n) (when (> n 0) (f (- n 1))))
(f 100000) ;=> #<unspecified>
(define (g n k) (if (= n 0) (k 0) (g (- n 1) (lambda (v) (k (+ v 1))))))
(g 100000 (lambda (v) v)) ;=> 100000
(define (h n) (apply (lambda (m) (if (= m 0) 'end (h (- m 1)))) (list n)))
(h 100000) ;=> end
(define (via n) (call-with-values (lambda () (values n 1)) (lambda (a b) (if (= a 0) 'zero (via (- a b))))))
(via 100000) ;=> zero
(let outer ((i 0) (n 0)) (if (= i 300) n (let inner ((j 0) (n n)) (if (= j 300) (outer (+ i 1) n) (inner (+ j 1) (+ n 1)))))) ;=> 90000
(+ 1 (let outer ((i 0)) (if (= i 10) 100 (let inner ((j 0)) (cond ((= j 5) (outer (+ i 1))) ((> i 7) 'never 55) (else (inner (+ j 1)))))))) ;=> 56
(define (three a b c) (if (= a 0) (list b c) (three (- a 1) c b)))
(three 100001 1 2) ;=> (2 1)
(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1)))))
(deep 100000) ;=> 100000
