;; SRFI 95: sorting.

(define-library (srfi 95)
  (import (chorus))
  (export list-sort merge merge! sort sort! sorted? stable-sort stable-sort!))
