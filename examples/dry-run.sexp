#!/usr/bin/env chorus
; What a program would do before it does it: `chorus examples/dry-run.sexp`. No file is written, nothing is asked of a model.

(define (archive! name) (write-file (string-append name ".txt") "…"))
(define (urgent? text) (> (cosine (embed-text text) (embed-text "it is broken")) 0.5))
(define (sort-out! text) (if (urgent? text) (archive! "urgent") (archive! "later")))

(show (dry-run (for-each archive! '("monday" "tuesday"))))
(show (dry-run (sort-out! "the game crashes")))
(show (dry-run (let ((n 20)) (if (> n 10) (archive! "many") 'few))))
