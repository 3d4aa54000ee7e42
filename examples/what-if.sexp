#!/usr/bin/env chorus
; How much a rule matters: `chorus examples/what-if.sexp`. Nothing that is changed here stays changed.

(define price 10)
(define (discount n) (if (>= n 5) 0.1 0.0))
(define (total n) (* n price (- 1 (discount n))))

(show (what-if ((price 12)) (total 5)))
(show (what-if ((discount (lambda (n) (if (>= n 5) 0.2 0.0)))) (map total '(1 5 10))))
(show (what-if ((total (lambda (n) (/ n 0)))) (total 5)))
(show "and the price is still " price)
