;;; What an analysis counts: one row for each metric, with its error where it has one.

(define (analyze-metric metric who said aggregation since until)
  "One METRIC of WHO and what was SAID, from SINCE to UNTIL: a hash table :metric :value :n :authors, and what belongs to
  the metric (:interval, :by-week).

  > (hash-ref (analyze-metric 'volume (audience 'everyone) (audience-tones (audience 'everyone)) 'mean #f #f) :metric)
  => volume"
  (let* ((feeling (%feeling (hash-ref said :tones) (hash-ref said :authors) :level feeling-level))
         (row (hash-table :metric metric :interval #f :authors (hash-ref feeling :authors) :n (hash-ref feeling :n)))
         (weeks (lambda (metric) (%by-week (hash-ref said :times) (if (eq? metric 'satisfaction) (hash-ref said :tones) #f)))))
    (if (memq metric '(volume satisfaction engagement)) (hash-set! row :by-week (weeks metric)))
    (hash-set! row :value
               (case metric
                 ((volume) (analyzed-counts (cadr (compared-counts said)) aggregation row (length (hash-ref said :ids))))
                 ((engagement) (analyzed-counts (map cadr (said-daily said)) aggregation row (%a-day (hash-ref said :times))))
                 ((retention churn) (analyzed-retention metric (%activity (hash-ref who :authors)) since until))
                 ((topics) (analyzed-topics who said))
                 ((trends) (append (trend-of 'volume (weeks 'volume)) (trend-of 'satisfaction (weeks 'satisfaction))))
                 ((anomalies) (unusual-days (map (lambda (row) (take row 2)) (said-daily said))))
                 (else (analyzed-tone (hash-ref said :tones) feeling aggregation row))))
    row))

(define (analyzed-tone tones feeling aggregation row)
  "The AGGREGATION of TONES; of their mean, that of FEELING, its interval is put into ROW.

  > (analyzed-tone #(0.0 0.5 1.0) {:mean 0.5 :interval '(0.0 1.0)} 'median {})
  => 0.5"
  (cond ((eq? aggregation 'mean) (hash-set! row :interval (hash-ref feeling :interval)) (hash-ref feeling :mean))
        (else (aggregated tones aggregation row))))

(define (aggregated numbers aggregation row)
  "The median of NUMBERS, or their quartiles, as AGGREGATION says; ROW notes which.

  > (map (lambda (aggregation) (aggregated #(1.0 2.0 4.0) aggregation {})) '(median distribution))
  => (2.0 (1.5 2.0 3.0))"
  (hash-set! row :aggregation aggregation)
  (if (eq? aggregation 'median)
      (%quantile numbers 0.5)
      (map (lambda (q) (%quantile numbers q)) '(0.25 0.5 0.75))))

(define (analyzed-counts counts aggregation row whole)
  "The AGGREGATION of COUNTS, one for each author or day, where there are any; instead of their mean the WHOLE.

  > (list (analyzed-counts '(1 2 6) 'median {} 9) (analyzed-counts '(1 2 6) 'mean {} 9))
  => (2.0 9)"
  (if (or (eq? aggregation 'mean) (null? counts))
      whole
      (aggregated (list->vector (map exact->inexact counts)) aggregation row)))

(define aggregated-metrics '(satisfaction volume engagement))

(define (check-aggregated metrics aggregation)
  "Refuse an AGGREGATION that says nothing of any of METRICS.

  > (guard (e (#t (error-object-message e))) (check-aggregated '(churn) 'median))
  => \"there is no median of churn\""
  (if (not (or (eq? aggregation 'mean) (any (lambda (m) (memq m aggregated-metrics)) metrics)))
      (%refuse 'aggregation (format "there is no ~a of ~a" aggregation (string-join (map symbol->string metrics) ", "))
               (string-append "of these there is: " (string-join (map symbol->string aggregated-metrics) ", ")))))

(define (analyzed-retention metric activity since until)
  "The mean of retention, or of churn, its complement, over the days of ACTIVITY from SINCE to UNTIL; #f of no days.

  > (analyzed-retention 'retention (hash-table :days 0) #f #f)
  => #f"
  (if (= 0 (hash-ref activity :days))
      #f
      (let* ((day (lambda (when other) (if when (days-between (hash-ref activity :start) (moment when)) other)))
             (kept (%mean-between (kept-active activity) (day since 0) (day until (hash-ref activity :days)))))
        (and kept (if (eq? metric 'churn) (rounded (- 1 kept)) (rounded kept))))))

;; ── Topics ──────────────────────────────────────────────────────────────────────────────────────────────────

(define (analyzed-topics who said)
  "What WHO speaks of more than others do in what was SAID; of everyone, more lately than before: lists (term messages
  share low high), the share of the messages that have the term, with its interval.

  > (analyzed-topics {:authors #f} {:texts '() :authors '()})
  => ()"
  (let* ((authors (hash-ref who :authors))
         (texts (hash-ref said :texts))
         (others (if authors (others-said authors (hash-ref said :scope #f)) '()))
         (recent (if authors '() (list-tail texts (quotient (* 2 (length texts)) 3))))
         (ours (if authors texts recent))
         (theirs (if authors others (take texts (- (length texts) (length recent))))))
    (if (or (null? ours) (null? theirs))
        '()
        (telling-rows (without-names (car (telling-terms (append ours theirs) (append (map (lambda (t) 1) ours) (map (lambda (t) 2) theirs))
                                                         :top (* 5 topics-shown))))
                      ours theirs))))

(define (without-names terms)
  "TERMS without those that have a member's name in them: whom one speaks to is no topic.

  > (without-names '(\"lag\" \"queue times\"))
  => (\"lag\" \"queue times\")"
  (let ((names (make-hash-table)))
    (for-each (lambda (name) (if (string? name) (hash-set! names (string-downcase name) #t))) (%column (authors) 'name))
    (remove (lambda (term) (any (lambda (word) (hash-ref names word #f)) (string-split term " "))) terms)))

(define (telling-rows terms ours theirs)
  "The topic-rows in OURS of the first topics-shown of TERMS of which our share lies above that in THEIRS, its interval too.

  > (telling-rows '(\"lag\" \"gg\") '(\"lag\" \"Lag again\" \"lag, gg\" \"so much lag\") '(\"gg\" \"fun\" \"hi\" \"gg all\"))
  => ((\"lag\" 4 1.0 0.51 1.0))"
  (take-at-most
    (filter-map
      (lambda (term n elsewhere)
        (let ((row (topic-row term n (length ours))))
          (and (> (cadddr row) (/ elsewhere (length theirs))) row)))
      terms (%term-counts-in terms ours) (%term-counts-in terms theirs))
    topics-shown))

(define (others-said authors scope)
  "The texts in SCOPE by people who are not among AUTHORS.

  > (list? (others-said '(\"nobody-at-all\") #f))
  => #t"
  (let ((heard (%said :scope scope)) (ours (make-hash-table)))
    (for-each (lambda (author) (hash-set! ours author #t)) authors)
    (filter-map (lambda (author text) (and (not (hash-ref ours author #f)) text))
                (hash-ref heard :authors) (hash-ref heard :texts))))

(define (topic-row term n of)
  "TERM, that N in OF texts have it, their share and its interval.

  > (topic-row \"lag\" 2 4)
  => (\"lag\" 2 0.5 0.15 0.85)"
  (append (list term n (rounded (/ n of))) (share-interval n of)))

(define (share-interval n of)
  "Between what a share of N in OF may lie, 95 times in 100 (Wilson 1927): a list of two.

  > (share-interval 2 4)
  => (0.15 0.85)"
  (let* ((z 1.96) (p (/ n of)) (middle (/ (+ p (/ (* z z) (* 2 of))) (+ 1 (/ (* z z) of))))
         (half (* (/ z (+ 1 (/ (* z z) of))) (sqrt (+ (/ (* p (- 1 p)) of) (/ (* z z) (* 4 of of)))))))
    (list (rounded (- middle half)) (rounded (+ middle half)))))

;; ── Over time ───────────────────────────────────────────────────────────────────────────────────────────────

(define (trend-of what weeks)
  "Whether WHAT rose or fell over whole WEEKS, lists (monday n [tone]): a list of one hash table :of :slope (a week)
  :interval :p :weeks; or none of fewer than five. Of volume the slope is that of the number of messages.

  > (trend-of 'volume '((\"2026-01-05\" 1) (\"2026-01-12\" 9)))
  => ()"
  (let* ((whole (if (> (length weeks) 2) (take (cdr weeks) (- (length weeks) 2)) '())) ; the first and last are cut short
         (made (%trend (map (lambda (week) (if (eq? what 'satisfaction) (caddr week) (cadr week))) whole)
                       :level feeling-level)))
    (if made
        (begin (hash-set! made :of what) (hash-set! made :weeks (length whole)) (list made))
        '())))

(define (unusual-days days)
  "Those of DAYS, lists (day n), whose number of messages is far out of line: lists (day n z).

  > (unusual-days '((\"2026-01-01\" 9) (\"2026-01-02\" 10) (\"2026-01-03\" 60) (\"2026-01-04\" 10) (\"2026-01-05\" 11)))
  => ((\"2026-01-03\" 60 9.1))"
  (map (lambda (row) (append (list-ref days (car row)) (cdr row)))
       (%outlying (map cadr days) unusual-beyond)))

;; ── In words ────────────────────────────────────────────────────────────────────────────────────────────────

(define (describe-analysis row)
  "ROW of an analysis in words.

  > (describe-analysis (hash-table :metric 'volume :value 3 :authors 2 :n 3 :interval #f))
  => \"Volume: 3 messages (2 authors).\"
  > (describe-analysis (hash-table :metric 'satisfaction :value 0.25 :authors 1 :n 1 :interval '(-1.0 1.0)))
  => \"Satisfaction: +0.25 on a scale from −1 to +1, 95 % between −1.00 and +1.00 (1 author).\""
  (string-append (capitalised (symbol->string (hash-ref row :metric))) ": "
                 (describe-value (hash-ref row :metric) (hash-ref row :value) (hash-ref row :aggregation #f))
                 (if (hash-ref row :interval)
                     (string-append ", " (percent feeling-level) " " (between-signed (hash-ref row :interval)))
                     "")
                 " (" (numbered (hash-ref row :authors) "author") ")."))

(define (numbered n thing)
  "N of THING, which is one or several.

  > (map (lambda (n) (numbered n \"author\")) '(1 2))
  => (\"1 author\" \"2 authors\")"
  (string-append (plain-number n) " " thing (if (= n 1) "" "s")))

(define (between-signed interval [digits 2])
  "INTERVAL as people read it, to so many DIGITS.

  > (between-signed '(-0.1 0.25))
  => \"between −0.10 and +0.25\""
  (string-append "between " (%signed (car interval) digits) " and " (%signed (cadr interval) digits)))

(define (describe-value metric value [aggregation #f])
  "The VALUE of METRIC in an analysis as people read it: a tone with its sign, quartiles by their names, counts that were
  aggregated with what they count.

  > (map describe-value '(satisfaction satisfaction volume engagement churn churn topics)
         '(-0.123456 (-0.1 0.0 0.2) 3 2.346 #f 0.077 ((\"lag\" 2 0.5 0.15 0.85))))
  => (\"−0.12 on a scale from −1 to +1\" \"a quarter below −0.10, half below +0.00, three quarters below +0.20\" \"3 messages\" \"2.346 messages a day\" \"too few days to tell\" \"8 % of those active in 14 days\" \"lag (2)\")
  > (list (describe-value 'volume 3.0 'median) (describe-value 'engagement '(1.0 2.5 4.0) 'distribution))
  => (\"in the median 3 messages an author\" \"a quarter below 1, half below 2.5, three quarters below 4 messages a day\")"
  (case metric
    ((topics) (listed value (lambda (t) (string-append (car t) " (" (number->string (cadr t)) ")")) "nothing sets them apart"))
    ((trends) (listed value describe-trend "fewer than five whole weeks"))
    ((anomalies) (listed value (lambda (d) (string-append (car d) ", " (number->string (cadr d)) " messages (z "
                                                          (%signed (caddr d) 1) ")"))
                         "no day is out of line"))
    (else (cond ((not value) "too few days to tell")
                ((eq? metric 'satisfaction)
                 (if (pair? value) (describe-quartiles value %signed) (string-append (%signed value) " on a scale from −1 to +1")))
                (aggregation (string-append (if (pair? value)
                                                (describe-quartiles value plain-number)
                                                (string-append "in the median " (plain-number value)))
                                            (if (eq? metric 'volume) " messages an author" " messages a day")))
                ((eq? metric 'volume) (numbered value "message"))
                ((eq? metric 'engagement) (string-append (plain-number value) " messages a day"))
                (else (string-append (percent value) " of those active in " (number->string retention-window) " days"))))))

(define (describe-quartiles quartiles shown)
  "QUARTILES in words, each as SHOWN.

  > (describe-quartiles '(1 2 3) number->string)
  => \"a quarter below 1, half below 2, three quarters below 3\""
  (string-join (map (lambda (share quantile) (string-append share " below " (shown quantile)))
                    '("a quarter" "half" "three quarters") quartiles)
               ", "))

(define (plain-number x)
  "X without a fraction where it has none.

  > (map plain-number '(2.0 2.5))
  => (\"2\" \"2.5\")"
  (number->string (if (integer? x) (exact x) (rounded x))))

(define (listed items describe nothing)
  "ITEMS, each as DESCRIBE has it, with semicolons; NOTHING where there are none.

  > (list (listed '(1 2) number->string \"none\") (listed '() number->string \"none\"))
  => (\"1; 2\" \"none\")"
  (cond ((null? items) nothing)
        ((> (length items) listed-at-most)
         (string-append (listed (take items listed-at-most) describe nothing) "; and "
                        (number->string (- (length items) listed-at-most)) " more"))
        (else (string-join (map describe items) "; "))))

(define (describe-trend made)
  "A trend in words: no clear one where its interval holds 0.

  > (describe-trend {:of 'volume :slope 2.0 :interval '(-1.0 4.0) :p 0.3 :weeks 9})
  => \"volume shows no clear trend, +2.00 a week (between −1.00 and +4.00, 9 weeks)\""
  (define digits (if (eq? (hash-ref made :of) 'satisfaction) 4 2)) ; a tone moves by thousandths a week
  (string-append (symbol->string (hash-ref made :of))
                 (cond ((<= (car (hash-ref made :interval)) 0 (cadr (hash-ref made :interval))) " shows no clear trend, ")
                       ((> (hash-ref made :slope) 0) " rises, ")
                       (else " falls, "))
                 (%signed (hash-ref made :slope) digits) " a week (" (between-signed (hash-ref made :interval) digits) ", "
                 (number->string (hash-ref made :weeks)) " weeks)"))
