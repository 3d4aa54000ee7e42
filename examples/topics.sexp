#!/usr/bin/env chorus
; What a community speaks of, followed from look to look: run it every week, `chorus --workspace DIR examples/topics.sexp`.

(embed!)
(update-topics! :k 6) ; a topic keeps its number and its name from now on

(show "Topics:")
(for-each-row
  (order-by (latest-topics) (desc share))
  (lambda (row)
    (show "  " (hash-ref row :id) ". " (hash-ref row :topic) ": " (hash-ref row :people) " people, " (hash-ref row :state))))

; An alarm is rare: with no new topic, one look in twenty has one.
(show "\nComing up: " (if (= 0 (count (emerging-topics))) "nothing" (column (emerging-topics) topic)))

; A better name, given once, stays.
(name-topic! 1 'the-first-topic)
(update-topics! :k 6)
(show "\nTopic 1 is now " (car (column (where (latest-topics) (= id 1)) topic)))

; Each look is kept, with the versions of the messages and of the definitions it was made with.
(show "Looks: " (length (column (distinct (topic-history) look) look)))
