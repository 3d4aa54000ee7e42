;; R7RS, Appendix A, (scheme lazy): promises.

(define-library (scheme lazy)
  (import (chorus))
  (export delay delay-force force make-promise promise?))
