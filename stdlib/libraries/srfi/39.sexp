;; SRFI 39: parameters.

(define-library (srfi 39)
  (import (chorus))
  (export make-parameter parameterize))
