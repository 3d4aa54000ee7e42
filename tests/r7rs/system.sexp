; R7RS 6.14, 2.1, 2.4: the system, identifiers, comments
(and (memq 'r7rs (features)) (memq 'exact-closed (features)) (memq 'exact-complex (features)) (memq 'ieee-float (features)) (memq 'full-unicode (features)) (memq 'ratios (features)) #t) ;=> #t
(every symbol? (features)) ;=> #t
(list (real? (current-second)) (exact-integer? (current-jiffy)) (exact-integer? (jiffies-per-second)) (> (jiffies-per-second) 0)) ;=> (#t #t #t #t)
(let* ((a (current-jiffy)) (b (current-jiffy))) (<= a b)) ;=> #t
(< 1600000000 (current-second) 5000000000) ;=> #t
(list? (command-line)) ;=> #t
(get-environment-variable "NO_SUCH_VARIABLE_HERE") ;=> #f
(string? (get-environment-variable "PATH")) ;=> #t
(let ((all (get-environment-variables))) (and (list? all) (every pair? all) (string? (caar all)))) ;=> #t
(map procedure? (list exit emergency-exit)) ;=> (#t #t)
; comments, identifiers, delimiters
(list 1 #;2 3 #;(4 5) #| 6 #| 7 |# |# 8) ;=> (1 3 8)
'(a #;b) ;=> (a)
'(1 #;#;2 3 4) ;=> (1 4)
'#(a #;b c) ;=> #(a c)
'(a . #;x b) ;=> (a . b)
'(a ; comment
  b) ;=> (a b)
#!fold-case
'ABC ;=> abc
'#\A ;=> #\A
"ABC" ;=> "ABC"
#!no-fold-case
'ABC ;=> ABC
'(|a\x41;b| |a
b|) ;=> (aAb |a\nb|)
'#0=(a . #0#) ;=> #0=(a . #0#)
'(#1=(x) #1#) ;=> ((x) (x))
(let ((x '#2=(1 2 . #2#))) (eq? x (cddr x))) ;=> #t
(list #t #true #f #false) ;=> (#t #t #f #f)
(quote #\() ;=> #\(
'[a b] ;=> (a b)
