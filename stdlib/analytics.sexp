;;; Analytics: how much a persona wrote and in what tone, over time; two of them compared; the turns of a workspace.

;; ── Analytics and comparison ────────────────────────────────────────────────────────────────────────────────

(define (audience-tones who :since [since #f] :until [until #f] :channel [channel #f] :about [about #f]
                        :caller [caller 'analyze])
  "Of the audience WHO: a hash table with the :tones of its messages in a span of time, their :authors and :times; with
  ABOUT, a subject in words, of the messages that speak of it.

  > (hash-table? (audience-tones (audience 'everyone)))
  => #t"
  (let* ((scope (%search-scope :channel channel :since since :until until :caller caller))
         (heard (%said :authors (hash-ref who :authors) :scope scope))
         (said (if about (%speaking-of heard (subject-words about)) heard))
         (texts (hash-ref said :texts)))
    (hash-set! said :tones (if (null? texts) (vector) (tones texts (%vectors-or-zero (hash-ref said :ids)))))
    said))

(define (subject-words about)
  "The words of the subject ABOUT as lists, each word with those that nearly mean it.

  > (map car (subject-words 'weapon-damage))
  => (\"weapon\" \"damage\")"
  (map (lambda (word) (cond ((assoc word related-words) => (lambda (row) row)) (else (list word))))
       (filter (lambda (word) (not (string=? word "")))
               (string-split (string-join (string-split (name->string about) "-") " ") " "))))

(define (subject target)
  "What an analysis of TARGET looks at: the audience of a persona; of a metric or a feature that a dated change
  names, everyone, with that metric as :metrics or that feature as :about.

  > (hash-ref (subject 'player-churn) :metrics)
  => (churn)"
  (define (everyone-by key value)
    (let ((made (hash-copy (audience 'everyone)))) (hash-set! made key value) made))
  (cond ((hash-table? target) target)
        ((analysed-metric? target) (everyone-by ':metrics (list (analysed-metric target))))
        ((and (name? target) (member (name->string target) (filter-map (lambda (c) (hash-ref c :feature)) (%changes))))
         (everyone-by ':about (name->string target)))
        ((and (name? target) (not (number? target)) (%did-you-mean target (analysed-spellings)))
         (analysed-metric target))
        (else (audience target))))

(define (analysed-spellings)
  "What the metrics of an analysis may be called.

  > (car (analysed-spellings))
  => \"volume\""
  (cons "volume" (metric-spellings)))

(define (analysed-metric? name)
  "Whether NAME means a metric of an analysis: volume, or one of a prediction.

  > (map analysed-metric? '(volume churn charm))
  => (#t #t #f)"
  (and (or (symbol? name) (string? name)) (member (name->string name) (analysed-spellings)) #t))

(define (analysed-metric name)
  "The metric of an analysis that NAME means.

  > (analysed-metric 'loyalty)
  => retention"
  (cond ((member name '(volume "volume")) 'volume)
        ((analysed-metric? name) (metric-named name))
        (else (%unknown-name 'metric name (analysed-spellings)))))

(define (analyze target :metrics [metrics #f] :aggregation [aggregation 'mean] :about [about #f]
                 :since [since #f] :until [until #f] :channel [channel #f])
  "What TARGET (a persona, or everyone) did in a span of time: how much it wrote and in what tone, in all and by week.

  METRICS: volume and satisfaction unless told otherwise; engagement (messages a day), retention (the share of those
  active in 14 days who are active in the next 14) and churn (the others). AGGREGATION of the tone: mean, median or
  distribution (its quartiles). ABOUT: a subject, of which the messages must speak. TARGET may also be a metric, or a
  feature that a dated change names: then of everyone.

  > (answer? (analyze 'everyone))
  => #t
  > (map (lambda (row) (hash-ref row :metric)) (answer-metrics (analyze 'retention)))
  => (retention)"
  (let* ((who (subject target))
         (wanted (map analysed-metric (or metrics (hash-ref who :metrics #f) '(volume satisfaction))))
         (topic (or about (hash-ref who :about #f)))
         (said (audience-tones who :since since :until until :channel channel :about topic))
         (n (length (hash-ref said :ids)))
         (rows (map (lambda (metric) (analyze-metric metric who said aggregation since until)) wanted))
         (label (hash-ref (hash-ref who :shown) :label)))
    (record-answer
      (make-answer (string-append "analysis of " label (if topic (string-append ", what they say of " (name->string topic)) ""))
                   (if (= n 0) "" (string-join (map describe-analysis rows) "\n"))
                   '() (hash-ref who :shown) #f #f #f rows (if (= n 0) 0.0 #f) ; what was counted is no guess
                   (if (= n 0) (string-append label " wrote nothing" (if topic (string-append " of " (name->string topic)) "")
                                              (if (or since until channel) " in that time and place" ""))
                       #f)
                   '() #f (corpus-version) (environment-version) #f #f '())
      (list 'analyze (hash-ref (hash-ref who :shown) :asked) :metrics wanted :aggregation aggregation))))

(define (analyze-metric metric who said aggregation since until)
  "One METRIC of WHO and what was SAID, from SINCE to UNTIL: :metric :value :n :authors :by-week.

  > (hash-ref (analyze-metric 'volume (audience 'everyone) (audience-tones (audience 'everyone)) 'mean #f #f) :metric)
  => volume"
  (let* ((feeling (%feeling (hash-ref said :tones) (hash-ref said :authors) :level feeling-level))
         (row (hash-table :metric metric :interval #f :authors (hash-ref feeling :authors) :n (hash-ref feeling :n)))
         (weeks (%by-week (hash-ref said :times) (if (eq? metric 'satisfaction) (hash-ref said :tones) #f))))
    (define (finish! value)
      (hash-set! row :value value)
      row)
    (if (memq metric '(volume satisfaction engagement)) (hash-set! row :by-week weeks))
    (case metric
      ((volume) (finish! (length (hash-ref said :ids))))
      ((engagement) (finish! (%a-day (hash-ref said :times))))
      ((retention churn) (finish! (analyzed-retention metric (%activity (hash-ref who :authors)) since until)))
      (else
        (if (eq? aggregation 'mean) (hash-set! row :interval (hash-ref feeling :interval)))
        (finish! (case aggregation
                   ((median) (%quantile (hash-ref said :tones) 0.5))
                   ((distribution) (map (lambda (q) (%quantile (hash-ref said :tones) q)) '(0.25 0.5 0.75)))
                   (else (hash-ref feeling :mean))))))))

(define (analyzed-retention metric activity since until)
  "The mean of retention, or of churn, its complement, over the days of ACTIVITY from SINCE to UNTIL; #f of no days.

  > (analyzed-retention 'retention (hash-table :days 0) #f #f)
  => #f"
  (if (= 0 (hash-ref activity :days))
      #f
      (let* ((day (lambda (when other) (if when (days-between (hash-ref activity :start) (moment when)) other)))
             (kept (%mean-between (kept-active activity) (day since 0) (day until (hash-ref activity :days)))))
        (and kept (if (eq? metric 'churn) (rounded (- 1 kept)) (rounded kept))))))

(define (describe-analysis row)
  "ROW of an analysis in words.

  > (describe-analysis (hash-table :metric 'volume :value 3 :authors 2 :interval #f))
  => \"Volume: 3 (2 authors).\""
  (string-append (capitalised (symbol->string (hash-ref row :metric))) ": "
                 (describe-value (hash-ref row :metric) (hash-ref row :value))
                 (if (hash-ref row :interval)
                     (string-append ", " (percent feeling-level) " between " (%signed (car (hash-ref row :interval)))
                                    " and " (%signed (cadr (hash-ref row :interval))))
                     "")
                 " (" (number->string (hash-ref row :authors)) " authors)."))

(define (describe-value metric value)
  "The VALUE of METRIC in an analysis as people read it: a tone with its sign, quartiles by their names.

  > (map describe-value '(satisfaction satisfaction volume churn) '(-0.123456 (-0.1 0.0 0.2) 3 #f))
  => (\"−0.12\" \"a quarter below −0.10, half below +0.00, three quarters below +0.20\" \"3\" \"too few days to tell\")"
  (cond ((not value) "too few days to tell")
        ((pair? value)
         (string-join (map (lambda (share quantile) (string-append share " below " (%signed quantile)))
                           '("a quarter" "half" "three quarters") value)
                      ", "))
        ((eq? metric 'satisfaction) (%signed value))
        (else (format "~a" value))))

(define (compare one other :since [since #f] :until [until #f] :channel [channel #f]
                 :metric [metric 'satisfaction] :earlier [earlier #f])
  "How far the tone of ONE lies above that of OTHER, two personas, with an interval over authors; or a refusal where it
  does not show. With :earlier, a list (since until), OTHER is taken in that span of time instead: a persona against its
  own past.

  > (answer? (compare 'everyone 'everyone))
  => #t"
  (if (not (eq? (metric-named metric) 'satisfaction))
      (%unknown-name 'metric metric '("satisfaction")
                     (string-append "compare knows satisfaction, not " (name->string metric))))
  (let* ((a (audience one)) (b (audience other))
         (here (audience-tones a :since since :until until :channel channel :caller 'compare))
         (there (audience-tones b :since (if earlier (car earlier) since) :until (if earlier (cadr earlier) until)
                                :channel channel :caller 'compare))
         (row (%difference (hash-ref here :tones) (hash-ref here :authors)
                           (hash-ref there :tones) (hash-ref there :authors) :level feeling-level))
         (names (map (lambda (who) (hash-ref (hash-ref who :shown) :label)) (list a b)))
         (refusal (and (not (hash-ref row :estimate)) "each side needs messages by two authors or more")))
    (record-answer
      (make-answer "comparison" (if refusal "" (describe-difference names row)) '() (hash-ref a :shown) #f
                   (hash-ref row :estimate) (hash-ref row :interval) (list row)
                   (if refusal 0.0 (rounded (- 1.0 (hash-ref row :p)))) refusal
                   '() #f (corpus-version) (environment-version) #f #f '())
      (list 'compare (car names) (cadr names)))))

(define (describe-difference names row)
  "The difference in ROW between the two of NAMES, in words.

  > (describe-difference '(\"a\" \"b\") (hash-table :estimate 0.1 :interval '(-0.1 0.3) :p 0.4))
  => \"No clear difference in tone: a against b +0.10 (95 % between −0.10 and +0.30, p = 0.4).\""
  (string-append
    (cond ((> (hash-ref row :p) reaction-alpha) "No clear difference in tone: ")
          (else "They differ in tone: "))
    (car names) " against " (cadr names) " " (%signed (hash-ref row :estimate)) " (" (percent feeling-level) " between "
    (%signed (car (hash-ref row :interval))) " and " (%signed (cadr (hash-ref row :interval))) ", p = "
    (number->string (hash-ref row :p)) ")."))

;; ── Turns ───────────────────────────────────────────────────────────────────────────────────────────────────

(define (turn [number #f])
  "Turn NUMBER of this workspace, or the latest: a hash table with :id :asked-at :form :answer (JSON) and the versions it
  was answered under; #f when there is none.

  > (turn 1000000)
  => #f"
  (%turn number))
