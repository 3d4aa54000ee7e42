;;; Whether each level of the learner pays, told by how well it foresees ratings, and L4, which chooses among learners by that.

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
