;;; Evidence: what a question asks, which messages bear on it, and which of their sentences are nearest.
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
  "What QUESTION asks, as a hash table: its kind, what it expects, its words, its direction; :read-as what it was taken
  for, where it is but the name of a topic.

  > (hash-ref (read-question \"How would they react to increased difficulty?\") :words)
  => (\"difficulty\")
  > (hash-ref (read-question \"weapon damage\") :read-as)
  => \"What do they think of the weapon damage?\""
  (let* ((read (lambda (text) (%read-question text (kinds-in-force) question-frame related-words implied-topics frame-places
                                              matters reception-words)))
         (reading (read question))
         (fuller (and (bare-topic? question reading) (format bare-topic-question (string-trim question))))
         (taken (if fuller (read fuller) reading)))
    (hash-set! taken :read-as fuller)
    taken))

(define (bare-topic? question reading)
  "Whether QUESTION, whose READING is given, only names a topic: a few words, each of them a topic's, and nothing asked.

  > (map (lambda (text) (bare-topic? text (read-question text))) '(\"who won\" \"is it hard?\"))
  => (#f #f)"
  (let ((words (string-split (string-trim question))))
    (and (<= 1 (length words) bare-topic-words)
         (= (length words) (length (hash-ref reading :words)))
         (eq? (hash-ref reading :kind) 'fact)
         (not (hash-ref reading :expects))
         (not (asks? question)))))

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
  (let ((dense (%near (%question-vector (hash-ref reading :text) :words (hash-ref reading :words)) (the-setting evidence-pool)
                      :scope scope))
        (words (%word-search (string-join (topic-words reading) " ") (the-setting evidence-pool) :scope scope)))
    (filter-map (lambda (row) (and (> (cadr row) 0) (car row))) ; what only a ranking without weight names is left out
                (fuse-ranks (list (map car dense) (map car words)) :k fusion-constant :weights (the-setting fusion-weights)))))

(define (replies-around ids authors)
  "What AUTHORS (#f: anyone) answered in the conversations around the messages IDS: hash tables, with the :context that
  each answers and the :link, how sure it is that it does.

  > (replies-around '(\"no-such-message\") '())
  => ()"
  (let ((ours (make-hash-table)))
    (for-each (lambda (author) (hash-set! ours author #t)) (or authors '()))
    (filter-map
      (lambda (row)
        (let ((answered (car row)) (m (cadr row)))
          (and (or (not authors) (hash-ref ours (hash-ref m :author-id) #f))
               (let ((link (link-of answered (caddr row) (cadddr row))))
                 (and link (with-context m answered link))))))
      (%answers-to ids common-words :after window-after :beside window-beside))))

(define (link-of answered how place)
  "How sure it is that a message answers the message ANSWERED: as its `reply`, in its `thread`, `addressed` to its author
  by name, or the PLACE-th said `beside` it to nobody, which answers if anything was asked; else #f.

  > (map (lambda (text) (link-of {:content text} 'beside 2)) '(\"who won?\" \"I won\"))
  => (0.3 #f)"
  (case how
    ((reply) 1.0)
    ((thread) thread-link)
    ((addressed) addressed-link)
    (else (and (asks? (hash-ref answered :content)) (/ beside-link place)))))

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
    (for-each (lambda (row) (hash-set! found (car row) (list (cadr row) 1.0))) (%answered ids))
    (for-each
      (lambda (window)
        (let ((m (addressed-before (car window) (reverse (cdr window)))))
          (if m (hash-set! found (car window) (list m addressed-link)))))
      (%window (%addressing (filter (lambda (id) (not (hash-ref found id #f))) ids) common-words)
               :before window-before :after 0))
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
         (hits (map (lambda (m)
                      (let ((answered (hash-ref context (hash-ref m :message-id) #f)))
                        (if answered (apply with-context m answered) m)))
                    (%messages own)))
         (near (replies-around (take anyone (min window-hits (length anyone))) authors)))
    (%candidates (distinct-messages (by-link (append near hits))))))

(define (by-link messages)
  "MESSAGES with the surest links first, those without one last, so that of a message met twice the surer context is
  kept, or of two the first.

  > (by-link '({:id 1} {:id 2 :link 0.3} {:id 3 :link 1.0}))
  => ({:id 3 :link 1.0} {:id 2 :link 0.3} {:id 1})"
  (%greatest-first messages :link))

(define (distinct-messages messages)
  "MESSAGES, each id once, the first kept; left out are those without words, those of programs, and those that give orders
  to whoever reads them, which are nobody's opinion.

  > (length (distinct-messages (list (hash-table :message-id \"1\" :content \"a\" :author-id \"x\"))))
  => 1"
  (let ((seen (make-hash-table)) (bots (%bots)))
    (filter (lambda (m)
              (let ((id (hash-ref m :message-id)))
                (and (not (hash-ref seen id #f))
                     (not (equal? (hash-ref m :content) ""))
                     (not (member (hash-ref m :author-id) bots))
                     (not (orders-reader? (hash-ref m :content)))
                     (begin (hash-set! seen id #t) #t))))
            messages)))

(define (rank-evidence reading candidates)
  "The sentences of CANDIDATES, scored against READING, best first.

  > (rank-evidence (read-question \"What of the price?\") '())
  => ()"
  (let ((weights (hash-copy relevance-weights)))
    (for-each (lambda (key) (hash-set! weights key (hash-ref evidence-weights key))) (hash-table-keys evidence-weights))
    (%evidence reading candidates (question-rarity reading) (emphasised weights 1))))
