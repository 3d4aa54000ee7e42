; dynamic-wind and parameterize that are written out in procedures
(define log '())
(define (note x) (set! log (cons x log)))
(define (told) (let ((all (reverse log))) (set! log '()) all))
(define (wound n leave) (let loop ((i 0) (s 0)) (if (= i n) s (loop (+ i 1) (+ s (dynamic-wind (lambda () (note 'in)) (lambda () (if (= i 1) (leave i)) i) (lambda () (note 'out))))))))
(wound 3 (lambda (i) i)) ;=> 3
(told) ;=> (in out in out in out)
(call/cc (lambda (k) (wound 3 k))) ;=> 1
(told) ;=> (in out in out)
(guard (e (#t (note 'asked) e)) (wound 3 (lambda (i) (raise (list 'at i))))) ;=> (at 1)
(told) ;=> (in out in out asked)
(guard (e ((error-object? e) (note 'asked) (error-object-code e))) (wound 3 (lambda (i) (car i)))) ;=> type
(told) ;=> (in out in out asked)
(define again #f)
(define visits 0)
(define (re-entered) (let ((v (dynamic-wind (lambda () (note 'in)) (lambda () (call/cc (lambda (k) (set! again k) 'first))) (lambda () (note 'out))))) (set! visits (+ visits 1)) (list v visits)))
(re-entered) ;=> (first 1)
(if (< visits 3) (again 'later)) ;=> (later 2)
(told) ;=> (in out in out)
(define (swapped dynamic-wind) (dynamic-wind (lambda () 1) (lambda () 2) (lambda () 3)))
(swapped (lambda (a b c) (list (a) (b) (c)))) ;=> (1 2 3)
(define depth (make-parameter 0))
(define doubled (make-parameter 1 (lambda (x) (* 2 x))))
(define (deeper n) (if (= n 0) (depth) (parameterize ((depth (+ (depth) 1))) (let ((found (deeper (- n 1)))) (list (depth) found)))))
(deeper 3) ;=> (1 (2 (3 3)))
(depth) ;=> 0
(define (both) (list (parameterize ((doubled 5)) (doubled)) (doubled)))
(both) ;=> (10 2)
(define (left) (call/cc (lambda (k) (parameterize ((depth 7)) (k (depth))))))
(list (left) (depth)) ;=> (7 0)
(define (failing) (parameterize ((depth 7)) (vector-ref (vector 1) (depth))))
(list (guard (e (#t (depth))) (failing)) (depth)) ;=> (0 0)
(define inside #f)
(define (kept) (parameterize ((depth 7)) (let ((value (call/cc (lambda (k) (set! inside k) 'once)))) (list value (depth)))))
(kept) ;=> (once 7)
(if inside (let ((k inside)) (set! inside #f) (k 'twice))) ;=> (twice 7)
(depth) ;=> 0
(define (set-within) (parameterize ((depth 7)) (depth 8) (depth))) ; a parameter takes no argument
(set-within) ;!! arity
(depth) ;=> 0
(define (of-none) (parameterize ((car 5)) 1))
(of-none) ;!! type
(define (tail n) (if (= n 0) 'done (begin (parameterize ((depth n)) (depth)) (tail (- n 1)))))
(tail 10000) ;=> done
(define (steps) (let loop ((i 0) (all '())) (if (= i 3) (reverse all) (begin (if (= i 1) (set! dynamic-wind (lambda (a b c) 'mine))) (loop (+ i 1) (cons (dynamic-wind (lambda () 1) (lambda () i) (lambda () 2)) all))))))
(steps) ;=> (0 mine mine)
; several parameters at once: all are converted before any is bound, and all come back however the body is left or entered
(define first-of (make-parameter 1))
(define second-of (make-parameter 2 (lambda (x) (* 10 x))))
(define third-of (make-parameter 3))
(define (all-of) (list (first-of) (second-of) (third-of)))
(define (bound a b c) (parameterize ((first-of a) (second-of b) (third-of c)) (all-of)))
(list (bound 4 5 6) (all-of)) ;=> ((4 50 6) (1 20 3))
(define (seen) (parameterize ((first-of 7) (second-of (first-of))) (all-of)))
(seen) ;=> (7 10 3)
(define (left) (call/cc (lambda (k) (parameterize ((first-of 8) (second-of 9)) (k (all-of))))))
(list (left) (all-of)) ;=> ((8 90 3) (1 20 3))
(define (failed) (guard (e (#t (list e (all-of)))) (parameterize ((first-of 8) (third-of 9)) (raise (all-of)))))
(list (failed) (all-of)) ;=> (((8 20 9) (1 20 3)) (1 20 3))
(define again #f)
(define rounds '())
(define (entered) (parameterize ((first-of 'a) (third-of 'b)) (call/cc (lambda (k) (set! again k))) (set! rounds (cons (all-of) rounds)) (third-of)))
(let () (entered) (set! rounds (cons (all-of) rounds)) (if (< (length rounds) 6) (again #f)) rounds) ;=> ((1 20 3) (a 20 b) (1 20 3) (a 20 b) (1 20 3) (a 20 b))
(define (twice-bound) (parameterize ((first-of 5) (first-of 6)) (first-of)))
(list (twice-bound) (first-of)) ;=> (6 1)
(define (refused) (parameterize ((first-of 5) (car 6)) 'never))
(refused) ;!! type
(first-of) ;=> 1
; apply where its value is waited for
(define (spread-over f . all) (let ((value (apply f all))) (list value)))
(list (spread-over + 1 2 3) (spread-over list) (spread-over (lambda (a . b) (apply max a b)) 3 9 4)) ;=> ((6) (()) (9))
(define (pass k) (+ 1 (apply (lambda (n) (call/cc (lambda (c) (set! again c) n))) (list k))))
(let ((n 0)) (let ((value (pass 1))) (set! n (+ n 1)) (if (< n 4) (again (* 10 n)) (list n value)))) ;=> (4 31)
(+ 1 (apply car '(1 2))) ;!! arity
(+ 1 (apply 5 '(1 2))) ;!! type
(+ 1 (apply + 1 2)) ;!! type
(+ 1 (apply)) ;!! arity
