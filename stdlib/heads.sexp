;;; Classifier heads: what a person labelled is learnt, kept by name in the workspace, and said of other texts.

(define (train-head! name table :text [text 'text] :label [label 'label] :group [group #f] :kind [kind 'linear]
                     :seed [seed 0] :device [device "cpu"])
  "Train the head NAME on the rows of TABLE and keep it in the workspace, as its next version; a table of what it is: its
  :labels, on what it was :trained-on, and its :held-out figures, each (value low high) with a 95 % interval.

  LABEL is a column with the one label of each text, or a list of columns of 0 and 1, where a text may have several.
  With GROUP, a column, texts of one group (author, game) are held out together, and the figures are of groups not
  trained on. KIND is one of (head-kinds). Held out means: by each of five folds in turn, calibration and thresholds
  too. Too few texts, or too few of a label, are refused. :better-than-chance is #f where nothing was learnt that beats
  always saying the most frequent label. For tone, the kind middle is worth a try. Networks (mlp, narrow, fused, fourier,
  by-lot) are trained on :device, cpu, cuda, mps or auto; the other kinds gain nothing there and stay on the processor.

  > (guard (e (#t (error-object-message e)))
      (train-head! 'mood (rows->table '({:text \"great\" :label \"glad\"} {:text \"bad\" :label \"sore\"}))))
  => \"train-head!: only 2 texts have a label; 40 or more are needed\""
  (let ((rows (%labelled table text label group)))
    (%save-head! name (%fit-head rows :kind kind :seed seed :device device) (hash-ref rows :source))))

(define (compare-heads table :text [text 'text] :label [label 'label] :group [group #f] :seed [seed 0]
                       :device [device "cpu"])
  "Kinds of heads side by side on the rows of TABLE, each judged on the same five folds that it had not seen: a table of the
  :heads with their figures, and the :verdict in words.

  All see vectors alone: logistic, ridge, mlp, narrow (an mlp with as many parameters as the Fourier head), fourier (a Fourier
  operator over the dimensions of the embeddings) and by-lot, its control: the same over the dimensions in an order drawn by
  lot. Dimensions have no order, so the control should do as well. :fourier-gain is what fourier is ahead of the :best-plain
  head, :order-gain what it is ahead of its control, each (value low high) with a 95 % interval of the difference. TEXT, LABEL
  and GROUP are as for train-head!, as is :device. Nothing is kept.

  > (guard (e (#t (error-object-message e)))
      (compare-heads (rows->table '({:text \"great\" :label \"glad\"} {:text \"bad\" :label \"sore\"}))))
  => \"compare-heads: only 2 texts have a label; 40 or more are needed\""
  (%compare-heads (%labelled table text label group) :seed seed :device device))

(define (classify name what :text [text 'content] :version [version #f])
  "What the head NAME says of WHAT: of a string a table with its :label, :confidence and whether it is :sure; of a list of
  strings such tables; of a table, that table with columns NAME, NAME-confidence and NAME-sure, said of its column TEXT.

  The confidence is a calibrated probability. A head is :sure from where nine in ten of its answers were right on texts held
  out. Of several labels, :label and :confidence are lists of those that the text has.

  > (guard (e (#t (error-object-message e))) (classify 'no-such-head \"what a patch\"))
  => \"there is no head no-such-head\""
  (let ((head (%open-head name version)))
    (cond ((table? what) (%with-labels what name (%apply-head head (%column-texts what text))))
          ((string? what) (%judgement (car (%apply-head head (list what)))))
          (else (map %judgement (%apply-head head what))))))

(define (%judgement said)
  (hash-table :label (car said) :confidence (cadr said) :sure (caddr said)))

(define (head-report name :version [version #f])
  "What the head NAME is: its :labels, on what it was :trained-on, its :held-out figures.

  > (guard (e (#t (error-object-message e))) (head-report 'no-such-head))
  => \"there is no head no-such-head\""
  (hash-ref (%open-head name version) :report))

(define (train-planted-heads! :messages [messages 4000] :seed [seed 11])
  "Train the heads planted-sentiment, planted-urgency and planted-category, for use before anybody has labelled anything;
  their reports.

  They learn from an invented community (see planted-messages), whose grammar knows the tone and the intent of each
  message, from which its urgency follows. Their figures hold of text from that grammar: of real players' messages
  nothing is promised.

  > (guard (e (#t 'refused)) (train-planted-heads! :messages 10))
  => refused"
  (let ((table (planted-messages :messages messages :seed seed)))
    (list (train-head! 'planted-sentiment table :label 'tone)
          (train-head! 'planted-urgency table :label 'urgency)
          (train-head! 'planted-category table :label 'intent))))
