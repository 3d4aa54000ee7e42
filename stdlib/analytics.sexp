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
    (hash-set! said :scope scope)
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
  (cond ((hash-table? target) (audience target))
        ((analysed-metric? target) (everyone-by ':metrics (list (analysed-metric target))))
        ((and (name? target) (member (name->string target) (filter-map (lambda (c) (hash-ref c :feature)) (%changes))))
         (everyone-by ':about (name->string target)))
        ((and (name? target) (not (number? target)) (%did-you-mean target (analysed-spellings)))
         (analysed-metric target))
        (else (guard (e ((and (name? target) (error-object? e) (eq? (error-object-code e) 'unknown-persona))
                         (%unknown-name 'target (name->string target) (analysed-targets)
                                        (format "there is no persona, metric or changed feature ~a to analyse" target))))
                (audience target)))))

(define (analysed-targets)
  "What an analysis can be of, by name: everyone, personas, features that a dated change names, metrics.

  > (car (analysed-targets))
  => \"everyone\""
  (append '("everyone") (map (lambda (p) (or (persona-alias p) (persona-label p))) (personas))
          (map symbol->string (append counted-metrics (map car metric-names)))
          (delete-duplicates (filter-map (lambda (c) (hash-ref c :feature)) (%changes)))))

(define (analysed-spellings)
  "What the metrics of an analysis may be called.

  > (car (analysed-spellings))
  => \"volume\""
  (append (map symbol->string counted-metrics) (metric-spellings)))

(define (analysed-metric? name)
  "Whether NAME means a metric of an analysis: one of the counted, or one of a prediction.

  > (map analysed-metric? '(volume churn charm))
  => (#t #t #f)"
  (and (or (symbol? name) (string? name)) (member (name->string name) (analysed-spellings)) #t))

(define (analysed-metric name)
  "The metric of an analysis that NAME means.

  > (analysed-metric 'loyalty)
  => retention"
  (cond ((memq (string->symbol (name->string name)) counted-metrics) => car)
        ((analysed-metric? name) (metric-named name))
        (else (%unknown-name 'metric name (analysed-spellings)))))

(define (analysis-of target :metrics [metrics #f] :aggregation [aggregation 'mean] :about [about #f]
                     :since [since #f] :until [until #f] :channel [channel #f])
  "What TARGET (a persona, or everyone) did in a span of time: how much it wrote and in what tone, in all and by week.
  `analyze` is its short name, and takes clauses as well.

  METRICS, one or a list: volume and satisfaction unless told otherwise; engagement (messages a day), retention (the share of those
  active in 14 days who are active in the next 14) and churn (the others); topics (what they speak of more than others,
  of everyone: more lately than before), trends (of volume and satisfaction, by week) and anomalies (days out of line).
  AGGREGATION: mean, median or distribution (quartiles) of the tone, of the volume by author and the engagement by day, of
  which the mean is as it says above. ABOUT: a subject, of which the messages must speak. TARGET may also be a metric, or a
  feature that a dated change names: then of everyone.

  > (answer? (analysis-of 'everyone))
  => #t
  > (map (lambda (row) (hash-ref row :metric)) (answer-metrics (analysis-of 'retention)))
  => (retention)"
  (check-analysis aggregation since until)
  (as-turn 'analysis target
           (lambda () (%analysis target metrics aggregation about since until channel))))

(define (%analysis target metrics aggregation about since until channel)
  (let* ((who (subject target))
         (wanted (wanted-metrics metrics who))
         (topic (or about (hash-ref who :about #f)))
         (said (audience-tones who :since since :until until :channel channel :about topic))
         (n (length (hash-ref said :ids)))
         (rows (map (lambda (metric) (analyze-metric metric who said aggregation since until)) wanted))
         (label (hash-ref (hash-ref who :shown) :label)))
    (check-aggregated wanted aggregation)
    (record-answer
      (make-answer (string-append "analysis of " label (if topic (string-append ", what they say of " (name->string topic)) ""))
                   (if (= n 0) "" (string-join (map describe-analysis rows) "\n"))
                   '() (hash-ref who :shown) #f #f #f rows (if (= n 0) 0.0 #f) ; what was counted is no guess
                   (cond ((> n 0) #f)
                         ((nothing-ingested?) nothing-ingested)
                         (else (string-append label " wrote nothing" (if topic (string-append " of " (name->string topic)) "")
                                              (if (or since until channel) " in that time and place" ""))))
                   '() #f (corpus-version) (environment-version) #f #f
                   (if (= n 0) '() (computed-metrics rows target aggregation topic since until channel)))
      (append (list 'analyze (asked-name target) :metrics wanted :aggregation aggregation)
              (given ':about about ':since since ':until until ':channel channel)))))

(define (wanted-metrics metrics who)
  "The METRICS asked for, one or a list, by their own names; of none those that the audience WHO brings, or the usual two.

  > (list (wanted-metrics 'loyalty {}) (wanted-metrics #f {:metrics '(churn)}) (wanted-metrics #f {}))
  => ((retention) (churn) (volume satisfaction))"
  (if (null? metrics)
      (%refuse 'metric "analyze: no metric is asked for"
               (string-append "one or several of " (string-join (delete-duplicates (analysed-spellings)) ", "))))
  (map analysed-metric (or (and metrics (if (list? metrics) metrics (list metrics)))
                           (hash-ref who :metrics #f) '(volume satisfaction))))

(define (metric-of target metric :aggregation [aggregation 'mean] :about [about #f]
                   :since [since #f] :until [until #f] :channel [channel #f])
  "One METRIC of TARGET in numbers, as `analysis-of` counts it, and no turn of it: a hash table with its :value, the
  :n messages and :authors that it is of, and the :interval where it has one.

  > (hash-ref (metric-of 'everyone 'volume :since \"1999-01-01\" :until \"1999-01-02\") :value)
  => 0"
  (check-analysis aggregation since until)
  (let ((who (subject target)) (wanted (analysed-metric metric)))
    (check-aggregated (list wanted) aggregation)
    (analyze-metric wanted who
                    (audience-tones who :since since :until until :channel channel
                                    :about (or about (hash-ref who :about #f)))
                    aggregation since until)))

(define (computed-metrics rows target aggregation about since until channel)
  "The numbers in ROWS of an analysis, each with the text of the query that gives it: see answer-computed.

  > (car (computed-metrics (list {:metric 'volume :value 3 :interval #f}) 'everyone 'mean #f #f #f #f))
  => {:name volume :value 3 :query \"(hash-ref (metric-of 'everyone 'volume) :value)\"}"
  (append-map
    (lambda (row)
      (computed-row row (hash-ref row :metric)
                    (append (list 'metric-of (quoted (asked-name target)) (quoted (hash-ref row :metric)))
                            (if (hash-ref row :aggregation #f) (list ':aggregation (quoted aggregation)) '())
                            (given ':about about ':since (written-moment since) ':until (written-moment until) ':channel channel))
                    :value))
    rows))

(define (computed-row row name form key)
  "What ROW says under KEY as a number called NAME that FORM gives, and its interval where it has one.

  > (map (lambda (made) (hash-ref made :name)) (computed-row {:value 3 :interval '(1 5)} 'volume '(metric-of 'all 'volume) :value))
  => (volume volume-interval)"
  (map (lambda (key name)
         {:name name :value (hash-ref row key) :query (format "~s" (list 'hash-ref form key))})
       (if (hash-ref row :interval #f) (list key ':interval) (list key))
       (list name (symbol-append name '-interval))))

(define (check-analysis aggregation since until)
  "Refuse an AGGREGATION that there is not, and a span of time from SINCE to UNTIL that ends before it begins.

  > (guard (e (#t (error-object-message e))) (check-analysis 'best #f #f))
  => \"there is no aggregation best\""
  (if (not (memq aggregation aggregations)) (%unknown-name 'aggregation aggregation (map symbol->string aggregations)))
  (if (and since until (<= (instant-difference (moment until) (moment since)) 0))
      (%refuse 'range (format "the time from ~a to ~a is none: it ends before it begins" since until)
               ":since the earlier, :until the later")))

(define aggregations '(mean median distribution))
(define counted-metrics '(volume topics trends anomalies))

(define (comparison-of one other :since [since #f] :until [until #f] :channel [channel #f]
                       :metric [metric 'satisfaction] :earlier [earlier #f])
  "How far the tone of ONE lies above that of OTHER, two personas, with an interval over authors; or a refusal where it
  does not show. `compare` is its short name, and takes clauses as well. METRIC: satisfaction, or engagement, messages a
  member who wrote. With :earlier, a list (since until), OTHER is taken in that span of time instead: a persona against its
  own past.

  > (answer? (comparison-of 'everyone 'everyone))
  => #t"
  (check-comparison metric earlier)
  (as-turn 'comparison one
           (lambda () (%comparison one other since until channel metric earlier))))

(define (%comparison one other since until channel metric earlier)
  (let* ((measured (metric-named metric))
         (row (difference-of one other :since since :until until :channel channel :metric metric :earlier earlier))
         (sides (map audience (list one other)))
         (names (map (lambda (who) (hash-ref (hash-ref who :shown) :label)) sides))
         (refusal (and (not (hash-ref row :estimate)) "each side needs messages by two authors or more"))
         (options (given ':since since ':until until ':channel channel ':earlier earlier)))
    (record-answer
      (make-answer "comparison" (if refusal "" (describe-difference names row measured)) '() (hash-ref (car sides) :shown) #f
                   (hash-ref row :estimate) (hash-ref row :interval) (list row)
                   (if refusal 0.0 (rounded (- 1.0 (hash-ref row :p)))) refusal
                   '() #f (corpus-version) (environment-version) #f #f
                   (if refusal
                       '()
                       (computed-row row 'difference
                                     (append (list 'difference-of (quoted (asked-name one)) (quoted (asked-name other))
                                                   ':metric (quoted measured))
                                             (given ':since (written-moment since) ':until (written-moment until) ':channel channel
                                                    ':earlier (and earlier (quoted (map written-moment earlier)))))
                                     :estimate)))
      (append (list 'compare (asked-name one) (asked-name other) :metric measured) options))))

(define (difference-of one other :since [since #f] :until [until #f] :channel [channel #f]
                       :metric [metric 'satisfaction] :earlier [earlier #f])
  "How far METRIC of ONE lies above that of OTHER in numbers, as `comparison-of` tells it, and no turn of it: a hash table
  with the :estimate, its :interval and :p.

  > (hash-ref (difference-of 'everyone 'everyone :since \"1999-01-01\" :until \"1999-01-02\") :estimate)
  => #f"
  (check-comparison metric earlier)
  (let ((here (audience-tones (audience one) :since since :until until :channel channel :caller 'compare))
        (there (audience-tones (audience other) :since (if earlier (car earlier) since) :until (if earlier (cadr earlier) until)
                               :channel channel :caller 'compare))
        (measured (metric-named metric)))
    (let ((row (apply %difference (append (compared-values measured here) (compared-values measured there)
                                          (list ':level feeling-level)))))
      (hash-set! row :metric measured)
      row)))

(define compared-metrics '(satisfaction engagement))

(define (check-comparison metric earlier)
  "Refuse a METRIC that single people do not have, and a span EARLIER that is no list of two moments.

  > (guard (e (#t (error-object-message e))) (check-comparison 'churn #f))
  => \"compare knows satisfaction and engagement, not churn\""
  (if (not (memq (metric-named metric) compared-metrics))
      (%unknown-name 'metric metric (map symbol->string compared-metrics)
                     (string-append "compare knows satisfaction and engagement, not " (name->string metric))))
  (if (not (or (not earlier) (and (list? earlier) (= 2 (length earlier)))))
      (%refuse 'type (string-append "compare: :earlier should be a list of two moments, not " (format "~s" earlier))
               "(compare 'everyone 'everyone :since \"2026-02-01\" :earlier '(\"2026-01-01\" \"2026-02-01\"))")))

(define (compared-values metric said)
  "The values of METRIC in what was SAID, and whose each is, as a list of two: of satisfaction the tones, of engagement the
  number of messages of each who wrote.

  > (compared-values 'engagement {:authors '(\"ann\" \"bob\" \"ann\")})
  => (#(2 1) (\"ann\" \"bob\"))"
  (if (eq? metric 'satisfaction)
      (list (hash-ref said :tones) (hash-ref said :authors))
      (let ((counted (compared-counts said)))
        (list (list->vector (cadr counted)) (car counted)))))

(define (compared-counts said)
  "Who wrote what was SAID, and how many messages each of them, as a list of two lists.

  > (compared-counts {:authors '(\"ann\" \"bob\" \"ann\")})
  => ((\"ann\" \"bob\") (2 1))"
  (let ((counts (make-hash-table)))
    (for-each (lambda (author) (hash-set! counts author (+ 1 (hash-ref counts author 0)))) (hash-ref said :authors))
    (let ((names (hash-table-keys counts)))
      (list names (map (lambda (name) (hash-ref counts name)) names)))))

(define (describe-difference names row metric)
  "The difference in METRIC in ROW between the two of NAMES, in words.

  > (describe-difference '(\"a\" \"b\") (hash-table :estimate 0.1 :interval '(-0.1 0.3) :p 0.4) 'satisfaction)
  => \"No clear difference in tone: a against b +0.10 (95 % between −0.10 and +0.30, p = 0.4).\""
  (string-append
    (if (> (hash-ref row :p) reaction-alpha) "No clear difference in " "They differ in ")
    (if (eq? metric 'satisfaction) "tone: " "messages a member: ")
    (car names) " against " (cadr names) " " (%signed (hash-ref row :estimate)) " (" (percent feeling-level) " "
    (between-signed (hash-ref row :interval)) ", " (shown-chance (hash-ref row :p)) ")."))

(define (shown-chance p)
  "The chance P as people read it: none is 0.

  > (map shown-chance '(0.4 0.00001))
  => (\"p = 0.4\" \"p < 0.001\")"
  (if (< p 0.001) "p < 0.001" (string-append "p = " (number->string (rounded p)))))

(define (persona-profile who)
  "What is known of the persona WHO, a number, name or record, as a hash table: its :name, :people, their :share of all and
  the :confidence that they belong there; its :vocabulary, what it speaks of more than others, and :concerns; its :mood;
  :messages, :hours, the share of them in each hour of the day, UTC, and the three :busiest of these; and what it :says.

  > (guard (e (#t 'refused)) (persona-profile 1))
  => refused"
  (let* ((p (persona who)) (activity (persona-activity p)) (hours (hash-ref activity :hours '())))
    {:name (persona-name p) :people (persona-size p) :share (persona-share p) :confidence (persona-confidence p)
     :vocabulary (persona-terms p) :concerns (persona-concerns p) :mood (persona-mood p)
     :messages (hash-ref activity :messages 0) :hours hours
     :busiest (take-at-most (list-sort (lambda (a b) (> (list-ref hours a) (list-ref hours b))) (iota (length hours))) 3)
     :says (persona-representative p)}))

;; ── Turns ───────────────────────────────────────────────────────────────────────────────────────────────────

(define (turn [number #f])
  "Turn NUMBER of this workspace, or the latest: a hash table with :id :asked-at :form :answer (JSON) and the versions it
  was answered under; #f when there is none.

  > (turn 1000000)
  => #f"
  (%turn number))
