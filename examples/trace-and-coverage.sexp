#!/usr/bin/env chorus
; What a program did, and what it did not: every call with its arguments, and how often each form was begun.

(define (grade points)
  (cond ((>= points 90) 'excellent)
        ((>= points 50) 'passed)
        (else (list 'failed points))))

(show "1. The calls, in the order in which they were made:")
(with-evaluator (trace :follow) (map grade '(95 60)))
(for-each (lambda (call) (show "  " (get call :place) "  " (get call :form) "  with " (get call :arguments)))
          (evaluator-report 'trace))

(show "\n2. What was never run says 0:")
(with-evaluator (coverage :follow) (map grade '(95 60)))
(for-each (lambda (row) (show "  " (get row :begun) "  " (get row :form)))
          (evaluator-report 'coverage))
