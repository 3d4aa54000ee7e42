;; Procedures that work with a port and close it, or make it the current one (R7RS 6.13).

(define (call-with-port port procedure)
  "What PROCEDURE returns when called with PORT, which is closed after that.

> (call-with-port (open-input-string \"one two\") read)
=> one"
  (call-with-values (lambda () (procedure port))
                    (lambda results (close-port port) (apply values results))))

(define (call-with-input-file path procedure)
  "call-with-port on the text of the file at PATH."
  (call-with-port (open-input-file path) procedure))

(define (call-with-output-file path procedure)
  "call-with-port on the file at PATH, whose content is replaced."
  (call-with-port (open-output-file path) procedure))

(define (with-input-from-file path thunk)
  "Call THUNK while the current input port reads the file at PATH."
  (call-with-input-file path (lambda (port) (parameterize ((current-input-port port)) (thunk)))))

(define (with-output-to-file path thunk)
  "Call THUNK while the current output port writes the file at PATH."
  (call-with-output-file path (lambda (port) (parameterize ((current-output-port port)) (thunk)))))

(define (call-with-output-string procedure)
  "What PROCEDURE writes to the port that it is called with.

> (call-with-output-string (lambda (port) (write 'a port) (write \"b\" port)))
=> \"a\\\"b\\\"\""
  (let ((port (open-output-string)))
    (procedure port)
    (get-output-string port)))

(define (with-output-to-string thunk)
  "What THUNK writes to the current output port.

> (with-output-to-string (lambda () (display '(1 \"x\"))))
=> \"(1 x)\""
  (call-with-output-string (lambda (port) (parameterize ((current-output-port port)) (thunk)))))

(define (with-input-from-string text thunk)
  "Call THUNK while the current input port reads TEXT.

> (with-input-from-string \"(1 2) 3\" (lambda () (list (read) (read))))
=> ((1 2) 3)"
  (parameterize ((current-input-port (open-input-string text))) (thunk)))
