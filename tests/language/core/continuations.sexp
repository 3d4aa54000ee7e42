;; Continuations that are entered again, the classic uses; the random programs are in test_continuations.py.

(let ((k #f) (n 0)) (call/cc (lambda (c) (set! k c))) (set! n (+ n 1)) (if (< n 3) (k #f)) n) ;=> 3

; — a generator over a tree —
(define (tree-walk tree f)
  (cond ((null? tree) #f)
        ((pair? tree) (tree-walk (car tree) f) (tree-walk (cdr tree) f))
        (else (f tree))))
(define (make-generator tree)
  (define return #f)
  (define (resume)
    (tree-walk tree (lambda (x) (call/cc (lambda (next) (set! resume (lambda () (next #f))) (return x)))))
    (return 'done))
  (lambda () (call/cc (lambda (r) (set! return r) (resume)))))
(define g (make-generator '((1 2) (3 (4 5)))))
(list (g) (g) (g) (g) (g) (g) (g)) ;=> (1 2 3 4 5 done done)

; — two generators side by side: do two trees have the same leaves? —
(define (same-leaves? a b)
  (let ((one (make-generator a)) (two (make-generator b)))
    (let loop ()
      (let ((x (one)) (y (two)))
        (cond ((not (eqv? x y)) #f) ((eq? x 'done) #t) (else (loop)))))))
(same-leaves? '(1 (2 3)) '((1 2) 3)) ;=> #t
(same-leaves? '(1 2 3) '(1 3 2)) ;=> #f

; — backtracking —
(define fail #f)
(define (choose items)
  (call/cc
    (lambda (k)
      (let ((before fail))
        (for-each (lambda (item) (call/cc (lambda (next) (set! fail (lambda () (next #f))) (k item)))) items)
        (set! fail before)
        (fail)))))
(define (triple most)
  (call/cc
    (lambda (done)
      (set! fail (lambda () (done 'none)))
      (let* ((a (choose (iota most 1))) (b (choose (iota most 1))) (c (choose (iota most 1))))
        (if (and (< a b) (= (* c c) (+ (* a a) (* b b)))) (list a b c) (fail))))))
(triple 7) ;=> (3 4 5)
(triple 4) ;=> none

; — coroutines —
(define queue '())
(define (spawn thunk) (set! queue (append queue (list thunk))))
(define (yield) (call/cc (lambda (k) (spawn (lambda () (k #f))) (next-one))))
(define (next-one) (let ((thunk (car queue))) (set! queue (cdr queue)) (thunk)))
(define said '())
(define (speaker name n) (lambda () (do ((i 0 (+ i 1))) ((= i n) (next-one)) (set! said (cons (list name i) said)) (yield))))
(begin (spawn (speaker 'a 3)) (spawn (speaker 'b 2)) (call/cc (lambda (end) (spawn (lambda () (end #f))) (spawn (lambda () (end #f))) (next-one))))
(reverse said) ;=> ((a 0) (b 0))
(define out '())
(define (run-all . names)
  (call/cc
    (lambda (end)
      (set! queue '())
      (for-each (lambda (name)
                  (spawn (lambda ()
                           (do ((i 0 (+ i 1))) ((= i 3)) (set! out (cons (list name i) out)) (yield))
                           (if (null? queue) (end (reverse out)) (next-one)))))
                names)
      (next-one))))
(run-all 'x 'y) ;=> ((x 0) (y 0) (x 1) (y 1) (x 2) (y 2))

; — inside map, sort and others: earlier results stay as they were —
(define kept #f)
(define results '())
(define entered 0)
(define (squares)
  (map (lambda (x) (call/cc (lambda (k) (if (= x 2) (set! kept k)) (* x x)))) '(1 2 3)))
(let ((made (squares)))
  (set! results (cons made results))
  (set! entered (+ entered 1))
  (if (< entered 3) (kept (* 100 entered)))
  (reverse results)) ;=> ((1 4 9) (1 100 9) (1 200 9))
(sort '(3 1 2) (lambda (a b) (call/cc (lambda (k) (k (< a b)))))) ;=> (1 2 3)
(define times 0)
(let ((again #f))
  (let ((sorted (sort '(3 1 2) (lambda (a b) (call/cc (lambda (k) (if (not again) (set! again k)) (< a b)))))))
    (set! times (+ times 1))
    (if (< times 3) (again #t))
    (list times (length sorted)))) ;=> (3 3)
(define (copied items) (if (null? items) '() (cons (call/cc (lambda (k) (if (= 2 (car items)) (set! kept k)) (car items))) (copied (cdr items)))))
(define all '())
(define count 0)
(let ((made (copied '(1 2 3))))
  (set! all (cons made all))
  (set! count (+ count 1))
  (if (= count 1) (kept 'other))
  all) ;=> ((1 other 3) (1 2 3))
(let ((k2 #f) (n 0))
  (let ((v (vector-map (lambda (x) (call/cc (lambda (k) (if (= x 1) (set! k2 k)) x))) #(1 2))))
    (set! n (+ n 1))
    (if (= n 1) (k2 'again) v))) ;=> #(again 2)

; — winding —
(let ((path '()) (c #f))
  (let ((add (lambda (s) (set! path (cons s path)))))
    (dynamic-wind (lambda () (add 'connect))
                  (lambda () (add (call/cc (lambda (c0) (set! c c0) 'talk1))))
                  (lambda () (add 'disconnect)))
    (if (< (length path) 4) (c 'talk2) (reverse path)))) ;=> (connect talk1 disconnect connect talk2 disconnect)
(define p (make-parameter 'outside))
(let ((k3 #f) (seen '()))
  (parameterize ((p 'inside)) (call/cc (lambda (k) (set! k3 k))) (set! seen (cons (p) seen)))
  (set! seen (cons (p) seen))
  (if (< (length seen) 4) (k3 #f) (reverse seen))) ;=> (inside outside inside outside)

; — letrec evaluates all its values before it binds any —
(let ((cont #f))
  (letrec ((x (call/cc (lambda (c) (set! cont c) 0))) (y (call/cc (lambda (c) (set! cont c) 0))))
    (if cont
        (let ((c cont)) (set! cont #f) (set! x 1) (set! y 1) (c 0))
        (+ x y)))) ;=> 0

; — handlers —
(with-exception-handler
  (lambda (e) 42)
  (lambda () (guard (e ((string? e) 'string)) (+ 1 (raise-continuable 'no-string))))) ;=> 43
(let ((out '()))
  (guard (e (#t (set! out (cons e out))))
    (guard (e2 ((string? e2) 'no))
      (dynamic-wind (lambda () (set! out (cons 'in out))) (lambda () (raise 'x)) (lambda () (set! out (cons 'out out))))))
  (reverse out)) ;=> (in out in out x)
(let ((k4 #f) (n 0))
  (let ((r (with-exception-handler
             (lambda (e) (call/cc (lambda (k) (set! k4 k) 1)))
             (lambda () (+ 10 (raise-continuable 'more))))))
    (set! n (+ n 1))
    (if (< n 3) (k4 (* n 100)) r))) ;=> 210
(let ((k5 #f) (n 0))
  (let ((r (guard (e (#t (list 'caught e))) (let ((x (call/cc (lambda (k) (set! k5 k) 1)))) (if (eqv? x 1) x (raise x))))))
    (set! n (+ n 1))
    (if (= n 1) (k5 'thrown) r))) ;=> (caught thrown)

; — from an earlier form: the rest of that form, then what follows here —
(define saved #f)
(+ 1 (call/cc (lambda (k) (set! saved k) 1))) ;=> 2
(saved 5) ;=> 6
(list (saved 7)) ;=> 8
((call/cc call/cc) (lambda (x) 5)) ;=> 5
(call-with-values (lambda () (call/cc (lambda (k) (k 1 2)))) list) ;=> (1 2)
(let ((n 0)) (let ((k (call/cc (lambda (k) k)))) (set! n (+ n 1)) (if (< n 4) (k k) n))) ;=> 4

; — leaving loops: a jump where the continuation is only called, and only by the procedure that it stands in —
(define (first-negative l) (call/cc (lambda (return) (for-each (lambda (x) (if (< x 0) (return x))) l) #f)))
(list (first-negative '(1 2 -3 4)) (first-negative '(1 2))) ;=> (-3 #f)
(define (factor m)
  (+ 100
     (call/cc
       (lambda (found)
         (let loop ((i 1))
           (if (< i 9)
               (begin
                 (let inner ((j i)) (if (< j 9) (begin (if (= (* i j) m) (found (list-ref '(0 1 2 3 4 5 6 7 8) i))) (inner (+ j 1)))))
                 (loop (+ i 1)))))
         0))))
(list (factor 6) (factor 49) (factor 11)) ;=> (101 107 100)
(define (sum-of-odd l)
  (let ((n 0)) (for-each (lambda (x) (call/cc (lambda (next) (if (even? x) (next #f)) (set! n (+ n x))))) l) n))
(sum-of-odd '(1 2 3 4 5)) ;=> 9
(define (odd-to-four l)
  (let ((seen '()))
    (call/cc (lambda (break)
      (for-each (lambda (x) (call/cc (lambda (next) (if (even? x) (next 1)) (if (> x 4) (break x)) (set! seen (cons x seen))))) l)))
    seen))
(odd-to-four '(1 2 3 4 5 6 7)) ;=> (3 1)
(call/cc (lambda (k) (+ 1 (k 5)))) ;=> 5
(define (absent t) (hash-table-ref t 'a (lambda () (absent-value 1))))
(define (absent-value x) (list x))
(list (absent (make-hash-table))) ;=> ((1))
(define (find-first good? tree)
  (call/cc
    (lambda (return)
      (define (walk t) (cond ((null? t) #f) ((pair? t) (walk (car t)) (walk (cdr t))) ((good? t) (return t))))
      (walk tree)
      'none)))
(list (find-first even? '(1 (3 (4)) 6)) (find-first even? '(1 (3)))) ;=> (4 none)
(define (kept-by-a-closure)
  (let ((again #f) (n 0))
    (let ((x (call/cc (lambda (k) (define (enter v) (k v)) (set! again enter) 0))))
      (set! n (+ n 1))
      (if (< n 3) (again n) (list n x)))))
(kept-by-a-closure) ;=> (3 2)
(define (returned) (call/cc (lambda (k) (let ((f (lambda (x) (k x)))) f))))
(let ((f (returned))) (if (procedure? f) (f 5) f)) ;=> 5
(define (two) (call/cc (lambda (k) (k 1) 2)))
(two) ;=> 1
(set! call/cc (lambda (f) 'mine))
(two) ;=> mine
