;;; Analytics: how much a persona wrote and in what tone, over time; two of them compared; the turns of a workspace.

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
