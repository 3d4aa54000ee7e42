; R7RS 4.1, 4.2: expressions
(define x 28)
x ;=> 28
'(quote a) ;=> 'a
''a ;=> 'a
'#(a b c) ;=> #(a b c)
(list '"abc" '145932 '#\a '#t) ;=> ("abc" 145932 #\a #t)
((if #f + *) 3 4) ;=> 12
((lambda (x) (+ x x)) 4) ;=> 8
(let ((reverse-subtract (lambda (x y) (- y x)))) (reverse-subtract 7 10)) ;=> 3
((lambda x x) 3 4 5 6) ;=> (3 4 5 6)
((lambda x x)) ;=> ()
((lambda (x y . z) z) 3 4 5 6) ;=> (5 6)
((lambda (x y . z) z) 3 4) ;=> ()
((lambda (x . y) (list x y)) 1) ;=> (1 ())
((lambda (x y) x) 1) ;!! arity
((lambda (x x) x) 1 2) ;!! syntax
(list (if (> 3 2) 'yes 'no) (if (> 2 3) 'yes 'no) (if (> 3 2) (- 3 2) (+ 3 2)) (if '() 1 2)) ;=> (yes no 1 1)
(let ((x 2)) (+ x 1) (set! x 4) (+ x 1)) ;=> 5
(set! unknown-variable 1) ;!! unbound
; cond, case
(list (cond ((> 3 2) 'greater) ((< 3 2) 'less)) (cond ((> 3 3) 'greater) ((< 3 3) 'less) (else 'equal))) ;=> (greater equal)
(list (cond ('(1 2 3) => cadr) (else #f)) (cond ((assv 'b '((a 1) (b 2))) => cadr) (else #f)) (cond (#f 1) (2)) (cond (#f) (else 5))) ;=> (2 2 2 5)
(let ((=> 1)) (cond (#t => 'ok))) ;=> ok
(let ((else #f)) (cond (else 'no) (#t 'yes))) ;=> yes
(cond (else)) ;!! syntax
(cond (1 => )) ;!! syntax
(list (case (* 2 3) ((2 3 5 7) 'prime) ((1 4 6 8 9) 'composite)) (case (car '(c d)) ((a e i o u) 'vowel) ((w y) 'semivowel) (else => (lambda (x) x)))) ;=> (composite c)
(map (lambda (x) (case x ((a e i o u) => (lambda (w) (list 'vowel w))) ((w y) (list 'semivowel x)) (else => (lambda (x) (list 'other x))))) '(z y x w u)) ;=> ((other z) (semivowel y) (other x) (semivowel w) (vowel u))
(list (case #\a ((#\a #\b) 1) (else 2)) (case 2.0 ((2) 'exact) ((2.0) 'inexact)) (case '() ((()) 'nil) (else 'other)) (case #t ((#t) 'true) (else 'no)) (case 1/2 ((1/2) 'half) (else #f))) ;=> (1 inexact nil true half)
(let ((n 0)) (case (begin (set! n (+ n 1)) n) ((1) (list 'once n)) (else 'twice))) ;=> (once 1)
(list (and (= 2 2) (> 2 1)) (and (= 2 2) (< 2 1)) (and 1 2 'c '(f g)) (and)) ;=> (#t #f (f g) #t)
(list (or (= 2 2) (> 2 1)) (or (= 2 2) (< 2 1)) (or #f #f #f) (or (memq 'b '(a b c)) (/ 3 0)) (or)) ;=> (#t #t #f (b c) #f)
(list (when (= 1 1.0) 1 2 'x) (unless (= 1 2.0) 'y 'z)) ;=> (x z)
(let ((n 0)) (when #f (set! n 1)) (unless #t (set! n 2)) n) ;=> 0
(if) ;!! syntax
(if 1 2 3 4) ;!! syntax
(let ((x)) x) ;!! syntax
; binding
(let ((x 2) (y 3)) (* x y)) ;=> 6
(let ((x 2) (y 3)) (let ((x 7) (z (+ x y))) (* z x))) ;=> 35
(let ((x 2) (y 3)) (let* ((x 7) (z (+ x y))) (* z x))) ;=> 70
(let* () 5) ;=> 5
(let* ((x 1) (x (+ x 1)) (x (* x 10))) x) ;=> 20
(let ((x 1) (x 2)) x) ;!! syntax
(letrec ((even? (lambda (n) (if (zero? n) #t (odd? (- n 1))))) (odd? (lambda (n) (if (zero? n) #f (even? (- n 1)))))) (even? 88)) ;=> #t
(letrec* ((p (lambda (x) (+ 1 (q (- x 1))))) (q (lambda (y) (if (zero? y) 0 (+ 1 (p (- y 1)))))) (x (p 5)) (y x)) y) ;=> 5
(letrec ((a b) (b 1)) a) ;!! unbound
(let-values (((root rem) (exact-integer-sqrt 32))) (* root rem)) ;=> 35
(let ((a 'a) (b 'b) (x 'x) (y 'y)) (let*-values (((a b) (values x y)) ((x y) (values a b))) (list a b x y))) ;=> (x y x y)
(let ((a 'a) (b 'b) (x 'x) (y 'y)) (let-values (((a b) (values x y)) ((x y) (values a b))) (list a b x y))) ;=> (x y a b)
(let-values (((a . rest) (values 1 2 3)) (all (values 4 5)) (() (values)) ((one) 6)) (list a rest all one)) ;=> (1 (2 3) (4 5) 6)
(let*-values (((a b) (values 1 2)) ((c) (values (+ a b))) (d (values c c))) (define e 5) (list a b c d e)) ;=> (1 2 3 (3 3) 5)
(let-values () 1) ;=> 1
(let*-values () 1) ;=> 1
(let-values (((a b) (values 1 2 3))) a) ;!! arity
(let-values (((a b) (values 1))) a) ;!! arity
; sequencing, iteration
(let ((x 0)) (and (= x 0) (begin (set! x 5) (+ x 1)))) ;=> 6
(do ((vec (make-vector 5)) (i 0 (+ i 1))) ((= i 5) vec) (vector-set! vec i i)) ;=> #(0 1 2 3 4)
(let ((x '(1 3 5 7 9))) (do ((x x (cdr x)) (sum 0 (+ sum (car x)))) ((null? x) sum))) ;=> 25
(do ((i 0 (+ i 1)) (j 10)) ((= i 3) 'ignored (list i j))) ;=> (3 10)
(let ((n 0)) (do () ((= n 3)) (set! n (+ n 1))) n) ;=> 3
(map (lambda (p) (p)) (do ((i 0 (+ i 1)) (all '() (cons (lambda () i) all))) ((= i 3) all))) ;=> (2 1 0)
(let loop ((numbers '(3 -2 1 6 -5)) (nonneg '()) (neg '())) (cond ((null? numbers) (list nonneg neg)) ((>= (car numbers) 0) (loop (cdr numbers) (cons (car numbers) nonneg) neg)) (else (loop (cdr numbers) nonneg (cons (car numbers) neg))))) ;=> ((6 1 3) (-5 -2))
(let loop () 5) ;=> 5
(let loop ((i 0)) (define j (+ i 1)) (if (< j 5) (loop j) j)) ;=> 5
(let - ((n 3)) (if (= n 0) 'done (- 0))) ;=> done
; promises
(define integers (letrec ((next (lambda (n) (delay (cons n (next (+ n 1))))))) (next 0)))
(define (head stream) (car (force stream)))
(define (tail stream) (cdr (force stream)))
(head (tail (tail integers))) ;=> 2
(define (stream-filter p? s) (delay-force (if (null? (force s)) (delay '()) (let ((h (car (force s))) (t (cdr (force s)))) (if (p? h) (delay (cons h (stream-filter p? t))) (stream-filter p? t))))))
(head (tail (tail (stream-filter odd? integers)))) ;=> 5
(define count 0)
(define p (delay (begin (set! count (+ count 1)) (if (> count limit) count (force p)))))
(define limit 5)
(promise? p) ;=> #t
(force p) ;=> 6
(begin (set! limit 10) (force p)) ;=> 6
(let ((n 0)) (let ((p (delay (begin (set! n (+ n 1)) n)))) (list (force p) (force p)))) ;=> (1 1)
(define (count-down n) (if (= n 0) (delay 'end) (delay-force (count-down (- n 1)))))
(force (count-down 100000)) ;=> end
(define (loop-forced n) (if (= n 0) (delay 'end) (delay-force (delay-force (loop-forced (- n 1))))))
(force (loop-forced 10000)) ;=> end
(list (force (make-promise 5)) (promise? (make-promise 5)) (promise? (make-promise (make-promise 5))) (force (make-promise (delay 3))) (force 7) (promise? 7)) ;=> (5 #t #t 3 7 #f)
(let ((p (delay 1))) (eq? p (make-promise p))) ;=> #t
; a promise that others lead to computes once, whichever of them is forced first
(define computed 0)
(define base (delay (begin (set! computed (+ computed 1)) 'kept)))
(define over (delay-force base))
(define above (delay-force over))
(list (force above) (force over) (force base) computed) ;=> (kept kept kept 1)
(define beside (delay-force over))
(list (force beside) computed) ;=> (kept 1)
(define (numbers-from n) (delay (begin (set! computed (+ computed 1)) (cons n (numbers-from (+ n 1))))))
(define (numbers-after s count) (delay-force (if (= count 0) s (numbers-after (cdr (force s)) (- count 1)))))
(define all-numbers (numbers-from 0))
(begin (set! computed 0) (list (car (force (numbers-after all-numbers 6))) (car (force (numbers-after all-numbers 6))) computed)) ;=> (6 6 7)
; forced within its own computation, from either end of the chain
(define depth 0)
(define inner (delay (begin (set! depth (+ depth 1)) (if (< depth 4) (force outer) depth))))
(define outer (delay-force inner))
(list (force outer) (force inner) depth) ;=> (4 4 4)
(define failing (delay-force (if (= computed 7) (error "not yet") (delay computed))))
(list (guard (e (#t 'failed)) (force failing)) (begin (set! computed 8) (force failing))) ;=> (failed 8)
(force (delay (values 1))) ;=> 1
(let ((q (delay (error "first")))) (guard (e (#t 'caught)) (force q))) ;=> caught
(letrec ((r (delay (begin (set! n (+ n 1)) n))) (n 0)) (list (force r) (force r) n)) ;=> (1 1 1)
(procedure? (delay 1)) ;=> #f
; parameters
(define radix (make-parameter 10 (lambda (x) (if (and (exact-integer? x) (<= 2 x 16)) x (error "invalid radix")))))
(define (f n) (number->string n (radix)))
(list (f 12) (parameterize ((radix 2)) (f 12)) (f 12)) ;=> ("12" "1100" "12")
(parameterize ((radix 0)) (f 12)) ;!! error
(define a-parameter (make-parameter 10 number->string))
(list (a-parameter) (parameterize ((a-parameter 5)) (a-parameter)) (a-parameter)) ;=> ("10" "5" "10")
(let ((a (make-parameter 1)) (b (make-parameter 2))) (parameterize ((a (b)) (b (a))) (list (a) (b)))) ;=> (2 1)
(let ((p (make-parameter 1))) (guard (e (#t (p))) (parameterize ((p 2)) (raise 'x)))) ;=> 1
(let ((p (make-parameter 1))) (call/cc (lambda (k) (parameterize ((p 2)) (k 0)))) (p)) ;=> 1
(let ((p (make-parameter 1))) (parameterize ((p 2)) (define q (p)) (* q 10))) ;=> 20
(parameterize () 5) ;=> 5
(parameterize ((car 1)) 1) ;!! type
; case-lambda
(define range (case-lambda ((e) (range 0 e)) ((b e) (do ((r '() (cons e r)) (e (- e 1) (- e 1))) ((< e b) r)))))
(list (range 3) (range 3 5)) ;=> ((0 1 2) (3 4))
(define plus (case-lambda (() 0) ((x) x) ((x y) (+ x y)) ((x y . rest) (apply plus (+ x y) rest))))
(list (plus) (plus 1) (plus 1 2) (plus 1 2 3 4)) ;=> (0 1 3 10)
((case-lambda ((a) 'one) (all (list 'all all))) 1 2) ;=> (all (1 2))
((case-lambda ((a) 1) ((a b) 2))) ;!! arity
(let ((f (case-lambda ((a . rest) (list a rest)) (() 'none)))) (list (f) (f 1) (f 1 2))) ;=> (none (1 ()) (1 (2)))
(let ((f (case-lambda ((a) (define b 2) (+ a b))))) (f 1)) ;=> 3
(procedure? (case-lambda)) ;=> #t
; quasiquotation
`(list ,(+ 1 2) 4) ;=> (list 3 4)
(let ((name 'a)) `(list ,name ',name)) ;=> (list a 'a)
`(a ,(+ 1 2) ,@(map abs '(4 -5 6)) b) ;=> (a 3 4 5 6 b)
`((foo ,(- 10 3)) ,@(cdr '(c)) . ,(car '(cons))) ;=> ((foo 7) . cons)
`#(10 5 ,(sqrt 4) ,@(map sqrt '(16 9)) 8) ;=> #(10 5 2 4 3 8)
(let ((foo '(foo bar)) (@baz 'baz)) `(list ,@foo , @baz)) ;=> (list foo bar baz)
`(a `(b ,(c ,(+ 1 2)))) ;=> (a `(b ,(c 3)))
`(a `(b ,(foo ,(+ 1 3) d) e) f) ;=> (a `(b ,(foo 4 d) e) f)
(let ((name1 'x) (name2 'y)) `(a `(b ,,name1 ,',name2 d) e)) ;=> (a `(b ,x ,'y d) e)
`(1 . ,(+ 1 1)) ;=> (1 . 2)
`(1 ,@'(2 3) . 4) ;=> (1 2 3 . 4)
`,@(list 1 2) ;!! syntax
`(,@'() . foo) ;=> foo
`(,@(list 1 2) ,@(list 3)) ;=> (1 2 3)
`(1 . ,@(list 2 3)) ;!! syntax
(let ((x 5)) `(,x `(,x ,,x))) ;=> (5 `(,x ,5))
(quasiquote (list (unquote (+ 1 2)) 4)) ;=> (list 3 4)
`#(,@'(1 2) #(3 ,4)) ;=> #(1 2 #(3 4))
`(a `(b ,@(c ,@(list 1 2)))) ;=> (a `(b ,@(c 1 2)))
`((unquote-splicing (list 1 2)) 3) ;=> (1 2 3)
`() ;=> ()
`"s" ;=> "s"
`(,1 ,@'()) ;=> (1)
(let ((unquote list)) `(1 ,2)) ;=> (1 ,2)
; tail positions
(let loop ((i 0)) (cond ((= i 100000) 'done) (else (loop (+ i 1))))) ;=> done
(let loop ((i 0)) (case i ((100000) 'done) (else (loop (+ i 1))))) ;=> done
(let loop ((i 0)) (and #t (or #f (when #t (if (= i 100000) 'done (loop (+ i 1))))))) ;=> done
(let loop ((i 0)) (if (= i 100000) 'done (apply loop (list (+ i 1))))) ;=> done
(define (ping n) (if (= n 0) 'done (pong (- n 1))))
(define (pong n) (if (= n 0) 'done (call-with-values (lambda () (- n 1)) ping)))
(ping 100000) ;=> done
(let ((v '#0=#(1 #0#))) (eq? v (vector-ref v 1))) ;=> #t
(let-syntax ((q (syntax-rules () ((_ x) '(y x))))) (let ((l (q #0=#(1 #0#)))) (vector-ref (vector-ref (cadr l) 1) 0))) ;=> 1
(let-syntax ((q (syntax-rules () ((_ x) '(y x z))))) (let ((l (q (1 . #0=(2 . #0#))))) (list (car l) (caddr (cdadr l)) (caddr l)))) ;=> (y 2 z)
