; R7RS 4.3, 5.4: macros
(let-syntax ((given-that (syntax-rules () ((_ test stmt1 stmt2 ...) (if test (begin stmt1 stmt2 ...)))))) (let ((if #t)) (given-that if (set! if 'now)) if)) ;=> now
(let ((x 'outer)) (let-syntax ((m (syntax-rules () ((m) x)))) (let ((x 'inner)) (m)))) ;=> outer
(letrec-syntax ((my-or (syntax-rules () ((my-or) #f) ((my-or e) e) ((my-or e1 e2 ...) (let ((temp e1)) (if temp temp (my-or e2 ...))))))) (let ((x #f) (y 7) (temp 8) (let odd?) (if even?)) (my-or x (let temp) (if y) y))) ;=> 7
(let ((x 1)) (let-syntax ((foo (syntax-rules () ((_ y) (let-syntax ((bar (syntax-rules () ((_) (let ((x 2)) y))))) (bar)))))) (foo x))) ;=> 1
(let ((x 1)) (letrec-syntax ((foo (syntax-rules () ((_ y) (bar y)))) (bar (syntax-rules () ((_ x) (let ((x 2)) y)))) (y 5)) 1)) ;!! syntax
(define-syntax be-like-begin (syntax-rules () ((_ name) (define-syntax name (syntax-rules () ((name expr (... ...)) (begin expr (... ...))))))))
(be-like-begin sequence)
(sequence 1 2 3 4) ;=> 4
(let ((=> #f)) (cond (#t => 'ok))) ;=> ok
; literals, ellipses, tails
(define-syntax tail-pair (syntax-rules () ((_ (a b ... . rest)) '(a (b ...) rest))))
(list (tail-pair (1 2 3)) (tail-pair (1 2 . 3)) (tail-pair (1 . 2)) (tail-pair (1))) ;=> ((1 (2 3) ()) (1 (2) 3) (1 () 2) (1 () ()))
(define-syntax tail-two (syntax-rules () ((_ a ... y z) '((a ...) y z))))
(list (tail-two 1 2) (tail-two 1 2 3 4)) ;=> ((() 1 2) ((1 2) 3 4))
(tail-two 1) ;!! syntax
(define-syntax tail-three (syntax-rules () ((_ (a ... y z . w)) '((a ...) y z w))))
(list (tail-three (1 2)) (tail-three (1 2 . 3)) (tail-three (1 2 3 4 . 5))) ;=> ((() 1 2 ()) (() 1 2 3) ((1 2) 3 4 5))
(define-syntax nested (syntax-rules () ((_ ((a b ...) ...) ...) '(((b ... a) ...) ...))))
(nested ((1 2 3) (4)) () ((5 6))) ;=> (((2 3 1) (4)) () ((6 5)))
(define-syntax my-let* (syntax-rules () ((_ () body ...) (let () body ...)) ((_ ((n v) . rest) body ...) (let ((n v)) (my-let* rest body ...)))))
(my-let* ((a 1) (b (+ a 1))) (* a b)) ;=> 2
(define-syntax flatten2 (syntax-rules () ((_ (a (b ...)) ...) '(a ... (b ... ...)))))
(flatten2 (x (1 2)) (y ()) (z (3))) ;=> (x y z (1 2 3))
(define-syntax distribute (syntax-rules () ((_ k (v ...)) '((k v) ...))))
(distribute a (1 2 3)) ;=> ((a 1) (a 2) (a 3))
(define-syntax vector-in (syntax-rules () ((_ #(a b ... c)) '(c #(b ...) a))))
(vector-in #(1 2 3 4)) ;=> (4 #(2 3) 1)
(define-syntax vector-many (syntax-rules () ((_ #(#(a ...) ...)) '((a ...) ...))))
(vector-many #(#(1 2) #() #(3))) ;=> ((1 2) () (3))
(define-syntax with-literals (syntax-rules () ((_ 1) 'one) ((_ "s") 'string) ((_ #\c) 'char) ((_ #t) 'true) ((_ ()) 'nil) ((_ x) 'other)))
(list (with-literals 1) (with-literals "s") (with-literals #\c) (with-literals #t) (with-literals ()) (with-literals 2) (with-literals 1.0)) ;=> (one string char true nil other other)
(define-syntax underscores (syntax-rules () ((_ _ x _) 'x)))
(underscores 1 2 3) ;=> 2
(define-syntax underscore-template (syntax-rules () ((foo _) '_)))
(underscore-template 5) ;=> _
(define-syntax count-to-2 (syntax-rules () ((_) 0) ((_ _) 1) ((_ _ _) 2) ((_ . _) 'many)))
(list (count-to-2) (count-to-2 a) (count-to-2 a b) (count-to-2 a b c)) ;=> (0 1 2 many)
(define-syntax count-to-2_ (syntax-rules (_) ((_) 'literal) ((x _) 'underscore) ((x y) 'other)))
(list (count-to-2_ _) (count-to-2_ 1)) ;=> (underscore other)
(define-syntax dots-literal (syntax-rules (...) ((_ x ...) '(x and dots)) ((_ x y) '(x y))))
(list (dots-literal 1 ...) (dots-literal 1 2)) ;=> ((1 and dots) (1 2))
(define-syntax custom (syntax-rules ::: () ((_ (a b :::) :::) '((a b ::: ...) :::))))
(custom (1 2 3) (4)) ;=> ((1 2 3 ...) (4 ...))
(define-syntax escaped (syntax-rules () ((_ a) '((... ...) (... (a ...))))))
(escaped 1) ;=> (... (1 ...))
(define-syntax jabberwocky (syntax-rules () ((_ hatter) (begin (define march-hare 42) (define-syntax hatter (syntax-rules () ((_) march-hare)))))))
(jabberwocky mad-hatter)
(mad-hatter) ;=> 42
(define-syntax elli-lit-1 (syntax-rules ... (...) ((_ x) '(x ...))))
(elli-lit-1 100) ;=> (100 ...)
(define-syntax part-2 (syntax-rules () ((_ a b (m n) ... x y) (vector (list a b) (list m ...) (list n ...) (list x y))) ((_ . rest) 'error)))
(part-2 1 2 (3 4) (5 6) 7 8) ;=> #((1 2) (3 5) (4 6) (7 8))
(part-2 1) ;=> error
; hygiene
(let ((if list) (define vector)) (let-syntax ((pick (syntax-rules () ((_ a b) (if a b 'none))))) (pick 1 2))) ;=> (1 2 none)
(define-syntax my-if (syntax-rules () ((_ c a b) (cond (c a) (else b)))))
(let ((if list) (else #f)) (my-if #f 1 2)) ;=> 2
(let ((cond list)) (my-if #t 1 2)) ;=> 1
(define-syntax swap! (syntax-rules () ((_ a b) (let ((tmp a)) (set! a b) (set! b tmp)))))
(let ((tmp 5) (other 6)) (swap! tmp other) (list tmp other)) ;=> (6 5)
(let ((set! list) (let vector)) (swap! x y) 1) ;!! unbound
(define-syntax loop-until (syntax-rules () ((_ var init test step) (let loop ((var init)) (if test var (loop step))))))
(let ((loop 3)) (loop-until i 0 (> i loop) (+ i 1))) ;=> 4
(define-syntax my-list-of (syntax-rules () ((_ e n) (let ((i 0)) (let go ((k n) (acc '())) (if (= k 0) acc (go (- k 1) (cons e acc))))))))
(let ((i 7) (k 8) (acc 9)) (my-list-of (list i k acc) 2)) ;=> ((7 8 9) (7 8 9))
(define-syntax define-getter (syntax-rules () ((_ name value) (define (name) value))))
(define-getter get-it 'it)
(get-it) ;=> it
(define-syntax define-two (syntax-rules () ((_ a b) (begin (define a 1) (define b (+ a 1))))))
(let () (define-two p q) (list p q)) ;=> (1 2)
(let () (define-syntax twice (syntax-rules () ((_ e) (begin e e)))) (define n 0) (twice (set! n (+ n 1))) n) ;=> 2
(let () (define-syntax ten (syntax-rules () ((_) 10))) (define (f) (ten)) (f)) ;=> 10
(define-values (a-value b-value) (let () (define-syntax v (syntax-rules () ((_ x) (values x (* x 2))))) (v 3)))
(list a-value b-value) ;=> (3 6)
(define-syntax kw (syntax-rules (else) ((_ else) 'keyword) ((_ x) 'other)))
(list (kw else) (let ((else 1)) (kw else)) (kw 5)) ;=> (keyword other other)
(define-syntax is-plus (syntax-rules (+) ((_ +) 'plus) ((_ x) 'other)))
(list (is-plus +) (is-plus -) (let ((+ 1)) (is-plus +))) ;=> (plus other other)
(define-syntax make-counter (syntax-rules () ((_ name) (define name (let ((count 0)) (lambda () (set! count (+ count 1)) count))))))
(make-counter tick)
(begin (tick) (tick) (tick)) ;=> 3
(define-syntax nested-def (syntax-rules () ((_ n) (define-record-type n (make x) check? (x get)))))
(let () (nested-def thing) 'ok) ;=> ok
(define-syntax let-record (syntax-rules () ((_ make get body) (let () (define-record-type hidden (make x) is? (x get)) body))))
(let-record build get-part (get-part (build 5))) ;=> 5
(define-syntax rec-with-temp (syntax-rules () ((_ make get) (define-record-type hidden (make temp) is-it? (temp get)))))
(rec-with-temp new-one part-of)
(part-of (new-one 'inside)) ;=> inside
(letrec-syntax ((ev? (syntax-rules () ((_) #t) ((_ x . r) (od? . r)))) (od? (syntax-rules () ((_) #f) ((_ x . r) (ev? . r))))) (list (ev? a b) (ev? a) (od? a))) ;=> (#t #f #t)
(let ((x 1)) (define-syntax get-x (syntax-rules () ((_) x))) (let ((x 2)) (get-x))) ;=> 1
(define-syntax m-shadow (syntax-rules () ((_ x) (let ((x 1)) (let ((y 2)) (+ x y))))))
(m-shadow y) ;=> 3
(let loop ((i 0)) (define-syntax next (syntax-rules () ((_) (loop (+ i 1))))) (if (< i 3) (next) i)) ;=> 3
(define-syntax my-do (syntax-rules () ((_ n body ...) (do ((i 0 (+ i 1))) ((= i n)) body ...))))
(let ((i 0)) (my-do 3 (set! i (+ i 10))) i) ;=> 30
(define-syntax ffoo (syntax-rules () ((_ f) (f 1 (... ...)))))
(let-syntax ((bar (syntax-rules () ((_ a b) '(a b))))) (ffoo bar)) ;=> (1 ...)
(let-syntax () 5) ;=> 5
(let-syntax ((foo (syntax-rules () ((_) 1)))) (define x (foo)) (+ x 1)) ;=> 2
(begin (let-syntax ((foo (syntax-rules () ((_ n) (define n 77))))) (foo defined-inside) defined-inside)) ;=> 77
(define-syntax simple-error (syntax-rules () ((_) (syntax-error "no arguments given" 1 two)) ((_ x) x)))
(simple-error 5) ;=> 5
(simple-error) ;!! syntax
(syntax-error "plainly wrong" x) ;!! syntax
(define-syntax bad-dots (syntax-rules () ((_ a ...) '(a))))
(bad-dots 1) ;!! syntax
(define-syntax two-dots (syntax-rules () ((_ a ... b ...) 1))) ;!! syntax
(define-syntax dots-first (syntax-rules () ((_ ... a) 1))) ;!! syntax
(define-syntax dots-within (syntax-rules () ((_ (... a)) 1))) ;!! syntax
(define-syntax str-pattern (syntax-rules () ((_ "a" x) 'a) ((_ s x) 'other)))
(str-pattern "a" 1) ;=> a
(define-syntax improper (syntax-rules () ((_ . args) 'args)))
(list (improper) (improper 1) (improper 1 2) (improper . 3)) ;=> (() (1) (1 2) 3)
(define-syntax same-head (syntax-rules () ((ignored x) 'x)))
(same-head 3) ;=> 3
(let ((quote -)) '3) ;=> -3
(let ((x 1)) (let-syntax ((m (syntax-rules () ((_) (set! x (+ x 1)))))) (m) (m) x)) ;=> 3
(define-syntax while (syntax-rules () ((_ c b ...) (let lp () (when c b ... (lp))))))
(let ((i 0)) (while (< i 5) (set! i (+ i 1))) i) ;=> 5
(define-syntax my-case (syntax-rules (else) ((_ e (else r)) r) ((_ e ((d ...) r) c ...) (if (memv e '(d ...)) r (my-case e c ...)))))
(my-case 3 ((1 2) 'low) ((3 4) 'mid) (else 'high)) ;=> mid
(define-syntax ck (syntax-rules (quote) ((_ 'x) '(quoted x)) ((_ x) '(plain x))))
(list (ck 'a) (ck a)) ;=> ((quoted a) (plain a))
(define else-value (let ((else #t)) (cond (else 'shadowed))))
else-value ;=> shadowed
(define-syntax outer-m (syntax-rules () ((_ x) (inner-m x x))))
(define-syntax inner-m (syntax-rules () ((_ a b) (list a b))))
(outer-m 4) ;=> (4 4)
(define-syntax gen-let (syntax-rules () ((_ (v ...) e) (gen-let "tmp" (v ...) () e)) ((_ "tmp" () ((v t) ...) e) (let ((t 'v) ...) (list t ... e))) ((_ "tmp" (v . r) (b ...) e) (gen-let "tmp" r (b ... (v t)) e))))
(gen-let (a b c) 'end) ;=> (a b c end)
; an ellipsis that a let has taken is a name
(let ((... 2)) (let-syntax ((s (syntax-rules () ((_ x ...) 'bad) ((_ . r) 'ok)))) (s a b c))) ;=> ok
(guard (e (#t (list (error-object-message e) (error-object-irritants e)))) (eval '(let-syntax ((m (syntax-rules () ((_ x) (syntax-error "not so" x 1))))) (m two)) (interaction-environment))) ;=> ("not so" (two 1))
; a variable may stand under more ellipses than in the pattern: those around it repeat the others
(define-syntax each-with-all (syntax-rules () ((_ (x ...) (y ...)) '((x y ...) ...))))
(list (each-with-all (1 2) (a b)) (each-with-all () (a)) (each-with-all (1) ())) ;=> (((1 a b) (2 a b)) () ((1)))
(define-syntax with-head (syntax-rules () ((_ (a (b c ...) ...) ...) '((a ((b a c ...) ...)) ...))))
(with-head (1 (2 3 4) (5 6)) (7)) ;=> ((1 ((2 1 3 4) (5 1 6))) (7 ()))
(define-syntax only-more (syntax-rules () ((_ x ...) '((x ...) ...))))
(only-more 1 2) ;!! syntax
(define-syntax vectors-of (syntax-rules () ((_ #(a #(b ...)) ...) '(#(a b ...) ... (b ... ...)))))
(vectors-of #(1 #(2 3)) #(4 #())) ;=> (#(1 2 3) #(4) (2 3))
(define-syntax dotted-rest (syntax-rules () ((_ first . ...) 'first))) ;!! syntax
(let-syntax ((inner (syntax-rules () ((_ (item . ...)) 'item)))) (inner (1 . 2))) ;!! syntax
(let-syntax ((literal (syntax-rules (...) ((_ first . ...) 'literal)))) (literal 1 . ...)) ;=> literal
