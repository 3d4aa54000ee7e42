; Short programs across sections: coroutines, searches, macros of macros, syntax of data
(define (r s) (read (open-input-string s)))
(list 'x #\( #\x "a;b" #d1.5e3 #| nested #| c |# |# 5 #;(ignored (x)) ) ;=> (x #\( #\x "a;b" 1500.0 5)
(list (r "(a . b)") (r "( 1 ;c\n 2)") (r "#(1 #(2))") (r "'a")) ;=> ((a . b) (1 2) #(1 #(2)) 'a)
'(1 2 3) ;=> (1 2 3)
(list (eof-object? (r "")) (eof-object? (eof-object))) ;=> (#t #t)
(guard (e ((eq? e 'x) 'reraised)) (guard (e2 ((number? e2) 'num)) (dynamic-wind (lambda () #f) (lambda () (raise 'x)) (lambda () #f)))) ;=> reraised
(guard (e ((list? e) e)) (with-exception-handler (lambda (e) (raise (list 'caught))) (lambda () (raise 'x)))) ;=> (caught)
(guard (e (#t (error-object? e))) (with-exception-handler (lambda (e) 'ignored) (lambda () (raise 'oops)))) ;=> #t
(with-exception-handler (lambda (e) (* e 2)) (lambda () (+ 0 (raise-continuable 3)))) ;=> 6
(call/cc (lambda (k) (with-exception-handler (lambda (e) (k (list 'handler e))) (lambda () (raise 'k))))) ;=> (handler k)
(let ((x 1) (y 2)) (define-syntax swap! (syntax-rules () ((_ a b) (let ((tmp a)) (set! a b) (set! b tmp))))) (swap! x y) (list x y)) ;=> (2 1)
(let () (define-record-type p (mk a) p? (a pa)) (define-values (u v) (values 1 2)) (+ u v 0)) ;=> 3
(let () (define x 1) (begin (define y 2)) (list x y)) ;=> (1 2)
(let ((x #t)) (define-syntax not2 (syntax-rules () ((_ e) (if e #f #t)))) (not2 x)) ;=> #f
(let-syntax ((given-that (syntax-rules () ((_ test stmt1 stmt2 ...) (if test (begin stmt1 stmt2 ...)))))) (let ((if #t)) (given-that if (set! if 'ok)) if)) ;=> ok
(let ((x 'outer)) (let-syntax ((m (syntax-rules () ((m) x)))) (let ((x 'inner)) (m)))) ;=> outer
(let loop ((i 3) (acc '())) (if (zero? i) acc (loop (- i 1) (cons i acc)))) ;=> (1 2 3)
(let-syntax ((m (syntax-rules () ((_ (a b ...) ...) '((a (b ...)) ...))))) (m (1 2 3) (4 5))) ;=> ((1 (2 3)) (4 (5)))
(let-syntax ((m (syntax-rules () ((_ (x ...) y ...) (m2 (x ...) (y ...)))))) (let-syntax ((m2 (syntax-rules () ((_ (x ...) ys) '((x . ys) ...))))) '((a 1 2) (b 1 2)))) ;=> ((a 1 2) (b 1 2))
(define-syntax my-if (syntax-rules (then else) ((_ c then a else b) (if c a b))))
(my-if #t then 1 else 2) ;=> 1
(define-syntax while (syntax-rules () ((_ c body ...) (let lp () (when c body ... (lp))))))
(let ((i 0)) (while (< i 5) (set! i (+ i 1))) i) ;=> 5
(define-syntax for (syntax-rules (in) ((_ x in lst body ...) (for-each (lambda (x) body ...) lst))))
(let ((l '())) (for y in '(1 2 3) (set! l (cons y l))) l) ;=> (3 2 1)
(define-syntax my-let (syntax-rules () ((_ ((n v) ...) . body) ((lambda (n ...) . body) v ...)) ((_ tag ((n v) ...) . body) ((letrec ((tag (lambda (n ...) . body))) tag) v ...))))
(my-let f ((n 5)) (if (= n 0) 1 (* n (f (- n 1))))) ;=> 120
(define-syntax cnt (syntax-rules () ((_) 0) ((_ x . y) (+ 1 (cnt . y)))))
(cnt a b c d) ;=> 4
(define-syntax m3 (syntax-rules () ((_ (a (b c ...) ...) ...) '((a ...) (b ... ...) (c ... ... ...)))))
(m3 (1 (2 3) (4)) (5 (6 7 8))) ;=> ((1 5) (2 4 6) (3 7 8))
(define-syntax str (syntax-rules () ((_ "a" x) 'is-a) ((_ 1 x) 'is-1) ((_ #\c x) 'is-c) ((_ #t x) 'is-t) ((_ . r) 'other)))
(list (str "a" 0) (str 1 0) (str #\c 0) (str #t 0) (str 2 0)) ;=> (is-a is-1 is-c is-t other)
(define (make-acc n) (lambda (x) (set! n (+ n x)) n))
(define a1 (make-acc 10))
(define a2 (make-acc 100))
(let* ((x (a1 5)) (y (a2 5)) (z (a1 10))) (list x y z)) ;=> (15 105 25)
(let ((procs '())) (do ((i 0 (+ i 1))) ((= i 3)) (set! procs (cons (lambda () i) procs))) (map (lambda (p) (p)) (reverse procs))) ;=> (0 1 2)
(define q '())
(define (enq! k) (set! q (append q (list k))))
(define (deq!) (let ((k (car q))) (set! q (cdr q)) k))
(define out '())
(define (yield!) (call/cc (lambda (k) (enq! (lambda () (k #f))) ((deq!)))))
(define done #f)
(define (spawn name n) (enq! (lambda () (let lp ((i 0)) (if (< i n) (begin (set! out (cons (cons name i) out)) (yield!) (lp (+ i 1))))) (if (null? q) (done #f) ((deq!))))))
(spawn 'a 3)
(spawn 'b 2)
(call/cc (lambda (k) (set! done k) ((deq!))))
(reverse out) ;=> ((a . 0) (b . 0) (a . 1) (b . 1) (a . 2))
(define fail #f)
(define (amb-list l) (call/cc (lambda (k) (let ((saved fail)) (for-each (lambda (x) (call/cc (lambda (next) (set! fail (lambda () (next #f))) (k x)))) l) (set! fail saved) (saved)))))
(call/cc (lambda (ret) (set! fail (lambda () (ret 'none))) (let* ((a (amb-list '(1 2 3 4 5 6))) (b (amb-list '(1 2 3 4 5 6))) (c (amb-list '(1 2 3 4 5 6)))) (if (and (< a b) (= (* c c) (+ (* a a) (* b b)))) (list a b c) (fail))))) ;=> (3 4 5)
(call-with-values (lambda () (call/cc (lambda (k) (k 1 2 3)))) (lambda (a b . c) (list a b c))) ;=> (1 2 (3))
(let ((l '()) (k #f) (n 0)) (dynamic-wind (lambda () (set! n (+ n 1)) (set! l (cons (list 'in n) l))) (lambda () (call/cc (lambda (c) (set! k c)))) (lambda () (set! l (cons 'out l)))) (if (< n 2) (k #f) (let ((r (reverse l))) (list (car r) (caddr r) (cadr r))))) ;=> ((in 1) (in 2) out)
(let ((path '()) (c #f)) (let ((add (lambda (s) (set! path (cons s path))))) (dynamic-wind (lambda () (add 'connect)) (lambda () (add (call/cc (lambda (c0) (set! c c0) 'talk1)))) (lambda () (add 'disconnect))) (if (< (length path) 4) (c 'talk2) (reverse path)))) ;=> (connect talk1 disconnect connect talk2 disconnect)
(let ((k2 #f)) (+ 1 (call/cc (lambda (k) (set! k2 k) 0)))) ;=> 1
(let () (define (fibs a b) (cons a (delay (fibs b (+ a b))))) (let lp ((s (fibs 1 1)) (n 6)) (if (= n 0) '() (cons (car s) (lp (force (cdr s)) (- n 1)))))) ;=> (1 1 2 3 5 8)
(let ((p (delay (values 1 2)))) (call-with-values (lambda () (force p)) (lambda l (equal? l '(1 2))))) ;=> #t
(define r1 (delay (begin (display "") 'once)))
(list (force r1) (force r1)) ;=> (once once)
(force (delay-force (delay-force (delay 3)))) ;=> 3
(let* ((a (string-copy "hello")) (b (string-append a))) (string-set! a 1 #\x) (list a b)) ;=> ("hxllo" "hello")
(let ((s (list->string '(#\a #\b #\c #\d)))) (string-set! s 2 #\X) s) ;=> "abXd"
(let ((s (number->string 42))) (string-set! s 0 #\1) s) ;=> "12"
(let ((s (symbol->string 'abc))) (string=? s "abc")) ;=> #t
(let ((s (make-string 2 #\λ))) (string-set! s 1 #\x) (list s (string-length s) (string-ref s 1))) ;=> ("λx" 2 #\x)
(list (equal? (make-vector 2 'a) #(a a)) (eqv? "" "") (eq? (list 1) (list 1))) ;=> (#t #t #f)
(list (eqv? (lambda () 1) (lambda () 2)) (let ((p (lambda (x) x))) (eqv? p p))) ;=> (#f #t)
(list (apply (lambda (a . b) a) '(1 2)) (apply (lambda (a . b) b) 1 '(2)) (apply list '())) ;=> (1 (2) ())
'(vector 1 2) ;=> (vector 1 2)
(let ((f (lambda (x) x)) (p (open-output-string))) (display 'x p) "#<procedure f>") ;=> "#<procedure f>"
(list 'exact (exact 2.0) (exact 2.5)) ;=> (exact 2 5/2)
(string? (with-exception-handler (lambda (e) (error-object-message e)) (lambda () (raise-continuable (guard (x (#t x)) (error "m")))))) ;=> #t
(let ((al '((a . 1) (b . 2)))) (list (assq 'b al))) ;=> ((b . 2))
(let*-values (((q r) (floor/ 23 5))) (cons q r)) ;=> (4 . 3)
(string->number "1010" 2) ;=> 10
"#e1.5" ;=> "#e1.5"
#e1.5 ;=> 3/2
1000. ;=> 1000.0
(r "-1/2") ;=> -1/2
(r "+inf.0") ;=> +inf.0
(nan? (r "+nan.0")) ;=> #t
(r "1+i") ;=> 1+i
1 ;=> 1
(r "-i") ;=> -i
(r "|foo bar|") ;=> |foo bar|
(symbol->string (r "|\\x41;|")) ;=> "A"
(r "#!fold-case ABC") ;=> abc
(let ((v #(1 2 3 4))) (vector->list v)) ;=> (1 2 3 4)
(vector->string #(#\a #\b #\c) 1) ;=> "bc"
(string->vector "abc" 1 2) ;=> #(#\b)
(let ((x '(b c))) `(a . ,x)) ;=> (a b c)
'(a ,b) ;=> (a ,b)
(let* () (define x 2) x) ;=> 2
(let* ((x 0) (x (+ x 1))) x) ;=> 1
(let ((x 1)) (set! x 2) (= x 2)) ;=> #t
(let-syntax () '()) ;=> ()
(let loop ((i 1) (s 0)) (cond ((> i 5) s) (else (loop (+ i 1) (+ s i))))) ;=> 15
(let ((n 0)) (let again () (set! n (+ n 1)) (unless (= n 10) (again))) 'done) ;=> done
