; R7RS 6.11, 4.2.7: raising and handling
(call/cc (lambda (k) (with-exception-handler (lambda (e) (k (list 'condition e))) (lambda () (+ 1 (raise 'an-error)))))) ;=> (condition an-error)
(with-exception-handler (lambda (con) (cond ((string? con) 42) (else 0))) (lambda () (+ (raise-continuable "should be a number") 23))) ;=> 65
(guard (condition ((assq 'a condition) => cdr) ((assq 'b condition))) (raise (list (cons 'a 42)))) ;=> 42
(guard (condition ((assq 'a condition) => cdr) ((assq 'b condition))) (raise (list (cons 'b 23)))) ;=> (b . 23)
(guard (e ((symbol? e) (list 'symbol e))) (raise 'boom)) ;=> (symbol boom)
(guard (e ((string? e) 'string)) (guard (e2 ((number? e2) 'number)) (raise "text"))) ;=> string
(guard (e (else 'else)) (error "bad")) ;=> else
(guard (e (#f 'no)) 'value) ;=> value
(guard (e (#f 'no)) (raise 'unhandled)) ;!! raised
(call-with-values (lambda () (guard (e (#t 1)) (values 1 2))) list) ;=> (1 2)
(guard (e (#t (define-nothing))) 5) ;=> 5
(let ((x 0)) (guard (e (#t (set! x (+ x 1)) (list e x))) (raise 'a))) ;=> (a 1)
(guard (e ((memq e '(a b)) => car) (else 'none)) (raise 'b)) ;=> b
(guard (e (else => (lambda (x) (list x)))) (raise 1)) ;=> (1)
(let ((log '())) (guard (e (#t (set! log (cons 'handler log)))) (dynamic-wind (lambda () (set! log (cons 'in log))) (lambda () (raise 'x)) (lambda () (set! log (cons 'out log))))) (reverse log)) ;=> (in out handler)
(guard (e (#t (list (error-object? e) (error-object-message e) (error-object-irritants e)))) (error "message:" 1 'two "three")) ;=> (#t "message:" (1 two "three"))
(guard (e (#t (error-object-irritants e))) (error "no irritants")) ;=> ()
(map error-object? (list 'a "b" 1)) ;=> (#f #f #f)
(guard (e ((error-object? e) 'error)) (car 5)) ;=> error
(guard (e ((error-object? e) 'error)) (vector-ref #(1) 9)) ;=> error
(guard (e ((error-object? e) 'error)) (undefined-procedure 1)) ;=> error
(guard (e ((error-object? e) 'error)) ((lambda (x) x))) ;=> error
(guard (e ((error-object? e) 'error)) (/ 1 0)) ;=> error
(guard (e ((error-object? e) 'error)) ("not a procedure")) ;=> error
(guard (e ((string? (error-object-message e)) 'message)) (car 5)) ;=> message
(guard (e ((list? (error-object-irritants e)) 'irritants)) (car 5)) ;=> irritants
(guard (e ((read-error? e) 'read)) (read (open-input-string "(1 2"))) ;=> read
(guard (e ((read-error? e) 'read)) (read (open-input-string ")"))) ;=> read
(guard (e ((file-error? e) 'file)) (open-input-file "no/such/file")) ;=> file
(guard (e ((file-error? e) 'file)) (delete-file "no/such/file")) ;=> file
(guard (e (#t (list (file-error? e) (read-error? e)))) (error "x")) ;=> (#f #f)
(map (lambda (x) (list (file-error? x) (read-error? x))) '(1 a)) ;=> ((#f #f) (#f #f))
(error-object-message 5) ;!! type
(with-exception-handler (lambda (e) 'ignored) (lambda () (+ 1 (raise-continuable 'c) ))) ;!! type
(with-exception-handler (lambda (e) 10) (lambda () (+ 1 (raise-continuable 'oops)))) ;=> 11
(with-exception-handler (lambda (e) 0) (lambda () (with-exception-handler (lambda (e) (+ 1 (raise-continuable e))) (lambda () (+ 10 (raise-continuable 'c)))))) ;=> 11
(with-exception-handler (lambda (e) 'returned) (lambda () (raise 'oops))) ;!! raised
(guard (e (#t (list 'second e))) (with-exception-handler (lambda (e) (raise (list 'first e))) (lambda () (raise 'x)))) ;=> (second (first x))
(guard (e ((symbol? e) (list 'outer e))) (with-exception-handler (lambda (e) (if (number? e) (* e 2) (raise 'not-a-number))) (lambda () (list (raise-continuable 4) (raise-continuable "s"))))) ;=> (outer not-a-number)
(guard (e (#t 'caught)) (raise (list 1 2))) ;=> caught
(guard (e ((begin (set! e 5) #f) 1) (else e)) (raise 1)) ;=> 5
(raise-continuable 'nobody) ;!! raised
(guard (e (#t e)) (raise #f)) ;=> #f
(guard (e ((not e) 'false)) (raise #f)) ;=> false
(guard (e (#t (guard (f (#t (list e f))) (raise 'inner)))) (raise 'outer)) ;=> (outer inner)
(define (safe-div a b) (call/cc (lambda (k) (with-exception-handler (lambda (e) (k 'error)) (lambda () (/ a b))))))
(list (safe-div 6 3) (safe-div 1 0)) ;=> (2 error)
(let loop ((i 0)) (if (< i 20000) (begin (guard (e (#t i)) (raise i)) (loop (+ i 1))) i)) ;=> 20000
(guard (e ((error-object? e) (error-object-message e))) (raise (guard (f ((error-object? f) f)) (error "kept")))) ;=> "kept"
(with-exception-handler (lambda (e) 42) (lambda () (+ 1 (vector-ref #(1) 5)))) ;!! range
(let ((p (make-parameter 1)) (seen #f)) (guard (e (#t seen)) (with-exception-handler (lambda (e) (set! seen (p)) (raise 'again)) (lambda () (parameterize ((p 2)) (car 5)))))) ;=> 2
(let ((out '())) (guard (e (#t #f)) (with-exception-handler (lambda (e) (set! out (cons 'handler out))) (lambda () (dynamic-wind (lambda () #f) (lambda () (car 5)) (lambda () (set! out (cons 'after out))))))) (reverse out)) ;=> (handler after)
(guard (e ((error-object? e) (error-object-message e))) (with-exception-handler (lambda (e) 'ignored) (lambda () (error "not continuable")))) ;=> "not continuable"
(call-with-output-string (lambda (port) (guard (e (#t (write e port))) (dynamic-wind (lambda () (write 'in port)) (lambda () (raise 'x)) (lambda () (write 'out port)))))) ;=> "inoutx"
(with-exception-handler 5 (lambda () 1)) ;!! type
(with-exception-handler (lambda (e) 1) 5) ;!! not-procedure
(with-exception-handler (lambda (e) 'x) (lambda () (list (raise-continuable 'a) (raise-continuable 'b)))) ;=> (x x)
; what follows when a handler returns from raise is an exception of its own
(guard (e ((error-object? e) (error-object-irritants e))) (with-exception-handler (lambda (e) 'ignored) (lambda () (raise 'oops)))) ;=> (oops)
; what `error` was given as message comes back as it was
(define (told . given) (guard (e (#t (list (error-object-message e) (error-object-irritants e) (condition/report-string e)))) (apply error given)))
(told "no such door:" 7 "red" 'blue) ;=> ("no such door:" (7 "red" blue) "no such door: 7 \"red\" blue")
(told 'find "no such door:" 7) ;=> (find ("no such door:" 7) "find: no such door: 7")
(told 'find) ;=> (find () "find")
(told '(a b) 1) ;=> ((a b) (1) "(a b) 1")
(told (string #\a) 1) ;=> ("a" (1) "a 1")
(guard (e (#t (condition/report-string e))) (car 5)) ;=> "car: expected a pair, got 5"
