#!/usr/bin/env chorus
; A head that learns what people label, and says it of the rest: `chorus --workspace DIR examples/labels.sexp`.

; Messages of an invented community stand for those that a person has labelled; with your own, a table of text and label.
(define labelled (select (planted-messages :messages 1500 :seed 3) text (label intent)))
(define report (train-head! 'intent labelled))
(show "Held out, it was right in " (percent (car (hash-ref (hash-ref report :held-out) :accuracy))) " of "
      (hash-ref (hash-ref report :trained-on) :rows) " messages.")

; Said of one text …
(define said (classify 'intent "the servers are down again"))
(show (hash-ref said :label) ", " (percent (hash-ref said :confidence))
      (if (hash-ref said :sure) "" ", not sure"))

; … and of the latest messages of the workspace: only those that it is sure of are counted.
(show (order-by (aggregate (group-by (where (classify 'intent (limit (order-by (messages) (desc timestamp)) 500)) intent-sure) intent) (n (count))) (desc n)))
