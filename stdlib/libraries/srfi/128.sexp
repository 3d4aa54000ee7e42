;; SRFI 128: comparators, as hash tables (SRFI 125) take them. `make-hash-table` knows the record by its fields.

(define-library (srfi 128)
  (import (chorus))
  (export <=? <? =? >=? >? boolean-hash char-ci-hash char-hash comparator-check-type
          comparator-equality-predicate comparator-hash comparator-hash-function comparator-hashable? comparator-if<=>
          comparator-ordered? comparator-ordering-predicate comparator-test-type comparator-type-test-predicate
          comparator? default-hash make-comparator make-default-comparator make-eq-comparator make-equal-comparator
          make-eqv-comparator make-list-comparator make-pair-comparator make-vector-comparator number-hash
          string-ci-hash string-hash symbol-hash)
  (begin
    (define-record-type comparator
      (%make-comparator test equality ordering hash)
      comparator?
      (test comparator-test)
      (equality comparator-equality)
      (ordering comparator-ordering)
      (hash comparator-hashing))

    (define (make-comparator test equality ordering hash)
      "A comparator: TEST #t takes anything; ORDERING and HASH may be #f."
      (%make-comparator (if (eq? test #t) (lambda (value) #t) test)
                        (if (eq? equality #t) (lambda (a b) (not (or (ordering a b) (ordering b a)))) equality)
                        ordering
                        hash))

    (define (comparator-ordered? comparator) (procedure? (comparator-ordering comparator)))
    (define (comparator-hashable? comparator) (procedure? (comparator-hashing comparator)))
    (define (comparator-type-test-predicate comparator) (comparator-test comparator))
    (define (comparator-equality-predicate comparator) (comparator-equality comparator))
    (define (comparator-ordering-predicate comparator)
      (or (comparator-ordering comparator) (lambda (a b) (error "this comparator has no order" comparator))))
    (define (comparator-hash-function comparator)
      (or (comparator-hashing comparator) (lambda (value) (error "this comparator has no hash" comparator))))
    (define (comparator-test-type comparator value) ((comparator-test comparator) value))
    (define (comparator-check-type comparator value)
      (or (comparator-test-type comparator value) (error "not of the comparator's type" value)))
    (define (comparator-hash comparator value) ((comparator-hash-function comparator) value))

    (define (make-eq-comparator) (make-comparator #t eq? #f hash))
    (define (make-eqv-comparator) (make-comparator #t eqv? #f hash))
    (define (make-equal-comparator) (make-comparator #t equal? #f hash))

    (define default-hash hash)
    (define number-hash hash)
    (define symbol-hash hash)
    (define boolean-hash hash)
    (define char-hash hash)
    (define (char-ci-hash char) (hash (char-foldcase char)))

    ;; The default order: by the kind of value, then by value.

    (define kinds (list null? pair? boolean? char? string? symbol? number? vector? bytevector?))

    (define (rank value)
      (let loop ((rest kinds) (at 0)) (if (or (null? rest) ((car rest) value)) at (loop (cdr rest) (+ at 1)))))

    (define (default<? a b)
      (let ((kind (rank a)))
        (cond ((not (= kind (rank b))) (< kind (rank b)))
              ((pair? a) (if (default=? (car a) (car b)) (default<? (cdr a) (cdr b)) (default<? (car a) (car b))))
              ((boolean? a) (and (not a) b))
              ((char? a) (char<? a b))
              ((string? a) (string<? a b))
              ((symbol? a) (string<? (symbol->string a) (symbol->string b)))
              ((number? a) (< a b))
              ((vector? a) (sequence<? a b vector-length vector-ref default=? default<?))
              ((bytevector? a) (sequence<? a b bytevector-length bytevector-u8-ref = <))
              (else #f))))

    (define (default=? a b) (if (and (number? a) (number? b)) (= a b) (equal? a b)))

    (define (sequence<? a b size part same? less?)
      (let ((n (size a)))
        (or (< n (size b))
            (and (= n (size b))
                 (let loop ((i 0))
                   (and (< i n)
                        (or (less? (part a i) (part b i))
                            (and (same? (part a i) (part b i)) (loop (+ i 1))))))))))

    (define (number-or-other-hash value) (hash (if (and (number? value) (rational? value)) (exact value) value)))

    (define (make-default-comparator) (make-comparator #t default=? default<? number-or-other-hash))

    ;; Of parts

    (define (make-pair-comparator first second)
      (make-comparator (lambda (v)
                         (and (pair? v) (comparator-test-type first (car v)) (comparator-test-type second (cdr v))))
                       (lambda (a b) (and (=? first (car a) (car b)) (=? second (cdr a) (cdr b))))
                       (lambda (a b)
                         (or (<? first (car a) (car b)) (and (=? first (car a) (car b)) (<? second (cdr a) (cdr b)))))
                       (lambda (v) (+ (* 31 (comparator-hash first (car v))) (comparator-hash second (cdr v))))))

    (define (make-list-comparator element [test list?] [none? null?] [head car] [tail cdr])
      (define (same? a b)
        (cond ((none? a) (none? b)) ((none? b) #f) (else (and (=? element (head a) (head b)) (same? (tail a) (tail b))))))
      (define (less? a b)
        (cond ((none? b) #f)
              ((none? a) #t)
              ((=? element (head a) (head b)) (less? (tail a) (tail b)))
              (else (<? element (head a) (head b)))))
      (make-comparator test
                       same?
                       less?
                       (lambda (v)
                         (let loop ((v v) (number 7))
                           (if (none? v)
                               number
                               (loop (tail v) (modulo (+ (* 31 number) (comparator-hash element (head v))) 1000000007)))))))

    (define (make-vector-comparator element [test vector?] [size vector-length] [part vector-ref])
      (define (parts v) (map (lambda (i) (part v i)) (iota (size v))))
      (define of-list (make-list-comparator element))
      (make-comparator test
                       (lambda (a b) (and (= (size a) (size b)) (=? of-list (parts a) (parts b))))
                       (lambda (a b)
                         (sequence<? a b size part (lambda (x y) (=? element x y)) (lambda (x y) (<? element x y))))
                       (lambda (v) (comparator-hash of-list (parts v)))))

    (define (in-a-row holds? a b more)
      (and (holds? a b) (or (null? more) (in-a-row holds? b (car more) (cdr more)))))

    (define (=? comparator a b . more) (in-a-row (comparator-equality comparator) a b more))
    (define (<? comparator a b . more) (in-a-row (comparator-ordering-predicate comparator) a b more))
    (define (>? comparator a b . more)
      (in-a-row (lambda (x y) ((comparator-ordering-predicate comparator) y x)) a b more))
    (define (<=? comparator a b . more)
      (in-a-row (lambda (x y) (not ((comparator-ordering-predicate comparator) y x))) a b more))
    (define (>=? comparator a b . more)
      (in-a-row (lambda (x y) (not ((comparator-ordering-predicate comparator) x y))) a b more))

    (define-syntax comparator-if<=>
      (syntax-rules ()
        ((_ comparator a b less equal greater)
         (let ((c comparator) (x a) (y b)) (cond ((=? c x y) equal) ((<? c x y) less) (else greater))))
        ((_ a b less equal greater)
         (comparator-if<=> (make-default-comparator) a b less equal greater))))))
