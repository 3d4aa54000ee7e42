;;; The evaluator that keeps a record of calls: what was called, with which arguments, where that was written.

(define trace-calls (%notes 1000)) ; the first thousand: (place form argument …)

(redefine (ev-apply l procedure arguments x at) trace-next-apply
  (if at (%call l (l %note!) (cons* (l trace-calls) (l at) (l (%strip x)) arguments) at))
  (trace-next-apply l procedure arguments x at))

(define (trace-report) ; the calls in the order in which they were made
  (map (lambda (call) {:place (%place-text (car call)) :form (cadr call) :arguments (cddr call)})
       (%noted trace-calls)))
