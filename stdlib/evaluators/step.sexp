;;; The evaluator that can be stopped: before each form that was written, and where one fails.
;;;
;;; The stepper of the host is given, for each, what the form is, a procedure that makes the environment it stands in, and
;;; one that evaluates it. A form in tail position stays in tail position: there is no frame that waits for its value.

(define step-passed ; forms that there is nothing to see of
  '(quote lambda begin define define-syntax let-syntax letrec-syntax import define-library syntax-rules syntax-error
    er-macro-transformer the-environment with-level with-evaluator))

(define step-head head)
(define (head l x env at use) ; what a macro made of a form counts as written where that was
  (step-head l x env at
             (lambda (y at row)
               (use (if (and (pair? x) (pair? y) (not (eq? x y)) (%place l x #f)) (%written-at y x) y) at row))))

(define step-pair ev-pair)
(define (ev-pair l x env at)
  (define (later stage evaluate)
    (%procedure l '() #f (lambda (none) (evaluate (stage l))) at))
  (if (not (%place l x #f))
      (step-pair l x env at)
      (head l x env at
            (lambda (y at row)
              (cond ((not (pair? y)) (ev l y env at))
                    ((and row (memq (%row-name row) step-passed)) (step-pair l y env at))
                    (else
                      (%call l (ev l (%alias (if (%tail? l) '%step-tail '%step-run)) env at)
                             (list (l (%step-cell x at))
                                   (later %tail (lambda (l) (%environment l env at)))
                                   (later %tail (lambda (l) (step-pair l y env at))))
                             at)))))))
