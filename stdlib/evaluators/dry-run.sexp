;;; The evaluator that does nothing: what would write, print, call out, run a model or read much is noted with its place
;;; and left out, and its value is unknown. What only computes is done, so that the flow of control can be followed.

(%stand-on (the-environment) 'unknown)

(define what-if-refused '(write-store note ingest write-file net process rewrite compute output))
(define dry-run-cheap '(environment-version cosine top-k diverse %record-turn! %record-sign!)) ; done or left out unsaid
(define dry-run-most-rows 100000)            ; a table is read if the engine expects no more
(define dry-run-counts '(%table-count table->list table->rows %column %cursor %cursor-take)) ; read rows
(define dry-run-looks '(explain lineage table-plan %needed-terms)) ; read none
(define dry-run-console (current-output-port))
(define dry-run-noted '())                   ; what was noted, the latest first

(define (what-if-judging?) #t)
(define (what-if-place parts at) (and (pair? parts) (dry-run-own at)))
(define (dry-run-own at)                     ; a place in the program's text
  (let ((text (%place-text at))) (and text (not (string-prefix? "stdlib/" text)) at)))

(redefine (plain? global) dry-run-next-plain?
  (and (dry-run-next-plain? global) (null? (what-if-effects (%effects (%global-value global))))))

(redefine (stand-in value global) dry-run-next-stand-in
  (let ((effects (or (%effects value) '())) (name (%global-name global)))
    (cond ((memq name dry-run-cheap) (dry-run-next-stand-in value global))
          ((memq 'output effects) (dry-run-printing value name))
          ((pair? (what-if-effects effects)) (dry-run-skipping value name effects))
          ((or (memq 'read-store effects) (memq 'read-table effects)) (dry-run-reading value name))
          ((%harmless? value) value)
          (else #f))))

(define (what-if-instead procedure effects) (dry-run-skipping procedure 'procedure effects))

(define (dry-run-skipping procedure name effects)
  (lambda arguments
    (%call-at (%known-place what-if-known) %insist-on-fit (list procedure arguments (not (any unknown-within? arguments))))
    (unknown-met! 'skipped #f ':name name ':effects effects ':arguments arguments)
    (unknown-value name)))

(define (dry-run-printing primitive name)    ; to a string is no printing
  (let ((skip (dry-run-skipping primitive name '(output))))
    (lambda arguments
      (%call-at (%known-place what-if-known)
                (if (or (pair? unknown-under) (eq? dry-run-console (or (find port? arguments) (current-output-port)))) skip primitive)
                arguments))))

(define (dry-run-reading primitive name)     ; a query is run if it is small
  (let ((skip (dry-run-skipping primitive name '(read-store))))
    (lambda arguments
      (let* ((table (find table? arguments)) (looks (or (not table) (memq name dry-run-looks)))
             (predicted (if looks '() (%predicted-rows table))) (few (<= (apply max 0 (map cadr predicted)) dry-run-most-rows)))
        (cond ((unknown-within? arguments) (apply skip arguments))
              (looks (%call-at (%known-place what-if-known) primitive arguments))
              (else
                (if (memq name dry-run-counts)
                    (unknown-met! 'reads #f ':name name ':table (table-plan table) ':predicted predicted ':done few))
                (if few (%call-at (%known-place what-if-known) primitive arguments) (unknown-value name))))))))

(define (unknown-met! kind at . more)        ; a test is told if the program has written it
  (define (told test) (list (and (dry-run-own (caddr test)) (car test)) (cadr test)))
  (if (or (not at) (dry-run-own at))
      (set! dry-run-noted
            (cons (apply hash-table ':kind kind ':place (%place-text (or at (%known-place what-if-known)))
                         ':under (map told (reverse unknown-under)) more)
                  dry-run-noted))))

(define (dry-run-start!)                     ; gives what goes on with what was noted before
  (let ((before (list dry-run-console unknown-under dry-run-noted)))
    (dry-run-go-on! (list (current-output-port) '() '()))
    (lambda () (dry-run-go-on! before) (%unsure! what-if-known))))

(define (dry-run-go-on! with)
  (set! dry-run-console (car with))
  (set! unknown-under (cadr with))
  (set! dry-run-noted (caddr with)))

(define (dry-run-report) (reverse dry-run-noted)) ; what was left out, in the order in which it would have been done
