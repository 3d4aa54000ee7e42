;;; The values of a query's clauses, each checked at its place and turned into the options of a call.

(define (checked clauses name accepted? wanted [example (clause-example name)])
  "The value of clause NAME, #f when there is none; refused, with the EXAMPLE, when ACCEPTED? is false of it.

  > (checked '() 'context symbol? \"a name\")
  => #f"
  (let ((value (clause-value clauses name #f)))
    (if (or (not value) (accepted? value))
        value
        (%reject-form (cdadr (assq name clauses))
                      (string-append "the clause " (symbol->string name) " takes " wanted ", not " (format "~s" value))
                      (string-append "for example " example)))))

(define (name? x)
  "Whether X can name something: a symbol, a string, a number.

  > (map name? '(a \"a\" 1 ()))
  => (#t #t #t #f)"
  (or (symbol? x) (string? x) (integer? x)))

(define (change-form? x)
  "Whether X is written as a change: a name, or (action feature [amount]), the amount above 0.

  > (map change-form? '(nerf-weapon-damage (nerf weapon-damage 0.8) (nerf) (nerf weapon-damage -0.8)))
  => (#t #t #f #f)"
  (or (symbol? x) (string? x)
      (and (pair? x) (list? x) (symbol? (car x)) (memv (length x) '(2 3))
           (name? (cadr x)) (or (null? (cddr x)) (and (real? (caddr x)) (> (caddr x) 0))))))

(define (range? x)
  "Whether X is a pair of moments.

  > (map range? '((\"2026-01-01\" \"2026-02-01\") 1))
  => (#t #f)"
  (and (list? x) (= (length x) 2)))

(define (option keyword value)
  "(KEYWORD VALUE), or nothing for no value.

  > (option ':context #f)
  => ()"
  (if value (list keyword value) '()))

(define (quoted x)
  "The form whose value is X.

  > (quoted 'a)
  => 'a"
  (list 'quote x))

(define (range-options clauses)
  "The options :since and :until of a time-range clause. Dates that stand there as such are checked at their place.

  > (range-options (query-clauses '((time-range (2026-01-01 (now))))))
  => (:since (moment \"2026-01-01\") :until (moment (now)))"
  (let ((range (checked clauses 'time-range range? "a list of two moments")))
    (if range
        (let ((since (checked-moment range)) (until (checked-moment (cdr range))))
          (if (and since until (<= (instant-difference until since) 0))
              (%reject-form (cdadr (assq 'time-range clauses)) "this time-range ends before it begins"
                            "the earlier moment first: (time-range (\"2026-01-01\" \"2026-02-01\"))"))
          (list ':since (moment-call range) ':until (moment-call (cdr range))))
        '())))

(define (moment-call cell)
  "The call that gives the moment at the head of CELL, placed there; a day may be called by its word.

  > (map moment-call '((start) (\"Monday\")))
  => ((moment start) (moment-called \"Monday\"))"
  (let ((given (moment-form (car cell))))
    (%placed cell (list (if (%day-word? given) 'moment-called 'moment) given) :head #t)))

(define (checked-moment cell)
  "The instant that the head of CELL writes, refused at its place when it is no date; #f of a name, a call or the word
  for a day, which are known only when the query runs.

  > (map checked-moment '((start) ((now))))
  => (#f #f)"
  (let ((given (moment-form (car cell))))
    (cond ((%day-word? given) #f)
          ((string? given)
           (guard (e (#t (%reject-form cell (error-object-message e) "write it as \"2026-01-31\", \"2026-01-31T10:00Z\" or \"yesterday\"")))
             (moment given)))
          ((instant? given) given)
          ((or (symbol? given) (pair? given)) #f)
          (else (%reject-form cell (string-append (format "~s" given) " is no date")
                              "write it as \"2026-01-31\", \"2026-01-31T10:00Z\" or \"yesterday\"")))))

(define (moment-form x)
  "The form for the moment X of a clause: a date may stand there bare, as 2025-01-01 does.

  > (map moment-form '(2025-01-01 \"2025-01-01\" (now) start))
  => (\"2025-01-01\" \"2025-01-01\" (now) start)"
  (if (and (symbol? x) (char-numeric? (string-ref (symbol->string x) 0))) (symbol->string x) x))

(define (filter-options clauses)
  "The options of a filters clause, which knows (channel NAME), a call placed there.

  > (filter-options (query-clauses '((filters ((channel \"general\"))))))
  => (:channel (channel-called \"general\"))"
  (let ((filters (checked clauses 'filters list? "a list of filters, of which there is one: (channel NAME)")))
    (let loop ((rest (cond ((not filters) '())
                           ((and (pair? filters) (symbol? (car filters))) (cdadr (assq 'filters clauses))) ; one alone
                           (else filters))))
      (cond ((null? rest) '())
            ((null? (cdr rest)) (filter-option rest))
            (else (filter-option rest) ; a slip in the first is told before there being two
                  (%reject-form (cdr rest) "one filter is the most" "a query is of one channel, or of all"))))))

(define (filter-option rest)
  "The option of the first filter of REST.

  > (filter-option '((channel general)))
  => (:channel (channel-called \"general\"))"
  (let ((row (car rest)))
    (if (and (pair? row) (eq? (car row) 'channel) (list? row) (= 2 (length row)) (name? (cadr row)))
        (list ':channel (%placed row (list 'channel-called (name->string (cadr row)))))
        (%reject-form rest (string-append "there is no filter " (format "~s" row))
                      (with-nearest (and (pair? row) (not (eq? (car row) 'channel)) (car row)) '(channel) "accepted: (channel NAME)")))))

(define (channel-called name)
  "NAME, which some channel has as its id or name; else an error.

  > (guard (e (#t (error-object-message e))) (channel-called \"no such channel\"))
  => \"query: there is no channel \\\"no such channel\\\"\""
  (%check-channel 'query name)
  name)

(define (audience-form clauses [finder 'audience])
  "The call by FINDER that finds the persona of the target clause, placed where that clause stands.

  > (audience-form (query-clauses '((target newcomers))))
  => (audience 'newcomers)"
  (let ((target (checked clauses 'target name? "a name")))
    (%placed (cadr (assq 'target clauses)) (list finder (quoted target)))))
