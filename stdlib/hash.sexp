;; Hash tables by procedures (SRFI 69 and 125 names).

(define %missing '(missing)) ; no program has this very pair as a value

(define (hash-table-update! table key change [default (lambda () (%hash-value table key 'hash-table-update!))])
  "Replace the value of KEY by (CHANGE value); for a missing key, of what the procedure DEFAULT returns.

> (let ((t {:a 1})) (hash-table-update! t :a (lambda (x) (+ x 1))) (hash-table-update! t :b list (lambda () 5)) t)
=> {:a 2 :b (5)}"
  (let ((value (%hash-value table key 'hash-table-update! %missing)))
    (hash-set! table key (change (if (eq? value %missing) (default) value)))))

(define (hash-table-update!/default table key change default)
  "Replace the value of KEY by (CHANGE value), DEFAULT standing for a missing value.

> (let ((t {})) (hash-table-update!/default t :a (lambda (n) (+ n 1)) 0) t)
=> {:a 1}"
  (hash-set! table key (change (%hash-value table key 'hash-table-update!/default default))))

(define (hash-update! table key change [default #f])
  "Replace the value of KEY by (CHANGE value), DEFAULT standing for a missing value.

> (let ((t {})) (hash-update! t :a (lambda (n) (+ n 1)) 0) t)
=> {:a 1}"
  (hash-set! table key (change (%hash-value table key 'hash-update! default))))

(define (hash-table-walk table procedure)
  "Call PROCEDURE with each key and value.

> (let ((sum 0)) (hash-table-walk {:a 1 :b 2} (lambda (k v) (set! sum (+ sum v)))) sum)
=> 3"
  (for-each (lambda (pair) (procedure (car pair) (cdr pair))) (hash->list table)))

(define (hash-for-each procedure table)
  "hash-table-walk with the procedure first.

> (let ((keys '())) (hash-for-each (lambda (k v) (set! keys (cons k keys))) {:a 1 :b 2}) keys)
=> (:b :a)"
  (hash-table-walk table procedure))

(define (hash-map procedure table)
  "A table with the same keys and the values (PROCEDURE key value).

> (hash-map (lambda (k v) (* v 10)) {:a 1 :b 2})
=> {:a 10 :b 20}"
  (let ((made (hash-table-empty-copy table)))
    (hash-table-walk table (lambda (k v) (hash-set! made k (procedure k v))))
    made))

(define (hash-filter keep? table)
  "A table with the entries for which (KEEP? key value) holds.

> (hash-filter (lambda (k v) (> v 1)) {:a 1 :b 2})
=> {:b 2}"
  (let ((made (hash-table-empty-copy table)))
    (hash-table-walk table (lambda (k v) (when (keep? k v) (hash-set! made k v))))
    made))

(define (hash-table-fold table procedure start)
  "PROCEDURE gets each key, its value and the result so far, START at first. TABLE may also come last.

> (hash-table-fold {:a 1 :b 2} (lambda (k v sum) (+ v sum)) 0)
=> 3"
  (if (hash-table? table)
      (fold-left (lambda (done pair) (procedure (car pair) (cdr pair) done)) start (hash->list table))
      (hash-table-fold start table procedure)))

(define (hash-table-ref table key [fail (lambda () (%hash-value table key 'hash-table-ref))] [succeed identity])
  "(SUCCEED value) of KEY; what the procedure FAIL returns when the key is missing.

> (hash-table-ref {:a 1} :b (lambda () 'none))
=> none"
  (let ((value (%hash-value table key 'hash-table-ref %missing)))
    (if (eq? value %missing) (fail) (succeed value))))
