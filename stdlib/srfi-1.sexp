;; SRFI 1 whole: what lists.sexp and the primitives leave of it. The names with ! change nothing that is still needed
;; elsewhere: here they are the same procedures.

(define (%nth items count caller) ; of lists without end, too
  (let loop ((here items) (left count))
    (cond ((not (or (pair? items) (null? items)))
           (%error 'type (string-append caller ": items should be a list, not " (format "~s" items)) #f items))
          ((not (pair? here)) (%error 'range (string-append caller ": the list is too short") #f items))
          ((= left 0) (car here))
          (else (loop (cdr here) (- left 1))))))

(define (first items)
  "The first element.

> (first '(1 2 3))
=> 1"
  (%nth items 0 "first"))
(define (second items)
  "The second element.

> (second '(1 2 3))
=> 2"
  (%nth items 1 "second"))
(define (third items)
  "The third element.

> (third '(1 2 3))
=> 3"
  (%nth items 2 "third"))
(define (fourth items)
  "The fourth element.

> (fourth (iota 10))
=> 3"
  (%nth items 3 "fourth"))
(define (fifth items)
  "The fifth element.

> (fifth (iota 10))
=> 4"
  (%nth items 4 "fifth"))
(define (sixth items)
  "The sixth element.

> (sixth (iota 10))
=> 5"
  (%nth items 5 "sixth"))
(define (seventh items)
  "The seventh element.

> (seventh (iota 10))
=> 6"
  (%nth items 6 "seventh"))
(define (eighth items)
  "The eighth element.

> (eighth (iota 10))
=> 7"
  (%nth items 7 "eighth"))
(define (ninth items)
  "The ninth element.

> (ninth (iota 10))
=> 8"
  (%nth items 8 "ninth"))
(define (tenth items)
  "The tenth element.

> (tenth (iota 10))
=> 9"
  (%nth items 9 "tenth"))

(define (xcons tail head)
  "cons with its arguments the other way round.

> (xcons '(2) 1)
=> (1 2)"
  (cons head tail))

(define (circular-list . items)
  "ITEMS, again and again without end.

> (take (circular-list 1 2) 5)
=> (1 2 1 2 1)"
  (if (pair? items) (set-cdr! (last-pair items) items))
  items)

(define (proper-list? value)
  "Whether VALUE is a list that ends in ().

> (proper-list? '(1 . 2))
=> #f"
  (list? value))

(define (circular-list? value)
  "Whether VALUE is a list without end.

> (circular-list? (circular-list 1 2))
=> #t"
  (and (pair? value)
       (let loop ((slow value) (fast (cdr value)))
         (and (pair? fast)
              (pair? (cdr fast))
              (or (eq? slow fast) (loop (cdr slow) (cddr fast)))))))

(define (dotted-list? value)
  "Whether VALUE is a list that ends in something else than (); what is no pair is one.

> (map dotted-list? '((1 . 2) (1) 5))
=> (#t #f #t)"
  (and (not (list? value)) (not (circular-list? value))))

(define (not-pair? value)
  "Whether VALUE is no pair.

> (not-pair? '())
=> #t"
  (not (pair? value)))

(define (null-list? value)
  "Whether the list VALUE is empty.

> (null-list? '())
=> #t"
  (cond ((null? value) #t)
        ((pair? value) #f)
        (else (%no-items value 'null-list?))))

(define (list= same? . lists)
  "Whether all LISTS have the same elements in order, by (SAME? a b).

> (list= = '(1 2) '(1.0 2.0))
=> #t"
  (define (pairwise? a b)
    (cond ((and (pair? a) (pair? b)) (and (same? (car a) (car b)) (pairwise? (cdr a) (cdr b))))
          (else (and (null? a) (null? b)))))
  (or (null? lists)
      (let loop ((a (car lists)) (rest (cdr lists)))
        (or (null? rest) (and (pairwise? a (car rest)) (loop (car rest) (cdr rest)))))))

(define (length+ items)
  "The length of a list, #f for one without end.

> (list (length+ '(1 2)) (length+ (circular-list 1)))
=> (2 #f)"
  (if (circular-list? items) #f (length items)))

(define (car+cdr pair)
  "The car and the cdr of PAIR as two values.

> (receive (a d) (car+cdr '(1 . 2)) (list a d))
=> (1 2)"
  (values (car pair) (cdr pair)))

(define (take! items count)
  "take.

> (take! (list 1 2 3) 2)
=> (1 2)"
  (take items count))

(define (drop-right! items count)
  "drop-right.

> (drop-right! (list 1 2 3) 1)
=> (1 2)"
  (drop-right items count))

(define (split-at items count)
  "The first COUNT elements and the rest, as two values.

> (receive (a b) (split-at '(1 2 3) 1) (list a b))
=> ((1) (2 3))"
  (values (take items count) (drop items count)))

(define (split-at! items count)
  "split-at.

> (receive (a b) (split-at! (list 1 2 3) 1) (list a b))
=> ((1) (2 3))"
  (split-at items count))

(define (concatenate lists)
  "The elements of all LISTS.

> (concatenate '((1) (2 3) ()))
=> (1 2 3)"
  (apply append lists))

(define (concatenate! lists)
  "concatenate.

> (concatenate! (list (list 1) (list 2)))
=> (1 2)"
  (apply append lists))

(define (append! . lists)
  "append.

> (append! (list 1) (list 2))
=> (1 2)"
  (apply append lists))

(define (append-reverse! items tail)
  "append-reverse.

> (append-reverse! (list 2 1) '(3))
=> (1 2 3)"
  (append-reverse items tail))

(define (unzip1 lists)
  "The first elements of LISTS.

> (unzip1 '((1 a) (2 b)))
=> (1 2)"
  (map first lists))
(define (unzip2 lists)
  "The first and the second elements of LISTS, as two values.

> (receive (a b) (unzip2 '((1 a) (2 b))) (list a b))
=> ((1 2) (a b))"
  (values (map first lists) (map second lists)))
(define (unzip3 lists)
  "The first three elements of LISTS, as three values.

> (receive all (unzip3 '((1 a x) (2 b y))) all)
=> ((1 2) (a b) (x y))"
  (values (map first lists) (map second lists) (map third lists)))
(define (unzip4 lists)
  "The first four elements of LISTS, as four values.

> (receive all (unzip4 '((1 2 3 4))) all)
=> ((1) (2) (3) (4))"
  (values (map first lists) (map second lists) (map third lists) (map fourth lists)))
(define (unzip5 lists)
  "The first five elements of LISTS, as five values.

> (receive all (unzip5 '((1 2 3 4 5))) all)
=> ((1) (2) (3) (4) (5))"
  (values (map first lists) (map second lists) (map third lists) (map fourth lists) (map fifth lists)))

(define (unfold-right stop? value next seed [tail '()])
  "The list … (VALUE (NEXT seed)) (VALUE seed), made from the right, before TAIL.

> (unfold-right zero? (lambda (n) (* n n)) (lambda (n) (- n 1)) 3)
=> (1 4 9)"
  (let loop ((seed seed) (done tail))
    (if (stop? seed) done (loop (next seed) (cons (value seed) done)))))

(define (pair-fold procedure start items . more)
  "fold over the pairs of a list (of each list) instead of its elements.

> (pair-fold cons '() '(1 2))
=> ((2) (1 2))"
  (let loop ((rests (cons items more)) (done start))
    (if (any not-pair? rests)
        done
        (let ((next (map cdr rests))) (loop next (apply procedure (append rests (list done))))))))

(define (%pair-lists lists) ; from the last to the first: for each place, the pairs of all lists
  (let loop ((rests lists) (done '()))
    (if (any not-pair? rests) done (loop (map cdr rests) (cons rests done)))))

(define (pair-fold-right procedure start items . more)
  "fold-right over the pairs of a list (of each list) instead of its elements.

> (pair-fold-right cons '() '(1 2))
=> ((1 2) (2))"
  (let loop ((places (%pair-lists (cons items more))) (done start))
    (if (null? places) done (loop (cdr places) (apply procedure (append (car places) (list done)))))))

(define (pair-for-each procedure items . more)
  "Call PROCEDURE with each pair of a list (of each list).

> (let ((all '())) (pair-for-each (lambda (p) (set! all (cons p all))) '(1 2)) all)
=> ((2) (1 2))"
  (let loop ((rests (cons items more)))
    (if (not (any not-pair? rests))
        (let ((next (map cdr rests))) (apply procedure rests) (loop next)))))

(define (append-map! procedure items . more)
  "append-map.

> (append-map! list '(1 2))
=> (1 2)"
  (apply append-map procedure items more))

(define (map! procedure items . more)
  "map.

> (map! - (list 1 2))
=> (-1 -2)"
  (apply map procedure items more))

(define (map-in-order procedure items . more)
  "map, from left to right, as map always does here.

> (map-in-order - '(1 2))
=> (-1 -2)"
  (apply map procedure items more))

(define (filter! keep? items)
  "filter.

> (filter! even? (list 1 2))
=> (2)"
  (filter keep? items))

(define (remove! drop? items)
  "remove.

> (remove! even? (list 1 2))
=> (1)"
  (remove drop? items))

(define (partition! keep? items)
  "partition.

> (receive (a b) (partition! even? (list 1 2)) (list a b))
=> ((2) (1))"
  (partition keep? items))

(define (span test items)
  "The elements before the first for which TEST does not hold, and the rest.

> (receive (a b) (span even? '(2 4 5 6)) (list a b))
=> ((2 4) (5 6))"
  (values (take-while test items) (drop-while test items)))

(define (break test items)
  "The elements before the first for which TEST holds, and the rest.

> (receive (a b) (break even? '(1 3 4 5)) (list a b))
=> ((1 3) (4 5))"
  (span (lambda (x) (not (test x))) items))

(define (span! test items)
  "span.

> (receive (a b) (span! even? (list 2 3)) (list a b))
=> ((2) (3))"
  (span test items))

(define (break! test items)
  "break.

> (receive (a b) (break! even? (list 1 2)) (list a b))
=> ((1) (2))"
  (break test items))

(define (take-while! test items)
  "take-while.

> (take-while! even? (list 2 3))
=> (2)"
  (take-while test items))

(define (delete! x items [same? equal?])
  "delete.

> (delete! 1 (list 1 2 1))
=> (2)"
  (delete x items same?))

(define (delete-duplicates! items [same? equal?])
  "delete-duplicates.

> (delete-duplicates! (list 1 2 1))
=> (1 2)"
  (delete-duplicates items same?))

(define (alist-cons key value alist)
  "ALIST with KEY standing for VALUE before it.

> (alist-cons 'a 1 '((b . 2)))
=> ((a . 1) (b . 2))"
  (cons (cons key value) alist))

(define (alist-copy alist)
  "A copy of ALIST, its pairs included.

> (alist-copy '((a . 1)))
=> ((a . 1))"
  (map (lambda (pair) (if (pair? pair) (cons (car pair) (cdr pair)) pair)) alist))

(define (alist-delete key alist [same? equal?])
  "ALIST without the pairs whose car is KEY, by (SAME? key car).

> (alist-delete 'a '((a . 1) (b . 2) (a . 3)))
=> ((b . 2))"
  (remove (lambda (pair) (same? key (car pair))) alist))

(define (alist-delete! key alist [same? equal?])
  "alist-delete.

> (alist-delete! 'a (list (cons 'a 1)))
=> ()"
  (alist-delete key alist same?))

(define (%in? x items same?) (any (lambda (y) (same? y x)) items))

(define (lset<= same? . lists)
  "Whether each of LISTS, as a set, is part of the next, by (SAME? a b).

> (lset<= eq? '(a) '(b a) '(a b c))
=> #t"
  (or (null? lists)
      (let loop ((a (car lists)) (rest (cdr lists)))
        (or (null? rest)
            (and (every (lambda (x) (any (lambda (y) (same? x y)) (car rest))) a) (loop (car rest) (cdr rest)))))))

(define (lset= same? . lists)
  "Whether all LISTS have the same elements, as sets.

> (lset= eq? '(a b) '(b a) '(a b b))
=> #t"
  (or (null? lists)
      (let loop ((a (car lists)) (rest (cdr lists)))
        (or (null? rest)
            (and (lset<= same? a (car rest))
                 (lset<= (lambda (x y) (same? y x)) (car rest) a)
                 (loop (car rest) (cdr rest)))))))

(define (lset-adjoin same? items . more)
  "ITEMS with those of MORE before it that are not in it.

> (lset-adjoin eq? '(a b) 'c 'a)
=> (c a b)"
  (fold (lambda (x done) (if (%in? x done same?) done (cons x done))) items more))

(define (lset-union same? . lists)
  "The union of LISTS as sets.

> (lset-union eq? '(a b) '(b c))
=> (c a b)"
  (if (null? lists)
      '()
      (fold (lambda (items done) (if (null? done) items (apply lset-adjoin same? done items))) (car lists) (cdr lists))))

(define (lset-intersection same? items . lists)
  "The elements of ITEMS that are in all LISTS.

> (lset-intersection eq? '(a b c) '(c a))
=> (a c)"
  (filter (lambda (x) (every (lambda (other) (any (lambda (y) (same? x y)) other)) lists)) items))

(define (lset-difference same? items . lists)
  "The elements of ITEMS that are in none of LISTS.

> (lset-difference eq? '(a b c) '(c) '(a))
=> (b)"
  (remove (lambda (x) (any (lambda (other) (any (lambda (y) (same? x y)) other)) lists)) items))

(define (lset-xor same? . lists)
  "The elements that are in an odd number of LISTS.

> (lset-xor eq? '(a b) '(b c))
=> (c a)"
  (fold (lambda (items done) (append-reverse (lset-difference same? items done) (lset-difference same? done items)))
        '()
        lists))

(define (lset-diff+intersection same? items . lists)
  "The elements of ITEMS in none of LISTS, and those in some, as two values.

> (receive all (lset-diff+intersection eq? '(a b c) '(c)) all)
=> ((a b) (c))"
  (partition (lambda (x) (not (any (lambda (other) (any (lambda (y) (same? x y)) other)) lists))) items))

(define (lset-union! same? . lists)
  "lset-union.

> (lset-union! eq? (list 'a) (list 'b))
=> (b a)"
  (apply lset-union same? lists))

(define (lset-intersection! same? items . lists)
  "lset-intersection.

> (lset-intersection! eq? (list 'a 'b) '(b))
=> (b)"
  (apply lset-intersection same? items lists))

(define (lset-difference! same? items . lists)
  "lset-difference.

> (lset-difference! eq? (list 'a 'b) '(b))
=> (a)"
  (apply lset-difference same? items lists))

(define (lset-xor! same? . lists)
  "lset-xor.

> (lset-xor! eq? (list 'a) (list 'b))
=> (b a)"
  (apply lset-xor same? lists))

(define (lset-diff+intersection! same? items . lists)
  "lset-diff+intersection.

> (receive all (lset-diff+intersection! eq? (list 'a 'b) '(b)) all)
=> ((a) (b))"
  (apply lset-diff+intersection same? items lists))
