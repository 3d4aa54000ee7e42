; R7RS 6.1, 6.3, 6.4, 6.5: equivalence, booleans, lists, symbols
(list (eqv? 'a 'a) (eqv? 'a 'b) (eqv? 2 2) (eqv? 2 2.0) (eqv? '() '()) (eqv? "" "")) ;=> (#t #f #t #f #t #t)
(list (eqv? (cons 1 2) (cons 1 2)) (eqv? (lambda () 1) (lambda () 2)) (let ((p (lambda (x) x))) (eqv? p p)) (eqv? #f 'nil)) ;=> (#f #f #t #f)
(list (eq? 'a 'a) (eq? (list 'a) (list 'a)) (eq? '() '()) (eq? car car) (let ((x '(a))) (eq? x x)) (let ((x '#())) (eq? x x))) ;=> (#t #f #t #t #t #t)
(list (equal? 'a 'a) (equal? '(a (b) c) '(a (b) c)) (equal? "abc" "abc") (equal? 2 2) (equal? (make-vector 5 'a) (make-vector 5 'a)) (equal? #u8(1 2) (bytevector 1 2)) (equal? "a" (string #\a))) ;=> (#t #t #t #t #t #t #t)
(equal? '#1=(a b . #1#) '#2=(a b a b . #2#)) ;=> #t
(equal? '#1=(a b . #1#) '#2=(a b a c . #2#)) ;=> #f
(let ((a (list 1 2)) (b (list 1 2))) (set-cdr! (cdr a) a) (set-cdr! (cdr b) b) (equal? a b)) ;=> #t
(let ((v (vector 1 2)) (w (vector 1 2))) (vector-set! v 0 v) (vector-set! w 0 w) (equal? v w)) ;=> #t
(list #t #f #true #false) ;=> (#t #f #t #f)
(map not '(3 (3) #f () nil #t)) ;=> (#f #f #t #f #f #f)
(map boolean? '(#f 0 ())) ;=> (#t #f #f)
; pairs and lists
(let ((x (list 'a 'b 'c))) (set-cdr! x 4) (list x (list? x) (pair? x))) ;=> ((a . 4) #f #t)
(map pair? '((a . b) (a b c) () #(a b))) ;=> (#t #t #f #f)
(list (cons 'a '()) (cons '(a) '(b c d)) (cons "a" '(b c)) (cons 'a 3) (cons '(a b) 'c)) ;=> ((a) ((a) b c d) ("a" b c) (a . 3) ((a b) . c))
(car '()) ;!! type
(cdr '()) ;!! type
(cadr '(1)) ;!! type
(let ((x '((1 . 2) 3 4 5))) (list (caar x) (cadr x) (cdar x) (cddr x))) ;=> (1 3 2 (4 5))
(let ((t '(((a . b) c) (d e) f g))) (list (caaar t) (cdaar t) (cadar t) (caadr t) (caddr t) (cdddr t) (cddar t) (cdadr t))) ;=> (a b c d f (g) () (e))
(let ((x '((((1 . 2) . 3) (4 . 5) 6) ((7 8) 9 10) (11) 12))) (list (caaaar x) (cdaaar x) (cdaadr x) (caaadr x) (caddar x) (cdddar x) (cdddr x) (cadddr x) (cddddr x) (caaddr x) (cdaddr x) (caddar x))) ;=> (1 2 (8) 7 6 () (12) 12 () 11 () 6)
(list (cadaar '(((1 2) 3))) (cadadr '(1 (2 3))) (cddaar '(((1 2) 3))) (cddadr '(1 (2 3 4))) (cdadar '((1 (2 3)))) (caadar '((1 (2 3)))) (cdaaar '((((1 . 2))))) (caddar '((1 2 3)))) ;=> (2 3 () (4) (3) 2 2 3)
(map list? (list '(a b c) '() '(a . b) (let ((x (list 'a))) (set-cdr! x x) x))) ;=> (#t #t #f #f)
(list (make-list 2 3) (length (make-list 3)) (make-list 0 1)) ;=> ((3 3) 3 ())
(list (list 'a (+ 3 4) 'c) (list)) ;=> ((a 7 c) ())
(map length '((a b c) (a (b) (c d e)) ())) ;=> (3 3 0)
(length '(a . b)) ;!! type
(length (let ((x (list 1 2))) (set-cdr! (cdr x) x) x)) ;!! type
(list (append '(x) '(y)) (append '(a) '(b c d)) (append '(a (b)) '((c))) (append '(a b) '(c . d)) (append '() 'a) (append) (append '(a)) (append 'a)) ;=> ((x y) (a b c d) (a (b) (c)) (a b c . d) a () (a) a)
(let* ((x '(1 2)) (y (append x '()))) (list (equal? x y) (eq? x y))) ;=> (#t #f)
(append '(1 . 2) '(3)) ;!! type
(list (reverse '(a b c)) (reverse '(a (b c) d (e (f)))) (reverse '())) ;=> ((c b a) ((e (f)) d (b c) a) ())
(list (list-tail '(a b c d) 2) (list-tail '(a b . c) 2) (list-tail '() 0) (list-ref '(a b c d) 2) (list-ref '(a b c d) (exact (round 1.8)))) ;=> ((c d) c () c c)
(list-ref '(a b) 2) ;!! range
(list-tail '(a b) 3) ;!! range
(let ((l (list 'one 'two 'five!))) (list-set! l 2 'three) l) ;=> (one two three)
(list-set! (list 1) 1 'x) ;!! range
(list (memq 'c '(a b c d e)) (memq 'z '(a b)) (memq (list 'a) '(b (a) c)) (member (list 'a) '(b (a) c)) (memv 101 '(100 101 102)) (member "B" '("a" "b" "c") string-ci=?)) ;=> ((c d e) #f #f ((a) c) (101 102) ("b" "c"))
(member 2.0 '(1 2 3) =) ;=> (2 3)
(let ((e '((a 1) (b 2) (c 3)))) (list (assq 'a e) (assq 'b e) (assq 'd e))) ;=> ((a 1) (b 2) #f)
(list (assq (list 'a) '(((a)) ((b)) ((c)))) (assoc (list 'a) '(((a)) ((b)) ((c)))) (assoc 2.0 '((1 1) (2 4) (3 9)) =) (assv 5 '((2 3) (5 7) (11 13)))) ;=> (#f ((a)) (2 4) (5 7))
(member 6 '(1 2 3) (lambda (x y) (= x (* 2 y)))) ;=> (3)
(assoc 3 '((1 . a) (2 . b) (4 . d)) <) ;=> (4 . d)
(let ((a '(1 8 2 8))) (let ((b (list-copy a))) (set-car! b 3) (list a b))) ;=> ((1 8 2 8) (3 8 2 8))
(list (list-copy '()) (list-copy 'a) (list-copy '(1 2 . 3))) ;=> (() a (1 2 . 3))
(let* ((x (list 1 2)) (y (list-copy x))) (eq? x y)) ;=> #f
(map null? '(() (1) #())) ;=> (#t #f #f)
; symbols
(map symbol? (list 'foo (car '(a b)) "bar" 'nil '() #f)) ;=> (#t #t #f #t #f #f)
(list (symbol=? 'a 'a) (symbol=? 'a 'a 'a) (symbol=? 'a 'a 'b) (symbol=? 'a 'A)) ;=> (#t #t #f #f)
(symbol=? 'a "a") ;!! type
(list (symbol->string 'flying-fish) (symbol->string 'Martin) (symbol->string (string->symbol "Malvina"))) ;=> ("flying-fish" "Martin" "Malvina")
(list (string->symbol "mISSISSIppi") (eqv? 'bitBlt (string->symbol "bitBlt")) (eqv? 'LollyPop (string->symbol (symbol->string 'LollyPop)))) ;=> (mISSISSIppi #t #t)
(string=? "K. Harper, M.D." (symbol->string (string->symbol "K. Harper, M.D."))) ;=> #t
(list '|foo bar| '|two\x41;| '|| '|a\|b| '|\t| (string->symbol "1") (string->symbol "+1") (string->symbol "A")) ;=> (|foo bar| twoA || |a\|b| |\t| |1| |+1| A)
(list '|foo| '|FOO| (eq? 'abc '|abc|) (eq? '|\x3BB;| 'λ)) ;=> (foo FOO #t #t)
(symbol->string '|a\nb|) ;=> "a\nb"
(map (lambda (s) (string-length (symbol->string s))) '(|\x9;\x9;| |a b| ||)) ;=> (2 3 0)
'(! $ % & * / : < = > ? ^ _ ~ + - a.b a@b ->string <=? !x $y) ;=> (! $ % & * / : < = > ? ^ _ ~ + - a.b a@b ->string <=? !x $y)
(list (string->symbol "hello world") (string->symbol "a;b") (string->symbol "a'b") (string->symbol ".")) ;=> (|hello world| |a;b| |a'b| |.|)
