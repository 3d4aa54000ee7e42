; Hash tables under the equality that they were made with (SRFI 69, 125, 128)
(define (at table key) (hash-table-ref/default table key 'none))
(let ((t (make-hash-table eq?)) (k (list 1))) (hash-table-set! t k 'a) (list (at t k) (at t (list 1)) (hash-table-size t))) ;=> (a none 1)
(let ((t (make-eq-hash-table)) (k (string #\a))) (hash-table-set! t k 1) (string-set! k 0 #\b) (list (at t k) (at t "b"))) ;=> (1 none)
(let ((t (make-eqv-hash-table))) (hash-table-set! t 1.5 'x 100000000000000000000 'y) (map (lambda (k) (at t k)) '(1.5 100000000000000000000 3/2))) ;=> (x y none)
(let ((t (make-hash-table equal?))) (hash-table-set! t (list 1) 'a) (list (at t '(1)) (at t '(1.0)))) ;=> (a none)
(let ((t (make-hash-table string=? string-hash))) (hash-table-set! t (string #\a) 1) (at t "a")) ;=> 1
(let ((t (make-hash-table string-ci=? string-ci-hash))) (hash-table-set! t "Ab" 1) (hash-table-set! t "aB" 2) t) ;=> {"Ab" 2}
(let ((t (make-hash-table =))) (hash-table-set! t 1 'one) (list (at t 1.0) (at t 2))) ;=> (one none)
(hash-table-set! (make-hash-table =) 'a 1) ;!! type
(define (same-digit? a b) (= (modulo a 10) (modulo b 10)))
(define (digits . options) (let ((t (apply make-hash-table options))) (hash-table-set! t 3 'a) (hash-table-set! t 13 'b) (hash-table-set! t 4 'c) t))
(digits same-digit? (lambda (k) (modulo k 10))) ;=> {3 b 4 c}
(digits same-digit? (lambda (k bound) (modulo k 10))) ;=> {3 b 4 c}
(digits same-digit?) ;=> {3 b 4 c}
(digits same-digit? (lambda (k) 'no-number)) ;!! type
(let ((t (digits same-digit?))) (hash-table-delete! t 993) (list t (hash-table-exists? t 24) (hash-table-exists? t 3))) ;=> ({4 c} #t #f)
(let ((t (digits same-digit?))) (hash-table-update! t 23 list) (hash-table-update!/default t 5 list 'd) t) ;=> {3 (b) 4 c 5 (d)}
; what is made of such a table compares as it does
(let ((t (digits same-digit?))) (map (lambda (t) (at t 33)) (list (hash-table-copy t) (hash-filter (lambda (k v) #t) t) (hash-map (lambda (k v) v) t) (hash-union t {})))) ;=> (b b b b)
(let ((t (hash-table-empty-copy (digits same-digit?)))) (hash-table-set! t 1 'a 11 'b) (list (hash-table-size t) (at t 21))) ;=> (1 b)
(let ((t (alist->hash-table '(("a" . 1) ("A" . 2)) string-ci=?))) t) ;=> {"a" 1}
(list (eq? (hash-table-equivalence-function (digits same-digit?)) same-digit?) ((hash-table-equivalence-function {}) '(1) (list 1)) ((hash-table-equivalence-function (make-eq-hash-table)) '(1) (list 1))) ;=> (#t #t #f)
(hash-table? (make-hash-table eq?)) ;=> #t
(hash-table-ref (make-hash-table eq?) 'a) ;!! key
(equal? (digits same-digit?) (digits same-digit?)) ;=> #t
; an equality is a call like any other
(call/cc (lambda (k) (let ((t (make-hash-table (lambda (a b) (k 'left))))) (hash-table-set! t 1 1) (hash-table-set! t 2 2)))) ;=> left
(hash-table-set! (digits (lambda (a b) (car a))) 5 5) ;!! type
; a table that is made and used in one loop
(define (loop-with . options) (let ((t (make-hash-table string-ci=?))) (let loop ((i 0)) (if (< i 100) (begin (hash-set! t (if (even? i) "A" "a") i) (loop (+ i 1))))) (list (hash-table-size t) (hash-ref t "A" 0))))
(loop-with) ;=> (1 99)
(import (srfi 128))
(define no-case (make-comparator string? string-ci=? #f string-ci-hash))
(let ((t (hash-table no-case "A" 1 "b" 2))) (list (at t "a") (at t "B"))) ;=> (1 2)
(let ((t (make-hash-table (make-default-comparator)))) (hash-table-set! t 1 'x) (list (at t 1.0) (at t '(1)))) ;=> (x none)
(let ((t (hash-table-map - no-case {"a" 1}))) (at t "A")) ;=> -1
(let ((t (hash-table-unfold (lambda (n) (= n 3)) (lambda (n) (values (list n) n)) (lambda (n) (+ n 1)) 0 (make-eq-comparator)))) (list (hash-table-size t) (at t '(0)))) ;=> (3 none)
(define c (make-default-comparator))
(list (<? c 1 2 3) (<? c '(1 2) '(1 3)) (<? c '() '(1)) (<? c #(3) #(1 2)) (=? c 1 1.0) (>? c "b" "a") (<=? c 'a 'a 'b) (comparator-if<=> 1 2 'l 'e 'g)) ;=> (#t #t #t #t #t #t #t l)
(let ((l (make-list-comparator c)) (p (make-pair-comparator c c)) (v (make-vector-comparator c))) (list (=? l '(1 2) '(1.0 2)) (<? l '(1) '(1 2)) (= (comparator-hash l '(1)) (comparator-hash l '(1.0))) (<? p '(1 . 2) '(1 . 3)) (<? v #(9) #(1 2)))) ;=> (#t #t #t #t #t)
(guard (e (#t (error-object-message e))) (comparator-hash (make-comparator #t eq? #f #f) 1)) ;=> "this comparator has no hash"
; under eq? and eqv?, symbols, characters and small integers stand for themselves; all else goes by identity or by its number
(define mixed (make-hash-table eq?))
(define-values (one other) (values (string #\a) (string #\a)))
(for-each (lambda (k v) (hash-table-set! mixed k v)) (list 'a :a #\a 1 1.0 (expt 10 30) one other #t 1/2) (iota 10))
(map (lambda (k) (hash-table-ref/default mixed k 'none)) (list 'a :a #\a 1 1.0 (expt 10 30) one other #t 1/2 "a" 2)) ;=> (0 1 2 3 4 5 6 7 8 9 none none)
(hash-table-keys mixed) ;=> (a :a #\a 1 1.0 1000000000000000000000000000000 "a" "a" #t 1/2)
(define (count-up n) (let ((t (make-hash-table eq?))) (do ((i 0 (+ i 1))) ((= i n) (list (hash-table-ref/default t 'a 0) (hash-table-size t))) (hash-table-set! t 'a (+ i (hash-table-ref/default t 'a 0))))))
(count-up 10) ;=> (45 1)
(begin (hash-table-delete! mixed 'a one) (list (hash-table-ref/default mixed 'a 'gone) (hash-table-ref/default mixed other 'gone) (hash-table-size mixed))) ;=> (gone 7 8)
(hash-table-set! 5 1 2) ;!! type
(hash-table-set! mixed 1) ;!! eval
