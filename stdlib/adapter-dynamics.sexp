;;; How adapters change over time and what they are for: two timescales, what is everybody's, what leaves, circuits, trajectories.

(define (adapter-consolidate fast slow :share [share 1.0] :rank [rank 8])
  "Move SHARE of what the adapter FAST learned into SLOW (#f: none yet): a hash table with both as they are then, :fast and
:slow, and what share was :lost by cutting SLOW to RANK. Their sum does not change but for that. Complementary learning systems
(McClelland et al. 1995), as a moving average in ΔW space; while `adapter-phases` says free.

> (define quick (make-adapter 'quick {:v '(((1 0)) ((4) (0)))}))
> (define both (adapter-consolidate quick #f :share 0.25))
> (map (lambda (part) (adapter-apply (hash-ref both part) '(1 0) :onto 'nothing)) '(:fast :slow))
=> ((3.0 0.0) (1.0 0.0))"
  (let ((made (%consolidate fast slow share rank)))
    {:fast (%as-adapter (hash-ref made :fast)) :slow (%as-adapter (hash-ref made :slow)) :lost (hash-ref made :lost)}))

(define (adapter-within adapter budget)
  "ADAPTER with an effective rank (exp of the entropy of its singular values: Roy & Vetterli 2007) of at most BUDGET, by lowering
all singular values by as little as that takes. It costs accuracy: at the same rank `adapter-merge` with :rank does better
(docs/adapters-experiments.md).

> (define wide (make-adapter 'wide {:v '(((1 0) (0 1)) ((3 0) (0 1)))}))
> (< (hash-ref (first (table->list (select (%spectrum->table (adapter-within wide 1.2)) used))) :used) 1.21)
=> #t"
  (%as-adapter (%entropy-budget adapter budget)))

(define (%spectrum->table adapter)
  (rows->table (map (lambda (row) {:layer (symbol->string (car row)) :used (caddr row)}) (%adapter-spectrum adapter))))

(define (universal-patterns patterns :q [q 0.05] :seed [seed 0])
  "Which of PATTERNS are everybody's, and so belong further out: a table. PATTERNS are a hash table, the adapters by which
independent batches (other agents, other data) show each. :u is their mean cosine, :p the share of sign flips with as large a
one, :universal whether it is among the discoveries that Benjamini and Hochberg's rule keeps at the rate Q.

Five batches or fewer have no p below .05, whatever the pattern: six are the least, and of many patterns more are needed. What
one agent repeats out of habit looks universal, so give it one batch an agent.

> (define (seen x y) (make-adapter 'seen {:v (list '((1 0)) (list (list x) (list y)))}))
> (define told (universal-patterns {:common (map (lambda (i) (seen 1 (* 0.1 (sin i)))) (iota 8))
                                    :noise (map (lambda (i) (seen (sin (* i i)) (cos (* 5 i)))) (iota 8))}))
