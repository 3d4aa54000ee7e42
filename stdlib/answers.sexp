;;; Answers: a persona's own messages are searched, weighed, quoted and checked; too thin a support is a refusal.
;;; What decides how stands in policy.sexp.

(define-record-type answer
  (make-answer question answer citations persona feeling estimate interval metrics confidence refusal context
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
  (context answer-context)
  (corpus-version answer-corpus-version)
  (environment-version answer-environment-version)
  (turn answer-turn set-answer-turn!))

(define-record-type citation
  (make-citation message-id span author timestamp)
  citation?
  (message-id citation-message-id)
  (span citation-span)
  (author citation-author)
  (timestamp citation-timestamp))

;; ── Small words ─────────────────────────────────────────────────────────────────────────────────────────────

(define (name->string name)
  "NAME, a symbol, string or number, as a string.

  > (name->string 'last-patch)
  => \"last-patch\""
  (cond ((symbol? name) (symbol->string name))
        ((number? name) (number->string name))
        (else name)))

(define (percent share)
  "SHARE of 1 in whole percent.

  > (percent 0.256)
  => \"26 %\""
  (string-append (number->string (exact (round (* 100 share)))) " %"))

(define (rounded number)
  "NUMBER to three decimals.

  > (rounded 0.12345)
  => 0.123"
  (/ (round (* 1000.0 number)) 1000.0))

;; ── Tone and stance ─────────────────────────────────────────────────────────────────────────────────────────

(define (tone text)
  "The tone of TEXT in [-1, 1]: 1 glad, -1 sore. Of a list of texts, the list of their tones.

  > (> (tone \"I love this game\") 0 (tone \"I hate this game\"))
  => #t"
  (if (string? text)
      (tensor-ref (tones (list text) #f) 0)
      (tensor->list (tones text #f))))

(define (tones texts vectors)
  "The tones of TEXTS as a tensor; VECTORS are their embeddings, or #f.

  > (> (tensor-ref (tones '(\"what a great day\") #f) 0) 0)
  => #t"
  (%tones texts :vectors vectors :words tone-words :scale tone-scale))

(define (stance text topic)
  "How far TEXT asks for more (to 1) or less (to -1) of TOPIC.

  > (> (stance \"please buff the rifle\" \"rifle damage\") 0 (stance \"the rifle hits too hard\" \"rifle damage\"))
  => #t"
  (tensor-ref (%attitudes (list text) (tones (list text) #f) :topic (string-split topic " ") :rest attitude-rest) 0))

;; ── From a question to evidence ─────────────────────────────────────────────────────────────────────────────

(define (read-question question)
  "What QUESTION asks, as a hash table: its kind, what it expects, its words, its direction.

  > (hash-ref (read-question \"How would they react to increased difficulty?\") :words)
  => (\"difficulty\")"
  (%read-question question question-kinds question-frame related-words implied-topics))

(define (question-rarity reading)
  "How rare each word of READING is among the workspace's messages.

  > (hash-table? (question-rarity (read-question \"What of the price?\")))
  => #t"
  (let ((found (%term-counts (hash-ref reading :terms))))
    (term-rarity (hash-ref found :documents) (hash-ref found :counts))))

(define (topic-words reading)
  "The words of READING's topic, with those related to them.

  > (topic-words (read-question \"Would they like fishing?\"))
  => (\"fishing\")"
  (append (hash-ref reading :words) (append-map cdr (hash-ref reading :related))))

(define (rank-messages reading scope)
  "Ids of the messages in SCOPE that bear on READING, best first: meaning and words, fused.

  > (rank-messages (read-question \"xyzzyplugh?\") (%search-scope :authors '(\"nobody\")))
  => ()"
  (let ((dense (%near (%question-vector (hash-ref reading :text)) evidence-pool :scope scope))
        (words (%word-search (string-join (topic-words reading) " ") evidence-pool :scope scope)))
    (map car (fuse-ranks (list (map car dense) (map car words)) :k fusion-constant :weights fusion-weights))))

(define (replies-around ids authors)
  "What AUTHORS (#f: anyone) said in the conversations around the messages IDS: hash tables, with :context, what they
  answered.

  > (replies-around '(\"no-such-message\") '())
  => ()"
  (let ((ours (make-hash-table)))
    (for-each (lambda (author) (hash-set! ours author #t)) (or authors '()))
    (append-map
      (lambda (window)
        (let ((hit (find (lambda (m) (equal? (hash-ref m :message-id) (car window))) (cdr window))))
          (filter-map
            (lambda (m)
              (and (or (not authors) (hash-ref ours (hash-ref m :author-id) #f))
                   (or (equal? (hash-ref m :relation) "answer")
                       (and (equal? (hash-ref m :relation) "beside") (asks? (hash-ref hit :content))))
                   (with-context m hit)))
            (cdr window))))
      (%window ids :before window-before :after window-after))))

(define (with-context message answered)
  "MESSAGE, a hash table, with the :context of the message ANSWERED, which may be #f.

  > (hash-ref (with-context (hash-table :message-id 1) (hash-table :message-id 0 :content \"why?\")) :context)
  => \"why?\""
  (let ((made (hash-copy message)))
    (hash-set! made :context (and answered (hash-ref answered :content)))
    (hash-set! made :context-id (and answered (hash-ref answered :message-id)))
    made))

(define (answered-by ids)
  "A hash table: message id → the message that it answered, for those of IDS that are replies.

  > (hash-count (answered-by '(\"no-such-message\")))
  => 0"
  (let ((found (make-hash-table)))
    (for-each
      (lambda (window)
        (for-each (lambda (m)
                    (if (equal? (hash-ref m :relation) "answered")
                        (hash-set! found (car window) m)))
                  (cdr window)))
      (%window ids :before 0 :after 0))
    found))

(define (gather-candidates reading scope authors)
  "The messages of AUTHORS that may answer READING: hits of their own, and their replies to hits of anyone.

  > (gather-candidates (read-question \"xyzzyplugh?\") (%search-scope :authors '(\"nobody\")) '(\"nobody\"))
  => ()"
  (let* ((own (rank-messages reading scope))
         (anyone (rank-messages reading (%search-scope)))
         (context (answered-by own))
         (hits (map (lambda (m) (with-context m (hash-ref context (hash-ref m :message-id) #f))) (%messages own)))
         (near (replies-around (take anyone (min window-hits (length anyone))) authors)))
    (map (lambda (m)
           (hash-table :id (hash-ref m :message-id) :author (hash-ref m :author-id) :name (hash-ref m :author)
                       :text (hash-ref m :content) :timestamp (hash-ref m :timestamp)
                       :vector (hash-ref m :vector) :context (hash-ref m :context #f)
                       :context-vector (hash-ref m :context-vector #f)))
         (%with-vectors (distinct-messages (append hits near))))))

(define (distinct-messages messages)
  "MESSAGES, each id once, the first kept; those without words and those of programs are left out.

  > (length (distinct-messages (list (hash-table :message-id \"1\" :content \"a\" :author-id \"x\"))))
  => 1"
  (let ((seen (make-hash-table)) (bots (%bots)))
    (filter (lambda (m)
              (let ((id (hash-ref m :message-id)))
                (and (not (hash-ref seen id #f))
                     (not (equal? (hash-ref m :content) ""))
                     (not (member (hash-ref m :author-id) bots))
                     (begin (hash-set! seen id #t) #t))))
            messages)))

(define (rank-evidence reading candidates)
  "The sentences of CANDIDATES, scored against READING, best first.

  > (rank-evidence (read-question \"What of the price?\") '())
  => ()"
  (%evidence reading candidates (question-rarity reading) evidence-weights))

;; ── Support ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (support-score features)
  "The chance that evidence with FEATURES answers its question: a logistic sum with support-weights.

  > (< (support-score {:dense 0.2}) 0.1)
  => #t"
  (let ((total (fold (lambda (name sum) (+ sum (* (hash-ref support-weights name) (hash-ref features name 0.0))))
                     (hash-ref support-weights :bias)
                     '(:dense :dense-mean :coverage :weakest :joint :named :typed :asked :voices))))
    (/ 1.0 (+ 1.0 (exp (- total))))))

(define (refusal-reason reading evidence support voices)
  "Why not to answer, or #f: nothing there, support below refusal-threshold, too few independent voices.

  > (refusal-reason (read-question \"What of the price?\") '() 0.0 0)
  => \"none of their messages comes near this question\""
  (cond ((null? evidence) "none of their messages comes near this question")
        ((< support refusal-threshold)
         (string-append "too little supports an answer (" (percent support) ", " (percent refusal-threshold)
                        " is needed)" (unsaid reading evidence)))
        ((< voices least-voices)
         (string-append "only " (number->string voices) " independent authors say so"))
        ((and (= voices 1) (>= (copies evidence) suspicious-copies))
         (string-append "all " (number->string (copies evidence)) " messages that say so are near-copies of one another;"
                        " two independent authors are asked for"))
        (else #f)))

(define (unsaid reading evidence)
  "The words of READING that its best evidence does not have, as the end of a sentence.

  > (unsaid (read-question \"What of the price?\") '())
  => \"\""
  (if (null? evidence)
      ""
      (let ((missing (hash-ref (car evidence) :missing)))
        (if (null? missing)
            ""
            (string-append "; no message that fits the question speaks of “" (string-join missing "”, “") "”")))))

(define (strongest evidence)
  "The part of EVIDENCE that scores nearly as well as the best does.

  > (strongest '())
  => ()"
  (if (null? evidence)
      '()
      (let ((best (apply max (map (lambda (e) (hash-ref e :score)) evidence))))
        (filter (lambda (e) (>= (hash-ref e :score) (* 0.8 best))) evidence))))

(define (copies evidence)
  "How many of the strongest EVIDENCE are near-copies of its first.

  > (copies '())
  => 0"
  (if (null? evidence)
      0
      (count (lambda (e) (>= (cosine (hash-ref e :vector) (hash-ref (car evidence) :vector)) near-duplicate))
             (strongest evidence))))

;; ── Feeling ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (about-matter evidence)
  "The sentences of EVIDENCE that are about the matter in their own words and no questions, one a message; where these
  are few, those that have a word of it.

  > (about-matter '())
  => ()"
  (let* ((stated (filter (lambda (e) (and (not (hash-ref e :asks)) (>= (hash-ref e :own-dense) feeling-floor))) evidence))
         (close (%one-a-message (filter (lambda (e) (or (>= (hash-ref e :own-coverage) feeling-coverage)
                                                        (>= (hash-ref e :own-dense) feeling-dense)))
                                        stated))))
    (if (>= (length close) feeling-least)
        close
        (%one-a-message (append close (filter (lambda (e) (and (> (hash-ref e :own-coverage) 0) (>= (hash-ref e :widest) feeling-coverage))) stated))))))

(define (measure-values reading sentences)
  "What each of SENTENCES feels about what READING asks, a tensor: its tone, or where the question has a direction,
  how far it asks for a move that way.

  > (measure-values (read-question \"What of the price?\") '())
  => #f"
  (if (null? sentences)
      #f
      (let* ((texts (map (lambda (e) (hash-ref e :span)) sentences))
             (plain (tones texts (%stack (map (lambda (e) (hash-ref e :vector)) sentences)))))
        (if (= 0 (hash-ref reading :direction))
            plain
            (%scaled (%attitudes texts plain :topic (topic-words reading) :rest attitude-rest)
                     (hash-ref reading :direction))))))

(define (measure-feeling reading evidence)
  "How the authors of EVIDENCE feel about what READING asks: :mean in [-1, 1], :n messages, :authors, :interval.

  > (hash-ref (measure-feeling (read-question \"What of the price?\") '()) :n)
  => 0"
  (let* ((sentences (about-matter evidence))
         (values (measure-values reading sentences)))
    (%feeling (or values (vector)) (map (lambda (e) (hash-ref e :author)) sentences) :level feeling-level)))

;; ── Composition ─────────────────────────────────────────────────────────────────────────────────────────────

(define (choose-evidence reading evidence feeling)
  "The sentences to quote: relevant, different, of different authors. Where people are asked how they feel, those that
  show it: the side of FEELING first, then the other side.

  > (choose-evidence (read-question \"What of the price?\") '() {:mean 0})
  => ()"
  (let ((stating (filter (lambda (e) (not (hash-ref e :asks))) (strongest evidence))))
    (if (not (opinion? reading))
        (pick stating answer-length)
        (let* ((about (about-matter evidence))
               (valued (if (null? about) '() (%with-values about (measure-values reading about))))
               (mean (hash-ref feeling :mean))
               (few (if (< (abs mean) clear-feeling) (quotient answer-length 2) other-side))
               (with (pick (on-side valued mean) (- answer-length few)))
               (against (pick (on-side valued (- mean)) few)))
          (if (null? with) (pick stating answer-length) (append with against))))))

(define (on-side valued sign)
  "Those of VALUED evidence whose :value clearly has the sign of SIGN.

  > (on-side (list (hash-table :value 0.5) (hash-table :value -0.5)) -1)
  => ({:value -0.5})"
  (filter (lambda (e) (> (* (hash-ref e :value) (if (< sign 0) -1 1)) clear-feeling)) valued))

(define (pick evidence n)
  "N of EVIDENCE, by relevance and difference.

  > (pick '() 3)
  => ()"
  (%choose-evidence evidence :count n :diversity evidence-diversity :duplicate near-duplicate
                    :per-author sentences-per-author))

(define (opinion? reading)
  "Whether READING asks how people feel or would react.

  > (opinion? (read-question \"How would they react to higher prices?\"))
  => #t"
  (if (memq (hash-ref reading :kind) '(reaction attitude)) #t #f))

(define (lead-of reading feeling voices)
  "The words before the first quotation, or an empty string.

  > (lead-of (read-question \"Who won?\") {:mean 0} 2)
  => \"\""
  (cond ((= voices 1) lone-voice-lead)
        ((not (opinion? reading)) "")
        ((= 0 (hash-ref reading :direction)) (attitude-lead feeling))
        (else (reaction-lead feeling))))

(define (quotation lead span number)
  "One sentence of an answer: LEAD, the verbatim SPAN, the NUMBER of its citation.

  > (quotation \"One says\" \"too hard\" 1)
  => \"One says: “too hard” [1]\""
  (string-append (if (string=? lead "") "" (string-append lead ": "))
                 "“" span "” [" (number->string number) "]"))

(define (turning-point chosen)
  "The number, from 1, of the first of CHOSEN on the other side than the first; #f when there is none.

  > (turning-point (list (hash-table :value 0.5) (hash-table :value -0.5)))
  => 2"
  (let loop ((rest chosen) (number 1))
    (cond ((null? rest) #f)
          ((< (* (hash-ref (car rest) :value 0) (hash-ref (car chosen) :value 0)) 0) number)
          (else (loop (cdr rest) (+ number 1))))))

(define (compose reading chosen feeling voices)
  "The sentences of an answer that quotes CHOSEN, as lists (text number-of-citation).

  > (compose (read-question \"Who won?\") '() {:mean 0} 0)
  => ()"
  (let* ((first-lead (lead-of reading feeling voices))
         (turn (if (> voices 1) (turning-point chosen) #f)))
    (map (lambda (e number)
           (list (quotation (cond ((= number 1) first-lead)
                                  ((equal? number turn) other-side-lead)
                                  (else ""))
                            (hash-ref e :span) number)
                 number))
         chosen
         (iota (length chosen) 1))))

(define (phrase reading chosen feeling voices)
  "The answer's sentences: quotations, or what the session's generator makes of them, each borne out by a quotation.

  > (phrase (read-question \"Who won?\") '() {:mean 0} 0)
  => ()"
  (let ((spans (map (lambda (e) (hash-ref e :span)) chosen))
        (quotes (map (lambda (e) (list (hash-ref e :message-id) (hash-ref e :span))) chosen))
        (plain (compose reading chosen feeling voices)))
    (define (generated draft)
      (let ((kept (%align draft spans)))
        (if (null? kept)
            plain
            (map (lambda (row) (list (string-append (car row) " [" (number->string (cadr row)) "]") (cadr row))) kept))))
    (cond ((or (null? chosen) (string=? (generator) "extractive")) plain)
          ((string-prefix? "http" (generator))
           (generated (%generate-remote (generator) (hash-ref reading :text) quotes answer-length)))
          (else (generated (%generate-local (generator) (hash-ref reading :text) quotes answer-length))))))

(define (citations-of chosen)
  "CHOSEN evidence as citation records.

  > (citations-of '())
  => ()"
  (map (lambda (e) (make-citation (hash-ref e :message-id) (hash-ref e :span)
                                  (hash-ref e :name) (hash-ref e :timestamp)))
       chosen))

(define (ungrounded sentences citations)
  "What is wrong with SENTENCES and CITATIONS, against the messages as they stand in the workspace; normally nothing.

  > (ungrounded '() '())
  => ()"
  (let ((texts (make-hash-table)))
    (for-each (lambda (m) (hash-set! texts (hash-ref m :message-id) (hash-ref m :content)))
              (%messages (map citation-message-id citations)))
    (check-citations sentences
                     (map (lambda (c) (list (citation-message-id c) (citation-span c))) citations)
                     texts
                     :verbatim (string=? (generator) "extractive"))))

;; ── Who is asked ────────────────────────────────────────────────────────────────────────────────────────────

(define (audience target)
  "Whose messages answer for TARGET: a hash table with :shown, what an answer says of it, and :authors, their ids.

  TARGET is a persona's label, alias, number or record, or `everyone`, whose :authors is #f. A workspace whose personas
  have not been discovered yet discovers them now. An audience is its own audience.

  > (hash-ref (hash-ref (audience 'everyone) :shown) :label)
  => \"everyone\""
  (cond ((hash-table? target) target)
        ((member target '(everyone community all "everyone" "community" "all"))
         (hash-table :shown (hash-table :id #f :label "everyone" :asked (name->string target)
                                        :resolved "the whole community")
                     :authors #f))
        (else (persona-audience target))))

(define (persona-audience target)
  "The audience that is a persona, see `audience`; without personas they are discovered first.

  > (guard (e (#t 'refused)) (persona-audience 'competitive-players))
  => refused"
  (if (and (null? (personas)) (no-structure? (discover-personas)))
      (error (string-append "this community shows no personas, so there is no " (name->string target)
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

(define (resolve-context context)
  "The dated change that CONTEXT names: `last-patch`, a version or a title; #f for #f.

  > (resolve-context #f)
  => #f"
  (if (not context)
      #f
      (let ((known (%changes))
            (name (if (symbol? context) (symbol->string context) context)))
        (if (member name '("last-patch" "latest-patch" "last-change" "last-update"))
            (if (null? known) #f (last known))
            (find (lambda (c) (member name (list (hash-ref c :version) (hash-ref c :title)))) (reverse known))))))

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
         (scope (%search-scope :authors (hash-ref who :authors) :channel channel :since since :until until))
         (evidence (rank-evidence reading (gather-candidates reading scope (hash-ref who :authors))))
         (features (%support-features reading evidence :duplicate near-duplicate))
         (support (support-score features))
         (voices (%voices (strongest evidence) :duplicate near-duplicate))
         (refusal (refusal-reason reading evidence support voices))
         (feeling (measure-feeling reading evidence))
         (chosen (if refusal '() (choose-evidence reading evidence feeling)))
         (sentences (phrase reading chosen feeling voices))
         (citations (citations-of chosen))
         (faults (ungrounded sentences citations)))
    (if (not (null? faults)) (error "the answer is not borne out by its citations:" faults))
    (record-answer
      (make-answer question (string-join (map car sentences) "\n") citations (hash-ref who :shown)
                   (if refusal #f feeling) #f #f #f
                   (rounded (if (= voices 1) (* support lone-voice-discount) support))
                   refusal (context-line context change)
                   (corpus-version) (environment-version) #f)
      (list 'persona-inquiry target question :context context))))

(define (record-answer answer form)
  "Store ANSWER as the next turn, asked by FORM; the answer, with its turn set.

  > (procedure? record-answer)
  => #t"
  (set-answer-turn! answer (%next-turn))
  (%record-turn! (answer-turn answer) (format "~s" form) (value->json answer))
  answer)

;; ── For people ──────────────────────────────────────────────────────────────────────────────────────────────

(define (answer->string answer)
  "ANSWER as several lines for people: what it says, who said it where, how sure it is, what it rests on.

  > (string? (answer->string (persona-inquiry 'everyone \"What do they think of the price?\")))
  => #t"
  (string-join
    (append
      (if (answer-refusal answer)
          (list (string-append "No answer: " (answer-refusal answer) "."))
          (map %visible (string-split (answer-text answer) "\n")))
      (map citation-line (answer-citations answer) (iota (length (answer-citations answer)) 1))
      (filter (lambda (line) line)
              (list (persona-line (answer-persona answer)) (feeling-line (answer-feeling answer))
                    (and (answer-context answer) (string-append "context: " (answer-context answer)))))
      (list (string-append "confidence " (percent (answer-confidence answer))
                           ", turn " (number->string (or (answer-turn answer) 0)))))
    "\n"))

(define (citation-line citation number)
  "CITATION in a line, as NUMBER.

  > (citation-line (make-citation \"m1\" \"too hard\" \"ann\" (moment \"2026-01-31\")) 1)
  => \"  [1] ann, 2026-01-31, message m1\""
  (string-append "  [" (number->string number) "] " (%visible (or (citation-author citation) "?")) ", "
                 (day-of (citation-timestamp citation)) ", message " (citation-message-id citation)))

(define (persona-line persona)
  "Which PERSONA was taken, in a line; #f for everyone.

  > (persona-line #f)
  => #f"
  (and persona
       (string-append "persona: " (hash-ref persona :label)
                      (if (hash-ref persona :resolved #f) (string-append " (" (hash-ref persona :resolved) ")") ""))))

(define (feeling-line feeling)
  "FEELING in a line; #f for none.

  > (feeling-line #f)
  => #f"
  (and feeling
       (> (hash-ref feeling :n) 0)
       (string-append "feeling " (%signed (hash-ref feeling :mean)) " ("
                      (percent (hash-ref feeling :level)) " between " (%signed (car (hash-ref feeling :interval)))
                      " and " (%signed (cadr (hash-ref feeling :interval))) "; "
                      (number->string (hash-ref feeling :n)) " messages by "
                      (number->string (hash-ref feeling :authors)) " authors)")))
