;;; Search: messages found by meaning and by words, and the conversations they stand in.

(define-record-type <hit>
  (make-hit message-id score content author-id author channel-id channel timestamp matched-by)
  hit?
  (message-id hit-message-id)
  (score hit-score)
  (content hit-content)
  (author-id hit-author-id)
  (author hit-author)
  (channel-id hit-channel-id)
  (channel hit-channel)
  (timestamp hit-timestamp)
  (matched-by hit-matched-by))

(define-record-type <message>
  (make-message id author-id author channel-id channel timestamp content reply-to relation)
  message?
  (id message-id)
  (author-id message-author-id)
  (author message-author)
  (channel-id message-channel-id)
  (channel message-channel)
  (timestamp message-timestamp)
  (content message-content)
  (reply-to message-reply-to)
  (relation message-relation))

(define (%search-authors author authors persona)
  (cond (persona (persona-authors persona))
        (authors authors)
        (author (list author))
        (else #f)))

(define (search text :limit [limit 10] :mode [mode 'both] :in [table #f] :author [author #f] :authors [authors #f]
                :persona [persona #f] :channel [channel #f] :since [since #f] :until [until #f])
  "A table of the messages that best answer to TEXT, best first: their columns, and rank score cosine bm25 matched-by.

  Mode `both` ranks by meaning and by words and fuses the two rankings (the score is then the fusion's); `words` and
  `dense` use one of them (BM25, cosine). A condition on the messages' own columns says what is searched: the result is
  the best :limit of those. :in is the table that is searched, all messages unless given. :author takes an id or name,
  :authors a list of them, :persona a persona's name or record, :channel an id or name; :since and :until are instants
  or dates as text, such as \"2024-06-01\", the second exclusive.
  Messages that have no vector yet are embedded when that takes seconds; else they are found by their words only, and
  stderr says so: `(embed!)` makes the rest.

  > (count (search \"xyzzyplugh\" :mode 'words))
  => 0
  > (column (search \"hello\" :limit 2) rank)
  => (1 2)
  > (count (where (search \"hello\") (= channel-id \"no such channel\")))
  => 0"
  (%check-search 'search 'text text 'limit limit)
  (if (not (memq mode '(both words dense)))
      (error "search: the mode should be both, words or dense, not" mode))
  (if (not (eq? mode 'words)) (%prepare-search))
  (%search-table 'search text :limit limit :mode mode :within table :channel channel :since since :until until
                 :authors (%search-authors author authors persona)))

(define (near vector :limit [limit 10] :in [table #f] :author [author #f] :authors [authors #f] :persona [persona #f]
              :channel [channel #f] :since [since #f] :until [until #f])
  "A table of the messages whose vectors are nearest to VECTOR, scored by cosine, best first; see `search`.

  > (column (near (embed-text \"hello\") :limit 1) matched-by)
  => (\"dense\")"
  (%check-search 'near 'limit limit)
  (%prepare-search)
  (%search-table 'near vector :limit limit :within table :channel channel :since since :until until
                 :authors (%search-authors author authors persona)))

(define (similar-to id :limit [limit 10] :in [table #f])
  "A table of the messages that mean most nearly what the message ID means, itself left out, scored by cosine.

  > (guard (e (#t (error-object-message e))) (similar-to \"no-such-message\"))
  => \"similar-to: there is no message \\\"no-such-message\\\"\""
  (%check-search 'similar-to 'id id 'limit limit)
  (%check-message 'similar-to id)
  (%prepare-search)
  (%search-table 'similar-to id :limit limit :within table))

(define (hits found)
  "What the table FOUND, of `search`, `near` or `similar-to`, holds, as hit records with names of authors and channels.

  > (map hit? (hits (search \"hello\" :limit 1)))
  => (#t)"
  (let ((rows (table->list found)))
    (filter-map
      (lambda (row message)
        (and message
             (make-hit (hash-ref message :message-id) (hash-ref row :score) (hash-ref message :content)
                       (hash-ref message :author-id) (hash-ref message :author)
                       (hash-ref message :channel-id) (hash-ref message :channel)
                       (hash-ref message :timestamp) (string->symbol (hash-ref row :matched-by)))))
      rows
      (%messages (map (lambda (row) (hash-ref row :id)) rows)))))

(define (%message table)
  (make-message (hash-ref table :message-id)
                (hash-ref table :author-id) (hash-ref table :author)
                (hash-ref table :channel-id) (hash-ref table :channel)
                (hash-ref table :timestamp) (hash-ref table :content)
                (hash-ref table :reply-to #f) (string->symbol (hash-ref table :relation))))

(define (conversations ids :before [before 4] :after [after 6] :gap [gap 600])
  "For each of the messages IDS (id message …): the conversation around it, see `conversation`. Unknown ids are left out.

  > (conversations '(\"no-such-message\"))
  => ()"
  (%check-search 'conversations 'before before 'after after 'gap gap)
  (map (lambda (found) (cons (car found) (map %message (cdr found))))
       (%window ids :before before :after after :gap gap)))

(define (conversation id :before [before 4] :after [after 6] :gap [gap 600])
  "The conversation around the message ID, as message records in the order of time; empty when there is none.

  It holds what the message answers and what answers it, however far away, and up to BEFORE and AFTER neighbours in
  its channel, as far as no silence of more than GAP seconds lies between. A message's relation is `self`, `answered`,
  `answer` or `beside`.

  > (conversation \"no-such-message\")
  => ()"
  (%check-search 'conversation 'id id 'before before 'after after 'gap gap)
  (let ((found (conversations (list id) :before before :after after :gap gap)))
    (if (null? found) '() (cdar found))))
