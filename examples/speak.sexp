#!/usr/bin/env chorus
; How each persona writes, and what one might say, which is never evidence: `chorus --workspace DIR examples/speak.sexp`.

(if (null? (personas)) (discover-personas :k 3))

; A small base and a voice for each persona; a fifth of the authors is kept from both, to ask about.
(train-voice-base! :size 'nano :passes 1)
(define report (train-voices! :passes 1))
(show (hash-ref report :reading))

; The same seed says the same. It prints as what it is: said by nobody.
(define first-persona (car (personas)))
(define heard (speak first-persona "how is the patch?" :seed 1 :longest 16))
(show (simulated-voice? heard) " " (equal? (simulated-voice-text heard)
                                           (simulated-voice-text (speak first-persona "how is the patch?" :seed 1 :longest 16))))
(show (substring (present heard) 0 18))

; It cannot be cited.
(show (guard (e (#t (error-object-code e)))
        (make-citation "1" heard "nobody" #f #f #f #f #f)))
