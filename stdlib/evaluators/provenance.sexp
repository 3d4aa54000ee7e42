;;; The evaluator that remembers what a value was made of: which definitions, tables and parts of the world outside were
;;; used on the way. `why` asks it.
;;;
;;; Each place that names a global notes when it is passed. What it gives, if it is a procedure of the language, is
;;; followed into its definition, evaluated anew by this evaluator. A host primitive that only computes is no source; of
;;; one that reaches outside the program, what it was given is noted. Of code that cannot be followed (a closure that was
;;; made elsewhere) all counts that it could reach by name.

(define provenance-here (the-environment))
(define provenance-inside #f)                ; the global whose definition is being evaluated, #f for the form itself
(define provenance-part 'value)              ; what stands in a test decides: 'control
(define provenance-reads '())                ; of the code made so far: #(times inside part global place value stand-in)
(define provenance-tests '())                ; #(held failed inside form place)
(define provenance-plain '())                ; globals taken to be primitives that only compute
(define provenance-known (make-hash-table))  ; a procedure → what stands for it in code that is followed
(define provenance-met '())                  ; what was used outside the program: (primitive arguments . result)

;; ── Globals ─────────────────────────────────────────────────────────────────────────────────────────────────

(define provenance-next ev)
(define (ev l x env at)
  (let ((code (provenance-next l x env at)) (meaning (if (%identifier? x) (lookup x env) #f)))
    (cond ((not (%global-name meaning)) code)
          ((%plain? meaning) (set! provenance-plain (cons meaning provenance-plain)) code)
          (else
            (let ((row (vector 0 provenance-inside provenance-part meaning at #f #f)))
              (set! provenance-reads (cons row provenance-reads))
              (%call l (l provenance-read!) (list (l row) code) at))))))

(define (provenance-read! row value)         ; what stands for VALUE, the global of ROW
  (vector-set! row 0 (+ 1 (vector-ref row 0)))
  (if (not (eq? value (vector-ref row 5)))
      (begin (vector-set! row 6 (provenance-stand-in value (vector-ref row 3))) (vector-set! row 5 value)))
  (vector-ref row 6))

(define (provenance-stand-in value meaning)
  (cond ((not (procedure? value)) (provenance-reached! value meaning) value)
        ((hash-ref provenance-known value #f))
        (else
          (let ((made (provenance-procedure value meaning)))
            (hash-set! provenance-known value made)
            (hash-set! provenance-known made made)
            made))))

(define (provenance-procedure value meaning)
  (let ((effects (%outside-effects value)))
    (cond ((pair? effects) (provenance-noting value (%global-name meaning)))
          ((provenance-followed value meaning))
          (else (provenance-reached! value meaning) value))))

(define (provenance-followed procedure meaning)
  (let ((inside provenance-inside) (part provenance-part))
    (set! provenance-inside meaning)
    (set! provenance-part 'value)
    (let ((made (%evaluated-by provenance-here procedure)))
      (set! provenance-inside inside)
      (set! provenance-part part)
      made)))

(define (provenance-reached! value meaning)  ; its code was compiled elsewhere: what it names may have been used
  (for-each
    (lambda (other) (set! provenance-reads (cons (vector 1 meaning 'reach other #f #f #f) provenance-reads)))
    (%reached value)))

(define provenance-looks '(%needed-terms table-columns table-types table-plan)) ; see a table's columns, not its rows

(define (provenance-noting primitive name)
  (lambda arguments
    (let ((result (apply primitive arguments)))
      (if (not (or (table? result) (memq name provenance-looks))) (set! provenance-met (cons (cons name (cons arguments result)) provenance-met)))
      result)))

;; ── Tests ───────────────────────────────────────────────────────────────────────────────────────────────────

(define provenance-next-test ev-test)
(define (ev-test l cell env at)
  (let ((part provenance-part))
    (set! provenance-part 'control)
    (let ((test (provenance-next-test l cell env at)))
      (set! provenance-part part)
      (if (and provenance-inside (%shipped? provenance-inside))
          test
          (let ((row (vector 0 0 provenance-inside (%strip (car cell)) (%cell-place l cell at))))
            (set! provenance-tests (cons row provenance-tests))
            (%call l (l provenance-decided!) (list (l row) test) at))))))

(define (provenance-decided! row outcome)
  (let ((at (if outcome 0 1))) (vector-set! row at (+ 1 (vector-ref row at))))
  outcome)

;; ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────

(define (provenance-start!)                  ; from here on; what was followed is followed again unless it holds no more
  (if (not (every %plain? provenance-plain))
      (begin
        (hash-table-clear! provenance-known)
        (set! provenance-plain (filter %plain? provenance-plain))
        (set! provenance-reads (remove (lambda (row) (vector-ref row 1)) provenance-reads))
        (set! provenance-tests (remove (lambda (row) (vector-ref row 2)) provenance-tests))))
  (set! provenance-reads (filter (lambda (row) (not (eq? (vector-ref row 2) 'reach))) provenance-reads))
  (for-each (lambda (row) (vector-set! row 0 0) (vector-set! row 5 #f)) provenance-reads)
  (for-each (lambda (row) (vector-set! row 0 0) (vector-set! row 1 0)) provenance-tests)
  (set! provenance-inside #f)
  (set! provenance-part 'value)
  (set! provenance-met '()))

(define (provenance-used)                    ; the rows of what was read since
  (filter (lambda (row) (> (vector-ref row 0) 0)) (reverse provenance-reads)))

(define (provenance-decided)                 ; the tests that were made since, in the order of the text
  (map (lambda (row)
         {:form (vector-ref row 3) :held (vector-ref row 0) :failed (vector-ref row 1)
          :inside (and (vector-ref row 2) (%global-name (vector-ref row 2))) :place (%place-text (vector-ref row 4))})
       (filter (lambda (row) (> (+ (vector-ref row 0) (vector-ref row 1)) 0)) (reverse provenance-tests))))

(define (provenance-report)                  ; each place that a global was read at, in the order of the text
  (map (lambda (row)
         {:name (%global-name (vector-ref row 3)) :by (vector-ref row 2) :times (vector-ref row 0)
          :inside (and (vector-ref row 1) (%global-name (vector-ref row 1))) :place (%place-text (vector-ref row 4))})
       (provenance-used)))
