;; Vectors by procedures, as SRFI 133 has them, beyond those of sequences.sexp.

(define (vector-unfold procedure size . seeds)
  "The vector of what PROCEDURE returns for each place and the SEEDS: an element, and the seeds for the next one.

> (vector-unfold (lambda (i x) (values x (* 2 x))) 4 1)
=> #(1 2 4 8)"
  (let ((made (make-vector size)))
    (let loop ((at 0) (seeds seeds))
      (if (= at size)
          made
          (receive (element . next) (apply procedure at seeds)
            (vector-set! made at element)
            (loop (+ at 1) next))))))

(define (vector-empty? vector)
  "Whether VECTOR has no elements.

> (vector-empty? #())
=> #t"
  (= (vector-length vector) 0))

(define (vector= same? . vectors)
  "Whether all VECTORS have the same elements in order, by (SAME? a b).

> (vector= = #(1 2) #(1.0 2.0))
=> #t"
  (apply list= same? (map vector->list vectors)))

(define (vector-concatenate vectors)
  "The elements of a list of VECTORS.

> (vector-concatenate '(#(1) #(2 3)))
=> #(1 2 3)"
  (apply vector-append vectors))

(define (vector-reverse-copy vector [start 0] [end (vector-length vector)])
  "The elements of VECTOR from START to END, last one first.

> (vector-reverse-copy #(1 2 3 4) 1)
=> #(4 3 2)"
  (vector-reverse (vector-copy vector start end)))

(define (vector-reverse! vector [start 0] [end (vector-length vector)])
  "Turn the elements of VECTOR from START to END round, in place.

> (let ((v (vector 1 2 3))) (vector-reverse! v) v)
=> #(3 2 1)"
  (vector-copy! vector start (vector-reverse-copy vector start end)))

(define (vector-map! procedure vector . more)
  "Put what PROCEDURE returns for each element (of each vector) in its place.

> (let ((v (vector 1 2))) (vector-map! - v) v)
=> #(-1 -2)"
  (vector-copy! vector 0 (apply vector-map procedure vector more)))

(define (vector-fold-right procedure start vector . more)
  "From right to left: PROCEDURE gets the result so far, START at first, and an element (of each vector).

> (vector-fold-right (lambda (done x) (cons x done)) '() #(1 2 3))
=> (1 2 3)"
  (fold-left (lambda (done row) (apply procedure done row))
             start
             (reverse (apply map list (vector->list vector) (map vector->list more)))))

(define (vector-count test vector . more)
  "For how many places TEST holds.

> (vector-count even? #(1 2 4))
=> 2"
  (apply count test (vector->list vector) (map vector->list more)))

(define (vector-index-right test vector)
  "The place of the last element for which TEST holds, or #f.

> (vector-index-right even? #(2 4 5))
=> 1"
  (let loop ((at (- (vector-length vector) 1)))
    (cond ((< at 0) #f)
          ((test (vector-ref vector at)) at)
          (else (loop (- at 1))))))

(define (vector-any test vector . more)
  "The first true value of TEST for an element (of each vector), or #f.

> (vector-any even? #(1 2))
=> #t"
  (apply any test (vector->list vector) (map vector->list more)))

(define (vector-every test vector . more)
  "The last value of TEST if it holds for every element (of each vector), else #f.

> (vector-every even? #(1 2))
=> #f"
  (apply every test (vector->list vector) (map vector->list more)))

(define (reverse-vector->list vector [start 0] [end (vector-length vector)])
  "The elements of VECTOR, last one first, as a list.

> (reverse-vector->list #(1 2 3))
=> (3 2 1)"
  (reverse (vector->list vector start end)))

(define (reverse-list->vector items)
  "The elements of ITEMS, last one first, as a vector.

> (reverse-list->vector '(1 2 3))
=> #(3 2 1)"
  (list->vector (reverse items)))
