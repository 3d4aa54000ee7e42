;; R7RS, Appendix A, (scheme complex): complex numbers.

(define-library (scheme complex)
  (import (chorus))
  (export angle imag-part magnitude make-polar make-rectangular real-part))
