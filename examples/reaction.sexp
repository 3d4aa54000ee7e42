#!/usr/bin/env chorus
; How a change would land, from the community's own dated changes: `chorus --workspace DIR examples/reaction.sexp`.

(show "What changed lately:")
(for-each-row
  (limit (order-by (changes) (desc timestamp)) 5)
  (lambda (row) (show "  " (hash-ref row :title) ": " (hash-ref row :action) " " (hash-ref row :feature))))

(show "\nThe whole community:")
(show (query persona-reaction
             (persona everyone)
             (change (nerf weapon-damage 0.8))
             (metrics (satisfaction engagement retention))))

(for-each
  (lambda (p)
    (show "\n" (persona-name p) ":")
    (show (persona-reaction p '(nerf weapon-damage 0.8) :metrics '(satisfaction engagement))))
  (take-at-most (personas) 2))
