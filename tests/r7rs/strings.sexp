; R7RS 6.7: strings
(map string? '("a" #\a a)) ;=> (#t #f #f)
(list (string-length (make-string 3)) (make-string 3 #\x) (make-string 0 #\x)) ;=> (3 "xxx" "")
(list (string) (string #\a) (string #\a #\b #\c)) ;=> ("" "a" "abc")
(list (string-length "") (string-length "abc") (string-length "λx\n")) ;=> (0 3 3)
(list (string-ref "abc" 0) (string-ref "abc" 2)) ;=> (#\a #\c)
(string-ref "abc" 3) ;!! range
(string-ref "abc" -1) ;!! range
(let ((s (make-string 3 #\*))) (string-set! s 0 #\?) s) ;=> "?**"
(let ((s (string #\a #\b))) (string-set! s 0 #\λ) s) ;=> "λb"
(let ((s (list->string '(#\a #\b)))) (string-set! s 1 #\x) s) ;=> "ax"
(let ((s (string-copy "abc"))) (string-set! s 1 #\x) (list s (string-length s) (string-ref s 1))) ;=> ("axc" 3 #\x)
(string-set! "abc" 0 #\x) ;!! type
(string-set! (symbol->string 'immutable) 0 #\?) ;!! type
(list "a\tb\nc" "q\"q" "b\\b" "\x41;b" "a\x3bb;" "\a\b|" "line\
    joined" "tail   \
    blank") ;=> ("a\tb\nc" "q\"q" "b\\b" "Ab" "aλ" "\a\b|" "linejoined" "tail   blank")
(string-length "a\
      b") ;=> 2
(list (string=? "a" "a") (string=? "a" "b") (string=? "a" "a" "a") (string=? "a" "a" "b") (string=? "" "")) ;=> (#t #f #t #f #t)
(list (string<? "a" "b") (string<? "a" "ab") (string<? "b" "a") (string<? "a" "b" "c") (string<? "a" "b" "b")) ;=> (#t #t #f #t #f)
(list (string>? "b" "a") (string<=? "a" "a" "b") (string>=? "b" "b" "a") (string>=? "a" "b")) ;=> (#t #t #t #f)
(list (string-ci=? "Strasse" "STRASSE") (string-ci=? "Straße" "Strasse") (string-ci<? "a" "B") (string-ci>? "B" "a") (string-ci<=? "A" "a") (string-ci>=? "a" "A")) ;=> (#t #t #t #t #t #t)
(string-ci=? "ΧΑΟΣ" "χαος" "χαοσ") ;=> #t
(string=? "a" 'a) ;!! type
(list (string-upcase "abc-XyZ") (string-downcase "ABC") (string-foldcase "AbC") (string-upcase "Straße") (string-downcase "ΧΑΟΣ") (string-downcase "ΧΑΟΣΣ") (string-downcase "ΧΑΟΣ Σ") (string-foldcase "ΧΑΟΣ")) ;=> ("ABC-XYZ" "abc" "abc" "STRASSE" "χαος" "χαοσς" "χαος σ" "χαοσ")
(list (substring "abcde" 1 3) (substring "abcde" 0 5) (substring "abc" 1 1)) ;=> ("bc" "abcde" "")
(substring "abc" 2 1) ;!! range
(substring "abc" 0 4) ;!! range
(list (string-append "foo" "bar") (string-append) (string-append "a") (string-append "a" "" "b" "c")) ;=> ("foobar" "" "a" "abc")
(string-append "a" 'b) ;!! type
(list (string->list "apple") (string->list "apple" 3) (string->list "apple" 1 3) (string->list "")) ;=> ((#\a #\p #\p #\l #\e) (#\l #\e) (#\p #\p) ())
(list (list->string '(#\a #\b)) (list->string '())) ;=> ("ab" "")
(list->string '(1)) ;!! type
(list (string-copy "hello") (string-copy "hello" 2) (string-copy "hello" 1 3)) ;=> ("hello" "llo" "el")
(let* ((a "abc") (b (string-copy a))) (eq? a b)) ;=> #f
(let ((s (string-copy "12345"))) (string-copy! s 1 "ab") s) ;=> "1ab45"
(let ((s (string-copy "12345"))) (string-copy! s 0 "abcde" 2) s) ;=> "cde45"
(let ((s (string-copy "12345"))) (string-copy! s 1 "abcde" 1 3) s) ;=> "1bc45"
(let ((s (string-copy "abcde"))) (string-copy! s 1 s 0 4) s) ;=> "aabcd"
(let ((s (string-copy "abcde"))) (string-copy! s 0 s 1 5) s) ;=> "bcdee"
(string-copy! (make-string 2) 1 "abc") ;!! range
(let ((s (make-string 3 #\a))) (string-fill! s #\b) s) ;=> "bbb"
(let ((s (string-copy "abcde"))) (string-fill! s #\x 3) s) ;=> "abcxx"
(let ((s (string-copy "abcde"))) (string-fill! s #\x 1 3) s) ;=> "axxde"
(list (string-map char-upcase "abc") (string-map (lambda (a b) (if (char=? b #\u) (char-upcase a) a)) "studlycaps xxx" "ululululul") (string-map char-foldcase "AbdEgH")) ;=> ("ABC" "StUdLyCaPs" "abdegh")
(string-map (lambda (c) 1) "abc") ;!! type
(let ((v '())) (string-for-each (lambda (c) (set! v (cons (char->integer c) v))) "abcde") v) ;=> (101 100 99 98 97)
(let ((v '())) (string-for-each (lambda (a b) (set! v (cons (list a b) v))) "abc" "12") v) ;=> ((#\b #\2) (#\a #\1))
(list (string->vector "ABC") (string->vector "ABCDE" 1) (string->vector "ABCDE" 1 3) (vector->string #(#\1 #\2 #\3)) (vector->string #(#\1 #\2 #\3) 1) (vector->string #(#\1 #\2 #\3) 1 2)) ;=> (#(#\A #\B #\C) #(#\B #\C #\D #\E) #(#\B #\C) "123" "23" "2")
(vector->string #(1)) ;!! type
(list (string->symbol "abc") (symbol->string 'abc) (string->number "12") (number->string 12)) ;=> (abc "abc" 12 "12")
(string->list (let ((s (make-string 2 #\a))) (string-set! s 1 #\b) s)) ;=> (#\a #\b)
(equal? (make-string 2 #\a) "aa") ;=> #t
(string=? (string-copy "x") "x") ;=> #t
; a line of a literal ends in a newline, however it ends in the file
(read (open-input-string "\"a\r\nb\rc\\\r\n  d\"")) ;=> "a\nb\ncd"
