;;; Answers: a persona's own messages are searched, weighed, quoted and checked; too thin a support is a refusal.
;;; What decides how stands in policy.sexp.

(define-record-type <answer>
  (make-answer question answer citations persona feeling estimate interval metrics confidence refusal limits context
               corpus-version environment-version turn support computed)
  answer?
  (question answer-question)
  (answer answer-text)
  (citations answer-citations)
  (persona answer-persona)
  (feeling answer-feeling)
  (estimate answer-estimate)
  (interval answer-interval)
  (metrics answer-metrics)
  (confidence answer-confidence)
  (refusal answer-refusal)
  (limits answer-limits)
  (context answer-context)
  (corpus-version answer-corpus-version)
  (environment-version answer-environment-version)
  (turn answer-turn set-answer-turn!)
  (support answer-support)      ; the chance that the evidence answers the question, refused or not
  (computed answer-computed))   ; numbers in it: hash tables :name :value :query, a text that gives the value when run

(define-record-type <citation>         ; `answers` is the id of the message that it answers, `asked` what that says; or #f
  (%make-citation message-id span author timestamp channel answers asked side) ; `side`: for or against what is asked, or #f
  citation?
  (message-id citation-message-id)
  (span citation-span)
  (author citation-author)
  (timestamp citation-timestamp)
  (channel citation-channel)
  (answers citation-answers)
  (asked citation-asked)
  (side citation-side))

