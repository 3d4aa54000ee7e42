;; Winding and what rests on it: written here, so that control can enter and leave it like any other procedure.

(define (dynamic-wind before during after)
  "Call BEFORE, DURING and AFTER in turn, and return what DURING does. AFTER is also called when DURING is left by an
error or a continuation, BEFORE when it is entered again.

> (dynamic-wind (lambda () 1) (lambda () 2) (lambda () 3))
=> 2"
  (before)
  (%wind! before after)
  (let ((result (during)))
    (%unwind!)
    (after)
    result))

(define (%with-parameter parameter value thunk)
  (%bind! parameter value)
  (let ((result (thunk)))
    (%unbind!)
    result))

(define (%with-parameters parameters given thunk)
  (apply %bind-all! (append-map list parameters given))
  (let ((result (thunk)))
    (for-each (lambda (parameter) (%unbind!)) parameters)
    result))
