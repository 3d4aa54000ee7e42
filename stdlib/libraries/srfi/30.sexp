;; SRFI 30: nested comments, which are always read.

(define-library (srfi 30)
  (import (chorus))
  (export))
