;;; Topics: what messages are about, under names that last from one look to the next, and what comes up.

(define (topics [who 'everyone] :k [k topics-looked-for] :like [like #f] :since [since #f] :until [until #f]
                :channel [channel #f])
  "What WHO, a persona or everyone, speaks of: a table of topic, its name; messages, people and the share of the messages;
  people-last-week, and expected, how many they would be if the share were that of the weeks before; p of as many by
  chance; emerging, whether that is less than emerging-level for any topic of them all; and examples, the messages
  nearest to its middle. K: how many topics. A topic that goes on with one of those that update-topics! has kept, or of
  LIKE, an earlier such table, has its name.

  > (table-columns (topics 'everyone :k 4))
  => (topic messages people share people-last-week expected p emerging examples)"
  (let* ((said (%said :authors (hash-ref (audience who) :authors)
                      :scope (%search-scope :channel channel :since since :until until :caller 'topics)))
         (vectors (topic-vectors said))
         (centres (%topic-centres vectors k))
         (rows (topic-rows said (%topic-members vectors centres)))
         (goes-on (if like (topics-like rows like) (%topics-as-kept centres))))
    (for-each (lambda (row name) (if name (hash-set! row :topic name))) rows goes-on)
    (rows->table rows
                 :like {:topic "" :messages 0 :people 0 :share 0.0 :people-last-week 0 :expected 0.0 :p 0.0 :emerging #t
                        :examples ""})))

(define (update-topics! :k [k topics-looked-for])
  "Look at what everyone speaks of and keep it, with the versions of the corpus and of the environment; a table of the
  topics as they are now, with id and state.

  The first look finds K topics. Later ones follow them: a topic keeps its number and name for as long as its middle
  stays near to where it was. It goes-on, or is quiet where nobody spoke of it in the last seven days. A new
  one is taken in where it is emerging: more people spoke of it in the last seven days than chance would have (see
  emerging-level), or where there are less than K. `(topic-history)` has all looks; `(emerging-topics)` the alarms of the
  latest.

  > (table-columns (update-topics! :k 4))
  => (id topic state messages people share people-last-week expected p emerging since examples)"
  (let* ((said (begin (%prepare-search) (%said))))
    (apply %keep-topics! (follow-topics said (topic-vectors said) (%kept-topics) k))
    (latest-topics)))

(define (latest-topics)
  "The topics as the latest `update-topics!` kept them.

  > (table-columns (latest-topics))
  => (id topic state messages people share people-last-week expected p emerging since examples)"
  (let* ((kept (%kept-topics)) (last (if kept (hash-ref kept :look) 0)))
    (%select (%where (topic-history) (list (list '= 'look last)) '())
             '(id topic state messages people share people-last-week expected p emerging since examples) '())))

(define (emerging-topics)
  "Those of the `latest-topics` that came up: alarms, of which chance makes one in emerging-level of all looks.

  > (count (emerging-topics))
  => 0"
  (%where (latest-topics) '(emerging) '()))

(define (name-topic! number name)
  "Call the topic NUMBER of `latest-topics` by NAME from now on.

  > (guard (e (#t (error-object-message e))) (name-topic! 1000000 'lag))
  => \"there is no topic 1000000\""
  (%rename-topic! number (name->string name)))

;; ── Their parts ─────────────────────────────────────────────────────────────────────────────────────────────

(define (follow-topics said vectors kept k)
  "The topics of what was SAID, with those VECTORS, that go on with the KEPT ones, of %kept-topics, or #f, and new ones up
  to K or where they emerge: a list of their rows, a tensor of middles, and which of these are theirs.

  > (car (follow-topics {:ids '() :texts '() :authors '() :times '()} (%stack '(#(0 0))) #f 3))
  => ()"
  (let* ((known (and kept (hash-ref kept :centres)))
         (centres (%topic-centres vectors (if kept (max k (+ (length (hash-ref kept :ids)) topics-beside)) k) :known known))
         (same (%same-topics (or known '()) centres))
         (looked (topic-rows said (%topic-members vectors centres)))
         (places (%topics-to-keep looked same k))
         (rows (if (= (length places) (length looked))
                   looked
                   (topic-rows said (%topic-members vectors centres :keep places)))))
    (for-each (lambda (row at) (%name-kept! row (list-ref same at) kept)) rows places)
    (list rows centres places)))

(define (topic-vectors said)
  "The vectors of what was SAID, rows of a tensor; zeros for what has none.

  > (tensor-ref (topic-vectors {:ids '()}) 0 0)
  => 0.0"
  (let ((ids (hash-ref said :ids))) (%vectors-or-zero (if (null? ids) '("") ids))))

(define (topic-rows said members)
  "The topics of what was SAID, of which MEMBERS, of %topic-members, tells: hash tables with a :topic of the words that
  set it apart, its numbers, and the ids of :examples.

  > (topic-rows {:ids '() :texts '() :authors '() :times '()} '(() ()))
  => ()"
  (if (null? (cadr members))
      '()
      (let* ((labels (car members)) (authors (hash-ref said :authors)) (ids (list->vector (hash-ref said :ids)))
             (k (length (cadr members)))
             (spans (%topic-spans labels authors (hash-ref said :times) k))
             (alarms (if (> (length (cadr spans)) 1) (apply %emerging spans) (map (lambda (_) '(#f #f)) (car spans))))
             (all (max 1 (count (lambda (label) label) labels))))
        (map (lambda (at name near people alarm)
               (let ((own (filter-map (lambda (label author) (and (eqv? label at) author)) labels authors)))
                 {:topic name :messages (length own) :people (length (delete-duplicates own))
                  :share (rounded (/ (length own) all)) :people-last-week (last people)
                  :expected (car alarm) :p (cadr alarm)
                  :emerging (and (cadr alarm) (< (cadr alarm) (/ emerging-level k)))
                  :examples (map (lambda (place) (vector-ref ids place)) near)}))
             (iota k) (topic-labels labels (hash-ref said :texts) k) (cadr members) (car spans) alarms))))

(define (topic-labels labels texts k)
  "A name for each of K topics, of what the TEXTS with its number among LABELS say more than others.

  > (topic-labels '(0 1 #f) '(\"ranked queue\" \"castle lore\" \"\") 2)
  => (\"queue, ranked\" \"castle lore\")"
  (let* ((known (filter car (map list labels texts)))
         (order (delete-duplicates (map car known)))
         (terms (if (null? known) '() (telling-terms (map cadr known) (map car known) :top 3))))
    (map (lambda (at)
           (let ((row (assv at (map cons order terms))))
             (if (and row (pair? (cdr row))) (string-join (cdr row) ", ") (format "topic ~a" (+ at 1)))))
         (iota k))))

(define (topics-like rows like)
  "Of each of ROWS, topics, the name of that of the table LIKE with which it goes on, or #f.

  > (topics-like '() (rows->table '() :like {:topic \"\" :examples \"\"}))
  => ()"
  (let* ((earlier (table->rows (%select like '(topic examples) '())))
         (known (map (lambda (row) (%vectors-or-zero (string->json (cadr row)))) earlier))
         (same (%same-topics known (map (lambda (row) (%vectors-or-zero (hash-ref row :examples))) rows))))
    (map (lambda (at) (and at (car (list-ref earlier at)))) same)))

;; As `topics-like`, of the topics with CENTRES and those that are kept.
(define (%topics-as-kept centres)
  (let ((kept (%kept-topics)))
    (map (lambda (at) (and at (list-ref (hash-ref kept :names) at)))
         (%same-topics (if kept (hash-ref kept :centres) '()) centres))))

;; Places of those of ROWS that are topics now: that go on with one of before (by SAME), or emerge, or fill up to K.
(define (%topics-to-keep rows same k)
  (let next ((rows rows) (old same) (at 0) (free (- k (count (lambda (each) each) same))) (found '()))
    (cond ((null? rows) (reverse found))
          ((or (car old) (> free 0) (hash-ref (car rows) :emerging))
           (next (cdr rows) (cdr old) (+ at 1) (if (car old) free (- free 1)) (cons at found)))
          (else (next (cdr rows) (cdr old) (+ at 1) free found)))))

;; Put into ROW how it goes on with topic AT of those KEPT, or that it is new.
(define (%name-kept! row at kept)
  (hash-set! row :state (cond ((not kept) "found") ((not at) "new") ((= 0 (hash-ref row :people-last-week)) "quiet") (else "goes-on")))
  (if at
      (for-each (lambda (key column) (hash-set! row key (list-ref (hash-ref kept column) at)))
                '(:id :topic :since) '(:ids :names :since))))
