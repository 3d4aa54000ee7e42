;;; What was learned, for people: what changed and why, what waits, what choosing has cost, whether the levels pay, and
;;; whether the community still talks of what it did.

;; ── Regret ──────────────────────────────────────────────────────────────────────────────────────────────────

(define regret-window 50)          ; turns that are "lately"
(define regret-settled 0.02)       ; regret a turn below which, surely, nothing more is to be gained

(define (regret :seed [seed 0])
  "What the choices of the turns learned from cost, against the best for each developer, as far as the ratings tell: a hash
  table of the cumulated :mean with :low and :high (95 %), lists over the turns, :lately (mean low high) a turn, how many
  turns :tried anything, and whether the learner has :settled: lately it loses less than regret-settled, surely. Where
  nothing was tried nothing can be told: the lists are empty, and :lately is #f. The :reading says so.

  > (begin (learn :from '()) (hash-ref (regret) :reading))
  => \"nothing was tried yet, so nothing is known of what another choice would have given\""
  (let ((tried (count turn-tried? (hash-ref (hash-ref (learned) :data) :turns))))
    (if (= tried 0)
        {:mean '() :low '() :high '() :lately #f :tried 0 :settled #f
         :reading "nothing was tried yet, so nothing is known of what another choice would have given"}
        (%regret-of (learned) tried seed))))

(define (turn-tried? turn)
  "Whether a value of any setting was drawn by lot in TURN, as `rated-turns` gives it.

  > (map turn-tried? '({:propensities ((answer-length . 0.25))} {:propensities ((answer-length . 1))} {:propensities ()}))
  => (#t #f #f)"
  (any (lambda (row) (< (cdr row) 1)) (hash-ref turn :propensities '())))

(define (%regret-of known tried seed)
  (let* ((data (hash-ref known :data)) (made (hash-ref known :made))
         (who (hash-keys (hash-ref made :numbers)))
         (found (regret-curve (hash-ref data :chosen) (hash-ref made :groups)
                              (map (lambda (name) (developer-posterior name data made)) who)
                              (hash-ref data :sizes) :window regret-window :seed seed))
         (late (hash-ref found :lately))
         (settled (< (caddr late) regret-settled))
         (number (lambda (value) (%displayed (rounded value)))))
    (hash-set! found :tried tried)
    (hash-set! found :settled settled)
    (hash-set! found :reading
               (string-append (number (car late)) " a turn lately (95 % " (number (cadr late)) " to " (number (caddr late)) ")"
                              (if settled ", settled" "")))
    found))

(define (plot-regret :seed [seed 0])
  "The cumulated regret of the turns learned from, with its interval.

  > (begin (learn :from '()) (guard (e (#t (error-object-message e))) (plot-regret)))
  => \"plot-regret: no rated turn tried anything yet\""
  (let ((found (regret :seed seed)))
    (if (= (hash-ref found :tried) 0)
        (%refuse 'unknown "plot-regret: no rated turn tried anything yet" "(explore! #t), then ask and (rate! 4)"))
    (let ((rows (map (lambda (turn mean low high) {:turn turn :regret mean :low low :high high})
                     (iota (length (hash-ref found :mean)) 1)
                     (hash-ref found :mean) (hash-ref found :low) (hash-ref found :high))))
      (plot rows :x turn :y regret :low low :high high :mark line :title "what choosing otherwise would have given"))))

;; ── Drift of the corpus ─────────────────────────────────────────────────────────────────────────────────────

(define drift-level 0.03)          ; how often chance may call it drift
(define %drift-found #f)                 ; what `corpus-drift` found last

(define (corpus-drift :since [since #f])
  "Whether what the community says has moved SINCE an instant, or since the first rated turn: a sheet of how far its
  messages' :meaning and its :personas moved, lists (shift p days), and the personas' :shares before and after. P is the
  share of days from which on as much moved, the calendar taken as a circle.

  > (hash-ref (corpus-drift :since \"2026-01-31\") :drifted)
  => #f"
  (let* ((start (and (ratings-stamp) (if since (moment-called since) (first-rated))))
         (run (and start (%persona-run 0)))
         (moved (and start (%corpus-moved (%heard :embed #f) (if run (hash-ref run :members) '()) (instant->seconds start))))
         (drifted (lambda (what) (and moved (<= (cadr (hash-ref moved what)) drift-level))))
         (parts (filter (lambda (part) part)
                        (list (and (drifted :meaning) "what is talked about") (and (drifted :personas) "who talks")))))
    (set! %drift-found {:reading (cond ((not start) "nothing was rated yet, so there is no time to look from")
                                       ((= (hash-ref moved :messages) 0) (string-append "nothing was said since " (day-of start)
                                                                                        ", so nothing can be told of drift"))
                                       ((null? parts) (string-append "no drift since " (day-of start)))
                                       (else (string-append "since " (day-of start) " the community has moved: "
                                                            (string-join parts ", and ")
                                                            "; ratings from before may mislead")))
                        :drifted (pair? parts) :since start
                        :meaning (if moved (hash-ref moved :meaning) '()) :personas (if moved (hash-ref moved :personas) '())
                        :shares (if (and moved run)
                                    (map (lambda (row) (cons (cadr (assv (car row) (hash-ref run :labels))) (cdr row)))
                                         (hash-ref moved :shares))
                                    '())
                        :corpus (and start (corpus-version))})
    %drift-found))

(define (first-rated)
  "When the first of the turns learned from was asked; #f without any.

  > (begin (learn :from '()) (first-rated))
  => #f"
  (let ((turns (cond ((and %learned (eq? (hash-ref %learned :stamp) 'given)) (hash-ref (hash-ref %learned :data) :turns))
                     ((ratings-stamp) (kept-turns (rated-turns)))
                     (else '()))))                 ; it learns nothing: drift is looked at before
    (and (pair? turns) (hash-ref (car turns) :at #f))))

(define (drift-noted)
  "What `corpus-drift` says of the corpus as it is, in words; it is looked at now where it has changed since it was.

  > (string? (drift-noted))
  => #t"
  (hash-ref (if (and %drift-found (equal? (hash-ref %drift-found :corpus) (and (ratings-stamp) (corpus-version))))
                %drift-found
                (corpus-drift))
            :reading))

;; ── The report ──────────────────────────────────────────────────────────────────────────────────────────────

(define-record-type <learning-report>
  (make-learning-report learned levels changes waiting regret drift)
  learning-report?
  (learned report-learned)             ; what was learned from, the sheet of `learn`
  (levels report-levels)               ; whether each level pays, see `level-gains`
  (changes report-changes)             ; versions that proposals made, records of the history
  (waiting report-waiting)             ; proposals that wait
  (regret report-regret)               ; see `regret`
  (drift report-drift))                ; see `corpus-drift`

(define (learning-report)
  "What was learned and how it goes: what it was learned from, whether each level pays, what changed, by whom and why, what
  waits, what choosing cost, and whether the corpus drifts. Prints as a page; `plot-regret` draws the curve.

  > (begin (learn :from '()) (learning-report? (learning-report)))
  => #t"
  (let ((drift (corpus-drift)))              ; looked at before anything is learned from what may have moved
    (make-learning-report (learned-sheet) (if (null? (hash-ref (hash-ref (learned) :data) :turns)) '() (level-gains))
                          (changes-learned)
                          (filter (lambda (p) (memq (get p :state) open-states)) (proposals))
                          (regret) drift)))

(define (changes-learned)
  "The accepted proposals, the newest first.

  > (changes-learned)
  => ()"
  (proposals :state 'accepted))

(define (report->string report)
  "A learning REPORT as text.

  > (begin (learn :from '()) (string? (report->string (learning-report))))
  => #t"
  (let ((cost (report-regret report)))
    (string-join
      (append
        (list (string-append "Learned: " (hash-ref (report-learned report) :reading)
                             (if exploring "" "; nothing is tried until (explore! #t)")))
        (map (lambda (level) (string-append "  " (hash-ref level :reading))) (report-levels report))
        (report-section "Changed" (report-changes report))
        (report-section "Waits" (report-waiting report))
        (list (string-append "Regret: " (hash-ref cost :reading)
                             (if (> (hash-ref cost :tried) 0) "; (plot-regret) draws it" ""))
              (string-append "Corpus: " (hash-ref (report-drift report) :reading))))
      "\n")))

(define (report-section title proposals)
  "The lines of a report on PROPOSALS, under TITLE.

  > (report-section \"Waits\" '())
  => (\"Waits: nothing\")"
  (if (null? proposals)
      (list (string-append title ": nothing"))
      (cons (string-append title ":")
            (map (lambda (p) (format "  ~a ~a in ~a, by ~a~a: ~s (~a)~a" (get p :number) (get p :name) (get p :frame) (get p :by)
                                     (if (hash-ref p :decided-by #f) (string-append ", approved by " (get p :decided-by)) "")
                                     (get p :form) (because->string (get p :because)) (since-accepted p)))
                 proposals))))

(define (since-accepted p)
  "What came after the version that the proposal P made of its name, for a report: nothing while that stands.

  > (since-accepted {:name 'answer-length :frame 'swarm :version #f})
  => \"\""
  (let ((latest (and (hash-ref p :version #f)
                     (find (lambda (record) (eq? (get record :frame) (get p :frame))) (environment-history (get p :name))))))
    (if (and latest (not (equal? (get latest :version) (get p :version))))
        (format "; since then ~a~a" (get latest :version)
                (if (get latest :reason) (string-append ": " (get latest :reason)) ""))
        "")))

(define (because->string because)
  "The evidence BECAUSE of a proposal, in a line.

  > (because->string {:level 'aliases :times '((sweats competitive-players 2))})
  => \"level aliases, times ((sweats competitive-players 2))\"

  > (because->string {:level 'L3 :gain 0.1})
  => \"level L3, gain 0.1\""
  (cond ((hash-table? because)
         (or (summary->string because)
             (string-join (map (lambda (key) (format "~a ~s" (keyword->string key) (hash-ref because key))) (hash-table-keys because))
                          ", ")))
        ((string? because) because)
        (else (format "~s" because))))
