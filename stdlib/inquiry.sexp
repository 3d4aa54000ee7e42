;;; Persona inquiries: what a group of people says about a question, weighed, quoted and checked, or refused; and how they
;;; feel about it in numbers.

(define (persona-inquiry target question :context [context #f] :since [since #f] :until [until #f]
                         :channel [channel #f])
  "Answer QUESTION about the persona TARGET from that persona's own messages, or refuse.

  TARGET is a persona's label, alias, number or record, or `everyone`. CONTEXT names a dated change (`last-patch`). The
  value is an answer record; its turn is stored. How many messages or people speak of something is counted.

  > (answer? (persona-inquiry 'everyone \"What do they think of the price?\"))
  => #t"
  (if (not (string? question))
      (%refuse 'type (string-append "persona-inquiry: a question should be a string, not " (format "~s" question))
               "(persona-inquiry 'everyone \"Is the matchmaking fair?\")"))
  (let* ((began (%turn-clock))
         (reading (read-question question))
         (answer (as-turn (hash-ref reading :kind) target
                          (lambda ()
                            (let ((asked (count-asked question)))
                              (if asked
                                  (count-answer target question asked :context context :since since :until until :channel channel)
                                  (inquire target question :context context :since since :until until :channel channel)))))))
    (note-follow-up! answer reading began)
    answer))

(define (inquire target question :context [context #f] :since [since #f] :until [until #f] :channel [channel #f])
  "What `persona-inquiry` does within its turn.

  > (answer? (inquire 'everyone \"What do they think of the price?\"))
  => #t"
  (%prepare-search)
  (let* ((who (audience target))
         (change (resolve-context context))
         (reading (read-question question))
         (heard (hear reading who :since since :until until :channel channel))
         (evidence (hash-ref heard :evidence))
         (support (hash-ref heard :support))
         (best (relevant reading evidence))
         (voices (voices-of best))
         (supported? (>= support (threshold-of reading)))
         (refusal (or (hash-ref heard :silence)
                      (refusal-reason reading (if supported? best evidence) support voices
                                      (if (and supported? (null? best)) (by-worth reading evidence) '()))))
         (weighed (weigh-matter reading evidence))
         (feeling (measure-feeling reading evidence weighed))
         (told (and (not refusal) (contradiction reading best)))
         (chosen (cond (refusal '()) (told (choose-both-sides told)) (else (choose-evidence reading evidence feeling weighed))))
         (citations (citations-of chosen))
         (speakers (if (one-author? citations) voices (max voices 2)))
         (sentences (phrase reading chosen (or told feeling) speakers))
         (faults (ungrounded sentences citations)))
    (if (not (null? faults)) (error "the answer is not borne out by its citations:" faults))
    (record-answer
      (make-answer question (string-join (map car sentences) "\n") citations (hash-ref who :shown)
                   (if (or refusal (not (opinion? reading))) #f feeling) #f #f #f
                   (if refusal 0.0 (rounded (confidence-of reading (* support (agreed told)) speakers feeling)))
                   refusal
                   (if refusal '() (append (limits-of reading speakers feeling chosen) (contradiction-limit told) (older-limit change chosen)))
                   (context-line context change)
                   (corpus-version) (environment-version) #f (rounded support)
                   (if (or refusal (not (opinion? reading))) '()
                       (computed-of feeling (opinion-form target question since until channel))))
      (append (list 'persona-inquiry (asked-name target) question)
              (given ':context context ':since since ':until until ':channel channel)))))

(define (agreed told)
  "The share of the people in TOLD, a contradiction, who are on its larger side; 1 of none.

  > (map agreed '(#f {:for 3 :against 1}))
  => (1 3/4)"
  (if told (/ (hash-ref told :for) (+ (hash-ref told :for) (hash-ref told :against))) 1))

(define (contradiction-limit told)
  "That those who answer contradict each other, as a list of a sentence, by TOLD; of #f none.

  > (map contradiction-limit '(#f {:for 3 :against 1}))
  => (() (\"they contradict each other: 3 say one thing, 1 another\"))"
  (if told
      (list (string-append "they contradict each other: " (number->string (hash-ref told :for)) " say one thing, "
                           (number->string (hash-ref told :against)) " another"))
      '()))

(define (older-limit change chosen)
  "That all CHOSEN sentences were written before the CHANGE that the question is asked in the context of, as a list of a
  sentence; nothing where one is younger.

  > (older-limit {:timestamp (moment \"2026-02-01\")} (list {:timestamp (moment \"2026-01-01\")}))
  => (\"all that is quoted was written before that change\")"
  (let ((when (and change (hash-ref change :timestamp))))
    (if (and when (pair? chosen) (every (lambda (e) (instant<? (hash-ref e :timestamp) when)) chosen))
        (list "all that is quoted was written before that change")
        '())))

(define (hear reading who :since [since #f] :until [until #f] :channel [channel #f])
  "What the audience WHO says that bears on READING, in a span of time and a channel: a hash table with the :evidence,
  scored sentences, the :support, the chance that they answer it, and the :silence, why nothing can be heard there, or #f.

  > (list? (hash-ref (hear (read-question \"xyzzyplugh?\") (audience 'everyone)) :evidence))
  => #t"
  (let* ((around (%search-scope :channel channel :since since :until until :caller 'persona-inquiry))
         (authors (speakers-for who))
         (scope (if authors (%search-scope :authors authors :channel channel :since since :until until) around))
         (own (rank-evidence reading (gather-candidates reading scope authors around)))
         (together? (and authors (speak-together? reading own around)))
         (evidence (if together? (read-together reading own) own)))
    {:evidence evidence :support (if together? (joint-support reading evidence) (support-of reading own))
     :silence (silence-in scope around)}))

(define (silence-in scope around)
  "Why nothing can be heard in SCOPE, those asked in a time and place, or AROUND, everyone in them; #f where something can.

  > (silence-in #f #f)
  => #f"
  (cond ((nothing-ingested?) #f)
        ((%nobody-in? around) "nobody wrote anything in that time and place")
        ((%nobody-in? scope) "they wrote nothing in that time and place")
        (else #f)))

(define (given . options)
  "Those of OPTIONS, keywords and values in turn, whose value is not #f.

  > (given ':since #f ':channel \"general\")
  => (:channel \"general\")"
  (cond ((null? options) '())
        ((cadr options) (append (list (car options) (cadr options)) (apply given (cddr options))))
        (else (apply given (cddr options)))))

;; ── Numbers ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (opinion-of target question :since [since #f] :until [until #f] :channel [channel #f])
  "How TARGET feels about what QUESTION asks, in numbers: :mean in [-1, 1] with its :interval, :n messages, :authors, and
  the :voices, :for and :against: people who say so in words of their own.

  > (hash-ref (opinion-of 'everyone \"What do they think of the xyzzyplugh?\") :n)
  => 0"
  (%prepare-search)
  (let ((reading (read-question question)))
    (measure-feeling reading (hash-ref (hear reading (audience target) :since since :until until :channel channel)
                                       :evidence))))

(define (opinion-form target question since until channel)
  "The call of opinion-of that measures what an inquiry of TARGET about QUESTION tells in numbers.

  > (opinion-form 'everyone \"Too hard?\" #f #f \"general\")
  => (opinion-of 'everyone \"Too hard?\" :channel \"general\")"
  (append (list 'opinion-of (quoted (asked-name target)) question)
          (given ':since (written-moment since) ':until (written-moment until) ':channel channel)))

(define (written-moment moment)
  "MOMENT as one writes it in a form; a text as it is.

  > (map written-moment (list \"2026-01-31\" #f))
  => (\"2026-01-31\" #f)"
  (if (or (not moment) (string? moment)) moment (instant->string moment)))

(define computed-keys '(:for :against :voices :mean))

(define (computed-of numbers form)
  "The NUMBERS that an answer tells, each with the text of the query that gives it when it is run: FORM, and its part.

  > (car (computed-of {:for 3 :against 1 :voices 4 :mean 0.5} '(opinion-of 'everyone \"Too hard?\")))
  => {:name for :value 3 :query \"(hash-ref (opinion-of 'everyone \\\"Too hard?\\\") :for)\"}"
  (map (lambda (key)
         {:name (keyword->symbol key) :value (hash-ref numbers key) :query (format "~s" (list 'hash-ref form key))})
       computed-keys))

(define (limits-of reading voices feeling chosen)
  "What an answer to READING does not know, as sentences: one voice, a feeling without a clear sign or of few people,
  messages that could not be searched by meaning, answers taken for such because they stand next to a question.

  > (limits-of (read-question \"Who won?\") 1 #f '())
  => (\"one member alone says so\")"
  (let ((coverage (meaning-coverage)) (felt (and feeling (opinion? reading))))
    (filter (lambda (line) line)
            (list (and (hash-ref reading :read-as)
                       (string-append "asked as “" (hash-ref reading :read-as) "”"))
                  (and (hash-ref reading :matter #f)
                       (string-append "taken as a question of " (hash-ref reading :matter)))
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
  "How often an answer of this SUPPORT is right: the support, discounted where one voice alone says so, or where the
  FEELING that READING asks for has no clear sign, then calibrated.

  > (rounded (confidence-of (read-question \"Who won?\") 0.8 1 #f))
  => 0.9"
  (calibrated (* support
                 (if (= voices 1) lone-voice-discount 1)
                 (if (and feeling (opinion? reading) (unclear? feeling)) unclear-discount 1))))

(define (calibrated chance)
  "The CHANCE that evidence seems to give as the share of answers like it that were right: Platt's scaling by
  confidence-scale.

  > (map (lambda (chance) (rounded (calibrated chance))) '(0.3 0.6 0.9))
  => (0.787 0.9 0.97)"
  (let ((inside (max 0.01 (min 0.99 chance))))
    (logistic (+ (car confidence-scale) (* (cadr confidence-scale) (log (/ inside (- 1 inside))))))))

(define (unclear? feeling)
  "Whether the interval of FEELING lies on both sides of 0.

  > (unclear? {:interval '(-0.2 0.5)})
  => #t"
  (<= (car (hash-ref feeling :interval)) 0 (cadr (hash-ref feeling :interval))))
