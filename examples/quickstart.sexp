#!/usr/bin/env chorus
; From an export to a persona's cited answer: `chorus --workspace DIR examples/quickstart.sexp EXPORT.json`.

(define export (cadr (command-line)))

(show "1. Ingest " export)
(show (ingest export))
(show (count (messages)) " messages by " (count (authors)) " authors")

(show "\n2. Who is speaking? Vectors are made now, once; personas must outlast a change of days to count.")
(define found (discover-personas :k 'auto))
(if (no-structure? found)
    (show found)
    (for-each show found))

(show "\n3. Ask the first two personas the same question. Answers are quoted from their own messages.")
(for-each
  (lambda (speaker)
    (show "\n— " (persona-name speaker) ":")
    (show (persona-inquiry speaker "How would they react to increased difficulty?" :context 'last-patch)))
  (take-at-most (personas) 2))

(show "\n4. The same in the query form, of everyone.")
(show (query (type persona-inquiry)
             (target everyone)
             (parameters (question "Is the matchmaking fair?"))))

(show "\n5. What would a nerf do? Estimated from what followed the community's own dated changes, or refused.")
(show (query (type prediction)
             (target player-churn)
             (parameters (change nerf-weapon-damage) (confidence-interval 0.95))))

(show "\n6. A question that nobody here ever touched is refused.")
(show (query (type persona-inquiry)
             (target everyone)
             (parameters (question "Which wine goes with a tax return?"))))
