;; Lists by procedures (SRFI 1). All are loops: a list of any length is as good as a short one.

(define (map procedure items . more)
  "The list of what PROCEDURE returns for each element; of several lists, as far as the shortest goes.

> (map (lambda (x) (* x x)) '(1 2 3))
=> (1 4 9)
> (map + '(1 2) '(10 20 30))
=> (11 22)"
  (cond ((null? more) (%map procedure items))
        ((null? (cdr more)) (%map-two procedure items (car more)))
        (else
          (let loop ((rests (%lists-of items more 'map)) (done '()))
            (if (%any-empty? rests 'map)
                (reverse done)
                (loop (%cdrs rests) (cons (apply procedure (%cars rests)) done)))))))

(define (%map procedure items)
  (let loop ((rest (if (pair? items) items (%list-of items 'map))) (done '()))
    (cond ((pair? rest) (loop (cdr rest) (cons (procedure (car rest)) done)))
          ((null? rest) (reverse done))
          (else (%no-items rest 'map)))))

(define (%map-two procedure items others)
  (let loop ((rest (%list-of items 'map)) (other (%list-of others 'map)) (done '()))
    (if (and (pair? rest) (pair? other))
        (loop (cdr rest) (cdr other) (cons (procedure (car rest) (car other)) done))
        (begin (%no-items-of rest other 'map) (reverse done)))))

(define (for-each procedure items . more)
  "Call PROCEDURE with each element, in order.

> (let ((sum 0)) (for-each (lambda (x) (set! sum (+ sum x))) '(1 2 3)) sum)
=> 6"
  (cond ((null? more) (%for-each procedure items))
        ((null? (cdr more)) (%for-each-two procedure items (car more)))
        (else
          (let loop ((rests (%lists-of items more 'for-each)))
            (unless (%any-empty? rests 'for-each)
              (apply procedure (%cars rests))
              (loop (%cdrs rests)))))))

(define (%for-each procedure items)
  (let loop ((rest (if (pair? items) items (%list-of items 'for-each))))
    (cond ((pair? rest) (procedure (car rest)) (loop (cdr rest)))
          ((null? rest) (if #f #f))
          (else (%no-items rest 'for-each)))))

(define (%for-each-two procedure items others)
  (let loop ((rest (%list-of items 'for-each)) (other (%list-of others 'for-each)))
    (if (and (pair? rest) (pair? other))
        (begin (procedure (car rest) (car other)) (loop (cdr rest) (cdr other)))
        (begin (%no-items-of rest other 'for-each) (if #f #f)))))

(define (%list-of items caller)
  (cond ((pair? items) items)
        ((null? items) items)
        (else (%items items caller))))

(define (%lists-of items more caller)
  (cons (%list-of items caller) (map (lambda (each) (%list-of each caller)) more)))

(define (%any-empty? lists caller)
  (cond ((null? lists) #f)
        ((pair? (car lists)) (%any-empty? (cdr lists) caller))
        (else (%no-items (car lists) caller) #t)))
(define (%no-items-of rest other caller)
  (if (pair? rest) (%no-items other caller) (%no-items rest caller)))
(define (%cars lists) (map car lists))
(define (%cdrs lists) (map cdr lists))

(define (filter keep? items)
  "The elements for which KEEP? holds.

> (filter even? '(1 2 3 4))
=> (2 4)"
  (let loop ((rest (%list-of items 'filter)) (done '()))
    (cond ((not (pair? rest)) (%no-items rest 'filter) (reverse done))
          ((keep? (car rest)) (loop (cdr rest) (cons (car rest) done)))
          (else (loop (cdr rest) done)))))

(define (remove drop? items)
  "The elements for which DROP? does not hold.

> (remove even? '(1 2 3 4))
=> (1 3)"
  (let loop ((rest (%list-of items 'remove)) (done '()))
    (cond ((not (pair? rest)) (%no-items rest 'remove) (reverse done))
          ((drop? (car rest)) (loop (cdr rest) done))
          (else (loop (cdr rest) (cons (car rest) done))))))

(define (partition keep? items)
  "Two values: the elements for which KEEP? holds, and the others.

> (receive (even odd) (partition even? '(1 2 3 4)) (list even odd))
=> ((2 4) (1 3))"
  (let loop ((rest (%list-of items 'partition)) (in '()) (out '()))
    (cond ((not (pair? rest)) (%no-items rest 'partition) (values (reverse in) (reverse out)))
          ((keep? (car rest)) (loop (cdr rest) (cons (car rest) in) out))
          (else (loop (cdr rest) in (cons (car rest) out))))))

(define (filter-map procedure items . more)
  "What PROCEDURE returns for each element, without the #f.

> (filter-map (lambda (x) (and (even? x) (* x x))) '(1 2 3 4))
=> (4 16)"
  (if (null? more)
      (let loop ((rest (%list-of items 'filter-map)) (done '()))
        (cond ((pair? rest)
               (let ((value (procedure (car rest)))) (loop (cdr rest) (if value (cons value done) done))))
              (else (%no-items rest 'filter-map) (reverse done))))
      (filter identity (apply map procedure items more))))

(define (append-map procedure items . more)
  "The lists that PROCEDURE returns for each element, as one list.

> (append-map (lambda (x) (list x x)) '(1 2))
=> (1 1 2 2)"
  (apply append (apply map procedure items more)))

(define (fold procedure start items . more)
  "From left to right: PROCEDURE gets an element (of each list) and the result so far, START at first.

> (fold cons '() '(1 2 3))
=> (3 2 1)
> (fold + 0 '(1 2 3))
=> 6"
  (if (null? more)
      (let loop ((rest (%list-of items 'fold)) (done start))
        (if (pair? rest) (loop (cdr rest) (procedure (car rest) done)) (begin (%no-items rest 'fold) done)))
      (let loop ((rests (%lists-of items more 'fold)) (done start))
        (if (%any-empty? rests 'fold)
            done
            (loop (%cdrs rests) (apply procedure (append (%cars rests) (list done))))))))

(define (fold-left procedure start items . more)
  "From left to right: PROCEDURE gets the result so far, START at first, and an element (of each list).

> (fold-left list 0 '(1 2))
=> ((0 1) 2)"
  (if (null? more)
      (let loop ((rest (%list-of items 'fold-left)) (done start))
        (if (pair? rest) (loop (cdr rest) (procedure done (car rest))) (begin (%no-items rest 'fold-left) done)))
      (let loop ((rests (%lists-of items more 'fold-left)) (done start))
        (if (%any-empty? rests 'fold-left)
            done
            (loop (%cdrs rests) (apply procedure done (%cars rests)))))))

(define (fold-right procedure start items . more)
  "From right to left: PROCEDURE gets an element (of each list) and the result so far, START at first.

> (fold-right cons '() '(1 2 3))
=> (1 2 3)"
  (if (null? more)
      (fold procedure start (reverse (%list-of items 'fold-right)))
      (let loop ((rows (reverse (apply map list items more))) (done start))
        (if (null? rows)
            done
            (loop (cdr rows) (apply procedure (append (car rows) (list done))))))))

(define (reduce procedure default items)
  "Combine the elements from left to right: PROCEDURE gets an element and the result so far; DEFAULT for no elements.

> (reduce max 0 '(3 9 2))
=> 9
> (reduce + 0 '())
=> 0"
  (let ((items (%list-of items 'reduce)))
    (if (null? items) default (fold procedure (car items) (cdr items)))))

(define (reduce-left procedure default items)
  "Combine the elements from left to right: PROCEDURE gets the result so far and an element.

> (reduce-left - 0 '(10 2 3))
=> 5"
  (let ((items (%list-of items 'reduce-left)))
    (if (null? items) default (fold-left procedure (car items) (cdr items)))))

(define (reduce-right procedure default items)
  "Combine the elements from right to left.

> (reduce-right - 0 '(10 2 3))
=> 11"
  (let ((items (reverse (%list-of items 'reduce-right))))
    (if (null? items) default (fold procedure (car items) (cdr items)))))

(define (find test items)
  "The first element for which TEST holds, or #f.

> (find even? '(1 2 3 4))
=> 2"
  (let loop ((rest (%list-of items 'find)))
    (cond ((not (pair? rest)) (%no-items rest 'find) #f)
          ((test (car rest)) (car rest))
          (else (loop (cdr rest))))))

(define (find-tail test items)
  "The rest of ITEMS from the first element for which TEST holds, or #f.

> (find-tail even? '(1 2 3))
=> (2 3)"
  (let loop ((rest (%list-of items 'find-tail)))
    (cond ((not (pair? rest)) (%no-items rest 'find-tail) #f)
          ((test (car rest)) rest)
          (else (loop (cdr rest))))))

(define (any test items . more)
  "The first true value of TEST for an element (of each list), or #f.

> (any even? '(1 2 3))
=> #t"
  (if (null? more)
      (let loop ((rest (%list-of items 'any)))
        (if (pair? rest)
            (or (test (car rest)) (loop (cdr rest)))
            (begin (%no-items rest 'any) #f)))
      (let loop ((rests (%lists-of items more 'any)))
        (if (%any-empty? rests 'any) #f (or (apply test (%cars rests)) (loop (%cdrs rests)))))))

(define (every test items . more)
  "The last value of TEST if it holds for every element (of each list), else #f.

> (every even? '(2 4))
=> #t
> (every even? '(2 3))
=> #f"
  (if (null? more)
      (let loop ((rest (%list-of items 'every)) (value #t))
        (if (pair? rest)
            (let ((now (test (car rest)))) (if now (loop (cdr rest) now) #f))
            (begin (%no-items rest 'every) value)))
      (let loop ((rests (%lists-of items more 'every)) (value #t))
        (if (%any-empty? rests 'every)
            value
            (let ((now (apply test (%cars rests)))) (if now (loop (%cdrs rests) now) #f))))))

(define (list-index test items . more)
  "The place, from 0, of the first element (of each list) for which TEST holds, or #f.

> (list-index even? '(1 3 4))
=> 2"
  (if (null? more)
      (let loop ((rest (%list-of items 'list-index)) (at 0))
        (cond ((not (pair? rest)) (%no-items rest 'list-index) #f)
              ((test (car rest)) at)
              (else (loop (cdr rest) (+ at 1)))))
      (let loop ((rests (%lists-of items more 'list-index)) (at 0))
        (cond ((%any-empty? rests 'list-index) #f)
              ((apply test (%cars rests)) at)
              (else (loop (%cdrs rests) (+ at 1)))))))

(define (%count-items test items)
  (let loop ((rest (%list-of items 'count)) (found 0))
    (cond ((not (pair? rest)) (%no-items rest 'count) found)
          ((test (car rest)) (loop (cdr rest) (+ found 1)))
          (else (loop (cdr rest) found)))))

(define (take-while test items)
  "The elements before the first for which TEST does not hold.

> (take-while even? '(2 4 5 6))
=> (2 4)"
  (let loop ((rest (%list-of items 'take-while)) (done '()))
    (cond ((not (pair? rest)) (%no-items rest 'take-while) (reverse done))
          ((test (car rest)) (loop (cdr rest) (cons (car rest) done)))
          (else (reverse done)))))

(define (drop-while test items)
  "The elements from the first for which TEST does not hold.

> (drop-while even? '(2 4 5 6))
=> (5 6)"
  (let loop ((rest (%list-of items 'drop-while)))
    (cond ((not (pair? rest)) (%no-items rest 'drop-while) rest)
          ((test (car rest)) (loop (cdr rest)))
          (else rest))))

(define %member member)
(define (member x items [same? #f])
  "The rest of ITEMS from the first element equal? to X, or for which (SAME? X element) holds; else #f.

> (member 2 '(1 2 3))
=> (2 3)
> (member 2.0 '(1 2 3) =)
=> (2 3)"
  (if same? (find-tail (lambda (y) (same? x y)) items) (%member x items)))

(define %assoc assoc)
(define (assoc key pairs [same? #f])
  "The first of PAIRS whose car is equal? to KEY, or for which (SAME? KEY car) holds; else #f.

> (assoc \"b\" '((\"a\" . 1) (\"b\" . 2)))
=> (\"b\" . 2)
> (assoc 2.0 '((1 one) (2 two)) =)
=> (2 two)"
  (if same? (find (lambda (pair) (same? key (car pair))) pairs) (%assoc key pairs)))

(define (delete x items [same? #f])
  "ITEMS without the elements equal? to X, or for which (SAME? X element) holds.

> (delete 'a '(a b a c))
=> (b c)
> (delete 3 '(1 5 2) <)
=> (1 2)"
  (if same? (remove (lambda (y) (same? x y)) items) (%delete x items)))

(define (delete-duplicates items [same? #f])
  "ITEMS without elements equal? to an earlier one, or for which (SAME? earlier element) holds.

> (delete-duplicates '(a b a c b))
=> (a b c)
> (delete-duplicates '(1 2 11 12) (lambda (a b) (= (modulo a 10) (modulo b 10))))
=> (1 2)"
  (if same?
      (let loop ((rest (%list-of items 'delete-duplicates)) (done '()))
        (cond ((not (pair? rest)) (%no-items rest 'delete-duplicates) (reverse done))
              ((any (lambda (y) (same? y (car rest))) done) (loop (cdr rest) done))
              (else (loop (cdr rest) (cons (car rest) done)))))
      (%delete-duplicates items)))

(define (sort items [less? <])
  "ITEMS in order, as a list or vector like ITEMS, by (LESS? a b); equal elements keep their order. Either argument may
come first.

> (sort '(3 1 2) <)
=> (1 2 3)
> (sort '(\"pear\" \"fig\") (lambda (a b) (< (string-length a) (string-length b))))
=> (\"fig\" \"pear\")"
  (cond ((%sort-plain items less? < > string<? string>?))
        ((procedure? items) (sort less? items))
        ((vector? items) (%sorted items less?))
        ((list? items) (vector->list (%sorted (list->vector items) less?)))
        (else (%no-items (%list-of items 'sort) 'sort))))

(define (list-sort less? items)
  "`sort` with the procedure first.

> (list-sort < '(3 1 2))
=> (1 2 3)"
  (sort items less?))

(define (sort-by key items [less? <])
  "ITEMS in the order of (KEY item).

> (sort-by cdr '((a . 2) (b . 1)))
=> ((b . 1) (a . 2))"
  (sort items (lambda (a b) (less? (key a) (key b)))))

(define (%sorted items less?)
  (cond ((%natural? items less? < string<?) (%sort-natural items))
        ((%natural? items less? > string>?) (%sort-natural items #t))
        ((%closed? less?) (%sort-closed items less?))
        (else (list->vector (%merge-sort (vector->list items) less?)))))

(define (%natural? items less? of-numbers of-strings)
  (cond ((eq? less? of-numbers) (%one-kind? items #f))
        ((eq? less? of-strings) (%one-kind? items #t))
        (else #f)))

(define (%merge-sort items less?) ; bottom up: runs of one element are merged in pairs until one is left
  (let loop ((runs (map list items)))
    (cond ((null? runs) '())
          ((null? (cdr runs)) (car runs))
          (else (loop (%merge-pairs runs less?))))))

(define (%merge-pairs runs less?)
  (let loop ((rest runs) (done '()))
    (cond ((null? rest) (reverse done))
          ((null? (cdr rest)) (reverse (cons (car rest) done)))
          (else (loop (cddr rest) (cons (%merge (car rest) (cadr rest) less?) done))))))

(define (%merge a b less?)
  (let loop ((a a) (b b) (done '()))
    (cond ((null? a) (append-reverse done b))
          ((null? b) (append-reverse done a))
          ((less? (car b) (car a)) (loop a (cdr b) (cons (car b) done)))
          (else (loop (cdr a) b (cons (car a) done))))))

(define (list-tabulate count procedure)
  "The list of what PROCEDURE returns for 0 to COUNT - 1.

> (list-tabulate 3 (lambda (i) (* i i)))
=> (0 1 4)"
  (map procedure (iota count)))

(define (unfold stop? value next seed [tail (lambda (seed) '())])
  "The list (VALUE seed) … for SEED, (NEXT seed), … until STOP? holds; it ends in (TAIL seed).

> (unfold (lambda (n) (> n 3)) (lambda (n) (* n n)) (lambda (n) (+ n 1)) 1)
=> (1 4 9)"
  (let loop ((seed seed) (done '()))
    (if (stop? seed) (append-reverse done (tail seed)) (loop (next seed) (cons (value seed) done)))))

(define (assq-ref alist key [default #f])
  "What KEY stands for in ALIST, or DEFAULT.

> (assq-ref '((a . 1)) 'a)
=> 1"
  (let ((pair (assq key alist))) (if pair (cdr pair) default)))
