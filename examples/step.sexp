#!/usr/bin/env chorus
; Looking inside a program that is wrong: step through it, look around, mend it where it failed, and go on.
;
; The commands stand in the program here, so that it runs by itself. At the prompt, (step (deviations '())) asks for them.

(define (mean numbers) (/ (apply + numbers) (length numbers)))
(define (deviations numbers) (map (lambda (x) (- x (mean numbers))) numbers))
(define (spread numbers) (/ (apply + (map abs (deviations numbers))) (length numbers)))

(show "\n1. Into the call, on to the first call of mean; the variables in sight; out again:")
(show (step (spread '(1 2 6)) :commands '(in in "here mean" locals (length numbers) out continue)))

(show "\n2. An error stops where it is. Here the form gets a value, and the rest goes on:")
(show (step (list (spread '(1 2 6)) (spread '())) :commands '(continue "use 'unknown")))

(show "\n3. Or what was wrong is mended, and the form tried again:")
(define share 'unknown)
(define (shared numbers) (map (lambda (x) (* x share)) numbers))
(show (step (shared '(1 2 6)) :commands '(continue (set! share 1/2) retry continue)))
