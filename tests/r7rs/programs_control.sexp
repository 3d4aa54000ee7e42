; Short programs across sections: control, macros, exceptions, values, promises, parameters
(define (tree->generator tree)
  (define return #f)
  (define (start) (let walk ((x tree)) (cond ((null? x) #f) ((pair? x) (walk (car x)) (walk (cdr x))) (else (call/cc (lambda (k) (set! start (lambda () (k #f))) (return x)))))) (return 'done))
  (lambda () (call/cc (lambda (r) (set! return r) (start)))))
(define g (tree->generator '((1 2) (3 (4)) 5)))
(let loop ((i 0) (acc '())) (if (= i 7) (reverse acc) (loop (+ i 1) (cons (g) acc)))) ;=> (1 2 3 4 5 done done)
(define path '())
(define kk #f)
(define (add s) (set! path (cons s path)))
(let ((n 0)) (dynamic-wind (lambda () (add 'in)) (lambda () (add (call/cc (lambda (c) (set! kk c) 'first)))) (lambda () (add 'out))) (set! n (+ n 1)) (if (< n 3) (kk n)))
(reverse path) ;=> (in first out in 1 out in 2 out)
`(a `(b ,(c ,(+ 1 2)))) ;=> (a `(b ,(c 3)))
`(a `(b ,(foo ,(+ 1 3) d) e) f) ;=> (a `(b ,(foo 4 d) e) f)
(let ((name1 'x) (name2 'y)) `(a `(b ,,name1 ,',name2 d) e)) ;=> (a `(b ,x ,'y d) e)
`#(10 5 ,(sqrt 4) ,@(map sqrt '(16 9)) 8) ;=> #(10 5 2 4 3 8)
`((foo ,(- 10 3)) ,@(cdr '(c)) . ,(car '(cons))) ;=> ((foo 7) . cons)
`(1 . ,(+ 1 1)) ;=> (1 . 2)
`(1 ,@'(2 3)) ;=> (1 2 3)
`#(1 ,@'(2)) ;=> #(1 2)
(define-syntax my-let* (syntax-rules () ((_ () b ...) (let () b ...)) ((_ ((n v) rest ...) b ...) (let ((n v)) (my-let* (rest ...) b ...)))))
(my-let* ((x 3) (y (+ x 1))) (+ x y)) ;=> 7
(define-syntax flat (syntax-rules () ((_ (a b ...) ...) '(a ... (b ... ) ... b ... ...))))
(flat (1 2 3) (4 5)) ;=> (1 4 (2 3) (5) 2 3 5)
(define-syntax tail (syntax-rules () ((_ a ... b c) '(c b (a ...)))))
(tail 1 2 3 4) ;=> (4 3 (1 2))
(tail 1 2) ;=> (2 1 ())
(define-syntax esc (syntax-rules () ((_ x) '(x (... ...)))))
(esc 1) ;=> (1 ...)
(define-syntax ell (syntax-rules ::: () ((_ x :::) '(x ::: ...))))
(ell 1 2) ;=> (1 2 ...)
(define-syntax vecm (syntax-rules () ((_ #(a (b c ...) ...)) '(a (b ...) (c ... ...)))))
(vecm #(1 (2 3) (4 5 6))) ;=> (1 (2 4) (3 5 6))
(define-syntax lit (syntax-rules (=>) ((_ a => b) '(arrow a b)) ((_ a b c) '(plain a b c))))
(lit 1 => 2) ;=> (arrow 1 2)
(let ((=> 0)) (lit 1 => 2)) ;=> (plain 1 => 2)
(define-syntax be-like-begin (syntax-rules () ((_ name) (define-syntax name (syntax-rules () ((_ expr (... ...)) (begin expr (... ...))))))))
(be-like-begin sequence)
(sequence 1 2 3 4) ;=> 4
(let ((if #f)) (define-syntax m (syntax-rules () ((_ a) (cond (#t a))))) (m 1)) ;=> 1
(let ((if list)) (let-syntax ((m (syntax-rules () ((_ a b) (cond (a b) (else 'no)))))) (m #t 'now))) ;=> now
(define-syntax my-or (syntax-rules () ((my-or) #f) ((my-or e) e) ((my-or e1 e2 ...) (let ((temp e1)) (if temp temp (my-or e2 ...))))))
(let ((x #f) (y 7) (temp 8) (let odd?) (if even?)) (my-or x (let temp) (if y) y)) ;=> 7
(define-syntax underscore (syntax-rules () ((_ _ x _) 'x)))
(underscore a b c) ;=> b
(define-syntax dot (syntax-rules () ((_ a . b) '(a b))))
(dot 1 2 3) ;=> (1 (2 3))
(define-syntax dot2 (syntax-rules () ((_ (a ... . r)) '((a ...) r))))
(dot2 (1 2 . 3)) ;=> ((1 2) 3)
(dot2 (1 2)) ;=> ((1 2) ())
(letrec-syntax ((my-or (syntax-rules () ((_) #f) ((_ e) e) ((_ e1 e2 ...) (let ((temp e1)) (if temp temp (my-or e2 ...))))))) (let ((x #f) (y 7) (temp 8) (let odd?) (if even?)) (my-or x (let temp) (if y) y))) ;=> 7
(with-exception-handler (lambda (con) (cond ((string? con) 42) (else 'what))) (lambda () (+ (raise-continuable "x") 23))) ;=> 65
(guard (c ((assq 'a c) => cdr) ((assq 'b c))) (raise (list (cons 'a 42)))) ;=> 42
(guard (c ((assq 'a c) => cdr) ((assq 'b c))) (raise (list (cons 'b 23)))) ;=> (b . 23)
(guard (e (#t (list 'outer e 'x))) (guard (e2 ((number? e2) 'no)) (raise 'inner))) ;=> (outer inner x)
(define log '())
(with-exception-handler (lambda (e) 10) (lambda () (guard (e ((string? e) 'str)) (raise-continuable 1)))) ;=> 10
(let ((l '())) (guard (e (#t #f)) (dynamic-wind (lambda () (set! l (cons 'a l))) (lambda () (set! l (cons 'b l)) (raise 'x)) (lambda () (set! l (cons 'c l))))) l) ;=> (c b a)
(guard (e ((error-object? e) (error-object-message e))) (error "msg" 1 2)) ;=> "msg"
(guard (e ((error-object? e) (error-object-irritants e))) (error "msg" 1 2)) ;=> (1 2)
(guard (e ((file-error? e) #t) (else (list 'other e))) (open-input-file "/nonexistent/x")) ;=> #t
(guard (e ((read-error? e) #t)) (read (open-input-string "(1 . "))) ;=> #t
(with-exception-handler (lambda (e) 'outer) (lambda () (with-exception-handler (lambda (e) (raise-continuable e)) (lambda () (if (eq? 'outer (raise-continuable 1)) 'nested 'no))))) ;=> nested
(let-values (((a b . c) (values 1 2 3 4))) (list a b c)) ;=> (1 2 (3 4))
(let ((a 'a) (b 'b) (x 'x) (y 'y)) (let*-values (((a b) (values x y)) ((x y) (values a b))) (list a b x y))) ;=> (x y x y)
(let ((a 'a) (b 'b) (x 'x) (y 'y)) (let-values (((a b) (values x y)) ((x y) (values a b))) (list a b x y))) ;=> (x y a b)
(define-values (h . r) (values 1 2 3))
(list h r) ;=> (1 (2 3))
(call-with-values (lambda () (values 4 5)) (lambda (a b) b)) ;=> 5
(call-with-values * -) ;=> -1
(receive (a . b) (values 3 3) (cons a b)) ;=> (3 3)
(define integers (letrec ((next (lambda (n) (delay (cons n (next (+ n 1))))))) (next 0)))
(define (head s) (car (force s)))
(define (tl s) (cdr (force s)))
(head (tl (tl integers))) ;=> 2
(define (stream-filter p? s) (delay-force (if (null? (force s)) (delay '()) (let ((h (car (force s))) (t (cdr (force s)))) (if (p? h) (delay (cons h (stream-filter p? t))) (stream-filter p? t))))))
(head (tl (tl (stream-filter odd? integers)))) ;=> 5
(define (loop n) (if (= n 0) (delay 'done) (delay-force (loop (- n 1)))))
(force (loop 10000)) ;=> done
(define count 0)
(define p (delay (begin (set! count (+ count 1)) (if (> count x) count (force p)))))
(define x 5)
(force p) ;=> 6
(begin (set! x 10) (force p)) ;=> 6
(promise? (make-promise 1)) ;=> #t
(force (make-promise (make-promise 1))) ;=> 1
(force 5) ;=> 5
(define radix (make-parameter 10 (lambda (x) (if (and (exact-integer? x) (<= 2 x 16)) x (error "invalid radix")))))
(define (f n) (number->string n (radix)))
(f 12) ;=> "12"
(parameterize ((radix 2)) (f 12)) ;=> "1100"
(f 12) ;=> "12"
(guard (e (#t 'bad)) (parameterize ((radix 0)) (f 12))) ;=> bad
(define kp #f)
(let ((p (make-parameter 1)) (n 0)) (let ((r (parameterize ((p 2)) (let ((v (call/cc (lambda (k) (set! kp k) (p))))) (list v (p)))))) (set! n (+ n 1)) (if (< n 2) (kp (p)) (if (= n 2) '(2 2) r)))) ;=> (2 2)
