;; R7RS, Appendix A, (scheme write): writing values.

(define-library (scheme write)
  (import (chorus))
  (export display write write-shared write-simple))
