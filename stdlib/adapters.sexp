;;; Adapters: small changes of a model as values; bound in frames they add up, and move outward when a person approves.

(define (make-adapter name layers :rank [rank 8] :alpha [alpha #f] :base [base #f] :seed [seed 0])
  "An adapter called NAME: of LAYERS, a hash table, what changes each: two matrices (A B), rank × inputs and outputs ×
rank, or two numbers (outputs inputs) for one of RANK that is still to learn: A drawn by lot, B zero, so it changes nothing.

A layer of weights W then acts as W + (ALPHA/rank)·B·A; ALPHA is the rank unless told. BASE is the fingerprint of the model
that it belongs to; adapters of different ones do not add up.

> (make-adapter 'voice {:q '(64 32)} :rank 4)
=> …
> (adapter-apply (make-adapter 'twice {:v '(((1 0)) ((1) (0)))}) '(3 4))
=> (6.0 4.0)"
  (%as-adapter (%make-adapter name layers rank alpha base seed)))

(define (adapter-apply adapter what :layer [layer #f] :onto [onto #f])
  "WHAT as ADAPTER changes it: a vector of numbers, a list of such, a tensor of rows; or a string, or a list of strings, as
vectors of length one, ready for `near`.

ONTO is the map that is changed: a matrix, outputs × inputs; 'identity, which is taken where as many numbers come out as go
in; or 'nothing, for the change alone. ADAPTER may be a list, one for each row, where #f changes nothing. Of several layers,
LAYER says which.

> (define tilt (make-adapter 'tilt {:v '(((0 1)) ((2) (0)))}))
> (adapter-apply tilt '((1 0) (0 1)))
=> ((1.0 0.0) (2.0 1.0))
> (adapter-apply tilt '(0 1) :onto '((1 1) (1 1)))
=> (3.0 1.0)
> (adapter-apply (list tilt #f) '((0 1) (0 1)))
=> ((2.0 1.0) (0.0 1.0))"
  (let ((adapters (if (adapter? adapter) (list adapter) adapter)))
    (for-each %insist-if-marked
              (cond ((pair? adapters) adapters) ((vector? adapters) (vector->list adapters)) (else '())))
    (cond ((string? what) (%unit-rows (%adapter-apply adapters (embed-texts (list what)) layer onto) :alone #t))
          ((and (pair? what) (string? (car what))) (%unit-rows (%adapter-apply adapters (embed-texts what) layer onto)))
          ((and (pair? what) (number? (car what))) (car (%adapter-apply adapters (list what) layer onto)))
          ((vector? what) (car (%adapter-apply adapters (list (vector->list what)) layer onto)))
          (else (%adapter-apply adapters what layer onto)))))

;; Of adapters without marks nothing is asked of the workspace, which a session may have none of.
(define (%insist-if-marked adapter)
  (if (%adapter-marked? adapter) (%insist-on-heard adapter)))

(define (adapter-merge adapters :weights [weights #f] :rank [rank #f] :name [name #f])
  "The sum of ADAPTERS, each times its weight, as one adapter. Exact, its rank the sum of theirs; with RANK, the nearest of
that rank, and `adapter-about` says how much was :lost, of each layer, as a share of the change.

Factors are never averaged: that is not the average of the changes, and mostly nothing like it.

> (define a (make-adapter 'a {:v '(((1 0)) ((1) (0)))}))
> (define b (make-adapter 'b {:v '(((0 1)) ((0) (2)))}))
> (adapter-apply (adapter-merge (list a b)) '(1 1))
=> (2.0 3.0)
> (adapter-apply (adapter-merge (list a b) :weights '(2 0)) '(1 1))
=> (3.0 1.0)
> (hash-ref (adapter-about (adapter-merge (list a b) :rank 1)) :lost)
=> {:v 0.447214}"
  (%as-adapter (%adapter-merge adapters weights rank name)))

;; ── Learning ────────────────────────────────────────────────────────────────────────────────────────────────

(define (adapter-train! name pairs :rank [rank 8] :text [text 'text] :match [match 'match] :onto [onto #f]
                        :in [frame 'context] :keep [keep 'if-better] :seed [seed 0])
  "Learn an adapter from PAIRS, and bind NAME to it in the frame IN if it does better on pairs that it had not seen: a hash
table with the :adapter, whether it was :accepted, the :held-out figures with the 95 % interval of the :gain, and the
:version that bound it.

PAIRS are a table with columns TEXT and MATCH, such as `reply-pairs` gives: the adapter brings what is asked nearer to what
belongs to it in this community, and `(near (adapter-apply NAME \"…\"))` searches by it. Where few matches recur, as the names
of categories, what is held out are other texts; else other matches as well. Or they are a list of (x y) of
vectors: the adapter changes the map ONTO (a matrix; the identity where it is not given) so that it gives y for x.

KEEP #t binds it whatever the figures say, #f only tells them. Where texts are messages of the workspace, the adapter keeps a
mark of each, and refuses texts (code stale) once one of them was erased or edited.

> (define pairs (map (lambda (i) (let ((x (list (sin i) (cos (* 2 i)) (sin (* 3 i)))))
                                   (list x (list (+ (car x) (* 2 (caddr x))) (cadr x) (caddr x)))))
                     (iota 40)))
> (define learnt (adapter-train! 'bent pairs :rank 1))
> (list (hash-ref learnt :accepted) (map round (adapter-apply bent '(0 0 1))))
=> (#t (2.0 0.0 1.0))
> (guard (e (#t (error-object-message e))) (adapter-train! 'ours (rows->table '({:text \"a\" :match \"b\"}))))
=> \"adapter-train!: only 1 pairs; 20 or more are needed\""
  (let* ((name (if keep (%adapter-name name "adapter-train!") name))
         (found (if (table? pairs)
                    (let ((texts (%column-texts pairs text)) (matches (%column-texts pairs match)))
                      (%fit-vectors name texts matches rank seed :marks (%text-marks (append texts matches))))
                    (%fit-map name pairs onto rank seed)))
         (made (%as-adapter found))
         (figures (hash-ref found :held-out))
         (accepted (hash-ref found :accepted))
         (bound (and keep (or accepted (not (eq? keep 'if-better)))))
         (why (%gain->string figures)))
    (%note-trained! name made accepted why)
    (hash-table :adapter made
                :accepted accepted
                :held-out figures
                :version (and bound (%bind-adapter! name made frame why))
                :reading (string-append (if accepted "it does better on what it had not seen: "
                                            "no better than luck on what it had not seen: ")
                                        why (if bound "" "; nothing was bound")))))

(define (%gain->string figures)
  (let ((gain (hash-ref figures :gain)))
    (string-append (hash-ref figures :measure) " " (%displayed (hash-ref figures :before)) " → "
                   (%displayed (hash-ref figures :after)) ", gain " (%displayed (car gain)) " (" (%displayed (cadr gain))
                   " to " (%displayed (caddr gain)) ")")))

(define (reply-pairs :in [table #f] :shortest [shortest 12])
  "What was answered and the answers, of messages that reply to others: a table with columns text and match, for
`adapter-train!`. Both are SHORTEST characters or more. IN: other messages than all.

> (table-columns (reply-pairs))
=> (text match)"
  (let ((said (%where (or table (messages)) `((>= (length content) ,shortest)) '())))
    (%select (%rename (%joined (%select said '((reply-to id) content) '())
                               (%select said '(reply-to (match content)) '())
                               'reply-to)
                      '((text content)))
             '(text match)
             '())))

;; ── Frames ──────────────────────────────────────────────────────────────────────────────────────────────────

(define-syntax with-frame
  "The value of the last FORM, evaluated as seen from FRAME. Of a frame's name, as 'swarm, names mean what they do there:
what lies further in is left out, of adapters, too. A list of definitions is laid over all as a frame of its own: names mean
what it says, adapters what the chain and it add up to. What is changed meanwhile makes no version.

> (define rate 2)
> (define (price) (* 10 rate))
> (list (with-frame '((define rate 3)) (price)) (price))
=> (30 20)
> (define voice (make-adapter 'mine {:v '(((1 0)) ((1) (0)))}))
> (rewrite voice (make-adapter 'team {:v '(((0 1)) ((0) (1)))}) :in 'swarm)
> (list (adapter-apply voice '(1 1)) (with-frame 'swarm (adapter-apply voice '(1 1))))
=> ((2.0 2.0) (1.0 2.0))"
  (syntax-rules ()
    ((_ frame form more ...) (%with-frame frame (lambda () form more ...)))))

(define (%with-frame frame thunk)
  (dynamic-wind (lambda () (%enter-frame frame)) thunk %leave-environment))

(define (frame-adapters [name #f])
  "What each frame adds to NAME, or to all names that mean adapters: a table, the outermost frame first. The :share is of the
size of all parts; parts that go against each other add up to less than their sizes.

> (define choir (make-adapter 'mine {:v '(((1 0)) ((1) (0)))}))
> (rewrite choir (make-adapter 'team {:v '(((0 1)) ((0) (1)))}) :in 'swarm)
> (table->list (select (frame-adapters 'choir) frame adapter rank share))
=> ({:frame \"swarm\" :adapter \"team\" :rank 1 :share 0.5} {:frame \"context\" :adapter \"mine\" :rank 1 :share 0.5})"
  (rows->table
    (append-map (lambda (chain) (%frame-rows chain)) (%by-name (%frame-adapters name)))
    :like {:name "" :frame "" :adapter "" :rank 0 :size 0.0 :share 0.0 :digest ""}))

(define (%frame-rows chain)                  ; (name frame adapter) of one name
  (let* ((sizes (hash-ref (%adapter-likeness (map caddr chain)) :sizes)) (total (apply + sizes)))
    (map (lambda (row size)
           (let ((about (adapter-about (caddr row))))
             (hash-table :name (symbol->string (car row)) :frame (symbol->string (cadr row)) :adapter (hash-ref about :name)
                         :rank (hash-ref about :rank) :size size
                         :share (if (= total 0) 0.0 (rounded (/ size total)))
                         :digest (%short-digest (hash-ref about :digest)))))
         chain sizes)))

(define (%by-name rows)                      ; rows of the same name in lists of their own, as they come
  (if (null? rows)
      '()
      (let ((mine? (lambda (row) (eq? (car row) (caar rows)))))
        (cons (filter mine? rows) (%by-name (remove mine? rows))))))

(define (%short-digest digest)
  (if (string? digest) (substring digest 0 8) (string-join (map %short-digest digest) "+")))

;; ── Moving outward ──────────────────────────────────────────────────────────────────────────────────────────

(define (migrate! name :from [source #f] :to [target #f] :rank [rank #f] :adapter [adapter #f] :because [because ""]
                  :universality [universality 1.0] :strength [strength #f] :emergency [emergency #f])
  "Propose that what NAME, an adapter, adds in the frame FROM should move to TO, further out, where it holds for more people;
what the migration is called, as m1. A person decides: (approve! 'm1) does it, (reject! 'm1 \"why\") refuses it or, once it is
done, takes it back. FROM is the innermost frame that binds NAME, TO the next further out.

The two are added up exactly, so the name means the same before and after, and ranks add up; with RANK the sum is cut to the
nearest of that rank, and `migrations` says what share of it is :lost. With ADAPTER, one that no frame here holds, of another
agent, it is added to what NAME means in TO (the swarm).

All go through one queue. What is alike coalesces: the same name asked for again is one migration, adapters of others that are
alike (cosine .9) are one, their mean. Its priority is UNIVERSALITY (1, or what `universal-patterns` found) times STRENGTH (its
size): where the queue is full, the least is dropped, and `migration-report` tells of it. An EMERGENCY, once approved, does not
wait for its turn.

> (define tune (make-adapter 'mine {:v '(((1 0)) ((1) (0)))}))
> (define moving (migrate! 'tune :to 'swarm :because \"the same for a week\"))
> (begin (approve! moving) (table->list (select (frame-adapters 'tune) frame adapter)))
=> ({:frame \"swarm\" :adapter \"mine\"})
> (begin (reject! moving \"too early\") (table->list (select (frame-adapters 'tune) frame adapter)))
=> ({:frame \"context\" :adapter \"mine\"})
> (define asked (list (migrate! 'tune :adapter (make-adapter 'ann {:v '(((0 1)) ((0) (2)))}))
                      (migrate! 'tune :adapter (make-adapter 'bob {:v '(((0 1)) ((0) (4)))}))))
> (equal? (car asked) (cadr asked))
=> #t
> (begin (approve! (car asked)) (adapter-apply tune '(1 1)))
=> …
> (guard (e (#t (error-object-message e))) (migrate! 'no-such-voice))
=> \"migrate!: no frame binds no-such-voice to an adapter\""
  (let* ((chain (%frame-adapters (if (symbol? name) name (%adapter-name name "migrate!"))))
         (from (cond (source source)
                     (adapter 'agent)
                     ((null? chain) (%refuse-migration name))
                     (else (cadr (last chain)))))
         (to (or target (if adapter 'swarm (%next-outward from))))
         (sides (if adapter (append (%migration-sides name to to) (list adapter)) (%migration-sides name from to)))
         (cut (and rank (pair? sides) (adapter-merge sides :rank rank :name name))))
    (%propose-migration! name from to :outside adapter :cut cut :lost (if cut (%worst-lost cut) 0.0)
                         :why (if (string? because) because (%displayed because))
                         :universality universality :strength strength :emergency emergency)))

(define (%refuse-migration name)
  (%refuse 'migration (string-append "migrate!: no frame binds " (%displayed name) " to an adapter")
           "(frame-adapters) lists what the frames hold"))

(define (%next-outward frame)
  (case frame
    ((context) 'agent)
    ((agent) 'swarm)
    (else 'domain)))

(define (%worst-lost adapter)
  (apply max 0.0 (map cdr (hash-table->alist (hash-ref (adapter-about adapter) :lost)))))

(define (migrations :state [state #f])
  "All migrations, the newest first, as a table: what is to move where, its :state (proposed, approved, moved, returned,
rejected, dropped), its :priority, the :count of what coalesced in it, what share of the change was :lost by cutting its rank,
how many ticks it :waited from its approval, who proposed it and why, who decided and when. STATE: only those.
`migration-report` tells of the queue as a whole.

> (define song (make-adapter 'mine {:v '(((1 0)) ((1) (0)))}))
> (migrate! 'song :because \"stable\")
> (table->list (select (where (migrations) (= name \"song\")) name source target state why))
=> ({:name \"song\" :source \"context\" :target \"agent\" :state \"proposed\" :why \"stable\"})
> (< (count (migrations :state 'returned)) (count (migrations)))
=> #t"
  (rows->table
    (filter (lambda (row) (or (not state) (equal? (hash-ref row :state) (name->string state)))) (%migrations))
    :like %like-a-migration))

(define %like-a-migration {:migration "" :name "" :source "" :target "" :state ""})

(define (resonance adapters :root [root #f] :rule [rule 'resonance] :bad [bad #f])
  "What ADAPTERS of several agents have in common, though some of them may be bad: a hash table with the :consensus, an
adapter, and :members, a table of who :agrees with it (a cosine) and with what :weight each counts. ADAPTERS are a list, or
a hash table by name.

Too large ones are cut to the usual size, what goes against the others weighs nothing. ROOT, an adapter that is trusted, is
asked first: needed where more than a fifth may be bad. The :reading says how many agree with the others (a cosine above .1, what
is their own in the consensus left out). RULE is resonance, or geometric, multikrum, krum, fltrust, mean.

> (define (towards x y) (make-adapter 'of {:v (list '((1 0)) (list (list x) (list y)))}))
> (define found (resonance {:ann (towards 1 0) :bob (towards 1 0.1) :cem (towards 1 -0.1) :mallory (towards -9 0)}))
> (table->list (select (hash-ref found :members) member weight))
=> …
> (hash-ref found :reading)
=> \"3 of 4 agree; against the others: mallory\""
  (let* ((named (if (hash-table? adapters) (hash-table->alist adapters) (map cons (iota (length adapters) 1) adapters)))
         (told (%adapter-resonance (map cdr named) root rule bad))
         (rows (map (lambda (entry size agrees weight)
                      {:member (%member-name (car entry)) :size size :agrees agrees :weight (rounded weight)})
                    named (hash-ref told :sizes) (hash-ref told :agreement) (hash-ref told :weights))))
    {:reading (%resonance-reading rows (hash-ref told :others))
     :members (rows->table rows)
     :consensus (adapter-merge (map cdr named) :weights (hash-ref told :factors) :name 'consensus)}))

(define (%member-name key)
  (if (keyword? key) (keyword->string key) (%displayed key)))

;; Who agrees does so with the others: what is one's own in the consensus is left out, or strangers would agree, each with itself.
(define (%resonance-reading rows others)
  (let* ((against (filter (lambda (row) (< (hash-ref row :agrees) 0)) rows))
         (usual (apply max (map (lambda (row) (hash-ref row :weight)) rows)))
         (agree (count (lambda (row cosine) (and (> cosine 0.1) (> (* 2 (hash-ref row :weight)) usual))) rows others)))
    (string-append (number->string agree) " of " (number->string (length rows)) " agree"
                   (if (null? against)
                       ""
                       (string-append "; against the others: "
                                      (string-join (map (lambda (row) (hash-ref row :member)) against) ", "))))))

;; ── How they are ────────────────────────────────────────────────────────────────────────────────────────────

(define (health [name #f])
  "How the adapters of the frames are, those of NAME or all: a table, a line for what each frame adds.

:used is the effective rank, how many directions its change really has, of :rank; :size its Frobenius norm; :against the
lowest cosine with what lies further out; :gain what it gained on pairs held out, the foot of its 95 % interval, where it was
trained here. :state is sound, or what is to be looked at: idle (it changes nothing), unproven (it was made elsewhere), luck
(its gain is none), opposed (it undoes much of what lies further out), wide (most of its rank is unused), damaged (its file is
missing, or not what was written; `audit` says which).

> (define hum (make-adapter 'idle {:v '(4 4)} :rank 2))
> (table->list (select (health 'hum) name frame rank used state))
=> ({:name \"hum\" :frame \"context\" :rank 2 :used 0.0 :state \"idle\"})"
  (rows->table
    (append-map %health-rows (%by-name (%frame-adapters name)))
    :like {:name "" :frame "" :rank 0 :used 0.0 :size 0.0 :against 0.0 :gain 0.0 :state "" :adapter ""}))

;; What cannot be read is told, and nothing else is kept from being told.
(define (%health-rows chain)
  (let* ((sound (filter (lambda (row) (%is-read (caddr row))) chain)) (told (map cons sound (%sound-health-rows sound))))
    (map (lambda (row)
           (cond ((assq row told) => cdr)
                 (else {:name (symbol->string (car row)) :frame (symbol->string (cadr row)) :rank 0 :used 0.0 :size 0.0
                        :against #f :gain #f :state "damaged" :adapter (%short-digest (adapter-digest (caddr row)))})))
         chain)))

(define (%is-read adapter)
  (guard (e (#t #f)) (adapter-about adapter) #t))

(define (%sound-health-rows chain)
  (let ((cosines (hash-ref (%adapter-likeness (map caddr chain)) :cosines)))
    (map (lambda (row of-row at)
           (let* ((spectrum (%adapter-spectrum (caddr row)))
                  (size (sqrt (apply + (map (lambda (layer) (expt (cadddr layer) 2)) spectrum))))
                  (used (/ (apply + (map caddr spectrum)) (length spectrum)))
                  (rank (apply max (map cadr spectrum)))
                  (outside (take of-row at))
                  (against (if (null? outside) #f (apply min outside)))
                  (gain (%held-out-foot (caddr row))))
             {:name (symbol->string (car row)) :frame (symbol->string (cadr row)) :rank rank :used (rounded used)
              :size (rounded size) :against against :gain gain :state (%health-state size used rank against gain)
              :adapter (%short-digest (adapter-digest (caddr row)))}))
         chain cosines (iota (length chain)))))

(define (%held-out-foot adapter)
  (let ((figures (hash-ref (adapter-about adapter) :held-out #f)))
    (and figures (cadr (hash-ref figures :gain)))))

(define (%health-state size used rank against gain)
  (cond ((= size 0) "idle")
        ((and against (< against -0.5)) "opposed")
        ((and gain (<= gain 0)) "luck")
        ((and (> rank 3) (< used (/ rank 3))) "wide")
        ((not gain) "unproven")
        (else "sound")))

(define (training-health losses norms cosines)
  "How a run of training stands by its last steps, given at each the loss, the norm of the gradient and the cosine of the
update with the one before: a hash table with its :state (unknown of fewer than 16 steps, healthy, strained, at-risk), the
:risk that the loss is about to leap, and what says so: :growth of the gradients, :turning of the updates, :unrest and :rise of the
loss.

> (hash-ref (training-health '(1 0.9 0.8) '(1 1 1) '(0 1 1)) :state)
=> unknown"
  (%training-health losses norms cosines))

(define (plot-health [name #f] :title [title "adapters: directions in use"])
  "What `health` tells as a plot: the directions that each part really uses, by name and frame.

> (define drone (make-adapter 'mine {:v '(((1 0)) ((1) (0)))}))
> (plot-health 'drone)
=> #<plot bar x=name y=used color=frame 1 rows>"
  (%plot (health name) '((x . name) (y . used) (color . frame)) 'bar :title title))

(define (plot-migrations :title [title "migrations"])
  "What `migrations` tells as a plot: how many there are in each state, by the frame that they lead to.

> (define chant (make-adapter 'mine {:v '(((1 0)) ((1) (0)))}))
> (begin (migrate! 'chant) (plot-migrations))
=> …"
  (%plot (%aggregate (%group-by (migrations) '(state target) '()) '((n (count))) '())
         '((x . state) (y . n) (color . target)) 'bar :title title))

(define-record-type <dashboard>
  (%make-dashboard health migrations audit)
  dashboard?
  (health dashboard-health)
  (migrations dashboard-migrations)
  (audit dashboard-audit))

(define (dashboard)
  "All about the adapters of this workspace at one glance: their health, what moved or wants to, and whether all that is kept is
what was written. `dashboard-health`, `dashboard-migrations` and `dashboard-audit` take it apart.

> (dashboard? (dashboard))
=> #t"
  (%make-dashboard (health) (%if-log-is-sound migrations (rows->table '() :like %like-a-migration)) (audit)))

;; What THUNK gives, or OTHERWISE where the log of adapters is damaged, which the audit beside it tells.
(define (%if-log-is-sound thunk otherwise)
  (guard (e ((eq? (error-object-code e) 'corrupt) otherwise)) (thunk)))

(define (dashboard->string board)
  "BOARD, as `dashboard` gives it, for people.

> (string? (dashboard->string (dashboard)))
=> #t"
  (let* ((waiting (filter (lambda (row) (equal? (hash-ref row :state) "proposed"))
                          (table->list (dashboard-migrations board))))
         (sick (remove (lambda (row) (equal? (hash-ref row :state) "sound")) (table->list (dashboard-health board))))
         (audit (dashboard-audit board))
         (report (%if-log-is-sound migration-report #f)))
    (string-join
      (append
        (list (if (hash-ref audit :ok)
                  "What is kept is what was written."
                  (string-append "NOT what was written: " (%displayed (hash-ref audit :problem)))))
        (%dashboard-part "adapters" (dashboard-health board) "no frame holds an adapter; (adapter-train! …) makes one")
        (map (lambda (row)
               (string-append "  " (hash-ref row :name) " in " (hash-ref row :frame) ": "
                              (%health-advice (hash-ref row :state))))
             sick)
        (%dashboard-part "migrations"
                         (%select (dashboard-migrations board) %dashboard-columns '())
                         (if report "nothing was proposed; (migrate! 'name) does" "their log cannot be read"))
        (if report (list (string-append "  " (%displayed report))) '())
        (map (lambda (row)
               (string-append "  " (hash-ref row :migration) " waits: (approve! '" (hash-ref row :migration)
                              ") or (reject! '" (hash-ref row :migration) " \"why\")"))
             waiting))
      "\n")))

(define %dashboard-columns '(migration name source target state))

(define (%dashboard-part title table otherwise)
  (list "" title (if (= 0 (count table)) (string-append "  " otherwise) (%table-text table))))

(define (%health-advice state)
  (cond ((equal? state "idle") "it changes nothing; train it, or leave it out")
        ((equal? state "opposed") "it undoes much of what lies further out; should that be taken back?")
        ((equal? state "luck") "on pairs held out it gained nothing that is more than luck")
        ((equal? state "damaged") "its file is missing or not what was written; import or train it again, or take it back")
        ((equal? state "wide") "most of its rank is unused; (adapter-merge (list it) :rank …) cuts it")
        (else "nothing is known of its gain; (adapter-train! …) measures what it makes")))

(define (adapter-export adapter folder :model [model #f])
  "Write ADAPTER to FOLDER as PEFT keeps adapters, for other programs; gives FOLDER. MODEL: where they find the base model. Needs
the capability write.

The marks of the messages that ADAPTER learnt on go into the file, where other programs pass over them; once one of the
messages was erased or edited, it is not written (code stale).

> (procedure? adapter-export)
=> #t"
  (%insist-if-marked adapter)
  (%adapter-export adapter folder model :marks (if (%adapter-marked? adapter) (%adapter-marks adapter) "")))

(define (adapter-import folder :name [name #f] :base [base #f] :trusted [trusted #f])
  "The adapter that PEFT keeps in FOLDER, called NAME, else as the folder. Safetensors only; what is missing, unexpected, or does
something that is not done here is refused. BASE: the fingerprint of the model that it is for. Needs the capability read.

If the file holds marks of the messages that it learnt on, as `adapter-export` writes them, the adapter is refused (code stale)
where the workspace does not hold these messages; TRUSTED takes it without its marks, for a workspace of other messages.

> (guard (e (#t (error-object-message e))) (adapter-import \"/no/such\"))
=> \"adapter-import: /no/such holds no adapter_model.safetensors\""
  (%as-adapter (%adapter-import folder name base :trusted trusted)))
