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
         (anyone (if authors (rank-messages reading (%search-scope)) own))
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
  (cond ((null? (hash-ref reading :words)) "the question has no word to look for")
        ((null? evidence) "none of their messages comes near this question")
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
  (let* ((stated (filter (lambda (e) (not (hash-ref e :asks))) evidence))
         (close (%one-a-message (filter (lambda (e) (>= (nearness-to-matter e) feeling-nearness)) stated))))
    (if (>= (length close) feeling-least)
        close
        (%one-a-message (append close (filter (lambda (e) (and (> (hash-ref e :own-coverage) 0)
                                                        (>= (hash-ref e :widest) feeling-widest)))
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
