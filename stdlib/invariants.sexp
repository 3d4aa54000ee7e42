;;; What must hold whatever is learned: (invariant name form => value). The gate reads this file itself and evaluates each
;;; form in a session of its own, under the candidate, and compares what `write` shows, in the host. No program can change
;;; them; `(invariant …)` adds to them.

;; ── The language ────────────────────────────────────────────────────────────────────────────────────────────────

(invariant "equality tells things apart" (list (equal? '(1 2) '(1 2)) (equal? '(1 2) '(1 3)) (eq? 'a 'b)) => (#t #f #f))
(invariant "numbers add up" (list (+ 1 2) (* 3 4) (- 5 2) (/ 6 4) (< 1 2 3)) => (3 12 3 3/2 #t))
(invariant "lists keep their order" (list (append '(1) '(2 3)) (reverse '(1 2 3)) (map (lambda (x) (* x x)) '(1 2 3)))
           => ((1 2 3) (3 2 1) (1 4 9)))
(invariant "folds go from the left" (list (fold cons '() '(1 2 3)) (fold-right cons '() '(1 2 3))) => ((3 2 1) (1 2 3)))
(invariant "what is filtered fits" (list (filter odd? '(1 2 3)) (every odd? '(1 2)) (any odd? '(1 2)) (every odd? '()))
           => ((1 3) #f #t #t))
(invariant "sorting sorts" (sort '(3 1 2) <) => (1 2 3))
(invariant "the first clause that holds is taken" (list (cond (#f 1) (#t 2) (else 3)) (case 2 ((1) 'a) ((2) 'b) (else 'c))
                                                        (and 1 #f 2) (or #f 2 3) (when #t 1) (unless #f 1))
           => (2 b #f 2 1 1))
(invariant "variables are bound where they stand" (let ((x 1)) (list (let ((x 2) (y x)) y) (let* ((x 2) (y x)) y) x))
           => (1 2 1))
(invariant "loops come round" (let loop ((n 3) (seen '())) (if (= n 0) seen (loop (- n 1) (cons n seen)))) => (1 2 3))
(invariant "macros keep their names to themselves"
           (let-syntax ((swap! (syntax-rules () ((_ a b) (let ((tmp a)) (set! a b) (set! b tmp))))))
             (let ((tmp 1) (other 2)) (swap! tmp other) (list tmp other)))
           => (2 1))
(invariant "errors are caught where they should be" (guard (e (#t (list 'caught (error-object-message e)))) (error "no"))
           => (caught "no"))
(invariant "what must be undone is undone"
           (let ((seen '()))
             (guard (e (#t #f)) (dynamic-wind (lambda () #f) (lambda () (error "out")) (lambda () (set! seen '(undone)))))
             seen)
           => (undone))
(invariant "records are what they were made" (let () (define-record-type pt (mk x) pt? (x pt-x)) (list (pt? (mk 1)) (pt-x (mk 1)) (pt? 1)))
           => (#t 1 #f))
(invariant "texts are texts" (list (string-append "a" "b") (string-join '("a" "b") ", ") (string->number "12")) => ("ab" "a, b" 12))

;; ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────

(invariant "an answer quotes somebody, and can be read" (<= 1 answer-length 12) => #t)
(invariant "there is more evidence than is quoted" (>= evidence-pool answer-length) => #t)
(invariant "nobody fills an answer alone" (<= 1 sentences-per-author 3) => #t)
(invariant "a minority may be heard, not more" (<= 0 other-side answer-length) => #t)
(invariant "something is refused, and something is not" (list (< 0.05 refusal-threshold 0.99) (< 0.05 opinion-threshold 0.99))
           => (#t #t))
(invariant "copies are no voices" (list (<= 2 suspicious-copies 10) (<= 1 least-voices) (< 0.5 near-duplicate 1.01)) => (#t #t #t))
(invariant "one voice is less sure than many" (list (<= 0 lone-voice-discount 1) (<= 0 unclear-discount 1)) => (#t #t))
(invariant "weights weigh" (every (lambda (weight) (and (real? weight) (<= 0 weight 100))) fusion-weights) => #t)
(invariant "levels are probabilities" (list (< 0.5 default-level 1) (< 0 reaction-alpha 0.2) (< 0.5 feeling-level 1)) => (#t #t #t))
(invariant "a lead says how many" (list (say-lead 12 "~a say" "One says") (say-lead 1 "~a say" "One says"))
           => ("12 say" "One says"))
