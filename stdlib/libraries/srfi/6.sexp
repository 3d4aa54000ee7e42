;; SRFI 6: string ports.

(define-library (srfi 6)
  (import (chorus))
  (export get-output-string open-input-string open-output-string))
