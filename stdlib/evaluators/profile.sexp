;;; The evaluator that counts and times: how often each call was made, and how long until the next one began.

(define profile-rows '()) ; of the calls in the code that was evaluated, the latest first
(define profile-current (vector 0 0.0 #f #f)) ; the row of the call under way
(define profile-since 0) ; when it began

(define (profile-tick! row) ; a call begins: what has passed belongs to the one before
  (let ((now (current-jiffy)))
    (vector-set! profile-current 1 (+ (vector-ref profile-current 1) (- now profile-since)))
    (vector-set! row 0 (+ (vector-ref row 0) 1))
    (set! profile-current row)
    (set! profile-since (current-jiffy))))

(define profile-next-call ev-call)
(define (ev-call l x env at)
  (let ((row (vector 0 0 (%strip x) at)))
    (if at (begin (set! profile-rows (cons row profile-rows)) (%call l (l profile-tick!) (list (l row)) at)))
    (profile-next-call l x env at)))

(define (profile-report) ; the calls that were made, the longest first
  (map (lambda (row)
         {:form (vector-ref row 2) :place (%place-text (vector-ref row 3)) :calls (vector-ref row 0)
          :seconds (/ (vector-ref row 1) (exact->inexact (jiffies-per-second)))})
       (sort (filter (lambda (row) (> (vector-ref row 0) 0)) profile-rows)
             (lambda (a b) (> (vector-ref a 1) (vector-ref b 1))))))
