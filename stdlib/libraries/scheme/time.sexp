;; R7RS, Appendix A, (scheme time): time.

(define-library (scheme time)
  (import (chorus))
  (export current-jiffy current-second jiffies-per-second))
