;;; The evaluator that remembers what a value was made of: which definitions, tables and parts of the world outside were
;;; used on the way. `why` asks it. Each place that names a global knows how often it was passed; host primitives that
;;; only compute are no sources. Of code that cannot be followed (a closure made elsewhere) all counts that it could reach.

(%stand-on (the-environment) 'follow)

(define provenance-inside #f)                ; the global whose definition is being evaluated, #f for the form itself
(define provenance-part 'value)              ; what stands in a test decides: 'control
(define provenance-noted                     ; lists, the latest first, and how many ask, one within the other
  (vector '()                                ; places: #(value stand-in times maker global at inside part)
          '()                                ; tests: #(held failed inside form at)
          '()                                ; what was used outside the program: (primitive arguments . result)
          0))
(define provenance-looks '(%needed-terms table-columns table-types table-plan)) ; see a table's columns, not its rows

(define (followed? global) #t)
(redefine (plain? global) provenance-next-plain?   ; what is written out in a query is evaluated by no evaluator
  (and (not (eq? (%global-name global) '%column-procedure)) (provenance-next-plain? global)))

(define (provenance-note! kind row) (vector-set! provenance-noted kind (cons row (vector-ref provenance-noted kind))))

(define (provenance-within global part thunk)
  (let ((inside provenance-inside) (around provenance-part))
    (set! provenance-inside global)
    (set! provenance-part part)
    (let ((made (thunk)))
      (set! provenance-inside inside)
      (set! provenance-part around)
      made)))

(redefine (follow-place global at) provenance-next-place
  (let ((place (vector-append (provenance-next-place global at) (vector provenance-inside provenance-part))))
    (provenance-note! 0 place)
    place))

(redefine (follow-instead value global) provenance-next-instead
  (let ((made (provenance-within global 'value (lambda () (provenance-next-instead value global)))))
    (if (eq? made value) (provenance-reach! value global))
    made))

(define (provenance-reach! value global)
  (for-each (lambda (other) (provenance-note! 0 (vector #f #f 1 #f other #f global 'reach))) (%reached value)))

(define (stand-in value global)              ; of what reaches outside the program, what it was given is kept
  (define name (%global-name global))
  (define (column-procedure procedure) (provenance-reach! procedure (%defined-as procedure)) (value procedure))
  (define (noting . arguments)
    (let ((result (apply value arguments)))
      (if (not (or (table? result) (memq name provenance-looks))) (provenance-note! 2 (cons* name arguments result)))
      result))
  (cond ((eq? name '%column-procedure) column-procedure)
        ((pair? (%outside-effects value)) noting)
        (else #f)))

(redefine (ev-test l cell env at) provenance-next-test
  (let* ((inside provenance-inside)
         (test (provenance-within inside 'control (lambda () (provenance-next-test l cell env at))))
         (row (vector 0 0 inside (%strip (car cell)) (%cell-place l cell at))))
    (if (and inside (%shipped? inside))
        test
        (begin (provenance-note! 1 row)
          (%call l (l provenance-decided!) (list (l row) test) at)))))

(define (provenance-decided! row outcome)
  (%count! row (if outcome 0 1))
  outcome)

(define (provenance-report)                  ; each place that a global was read at, in the order of the text
  (map (lambda (place)
         {:name (%global-name (vector-ref place 4)) :by (vector-ref place 7) :times (vector-ref place 2)
          :inside (%global-name (vector-ref place 6)) :place (%place-text (vector-ref place 5))})
       (filter (lambda (place) (> (vector-ref place 2) 0)) (reverse (vector-ref provenance-noted 0)))))
