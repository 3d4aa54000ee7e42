;; R7RS, Appendix A, (scheme process-context): the process and its environment.

(define-library (scheme process-context)
  (import (chorus))
  (export command-line emergency-exit exit get-environment-variable get-environment-variables))
