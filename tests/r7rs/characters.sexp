; R7RS 6.6: characters
(map char? '(#\a #\space "a" a)) ;=> (#t #t #f #f)
'(#\alarm #\backspace #\delete #\escape #\newline #\null #\return #\space #\tab) ;=> (#\alarm #\backspace #\delete #\escape #\newline #\null #\return #\space #\tab)
(map char->integer '(#\alarm #\backspace #\delete #\escape #\newline #\null #\return #\space #\tab)) ;=> (7 8 127 27 10 0 13 32 9)
(map char->integer '(#\a #\A #\( #\) #\; #\x #\x41 #\x3bb #\λ #\# #\" #\\)) ;=> (97 65 40 41 59 120 65 955 955 35 34 92)
(map integer->char '(65 97 955 0 10)) ;=> (#\A #\a #\λ #\null #\newline)
(integer->char 55296) ;!! range
(integer->char 1114112) ;!! range
(map (lambda (c) (eqv? c (integer->char (char->integer c)))) (list #\a #\x10FFFF #\xD7FF)) ;=> (#t #t #t)
(list (char=? #\a #\a) (char=? #\a #\b) (char=? #\a #\a #\a) (char=? #\a #\a #\b)) ;=> (#t #f #t #f)
(list (char<? #\a #\b #\c) (char<? #\a #\a) (char>? #\c #\b #\a) (char<=? #\a #\a #\b) (char>=? #\b #\b #\a) (char<? #\A #\a)) ;=> (#t #f #t #t #t #t)
(list (char-ci=? #\a #\A) (char-ci=? #\a #\A #\a) (char-ci<? #\a #\B) (char-ci>? #\B #\a) (char-ci<=? #\a #\A) (char-ci>=? #\A #\a)) ;=> (#t #t #t #t #t #t)
(char=? #\a "a") ;!! type
(map char-alphabetic? '(#\a #\Z #\λ #\3 #\space #\;)) ;=> (#t #t #t #f #f #f)
(map char-numeric? '(#\3 #\a #\x0664 #\space #\.)) ;=> (#t #f #t #f #f)
(map char-whitespace? '(#\space #\newline #\tab #\return #\a #\xA0 #\_)) ;=> (#t #t #t #t #f #t #f)
(list (char-upper-case? #\A) (char-upper-case? #\a) (char-upper-case? #\3) (char-lower-case? #\a) (char-lower-case? #\A) (char-lower-case? #\3)) ;=> (#t #f #f #t #f #f)
(list (char-upper-case? #\Σ) (char-lower-case? #\σ) (char-alphabetic? #\Λ)) ;=> (#t #t #t)
(map digit-value '(#\3 #\x0664 #\x0AE6 #\x0EA6 #\a #\.)) ;=> (3 4 0 #f #f #f)
(map char-upcase '(#\a #\A #\? #\i #\λ #\ß)) ;=> (#\A #\A #\? #\I #\Λ #\ß)
(map char-downcase '(#\A #\a #\? #\Λ #\Σ)) ;=> (#\a #\a #\? #\λ #\σ)
(map char-foldcase '(#\A #\a #\? #\Σ #\ς)) ;=> (#\a #\a #\? #\σ #\σ)
(char-ci=? #\σ #\ς #\Σ) ;=> #t
(list #\x #\x7f #\x0 #\x41) ;=> (#\x #\delete #\null #\A)
; one letter to one letter, also where Unicode's full mapping has several
(list (char-downcase #\x130) (char-upcase #\x1f80) (char-foldcase #\x1f88) (char-upcase #\xdf)) ;=> (#\i #\ᾈ #\ᾀ #\ß)
(map char-whitespace? (list #\x1c #\x1f #\x85 #\x2003)) ;=> (#f #f #t #t)
(let ((p (open-output-string))) (write (integer->char 1) p) (get-output-string p)) ;=> "#\\x1"
