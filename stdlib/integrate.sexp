;; How calls of procedures that take procedures are written out where they stand: %integrate:NAME rewrites a call of NAME
;; when NAME is what it came as. A call that no rule fits stays a call. What a rule makes means what the call means.

(define-syntax %from
  (syntax-rules () ((_ items caller) (let ((all items)) (if (pair? all) all (%list-of all caller))))))

(define-syntax %to-end
  (syntax-rules () ((_ rest caller) (if (null? rest) #f (%no-items rest caller)))))

(define-syntax %integrate:map
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'map)) (done '()))
       (if (pair? rest)
           (loop (cdr rest) (cons ((lambda parameters . body) (car rest)) done))
           (begin (%to-end rest 'map) (reverse done)))))
    ((_ (lambda parameters . body) items others)
     (let loop ((rest (%from items 'map)) (other (%from others 'map)) (done '()))
       (if (and (pair? rest) (pair? other))
           (loop (cdr rest) (cdr other) (cons ((lambda parameters . body) (car rest) (car other)) done))
           (begin (%no-items-of rest other 'map) (reverse done)))))
    ((_ procedure items) (%map procedure items))
    ((_ procedure items others) (%map-two procedure items others))))

(define-syntax %integrate:for-each
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'for-each)))
       (if (pair? rest)
           (begin ((lambda parameters . body) (car rest)) (loop (cdr rest)))
           (begin (%to-end rest 'for-each) (if #f #f)))))
    ((_ (lambda parameters . body) items others)
     (let loop ((rest (%from items 'for-each)) (other (%from others 'for-each)))
       (if (and (pair? rest) (pair? other))
           (begin ((lambda parameters . body) (car rest) (car other)) (loop (cdr rest) (cdr other)))
           (begin (%no-items-of rest other 'for-each) (if #f #f)))))
    ((_ procedure items) (%for-each procedure items))
    ((_ procedure items others) (%for-each-two procedure items others))))

(define-syntax %integrate:filter
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'filter)) (done '()))
       (if (pair? rest)
           (let ((item (car rest)))
             (loop (cdr rest) (if ((lambda parameters . body) item) (cons item done) done)))
           (begin (%to-end rest 'filter) (reverse done)))))))

(define-syntax %integrate:remove
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'remove)) (done '()))
       (if (pair? rest)
           (let ((item (car rest)))
             (loop (cdr rest) (if ((lambda parameters . body) item) done (cons item done))))
           (begin (%to-end rest 'remove) (reverse done)))))))

(define-syntax %integrate:fold
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) start items)
     (let ((first start))
       (let loop ((rest (%from items 'fold)) (done first))
         (if (pair? rest)
             (loop (cdr rest) ((lambda parameters . body) (car rest) done))
             (begin (%to-end rest 'fold) done)))))))

(define-syntax %integrate:fold-left
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) start items)
     (let ((first start))
       (let loop ((rest (%from items 'fold-left)) (done first))
         (if (pair? rest)
             (loop (cdr rest) ((lambda parameters . body) done (car rest)))
             (begin (%to-end rest 'fold-left) done)))))))

(define-syntax %integrate:fold-right
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) start items)
     (let ((first start))
       (let loop ((rest (reverse (%from items 'fold-right))) (done first))
         (if (pair? rest)
             (loop (cdr rest) ((lambda parameters . body) (car rest) done))
             done))))))

(define-syntax %integrate:any
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'any)))
       (if (pair? rest)
           (or ((lambda parameters . body) (car rest)) (loop (cdr rest)))
           (begin (%to-end rest 'any) #f))))))

(define-syntax %integrate:every
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'every)) (value #t))
       (if (pair? rest)
           (let ((now ((lambda parameters . body) (car rest)))) (if now (loop (cdr rest) now) #f))
           (begin (%to-end rest 'every) value))))))

(define-syntax %integrate:find
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'find)))
       (if (pair? rest)
           (let ((item (car rest))) (if ((lambda parameters . body) item) item (loop (cdr rest))))
           (begin (%to-end rest 'find) #f))))))

(define-syntax %integrate:filter-map
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'filter-map)) (done '()))
       (if (pair? rest)
           (let ((value ((lambda parameters . body) (car rest)))) (loop (cdr rest) (if value (cons value done) done)))
           (begin (%to-end rest 'filter-map) (reverse done)))))))

(define-syntax %integrate:list-tabulate
  (syntax-rules (lambda)
    ((_ count (lambda parameters . body))
     (let loop ((rest (iota count)) (done '()))
       (if (pair? rest)
           (loop (cdr rest) (cons ((lambda parameters . body) (car rest)) done))
           (reverse done))))))

(define-syntax %integrate:append-map
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) items)
     (let loop ((rest (%from items 'append-map)) (done '()))
       (if (pair? rest)
           (loop (cdr rest) (append-reverse ((lambda parameters . body) (car rest)) done))
           (begin (%to-end rest 'append-map) (reverse done)))))))

(define-syntax %integrate:vector-for-each
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) vector)
     (let ((all vector))
       (if (vector? all) #f (vector->list all)) ; whose error it is
       (let ((size (vector-length all)))
         (let loop ((i 0))
           (if (< i size)
               (begin ((lambda parameters . body) (vector-ref all i)) (loop (+ i 1)))
               (if #f #f))))))))

(define-syntax %integrate:vector-map
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) vector)
     (let ((all vector))
       (if (vector? all) #f (vector->list all)) ; whose error it is
       (let ((size (vector-length all)))
         (let loop ((i 0) (done '()))
           (if (< i size)
               (loop (+ i 1) (cons ((lambda parameters . body) (vector-ref all i)) done))
               (list->vector (reverse done)))))))))

(define-syntax %integrate:string-for-each
  (syntax-rules (lambda)
    ((_ (lambda parameters . body) string)
     (let ((all string))
       (if (string? all) #f (string->list all))
       (let ((size (string-length all)))
         (let loop ((i 0))
           (if (< i size)
               (begin ((lambda parameters . body) (string-ref all i)) (loop (+ i 1)))
               (if #f #f))))))))

(define-syntax %integrate:hash-table-walk
  (syntax-rules (lambda)
    ((_ table (lambda parameters . body))
     (let loop ((rest (hash->list table)))
       (if (pair? rest)
           (begin ((lambda parameters . body) (car (car rest)) (cdr (car rest))) (loop (cdr rest)))
           (if #f #f))))))

(define-syntax %integrate:hash-table-update!/default
  (syntax-rules (lambda)
    ((_ table key (lambda parameters . body) default)
     (let ((t table) (k key) (d default))
       (hash-set! t k ((lambda parameters . body) (%hash-value t k 'hash-table-update!/default d)))))))

(define-syntax %integrate:hash-update!
  (syntax-rules (lambda)
    ((_ table key (lambda parameters . body) default)
     (let ((t table) (k key) (d default))
       (hash-set! t k ((lambda parameters . body) (%hash-value t k 'hash-update! d)))))))

(define-syntax %integrate:hash-table-update!
  (syntax-rules (lambda)
    ((_ table key (lambda parameters . body))
     (let ((t table) (k key))
       (hash-set! t k ((lambda parameters . body) (%hash-value t k 'hash-table-update!)))))
    ((_ table key (lambda parameters . body) (lambda () . default))
     (let ((t table) (k key))
       (let ((value (%hash-value t k 'hash-table-update! %missing)))
         (hash-set! t k ((lambda parameters . body) (if (eq? value %missing) (let () . default) value))))))))

(define-syntax %integrate:hash-table-ref
  (syntax-rules (lambda)
    ((_ table key (lambda () . default))
     (let ((value (%hash-value table key 'hash-table-ref %missing)))
       (if (eq? value %missing) (let () . default) value)))))

(define-syntax %integrate:call-with-values
  (syntax-rules (lambda)
    ((_ (lambda () . producer) (lambda names . body)) (%receive names (let () . producer) . body))))

(define-syntax %integrate:dynamic-wind
  (syntax-rules (lambda)
    ((_ (lambda () . entering) (lambda () . body) (lambda () . leaving))
     (let ((before (lambda () . entering)) (after (lambda () . leaving)))
       (before)
       (%wind! before after)
       (let ((result (let () . body)))
         (%unwind!)
         (after)
         result)))))

(define-syntax %integrate:%with-parameter
  (syntax-rules (lambda)
    ((_ parameter value (lambda () . body))
     (begin
       (%bind! parameter value)
       (let ((result (let () . body)))
         (%unbind!)
         result)))))

;; Of two parameters or three; what they are given is computed as the call would, from left to right.
(define-syntax %integrate:%with-parameters
  (syntax-rules (lambda list)
    ((_ (list p q) (list u v) (lambda () . body))
     (let ((first p) (second q) (a u) (b v))
       (%bind-all! first a second b)
       (let ((result (let () . body)))
         (%unbind!)
         (%unbind!)
         result)))
    ((_ (list p q r) (list u v w) (lambda () . body))
     (let ((first p) (second q) (third r) (a u) (b v) (c w))
       (%bind-all! first a second b third c)
       (let ((result (let () . body)))
         (%unbind!)
         (%unbind!)
         (%unbind!)
         result)))))

(define-syntax %integrate:member
  (syntax-rules ()
    ((_ x items) (%member x items))))

(define-syntax %integrate:assoc
  (syntax-rules ()
    ((_ key pairs) (%assoc key pairs))))

(define-syntax %integrate:call/cc
  (syntax-rules (lambda)
    ((_ (lambda (leave) . body)) (%block (leave) . body))))

(define-syntax %integrate:call-with-current-continuation
  (syntax-rules (lambda)
    ((_ (lambda (leave) . body)) (%block (leave) . body))))
