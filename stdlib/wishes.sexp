;;; What the learner wishes for: values that the team or single developers like better, proposed to the gate, and the evidence
;;; that turns rated since give for or against.

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

(define (turn-seen turn)
  "What the gate knows a rated TURN by: its number; of a word that is not its asker's, with whose it is.

  > (map turn-seen '({:turn 3 :developer \"ann\"} {:turn 3 :developer \"bob\" :asker \"ann\"}))
  => (3 \"3 bob\")"
  (let ((who (hash-ref turn :developer)) (number (hash-ref turn :turn)))
    (if (equal? (hash-ref turn :asker who) who) number (format "~a ~a" number who))))

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
                                 :turn (turn-seen t)
                                 :slices (list (cons 'developer (hash-ref t :developer)) (cons 'persona (hash-ref t :persona))
                                               (cons 'kind (hash-ref t :kind)))))
                     new turns)
           (list (get proposal :number) (length new))))))
