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
    (cond ((string? what) (%unit-rows (%adapter-apply adapters (embed-texts (list what)) layer onto) :alone #t))
          ((and (pair? what) (string? (car what))) (%unit-rows (%adapter-apply adapters (embed-texts what) layer onto)))
          ((and (pair? what) (number? (car what))) (car (%adapter-apply adapters (list what) layer onto)))
          (else (%adapter-apply adapters what layer onto)))))

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
belongs to it in this community, and `(near (adapter-apply NAME \"…\"))` searches by it. Or they are a list of (x y) of
vectors: the adapter changes the map ONTO (a matrix; the identity where it is not given) so that it gives y for x.

KEEP #t binds it whatever the figures say, #f only tells them.

> (define pairs (map (lambda (i) (let ((x (list (sin i) (cos (* 2 i)) (sin (* 3 i)))))
                                   (list x (list (+ (car x) (* 2 (caddr x))) (cadr x) (caddr x)))))
                     (iota 40)))
> (define learnt (adapter-train! 'bent pairs :rank 1))
> (list (hash-ref learnt :accepted) (map round (adapter-apply bent '(0 0 1))))
=> (#t (2.0 0.0 1.0))
> (guard (e (#t (error-object-message e))) (adapter-train! 'ours (rows->table '({:text \"a\" :match \"b\"}))))
=> \"adapter-train!: only 1 pairs; 20 or more are needed\""
  (let* ((found (if (table? pairs)
                    (%fit-vectors name (%column-texts pairs text) (%column-texts pairs match) rank seed)
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
  (let ((said (or table (messages))))
    (%select (%where (%joined (%select said '((reply-to id) (text content)) '())
                              (%select said '(reply-to (match content)) '())
                              'reply-to)
                     `((>= (length text) ,shortest) (>= (length match) ,shortest))
                     '())
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

> (define voice (make-adapter 'mine {:v '(((1 0)) ((1) (0)))}))
> (rewrite voice (make-adapter 'team {:v '(((0 1)) ((0) (1)))}) :in 'swarm)
> (table->list (select (frame-adapters 'voice) frame adapter rank share))
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
