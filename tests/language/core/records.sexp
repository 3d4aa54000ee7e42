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
