; R7RS 6.12, 5.6: eval, environments, libraries
(eval '(* 7 3) (environment '(scheme base))) ;=> 21
(let ((f (eval '(lambda (f x) (f x x)) (scheme-report-environment 5)))) (f + 10)) ;=> 20
(eval '(if #t 1 2) (null-environment 5)) ;=> 1
(eval '(car '(1)) (null-environment 5)) ;!! unbound
(eval '(define eval-made 5) (interaction-environment))
eval-made ;=> 5
(eval '(begin (define x 1) (+ x 1)) (interaction-environment)) ;=> 2
(eval '(+ 1 2)) ;=> 3
(eval '(exact-integer-sqrt 17) (environment '(only (scheme base) exact-integer-sqrt))) ;=> #<values 4 1>
(eval '(car '(1)) (environment '(only (scheme base) car quote))) ;=> 1
(eval '(cdr '(1)) (environment '(only (scheme base) car quote))) ;!! unbound
(eval '(my-car '"a") (environment '(prefix (only (scheme base) car quote) my-))) ;!! unbound at 1:16
(eval '(my-car (my-quote (1))) (environment '(prefix (only (scheme base) car quote) my-))) ;=> 1
(eval '(first '(1)) (environment '(rename (scheme base) (car first)))) ;=> 1
(eval '(sqrt 16) (environment '(scheme base) '(scheme inexact))) ;=> 4
(eval '(define x 5) (environment '(scheme base))) ;!! immutable
(eval '(begin (define-syntax number-two (syntax-rules () ((_) 2))) (number-two)) (interaction-environment)) ;=> 2
(eval '(no-such-thing) (environment '(scheme base))) ;!! unbound
(environment '(no such library)) ;!! library
(eval (list '+ 1 2) (environment '(scheme base))) ;=> 3
(eval '(let ((=> 5)) (cond (#f 1) (else =>))) (environment '(scheme base))) ;=> 5
; libraries
(define-library (example stack) (export make push! pop! (rename stack-size size) empty?) (import (scheme base)) (begin (define-record-type stack (make-stack items) stack? (items items set-items!)) (define (make) (make-stack '())) (define (push! s x) (set-items! s (cons x (items s)))) (define (pop! s) (let ((x (car (items s)))) (set-items! s (cdr (items s))) x)) (define (stack-size s) (length (items s))) (define (empty? s) (null? (items s)))))
(import (example stack))
(define s (make))
(push! s 1)
(push! s 2)
(list (size s) (pop! s) (size s) (empty? s)) ;=> (2 2 1 #f)
stack-size ;!! unbound
(import (prefix (example stack) stack:))
(stack:size s) ;=> 1
(import (rename (prefix (only (example stack) make push!) k-) (k-push! shove)))
(let ((t (k-make))) (shove t 5) (stack:pop! t)) ;=> 5
(import (except (example stack) make pop!))
(import (only (example stack) no-such-export)) ;!! library
(import (no such library)) ;!! library
(import (only (scheme base) car cdr) (scheme write))
(define-library (example counter) (export next! (rename value current)) (import (scheme base)) (begin (define n 0) (define (next!) (set! n (+ n 1)) n) (define (value) n)))
(import (example counter))
(begin (next!) (next!) (list (current) (next!))) ;=> (2 3)
(import (prefix (example counter) again:))
(again:current) ;=> 3
(define-library (example macros) (export my-swap! (rename my-unless unless-not)) (import (scheme base)) (begin (define helper (lambda (x) x)) (define-syntax my-swap! (syntax-rules () ((_ a b) (let ((t (helper a))) (set! a b) (set! b t))))) (define-syntax my-unless (syntax-rules () ((_ c e) (if c #f e))))))
(import (example macros))
(let ((a 1) (b 2) (t 3) (helper 4)) (my-swap! a b) (list a b t)) ;=> (2 1 3)
(unless-not #f 'yes) ;=> yes
helper ;!! unbound
(define-library (example uses) (export twice) (import (scheme base) (prefix (example counter) c:)) (begin (define (twice) (c:next!) (c:next!))))
(import (example uses))
(twice) ;=> 5
(current) ;=> 5
(define-library (example narrow) (export f) (import (only (scheme base) define lambda car)) (begin (define f (lambda (x) (cdr x)))))
(import (example narrow))
(f '(1)) ;!! unbound
(define-library (example shadow) (export (rename my-car car)) (import (scheme base)) (begin (define (my-car x) (list 'mine (car x)))))
(import (example shadow))
(car '(1 2)) ;=> (mine 1)
(import (only (scheme base) car))
(car '(1 2)) ;=> 1
(define-library (example conditional) (export answer) (import (scheme base)) (cond-expand (no-such-thing (begin (define answer 0))) ((library (scheme base)) (begin (define answer 42)))))
(import (example conditional))
answer ;=> 42
(define-library (example 1 numbers) (export two) (import (scheme base)) (begin (define two 2)))
(import (example 1 numbers))
two ;=> 2
(define-library (example broken) (export missing) (import (scheme base)) (begin (define x 1))) ;!! library
(import (example broken)) ;!! library
(import (scheme base) (scheme case-lambda) (scheme char) (scheme complex) (scheme cxr) (scheme eval) (scheme file) (scheme inexact) (scheme lazy) (scheme load) (scheme process-context) (scheme r5rs) (scheme read) (scheme repl) (scheme time) (scheme write))
(map (lambda (name) (eval '(procedure? values) (environment name))) '((scheme base) (scheme r5rs))) ;=> (#t #t)
(import (srfi 1))
(list (first '(1 2 3)) (second '(1 2 3)) (fold + 0 '(1 2 3))) ;=> (1 2 6)
(import (srfi 8) (srfi 9) (srfi 69) (srfi 125))
(receive (a . b) (values 1 2 3) (list a b)) ;=> (1 (2 3))
(import (prefix (srfi 1) s1:))
(s1:iota 3) ;=> (0 1 2)
(environment? (environment '(scheme base))) ;=> #t
(define-library (example exports begins) (import (scheme base)) (begin (define a 1)) (begin (define b (+ a 1))) (export a) (export b))
(let () (eval '(+ a b) (environment '(scheme base) '(example exports begins)))) ;=> 3
(define-library (bad name "x") (export)) ;!! syntax
(define-library (example clause) (no-such-clause)) ;!! syntax
