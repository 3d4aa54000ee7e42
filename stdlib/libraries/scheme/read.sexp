;; R7RS, Appendix A, (scheme read): reading forms.

(define-library (scheme read)
  (import (chorus))
  (export read))
