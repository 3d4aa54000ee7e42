;;; Questions with known answers: all of them asked, the answers held against what is known, and the policy's numbers
;;; judged by that. The questions are a workspace's own; a synthetic community comes with some.

(define-record-type <evaluation>
  (make-evaluation summary kinds rows)
  evaluation?
  (summary evaluation-summary)       ; a hash table of counts and shares
  (kinds evaluation-kinds)           ; a list of such, one for each :kind of question
  (rows evaluation-rows))            ; one hash table a question

;; ── Reading them ────────────────────────────────────────────────────────────────────────────────────────────

(define question-columns '(id question kind answerable persona authors context since until channel for against expected))

(define (read-questions source)
  "Labelled questions from SOURCE, as a list of hash tables: a file (.jsonl, .csv), a table, or such a list already.

  Each has a `question` and says whether an answer to it is `answerable`; it may have: `persona` (everyone unless it says
  so) or `authors`, ids of those who are asked; `since`, `until`, `channel`, `context`; `kind`, by which results are
  shown apart; `for` and `against`, ids of the messages that say so or the opposite; `expected`, a number whose sign is
  that of the feeling.

  > (map (lambda (q) (hash-ref q :question)) (read-questions '({:question \"Who won?\" :answerable #f})))
  => (\"Who won?\")"
  (map checked-question
       (cond ((table? source) (table-records source))
             ((not (string? source)) source)
             ((string-suffix? ".csv" source) (table-records (text->table (read-file source) 'csv)))
             (else (map json-question (filter (lambda (line) (not (string=? (string-trim line) "")))
                                              (read-lines source)))))))

(define (json-question line)
  "The question in LINE, a JSON object.

  > (json-question \"{\\\"question\\\": \\\"Who won?\\\", \\\"answerable\\\": false}\")
  => {:question \"Who won?\" :answerable #f}"
  (let ((made (hash-table)) (read (json->value line)))
    (for-each (lambda (key) (hash-set! made (string->keyword (name->string (if (keyword? key) (keyword->symbol key) key)))
                                       (hash-ref read key)))
              (hash-table-keys read))
    made))

(define (table-records table)
  "The rows of TABLE as hash tables under keywords; a text that is a JSON list becomes one, and \"true\" a boolean.

  > (table-records (rows->table '({:question \"Who won?\" :answerable \"false\" :for \"[\\\"m1\\\"]\"})))
  => ({:question \"Who won?\" :answerable #f :for (\"m1\")})"
  (let ((names (table-columns table)))
    (map (lambda (row)
           (let ((made (hash-table)))
             (for-each (lambda (name value) (hash-set! made (string->keyword (symbol->string name)) (from-cell value)))
                       names row)
             made))
         (table->rows table))))

(define (from-cell value)
  "VALUE of a cell: lists and truth values stand there as texts, nothing as an empty one.

  > (map from-cell '(\"true\" \"FALSE\" \"\" \"[1]\" \"why?\" 3))
  => (#t #f #f (1) \"why?\" 3)"
  (cond ((not (string? value)) value)
        ((member (string-downcase value) '("" "false" "no")) #f)
        ((member (string-downcase value) '("true" "yes")) #t)
        ((string-prefix? "[" value) (as-list (json->value value)))
        (else value)))

(define (checked-question row)
  "ROW, a labelled question; one that lacks something needed, or has a column nobody reads, is refused.

  > (guard (e (#t (error-object-message e))) (checked-question {:question \"Who won?\"}))
  => \"a labelled question needs :answerable, true or false\""
  (if (not (hash-table? row))
      (%refuse 'type (string-append "a labelled question is a hash table, not " (format "~s" row))
               "{:question \"Who won?\" :answerable #f}"))
  (if (not (string? (hash-ref row :question #f)))
      (%refuse 'question "a labelled question needs :question, a string" "{:question \"Who won?\" :answerable #f}"))
  (if (not (boolean? (hash-ref row :answerable 'none)))
      (%refuse 'question "a labelled question needs :answerable, true or false" "{:question \"Who won?\" :answerable #f}"))
  (for-each (lambda (key)
              (if (not (memq (keyword->symbol key) question-columns))
                  (%unknown-name 'column (keyword->symbol key) (map symbol->string question-columns))))
            (hash-table-keys row))
  row)

;; ── Asking them ─────────────────────────────────────────────────────────────────────────────────────────────

(define (evaluate-answers questions :limit [limit #f])
  "Ask the labelled QUESTIONS (see read-questions), the first LIMIT of them, and hold the answers against their labels:
  an evaluation record, which prints as a table of shares.

  > (hash-ref (evaluation-summary (evaluate-answers '({:question \"Who won the xyzzyplugh?\" :answerable #f}))) :false-answers)
  => 0.0"
  (let* ((all (read-questions questions))
         (taken (if (and limit (< limit (length all))) (take all limit) all))
         (rows (map (lambda (q) (score-answer q (ask-labelled q))) taken)))
    (make-evaluation (summarised rows)
                     (map (lambda (kind)
                            (let ((made (summarised (filter (lambda (r) (equal? kind (hash-ref r :kind))) rows))))
                              (hash-set! made :kind kind)
                              made))
                          (delete-duplicates (map (lambda (r) (hash-ref r :kind)) rows)))
                     rows)))

(define (ask-labelled row)
  "The answer to the labelled question ROW, asked of its persona or its authors, in its time and place.

  > (answer? (ask-labelled {:question \"Who won?\" :answerable #f}))
  => #t"
  (persona-inquiry (asked-audience row) (hash-ref row :question)
                   :context (hash-ref row :context #f) :channel (hash-ref row :channel #f)
                   :since (hash-ref row :since #f) :until (hash-ref row :until #f)))

(define (asked-audience row)
  "Whom ROW asks: its :authors under the name of its :persona, or that persona, or everyone.

  > (asked-audience {:question \"Who won?\" :answerable #f})
  => everyone"
  (let ((name (or (hash-ref row :persona #f) 'everyone)) (authors (hash-ref row :authors #f)))
    (if authors
        {:shown {:id #f :label (name->string name) :asked (name->string name) :resolved "by the authors given"}
         :authors (as-list authors)}
        (if (equal? name "everyone") 'everyone name))))

(define (as-list items)
  "ITEMS, a list, a vector or #f, as a list.

  > (map as-list (list '(a) #(a) #f))
  => ((a) (a) ())"
  (cond ((vector? items) (vector->list items)) (else (or items '()))))

;; ── Judging them ────────────────────────────────────────────────────────────────────────────────────────────

(define (score-answer row answer)
  "What the ANSWER to the labelled question ROW is worth: whether it was :answered and should have been (:answerable), is
  :right, its :confidence and :support, and how many of its :cited messages are :sound, verbatim by those asked, and
  :bear it out.

  > (hash-ref (score-answer {:question \"Who won?\" :answerable #f} (persona-inquiry 'everyone \"Who won the xyzzyplugh?\"))
              :answered)
  => #f"
  (let* ((answered? (not (answer-refusal answer)))
         (cited (answer-citations answer))
         (sound (count (lambda (c) (sound-citation? row c)) cited))
         (known? (pair? (append (as-list (hash-ref row :for #f)) (as-list (hash-ref row :against #f)))))
         (borne (if known? (count (lambda (c) (borne-out? row c)) cited) sound)))
    {:id (hash-ref row :id #f) :kind (hash-ref row :kind (if (hash-ref row :answerable) "answerable" "unanswerable"))
     :question (hash-ref row :question) :answerable (hash-ref row :answerable) :answered answered?
     :right (and answered? (hash-ref row :answerable) (> borne 0) (expected-sign? row answer))
     :confidence (answer-confidence answer) :support (answer-support answer)
     :cited (length cited) :sound sound :borne borne :turn (answer-turn answer) :refusal (answer-refusal answer)}))

(define (sound-citation? row c)
  "Whether the citation C quotes its message word for word, and somebody who was asked by ROW wrote it.

  > (sound-citation? {} (make-citation \"no-such-message\" \"too hard\" \"ann\" #f #f #f #f #f))
  => #f"
  (let ((found (%messages (list (citation-message-id c)))) (authors (as-list (hash-ref row :authors #f))))
    (and (pair? found)
         (string-contains (hash-ref (car found) :content) (citation-span c))
         (or (null? authors) (and (member (hash-ref (car found) :author-id) authors) #t)))))

(define (borne-out? row c)
  "Whether the citation C is of a message that ROW names; where ROW expects a feeling, on the side that the answer quotes it
  for.

  > (map (lambda (side) (borne-out? {:expected 1 :for '(\"m1\") :against '(\"m2\")} (make-citation \"m1\" \"more!\" \"ann\" #f #f #f #f side)))
         '(for against #f))
  => (#t #f #t)"
  (let* ((in? (lambda (key) (and (member (citation-message-id c) (as-list (hash-ref row key #f))) #t)))
         (side (and (hash-ref row :expected #f) (citation-side c))))
    (cond ((eq? side 'for) (in? :for))
          ((eq? side 'against) (in? :against))
          (else (or (in? :for) (in? :against))))))

(define (expected-sign? row answer)
  "Whether the feeling of ANSWER has the sign that ROW expects, where it expects one.

  > (expected-sign? {:question \"Who won?\"} #f)
  => #t"
  (let ((expected (hash-ref row :expected #f)))
    (or (not expected)
        (and (answer-feeling answer) (> (* expected (hash-ref (answer-feeling answer) :mean)) 0)))))

(define (summarised rows)
  "What ROWS, scored answers, come to: of the :answerable the share :answered and :right, of the others the share of
  :false-answers, of citations the :citation-precision (verbatim, by those asked) and the share :borne-out by the labels,
  and the expected :calibration-error of the confidences.

  > (hash-ref (summarised '()) :questions)
  => 0"
  (let* ((with (filter (lambda (r) (hash-ref r :answerable)) rows))
         (without (remove (lambda (r) (hash-ref r :answerable)) rows))
         (answered (filter (lambda (r) (hash-ref r :answered)) with))
         (total (lambda (key of) (fold + 0 (map (lambda (r) (hash-ref r key)) of)))))
    {:questions (length rows) :answerable (length with)
     :answered (share-of (lambda (r) (hash-ref r :answered)) with)
     :right (share-of (lambda (r) (hash-ref r :right)) answered)
     :false-answers (share-of (lambda (r) (hash-ref r :answered)) without)
     :citations (total :cited rows)
     :citation-precision (ratio (total :sound rows) (total :cited rows))
     :borne-out (ratio (total :borne answered) (total :cited answered))
     :calibration-error (calibration-error rows)}))

(define (share-of holds? rows)
  "The share of ROWS of which HOLDS? is true; #f of none.

  > (share-of odd? '(1 2 3 4))
  => 0.5"
  (ratio (count holds? rows) (length rows)))

(define (ratio part whole)
  "PART of WHOLE to three decimals; #f where there is nothing.

  > (list (ratio 1 3) (ratio 0 0))
  => (0.333 #f)"
  (if (= whole 0) #f (rounded (/ part whole))))

;; ── Calibration ─────────────────────────────────────────────────────────────────────────────────────────────

(define calibration-bins 5)        ; some 20 answers in each of them, of 100 questions: fewer would be noise

(define (reliability rows)
  "How often answers were right, by how sure they were: for each bin of confidence that has answers a hash table :from :to
  :n :confidence (the mean) :right (the share). ROWS are those of an evaluation.

  > (reliability '({:answered #t :confidence 0.9 :right #t}))
  => ({:from 0.8 :to 1.0 :n 1 :confidence 0.9 :right 1.0})"
  (let ((given (filter (lambda (r) (and (hash-ref r :answered) (hash-ref r :confidence))) rows))) ; a count has none
    (filter-map
      (lambda (bin)
        (let* ((low (/ bin (exact->inexact calibration-bins))) (high (/ (+ bin 1.0) calibration-bins))
               (own (filter (lambda (r) (and (>= (hash-ref r :confidence) low)
                                             (or (< (hash-ref r :confidence) high) (= bin (- calibration-bins 1)))))
                            given)))
          (and (pair? own)
               {:from low :to high :n (length own)
                :confidence (rounded (/ (fold + 0.0 (map (lambda (r) (hash-ref r :confidence)) own)) (length own)))
                :right (share-of (lambda (r) (hash-ref r :right)) own)})))
      (iota calibration-bins))))

(define (calibration-error rows)
  "The expected calibration error of ROWS: how far confidence and share of right answers lie apart, the mean over answers.

  > (calibration-error '({:answered #t :confidence 0.9 :right #t}))
  => 0.1"
  (let* ((bins (reliability rows)) (n (fold + 0 (map (lambda (b) (hash-ref b :n)) bins))))
    (if (= n 0)
        #f
        (rounded (/ (fold + 0.0 (map (lambda (b) (* (hash-ref b :n) (abs (- (hash-ref b :confidence) (hash-ref b :right)))))
                                     bins))
                    n)))))

(define (thresholds rows [wanted '(0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9)])
  "What each of the thresholds WANTED would do to ROWS of an evaluation: hash tables :threshold :answered :false-answers, by
  the support alone. Choose one on some questions, report it on others.

  > (thresholds '({:answerable #t :support 0.6} {:answerable #f :support 0.2}) '(0.1 0.5))
  => ({:threshold 0.1 :answered 1.0 :false-answers 1.0} {:threshold 0.5 :answered 1.0 :false-answers 0.0})"
  (define (above threshold answerable?)
    (share-of (lambda (r) (>= (hash-ref r :support) threshold))
              (filter (lambda (r) (eq? answerable? (hash-ref r :answerable))) rows)))
  (map (lambda (threshold)
         {:threshold threshold :answered (above threshold #t) :false-answers (above threshold #f)})
       wanted))

;; ── In words ────────────────────────────────────────────────────────────────────────────────────────────────

(define (evaluation->string made)
  "The evaluation MADE as lines for people: all of it, then each kind of question.

  > (evaluation->string (make-evaluation (summarised '()) '() '()))
  => \"0 questions, 0 of them with an answer\""
  (let ((all (evaluation-summary made)))
    (string-join
      (cons (format "~a questions, ~a of them with an answer" (hash-ref all :questions) (hash-ref all :answerable))
            (append (shares-in-words all)
                    (map (lambda (kind) (string-append "  " (format "~a" (hash-ref kind :kind)) " ("
                                                       (number->string (hash-ref kind :questions)) "): "
                                                       (string-join (shares-in-words kind) ", ")))
                         (evaluation-kinds made))))
      "\n")))

(define (shares-in-words summary)
  "The shares of SUMMARY that there are, each as a text.

  > (shares-in-words {:answered 0.8 :right #f :false-answers #f :citation-precision 1.0 :borne-out #f :calibration-error #f})
  => (\"answered 80 %\" \"citations word for word by those asked 100 %\")"
  (filter-map (lambda (key words) (and (hash-ref summary key) (string-append words " " (percent (hash-ref summary key)))))
              '(:answered :right :false-answers :citation-precision :borne-out :calibration-error)
              '("answered" "of those right" "answered without there being an answer"
                "citations word for word by those asked" "citations that bear it out" "confidence off by")))
