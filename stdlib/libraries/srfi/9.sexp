;; SRFI 9: records.

(define-library (srfi 9)
  (import (chorus))
  (export define-record-type))
