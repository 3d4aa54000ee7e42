;;; Operators of meaning over tables: vectors and words judge all rows, a model those of which they are not sure.
;;;
;;; A model is a procedure (model text question), which gives a truth or a number from 0 to 1, or a cross-encoder.

(define (%verdicts model items question)
  (if (cross-encoder? model)
      (%cross-scores model (map (lambda (item) (if (null? (cdr item)) (list question (car item)) item)) items))
      (map (lambda (item) (apply model (append item (list question)))) items)))

(define (%begun run k)
  (let ((parts (%cascade-parts run)))
    (if parts (%cascade-begin! run (symbol->string (cadr parts)) k))
    run))

(define (%judged run model question [k 0])
  (%asked (%begun run k) model question))

(define (%asked run model question)
  (let ((items (%cascade-next run)))
    (if (null? items)
        (%cascade-table run)
        (begin
          (%cascade-tell! run (%verdicts model items question))
          (%asked run model question)))))

(define (sem-filter table question :model [model #f] :on [column 'content] :recall [recall 0.95] :precision [precision 1.0]
                    :confidence [confidence 0.95] :budget [budget #f])
  "The rows of TABLE of whose text the :model says yes to QUESTION, found with as few calls of it as can be.

  Vectors and words put the rows in line and learn from some verdicts; a random sample of verdicts then says how far
  down the line the model must look so that a share :recall of all such rows is found, with probability :confidence.
  Where vectors say nothing of the matter it looks at all of them. With a :precision below 1, rows that are sure enough
  are taken without it; with 0 recall alone is asked for, and only the sample costs calls. :budget bounds the calls; `sem-report` says what was done and what then holds. :on is the
  column of texts.

  > (define (short? text question) (< (string-length text) 20))
  > (define found (sem-filter (limit (messages) 8) \"a short remark\" :model short?))
  > (= (count found) (count (where (limit (messages) 8) (< (length content) 20))))
  => #t
  > (hash-ref (sem-report found) :asked)
  => 8"
  (%judged (%cascade 'filter table question model :column column :recall recall :precision precision
                     :confidence confidence :budget budget)
           model question))

(define (sem-top-k table question k :model [model #f] :on [column 'content] :confidence [confidence 0.95] :budget [budget #f])
  "The K rows of TABLE whose texts the :model scores highest for QUESTION, among those that vectors and words find likely.

  `sem-report` says which share of the rows that it never saw may be better, at most.

  > (column (sem-top-k (limit (messages) 8) \"length\" 1 :model (lambda (text question) (string-length text))) judged-by)
  => (\"model\")"
  (%judged (%cascade 'top-k table question model :column column :k k :confidence confidence :budget budget)
           model question k))

(define (sem-classify table classes :model [model #f] :on [column 'content] :question [question "which class?"]
                      :accuracy [accuracy 0.95] :confidence [confidence 0.95] :budget [budget #f])
  "TABLE with a column `class`, one of CLASSES (names) for each row as the :model gives it for the row's text.

  Rows that vectors place clearly are not put to it: of those a share :accuracy is as it would have said.

  > (define (kind text question) (if (< (string-length text) 20) 'short 'long))
  > (define classified (sem-classify (limit (messages) 8) '(short long) :model kind))
  > (= (count (where classified (= class \"short\"))) (count (where (limit (messages) 8) (< (length content) 20))))
  => #t"
  (%judged (%cascade 'classify table question model :column column :classes classes :recall accuracy
                     :confidence confidence :budget budget)
           model question))

(define (sem-join left right question :model [model #f] :on [column 'content] :right-on [right-column 'content]
                  :recall [recall 0.95] :precision [precision 1.0] :confidence [confidence 0.95] :budget [budget #f])
  "The pairs of a row of LEFT and one of RIGHT of whose texts the :model, a procedure (model text text question), says yes
  to QUESTION; see `sem-filter`. Columns of RIGHT whose names LEFT has get the suffix \"-right\".

  > (define (same? a b question) (string=? a b))
  > (define some (select (limit (where (messages) (> (length content) 0)) 3) id content))
  > (>= (count (sem-join some some \"the same\" :model same?)) 3)
  => #t"
  (%judged (%cascade 'join left question model :right right :column column :right-column right-column :recall recall
                     :precision precision :confidence confidence :budget budget)
           model question))

(define (sem-group table k :on [column 'content] :model [model #f] :accuracy [accuracy 0.95] :budget [budget #f])
  "TABLE with a column `class`: which of K groups of like meaning, named by their most telling words, a row belongs to.

  Groups are made of the vectors. A :model, a procedure (model text names) that gives one of the names, is asked where
  they are not sure.

  > (length (delete-duplicates (column (sem-group (limit (messages) 8) 2) class)))
  => 2"
  (let* ((grouped (%judged (%cascade 'group table "" list :column column :k k) list "" k))
         (names (delete-duplicates (%column grouped 'class))))
    (if (not model)
        grouped
        (sem-classify table names :on column :accuracy accuracy :budget budget
                      :model (lambda (text question) (model text names))))))

(define (rerank found question :model [model #f] :limit [most 10] :on [column 'content])
  "The rows of the table FOUND (of `search`, say) in the order in which the :model finds them to answer QUESTION: the
  best :limit of them, each with a `model-score`. All of FOUND is put to it.

  > (column (rerank (search \"hello\" :limit 3) \"hello\" :limit 1
                    :model (lambda (text question) (string-length text))) judged-by)
  => (\"model\")"
  (limit (sem-top-k found question (max 1 (%table-count found)) :model model :on column) most))
