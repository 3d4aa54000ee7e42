;; R7RS, Appendix A, (scheme repl): the environment of the prompt.

(define-library (scheme repl)
  (import (chorus))
  (export interaction-environment))
