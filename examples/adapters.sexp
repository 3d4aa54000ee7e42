;;; Adapters: a small change of a model is a value; frames add theirs up; a person decides what moves outward.
;;; chorus --allow rewrite examples/adapters.sexp

(define (say . parts) (for-each display parts) (newline))

;; A map that everybody has, and two hundred pairs that it gets wrong for this community, by one planted direction.
(define shared-map '((1 0 0) (0 1 0) (0 0 1)))
(define (heard i) (list (sin i) (cos (* 2 i)) (sin (* 3 i))))
(define (meant x) (list (+ (car x) (* 2 (caddr x))) (cadr x) (caddr x)))
(define pairs (map (lambda (i) (let ((x (heard i))) (list x (meant x)))) (iota 200)))

;; One's own voice begins as an adapter that changes nothing.
(define voice (make-adapter 'voice {:map '(3 3)} :rank 1))

;; Learnt, judged on pairs that it had not seen, and bound only because it did better on them.
(define learnt (adapter-train! 'voice pairs :onto shared-map :rank 1))
(say "trained: " (hash-ref learnt :accepted) ", by version " (hash-ref learnt :version))
(say "it says " (map rounded (adapter-apply voice '(0 0 1) :onto shared-map)) " where the shared map says (0 0 1)")

;; The team adds something of its own. Under one name the two add up; with-frame looks from where the team stands.
(rewrite voice (make-adapter 'team {:map '(((0 1 0)) ((0) (1) (0)))}) :in 'swarm :reason "what the team agreed on")
(say "together: " (map rounded (adapter-apply voice '(0 1 1))))
(say "the team alone: " (map rounded (with-frame 'swarm (adapter-apply voice '(0 1 1)))))

;; What proved itself may move outward: proposed by anybody, done by a person, the same meaning before and after.
(define before (adapter-apply voice '(1 2 3)))
(say "proposed: " (migrate! 'voice :to 'swarm :because "the same for a week"))
(say "approved: " (approve! 'm1))
(say "the same to the bit: " (equal? before (adapter-apply voice '(1 2 3))))
(show (dashboard))

;; And everything goes back.
(reject! 'm1 "it was Ann's own way of speaking")
(say "taken back, and still the same: " (equal? before (adapter-apply voice '(1 2 3))))
(say "what is kept is what was written: " (hash-ref (audit) :ok))