(define (make-citation message-id span author timestamp channel answers asked side)
  "A citation of SPAN in a message; refused of a simulated voice, which is nobody's word.

  > (citation-span (make-citation \"m1\" \"too hard\" \"ann\" #f #f #f #f #f))
  => \"too hard\""
  (refuse-simulated 'make-citation message-id)
  (%make-citation message-id (refuse-simulated 'make-citation span) author timestamp channel answers asked side))

;; ── Who is asked ────────────────────────────────────────────────────────────────────────────────────────────

(define (audience target)
  "Whose messages answer for TARGET: a hash table with :shown, what an answer says of it, and :authors, their ids.

  TARGET is a persona's label, alias, number or record, or `everyone`, whose :authors is #f. A workspace whose personas
  have not been discovered yet discovers them now. An audience is its own audience.

  > (hash-ref (hash-ref (audience 'everyone) :shown) :label)
  => \"everyone\""
  (heard-by-turn (%audience target)))

(define (%audience target)
  (cond ((hash-table? target) target)
        ((assoc (name->string (asked-name target)) (%known-audiences)) => cdr)
        ((and (name? target) (member (name->string target) (map symbol->string everyone-names)))
         (hash-table :shown (hash-table :id #f :label "everyone" :asked (name->string target)
                                        :resolved "the whole community")
                     :authors #f))
        (else (persona-audience target))))

(define (persona-audience target)
  "The audience that is a persona, see `audience`; without personas they are discovered first.

  > (guard (e (#t 'refused)) (persona-audience 'competitive-players))
  => refused"
  (if (and (null? (personas)) (no-structure? (discover-personas)))
      (%unknown-name 'persona (if (persona? target) (persona-label target) (name->string target)) (map symbol->string everyone-names)
                     (if (nothing-ingested?)
                         nothing-ingested
                         (string-append "this community shows no personas, so there is no " (name->string target)
                                        "; ask everyone instead"))))
  (let* ((found (persona-meant target))
         (taken (and found (resolved-persona found))))
    (if (not found)
        (hash-table :shown (hash-table :id #f :label "everyone" :asked (name->string target)
                                       :resolved "the whole community, as no persona is near to that name")
                    :authors #f)
        (hash-table :shown (hash-table :id (persona-id taken) :label (persona-label taken) :alias (persona-alias taken)
                                       :asked (if (persona? target) (persona-label taken) (name->string target))
                                       :resolved (how-resolved found))
                    :authors (persona-authors taken)))))

(define (persona-meant target)
  "What TARGET resolves to, a `resolved` record; where no persona is near enough, as `unknown-persona` says: an error, the
  nearest, or #f for everyone.

  > (guard (e (#t 'refused)) (persona-meant 'competitive-players))
  => refused"
  (guard (e ((and (not (eq? (the-setting unknown-persona) 'refuse)) (name? target) (error-object? e)
                  (eq? (error-object-code e) 'unknown-persona))
             (let ((ranked (if (eq? (the-setting unknown-persona) 'nearest) (%nearest-personas (%plain-name target)) '())))
               (and (pair? ranked)
                    (make-resolved (persona (car (car ranked))) 'meaning target (cadr (car ranked)))))))
    (resolve-persona target)))

(define (speakers-for who)
  "The ids of the authors who speak for the audience WHO, #f for everyone: the chosen `audience-share` of them.

  > (with-choices '((audience-share . 0.5)) (lambda () (speakers-for {:authors '(\"ann\" \"bob\" \"cem\")})))
  => (\"ann\" \"bob\")"
  (let ((authors (hash-ref who :authors)) (share (the-setting audience-share)))
    (if (or (not authors) (>= share 1))
        authors
        (take authors (min (length authors) (exact (ceiling (* share (length authors)))))))))

(define (how-resolved found)
  "How the `resolved` record FOUND came by its persona, in words.

  > (how-resolved (make-resolved #f 'alias 'sweats 1))
  => \"by alias\""
  (string-append "by " (symbol->string (resolved-how found))
                 (if (eq? (resolved-how found) 'meaning)
                     (string-append ", nearness " (number->string (rounded (resolved-score found))))
                     "")))

;; ── Persona inquiry ─────────────────────────────────────────────────────────────────────────────────────────

(define latest-change-names '("last-patch" "latest-patch" "last-change" "last-update"))

(define (resolve-context context)
  "The dated change that CONTEXT names: `last-patch`, a version, a title or a feature; #f for #f, and for `last-patch`
  where none is out yet. Any other name that no change has is an error.

  > (resolve-context #f)
  => #f
  > (guard (e (#t (error-object-message e))) (resolve-context 'version-99))
  => \"there is no context version-99\""
  (if (not context)
      #f
      (let ((known (%changes)) (name (name->string context)))
        (if (member name latest-change-names)
            (let ((out (changes-out known))) (if (null? out) #f (last out)))
            (or (find (lambda (c) (member name (change-names c))) (reverse known))
                (%unknown-name 'context name
                               (delete-duplicates (append '("last-patch") (append-map change-names (reverse known))))))))))

(define (changes-out known)
  "Those of the changes KNOWN that are out: what is announced for a day to come is no last patch. All, to a session
  that has no clock.

  > (length (changes-out (list {:timestamp #inst \"2024-01-01T00:00Z\"} {:timestamp #inst \"9024-01-01T00:00Z\"})))
  => 1"
  (let ((at (guard (e (#t #f)) (now))))
    (if at (filter (lambda (c) (>= (instant-difference at (hash-ref c :timestamp)) 0)) known) known)))

(define (dated-context name)
  "NAME, which names a dated change or may name one later (`last-patch`); else an error.

  > (dated-context 'last-patch)
  => last-patch"
  (resolve-context name)
  name)

(define (change-names change)
  "What a context may call CHANGE: its version, title and feature.

  > (change-names {:version \"1.2\" :title #f :feature \"price\"})
  => (\"1.2\" \"price\")"
  (filter (lambda (name) name) (map (lambda (field) (hash-ref change field #f)) '(:version :title :feature))))

(define (context-line context change)
  "How an answer names its CONTEXT, resolved to CHANGE or not; #f without one.

  > (context-line 'last-patch #f)
  => \"last-patch: no dated change is known\""
  (cond ((not context) #f)
        ((not change) (string-append (name->string context) ": no dated change is known"))
        (else (string-append (name->string context) " is " (describe-change change)))))

(define (describe-change change)
  "CHANGE in words.

  > (describe-change {:version \"1.2\" :timestamp #f :title #f :feature \"price\" :action \"increase\" :amount 0.2})
  => \"1.2: increase price 0.2\""
  (string-append
    (string-join (filter-map (lambda (part) (and part (name->string part)))
                             (list (hash-ref change :version) (and (hash-ref change :timestamp) (day-of (hash-ref change :timestamp)))))
                 ", ")
    (if (hash-ref change :feature)
        (string-append ": " (name->string (or (hash-ref change :action) "change")) " " (name->string (hash-ref change :feature))
                       (if (hash-ref change :amount) (string-append " " (number->string (hash-ref change :amount))) ""))
        (if (hash-ref change :title) (string-append ": " (hash-ref change :title)) ""))))

(define (record-answer answer form)
  "Store ANSWER as the next turn, asked by FORM; the answer, with its turn set. Its turn is #f where nothing was ever
  ingested: asking makes no workspace.

  > (procedure? record-answer)
  => #t"
  (if (%replayed-turn)
      (set-answer-turn! answer (%replayed-turn))
      (begin
        (set-answer-turn! answer (%next-turn))
        (if (not (%record-turn! (answer-turn answer) (format "~s" form) (value->json answer)
                                (value->json (turn-data answer))))
            (set-answer-turn! answer #f))))
  answer)
