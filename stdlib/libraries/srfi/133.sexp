;; SRFI 133: vectors.

(define-library (srfi 133)
  (import (chorus))
  (export list->vector make-vector reverse-list->vector reverse-vector->list string->vector vector
          vector->list vector->string vector-any vector-append vector-concatenate vector-copy vector-copy!
          vector-count vector-empty? vector-every vector-fill! vector-fold vector-fold-right
          vector-for-each vector-index vector-index-right vector-length vector-map vector-map! vector-ref
          vector-reverse! vector-reverse-copy vector-set! vector-swap! vector-unfold vector= vector?))
