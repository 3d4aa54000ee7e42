;;; `why`: what a value was made of, as the evaluator `provenance` saw it, as a tree for people and programs.

(define-record-type <why>
  (%make-why form value sources tests environment %trail)
  why?
  (form why-form)
  (value why-value)
  (sources why-sources)
  (tests why-tests)
  (environment why-environment)
  (%trail %why-trail))

(define-syntax why
  "What the value of FORM was made of: definitions with their versions, settings, tables and their rows, messages, and what
came from outside the program. Prints as a tree; `why-value` is the value, `why-sources` and `why-tests` the tree and the
tests that decided as lists, `why-rows` the rows of a table that took part.

> (define rate 2)
> (define (price x) (if (> x 10) (* x rate) x))
> (map (lambda (source) (list (get source :name) (get source :by))) (why-sources (why (price 20))))
=> ((price value))
> (why-value (why (price 20)))
=> 40
> (map (lambda (source) (get source :name)) (get (first (why-sources (why (price 20)))) :from))
=> (rate)"
  (syntax-rules ()
    ((_ form) (%why 'form (lambda () (with-evaluator provenance form))))))

(define (%why form thunk)
  (let ((end #f))
    (dynamic-wind
      (lambda () (set! end (%why-begin! (%evaluator-ref 'provenance 'provenance-noted))))
      (lambda ()
        (let* ((value (thunk)) (noted (%evaluator-ref 'provenance 'provenance-noted))
               (met (reverse (vector-ref noted 2))) (tables (%why-tables met value)))
          (%make-why form value
                     (append (%why-messages value) (map car tables) (%why-tree (%why-passed (vector-ref noted 0) '(2)) met))
                     (%why-decided (%why-passed (vector-ref noted 1) '(0 1)))
                     (environment-version) (lambda () (map cdr tables)))))
      (lambda () (end)))))

;; NOTED is what the evaluator has noted: #(places tests met depth). Whoever asks begins anew; what an asking around it had
;; noted comes back at the end, and what was met meanwhile counts there as well.

(define (%why-begin! noted)
  ((%evaluator-ref 'provenance 'follow-anew!))
  (let ((before (vector-copy noted)) (nested (> (vector-ref noted 3) 0)))
    (define (aside rows counters) (map (lambda (row) (cons row (map (lambda (at) (vector-ref row at)) counters))) rows))
    (define (add! counted counters)
      (for-each
        (lambda (pair)
          (for-each (lambda (at n) (vector-set! (car pair) at (+ n (vector-ref (car pair) at)))) counters (cdr pair)))
        counted))
    (let ((places (aside (vector-ref noted 0) '(2))) (tests (aside (vector-ref noted 1) '(0 1))))
      (vector-set! noted 0 (filter (lambda (place) (vector-ref place 3)) (vector-ref noted 0)))
      (for-each (lambda (place) (vector-set! place 0 #f) (vector-set! place 2 0)) (vector-ref noted 0))
      (for-each (lambda (row) (vector-fill! row 0 0 2)) (vector-ref noted 1))
      (vector-set! noted 2 '())
      (vector-set! noted 3 (+ (vector-ref noted 3) 1))
      (lambda ()
        (vector-set! noted 3 (- (vector-ref noted 3) 1))
        (if nested
            (begin
              (add! (filter (lambda (pair) (vector-ref (car pair) 3)) places) '(2))
              (add! tests '(0 1))
              (vector-set! noted 0 (append (vector-ref noted 0) (remove (lambda (place) (vector-ref place 3)) (vector-ref before 0))))
              (vector-set! noted 2 (append (vector-ref noted 2) (vector-ref before 2)))))))))

(define (%why-passed rows counters)          ; those of ROWS that were passed, in the order of the text
  (filter (lambda (row) (any (lambda (at) (> (vector-ref row at) 0)) counters)) (reverse rows)))

(define (%why-decided tests)
  (map (lambda (row)
         {:form (vector-ref row 3) :held (vector-ref row 0) :failed (vector-ref row 1)
          :inside (%global-name (vector-ref row 2)) :place (%place-text (vector-ref row 4))})
       tests))

;; ── The tree ────────────────────────────────────────────────────────────────────────────────────────────────

(define (%why-key global) (and global (cons (%shipped? global) (%global-name global))))

;; USED: places, #(value stand-in times maker global at inside part). A procedure that the language came with is left out: what it read stands
;; where it was used. What was met before is not taken apart again.
(define (%why-tree used met)
  (let ((rows (make-hash-table)) (seen (make-hash-table)))
    (define (below key by)
      (let loop ((left (%why-merged (hash-ref rows key '()) by)) (found '()))
        (if (null? left)
            (reverse found)
            (loop (cdr left) (append (reverse (apply node (car left))) found)))))
    (define (node global by times)
      (let* ((key (%why-key global)) (again (hash-ref seen key #f)) (known (%definition-record global)))
        (hash-set! seen key #t)
        (hash-set! known :by by)
        (hash-set! known :times times)
        (if (eq? (get known :kind) 'setting) (hash-set! known :shown (%brief (%global-value global))))
        (cond ((and (eq? (get known :version) 'shipped) (eq? (get known :kind) 'procedure))
               (if again '() (append (%why-outside global met by) (below key by))))
              (again (hash-set! known :again #t) (list known))
              (else (let ((from (below key 'value))) (if (pair? from) (hash-set! known :from from)) (list known))))))
    (for-each
      (lambda (row) (hash-update! rows (%why-key (vector-ref row 6)) (lambda (found) (cons row found)) '()))
      (reverse used))
    (below #f 'value)))

(define (%why-merged rows by)                ; each global once: (global by times)
  (let ((found (make-hash-table)))
    (for-each
      (lambda (row)
        (let* ((global (vector-ref row 4)) (part (if (eq? by 'value) (vector-ref row 7) by)))
          (hash-update! found (%why-key global)
                        (lambda (known) (list (car known) (%why-stronger part (cadr known)) (+ (vector-ref row 2) (caddr known))))
                        (list global part 0))))
      rows)
    (hash-table-values found)))

(define (%why-stronger a b) (cond ((or (eq? a 'value) (eq? b 'value)) 'value) ((eq? a 'control) a) (else b)))

(define %why-worlds                          ; effects by which something comes into a program
  '((read-store . "the workspace") (read-file . "a file") (net . "the network") (process . "another process")
    (clock . "the clock") (random . "chance") (environment . "the environment of the process")))

(define (%why-outside global met by)         ; what a host primitive brought from outside the program
  (let* ((effects (filter (lambda (effect) (assq effect %why-worlds)) (%outside-effects (%global-value global))))
         (calls (filter (lambda (call) (eq? (car call) (%global-name global))) met))
         (others (filter (lambda (call) (not (any table? (cadr call)))) calls)))
    (if (and (pair? effects) (pair? others) (not (memq (%global-name global) '(%record-turn! %record-sign! %next-turn %turn-clock))))
        (list {:kind 'outside :name (%global-name global) :effects effects :by by :times (length others)})
        '())))

;; ── Tables and messages ─────────────────────────────────────────────────────────────────────────────────────

(define (%why-tables met value)              ; each table that was read: (source . table)
  (let loop ((left (append (append-map (lambda (call) (filter table? (cadr call))) met) (if (table? value) (list value) '())))
             (found '()))
    (cond ((null? left) (reverse found))
          ((assoc (table-plan (car left)) (map (lambda (each) (cons (get (car each) :table) each)) found))
           (loop (cdr left) found))
          (else (loop (cdr left) (cons (cons (%why-table (car left)) (car left)) found))))))

(define (%why-table table)
  (let ((from (lineage table)))
    {:kind 'table :table (table-plan table)
     :rows (map (lambda (name) (list name (%table-count (get from name)))) (hash-table-keys from))}))

(define (%why-messages value)                ; those that an answer quotes, and who was asked
  (if (answer? value)
      (append (if (answer-persona value) (list {:kind 'persona :name (get (answer-persona value) :label) :id (get (answer-persona value) :id)}) '()) (map (lambda (c) {:kind 'message :message-id (citation-message-id c) :author (citation-author c) :span (citation-span c)})
                                                                                                                                                          (answer-citations value)))
      '()))

(define (why-rows w table [row #f])
  "The rows of TABLE, a name such as 'messages, that the value which W tells of was made of: a list of their keys (the
program's own rows are 'rows, numbered from 0). With ROW, a row of a table that was read, those that this one came of.

> (define talk (rows->table '({:who \"ann\" :n 3} {:who \"bob\" :n 1} {:who \"ann\" :n 5})))
> (define w (why (count (where talk (> n 1)))))
> (list (why-value w) (why-rows w 'rows))
=> (2 (0 2))"
  (delete-duplicates
    (append-map
      (lambda (each)
        (let ((keys (get (lineage each row) table #f)))
          (if keys (map (lambda (key) (if (null? (cdr key)) (car key) key)) (table->rows keys)) '())))
      ((%why-trail w)))))

(define (why->list w)
  "What W, of `why`, tells, as data that can be written and read back.

> (take (why->list (why (+ 1 2))) 4)
=> (why (form (+ 1 2)) (value 3) (sources))"
  (list 'why (list 'form (why-form w)) (list 'value (why-value w)) (cons 'sources (why-sources w))
        (cons 'tests (why-tests w)) (list 'environment (why-environment w))))

;; ── As text ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (why->string w)
  "What W, of `why`, tells, as a tree.

> (define rate 2)
> (display (why->string (why (* rate 3))))"
  (string-join
    (append
      (list (string-append (%brief (why-form w)) " is " (%why-shown (why-value w))))
      (if (null? (why-sources w)) '("  It depends on nothing but itself.") (%why-listed (why-sources w) "  "))
      (map %why-test (why-tests w)))
    "\n"))

(define (%why-shown value) (or (present value) (%brief value)))

(define (%why-listed sources indent)         ; what is like others is told in one line with them
  (let ((outside (filter (lambda (s) (eq? (get s :kind) 'outside)) sources))
        (shipped (filter (lambda (s) (eq? (get s :version #f) 'shipped)) sources)))
    (append
      (append-map
        (lambda (s)
          (cons (string-append indent (%why-line s)) (%why-listed (get s :from '()) (string-append indent "  "))))
        (remove (lambda (s) (or (memq s outside) (memq s shipped))) sources))
      (if (null? outside) '() (list (string-append indent "from outside: " (%why-worlds-of outside))))
      (if (null? shipped) '() (list (string-append indent "settings as the language has them: " (%why-settings shipped)))))))

(define (%why-worlds-of outside)             ; each part of the world with the primitives that reached it
  (string-join
    (filter-map
      (lambda (world)
        (let ((by (filter (lambda (s) (memq (car world) (get s :effects))) outside)))
          (and (pair? by)
               (string-append (cdr world) " (" (string-join (delete-duplicates (map (lambda (s) (%displayed (get s :name))) by)) ", ") ")"))))
      %why-worlds)
    ", "))

(define (%why-settings shipped)
  (string-join (delete-duplicates (map (lambda (s) (string-append (%displayed (get s :name)) " " (get s :shown ""))) shipped)) ", "))

(define (%why-line source)
  (case (get source :kind)
    ((table)
     (string-append "the table " (%brief (get source :table)) ", of "
                    (string-join (map %why-rows-of (get source :rows)) " and ")))
    ((message) (string-append "message " (%displayed (get source :message-id)) ": “" (get source :span) "”"))
    ((persona) (string-append "the persona " (%displayed (get source :name))))
    (else
      (string-append (%displayed (get source :name)) (%why-definition source) ", " (%why-version source) (%why-times source)
                     (%why-role source) (if (get source :again #f) " (see above)" "")))))

(define (%why-rows-of each)
  (string-append (%displayed (cadr each)) (if (= (cadr each) 1) " row" " rows")
                 (if (eq? (car each) 'rows) " that the program gave" (string-append " of " (%displayed (car each))))))

(define (%why-definition source)
  (let ((form (get source :definition #f)))
    (cond ((not (eq? (get source :kind) 'setting)) "")
          ((pair? form) (string-append " = " (%brief (last form))))
          (else (string-append " = " (get source :shown ""))))))

(define (%why-version source)
  (case (get source :version)
    ((shipped) "as the language has it")
    ((unknown) "of no version")
    (else
      (string-append "version " (%displayed (get source :version))
                     (if (get source :time #f)
                         (string-append " (" (get source :author) ", " (day-of (get source :time))
                                        (if (equal? (get source :reason) "") "" (string-append ", “" (get source :reason) "”")) ")")
                         "")))))

(define (%why-times source)
  (let ((n (get source :times 1))) (if (> n 1) (string-append ", used " (%displayed n) " times") "")))

(define (%why-role source)
  (case (get source :by)
    ((control) ", in a test")
    ((reach) ", may have been used")
    (else "")))

(define (%why-test test)
  (string-append "  decided by " (%brief (get test :form)) ", which "
                 (cond ((= 0 (get test :failed)) "held") ((= 0 (get test :held)) "failed")
                       (else (string-append "held " (%displayed (get test :held)) " and failed "
                                            (%displayed (get test :failed)) " times")))
                 (if (get test :inside) (string-append ", in " (%displayed (get test :inside))) "")))
