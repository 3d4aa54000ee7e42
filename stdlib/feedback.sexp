;;; The learner: from ratings to what is tried next, in four levels, each of which can be switched off and says whether it
;;; pays. Nothing here changes a definition: what is found is proposed (`propose!`), and the gate decides.

;; ── Switches ────────────────────────────────────────────────────────────────────────────────────────────────

(define exploring #f)              ; whether turns try anything at all
(define learning-levels '((L1 . on) (L2 . on) (L3 . on) (L4 . off)))
(define explored-settings 'all)    ; or a list of names
(define exploration-floor 0.02)    ; nothing is tried more rarely, so that every choice can be judged later
(define learning-buffer 1000)      ; rated turns that are learned from,
(define buffer-kind 'latest)       ; the latest, or an even 'sample of all
(define team-trim 0.2)             ; share of the developers at either end whose tastes the team's mean leaves out
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
  (set! %learned #f)
  learning-levels)

(define (level-on? level)
  "Whether LEVEL of the learner is on.

  > (map level-on? '(L3 L4))
  => (#t #f)"
  (eq? (cdr (assq level learning-levels)) 'on))

;; ── What is learned from ────────────────────────────────────────────────────────────────────────────────────

(define (learning-data turns)
  "What the learner looks at of rated TURNS, the oldest first: a hash table of the settings' :names, their :choices and
  :sizes; and for each turn of what was chosen (:chosen, and :x as columns), the rating :y, its :weights, and whose it is:
  :groups, numbers of the :developers.

  > (hash-ref (learning-data '()) :developers)
  => ()"
  (let* ((names (if (eq? explored-settings 'all) (settings) explored-settings))
         (choices (map setting-choices names))
         (known (kept-turns turns))
         (developers (delete-duplicates (map (lambda (t) (hash-ref t :developer)) known)))
         (number (make-hash-table))
         (chosen (choice-numbers (map (lambda (t) (hash-ref t :choices)) known) names choices)))
    (for-each (lambda (name at) (hash-set! number name at)) developers (iota (length developers)))
    {:names names :choices choices :sizes (map length choices) :turns known :chosen chosen
     :x (choice-columns chosen (map length choices))
     :y (list->vector (map (lambda (t) (hash-ref t :rating)) known))
     :weights (list->vector (map (lambda (t) (hash-ref t :weight 1.0)) known))
     :developers developers
     :numbers number
     :groups (map (lambda (t) (hash-ref number (hash-ref t :developer))) known)}))

(define (kept-turns turns)
  "Those of rated TURNS that are learned from: as many as learning-buffer says, by buffer-kind.

  > (kept-turns '())
  => ()"
  (if (<= (length turns) learning-buffer)
      turns
      (let ((all (list->vector turns)) (numbers (map (lambda (t) (hash-ref t :turn)) turns)))
        (map (lambda (at) (vector-ref all at))
             ((if (eq? buffer-kind 'sample) keep-sample keep-latest) numbers learning-buffer)))))

;; ── Ways of learning ────────────────────────────────────────────────────────────────────────────────────────
;; A learner takes the data and tells what was thought of each group of ratings before they came: {:groups :priors :newcomer
;; :rate}, :newcomer for somebody of whom there is none, #f where all are one group. The rest is arithmetic: `belief-about`.

(define (pooled-learner data)
  "L1 alone: all ratings as if one person gave them.

  > (hash-ref (pooled-learner (learning-data '())) :newcomer)
  => #f"
  {:groups (map (lambda (group) 0) (hash-ref data :groups)) :priors (list (open-prior (hash-ref data :sizes)))
   :newcomer #f :rate 1.0})

(define (own-learner data)
  "L2 without L3: each developer alone, nothing is learned for one from another.

  > (hash-ref (own-learner (learning-data '())) :rate)
  => 1.0"
  (let ((prior (open-prior (hash-ref data :sizes))))
    {:groups (hash-ref data :groups) :priors (map (lambda (developer) prior) (hash-ref data :developers))
     :newcomer prior :rate 1.0}))

(define (team-learner data)
  "L3: developers are alike as far as the ratings show it (empirical Bayes), and their tastes move as far as they do.

  > (hash-ref (team-learner (learning-data '())) :priors)
  => ()"
  (let* ((still (steady-team-learner data))
         (old (adapted-rate (hash-ref data :x) (hash-ref data :y) (hash-ref data :groups) (hash-ref still :priors)
                            :weights (hash-ref data :weights))))
    (hash-set! still :rate (if (> (hash-ref old :gain) 0) (hash-ref old :rate) 1.0))
    (hash-set! still :ageing old)
    still))

(define (steady-team-learner data)
  "As `team-learner`, as if nobody's taste ever moved.

  > (hash-ref (steady-team-learner (learning-data '())) :rate)
  => 1.0"
  (let ((team (team-posterior data)))
    {:groups (hash-ref data :groups) :team team :rate 1.0 :newcomer (team-prior team)
     :priors (map (lambda (group) (team-prior team :without group)) (iota (length (hash-ref data :developers))))}))

(define (like-minded-learner data)
  "L3 without L2: what the team likes, for everybody; only how generous they are differs.

  > (hash-ref (like-minded-learner (learning-data '())) :rate)
  => 1.0"
  (let ((team (team-posterior data)))
    {:groups (hash-ref data :groups) :team team :rate 1.0 :newcomer (team-prior team :alike #t)
     :priors (map (lambda (group) (team-prior team :without group :alike #t)) (iota (length (hash-ref data :developers))))}))

(define (team-posterior data)
  "What all developers of DATA have in common and how far they differ, see `fit-team`.

  > (hash-ref (team-posterior (learning-data '())) :trim)
  => 0.2"
  (fit-team (hash-ref data :x) (hash-ref data :y) (hash-ref data :groups) (hash-ref data :sizes)
            :weights (hash-ref data :weights) :trim team-trim :count (length (hash-ref data :developers))))

(define learners '(team-learner steady-team-learner like-minded-learner own-learner pooled-learner)) ; what L4 chooses from
(define chosen-learner 'team-learner) ; by L4

(define (learner-in-force)
  "The name of the learner that the switches ask for.

  > (learner-in-force)
  => team-learner"
  (cond ((level-on? 'L4) chosen-learner)
        ((level-on? 'L3) (if (level-on? 'L2) 'team-learner 'like-minded-learner))
        ((level-on? 'L2) 'own-learner)
        (else 'pooled-learner)))

(define (run-learner name data)
  "What the learner called NAME makes of DATA; by name, so that a rewritten one is the one that runs.

  > (hash-ref (run-learner 'own-learner (learning-data '())) :rate)
  => 1.0"
  ((%global-or name team-learner) data))

;; ── Learning ────────────────────────────────────────────────────────────────────────────────────────────────

(define %learned #f)               ; {:data :made :beliefs :stamp :learner}, or #f; no definition: it follows from the ratings

(define (learn [environment #f] [turn #f] :from [turns #f])
  "Learn from the rated turns of the workspace, or FROM those in a list as `rated-turns` gives it: what is tried from now on
  follows it. A sheet of what was learned; with ENVIRONMENT and TURN, as `converse` calls it, the environment that follows.

  > (hash-ref (learn :from '()) :ratings)
  => 0"
  (let* ((data (learning-data (or turns (rated-turns))))
         (name (learner-in-force)))
    (set! %learned {:data data :learner name :made (run-learner name data) :beliefs (make-hash-table)
                    :stamp (if turns 'given (ratings-stamp))})
    (if environment (environment-version) (learned-sheet))))

(define (learned-sheet)
  "What was learned from, in a line.

  > (begin (learn :from '()) (hash-ref (learned-sheet) :developers))
  => 0"
  (let ((data (hash-ref (learned) :data)))
    {:reading (string-append "learned from " (number->string (length (hash-ref data :turns))) " ratings by "
                             (number->string (length (hash-ref data :developers))) " developers, by "
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
  (let* ((known (learned)) (beliefs (hash-ref known :beliefs)))
    (if (not (hash-table-contains? beliefs developer))
        (hash-set! beliefs developer (developer-posterior developer (hash-ref known :data) (hash-ref known :made))))
    (hash-ref beliefs developer)))

(define (developer-posterior developer data made)
  "L2: what DEVELOPER likes, from DATA and what a learner MADE of it.

  > (let ((data (learning-data '()))) (hash-keys (developer-posterior \"ann\" data (team-learner data))))
  => (:mean :covariance)"
  (let* ((own (if (hash-ref made :newcomer) (hash-ref (hash-ref data :numbers) developer #f) 0))
         (prior (if own (list-ref (hash-ref made :priors) own) (hash-ref made :newcomer))))
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
           (chances-for (hash-ref context :developer)))
      '()))

(define (chances-for developer)
  "How likely each value of each setting is to be tried for DEVELOPER: a list of (name values chances).

  > (begin (learn :from '()) (map rounded (caddr (assq 'answer-length (chances-for \"ann\")))))
  => (0.25 0.25 0.25 0.25)"
  (let ((belief (belief-about developer)))
    (if (not (hash-table-contains? belief :chances))
        (hash-set! belief :chances
                   (map (lambda (row) (list (car row) (cadr row)
                                            (best-chances (caddr row) (cadddr row) :floor exploration-floor)))
                        (effects-on belief))))
    (hash-ref belief :chances)))

(define (draw-choice name values chances)
  "One of VALUES, drawn by CHANCES, with NAME before and its chance after it.

  > (draw-choice 'answer-length '(2 4) '(0.0 1.0))
  => (answer-length 4 1.0)"
  (let loop ((values values) (chances chances) (left (random 1.0)))
    (if (or (null? (cdr values)) (< left (car chances)))
        (list name (car values) (car chances))
        (loop (cdr values) (cdr chances) (- left (car chances))))))
