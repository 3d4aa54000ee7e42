;; R7RS, Appendix A, (scheme eval): evaluation.

(define-library (scheme eval)
  (import (chorus))
  (export environment eval))
