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
                    (said-daily said))
               :like {:day (moment "1970-01-01") :messages 0 :authors 0 :tone 0.0}))

(define (said-daily said)
  "What was SAID, as audience-tones gives it, by day: lists (day messages authors tone), tone #f on days without messages.

  > (said-daily {:times '(1 2) :authors '(\"ann\" \"ann\") :tones #(0.5 1.0)})
  => ((\"1970-01-01\" 2 1 0.75))"
  (%daily (hash-ref said :times) (hash-ref said :authors) (tensor->list (hash-ref said :tones))))

(define series-measures '(messages authors tone))

(define (series-of of measure)
  "The pair of the days and the numbers of MEASURE in OF: a table with the columns day and MEASURE, one row a day in any
  order, or a persona or everyone, whose days are taken. A day that a table lacks is there with #f: not known.

  > (series-of (rows->table (list {:day (moment \"2026-01-05\") :messages 4})) 'messages)
  => ((#inst \"2026-01-05T00:00:00Z\") 4)"
  (let* ((rows (table->rows (if (table? of) (%select of (list 'day measure) '()) (series-days of measure))))
         (made (%in-days (map (lambda (row) (moment (car row))) rows) (map cadr rows))))
    (cons (car made) (cadr made))))

(define (series-days who measure)
  "The days of WHO with their MEASURE, one of series-measures.

  > (guard (e (#t (error-object-message e))) (series-days 'everyone 'charm))
  => \"there is no measure charm\""
  (if (not (memq measure series-measures)) (%unknown-name 'measure measure (map symbol->string series-measures)))
  (%select (daily who) (list 'day measure) '()))

(define (change-points [of 'everyone] :measure [measure 'messages] :level [level series-level])
  "The days on which the level of a MEASURE changed for good: a table of day, before, after, p and the version of the
  dated change that lies nearest, if one lies within three days. OF: a persona, everyone, or a table with the
  columns day and MEASURE. The habit of the week is left out; LEVEL: how often noise would show one. A level that rises
  steadily looks like several changes; see `trend`.

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
           (%change-points (cdr series) :level level :counts (every (lambda (n) (or (not n) (and (exact-integer? n) (>= n 0))))
                                                                    (cdr series))))
      :like {:day (moment "1970-01-01") :before 0.0 :after 0.0 :p 0.0 :version ""})))

(define (trend [of 'everyone] :measure [measure 'messages] :level [level forecast-level])
  "Whether a MEASURE rose or fell over the weeks that end with the last day: a hash table of :slope, what a day of one week
  has more than a day of the week before, with the :interval that holds it at LEVEL, :p of Kendall's test that there
  is no trend, how many :weeks, and :reading, in words; #f of fewer than five weeks. OF: a persona, everyone, or a table with the
  columns day and MEASURE. Where one week leads to the next, p is too small: `change-points` asks that of shuffles.

  > (define rising (rows->table (map (lambda (i) {:day (instant-add (moment \"2026-01-05\") :days i) :messages i}) (iota 70))))
  > (hash-ref (trend rising) :slope)
  => 7.0"
  (let* ((weeks (weekly-means (cdr (series-of of measure)))) (made (%trend weeks :level level)))
    (if made
        (begin
          (hash-set! made :of measure)
          (hash-set! made :weeks (length weeks))
          (hash-set! made :reading (describe-trend made))))
    made))

(define (weekly-means numbers)
  "The mean of each seven NUMBERS in turn, so that the last week ends with the last of them; #f are left out, and so is a
  week of nothing else.

  > (weekly-means '(9 1 1 1 1 1 1 1 2 #f 2 2 2 2 #f))
  => (1.0 2.0)"
  (let next ((rest (list-tail numbers (modulo (length numbers) 7))) (found '()))
    (if (null? rest)
        (reverse found)
        (let ((known (filter (lambda (n) n) (take rest 7))))
          (next (list-tail rest 7)
                (if (null? known) found (cons (/ (apply + known) (length known) 1.0) found)))))))

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
         (found (%anomalies (map cdr rows) :counts '(0 1) :level level)))
    (rows->table (map (lambda (row)
                        {:day (vector-ref days (car row)) :measure (symbol->string (list-ref series-measures (cadr row)))
                         :z (list-ref row 2) :distance (list-ref row 3) :isolation (list-ref row 4)})
                      found)
                 :like {:day (moment "1970-01-01") :measure "" :z 0.0 :distance 0.0 :isolation 0.0})))

(define (forecast [of 'everyone] :measure [measure 'messages] :days [days 14] :level [level forecast-level])
  "What is to be expected of a MEASURE on the next DAYS: a table of day, expected, low and high, between which LEVEL of
  what came lay when the past was forecast; with the method that was nearest then and its error over that of the
  same day a week before (mase: below 1 is better). OF: a persona, everyone, or a table with the columns day and MEASURE.
  Days without a number, as of tone where nobody wrote, are taken to lie between their neighbours and judge no method.

  > (table->rows (%select (forecast (rows->table (map (lambda (i) {:day (instant-add (moment \"2026-01-05\") :days i)
                                                                   :messages (modulo i 7)})
                                                      (iota 70)))
                                    :days 3)
                          '(expected method) '()))
  => ((0.0 \"same-day\") (1.0 \"same-day\") (2.0 \"same-day\"))"
  (let* ((series (series-of of measure))
         (made (%expected (cdr series) days :level level)))
    (if (not made)
        (%refuse 'range (format "a series of ~a days is too short to forecast ~a" (length (car series)) days)
                 "three times as many days as are to be forecast, and two weeks more"))
    (let ((end (last (car series))) (method (hash-ref made :method)))
      (rows->table
        (map (lambda (i expected low high)
               {:day (instant-add end :days (+ i 1)) :expected expected :low low :high high
                :method (symbol->string method) :mase (hash-ref (hash-ref made :mase) method)})
             (iota days) (hash-ref made :mean) (hash-ref made :low) (hash-ref made :high))))))
