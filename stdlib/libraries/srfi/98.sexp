;; SRFI 98: environment variables.

(define-library (srfi 98)
  (import (chorus))
  (export get-environment-variable get-environment-variables))
