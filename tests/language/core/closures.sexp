; what closures capture: a variable, not its value; a fresh one in every round
(define (counter) (let ((n 0)) (lambda () (set! n (+ n 1)) n)))
(define c1 (counter))
(define c2 (counter))
(list (c1) (c1) (c2)) ;=> (1 2 1)
(map (lambda (f) (f)) (let loop ((i 0) (fs '())) (if (= i 3) fs (loop (+ i 1) (cons (lambda () i) fs))))) ;=> (2 1 0)
(map (lambda (f) (f)) (do ((i 0 (+ i 1)) (fs '() (cons (lambda () (set! i (+ i 10)) i) fs))) ((= i 3) fs))) ;=> (12 11 10)
(define (each n) (if (= n 0) '() (cons (lambda () n) (each (- n 1)))))
(map (lambda (f) (f)) (each 3)) ;=> (3 2 1)
(define fs '())
(define (down n) (set! fs (cons (lambda () n) fs)) (if (> n 0) (down (- n 1)) 'done))
(down 3) ;=> done
(map (lambda (f) (f)) fs) ;=> (0 1 2 3)
(map (lambda (f) (f 1)) (let loop ((i 0) (fs '())) (if (= i 3) fs (let ((k (* i 10))) (define (add x) (if (> x 100) x (add2 (+ x k)))) (define (add2 x) (if (> x 50) x (+ x i))) (loop (+ i 1) (cons add fs)))))) ;=> (23 12 1)
(let loop ((i 0) (out '()))
  (if (= i 2)
      (map (lambda (f) (f)) (reverse out))
      (let ((box 0))
        (define (bump!) (set! box (+ box 1 i)) box)
        (bump!)
        (loop (+ i 1) (cons bump! out))))) ;=> (2 4)
(((lambda (x) (lambda (y) (+ x y))) 3) 4) ;=> 7
(define (make) (define a 1) (define (get) a) (define (put v) (set! a v)) (list get put))
(let ((m (make))) ((cadr m) 9) ((car m))) ;=> 9
(map (lambda (f) (f)) (let outer ((i 0) (fs '())) (if (= i 2) (reverse fs) (let inner ((j 0) (fs fs)) (if (= j 2) (outer (+ i 1) fs) (inner (+ j 1) (cons (lambda () (list i j)) fs))))))) ;=> ((0 0) (0 1) (1 0) (1 1))
(begin (define by-count (case-lambda ((a) 1) ((a b . c) 2))) (list (by-count 1) (by-count 1 2 3))) ;=> (1 2)
(by-count) ;!! arity at 1:1
(guard (e (#t (error-object-message e))) (by-count)) ;=> "no clause of the case-lambda takes 0 arguments"
(guard (e (#t (error-object-hint e))) (by-count)) ;=> "its clauses: (a) (a b . c)"
; the first clause that takes so many arguments, however many there are
(define shapes (case-lambda (() 'none) ((a b) (list 2 a b)) ((a) (list 1 a)) ((a . more) (list 'more a more)) ((a b c) 'never)))
(list (shapes) (shapes 1) (shapes 1 2) (shapes 1 2 3) (shapes 1 2 3 4 5)) ;=> (none (1 1) (2 1 2) (more 1 (2 3)) (more 1 (2 3 4 5)))
(define of-five (case-lambda ((a b c d e) (list e d c b a)) (() #f)))
(list (of-five 1 2 3 4 5) (of-five) (guard (e (#t (error-object-message e))) (of-five 1 2 3)) (guard (e (#t (error-object-message e))) (of-five 1 2 3 4))) ;=> ((5 4 3 2 1) #f "no clause of the case-lambda takes 3 arguments" "no clause of the case-lambda takes 4 arguments")
(define countdown (case-lambda ((n) (countdown n 'done)) ((n result) (if (= n 0) result (countdown (- n 1))))))
(countdown 2000) ;=> done
; procedures within procedures that call themselves, or each other, before they are whole
(define (up-to n) (define (go i) (if (= i n) '() (cons i (go (+ i 1))))) (go 0))
(up-to 4) ;=> (0 1 2 3)
(define (parity n) (define (even n) (if (= n 0) 'even (let ((r (odd (- n 1)))) r))) (define (odd n) (if (= n 0) 'odd (even (- n 1)))) (even n))
(list (parity 10) (parity 7)) ;=> (even odd)
(define (through f n) (define (go i) (if (= i 0) (f i) (let ((below (go (- i 1)))) (+ 1 below)))) (go n))
(through (lambda (x) (if (= x 0) (let loop ((i 5)) (if (= i 0) 100 (loop (- i 1)))) x)) 3) ;=> 103
