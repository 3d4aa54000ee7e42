; patterns: literals, names, lists, vectors, ellipses, records, tests
(match 5 (5 'five) (_ 'other)) ;=> five
(match 5.0 (5 'five) (_ 'other)) ;=> other
(map (lambda (x) (match x (#t 'true) (() 'nil) ("s" 'string) (#\c 'char) ('sym 'symbol) (:k 'keyword) ('(1 2) 'list) (_ 'other))) '(#t () "s" #\c sym :k (1 2) (1))) ;=> (true nil string char symbol keyword list other)
(match '(1 2 3) ((a b c) (list c b a))) ;=> (3 2 1)
(match '(1 . 2) ((a . b) (+ a b))) ;=> 3
(match '(1 (2 (3))) ((a (b (c))) (list a b c))) ;=> (1 2 3)
(match '(1 2) ((a) 'one) ((a b c) 'three) ((a b) 'two)) ;=> two
(match '(1 1) ((a a) 'same) ((a b) 'different)) ;=> same
(match '(1 2) ((a a) 'same) ((a b) 'different)) ;=> different
(match '((1 2) (1 2)) ((a a) 'same) (_ 'different)) ;=> same
(match 5 (x x)) ;=> 5
(match 1 (2 'two)) ;!! match at 1:1
; ellipses
(match '(1 2 3) ((a ...) a)) ;=> (1 2 3)
(match '() ((a ...) a)) ;=> ()
(match '(1 . 2) ((a ...) 'list) (_ 'improper)) ;=> improper
(match '(1 2 3 4) ((a b ... c) (list a b c))) ;=> (1 (2 3) 4)
(match '(1 2) ((a b ... c) (list a b c))) ;=> (1 () 2)
(match '(1) ((a b ... c) 'yes) (_ 'no)) ;=> no
(match '(1 2 3 . 4) ((a ... b . c) (list a b c))) ;=> ((1 2) 3 4)
(match '((a 1) (b 2)) (((k v) ...) (list k v))) ;=> ((a b) (1 2))
(match '((a 1 2) (b) (c 3)) (((k v ...) ...) (list k v))) ;=> ((a b c) ((1 2) () (3)))
(match '((a 1) (b)) (((k v) ...) 'all) (_ 'not-all)) ;=> not-all
(match '() ((a ..1) 'some) (_ 'none)) ;=> none
(match '(1) ((a ..1) a) (_ 'none)) ;=> (1)
(match '(1 2 x y) (((? number? n) ... (? symbol? s) ...) (list n s)) (_ 'no)) ;!! syntax
(match '(1 2 3) (((? number? n) ___) n) (_ 'no)) ;=> (1 2 3)
; vectors
(match #(1 2 3) (#(a b c) (+ a b c))) ;=> 6
(match #(1 2 3) (#(a b) 'two) (#(a b ...) (list a b))) ;=> (1 (2 3))
(match '(1 2) (#(a b) 'vector) (_ 'list)) ;=> list
(match #(1 #(2)) (#(a #(b)) (list a b))) ;=> (1 2)
; tests and combinations
(map (lambda (x) (match x ((? string?) 's) ((? number? n) (* n 2)) (_ 'o))) '("a" 4 a)) ;=> (s 8 o)
(match 4 ((and n (? even?) (? positive?)) n)) ;=> 4
(match '(b 2) (((or 'a 'b) n) n)) ;=> 2
(match '(2 b) ((or ('a n) (n 'b)) n)) ;=> 2
(map (lambda (x) (match x ((not 1) 'not-one) (_ 'one))) '(1 2)) ;=> (one not-one)
(match '(3 4) ((= length 2) 'pair)) ;=> pair
(match "abc" ((= string-length n) n)) ;=> 3
(match 5 ((and) 'yes)) ;=> yes
(match 5 ((or) 'yes) (_ 'no)) ;=> no
; guards
(map (lambda (n) (match n (x :when (> x 10) 'big) (x :when (> x 5) 'middle) (x (list 'small x)))) '(20 7 1)) ;=> (big middle (small 1))
(match '(1 2) ((a b) (=> next) (if (> a b) 'greater (next))) ((a b) (list 'fell a b))) ;=> (fell 1 2)
; quasi-patterns
(match '(add 1 2) (`(sub ,a ,b) (- a b)) (`(add ,a ,b) (+ a b))) ;=> 3
(match '(let ((x 1) (y 2)) body) (`(let ((,names ,values) ...) ,body) (list names values body))) ;=> ((x y) (1 2) body)
(match '(a 1 2) (`(a ,@rest) rest)) ;=> (1 2)
(match #(1 2) (`#(1 ,x) x)) ;=> 2
; records
(define-record-type point (make-point x y) point? (x point-x) (y point-y))
(match (make-point 1 2) (($ point a b) (list a b))) ;=> (1 2)
(match (make-point 1 2) (($ point 5 b) 'five) (($ point a) a)) ;=> 1
(match 5 (($ point a b) 'point) (_ 'other)) ;=> other
(match (make-point 1 2) ((@ point (y b)) b)) ;=> 2
(match (make-point 1 2) ((@ point (z b)) b)) ;!! eval
; names are hygienic, bodies have definitions
(let ((value-0 7) (loop 8)) (match '(1 2) ((a b ...) (list a b value-0 loop)))) ;=> (1 (2) 7 8)
(let ((car cdr) (pair? not)) (match '(1 2) ((a b) (list a b)))) ;=> (1 2)
(match 1 (x (define y (+ x 1)) (* y 10))) ;=> 20
(define (size tree) (match tree (() 0) ((a . b) (+ (size a) (size b))) (_ 1)))
(size '((1 2) (3 (4)) . 5)) ;=> 5
(define (count-down n) (match n (0 'done) (m (count-down (- m 1)))))
(count-down 100000) ;=> done
(define (evaluate form) (match form ((? number? n) n) (('+ a b) (+ (evaluate a) (evaluate b))) (('* a ...) (apply * (map evaluate a)))))
(evaluate '(+ 1 (* 2 3 (+ 1 1)))) ;=> 13
(define-syntax first-of (syntax-rules () ((_ e) (match e ((a . rest) a)))))
(first-of '(7 8)) ;=> 7
(define-syntax bind-first (syntax-rules () ((_ name e body) (match e ((name . ignored) body)))))
(bind-first q '(7 8) (* q 2)) ;=> 14
