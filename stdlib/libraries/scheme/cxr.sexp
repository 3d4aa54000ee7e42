;; R7RS, Appendix A, (scheme cxr): the longer accessors of nested pairs.

(define-library (scheme cxr)
  (import (chorus))
  (export caaaar caaadr caaar caadar caaddr caadr cadaar cadadr cadar caddar cadddr caddr cdaaar cdaadr
          cdaar cdadar cdaddr cdadr cddaar cddadr cddar cdddar cddddr cdddr))
