#!/usr/bin/env chorus
; From ratings to rewritten definitions, and back: `chorus --persist --allow rewrite examples/learns.sexp`, in a folder of its
; own. A team rates answers; the learner finds out what it likes; the gate lets a person decide; then the language and the
; learner themselves are changed the same way. Everything is undone at the end.

; 1. Ratings. Here a made-up team of six that likes long answers, two of whom like the newest quotations first.
(random-seed! 7)
(define (liking developer choices)
  (+ 0.5
     (case (cdr (assq 'answer-length choices)) ((6) 0.25) ((2) -0.25) (else 0.0))
     (if (and (< developer 2) (eq? (cdr (assq 'answer-order choices)) 'newest)) 0.3 0.0)))
(define (asked turn)
  (let* ((developer (modulo turn 6))
         (name (list-ref '("ann" "bob" "cyd" "dan" "eve" "fay") developer))
         (tried (decide-settings {:kind 'fact :persona "everyone" :developer name :turn turn}))
         (choices (map (lambda (each) (cons (car each) (cadr each))) tried)))
    {:turn turn :at #inst "2026-01-01" :developer name :kind 'fact :persona "everyone" :choices choices
     :propensities (map (lambda (each) (cons (car each) (caddr each))) tried)
     :rating (max 0.0 (min 1.0 (+ (liking developer choices) (- (random 0.3) 0.15)))) :weight 1.0 :proposal #f}))

(explore! #t)
(define (ask-more n)
  (let loop ((turn 0) (rated '()))
    (if (= 0 (modulo turn 30)) (learn :from (reverse rated)))
    (if (< turn n) (loop (+ turn 1) (cons (asked turn) rated)) (learned-sheet))))
(show (ask-more 360))
(explore! #f)
(for-each (lambda (level) (show (hash-ref level :reading))) (level-gains))
(show (tune-learner!))

; 2. What the team likes is proposed, not done.
(define numbers (propose-learned!))
(define number (find (lambda (n) (eq? (get (proposal n) :name) 'answer-length)) numbers))
(show "proposed: answer-length is to be " (get (proposal number) :form) ", and is " answer-length)
(approve! number)
(show "approved: answer-length is " answer-length)

; 3. The language: a form that the gate lets in.
(define form
  (propose! 'or-else
            '(define-syntax or-else
              "The value of FORM, or OTHER where it fails.

               > (or-else (car '()) 'none)
               => none"
              (syntax-rules () ((_ form other) (guard (e (#t other)) form))))
            :because "asked for by hand in five sessions"))
(approve! form)
(show "a new form: " (eval '(or-else (car '()) "nothing there")))

; 4. The learner: from now on it takes nobody's taste to move.
(define learner
  (propose! 'team-learner
            '(define (team-learner data)
              "As `steady-team-learner`: tastes have stood still here.

               > (hash-ref (team-learner (learning-data '())) :rate)
               => 1.0"
              (steady-team-learner data))
            :because "adapting the rate has not paid in this team"))
(approve! learner)
(define (looks-at-ageing?) (hash-table-contains? (team-learner (learning-data '())) :ageing))
(show "a new learner: ageing is " (if (looks-at-ageing?) "looked at" "not looked at"))

; 5. And all of it taken back: versions are versions.
(reject! learner "only to show it")
(reject! form "only to show it")
(reject! number "only to show it")
(show "undone: answer-length is " answer-length ", or-else is "
      (guard (e (#t "unknown")) (eval '(or-else 1 2))) ", ageing is "
      (if (looks-at-ageing?) "looked at" "not looked at"))
(show "the record holds: " (get (audit) :ok))
