; if, cond, case, when, unless, and, or
(if #f 1 2) ;=> 2
(if '() 1 2) ;=> 1
(if 0 1 2) ;=> 1
(cond (#f 1) (else 2)) ;=> 2
(cond ((assv 2 '((1 . a) (2 . b))) => cdr) (else 'none)) ;=> b
(cond (3)) ;=> 3
(cond (#f 1) ((+ 1 1))) ;=> 2
(case 5 ((1 2) 'low) ((5) 'five) (else 'other)) ;=> five
(case 'x ((a) 1) (else => (lambda (v) (list v)))) ;=> (x)
(case 2 ((1 2) => (lambda (n) (* n 10)))) ;=> 20
(when (< 1 2) 'a 'b) ;=> b
(unless (< 1 2) 'a 'b) ;=> #<unspecified>
(and) ;=> #t
(and 1 2) ;=> 2
(and 1 #f (car '())) ;=> #f
(or) ;=> #f
(or #f #f) ;=> #f
(or #f 7 (car '())) ;=> 7
(let ((else #f)) (cond (else 'wrong) (#t 'right))) ;=> right
(let ((=> #f)) (cond (#t => 'ok))) ;=> ok
(list (if #t 1 2) (or #f 3) (and 1 4)) ;=> (1 3 4)
(let ((x (if #f #f))) (if x 'true 'false)) ;=> true
; else has a body and comes last
(cond (else)) ;!! syntax
(cond (#f 1) (else 2) (3 4)) ;!! syntax
