; the list library
(sort '(3 1 2) <) ;=> (1 2 3)
(sort #(3 1 2) >) ;=> #(3 2 1)
(sort '((1 . b) (0 . a) (1 . a) (0 . b)) (lambda (a b) (< (car a) (car b)))) ;=> ((0 . a) (0 . b) (1 . b) (1 . a))
(sort '() <) ;=> ()
(sort '("b" "a") string<?) ;=> ("a" "b")
(sort '(1 a) <) ;!! type
(fold cons '() '(1 2)) ;=> (2 1)
(fold + 0 '(1 2) '(10 20)) ;=> 33
(fold-right list 'z '(1 2)) ;=> (1 (2 z))
(fold-left list 'z '(1 2)) ;=> ((z 1) 2)
(reduce - 0 '(10 2 3)) ;=> 11
(append-map (lambda (x) (list x x)) '(1 2)) ;=> (1 1 2 2)
(filter-map (lambda (x) (and (> x 1) (* x 10))) '(1 2 3)) ;=> (20 30)
(partition even? '(1 2 3 4)) ;=> #<values (2 4) (1 3)>
(delete-duplicates '(1 2 1 3 2)) ;=> (1 2 3)
(assoc 2.0 '((1 a) (2 b)) =) ;=> (2 b)
(member 2.0 '(1 2 3) =) ;=> (2 3)
(list-index even? '(1 3 4)) ;=> 2
(any + '(1) '(2)) ;=> 3
(every + '(1 2) '(3 4)) ;=> 6
(map + '(1 2 3) '(10 20)) ;=> (11 22)
(length (map (lambda (x) (+ x 1)) (iota 1000000))) ;=> 1000000
(apply + (filter even? (iota 100000))) ;=> 2499950000
(let ((n 0)) (for-each (lambda (x) (set! n (+ n x))) '(1 2 3)) n) ;=> 6
; what is no proper list is an error of the procedure that was called
(map car 5) ;!! type
(map car '((1) . 3)) ;!! type
(map + '(1 . 2) '(1 2)) ;!! type
(map + #(1 2) #(3 4)) ;=> (4 6)
(for-each list '(1 . 2)) ;!! type
(fold + 0 '(1 . 2)) ;!! type
(guard (e (#t (error-object-message e))) (filter even? 5)) ;=> "filter: items should be a list or a vector, not 5"
(apply + '(1 . 2)) ;!! type
(let ((x (list 1 2))) (set-cdr! (cdr x) x) (apply + x)) ;!! type
