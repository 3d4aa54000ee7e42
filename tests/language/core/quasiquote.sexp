; quasi-quotation
`(1 ,(+ 1 1) ,@(list 3 4)) ;=> (1 2 3 4)
`(1 . ,(+ 1 1)) ;=> (1 . 2)
`#(1 ,(+ 1 1) ,@'(3)) ;=> #(1 2 3)
`(1 ,@'() 2) ;=> (1 2)
`(a `(b ,(c ,(+ 1 2)))) ;=> (a (quasiquote (b (unquote (c 3)))))
`(a `(b ,(c ,@(list 1 2)))) ;=> (a (quasiquote (b (unquote (c 1 2)))))
`,(+ 1 2) ;=> 3
`x ;=> x
(let ((name 'foo)) `(define (,name x) ,@'((display x) x))) ;=> (define (foo x) (display x) x)
'(1 . (2 3)) ;=> (1 2 3)
