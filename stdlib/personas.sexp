;;; Personas: groups of people who talk and act alike, found in what they wrote, named, kept, and found again by name.
;;; Here store and kernels are joined: what was heard goes to the kernels, and what they find is stored.

(define-record-type <persona>
  (make-persona id label alias size share confidence terms concerns representative mood activity evidence)
  persona?
  (id persona-id)
  (label persona-label)
  (alias persona-alias)
  (size persona-size)
  (share persona-share)
  (confidence persona-confidence)
  (terms persona-terms)
  (concerns persona-concerns)
  (representative persona-representative)
  (mood persona-mood)
  (activity persona-activity)
  (evidence persona-evidence))

(define-record-type <no-structure>
  (make-no-structure reason evidence)
  no-structure?
  (reason no-structure-reason)
  (evidence no-structure-evidence))

(define persona-fields '(:id :label :alias :size :share :confidence :terms :concerns :representative :mood :activity
                         :evidence))

(define (%persona table)
  (apply make-persona (map (lambda (field) (hash-ref table field #f)) persona-fields)))

;; ── Discovery ───────────────────────────────────────────────────────────────────────────────────────────────

(define (discover-personas :k [k 'auto] :min-messages [least #f] :limit [limit #f] :seed [seed 0] :device [device "cpu"])
  "The community's personas, found anew and stored at once: a list of persona records, or a no-structure record.

  Authors are placed by what persists from one half of their days to the other, in the meaning of what they say, in
  their words and in how they behave. With :k auto, how many personas there are (2 to 8), and whether there are any, is
  judged by agreement across days and by separation, both against nulls: days whose authors were exchanged, authors
  without groups, as many to either side of the middle. Where people who differ by degrees between the same middles (a
  gradient, a ring, a crowd with long tails) would look as clear, the :evidence has :distinct #f and a :caveat that says
  so: what is found then are persistent differences, and perhaps not kinds. A group that differs in one habit of
  writing alone (capitals) is none. A number for :k is obeyed, and the evidence says whether structure was there. Authors with fewer than
  :min-messages (5, or fewer where few wrote more) take no part but are assigned; everyone has a confidence. At most
  :limit messages (20,000) are embedded first. The same :seed gives the same personas. :device is cpu, cuda, mps or auto: where
  many rows are multiplied, and graphs made and decomposed. Names given with name-persona! stay with the persona that
  keeps most of its members.

  > (no-structure? (discover-personas))
  => #t"
  (%check-count ':k k 2 'auto)
  (%check-count ':min-messages least 1 #f)
  (%check-count ':limit limit 0 #f)
  (%check-count ':seed seed 0 0)
  (let* ((where (%device device))
         (heard (%heard :limit limit :least least))
         (found (%discover heard :k (if (eq? k 'auto) #f k) :least least :seed seed :device where)))
    (cond ((hash-ref found :reason #f)
           (%save-personas! heard found '())
           (make-no-structure (hash-ref found :reason) (hash-ref found :evidence)))
          (else
            (%save-personas! heard found (%persona-profiles heard found))
            (personas)))))

;; Refuse a VALUE of discover-personas' OPTION that is no whole number from LEAST on, nor what stands for none, OPEN.
(define (%check-count option value least open)
  (let ((name (symbol->string (keyword->symbol option)))
        (wanted (string-append (if (symbol? open) (string-append "'" (symbol->string open) " or ") "")
                               "a whole number of at least " (number->string least))))
    (cond ((equal? value open))
          ((not (exact-integer? value))
           (%refuse 'type (string-append "discover-personas: :" name " should be " wanted ", not " (format "~s" value))
                    (string-append "(discover-personas :" name " " (format "~s" (if (symbol? open) (list 'quote open) (max least 5))) ")")))
          ((< value least)
           (%refuse 'range (string-append "discover-personas: :" name " should be " wanted ", not " (format "~s" value))
                    (if (symbol? open) "'auto finds how many there are, or that there are none; 'everyone is asked without personas" ""))))))

(define (personas)
  "The personas of the latest discovery, a list of records, in the order of how many of their people wrote enough to
  take part; empty before the first.

  > (personas)
  => ()"
  (map %persona (%personas)))

;; ── By name ─────────────────────────────────────────────────────────────────────────────────────────────────

(define persona-near 0.28)         ; nearness in meaning from which a name means a persona
(define persona-hint 0.25)         ; from which it does when the next persona is clearly farther
(define persona-margin 0.05)       ; what is clearly farther
(define persona-aliases '())       ; further names, name → persona: (sweats . competitive-players)

;; Words that could stand for anyone: "competitive-players" is looked for as "competitive".
(define persona-anyone '("player" "players" "people" "person" "persons" "fan" "fans" "user" "users" "member" "members"
                         "gamer" "gamers" "crowd" "group" "folks" "persona" "the" "our" "type" "types"))

(define-record-type <resolved>
  (make-resolved persona how asked score)
  resolved?
  (persona resolved-persona)
  (how resolved-how)
  (asked resolved-asked)
  (score resolved-score))

(define (%plain-name name)
  (string-join (filter (lambda (word) (not (string=? word "")))
                       (string-split (string-downcase (if (symbol? name) (symbol->string name) name)) #\-))
               " "))

(define (%spoken name)
  (string-join (filter (lambda (word) (not (or (string=? word "") (member word persona-anyone))))
                       (string-split (%plain-name name) #\space))
               " "))

(define (%same-name? a b)
  (and a b (string=? (%plain-name a) (%plain-name b))))

;; NAME is no persona's. RANKED: how near it is to each of those KNOWN.
(define (%no-persona name ranked known)
  (define (with-score p)
    (let ((score (assv (persona-id p) ranked)))
      (string-append (or (persona-alias p) (persona-label p))
                     (if score (string-append " (" (number->string (/ (round (* 100 (cadr score))) 100)) ")") ""))))
  (note-unknown-name! name)
  (%unknown-name 'persona (%plain-name name)
                 (append (filter-map persona-alias known) (map persona-label known) '("everyone"))
                 (string-append "no persona answers to the name \"" (%plain-name name) "\""
                                (if (null? known)
                                    ": none have been found; (discover-personas) looks for them"
                                    (string-append "; there are " (string-join (map with-score known) ", "))))))

(define (resolve-persona name)
  "Which persona NAME means, and how that was told: a resolved record. `how` is record, id, alias, label or meaning;
  with meaning, `score` is the nearness (a cosine).

  NAME is a record, a number, or a symbol or string: a label or alias, or a few words for what the persona is like.
  A name to which nothing is near is an error that lists those there are.

  > (guard (e (#t 'refused)) (resolve-persona 'competitive-players))
  => refused"
  (let* ((known (personas))
         (by (lambda (test) (find test known))))
    (cond ((persona? name) (make-resolved name 'record (persona-label name) 1))
          ((resolved? name) name)
          ((number? name)
           (let ((found (by (lambda (p) (eqv? (persona-id p) name)))))
             (if found (make-resolved found 'id name 1) (%no-persona (number->string name) '() known))))
          ((by (lambda (p) (%same-name? (persona-alias p) name)))
           => (lambda (found) (make-resolved found 'alias name 1)))
          ((by (lambda (p) (%same-name? (persona-label p) name)))
           => (lambda (found) (make-resolved found 'label name 1)))
          ((%by-further-name name known) => (lambda (found) (make-resolved found 'alias name 1)))
          (else (%resolve-by-meaning name known)))))

(define (%by-further-name name known)
  (let ((row (find (lambda (row) (%same-name? (car row) name)) persona-aliases)))
    (and row (find (lambda (p) (or (%same-name? (persona-alias p) (cdr row)) (%same-name? (persona-label p) (cdr row)))) known))))

(define (%resolve-by-meaning name known)
  (let* ((spoken (%spoken name))
         (ranked (if (or (null? known) (string=? spoken "")) '() (%nearest-personas spoken))))
    (if (null? ranked)
        (%no-persona name '() known)
        (let* ((best (car ranked))
               (score (cadr best))
               (lead (if (null? (cdr ranked)) 1 (- score (cadr (cadr ranked))))))
          (if (or (>= score persona-near) (and (>= score persona-hint) (>= lead persona-margin)))
              (make-resolved (find (lambda (p) (eqv? (persona-id p) (car best))) known) 'meaning name score)
              (%no-persona name ranked known))))))

(define (persona name)
  "The persona that NAME means: a label, an alias, a number, or words near to what it talks about.

  > (guard (e (#t 'refused)) (persona 'xyzzy))
  => refused"
  (resolved-persona (resolve-persona name)))

(define (name-persona! which alias)
  "Call the persona WHICH (a number, name or record) ALIAS from now on; stored at once. The persona, renamed.

  A name that already means something where a persona is asked for is refused: another persona's name, `everyone`, a
  metric.

  > (guard (e (#t 'refused)) (name-persona! 3 'competitive-players))
  => refused"
  (let ((id (persona-id (persona which))))
    (%check-alias id alias)
    (%name-persona! id alias)
    (persona id)))

;; Refuse as a name for the persona ID an ALIAS that means something else.
(define (%check-alias id alias)
  (if (not (or (symbol? alias) (string? alias)))
      (%refuse 'type (string-append "name-persona!: a name should be a symbol or a string, not " (format "~s" alias))
               "(name-persona! 3 'competitive-players)"))
  (let* ((taken? (lambda (name) (%same-name? name alias)))
         (others (remove (lambda (p) (= (persona-id p) id)) (personas)))
         (called (find (lambda (p) (taken? (persona-alias p))) others))
         (labelled (find (lambda (p) (taken? (persona-label p))) others))
         (refuse (lambda (code meaning hint)
                   (%refuse code (string-append "name-persona!: " (name->string alias) " " meaning) hint))))
    (cond (called
            (refuse 'name-taken (string-append "is the name of persona " (number->string (persona-id called)))
                    (string-append "give that one another name first: (name-persona! "
                                   (number->string (persona-id called)) " '…)")))
          (labelled
            (refuse 'name-taken (string-append "is the label of persona " (number->string (persona-id labelled)))
                    "a name should lead to one persona only; choose another"))
          ((any taken? (map symbol->string everyone-names))
           (refuse 'reserved-name "means the whole community" "choose a name that says what sets these people apart"))
          ((any taken? (analysed-spellings))
           (refuse 'reserved-name "is a metric" "choose a name that says what sets these people apart")))))

;; ── Members and messages ────────────────────────────────────────────────────────────────────────────────────

(define (persona-authors which)
  "The ids of the members of the persona WHICH, a number, name or record.

  > (guard (e (#t 'refused)) (persona-authors 1))
  => refused"
  (%persona-authors (persona-id (persona which))))

(define (persona-of author)
  "The persona of AUTHOR, an id or a name; #f where nothing of that author was heard.

  > (persona-of \"nobody-at-all\")
  => #f"
  (let ((found (%persona-of author)))
    (and found (persona (car found)))))

(define (persona-confidence-of author)
  "How sure it is, in [0, 1], that AUTHOR belongs to that persona; #f where nothing of that author was heard.

  > (persona-confidence-of \"nobody-at-all\")
  => #f"
  (let ((found (%persona-of author)))
    (and found (cadr found))))

(define (persona-messages which :limit [limit 10])
  "The messages that show best what the persona WHICH is about, as message records: its representative ones first, then
  its members' latest, LIMIT in all.

  > (guard (e (#t 'refused)) (persona-messages 1))
  => refused"
  (let* ((p (persona which))
         (shown (persona-representative p))
         (more (if (< (length shown) limit) (%persona-latest (persona-id p) (+ limit (length shown))) '()))
         (ids (append shown (filter (lambda (id) (not (member id shown))) more))))
    (map (lambda (table) (hash-set! table :relation (if (member (hash-ref table :message-id) shown) "representative" "member"))
           (%message table))
         (%messages (if (> (length ids) limit) (take ids limit) ids)))))
