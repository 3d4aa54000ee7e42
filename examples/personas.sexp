#!/usr/bin/env chorus
; Who speaks here, and what each persona talks of: `chorus --workspace DIR examples/personas.sexp`.

(define known (if (null? (personas)) (discover-personas :k 'auto) (personas)))

(if (no-structure? known)
    (show known)
    (begin
      (for-each
        (lambda (p)
          (show p)
          (for-each (lambda (m) (show "    " (message-author m) ": " (message-content m)))
                    (persona-messages p :limit 2)))
        known)
      ; A name given by a person is stored at once, and stays with the persona when it is discovered anew.
      (name-persona! (persona-id (car known)) 'the-first-voice)
      (show "\nnow called " (persona-name (persona 'the-first-voice)))
      ; Personas are tables too: how many messages each wrote.
      (define written
        (-> (join (messages) (persona-members) :on author-id)
            (group-by persona-id)
            (aggregate (n (count)))
            (order-by (desc n))))
      (for-each-row written (lambda (row) (show row)))))
