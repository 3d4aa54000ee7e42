;;; The gate, as programs use it: what decides is host code (interpreter/gate); here is what runs programs' procedures.

(define (proposals :state [state #f])
  "All proposals, the newest first, as hash tables {:number :name :form :frame :by :because :at :state :why :findings :pairs
:ready :epoch :version}; of one STATE if it is given. Prints as a sheet.

> (list? (proposals))
=> #t"
  (if state
      (filter (lambda (each) (eq? (get each :state) state)) (%proposals))
      (%proposals)))

(define (with-proposal number thunk)
  "What THUNK gives while names mean what they would if proposal NUMBER were accepted. What is changed meanwhile makes no
version.

> (define (eighth x) (/ x 8))
> (define n (propose! 'eighth '(lambda (x) (list x 'by 8)) :in 'context))
> (list (with-proposal n (lambda () (eighth 4))) (eighth 4))
=> ((4 by 8) 1/2)"
  (dynamic-wind (lambda () (%enter-proposal number)) thunk %leave-proposal))

(define (with-canary turn thunk)
  "What THUNK gives, for one TURN in ten under the proposal that is in its canary.

> (with-canary 1 (lambda () 'done))
=> done"
  (let ((number (canary turn)))
    (if number (with-proposal number thunk) (thunk))))

(define-syntax invariant
  "Let the gate hold every candidate against FORM, which must give VALUE. It must hold now, and lasts: no definition can
take it away. Needs the capability rewrite.

> (invariant \"two and two\" (+ 2 2) => 4)
=> \"two and two\""
  (syntax-rules (=>)
    ((_ name form => value) (%invariant! name 'form 'value))))
