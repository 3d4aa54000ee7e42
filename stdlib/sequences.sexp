;; Vectors and strings by procedures.

(define (vector-map procedure vector . more)
  "The vector of what PROCEDURE returns for each element (of each vector).

> (vector-map + #(1 2) #(10 20))
=> #(11 22)"
  (list->vector (if (null? more)
                    (map procedure (vector->list vector))
                    (apply map procedure (vector->list vector) (map vector->list more)))))

(define (vector-for-each procedure vector . more)
  "Call PROCEDURE with each element (of each vector), in order.

> (let ((sum 0)) (vector-for-each (lambda (x) (set! sum (+ sum x))) #(1 2 3)) sum)
=> 6"
  (if (null? more)
      (for-each procedure (vector->list vector))
      (apply for-each procedure (vector->list vector) (map vector->list more))))

(define (vector-fold procedure start vector)
  "From left to right: PROCEDURE gets the result so far, START at first, and an element.

> (vector-fold + 0 #(1 2 3))
=> 6"
  (fold-left procedure start (vector->list vector)))

(define (vector-filter keep? vector)
  "The elements for which KEEP? holds, as a vector.

> (vector-filter even? #(1 2 3 4))
=> #(2 4)"
  (list->vector (filter keep? (vector->list vector))))

(define (vector-index test vector)
  "The place of the first element for which TEST holds, or #f.

> (vector-index even? #(1 2 3))
=> 1"
  (list-index test (vector->list vector)))

(define (vector-tabulate procedure count)
  "The vector of what PROCEDURE returns for 0 to COUNT - 1.

> (vector-tabulate (lambda (i) (* i i)) 3)
=> #(0 1 4)"
  (list->vector (map procedure (iota count))))

(define (string-map procedure string . more)
  "The string of the characters that PROCEDURE returns for each character (of each string).

> (string-map char-upcase \"abc\")
=> \"ABC\""
  (list->string (if (null? more)
                    (map procedure (string->list string))
                    (apply map procedure (string->list string) (map string->list more)))))

(define (string-for-each procedure string . more)
  "Call PROCEDURE with each character (of each string), in order.

> (let ((n 0)) (string-for-each (lambda (c) (set! n (+ n 1))) \"abc\") n)
=> 3"
  (if (null? more)
      (for-each procedure (string->list string))
      (apply for-each procedure (string->list string) (map string->list more))))

(define (string-count string test)
  "How many characters of STRING satisfy TEST.

> (string-count \"a1b2\" char-numeric?)
=> 2"
  (%count-items test (string->list string)))
