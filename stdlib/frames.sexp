;;; Versions of the environment: rewriting with a reason, evaluating as it was, frames as files, merging.

(define-syntax rewrite
  "Give NAME another definition: an expression, or a whole (define …); (NAME PARAMETER …) stands for a procedure, as in
define. Options: :reason \"…\" or :because value, :author \"…\", :in 'context, 'agent, 'swarm or 'domain (outer frames need
the capability rewrite). A name of the language is changed for all code of the session, as by `set!`. Takes effect at the
next call; gives the name of the version made.

> (define (half x) (/ x 2))
> (begin (rewrite half (lambda (x) (quotient x 2)) :reason \"whole numbers\") (half 5))
=> 2
> (get (first (environment-history 'half)) :reason)
=> \"whole numbers\"
> (begin (rewrite (half x) (* x 1/2)) (half 5))
=> 5/2"
  (syntax-rules ()
    ((_ (name . parameters) form option ...) (%rewrite 'name '(define (name . parameters) form) option ...))
    ((_ name form option ...) (%rewrite 'name 'form option ...))))

(define-syntax with-environment
  "The value of the last FORM, evaluated while names mean what they did at VERSION: an earlier definition, procedure or
setting is used by all that is called. What is changed meanwhile makes no version.

> (define (rate) 2)
> (define (rate) 3)
> (list (rate) (with-environment (get (second (environment-history 'rate)) :version) (rate)) (rate))
=> (3 2 3)"
  (syntax-rules ()
    ((_ version form more ...) (%with-environment version (lambda () form more ...)))))

(define (%with-environment version thunk :leaving [leaving #f])
  (dynamic-wind (lambda () (%enter-environment version :leaving leaving)) thunk %leave-environment))

(define (export-frame path :version [version 'now] :frame [frame #f])
  "Write the definitions of VERSION, or of one FRAME of it, to the file PATH: a program that runs by itself. Adapters go into
the folder PATH.adapters, from where `import-frame` takes them.

> (procedure? export-frame)
=> #t"
  (call-with-output-file path (lambda (port) (write-string (frame->string version :frame frame) port)))
  (%export-adapters! path version :frame frame)
  path)

(define (import-frame path :frame [frame 'context] :reason [reason (string-append "imported from " path)])
  "Make the definitions in the file PATH, as `export-frame` writes it, in FRAME: as one version, or none if one fails.

> (procedure? import-frame)
=> #t"
  (%import-adapters! path)
  (%import-frame (read-file path) reason :frame frame))

(define (frame-definitions path)
  "The definitions in the file PATH, for `merge-frames`.

> (procedure? frame-definitions)
=> #t"
  (call-with-input-file path
    (lambda (port)
      (let loop ((found '()))
        (let ((form (read port)))
          (if (eof-object? form) (reverse found) (loop (cons form found))))))))

(define (merge-frames base ours theirs :prefer [prefer #f] :adopt [adopt #f] :reason [reason "merged"])
  "What OURS and THEIRS, which both began as BASE, changed, in one: a hash table of :definitions and :conflicts, names
that both changed, as {:name :base :ours :theirs}. PREFER 'ours or 'theirs settles those; ADOPT makes it the present, as
one :version. Each frame is a version or a list of definitions, as `frame-definitions` gives it.

> (get (merge-frames '((define a 1) (define b 1)) '((define a 2) (define b 1)) '((define a 1) (define b 3))) :definitions)
=> ((define a 2) (define b 3))
> (merge-frames '((define a 1)) '((define a 2)) '((define a 3)))
=> {:definitions ((define a 1)) :conflicts ({:name a :base (define a 1) :ours (define a 2) :theirs (define a 3)})}"
  (%merge-frames base ours theirs prefer adopt reason))

(define (environment-diff? value)
  "Whether VALUE is what `environment-diff` returns when something changed.

> (environment-diff? '((added f (define f 1))))
=> #t"
  (and (pair? value) (list? value)
       (every (lambda (entry) (and (pair? entry) (memq (car entry) '(added removed changed)) #t)) value)))

(define (version-record? value)
  "Whether VALUE is a record of a version, as `environment-history` lists them and `environment-at` gives one.

> (define pace 1)
> (map version-record? (cons {:version 1} (environment-history 'pace)))
=> (#f #t)"
  (and (hash-table? value) (every (lambda (key) (hash-table-contains? value key)) '(:version :parent :hash :names))))

(define (merge-result? value)
  "Whether VALUE is what `merge-frames` gives.

> (merge-result? (merge-frames '() '((define a 1)) '()))
=> #t"
  (and (hash-table? value) (every (lambda (key) (hash-table-contains? value key)) '(:definitions :conflicts))))
