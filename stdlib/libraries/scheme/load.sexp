;; R7RS, Appendix A, (scheme load): loading files.

(define-library (scheme load)
  (import (chorus))
  (export load))
