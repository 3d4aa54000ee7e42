; Short programs across sections: numbers, characters, strings, records, libraries, ports
(define (w x) (let ((p (open-output-string))) (write x p) (get-output-string p)))
(define (ws x) (let ((p (open-output-string))) (write-shared x p) (get-output-string p)))
(define (wi x) (let ((p (open-output-string))) (write-simple x p) (get-output-string p)))
(define (r s) (read (open-input-string s)))
(let ((x (list 'a))) (set-cdr! x x) (w x)) ;=> "#0=(a . #0#)"
(let ((x (list 'a))) (w (list x x))) ;=> "((a) (a))"
(let ((x (list 'a))) (ws (list x x))) ;=> "(#0=(a) #0#)"
(let ((v (vector 1))) (vector-set! v 0 v) (w v)) ;=> "#0=#(#0#)"
(let ((x (r "#0=(a b . #0#)"))) (eq? x (cddr x))) ;=> #t
(let ((x (r "(#1=(1) #1#)"))) (eq? (car x) (cadr x))) ;=> #t
(w '|a b|) ;=> "|a b|"
(w (string->symbol "")) ;=> "||"
(w (r "#!fold-case A")) ;=> "a"
(w (string->symbol "1")) ;=> "|1|"
(w (string->symbol ".")) ;=> "|.|"
(w '...) ;=> "..."
(w '+) ;=> "+"
(w (string->symbol "+i")) ;=> "|+i|"
(w '->x) ;=> "->x"
(w #\space) ;=> "#\\space"
(w #\λ) ;=> "#\\λ"
(w #\x61) ;=> "#\\a"
(w (list #\alarm #\backspace #\delete #\escape #\newline #\null #\return #\space #\tab)) ;=> "(#\\alarm #\\backspace #\\delete #\\escape #\\newline #\\null #\\return #\\space #\\tab)"
(w "a\nb\t\"\\") ;=> "\"a\\nb\\t\\\"\\\\\""
(w (bytevector 1 2 255)) ;=> "#u8(1 2 255)"
(w '()) ;=> "()"
(w #true) ;=> "#t"
(w #false) ;=> "#f"
(w ''a) ;=> "'a"
(w '`(a ,b ,@c)) ;=> "`(a ,b ,@c)"
(call-with-values (lambda () (floor/ -5 2)) list) ;=> (-3 1)
(call-with-values (lambda () (truncate/ -5 2)) list) ;=> (-2 -1)
(call-with-values (lambda () (exact-integer-sqrt 5)) list) ;=> (2 1)
(list (/ 1 3) (/ 1 2.0) (/ 2 4) (/ 4 2) .1) ;=> (1/3 0.5 1/2 2 0.1)
(list (floor 3.5) (ceiling 7/2) (round -3.5) (floor -9/2) (round 3.5) (round 5/2)) ;=> (3.0 4 -4.0 -5 4.0 2)
(list (exact? 1/2) (exact? 1.) (integer? 3.0) (rational? 1.5) (rational? +inf.0)) ;=> (#t #f #t #t #f)
(list (exact 1.0) (inexact 1) (exact 1.5) (inexact 3/2)) ;=> (1 1.0 3/2 1.5)
(list (/ 1. 0.) (/ -1. 0.) (nan? (/ 0. 0.)) (finite? +inf.0)) ;=> (+inf.0 -inf.0 #t #f)
(list (number->string 255 16) (number->string -3 2) (number->string 1/3) (number->string 1.5) (number->string +i) (number->string 1+2i) (number->string 1.5-.5i)) ;=> ("ff" "-11" "1/3" "1.5" "+i" "1+2i" "1.5-0.5i")
(list (string->number "ff" 16) (string->number "-101" 2) (string->number "1/2") (string->number "1e2") (string->number "abc") (string->number "1/0") (string->number "1e10") (string->number "#xF") (string->number "#e5.0") (string->number "#i7/2")) ;=> (255 -5 1/2 100.0 #f #f 10000000000.0 15 5 3.5)
(list (expt 2 100) (expt 2 -3) (expt 2. 3) (expt 0 0) (expt 0 1) (expt 0. 0) (expt 1/2 2)) ;=> (1267650600228229401496703205376 1/8 8.0 1 0 1.0 1/4)
(list (sqrt 16) (sqrt 4) (sqrt 1/4) (sqrt -1) (sqrt 4.0)) ;=> (4 2 1/2 +i 2.0)
(list (gcd 32 -36) (lcm 4 -6) (gcd) (lcm) (lcm 2 3)) ;=> (4 12 0 1 6)
(list (numerator 1/2) (denominator 1/2) (abs -3/2) (max 1 7 3)) ;=> (1 2 3/2 7)
(list (max 1 2.0 3) (min 1 2.0)) ;=> (3.0 1.0)
(list (rationalize 3/10 1/10) (let ((x (rationalize .3 1/10))) (if (< (abs (- x .3333333333333333)) 1e-10) .3 x))) ;=> (1/3 0.3)
(list (boolean=? #t #t) (symbol=? 'a 'a 'a) (symbol=? 'a 'b) (boolean=? #t #f #t)) ;=> (#t #t #f #f)
(list (= 1 1.0 1) (< 1 2 2) (<= 1 2 2) (> 3 2 2) (>= 3 2 2)) ;=> (#t #f #t #f #t)
(list (modulo 5 3) (remainder -5 3) (truncate-remainder -5 3) (floor-remainder -4 3)) ;=> (2 -2 -2 2)
(list (exact-integer? 5) (zero? -0.0) (eqv? 0.0 -0.0)) ;=> (#t #t #f)
(number->string (* 4 (atan 1))) ;=> "3.141592653589793"
(log 8 2) ;=> 3.0
(atan 1 1) ;=> 0.7853981633974483
(list (char-alphabetic? #\λ) (char-numeric? #\a) (char-whitespace? #\space) (char-upper-case? #\Σ) (char-lower-case? #\A) (digit-value #\3) (digit-value #\a) (digit-value #\x0667)) ;=> (#t #f #t #t #f 3 #f 7)
(list (string-upcase "Straße") (string-downcase "STRAßE") (string-downcase "ΣΑΣ") (string-ci=? "Straße" "Strasse") (char-ci=? #\a #\A)) ;=> ("STRASSE" "straße" "σας" #t #t)
(list (string-copy "abc") (substring "abc" 1 2) (string) (string-copy "abcd" 1)) ;=> ("abc" "b" "" "bcd")
(let ((s (string-append "a" "bc"))) (string-set! s 1 #\-) s) ;=> "a-c"
(let ((s (string-append "ab" "cde"))) (string-copy! s 1 "XYZ" 0 2) s) ;=> "aXYde"
(list (string<? "a" "b" "c") (string<=? "a" "a" "b") (string>? "a" "b")) ;=> (#t #t #f)
(list->string (reverse (string->list "abc"))) ;=> "cba"
(list (string-map (lambda (c k) c) "adgxx" "123") (string-map (lambda (c k) ((if (eqv? k #\u) char-upcase char-downcase) c)) "abcx" "ulu")) ;=> ("adg" "AbC")
(let ((v '())) (string-for-each (lambda (c) (set! v (cons (char->integer c) v))) "cde") (list v)) ;=> ((101 100 99))
(vector-map (lambda (a b) a) #(1 2 3) #(4 5 6 7)) ;=> #(1 2 3)
(map + '(1 2 3) '(4 5 6 7)) ;=> (5 7 9)
(let ((v (vector 1 2))) (vector-fill! v '(0) 0 1) (vector-set! v 1 1) v) ;=> #((0) 1)
(vector-append #(a b c) #(d e)) ;=> #(a b c d e)
(let ((v (vector 1 2 3 4 5))) (vector-copy! v 2 v 0 2) v) ;=> #(1 2 1 2 5)
(vector->list #(a b c) 1) ;=> (b c)
(list (bytevector-copy #u8(1 2 3)) (bytevector-copy #u8(1 2 3) 1 2) (bytevector-append #u8(1 2) #u8(3 4)) (utf8->string #u8(65 66 67)) (string->utf8 "λ")) ;=> (#u8(1 2 3) #u8(2) #u8(1 2 3 4) "ABC" #u8(206 187))
(let ((b (make-bytevector 2 7))) (list (bytevector-copy b) (bytevector-length b) (begin (bytevector-u8-set! b 0 9) (bytevector-u8-ref b 0)))) ;=> (#u8(7 7) 2 9)
(list (list-copy '(1 2)) (append '(3) '(4)) (append '() '(1 . 2)) (append '() 3)) ;=> ((1 2) (3 4) (1 . 2) 3)
(let ((l (list 1 2 3))) (list-set! l 2 9) l) ;=> (1 2 9)
(make-list 2 #f) ;=> (#f #f)
(let-syntax ((m (syntax-rules () ((_ x) '(x 2))))) (m a)) ;=> (a 2)
(define plus (case-lambda ((x) x) ((x y) (+ x y)) ((x . r) (apply + x r))))
(list (plus 1) (plus 1 2) (plus 1 2 3)) ;=> (1 3 6)
(list (do ((vec (make-vector 5)) (i 0 (+ i 1))) ((= i 5) (vector->list vec)) (vector-set! vec i i)) (let ((x '(1 3 5 7 9))) (do ((x x (cdr x)) (sum 0 (+ sum (car x)))) ((null? x) sum)))) ;=> ((0 1 2 3 4) 25)
(define-record-type <pare> (kons x y) pare? (x kar set-kar!) (y kdr))
(list (pare? (kons 1 2)) (pare? (cons 1 2)) (kar (kons 1 2)) (kdr (kons 1 2)) (let ((k (kons 1 2))) (set-kar! k 3) (kar k))) ;=> (#t #f 1 2 3)
(define-record-type node (make-node) node? (next node-next set-node-next!))
(let ((n (make-node))) (set-node-next! n 5) (= 5 (node-next n))) ;=> #t
(assoc 2.0 '((1 a) (2 b)) =) ;=> (2 b)
(member 2.0 '(1 2.0 3)) ;=> (2.0 3)
(list (member 2.0 '(1 2 3) =)) ;=> ((2 3))
(define-library (my stack) (export make-stack push! pop! (rename stack-empty? empty?)) (import (scheme base))
  (begin (define-record-type stack (%make items) stack? (items items set-items!)) (define (make-stack) (%make '())) (define (push! s x) (set-items! s (cons x (items s)))) (define (pop! s) (let ((x (car (items s)))) (set-items! s (cdr (items s))) x)) (define (stack-empty? s) (null? (items s)))))
(define-library (counter) (export next! swap-it) (import (scheme base)) (begin (define n 0) (define (next!) (set! n (+ n 1)) n) (define-syntax swap-it (syntax-rules () ((_ a b) (let ((tmp a)) (set! a b) (set! b tmp)))))))
(list (eval '(* 7 3) (environment '(scheme base))) (eval '(let ((f (lambda x x))) (f 1 2)) (environment '(scheme base)))) ;=> (21 (1 2))
(let ((p (open-input-string "ab\nc"))) (let* ((a (read-line p)) (b (read-line p)) (c (eof-object? (read-line p)))) (list a b c))) ;=> ("ab" "c" #t)
(let ((p (open-input-string "(a b) \"s\" #\\x 12"))) (let* ((a (read p)) (b (read p)) (c (read p)) (d (read p)) (e (eof-object? (read p)))) (list a b c d e))) ;=> ((a b) "s" #\x 12 #t)
(let ((p (open-input-string "ab"))) (let* ((a (peek-char p)) (b (read-char p)) (c (read-char p)) (d (eof-object? (peek-char p)))) (list a b c d))) ;=> (#\a #\a #\b #t)
(let ((p (open-input-bytevector #u8(1 2 3 4)))) (let* ((a (read-u8 p)) (b (peek-u8 p)) (x (read-u8 p)) (c (read-bytevector 5 p)) (d (eof-object? (read-u8 p)))) (list a b c d))) ;=> (1 2 #u8(3 4) #t)
(let ((p (open-output-bytevector))) (write-u8 1 p) (write-bytevector #u8(2 3) p) (get-output-bytevector p)) ;=> #u8(1 2 3)
(let ((b (make-bytevector 3 0))) (let ((n (read-bytevector! b (open-input-bytevector #u8(1 2))))) (list n b))) ;=> (2 #u8(1 2 0))
(let ((p (open-output-string))) (write-string "hello" p) (let ((q (open-output-string))) (write-string "hello" q 1 4) (list (get-output-string p) (get-output-string q)))) ;=> ("hello" "ell")
(let ((p (open-input-string "x"))) (list (input-port? p) (textual-port? p) (binary-port? p) (input-port-open? p) (begin (close-port p) (input-port-open? p)))) ;=> (#t #t #f #t #f)
(call-with-port (open-input-string "x") (lambda (p) (char-ready? p))) ;=> #t
(let ((x 1)) (define y 2) (define (f) (list x y z)) (define z 3) (f)) ;=> (1 2 3)
(list (list? (features)) (and (memq 'r7rs (features)) #t)) ;=> (#t #t)
(cond-expand ((and r7rs (library (scheme base)) (not foo)) 'ok) (else 'no)) ;=> ok
(cond-expand ((library (foo bar)) 'no) (full-unicode 'ok) (else 'else)) ;=> ok
(let*-values (((a b) (values 1 2)) ((c) (values 3)) (d (values 4))) (list a b c (car d))) ;=> (1 2 3 4)
(string? (symbol->string 'a)) ;=> #t
(eq? (string->symbol "aB") 'aB) ;=> #t
'(let ((a 1)) a) ;=> (let ((a 1)) a)
(let loop ((i 0)) (or (= i 1000000) (loop (+ i 1)))) ;=> #t
(let () (define (ev? n) (if (= n 0) #t (od? (- n 1)))) (define (od? n) (if (= n 0) #f (ev? (- n 1)))) (ev? 1000000)) ;=> #t
(apply max (let loop ((i 0) (l '())) (if (> i 500000) l (loop (+ i 1) (cons i l))))) ;=> 500000
(call-with-current-continuation (lambda (k) (dynamic-wind (lambda () #f) (lambda () (k (list 3 4))) (lambda () #f)))) ;=> (3 4)
(let ((r '())) (for-each (lambda (x y) (set! r (cons (list x y) r))) '(1 2) '(a b)) (reverse r)) ;=> ((1 a) (2 b))
(let ((k #f) (n 0)) (let ((v (vector-map (lambda (x) (call/cc (lambda (c) (if (= x 2) (set! k c)) x))) #(1 2 3)))) (set! n (+ n 1)) (if (< n 3) (k 9) (list 'vec n)))) ;=> (vec 3)
