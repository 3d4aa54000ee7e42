;; Tools for whoever writes programs, at the prompt or in them: trace, time, doc.

(define-syntax trace
  "Show each call of the procedures called NAME, and what it returns, on the error port; gives all that is traced. A
definition of NAME stays traced, the stdlib's own calls do not show, and without names nothing changes.

> (define (twice x) (* 2 x))
> (list (trace twice) (twice 4))
=> ((twice) 8)"
  (syntax-rules ()
    ((_ name ...) (%trace '(name ...)))))

(define-syntax untrace
  "Trace NAME no longer, or nothing at all if no names are given; gives what is still traced.

> (define (twice x) (* 2 x))
> (begin (trace twice) (untrace twice))
=> ()"
  (syntax-rules ()
    ((_ name ...) (%untrace '(name ...)))))

(define-syntax time
  "The value of FORM; shows on the error port how long it took, the processor's time and the memory it left in use.

> (time (+ 1 2))
=> 3"
  (syntax-rules ()
    ((_ form . more)
     (let ((stop (%stopwatch)))
       (call-with-values (lambda () form . more)
                         (lambda results (stop 'form) (apply values results)))))))

(define-syntax doc
  "Show what is known of NAME: usage, documentation, examples, effects, source. In a program, `documentation` gives it.

> (doc car)
=> …"
  (syntax-rules (quote)
    ((_ 'name) (%doc 'name))
    ((_ name) (%doc 'name))))

(define-syntax step
  "The value of FORM, evaluated step by step, the program's own procedures included: each form is shown before it is
evaluated, and its value after. What is to be done is asked at the prompt or read from standard input, or taken from
:commands, a list: in, over, out, \"here PLACE\", continue, locals, where, \"use FORM\", abort; any other form is
evaluated where evaluation stands. A form that fails can be tried again, or given a value.

> (step (* 2 (+ 1 2)) :commands '(in \"use 10\"))
=> 20"
  (syntax-rules ()
    ((_ form) (%stepping (lambda () (with-evaluator (step follow) form))))
    ((_ form :commands commands) (%stepping (lambda () (with-evaluator (step follow) form)) commands))))

(define-syntax profile
  "What FORM costs, the program's own procedures included: for each call in the text how often it was made, its time with
and without what it called, rows of tables, bytes. Prints as a table; `profile-value`, `profile-rows` and `flame` take it.

> (define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
> (define cost (profile (fib 10)))
> (list (profile-value cost) (get (find (lambda (row) (equal? (get row :form) \"(< n 2)\")) (profile-rows cost)) :calls))
=> (55 177)"
  (syntax-rules ()
    ((_ form) (%profiled (lambda () (with-evaluator (profile follow) form))))))

(define (%profiled thunk)
  (let ((clock (%evaluator-ref '(profile follow) 'profile-clock)) (run #f))
    (let ((value (dynamic-wind (lambda () (set! run (%profile-enter! clock run)))
                   thunk
                   (lambda () (%profile-leave! clock)))))
      (%profile value run))))

(define-syntax define-reflective
  "Make NAME a reflective procedure: a call of it evaluates no arguments; BODY is evaluated instead, in which FORM is the
call as it was written, ENV the environment it stands in, and K what goes on with its value. Variables that it can reach
so are kept in boxes, and what it evaluates is compiled each time.

> (define-reflective (unless-zero form env k)
    (let ((n (eval (cadr form) env))) (if (= n 0) (k 'nothing) (eval (caddr form) env))))
> (let ((n 4)) (list (unless-zero n (/ 12 n)) (unless-zero (- n 4) (/ 12 0))))
=> (3 nothing)"
  (syntax-rules ()
    ((_ (name form env k) body ...)
     (begin
       (define (reflective form env k) body ...)
       (define-syntax name
         (syntax-rules ()
           ((_ . operands)
            (call/cc (lambda (continue) (reflective '(name . operands) (the-environment) continue))))))))))
