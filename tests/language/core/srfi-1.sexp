; what SRFI 1 adds to the standard's lists
(map (lambda (f) (f '(1 2 3 4 5 6 7 8 9 10))) (list first second third fourth fifth sixth seventh eighth ninth tenth)) ;=> (1 2 3 4 5 6 7 8 9 10)
(third '(1 2)) ;!! range
(list (xcons 1 2) (cons* 1 2 '(3)) (list-tabulate 3 -) (take (circular-list 1 2) 3)) ;=> ((2 . 1) (1 2 3) (0 -1 -2) (1 2 1))
(map (lambda (x) (list (proper-list? x) (dotted-list? x) (circular-list? x))) (list '() '(1) '(1 . 2) 5 (circular-list 1))) ;=> ((#t #f #f) (#t #f #f) (#f #t #f) (#f #t #f) (#f #f #t))
(list (list= eq?) (list= eq? '(a)) (list= eq? '(a b) '(a b)) (list= eq? '(a b) '(a)) (list= = '(1 2) '(1.0 2.0) '(1 2))) ;=> (#t #t #t #f #t)
(list (length+ '(1 2)) (length+ (circular-list 1 2))) ;=> (2 #f)
(call-with-values (lambda () (split-at '(a b c d) 2)) list) ;=> ((a b) (c d))
(list (concatenate '((1) (2 3))) (append-reverse '(2 1) '(3)) (last '(1 2 3)) (drop-right '(1 2 3) 2)) ;=> ((1 2 3) (1 2 3) 3 (1))
(call-with-values (lambda () (unzip3 '((1 one a) (2 two b)))) list) ;=> ((1 2) (one two) (a b))
(count < '(1 2 4 8) '(2 4 6 8 10)) ;=> 3
(list (fold cons* '() '(a b c) '(1 2 3)) (fold-right cons* '() '(a b c) '(1 2 3)) (fold-right cons '() '(1 2 3))) ;=> ((c 3 b 2 a 1) (a 1 b 2 c 3) (1 2 3))
(list (reduce max 0 '(3 9 2)) (reduce + 0 '()) (reduce-right append '() '((1) (2) (3))) (reduce - 0 '(1 2 3 4))) ;=> (9 0 (1 2 3) 2)
(list (pair-fold cons '() '(a b)) (pair-fold-right cons '() '(a b))) ;=> (((b) (a b)) ((a b) (b)))
(list (unfold (lambda (x) (> x 3)) (lambda (x) (* x x)) (lambda (x) (+ x 1)) 1) (unfold null? car cdr '(1 2) (lambda (x) '(end))) (unfold-right zero? (lambda (x) (* x x)) (lambda (x) (- x 1)) 3 '(end))) ;=> ((1 4 9) (1 2 end) (1 4 9 end))
(list (append-map (lambda (x) (list x (- x))) '(1 3)) (filter-map (lambda (x) (and (number? x) (* x x))) '(a 1 b 3)) (map-in-order - '(1 2))) ;=> ((1 -1 3 -3) (1 9) (-1 -2))
(call-with-values (lambda () (span even? '(2 18 3 10))) list) ;=> ((2 18) (3 10))
(call-with-values (lambda () (break even? '(3 1 4 1))) list) ;=> ((3 1) (4 1))
(list (any < '(3 1) '(1 2)) (every < '(1 1) '(2 3)) (list-index even? '(3 1 4)) (list-index < '(3 1) '(1 2)) (find-tail even? '(3 1 4 1))) ;=> (#t #t 2 1 (4 1))
(list (delete 'a '(a b a)) (delete 3 '(1 2 3 4 5) <) (delete-duplicates '(a b a c b)) (delete-duplicates '((a . 3) (b . 7) (a . 9)) (lambda (x y) (eq? (car x) (car y))))) ;=> ((b) (1 2 3) (a b c) ((a . 3) (b . 7)))
(list (alist-cons 'a 1 '()) (alist-copy '((a . 1))) (alist-delete 'a '((a . 1) (b . 2)))) ;=> (((a . 1)) ((a . 1)) ((b . 2)))
(list (lset<= eq? '(a) '(a b a) '(a b c c)) (lset= eq? '(b e a) '(a e b) '(e e b a)) (lset<= eq?) (lset= eq? '(a) '(b))) ;=> (#t #t #t #f)
(list (lset-adjoin eq? '(a b c d c e) 'd 'a 'g 'q) (lset-union eq? '(a b c d e) '(a e i o u)) (lset-union eq? '(a a c) '(x a x)) (lset-union eq?)) ;=> ((q g a b c d c e) (u o i a b c d e) (x a a c) ())
(list (lset-intersection eq? '(a b c d e) '(a e i o u)) (lset-difference eq? '(a b c d e) '(a e i)) (lset= eq? '(b c d i o u) (lset-xor eq? '(a b c d e) '(a e i o u)))) ;=> ((a e) (b c d) #t)
(call-with-values (lambda () (lset-diff+intersection eq? '(a b c) '(b))) list) ;=> ((a c) (b))
(call-with-values (lambda () (partition symbol? '(one 2 3 four))) list) ;=> ((one four) (2 3))
(list (list-copy '(1 2)) (iota 5 1) (iota 3 0 -1/2) (make-list 2 'x)) ;=> ((1 2) (1 2 3 4 5) (0 -1/2 -1) (x x))
(let ((all '())) (pair-for-each (lambda (p) (set! all (cons p all))) '(a b)) all) ;=> ((b) (a b))
; lists without end beside one that ends, and dotted ones
(list (zip '(1 2 3) (circular-list 'a 'b)) (zip (circular-list 0) '(x) (circular-list 1 2))) ;=> (((1 a) (2 b) (3 a)) ((0 x 1)))
(zip (circular-list 1) (circular-list 2)) ;!! type
(zip '(1 2) '(3 . 4)) ;!! type
(map (lambda (f) (f (circular-list 1 2))) (list first second third tenth)) ;=> (1 2 1 2)
(list (first '(1 . 2)) (second '(1 2 . 3))) ;=> (1 2)
(third '(1 2 . 3)) ;!! range
(list (take-right '(a b c . d) 2) (take-right '(a . b) 0) (take-right '() 0) (take-right '(a b) 2)) ;=> ((b c . d) b () (a b))
(list (drop-right '(a b c . d) 2) (drop-right '(a b . c) 0) (drop-right '(a . b) 1)) ;=> ((a) (a b) ())
(take-right '(a . b) 2) ;!! range
(drop-right (circular-list 1) 1) ;!! type
(take-right 5 0) ;!! type
