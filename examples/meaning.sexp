;; Rows judged by a model, most of them without asking it; and a search as a table among tables.
;; A model is any procedure: here one that knows three words stands for it.

(define notes
  (rows->table
    '({:id "1" :who "ann" :content "the lag is back since the patch"}
      {:id "2" :who "bob" :content "what a fine map"}
      {:id "3" :who "cyd" :content "lag, again, in every match"}
      {:id "4" :who "ann" :content "loot is generous now"})))

(define (complains? text question) (if (string-contains text "lag") #t #f))

(define found (sem-filter notes "complains of the connection" :model complains?))

(display (column found id))
(newline)
(display (table->rows (aggregate (group-by found who) (n (count)))))
(newline)
(display (hash-ref (sem-report found) :recall-at-least))
(newline)
