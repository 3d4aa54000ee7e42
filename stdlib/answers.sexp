;;; Answers: a persona's own messages are searched, weighed, quoted and checked; too thin a support is a refusal.
;;; What decides how stands in policy.sexp.

(define-record-type answer
  (make-answer question answer citations persona feeling estimate interval metrics confidence refusal limits context
               corpus-version environment-version turn)
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
  (turn answer-turn set-answer-turn!))

(define-record-type citation         ; `answers` is the id of the message that it answers, `asked` what that says; or #f
  (make-citation message-id span author timestamp channel answers asked)
  citation?
  (message-id citation-message-id)
  (span citation-span)
  (author citation-author)
  (timestamp citation-timestamp)
  (channel citation-channel)
  (answers citation-answers)
  (asked citation-asked))

;; ── Who is asked ────────────────────────────────────────────────────────────────────────────────────────────

(define (audience target)
  "Whose messages answer for TARGET: a hash table with :shown, what an answer says of it, and :authors, their ids.

  TARGET is a persona's label, alias, number or record, or `everyone`, whose :authors is #f. A workspace whose personas
  have not been discovered yet discovers them now. An audience is its own audience.

  > (hash-ref (hash-ref (audience 'everyone) :shown) :label)
  => \"everyone\""
  (cond ((hash-table? target) target)
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
      (%unknown-name 'persona target (map symbol->string everyone-names)
                     (string-append "this community shows no personas, so there is no " (name->string target)
                                    "; ask everyone instead")))
  (let* ((found (resolve-persona target))
         (taken (resolved-persona found)))
    (hash-table :shown (hash-table :id (persona-id taken) :label (persona-label taken) :alias (persona-alias taken)
                                   :asked (if (persona? target) (persona-label taken) (name->string target))
                                   :resolved (how-resolved found))
                :authors (persona-authors taken))))

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
  where nothing is dated. Any other name that no change has is an error.

  > (resolve-context #f)
  => #f
  > (guard (e (#t (error-object-message e))) (resolve-context 'version-99))
  => \"there is no context version-99\""
  (if (not context)
      #f
      (let ((known (%changes)) (name (name->string context)))
        (if (member name latest-change-names)
            (if (null? known) #f (last known))
            (or (find (lambda (c) (member name (change-names c))) (reverse known))
                (%unknown-name 'context name
                               (delete-duplicates (append '("last-patch") (append-map change-names (reverse known))))))))))

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

(define (persona-inquiry target question :context [context #f] :since [since #f] :until [until #f]
                         :channel [channel #f])
  "Answer QUESTION about the persona TARGET from that persona's own messages, or refuse.

  TARGET is a persona's label, alias, number or record, or `everyone`. CONTEXT names a dated change (`last-patch`). The
  value is an answer record; its turn is stored.

  > (answer? (persona-inquiry 'everyone \"What do they think of the price?\"))
  => #t"
  (%prepare-search)
  (let* ((who (audience target))
         (change (resolve-context context))
         (reading (read-question question))
         (around (%search-scope :channel channel :since since :until until :caller 'persona-inquiry))
         (scope (if (hash-ref who :authors)
                    (%search-scope :authors (hash-ref who :authors) :channel channel :since since :until until)
                    around))
         (own (rank-evidence reading (gather-candidates reading scope (hash-ref who :authors) around)))
         (together? (and (hash-ref who :authors) (speak-together? reading own around)))
         (evidence (if together? (read-together reading own) own))
         (support (if together? (joint-support reading evidence) (support-of reading own)))
         (best (relevant reading evidence))
         (voices (%voices best :duplicate near-duplicate))
         (refusal (if (< support refusal-threshold)
                      (refusal-reason reading evidence support voices)
                      (refusal-reason reading best support voices)))
         (feeling (measure-feeling reading evidence))
         (chosen (if refusal '() (choose-evidence reading evidence feeling)))
         (citations (citations-of chosen))
         (speakers (if (one-author? citations) voices (max voices 2)))
         (sentences (phrase reading chosen feeling speakers))
         (faults (ungrounded sentences citations)))
    (if (not (null? faults)) (error "the answer is not borne out by its citations:" faults))
    (record-answer
      (make-answer question (string-join (map car sentences) "\n") citations (hash-ref who :shown)
                   (if refusal #f feeling) #f #f #f
                   (if refusal 0.0 (rounded (confidence-of reading support voices feeling)))
                   refusal (if refusal '() (limits-of reading voices feeling chosen)) (context-line context change)
                   (corpus-version) (environment-version) #f)
      (list 'persona-inquiry (asked-name target) question :context context))))

(define (limits-of reading voices feeling chosen)
  "What an answer to READING does not know, as sentences: one voice, a feeling without a clear sign or of few people,
  messages that could not be searched by meaning, answers taken for such because they stand next to a question.

  > (limits-of (read-question \"Who won?\") 1 #f '())
  => (\"one member alone says so\")"
  (let ((coverage (meaning-coverage)) (felt (and feeling (opinion? reading))))
    (filter (lambda (line) line)
            (list (and (hash-ref reading :read-as)
                       (string-append "asked as “" (hash-ref reading :read-as) "”"))
                  (and (= voices 1) "one member alone says so")
                  (and felt (unclear? feeling) "the feeling has no clear sign: its interval holds 0")
                  (and felt (< (hash-ref feeling :authors) few-authors)
                       (string-append "only " (number->string (hash-ref feeling :authors)) " people speak of it"))
                  (and (any (lambda (e) (< 0 (hash-ref e :link) addressed-link)) chosen)
                       "some answers are told by their place after a question, not by a reply")
                  (and (< coverage 0.99)
                       (string-append "only " (percent coverage) " of the messages can be found by meaning yet; (embed!) "
                                      "makes the rest"))))))

(define (meaning-coverage)
  "The share of messages with words that meaning can find, 1 without messages.

  > (<= 0 (meaning-coverage) 1)
  => #t"
  (let ((known (embedding-coverage)))
    (if (= 0 (hash-ref known :messages)) 1 (/ (hash-ref known :embedded) (hash-ref known :messages)))))

(define (one-author? citations)
  "Whether all CITATIONS are one author's.

  > (one-author? '())
  => #t"
  (<= (length (delete-duplicates (map citation-author citations))) 1))

(define (confidence-of reading support voices feeling)
  "SUPPORT, discounted where one voice alone says so, or where the FEELING that READING asks for has no clear sign.

  > (confidence-of (read-question \"Who won?\") 0.8 1 #f)
  => 0.6000000000000001"
  (* support
     (if (= voices 1) lone-voice-discount 1)
     (if (and feeling (opinion? reading) (unclear? feeling)) unclear-discount 1)))

(define (unclear? feeling)
  "Whether the interval of FEELING lies on both sides of 0.

  > (unclear? {:interval '(-0.2 0.5)})
  => #t"
  (<= (car (hash-ref feeling :interval)) 0 (cadr (hash-ref feeling :interval))))

(define (record-answer answer form)
  "Store ANSWER as the next turn, asked by FORM; the answer, with its turn set.

  > (procedure? record-answer)
  => #t"
  (set-answer-turn! answer (%next-turn))
  (%record-turn! (answer-turn answer) (format "~s" form) (value->json answer))
  answer)
