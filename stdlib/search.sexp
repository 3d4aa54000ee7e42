;;; Search: messages found by meaning and by words, and the conversations they stand in.

(define-record-type hit
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

(define-record-type message
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

;; Each ranking is read deeper than what is asked for, so that a message halfway down both can win.
(define (%search-depth limit) (max 60 (* 4 limit)))

(define (%search-authors author authors persona)
  (cond (persona (persona-authors persona))
        (authors authors)
        (author (list author))
        (else #f)))

(define (%hit table score how)
  (make-hit (hash-ref table :message-id) score (hash-ref table :content)
            (hash-ref table :author-id) (hash-ref table :author)
            (hash-ref table :channel-id) (hash-ref table :channel)
            (hash-ref table :timestamp) how))

;; RANKED: (id score) best first; HOW: id -> what found it.
(define (%hits ranked limit how)
  (let ((best (if (> (length ranked) limit) (take ranked limit) ranked)))
    (map (lambda (table)
           (let ((id (hash-ref table :message-id)))
             (%hit table (cadr (assoc id best)) (how id))))
         (%messages (map car best)))))

(define (search text :limit [limit 10] :mode [mode 'both] :author [author #f] :authors [authors #f]
                :persona [persona #f] :channel [channel #f] :since [since #f] :until [until #f])
  "The messages that best answer to TEXT, as hit records, best first.

  Mode `both` ranks by meaning and by words and fuses the two rankings (a hit's score is then the fusion's); `words`
  and `dense` use one of them (BM25, cosine). :author takes an id or name, :authors a list of them, :persona a
  persona's name or record, :channel an id or name; :since and :until are instants or dates as text, such as
  \"2024-06-01\", the second exclusive.
  Messages that have no vector yet are embedded when that takes seconds; else they are found by their words only, and
  stderr says so: `(embed!)` makes the rest.

  > (search \"xyzzyplugh\" :mode 'words)
  => ()
  > (map hit? (search \"hello\" :limit 1))
  => (#t)"
  (%check-search 'search 'text text 'limit limit)
  (if (not (memq mode '(both words dense)))
      (error "search: the mode should be both, words or dense, not" mode))
  (if (not (eq? mode 'words)) (%prepare-search))
  (let* ((scope (%search-scope :authors (%search-authors author authors persona)
                               :channel channel :since since :until until :caller 'search))
         (depth (%search-depth limit))
         (dense (if (eq? mode 'words) '() (%dense-search text depth :scope scope)))
         (words (if (eq? mode 'dense) '() (%word-search text depth :scope scope)))
         (ranked (case mode
                   ((words) words)
                   ((dense) dense)
                   (else (fuse-ranks (list (map car dense) (map car words)))))))
    (%hits ranked limit
           (lambda (id)
             (cond ((not (assoc id dense)) 'words)
                   ((not (assoc id words)) 'dense)
                   (else 'both))))))

(define (near vector :limit [limit 10] :author [author #f] :authors [authors #f] :persona [persona #f]
              :channel [channel #f] :since [since #f] :until [until #f])
  "The messages whose vectors are nearest to VECTOR, as hit records scored by cosine, best first.

  > (map hit? (near (embed-text \"hello\") :limit 1))
  => (#t)"
  (%check-search 'near 'limit limit)
  (%prepare-search)
  (let ((scope (%search-scope :authors (%search-authors author authors persona)
                              :channel channel :since since :until until :caller 'near)))
    (%hits (%near vector limit :scope scope) limit (lambda (id) 'dense))))

(define (similar-to id :limit [limit 10])
  "The messages that mean most nearly what the message ID means, itself left out: hit records scored by cosine.

  > (similar-to \"no-such-message\")
  => ()"
  (%check-search 'similar-to 'id id 'limit limit)
  (%prepare-search)
  (%hits (%similar id limit) limit (lambda (id) 'dense)))

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
