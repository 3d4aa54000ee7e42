;;; Ways of learning, among which L4 chooses. A learner takes the data and tells whose ratings go together (:by, a field of
;;; turns, or #f: all), and what was thought of each such group before its ratings came: {:by :numbers :groups :priors
;;; :newcomer :rate}, :newcomer for a group of which there are none. The rest is arithmetic: `developer-posterior`.

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
              :noise (hash-ref (team-posterior data (hash-ref data :groups) (length (hash-ref data :developers)) +inf.0) :noise)))

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
  (team-by data :developer team-far #f))

(define (like-minded-learner data)
  "L3 without L2: what the team likes, for everybody; only how generous they are differs.

  > (hash-ref (like-minded-learner (learning-data '())) :by)
  => :developer"
  (team-by data :developer team-far #t))

(define (kind-learner data)
  "Tastes go with the kind of question, not with who asks it.

  > (hash-ref (kind-learner (learning-data '())) :by)
  => :kind"
  (team-by data :kind +inf.0 #f))

(define (team-by data by far alike)
  "What those have in common whose ratings go together BY a field of turns, and what is thought of each from the others.

  > (hash-ref (team-by (learning-data '()) :persona 3.0 #f) :by)
  => :persona"
  (let* ((numbers (make-hash-table))
         (groups (if (eq? by :developer)
                     (hash-ref data :groups)
                     (map (lambda (turn) (numbered! (hash-ref turn by) numbers)) (hash-ref data :turns))))
         (known (if (eq? by :developer) (hash-ref data :numbers) numbers))
         (team (team-posterior data groups (hash-count known) far)))
    {:by by :numbers known :groups groups :team team :rate 1.0 :newcomer (team-prior team :alike alike)
     :priors (map (lambda (group) (team-prior team :without group :alike alike)) (iota (hash-count known)))}))

(define (team-posterior data groups count far)
  "L3: what the COUNT GROUPS of DATA have in common and how far they differ, see `fit-team`.

  > (hash-ref (team-posterior (learning-data '()) '() 0 3.0) :rounds)
  => 1"
  (fit-team (hash-ref data :x) (hash-ref data :y) groups (hash-ref data :sizes) :weights (hash-ref data :weights)
            :far far :count count :from (latest-team (hash-ref data :sizes))))

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
