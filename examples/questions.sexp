#!/usr/bin/env chorus
; How far answers can be trusted here: `chorus --workspace DIR --allow read examples/questions.sexp QUESTIONS.jsonl [HOW-MANY]`.
;
; `chorus demo` writes such questions beside its export; the ones of your own need only `question` and `answerable`.

(define arguments (cdr (command-line)))
(define made
  (evaluate-answers (car arguments) :limit (if (null? (cdr arguments)) #f (string->number (cadr arguments)))))

(show made)

(show "\nHow often answers were right, by how sure they were:")
(for-each (lambda (bin)
            (show "  confidence " (hash-ref bin :confidence) ": " (hash-ref bin :right) " of " (hash-ref bin :n)))
          (reliability (evaluation-rows made)))

(show "\nWhat other thresholds of support would have done:")
(for-each (lambda (row)
            (show "  " (hash-ref row :threshold) ": answered " (hash-ref row :answered)
                  ", false answers " (hash-ref row :false-answers)))
          (thresholds (evaluation-rows made)))
