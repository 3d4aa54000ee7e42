;;; Threads are what is found, messages what is cited. What weighs how much stands here; `set!` changes it.

;; A conditional logit over 952 questions of the Ubuntu channel, days apart from those that it is judged on (there .64 of
;; the right threads; twice as many features, single tokens' states, or a projection learnt from those days' replies found
;; no more): bench/query/thread_weights.py.
(define thread-weights {:nearest 9.3 :mean 2.84 :words 0.44 :size -0.51})

;; A conditional logit over 327 questions of the Ubuntu channel, days apart from those that it is judged on.
(define reply-weights
  {:names-the-asker -1.9 :to-the-asker 4.7 :to-another -3.8 :first-to-the-asker 2.8 :log-place -1.3 :early 0.0
   :log-minutes -1.6 :cosine 7.7 :asker-turns-to 0.8 :asks -1.1 :short 0.8 :spoke-before -1.0})

(define (search-threads text :limit [limit 10])
  "The conversations that best answer to TEXT, best first: hash tables with :id, of the thread's first message,
  :message-id, of the one nearest to TEXT, :messages, how many it has, and :score, see `thread-weights`.

  A thread is what hangs together by replies; messages without replies make one of those said without a long silence.

  > (length (search-threads \"hello\" :limit 1))
  => 1"
  (%prepare-search)
  (%threads-found text limit thread-weights))

(define (likely-replies ids)
  "Links from the messages IDS to those that may answer them, likeliest first for each: hash tables with :id, the answer's,
  :reply-to and :score, how likely of all that were said after it; see `reply-weights`. `(rows->table …)` makes a table.

  Names, places and times weigh beside what is said; recorded replies do not.

  > (likely-replies '(\"no-such-message\"))
  => ()"
  (%likely-replies ids reply-weights))

(define (rebuild-threads! :device [device "cpu"])
  "Find out what each message without a reply link answers, and keep it in the table `(thread-links)`: message-id,
  answers, score, thread-id, model. How many messages were looked at.

  A message that begins a conversation answers itself. What is new since the last time is added; a newly trained model
  goes over all. `search-threads` finds these threads from then on. The model that comes with Chorus was fitted to
  hand-marked links of the Ubuntu channel (some 12,000 weights of times, names and shares of words; no text):
  `train-threads!` makes one of a workspace's own. Its network runs on :device, cpu, cuda, mps or auto.

  > (rebuild-threads!)
  > (= (count (thread-links)) (count (messages)))
  => #t"
  (let* ((model (%thread-model))
         (name (%thread-model-name model))
         (logs (%channel-logs name)))
    (%keep-thread-links! logs (%link-threads logs model :device device) name)))

(define (train-threads! links :seed [seed 0] :device [device "cpu"])
  "Train this workspace's own model of threads from LINKS, a table or list of (message-id reply-to), in which a message
  that begins a conversation answers itself; `(rebuild-threads!)` then uses it. With #f, forget it. Links to messages
  that are not there, or later, say nothing; at least 200 are needed. It is trained on :device, cpu, cuda, mps or auto.

  > (guard (e (#t 'too-few)) (train-threads! '((\"1\" \"1\"))))
  => too-few"
  (%keep-thread-model!
    (and links
         (let ((given (if (table? links) (apply map list (%columns links '(message-id reply-to))) links)))
           (%fit-threads (%channel-logs "" given) seed :device device)))))
