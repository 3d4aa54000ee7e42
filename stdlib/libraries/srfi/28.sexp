;; SRFI 28: format.

(define-library (srfi 28)
  (import (chorus))
  (export format))
