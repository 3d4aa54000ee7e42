#!/usr/bin/env chorus
; Who speaks here, and what each persona talks of: `chorus --workspace DIR examples/personas.sexp`.

(define known (if (null? (personas)) (discover-personas :k 'auto) (personas)))

(if (no-structure? known)
    (show known)
    (begin
      ; A persona's number and label come first; `(persona 1)` and `(persona 'its-label)` give it.
      (for-each
        (lambda (p)
          (show p)
          (for-each show (persona-messages p :limit 2)))
        known)
      ; A name given by a person is stored at once, and stays with the persona when it is discovered anew.
      (name-persona! (persona-id (car known)) 'the-first-voice)
      (show "\n" (persona-label (car known)) " is now called " (persona-name (persona 'the-first-voice)))
      ; A description will do as well: the persona whose messages are nearest in meaning is taken.
      (show (resolve-persona 'people-who-talk-of-ranks-and-wins))
      ; Personas are tables too: how many messages each wrote.
      (define written
        (-> (join (messages) (persona-members) :on author-id)
            (group-by persona-id)
            (aggregate (n (count)))
            (order-by (desc n))))
      (for-each-row written (lambda (row) (show row)))))
