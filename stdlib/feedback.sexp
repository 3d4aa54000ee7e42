;;; The learner: from ratings to what is tried next, in four levels, each of which can be switched off. What is thought of
;;; people before their ratings is made by `learners` (learners.sexp); what is found is proposed (wishes.sexp), and the gate
;;; decides; whether a level pays is told in levels.sexp.

;; ── Switches ────────────────────────────────────────────────────────────────────────────────────────────────

(define exploring #f)              ; whether turns try anything at all
(define learning-levels '((L1 . on) (L2 . on) (L3 . on) (L4 . off)))
(define explored-settings 'all)    ; or a list of names
(define exploration-floor 0.02)    ; nothing is tried more rarely, so that every choice can be judged later
(define exploration-spread 0.15)   ; how unsure the learner acts of how unsure it is; 1, Thompson's sampling, tries too much
                                   ; where a hundred turns are all there is
(define learning-buffer 1000)      ; rated turns that are learned from,
(define buffer-kind 'latest)       ; the latest, or an even 'sample of all
(define level-questions #t)        ; whether what a question makes of its ratings is taken out of them, and whoever does not agree
                                   ; with the others on that is trusted less
(define team-far 3.0)              ; how many times as far from the rest as people are on average (squared) tastes may lie, to
                                   ; count in full for the team; beyond, whoever has them is trusted less
(define sure-enough 0.95)          ; chance of being better from which a value is proposed,
(define least-gain 0.01)           ; and how much better, of the way from the worst rating to the best
(define least-ratings 30)          ; before that many nothing is proposed

(define (explore! on)
  "Whether turns try values of settings other than those in force: nothing is tried until it is said.

  > (begin (explore! #t) (let ((tried exploring)) (explore! #f) (list tried exploring)))
  => (#t #f)"
  (set! exploring (if on #t #f)))

(define (level! level state)
  "Switch LEVEL of the learner 'on or 'off: L1 tries, L2 knows each developer, L3 the team, L4 chooses how to learn. The
  levels as they are now.

  > (list (level! 'L2 'off) (level! 'L2 'on))
  => (((L1 . on) (L2 . off) (L3 . on) (L4 . off)) ((L1 . on) (L2 . on) (L3 . on) (L4 . off)))"
  (if (not (assq level learning-levels)) (%unknown-name 'level level (map (lambda (l) (symbol->string (car l))) learning-levels)))
  (if (not (memq state '(on off))) (%refuse 'range (string-append "level!: a level is on or off, not " (format "~s" state))
                                            "(level! 'L4 'off)"))
  (set! learning-levels (map (lambda (l) (if (eq? (car l) level) (cons level state) l)) learning-levels))
  (%learn-again)
  learning-levels)

(define (level-on? level)
  "Whether LEVEL of the learner is on.

  > (map level-on? '(L3 L4))
  => (#t #f)"
  (eq? (cdr (assq level learning-levels)) 'on))

;; ── What is learned from ────────────────────────────────────────────────────────────────────────────────────

(define (learning-data turns)
  "What the learner looks at of rated TURNS, the oldest first: a hash table of the settings' :names, their :choices and
  :sizes; and for each turn of what was chosen (:chosen, and :x as columns), the rating :y and its weight in :weights, see
  `levelled-ratings`, and whose it is: :groups, numbers of the :developers, each of them :trusted as far as it says.

  > (hash-ref (learning-data '()) :developers)
  => ()"
  (let* ((names (if (eq? explored-settings 'all) (settings) explored-settings))
         (choices (map setting-choices names))
         (known (kept-turns turns))
         (number (make-hash-table))
         (groups (map (lambda (t) (numbered! (hash-ref t :developer) number)) known))
         (chosen (choice-numbers (map (lambda (t) (hash-ref t :choices)) known) names choices))
         (columns (choice-columns chosen (map length choices)))
         (levelled (levelled-ratings known columns groups)))
    {:names names :choices choices :sizes (map length choices) :turns known :chosen chosen
     :x columns :y (hash-ref levelled :ratings) :weights (hash-ref levelled :weights)
     :developers (hash-keys number) :numbers number :groups groups :trusted (hash-ref levelled :trusted)}))

(define (levelled-ratings turns columns groups)
  "The :ratings and :weights of TURNS that chose COLUMNS, by developers numbered in GROUPS. Where level-questions says so,
  ratings are without what their questions make of them whatever is chosen, see `without-questions`: most of what they
  differ by is that some questions have good answers and some have none. A question is known by the :form that asked it.

  > (tensor->list (hash-ref (levelled-ratings (list {:turn 1 :rating 0.75}) (choice-columns '((0)) '(2)) '(0)) :ratings))
  => (0.75)"
  (let ((ratings (list->vector (map (lambda (t) (hash-ref t :rating)) turns))) (asked (make-hash-table))
        (weights (list->vector (map (lambda (t) (hash-ref t :weight 1.0)) turns))))
    (if level-questions
        (without-questions columns ratings groups (map (lambda (t) (numbered! (hash-ref t :form (hash-ref t :turn)) asked)) turns)
                           :weights weights)
        {:ratings ratings :weights weights :trusted (map (lambda (developer) 1.0) (delete-duplicates groups))})))

(define (numbered! name numbers)
  "The number of NAME in the hash table NUMBERS; one it has not gets the next.

  > (let ((numbers (make-hash-table))) (map (lambda (name) (numbered! name numbers)) '(a b a)))
  => (0 1 0)"
  (or (hash-ref numbers name #f)
      (let ((next (hash-count numbers))) (hash-set! numbers name next) next)))

(define (kept-turns turns)
  "Those of rated TURNS that are learned from: as many as learning-buffer says, by buffer-kind.

  > (kept-turns '())
  => ()"
  (if (<= (length turns) learning-buffer)
      turns
      (let ((all (list->vector turns)) (numbers (map (lambda (t) (hash-ref t :turn)) turns)))
        (map (lambda (at) (vector-ref all at))
             ((if (eq? buffer-kind 'sample) keep-sample keep-latest) numbers learning-buffer)))))

;; ── Learning ────────────────────────────────────────────────────────────────────────────────────────────────

(define %learned #f)               ; {:data :made :beliefs :stamp :learner}, or #f; no definition: it follows from the ratings

(define (learn [environment #f] [turn #f] :from [turns #f])
  "Learn from the rated turns of the workspace, or FROM those in a list as `rated-turns` gives it: what is tried from now on
  follows it. A sheet of what was learned; with ENVIRONMENT and TURN, as `converse` calls it, the environment that follows.

  > (hash-ref (learn :from '()) :ratings)
  => 0"
  (%learn-from (learning-data (or turns (if (ratings-stamp) (rated-turns) '()))) (if turns 'given (ratings-stamp)))
  (if environment (environment-version) (learned-sheet)))

(define (%learn-from data stamp)
  (let ((name (learner-in-force)))
    (set! %learned {:data data :learner name :made (run-learner name data) :beliefs (make-hash-table) :stamp stamp})))

;; What is known, learned anew from the same ratings: the learner is another one.
(define (%learn-again)
  (if %learned (%learn-from (hash-ref %learned :data) (hash-ref %learned :stamp))))

(define (learned-sheet)
  "What was learned from, in a few lines.

  > (begin (learn :from '()) (hash-ref (learned-sheet) :developers))
  => 0"
  (let ((data (hash-ref (learned) :data)))
    {:reading (string-append "learned from " (number->string (length (hash-ref data :turns)))
                             (if (= (length (hash-ref data :turns)) 1) " rating by " " ratings by ")
                             (counted-people (length (hash-ref data :developers))) ", by "
                             (symbol->string (hash-ref (learned) :learner)))
     :ratings (length (hash-ref data :turns)) :developers (length (hash-ref data :developers))
     :learner (hash-ref (learned) :learner) :rate (hash-ref (hash-ref (learned) :made) :rate)}))

(define (learned)
  "What is known from the ratings; learned now where ratings came since.

  > (hash-table? (begin (learn :from '()) (learned)))
  => #t"
  (if (or (not %learned)
          (not (or (eq? (hash-ref %learned :stamp) 'given) (equal? (hash-ref %learned :stamp) (ratings-stamp)))))
      (learn))
  %learned)

(define (belief-about developer)
  "The posterior {:mean :covariance} of what DEVELOPER likes.

  > (begin (learn :from '()) (hash-keys (belief-about \"ann\")))
  => (:mean :covariance)"
  (belief-in {:developer developer}))

(define (belief-in context)
  "The posterior of what is liked in CONTEXT, a hash table of the :developer and, for learners that go by them, the :kind
  of question and the :persona.

  > (begin (learn :from '()) (hash-keys (belief-in {:developer \"ann\"})))
  => (:mean :covariance)"
  (let* ((known (learned)) (beliefs (hash-ref known :beliefs))
         (by (hash-ref (hash-ref known :made) :by)) (who (and by (hash-ref context by #f))))
    (if (not (hash-table-contains? beliefs who))
        (hash-set! beliefs who (developer-posterior who (hash-ref known :data) (hash-ref known :made))))
    (hash-ref beliefs who)))

(define (developer-posterior developer data made)
  "L2: what DEVELOPER likes, or whoever MADE, what a learner made of DATA, goes by.

  > (let ((data (learning-data '()))) (hash-keys (developer-posterior \"ann\" data (team-learner data))))
  => (:mean :covariance)"
  (let* ((own (hash-ref (hash-ref made :numbers) developer #f))
         (prior (if (and own (< own (length (hash-ref made :priors)))) (list-ref (hash-ref made :priors) own)
                    (hash-ref made :newcomer))))
    (follow-ratings (hash-ref data :x) (hash-ref data :y) prior :weights (hash-ref data :weights)
                    :rate (hash-ref made :rate) :groups (hash-ref made :groups) :group (or own -1))))

(define (effects-on belief)
  "What BELIEF says of each setting: a list of (name values means spreads), see `choice-effects`.

  > (begin (learn :from '()) (length (cadr (assq 'answer-length (effects-on (belief-about \"ann\"))))))
  => 4"
  (let ((data (hash-ref (learned) :data)))
    (map (lambda (name values effects) (cons* name values effects))
         (hash-ref data :names) (hash-ref data :choices)
         (choice-effects (hash-ref belief :mean) (hash-ref belief :covariance) (hash-ref data :sizes)))))

;; ── L1: what a turn tries ───────────────────────────────────────────────────────────────────────────────────

(define (decide-settings context)
  "What the turn about to begin tries: a list of (setting value probability), empty where nothing is tried. CONTEXT is
  a hash table of the :kind of question, the :persona asked, the :developer, and the number of the :turn.

  Each value is tried as often as it is likely to be the best for that developer, none more rarely than exploration-floor.

  > (decide-settings {:kind 'fact :persona \"everyone\" :developer \"ann\" :turn 1})
  => ()"
  (if (and exploring (level-on? 'L1))
      (map (lambda (row) (draw-choice (car row) (cadr row) (caddr row)))
           (chances-in context))
      '()))

(define (chances-in context)
  "How likely each value of each setting is to be tried in CONTEXT: a list of (name values chances).

  > (begin (learn :from '()) (map rounded (caddr (assq 'answer-length (chances-in {:developer \"ann\"})))))
  => (0.25 0.25 0.25 0.25)"
  (let ((belief (belief-in context)))
    (if (not (hash-table-contains? belief :chances))
        (hash-set! belief :chances
                   (map list (hash-ref (hash-ref (learned) :data) :names) (hash-ref (hash-ref (learned) :data) :choices)
                        (choice-chances (hash-ref belief :mean) (hash-ref belief :covariance)
                                        (hash-ref (hash-ref (learned) :data) :sizes) :floor exploration-floor
                                        :scale exploration-spread))))
    (hash-ref belief :chances)))

(define (draw-choice name values chances)
  "One of VALUES, drawn by CHANCES, with NAME before and its chance after it.

  > (draw-choice 'answer-length '(2 4) '(0.0 1.0))
  => (answer-length 4 1.0)"
  (let loop ((values values) (chances chances) (left (random 1.0)))
    (if (or (null? (cdr values)) (< left (car chances)))
        (list name (car values) (car chances))
        (loop (cdr values) (cdr chances) (- left (car chances))))))

;; ── The whole loop ──────────────────────────────────────────────────────────────────────────────────────────

(define (answer form environment)
  "What FORM, a question, gives in ENVIRONMENT, a version.

  > (answer '(+ 1 2) (environment-version))
  => 3"
  (if (equal? environment (environment-version)) (eval form) (with-environment environment (eval form))))

(define (converse environment forms)
  "Answer each of FORMS in turn, and learn from what was made of the answers so far; the environment at the end.

  > (converse (environment-version) '())
  => …"
  (fold (lambda (form environment)
          (let ((turn (answer form environment)))
            (print turn)
            (learn environment turn)))
        environment
        forms))
