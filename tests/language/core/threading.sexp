; -> and ->>, eval, doc, hash literals
(-> 5 (- 2) (* 10)) ;=> 30
(->> '(1 2 3) (map (lambda (x) (* x x))) (apply +)) ;=> 14
(-> '(1 2) cdr car) ;=> 2
(eval '(let ((x 1)) (+ x 1))) ;=> 2
(eval (list '+ 1 2) (interaction-environment)) ;=> 3
(define z 5)
(eval 'z) ;=> 5
{:a (+ 1 2) :b {:c 'x}} ;=> {:a 3 :b {:c x}}
(get {:a 1} :a) ;=> 1
(define (documented x) "What it does." (* x 2))
(get (documentation 'documented) :doc) ;=> "What it does."
(get (documentation 'documented) :usage) ;=> "(documented x)"
(documentation 'no-such-thing) ;=> #f
(begin (define in-begin 1) (+ in-begin 1)) ;=> 2
(begin) ;=> #<unspecified>
(let ((v #(1 2 3))) (vector-map (lambda (x) (* x x)) v)) ;=> #(1 4 9)
(string-map char-upcase "abc") ;=> "ABC"
(let ((t {})) (hash-update! t :n (lambda (n) (+ n 1)) 0) t) ;=> {:n 1}
