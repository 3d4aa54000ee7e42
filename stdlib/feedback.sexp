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
         (number (make-hash-table))
         (groups (map (lambda (t) (numbered! (hash-ref t :developer) number)) known))
         (chosen (choice-numbers (map (lambda (t) (hash-ref t :choices)) known) names choices)))
    {:names names :choices choices :sizes (map length choices) :turns known :chosen chosen
     :x (choice-columns chosen (map length choices))
     :y (list->vector (map (lambda (t) (hash-ref t :rating)) known))
     :weights (list->vector (map (lambda (t) (hash-ref t :weight 1.0)) known))
     :developers (hash-keys number) :numbers number :groups groups}))

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

;; ── Ways of learning ────────────────────────────────────────────────────────────────────────────────────────
;; A learner takes the data and tells whose ratings go together (:by, a field of turns, or #f: all), and what was thought of
;; each such group before its ratings came: {:by :numbers :groups :priors :newcomer :rate}, :newcomer for a group of which there
;; are none. The rest is arithmetic: `developer-posterior`.

(define (pooled-learner data)
  "L1 alone: all ratings as if one person gave them.

  > (hash-ref (pooled-learner (learning-data '())) :by)
  => #f"
  (let ((prior (open-prior (hash-ref data :sizes))))
    {:by #f :numbers (hash-table #f 0) :groups (map (lambda (turn) 0) (hash-ref data :turns)) :priors (list prior)
     :newcomer prior :rate 1.0}))

(define (own-learner data)
  "L2 without L3: each developer alone, nothing is learned for one from another.

  > (hash-ref (own-learner (learning-data '())) :rate)
  => 1.0"
  (let ((prior (open-prior (hash-ref data :sizes))))
    {:by :developer :numbers (hash-ref data :numbers) :groups (hash-ref data :groups)
     :priors (map (lambda (developer) prior) (hash-ref data :developers)) :newcomer prior :rate 1.0}))

(define (team-learner data)
  "L3: developers are alike as far as the ratings show it (empirical Bayes), and their tastes move as far as they do.

  > (hash-ref (team-learner (learning-data '())) :priors)
  => ()"
  (let* ((still (steady-team-learner data))
         (age (adapted-rate (hash-ref data :x) (hash-ref data :y) (hash-ref still :groups) (hash-ref still :priors)
                            :weights (hash-ref data :weights))))
    (hash-set! still :rate (if (> (hash-ref age :gain) 0) (hash-ref age :rate) 1.0))
    (hash-set! still :ageing age)
    still))

(define (steady-team-learner data)
  "As `team-learner`, as if nobody's taste ever moved.

  > (hash-ref (steady-team-learner (learning-data '())) :rate)
  => 1.0"
  (team-by data :developer team-trim #f))

(define (like-minded-learner data)
  "L3 without L2: what the team likes, for everybody; only how generous they are differs.

  > (hash-ref (like-minded-learner (learning-data '())) :by)
  => :developer"
  (team-by data :developer team-trim #t))

(define (open-team-learner data)
  "As `steady-team-learner`, with all developers counted, however far from the others they are.

  > (hash-ref (hash-ref (open-team-learner (learning-data '())) :team) :trim)
  => 0.0"
  (team-by data :developer 0.0 #f))

(define (kind-learner data)
  "Tastes go with the kind of question, not with who asks it.

  > (hash-ref (kind-learner (learning-data '())) :by)
  => :kind"
  (team-by data :kind 0.0 #f))

(define (team-by data by trim alike)
  "What those have in common whose ratings go together BY a field of turns, and what is thought of each from the others.

  > (hash-ref (team-by (learning-data '()) :persona 0.0 #f) :by)
  => :persona"
  (let* ((numbers (make-hash-table))
         (groups (if (eq? by :developer)
                     (hash-ref data :groups)
                     (map (lambda (turn) (numbered! (hash-ref turn by) numbers)) (hash-ref data :turns))))
         (known (if (eq? by :developer) (hash-ref data :numbers) numbers))
         (team (team-posterior data groups (hash-count known) trim)))
    {:by by :numbers known :groups groups :team team :rate 1.0 :newcomer (team-prior team :alike alike)
     :priors (map (lambda (group) (team-prior team :without group :alike alike)) (iota (hash-count known)))}))

(define (team-posterior data groups count trim)
  "L3: what the COUNT GROUPS of DATA have in common and how far they differ, see `fit-team`.

  > (hash-ref (team-posterior (learning-data '()) '() 0 0.2) :trim)
  => 0.2"
  (fit-team (hash-ref data :x) (hash-ref data :y) groups (hash-ref data :sizes) :weights (hash-ref data :weights)
            :trim trim :count count :from (latest-team (hash-ref data :sizes))))

(define (latest-team sizes)
  "The team as it was learned last, to go on from; #f where there is none for settings of SIZES.

  > (latest-team '(99))
  => #f"
  (and %learned (equal? sizes (hash-ref (hash-ref %learned :data) :sizes)) (hash-ref (hash-ref %learned :made) :team #f)))

(define learners                   ; what L4 chooses from, the one that it is to beat first
  '(team-learner steady-team-learner like-minded-learner open-team-learner kind-learner own-learner pooled-learner))
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
  "What was learned from, in a few lines.

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
                                        (hash-ref (hash-ref (learned) :data) :sizes) :floor exploration-floor))))
    (hash-ref belief :chances)))

(define (draw-choice name values chances)
  "One of VALUES, drawn by CHANCES, with NAME before and its chance after it.

  > (draw-choice 'answer-length '(2 4) '(0.0 1.0))
  => (answer-length 4 1.0)"
  (let loop ((values values) (chances chances) (left (random 1.0)))
    (if (or (null? (cdr values)) (< left (car chances)))
        (list name (car values) (car chances))
        (loop (cdr values) (cdr chances) (- left (car chances))))))

(define (ratings-stamp)
  "What tells whether there are ratings that were not learned from.

  > (ratings-stamp)
  => 0"
  (length (%feedback)))
