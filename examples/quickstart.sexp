#!/usr/bin/env chorus
; From an export to a persona's cited answer: `chorus --workspace DIR examples/quickstart.sexp EXPORT.json`.

(define (say . parts) (for-each display parts) (newline))

(define export (cadr (command-line)))

(say "1. Ingest " export)
(say (ingest export))
(say (count (messages)) " messages by " (count (authors)) " authors")

(newline)
(say "2. Who is speaking? (vectors are made now, once)")
(define found (discover-personas :k 'auto))
(for-each (lambda (p) (say "   " (persona-id p) "  " (persona-label p) "  " (persona-size p) " people"))
          (personas))

(newline)
(say "3. Ask a persona. The answer is made of its own messages, each cited.")
(define speaker (car (personas)))
(say (query (type persona-inquiry)
            (target (persona-label speaker))
            (parameters (question "How would they react to increased difficulty?"))))

(newline)
(say "4. What would a nerf do? Estimated from what followed the community's own dated changes.")
(say (query (type prediction) (target player-churn)
            (parameters (change nerf-weapon-damage) (confidence-interval 0.95))))

(newline)
(say "5. A question that nobody here ever touched is refused.")
(say (query (type persona-inquiry)
            (target (persona-label speaker))
            (parameters (question "Which wine goes with the tax return?"))))
