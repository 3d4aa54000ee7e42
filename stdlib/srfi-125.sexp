;; SRFI 125 (and 69) whole: what hash.sexp and the primitives leave of it.

(define (hash-table-unfold stop? entry next seed . options)
  "A table of the keys and values, two each, that (ENTRY seed) returns for SEED, (NEXT seed), … until STOP? holds.
OPTIONS as of make-hash-table.

> (hash-table-unfold (lambda (n) (= n 3)) (lambda (n) (values n (* n n))) (lambda (n) (+ n 1)) 0)
=> {0 0 1 1 2 4}"
  (let ((made (apply make-hash-table options)))
    (let loop ((seed seed))
      (if (stop? seed)
          made
          (begin (receive (key value) (entry seed) (hash-set! made key value)) (loop (next seed)))))))

(define (hash-table=? same? a b)
  "Whether two tables have the same keys, with the same values by (SAME? x y).

> (hash-table=? = {:a 1} {:a 1.0})
=> #t"
  (and (= (hash-table-size a) (hash-table-size b))
       (every (lambda (pair) (and (hash-table-contains? b (car pair)) (same? (cdr pair) (hash-ref b (car pair)))))
              (hash->list a))))

(define (hash-table-mutable? table)
  "Whether TABLE can be changed: all can.

> (hash-table-mutable? {})
=> #t"
  (hash-table? table))

(define (hash-table-intern! table key make)
  "The value of KEY; if it is missing, it becomes what the procedure MAKE returns.

> (let ((t {})) (list (hash-table-intern! t :a (lambda () 1)) t))
=> (1 {:a 1})"
  (hash-table-ref table key (lambda () (let ((value (make))) (hash-set! table key value) value))))

(define (hash-table-pop! table)
  "Take an entry out of TABLE: its key and its value, as two values.

> (receive all (hash-table-pop! {:a 1}) all)
=> (:a 1)"
  (let ((pairs (hash->list table)))
    (if (null? pairs) (%error 'key "hash-table-pop!: the table is empty" #f))
    (hash-delete! table (caar pairs))
    (values (caar pairs) (cdar pairs))))

(define (hash-table-entries table)
  "The keys and the values of TABLE, as two values.

> (receive all (hash-table-entries {:a 1 :b 2}) all)
=> ((:a :b) (1 2))"
  (values (hash-keys table) (hash-values table)))

(define (hash-table-find procedure table fail)
  "The first true value of (PROCEDURE key value); if there is none, what the procedure FAIL returns.

> (hash-table-find (lambda (k v) (and (= v 2) k)) {:a 1 :b 2} (lambda () 'none))
=> :b"
  (let loop ((rest (hash->list table)))
    (if (null? rest)
        (fail)
        (or (procedure (caar rest) (cdar rest)) (loop (cdr rest))))))

(define (hash-table-count test [table #f])
  "For how many entries (TEST key value) holds; of a table alone, how many entries it has.

> (hash-table-count (lambda (k v) (odd? v)) {:a 1 :b 2})
=> 1"
  (if table
      (%count-items (lambda (pair) (test (car pair) (cdr pair))) (hash->list table))
      (hash-table-size test)))

(define (hash-table-map procedure comparator table)
  "A table under COMPARATOR (#f: equal?) with the same keys and the values (PROCEDURE value).

> (hash-table-map - #f {:a 1})
=> {:a -1}"
  (let ((made (if comparator (make-hash-table comparator) (make-hash-table))))
    (hash-table-walk table (lambda (key value) (hash-set! made key (procedure value))))
    made))

(define (hash-table-for-each procedure table)
  "Call PROCEDURE with each key and value; the arguments may come in either order.

> (let ((sum 0)) (hash-table-for-each (lambda (k v) (set! sum (+ sum v))) {:a 1 :b 2}) sum)
=> 3"
  (if (hash-table? procedure) (hash-table-walk procedure table) (hash-table-walk table procedure)))

(define (hash-table-map! procedure table)
  "Replace each value by (PROCEDURE key value).

> (let ((t {:a 1})) (hash-table-map! (lambda (k v) (* v 2)) t) t)
=> {:a 2}"
  (hash-table-walk table (lambda (key value) (hash-set! table key (procedure key value)))))

(define (hash-table-map->list procedure table)
  "The list of (PROCEDURE key value).

> (hash-table-map->list list {:a 1 :b 2})
=> ((:a 1) (:b 2))"
  (map (lambda (pair) (procedure (car pair) (cdr pair))) (hash->list table)))

(define (hash-table-prune! test table)
  "Take the entries for which (TEST key value) holds out of TABLE.

> (let ((t {:a 1 :b 2})) (hash-table-prune! (lambda (k v) (= v 1)) t) t)
=> {:b 2}"
  (hash-table-walk table (lambda (key value) (if (test key value) (hash-delete! table key)))))

(define (hash-table-intersection! table other)
  "Keep those entries of TABLE whose key OTHER has too; TABLE.

> (hash-table-intersection! (hash-table :a 1 :b 2) {:b 5})
=> {:b 2}"
  (hash-table-prune! (lambda (key value) (not (hash-table-contains? other key))) table)
  table)

(define (hash-table-difference! table other)
  "Take the entries whose key OTHER has too out of TABLE; TABLE.

> (hash-table-difference! (hash-table :a 1 :b 2) {:b 5})
=> {:a 1}"
  (hash-table-prune! (lambda (key value) (hash-table-contains? other key)) table)
  table)

(define (hash-table-xor! table other)
  "Make TABLE have the entries whose key is in just one of the tables; TABLE.

> (hash-table-xor! (hash-table :a 1 :b 2) {:b 5 :c 6})
=> {:a 1 :c 6}"
  (hash-table-walk other
                   (lambda (key value)
                     (if (hash-table-contains? table key) (hash-delete! table key) (hash-set! table key value))))
  table)

(define (hash-table-equivalence-function table)
  "The procedure by which TABLE compares keys.

> ((hash-table-equivalence-function {}) '(1) (list 1))
=> #t"
  (or (car (%hash-procedures table)) (if (equal? (hash-table-empty-copy table) {}) equal? eqv?)))

(define (hash-table-hash-function table)
  "The procedure by which TABLE finds keys; hash if it was made with none.

> (= ((hash-table-hash-function {}) '(1)) ((hash-table-hash-function {}) (list 1)))
=> #t"
  (or (cadr (%hash-procedures table)) hash))

(define (string-hash text [bound #f])
  "A number for the text, the same for the same text; less than BOUND if it is given.

> (= (string-hash \"ab\") (string-hash (string #\\a #\\b)))
=> #t"
  (if bound (modulo (hash text) bound) (hash text)))

(define (string-ci-hash text [bound #f])
  "string-hash of TEXT without case.

> (= (string-ci-hash \"AB\") (string-ci-hash \"ab\"))
=> #t"
  (string-hash (string-foldcase text) bound))

(define (hash-by-identity value [bound #f])
  "A number for VALUE, the same for the same object.

> (= (hash-by-identity 'a) (hash-by-identity 'a))
=> #t"
  (if bound (modulo (hash value) bound) (hash value)))