> (table->list (select told pattern universal))
=> ({:pattern \"common\" :universal #t} {:pattern \"noise\" :universal #f})"
  (rows->table
    (map (lambda (row)
           {:pattern (%member-name (car row)) :u (list-ref row 1) :p (list-ref row 2) :batches (list-ref row 3)
            :universal (list-ref row 4)})
         (%universal patterns q seed))
    :like {:pattern "" :u 0.0 :p 0.0 :batches 0 :universal #t}))

(define (adapter-share adapters :mode [mode 'private] :clip [clip 1.0] :epsilon [epsilon 1.0] :delta [delta 1e-5]
                       :rank [rank #f] :name [name "shared"])
  "The mean of ADAPTERS, one of each contributor, as it may leave them by the privacy MODE: private, nothing (an error); team,
changes clipped to the length CLIP and Gaussian noise, with the EPSILON and DELTA that hold for each contributor; public, the mean
as it is. A hash table with the :adapter, cut to RANK, and what is :stated. `privacy-spent` adds several releases up.

With few contributors and many numbers an ε that protects leaves little: see docs/adapters-safety.md. The clip must not be chosen by
looking at the adapters.

> (define ours (list (make-adapter 'a {:v '(((1 0)) ((1) (0)))}) (make-adapter 'b {:v '(((1 0)) ((3) (0)))})))
> (map round (adapter-apply (hash-ref (adapter-share ours :mode 'public) :adapter) '(1 1) :onto 'nothing))
=> (2.0 0.0)
> (hash-ref (hash-ref (adapter-share ours :mode 'team :epsilon 2) :stated) :epsilon)
=> 2.0
> (guard (e (#t (error-object-message e))) (adapter-share ours))
=> \"private: nothing leaves this agent\""
  (let ((made (%release adapters mode clip epsilon delta rank name)))
    {:adapter (%as-adapter made) :stated (hash-ref made :said)}))

(define (adapter-circuits adapter examples :onto onto :layer [layer #f] :q [q 0.05] :seed [seed 0])
  "What ADAPTER is for: a table, a line for each direction of its change of the map ONTO, which scores labels. EXAMPLES are a list
of (vector label). Each direction is knocked out; :serves is the label whose loss rises most, told from one half of the examples,
and :confirmed whether it does in the other half, more than that of others, at a false discovery rate of Q. :active is the label
that the direction is most active on, which is no evidence.

> (define skill (make-adapter 'skill {:map '(((1 0)) ((0) (9)))}))
> (define seen (append-map (lambda (i) (list (list (list 1 0) 'first) (list (list 0.0 1) 'other))) (iota 30)))
> (define (turned row) (list (car row) (if (eq? (cadr row) 'first) 'b 'a)))
> (table-columns (adapter-circuits skill (map turned seen) :onto '((0 1) (0 0))))
=> (direction strength serves rise others p confirmed active)"
  (rows->table
    (map (lambda (row)
           {:direction (list-ref row 0) :strength (list-ref row 1) :serves (%displayed (list-ref row 2))
            :rise (list-ref row 3) :others (list-ref row 4) :p (list-ref row 5) :confirmed (list-ref row 6)
            :active (%displayed (list-ref row 7))})
         (%circuits adapter layer (map car examples) (map cadr examples) onto q seed))
    :like {:direction 1 :strength 0.0 :serves "" :rise 0.0 :others 0.0 :p 0.0 :confirmed #t :active ""}))

;; ── What was worked out once ────────────────────────────────────────────────────────────────────────────────

(define (trajectory cache input work :name [name #f] :base [base ""] :sampler [sampler '()])
  "What the procedure WORK gives for INPUT, a string: from CACHE if it was worked out before with the same BASE, the same adapters
of NAME in each of the five levels and the same SAMPLER (all that a drawing depends on, its seed too); else WORK is called, and
its string kept. So there is nothing to invalidate: whatever changes has another key, and what is rolled back is found again.
Adapters that learnt on what was erased since are refused (code stale), though something was worked out with them.

> (define kept (make-trajectory-cache))
> (define calls 0)
> (define (answer q) (set! calls (+ calls 1)) (string-append q \"!\"))
> (list (trajectory kept \"hey\" answer) (trajectory kept \"hey\" answer) calls)
=> (\"hey!\" \"hey!\" 1)
> (define voice (make-adapter 'mine {:v '(((1 0)) ((1) (0)))}))
> (begin (trajectory kept \"hey\" answer :name 'voice) calls)
=> 2"
  (let* ((levels (%level-digests name))
         (drawn (format "~s" sampler)) ; as it is written: displayed, "1" is 1
         (found (%trajectory cache base levels input drawn)))
    (or found (%trajectory-keep! cache base levels input drawn (%insist-on-string (work input))))))

(define (%insist-on-string made)
  (if (string? made)
      made
      (%refuse 'type (string-append "trajectory: WORK should give a string, not " (format "~s" made)) "(format \"~s\" it)")))

;; What lies further in than the agent, as definitions laid over all, belongs to the context's part of the key.
(define (%level-digests name)
  (let ((rows (if name (%frame-adapters name) '())))
    (for-each (lambda (row) (%insist-if-marked (caddr row))) rows)
    (map (lambda (level)
           (string-join
             (map (lambda (row) (%displayed (adapter-digest (caddr row))))
                  (filter (lambda (row) (eq? (if (memq (cadr row) %outer-levels) (cadr row) 'context) level)) rows))
             " "))
         (append %outer-levels '(context)))))

(define %outer-levels '(foundation domain swarm agent))

(define (trajectory-signals cache :least [least 3.0])
  "What CACHE was asked LEAST times or more of late, most first, whatever the adapters were: a table with the :input, how often
(a count that halves every thousand questions) and the :hits, a share. It is worth learning, and then worth `migrate!`.

> (define asked (make-trajectory-cache))
> (for-each (lambda (i) (trajectory asked \"hey\" string-upcase)) (iota 5))
> (table->list (select (trajectory-signals asked) input))
=> ({:input \"hey\"})"
  (rows->table (map (lambda (row) {:input (car row) :asked (cadr row) :hits (caddr row)}) (%trajectory-signals cache least))
               :like {:input "" :asked 0.0 :hits 0.0}))
