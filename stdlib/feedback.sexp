;;; The learner: from ratings to what is tried next, in four levels, each of which can be switched off and says whether it
;;; pays. Nothing here changes a definition: what is found is proposed (`propose!`), and the gate decides.

;; ── Switches ────────────────────────────────────────────────────────────────────────────────────────────────

(define exploring #f)              ; whether turns try anything at all
(define learning-levels '((L1 . on) (L2 . on) (L3 . on) (L4 . off)))
(define explored-settings 'all)    ; or a list of names
(define exploration-floor 0.02)    ; nothing is tried more rarely, so that every choice can be judged later
(define exploration-spread 0.5)    ; how unsure the learner acts of how unsure it is; 1, Thompson's sampling, tries too much
                                   ; where a hundred turns are all there is, 0.3 stays with what was liked by chance at first
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
  (let ((prior (own-prior data)))
    {:by #f :numbers (hash-table #f 0) :groups (map (lambda (turn) 0) (hash-ref data :turns)) :priors (list prior)
     :newcomer prior :rate 1.0}))

(define (own-learner data)
  "L2 without L3: each developer alone, nothing is learned for one from another.

  > (hash-ref (own-learner (learning-data '())) :rate)
  => 1.0"
  (let ((prior (own-prior data)))
    {:by :developer :numbers (hash-ref data :numbers) :groups (hash-ref data :groups)
     :priors (map (lambda (developer) prior) (hash-ref data :developers)) :newcomer prior :rate 1.0}))

;; How much ratings scatter is all that these two learn from the others.
(define (own-prior data)
  "What is thought of anybody who is known by their own ratings alone.

  > (hash-keys (own-prior (learning-data '())))
  => (:mean :variance :noise)"
  (open-prior (hash-ref data :sizes)
              :noise (hash-ref (team-posterior data (hash-ref data :groups) (length (hash-ref data :developers)) 0.0) :noise)))

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

(define learners                   ; what L4 chooses from, the one that it is to beat first; none that counts everybody, as
                                   ; ratings that mean harm may well foresee themselves
  '(team-learner steady-team-learner like-minded-learner kind-learner own-learner pooled-learner))
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

;; ── L2, L3: what is proposed ────────────────────────────────────────────────────────────────────────────────

(define (better-values belief least)
  "Where BELIEF is sure enough that another value than the one in force is better, by at least LEAST: lists (name value
  gain chance).

  > (begin (learn :from '()) (better-values (belief-about \"ann\") 0.01))
  => ()"
  (filter-map (lambda (row) (apply better-value (append row (list least)))) (effects-on belief)))

(define (better-value name values means spreads least)
  "Of the setting NAME the one of VALUES with the greatest of MEANS, as a list (name value gain chance), where it is better
  than the one in force by LEAST and sure-enough to be; else #f.

  > (better-value 'answer-length '(2 3 4 6) '(0.0 0.0 0.0 0.2) '(0.01 0.01 0.01 0.01) 0.01)
  => (answer-length 6 0.2 1.0)"
  (let* ((now (list-index (lambda (value) (equal? value (%global-or name #f))) values))
         (best (list-index (lambda (mean) (= mean (apply max means))) means))
         (at (lambda (place of) (list-ref of place))))
    (and now
         (let ((gain (- (at best means) (at now means)))
               (chance (car (best-chances (list (at best means) (at now means)) (list (at best spreads) (at now spreads))
                                          :floor 0.0))))
           (and (>= gain least) (>= chance sure-enough) (list name (at best values) (rounded gain) (rounded chance)))))))

(define (team-wishes)
  "L3: what the whole team likes better than what is in force, see `better-values`: the team's mean, and not more sure than
  the number of people behind it.

  > (begin (learn :from '()) (team-wishes))
  => ()"
  (let ((team (hash-ref (hash-ref (learned) :made) :team #f)))
    (if (and team (level-on? 'L3) (>= (length (hash-ref (hash-ref (learned) :data) :turns)) least-ratings))
        (let ((common (team-prior team :alike #t)) (none (choice-columns '() (hash-ref (hash-ref (learned) :data) :sizes))))
          (better-values (follow-ratings none #() common) least-gain))
        '())))

(define (developer-wishes developer)
  "L2: what DEVELOPER likes better than what is in force.

  > (begin (learn :from '()) (developer-wishes \"ann\"))
  => ()"
  (let* ((data (hash-ref (learned) :data)) (own (hash-ref (hash-ref data :numbers) developer #f)))
    (if (and own (level-on? 'L2) (>= (count (lambda (group) (= group own)) (hash-ref data :groups)) least-ratings))
        (better-values (belief-about developer) least-gain)
        '())))

(define (propose-learned!)
  "Propose what was learned, to the gate: L3 definitions for the team, in the frame swarm, and L2 what single developers
  like, `developer-settings` in the frame agent. The numbers of the proposals made; what is waiting already is not proposed
  twice.

  > (begin (learn :from '()) (propose-learned!))
  => ()"
  (let ((own (filter (lambda (row) (pair? (cdr row)))
                     (map (lambda (developer) (cons developer (map (lambda (wish) (cons (car wish) (cadr wish)))
                                                                   (developer-wishes developer))))
                          (hash-ref (hash-ref (learned) :data) :developers)))))
    (filter (lambda (number) number)
            (append (map (lambda (wish)
                           (propose-once! (car wish) (value-form (cadr wish)) 'swarm "the learner, L3" (evidence-of 'L3 wish)))
                         (team-wishes))
                    (if (or (null? own) (equal? own developer-settings))
                        '()
                        (list (propose-once! 'developer-settings (quoted own) 'agent "the learner, L2"
                                             {:level 'L2 :developers (map car own)})))))))

(define (value-form value)
  "A form that gives VALUE.

  > (map value-form '(6 worth (1.0 0.3)))
  => (6 'worth '(1.0 0.3))"
  (if (or (pair? value) (symbol? value)) (list 'quote value) value))

(define (evidence-of level wish)
  "What stands behind the WISH (name value gain chance) of LEVEL, for the gate's record.

  > (begin (learn :from '()) (hash-ref (evidence-of 'L3 '(answer-length 6 0.1 0.99)) :gain))
  => 0.1"
  (let ((data (hash-ref (learned) :data)))
    {:level level :was (%global-or (car wish) #f) :gain (caddr wish) :chance (cadddr wish)
     :ratings (length (hash-ref data :turns)) :developers (length (hash-ref data :developers))
     :drift (drift-noted)}))

(define open-states '(waiting shadow canary))

(define (propose-once! name form frame by because)
  "Propose FORM for NAME in FRAME, unless just that is being considered or was refused before; the number, or #f.

  > (procedure? propose-once!)
  => #t"
  (and (not (any (lambda (p) (and (eq? (get p :name) name) (equal? (get p :form) form)
                                  (memq (get p :state) (cons* 'rejected 'refused open-states))))
                 (proposals)))
       (propose! name form :in frame :by by :because because)))

(define (give-evidence!)
  "Give the gate what ratings since tell of the proposals that wait, one fresh doubly-robust difference for each turn; the
  numbers of the proposals with what they got.

  > (begin (learn :from '()) (give-evidence!))
  => ()"
  (let ((rated (hash-ref (hash-ref (learned) :data) :turns)))
    (filter-map (lambda (p) (and (memq (get p :state) open-states) (assq (get p :name) (map list (settings)))
                                 (give-evidence-of! p rated)))
                (proposals))))

(define (give-evidence-of! proposal rated)
  "Give the gate what the RATED turns tell of PROPOSAL that it was not given before: (number how-many), or #f.

  > (procedure? give-evidence-of!)
  => #t"
  (let* ((name (get proposal :name))
         (value (let ((form (get proposal :form))) (if (and (pair? form) (eq? (car form) 'quote)) (cadr form) form)))
         (fresh (filter (lambda (t) (and (assq name (hash-ref t :choices)) (instant<? (get proposal :at) (hash-ref t :at))
                                         (< (cdr (assq name (hash-ref t :propensities))) 1)))
                        rated))
         (of (lambda (what) (map (lambda (t) (cdr (assq name (hash-ref t what)))) fresh)))
         (told (and (pair? fresh)
                    (doubly-robust (map (lambda (t) (hash-ref t :rating)) fresh) (of :choices) (of :propensities)
                                   value (%global-or name #f)))))
    (and told (hash-ref told :enough)
         (let ((new (list-tail (hash-ref told :differences) (min (get proposal :pairs) (length fresh))))
               (turns (list-tail fresh (min (get proposal :pairs) (length fresh)))))
           (for-each (lambda (difference t)
                       (observe! (get proposal :number) difference :author (hash-ref t :developer)
                                 :turn (hash-ref t :turn)
                                 :slices (list (cons 'developer (hash-ref t :developer)) (cons 'persona (hash-ref t :persona))
                                               (cons 'kind (hash-ref t :kind)))))
                     new turns)
           (list (get proposal :number) (length new))))))

;; ── What the levels are worth ───────────────────────────────────────────────────────────────────────────────

(define (learner-foresight name data)
  "How well the learner called NAME foresees each rating of DATA from those before it, see `foresight`.

  > (tensor->list (learner-foresight 'team-learner (learning-data '())))
  => ()"
  (let ((made (run-learner name data)))
    (foresight (hash-ref data :x) (hash-ref data :y) (hash-ref made :groups) (hash-ref made :priors)
               :weights (hash-ref data :weights) :rate (hash-ref made :rate))))

(define (blind data)
  "DATA as if nobody knew what was chosen.

  > (hash-ref (blind (learning-data '())) :turns)
  => ()"
  (let ((copy (hash-copy data)) (unknown (map (lambda (size) #f) (hash-ref data :sizes))))
    (hash-set! copy :x (choice-columns (map (lambda (turn) unknown) (hash-ref data :turns)) (hash-ref data :sizes)))
    copy))

(define (level-gains)
  "Whether each level pays: by how much it foresees a rating better than without it (log density), with a 95 % interval,
  from the ratings learned from: a list of hash tables {:level :gain :low :high :ratings :reading}.

  > (begin (learn :from '()) (map (lambda (row) (hash-ref row :level)) (level-gains)))
  => (L1 L2 L3 L4)"
  (let* ((data (hash-ref (learned) :data))
         (score (lambda (name) (learner-foresight name data)))
         (team (score 'team-learner)) (alike (score 'like-minded-learner)))
    (list (level-gain 'L1 alike (learner-foresight 'like-minded-learner (blind data)) data)
          (level-gain 'L2 team alike data)
          (level-gain 'L3 team (score 'own-learner) data)
          (level-gain 'L4 (score chosen-learner) team data))))

(define (level-gain level with without data)
  "What the scores WITH a LEVEL are better than those WITHOUT it, in a line.

  > (hash-ref (level-gain 'L2 #(0.5 0.5) #(0.0 0.0) {:groups '(0 0)}) :gain)
  => 0.5"
  (let* ((found (foresight-gain with without (hash-ref data :groups)))
         (low (hash-ref found :low)) (high (hash-ref found :high)))
    {:level level :gain (rounded (hash-ref found :mean)) :low (and low (rounded low)) :high (and high (rounded high))
     :ratings (hash-ref found :n)
     :reading (string-append (symbol->string level) (pays-or-not low high)
                             (if low (string-append ": a rating is foreseen better by " (%displayed (rounded (hash-ref found :mean)))
                                                    " (95 % " (%displayed (rounded low)) " to " (%displayed (rounded high)) ")")
                                 ""))}))

(define (pays-or-not low high)
  "What an interval from LOW to HIGH, or #f, says of a level.

  > (map pays-or-not '(0.1 -0.1 -0.2 #f) '(0.2 0.1 -0.1 #f))
  => (\" pays\" \" does not pay yet\" \" costs more than it brings\" \": too few ratings to tell\")"
  (cond ((not low) ": too few ratings to tell")
        ((> low 0) " pays")
        ((< high 0) " costs more than it brings")
        (else " does not pay yet")))

;; ── L4: learning how to learn ───────────────────────────────────────────────────────────────────────────────

(define (tune-learner!)
  "L4: which of `learners` foresees ratings best. The one that does on the first half of them is held against team-learner on
  the second; it is chosen only where it is better there beyond chance, else team-learner stays. A sheet that says so.

  > (begin (learn :from '()) (hash-ref (tune-learner!) :chosen))
  => team-learner"
  (let* ((data (hash-ref (learned) :data)) (n (length (hash-ref data :turns))) (half (quotient n 2))
         (scores (map (lambda (name) (cons name (learner-foresight name data))) learners))
         (team (cdr (assq 'team-learner scores)))
         (gain (lambda (row from until) (foresight-gain (cdr row) team (hash-ref data :groups) :from from :until until)))
         (best (fold (lambda (row best)
                       (if (> (hash-ref (gain row 0 half) :mean) (hash-ref (gain best 0 half) :mean)) row best))
                     (car scores) scores))
         (later (gain best half n))
         (pays (and (>= n least-ratings) (not (eq? (car best) 'team-learner)) (hash-ref later :low) (> (hash-ref later :low) 0))))
    (set! chosen-learner (if pays (car best) 'team-learner))
    (if (level-on? 'L4) (%learn-again))
    {:reading (if pays
                  (string-append "L4 pays: " (symbol->string (car best)) " foresees ratings better than team-learner"
                                 (if (level-on? 'L4) "" "; (level! 'L4 'on) lets it"))
                  "L4 does not pay: team-learner stays")
     :chosen chosen-learner :tried (car best) :gain (rounded (hash-ref later :mean)) :low (hash-ref later :low)
     :high (hash-ref later :high) :ratings n}))

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
