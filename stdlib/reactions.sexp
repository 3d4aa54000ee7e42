;;; Reactions: what a persona's mood, activity and staying did after the community's own dated changes, and what a new
;;; change is likely to do. Where the past says nothing, that is the answer.

(define (metric-named name)
  "The metric that NAME means: satisfaction, engagement, retention or churn.

  > (metric-named 'player-churn)
  => churn"
  (let ((found (find (lambda (row) (member (name->string name) (cdr row))) metric-names)))
    (if found (car found) (%unknown-name 'metric name (metric-spellings)))))

(define (metric-spellings)
  "What metrics may be called, their own names first.

  > (take (metric-spellings) 4)
  => (\"satisfaction\" \"engagement\" \"retention\" \"churn\")"
  (append (map (lambda (row) (symbol->string (car row))) metric-names)
          (append-map (lambda (row) (remove (lambda (each) (string=? each (symbol->string (car row)))) (cdr row)))
                      metric-names)))

(define (metric? name)
  "Whether NAME means a metric.

  > (map metric? '(player-churn competitive-players (nerf bow)))
  => (#t #f #f)"
  (and (or (symbol? name) (string? name))
       (find (lambda (row) (member (name->string name) (cdr row))) metric-names)
       #t))

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
  => (\"weapon-damage\" \"nerf\" #f)
  > (guard (e (#t (error-object-message e))) (read-change '(nref weapon-damage)))
  => \"there is no action nref\""
  (if (pair? change)
      (begin
        (check-action (car change))
        (list (name->string (cadr change)) (name->string (car change))
              (if (null? (cddr change)) #f (caddr change))))
      (let* ((parts (string-split (name->string change) "-"))
             (action (string->symbol (car parts))))
        (if (and (pair? (cdr parts)) (memq action (change-actions)))
            (list (string-join (cdr parts) "-") (car parts) #f)
            (list (name->string change) "change" #f)))))

(define (check-action action)
  "Refuse an ACTION whose direction is not known and that no dated change of the workspace has.

  > (check-action 'nerf)
  => #t"
  (or (and (memq (string->symbol (name->string action)) (change-actions)) #t)
      (member (name->string action) (map (lambda (c) (hash-ref c :action)) (%changes)))
      (%unknown-name 'action action (map symbol->string (change-actions)))))

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
                       (number->string (hash-ref row :n)) " dated changes (p = " (number->string (hash-ref row :p)) ": other dates seldom show as much)."))))

(define (capitalised word)
  "WORD with a capital first letter.

  > (capitalised \"churn\")
  => \"Churn\""
  (string-append (string-upcase (substring word 0 1)) (substring word 1 (string-length word))))

(define (forecast-answer question who metrics change level context form)
  "The answer record of forecasts of METRICS for WHO after CHANGE; refused when none of them has an estimate. The
  p-value asked for is shared among the metrics, so that asking for more finds no more by chance; a refusal says which
  p-value counted. The confidence is the chance that the first metric moves to the side of its estimate.

  > (procedure? forecast-answer)
  => #t"
  (let* ((within (resolve-context context))
         (activity (%activity (hash-ref who :authors)))
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
                   (if first-row (hash-ref first-row :sign) 0.0)
                   (if first-row #f (string-join (refusals rows) "; "))
                   '() (context-line context within) (corpus-version) (environment-version) #f #f
                   (computed-forecasts rows who change level))
      form)))

(define (forecast-of metric change :persona [persona 'everyone] :level [level default-level] :beside [beside 0])
  "What CHANGE does to METRIC among PERSONA in numbers, as a prediction tells it, and no turn of it: a hash table with the
  :estimate, its :interval, :p, the changes in the :past, or the :refusal. BESIDE: how many further metrics are asked at once,
  which share the p-value.

  > (hash-ref (forecast-of 'churn 'nerf-weapon-damage) :metric)
  => churn"
  (forecast-metric (metric-named metric) (read-change change) (%activity (hash-ref (audience persona) :authors))
                   level (/ reaction-alpha (+ 1 beside))))

(define (computed-forecasts rows who change level)
  "The numbers in forecast ROWS of the audience WHO after CHANGE, each with the text of the query that gives it: see
  answer-computed.

  > (hash-ref (car (computed-forecasts (list {:metric 'churn :estimate 0.1 :interval '(0.0 0.2)}) {:shown {:asked 'all}} 'nerf-bow 0.9))
              :query)
  => \"(hash-ref (forecast-of 'churn 'nerf-bow :persona 'all :level 0.9) :estimate)\""
  (append-map
    (lambda (row)
      (if (hash-ref row :estimate)
          (computed-row row (hash-ref row :metric)
                        (append (list 'forecast-of (quoted (hash-ref row :metric)) (quoted change)
                                      ':persona (quoted (asked-name who)) ':level level)
                                (if (null? (cdr rows)) '() (list ':beside (- (length rows) 1))))
                        :estimate)
          '()))
    rows))

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

(define (prediction-of target [after #f] :change [change #f] :persona [persona 'everyone] :metrics [metrics #f]
                       :level [level default-level] :context [context #f])
  "What a change, AFTER or :change, will do to TARGET, with an interval that should hold it LEVEL of the time; or a refusal.
  `predict` is its short name, and takes clauses as well.

  Estimated from the community's own dated changes of the same feature and what followed them, tested against other
  dates. TARGET is a metric (satisfaction, engagement, retention, churn or what people call them) among PERSONA, or a
  persona, whose METRICS are then predicted as by persona-reaction. A change is nerf-weapon-damage or
  (nerf weapon-damage 0.8). A change first and a metric second are taken the other way round. CONTEXT names a dated
  change that the answer shows.

  > (answer? (prediction-of 'player-churn 'nerf-weapon-damage))
  => #t
  > (answer? (prediction-of 'everyone :change '(nerf weapon-damage 0.8)))
  => #t
  > (guard (e (#t (error-object-message e))) (prediction-of 'retentoin 'nerf-weapon-damage))
  => \"there is no metric retentoin\""
  (let ((asked (or after change)))
    (check-prediction target asked after change)
    (cond ((metric? target)
           (as-turn 'prediction persona
                    (lambda ()
                      (forecast-answer (string-append "prediction of " (name->string target))
                                       (audience persona) (list (metric-named target)) asked level context
                                       (append (list 'predict target asked :persona (asked-name persona) :level level)
                                               (given ':context context))))))
          ((metric? asked) (prediction-of asked target :persona persona :level level :context context))
          ((and (name? target) (not (number? target)) (%did-you-mean target (metric-spellings))) (metric-named target))
          (else (persona-reaction target asked :metrics (or metrics reaction-metrics) :level level :context context)))))

(define (check-prediction target asked after change)
  "Refuse a prediction of TARGET without a change ASKED for, with two (AFTER and CHANGE), or with what is none.

  > (guard (e (#t (error-object-message e))) (check-prediction 'churn #f #f #f))
  => \"predict: churn after which change?\""
  (let ((hint "(predict 'player-churn 'nerf-weapon-damage) or (predict 'player-churn :change '(nerf weapon-damage 0.8))"))
    (cond ((not asked) (%refuse 'change (string-append "predict: " (format "~a" target) " after which change?") hint))
          ((and after change) (%refuse 'change "predict: the change is given twice" hint))
          ((not (or (metric? asked) (change-form? asked)))
           (%refuse 'change (string-append "predict: " (format "~s" asked) " is no change") hint)))))

(define reaction-metrics '(satisfaction engagement retention))

(define (asked-name target)
  "What TARGET, a name, a persona or an audience, was called when it was asked for.

  > (asked-name 'newcomers)
  => newcomers"
  (cond ((hash-table? target) (hash-ref (hash-ref target :shown) :asked))
        ((persona? target) (persona-label target))
        (else target)))

(define (persona-reaction persona change :metrics [metrics reaction-metrics]
                          :level [level default-level] :context [context #f])
  "How PERSONA will react to CHANGE, for each of METRICS: estimate, interval, the changes it rests on; or a refusal.

  > (answer? (persona-reaction 'everyone '(nerf weapon-damage 0.8)))
  => #t"
  (as-turn 'prediction persona
           (lambda ()
             (forecast-answer "reaction" (audience persona) (map metric-named metrics) change level context
                              (append (list 'persona-reaction (asked-name persona) change :metrics metrics)
                                      (if (= level default-level) '() (list ':level level))
                                      (given ':context context))))))
