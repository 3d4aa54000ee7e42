;; Procedures about procedures: case-lambda's dispatch, composition, identity.

(define (%case-lambda clauses) ; each number of arguments up to three has its procedure at hand
  (let ((none (%clause-for clauses 0)) (one (%clause-for clauses 1)) (two (%clause-for clauses 2))
        (three (%clause-for clauses 3)))
    (define (case-lambda [a %missing] [b %missing] [c %missing] . more)
      (cond ((eq? a %missing) (none))
            ((eq? b %missing) (one a))
            ((eq? c %missing) (two a b))
            ((null? more) (three a b c))
            (else (apply (%clause-for clauses (+ 3 (length more))) a b c more))))
    case-lambda))

(define (%clause-for clauses count) ; the procedure of the first that takes COUNT arguments
  (let search ((rest clauses))
    (cond ((null? rest) (lambda arguments (%no-clause clauses (length arguments))))
          ((%accepts? (caar rest) count) (cdar rest))
          (else (search (cdr rest))))))

(define (%no-clause clauses count)
  (%error 'arity
          (format "no clause of the case-lambda takes ~a argument~a" count (if (= count 1) "" "s"))
          (format "its clauses: ~a" (string-join (map (lambda (each) (format "~s" (car each))) clauses) " "))
          count))

(define (%accepts? parameters count)
  (cond ((pair? parameters) (and (> count 0) (%accepts? (cdr parameters) (- count 1))))
        ((null? parameters) (= count 0))
        (else #t)))

(define (identity x)
  "X itself.

> (map identity '(1 2))
=> (1 2)"
  x)

(define (compose . procedures)
  "The procedure that calls PROCEDURES from the last to the first, each with the value of the one before.

> ((compose (lambda (x) (* 2 x)) (lambda (x) (+ x 1))) 5)
=> 12"
  (cond ((null? procedures) identity)
        ((null? (cdr procedures)) (car procedures))
        (else (let ((first (car procedures)) (others (apply compose (cdr procedures))))
                (lambda arguments (first (apply others arguments)))))))

(define (constantly value)
  "A procedure that returns VALUE whatever it is given.

> ((constantly 5) 1 2 3)
=> 5"
  (lambda ignored value))

(define (complement test)
  "The procedure that holds where TEST does not.

> (filter (complement even?) '(1 2 3))
=> (1 3)"
  (lambda arguments (not (apply test arguments))))

(define (partial procedure . first)
  "PROCEDURE with its first arguments given.

> ((partial + 1 2) 3)
=> 6"
  (lambda more (apply procedure (append first more))))

(define (call-with-escape-continuation procedure)
  "call/cc, under the name that says what it is for.

> (call-with-escape-continuation (lambda (leave) (leave 1) 2))
=> 1"
  (call/cc procedure))
