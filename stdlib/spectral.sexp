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
         (found (apply %hodge-flow (append (%flow-sides given from to amount table)
                                           (list :top top :draws draws :seed seed :device device)))))
    (if (not table) (%by-name! found))
    (hash-set! found :reading (%flow-in-words found))
    found))

;; Who the flow GIVEN comes FROM, who it goes TO, and how much: the column AMOUNT, or 1 each; that of `reply-flow` where no
;; TABLE is given. One read: rows have no order of their own.
(define (%flow-sides given from to amount table)
  (if (and table (not amount))
      (let ((sides (%columns given (list from to)))) (append sides (list (map (lambda (_) 1) (car sides)))))
      (%columns given (list from to (or amount 'amount)))))

;; The names of authors by id.
(define (%author-names)
  (let ((names (make-hash-table)))
    (for-each (lambda (row) (hash-set! names (car row) (cadr row))) (table->rows (%select (authors) '(id name) '())))
    names))

;; The ids of authors in FOUND exchanged for their names.
(define (%by-name! found)
  (let ((names (%author-names)))
    (for-each (lambda (key)
                (hash-set! found key
                           (map (lambda (row) (map (lambda (item) (or (and (string? item) (hash-ref names item #f)) item)) row))
                                (hash-ref found key))))
              '(:drivers :sources :cycles :persistent))))

(define (%flow-in-words found)
  (define (percent key) (string-append (number->string (exact (round (* 100 (hash-ref found key))))) " %"))
  (define (named key how none)
    (if (null? (hash-ref found key)) none (string-append how (%listed-names (car (hash-ref found key))))))
  (define no-loop? (= 0 (hash-ref found :triangles) (hash-ref found :holes)))
  (if (= 0 (hash-ref found :ties))
      "there are no ties between different people to read"
      (string-join
        (list (string-append "gradient " (percent :gradient)
                             (cond (no-loop? (named :drivers ": ties without a loop have nothing else; the flow runs to " ""))
                                   ((> (hash-ref found :gradient-by-chance) 0.05)
                                    ": no more than directions by lot have, so nobody drives")
                                   (else (named :drivers ": the flow runs to " ""))))
              (string-append "curl " (percent :curl)
                             (if (> (hash-ref found :curl-by-chance) 0.05)
                                 ": no more than directions by lot have"
                                 (named :cycles ": round and round go " "")))
              (string-append "harmonic " (percent :harmonic) " round " (number->string (hash-ref found :holes)) " holes"
                             (named :persistent ", most between " "")))
        "; ")))

(define (%listed-names row) (string-join (map (lambda (item) (format "~a" item)) (drop-right row 1)) ", "))

;; ── Places ──────────────────────────────────────────────────────────────────────────────────────────────────

(define (spectral-map [table #f] :from [from 'from] :to [to 'to] :amount [amount #f] :seed [seed 0]
                      :title [title "who is tied to whom"])
  "A plot of the people of a flow, near to those they are tied to: the second and third eigenvectors of its graph.

  The largest connected part, each person a point, in the colour of the potential of `hodge-flow`: those of high colour
  draw more than they give. TABLE, FROM, TO and AMOUNT are as there; without a table, who answers whom.

  > (plot? (spectral-map (rows->table '({:from \"ann\" :to \"bob\"} {:from \"bob\" :to \"cyd\"}))))
  => #t"
  (let* ((given (or table (reply-flow)))
         (sides (%flow-sides given from to amount table))
         (placed (apply %graph-places (append sides (list :seed seed)))))
    (if (null? placed)
        (%refuse 'unknown "there are no ties to draw" "a table with the columns from and to"))
    (let* ((most (length placed))
           (found (apply %hodge-flow (append sides (list :draws 0 :top most))))
           (drawn (append (hash-ref found :drivers) (hash-ref found :sources)))
           (names (if table '() (%author-names)))
           (row (lambda (place)
                  (let ((who (car place)) (rest (cdr place)))
                    (hash-table :name (if table who (hash-ref names who who)) :x (car rest) :y (cadr rest)
                                :ties (caddr rest)
                                :potential (let ((own (assoc who drawn))) (if own (cadr own) 0.0)))))))
      (%plot (rows->table (map row placed))
             '((x . x) (y . y) (color . potential) (size . ties) (label . name)) 'point :title title))))

;; ── Signals ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (message-signals :by [by #f] :of [of #f] :unit [unit 'day])
  "How many messages there were in each whole hour, day or week UNIT: a hash table of :from, when the first began, :names
  and :counts, a list of numbers for each name. One signal, or one for each value of the column BY; OF a table of messages.

  > (guard (e (#t 'nothing)) (hash-ref (message-signals) :names))
  => …"
  (let* ((sides (%columns (or of (messages)) (if by (list 'timestamp by) '(timestamp)))) (times (car sides)))
    (%signals times (if by (cadr sides) (map (lambda (_) "all") times)) :unit unit)))

(define (recurring-patterns [signal #f] :length [length 7] :unit [unit 'day] :most [most 3] :seed [seed 0]
                            :device [device "cpu"])
  "What comes back in SIGNAL, a list of numbers; without one, in the number of messages in each UNIT.

  A hash table. :rhythms are periods (in steps) whose power stands out of that of their neighbours, with their :share of
  the variance; they came round some eight times, as a level that wanders or a gap looks like fewer. :shapes are courses
  of LENGTH steps that recur more exactly than in signals of the same spectrum and no shape: :starts counted from 0, how
  far apart the nearest two are, how far they would be :expected. Each at p ≤ .01, so noise yields nothing: of signals of
  white and red noise, random walks, steps, gaps and growth 0 to 3 in 100 showed a rhythm.

  > (recurring-patterns '(4 1 3 5 2 2 4 1 5 3 3 1 4 2 5 1 2 4 3 5))
  => {:rhythms () :shapes ()}"
  (if signal
      (%patterns signal length :most most :seed seed :device device)
      (let* ((heard (message-signals :unit unit))
             (found (%patterns (car (hash-ref heard :counts)) length :most most :seed seed :device device)))
        (hash-set! found :from (hash-ref heard :from))
        found)))

(define (forecast-signals [signals #f] :horizon [horizon 7] :season [season 7] :by [by #f] :of [of #f]
                          :unit [unit 'day] :seed [seed 0] :device [device "cpu"])
  "The next HORIZON steps of SIGNALS, lists of numbers of one length; without them, of the messages in each UNIT, BY a
  column, OF a table of messages: by persona, `:of (join (messages) (persona-members) :on author-id) :by 'persona-id`.

  A Fourier operator learns from all signals together how each goes on after the others; it is taken only if it did better
  than the seasonal naive forecast on the last HORIZON known steps. A hash table: :forecast, :method (operator or
  seasonal-naive), :backtest, the operator's error over the naive one's. It pays where signals follow one another (half
  of AutoETS' error); on single or independent ones AutoETS is better by a tenth.

  > (hash-ref (forecast-signals '((1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2)) :horizon 2 :season 2) :method)
  => \"seasonal-naive\""
  (if signals
      (%forecast-signals signals horizon season :seed seed :device device)
      (let* ((heard (message-signals :by by :of of :unit unit))
             (made (%forecast-signals (hash-ref heard :counts) horizon season :seed seed :device device)))
        (hash-set! made :names (hash-ref heard :names))
        made)))
