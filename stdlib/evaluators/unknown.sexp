;;; The evaluator that goes on where a value is unknown: what is computed from it is unknown, and of a test that is, both
;;; branches are followed. What one of them does stands under that test; nothing outside is taken for done in it.

(%stand-on (the-environment) 'what-if)

(define unknown-under '())                   ; the unknown tests that what is evaluated depends on: (form outcome place)
(define unknown-deepest 6)                   ; so many within one another are followed
(define unknown-looked-at 10000)             ; so many pairs are searched for what is unknown
(define unknown-holders (list list cons vector values)) ; may hold what is unknown

(define (unknown-met! kind at . more) #f)    ; for others to note
(define (unknown-value of) (%unsure! what-if-known) (%make-unknown of))

(define unknown-next-parts what-if-parts)    ; also of a primitive's call it must be known whether anything is unknown
(define (what-if-parts procedure arguments) (or (unknown-next-parts procedure arguments) '()))

(define (what-if-call at procedure arguments)
  (cond ((unknown? procedure) (unknown-met! 'unknown-call #f ':arguments arguments) procedure)
        ((not (procedure? procedure)) (procedure)) ; the error that it is
        ((and (eq? procedure apply) (pair? arguments))
         (let ((spread (apply cons* (cdr arguments))))
           (if (list? spread) (what-if-call at (car arguments) spread) (unknown-value 'apply))))
        ((or (memq procedure unknown-holders) (not (or (%effects procedure) (%harmless? procedure)))) ; it is followed
         (%call-at at procedure arguments))
        ((find unknown? arguments)
         => (lambda (found)
              (if (any procedure? arguments) (%call-at at (or (%evaluated-by follow-here procedure) procedure) arguments) found)))
        ((any unknown-within? arguments)     ; deep inside: it may matter, or not
         (guard (problem ((error-object? problem) (unknown-value 'part))) (apply procedure arguments)))
        (else (%call-at at procedure arguments))))

(define (unknown-within? value)              ; a list may be circular, so the search has an end
  (let look ((waiting (list value)) (left unknown-looked-at))
    (and (pair? waiting) (> left 0)
         (let ((here (car waiting)))
           (cond ((pair? here) (look (cons* (car here) (cdr here) (cdr waiting)) (- left 1)))
                 (else (or (unknown? here) (look (cdr waiting) left))))))))

(define (ev-if l x env at)
  (define (branch evaluated) (%procedure l '() #f (lambda (none) (evaluated)) at))
  (%parts x 2 3 at)
  (let ((test (ev-test (%operand l) (cdr x) env at))
        (yes (branch (lambda () (ev-branch l (cddr x) env at))))
        (no (branch (lambda () (if (pair? (cdddr x)) (ev-branch l (cdddr x) env at) (%quote l (if #f #f) at))))))
    (%if l (%call l (l unknown?) (list test) at)
         (lambda () (%call l (l unknown-choose) (list (l (%strip (cadr x))) (l at) test yes no) at))
         (lambda () (%if l test (lambda () (%call l yes '() at)) (lambda () (%call l no '() at)) at))
         at)))

(define (unknown-choose form at test yes no)
  (if (or (>= (length unknown-under) unknown-deepest)
          (find (lambda (each) (and (eq? (car each) form) (eq? (caddr each) at))) unknown-under))
      test                                   ; a round of a loop, or too far from what is known
      (begin
        (unknown-met! 'unknown-test at ':test form)
        (let* ((one (unknown-try (list form #t at) yes)) (other (unknown-try (list form #f at) no)))
          (if (equal? one other) one (unknown-value form))))))

(define (unknown-try test branch)            ; what BRANCH gives, which nobody knows will be taken
  (let ((under unknown-under))
    (dynamic-wind
      (lambda () (set! unknown-under (cons test under)))
      (lambda ()
        (guard (problem ((error-object? problem)
                         (unknown-met! 'fails #f ':message (error-object-message problem))
                         (unknown-value 'failed)))
          (branch)))
      (lambda () (set! unknown-under under)))))

(redefine (ev-set! l x env at) unknown-next-set!                 ; what may be assigned is unknown afterwards
  (unknown-next-set! l (if (and (list? x) (= (length x) 3)) (list (car x) (cadr x) (cons unknown-assigned (cddr x))) x) env at))

(define (unknown-assigned value) (if (pair? unknown-under) (unknown-value 'assigned) value))
