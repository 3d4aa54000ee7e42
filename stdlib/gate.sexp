;;; The gate, as programs use it: what decides is host code (interpreter/gate); here is what runs programs' procedures.

(define (proposals :state [state #f])
  "All proposals, the newest first, as hash tables {:number :name :form :frame :by :because :at :state :why :findings :pairs
:ready :decided-by :epoch :version}; of one STATE if it is given. Prints as a sheet.

> (list? (proposals))
=> #t"
  (if state
      (filter (lambda (each) (eq? (get each :state) state)) (%proposals))
      (%proposals)))

(define (with-proposal number thunk)
  "What THUNK gives while names mean what they would if proposal NUMBER were accepted. What is changed meanwhile makes no
version.

> (define (an-eighth x) (/ x 8))
> (define n (propose! 'an-eighth '(lambda (x) (list x 'by 8)) :in 'context))
> (list (with-proposal n (lambda () (an-eighth 4))) (an-eighth 4))
=> ((4 by 8) 1/2)"
  (dynamic-wind (lambda () (%enter-proposal number)) thunk %leave-proposal))

(define (with-canary turn thunk)
  "What THUNK gives, for one TURN in ten under the proposal that is in its canary.

> (with-canary 1 (lambda () 'done))
=> done"
  (let ((number (canary turn)))
    (if number (with-proposal number thunk) (thunk))))

(define-syntax invariant
  "Let the gate hold every candidate against FORM, which must give VALUE. It must hold now, and lasts: no definition can
take it away. Needs the capability rewrite.

> (invariant \"two and two\" (+ 2 2) => 4)
=> \"two and two\""
  (syntax-rules (=>)
    ((_ name form => value) (%invariant! name 'form 'value))))

(define (shadow! number :forms [forms #f] :turns [turns 20])
  "Run proposal NUMBER beside the present definitions: on FORMS, or on the questions of the latest TURNS of the workspace.
Gives, for each, {:form :present :candidate :same}; what a comparison comes to is told with `observe!`. Nothing lasts.

> (define (a-tenth x) (/ x 10))
> (define n (propose! 'a-tenth '(lambda (x) (list 'a-tenth x)) :in 'context))
> (shadow! n :forms '((a-tenth 5)))
=> ({:form (a-tenth 5) :present 1/2 :candidate (a-tenth 5) :same #f})"
  (map (lambda (form)
         (let* ((present (%shadow-outcome (lambda () (eval form))))
                (candidate (%shadow-outcome (lambda () (with-proposal number (lambda () (eval form)))))))
           {:form form :present present :candidate candidate :same (equal? present candidate)}))
       (or forms (%turn-forms turns))))

(define (%shadow-outcome thunk) ; the value, or the error that it ends in
  (guard (problem ((error-object? problem) problem)) (thunk)))

(define (%turn-forms count) ; what was asked in the latest turns, the newest first
  (map (lambda (turn) (askable (read (open-input-string (get turn :form))))) (%recent-turns count)))

(define (off-policy number turns)
  "What TURNS, as `rated-turns` gives them, tell of proposal NUMBER for a setting, by the probabilities with which its values
were tried: {:mean :error :ess :enough :differences :turns}, doubly robust. Only turns after the proposal count; where the
effective sample is below 100, there is not :enough to tell, and nothing is told to the gate.

> (get (off-policy (propose! 'answer-length 3 :in 'context) '()) :enough)
=> #f"
  (let* ((p (proposal number)) (name (get p :name))
         (new (%displayed (get p :form))) (old (%displayed (eval name)))
         (fresh (filter (lambda (turn) (%tried? turn name (get p :at))) turns))
         (column (lambda (of) (map of fresh)))
         (found (doubly-robust (column (lambda (turn) (get turn :rating)))
                               (column (lambda (turn) (%displayed (cdr (assq name (get turn :choices))))))
                               (column (lambda (turn) (cdr (assq name (get turn :propensities)))))
                               new old)))
    (hash-set! found :turns (length fresh))
    found))

(define (%tried? turn name since) ; whether NAME's value was drawn by lot in TURN, after the proposal
  (and (instant<? since (get turn :at))
       (assq name (get turn :choices))
       (assq name (get turn :propensities))
       #t))

;; ── As people see them ──────────────────────────────────────────────────────────────────────────────────────────

(define (proposal? value)
  "Whether VALUE is what `proposal` gives.

> (proposal? {:number 1})
=> #f"
  (and (hash-table? value)
       (every (lambda (key) (hash-table-contains? value key)) '(:number :name :form :frame :state :findings :epoch))))

(define (proposals->string found)
  "The proposals FOUND as a sheet, a line each: number, name, frame, state, pairs, by whom and why.

> (proposals->string '())
=> \"\""
  (string-join
    (map (lambda (p)
           (string-trim-right
             (string-append (%in-width (number->string (get p :number)) 4)
                            (%in-width (%displayed (get p :name)) 22)
                            (%in-width (%displayed (get p :frame)) 8)
                            (%in-width (%proposal-state p) 16)
                            (%in-width (string-append (number->string (get p :pairs)) " pairs") 11)
                            (%in-width (get p :by) 14)
                            (%brief-text (%proposal-reason p) 60))))
         found)
    "\n"))

(define (proposal->string p)
  "The proposal P with its form, its findings and what has been seen of it.

> (string? (proposal->string {:number 1 :name 'f :form 2 :frame 'swarm :state 'waiting :findings '() :epoch 1 :pairs 0 :by \"\"
                              :because \"\" :why \"\" :ready #f}))
=> #t"
  (string-join
    (cons* (string-append (proposals->string (list p)))
           (string-append "  " (%brief (get p :form) 400))
           (map (lambda (finding) (string-append "  " (%displayed (car finding)) ": " (cadr finding))) (get p :findings)))
    "\n"))

(define (%proposal-state p)
  (string-append (%displayed (get p :state)) (if (and (get p :ready) (eq? (get p :state) 'shadow)) ", ready" "")))

(define (%proposal-reason p)
  (let ((why (get p :why)) (because (get p :because)))
    (cond ((not (equal? why "")) why)
          ((string? because) because)
          (else (%brief because 60)))))

(define (%in-width text width)
  (string-append (string-pad-right (%brief-text text (- width 2)) (- width 2)) "  "))

(define (%brief-text text most)
  (if (> (string-length text) most) (string-append (substring text 0 (- most 1)) "…") text))
