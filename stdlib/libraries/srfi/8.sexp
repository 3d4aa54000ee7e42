;; SRFI 8: receive.

(define-library (srfi 8)
  (import (chorus))
  (export receive))
