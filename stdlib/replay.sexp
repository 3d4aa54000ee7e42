;;; Turns asked again: as they were, bit for bit, or as things are now.

(define (replay turn :anyway [anyway #f])
  "The answer of TURN, a number or an answer, found again as it was: under the definitions and the choices of then, with
  the members that personas had then, out of the corpus of then. Nothing is recorded.

  It is the recorded answer bit for bit, or an error that says what has changed: the corpus, the definitions, the personas
  or something else. With ANYWAY the answer as near to then as can be.

  > (guard (e (#t (error-object-code e))) (replay 1000000))
  => unknown-turn
  > (let ((answer (persona-inquiry 'everyone \"What do they think of the price?\")))
      (equal? (value->json (replay answer)) (value->json answer)))
  => #t"
  (let* ((row (turn-row 'replay turn)) (data (json->value (hash-ref row :data))))
    (if (not (or anyway (equal? (hash-ref row :corpus-version) (corpus-version))))
        (%not-as-then row 'corpus-changed "the corpus has changed since"))
    (let ((answer (%under-definitions row data anyway
                                      (lambda () (%asked-again row data (%audiences-of row data anyway) (%choices-of data))))))
      (if (not (or anyway (string=? (value->json answer) (hash-ref row :answer))))
          (%not-as-then row 'replay-differs
                        (string-append "the same question now gives another " (string-join (%differing-parts row answer) ", ")
                                       ", though corpus and definitions are those of then")))
      answer)))

(define (ask-again turn :choices [choices '()])
  "The answer that present definitions give to the question of TURN, a number or an answer, asked by the same developer of
  the same name; CHOICES, setting → value, are in force besides. Nothing is recorded.

  > (guard (e (#t (error-object-code e))) (ask-again 1000000))
  => unknown-turn"
  (let* ((row (turn-row 'ask-again turn)) (data (json->value (hash-ref row :data))))
    (with-choices choices (lambda () (%asked-again row data (%known-audiences) (%turn-choices))))))

(define (turn-row caller turn)
  "What is kept of TURN, a number, an answer or #f for the latest, as CALLER asks: a hash table :id :asked-at :form :answer
  :corpus-version :environment-version :data, of which the answer and the data are JSON.

  > (guard (e (#t (error-object-code e))) (turn-row 'replay 1000000))
  => unknown-turn"
  (let ((number (turn-meant caller turn)))
    (or (%turn number)
        (%refuse 'unknown-turn (string-append (symbol->string caller) ": there is no turn " (number->string number))
                 "(select (turns) id form asked-at) lists them"))))

(define (%not-as-then row code why)
  (%refuse code (string-append "replay: turn " (number->string (hash-ref row :id)) " cannot be had as it was: " why)
           (string-append "(replay " (number->string (hash-ref row :id)) " :anyway #t) gives what is nearest to it")))

(define (%differing-parts row answer)
  (let ((then (json->value (hash-ref row :answer))) (now (json->value (value->json answer))))
    (filter-map (lambda (key) (and (not (equal? (hash-ref then key) (hash-ref now key #f))) (keyword->string key)))
                (hash-table-keys then))))

(define (%choices-of data)
  (let ((logged (hash-ref data :choices {})))
    (map (lambda (key) (cons (keyword->symbol key) (read (open-input-string (hash-ref (hash-ref logged key) :value)))))
         (hash-table-keys logged))))

(define (%audiences-of row data anyway)
  (map (lambda (kept)
         (let* ((shown (hash-ref kept :shown))
                (members (if (hash-table-contains? kept :run)
                             (%run-members (hash-ref kept :run) (hash-ref shown :id))
                             (hash-ref kept :authors))))
           (if (and (null? members) (not anyway))
               (%not-as-then row 'personas-changed
                             (string-append "who belonged to " (hash-ref shown :label) " then is not kept any more")))
           (cons (hash-ref shown :asked) {:shown shown :authors members})))
       (hash-ref data :audiences '())))

(define (%under-definitions row data anyway thunk)
  (let* ((then (hash-ref row :environment-version)) (proposal (hash-ref data :proposal #f))
         (under (and proposal (%global-or 'with-proposal #f))))
    (cond ((equal? then (environment-version)) (thunk))
          ((guard (problem (#t #f)) (environment-at then)) (%with-environment then thunk :leaving #t))
          (under (under proposal thunk))
          (anyway (thunk))
          (else (%not-as-then row 'definitions-unknown
                              (string-append "it was answered under definitions (" then ") that are not kept"))))))

(define (%asked-again row data audiences choices)
  (let* ((form (read (open-input-string (hash-ref row :form)))) (ask (assq (car form) (asking-procedures))))
    (if (not ask)
        (%refuse 'turn-form (string-append "turn " (number->string (hash-ref row :id)) " was not asked by a form that can be asked again")
                 "persona-inquiry, predict, persona-reaction, analyze and compare can"))
    (parameterize ((%current-turn {:kind (hash-ref data :kind #f) :developer (hash-ref data :developer #f)})
                   (%replayed-turn (hash-ref row :id)) (%known-audiences audiences) (%turn-choices choices)
                   (%developer-now (or (hash-ref data :developer #f) (current-developer))))
      (apply (cdr ask) (cdr form)))))

(define (askable form)
  "The FORM of a turn, a name and what was given to it, as code that asks it again: what would be looked up is quoted.

  > (askable '(persona-inquiry everyone \"Who won?\" :since \"monday\"))
  => (persona-inquiry 'everyone \"Who won?\" :since \"monday\")"
  (cons (car form) (map (lambda (given) (if (or (symbol? given) (pair? given) (null? given)) (list 'quote given) given)) (cdr form))))

(define (asking-procedures)
  "What turns are asked by, an association list: name → procedure.

  > (map car (asking-procedures))
  => (persona-inquiry predict persona-reaction analyze compare)"
  (list (cons 'persona-inquiry persona-inquiry) (cons 'predict prediction-of) (cons 'persona-reaction persona-reaction)
        (cons 'analyze analysis-of) (cons 'compare comparison-of)))
