;; SRFI 111: boxes.

(define-library (srfi 111)
  (import (chorus))
  (export box box? set-box! unbox))
