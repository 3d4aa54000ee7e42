#!/usr/bin/env chorus
; Where the time goes: each call in the text with its time, rows and bytes, as a table.
;
; (flame cost "view.html") draws it, if chorus is started with --allow write.

(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(define talk (rows->table (map (lambda (i) {:id i :kind (modulo i 4) :length (fib (modulo i 9))}) (iota 200))))
(define (long kind) (where talk (and (= kind kind) (> length 5))))
(define (lengths kind) (map (lambda (row) (get row :length)) (table->list (long kind))))
(define (report) (list (fib 12) (length (lengths 1)) (length (lengths 2))))

(define cost (profile (report)))
(show "The value: " (profile-value cost))
(show cost)

(define most (first (profile-rows cost)))
(show "\nMost time by itself: " (get most :form) ", called " (get most :calls) " times")
