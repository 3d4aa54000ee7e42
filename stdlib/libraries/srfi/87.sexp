;; SRFI 87: => in case.

(define-library (srfi 87)
  (import (chorus))
  (export case))
