; R7RS 6.8, 6.9: vectors and bytevectors
(map vector? '(#() #(1) (1) "a" #u8(1))) ;=> (#t #t #f #f #f)
#(1 a "b" (c)) ;=> #(1 a "b" (c))
(list (vector-length (make-vector 3)) (make-vector 2 'x) (make-vector 0)) ;=> (3 #(x x) #())
(list (vector) (vector 'a "b" #\c)) ;=> (#() #(a "b" #\c))
(list (vector-length #()) (vector-length #(1 2 3))) ;=> (0 3)
(list (vector-ref '#(1 1 2 3 5 8 13 21) 5) (vector-ref '#(1 1 2 3 5 8 13 21) (exact (round (* 2 (acos -1)))))) ;=> (8 13)
(vector-ref #(1) 1) ;!! range
(vector-ref #(1) 0.0) ;!! type
(let ((v (vector 0 '(2 2 2 2) "Anna"))) (vector-set! v 1 '("Sue" "Sue")) v) ;=> #(0 ("Sue" "Sue") "Anna")
(vector-set! (vector 1) 1 2) ;!! range
(list (vector->list #(dah dah didah)) (vector->list #(dah dah didah) 1) (vector->list #(dah dah didah) 1 2) (list->vector '(dididit dah)) (list->vector '())) ;=> ((dah dah didah) (dah didah) (dah) #(dididit dah) #())
(list->vector '(1 . 2)) ;!! type
(let* ((a #(1 8 2 8)) (b (vector-copy a))) (vector-set! b 0 3) (list a b (vector-copy b 1 3) (vector-copy b 2))) ;=> (#(1 8 2 8) #(3 8 2 8) #(8 2) #(2 8))
(vector-copy #(1 2) 3) ;!! range
(let ((v (vector 1 2 3 4 5))) (vector-copy! v 1 #(a b c d) 1 3) v) ;=> #(1 b c 4 5)
(let ((v (vector 1 2 3 4 5))) (vector-copy! v 3 #(a b)) v) ;=> #(1 2 3 a b)
(let ((v (vector 1 2 3 4 5))) (vector-copy! v 1 v 0 4) v) ;=> #(1 1 2 3 4)
(let ((v (vector 1 2 3 4 5))) (vector-copy! v 0 v 1 5) v) ;=> #(2 3 4 5 5)
(vector-copy! (vector 1 2) 1 #(a b)) ;!! range
(list (vector-append #(a b c) #(d e f)) (vector-append) (vector-append #(1)) (vector-append #(a) #() #(b c))) ;=> (#(a b c d e f) #() #(1) #(a b c))
(let ((v (vector 1 2 3 4 5))) (vector-fill! v 'smash 2 4) v) ;=> #(1 2 smash smash 5)
(let ((v (vector 1 2 3))) (vector-fill! v 0) v) ;=> #(0 0 0)
(let ((v (vector 1 2 3))) (vector-fill! v 0 1) v) ;=> #(1 0 0)
(list (vector-map cadr '#((a b) (d e) (g h))) (vector-map (lambda (n) (expt n n)) #(1 2 3 4 5)) (vector-map * #(1 2) #(10 20 30)) (vector-map + #())) ;=> (#(b e h) #(1 4 27 256 3125) #(10 40) #())
(let ((v (make-vector 5))) (for-each (lambda (i) (vector-set! v i (* i i))) '(0 1 2 3 4)) v) ;=> #(0 1 4 9 16)
(let ((v (make-list 5))) (vector-for-each (lambda (i) (list-set! v i (* i i))) '#(0 1 2 3 4)) v) ;=> (0 1 4 9 16)
(let ((all '())) (vector-for-each (lambda (a b) (set! all (cons (+ a b) all))) #(1 2) #(10 20 30)) all) ;=> (22 11)
(let ((count 0)) (vector-map (lambda (x y) (set! count (+ count 1)) count) #(a b) #(c d))) ;=> #(1 2)
; bytevectors
(map bytevector? '(#u8() #u8(1 2) #(1) "a")) ;=> (#t #t #f #f)
(list (make-bytevector 2 12) (bytevector-length (make-bytevector 3)) (bytevector 1 3 5 1 3 5) (bytevector)) ;=> (#u8(12 12) 3 #u8(1 3 5 1 3 5) #u8())
(bytevector 256) ;!! type
(make-bytevector 2 -1) ;!! type
(list (bytevector-u8-ref #u8(1 1 2 3 5 8 13 21) 5) (bytevector-length #u8(1 2 3))) ;=> (8 3)
(bytevector-u8-ref #u8(1) 1) ;!! range
(let ((b (bytevector 1 2 3 4))) (bytevector-u8-set! b 1 3) b) ;=> #u8(1 3 3 4)
(bytevector-u8-set! (bytevector 1) 0 256) ;!! type
(let ((a #u8(1 2 3 4 5))) (list (bytevector-copy a) (bytevector-copy a 2) (bytevector-copy a 2 4))) ;=> (#u8(1 2 3 4 5) #u8(3 4 5) #u8(3 4))
(let ((b (bytevector 10 20 30 40 50))) (bytevector-copy! b 1 (bytevector 1 2 3 4 5) 0 2) b) ;=> #u8(10 1 2 40 50)
(let ((b (bytevector 1 2 3 4 5))) (bytevector-copy! b 1 b 0 4) b) ;=> #u8(1 1 2 3 4)
(list (bytevector-append (bytevector 0 1 2) (bytevector 3 4 5)) (bytevector-append) (bytevector-append #u8(1))) ;=> (#u8(0 1 2 3 4 5) #u8() #u8(1))
(list (utf8->string #u8(#x41)) (string->utf8 "λ") (utf8->string #u8(65 66 67 68) 1) (utf8->string #u8(65 66 67 68) 1 3) (string->utf8 "abc" 1) (string->utf8 "abc" 1 2) (string->utf8 "")) ;=> ("A" #u8(206 187) "BCD" "BC" #u8(98 99) #u8(98) #u8())
(utf8->string (string->utf8 "aλ🜁")) ;=> "aλ🜁"
(utf8->string #u8(255)) ;!! eval
; a place written as a number that is none
(define three (vector 1 2 3))
(vector-ref three -1) ;!! range
((lambda (v) (vector-ref v -3)) three) ;!! range
(let ((v (vector 1 2))) (vector-ref v -2)) ;!! range
(vector-set! three -1 'x) ;!! range
((lambda (v) (vector-set! v -2 'x) v) three) ;!! range
(bytevector-u8-ref (bytevector 1 2) -1) ;!! range
(string-ref "ab" -1) ;!! range
(list three (vector-ref three 0) (vector-ref three 2)) ;=> (#(1 2 3) 1 3)
