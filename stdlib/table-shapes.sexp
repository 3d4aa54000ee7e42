;;; Tables in which a row is seen among others, or rows become columns and columns rows.

(define-syntax window
  "TABLE with columns (name expression) over the rows around each row: those of equal :by, in the order of :order-by.

  Expressions are made of aggregates (count sum mean …), row-number rank dense-rank ntile lag lead first last, and the
  row's own columns. An aggregate is over all rows up to this one; `:rows 7` takes this row and six before, `:rows (3 3)`
  three on either side, `:rows all` the whole partition, which it is without :order-by.

  > (table-columns (window (mentions) :by author-id :order-by (message-id) (n (row-number)) (before (lag message-id))))
  => (message-id author-id n before)
  > (count (where (window (messages) :by (author-id) :order-by ((desc timestamp)) (n (row-number))) (= n 1)))
  => …"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :windowed %window-columns table clauses))))

(define-syntax rolling
  "TABLE with columns (name aggregate) over the stretch of time that ends with each row: of the rows of equal :by, those
  in the :width (count unit) up to the instant :on. Units are second minute hour day week.

  > (table-columns (rolling (messages) :on timestamp :width (7 day) :by author-id (a-week (count))))
  => …"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :windowed %rolling table clauses))))

(define-syntax pivot
  "One row for each combination of the columns :by, with a column for each value of :on that holds what the aggregate
  :take gives of the rows with that value.

  :among is a list of the values that become columns; without it they are read from the table, 200 at most. What has no
  value goes under `none`.

  > (table-columns (pivot (messages) :by author-id :on (year timestamp) :take (count) :among '(2024 2025)))
  => (author-id |2024| |2025|)"
  (er-macro-transformer
    (lambda (form rename compare)
      (list (rename '%table-step) :windowed
            (list (rename 'lambda) (list (rename 'table) (rename 'forms) (rename 'free))
                  (list (rename '%pivot-step) (rename 'table) (rename 'forms) (rename 'free)
                        (%option (cddr form) :among)))
            (cadr form)
            (cddr form)))))

;; The form after KEYWORD in FORMS, or #f.
(define (%option forms keyword)
  (cond ((or (null? forms) (null? (cdr forms))) #f)
        ((eq? (car forms) keyword) (cadr forms))
        (else (%option (cdr forms) keyword))))

(define (%pivot-step table forms free among)
  (%pivot table forms free (if among among (map car (table->rows (%pivot-values table forms free))))))

(define-syntax unpivot
  "Each row of TABLE once for each of :columns, whose name stands in the column :name and whose value in :value.

  > (table-columns (unpivot (tickets) :columns (subject status) :name field :value text))
  => …"
  (syntax-rules ()
    ((_ table . clauses) (%unpivot table 'clauses))))

(define-syntax explode
  "Each row of TABLE once for each of the values that a generator gives: (name generator), one of `(words text)`,
  `(parts text separator)`, `(matches text pattern)`, `(json-items text step …)`, `(json-keys text step …)`.

  A hidden column, the name with -place after it, counts them from 0. A row without values is left out.

  > (column (explode (limit (select (messages) id (x \"b a\")) 1) (word (words x))) word)
  => (\"b\" \"a\")"
  (syntax-rules ()
    ((_ table . clauses) (%table-step :clauses %explode table clauses))))
