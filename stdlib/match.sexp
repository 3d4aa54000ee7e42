;; Pattern matching in the style of Wright and Shinn, compiled to tests: `match` and its kin.
;;
;; A pattern is compiled against an identifier that holds the value: (%match-pattern m pattern value success fail), where
;; SUCCESS makes the form to go on with from the variables bound so far and FAIL is the form for when it does not fit.
;; M is (rename compare next-number); fresh identifiers come from it.

(define (%match-name m name) ((vector-ref m 0) name))
(define (%match-is? m x name) (and (%identifier? x) ((vector-ref m 1) x ((vector-ref m 0) name))))
(define (%match-fresh m [kind "value-"])
  (let ((n (vector-ref m 2)))
    (vector-set! m 2 (+ n 1))
    ((vector-ref m 0) (string->symbol (string-append kind (number->string n))))))

(define (%match-form m head . parts) (cons (%match-name m head) parts))

(define (%match-if m test then fail) (list (%match-name m 'if) test then fail))
(define (%match-let m name value body) (list (%match-name m 'let) (list (list name value)) body))

(define (%match-ellipsis? m x)
  (or (%match-is? m x '...) (%match-is? m x '___) (%match-is? m x '..1)))

(define (%match-heads)
  '((quote . quoted) (? . predicate) (and . all) (or . some) (not . none) (= . field) ($ . record) (@ . fields)
    (quasiquote . quasi)))

(define (%match-head m pattern)
  (and (pair? pattern)
       (list? pattern)
       (let loop ((rest (%match-heads)))
         (cond ((null? rest) #f)
               ((%match-is? m (car pattern) (caar rest)) (cdar rest))
               (else (loop (cdr rest)))))))

;; The variables of a pattern, in order.
(define (%match-variables m pattern)
  (cond ((%identifier? pattern)
         (if (or (%match-is? m pattern '_) (%match-ellipsis? m pattern)) '() (list pattern)))
        ((vector? pattern) (%match-variables m (vector->list pattern)))
        ((not (pair? pattern)) '())
        (else
          (case (%match-head m pattern)
            ((quoted none) '())
            ((predicate field record) (%match-variables* m (cddr pattern)))
            ((fields) (%match-variables* m (map cadr (cddr pattern))))
            ((all) (%match-variables* m (cdr pattern)))
            ((some) (if (null? (cdr pattern)) '() (%match-variables m (cadr pattern))))
            ((quasi) (%match-quasi-variables m (cadr pattern)))
            (else (%match-union (%match-variables m (car pattern)) (%match-variables m (cdr pattern))))))))

(define (%match-variables* m patterns)
  (fold-left (lambda (done pattern) (%match-union done (%match-variables m pattern))) '() patterns))

(define (%match-union a b) (append a (remove (lambda (x) (memq x a)) b)))

(define (%match-quasi-variables m x)
  (cond ((vector? x) (%match-quasi-variables m (vector->list x)))
        ((not (pair? x)) '())
        ((or (%match-is? m (car x) 'unquote) (%match-is? m (car x) 'unquote-splicing)) (%match-variables m (cadr x)))
        (else (%match-union (%match-quasi-variables m (car x)) (%match-quasi-variables m (cdr x))))))

(define (%match-pattern m pattern value bound success fail)
  (cond ((%identifier? pattern) (%match-variable m pattern value bound success fail))
        ((vector? pattern) (%match-vector m pattern value bound success fail))
        ((null? pattern) (%match-if m (%match-form m 'null? value) (success bound) fail))
        ((not (pair? pattern)) (%match-datum m pattern value bound success fail))
        (else
          (case (%match-head m pattern)
            ((quoted) (%match-datum m (cadr pattern) value bound success fail))
            ((predicate)
             (%match-if m (list (cadr pattern) value) (%match-all m (cddr pattern) value bound success fail) fail))
            ((all) (%match-all m (cdr pattern) value bound success fail))
            ((some) (%match-some m (cdr pattern) value bound success fail))
            ((none) (%match-none m (cdr pattern) value bound success fail))
            ((field)
             (let ((part (%match-fresh m)))
               (%match-let m part (list (cadr pattern) value)
                           (%match-pattern m (caddr pattern) part bound success fail))))
            ((record) (%match-record m (cadr pattern) (%match-places (cddr pattern)) value bound success fail))
            ((fields)
             (%match-record m (cadr pattern)
                            (map (lambda (each) (cons (%match-form m 'quote (car each)) (cadr each))) (cddr pattern))
                            value bound success fail))
            ((quasi) (%match-pattern m (%match-unquasi m (cadr pattern)) value bound success fail))
            (else
              (if (and (pair? (cdr pattern)) (%match-ellipsis? m (cadr pattern)))
                  (%match-many m pattern value bound success fail)
                  (%match-pair m pattern value bound success fail)))))))

(define (%match-variable m name value bound success fail)
  (cond ((%match-is? m name '_) (success bound))
        ((memq name bound) (%match-if m (%match-form m 'equal? value name) (success bound) fail))
        (else (%match-let m name value (success (cons name bound))))))

(define (%match-datum m datum value bound success fail)
  (let ((same? (cond ((null? datum) #f)
                     ((or (%identifier? datum) (boolean? datum) (char? datum) (keyword? datum)) 'eq?)
                     ((number? datum) 'eqv?)
                     (else 'equal?))))
    (%match-if m
               (if same? (%match-form m same? value (%match-form m 'quote datum)) (%match-form m 'null? value))
               (success bound)
               fail)))

(define (%match-pair m pattern value bound success fail)
  (let ((head (%match-fresh m)) (tail (%match-fresh m)))
    (%match-if m
               (%match-form m 'pair? value)
               (%match-let m head (%match-form m 'car value)
                           (%match-pattern m (car pattern) head bound
                                           (lambda (bound)
                                             (%match-let m tail (%match-form m 'cdr value)
                                                         (%match-pattern m (cdr pattern) tail bound success fail)))
                                           fail))
               fail)))

(define (%match-all m patterns value bound success fail)
  (if (null? patterns)
      (success bound)
      (%match-pattern m (car patterns) value bound
                      (lambda (bound) (%match-all m (cdr patterns) value bound success fail))
                      fail)))

;; What follows an `or` is a procedure of the variables that each alternative binds.
(define (%match-some m patterns value bound success fail)
  (let* ((names (remove (lambda (x) (memq x bound))
                        (if (null? patterns) '() (%match-variables m (car patterns)))))
         (go-on (%match-fresh m)))
    (%match-let m go-on (%match-form m 'lambda names (success (append names bound)))
                (let loop ((rest patterns))
                  (if (null? rest)
                      fail
                      (%match-guarded m (loop (cdr rest))
                                      (lambda (fail)
                                        (%match-pattern m (car rest) value bound
                                                        (lambda (bound) (cons go-on names))
                                                        fail))))))))

(define (%match-none m patterns value bound success fail)
  (if (null? patterns)
      (success bound)
      (%match-guarded m (%match-none m (cdr patterns) value bound success fail)
                      (lambda (next) (%match-pattern m (car patterns) value bound (lambda (bound) fail) next)))))

;; MAKE's form, which may fail into ALTERNATIVE from several places.
(define (%match-guarded m alternative make)
  (if (and (pair? alternative) (null? (cdr alternative)) (%identifier? (car alternative)))
      (make alternative)
      (let ((fail (%match-fresh m "clause-")))
        (%match-let m fail (%match-form m 'lambda '() alternative) (make (list fail))))))

(define (%match-places patterns)
  (let loop ((rest patterns) (at 0))
    (if (null? rest) '() (cons (cons at (car rest)) (loop (cdr rest) (+ at 1))))))

(define (%match-record m type parts value bound success fail)
  (%match-if m
             (%match-form m '%record-is? value type)
             (let loop ((rest parts) (bound bound))
               (if (null? rest)
                   (success bound)
                   (let ((part (%match-fresh m)))
                     (%match-let m part (%match-form m '%record-part value (caar rest))
                                 (%match-pattern m (cdar rest) part bound
                                                 (lambda (bound) (loop (cdr rest) bound))
                                                 fail)))))
             fail))

(define (%match-unquasi m x)
  (cond ((vector? x) (list->vector (%match-unquasi m (vector->list x))))
        ((and (pair? x) (%match-is? m (car x) 'unquote)) (cadr x))
        ((and (pair? x) (pair? (car x)) (%match-is? m (caar x) 'unquote-splicing))
         (append (list (cadar x) (%match-name m '...)) (%match-unquasi m (cdr x))))
        ((pair? x)
         (if (%match-ellipsis? m (car x))
             (cons (car x) (%match-unquasi m (cdr x)))
             (cons (%match-unquasi m (car x)) (%match-unquasi m (cdr x)))))
        ((null? x) x)
        (else (%match-form m 'quote x))))

(define (%match-vector m pattern value bound success fail)
  (let ((parts (vector->list pattern)) (items (%match-fresh m)))
    (if (any (lambda (part) (%match-ellipsis? m part)) parts)
        (%match-if m
                   (%match-form m 'vector? value)
                   (%match-let m items (%match-form m 'vector->list value)
                               (%match-pattern m parts items bound success fail))
                   fail)
        (%match-if m
                   (%match-form m 'and
                                (%match-form m 'vector? value)
                                (%match-form m '= (%match-form m 'vector-length value) (length parts)))
                   (let loop ((rest (%match-places parts)) (bound bound))
                     (if (null? rest)
                         (success bound)
                         (let ((part (%match-fresh m)))
                           (%match-let m part (%match-form m 'vector-ref value (caar rest))
                                       (%match-pattern m (cdar rest) part bound
                                                       (lambda (bound) (loop (cdr rest) bound))
                                                       fail)))))
                   fail))))

(define (%match-least pattern) (if (pair? pattern) (+ 1 (%match-least (cdr pattern))) 0))

(define (%match-more? m rest) (and (pair? rest) (or (%match-ellipsis? m (car rest)) (%match-more? m (cdr rest)))))

;; (p ... rest …): as many elements for p as leave enough for the rest.
(define (%match-many m pattern value bound success fail)
  (let* ((each (car pattern))
         (rest (cddr pattern))
         (least (%match-least rest))
         (names (%match-variables m each))
         (ignored (if (%match-more? m rest) (%error 'syntax "match: a list in a pattern has two ellipses" #f)))
         (needed (if (%match-is? m (cadr pattern) '..1) 1 0)))
    (if (and (null? rest) (= needed 0) (%identifier? each) (not (memq each bound)))
        (%match-if m
                   (%match-form m 'list? value)
                   (%match-pattern m each value bound success fail)
                   fail)
        (%match-loop m each rest names least needed value bound success fail))))

(define (%match-loop m each rest names least needed value bound success fail)
  (let ((count (%match-fresh m)) (loop (%match-fresh m)) (left (%match-fresh m)) (here (%match-fresh m))
        (element (%match-fresh m)) (found (map (lambda (name) (%match-fresh m)) names)))
    (%match-let
      m count (%match-form m '- (%match-form m '%pairs-of value) least)
      (%match-if
        m (%match-form m '< count needed)
        fail
        (append
          (%match-form m 'let loop
                       (append (list (list left count) (list here value))
                               (map (lambda (name) (list name (%match-form m 'quote '()))) found)))
          (list
            (%match-if
              m (%match-form m '= left 0)
              (list (%match-name m 'let)
                    (map (lambda (name all) (list name (%match-form m 'reverse all))) names found)
                    (%match-pattern m rest here (append names bound) success fail))
              (%match-let
                m element (%match-form m 'car here)
                (%match-pattern
                  m each element '()
                  (lambda (ignored)
                    (append (list loop (%match-form m '- left 1) (%match-form m 'cdr here))
                            (map (lambda (name all) (%match-form m 'cons name all)) names found)))
                  fail)))))))))

;; A clause's body: (=> name) binds a procedure that goes on with the next clause; :when TEST, or this clause does not fit.
(define (%match-body m body fail)
  (cond ((and (pair? body) (pair? (car body)) (%match-is? m (caar body) '=>) (pair? (cdar body)))
         (%match-let m (cadar body) (%match-form m 'lambda '() fail)
                     (cons (%match-name m 'let) (cons '() (cdr body)))))
        ((and (pair? body) (eq? (car body) :when) (pair? (cdr body)))
         (%match-if m (cadr body) (%match-body m (cddr body) fail) fail))
        (else (cons (%match-name m 'let) (cons '() body)))))

(define (%match-clauses m value clauses)
  (if (null? clauses)
      (%match-form m '%match-failed value)
      (%match-guarded m (%match-clauses m value (cdr clauses))
                      (lambda (fail)
                        (%match-pattern m (caar clauses) value '()
                                        (lambda (bound) (%match-body m (cdar clauses) fail))
                                        fail)))))

(define (%match-failed value)
  (%error 'match "match: no pattern fits" "a last clause (_ …) fits everything" value))

(define-syntax match
  "The body of the first clause whose pattern fits VALUE. Patterns: a name (anything, bound to it; twice the same name:
equal values), _ (anything), a literal, 'datum, (p q . rest), #(p q), p ... (any number of elements), p ..1 (at least
one), (? test p …), (and p …), (or p …), (not p), (= procedure p), ($ type p …), (@ type (field p) …), `(… ,p …). After a
pattern, :when TEST makes the clause depend on TEST, and (=> name) binds a procedure that goes on with the next clause.

> (match '(add 1 (mul 2 3)) (('add x ('mul y z)) (+ x (* y z))) (_ 'other))
=> 7
> (match '((a 1) (b 2) (c 3)) (((names values) ...) (list names values)))
=> ((a b c) (1 2 3))
> (map (lambda (x) (match x ((? string? s) s) ((and n (? number?)) :when (> n 9) 'big) (#(a _ b) (+ a b)) (_ 'none))) '(\"s\" 10 1 #(1 2 3)))
=> (\"s\" big none 4)"
  (er-macro-transformer
    (lambda (form rename compare)
      (let* ((m (vector rename compare 0)) (value (%match-fresh m)))
        (%match-let m value (cadr form) (%match-clauses m value (cddr form)))))))

(define-syntax match-lambda
  "A procedure of one argument that matches it.

> (map (match-lambda ((a b) (+ a b)) (n n)) '((1 2) 5))
=> (3 5)"
  (syntax-rules () ((_ clause ...) (lambda (value) (match value clause ...)))))

(define-syntax match-lambda*
  "A procedure that matches the list of its arguments.

> ((match-lambda* ((a) (list 'one a)) ((a . more) (list 'more a more))) 1 2)
=> (more 1 (2))"
  (syntax-rules () ((_ clause ...) (lambda values (match values clause ...)))))

(define-syntax match-let
  "let with patterns for names; with a name before the bindings, a loop.

> (match-let (((a b) '(1 2)) (#(c) #(3))) (+ a b c))
=> 6
> (match-let go (((a . more) '(1 2 3)) (sum 0)) (if (null? more) (+ a sum) (go more (+ sum a))))
=> 6"
  (syntax-rules ()
    ((_ ((pattern value) ...) body . rest) (match (list value ...) ((pattern ...) body . rest)))
    ((_ name ((pattern value) ...) body . rest)
     (letrec ((name (match-lambda* ((pattern ...) body . rest)))) (name value ...)))))

(define-syntax match-let*
  "let* with patterns for names.

> (match-let* (((a b) '(1 2)) ((c) (list (+ a b)))) c)
=> 3"
  (syntax-rules ()
    ((_ () body . rest) (let () body . rest))
    ((_ ((pattern value) . more) body . rest) (match value (pattern (match-let* more body . rest))))))

(define-syntax match-letrec
  "letrec with patterns for names.

> (match-letrec (((even odd) (list (lambda (n) (or (= n 0) (odd (- n 1)))) (lambda (n) (and (> n 0) (even (- n 1))))))) (even 10))
=> #t"
  (syntax-rules () ((_ ((pattern value) ...) body . rest) (let () (match-define pattern value) ... (let () body . rest)))))

(define-syntax match-define
  "Define the names in PATTERN by the parts of VALUE.

> (let () (match-define (a #(b)) '(1 #(2))) (list a b))
=> (1 2)"
  (er-macro-transformer
    (lambda (form rename compare)
      (let* ((m (vector rename compare 0))
             (names (%match-variables m (cadr form)))
             (temporaries (map (lambda (name) (%match-fresh m)) names)))
        (cons (rename 'begin)
              (append (map (lambda (name) (list (rename 'define) name #f)) names)
                      (list (list (rename 'match)
                                  (caddr form)
                                  (cons (%match-renamed (cadr form) names temporaries)
                                        (cons #t (map (lambda (name t) (list (rename 'set!) name t)) names temporaries)))))))))))

(define (%match-renamed pattern names temporaries)
  (cond ((memq pattern names)
         (let loop ((n names) (t temporaries)) (if (eq? (car n) pattern) (car t) (loop (cdr n) (cdr t)))))
        ((pair? pattern)
         (cons (%match-renamed (car pattern) names temporaries) (%match-renamed (cdr pattern) names temporaries)))
        ((vector? pattern) (vector-map (lambda (x) (%match-renamed x names temporaries)) pattern))
        (else pattern)))
