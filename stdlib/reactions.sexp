;;; Reactions: what a persona's mood, activity and staying did after the community's own dated changes, and what a new
;;; change is likely to do. Where the past says nothing, that is the answer.

(define (metric-named name)
  "The metric that NAME means: satisfaction, engagement, retention or churn.

  > (metric-named 'player-churn)
  => churn"
  (let ((found (find (lambda (row) (member (name->string name) (cdr row))) metric-names)))
    (if found
        (car found)
        (error (string-append "no metric is called " (name->string name) "; known are "
                              (string-join (map (lambda (row) (symbol->string (car row))) metric-names) ", "))
               name))))

(define (metric? name)
  "Whether NAME means a metric.

  > (map metric? '(player-churn competitive-players))
  => (#t #f)"
  (if (find (lambda (row) (member (name->string name) (cdr row))) metric-names) #t #f))

(define (metric-effects metric activity)
  "For each day of ACTIVITY how METRIC moved there, days after against days before: a tensor, NaN where unknown.

  Satisfaction is the mean tone of messages, engagement the logarithm of the ratio of messages, retention the share of
  active authors who stayed active, churn its negative.

  > (metric-effects 'satisfaction (hash-table :days 0))
  => #f"
  (let ((days (hash-ref activity :days)))
    (if (= days 0)
        #f
        (case metric
          ((satisfaction)
           (before-after (daily-mean (hash-ref activity :message-days) (activity-tones activity) days) reaction-window))
          ((engagement)
           (before-after (daily-count (hash-ref activity :message-days) days) reaction-window :relative #t))
          ((retention) (kept-active activity))
          ((churn) (%scaled (kept-active activity) -1))))))

(define (kept-active activity)
  "The share of authors active before each day of ACTIVITY who are active after it.

  > (procedure? kept-active)
  => #t"
  (retention (hash-ref activity :active-days) (hash-ref activity :active-authors) (hash-ref activity :days)
             retention-window))

(define (activity-tones activity)
  "The tone of each message of ACTIVITY; of those without a vector by their words alone.

  > (procedure? activity-tones)
  => #t"
  (tones (hash-ref activity :texts) (%vectors-or-zero (hash-ref activity :ids))))

(define (read-change change)
  "CHANGE as a list (feature action amount): from (action feature amount) or a name such as nerf-weapon-damage.

  > (read-change '(nerf weapon-damage 0.8))
  => (\"weapon-damage\" \"nerf\" 0.8)
  > (read-change 'nerf-weapon-damage)
  => (\"weapon-damage\" \"nerf\" #f)"
  (if (pair? change)
      (list (name->string (cadr change)) (name->string (car change))
            (if (null? (cddr change)) #f (caddr change)))
      (let* ((parts (string-split (name->string change) "-"))
             (action (string->symbol (car parts))))
        (if (and (pair? (cdr parts)) (memq action (change-actions)))
            (list (string-join (cdr parts) "-") (car parts) #f)
            (list (name->string change) "change" #f)))))

(define (dated-changes activity)
  "The workspace's changes as lists (day feature action amount id), days counted from the start of ACTIVITY.

  > (dated-changes (hash-table :days 0))
  => ()"
  (if (= 0 (hash-ref activity :days))
      '()
      (map (lambda (c) (list (days-between (hash-ref activity :start) (hash-ref c :timestamp))
                             (hash-ref c :feature) (hash-ref c :action) (hash-ref c :amount) (hash-ref c :id)))
           (%changes))))

(define (forecast-metric metric change activity level alpha)
  "What CHANGE, a list (feature action amount), does to METRIC, from ACTIVITY: a hash table with :estimate :interval :p
  :past and :refusal. Engagement is given as a share: -0.1 is a tenth less.

  > (hash-ref (forecast-metric 'churn '(\"price\" \"increase\" #f) (hash-table :days 0) 0.95 0.05) :refusal)
  => \"the workspace holds no messages\""
  (let ((effects (metric-effects metric activity)))
    (if (not effects)
        (hash-table :metric metric :estimate #f :interval #f :level level :n 0 :p #f :d #f :past '()
                    :refusal "the workspace holds no messages")
        (let ((made (%forecast effects (dated-changes activity) (car change) (cadr change) (caddr change)
                               :level level :gap reaction-window :alpha alpha :least least-events :prior noise-prior)))
          (hash-set! made :metric metric)
          (if (and (eq? metric 'engagement) (hash-ref made :estimate))
              (begin (hash-set! made :estimate (as-share (hash-ref made :estimate)))
                     (hash-set! made :interval (map as-share (hash-ref made :interval)))))
          made))))

(define (as-share logarithm)
  "The relative change behind the LOGARITHM of a ratio.

  > (as-share 0.0)
  => 0.0"
  (rounded (- (exp logarithm) 1.0)))

(define (describe-forecast row)
  "One metric's forecast ROW in words.

  > (describe-forecast (hash-table :metric 'churn :estimate #f :refusal \"no dated changes are known\"))
  => \"Churn: no prediction, no dated changes are known.\""
  (let ((name (capitalised (symbol->string (hash-ref row :metric)))))
    (if (not (hash-ref row :estimate))
        (string-append name ": no prediction, " (hash-ref row :refusal) ".")
        (string-append name ": " (%signed (hash-ref row :estimate)) " expected ("
                       (percent (hash-ref row :level)) " between " (%signed (car (hash-ref row :interval))) " and "
                       (%signed (cadr (hash-ref row :interval))) "), from "
                       (number->string (hash-ref row :n)) " dated changes, p = " (number->string (hash-ref row :p)) "."))))

(define (capitalised word)
  "WORD with a capital first letter.

  > (capitalised \"churn\")
  => \"Churn\""
  (string-append (string-upcase (substring word 0 1)) (substring word 1 (string-length word))))

(define (forecast-answer question who metrics change level form)
  "The answer record of forecasts of METRICS for WHO after CHANGE; refused when none of them has an estimate. The
  p-value asked for is shared among the metrics, so that asking for more finds no more by chance.

  > (procedure? forecast-answer)
  => #t"
  (let* ((activity (%activity (hash-ref who :authors)))
         (alpha (/ reaction-alpha (length metrics)))
         (rows (map (lambda (m) (forecast-metric m (read-change change) activity level alpha)) metrics))
         (sure (filter (lambda (row) (hash-ref row :estimate)) rows))
         (first-row (if (null? sure) #f (car sure))))
    (record-answer
      (make-answer question
                   (if first-row (string-join (map describe-forecast rows) "\n") "")
                   '() (hash-ref who :shown) #f
                   (and first-row (hash-ref first-row :estimate)) (and first-row (hash-ref first-row :interval))
                   rows
                   (if first-row (rounded (- 1.0 (hash-ref first-row :p))) 0.0)
                   (if first-row #f (string-join (refusals rows) "; "))
                   #f (corpus-version) (environment-version) #f)
      form)))

(define (refusals rows)
  "The different refusals of forecast ROWS, each with the metrics it is about.

  > (refusals (list (hash-table :metric 'churn :refusal \"too few events\")))
  => (\"churn: too few events\")"
  (let ((reasons (delete-duplicates (filter-map (lambda (row) (hash-ref row :refusal)) rows))))
    (map (lambda (reason)
           (string-append
             (string-join (filter-map (lambda (row) (and (equal? reason (hash-ref row :refusal))
                                                         (symbol->string (hash-ref row :metric))))
                                      rows)
                          ", ")
             ": " reason))
         reasons)))

(define (predict metric change :persona [persona 'everyone] :level [level default-level])
  "What CHANGE will do to METRIC among PERSONA, with an interval that should hold it LEVEL of the time; or a refusal.

  Estimated from the community's own dated changes of the same feature and what followed them, tested against other
  dates. METRIC: satisfaction, engagement, retention, churn or what people call them. CHANGE: nerf-weapon-damage or
  (nerf weapon-damage 0.8).

  > (answer? (predict 'player-churn 'nerf-weapon-damage))
  => #t"
  (forecast-answer (string-append "prediction of " (name->string metric))
                   (audience persona) (list (metric-named metric)) change level
                   (list 'predict metric change :persona (if (symbol? persona) persona 'persona) :level level)))

(define (persona-reaction persona change :metrics [metrics '(satisfaction engagement retention)]
                          :level [level default-level])
  "How PERSONA will react to CHANGE, for each of METRICS: estimate, interval, the changes it rests on; or a refusal.

  > (answer? (persona-reaction 'everyone '(nerf weapon-damage 0.8)))
  => #t"
  (forecast-answer "reaction" (audience persona) (map metric-named metrics) change level
                   (list 'persona-reaction (if (symbol? persona) persona 'persona) change :metrics metrics)))

;; ── Analytics and comparison ────────────────────────────────────────────────────────────────────────────────

(define (audience-tones who :since [since #f] :until [until #f] :channel [channel #f])
  "Of the audience WHO: a hash table with the :tones of its messages in a span of time, their :authors and :days.

  > (hash-table? (audience-tones (audience 'everyone)))
  => #t"
  (let* ((said (%said :authors (hash-ref who :authors) :since since :until until :channel channel))
         (texts (hash-ref said :texts)))
    (hash-set! said :tones (if (null? texts) (vector) (tones texts (%vectors-or-zero (hash-ref said :ids)))))
    said))

(define (analyze target :metrics [metrics '(volume satisfaction)] :aggregation [aggregation 'mean]
                 :since [since #f] :until [until #f] :channel [channel #f])
  "What TARGET (a persona, or everyone) did in a span of time: how much it wrote and in what tone, in all and by week.

  METRICS are volume and satisfaction; AGGREGATION of the tone: mean, median or distribution (its quartiles).

  > (answer? (analyze 'everyone))
  => #t"
  (let* ((who (audience target))
         (said (audience-tones who :since since :until until :channel channel))
         (n (length (hash-ref said :ids)))
         (rows (map (lambda (metric) (analyze-metric metric said aggregation)) metrics)))
    (record-answer
      (make-answer "analytics"
                   (if (= n 0) "" (string-join (map describe-analysis rows) "\n"))
                   '() (hash-ref who :shown) #f #f #f rows (if (= n 0) 0.0 1.0)
                   (if (= n 0) "they wrote nothing in that time" #f)
                   #f (corpus-version) (environment-version) #f)
      (list 'analyze (hash-ref (hash-ref who :shown) :asked) :metrics metrics :aggregation aggregation))))

(define (analyze-metric metric said aggregation)
  "One METRIC of what was SAID: :metric :value :n :authors :by-week.

  > (guard (e (#t 'refused)) (analyze-metric 'charm (audience-tones (audience 'everyone)) 'mean))
  => refused"
  (let ((feeling (%feeling (hash-ref said :tones) (hash-ref said :authors) :level feeling-level)))
    (cond ((eq? metric 'volume)
           (hash-table :metric 'volume :value (length (hash-ref said :ids)) :interval #f
                       :authors (hash-ref feeling :authors) :by-week (%by-week (hash-ref said :times) #f)))
          ((eq? (metric-named metric) 'satisfaction)
           (hash-table :metric 'satisfaction
                       :value (case aggregation
                                ((median) (%quantile (hash-ref said :tones) 0.5))
                                ((distribution) (map (lambda (q) (%quantile (hash-ref said :tones) q)) '(0.25 0.5 0.75)))
                                (else (hash-ref feeling :mean)))
                       :interval (if (eq? aggregation 'mean) (hash-ref feeling :interval) #f)
                       :authors (hash-ref feeling :authors)
                       :by-week (%by-week (hash-ref said :times) (hash-ref said :tones))))
          (else (error (string-append "analyze knows volume and satisfaction, not " (name->string metric)) metric)))))

(define (describe-analysis row)
  "ROW of an analysis in words.

  > (describe-analysis (hash-table :metric 'volume :value 3 :authors 2 :interval #f))
  => \"Volume: 3 (2 authors).\""
  (string-append (capitalised (symbol->string (hash-ref row :metric))) ": " (format "~a" (hash-ref row :value))
                 (if (hash-ref row :interval)
                     (string-append ", " (percent feeling-level) " between " (%signed (car (hash-ref row :interval)))
                                    " and " (%signed (cadr (hash-ref row :interval))))
                     "")
                 " (" (number->string (hash-ref row :authors)) " authors)."))

(define (compare one other :since [since #f] :until [until #f] :channel [channel #f]
                 :metric [metric 'satisfaction] :earlier [earlier #f])
  "How far the tone of ONE lies above that of OTHER, two personas, with an interval over authors; or a refusal where it
  does not show. With :earlier, a list (since until), OTHER is taken in that span of time instead: a persona against its
  own past.

  > (answer? (compare 'everyone 'everyone))
  => #t"
  (if (not (eq? (metric-named metric) 'satisfaction))
      (error (string-append "compare knows satisfaction, not " (name->string metric)) metric))
  (let* ((a (audience one)) (b (audience other))
         (here (audience-tones a :since since :until until :channel channel))
         (there (if earlier
                    (audience-tones b :since (moment (car earlier)) :until (moment (cadr earlier)) :channel channel)
                    (audience-tones b :since since :until until :channel channel)))
         (row (%difference (hash-ref here :tones) (hash-ref here :authors)
                           (hash-ref there :tones) (hash-ref there :authors) :level feeling-level))
         (names (map (lambda (who) (hash-ref (hash-ref who :shown) :label)) (list a b)))
         (refusal (and (not (hash-ref row :estimate)) "each side needs messages by two authors or more")))
    (record-answer
      (make-answer "comparison" (if refusal "" (describe-difference names row)) '() (hash-ref a :shown) #f
                   (hash-ref row :estimate) (hash-ref row :interval) (list row)
                   (if refusal 0.0 (rounded (- 1.0 (hash-ref row :p)))) refusal
                   #f (corpus-version) (environment-version) #f)
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
