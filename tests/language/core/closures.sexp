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
