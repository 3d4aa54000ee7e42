;; What smaller SRFIs define: and-let* (2), cut (26), rec (31), sorting (95, 132), assume (145).

(define-syntax and-let*
  "and, in which (name form) binds NAME for what follows; the body is run if every form holds.

> (and-let* ((x 5) ((odd? x)) (y (* x 2))) (list x y))
=> (5 10)
> (and-let* ((x #f)) (car x))
=> #f"
  (syntax-rules ()
    ((_ ()) #t)
    ((_ () body . rest) (let () body . rest))
    ((_ ((name form))) (let ((name form)) name))
    ((_ ((form))) form)
    ((_ (name)) (%and-let-name name name))
    ((_ ((name form) . more) . body) (let ((name form)) (if name (and-let* more . body) #f)))
    ((_ ((form) . more) . body) (if form (and-let* more . body) #f))
    ((_ (name . more) . body) (%and-let-name name (if name (and-let* more . body) #f)))))

(define-syntax %and-let-name ; FORM, as NAME is a name and no other expression
  (syntax-rules () ((_ name form) (begin (let-syntax ((name (syntax-rules ()))) #f) form))))

(define-syntax cut
  "A procedure of as many arguments as there are <>, which stand for them; a last <...> stands for any number more.

> (map (cut * 2 <>) '(1 2 3))
=> (2 4 6)
> ((cut list 1 <> 3 <...>) 2 4 5)
=> (1 2 3 4 5)"
  (syntax-rules () ((_ . parts) (%cut () () . parts))))

(define-syntax %cut
  (syntax-rules (<> <...>)
    ((_ (name ...) (part ...)) (lambda (name ...) (part ...)))
    ((_ (name ...) (part ...) <...>) (lambda (name ... . rest) (apply part ... rest)))
    ((_ (name ...) (part ...) <> . more) (%cut (name ... x) (part ... x) . more))
    ((_ names (part ...) form . more) (%cut names (part ... form) . more))))

(define-syntax cute
  "cut, its forms evaluated once, when the procedure is made.

> (let ((f (cute + (* 2 3) <>))) (list (f 1) (f 2)))
=> (7 8)"
  (syntax-rules () ((_ . parts) (%cute () () () . parts))))

(define-syntax %cute
  (syntax-rules (<> <...>)
    ((_ bindings (name ...) (part ...)) (let bindings (lambda (name ...) (part ...))))
    ((_ bindings (name ...) (part ...) <...>) (let bindings (lambda (name ... . rest) (apply part ... rest))))
    ((_ bindings (name ...) (part ...) <> . more) (%cute bindings (name ... x) (part ... x) . more))
    ((_ (binding ...) names (part ...) form . more) (%cute (binding ... (t form)) names (part ... t) . more))))

(define-syntax rec
  "A value that refers to itself by NAME.

> ((rec (fact n) (if (= n 0) 1 (* n (fact (- n 1))))) 5)
=> 120"
  (syntax-rules ()
    ((_ (name . parameters) . body) (letrec ((name (lambda parameters . body))) name))
    ((_ name form) (letrec ((name form)) name))))

(define-syntax assume
  "TEST's value, which is to hold; an error if it does not.

> (assume (< 1 2))
=> #t"
  (syntax-rules () ((_ test . messages) (or test (%error 'assert "an assumption does not hold" #f 'test . messages)))))

(define (sort! items [less? <])
  "sort; of a vector, in place.

> (let ((v (vector 3 1 2))) (sort! v <) v)
=> #(1 2 3)"
  (cond ((procedure? items) (sort! less? items))
        ((vector? items) (vector-copy! items 0 (sort items less?)) items)
        (else (sort items less?))))

(define (stable-sort items [less? <])
  "sort, which keeps equal elements in their order.

> (stable-sort '(3 1 2) <)
=> (1 2 3)"
  (sort items less?))

(define (stable-sort! items [less? <])
  "sort!.

> (stable-sort! (list 3 1 2) <)
=> (1 2 3)"
  (sort! items less?))

(define (list-stable-sort less? items)
  "list-sort.

> (list-stable-sort < '(3 1 2))
=> (1 2 3)"
  (sort items less?))

(define (vector-sort less? vector)
  "A vector of VECTOR's elements in order.

> (vector-sort < #(3 1 2))
=> #(1 2 3)"
  (if (procedure? less?) (sort vector less?) (sort less? vector)))

(define (vector-stable-sort less? vector)
  "vector-sort.

> (vector-stable-sort < #(3 1 2))
=> #(1 2 3)"
  (vector-sort less? vector))

(define (sorted? items [less? <])
  "Whether no element of a list or vector is less than the one before.

> (map sorted? '((1 2 2) #(2 1)))
=> (#t #f)"
  (let loop ((rest (if (vector? items) (vector->list items) items)))
    (or (null? rest)
        (null? (cdr rest))
        (and (not (less? (cadr rest) (car rest))) (loop (cdr rest))))))

(define (list-sorted? less? items)
  "sorted? with the procedure first.

> (list-sorted? < '(1 2))
=> #t"
  (sorted? items less?))

(define (vector-sorted? less? vector)
  "sorted? with the procedure first.

> (vector-sorted? < #(2 1))
=> #f"
  (sorted? vector less?))

(define (merge a b [less? <])
  "The elements of two lists in order, as one list in order.

> (merge '(1 4) '(2 3))
=> (1 2 3 4)"
  (%merge a b less?))

(define (merge! a b [less? <])
  "merge.

> (merge! (list 1) (list 0))
=> (0 1)"
  (%merge a b less?))

(define (list-merge less? a b)
  "merge with the procedure first.

> (list-merge < '(1 4) '(2 3))
=> (1 2 3 4)"
  (%merge a b less?))
