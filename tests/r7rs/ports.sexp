; R7RS 6.13: ports
(define (reading text procedure) (call-with-port (open-input-string text) procedure))
(define (writing procedure) (let ((port (open-output-string))) (procedure port) (get-output-string port)))
(list (input-port? (current-input-port)) (output-port? (current-output-port)) (output-port? (current-error-port)) (textual-port? (current-output-port)) (binary-port? (current-output-port))) ;=> (#t #t #t #t #f)
(let ((p (open-input-string "abc"))) (list (input-port? p) (output-port? p) (textual-port? p) (binary-port? p) (port? p) (input-port-open? p))) ;=> (#t #f #t #f #t #t)
(let ((p (open-output-bytevector))) (list (input-port? p) (output-port? p) (textual-port? p) (binary-port? p) (port? p) (output-port-open? p))) ;=> (#f #t #f #t #t #t)
(map port? (list 1 "port" 'p car)) ;=> (#f #f #f #f)
(let ((p (open-input-string "abc"))) (close-input-port p) (input-port-open? p)) ;=> #f
(let ((p (open-output-string))) (close-output-port p) (output-port-open? p)) ;=> #f
(let ((p (open-input-string "abc"))) (close-port p) (read-char p)) ;!! port
(let ((p (open-output-string))) (close-port p) (write-char #\a p)) ;!! port
(close-output-port (open-input-string "")) ;!! type
(input-port-open? (open-output-string)) ;!! type
(let ((p (open-input-string ""))) (close-port p) (close-port p) (close-input-port p)) ;=> #<unspecified>
; characters and lines
(reading "abc" (lambda (p) (let* ((a (read-char p)) (b (peek-char p)) (c (read-char p)) (d (read-char p)) (e (read-char p))) (list a b c d (eof-object? e))))) ;=> (#\a #\b #\b #\c #t)
(reading "" (lambda (p) (list (eof-object? (peek-char p)) (eof-object? (read-char p)) (eof-object? (read-line p)) (eof-object? (read-string 5 p)) (eof-object? (read p))))) ;=> (#t #t #t #t #t)
(reading "one\ntwo\r\nthree\n\nlast" (lambda (p) (let loop ((all '())) (let ((line (read-line p))) (if (eof-object? line) (reverse all) (loop (cons line all))))))) ;=> ("one" "two" "three" "" "last")
(reading "abcdef" (lambda (p) (let* ((a (read-string 3 p)) (b (read-string 0 p)) (c (read-string 10 p)) (d (read-string 1 p))) (list a b c (eof-object? d))))) ;=> ("abc" "" "def" #t)
(reading "ab" (lambda (p) (list (char-ready? p) (read-char p) (read-char p) (char-ready? p)))) ;=> (#t #\a #\b #t)
(eof-object? (eof-object)) ;=> #t
(list (eof-object? 'eof) (eof-object)) ;=> (#f #<eof>)
(read-char 5) ;!! type
(read-u8 (open-input-string "a")) ;!! type
(read-char (open-input-bytevector #u8(1))) ;!! type
; writing
(writing (lambda (p) (write 'a p) (write-char #\space p) (write "b\"" p) (newline p) (display "c" p) (write-string "def" p))) ;=> "a \"b\\\"\"\ncdef"
(writing (lambda (p) (write-string "abcdef" p 2) (write-string "|" p) (write-string "abcdef" p 1 3))) ;=> "cdef|bc"
(writing (lambda (p) (write-char #\λ p) (flush-output-port p))) ;=> "λ"
(let ((p (open-output-string))) (write 'x p) (list (get-output-string p) (get-output-string p) (begin (write 'y p) (get-output-string p)))) ;=> ("x" "x" "xy")
(write-string "abc" (open-output-string) 2 9) ;!! range
(get-output-string (open-input-string "a")) ;!! type
(write 1 (open-input-string "a")) ;!! type
(let ((p (open-output-string))) (parameterize ((current-output-port p)) (display "inside") (newline) (write "w") (write-char #\!) (write-string "s")) (get-output-string p)) ;=> "inside\n\"w\"!s"
(let ((p (open-output-string))) (parameterize ((current-error-port p)) (display "wrong" (current-error-port))) (get-output-string p)) ;=> "wrong"
(parameterize ((current-input-port (open-input-string "42 (a b) rest"))) (let* ((a (read)) (b (read)) (c (read-char)) (d (read-line))) (list a b c d))) ;=> (42 (a b) #\space "rest")
(call-with-port (open-input-string "x") (lambda (p) (values 1 2))) ;=> #<values 1 2>
(let ((p (open-input-string "x"))) (call-with-port p read-char) (input-port-open? p)) ;=> #f
; bytes
(let ((p (open-input-bytevector #u8(1 2 3)))) (let* ((a (peek-u8 p)) (b (read-u8 p)) (c (u8-ready? p)) (d (read-u8 p)) (e (read-u8 p)) (f (read-u8 p)) (g (peek-u8 p))) (list a b c d e (eof-object? f) (eof-object? g)))) ;=> (1 1 #t 2 3 #t #t)
(let ((p (open-input-bytevector #u8(1 2 3 4 5)))) (let* ((a (read-bytevector 2 p)) (b (read-bytevector 0 p)) (c (read-bytevector 9 p)) (d (read-bytevector 1 p))) (list a b c (eof-object? d)))) ;=> (#u8(1 2) #u8() #u8(3 4 5) #t)
(let ((b (make-bytevector 5 0))) (let ((n (read-bytevector! b (open-input-bytevector #u8(1 2 3))))) (list n b))) ;=> (3 #u8(1 2 3 0 0))
(let ((b (make-bytevector 5 0))) (let ((n (read-bytevector! b (open-input-bytevector #u8(1 2 3)) 3))) (list n b))) ;=> (2 #u8(0 0 0 1 2))
(let ((b (make-bytevector 5 0))) (let ((n (read-bytevector! b (open-input-bytevector #u8(1 2 3)) 1 3))) (list n b))) ;=> (2 #u8(0 1 2 0 0))
(eof-object? (read-bytevector! (make-bytevector 3) (open-input-bytevector #u8()))) ;=> #t
(let ((p (open-output-bytevector))) (write-u8 1 p) (write-bytevector #u8(2 3 4) p) (write-bytevector #u8(5 6 7 8) p 1) (write-bytevector #u8(9 10 11) p 1 2) (get-output-bytevector p)) ;=> #u8(1 2 3 4 6 7 8 10)
(write-u8 256 (open-output-bytevector)) ;!! type
(write-u8 1 (open-output-string)) ;!! type
; read
(reading "(a . b) #(1 2) \"s\" #\\x |odd name| #u8(1) 'q `(a ,b ,@c) #t 1.5 ; comment\n #;(gone) #| block #| nested |# |# end" (lambda (p) (let loop ((all '())) (let ((x (read p))) (if (eof-object? x) (reverse all) (loop (cons x all))))))) ;=> ((a . b) #(1 2) "s" #\x |odd name| #u8(1) 'q `(a ,b ,@c) #t 1.5 end)
(reading "abc def" (lambda (p) (let* ((a (read p)) (c (read-char p)) (b (read p))) (list a c b)))) ;=> (abc #\space def)
(reading "abc(def)ghi" (lambda (p) (let* ((a (read p)) (b (read p)) (c (read p))) (list a b c)))) ;=> (abc (def) ghi)
(reading "\"one\"two" (lambda (p) (let* ((a (read p)) (b (read-char p))) (list a b)))) ;=> ("one" #\t)
(reading "(1 2)\nnext line" (lambda (p) (let* ((a (read p)) (b (read-line p)) (c (read-line p))) (list a b c)))) ;=> ((1 2) "" "next line")
(reading "#0=(a b . #0#)" (lambda (p) (let ((x (read p))) (eq? x (cddr x))))) ;=> #t
(reading "(#0=(1) #0#)" (lambda (p) (let ((x (read p))) (eq? (car x) (cadr x))))) ;=> #t
(reading "#1=#(1 #1#)" (lambda (p) (let ((x (read p))) (eq? x (vector-ref x 1))))) ;=> #t
(reading "#!fold-case ABC #!no-fold-case ABC" (lambda (p) (let* ((a (read p)) (b (read p))) (list a b)))) ;=> (abc ABC)
(reading "(1 2" read) ;!! read-unclosed
(reading ")" read) ;!! read-unopened
(reading "(1 . )" read) ;!! read-dot
(reading "   " (lambda (p) (eof-object? (read p)))) ;=> #t
(reading "; only a comment" (lambda (p) (eof-object? (read p)))) ;=> #t
(reading "#d10 #xF #b1 -5 +5 1/2 .5 1e3 +i" (lambda (p) (let loop ((all '())) (let ((x (read p))) (if (eof-object? x) (reverse all) (loop (cons x all))))))) ;=> (10 15 1 -5 5 1/2 0.5 1000.0 +i)
; datum labels when writing
(define (written x) (writing (lambda (p) (write x p))))
(define (shared x) (writing (lambda (p) (write-shared x p))))
(define (simple x) (writing (lambda (p) (write-simple x p))))
(define (displayed x) (writing (lambda (p) (display x p))))
(let ((x (list 1 2))) (set-cdr! (cdr x) x) (list (written x) (shared x) (displayed x))) ;=> ("#0=(1 2 . #0#)" "#0=(1 2 . #0#)" "#0=(1 2 . #0#)")
(let ((x (list 'a))) (let ((y (list x x))) (list (written y) (shared y) (simple y)))) ;=> ("((a) (a))" "(#0=(a) #0#)" "((a) (a))")
(let ((v (vector 1 2))) (vector-set! v 0 v) (written v)) ;=> "#0=#(#0# 2)"
(let* ((x (list 1)) (y (list 2)) (z (list x y x y))) (shared z)) ;=> "(#0=(1) #1=(2) #0# #1#)"
(let ((s (string #\a))) (shared (list s s))) ;=> "(\"a\" \"a\")"
(let* ((x (list 'c)) (y (cons 'b x)) (z (list x y))) (shared z)) ;=> "(#0=(c) (b . #0#))"
(map written (list 'a "a\n" #\a #\space 1.5 '|a b| '() #t '(1 . 2) '(quote a) ''a '`(a ,b ,@c) #u8(1 2) #(a #\b "c"))) ;=> ("a" "\"a\\n\"" "#\\a" "#\\space" "1.5" "|a b|" "()" "#t" "(1 . 2)" "'a" "'a" "`(a ,b ,@c)" "#u8(1 2)" "#(a #\\b \"c\")")
(map displayed (list 'a "a\n" #\a #\space 1.5 '|a b| '("x" #\y (z . "w")) #("a" #\b))) ;=> ("a" "a\n" "a" " " "1.5" "a b" "(x y (z . w))" "#(a b)")
(map written (list '|| '|A| '|1| '|a\x7;b| (string->symbol "#foo") '|.| '|\\|)) ;=> ("||" "A" "|1|" "|a\\ab|" "|#foo|" "|.|" "|\\\\|")
(map written (list "a\\b" "tab\t" "nul\x0;" "λ" #\x0 #\delete #\λ)) ;=> ("\"a\\\\b\"" "\"tab\\t\"" "\"nul\\x0;\"" "\"λ\"" "#\\null" "#\\delete" "#\\λ")
(reading (written '(a "b\n" #\c 1/2 #(d) |e f| (g . h))) read) ;=> (a "b\n" #\c 1/2 #(d) |e f| (g . h))
; files
(call-with-output-file "out.txt" (lambda (p) (write '(data "x") p) (newline p) (display "second" p)))
(call-with-input-file "out.txt" (lambda (p) (let* ((a (read p)) (b (read-line p)) (c (read-line p)) (d (read-line p))) (list a b c (eof-object? d))))) ;=> ((data "x") "" "second" #t)
(file-exists? "out.txt") ;=> #t
(with-output-to-file "out.txt" (lambda () (display "replaced") (write 'x)))
(with-input-from-file "out.txt" read-line) ;=> "replacedx"
(let ((p (open-output-file "out.txt"))) (write-string "λines" p) (close-port p) (call-with-input-file "out.txt" read-line)) ;=> "λines"
(let ((p (open-binary-output-file "out.bin"))) (write-bytevector #u8(0 255 10 13) p) (close-port p) (call-with-port (open-binary-input-file "out.bin") (lambda (q) (read-bytevector 10 q)))) ;=> #u8(0 255 10 13)
(let ((p (open-input-file "out.txt"))) (let ((a (read-char p))) (close-input-port p) (list a (input-port-open? p)))) ;=> (#\λ #f)
(delete-file "out.txt")
(file-exists? "out.txt") ;=> #f
(call-with-output-file "loaded.sexp" (lambda (p) (write '(define from-file (* 6 7)) p) (write '(define (twice x) (* 2 x)) p)))
(load "loaded.sexp")
(twice from-file) ;=> 84
(load "loaded.sexp" (interaction-environment))
(load "no-such-file.sexp") ;!! file
(include "loaded.sexp")
(let () (include "loaded.sexp") (twice 4)) ;=> 8
(call-with-output-file "cased.sexp" (lambda (p) (write-string "(define FOLDED 'YeS)" p)))
(include-ci "cased.sexp")
folded ;=> yes
(include "no-such-file.sexp") ;!! file
(open-input-file "no-such-file.sexp") ;!! file
(open-input-file 5) ;!! type
; too few or too many
(display) ;!! arity at 1:1
(display 1 (current-output-port) 3) ;!! arity at 1:1
(write-char) ;!! arity at 1:1
(write-string "abc" (open-output-string) 0 1 2) ;!! arity at 1:1
(read-char (open-input-string "a") 2) ;!! arity at 1:1
