;;; `dry-run`: what a form would do, with nothing done that writes or costs.

(define-record-type <unknown>                  ; the value of what was left out
  (%make-unknown of)
  unknown?
  (of unknown-of))

(define-record-type <dry-run>
  (%make-dry-run form value steps)
  dry-run?
  (form dry-run-form)
  (value dry-run-value)
  (steps dry-run-steps))

(define-syntax dry-run
  "What FORM would do: what only computes is done; what would write, print, call out, run a model or read more than 100,000
rows is left out, and told with its place and arguments. Its value is unknown; of a test that is unknown both branches
are followed. What FORM gives to globals is taken back.

> (define d (dry-run (begin (write-file \"report.txt\" (string-append \"a\" \"b\")) (+ 1 2))))
> (list (dry-run-value d) (map (lambda (step) (list (get step :name) (get step :arguments))) (dry-run-steps d)))
=> (3 ((write-file (\"report.txt\" \"ab\"))))"
  (syntax-rules ()
    ((_ form) (%dry-run 'form (lambda () (with-evaluator dry-run form))))))

(define (%dry-run form thunk)
  (let ((part (lambda (name) (%evaluator-ref 'dry-run name))) (go-on #f))
    (dynamic-wind
      (lambda () (%assume '() '() '()) ((part 'what-if-enter!) 1) (set! go-on ((part 'dry-run-start!))))
      (lambda ()
        (let ((value (guard (problem ((error-object? problem) problem) (else (%dry-run-raised problem))) (thunk))))
          (%make-dry-run form value ((part 'dry-run-report)))))
      (lambda () (go-on) ((part 'what-if-enter!) -1) (%leave-environment)))))

(define (%dry-run-raised value)              ; the error that it is if nobody catches it; its place is not known
  (guard (problem (#t problem)) (%error 'raised (string-append (%brief value) " is raised and not caught") #f value)))

(define (%predicted-rows table)              ; (source rows) for each that the engine would read
  (cdr (assq 'predicted (cdr (explain table)))))

(define (dry-run->string d)
  "What D, of `dry-run`, found, for people.

> (dry-run->string (dry-run (+ 1 2)))
=> \"(+ 1 2) does nothing outside the program\\n  its value is 3\""
  (string-join
    (append
      (list (string-append (%brief (dry-run-form d)) (if (null? (dry-run-steps d)) " does nothing outside the program" " would")))
      (map (lambda (step) (string-append "  " (%dry-run-line step))) (dry-run-steps d))
      (list (string-append "  " (%dry-run-ends (dry-run-value d)))))
    "\n"))

(define (%dry-run-ends value)
  (cond ((unknown? value) "its value is unknown")
        ((error-object? value)
         (string-append "then fail: " (error-object-message value) (%dry-run-place value)))
        (else (string-append "its value is " (or (present value) (%brief value))))))

(define (%dry-run-place problem)
  (define span (error-object-span problem))
  (if (and span (not (eq? (error-object-code problem) 'raised)) (not (string-prefix? "stdlib/" (get span :file))))
      (string-append "   [" (get span :file) ":" (number->string (get span :line)) ":" (number->string (get span :column)) "]")
      ""))

(define (%dry-run-line step)
  (string-append
    (string-join (map (lambda (test)
                        (string-append "if " (%brief (car test)) (if (cadr test) " holds: " " fails: ")))
                      (filter car (get step :under))) "")
    (if (every car (get step :under)) "" "perhaps ")
    (case (get step :kind)
      ((skipped)
       (string-append (%displayed (get step :name)) " with " (%brief (get step :arguments)) " — "
                      (string-join (map %dry-run-effect (get step :effects)) ", ")))
      ((reads)
       (string-append (if (get step :done) "read " "leave out reading ") (%brief (get step :table)) ", about "
                      (string-join (map (lambda (row) (string-append (%displayed (cadr row)) " rows in " (%brief (car row) 30)))
                                        (get step :predicted)) ", ")))
      ((unknown-test) (string-append "decide by " (%brief (get step :test)) ", which is not known: both ways follow"))
      ((unknown-call) (string-append "call what is not known with " (%brief (get step :arguments))))
      (else (string-append "fail: " (get step :message))))
    (if (get step :place) (string-append "   [" (get step :place) "]") "")))

(define (%dry-run-effect effect)
  (let ((found (assq effect '((write-store . "writes to the workspace") (note . "notes in the workspace that it was asked") (ingest . "takes data in") (write-file . "writes a file")
                              (net . "calls out over the network") (process . "acts on processes")
                              (rewrite . "rewrites the evaluator") (compute . "computes at length") (output . "prints") (read-store . "reads the workspace") (read-table . "reads a table")))))
    (if found (cdr found) (symbol->string effect))))
