;;; Signals: what people make of answers, said or shown, kept beside the turn that it is about; and turns asked again.

;; ── What is said ────────────────────────────────────────────────────────────────────────────────────────────

(define most-ratings-an-hour 12)   ; of one author count
(define signal-worth               ; kind of signal, what it says in [0, 1] (#f: the rating tells), and how much it weighs
  '((rating #f 1.0)                ; `rate!`, `feedback!`
    (correction 0.0 1.0)           ; `correct!`: the answer was wrong
    (rephrased 0.25 0.3)           ; the same thing was asked again in other words,
    (repeated 0.4 0.1)             ; or in the same
    (opened 0.7 0.2)               ; what a quotation stands in was looked at
    (copied 0.9 0.4)))             ; the answer was taken along

(define (rate! rating :on [on #f] :author [author #f] :comment [comment #f])
  "Rate an answer from 1 to 5: the latest, or the one ON, an answer or the number of its turn; that turn's number. A rating
  takes the place of an earlier one by the same AUTHOR.

  > (guard (e (#t (error-object-message e))) (rate! 9 :on 1))
  => \"rate!: a rating is a number from 1 to 5, not 9\""
  (%tell 'rate! 'rating on author (%checked-rating 'rate! rating) comment))

(define (feedback! :rating [rating #f] :comment [comment #f] :on [on #f] :author [author #f])
  "Say something of an answer: a RATING from 1 to 5, a COMMENT, or both; of the latest, or of the one ON. Its turn's number.

  > (guard (e (#t (error-object-message e))) (feedback!))
  => \"feedback!: neither a rating nor a comment is given\""
  (if (not (or rating (and comment (not (equal? comment "")))))
      (%refuse 'feedback "feedback!: neither a rating nor a comment is given" "(feedback! :rating 2 :comment \"too long\")"))
  (%tell 'feedback! 'rating on author (and rating (%checked-rating 'feedback! rating)) comment))

(define (correct! answer right :author [author #f])
  "Say what would have been RIGHT in the place of ANSWER, an answer, the number of its turn, or #f for the latest; counts
  as the worst rating. Its turn's number.

  > (guard (e (#t (error-object-message e))) (correct! 1 'later))
  => \"correct!: the right answer is a text, not later\""
  (if (not (string? right))
      (%refuse 'type (string-append "correct!: the right answer is a text, not " (format "~s" right))
               "(correct! answer \"They are for it.\")"))
  (%tell 'correct! 'correction answer author 1 right))

(define (%checked-rating caller rating)
  (if (not (and (real? rating) (<= 1 rating 5)))
      (%refuse 'range (string-append (symbol->string caller) ": a rating is a number from 1 to 5, not " (format "~s" rating))
               "5 is best"))
  rating)

(define (%tell caller kind on author rating comment)
  (if (not (or (not comment) (string? comment)))
      (%refuse 'type (string-append (symbol->string caller) ": a comment is a text, not " (format "~s" comment))
               "(rate! 2 :comment \"too long\")"))
  (if (not (or (not author) (symbol? author) (and (string? author) (not (equal? (string-trim author) "")))))
      (%refuse 'type (string-append (symbol->string caller) ": an author is a name, not " (format "~s" author))
               "(rate! 2 :author \"ann\")"))
  (let ((turn (turn-meant caller on)))
    (%record-feedback! turn kind (name->string (or author (current-developer))) (and rating (exact->inexact rating)) comment)
    turn))

(define (turn-meant caller on)
  "The number of the turn that CALLER is about: ON is an answer or a number, or #f for the latest of who asks.

  > (turn-meant 'rate! 3)
  => 3"
  (cond ((exact-integer? on) on)
        ((answer? on)
         (or (answer-turn on)
             (%refuse 'no-turn (string-append (symbol->string caller) ": that answer was not kept as a turn")
                      "where nothing is ingested there is no workspace to keep it in")))
        (on (%refuse 'type (string-append (symbol->string caller) ": what it is about is an answer or the number of a turn, not "
                                          (format "~s" on))
                     "*1 is the last value at the prompt; an answer shows the number of its turn"))
        (else (or (%latest-turn (current-developer))
                  (%refuse 'no-turn (string-append (symbol->string caller) ": nothing was asked yet") "ask something first")))))

;; ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────

;; Whoever asks the same again, in the same words or others, was not content with the answer before.

(define watch-follow-ups #t)
(define follow-up-after 1)         ; seconds after an answer from which somebody may have read it: programs ask at once,
(define follow-up-within 600)      ; and in which it is asked again
(define same-matter-share 0.5)     ; as much of the words of a question must the other have
(define %asked-last (make-hash-table))

(define (note-follow-up! answer reading began)
  "Take note of the ANSWER just given to the question READ, asked when the turn clock said BEGAN; if it asks again what its
  developer asked before, that turn gets the sign `repeated` or `rephrased`.

  > (note-follow-up! #f (read-question \"Who won?\") 0)
  => #f"
  (let ((turn (and answer (answer-turn answer))) (who (current-developer)))
    (and turn watch-follow-ups (not (%current-turn)) (not (%replayed-turn))
         (let ((before (hash-ref %asked-last who #f))
               (persona (hash-ref (answer-persona answer) :label #f)))
           (hash-set! %asked-last who {:turn turn :at (%turn-clock) :reading reading :persona persona})
           (and before
                (equal? persona (hash-ref before :persona))
                (<= follow-up-after (/ (- began (hash-ref before :at)) 1000) follow-up-within)
                (let ((sign (asked-again reading (hash-ref before :reading))))
                  (and sign (%record-sign! (hash-ref before :turn) sign who))))))))

(define (asked-again reading before)
  "Whether the question READ asks what the one BEFORE did: `repeated` in the same words, `rephrased` in others, or #f.

  > (map (lambda (text) (asked-again (read-question text) (read-question \"Is the boss too hard?\")))
         '(\"Is the boss too hard?\" \"How hard is the boss?\" \"Who won the tournament?\"))
  => (repeated rephrased #f)"
  (define (share-in one other)
    (let ((known (topic-words other)) (words (hash-ref one :words)))
      (if (null? words) 0 (/ (count (lambda (word) (member word known)) words) (length words)))))
  (cond ((equal? (hash-ref reading :text) (hash-ref before :text)) 'repeated)
        ((>= (min (share-in reading before) (share-in before reading)) same-matter-share) 'rephrased)
        (else #f)))

(define (%signal! kind :on [on #f] :author [author #f])
  (if (not (assq kind signal-worth)) (%unknown-name 'signal kind (map (lambda (row) (symbol->string (car row))) signal-worth)))
  (%tell '%signal! kind on author #f #f))

;; Looking at evidence and taking an answer along are signs, too.

(define (open-evidence! number :on [on #f])
  "The conversation around the message that an answer cites as NUMBER, as message records: of the latest answer, or of the
  one ON, as `rate!` takes it. The turn gets the sign `opened`.

  > (guard (e (#t (error-object-code e))) (open-evidence! 1 :on 1000000))
  => unknown-turn"
  (let* ((row (turn-row 'open-evidence! on)) (cited (hash-ref (json->value (hash-ref row :answer)) :citations)))
    (if (not (and (exact-integer? number) (<= 1 number (length cited))))
        (%refuse 'range (string-append "open-evidence!: turn " (number->string (hash-ref row :id)) " has no citation " (format "~s" number))
                 (string-append "it has " (number->string (length cited)))))
    (%signal! 'opened :on (hash-ref row :id))
    (conversation (hash-ref (list-ref cited (- number 1)) :message-id))))

(define (copy-answer! :on [on #f])
  "The text of the latest answer, or of the one ON, with the ids of the messages it cites: to take along. The turn gets the
  sign `copied`.

  > (guard (e (#t (error-object-code e))) (copy-answer! :on 1000000))
  => unknown-turn"
  (let* ((row (turn-row 'copy-answer! on)) (answer (json->value (hash-ref row :answer))) (cited (hash-ref answer :citations)))
    (%signal! 'copied :on (hash-ref row :id))
    (string-join (cons (if (hash-ref answer :refusal) (string-append "No answer: " (hash-ref answer :refusal)) (hash-ref answer :answer))
                       (map (lambda (c n) (string-append "[" (number->string n) "] message " (hash-ref c :message-id)))
                            cited (iota (length cited) 1)))
                 "\n")))

;; ── What it comes to ────────────────────────────────────────────────────────────────────────────────────────

(define (rated-turns :since [since #f] :limit [limit #f])
  "The turns that somebody made something of, since an instant or a day (\"2026-01-31\", \"monday\"), the latest LIMIT of
  them, the oldest first: hash tables
  :turn :at :kind :persona, the :developer whose word it is and the :asker, the :choices (setting → value) and their
  :propensities (setting → probability), the :rating in [0, 1] with its :weight, the :proposal it was asked under, or #f,
  whether it was :refused, and the :form that asked, a text. A turn of which several said something is there for each: what
  others think of it says nothing of what its asker likes.

  Of an author and a turn the latest rating counts, and only where there is none what the author showed by `signal-worth`;
  of an author and hour `most-ratings-an-hour`.

  > (list? (rated-turns :limit 3))
  => #t"
  (let ((known (make-hash-table)))
    (define (value-of text)
      (if (not (hash-table-contains? known text)) (hash-set! known text (read (open-input-string text))))
      (hash-ref known text))
    (map (lambda (row)
           (hash-set! row :choices (map (lambda (choice) (cons (car choice) (value-of (cdr choice)))) (hash-ref row :choices)))
           row)
         (%rated-turns signal-worth most-ratings-an-hour :since (and since (moment-called since)) :limit limit))))
