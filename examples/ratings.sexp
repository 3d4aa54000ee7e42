#!/usr/bin/env chorus
; What answers were worth, said and kept: `chorus --workspace DIR examples/ratings.sexp`.

(define question "Is the matchmaking fair?")

; The same question with other settings: shorter, and without the other side.
(define whole (persona-inquiry 'everyone question))
(define brief
  (with-choices '((answer-length . 2) (other-side . 0))
                (lambda () (persona-inquiry 'everyone question))))
(show "Cited: " (length (answer-citations whole)) " messages, then " (length (answer-citations brief)))

; Two people say what they think of that; of one author and turn the latest rating counts.
(rate! 2 :on whole :author 'ann)
(rate! 4 :on whole :author 'ann :comment "on a second look")
(rate! 5 :on brief :author 'bob)
(correct! brief "They are divided." :author 'ann)

(for-each
  (lambda (turn)
    (show "turn " (hash-ref turn :turn) ": " (hash-ref turn :rating) " by " (hash-ref turn :developer)
          ", chosen: " (hash-ref turn :choices)))
  (rated-turns :limit 2))

; A turn comes back bit for bit, whatever has been rewritten since.
(rewrite answer-length 6 :reason "an experiment")
(show "Again as it was: " (if (equal? (answer-text (replay whole)) (answer-text whole)) "the same" "another answer"))
(show "As it would be now: " (length (answer-citations (ask-again whole))) " messages")
(rollback! 'base)
