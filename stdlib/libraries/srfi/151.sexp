;; SRFI 151: bits.

(define-library (srfi 151)
  (import (chorus))
  (export arithmetic-shift bit-count bitwise-and bitwise-ior bitwise-not bitwise-xor integer-length))
