;; Forms that are not written as they should be: a syntax error at the form, never a fault of the host's.
(let-syntax car 1) ;!! syntax at 1:1
(letrec-syntax 5 1) ;!! syntax at 1:1
(letrec 100 1) ;!! syntax at 1:1
(letrec* (a) 1) ;!! syntax at 1:1
(if 1 2 . 3) ;!! syntax at 1:1
(set! x . 3) ;!! syntax at 1:1
(define-macro) ;!! syntax at 1:1
(define-record-type) ;!! syntax at 1:1
(define-record-type point) ;!! syntax at 1:1
(define-record-type point (make 5) point? (x)) ;!! syntax at 1:1
(quasiquote) ;!! syntax at 1:1
(case 5 6) ;!! syntax at 1:1
(let-values 5 6) ;!! syntax at 1:1
(guard (e 5) 6) ;!! syntax at 1:1
(define-syntax five (syntax-rules 5 ((_ a) a))) ;!! syntax
(define-syntax ones (syntax-rules (1) ((_ a) a))) ;!! syntax
(define-macro (mine x) (car x))
(mine 5) ;!! type
(atan +i) ;!! range at 1:1
(guard (e (#t (error-object-message e))) (eval '(case 5 6))) ;=> "case: this form is not one it knows"
(guard (e (#t (error-object-hint e))) (eval '(define-record-type))) ;=> "for example: (define-record-type point (make-point x y) point? (x point-x set-point-x!) (y point-y))"
(quasiquote a b) ;!! syntax at 1:1
(list `(1 (unquote a b))) ;!! syntax
(list `(1 (unquote-splicing '() '()) 2)) ;!! syntax
(define-record-type 'point (make-point x) point? (x point-x)) ;!! syntax at 1:1
(and-let* (2) 1) ;!! syntax at 1:1
(and-let* (x 2 (y 3)) y) ;!! syntax at 1:1
