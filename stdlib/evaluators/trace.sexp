;;; The evaluator that keeps a record of calls: what was called, with which arguments, where that was written.

(define trace-most 1000) ; how many calls are kept
(define trace-calls '()) ; the latest first
(define trace-count 0)

(define (trace-note! at form procedure . arguments)
  (set! trace-count (+ trace-count 1))
  (if (<= trace-count trace-most)
      (set! trace-calls (cons {:place (%place-text at) :form form :arguments arguments} trace-calls))))

(define trace-next-call ev-call)
(define (ev-call l x env at)
  (if (or (not at) (keyword? (car x)))
      (trace-next-call l x env at)
      (let* ((procedure (ev-car l x env at)) (arguments (ev-list l (cdr x) env at)))
        (%call l (l trace-note!) (cons (l at) (cons (l (%strip x)) (cons procedure arguments))) at)
        (%call l procedure arguments at))))

(define (trace-report) ; the calls in the order in which they were made
  (reverse trace-calls))
