;; R7RS, Appendix A, (scheme inexact): functions of inexact numbers.

(define-library (scheme inexact)
  (import (chorus))
  (export acos asin atan cos exp finite? infinite? log nan? sin sqrt tan))
