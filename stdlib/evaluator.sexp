;;; The evaluator: what every form of the language means.
;;;
;;; `ev` is given the stage L, the form X, the environment ENV and the place AT where X was written. If L is `identity` it
;;; computes the value of X; if L lifts, the value is code that does. Whatever depends on the stage is an operation of
;;; the host whose name begins with %; everything else in the language is a row of the table at the end, or a macro.
;;; The stage knows as well whether X stands in tail position: not as an operand, again as the end of a procedure's body.

(define (ev l x env at)
  (cond ((pair? x) (ev-pair l x env (%place l x at)))
        ((%identifier? x) (ev-name l x env at))
        ((hash-table? x) (%call l (%helper l 'table at) (ev-list l (%entries x at) env at) at))
        ((null? x) (%bad-syntax "() is no expression" at "the empty list is written '()"))
        (else (%quote l (%strip x) at))))

(define (ev-pair l x env at)
  (let ((row (row-of x env)))
    (cond ((not row) (ev-call l x env at))
          ((%macro? row) (ev l (expansion l row x env at) env at))
          (else ((procedure-of row) l x env at)))))

;; ── Names and rows ──────────────────────────────────────────────────────────────────────────────────────────

(define (lookup x env)                   ; a variable, a global or a row; what a macro inserted means what it means there
  (or (%local x env) (%global x env) (lookup (%alias-name x) (%alias-env x))))

(define (ev-name l x env at)
  (%ref l (%a-value (lookup x env) x at) at))

(define (row-of x env)                   ; the row that the form X begins with, or #f
  (let ((meaning (if (%identifier? (car x)) (lookup (car x) env) (car x))))
    (and (%row? meaning) meaning)))

(define (procedure-of row)
  (or (%row-procedure row) (hash-ref special-forms (%row-name row))))

(define (head l x env at use)            ; X once the macros at its head are expanded: (USE form place row-or-#f)
  (let* ((at (if (pair? x) (%place l x at) at)) (row (and (pair? x) (row-of x env))))
    (if (and row (%macro? row))
        (head l (expansion l row x env at) env at use)
        (use x at row))))

(define (expansion l row x env at)       ; what the macro ROW makes of X, in the place of which it stands
  (%expand l row x env at))

;; ── Calls and sequences ─────────────────────────────────────────────────────────────────────────────────────

(define (ev-car l cell env at)           ; the form that is the car of CELL, which may know where that stands
  (ev l (car cell) env (%cell-place l cell at)))

(define (ev-list l cells env at)         ; from left to right
  (cond ((pair? cells) (let ((value (ev-car (%operand l) cells env at))) (cons value (ev-list l (cdr cells) env at))))
        ((null? cells) '())
        (else (%bad-syntax "a form must not end in a dotted tail" at))))

(define (ev-seq l cells env at)          ; the value of the last
  (if (pair? (cdr cells))
      (begin (ev-car (%operand l) cells env at) (ev-seq l (cdr cells) env at))
      (ev-car l cells env at)))

(define (ev-call l x env at)
  (if (keyword? (car x))
      (%call l (%helper l 'properties at) (ev-list l x env at) at)
      (let ((procedure (ev-car (%operand l) x env at)))
        (%written-out l procedure x env
                      (lambda (form) (ev l form env at))
                      (lambda () (ev-apply l procedure (ev-list l (cdr x) env at) x at))
                      at))))

(define (ev-apply l procedure arguments x at) ; the call X, its parts evaluated
  (%call l procedure arguments at))

;; ── Procedures and bodies ───────────────────────────────────────────────────────────────────────────────────

(define (ev-procedure l params body env at)
  (if (not (pair? body)) (%bad-syntax "a procedure needs a body" at))
  (let ((documented (and (string? (car body)) (pair? (cdr body)))))
    (%procedure l params (and documented (car body))
                (lambda (arguments)
                  (let ((scope (%scope l env)))
                    (bind l params arguments scope at)
                    (ev-body (%tail l) (if documented (cdr body) body) scope at)))
                at)))

(define (bind l params arguments scope at) ; each parameter in SCOPE; the default of one sees those before it
  (cond ((null? arguments) 'done)
        ((not (pair? params)) (%bind l scope params (car arguments)))
        ((keyword? (car params)) (bind l (cdr params) arguments scope at))
        ((pair? (car params))
         (let ((default (lambda ()
                          (if (pair? (cdar params)) (ev-car (%operand l) (cdar params) scope at) (%quote l #f at)))))
           (%bind l scope (caar params) (%given l (car arguments) default)))
         (bind l (cdr params) (cdr arguments) scope at))
        (else (%bind l scope (car params) (car arguments))
              (bind l (cdr params) (cdr arguments) scope at))))

(define (ev-body l forms env at)         ; every name that it defines is declared before its first form is evaluated
  (let* ((scope (%scope l env)) (steps (scan l forms scope at)))
    (%scoped l scope (lambda () (ev-steps l steps at)) at)))

(define (scan l cells scope at)          ; the forms of a body as (name-or-#f . what evaluates it)
  (define (rest) (scan l (cdr cells) scope at))
  (if (not (pair? cells))
      '()
      (head l (car cells) scope (%cell-place l cells at)
            (lambda (x at row)
              (case (and row (%row-name row))
                ((begin) (append (scan l (cdr x) scope at) (rest)))
                ((define-syntax)
                 (%bind-row scope (cadr x) (transformer l (last (%parts x 2 3 at)) scope (cadr x) at))
                 (rest))
                ((define)
                 (let ((variable (%declare l scope (%definition x at))))
                   (cons (cons #t (lambda (l) (%init l variable (ev-definition l x scope at) at))) (rest))))
                (else (cons (cons #f (lambda (l) (ev l x scope at))) (rest))))))))

(define (ev-steps l steps at)
  (cond ((null? steps) (%quote l (if #f #f) at))
        ((or (pair? (cdr steps)) (caar steps)) ((cdar steps) (%operand l)) (ev-steps l (cdr steps) at))
        (else ((cdar steps) l))))

(define (ev-definition l x env at)       ; what the definition X gives its name
  (define (value target body)
    (cond ((not (pair? target)) (if (pair? body) (ev-car (%operand l) body env at) (%quote l (if #f #f) at)))
          ((pair? (car target)) (value (car target) (list (cons (%alias 'lambda) (cons (cdr target) body)))))
          (else (ev-procedure l (cdr target) body env at))))
  (%named l (%definition x at) (lambda () (value (cadr x) (cddr x)))))

;; ── Special forms ───────────────────────────────────────────────────────────────────────────────────────────

(define (ev-quote l x env at)
  (%quote l (%strip (car (%parts x 1 1 at))) at))

(define (ev-if l x env at)
  (%parts x 2 3 at)
  (%if l (ev-test (%operand l) (cdr x) env at)
       (lambda () (ev-branch l (cddr x) env at))
       (lambda () (if (pair? (cdddr x)) (ev-branch l (cdddr x) env at) (%quote l (if #f #f) at)))
       at))

(define (ev-test l cell env at) (ev-car l cell env at))
(define (ev-branch l cell env at) (ev-car l cell env at))

(define (ev-lambda l x env at)
  (%parts x 2 #f at)
  (ev-procedure l (cadr x) (cddr x) env at))

(define (ev-begin l x env at)
  (if (null? (%parts x 0 #f at))
      (%quote l (if #f #f) at)
      (%piece l (lambda () (ev-seq l (cdr x) env at)) at)))

(define (ev-define l x env at)
  (if (not (%top-level? env))
      (%bad-syntax "define stands where a value is expected" at "definitions stand directly in a body"))
  (let ((name (%top-level-name (%definition x at) env)))
    (%define l env name (ev-definition l x env at) at)))

(define (ev-set! l x env at)
  (%parts x 2 2 at)
  (if (not (%identifier? (cadr x))) (%bad-syntax "set!: the first part must be a name" at))
  (let* ((meaning (lookup (cadr x) env)) (value (ev-car (%operand l) (cddr x) env at)))
    (%not-assignable meaning (cadr x) at)
    (%set l meaning value at)))

(define (ev-letrec l x env at)
  (%parts x 2 #f at)
  (let* ((scope (%scope l env))
         (bindings (%bindings x at))
         (variables (map (lambda (binding) (%declare l scope (car binding))) bindings)))
    (%scoped l scope
             (lambda ()
               (for-each
                 (lambda (variable binding)
                   (%init l variable (%named l (car binding) (lambda () (ev-car (%operand l) (cdr binding) scope at))) at))
                 variables bindings)
               (ev-body l (cddr x) scope at))
             at)))

;; ── What calls that are written out are made of ─────────────────────────────────────────────────────────────

(define (ev-block l x env at)            ; (%block (leave) body …): the body, which a call of LEAVE ends
  (%parts x 2 #f at)
  (let ((scope (%scope l env)))
    (%leaving l scope (caadr x) (lambda () (ev-body (%operand l) (cddr x) scope at)) at)))

;; Several values: (%receive names value body …), in which NAMES may end in one for the rest.

(define (ev-receive l x env at)
  (%parts x 3 #f at)
  (let* ((required (required-names (cadr x) at)) (rest (rest-name (cadr x))) (names (append required rest)))
    (%piece l
            (lambda ()
              (let* ((value (ev-car (%operand l) (cddr x) env at))
                     (taken (%call l (%helper l (if (null? rest) 'take-values 'take-more) at)
                                   (list value (%quote l (length required) at)) at))
                     (taker (ev-procedure l names (cdddr x) env at)))
                (%call l taker (items l taken 0 (length names) at) at)))
            at)))

(define (items l taken from to at)
  (if (= from to)
      '()
      (let ((item (%call l (%helper l 'item-at at) (list taken (%quote l from at)) at)))
        (cons item (items l taken (+ from 1) to at)))))

(define (required-names names at)
  (cond ((not (pair? names)) '())
        ((or (pair? (car names)) (keyword? (car names))) (%bad-syntax "values are received by plain names" at))
        (else (cons (car names) (required-names (cdr names) at)))))

(define (rest-name names)
  (cond ((pair? names) (rest-name (cdr names)))
        ((null? names) '())
        (else (list names))))

;; ── Macros ──────────────────────────────────────────────────────────────────────────────────────────────────

(define (transformer l spec env name at) ; the row that SPEC, written in ENV, makes
  (let ((kind (%transformer-kind spec env)))
    (case kind
      ((syntax-rules) (%macro kind name spec env))
      ((er-macro-transformer)
       (%macro kind name (%now l (lambda () (ev-car l (cdr spec) (%top env) at)) env) env))
      (else (%the-row (and (%identifier? spec) (lookup spec env)) name at)))))

(define (ev-define-syntax l x env at)    ; (define-syntax name [doc] transformer)
  (let* ((name (%macro-name x env at)) (spec (last x)) (kind (%transformer-kind spec env))
         (doc (if (pair? (cdddr x)) (caddr x) "")))
    (case kind
      ((syntax-rules) (%define-macro l kind env name (%quote l spec at) doc at))
      ((er-macro-transformer) (%define-macro l kind env name (ev-car l (cdr spec) env at) doc at))
      (else (%define l env name (%quote l (transformer l spec env name at) at) at)))))

(define (ev-let-syntax l x env at)
  (%parts x 2 #f at)
  (let* ((scope (%scope l env)) (inside (if (eq? (%row-name (row-of x env)) 'let-syntax) env scope)))
    (for-each
      (lambda (binding)
        (%bind-row scope (car binding) (transformer l (cadr binding) inside (car binding) at)))
      (%bindings x at))
    (ev-body l (cddr x) scope at)))

;; ── The evaluator itself ────────────────────────────────────────────────────────────────────────────────────

(define (ev-the-environment l x env at)
  (%parts x 0 0 at)
  (%environment l env at))

(define (ev-with-level l x env at)       ; by the evaluator that N evaluators have evaluated
  (%parts x 2 2 at)
  ((%level (cadr x) env at) l (caddr x) env at))

(define (ev-with-evaluator l x env at)   ; by the evaluator that is called so, or by several, the first the outermost
  (%parts x 2 2 at)
  (let ((evaluate (%evaluator (cadr x) env at)))
    (%as-written l (lambda () (evaluate (%operand l) (caddr x) env at)))))

(define (ev-host-form l x env at)        ; what brings in names and text
  (%host-form l (row-of x env) x env at)
  (%quote l (if #f #f) at))

;; ── The table ───────────────────────────────────────────────────────────────────────────────────────────────

(define special-forms (make-hash-table))

(define-syntax rows                      ; a row asks for its procedure when it is used: redefining that is enough
  (syntax-rules ()
    ((_ (name procedure) ...)
     (begin (hash-set! special-forms 'name (lambda (l x env at) (procedure l x env at))) ...))))

(rows (quote ev-quote) (if ev-if) (lambda ev-lambda) (begin ev-begin) (define ev-define) (set! ev-set!)
      (letrec ev-letrec) (letrec* ev-letrec) (%receive ev-receive) (%block ev-block)
      (the-environment ev-the-environment) (with-level ev-with-level) (with-evaluator ev-with-evaluator)
      (define-syntax ev-define-syntax) (let-syntax ev-let-syntax) (letrec-syntax ev-let-syntax)
      (syntax-rules ev-host-form) (er-macro-transformer ev-host-form) (syntax-error ev-host-form)
      (import ev-host-form) (define-library ev-host-form))

;; ── For texts that stand upon this one ──────────────────────────────────────────────────────────────────────

(define-syntax redefine                  ; in its new definition, the procedure that NAME was is called NEXT
  (syntax-rules ()
    ((_ (name . parameters) next body ...)
     (begin (define next name)
       (define (name . parameters) body ...)))))

(define (primitive-of x env)             ; the global that the call X names, if it holds a host primitive that only computes
  (let ((meaning (and (%identifier? (car x)) (lookup (car x) env))))
    (and (%global-name meaning) (%plain? meaning) meaning)))
