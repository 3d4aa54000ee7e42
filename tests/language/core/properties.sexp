; a form headed by a keyword is a property list: `:columns (:text "review")` needs no quote
(define x 3)
(:text "review" :n (+ x 1)) ;=> (:text "review" :n 4)
(let ((:unused 1)) 2) ;!! syntax
(list '(:a x)) ;=> ((:a x))
(define (f :columns [columns '()]) columns)
(f :columns (:text "review")) ;=> (:text "review")
(:a) ;=> (:a)
