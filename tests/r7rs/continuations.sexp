; not yet so: what guard raises again is raised where it was raised first (R7RS 4.2.7)
(with-exception-handler (lambda (e) 42) (lambda () (guard (e ((string? e) 'string)) (+ 1 (raise-continuable 'not-a-string))))) ;=> 43
(let ((out '())) (guard (e (#t (set! out (cons e out)))) (guard (e2 ((string? e2) 'no)) (dynamic-wind (lambda () (set! out (cons 'in out))) (lambda () (raise 'x)) (lambda () (set! out (cons 'out out)))))) (reverse out)) ;=> (in out in out x)
