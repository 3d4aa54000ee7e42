; R7RS 6.10, 6.11: re-entrant continuations, winding, handlers in their dynamic context
(let ((k #f) (n 0)) (call/cc (lambda (c) (set! k c))) (set! n (+ n 1)) (if (< n 3) (k #f)) n) ;=> 3
(define (make-generator items) (define return #f) (define (next) (for-each (lambda (x) (call/cc (lambda (go-on) (set! next (lambda () (go-on #f))) (return x)))) items) (return 'done)) (lambda () (call/cc (lambda (k) (set! return k) (next)))))
(let ((g (make-generator '(a b c)))) (let* ((x (g)) (y (g)) (z (g)) (w (g))) (list x y z w))) ;=> (a b c done)
(let ((path '()) (c #f)) (let ((add (lambda (s) (set! path (cons s path))))) (dynamic-wind (lambda () (add 'connect)) (lambda () (add (call/cc (lambda (c0) (set! c c0) 'talk1)))) (lambda () (add 'disconnect))) (if (< (length path) 4) (c 'talk2) (reverse path)))) ;=> (connect talk1 disconnect connect talk2 disconnect)
(let ((r '()) (k #f) (n 0)) (set! r (cons (+ 1 (call/cc (lambda (c) (set! k c) 1))) r)) (set! n (+ n 1)) (if (< n 3) (k (* n 10)) (reverse r))) ;=> (2 11 21)
(let ((ks '()) (n 0)) (let ((result (map (lambda (x) (call/cc (lambda (k) (set! ks (cons k ks)) x))) '(1 2 3)))) (set! n (+ n 1)) (if (= n 1) ((cadr ks) 20) result))) ;=> (1 20 3)
(let ((count 0) (k #f)) (let ((v (vector-map (lambda (x) (call/cc (lambda (c) (if (= x 2) (set! k c)) x))) #(1 2 3)))) (set! count (+ count 1)) (if (= count 1) (k 'two) v))) ;=> #(1 two 3)
(define (tree-walk tree) (call/cc (lambda (return) (let walk ((t tree)) (cond ((null? t) 'skip) ((pair? t) (walk (car t)) (walk (cdr t))) (else (call/cc (lambda (resume) (return (cons t resume))))))) (return '()))))
(let loop ((found (tree-walk '((a b) (c (d))))) (all '()) (n 0)) (if (or (null? found) (> n 10)) (reverse all) (list (car found) (procedure? (cdr found))))) ;=> (a #t)
(define saved #f)
(define visits '())
(begin (set! visits (cons (call/cc (lambda (k) (set! saved k) 'first)) visits)) (length visits)) ;=> 1
(if (< (length visits) 3) (saved 'again) 'enough)
(length visits) ;=> 2
(let ((out '())) (define (emit x) (set! out (cons x out))) (guard (e (#t (emit e))) (dynamic-wind (lambda () (emit 'in)) (lambda () (raise 'boom)) (lambda () (emit 'out)))) (reverse out)) ;=> (in out boom)
(let ((out '())) (define (emit x) (set! out (cons x out))) (with-exception-handler (lambda (e) (emit (list 'handler e)) 10) (lambda () (dynamic-wind (lambda () (emit 'in)) (lambda () (emit (+ 1 (raise-continuable 'c)))) (lambda () (emit 'out))))) (reverse out)) ;=> (in (handler c) 11 out)
(guard (e (#t (list 'outer e))) (guard (e ((number? e) (raise (list 'again e)))) (raise 5))) ;=> (outer (again 5))
(let ((p (make-parameter 1))) (with-exception-handler (lambda (e) (p)) (lambda () (parameterize ((p 2)) (raise-continuable 'c))))) ;=> 2
(let ((p (make-parameter 1)) (k #f) (seen '())) (parameterize ((p 2)) (call/cc (lambda (c) (set! k c))) (set! seen (cons (p) seen))) (set! seen (cons (p) seen)) (if (< (length seen) 4) (k #f)) (reverse seen)) ;=> (2 1 2 1)
(let ((k #f)) (dynamic-wind (lambda () #f) (lambda () (call/cc (lambda (c) (set! k c)))) (lambda () #f)) (let ((again k)) (set! k #f) (if again (again 1) 'through))) ;=> through
(call-with-values (lambda () (call/cc (lambda (k) (dynamic-wind (lambda () #f) (lambda () (k 1 2)) (lambda () #f))))) list) ;=> (1 2)
(let ((result '())) (define (note x) (set! result (cons x result))) (call/cc (lambda (exit) (with-exception-handler (lambda (e) (note 'handling) (exit 'left)) (lambda () (dynamic-wind (lambda () (note 'before)) (lambda () (car 5)) (lambda () (note 'after))))))) (reverse result)) ;=> (before handling after)
(with-exception-handler (lambda (e) 'outer) (lambda () (with-exception-handler (lambda (e) (list 'inner (raise-continuable e))) (lambda () (raise-continuable 'x))))) ;=> (inner outer)
(with-exception-handler (lambda (e) 42) (lambda () (guard (e ((string? e) 'string)) (+ 1 (raise-continuable 'not-a-string))))) ;=> 43
(let ((out '())) (guard (e (#t (set! out (cons e out)))) (guard (e2 ((string? e2) 'no)) (dynamic-wind (lambda () (set! out (cons 'in out))) (lambda () (raise 'x)) (lambda () (set! out (cons 'out out)))))) (reverse out)) ;=> (in out in out x)
(guard (e (#t (list 'caught e))) (dynamic-wind (lambda () #f) (lambda () (raise 'in)) (lambda () (raise 'out)))) ;=> (caught out)
(guard (e (#t (list 'caught e))) (dynamic-wind (lambda () #f) (lambda () (car 5)) (lambda () (raise 'out)))) ;=> (caught out)
(guard (e ((number? e) (list 'caught e))) (dynamic-wind (lambda () #f) (lambda () (dynamic-wind (lambda () #f) (lambda () (raise 5)) (lambda () (raise 'out)))) (lambda () (raise 7)))) ;=> (caught 7)
(guard (e (#t (list 'outer e))) (guard (e2 (#f 2)) (dynamic-wind (lambda () #f) (lambda () (car 5)) (lambda () (raise 'out))))) ;=> (outer out)
(let ((seen '())) (with-exception-handler (lambda (e) 'outer) (lambda () (call/cc (lambda (k) (dynamic-wind (lambda () #f) (lambda () (with-exception-handler (lambda (e) 'inner) (lambda () (k 1)))) (lambda () (set! seen (cons (raise-continuable 'x) seen)))))))) seen) ;=> (outer)
(let ((k #f) (n 0) (seen '())) (let ((r (guard (e (#t (list e n))) (call/cc (lambda (kk) (set! k kk))) (set! n (+ n 1)) (dynamic-wind (lambda () #f) (lambda () (if (odd? n) (car 5) (raise 'in))) (lambda () (raise 'out)))))) (set! seen (cons r seen)) (if (< n 3) (k 1) seen))) ;=> ((out 3) (out 2) (out 1))
