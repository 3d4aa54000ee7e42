;; SRFI 31: rec.

(define-library (srfi 31)
  (import (chorus))
  (export rec))
