;;; Tables: the relational algebra as macros over the program's own names, and rows as lists.
;;;
;;; A clause's expressions stay unevaluated. Whatever in them may be the program's own (a name, a call of what is no
;;; operator) goes along as a thunk, which is called only if the table has no column of that name.

;; Macros of the program are expanded first; what they bring along keeps its meaning under a name of its own.
(define-syntax %table-step
  (er-macro-transformer
    (lambda (form rename compare)
      (let* ((kind (cadr form)) (make (caddr form)) (table (cadddr form)) (given (%expanded (cadddr (cdr form)) compare)))
        (list (rename '%run-step) make table kind (list (rename 'quote) (car given))
              (cons (rename 'list)
                    (map (lambda (term)
                           (list (rename 'cons)
                                 (list (rename 'quote) term)
                                 (list (rename 'lambda) '()
                                       (if (%form? term compare)
                                           (list (rename '%no-value) (list (rename 'quote) term))
                                           (if (null? (cdr given)) term (%as-meant term (cdr given)))))))
                         (%free-terms kind (car given)))))))))

(define (%no-value name)
  (%error 'syntax (string-append (symbol->string name) " is a form, not a value") #f))

(define (%run-step make table kind forms thunks)
  (make table
        forms
        (if (null? thunks)
            '()
            (map (lambda (term) (cons term (%own-value (cdr (assoc term thunks)))))
                 (%needed-terms table kind forms)))))

;; An error is a value here: the step raises it, for it knows where the name stands and what columns there are.
;; A procedure is written out where columns are given to it.
(define (%own-value thunk)
  (let ((value (guard (problem ((error-object? problem) problem)) (thunk))))
    (if (procedure? value) (%column-procedure value) value)))

(define-syntax where
  "The rows of TABLE for which all CONDITIONS hold. A bare name is a column if TABLE has one, else a variable.
  A condition holds or does not: without a value it counts as #f. `(null? column)` tells a #f that the store has from
  no value at all; `(missing? column)` is true of both.

  > (count (where (messages) (contains? content \"damage\") (> (length content) 5)))
  => …
  > (let ((n 1000000)) (count (where (messages) (> (length content) n))))
  => 0"
  (syntax-rules ()
    ((_ table . conditions) (%table-step :expressions %where table conditions))))

(define-syntax select
  "TABLE with exactly these columns: each a name, or (name expression).

  > (table-columns (select (messages) id (n (length content))))
  => (id n)"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :clauses %select table clauses))))

(define-syntax with-columns
  "TABLE with columns (name expression) added, or replaced where it has the name.

  > (table-columns (with-columns (mentions) (n 1)))
  => (message-id author-id n)"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :clauses %with-columns table clauses))))

(define-syntax rename
  "TABLE with columns called differently: each clause is (new old).

  > (table-columns (rename (mentions) (who author-id)))
  => (message-id who)"
  (syntax-rules ()
    ((_ table . clauses) (%rename table 'clauses))))

(define-syntax group-by
  "One row for each different combination of these columns, names or (name expression); `aggregate` adds to them.

  > (table-columns (group-by (messages) author-id (week (bucket timestamp :week))))
  => (author-id week)"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :clauses %group-by table clauses))))

(define-syntax aggregate
  "Columns (name expression) over each group of a `group-by`, or over all rows of any other table.

  Expressions are made of count count-distinct sum mean min max median quantile stddev, of arg-min and arg-max, which
  give the value of one column in the row where another is least or greatest, and of the group's columns.

  > (table-columns (aggregate (group-by (messages) author-id) (n (count)) (longest (max (length content)))))
  => (author-id n longest)
  > (table-columns (aggregate (group-by (messages) author-id) (latest (arg-max content timestamp))))
  => (author-id latest)"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :totals %aggregate table clauses))))

(define-syntax having
  "The groups of a `group-by` for which all CONDITIONS hold; before `aggregate` or after it, whose columns they see then.

  > (table-columns (aggregate (having (group-by (messages) author-id) (> (count) 1000)) (n (count))))
  => (author-id n)
  > (count (having (aggregate (group-by (messages) author-id) (n (count))) (> n 1000000)))
  => 0"
  (syntax-rules ()
    ((_ table . conditions) (%table-step :having %having table conditions))))

(define-syntax order-by
  "TABLE sorted by these expressions, each `(desc expression)` for the greatest first; missing values come last.

  > (count (limit (order-by (messages) (desc timestamp)) 2))
  => 2"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :expressions %order-by table clauses))))

(define-syntax distinct
  "Each different row of TABLE once; with names or (name expression) after it, of those columns.

  > (table-columns (distinct (messages) author-id))
  => (author-id)"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :clauses %distinct table clauses))))

(define-syntax %join-step
  (er-macro-transformer
    (lambda (form rename compare)
      (let ((given (%join-options (cdddr form))))
        (list (rename '%join) (cadr form) (caddr form)
              (list (rename 'quote) (car given)) (list (rename 'quote) (cadr given)) (caddr given))))))

(define-syntax join
  "LEFT with RIGHT where :on holds: a column that both have, `(= left-column right-column)`, or `(and …)` of those.

  :kind is inner, left, semi (rows of LEFT with a partner), anti (without one) or asof: each row of LEFT with the one
  partner that comes nearest by a comparison in :on, as in `(and (= author-id author-id) (>= timestamp at))`. Columns of RIGHT whose names LEFT
  has get the :suffix \"-right\". A missing value has no partner.

  > (table-columns (join (mentions) (select (authors) id name) :on (= author-id id)))
  => (message-id author-id name)
  > (= (count (join (messages) (authors) :on (= author-id id) :kind semi)) (count (messages)))
  => #t"
  (syntax-rules ()
    ((_ left right . options) (%join-step left right . options))))

(define-syntax column
  "The values of TABLE's column NAME, as a list.

  > (length (column (limit (messages) 2) content))
  => 2"
  (syntax-rules ()
    ((_ table name) (%column table 'name))))

(define (first-rows table [n 10])
  "The first N rows of TABLE, as a list of hash tables.

  > (length (first-rows (messages) 2))
  => 2"
  (table->list (limit table n)))

(define (%walk-rows procedure rows more found)
  (cond ((pair? rows) (%walk-rows procedure (cdr rows) more (cons (procedure (car rows)) found)))
        (else (let ((next (%cursor-take more)))
                (if (null? next) (reverse found) (%walk-rows procedure next more found))))))

(define (map-rows table procedure)
  "What PROCEDURE gives for each row of TABLE (a hash table under keywords), as a list: for what has no operator.

  > (map-rows (limit (messages) 2) (lambda (row) (string? (get row :content))))
  => (#t #t)"
  (if (procedure? table)
      (map-rows procedure table)
      (%walk-rows procedure '() (%cursor table) '())))

(define (for-each-row table procedure)
  "Call PROCEDURE on each row of TABLE (a hash table under keywords), in order, as they come from the store.

  > (let ((n 0)) (for-each-row (limit (messages) 3) (lambda (row) (set! n (+ n 1)))) n)
  => 3"
  (let ((more (%cursor table)))
    (let chunks ((rows (%cursor-take more)))
      (unless (null? rows)
        (for-each procedure rows)
        (chunks (%cursor-take more))))))

(define (count table-or-predicate . lists)
  "The number of rows of a table; or, given a predicate and lists, for how many elements it holds (SRFI-1).

  > (count (limit (messages) 2))
  => 2
  > (count even? '(1 2 4))
  => 2
  > (count < '(1 5 3) '(2 4 6))
  => 2"
  (cond ((pair? lists)
         (if (null? (cdr lists))
             (%count-items table-or-predicate (car lists))
             (%count-items (lambda (x) x) (apply map table-or-predicate lists))))
        ((table? table-or-predicate) (%table-count table-or-predicate))
        (else (%error 'type (format "count takes a table, or a predicate and lists, not ~s" table-or-predicate)
                      "(count (messages)) is the number of rows, (length list) that of elements" table-or-predicate))))
