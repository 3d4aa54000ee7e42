;; R7RS, Appendix A, (scheme case-lambda): procedures of several shapes.

(define-library (scheme case-lambda)
  (import (chorus))
  (export case-lambda))
