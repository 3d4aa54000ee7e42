;;; Spectra of a community: what its flows of replies are made of, where its authors lie, what comes back in its signals.

;; ── Flows ───────────────────────────────────────────────────────────────────────────────────────────────────

(define (reply-flow)
  "Who answers whom, how often: a table with the columns from, to (ids of authors) and amount.

  > (table-columns (reply-flow))
  => (from to amount)"
  (let* ((answering (%joined (replies) (%select (messages) '((message-id id) (from author-id)) '()) 'message-id))
         (answered (%joined answering (%select (messages) '((reply-to id) (to author-id)) '()) 'reply-to)))
    (%aggregate (%group-by answered '(from to) '()) '((amount (count))) '())))

(define (hodge-flow [table #f] :from [from 'from] :to [to 'to] :amount [amount #f] :top [top 5] :draws [draws 19]
                    :seed [seed 0] :device [device "cpu"])
  "What a flow between people is made of: a hash table of shares and, by name, of who drives, goes round and persists.

  TABLE has a column of who it comes FROM, one of who it goes TO, and one of its AMOUNT, or each row counts 1; without
  a table it is `reply-flow`, in which attention flows from who answers to who is answered. Only the net between two
  counts. The flow is the sum of three parts at right angles: :gradient, :curl and :harmonic are their shares.
  Gradient runs from low to high of a potential: :drivers are the highest (they draw more than they give), :sources the
  lowest. Curl goes round triangles: :cycles are (a b c amount), a to b to c to a. Harmonic goes round holes that no
  triangle fills, :persistent are its ties (from to amount), :holes how many holes there are.
  :gradient-by-chance and :curl-by-chance tell how often the same amounts in directions drawn by lot have as large a
  share: at .5 nobody drives. :reading says it in words.   [Jiang, Lim, Yao & Ye 2011]

  > (define round (list {:from \"ann\" :to \"bob\"} {:from \"bob\" :to \"cyd\"} {:from \"cyd\" :to \"ann\"}))
  > (hash-ref (hodge-flow (rows->table round)) :cycles)
  => ((\"ann\" \"bob\" \"cyd\" 1.0))
  > (map car (hash-ref (hodge-flow (rows->table '({:from \"ann\" :to \"bob\"} {:from \"cyd\" :to \"bob\"}))) :drivers))
  => (\"bob\")"
  (let* ((given (or table (reply-flow)))
         (tails (%column given from))
         (amounts (cond ((or amount (not table)) (%column given (or amount 'amount))) (else (map (lambda (_) 1) tails))))
         (found (%hodge-flow tails (%column given to) amounts :top top :draws draws :seed seed :device device)))
    (if (not table) (%by-name! found))
    (hash-set! found :reading (%flow-in-words found))
    found))

;; The ids of authors in FOUND exchanged for their names.
(define (%by-name! found)
  (let ((names (make-hash-table)))
    (for-each (lambda (row) (hash-set! names (car row) (cadr row))) (table->rows (%select (authors) '(id name) '())))
    (for-each (lambda (key)
                (hash-set! found key
                           (map (lambda (row) (map (lambda (item) (or (and (string? item) (hash-ref names item #f)) item)) row))
                                (hash-ref found key))))
              '(:drivers :sources :cycles :persistent))))

(define (%flow-in-words found)
  (define (percent key) (string-append (number->string (exact (round (* 100 (hash-ref found key))))) " %"))
  (define (named key how none)
    (if (null? (hash-ref found key)) none (string-append how (%listed-names (car (hash-ref found key))))))
  (string-join
    (list (string-append "gradient " (percent :gradient)
                         (if (> (hash-ref found :gradient-by-chance) 0.05)
                             ": no more than directions by lot have, so nobody drives"
                             (named :drivers ": the flow runs to " "")))
          (string-append "curl " (percent :curl)
                         (if (> (hash-ref found :curl-by-chance) 0.05)
                             ": no more than directions by lot have"
                             (named :cycles ": round and round go " "")))
          (string-append "harmonic " (percent :harmonic) " round " (number->string (hash-ref found :holes)) " holes"
                         (named :persistent ", most between " "")))
    "; "))

(define (%listed-names row) (string-join (map (lambda (item) (format "~a" item)) (drop-right row 1)) ", "))
