;;; The evaluator that looks into what is called: what stands for a procedure that code names is its definition, evaluated by
;;; this evaluator as well. By itself it shows nothing. Others stand on it, and say what is followed and what stands for the rest.

(define follow-here (the-environment))
(define follow-known (make-hash-table))      ; a procedure → what stands for it
(define follow-plain (make-hash-table))      ; name → (global . value): primitives that only compute, for code

(define (followed? global) (not (%shipped? global))) ; the program's own procedures are, the language's are not
(define (plain? global) (%plain? global))    ; whether nothing need stand for its value
(define (stand-in value global) #f)          ; what stands for VALUE other than its definition, if anything

(redefine (ev-name l x env at) follow-next
  (let ((value (follow-next l x env at)) (global (lookup x env)))
    (cond ((not (%global-name global)) value)
          ((plain? global) (hash-set! follow-plain (%global-name global) (cons global (%global-value global))) value)
          (else (%call l (l %stand-in) (list (l (follow-place global at)) value) at)))))

(define (follow-place global at)             ; a place that names GLOBAL, of which `%stand-in` knows the first five
  (vector #f #f 0 follow-instead global at))

(define (follow-instead value global)
  (cond ((not (procedure? value)) value)
        ((hash-ref follow-known value #f))
        (else
          (let ((made (or (stand-in value global) (and (followed? global) (%evaluated-by follow-here value)) value)))
            (hash-set! follow-known value made)
            (hash-set! follow-known made made)
            made))))

(define (follow-anew!)                       ; what was followed holds, unless one of those primitives is none any more
  (if (not (%unchanged? follow-plain))
      (begin (hash-table-clear! follow-known) (hash-table-clear! follow-plain))))
