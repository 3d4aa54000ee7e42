;; SRFI 16: case-lambda.

(define-library (srfi 16)
  (import (chorus))
  (export case-lambda))
