; R7RS 6.2: numbers
(map number? '(1 1/2 1.5 1+2i +inf.0 a "1" #\1 #t)) ;=> (#t #t #t #t #t #f #f #f #f)
(map complex? (list 3 3+4i 'x)) ;=> (#t #t #f)
(map real? (list 3 -2.5+0i -2.5+0.0i 1e10 +inf.0 +nan.0 1+2i)) ;=> (#t #t #f #t #t #t #f)
(map rational? (list -inf.0 3.5 6/10 6/3 +nan.0 1+i)) ;=> (#f #t #t #t #f #f)
(map integer? (list 3+0i 3.0 8/4 1.5 1/2 +inf.0 1+i)) ;=> (#t #t #t #f #f #f #f)
(map exact? (list 3.0 #e3.0 3. 1/2 1+2i 1.0+2i)) ;=> (#f #t #f #t #t #f)
(map inexact? (list 3. 3 1+2i 1.5+2i)) ;=> (#t #f #f #t)
(exact? 'a) ;!! type
(map exact-integer? '(32 32.0 32/5 1+i)) ;=> (#t #f #f #f)
(map finite? (list 3 +inf.0 3.0+inf.0i 1+2i)) ;=> (#t #f #f #t)
(map infinite? (list 3 +inf.0 +nan.0 3.0+inf.0i)) ;=> (#f #t #f #t)
(map nan? (list +nan.0 32 +nan.0+5.0i 1+2i)) ;=> (#t #f #t #f)
; comparison
(= 1 1.0 2/2 1+0i) ;=> #t
(= 1 1 2) ;=> #f
(= 1/2 0.5) ;=> #t
(= 1+2i 1.0+2.0i) ;=> #t
(= 1+2i 1) ;=> #f
(= +nan.0 +nan.0) ;=> #f
(< 1 2 3) ;=> #t
(< 1 3 2) ;=> #f
(< 1 2 2) ;=> #f
(<= 1 2 2) ;=> #t
(> 3 2 1) ;=> #t
(>= 3 3 1) ;=> #t
(< 1 +nan.0) ;=> #f
(< -inf.0 0 +inf.0) ;=> #t
(< 1 2 1+i) ;!! type
(= 9007199254740993 9007199254740992.0) ;=> #f
(< 9007199254740992.0 9007199254740993) ;=> #t
(map zero? (list 0 0.0 -0.0 0/5 1 +nan.0)) ;=> (#t #t #t #t #f #f)
(zero? 0+1i) ;=> #f
(map positive? (list 1 0 -1 0.1 +inf.0 -0.0)) ;=> (#t #f #f #t #t #f)
(map negative? (list 1 0 -1 -0.1 -inf.0 -0.0)) ;=> (#f #f #t #t #t #f)
(map odd? '(1 2 -1 0 3.0)) ;=> (#t #f #t #f #t)
(map even? '(1 2 -2 0 4.0)) ;=> (#f #t #t #t #t)
(even? 1.5) ;!! type
(max 3 4) ;=> 4
(max 3.9 4) ;=> 4.0
(max 1/2 1/3) ;=> 1/2
(min 3 4 -1) ;=> -1
(min 1 2.5) ;=> 1.0
(max 1) ;=> 1
; arithmetic
(list (+ 3 4) (+ 3) (+) (* 4) (*)) ;=> (7 3 0 4 1)
(list (- 3 4) (- 3 4 5) (- 3)) ;=> (-1 -6 -3)
(list (/ 3 4 5) (/ 3) (/ 6 3) (/ 0.5)) ;=> (3/20 1/3 2 2.0)
(/ 1 0) ;!! division
(/ 0 0) ;!! division
(/ 0.0 0) ;!! division
(/ 1 0.0) ;=> +inf.0
(/ -1 0.0) ;=> -inf.0
(/ 1 -0.0) ;=> -inf.0
(/ 0 5.0) ;=> 0.0
(+ 1/2 1/2) ;=> 1
(exact? (+ 1/2 1/2)) ;=> #t
(+ 1/2 0.5) ;=> 1.0
(- 0.0) ;=> -0.0
(- 0 0.0) ;=> 0.0
(- 5) ;=> -5
(- 1+2i) ;=> -1-2i
(* 2 3/2) ;=> 3
(* 1.5 0) ;=> 0.0
(+ 1+2i 3-2i) ;=> 4
(- 1+2i 1+i) ;=> +i
(* +i +i) ;=> -1
(* 1+2i 3+4i) ;=> -5+10i
(/ 1+2i 3+4i) ;=> 11/25+2/25i
(/ 5 1+2i) ;=> 1-2i
(+ 1+2i 0.5) ;=> 1.5+2.0i
(* 2.0 1+i) ;=> 2.0+2.0i
(/ 1+i 0) ;!! division
(map abs '(-7 7 -7/2 -1.5 0)) ;=> (7 7 7/2 1.5 0)
(abs -inf.0) ;=> +inf.0
(magnitude -5) ;=> 5
; integer division
(call-with-values (lambda () (floor/ 5 2)) list) ;=> (2 1)
(call-with-values (lambda () (floor/ -5 2)) list) ;=> (-3 1)
(call-with-values (lambda () (floor/ 5 -2)) list) ;=> (-3 -1)
(call-with-values (lambda () (floor/ -5 -2)) list) ;=> (2 -1)
(call-with-values (lambda () (truncate/ 5 2)) list) ;=> (2 1)
(call-with-values (lambda () (truncate/ -5 2)) list) ;=> (-2 -1)
(call-with-values (lambda () (truncate/ 5 -2)) list) ;=> (-2 1)
(call-with-values (lambda () (truncate/ -5 -2)) list) ;=> (2 -1)
(call-with-values (lambda () (truncate/ -5.0 2)) list) ;=> (-2.0 -1.0)
(list (floor-quotient -7 2) (floor-remainder -7 2) (truncate-quotient -7 2) (truncate-remainder -7 2)) ;=> (-4 1 -3 -1)
(list (quotient 17 -5) (remainder 17 -5) (modulo 17 -5) (modulo -17 5) (remainder -17 5)) ;=> (-3 2 -3 3 -2)
(list (modulo -13 4.0) (remainder -13 4.0) (quotient 13.0 4)) ;=> (3.0 -1.0 3.0)
(floor/ 5 0) ;!! division
(quotient 5.5 2) ;!! type
(list (gcd 32 -36) (gcd) (gcd 0 5) (gcd 32.0 -36)) ;=> (4 0 5 4.0)
(list (lcm 32 -36) (lcm 32.0 -36) (lcm) (lcm 0 5)) ;=> (288 288.0 1 0)
(list (numerator (/ 6 4)) (denominator (/ 6 4)) (denominator 0) (denominator (inexact (/ 6 4))) (numerator 0.5)) ;=> (3 2 1 2.0 1.0)
; rounding
(map floor '(-4.3 3.5 7/2 -7/2 3)) ;=> (-5.0 3.0 3 -4 3)
(map ceiling '(-4.3 3.5 7/2 -7/2 3)) ;=> (-4.0 4.0 4 -3 3)
(map truncate '(-4.3 3.5 7/2 -7/2 3)) ;=> (-4.0 3.0 3 -3 3)
(map round '(-4.3 3.5 2.5 -2.5 7/2 5/2 7 -0.4)) ;=> (-4.0 4.0 2.0 -2.0 4 2 7 -0.0)
(floor +inf.0) ;=> +inf.0
(list (rationalize (exact .3) 1/10) (rationalize .3 1/10) (rationalize 3/10 0) (rationalize -3/10 1/10)) ;=> (1/3 0.3333333333333333 3/10 -1/3)
(rationalize 1/4 1) ;=> 0
(rationalize +inf.0 1) ;=> +inf.0
(rationalize 1 +inf.0) ;=> 0.0
; transcendental
(list (exp 0) (sin 0) (cos 0) (atan 0) (log 1) (sqrt 0)) ;=> (1 0 1 0 0 0)
(exp 1) ;=> 2.718281828459045
(list (log 100 10) (log 8 2) (log 1024 2)) ;=> (2.0 3.0 10.0)
(< 2.9999 (log 27 3) 3.0001) ;=> #t
(log 0.0) ;=> -inf.0
(log 0) ;!! division
(let ((z (log -1))) (list (real-part z) (imag-part z))) ;=> (0.0 3.141592653589793)
(list (atan 1 1) (atan -1 1) (atan 1 -1) (atan 0.0 -1.0) (atan -0.0 -1.0)) ;=> (0.7853981633974483 -0.7853981633974483 2.356194490192345 3.141592653589793 -3.141592653589793)
(list (atan 0 1) (atan 1 0) (atan +inf.0)) ;=> (0 1.5707963267948966 1.5707963267948966)
(list (asin 1) (acos 1) (acos -1.0)) ;=> (1.5707963267948966 0 3.141592653589793)
(exp +inf.0) ;=> +inf.0
(exp -inf.0) ;=> 0.0
(map square '(42 2.0 1/2 +i)) ;=> (1764 4.0 1/4 -1)
(map sqrt '(9 16/9 2.25 -1 -4 -2.25)) ;=> (3 4/3 1.5 +i +2i +1.5i)
(sqrt 2) ;=> 1.4142135623730951
(sqrt -2.0) ;=> +1.4142135623730951i
(sqrt -3+4i) ;=> 1+2i
(exact? (sqrt 16)) ;=> #t
(sqrt 1e300) ;=> 1e150
(sqrt (expt 10 400)) ;=> 100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
(call-with-values (lambda () (exact-integer-sqrt 4)) list) ;=> (2 0)
(call-with-values (lambda () (exact-integer-sqrt 5)) list) ;=> (2 1)
(call-with-values (lambda () (exact-integer-sqrt 0)) list) ;=> (0 0)
(call-with-values (lambda () (exact-integer-sqrt (* (expt 10 40) (expt 10 40)))) (lambda (s r) (= s (expt 10 40)))) ;=> #t
(exact-integer-sqrt -1) ;!! eval
(exact-integer-sqrt 4.0) ;!! type
(list (expt 2 10) (expt 2 -2) (expt 2.0 3) (expt 0 0) (expt 0.0 0) (expt 0 5) (expt 1/2 3)) ;=> (1024 1/4 8.0 1 1.0 0 1/8)
(list (expt 4 1/2) (expt 4 0.5) (expt 8.0 0)) ;=> (2 2.0 1.0)
(expt 0 -1) ;!! division
(expt +i 2) ;=> -1
(expt 1+i 4) ;=> -4
(expt 1+i -1) ;=> 1/2-1/2i
(< 0.2078 (real-part (expt +i +i)) 0.2079) ;=> #t
(expt 0 1.5) ;=> 0.0
(expt 0.0 2) ;=> 0.0
; complex parts
(list (make-rectangular 1 2) (make-rectangular 1.5 2) (make-rectangular 3 0) (make-rectangular 3 0.0)) ;=> (1+2i 1.5+2.0i 3 3.0+0.0i)
(list (real-part 1+2i) (imag-part 1+2i) (real-part 5) (imag-part 5) (imag-part 1.5)) ;=> (1 2 5 0 0)
(list (magnitude 3+4i) (magnitude -3) (angle 1) (angle -1.0) (make-polar 2 0)) ;=> (5 3 0 3.141592653589793 2)
(angle +i) ;=> 1.5707963267948966
(let ((z (make-polar 1 3.141592653589793))) (< -1.0001 (real-part z) -0.9999)) ;=> #t
(exact 1.5+2.0i) ;=> 3/2+2i
(inexact 1+2i) ;=> 1.0+2.0i
(make-rectangular 1 'a) ;!! type
; exactness
(list (exact 2.5) (exact 3.0) (exact 7) (inexact 1/4) (inexact 3)) ;=> (5/2 3 7 0.25 3.0)
(list (inexact->exact 0.25) (exact->inexact 1/8)) ;=> (1/4 0.125)
(exact +inf.0) ;!! eval
(exact +nan.0) ;!! eval
(inexact 12345678901234567890123) ;=> 1.2345678901234568e22
(exact 1e20) ;=> 100000000000000000000
(exact 0.1) ;=> 3602879701896397/36028797018963968
; exact comparisons of big and small
(exact->inexact 1/3) ;=> 0.3333333333333333
(* 99999999999999999999 99999999999999999999) ;=> 9999999999999999999800000000000000000001
(quotient 123456789012345678901234567890 987654321) ;=> 124999998873437499901
(eqv? 100000000000000000000 100000000000000000000) ;=> #t
(list (eqv? 1.0 1) (eqv? 0.0 -0.0) (eqv? +nan.0 +nan.0) (eqv? 1/2 1/2) (eqv? 1+2i 1+2i) (eqv? 1+2i 1.0+2.0i)) ;=> (#f #f #t #t #t #f)
(equal? 1+2i 1+2i) ;=> #t
(hash-ref (hash-table 1+2i 'found) 1+2i) ;=> found
(exact-rational? 1/2) ;=> #t
(list (boolean=? #t #t) (boolean=? #t #f) (boolean=? #f #f #f) (boolean=? #t #t #f)) ;=> (#t #f #t #f)
(boolean=? 1 1) ;!! type
(+ 'a 1) ;!! type
(exact-integer? (exact (floor 2.5))) ;=> #t
(exact (floor 2.5)) ;=> 2
(number->string (/ 1 3)) ;=> "1/3"
(nan? 'a) ;!! type
(list (sqrt -1.0-0.0i) (sqrt -1.0+0.0i) (sqrt -3-4i) (sqrt 0.0-2.0i)) ;=> (+1.0i +1.0i 1-2i 1.0-1.0i)
; beyond 1 by the formulas of 6.2.6: asin z = -i log(iz + sqrt(1-z²)), acos z = π/2 - asin z
(map (lambda (z) (let ((w (* 1000 z))) (make-rectangular (exact (round (real-part w))) (exact (round (imag-part w)))))) (list (asin 2) (asin -2.0) (acos 2.0) (acos -2) (asin 3/2))) ;=> (1571-1317i -1571+1317i +1317i 3142-1317i 1571-962i)
(map (lambda (z) (< (magnitude (- z (sin (asin z)))) 1e-9)) '(2 -2.0 1+2i -1.5-3i 0.5)) ;=> (#t #t #t #t #t)
