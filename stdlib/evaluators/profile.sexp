;;; The evaluator that tells what each call in the text cost: how often it was made, time, rows of tables, bytes.
;;;
;;; A call that something waits for begins and ends. One in tail position ends with the call that its procedure was
;;; called by: nothing waits for it, and so nothing needs to. What is spent belongs to the call that was begun last.

(define-syntax places ; of a vector, by name
  (syntax-rules ()
    ((_ (name set at) ...)
     (begin (begin (define (name of) (vector-ref of at)) (define (set of value) (vector-set! of at value))) ...))))

(define (make-row form at) (vector 0 0 0 0 0 0 0 #f form at))
(places (row-calls set-row-calls! 0)
        (row-active set-row-active! 1) (row-since set-row-since! 2) ; begun and not ended; when that first was so
        (row-total set-row-total! 3) (row-self set-row-self! 4)     ; nanoseconds, with what it called and without
        (row-rows set-row-rows! 5) (row-bytes set-row-bytes! 6)
        (row-table set-row-table! 7) (row-form set-row-form! 8) (row-at set-row-at! 9))

(define (make-node row outer) (vector row outer '() 0))
(places (node-row set-node-row! 0) (node-outer set-node-outer! 1) ; of the tree of calls: a call within the same call
        (node-inner set-node-inner! 2) (node-self set-node-self! 3)) ; is the same node

(define (make-under-way row node before) (vector (list row) node before))
(places (under-way-rows set-under-way-rows! 0) ; a call that is waited for: the rows that end with it
        (under-way-node set-under-way-node! 1) (under-way-before set-under-way-before! 2))

(define profile-rows '()) ; of the calls that were made
(define profile-root (make-node #f #f))
(define profile-here profile-root) ; the node of the call begun last
(define profile-stack '())         ; what is waited for, the innermost first
(define profile-last (vector 0 0 0)) ; nanoseconds, rows and bytes at the last look
(define profile-clock 0)           ; goes on only while the program runs, not the noting

(define (profile-start!) ; forget what was noted
  (for-each (lambda (row) (vector-fill! row 0 0 7) (set-row-table! row #f)) profile-rows)
  (set! profile-rows '())
  (set! profile-root (make-node #f #f))
  (set! profile-here profile-root)
  (set! profile-stack '())
  (set! profile-last (%spent)))

(define (profile-look!) ; what was spent since the last look belongs to the call begun last
  (let* ((now (%spent)) (row (node-row profile-here)) (spent (lambda (i) (- (vector-ref now i) (vector-ref profile-last i)))))
    (set-node-self! profile-here (+ (node-self profile-here) (spent 0)))
    (if row
        (begin (set-row-self! row (+ (row-self row) (spent 0)))
          (set-row-rows! row (+ (row-rows row) (spent 1)))
          (set-row-bytes! row (+ (row-bytes row) (spent 2)))))
    (set! profile-clock (+ profile-clock (spent 0)))
    profile-clock))

(define (profile-go-on! node)
  (set! profile-here node)
  (set! profile-last (%spent)))

(define (profile-inner outer row) ; the node of ROW in OUTER: of a call within itself, that around
  (define (around node) (and node (if (eq? (node-row node) row) node (around (node-outer node)))))
  (or (around outer)
      (find (lambda (node) (eq? (node-row node) row)) (node-inner outer))
      (let ((made (make-node row outer)))
        (set-node-inner! outer (cons made (node-inner outer)))
        made)))

(define (profile-count! row)
  (if (= (row-calls row) 0) (set! profile-rows (cons row profile-rows)))
  (set-row-calls! row (+ (row-calls row) 1)))

(define (profile-begun! row now)
  (if (= (row-active row) 0) (set-row-since! row now))
  (set-row-active! row (+ (row-active row) 1)))

(define (profile-ended! row now)
  (set-row-active! row (- (row-active row) 1))
  (if (= (row-active row) 0) (set-row-total! row (+ (row-total row) (- now (row-since row))))))

(define (profile-begin! row)
  (let* ((now (profile-look!)) (node (profile-inner profile-here row)) (made (make-under-way row node profile-here)))
    (profile-count! row)
    (profile-begun! row now)
    (set! profile-stack (cons made profile-stack))
    (profile-go-on! node)
    made))

(define (profile-tail! row)
  (let ((now (profile-look!)) (around (and (pair? profile-stack) (car profile-stack))))
    (profile-count! row)
    (if (and around (not (memq row (under-way-rows around))))
        (begin (set-under-way-rows! around (cons row (under-way-rows around)))
          (profile-begun! row now)))
    (profile-go-on! (profile-inner (if around (under-way-node around) profile-root) row))))

(define (profile-end! mine value) ; a call that was left for good has not ended: it ends with what is around it
  (define (end now)
    (let ((each (car profile-stack)))
      (for-each (lambda (row) (profile-ended! row now)) (under-way-rows each))
      (set! profile-stack (cdr profile-stack))
      (if (not (eq? each mine)) (end now))))
  (if (table? value)
      (for-each (lambda (row) (if (memq row (under-way-rows mine)) (set-row-table! row value)))
                (list (last (under-way-rows mine)) (node-row profile-here))))
  (if (memq mine profile-stack)
      (begin (end (profile-look!))
        (profile-go-on! (under-way-before mine))))
  value)

(define profile-call ev-call)
(define (ev-call l x env at)
  (let ((row (and (%place l x #f) (make-row (%original x) at))))
    (cond ((not row) (profile-call l x env at))
          ((%tail? l)
           (%call l (l profile-tail!) (list (l row)) at)
           (profile-call l x env at))
          (else
            (let* ((mine (%call l (l profile-begin!) (list (l row)) at)) (value (profile-call l x env at)))
              (%call l (l profile-end!) (list mine value) at))))))

(define profile-pair ev-pair)
(define (ev-pair l x env at)
  (if (%place l x #f)
      (head l x env at (lambda (y at row) (if (pair? y) (profile-pair l y env at) (ev l y env at))))
      (profile-pair l x env at)))

(define profile-head head)
(define (head l x env at use) ; what a macro made of a form counts as written where that was
  (profile-head l x env at
                (lambda (y at row)
                  (use (if (and (pair? x) (pair? y) (not (eq? x y)) (%place l x #f)) (%written-at y x) y) at row))))

(define (profile-report) ; the calls that were made, those that took the longest themselves first
  (map (lambda (row)
         {:form (%written-text (row-form row) (row-at row)) :place (%place-text (row-at row)) :calls (row-calls row)
          :total (* 1e-9 (row-total row)) :self (* 1e-9 (row-self row))
          :rows (if (row-table row) (guard (e (#t #f)) (count (row-table row))) (row-rows row)) :bytes (row-bytes row)})
       (sort profile-rows (lambda (a b) (> (row-self a) (row-self b))))))

(define (profile-tree) ; (form place seconds-of-its-own inner …)
  (define (told node)
    (let ((row (node-row node)))
      (append (list (and row (%written-text (row-form row) (row-at row))) (and row (%place-text (row-at row)))
                    (* 1e-9 (node-self node)))
              (map told (node-inner node)))))
  (told profile-root))
