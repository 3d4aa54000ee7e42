#!/usr/bin/env chorus
; The personas of a community side by side, and where each is heading: `chorus --workspace DIR examples/voices.sexp`.

(if (null? (personas)) (discover-personas :k 3))

(for-each
  (lambda (p)
    (define known (persona-profile p))
    (define heading (trend p))
    (show (hash-ref known :name) ": " (hash-ref known :people) " people, most at "
          (string-join (map number->string (hash-ref known :busiest)) ", ") " o'clock UTC")
    (show "  speaks of " (string-join (take-at-most (hash-ref known :vocabulary) 5) ", "))
    (show "  " (if heading (hash-ref heading :reading) "fewer than five weeks")))
  (personas))

; What two of them share, and what sets them apart.
(if (> (length (personas)) 1)
    (let ((both (compare-personas 1 2)))
      (show "\n" (hash-ref both :one) " and " (hash-ref both :other) " share "
            (if (null? (hash-ref both :shared)) "no words" (string-join (hash-ref both :shared) ", "))
            "; their hours overlap by " (percent (hash-ref both :hours)))))

; All of them forecast together: what one does may tell of another. The better of two methods is taken, and named.
(define next
  (forecast-signals :of (join (messages) (persona-members) :on author-id) :by 'persona-id :horizon 7))
(show "\nNext week, by " (hash-ref next :method) ":")
(for-each
  (lambda (id days) (show "  " (persona-name (persona id)) ": " (exact (round (apply + days))) " messages"))
  (hash-ref next :names)
  (hash-ref next :forecast))
