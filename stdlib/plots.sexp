;;; Plots of tables: `plot` itself, and the plots of a community that are asked for most.

(define-syntax plot
  "A plot of DATA: a table, a list of hash tables or records, or a list of values, which are the column `value`.

  Channels say what is seen as what, each a column or an expression over columns, aggregates included: :x :y :color
  :facet (a panel for each value) :size :low :high (an interval around :y) :label. What is not said is chosen by the
  columns' types: instants and numbers make a line, two numbers points, names and numbers bars, :x alone counts (numbers
  in :bins, instants by :unit). :mark is point line area bar tick rect or boxplot; :title, :width and :height (pixels of
  a picture) are evaluated. Of more than :most rows (5,000) a sample is drawn, and said.

  > (plot '(3 1 4 1 5 9 2 6))
  => #<plot bar x=value y=count 7 rows>
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

;; ── Plots of a community ────────────────────────────────────────────────────────────────────────────────────

(define (plot-volume :of [table #f] :by [by #f] :unit [unit #f] :title [title "messages"])
  "How many messages were written in each stretch of time; BY 'channel, 'type or 'persona in as many lines. OF: other
  messages than all. UNIT: hour day week month quarter year; by the span where it is not given.

  > (plot-volume :unit 'month)
  => …"
  (let ((said (or table (messages))))
    (%plot (case by
             ((#f) said)
             ((type) said)
             ((channel) (%joined said (%select (channels) '((channel-id id) (channel name)) '()) 'channel-id))
             ((persona) (%joined said (%persona-names) 'author-id))
             (else (%refuse 'range (string-append "plot-volume: by " (format "~s" by) "? It knows channel, type and persona")
                            "(plot-volume :by 'channel)")))
           (if by (list '(x . timestamp) (cons 'color by)) '((x . timestamp)))
           'line :unit unit :title title)))

;; author-id and persona, the name of it, of everyone who is in one.
(define (%persona-names)
  (let ((known (personas)))
    (if (null? known)
        (%refuse 'unknown "no personas have been found" "(discover-personas) looks for them")
        (%select (%joined (persona-members)
                          (rows->table (map (lambda (p) (hash-table ':persona-id (persona-id p)
                                                                    ':persona (name->string (persona-name p))))
                                            known))
                          'persona-id)
                 '(author-id persona) '()))))

(define (%joined left right on)
  (%join left right on 'inner "-right"))

(define (plot-personas :seed [seed 0] :title [title "personas"])
  "The community as a map: each author a point, near to those who speak alike, in the colour of its persona.

  Places are spectral: of the graph in which authors are tied to those whose messages mean the like. They need vectors,
  which `discover-personas` and `search` make.

  > (guard (e (#t 'refused)) (plot-personas))
  => refused"
  (let* ((who (%persona-names))
         (placed (%author-places (%heard :embed #f) :seed seed)))
    (if (null? placed)
        (%refuse 'unknown "no message has a vector yet" "(discover-personas) makes them"))
    (%plot (%joined (rows->table (map (lambda (row) (hash-table ':author-id (car row) ':x (cadr row) ':y (caddr row)
                                                                ':messages (cadddr row)))
                                      placed))
                    (%joined who (%select (authors) '((author-id id) name) '()) 'author-id)
                    'author-id)
           '((x . x) (y . y) (color . persona) (size . messages) (label . name)) 'point :title title)))

(define (plot-tone [who 'everyone] :unit [unit 'month] :about [about #f] :title [title #f])
  "The mean tone of what WHO, a persona or everyone, wrote in each UNIT of time, with its 95 % interval.

  > (plot? (plot-tone))
  => #t"
  (let* ((said (audience-tones (audience who) :about about :caller 'plot-tone))
         (heard (%toned (hash-ref said :times) (hash-ref said :tones))))
    (%plot (%with-interval heard unit)
           '((x . at) (y . tone) (low . low) (high . high)) 'line
           :title (or title (string-append "tone of " (hash-ref (hash-ref (audience who) :shown) :label))))))

;; The mean tone in each UNIT in which at least two spoke, and how sure it is: 1.96 standard errors either way.
(define (%with-interval said unit)
  (let* ((units (%group-by said (list (list 'at (list 'bucket 'at unit))) '()))
         (totals (%aggregate units '((mean-tone (mean tone)) (spread (stddev tone)) (n (count))) '()))
         (several (%where totals '((> n 1)) '())))
    (%order-by (%select several '(at (tone mean-tone) n
                                  (low (- mean-tone (* 1.96 (/ spread (sqrt n)))))
                                  (high (+ mean-tone (* 1.96 (/ spread (sqrt n))))))
                        '())
               '(at) '())))
