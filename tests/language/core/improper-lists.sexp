;; A list procedure that comes to the end of a dotted list says so; it neither stops silently nor errs as another.
(define (message thunk) (guard (e (#t (error-object-message e))) (thunk)))
(message (lambda () (filter even? '(1 2 . 3)))) ;=> "filter: items should be a list that ends in (), not 3"
(message (lambda () (remove even? '(1 2 . 3)))) ;=> "remove: items should be a list that ends in (), not 3"
(message (lambda () (partition even? '(1 2 . 3)))) ;=> "partition: items should be a list that ends in (), not 3"
(message (lambda () (find even? '(1 3 . 5)))) ;=> "find: items should be a list that ends in (), not 5"
(message (lambda () (find-tail even? '(1 3 . 5)))) ;=> "find-tail: items should be a list that ends in (), not 5"
(message (lambda () (any even? '(1 3 . 5)))) ;=> "any: items should be a list that ends in (), not 5"
(message (lambda () (every odd? '(1 3 . 5)))) ;=> "every: items should be a list that ends in (), not 5"
(message (lambda () (list-index even? '(1 3 . 5)))) ;=> "list-index: items should be a list that ends in (), not 5"
(message (lambda () (count even? '(1 3 . 5)))) ;=> "count: items should be a list that ends in (), not 5"
(message (lambda () (take-while odd? '(1 3 . 5)))) ;=> "take-while: items should be a list that ends in (), not 5"
(message (lambda () (drop-while odd? '(1 3 . 5)))) ;=> "drop-while: items should be a list that ends in (), not 5"
(message (lambda () (filter-map list '(1 3 . 5)))) ;=> "filter-map: items should be a list that ends in (), not 5"
(message (lambda () (delete-duplicates '(1 3 . 5) =))) ;=> "delete-duplicates: items should be a list that ends in (), not 5"
(message (lambda () (delete-duplicates '(1 3 . 5)))) ;=> "delete-duplicates: items should be a list, not (1 3 . 5)"
(message (lambda () (sort '(1 3 . 5) <))) ;=> "sort: items should be a list that ends in (), not (1 3 . 5)"
(message (lambda () (sort '(1 3 . 5) (lambda (a b) (< a b))))) ;=> "sort: items should be a list that ends in (), not (1 3 . 5)"
(message (lambda () (reduce + 0 '(1 3 . 5)))) ;=> "fold: items should be a list that ends in (), not 5"
(message (lambda () (map list '(1 . 2) '(1 2)))) ;=> "map: items should be a list that ends in (), not 2"
;; what is found before the end is found
(list (find odd? '(1 . 2)) (any odd? '(1 . 2)) (every even? '(1 . 2)) (list-index odd? '(1 . 2))) ;=> (1 #t #f 0)
(take-while even? '(2 1 . 5)) ;=> (2)
(drop-while even? '(2 1 . 5)) ;=> (1 . 5)
