;;; The evaluator that keeps a record of calls: what was called, with which arguments, where that was written.

(define trace-most 1000) ; how many calls are kept
(define trace-calls '()) ; the latest first
(define trace-count 0)

(define (trace-note! at form procedure . arguments)
  (set! trace-count (+ trace-count 1))
  (if (<= trace-count trace-most)
      (set! trace-calls (cons {:place (%place-text at) :form form :arguments arguments} trace-calls))))

(define trace-next-apply ev-apply)
(define (ev-apply l procedure arguments x at)
  (if at (%call l (l trace-note!) (cons (l at) (cons (l (%strip x)) (cons procedure arguments))) at))
  (trace-next-apply l procedure arguments x at))

(define (trace-report) ; the calls in the order in which they were made
  (reverse trace-calls))
