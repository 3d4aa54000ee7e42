;;; Settings: what may be chosen otherwise from one question to the next, with the choices there are; and turns, in which
;;; something is tried and written down with its probability.

(define-syntax define-setting
  "Define NAME as the datum VALUE, a setting that may be chosen: :choices lists all values it may have, the text says what
it is. It is an ordinary definition besides: `set!`, `rewrite` and rollback do with it as with any other.

> (define-setting tea-sort green :choices (green black) \"What is poured.\")
> (list tea-sort (setting-choices 'tea-sort) (setting-doc 'tea-sort))
=> (green (green black) \"What is poured.\")"
  (er-macro-transformer
    (lambda (form rename compare)
      (let ((parts (cdr form)))
        (if (not (and (list? parts) (= (length parts) 5) (symbol? (car parts)) (eq? (caddr parts) ':choices)
                      (pair? (cadddr parts)) (string? (list-ref parts 4))))
            (%reject-form form "a setting has a name, a value, its choices and a text"
                          "(define-setting answer-length 4 :choices (2 3 4 6) \"Sentences an answer quotes.\")"))
        (let* ((name (car parts)) (value (cadr parts)) (choices (cadddr parts))
               (plain (if (and (pair? value) (eq? (car value) 'quote)) (cadr value) value)))
          (if (not (member plain choices))
              (%reject-form form "the value of a setting is one of its choices" "add it to :choices"))
          (list (rename 'begin)
                (list (rename 'define) name (if (or (pair? plain) (symbol? plain)) (list (rename 'quote) plain) plain))
                (list (rename 'define) (string->symbol (string-append "%setting:" (symbol->string name)))
                      (list (rename 'quote) (list choices (list-ref parts 4))))))))))

(define (settings)
  "The names of all settings that may be chosen.

  > (and (memq 'answer-length (settings)) #t)
  => #t"
  (map (lambda (name) (string->symbol (substring name 9 (string-length name)))) (%names-beginning "%setting:")))

(define (setting-choices name)
  "The values that the setting NAME may have.

  > (setting-choices 'answer-length)
  => (2 3 4 6)
  > (guard (e (#t (error-object-message e))) (setting-choices 'answer-lenght))
  => \"there is no setting answer-lenght\""
  (car (%setting-record name)))

(define (setting-doc name)
  "What the setting NAME decides, in words.

  > (string? (setting-doc 'answer-length))
  => #t"
  (cadr (%setting-record name)))

(define (%setting-record name)
  (or (and (symbol? name) (%global-or (string->symbol (string-append "%setting:" (symbol->string name))) #f))
      (%unknown-name 'setting name (map symbol->string (settings)))))

(define (setting-value name)
  "The value of the setting NAME that is in force.

  > (setting-value 'answer-length)
  => 4
  > (with-choices '((answer-length . 6)) (lambda () (setting-value 'answer-length)))
  => 6"
  (%setting-record name)
  (%the-setting name (%global-or name #f)))

;; ── What is chosen ──────────────────────────────────────────────────────────────────────────────────────────

(define %turn-choices (make-parameter '())) ; what is chosen for the turn under way: an association list, setting → value
(define developer-settings '())    ; what was learned for single developers: (\"ann\" (answer-length . 6) …), …

(define-syntax the-setting
  "The value of the setting NAME for the turn under way: what is tried, else what was learned for who asks, else its
definition.

> (the-setting answer-length)
=> 4
> (with-choices '((answer-length . 2)) (lambda () (the-setting answer-length)))
=> 2"
  (syntax-rules ()
    ((_ name) (%the-setting 'name name))))

(define (%the-setting name defined)
  (let ((tried (%turn-choices)))
    (if (and (null? tried) (null? developer-settings))
        defined
        (let ((found (or (assq name tried) (assq name (settings-of (current-developer))))))
          (if found (cdr found) defined)))))

(define (settings-of developer)
  "What was learned for DEVELOPER: an association list, setting → value.

  > (settings-of \"nobody\")
  => ()"
  (cond ((assoc developer developer-settings) => cdr)
        (else '())))

(define (with-choices choices thunk)
  "The value of THUNK, called while the settings in CHOICES, an association list, have the values there.

  > (with-choices '((answer-length . 2) (other-side . 0)) (lambda () (list (the-setting answer-length) (the-setting other-side))))
  => (2 0)
  > (guard (e (#t (error-object-message e))) (with-choices '((anser-length . 2)) (lambda () 1)))
  => \"there is no setting anser-length\""
  (for-each (lambda (choice) (%setting-record (car choice))) choices)
  (parameterize ((%turn-choices (append choices (%turn-choices)))) (thunk)))

;; ── Who asks ────────────────────────────────────────────────────────────────────────────────────────────────

(define %developer-now (make-parameter #f))

(define (current-developer)
  "The name of who asks: as `as-developer`, the session or CHORUS_DEVELOPER tells, else the system's user.

  > (as-developer \"ann\" (current-developer))
  => \"ann\""
  (or (%developer-now) (%developer)))

(define-syntax as-developer
  "Evaluate the forms as asked by NAME, a string or symbol.

> (as-developer 'ann (current-developer))
=> \"ann\""
  (syntax-rules ()
    ((_ name form ...) (parameterize ((%developer-now (name->string name))) form ...))))

;; ── Turns ───────────────────────────────────────────────────────────────────────────────────────────────────

(define %current-turn (make-parameter #f))  ; what is known of the turn under way, a hash table, or #f
(define %turn-proposal (make-parameter #f)) ; the number of the proposal under which it is answered, or #f
(define %replayed-turn (make-parameter #f)) ; the number of the turn that is answered again: nothing is recorded then
(define %known-audiences (make-parameter '())) ; whom names mean for the time being: an association list, name → audience

(define (as-turn kind target thunk)
  "The value of THUNK, called as one turn: it is decided what is tried, and what is recorded within is recorded with that.
  KIND and TARGET say what is asked of whom. Within a turn there is no other.

  > (as-turn 'fact 'everyone (lambda () (hash-ref (%current-turn) :kind)))
  => fact"
  (if (%current-turn)
      (thunk)
      (let ((turn {:kind kind :persona (name->string (asked-name target)) :developer (current-developer) :turn (%next-turn)
                   :began (%turn-clock)})
            (canary (%global-or 'with-canary #f)))
        (if canary
            (canary (hash-ref turn :turn) (lambda () (%decided-turn turn thunk)))
            (%decided-turn turn thunk)))))

(define (%decided-turn turn thunk)
  (let ((decided (filter (lambda (each) (not (assq (car each) (%turn-choices)))) (decide-settings turn))))
    (hash-set! turn :decided decided)
    (if (null? decided)
        (parameterize ((%current-turn turn)) (thunk))
        (parameterize ((%current-turn turn)
                       (%turn-choices (append (map (lambda (each) (cons (car each) (cadr each))) decided) (%turn-choices))))
          (thunk)))))

(define (heard-by-turn who)
  "The audience WHO, of which the turn under way takes note.

  > (heard-by-turn 'somebody)
  => somebody"
  (let ((turn (%current-turn)))
    (if turn (hash-set! turn :audiences (cons who (hash-ref turn :audiences '()))))
    who))

(define (turn-data answer)
  "What is recorded of the turn under way beside its ANSWER: what was chosen with which probability, who asked whom and
  what kind of thing, the seed, the proposal, whether it was refused, how long it took; and who belonged to those asked, to ask them again.

  > (hash-ref (turn-data (persona-inquiry 'everyone \"Who won?\")) :choices)
  => {}"
  (let ((turn (or (%current-turn) {})) (shown (answer-persona answer)))
    {:choices (%logged-choices (hash-ref turn :decided '()))
     :developer (hash-ref turn :developer (current-developer)) :kind (hash-ref turn :kind #f)
     :persona (and shown (hash-ref shown :label #f)) :seed (hash-ref turn :turn #f) :proposal (%proposal-in-force)
     :refused (and (answer-refusal answer) #t)
     :ms (and (hash-ref turn :began #f) (rounded (- (%turn-clock) (hash-ref turn :began))))
     :audiences (filter-map %logged-audience (hash-ref turn :audiences '()))}))

(define (%proposal-in-force)
  (let ((current (%global-or 'current-proposal #f)))
    (or (%turn-proposal) (and current (current)))))

(define (%logged-choices decided)
  (let ((made (make-hash-table)))
    (for-each (lambda (choice)
                (let ((tried (assq (car choice) decided)))
                  (hash-set! made (symbol->keyword (car choice))
                             {:value (format "~s" (cdr choice)) :p (if tried (caddr tried) 1)})))
              (choices-in-force))
    made))

(define (%logged-audience who)               ; everyone needs no note; a persona's members are known by its discovery
  (let ((shown (hash-ref who :shown)) (authors (hash-ref who :authors)))
    (cond ((and (not authors) (member (hash-ref shown :asked) (map symbol->string everyone-names))) #f)
          ((number? (hash-ref shown :id #f)) {:shown shown :run (%active-run)})
          (else {:shown shown :authors authors}))))

(define (choices-in-force)
  "What is chosen for the turn under way: an association list, setting → value; what is tried comes first.

  > (with-choices '((answer-length . 2)) (lambda () (choices-in-force)))
  => ((answer-length . 2))"
  (if (and (null? (%turn-choices)) (null? developer-settings))
      '()
      (delete-duplicates (append (%turn-choices) (settings-of (current-developer))) (lambda (a b) (eq? (car a) (car b))))))
