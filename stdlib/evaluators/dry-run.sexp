;;; The evaluator that does nothing: what would write, print, call out, run a model or read much is noted with its place
;;; and left out. What only computes is done, so that the flow of control can be followed. The value of what was left out
;;; is unknown, and so is what is computed from it; of a test that is unknown both branches are followed.

(define dry-run-here (the-environment))
(define dry-run-skips '(write-store ingest write-file net process rewrite compute output))
(define dry-run-cheap '(environment-version cosine top-k diverse %record-turn!)) ; done or left out unsaid
(define dry-run-most-rows 100000)            ; a table is read if the engine expects no more
(define dry-run-holders (list list cons vector values)) ; may hold what is unknown
(define dry-run-deepest 6)                   ; so many unknown tests within one another are followed
(define dry-run-console (current-output-port))
(define dry-run-unknowns #f)                 ; whether anything is unknown yet
(define dry-run-noted '())                   ; what was noted, the latest first
(define dry-run-under '())                   ; the unknown tests that what is evaluated now depends on: (form outcome place)
(define dry-run-at #f)                       ; where the call under way was written

(define (dry-run-note! kind . more)
  (set! dry-run-noted
        (cons (apply hash-table ':kind kind ':place (%place-text dry-run-at)
                     ':under (map (lambda (test) (list (and (dry-run-own (caddr test)) (car test)) (cadr test)))
                                  (reverse dry-run-under)) more)
              dry-run-noted)))

(define (dry-run-unknown of) (set! dry-run-unknowns #t) (%make-unknown of))

;; ── Globals ─────────────────────────────────────────────────────────────────────────────────────────────────

(define dry-run-next ev)
(define (ev l x env at)
  (let ((code (dry-run-next l x env at)) (meaning (if (%identifier? x) (lookup x env) #f)))
    (if (%global-name meaning) (%call l (l dry-run-stand-in) (list code (l meaning)) at) code)))

(define dry-run-stand-in
  (%stand-ins dry-run-here
              (lambda (value meaning)
                (let ((effects (or (%effects value) '())) (name (%global-name meaning)))
                  (cond ((memq name dry-run-cheap) value)
                        ((memq 'output effects) (dry-run-printing value name))
                        ((any (lambda (effect) (memq effect dry-run-skips)) effects) (dry-run-skipping value name effects))
                        ((memq 'read-store effects) (dry-run-reading value name))
                        ((%harmless? value) value)
                        (else #f))))))

(define (dry-run-skipping primitive name effects)
  (lambda arguments
    (dry-run-note! 'skipped ':name name ':effects effects ':arguments arguments)
    (dry-run-unknown name)))

(define (dry-run-printing primitive name)    ; to a string is no printing
  (lambda arguments
    (if (or (pair? dry-run-under) (eq? dry-run-console (or (find port? arguments) (current-output-port))))
        (dry-run-note! 'skipped ':name name ':effects '(output) ':arguments arguments)
        (apply primitive arguments))))

(define (dry-run-reading primitive name)     ; a query is run if it is small
  (lambda arguments
    (let ((tables (filter table? arguments)))
      (cond
        ((any dry-run-within? (list arguments))
         (dry-run-note! 'skipped ':name name ':effects '(read-store) ':arguments arguments)
         (dry-run-unknown name))
        ((or (null? tables) (memq name '(explain lineage table-plan %needed-terms))) (apply primitive arguments))
        (else
          (let* ((predicted (cdr (assq 'predicted (cdr (explain (car tables)))))) (most (apply max 0 (map cadr predicted))))
            (if (memq name '(%table-count table->list table->rows %column %cursor %cursor-take))
                (dry-run-note! 'reads ':name name ':table (table-plan (car tables)) ':predicted predicted
                               ':done (<= most dry-run-most-rows)))
            (if (<= most dry-run-most-rows) (apply primitive arguments) (dry-run-unknown name))))))))

;; ── Calls ───────────────────────────────────────────────────────────────────────────────────────────────────

(define dry-run-next-apply ev-apply)
(define (ev-apply l procedure arguments x at)
  (%if l (%call l (l dry-run-known?) (cons (l (dry-run-own at)) (cons procedure arguments)) at)
       (lambda () (dry-run-next-apply l procedure arguments x at))
       (lambda () (dry-run-next-apply l (l dry-run-call) (cons procedure arguments) x at))
       at))

(define (dry-run-known? at . parts)          ; whether all PARTS of the call, at AT, are known: it is as any other
  (if at (set! dry-run-at at))
  (not (or dry-run-unknowns (any dry-run-unseen parts))))

(define dry-run-seen (make-hash-table))      ; procedures that have been looked at → what they do that is left out, or #f

(define (dry-run-unseen value)               ; what a procedure does that other evaluators have compiled
  (and (procedure? value)
       (let ((known (hash-ref dry-run-seen value 'new)))
         (if (eq? known 'new) (dry-run-looked-at! value) known))))

(define (dry-run-looked-at! procedure)
  (let* ((all (or (%unseen-effects procedure dry-run-stand-in) '()))
         (effects (filter (lambda (effect) (memq effect dry-run-skips)) all))
         (found (and (pair? effects) (dry-run-skipping procedure 'procedure effects))))
    (hash-set! dry-run-seen procedure found)
    found))

(define (dry-run-own at)                     ; a place in the program's text
  (let ((text (%place-text at))) (and text (not (string-prefix? "stdlib/" text)) at)))

(define (dry-run-call procedure . arguments)
  (dry-run-call-of (or (dry-run-unseen procedure) procedure)
                   (map (lambda (each) (or (dry-run-unseen each) each)) arguments)))

(define (dry-run-call-of procedure arguments)
  (cond ((not (or (procedure? procedure) (unknown? procedure))) (procedure)) ; the error that it is
        ((unknown? procedure) (dry-run-note! 'unknown-call ':arguments arguments) procedure)
        ((and (eq? procedure apply) (pair? arguments))
         (let ((spread (apply cons* (cdr arguments))))
           (if (list? spread) (dry-run-call-of (car arguments) spread) (dry-run-unknown 'apply))))
        ((memq procedure dry-run-holders) (apply procedure arguments))
        ((not (or (%effects procedure) (%harmless? procedure))) (apply procedure arguments)) ; it is followed
        ((find unknown? arguments)
         => (lambda (found)
              (if (any procedure? arguments) (apply (or (%evaluated-by dry-run-here procedure) procedure) arguments) found)))
        ((any dry-run-within? arguments)     ; deep inside: it may matter, or not
         (guard (problem ((error-object? problem) (dry-run-unknown 'part))) (apply procedure arguments)))
        (else (apply procedure arguments))))

(define (dry-run-within? value)
  (and (pair? value) (or (unknown? (car value)) (unknown? (cdr value)) (dry-run-within? (car value)) (dry-run-within? (cdr value)))))

;; ── Branches and assignments ────────────────────────────────────────────────────────────────────────────────

(define (ev-if l x env at)
  (define (branch evaluated) (%procedure l '() #f (lambda (none) (evaluated)) at))
  (%parts x 2 3 at)
  (let ((test (ev-test l (cdr x) env at)))
    (%call l (l dry-run-choose)
           (list (l (%strip (cadr x))) (l at) test
                 (branch (lambda () (ev-branch l (cddr x) env at)))
                 (branch (lambda () (if (pair? (cdddr x)) (ev-branch l (cdddr x) env at) (%quote l (if #f #f) at)))))
           at)))

(define (dry-run-choose form at test yes no)
  (cond ((not (unknown? test)) (if test (yes) (no)))
        ((or (>= (length dry-run-under) dry-run-deepest)
             (find (lambda (each) (and (eq? (car each) form) (eq? (caddr each) at))) dry-run-under))
         test)                               ; a round of a loop, or too far from what is known
        (else
          (if (dry-run-own at) (begin (set! dry-run-at at) (dry-run-note! 'unknown-test ':test form)))
          (let* ((one (dry-run-try (list form #t at) yes)) (other (dry-run-try (list form #f at) no)))
            (if (equal? one other) one (dry-run-unknown form))))))

(define (dry-run-try test branch)            ; what BRANCH gives, which nobody knows will be taken
  (let ((under dry-run-under))
    (dynamic-wind
      (lambda () (set! dry-run-under (cons test under)))
      (lambda ()
        (guard (problem ((error-object? problem)
                         (dry-run-note! 'fails ':message (error-object-message problem))
                         (dry-run-unknown 'failed)))
          (branch)))
      (lambda () (set! dry-run-under under)))))

(define dry-run-next-set! ev-set!)
(define (ev-set! l x env at)                 ; what may be assigned is unknown afterwards
  (dry-run-next-set! l (if (and (list? x) (= (length x) 3)) (list (car x) (cadr x) (cons dry-run-assigned (cddr x))) x) env at))

(define (dry-run-assigned value) (if (pair? dry-run-under) (dry-run-unknown 'assigned) value))

;; ── Asking ──────────────────────────────────────────────────────────────────────────────────────────────────

(define (dry-run-start!)
  (set! dry-run-console (current-output-port))
  (set! dry-run-unknowns #f)
  (set! dry-run-under '())
  (set! dry-run-noted '()))

(define (dry-run-report) (reverse dry-run-noted)) ; what was left out, in the order in which it would have been done
