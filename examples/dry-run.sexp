#!/usr/bin/env chorus
; What a program would do before it does it: `chorus examples/dry-run.sexp`. Nothing is taken in, no model is asked.

(define (take-in! name) (ingest (string-append name ".json")))
(define (urgent? text) (> (cosine (embed-text text) (embed-text "it is broken")) 0.5))
(define (sort-out! text) (if (urgent? text) (take-in! "urgent") (take-in! "later")))

(show (dry-run (for-each take-in! '("monday" "tuesday"))))
(show (dry-run (sort-out! "the game crashes")))
(show (dry-run (let ((n 20)) (if (> n 10) (take-in! "many") 'few))))
