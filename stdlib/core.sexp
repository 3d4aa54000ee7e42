;; The derived forms, from the core's quote if lambda define set! begin letrec.

(define-syntax let
  "Bind NAMEs to VALUEs, all computed first, and run the body. With a name before the bindings: a loop, called by that name.

> (let ((a 1) (b 2)) (+ a b))
=> 3
> (let loop ((i 0) (sum 0)) (if (= i 5) sum (loop (+ i 1) (+ sum i))))
=> 10"
  (syntax-rules ()
    ((_ ((name value) ...) body . rest) ((lambda (name ...) body . rest) value ...))
    ((_ tag ((name value) ...) body . rest) ((letrec ((tag (lambda (name ...) body . rest))) tag) value ...))))

(define-syntax let*
  "Bind NAMEs one after the other; each VALUE sees the names before it.

> (let* ((a 1) (b (+ a 1))) (list a b))
=> (1 2)"
  (syntax-rules ()
    ((_ () body . rest) (let () body . rest))
    ((_ ((name value)) body . rest) (let ((name value)) body . rest))
    ((_ ((name value) . more) body . rest) (let ((name value)) (let* more body . rest)))))

(define-syntax and
  "The value of the last FORM if none is #f, else #f, at the first #f.

> (and 1 2 3)
=> 3
> (and 1 #f (car '()))
=> #f"
  (syntax-rules ()
    ((_) #t)
    ((_ form) form)
    ((_ form . more) (if form (and . more) #f))))

(define-syntax or
  "The value of the first FORM that is not #f.

> (or #f 2 (car '()))
=> 2"
  (syntax-rules ()
    ((_) #f)
    ((_ form) form)
    ((_ form . more) (let ((value form)) (if value value (or . more))))))

(define-syntax when
  "Run the body if TEST holds.

> (when (< 1 2) 'yes)
=> yes"
  (syntax-rules ()
    ((_ test body . rest) (if test (begin body . rest)))))

(define-syntax unless
  "Run the body if TEST does not hold.

> (unless (< 2 1) 'yes)
=> yes"
  (syntax-rules ()
    ((_ test body . rest) (if test (if #f #f) (begin body . rest)))))

(define-syntax cond
  "The body of the first clause whose test holds. (test => procedure) calls PROCEDURE with the test's value.

> (cond ((assv 2 '((1 . a) (2 . b))) => cdr) (else 'none))
=> b"
  (syntax-rules (else =>)
    ((_) (if #f #f))
    ((_ (else body . rest)) (begin body . rest))
    ((_ (else . body) . more) (syntax-error "cond: the clause (else …) is the last and has a body"))
    ((_ (test =>) . more) (syntax-error "cond: a procedure is missing after =>"))
    ((_ (test => procedure) . more) (let ((value test)) (if value (procedure value) (cond . more))))
    ((_ (test)) test)
    ((_ (test) . more) (let ((value test)) (if value value (cond . more))))
    ((_ (test body . rest) . more) (if test (begin body . rest) (cond . more)))))

(define-syntax case
  "The body of the first clause that lists KEY's value, compared by eqv?.

> (case (* 2 3) ((2 3 5 7) 'prime) ((1 4 6 8 9) 'composite) (else 'large))
=> composite"
  (syntax-rules ()
    ((_ key . clauses) (let ((value key)) (%case value . clauses)))))

(define-syntax %case
  (syntax-rules (else =>)
    ((_ value) (if #f #f))
    ((_ value (else => procedure)) (procedure value))
    ((_ value (else body . rest)) (begin body . rest))
    ((_ value (data => procedure) . more) (if (%among value data) (procedure value) (%case value . more)))
    ((_ value (data body . rest) . more) (if (%among value data) (begin body . rest) (%case value . more)))))

(define-syntax %among ; a few comparisons are faster than a call
  (syntax-rules ()
    ((_ value (a)) (eqv? value 'a))
    ((_ value (a b)) (or (eqv? value 'a) (eqv? value 'b)))
    ((_ value (a b c)) (or (eqv? value 'a) (eqv? value 'b) (eqv? value 'c)))
    ((_ value (a b c d)) (or (eqv? value 'a) (eqv? value 'b) (eqv? value 'c) (eqv? value 'd)))
    ((_ value data) (memv value 'data))))

(define-syntax do
  "A loop: NAMEs start at INIT and go on with STEP until TEST holds; then the value of RESULT.

> (do ((i 0 (+ i 1)) (all '() (cons i all))) ((= i 3) all))
=> (2 1 0)"
  (syntax-rules ()
    ((_ ((name init . step) ...) (test) body ...)
     (let loop ((name init) ...) (if test (if #f #f) (begin body ... (loop (%step name . step) ...)))))
    ((_ ((name init . step) ...) (test result . results) body ...)
     (let loop ((name init) ...) (if test (begin result . results) (begin body ... (loop (%step name . step) ...)))))))

(define-syntax %step
  (syntax-rules ()
    ((_ name) name)
    ((_ name step) step)))

(define-syntax while
  "Run the body again and again while TEST holds.

> (let ((i 0)) (while (< i 3) (set! i (+ i 1))) i)
=> 3"
  (syntax-rules ()
    ((_ test body ...) (let loop () (if test (begin body ... (loop)) (if #f #f))))))

(define-syntax let-values
  "Bind names to the several values that expressions return.

> (let-values (((q r) (floor/ 7 2)) (all (values 1 2))) (list q r all))
=> (3 1 (1 2))"
  (syntax-rules ()
    ((_ bindings body . rest) (%let-values bindings () body . rest))))

(define-syntax %let-values ; names are collected as temporaries first: no value sees them
  (syntax-rules ()
    ((_ () ((name temporary) ...) body . rest) (let ((name temporary) ...) body . rest))
    ((_ ((names value) . more) done body . rest)
     (%temporaries names () () value more done body . rest))))

(define-syntax %temporaries
  (syntax-rules ()
    ((_ () (temporary ...) (pair ...) value more (done ...) body . rest)
     (%receive (temporary ...) value (%let-values more (done ... pair ...) body . rest)))
    ((_ (name . names) (temporary ...) (pair ...) value more done body . rest)
     (%temporaries names (temporary ... t) (pair ... (name t)) value more done body . rest))
    ((_ name (temporary ...) (pair ...) value more (done ...) body . rest)
     (%receive (temporary ... . t) value (%let-values more (done ... pair ... (name t)) body . rest)))))

(define-syntax let*-values
  "Like let-values, each expression seeing the names before it.

> (let*-values (((a b) (values 1 2)) ((c) (values (+ a b)))) c)
=> 3"
  (syntax-rules ()
    ((_ () body . rest) (let () body . rest))
    ((_ ((names value) . more) body . rest) (receive names value (let*-values more body . rest)))))

(define-syntax receive
  "Bind NAMES, a parameter list, to the values of an expression.

> (receive (a . more) (values 1 2 3) (list a more))
=> (1 (2 3))"
  (syntax-rules ()
    ((_ names value body . rest) (%receive names value body . rest))))

(define-syntax define-values
  "Define several names by the values that an expression returns.

> (let () (define-values (a . more) (values 1 2 3)) (list a more))
=> (1 (2 3))"
  (syntax-rules ()
    ((_ (name) value) (define name (receive (t) value t)))
    ((_ (name ... . rest) value) (%define-values (name ... . rest) () () value))
    ((_ name value) (define name (receive t value t)))))

(define-syntax %define-values ; declares the names, then sets them to temporaries
  (syntax-rules ()
    ((_ () (temporary ...) ((name t) ...) value)
     (begin (define name #f) ...
       (receive (temporary ...) value (set! name t) ... (if #f #f))))
    ((_ (name . names) (temporary ...) (pair ...) value)
     (%define-values names (temporary ... t) (pair ... (name t)) value))
    ((_ rest (temporary ...) ((name t) ...) value)
     (begin (define name #f) ... (define rest #f)
       (receive (temporary ... . all) value (set! name t) ... (set! rest all))))))

(define-syntax case-lambda
  "A procedure of several shapes: the first whose parameters fit the number of arguments is taken.

> (define area (case-lambda ((side) (* side side)) ((a b) (* a b))))
> (list (area 3) (area 2 5))
=> (9 10)"
  (syntax-rules ()
    ((_ (parameters body . rest) ...)
     (%case-lambda (list (cons 'parameters (lambda parameters body . rest)) ...)))))

(define-syntax delay
  "A promise of FORM's value: `force` computes it, once.

> (force (delay (+ 1 2)))
=> 3"
  (syntax-rules ()
    ((_ form) (%make-promise (lambda () (make-promise form))))))

(define-syntax delay-force
  "A promise of what the promise FORM will have; for long chains in constant space.

> (force (delay-force (delay 3)))
=> 3"
  (syntax-rules ()
    ((_ form) (%make-promise (lambda () form)))))

(define-syntax cons-stream
  "A pair whose cdr is a promise.

> (force (cdr (cons-stream 1 (+ 1 1))))
=> 2"
  (syntax-rules ()
    ((_ head tail) (cons head (delay tail)))))

(define-syntax parameterize
  "Give parameter objects other values while the body runs.

> (define depth (make-parameter 0))
> (parameterize ((depth 5)) (depth))
=> 5"
  (syntax-rules ()
    ((_ ((parameter value) ...) body . rest) (%parameterize ((parameter value) ...) (lambda () body . rest)))))

(define-syntax %parameterize
  (syntax-rules ()
    ((_ ((parameter value)) thunk) (%with-parameter parameter value thunk))
    ((_ ((parameter value) ...) thunk) (%with-parameters (list parameter ...) (list value ...) thunk))))

(define-syntax guard
  "Run the body; what is raised in it is bound to NAME and goes through the clauses, as in cond. Limits cannot be caught.

> (guard (e ((string? e) (string-length e)) (else 'other)) (raise \"four\"))
=> 4"
  (syntax-rules ()
    ((_ (name clause ...) body . rest)
     (%guard (lambda () body . rest) (lambda (name) (%guard-clauses name clause ...))))))

(define-syntax %guard-clauses ; a thunk for the first clause that takes NAME, or #f
  (syntax-rules (else =>)
    ((_ name) #f)
    ((_ name (else => procedure)) (lambda () (procedure name)))
    ((_ name (else body . rest)) (lambda () body . rest))
    ((_ name (test => procedure) . more)
     (let ((value test)) (if value (lambda () (procedure value)) (%guard-clauses name . more))))
    ((_ name (test) . more) (let ((value test)) (if value (lambda () value) (%guard-clauses name . more))))
    ((_ name (test body . rest) . more) (if test (lambda () body . rest) (%guard-clauses name . more)))))

(define-syntax assert
  "An error unless TEST holds; further forms are shown with it.

> (assert (< 1 2))
=> #t"
  (syntax-rules ()
    ((_ test) (if test #t (%error 'assert "an assertion does not hold" #f 'test)))
    ((_ test form ...) (if test #t (%error 'assert "an assertion does not hold" #f 'test form ...)))))

(define-syntax ->
  "Thread a value through forms, as the first argument of each.

> (-> 5 (- 2) (* 10))
=> 30"
  (syntax-rules ()
    ((_ value) value)
    ((_ value (head . arguments) . more) (-> (head value . arguments) . more))
    ((_ value head . more) (-> (head value) . more))))

(define-syntax ->>
  "Thread a value through forms, as the last argument of each.

> (->> '(1 2 3) (map (lambda (x) (* x x))) (apply +))
=> 14"
  (syntax-rules ()
    ((_ value) value)
    ((_ value (head argument ...) . more) (->> (head argument ... value) . more))
    ((_ value head . more) (->> (head value) . more))))

(define-syntax define-macro
  "A macro written as a procedure from the forms in a call to the form that replaces it. It is not hygienic: names
it inserts mean what they mean where it is used, so use (gensym) for variables it binds; syntax-rules needs no such care.

> (define-macro (swap! a b) (let ((t (gensym))) `(let ((,t ,a)) (set! ,a ,b) (set! ,b ,t))))
> (let ((x 1) (y 2)) (swap! x y) (list x y))
=> (2 1)"
  (er-macro-transformer
    (lambda (form rename compare)
      (let* ((head (cadr form))
             (name (if (pair? head) (car head) head))
             (body (cddr form))
             (documented (if (pair? head) (and (string? (car body)) (pair? (cdr body))) #f))
             (procedure (if (pair? head) (cons (rename 'lambda) (cons (cdr head) body)) (car body))))
        (append
          (list (rename 'define-syntax) name)
          (if documented (list (car body)) '())
          (list (list (rename 'er-macro-transformer)
                      (list (rename 'lambda)
                            (list (rename 'form) (rename 'rename) (rename 'compare))
                            (list (rename 'apply) procedure (list (rename 'cdr) (rename 'form)))))))))))

(define-syntax quasiquote
  "DATUM with the values of the forms under , put in, and those under ,@ spliced in; also written `datum.

> `(1 ,(+ 1 1) ,@(list 3 4))
=> (1 2 3 4)"
  (er-macro-transformer
    (lambda (form rename compare)
      (letrec
          ((is? (lambda (x name) (if (pair? x) (compare (car x) (rename name)) #f)))
           (constant? (lambda (x) (if (pair? x) (is? x 'quote) #f)))
           (join (lambda (a d)
                   (if (if (constant? a) (constant? d) #f)
                       (list (rename 'quote) (cons (cadr a) (cadr d)))
                       (list (rename 'cons) a d))))
           (misplaced
             (lambda () (list (rename 'syntax-error) "quasiquote: ,@ stands only where an element of a list or vector does")))
           (one
             (lambda (x)
               (if (null? (cddr x)) (cadr x) (list (rename 'syntax-error) "one form is quoted, or unquoted, at a time" x))))
           (nested (lambda (x level)
                     (join (list (rename 'quote) (car x)) (walk (cdr x) level))))
           (walk
             (lambda (x level)
               (if (vector? x)
                   (list (rename 'list->vector) (walk (vector->list x) level))
                   (if (not (pair? x))
                       (list (rename 'quote) x)
                       (if (is? x 'unquote)
                           (if (= level 1) (one x) (nested x (- level 1)))
                           (if (is? x 'unquote-splicing)
                               (if (= level 1) (misplaced) (nested x (- level 1)))
                               (if (is? x 'quasiquote)
                                   (nested x (+ level 1))
                                   (if (if (is? (car x) 'unquote-splicing) (= level 1) #f)
                                       (if (null? (cdr x))
                                           (one (car x))
                                           (list (rename 'append) (one (car x)) (walk (cdr x) level)))
                                       (if (is? (car x) 'unquote-splicing)
                                           (join (nested (car x) (- level 1)) (walk (cdr x) level))
                                           (join (walk (car x) level) (walk (cdr x) level))))))))))))
        (if (null? (cddr form)) (walk (cadr form) 1) (one form))))))
