;;; Evidence: what a question asks, which messages bear on it, how well they support an answer, what they feel.
;;; The numbers that decide stand in policy.sexp.

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
  "What AUTHORS (#f: anyone) answered in the conversations around the messages IDS: hash tables, with the :context that
  each answers and the :link, how sure it is that it does.

  > (replies-around '(\"no-such-message\") '())
  => ()"
  (let ((ours (make-hash-table)))
    (for-each (lambda (author) (hash-set! ours author #t)) (or authors '()))
    (append-map
      (lambda (window) (filter (lambda (m) (or (not authors) (hash-ref ours (hash-ref m :author-id) #f)))
                               (answers-in (car window) (cdr window))))
      (%window ids :before 0 :after window-after))))

(define (answers-in id turns)
  "Those of TURNS, a conversation, that answer its message ID: its replies, what is said to its author by name, and, where
  it asks, what others say next to nobody else; each with its :context and :link.

  > (answers-in \"1\" '())
  => ()"
  (let ((hit (find (lambda (m) (equal? (hash-ref m :message-id) id)) turns)))
    (if (not hit)
        '()
        (let ((to (%addressed (map (lambda (m) (hash-ref m :content)) turns) common-words))
              (questions? (asks? (hash-ref hit :content)))
              (said 0))
          (define (link-of m whom)
            (cond ((equal? (hash-ref m :relation) "answer") (if (equal? (hash-ref m :reply-to #f) id) 1.0 thread-link))
                  ((or (not (equal? (hash-ref m :relation) "beside"))
                       (equal? (hash-ref m :author-id) (hash-ref hit :author-id)))
                   #f)
                  ((and whom (member (hash-ref hit :author-id) whom)) addressed-link)
                  ((or whom (hash-ref m :reply-to #f)) #f)
                  (else (set! said (+ said 1))
                        (and questions? (<= said window-beside) (/ beside-link said)))))
          (filter-map (lambda (m whom) (let ((link (link-of m whom))) (and link (with-context m hit link))))
                      turns to)))))

(define (with-context message answered link)
  "MESSAGE, a hash table, with the :context of the message ANSWERED, which may be #f, and how sure that LINK is.

  > (hash-ref (with-context (hash-table :message-id 1) (hash-table :message-id 0 :content \"why?\") 1.0) :context)
  => \"why?\""
  (let ((made (hash-copy message)))
    (hash-set! made :context (and answered (hash-ref answered :content)))
    (hash-set! made :context-id (and answered (hash-ref answered :message-id)))
    (hash-set! made :link link)
    made))

(define (answered-by ids)
  "A hash table: message id → (answered link), the message that it answered and how sure that is: for those of IDS that
  are replies, and those that speak to somebody by name who spoke shortly before.

  > (hash-count (answered-by '(\"no-such-message\")))
  => 0"
  (let ((found (make-hash-table)))
    (for-each
      (lambda (window)
        (let ((turns (reverse (cdr window))))
          (cond ((find (lambda (m) (equal? (hash-ref m :relation) "answered")) turns)
                 => (lambda (m) (hash-set! found (car window) (list m 1.0))))
                ((addressed-before (car window) turns)
                 => (lambda (m) (hash-set! found (car window) (list m addressed-link)))))))
      (%window ids :before window-before :after 0))
    found))

(define (addressed-before id turns)
  "The latest of TURNS, latest first, whose author the message ID among them speaks to by name; #f where none is.

  > (addressed-before \"1\" '())
  => #f"
  (let* ((hit (find (lambda (m) (equal? (hash-ref m :message-id) id)) turns))
         (whom (and hit (car (%addressed (list (hash-ref hit :content)) common-words)))))
    (and whom
         (find (lambda (m) (and (equal? (hash-ref m :relation) "beside") (member (hash-ref m :author-id) whom))) turns))))

(define (gather-candidates reading scope authors [around #f])
  "The messages of AUTHORS that may answer READING: hits of their own in SCOPE, and their replies to hits of anyone in
  the scope AROUND.

  > (gather-candidates (read-question \"xyzzyplugh?\") (%search-scope :authors '(\"nobody\")) '(\"nobody\"))
  => ()"
  (let* ((own (rank-messages reading scope))
         (anyone (if authors (rank-messages reading around) own))
         (context (answered-by own))
         (hits (map (lambda (m) (apply with-context m (hash-ref context (hash-ref m :message-id) '(#f 0.0))))
                    (%messages own)))
         (near (replies-around (take anyone (min window-hits (length anyone))) authors)))
    (map (lambda (m)
           (hash-table :id (hash-ref m :message-id) :author (hash-ref m :author-id) :name (hash-ref m :author)
                       :text (hash-ref m :content) :timestamp (hash-ref m :timestamp) :channel (hash-ref m :channel #f)
                       :vector (hash-ref m :vector) :context (hash-ref m :context #f)
                       :context-id (hash-ref m :context-id #f) :link (hash-ref m :link)
                       :context-vector (hash-ref m :context-vector #f)))
         (%with-vectors (distinct-messages (by-link (append near hits)))))))

(define (by-link messages)
  "MESSAGES with the surest links first, so that of a message met twice the surer context is kept, or of
  two the first.

  > (by-link '())
  => ()"
  (sort messages (lambda (a b) (> (hash-ref a :link) (hash-ref b :link)))))

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
  (let ((weights (hash-copy relevance-weights)))
    (for-each (lambda (key) (hash-set! weights key (hash-ref evidence-weights key))) (hash-table-keys evidence-weights))
    (%evidence reading candidates (question-rarity reading) weights)))

;; ── Support ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (statements reading evidence)
  "Those of EVIDENCE that state something, READING decides how strictly: a question is no evidence, and where something
  is to be known, neither is the telling of the same trouble.

  > (statements (read-question \"Who won?\") (list {:asks #t :pleads 0.1} {:asks #f :pleads 0.9} {:asks #f :pleads 0.1}))
  => ({:asks #f :pleads 0.1})"
  (filter (lambda (e) (not (or (hash-ref e :asks)
                               (and (not (opinion? reading)) (> (hash-ref e :pleads) most-pleading)))))
          evidence))

(define (relevant reading evidence)
  "The statements in EVIDENCE that may stand in an answer to READING, best first: nearly as relevant as the best of them.

  > (relevant (read-question \"Who won?\") '())
  => ()"
  (let ((ranked (by-worth reading evidence)))
    (if (null? ranked)
        '()
        (let ((least (max relevance-least (* relevance-share (hash-ref (car ranked) :score)))))
          (filter (lambda (e) (>= (hash-ref e :score) least)) ranked)))))

(define (by-worth reading evidence)
  "The statements in EVIDENCE with their worth as an answer to READING as :score, best first.

  > (by-worth (read-question \"Who won?\") '())
  => ()"
  (sort (map (lambda (e) (let ((made (hash-copy e))) (hash-set! made :score (worth reading e)) made))
             (statements reading evidence))
        (lambda (a b) (> (hash-ref a :score) (hash-ref b :score)))))

(define (worth reading e)
  "The chance that the sentence E answers READING, or, where it asks how people feel, that it is about the matter.

  > (rounded (worth (read-question \"What do they think of it?\")
                    {:own-dense 0.6 :own-coverage 1.0 :own-weakest 1.0 :relevance 0.1}))
  => 0.891"
  (if (opinion? reading)
      (logistic (+ (hash-ref matter-weights :bias)
                   (* (hash-ref matter-weights :near) (nearness-to-matter e))
                   (* (hash-ref matter-weights :weakest) (hash-ref e :own-weakest))))
      (hash-ref e :relevance)))

(define (logistic x)
  "1/(1 + exp(-X)).

  > (logistic 0)
  => 0.5"
  (/ 1.0 (+ 1.0 (exp (- x)))))

(define (support-of reading evidence)
  "The chance that EVIDENCE answers READING: that of its best sentence.

  > (support-of (read-question \"Who won?\") '())
  => 0.0"
  (fold (lambda (e best) (max best (worth reading e))) 0.0 (statements reading evidence)))

(define (matter-known? reading around)
  "Whether anyone in the scope AROUND speaks of all that READING asks about, as one sentence that would support an answer:
  with \"price\" here and \"soundtrack\" there, nobody has spoken of the price of the soundtrack.

  > (matter-known? (read-question \"What do they think of xyzzyplugh?\") (%search-scope))
  => #f"
  (>= (support-of reading (rank-evidence reading (gather-candidates reading around #f around))) refusal-threshold))

(define (speak-together? reading evidence around)
  "Whether the voices of EVIDENCE, a group's, are to be read together: it asks how they feel, none of its sentences supports
  an answer alone, and the matter is known AROUND.

  > (speak-together? (read-question \"What do they think of the price?\") '() #f)
  => #f"
  (and (opinion? reading)
       (not (null? evidence))
       (< (support-of reading evidence) refusal-threshold)
       (matter-known? reading around)))

(define (read-together reading evidence)
  "EVIDENCE with each statement that has a word of READING credited with the words that others say of the same matter.

  > (map (lambda (e) (hash-ref e :own-weakest))
         (read-together (read-question \"What do they think of weapon damage?\")
                        (map (lambda (author matches)
                               {:author author :own-matches matches :own-coverage 0.5 :own-weakest 0.0 :asks #f})
                             '(\"ann\" \"bob\") '((1.0 0.0) (0.0 0.8)))))
  => (0.4 0.4)"
  (let ((said (said-together (statements reading evidence))))
    (if (null? said)
        evidence
        (let* ((rarity (question-rarity reading))
               (coverage (weighted-mean said (map (lambda (term) (hash-ref rarity term 1.0)) (hash-ref reading :terms))))
               (weakest (apply min said)))
          (map (lambda (e)
                 (if (< (fold max 0.0 (hash-ref e :own-matches)) feeling-widest)
                     e
                     (let ((made (hash-copy e)))
                       (hash-set! made :own-coverage (max coverage (hash-ref e :own-coverage)))
                       (hash-set! made :own-weakest (max weakest (hash-ref e :own-weakest)))
                       made)))
               evidence)))))

(define (said-together evidence)
  "How well the authors of EVIDENCE together say each word of the question; an author counts once.

  > (said-together (list {:author \"ann\" :own-matches '(1.0)} {:author \"ann\" :own-matches '(0.5)}))
  => (0.5)"
  (let ((best (make-hash-table)))
    (for-each (lambda (e)
                (let ((matches (hash-ref e :own-matches)))
                  (hash-set! best (hash-ref e :author) (map max matches (hash-ref best (hash-ref e :author) matches)))))
              evidence)
    (if (null? evidence)
        '()
        (apply map (lambda matches (voices-say matches))
               (map (lambda (author) (hash-ref best author)) (hash-table-keys best))))))

(define (weighted-mean numbers weights)
  "The mean of NUMBERS, each as heavy as its own of WEIGHTS.

  > (weighted-mean '(1.0 0.0) '(3.0 1.0))
  => 0.75"
  (/ (fold + 0.0 (map * numbers weights)) (fold + 0.0 weights)))

(define (joint-support reading together)
  "The chance that the authors of TOGETHER, evidence that was read together, speak of the matter that READING asks about;
  copies of one another are one voice.

  > (joint-support (read-question \"What do they think of the price?\") '())
  => 0"
  (voices-agree (map (lambda (e) (hash-ref e :score))
                     (%choose-evidence (by-worth reading together) :count agreeing-voices :diversity 0.0
                                       :duplicate near-duplicate :per-author 1))))

(define (refusal-reason reading evidence support voices)
  "Why not to answer, or #f: nothing there, support below refusal-threshold, too few independent voices. It says what was
  looked for and what of it is missing.

  > (refusal-reason (read-question \"What of the price?\") '() 0.0 0)
  => \"none of their messages comes near this question; looked for “price”\""
  (let ((sought (string-append "; looked for " (quoted-words (hash-ref reading :words)))))
    (cond ((null? (hash-ref reading :words)) "the question has no word to look for")
          ((null? evidence) (string-append "none of their messages comes near this question" sought))
          ((< support refusal-threshold)
           (string-append "too little supports an answer (" (percent support) ", " (percent refusal-threshold)
                          " is needed)" sought (missing-words reading evidence)))
          ((< voices least-voices)
           (string-append "only " (number->string voices) " independent authors say so"))
          ((and (= voices 1) (>= (copies evidence) suspicious-copies))
           (string-append "all " (number->string (copies evidence)) " messages that say so are near-copies of one another;"
                          " two independent authors are asked for"))
          (else #f))))

(define (quoted-words words)
  "WORDS in quotation marks, with commas.

  > (quoted-words '(\"a\" \"b\"))
  => \"“a”, “b”\""
  (string-join (map (lambda (word) (string-append "“" word "”")) words) ", "))

(define (missing-words reading evidence)
  "What READING looks for and EVIDENCE has not, as the end of a sentence: words that nobody uses, else those that the
  nearest statement lacks, else the kind of thing asked for, else that only questions were found.

  > (missing-words (read-question \"What of the price of moss?\")
                   (list {:missing '(\"moss\") :asks #f :pleads 0.0 :relevance 0.1}))
  => \"; no message near it speaks of “moss”\""
  (let* ((words (hash-ref reading :words))
         (stated (statements reading evidence))
         (unsaid (filter (lambda (word) (every (lambda (e) (member word (hash-ref e :missing))) evidence)) words))
         (nearest (if (null? stated) #f (fold (lambda (e best) (if (> (worth reading e) (worth reading best)) e best))
                                              (car stated) stated))))
    (cond ((not (null? unsaid)) (string-append "; no message near it speaks of " (quoted-words unsaid)))
          ((not nearest) "; they only ask about it, nobody answers")
          ((not (null? (hash-ref nearest :missing)))
           (string-append "; the nearest, message " (hash-ref nearest :message-id) ", says nothing of "
                          (quoted-words (hash-ref nearest :missing))))
          ((and (hash-ref reading :expects) (not (hash-ref nearest :typed)))
           (string-append "; the nearest, message " (hash-ref nearest :message-id) ", names no "
                          (symbol->string (hash-ref reading :expects))))
          (else "; messages near it speak of all that, but none answers well enough"))))

(define (copies evidence)
  "How many of EVIDENCE are near-copies of its first.

  > (copies '())
  => 0"
  (if (null? evidence)
      0
      (count (lambda (e) (>= (cosine (hash-ref e :vector) (hash-ref (car evidence) :vector)) near-duplicate)) evidence)))

;; ── Feeling ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (about-matter evidence)
  "The sentences of EVIDENCE that are about the matter in their own words and no questions, one a message; where these
  are few, those that have a word of it.

  > (about-matter '())
  => ()"
  (let* ((stated (filter (lambda (e) (not (hash-ref e :asks))) evidence))
         (close (%one-a-message (filter (lambda (e) (>= (nearness-to-matter e) feeling-nearness)) stated))))
    (if (>= (length close) feeling-least)
        close
        (%one-a-message (append close (filter (lambda (e) (and (>= (hash-ref e :own-coverage) feeling-coverage)
                                                               (>= (hash-ref e :widest) feeling-widest)
                                                               (>= (hash-ref e :own-dense) feeling-dense)))
                                              stated))))))

(define (nearness-to-matter e)
  "How near the sentence E comes to the question in its own words.

  > (rounded (nearness-to-matter {:own-dense 0.2 :own-coverage 1.0}))
  => 0.55"
  (+ (hash-ref e :own-dense) (* feeling-word (hash-ref e :own-coverage))))

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
