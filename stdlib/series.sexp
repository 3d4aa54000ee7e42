;;; Signals in time, day by day: changes of level, days out of line, what is to be expected, topics and what comes up.

(define (daily [who 'everyone] :since [since #f] :until [until #f] :channel [channel #f] :about [about #f])
  "What WHO, a persona or everyone, said day by day: a table of day, messages, authors and tone, which is missing on days
  without messages. ABOUT: a subject, of which the messages must speak.

  > (table-columns (daily 'everyone))
  => (day messages authors tone)"
  (daily-table (audience-tones (audience who) :since since :until until :channel channel :about about :caller 'daily)))

(define (daily-table said)
  "What was SAID, as audience-tones gives it, as the table of its days.

  > (table-columns (daily-table (audience-tones (audience 'everyone))))
  => (day messages authors tone)"
  (rows->table (map (lambda (row) {:day (moment (car row)) :messages (cadr row) :authors (caddr row) :tone (cadddr row)})
                    (%daily (hash-ref said :times) (hash-ref said :authors) (tensor->list (hash-ref said :tones))))
               :like {:day (moment "1970-01-01") :messages 0 :authors 0 :tone 0.0}))

(define series-measures '(messages authors tone))

(define (series-of of measure)
  "The pair of the days and the numbers of MEASURE in OF: a table with the columns day and MEASURE, or a persona or
  everyone, whose days are taken.

  > (series-of (rows->table (list {:day (moment \"2026-01-05\") :messages 4})) 'messages)
  => ((#inst \"2026-01-05T00:00:00Z\") 4)"
  (let ((rows (table->rows (if (table? of) (%select of (list 'day measure) '()) (series-days of measure)))))
    (cons (map car rows) (map cadr rows))))

(define (series-days who measure)
  "The days of WHO with their MEASURE, one of series-measures.

  > (guard (e (#t (error-object-message e))) (series-days 'everyone 'charm))
  => \"there is no measure charm\""
  (if (not (memq measure series-measures)) (%unknown-name 'measure measure (map symbol->string series-measures)))
  (%select (daily who) (list 'day measure) '()))

(define (change-points [of 'everyone] :measure [measure 'messages] :level [level series-level])
  "The days on which the level of a MEASURE changed for good: a table of day, before, after, p and the version of the
  dated change that lies nearest, if one lies within three days. OF: a persona, everyone, or a table with the
  columns day and MEASURE. The habit of the week is left out; LEVEL: how often noise would show one.

  > (table->rows (%select (change-points (rows->table (map (lambda (i) {:day (instant-add (moment \"2026-01-05\") :days i)
                                                                       :messages (+ (modulo i 3) (if (< i 40) 5 25))})
                                                           (iota 80))))
                          '(before after) '()))
  => ((5.975 26.0))"
  (let* ((series (series-of of measure)) (days (list->vector (car series))))
    (rows->table
      (map (lambda (row)
             (let ((day (vector-ref days (car row))))
               {:day day :before (cadr row) :after (caddr row) :p (cadddr row) :version (change-near day)}))
           (%change-points (cdr series) :level level :counts (not (eq? measure 'tone))))
      :like {:day (moment "1970-01-01") :before 0.0 :after 0.0 :p 0.0 :version ""})))

(define (change-near day)
  "The version of the dated change nearest to DAY, within three days; #f if there is none.

  > (change-near (moment \"1970-01-01\"))
  => #f"
  (let ((near (filter (lambda (row) (<= (abs (car row)) 3))
                      (map (lambda (change) (cons (days-between day (hash-ref change :timestamp)) (hash-ref change :version)))
                           (%changes)))))
    (and (pair? near) (cdr (car (list-sort (lambda (a b) (< (abs (car a)) (abs (car b)))) near))))))

(define (anomalies [of 'everyone] :level [level series-level])
  "The days that are out of line in the number of messages, of authors, in tone, or in how these go together: a table of
  day, the measure farthest out with its z, the distance of the whole day, and the score of an isolation forest,
  which has no say. OF: a persona, everyone, or a table of days as daily gives it. LEVEL: how often noise would show
  one.

  > (map car (table->rows (%select (anomalies (rows->table (map (lambda (i) {:day (instant-add (moment \"2026-01-05\") :days i)
                                                                  :messages (if (= i 20) 90 (+ 9 (modulo i 3)))
                                                                  :authors (+ 4 (modulo i 2)) :tone 0.1})
                                                              (iota 40))))
                                   '(measure) '())))
  => (\"messages\")"
  (let* ((rows (filter (lambda (row) (cadddr row))
                       (table->rows (%select (if (table? of) of (daily of)) '(day messages authors tone) '()))))
         (days (list->vector (map car rows)))
         (found (%anomalies (map (lambda (row) (list (%steady (cadr row)) (%steady (caddr row)) (cadddr row))) rows)
                            :level level)))
    (rows->table (map (lambda (row)
                        {:day (vector-ref days (car row)) :measure (symbol->string (list-ref series-measures (cadr row)))
                         :z (list-ref row 2) :distance (list-ref row 3) :isolation (list-ref row 4)})
                      found)
                 :like {:day (moment "1970-01-01") :measure "" :z 0.0 :distance 0.0 :isolation 0.0})))

(define (%steady n) (* 2 (sqrt (+ n 0.375))))

(define (forecast [of 'everyone] :measure [measure 'messages] :days [days 14] :level [level forecast-level])
  "What is to be expected of a MEASURE on the next DAYS: a table of day, expected, low and high, between which LEVEL of
  what came lay when the past was forecast; with the method that was nearest then and its error over that of the
  same day a week before (mase: below 1 is better). OF: a persona, everyone, or a table with the columns day and MEASURE.

  > (table->rows (%select (forecast (rows->table (map (lambda (i) {:day (instant-add (moment \"2026-01-05\") :days i)
                                                                   :messages (modulo i 7)})
                                                      (iota 70)))
                                    :days 3)
                          '(expected method) '()))
  => ((0.0 \"same-day\") (1.0 \"same-day\") (2.0 \"same-day\"))"
  (let* ((series (series-of of measure))
         (made (%expected (map (lambda (n) (or n 0)) (cdr series)) days :level level)))
    (if (not made)
        (%refuse 'range (format "a series of ~a days is too short to forecast ~a" (length (car series)) days)
                 "three times as many days as are to be forecast, and two weeks more"))
    (let ((end (last (car series))) (method (hash-ref made :method)))
      (rows->table
        (map (lambda (i expected low high)
               {:day (instant-add end :days (+ i 1)) :expected expected :low low :high high
                :method (symbol->string method) :mase (hash-ref (hash-ref made :mase) method)})
             (iota days) (hash-ref made :mean) (hash-ref made :low) (hash-ref made :high))))))

;; ── Topics ──────────────────────────────────────────────────────────────────────────────────────────────────

(define (topics [who 'everyone] :k [k topics-looked-for] :like [like #f] :since [since #f] :until [until #f]
                :channel [channel #f])
  "What WHO, a persona or everyone, speaks of: a table of topic, its name; messages, people and the share of the messages;
  people-last-week, and expected, how many they would be if the share were that of the weeks before; p of as many by
  chance; emerging, whether that is less than emerging-level for any topic of them all; and examples, the messages
  nearest to its middle. K: how many topics. With LIKE, an earlier such table, a topic that goes on keeps its name.

  > (table-columns (topics 'everyone :k 4))
  => (topic messages people share people-last-week expected p emerging examples)"
  (let* ((said (audience-tones (audience who) :since since :until until :channel channel :caller 'topics))
         (ids (list->vector (hash-ref said :ids)))
         (found (if (= 0 (vector-length ids)) '(() ()) (%topic-clusters (%vectors-or-zero (vector->list ids)) k)))
         (examples (map (lambda (places) (map (lambda (at) (vector-ref ids at)) places)) (cadr found)))
         (names (topic-names examples (topic-labels (car found) (hash-ref said :texts) (length examples)) like)))
    (rows->table
      (if (null? examples) '() (topic-rows names examples (car found) said))
      :like {:topic "" :messages 0 :people 0 :share 0.0 :people-last-week 0 :expected 0.0 :p 0.0 :emerging #t :examples ""})))

(define topics-looked-for 12)
(define emerging-level 0.05)
(define series-level 0.05)          ; how often noise may show a change or a day out of line
(define forecast-level 0.9)

(define (topic-rows names examples labels said)
  "The rows of a table of topics: their NAMES and EXAMPLES, and what the LABELS of the messages that were SAID tell.

  > (procedure? topic-rows)
  => #t"
  (let* ((spans (%topic-spans labels (hash-ref said :authors) (hash-ref said :times) (length names)))
         (several (> (length (cadr spans)) 1))
         (alarms (if several (apply %emerging spans) (map (lambda (name) '(#f #f)) names)))
         (all (count (lambda (label) label) labels)))
    (map (lambda (at name near people alarm)
           (let* ((own (filter-map (lambda (label author) (and (eqv? label at) author)) labels (hash-ref said :authors))))
             {:topic name :messages (length own) :people (length (delete-duplicates own))
              :share (rounded (/ (length own) all)) :people-last-week (last people)
              :expected (car alarm) :p (cadr alarm)
              :emerging (and (cadr alarm) (< (cadr alarm) (/ emerging-level (length names))))
              :examples near}))
         (iota (length names)) names examples (car spans) alarms)))

(define (topic-labels labels texts k)
  "A name for each of K topics, of what the TEXTS with its number among LABELS say more than others.

  > (topic-labels '(0 1 #f) '(\"ranked queue\" \"castle lore\" \"\") 2)
  => (\"queue, ranked\" \"castle lore\")"
  (let* ((known (filter car (map list labels texts)))
         (order (delete-duplicates (map car known)))
         (terms (if (null? known) '() (telling-terms (map cadr known) (map car known) :top 3))))
    (map (lambda (at)
           (let ((row (assv at (map cons order terms))))
             (if (and row (pair? (cdr row))) (string-join (cdr row) ", ") (format "topic ~a" (+ at 1)))))
         (iota k))))

(define (topic-names examples labels like)
  "LABELS, of topics with EXAMPLES, but for those that go on with a topic of the table LIKE: its name.

  > (topic-names '((\"1\")) '(\"lag\") #f)
  => (\"lag\")"
  (if (not like)
      labels
      (let* ((rows (table->rows (%select like '(topic examples) '())))
             (known (map (lambda (row) (%vectors-or-zero (string->json (cadr row)))) rows))
             (same (%same-topics known (map %vectors-or-zero examples))))
        (map (lambda (at label) (if at (car (list-ref rows at)) label)) same labels))))
