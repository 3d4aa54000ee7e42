;; SRFI 132: sorting.

(define-library (srfi 132)
  (import (chorus))
  (export list-merge list-sort list-sorted? list-stable-sort vector-sort vector-sorted? vector-stable-sort))
