;; SRFI 11: let-values.

(define-library (srfi 11)
  (import (chorus))
  (export let*-values let-values))
