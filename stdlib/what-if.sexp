;;; `what-if`: a form's value as things are, its value if some names meant something else, and the difference.

(define-record-type <comparison>
  (%make-what-if form changes before after difference)
  what-if?
  (form what-if-form)
  (changes what-if-changes)
  (before what-if-before)
  (after what-if-after)
  (difference what-if-difference))

(define-syntax what-if
  "FORM's value as things are, and as it would be if each NAME had another VALUE: a variable, a procedure, a setting of the
language. Both are evaluated; nothing lasts: names mean again what they did, what FORM gives to globals is taken back, and
what would write outside the program is refused. Instead of (name value) there may be a whole (define …).
`what-if-before`, `what-if-after` and `what-if-difference` take it apart.

> (define rate 2)
> (define (price x) (* x rate))
> (define w (what-if ((rate 3)) (price 10)))
> (list (what-if-before w) (what-if-after w) (what-if-difference w))
=> (20 30 {:by 10 :percent 50.0})
> (what-if-after (what-if ((price (lambda (x) (+ x rate)))) (price 10)))
=> 12
> (price 10)
=> 20
> (what-if-after (what-if ((define (price x) (* 2 x rate))) (price 10)))
=> 40"
  (syntax-rules ()
    ((_ (change more ...) form) (%what-if-with (change more ...) () form))))

(define-syntax %what-if-with                 ; changes become (name value as-written), definitions too
  (syntax-rules (define)
    ((_ () ((name value written) ...) form)
     (%what-if 'form '((name written) ...) (list (with-evaluator what-if value) ...)
               (lambda () (with-evaluator what-if form))))
    ((_ ((define (name . parameters) . body) . more) (done ...) form)
     (%what-if-with more (done ... (name (lambda parameters . body) (lambda parameters . body))) form))
    ((_ ((define name value) . more) (done ...) form) (%what-if-with more (done ... (name value value)) form))
    ((_ ((name (define (other . parameters) . body)) . more) done form)
     (%what-if-with ((name (lambda parameters . body)) . more) done form))
    ((_ ((name value) . more) (done ...) form) (%what-if-with more (done ... (name value value)) form))
    ((_ (change . more) done form) (syntax-error "what-if: a change is (name value) or a whole (define …)" change))))

(define (%what-if form changes values thunk)
  (let* ((before (%what-if-outcome thunk '() '() '()))
         (after (%what-if-outcome thunk (map car changes) values (map cadr changes))))
    (%make-what-if form changes before after (%difference-of before after))))

(define (%what-if-outcome thunk names values forms) ; the value, or the error that it ends in
  (dynamic-wind
    (lambda () ((%evaluator-ref 'what-if 'what-if-enter!) 1) (%assume names values forms))
    (lambda () (guard (problem ((error-object? problem) problem)) (thunk)))
    (lambda () (%leave-environment) ((%evaluator-ref 'what-if 'what-if-enter!) -1))))

(define (%difference-of before after)
  (cond ((and (number? before) (number? after))
         {:by (- after before)
          :percent (if (and (real? before) (real? after) (not (= before 0)))
                       (rounded (* 100.0 (/ (- after before) (abs before))))
                       #f)})
        ((and (answer? before) (answer? after)) (%answer-difference before after))
        ((and (table? before) (table? after)) (%rows-difference (table->list before) (table->list after)))
        ((equal? before after) '())
        ((or (error-object? before) (error-object? after)) (list ':was (%what-if-shown before) ':now (%what-if-shown after)))
        (else (value-diff before after))))

(define (%rows-difference before after)
  {:gone (filter (lambda (row) (not (member row after))) before)
   :new (filter (lambda (row) (not (member row before))) after)})

(define (%answer-difference before after)
  (let ((said (lambda (answer) (map (lambda (c) (list (citation-message-id c) (citation-span c))) (answer-citations answer)))))
    {:gone (filter (lambda (c) (not (member c (said after)))) (said before))
     :new (filter (lambda (c) (not (member c (said before)))) (said after))
     :confidence (list (answer-confidence before) (answer-confidence after))
     :refusal (list (answer-refusal before) (answer-refusal after))}))

;; ── As text ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (what-if->string w)
  "What W, of `what-if`, found, for people.

> (define rate 2)
> (what-if->string (what-if ((rate 3)) (* 10 rate)))
=> \"(* 10 rate) is 20\\n  if rate were 3: 30\\n  that is 10 more (50.0 %)\""
  (let ((before (what-if-before w)) (after (what-if-after w)))
    (string-join
      (cons* (string-append (%brief (what-if-form w)) " " (%what-if-said before))
             (string-append "  if "
                            (string-join (map (lambda (c) (string-append (%displayed (car c)) " were " (%brief (cadr c)))) (what-if-changes w)) " and ")
                            ": " (%what-if-shown after))
             (map (lambda (line) (string-append "  " line)) (%what-if-lines before after (what-if-difference w))))
      "\n")))

(define (%what-if-said value)
  (if (error-object? value) (%what-if-shown value) (string-append "is " (%what-if-shown value))))

(define (%what-if-shown value)
  (if (error-object? value)
      (string-append "fails: " (error-object-message value))
      (or (present value) (%brief value 200))))

(define (%what-if-lines before after difference)
  (cond ((null? difference) '("that is the same"))
        ((not (hash-table? difference)) (%text-diff (%what-if-shown before) (%what-if-shown after)))
        ((hash-table-contains? difference :by)
         (let ((by (get difference :by)) (percent (get difference :percent)))
           (list (cond ((equal? by 0) "that is the same")
                       ((not (real? by)) (string-append "that is " (%displayed by) " more"))
                       (else (string-append "that is " (%displayed (abs by)) (if (> by 0) " more" " less")
                                            (if percent (string-append " (" (%displayed (abs percent)) " %)") "")))))))
        (else
          (let ((gone (get difference :gone)) (new (get difference :new)))
            (if (and (null? gone) (null? new))
                '("with the same rows or quotations")
                (append (map (lambda (each) (string-append "- " (%brief each 100))) gone)
                        (map (lambda (each) (string-append "+ " (%brief each 100))) new)))))))
