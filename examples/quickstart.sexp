#!/usr/bin/env chorus
; From an export to a persona's cited answer: `chorus --workspace DIR examples/quickstart.sexp EXPORT.json`.
;
; Each step prints the form that is asked, as a person would type it at the prompt, then its value and the time it took.

(define export (cadr (command-line)))

(define (as-typed form)
  "FORM as text, a query one clause a line."
  (if (and (pair? form) (eq? (car form) 'query))
      (string-append "(query " (string-join (map value->string (cdr form)) "\n         ") ")")
      (value->string form)))

(define-syntax ask
  (syntax-rules ()
    ((_ form)
     (let ((started (current-second)))
       (show "\n> " (as-typed 'form))
       (let ((value form))
         (show value)
         (show "  [" (/ (round (* 10 (- (current-second) started))) 10) " s]")
         value)))))

(show "Chorus answers questions about a community from what its members wrote. A question is a form in
parentheses, (what-to-do with-what …); below, each stands after “>”, and its answer under it.")

(show "\n1. Take in the community's export. What is there already is skipped; what cannot be read is set aside and named.")
(ask (ingest export))
(ask (count (messages)))

(show "\n2. Who is speaking? People are grouped by what they talk of and how they behave, and only if the groups hold
up from one half of their days to the other. A group is called after words that set it apart. Every message is read for
its meaning first, once: this is the step that takes a minute.")
(define found (ask (discover-personas :k 'auto)))

(show "\n3. A persona answers to its label, its number, or a description of it: the nearest in meaning is taken, and
the answer says so. `name-persona!` gives it a name of your own, which is kept.")
(define speaker (if (no-structure? found) 'everyone 'competitive-players))
(if (pair? found)
    (begin
      (ask (resolve-persona 'competitive-players))
      (ask (name-persona! (persona-id (persona 'competitive-players)) 'competitive-players))))

(show "\n4. Ask that persona. The answer is made of its own messages: each sentence is quoted, and its number leads to
the message. The feeling is from −1 (against) to +1 (for), with the range it is in.")
(if (pair? found)
    (ask (query (type persona-inquiry)
                (target competitive-players)
                (parameters (question "How would they react to increased difficulty?") (context last-patch)))))

(show "\n5. The same of another persona, to see how they differ, and of everyone.")
(if (pair? found)
    (let ((another (find (lambda (p) (not (equal? (persona-name p) "competitive-players"))) (personas))))
      (ask (persona-inquiry another "How would they react to increased difficulty?"))))
(ask (persona-inquiry 'everyone "Is the matchmaking fair?"))

(show "\n6. What would a change do? Estimated from what followed the community's own dated changes, with the range that
holds the truth 95 times in 100. Churn is the share of active people who fall silent: +0.05 is five more of a hundred.")
(ask (query (type prediction)
            (target player-churn)
            (parameters (change increase-difficulty) (confidence-interval 0.95))))

(show "\n7. Where the past shows no effect, there is no estimate: Chorus says what is missing instead of guessing.")
(ask (query (type prediction)
            (target player-churn)
            (parameters (change nerf-weapon-damage) (confidence-interval 0.95))))

(show "\n8. A question that nobody here ever touched is refused, too.")
(ask (persona-inquiry 'everyone "Which wine goes with a tax return?"))

(show "\nGo on at the prompt: `chorus --workspace " (hash-ref (workspace-info) :path) "`, then ?query or (apropos \"persona\").")
