;; SRFI 133: vectors. What vectors.sexp has not stands here; `vector-index` takes several vectors here alone.

(define-library (srfi 133)
  (import (rename (chorus) (vector-index chorus:vector-index) (vector-index-right chorus:vector-index-right)))
  (export list->vector make-vector reverse-list->vector reverse-vector->list string->vector vector
          vector->list vector->string vector-any vector-append vector-append-subvectors vector-binary-search
          vector-concatenate vector-copy vector-copy! vector-count vector-cumulate vector-empty? vector-every
          vector-fill! vector-fold vector-fold-right vector-for-each vector-index vector-index-right vector-length
          vector-map vector-map! vector-partition vector-ref vector-reverse! vector-reverse-copy
          vector-reverse-copy! vector-set! vector-skip vector-skip-right vector-swap! vector-unfold vector-unfold!
          vector-unfold-right vector-unfold-right! vector= vector?)
  (begin
    ;; Places: the first from START on, by STEP, for which TEST holds of the elements, or #f.

    (define (shortest vector more) (apply min (vector-length vector) (map vector-length more)))
    (define (place test start end step vector more)
      (let loop ((at start))
        (cond ((= at end) #f)
              ((apply test (vector-ref vector at) (map (lambda (one) (vector-ref one at)) more)) at)
              (else (loop (+ at step))))))
    (define (opposite test) (lambda elements (not (apply test elements))))

    (define (vector-index test vector . more) (place test 0 (shortest vector more) 1 vector more))
    (define (vector-index-right test vector . more) (place test (- (shortest vector more) 1) -1 -1 vector more))
    (define (vector-skip test vector . more) (apply vector-index (opposite test) vector more))
    (define (vector-skip-right test vector . more) (apply vector-index-right (opposite test) vector more))

    (define (vector-binary-search vector value compare)
      (let loop ((start 0) (end (vector-length vector)))
        (and (< start end)
             (let* ((middle (quotient (+ start end) 2)) (order (compare (vector-ref vector middle) value)))
               (cond ((= order 0) middle) ((< order 0) (loop (+ middle 1) end)) (else (loop start middle)))))))

    (define (vector-partition test vector)
      (let-values (((held others) (partition test (vector->list vector))))
        (values (list->vector (append held others)) (length held))))

    (define (vector-cumulate procedure start vector)
      (let ((made (make-vector (vector-length vector))))
        (let loop ((at 0) (done start))
          (if (= at (vector-length vector))
              made
              (let ((next (procedure done (vector-ref vector at))))
                (vector-set! made at next)
                (loop (+ at 1) next))))))

    (define (vector-append-subvectors . parts) ; a vector, where its part begins and where it ends, and so on
      (let loop ((rest parts) (taken '()))
        (if (null? rest)
            (vector-concatenate (reverse taken))
            (loop (cdddr rest) (cons (vector-copy (car rest) (cadr rest) (caddr rest)) taken)))))

    (define (vector-reverse-copy! to at from [start 0] [end (vector-length from)])
      (vector-copy! to at (vector-reverse-copy from start end)))

    ;; Unfolding: into the places from START to END of what is there, by rising or falling places.

    (define (unfold-into! procedure vector at end step seeds)
      (if (not (= at end))
          (receive (element . next) (apply procedure at seeds)
            (vector-set! vector at element)
            (unfold-into! procedure vector (+ at step) end step next))))
    (define (vector-unfold! procedure vector start end . seeds) (unfold-into! procedure vector start end 1 seeds))
    (define (vector-unfold-right! procedure vector start end . seeds)
      (unfold-into! procedure vector (- end 1) (- start 1) -1 seeds))
    (define (vector-unfold-right procedure size . seeds)
      (let ((made (make-vector size)))
        (unfold-into! procedure made (- size 1) -1 -1 seeds)
        made))))
