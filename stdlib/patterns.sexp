;;; Patterns: shapes of questions that come back and are liked become proposed definitions; names that nobody knew become
;;; proposed aliases.

(define pattern-least 4)           ; times that a shape came back,
(define pattern-liked 0.6)         ; with at least this rating on the mean,
(define pattern-fixed 3)           ; and so many leaves the same beyond what is called
(define pattern-chance 0.05)       ; how likely chance may have made it

;; ── Least general generalisation ────────────────────────────────────────────────────────────────────────────

(define (anti-unify a b)
  "The most specific form of which both A and B are instances: where they differ stands (hole n), the same one for the same
  difference; strings keep the words with which they begin and end.   [Plotkin 1970]

  > (anti-unify '(f 1 (g 1) x) '(f 2 (g 2) x))
  => (f (hole 1) (g (hole 1)) x)
  > (anti-unify \"too hard for me\" \"too easy for me\")
  => (text \"too \" (hole 1) \" for me\")"
  (let ((met (make-hash-table)))
    (define (hole a b)
      (let ((key (list a b)))
        (if (not (hash-table-contains? met key)) (hash-set! met key (list 'hole (+ 1 (hash-count met)))))
        (hash-ref met key)))
    (define (parts form)                     ; beginning and end of a string, or of what is left of some
      (if (string? form) (list form form) (list (cadr form) (cadddr form))))
    (define (taken form start)               ; how much of its end is spoken for by its START
      (if (string? form) (string-length start) 0))
    (let walk ((a a) (b b))
      (cond ((equal? a b) a)
            ((and (textual? a) (textual? b))
             (let* ((start (common-start (car (parts a)) (car (parts b))))
                    (end (common-end (cadr (parts a)) (cadr (parts b)) (taken a start) (taken b start))))
               (if (and (string=? start "") (string=? end "")) (hole a b) (list 'text start (hole a b) end))))
            ((and (pair? a) (pair? b) (list? a) (list? b) (= (length a) (length b)) (not (hole? a)) (not (hole? b)))
             (map walk a b))
            (else (hole a b))))))

(define (hole? form)
  "Whether FORM is the place in a shape where anything stands.

  > (map hole? '((hole 1) (holes 1) hole))
  => (#t #f #f)"
  (and (pair? form) (eq? (car form) 'hole)))

(define (textual? form)
  "Whether FORM is a string, or what strings have in common.

  > (map textual? '(\"a\" (text \"a\" (hole 1) \"\") a))
  => (#t #t #f)"
  (or (string? form) (and (pair? form) (eq? (car form) 'text))))

(define (common-start a b)
  "The words with which A and B both begin, and the blank after them.

  > (common-start \"how do they like it\" \"how do we like it\")
  => \"how do \""
  (let loop ((at 0) (blank 0))
    (cond ((or (= at (string-length a)) (= at (string-length b)) (not (char=? (string-ref a at) (string-ref b at))))
           (substring a 0 blank))
          (else (loop (+ at 1) (if (char=? (string-ref a at) #\space) (+ at 1) blank))))))

(define (common-end a b taken-a taken-b)
  "What A and B both end in, from a blank or a mark on; so many characters at their beginnings are spoken for.

  > (list (common-end \"is it too hard?\" \"is it fair?\" 6 6) (common-end \"a b c\" \"a d c\" 2 2))
  => (\"?\" \" c\")"
  (let loop ((n 0) (kept 0))
    (let ((from-a (- (string-length a) n 1)) (from-b (- (string-length b) n 1)))
      (if (or (< from-a taken-a) (< from-b taken-b) (not (char=? (string-ref a from-a) (string-ref b from-b))))
          (substring a (- (string-length a) kept) (string-length a))
          (loop (+ n 1) (if (memv (string-ref a from-a) '(#\space #\? #\! #\.)) (+ n 1) kept))))))

;; ── Shapes that come back ───────────────────────────────────────────────────────────────────────────────────

(define (leaves-of form)
  "FORM as an association list place → leaf; the words of a string are leaves.

  > (leaves-of '(ask \"too hard\"))
  => (((0) . ask) ((1 0) . \"too\") ((1 1) . \"hard\"))"
  (let walk ((form form) (place '()))
    (cond ((string? form)
           (map (lambda (word at) (cons (reverse (cons at place)) word)) (string-split form #\space)
                (iota (length (string-split form #\space)))))
          ((and (pair? form) (list? form))
           (append-map (lambda (part at) (walk part (cons at place))) form (iota (length form))))
          (else (list (cons (reverse place) form))))))

(define (outline form)
  "What forms have alike that may share a shape: what is called, and which options are given.

  > (outline '(persona-inquiry 'everyone \"Too hard?\" :since \"monday\"))
  => (persona-inquiry 3 :since)"
  (cons* (car form) (length (remove keyword? (cdr form))) (filter keyword? (cdr form))))

(define (recurring-shapes asked)
  "Shapes that come back in what was ASKED, lists (form rating developer): hash tables :shape :times :developers :rating :p,
  the clearest first. A shape has pattern-fixed leaves or more that are the same, and is none that chance would have made.

  > (recurring-shapes '())
  => ()"
  (let ((groups (make-hash-table)))
    (for-each (lambda (row)
                (let ((key (outline (car row)))) (hash-set! groups key (cons row (hash-ref groups key '())))))
              (filter (lambda (row) (and (pair? (car row)) (symbol? (caar row)))) asked))
    (sort (append-map (lambda (group) (shapes-among (reverse group))) (hash-values groups))
          (lambda (a b) (> (hash-ref a :times) (hash-ref b :times))))))

(define (shapes-among asked)
  "The shapes of `recurring-shapes` among ASKED, forms of one outline.

  > (map (lambda (shape) (hash-ref shape :shape))
         (shapes-among (map (lambda (what) (list (list 'ask (string-append \"do they like the new \" what)) 1.0 \"ann\"))
                            '(\"map\" \"boss\" \"shop\" \"raid\"))))
  => ((ask (text \"do they like the new \" (hole 1) \"\")))"
  (let ((rows (list->vector asked)))
    (filter-map
      (lambda (found)
        (let* ((of (map (lambda (at) (vector-ref rows at)) (hash-ref found :rows)))
               (rating (/ (fold + 0.0 (map cadr of)) (length of))))
          (and (>= rating pattern-liked)
               (> (hash-ref found :fixed) pattern-fixed)
               (or (<= (hash-ref found :p) pattern-chance) (> (hash-ref found :constant) pattern-fixed))
               {:shape (fold (lambda (form shape) (anti-unify shape form)) (car (first of)) (map car (cdr of)))
                :times (length of) :developers (length (delete-duplicates (map caddr of))) :rating (rounded rating)
                :p (hash-ref found :p) :example (car (first of))})))
      (if (< (length asked) pattern-least) '() (%recurring-shapes (map (lambda (row) (leaves-of (car row))) asked) pattern-least)))))

;; ── Definitions made of them ────────────────────────────────────────────────────────────────────────────────

(define (shape->definition shape)
  "The definition of a procedure that asks in the SHAPE of `recurring-shapes`, with its doc and an example.

  > (cadr (shape->definition {:shape '(ask 'sweats (text \"do they like \" (hole 1) \"?\")) :times 4 :developers 2
                              :rating 0.9 :example '(ask 'sweats \"do they like it?\")}))
  => (ask-sweats-they-like what)"
  (let* ((form (hash-ref shape :shape)) (numbers (delete-duplicates (holes-of form)))
         (names (if (= (length numbers) 1) '(what)
                    (map (lambda (n) (string->symbol (format "what-~a" n))) (iota (length numbers) 1))))
         (name (shape-name form)))
    (list 'define (cons name names)
          (format "Asked ~a times by ~a, rated ~a on the mean, as in\n  ~s.\n\n  > (procedure? ~a)\n  => #t"
                  (hash-ref shape :times) (counted-people (hash-ref shape :developers)) (hash-ref shape :rating)
                  (hash-ref shape :example) name)
          (filled form (map cons numbers names)))))

(define (counted-people n)
  "So many developers, in words.

  > (map counted-people '(1 3))
  => (\"one developer\" \"3 developers\")"
  (if (= n 1) "one developer" (string-append (number->string n) " developers")))

(define (holes-of form)
  "The numbers of the holes in FORM, in order.

  > (holes-of '(f (hole 2) (text \"a \" (hole 1) \"\")))
  => (2 1)"
  (cond ((hole? form) (list (cadr form)))
        ((and (pair? form) (list? form)) (append-map holes-of form))
        (else '())))

(define (filled form names)
  "The shape FORM with variables in its holes, by NAMES, number → variable.

  > (filled '(ask (text \"is \" (hole 1) \" fair?\")) '((1 . what)))
  => (ask (string-append \"is \" what \" fair?\"))"
  (cond ((hole? form) (cdr (assv (cadr form) names)))
        ((not (and (pair? form) (list? form))) form)
        ((eq? (car form) 'text)
         (cons 'string-append (remove (lambda (part) (equal? part "")) (map (lambda (part) (filled part names)) (cdr form)))))
        (else (map (lambda (part) (filled part names)) form))))

(define (shape-name form)
  "What a procedure of the shape FORM is called: by what it calls and the first words that stand fast.

  > (shape-name '(persona-inquiry 'sweats (text \"Is the \" (hole 1) \" fair?\")))
  => inquiry-sweats-fair"
  (let* ((texts (filter (lambda (leaf) (or (symbol? leaf) (string? leaf))) (map cdr (leaves-of form))))
         (words (append-map (lambda (leaf) (string-split (string-downcase (name->string leaf)) #\-)) texts))
         (plain (map (lambda (word) (list->string (filter char-alphabetic? (string->list word)))) words))
         (telling (filter (lambda (word) (and (> (string-length word) 2) (not (member word shape-fillers)))) plain)))
    (string->symbol (string-join (take-at-most (delete-duplicates telling) 4) "-"))))

(define shape-fillers '("quote" "text" "hole" "persona" "the" "what" "how" "would" "are" "that" "with" "everyone"))

(define (turn-forms rated)
  "What was asked in the RATED turns, as code: lists (form rating developer); what cannot be read again is left out.

  > (turn-forms '())
  => ()"
  (filter-map (lambda (t)
                (let ((turn (%turn (hash-ref t :turn))))
                  (and turn
                       (guard (e (#t #f))
                         (list (askable (call-with-port (open-input-string (hash-ref turn :form)) read)) (hash-ref t :rating)
                               (hash-ref t :developer))))))
              rated))

(define (propose-patterns!)
  "Propose a definition for each shape of question that came back and was liked; the numbers of the proposals.

  > (procedure? propose-patterns!)
  => #t"
  (filter-map (lambda (shape)
                (let* ((made (shape->definition shape)) (name (caadr made)))
                  (and (not (%global-or name #f))
                       (propose-once! name made 'swarm "the learner, patterns"
                                      {:level 'patterns :times (hash-ref shape :times) :developers (hash-ref shape :developers)
                                       :rating (hash-ref shape :rating) :p (hash-ref shape :p)}))))
              (recurring-shapes (turn-forms (rated-turns)))))

;; ── Names that nobody knew ──────────────────────────────────────────────────────────────────────────────────

(define alias-least 2)             ; times that a name was given up for the same persona
(define alias-words "(?:call(?:ed|s)? (?:them|these|those|us|it)|known as|also called) [“\"']?([a-z][a-z-]+)")

(define (note-unknown-name! name)
  "Take note in the workspace that NAME was asked for and is no persona's; `forget-unknown-names!` erases it. The number of
  the note, or #f where none is kept: without a workspace, in an answer that is had again, or where it cannot be written.

  > (note-unknown-name! \"sweats\")
  => …"
  (and (not (%replayed-turn))
       (guard (problem ((error-object? problem) #f)) ; what was asked for is told in any case
         (%note-name! (name->string name) (current-developer)))))

(define (alias-wishes asked noted comments)
  "Which names should lead to which persona: lists (name persona times), from what was ASKED, lists (turn developer target)
  in order; from names NOTED as unknown, (name turn developer), for which the same developer then asked another; and from
  COMMENTS, (text persona), that tell how people are called.

  > (alias-wishes '((5 \"ann\" raiders) (9 \"bob\" raiders)) '((\"sweats\" 5 \"ann\") (\"sweats\" 9 \"bob\")) '())
  => ((sweats raiders 2))
  > (alias-wishes '() '() '((\"well, they call them sweats\" raiders)))
  => ((sweats raiders 2))
  > (alias-wishes '() '() '((\"well, they call them sweats\" everyone)))
  => ()"
  (let ((counts (make-hash-table)))
    (define (count! name target n)
      (let ((key (list (string->symbol (string-downcase name)) target)))
        (if (not (or (equal? (car key) target) (memq target everyone-names))) ; whom all are, no name is for
            (hash-set! counts key (+ n (hash-ref counts key 0))))))
    (for-each (lambda (row)
                (let ((next (find (lambda (turn) (and (<= (cadr row) (car turn) (+ (cadr row) 2)) (equal? (cadr turn) (caddr row))))
                                  asked)))
                  (if next (count! (car row) (caddr next) 1))))
              noted)
    (for-each (lambda (row)
                (for-each (lambda (name) (count! name (cadr row) alias-least)) (names-told (car row))))
              comments)
    (filter-map (lambda (key) (and (>= (hash-ref counts key) alias-least) (append key (list (hash-ref counts key)))))
                (hash-keys counts))))

(define (names-told text)
  "What TEXT says that people are called.

  > (map names-told '(\"They call them sweats here\" \"call them back\" \"nothing\"))
  => ((\"sweats\") () ())"
  (let ((found (regex-match alias-words (string-downcase text))))
    (if (and found (not (member (cadr found) common-words)) (not (member (cadr found) alias-nobody))) (list (cadr found)) '())))

(define alias-nobody '("back" "out" "again" "names" "that" "what" "off" "by"))

(define (turn-persona number)
  "The persona, a symbol, that the turn NUMBER asked; #f if none.

  > (turn-persona 1000000)
  => #f"
  (let* ((turn (%turn number)) (persona (and turn (hash-ref (json->value (hash-ref turn :data)) :persona #f))))
    (and (string? persona) (string->symbol persona))))

(define (propose-aliases!)
  "Propose `persona-aliases` for the names that people use and nobody knew; the numbers of the proposals.

  > (procedure? propose-aliases!)
  => #t"
  (let* ((rated (rated-turns))
         (personas-of (map (lambda (t) (list (hash-ref t :turn) (hash-ref t :asker (hash-ref t :developer))
                                             (and (hash-ref t :persona) (string->symbol (hash-ref t :persona)))))
                           rated))
         (told (filter-map (lambda (f)
                             (let ((persona (and (hash-ref f :comment) (turn-persona (hash-ref f :turn)))))
                               (and persona (list (hash-ref f :comment) persona))))
                           (%feedback)))
         (wishes (remove (lambda (wish) (assq (car wish) persona-aliases))
                         (alias-wishes (filter caddr personas-of) (unknown-names) told))))
    (if (null? wishes)
        '()
        (filter (lambda (number) number)
                (list (propose-once! 'persona-aliases
                                     (quoted (append (map (lambda (wish) (cons (car wish) (cadr wish))) wishes) persona-aliases))
                                     'swarm "the learner, aliases"
                                     {:level 'aliases :times (map (lambda (w) (list (car w) (cadr w) (caddr w))) wishes)}))))))
