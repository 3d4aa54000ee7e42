; R7RS 2.3, 6.2.7, 7.1.1: how numbers are written, read and converted
'(1 -1 +1 0 -0 007) ;=> (1 -1 1 0 0 7)
'(1. .5 -.5 +.5 1.5 00.50 1e2 1E2 1.5e-3 1e+2 .1e1) ;=> (1.0 0.5 -0.5 0.5 1.5 0.5 100.0 100.0 0.0015 100.0 1.0)
'(1/2 -1/2 2/4 4/2 +6/4) ;=> (1/2 -1/2 1/2 2 3/2)
'(+inf.0 -inf.0 +nan.0 +INF.0 -nan.0) ;=> (+inf.0 -inf.0 +nan.0 +inf.0 +nan.0)
'(#xff #xFF #b101 #o17 #d10 #x-ff #b-101 #XAB #B11) ;=> (255 255 5 15 10 -255 -5 171 3)
'(#e1.5 #i1/2 #e1e3 #i10 #e.25 #E1.5 #I1) ;=> (3/2 0.5 1000 10.0 1/4 3/2 1.0)
'(#x#e10 #e#x10 #i#b101 #b#i101 #d#e1.5 #e#d1.5) ;=> (16 16 5.0 5.0 3/2 3/2)
'(#x1/2 #b1/10 #o7/10 #xA/B) ;=> (1/2 1/2 7/8 10/11)
'(1+2i 1-2i +i -i 1+i 1-i +2i -2.5i 0+1i) ;=> (1+2i 1-2i +i -i 1+i 1-i +2i -2.5i +i)
'(1/2+3/4i 1.5+2i 1e2+1e3i .5-.5i) ;=> (1/2+3/4i 1.5+2.0i 100.0+1000.0i 0.5-0.5i)
'(+inf.0+inf.0i -inf.0i 1+inf.0i +nan.0i) ;=> (+inf.0+inf.0i -inf.0i 1.0+inf.0i +nan.0i)
'(1@0 0@1 -1@0 3@0) ;=> (1 0 -1 3)
(< 0.54 (real-part '1@1) 0.541) ;=> #t
'(#x10+11i #xa-bi #b1+10i) ;=> (16+17i 10-11i 1+2i)
'(#i1+2i #e1.5+2.5i #e1@0) ;=> (1.0+2.0i 3/2+5/2i 1)
'(1+0i 1.0+0i 1+0.0i 5-0i) ;=> (1 1.0 1.0+0.0i 5)
(map symbol? '(+ - ... 1+ -1+ +a -a .a +.a - -- ->x +- a1 1/2/3 1+2 +i+ --1)) ;=> (#t #t #t #t #t #t #t #t #t #t #t #t #t #t #t #t #t #t)
(map symbol? '(e1 i inf.0 +inf -inf.00 +nan.0x)) ;=> (#t #t #t #t #t #t)
; string->number
(map string->number '("100" "1e2" "-1.5" "1/2" ".5" "5." "+5" "#xff" "#e1.5")) ;=> (100 100.0 -1.5 1/2 0.5 5.0 5 255 3/2)
(map string->number '("" "." "+" "-" "a" "1a" "1 2" "--1" "1/" "/2" "1.2.3" "1e" "e1" "#x" "1/0" "+5+" "i" "#b2" "1@")) ;=> (#f #f #f #f #f #f #f #f #f #f #f #f #f #f #f #f #f #f #f)
(map (lambda (s) (string->number s 16)) '("ff" "FF" "-a" "10" "g" "1/a" "#d10")) ;=> (255 255 -10 16 #f 1/10 10)
(list (string->number "101" 2) (string->number "777" 8) (string->number "100" 16) (string->number "12" 2)) ;=> (5 511 256 #f)
(map string->number '("+i" "1+2i" "-inf.0" "+nan.0" "1+inf.0i" "INF.0" "1I" "+2I")) ;=> (+i 1+2i -inf.0 +nan.0 1.0+inf.0i #f #f +2i)
(string->number "1e500") ;=> +inf.0
(string->number "1e-500") ;=> 0.0
(string->number "10" 37) ;!! eval
; number->string
(map number->string '(10 -10 1/2 1.5 100.0 1e21 1e-7 +inf.0 -inf.0 +nan.0 1+2i)) ;=> ("10" "-10" "1/2" "1.5" "100.0" "1e21" "1e-7" "+inf.0" "-inf.0" "+nan.0" "1+2i")
(list (number->string 255 16) (number->string -255 2) (number->string 8 8) (number->string 1/3 3) (number->string 35 36)) ;=> ("ff" "-11111111" "10" "1/10" "z")
(list (number->string 0.5 2) (number->string 10.0 16) (number->string -2.75 2) (number->string +inf.0 2)) ;=> ("0.1" "a.0" "-10.11" "+inf.0")
(list (number->string 16+17i 16) (number->string 0 2) (number->string 0.0)) ;=> ("10+11i" "0" "0.0")
(number->string 1 1) ;!! eval
(map (lambda (x) (eqv? x (string->number (number->string x)))) (list 0.1 1e23 1.7976931348623157e308 5e-324 123456789.123 1/3 -0.0)) ;=> (#t #t #t #t #t #t #t)
(map (lambda (r) (string->number (number->string 3735928559 r) r)) '(2 8 10 16)) ;=> (3735928559 3735928559 3735928559 3735928559)
(string->number (number->string 0.1 2) 2) ;=> 0.1
(map number->string '(123456789012345678901.0 1e100 0.000001 12345.678)) ;=> ("1.2345678901234568e20" "1e100" "1e-6" "12345.678")
(list .1 100000000000000000000.0 1e22) ;=> (0.1 1e20 1e22)
(list 1s2 1S2 5f-1 2.5d0 .5L1 1e2 -1f2) ;=> (100.0 100.0 0.5 2.5 5.0 100.0 -100.0)
(list #e1f2 1.0+2s1i #x1f2 (string->number "1d2") (string->number "1d") (string->number "1f2" 16)) ;=> (100 1.0+20.0i 498 100.0 #f 498)
(list '|1s2| (string->symbol "2d6") '1s 'd2) ;=> (|1s2| |2d6| 1s d2)
(map symbol->string (list '|+nan.0x| '|-INF.0| '+inf '|-nan.01|)) ;=> ("+nan.0x" "-INF.0" "+inf" "-nan.01")
(list '|+nan.0x| '|-inf.00| '+infinity '-nan '|+inf.0|) ;=> (|+nan.0x| |-inf.00| +infinity -nan |+inf.0|)
