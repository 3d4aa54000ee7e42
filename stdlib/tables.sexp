;;; Tables: the relational algebra as macros over the program's own names, and rows as lists.
;;;
;;; A clause's expressions stay unevaluated. Whatever in them may be the program's own (a name, a call of what is no
;;; operator) goes along as a thunk, which is called only if the table has no column of that name.

(define (%step kind make table forms)
  (list '%run-step make table (list 'quote kind) (list 'quote forms)
        (cons 'list
              (map (lambda (term) (list 'cons (list 'quote term) (list 'lambda '() term)))
                   (%free-terms kind forms)))))

(define (%run-step make table kind forms thunks)
  (make table
        forms
        (if (null? thunks)
            '()
            (map (lambda (term) (cons term (%own-value (cdr (assoc term thunks)))))
                 (%needed-terms table kind forms)))))

;; An error is a value here: the step raises it, for it knows where the name stands and what columns there are.
(define (%own-value thunk)
  (guard (problem ((error-object? problem) problem)) (thunk)))

(define-macro (where table . conditions)
  "The rows of TABLE for which all CONDITIONS hold. A bare name is a column if TABLE has one, else a variable.

  > (count (where (messages) (contains? content \"damage\") (> (length content) 5)))
  => …
  > (let ((n 1000000)) (count (where (messages) (> (length content) n))))
  => 0"
  (%step 'expressions '%where table conditions))

(define-macro (select table . clauses)
  "TABLE with exactly these columns: each a name, or (name expression).

  > (table-columns (select (messages) id (n (length content))))
  => (id n)"
  (%step 'clauses '%select table clauses))

(define-macro (with-columns table . clauses)
  "TABLE with columns (name expression) added, or replaced where it has the name.

  > (table-columns (with-columns (mentions) (n 1)))
  => (message-id author-id n)"
  (%step 'clauses '%with-columns table clauses))

(define-macro (rename table . clauses)
  "TABLE with columns called differently: each clause is (new old).

  > (table-columns (rename (mentions) (who author-id)))
  => (message-id who)"
  `(%rename ,table ',clauses))

(define-macro (group-by table . clauses)
  "One row for each different combination of these columns, names or (name expression); `aggregate` adds to them.

  > (table-columns (group-by (messages) author-id (week (bucket timestamp :week))))
  => (author-id week)"
  (%step 'clauses '%group-by table clauses))

(define-macro (aggregate table . clauses)
  "Columns (name expression) over each group of a `group-by`, or over all rows of any other table.

  Expressions are made of count count-distinct sum mean min max median quantile stddev, and of the group's columns.

  > (table-columns (aggregate (group-by (messages) author-id) (n (count)) (longest (max (length content)))))
  => (author-id n longest)"
  (%step 'totals '%aggregate table clauses))

(define-macro (order-by table . clauses)
  "TABLE sorted by these expressions, each `(desc expression)` for the greatest first; missing values come last.

  > (count (limit (order-by (messages) (desc timestamp)) 2))
  => 2"
  (%step 'expressions '%order-by table clauses))

(define-macro (distinct table . clauses)
  "Each different row of TABLE once; with names or (name expression) after it, of those columns.

  > (table-columns (distinct (messages) author-id))
  => (author-id)"
  (%step 'clauses '%distinct table clauses))

(define (%join-option options key default)
  (cond ((null? options) default)
        ((eq? (car options) key)
         (if (pair? (cdr options))
             (cadr options)
             (error "join: a keyword without a value" key)))
        ((and (keyword? (car options)) (memq (car options) '(:on :kind :suffix)) (pair? (cdr options)))
         (%join-option (cddr options) key default))
        (else (error "join takes :on, :kind and :suffix after two tables, not" (car options)))))

(define-macro (join left right . options)
  "LEFT with RIGHT where :on holds: a column that both have, `(= left-column right-column)`, or `(and …)` of those.

  :kind is inner, left, semi (rows of LEFT with a partner) or anti (without one). Columns of RIGHT whose names LEFT
  has get the :suffix \"-right\". A missing value has no partner.

  > (table-columns (join (mentions) (select (authors) id name) :on (= author-id id)))
  => (message-id author-id name)
  > (= (count (join (messages) (authors) :on (= author-id id) :kind semi)) (count (messages)))
  => #t"
  (let ((kind (%join-option options :kind 'inner)))
    `(%join ,left ,right ',(%join-option options :on #f)
            ,(if (symbol? kind) `',kind kind)
            ,(%join-option options :suffix "-right"))))

(define-macro (column table name)
  "The values of TABLE's column NAME, as a list.

  > (length (column (limit (messages) 2) content))
  => 2"
  `(%column ,table ',name))

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
        (else (error "count takes a table, or a predicate and lists, not" table-or-predicate))))
