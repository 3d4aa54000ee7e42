;; SRFI 26: cut.

(define-library (srfi 26)
  (import (chorus))
  (export cut cute))
