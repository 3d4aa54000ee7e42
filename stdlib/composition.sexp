;;; From evidence to sentences: which of it is quoted, how an answer begins, what each sentence cites.

(define (choose-evidence reading evidence feeling [weighed (weigh-matter reading evidence)])
  "The sentences to quote: relevant, different, of different authors. Where people are asked how they feel, those that
  show it: the side of FEELING first, then the other side.

  > (choose-evidence (read-question \"What of the price?\") '() {:mean 0})
  => ()"
  (let ((stating (lambda () (pick (relevant reading evidence) (the-setting answer-length)))))
    (if (not (opinion? reading))
        (stating)
        (let* ((worth-of (worth-in reading))
               (valued (filter (lambda (e) (>= (worth-of e) relevance-least)) (hash-ref weighed :sentences)))
               (mean (hash-ref feeling :mean))
               (few (if (< (abs mean) clear-feeling) (quotient (the-setting answer-length) 2) (the-setting other-side)))
               (with (pick (on-side valued mean) (- (the-setting answer-length) few)))
               (against (pick (on-side valued (- mean)) few)))
          (if (null? with) (stating) (append with against))))))

(define (contradiction reading best)
  "Where the sentences BEST, answers to READING, a question of fact, claim different figures, or yes and no: a hash table with
  those :sentences, their :value 1.0 on the side that more people take and -1.0 elsewhere, and how many people are :for it
  and :against; #f where they agree.

  > (contradiction (read-question \"How many stars?\")
                   '({:span \"seven\" :author \"ann\"} {:span \"7 stars\" :author \"bob\"}))
  => #f"
  (let* ((told (if (opinion? reading)
                   '()
                   (%claimed-sides (map (lambda (e) (hash-ref e :span)) best) (hash-ref reading :expects) (hash-ref reading :text))))
         (numbers (delete-duplicates (filter (lambda (side) side) told))))
    (if (or (null? numbers) (null? (cdr numbers)))
        #f
        (let* ((on (lambda (side) (filter-map (lambda (e said) (and (equal? said side) e)) best told)))
               (people (lambda (sentences) (length (%speakers sentences :duplicate near-duplicate))))
               (most (car (sort numbers (lambda (a b) (> (people (on a)) (people (on b)))))))
               (others (append-map on (remove (lambda (side) (equal? side most)) numbers)))
               (valued (lambda (sentences value) (map (lambda (e) (with-value e value)) sentences))))
          {:sentences (append (valued (on most) 1.0) (valued others -1.0))
           :for (people (on most)) :against (people others)}))))

(define (with-value e value)
  "The sentence E with VALUE as what it says for or against.

  > (hash-ref (with-value {:span \"seven\"} 1.0) :value)
  => 1.0"
  (let ((made (hash-copy e)))
    (hash-set! made :value value)
    made))

(define (choose-both-sides told)
  "The sentences to quote of TOLD, a contradiction: those of the side that more people take, then another.

  > (choose-both-sides {:sentences '()})
  => ()"
  (let ((few (max 1 (the-setting other-side))))
    (append (pick (on-side (hash-ref told :sentences) 1) (- (the-setting answer-length) few))
            (pick (on-side (hash-ref told :sentences) -1) few))))

(define (on-side valued sign)
  "Those of VALUED evidence whose :value clearly has the sign of SIGN: a sentence quoted for a side must take it.

  > (on-side (list (hash-table :value 0.5) (hash-table :value -0.5)) -1)
  => ({:value -0.5})"
  (filter (lambda (e) (> (* (hash-ref e :value) (if (< sign 0) -1 1)) clear-statement)) valued))

(define (pick evidence n)
  "N of EVIDENCE, by relevance and difference, in the chosen order.

  > (pick '() 3)
  => ()"
  (in-order (%choose-evidence evidence :count n :diversity (the-setting evidence-diversity) :duplicate near-duplicate
                              :per-author sentences-per-author)))

(define (in-order picked)
  "The evidence PICKED, in the chosen `answer-order`.

  > (with-choices '((answer-order . newest))
      (lambda () (map (lambda (e) (hash-ref e :span))
                      (in-order (list {:span \"a\" :timestamp (moment \"2026-01-01\")}
                                      {:span \"b\" :timestamp (moment \"2026-01-02\")})))))
  => (\"b\" \"a\")"
  (let ((before? (lambda (a b) (instant<? (hash-ref a :timestamp) (hash-ref b :timestamp)))))
    (case (the-setting answer-order)
      ((oldest) (sort picked before?))
      ((newest) (sort picked (lambda (a b) (before? b a))))
      (else picked))))

(define (opinion? reading)
  "Whether READING asks how people feel or would react.

  > (opinion? (read-question \"How would they react to higher prices?\"))
  => #t"
  (if (memq (hash-ref reading :kind) '(reaction attitude)) #t #f))

(define (lead-of reading feeling voices)
  "The words before the first quotation, or an empty string.

  > (lead-of (read-question \"Who won?\") {:mean 0} 2)
  => \"\""
  (cond ((= voices 1) lone-voice-lead)
        ((or (not (opinion? reading)) (eq? (the-setting answer-lead) 'none)) "")
        ((hash-ref reading :judges #f) (judgement-lead feeling))
        ((= 0 (hash-ref reading :direction)) (attitude-lead feeling))
        (else (reaction-lead feeling))))

(define (quotation lead span number)
  "One sentence of an answer: LEAD, the verbatim SPAN, the NUMBER of its citation.

  > (quotation \"One says\" \"too hard\" 1)
  => \"One says: “too hard” [1]\""
  (string-append (if (string=? lead "") "" (string-append lead ": "))
                 "“" span "” [" (number->string number) "]"))

(define (quotation-in-context e lead number)
  "The `quotation` of the sentence E after LEAD, as NUMBER: where `context-shown` says so, after what it answers.

  > (quotation-in-context {:span \"too hard\" :context \"how is it?\" :context-id \"m1\"} \"One says\" 1)
  => \"One says: “too hard” [1]\"
  > (with-choices '((context-shown . before))
      (lambda () (quotation-in-context {:span \"too hard\" :context \"how is it?\" :context-id \"m1\"} \"One says\" 1)))
  => \"One says, to “how is it?”: “too hard” [1]\""
  (let ((asked (and (eq? (the-setting context-shown) 'before) (hash-ref e :context-id) (hash-ref e :context))))
    (quotation (if asked
                   (string-append (if (string=? lead "") "To" (string-append lead ", to")) " “" (shortened (inert asked) 80) "”")
                   lead)
               (hash-ref e :span) number)))

(define (turning-point chosen)
  "The number, from 1, of the first of CHOSEN on the other side than the first; #f when there is none.

  > (turning-point (list (hash-table :value 0.5) (hash-table :value -0.5)))
  => 2"
  (let loop ((rest chosen) (number 1))
    (cond ((null? rest) #f)
          ((< (* (hash-ref (car rest) :value 0) (hash-ref (car chosen) :value 0)) 0) number)
          (else (loop (cdr rest) (+ number 1))))))

(define (compose-answer reading chosen feeling voices)
  "The sentences of an answer that quotes CHOSEN, as lists (text number-of-citation). Where people are on two sides, each
  side begins with how many they are.

  > (compose-answer (read-question \"Who won?\") '() {:mean 0} 0)
  => ()"
  (let* ((turn (if (> voices 1) (turning-point chosen) #f))
         (first-lead (first-lead-of reading chosen feeling voices turn)))
    (map (lambda (e number)
           (list (quotation-in-context e (cond ((= number 1) first-lead)
                                               ((equal? number turn)
                                                (say-lead (people-beside e feeling) other-side-lead other-one-lead))
                                               (else ""))
                                       number)
                 number))
         chosen
         (iota (length chosen) 1))))

(define (first-lead-of reading chosen feeling voices turn)
  "The words before the first quotation; with a TURN to another side after it, how many people are on this one.

  > (first-lead-of (read-question \"Too hard?\") (list {:value 0.5})
                   {:mean 0.5 :interval '(0.1 0.9) :authors 9 :for 8 :against 2 :voices 10} 9 2)
  => \"Mostly yes (8 of 10 people say so, 2 see it otherwise). 8 say\""
  (let ((lead (lead-of reading feeling voices)))
    (if turn
        (string-append (if (string=? lead "") "" (string-append lead ". ")) (say-lead (people-beside (car chosen) feeling) say-so-lead says-so-lead))
        lead)))

(define (people-beside e feeling)
  "How many people are on the side that the sentence E takes, by FEELING.

  > (map (lambda (value) (people-beside {:value value} {:for 8 :against 2})) '(0.5 -0.5))
  => (8 2)"
  (hash-ref feeling (if (< (hash-ref e :value) 0) :against :for)))

(define (phrase reading chosen feeling voices)
  "The answer's sentences: quotations, or what the session's generator makes of them, each borne out by a quotation.

  > (phrase (read-question \"Who won?\") '() {:mean 0} 0)
  => ()"
  (let ((spans (map (lambda (e) (hash-ref e :span)) chosen))
        (quotes (map (lambda (e) (list (hash-ref e :message-id) (hash-ref e :span))) chosen))
        (plain (compose-answer reading chosen feeling voices)))
    (define (generated draft)
      (let ((kept (%align draft spans)))
        (if (null? kept)
            plain
            (map (lambda (row) (list (string-append (car row) " [" (number->string (cadr row)) "]") (cadr row))) kept))))
    (cond ((or (null? chosen) (string=? (generator) "extractive")) plain)
          ((string-prefix? "http" (generator))
           (generated (%generate-remote (generator) (hash-ref reading :text) quotes (the-setting answer-length))))
          (else (generated (%generate-local (generator) (hash-ref reading :text) quotes (the-setting answer-length)))))))

;; Of a sentence that was not weighed for or against anything there is no VALUE.
(define (side-of value)
  "The side of the VALUE in [-1, 1] of a sentence about what is asked: for, against or, of none, #f.

  > (map side-of '(0.5 -0.5 #f))
  => (for against #f)"
  (cond ((not value) #f)
        ((> value clear-statement) 'for)
        ((< value (- clear-statement)) 'against)
        (else #f)))

(define (citations-of chosen)
  "CHOSEN evidence as citation records.

  > (citations-of '())
  => ()"
  (map (lambda (e) (make-citation (hash-ref e :message-id) (hash-ref e :span)
                                  (hash-ref e :name) (hash-ref e :timestamp) (hash-ref e :channel)
                                  (hash-ref e :context-id) (hash-ref e :context)
                                  (side-of (hash-ref e :value #f))))
       chosen))

(define (ungrounded sentences citations)
  "What is wrong with SENTENCES and CITATIONS, against the messages as they stand in the workspace; normally nothing.

  > (ungrounded '() '())
  => ()"
  (let ((texts (make-hash-table)))
    (for-each (lambda (m) (hash-set! texts (hash-ref m :message-id) (hash-ref m :content)))
              (%messages (map citation-message-id citations)))
    (check-citations sentences
                     (map (lambda (c) (list (citation-message-id c) (citation-span c))) citations)
                     texts
                     :verbatim (string=? (generator) "extractive"))))
