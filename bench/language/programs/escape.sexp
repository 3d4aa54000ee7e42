(define (first-negative l)
  (call/cc (lambda (return) (for-each (lambda (x) (if (< x 0) (return x))) l) #f)))
(define numbers '(5 3 8 1 9 2 -7 4 6))
(define (run n) (let loop ((i 0) (sum 0)) (if (= i n) sum (loop (+ i 1) (+ sum (first-negative numbers))))))
