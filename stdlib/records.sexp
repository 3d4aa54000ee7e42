;; Record types (R7RS 5.5, SRFI 9).

(define-syntax define-record-type
  "A type of records: NAME, a constructor with the fields it takes (or #f, or a name for all fields), a predicate (or
#f), and for each field its accessor and, perhaps, its modifier.

> (define-record-type point (make-point x y) point? (x point-x set-point-x!) (y point-y))
> (let ((p (make-point 1 2))) (set-point-x! p 5) (list p (point-x p) (point? 3)))
=> (#<point 5 2> 5 #f)"
  (er-macro-transformer
    (lambda (form rename compare)
      (let* ((head (cadr form))
             (given (if (pair? head) (car head) head))
             (name (if (keyword? given) (string->symbol (string-append ":" (keyword->string given))) given)) ; SRFI 9's :type
             (constructor (caddr form))
             (predicate (cadddr form))
             (specs (map (lambda (spec) (if (pair? spec) spec (list spec))) (cddddr form)))
             (fields (map car specs))
             (define* (rename 'define))
             (quoted (lambda (x) (list (rename 'quote) x))))
        (if (compare given (rename 'quote)) ; 'name, where NAME is meant
            (list (rename 'syntax-error) "define-record-type: the name of the type stands without a quote" head)
            `(,(rename 'begin)
              (,define* ,name (,(rename '%record-type) ,(quoted name) ,(quoted fields)))
              ,@(cond ((pair? constructor)
                       `((,define* ,(car constructor)
                          (,(rename '%record-constructor) ,name ,(quoted (car constructor)) ,(quoted (cdr constructor))))))
                      (constructor
                        `((,define* ,constructor
                           (,(rename '%record-constructor) ,name ,(quoted constructor) ,(quoted fields)))))
                      (else '()))
              ,@(if predicate
                    `((,define* ,predicate (,(rename '%record-predicate) ,name ,(quoted predicate))))
                    '())
              ,@(append-map
                  (lambda (spec)
                    (let ((field (car spec)) (more (cdr spec)))
                      (if (null? more)
                          '()
                          (cons `(,define* ,(car more) (,(rename '%record-accessor) ,name ,(quoted field) ,(quoted (car more))))
                                (if (null? (cdr more))
                                    '()
                                    `((,define* ,(cadr more)
                                       (,(rename '%record-modifier) ,name ,(quoted field) ,(quoted (cadr more))))))))))
                  specs)))))))
