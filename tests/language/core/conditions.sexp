; guard, raise, handlers, winding
(guard (e (#t (list 'caught e))) (raise 'oops)) ;=> (caught oops)
(guard (e ((symbol? e) 'symbol) ((string? e) 'string)) (raise "s")) ;=> string
(guard (e ((symbol? e) 'symbol)) (+ 1 (raise 42))) ;!! raised
(guard (outer (#t (list 'outer outer))) (guard (e ((symbol? e) 'symbol)) (raise 42))) ;=> (outer 42)
(guard (e ((assq 'a e) => cdr) ((assq 'b e))) (raise (list (cons 'a 42)))) ;=> 42
(guard (e ((assq 'a e) => cdr) ((assq 'b e))) (raise (list (cons 'b 23)))) ;=> (b . 23)
(guard (e ((error-object? e) (error-object-message e))) (error "msg" 1 2)) ;=> "msg"
(guard (e (#t (error-object-irritants e))) (error "msg" 1 2)) ;=> (1 2)
(guard (e ((error-object? e) (error-object-code e))) (car 5)) ;=> type
(guard (e (#t (error-object-code e))) (undefined-thing)) ;=> unbound
(guard (e (#t (error-object-code e))) (5)) ;=> not-procedure
(guard (e (#t 'no)) 'fine) ;=> fine
(with-exception-handler (lambda (e) 10) (lambda () (+ 1 (raise-continuable 'c)))) ;=> 11
(call/cc (lambda (k) (with-exception-handler (lambda (e) (k (list 'handled e))) (lambda () (+ 1 (raise 'oops)))))) ;=> (handled oops)
(call/cc (lambda (k) (with-exception-handler (lambda (e) (k (error-object-code e))) (lambda () (car 5))))) ;=> type
(with-exception-handler (lambda (e) 'ignored) (lambda () (raise 'oops))) ;!! raised
(guard (e (#t (list 'outer e))) (with-exception-handler (lambda (e) (raise (list 'inner e))) (lambda () (raise 'x)))) ;=> (outer (inner x))
(define log '())
(define (note x) (set! log (cons x log)))
(dynamic-wind (lambda () (note 'in)) (lambda () (note 'during) 'value) (lambda () (note 'out))) ;=> value
(reverse log) ;=> (in during out)
(set! log '())
(call/cc (lambda (k) (dynamic-wind (lambda () (note 'in)) (lambda () (k 'left)) (lambda () (note 'out))))) ;=> left
(guard (e (#t 'caught)) (dynamic-wind (lambda () (note 'in2)) (lambda () (raise 'x)) (lambda () (note 'out2)))) ;=> caught
(reverse log) ;=> (in out in2 out2)
(+ 1 (call/cc (lambda (k) (+ 10 (k 1))))) ;=> 2
(call/cc (lambda (k) (for-each (lambda (x) (when (> x 2) (k x))) '(1 2 3 4)) 'none)) ;=> 3
(define saved #f)
(+ 1 (call/cc (lambda (k) (set! saved k) 1))) ;=> 2
(saved 5) ;=> 6
(define p (make-parameter 10 (lambda (x) (* x 2))))
(list (p) (parameterize ((p 3)) (p)) (p)) ;=> (20 6 20)
(guard (e (#t (p))) (parameterize ((p 3)) (raise 'x))) ;=> 20
(define pr (delay (begin (note 'forced) 7)))
(list (force pr) (force pr)) ;=> (7 7)
(define (stream n) (if (= n 0) (delay 'end) (delay-force (stream (- n 1)))))
(force (stream 10000)) ;=> end
(call-with-values (lambda () (values 1 2)) cons) ;=> (1 . 2)
(guard (e ((string? e) 'inner)) (guard (e2 ((number? e2) 'number)) (raise "s"))) ;=> inner
