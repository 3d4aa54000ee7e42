;;; What must hold whatever is learned: (invariant name form => value). The gate reads this file itself and evaluates each
;;; form in a session of its own, under the candidate; no program can change them, `(invariant …)` adds to them.

(invariant "equality tells things apart" (list (equal? '(1 2) '(1 2)) (equal? '(1 2) '(1 3)) (eq? 'a 'b)) => (#t #f #f))
(invariant "numbers add up" (list (+ 1 2) (* 3 4) (- 5 2) (/ 6 4)) => (3 12 3 3/2))
