;; SRFI 62: comments of forms, which are always read.

(define-library (srfi 62)
  (import (chorus))
  (export))
