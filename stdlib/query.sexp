;;; The query forms: one macro that checks its clauses and expands to calls a person could have written; what it expands
;;; to besides inquiries and predictions: `analyze` and `compare`.

;; ── Grammar ─────────────────────────────────────────────────────────────────────────────────────────────────

;; type, its procedure, clauses it needs, clauses it may have
(define query-types
  '((persona-inquiry (target question) (context time-range filters))
    (prediction (target change) (persona confidence-interval context metrics))
    (persona-reaction (target change) (metrics confidence-interval context))
    (analytics (target) (metrics time-range filters aggregation))
    (comparison (target) (metrics time-range filters))))

(define query-synonyms '((persona target) (inquiry persona-inquiry) (predict prediction) (analyze analytics)
                         (compare comparison)))

(define (query-clauses cells)
  "An association list clause name → the cell that holds it, with the clauses inside `parameters` among the others.

  > (map car (query-clauses '((type prediction) (parameters (change x) (context y)))))
  => (type change context)"
  (let loop ((cells cells) (found '()))
    (cond ((null? cells) (reverse found))
          ((not (and (pair? (car cells)) (symbol? (caar cells))))
           (%reject-form cells "a clause of query is a list that begins with a name"
                         (if (keyword? (car cells))
                             "beside clauses there are no keywords: (time-range (\"2026-01-01\" \"2026-02-01\")), (metrics volume)"
                             "for example (target competitive-players)")))
          ((eq? (caar cells) 'parameters)
           (loop (cdr cells) (append (reverse (query-clauses (cdar cells))) found)))
          (else (loop (cdr cells) (cons (cons (caar cells) cells) found))))))

(define (clause-value clauses name default)
  "The value in the clause NAME, or DEFAULT.

  > (clause-value (query-clauses '((type prediction))) 'type #f)
  => prediction"
  (let ((found (assq name clauses)))
    (cond ((not found) default)
          ((or (null? (cdadr found)) (not (null? (cddadr found))))
           (%reject-form (cdr found) (string-append "the clause " (symbol->string name) " holds exactly one value")
                         (string-append "for example " (clause-example name))))
          (else (cadadr found)))))

(define (clause-example name)
  "An example of the clause NAME.

  > (clause-example 'target)
  => \"(target competitive-players)\""
  (let ((found (assq name '((type "(type persona-inquiry)") (target "(target competitive-players)")
                            (question "(question \"How would they react to increased difficulty?\")")
                            (context "(context last-patch)") (change "(change (nerf weapon-damage 0.8))")
                            (metrics "(metrics (satisfaction engagement retention))")
                            (confidence-interval "(confidence-interval 0.95)")
                            (time-range "(time-range (\"2026-01-01\" \"2026-02-01\"))")
                            (filters "(filters ((channel \"general\")))")
                            (aggregation "(aggregation mean)") (persona "(persona competitive-players)")))))
    (if found (cadr found) (string-append "(" (symbol->string name) " …)"))))

(define (query-type cells)
  "The row of query-types that a query with clauses CELLS has.

  > (car (query-type '((type prediction))))
  => prediction"
  (let* ((short? (and (pair? cells) (symbol? (car cells))))
         (clauses (if short? '() (query-clauses cells)))
         (given (if short? (car cells) (clause-value clauses 'type #f)))
         (name (cond ((assq given query-synonyms) => cadr) (else given)))
         (accepted (string-join (map (lambda (row) (symbol->string (car row))) query-types) ", ")))
    (cond ((not given) (%reject-form cells "a query needs a type" (string-append "(type …), one of " accepted)))
          ((assq name query-types) => (lambda (row) row))
          (else (%reject-form (if short? cells (cdadr (assq 'type clauses)))
                              (string-append "there is no query of type " (format "~s" given))
                              (with-nearest given (map car query-types) (string-append "accepted: " accepted)))))))

(define (with-nearest given known hint)
  "HINT, after what of the symbols KNOWN is spelled nearly as GIVEN.

  > (with-nearest 'predicton '(prediction analytics) \"accepted: …\")
  => \"did you mean prediction? accepted: …\""
  (let ((near (and (name? given) (%did-you-mean (name->string given) (map symbol->string known)))))
    (if near (string-append near " " hint) hint)))

(define (check-clauses row cells clauses)
  "Refuse clauses that a query of this ROW of query-types does not take, and the lack of those it needs.

  > (check-clauses '(prediction (target) ()) '() '((target (target x))))
  => #t"
  (let ((known (append '(type) (cadr row) (caddr row))))
    (for-each
      (lambda (clause)
        (if (not (memq (car clause) known))
            (%reject-form (cdr clause)
                          (string-append "a query of type " (symbol->string (car row)) " takes no clause "
                                         (symbol->string (car clause)))
                          (with-nearest (car clause) known
                                        (string-append "accepted: " (string-join (map symbol->string known) ", "))))))
      clauses)
    (let loop ((rest clauses))
      (cond ((null? rest) #t)
            ((assq (caar rest) (cdr rest)) ; of a clause given twice, neither can be meant
             => (lambda (again)
                  (%reject-form (cdr again) (string-append "the clause " (symbol->string (car again)) " is given twice")
                                "keep one of them")))
            (else (loop (cdr rest)))))
    (for-each
      (lambda (name)
        (if (not (assq name clauses))
            (%reject-form cells
                          (string-append "a query of type " (symbol->string (car row)) " needs the clause "
                                         (symbol->string name))
                          (string-append "for example " (clause-example name)))))
      (cadr row))
    #t))

(define (as-target clauses row)
  "CLAUSES with `persona` called target, where ROW's type knows no other persona.

  > (map car (as-target '((persona)) '(persona-reaction (target change) ())))
  => (target)"
  (map (lambda (clause)
         (if (and (eq? (car clause) 'persona) (not (memq 'persona (caddr row)))) (cons 'target (cdr clause)) clause))
       clauses))

;; ── Expansion ───────────────────────────────────────────────────────────────────────────────────────────────

(define (expand-query cells)
  "The call that the query with clauses CELLS stands for.

  > (expand-query '((type prediction) (target player-churn) (parameters (change nerf-weapon-damage))))
  => (predict 'player-churn 'nerf-weapon-damage)
  > (expand-query '(persona-reaction (persona newcomers) (change (nerf weapon-damage 0.8))))
  => (persona-reaction (audience 'newcomers) '(nerf weapon-damage 0.8))"
  (let* ((row (query-type cells))
         (clauses (as-target (query-clauses (if (symbol? (car cells)) (cdr cells) cells)) row)))
    (check-clauses row cells clauses)
    (case (car row)
      ((persona-inquiry) (expand-inquiry clauses))
      ((prediction) (expand-prediction clauses))
      ((persona-reaction) (expand-reaction clauses))
      ((analytics) (expand-analytics clauses))
      (else (expand-comparison clauses)))))

(define (expand-inquiry clauses)
  "The call of a persona-inquiry.

  > (expand-inquiry (query-clauses '((target newcomers) (question \"Why?\") (context last-patch))))
  => (persona-inquiry (audience 'newcomers) \"Why?\" :context (dated-context 'last-patch))"
  (append
    (list 'persona-inquiry (audience-form clauses)
          (checked clauses 'question (lambda (q) (or (string? q) (symbol? q) (pair? q))) "a string"))
    (context-option clauses)
    (range-options clauses)
    (filter-options clauses)))

(define (context-option clauses)
  "The option :context of a context clause: a call placed there, where a name that no change has is an error.

  > (context-option (query-clauses '((context last-patch))))
  => (:context (dated-context 'last-patch))"
  (let ((context (checked clauses 'context name? "a name, or a version as a string"
                          "(context last-patch) or (context \"2.16\")")))
    (option ':context (and context (%placed (cadr (assq 'context clauses)) (list 'dated-context (quoted context)))))))

(define (checked-change clauses)
  "The form of the change clause; an action that nobody knows is refused at its place.

  > (checked-change (query-clauses '((change (nerf weapon-damage 0.8)))))
  => '(nerf weapon-damage 0.8)"
  (let ((change (checked clauses 'change change-form? "a change")))
    (if (pair? change)
        (guard (e ((not (string-prefix? "there is no action" (error-object-message e))) #t) ; no workspace: told when it runs
                  (#t (%reject-form change (error-object-message e)
                                    (with-nearest (car change) (change-actions)
                                                  (string-append "accepted: "
                                                                 (string-join (map symbol->string (change-actions)) ", "))))))
          (check-action (car change))))
    (quoted change)))

(define (level-options clauses)
  "The option :level of a confidence-interval clause.

  > (level-options (query-clauses '((confidence-interval 0.9))))
  => (:level 0.9)"
  (option ':level (checked clauses 'confidence-interval (lambda (p) (and (real? p) (< 0 p 1)))
                           "a number between 0 and 1")))

(define (metrics-option clauses [known? metric?])
  "The option :metrics of a metrics clause; each must be KNOWN?.

  > (metrics-option (query-clauses '((metrics (churn)))))
  => (:metrics '(churn))"
  (let ((metrics (checked clauses 'metrics (lambda (m) (or (symbol? m) (and (pair? m) (list? m)))) "a list of metrics")))
    (let loop ((cell (cond ((symbol? metrics) (cdadr (assq 'metrics clauses))) (else (or metrics '())))))
      (when (pair? cell)
        (if (not (and (symbol? (car cell)) (known? (car cell))))
            (%reject-form cell (string-append "there is no metric " (format "~s" (car cell)))
                          (with-nearest (car cell) (filter known? (map string->symbol (analysed-spellings)))
                                        (string-append
                                          "accepted: "
                                          (string-join (map symbol->string (filter known? (append counted-metrics (map car metric-names))))
                                                       ", ")))))
        (loop (cdr cell))))
    (option ':metrics (and metrics (quoted (if (symbol? metrics) (list metrics) metrics))))))

(define (expand-prediction clauses)
  "The call of a prediction: its target is a metric, or a persona whose reaction is asked for.

  > (expand-prediction (query-clauses '((target churn) (change nerf-weapon-damage) (persona newcomers))))
  => (predict 'churn 'nerf-weapon-damage :persona (audience 'newcomers))"
  (let* ((target (checked clauses 'target name? "a metric or a persona"))
         (change (checked-change clauses))
         (persona (checked clauses 'persona name? "a name")))
    (if (and (metric? target) (assq 'metrics clauses))
        (%reject-form (cdr (assq 'metrics clauses)) "the target of this prediction is a metric itself"
                      "leave metrics out, or name a persona as the target"))
    (if (and (not (metric? target)) (not (number? target)) (%did-you-mean target (metric-spellings)))
        (%reject-form (cdadr (assq 'target clauses)) (string-append "there is no metric " (name->string target))
                      (%did-you-mean target (metric-spellings))))
    (if (metric? target)
        (append (list 'predict (quoted target) change)
                (option ':persona (and persona (%placed (cadr (assq 'persona clauses)) (list 'audience (quoted persona)))))
                (level-options clauses) (context-option clauses))
        (append (list 'persona-reaction (audience-form clauses) change)
                (metrics-option clauses) (level-options clauses) (context-option clauses)))))

(define (expand-reaction clauses)
  "The call of a persona-reaction.

  > (expand-reaction (query-clauses '((target newcomers) (change buff-bow) (metrics (churn)))))
  => (persona-reaction (audience 'newcomers) 'buff-bow :metrics '(churn))"
  (append (list 'persona-reaction (audience-form clauses) (checked-change clauses))
          (metrics-option clauses) (level-options clauses) (context-option clauses)))

(define (expand-analytics clauses)
  "The call of analytics.

  > (expand-analytics (query-clauses '((target newcomers) (aggregation median))))
  => (analyze (subject 'newcomers) :aggregation 'median)"
  (append (list 'analyze (audience-form clauses 'subject))
          (metrics-option clauses analysed-metric?)
          (option ':aggregation
                  (let ((a (checked clauses 'aggregation (lambda (a) (memq a aggregations))
                                    "mean, median or distribution")))
                    (and a (quoted a))))
          (range-options clauses) (filter-options clauses)))

(define (expand-comparison clauses)
  "The call of a comparison: its target is a list of two personas.

  > (expand-comparison (query-clauses '((target (newcomers veterans)))))
  => (compare (audience 'newcomers) (audience 'veterans))"
  (let ((target (checked clauses 'target (lambda (t) (and (list? t) (= 2 (length t)) (every name? t)))
                         "a list of two personas" "(target (competitive-players newcomers))"))
        (place (cadr (assq 'target clauses))))
    (append (cons 'compare (map (lambda (name) (%placed place (list 'audience (quoted name)))) target))
            (compared-metric clauses)
            (range-options clauses) (filter-options clauses))))

(define (compared-metric clauses)
  "The option :metric of a comparison, which takes one.

  > (compared-metric (query-clauses '((metrics (engagement)))))
  => (:metric 'engagement)"
  (let ((metrics (metrics-option clauses)))
    (cond ((null? metrics) '())
          ((and (null? (cdr (cadr (cadr metrics)))) (memq (metric-named (car (cadr (cadr metrics)))) compared-metrics))
           (list ':metric (quoted (car (cadr (cadr metrics))))))
          (else (%reject-form (cdadr (assq 'metrics clauses)) "a comparison takes one metric that each member has"
                              (string-append "accepted: " (string-join (map symbol->string compared-metrics) ", ")))))))

(define-macro (query . clauses)
  "Ask the community. A query has a type (persona-inquiry, prediction, persona-reaction, analytics, comparison), a
  target and parameters, in any order; `(macroexpand '(query …))` shows the call it stands for.

  > (macroexpand '(query (type prediction) (target churn) (parameters (change nerf-bow) (confidence-interval 0.9))))
  => (prediction-of 'churn 'nerf-bow :level 0.9)"
  (expand-query clauses))

;; ── By type ─────────────────────────────────────────────────────────────────────────────────────────────────

(define clause-names '(target parameters question context change metrics confidence-interval time-range filters aggregation))

(define (in-clauses? operands)
  "Whether OPERANDS are those of a query form: one of them is a clause, and not the value of a keyword.

  > (map in-clauses? '(((target all)) ('all) ('all :metrics (metrics)) ('all :since start (metrics volume))))
  => (#t #f #f #t)"
  (cond ((null? operands) #f)
        ((keyword? (car operands)) (and (pair? (cdr operands)) (in-clauses? (cddr operands))))
        (else (or (and (pair? (car operands)) (memq (caar operands) clause-names) #t) (in-clauses? (cdr operands))))))

(define (expand-by-type type several? operands)
  "The call that a query of TYPE with OPERANDS stands for: clauses, before which its target may stand as such; where
  SEVERAL?, both of them.

  > (expand-by-type 'prediction #f '(player-churn (change nerf-weapon-damage)))
  => (predict 'player-churn 'nerf-weapon-damage)"
  (define (unquoted x) (if (and (pair? x) (eq? (car x) 'quote)) (cadr x) x))
  (let loop ((rest operands) (targets '()))
    (cond ((and (pair? rest) (or (name? (car rest)) (and (pair? (car rest)) (eq? (caar rest) 'quote))))
           (loop (cdr rest) (cons (unquoted (car rest)) targets)))
          ((null? targets) (expand-query (cons type rest)))
          (else (expand-query (cons type (cons (list 'target (if several? (reverse targets) (car targets))) rest)))))))

(define-syntax analyze
  "What a persona, or everyone, did in a span of time: (analyze target :metrics … :since …), see `analysis-of`, or clauses
  as a `query` of type analytics has them.

  > (answer? (analyze 'everyone))
  => #t
  > (macroexpand '(analyze (target all) (metrics (volume)) (aggregation median)))
  => (analysis-of (subject 'all) :metrics '(volume) :aggregation 'median)"
  (er-macro-transformer
    (lambda (form rename compare)
      (if (in-clauses? (cdr form))
          (expand-by-type 'analytics #f (cdr form))
          (cons (rename 'analysis-of) (cdr form))))))

(define-syntax predict
  "What a change will do to a metric or a persona: (predict target change :level …), see `prediction-of`, or clauses as
  a `query` of type prediction has them.

  > (answer? (predict 'player-churn 'nerf-weapon-damage))
  => #t
  > (macroexpand '(predict player-churn (change nerf-weapon-damage)))
  => (prediction-of 'player-churn 'nerf-weapon-damage)"
  (er-macro-transformer
    (lambda (form rename compare)
      (if (in-clauses? (cdr form))
          (expand-by-type 'prediction #f (cdr form))
          (cons (rename 'prediction-of) (cdr form))))))

(define-syntax compare
  "How two personas differ: (compare one other :metric …), see `comparison-of`, or clauses as a `query` of type
  comparison has them.

  > (answer? (compare 'everyone 'everyone))
  => #t
  > (macroexpand '(compare (target (newcomers veterans)) (metrics (engagement))))
  => (comparison-of (audience 'newcomers) (audience 'veterans) :metric 'engagement)"
  (er-macro-transformer
    (lambda (form rename compare)
      (if (in-clauses? (cdr form))
          (expand-by-type 'comparison #t (cdr form))
          (cons (rename 'comparison-of) (cdr form))))))
