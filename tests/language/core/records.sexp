; define-record-type
(define-record-type <point> (make-point x y) point? (x point-x set-point-x!) (y point-y) (z point-z))
(define p (make-point 1 2))
p ;=> #<point 1 2>
(list (point? p) (point? 5) (point-x p) (point-z p)) ;=> (#t #f 1 #f)
(set-point-x! p 9)
(point-x p) ;=> 9
(point-x 5) ;!! type at 1:1
(make-point 1) ;!! arity at 1:1
(define-record-type other (make-other a) other? (a other-a))
(point-x (make-other 1)) ;!! type
(record->list (make-other 3)) ;=> ((a . 3))
(let () (define-record-type inner (make-inner v) inner? (v inner-v)) (inner-v (make-inner 4))) ;=> 4
; a wrong number of arguments: the procedures are called by their own names
(begin (define-record-type coin (make-coin worth) coin? (worth coin-worth set-coin-worth!)) 'made) ;=> made
(map (lambda (run) (guard (e (#t (error-object-message e))) (run))) (list (lambda () (coin-worth)) (lambda () (coin? 1 2)) (lambda () (set-coin-worth! 1)) (lambda () (make-coin)))) ;=> ("coin-worth got 1 argument too few" "coin? got 2 arguments" "set-coin-worth! got 1 argument too few" "make-coin got 1 argument too few")
