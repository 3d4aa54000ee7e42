#!/usr/bin/env chorus
; Who draws a community's attention, and who goes round in circles: `chorus --workspace DIR examples/who-drives.sexp`.

; Attention flows from who answers to who is answered. The flow is the sum of three parts; the reading says which of
; them is more than chance.
(define flow (hodge-flow))
(show (hash-ref flow :reading))

(show "\nThey draw more answers than they give:")
(for-each (lambda (row) (show "  " (car row) ", " (cadr row))) (hash-ref flow :drivers))

(show "\nRound and round:")
(for-each (lambda (row) (show "  " (string-join (take row 3) " → "))) (take-at-most (hash-ref flow :cycles) 3))

; Everybody near to those they are tied to; the colour is the potential.
(show (spectral-map))

; Any table of two columns is a flow: who mentions whom, here.
(define named (select (join (mentions) (messages) :on (= message-id id)) (from author-id-right) (to author-id)))
(show "\nMentions: " (hash-ref (hodge-flow named) :ties) " ties between " (hash-ref (hodge-flow named) :people) " people")
