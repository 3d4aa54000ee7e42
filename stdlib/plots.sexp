;;; Plots of tables: `plot` itself, and the plots of a community that are asked for most.

(define-syntax plot
  "A plot of DATA: a table, a list of hash tables or records, or a list of values, which are the column `value`.

  Channels say what is seen as what, each a column or an expression over columns, aggregates included: :x :y :color
  :facet (a panel for each value) :size :low :high (an interval around :y) :label. What is not said is chosen by the
  columns' types: instants and numbers make a line, two numbers points, names and numbers bars, :x alone counts (numbers
  in :bins, instants by :unit). :mark is point line area bar tick rect or boxplot; :title, :width and :height (pixels of
  a picture) are evaluated. Of more than :most rows (5,000) a sample is drawn, and said.

  > (plot '(3 1 4 1 5 9 2 6))
  => #<plot bar x=value y=count 6 rows>
  > (plot '({:day 1 :n 4} {:day 2 :n 6}) :x day :y n :mark line)
  => #<plot line x=day y=n 2 rows>
  > (plot (messages) :x (bucket timestamp :month) :y (count-distinct author-id) :title \"people\")
  => …"
  (er-macro-transformer
    (lambda (form rename compare)
      (let* ((parts (%plot-parts (cddr form)))
             (quoted (lambda (value) (list (rename 'quote) value)))
             (data (list (rename '%plottable) (cadr form)))
             (rows (list-ref parts 3)) (keys (list-ref parts 4)) (totals (list-ref parts 5))
             (table (cond ((pair? totals)
                           (cons* (rename 'aggregate) (if (null? keys) data (cons* (rename 'group-by) data keys)) totals))
                          ((pair? rows) (cons* (rename 'with-columns) data rows))
                          (else data))))
        (cons* (rename '%plot) table (quoted (car parts)) (quoted (cadr parts)) (list-ref parts 2))))))
