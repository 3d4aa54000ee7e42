;;; How values look to people: answers as prose with their citations, personas and summaries in a line or two.

(define (present value)
  "VALUE as text for people, or #f where `write` says it best.

  > (present 42)
  => #f
  > (present {:added 2 :skipped 1})
  => \"added 2, skipped 1\""
  (cond ((answer? value) (answer->string value))
        ((why? value) (why->string value))
        ((what-if? value) (what-if->string value))
        ((dry-run? value) (dry-run->string value))
        ((dashboard? value) (dashboard->string value))
        ((persona? value) (persona->string value))
        ((simulated-voice? value) (simulated-voice->string value))
        ((learning-report? value) (report->string value))
        ((hierarchy? value) (hierarchy->string value))
        ((evaluation? value) (evaluation->string value))
        ((resolved? value)
         (string-append (%displayed (resolved-asked value)) " is taken to be " (persona-name (resolved-persona value))
                        ", by " (%displayed (resolved-how value))
                        (if (eq? (resolved-how value) 'meaning)
                            (string-append " (nearness " (%displayed (rounded (resolved-score value))) " of 1)")
                            "")))
        ((hit? value) (said->string (hit-content value) (hit-author value) (hit-timestamp value) (hit-channel value)
                                    (hit-message-id value)))
        ((message? value) (said->string (message-content value) (message-author value) (message-timestamp value)
                                        (message-channel value) (message-id value)))
        ((no-structure? value) (string-append "No structure: " (no-structure-reason value)))
        ((version-record? value) (or (%history-text (list value)) (summary->string value) (sheet->string value)))
        ((merge-result? value) (%merge-text value))
        ((proposal? value) (proposal->string value))
        ((hash-table? value) (or (summary->string value) (sheet->string value)))
        ((table? value) (%table-text value))
        ((environment-diff? value) (%diff-text value))
        ((%profile? value) (%profile-text value))
        ((plot? value) (%plot-text value))
        ((explanation? value) (explanation->string value))
        ((some-of? version-record? value) (%history-text value))
        ((some-of? proposal? value) (proposals->string value))
        ((some-of? persona? value) (string-append (string-join (map present value) "\n") (%caveat (car value))))
        ((or (some-of? hit? value) (some-of? message? value)) (string-join (map present value) "\n"))
        (else #f)))

(define (explanation? value)
  "Whether VALUE is what `explain` gave.

  > (map explanation? (list (explain (where (messages) (= id \"1\"))) '(explain) 5))
  => (#t #f #f)"
  (and (pair? value) (eq? (car value) 'explain) (list? value) (every pair? (cdr value))
       (assq 'plan (cdr value)) (assq 'sql (cdr value)) #t))

(define (explanation->string value)
  "What `explain` gave, a part a line, its SQL at the end as it would be typed.

  > (string-prefix? \"plan        (where (messages)\" (explanation->string (explain (where (messages) (= id \"1\")))))
  => #t"
  (let* ((parts (cdr value))
         (part (lambda (name) (cond ((assq name parts) => cdr) (else '()))))
         (written (lambda (x) (format "~s" x)))
         (line (lambda (name lines)
                 (string-append (string-pad-right name 12) (string-join lines (string-append "\n" (make-string 12 #\space))))))
         (plan (written (car (part 'plan))))
         (optimised (written (car (part 'optimised)))))
    (string-join
      (list (line "plan" (list plan))
            (line "optimised" (list (if (equal? plan optimised) "as it is written" optimised)))
            (line "rules" (list (if (null? (part 'rules)) "none applies" (string-join (map written (part 'rules)) ", "))))
            (line "predicted" (map (lambda (step) (string-append (if (cadr step) (written (cadr step)) "?") " rows  " (written (car step))))
                                   (part 'predicted)))
            (line "columns" (list (string-join (map (lambda (column) (string-join (map written column) " ")) (part 'columns))
                                               ", ")))
            (line "parameters" (list (if (null? (part 'parameters)) "none" (string-join (map written (part 'parameters)) ", "))))
            (car (part 'sql)))
      "\n")))

(define (some-of? kind? value)
  "Whether VALUE is a list of at least one thing, all of them KIND?.

  > (list (some-of? odd? '(1 3)) (some-of? odd? '()) (some-of? odd? 3))
  => (#t #f #f)"
  (and (pair? value) (kind? (car value)) (list? value) (every kind? value)))

(define (said->string content author timestamp channel id)
  "A message as two lines: CONTENT, and who said it when and where.

  > (said->string \"too hard\" \"ann\" (moment \"2026-01-31\") \"general\" \"m1\")
  => \"“too hard”\\n  ann, 2026-01-31, #general, message m1\""
  (string-append "“" (inert content) "”\n  "
                 (string-join (filter (lambda (part) part)
                                      (list (%visible (or author "?"))
                                            (and timestamp (day-of timestamp))
                                            (and channel (string-append "#" (%visible channel)))
                                            (string-append "message " (%visible id))))
                              ", ")))

;; What the discovery of the persona P could not exclude, as a line, or "".
(define (%caveat p)
  (let ((said (and (hash-table? (persona-evidence p)) (hash-ref (persona-evidence p) :caveat #f))))
    (if said (string-append "\n(" said ")") "")))

(define (persona->string p)
  "What there is to know of the persona P at a glance.

  > (procedure? persona->string)
  => #t"
  (string-append
    (number->string (persona-id p)) " " (persona-name p)
    " — " (number->string (persona-size p)) " people, " (percent (persona-share p)) " of them, confidence "
    (percent (persona-confidence p))
    (if (pair? (persona-terms p))
        (string-append "\n  talks of: " (string-join (map name->string (take-at-most (persona-terms p) 8)) ", "))
        "")))

(define (hierarchy->string h :indent [indent ""])
  "The hierarchy H as a tree, one line each: a persona, or how sure it is that two parts are not one.

  > (procedure? hierarchy->string)
  => #t"
  (define (by name) (hash-ref (hierarchy-evidence h) name #f))
  (define (figure name) (%displayed (/ (round (* 100.0 (by name))) 100)))
  (define people (string-append ", " (%displayed (hierarchy-people h)) " people"))
  (if (null? (hierarchy-parts h))
      (string-append indent (%displayed (persona-id (car (hierarchy-personas h)))) " "
                     (persona-name (car (hierarchy-personas h))) people)
      (string-join
        (cons (string-append indent (%displayed (length (hierarchy-personas h))) " personas" people ": "
                             (if (by :holds) "two sides" "perhaps one")
                             (if (by :apart)
                                 (string-append ", " (figure :apart) " apart (a single crowd: up to " (figure :bar) ")")
                                 ", too few to tell")
                             (if (by :agreement)
                                 (string-append ", the same on other days " (figure :agreement)
                                                " (by chance " (figure :chance) ")")
                                 ""))
              (map (lambda (part) (hierarchy->string part :indent (string-append indent "  "))) (hierarchy-parts h)))
        "\n")))

(define (persona-name p)
  "What the persona P is called: the name a person gave it, else its label.

  > (procedure? persona-name)
  => #t"
  (or (persona-alias p) (persona-label p)))

(define (take-at-most items n)
  "The first N of ITEMS, or all of them.

  > (take-at-most '(a b c) 2)
  => (a b)"
  (if (< (length items) n) items (take items n)))

(define (summary->string table)
  "The hash table TABLE as `key value, …`, tables in it in brackets; #f if it holds other things than plain values.

  > (summary->string {:added 3 :files {\"a.json\" 2}})
  => \"added 3, files (a.json 2)\"
  > (summary->string {:a (list 1 2)})
  => #f"
  (let ((entries (map (lambda (key) (summary-entry key (hash-ref table key))) (hash-table-keys table))))
    (and (pair? entries) (every string? entries) (string-join entries ", "))))

(define (summary-entry key value)
  "KEY and VALUE as a string, or #f when VALUE has parts that do not print within a line.

  > (summary-entry :n 3)
  => \"n 3\""
  (let ((shown (cond ((hash-table? value)
                      (let ((inner (summary->string value))) (and inner (string-append "(" inner ")"))))
                     ((or (number? value) (string? value) (boolean? value) (symbol? value)) (%displayed value))
                     (else #f))))
    (and shown (string-append (if (keyword? key) (keyword->string key) (%displayed key)) " " shown))))

(define (sheet->string table)
  "The hash table TABLE, whose keys are keywords, with a line for each of them, what it reads as first; #f of any other.

  > (sheet->string {:slope 0.25 :interval '(0.1 0.5) :reading \"it rises\"})
  => \"it rises\\n  slope     0.25\\n  interval  0.1, 0.5\"
  > (sheet->string (hash-table 1 '(2)))
  => #f"
  (let ((keys (remove (lambda (key) (eq? key :reading)) (hash-table-keys table))))
    (and (pair? keys) (every keyword? keys)
         (let* ((names (map keyword->string keys)) (width (+ 2 (apply max (map string-length names)))))
           (string-join
             (append (if (hash-table-contains? table :reading) (list (%displayed (hash-ref table :reading))) '())
                     (map (lambda (key name)
                            (string-append "  " name (make-string (- width (string-length name)) #\space)
                                           (sheet-value (hash-ref table key))))
                          keys names))
             "\n")))))

(define (sheet-value value)
  "VALUE in a line of a sheet: the parts of a list with commas between them, real numbers to three digits.

  > (map sheet-value '(0.123456 (1 \"a\") ((\"ann\" 2) (\"bob\" 3)) () #f))
  => (\"0.123\" \"1, a\" \"ann 2, bob 3\" \"none\" \"none\")"
  (cond ((or (null? value) (not value)) "none")
        ((and (real? value) (inexact? value)) (%displayed (rounded value)))
        ((list? value)
         (string-join (map (lambda (part) (if (list? part) (string-join (map sheet-value part) " ") (sheet-value part)))
                           value)
                      ", "))
        ((hash-table? value) (string-append "(" (or (summary->string value) (format "~s" value)) ")"))
        (else (or (present value) (%displayed value)))))

(define (show . values)
  "Print VALUES for people, and end the line.

  > (show \"n = \" 3)
  => …"
  (for-each (lambda (value) (display (or (present value) value))) values)
  (newline))
