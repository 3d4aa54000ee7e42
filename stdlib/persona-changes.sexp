;;; Personas beside one another and in time: compared, put together, moved by new messages, and held against what they
;;; were.

(define (compare-personas one other)
  "How the personas ONE and OTHER (numbers, names or records) differ: a hash table.

  :shared are terms of both, :only-one and :only-other those of one; :tone is how much friendlier ONE sounds, from -2 to
  2; :people and :messages are how many times as many ONE has; :hours is the share of their activity that falls into the
  same hours of the day (1: the same day, 0: they never meet).

  > (guard (e (#t 'refused)) (compare-personas 1 2))
  => refused"
  (let* ((a (persona one))
         (b (persona other))
         (lacks (lambda (terms) (lambda (term) (not (member term terms)))))
         (times (lambda (x y) (if (zero? y) #f (/ (round (* 100.0 (/ x y))) 100))))
         (tone (lambda (p) (hash-ref (persona-mood p) :tone 0)))
         (wrote (lambda (p) (hash-ref (persona-activity p) :messages 0)))
         (hours (lambda (p) (hash-ref (persona-activity p) :hours '()))))
    {:one (persona-name a)
     :other (persona-name b)
     :shared (filter (lambda (term) (member term (persona-terms b))) (persona-terms a))
     :only-one (filter (lacks (persona-terms b)) (persona-terms a))
     :only-other (filter (lacks (persona-terms a)) (persona-terms b))
     :tone (- (tone a) (tone b))
     :people (times (persona-size a) (persona-size b))
     :messages (times (wrote a) (wrote b))
     :hours (apply + (map min (hours a) (hours b)))}))

;; ── Put together ────────────────────────────────────────────────────────────────────────────────────────────

(define-record-type <hierarchy>
  (%make-hierarchy personas people evidence parts)
  hierarchy?
  (personas hierarchy-personas)
  (people hierarchy-people)
  (evidence hierarchy-evidence)
  (parts hierarchy-parts))

(define (persona-hierarchy)
  "How the personas come together, those nearest to one another first, until all are one: a hierarchy. It prints as a tree.

  A hierarchy is of some `hierarchy-personas` and `hierarchy-people`; its `hierarchy-parts` are the two that it was joined
  from, or none where it is one persona. `hierarchy-evidence` tells whether those two are more than one: a table of how far
  :apart they lie, in spreads within a side, and the :bar that a crowd of one piece stays below; their :agreement
  from one half of people's days to the other (adjusted Rand), and what strangers' days give by :chance; and whether all
  that :holds. Where it does not, the two may be a matter of degree. It is of the latest discovery; updates keep it.

  > (guard (e (#t 'refused)) (persona-hierarchy))
  => refused"
  (let* ((known (personas))
         (joins (if (null? known) '() (%joins 0)))
         (leaf (lambda (p) (%make-hierarchy (list p) (persona-size p) #f '())))
         (has? (lambda (ids) (lambda (h) (memv (car ids) (map persona-id (hierarchy-personas h)))))))
    (if (null? joins)
        (%refuse 'unknown (string-append "persona-hierarchy: " (if (null? known) "no personas have been found"
                                                                   "the latest discovery is older than hierarchies are"))
                 "(discover-personas) looks for them"))
    (let next ((joins joins) (groups (map leaf known)))
      (if (null? joins)
          (car groups)
          (let* ((one (find (has? (hash-ref (car joins) :left)) groups))
                 (other (find (has? (hash-ref (car joins) :right)) groups)))
            (next (cdr joins)
                  (cons (%make-hierarchy (append (hierarchy-personas one) (hierarchy-personas other))
                                         (+ (hierarchy-people one) (hierarchy-people other))
                                         (hash-filter (lambda (key value) (not (memv key '(:left :right :people)))) (car joins))
                                         (list one other))
                        (remove (lambda (h) (or (eq? h one) (eq? h other))) groups))))))))

;; The joins that were told by the discovery to which the run BACK goes back.
(define (%joins back)
  (let ((run (%persona-run back)))
    (cond ((not run) '())
          ((%only-updated? run) (%joins (+ back 1)))
          (else (hash-ref (hash-ref run :evidence) :hierarchy '())))))

(define (%only-updated? run)
  (hash-ref (hash-ref run :evidence) :updated #f))

(define (persona-groups n)
  "The personas in N groups, the nearest together: a list of lists of personas.

  > (guard (e (#t 'refused)) (persona-groups 2))
  => refused"
  (let next ((groups (list (persona-hierarchy))) (joins (reverse (%joins 0))))
    (cond ((not (and (exact-integer? n) (<= 1 n (length (personas)))))
           (%refuse 'range (string-append "persona-groups: there are " (number->string (length (personas)))
                                          " personas, which make no " (format "~s" n) " groups")
                    "(persona-groups 2)"))
          ((= (length groups) n) (map hierarchy-personas groups))
          (else
            (let* ((last-join (append (hash-ref (car joins) :left) (hash-ref (car joins) :right)))
                   (parted (find (lambda (h) (and (pair? (hierarchy-parts h))
                                                  (memv (persona-id (car (hierarchy-personas h))) last-join)))
                                 groups)))
              (next (append (hierarchy-parts parted) (remove (lambda (h) (eq? h parted)) groups)) (cdr joins)))))))

;; ── In time ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (update-personas! :limit [limit #f] :seed [seed 0])
  "Move the personas by what was said since, without finding them anew; stored at once. The personas.

  Persona 1 stays persona 1, names stay. Who wrote since is placed along what sets the personas apart, and may move from
  one to another as far as what is new speaks for it; who did not stays where they were, so with nothing new nothing
  changes. At most :limit messages (20,000) are embedded first. Whether there still are as many kinds of people
  is not asked: `discover-personas` does that. What changed is told by `persona-drift`.

  > (guard (e (#t 'refused)) (update-personas!))
  => refused"
  (let ((run (%persona-run 0)))
    (if (or (not run) (null? (personas)))
        (%refuse 'unknown "update-personas!: no personas have been found" "(discover-personas) looks for them"))
    (let* ((heard (%heard :limit limit))
           (found (%refresh-personas heard (hash-ref run :known) (length (hash-ref run :labels)) :seed seed)))
      (for-each (lambda (key)
                  (if (hash-contains? (hash-ref run :evidence) key)
                      (hash-set! (hash-ref found :evidence) key (hash-ref (hash-ref run :evidence) key))))
                '(:structure :distinct :caveat))
      (%save-personas! heard found (%persona-profiles heard found))
      (personas))))

(define (persona-drift :back [back 1])
  "How the personas changed from the discovery or update BACK steps ago to the latest: a hash table.

  :matches are (label before, label now, overlap): which is which, by the members that both have, one to one; updates keep
  their personas, so where there were only updates each is matched with itself. :appeared
  and :vanished are the labels of those without a match, :moved (author, label before, label now) of those who are in
  another persona than their own one became, :people how many are in both, :came and :went how many in one only.
  :agreement is the adjusted Rand index over those in both: 1 nobody moved, 0 as by chance.

  > (guard (e (#t 'refused)) (persona-drift))
  => refused"
  (let ((now (%persona-run 0))
        (before (%persona-run back)))
    (if (not (and now before))
        (%refuse 'unknown "persona-drift: there are not that many discoveries to compare"
                 "(discover-personas) or (update-personas!) makes one"))
    (let* ((kept (every (lambda (at) (%only-updated? (%persona-run at))) (iota back)))
           (found (%drift (hash-ref before :members) (hash-ref now :members) :kept kept))
           (label (lambda (run) (lambda (id) (cadr (assv id (hash-ref run :labels))))))
           (old (label before))
           (new (label now)))
      (hash-set! found :matches
                 (map (lambda (row) (list (old (car row)) (new (cadr row)) (caddr row))) (hash-ref found :matches)))
      (hash-set! found :moved
                 (map (lambda (row) (list (car row) (old (cadr row)) (new (caddr row)))) (hash-ref found :moved)))
      (hash-set! found :appeared (map new (hash-ref found :appeared)))
      (hash-set! found :vanished (map old (hash-ref found :vanished)))
      found)))
