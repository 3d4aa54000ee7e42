;;; Questions for a number of messages or of people who speak of something: counted, with the query that counts, not quoted.

(define counted-units              ; what a question counts → what metric-of calls it
  '(("messages|posts|comments|texts|lines" :value) ("people|players|members|authors|users|persons|folks" :authors)))
(define speaking-verbs             ; that somebody spoke of it, and nothing else: who complains or praises is no matter of words
  (string-append "mention(?:s|ed|ing)?|contains?|contained|name[sd]?|discuss(?:es|ed|ing)?|bring up|brought up|use[sd]? the words?"
                 "|(?:is|are|was|were) about"
                 "|(?:talk|speak|spoke|write|wrote|post|chat|say|said)(?:s|ed|ing)?(?: (?:anything|something))? (?:about|of|on)"))
(define time-in-words              ; a span that the count would have to keep to: asked for by time-range, not read from words
  "\\b(?:since|until|during|before|after|between|last|this|yesterday|today|per|each|in #\\w+|in \\d{4})\\b")

(define (count-asked question)
  "What QUESTION wants counted: a list of :value (messages) or :authors (people) and the subject that they speak of, #f for
  all there are; or #f where it asks for no such count.

  > (map count-asked '(\"How many messages mention lag?\" \"How many people talked about the price of skins?\"
                       \"How often is the boss mentioned?\" \"How many people quit over lag?\" \"How many messages are there?\"))
  => ((:value \"lag\") (:authors \"price skins\") (:value \"boss\") #f (:value #f))"
  (let ((low (string-downcase question)))
    (or (any (lambda (unit) (count-of-unit low (car unit) (cadr unit))) counted-units)
        (let ((often (regex-match "^\\W*how (?:often|many times) (?:is|was|were|are|has|have|do|did|does)(?: been)? (.+?)(?: been)? mentioned\\W*$" low)))
          (and often (counted-subject ':value (cadr often)))))))

(define (count-of-unit low unit key)
  "What the question LOW, in small letters, wants counted of UNIT, which metric-of tells under KEY; or #f.

  > (count-of-unit \"how many posts mention “lag”?\" \"posts\" ':value)
  => (:value \"lag\")"
  (let ((about (regex-match (string-append "^\\W*how many (?:different |of the )?(?:" unit ")(?: (?:here|there|that|who|which|have|do|did|ever))*"
                                           " (?:" speaking-verbs ") (.+)$")
                            low))
        (all (regex-match (string-append "^\\W*how many (?:" unit ")(?: (?:are|were|is|was|have))?(?: (?:there|here|written|posted|known|been))*\\W*$")
                          low)))
    (cond (about (counted-subject key (cadr about)))
          (all (list key #f))
          (else #f))))

(define (counted-subject key said)
  "KEY and the words of the subject SAID, or #f where it has none, or a span of time beside it.

  > (list (counted-subject ':value \"the lag in raids?\") (counted-subject ':value \"lag last week\") (counted-subject ':value \"it\"))
  => ((:value \"lag raids\") #f #f)"
  (let ((words (hash-ref (%read-question said '() '()) :words)))
    (and (pair? words)
         (not (regex-match? time-in-words said))
         (list key (string-join words " ")))))

(define (count-answer target question asked :context [context #f] :since [since #f] :until [until #f] :channel [channel #f])
  "The answer to QUESTION, which wants counted what ASKED, of count-asked, says: a number, and the query that gives it.

  > (answer? (count-answer 'everyone \"How many messages are there?\" '(:value #f)))
  => #t"
  (let* ((who (audience target)) (about (cadr asked))
         (form (append (list 'metric-of (quoted (asked-name target)) (quoted 'volume))
                       (given ':about about ':since (written-moment since) ':until (written-moment until) ':channel channel)))
         (counted (metric-of target 'volume :about about :since since :until until :channel channel))
         (refusal (and (nothing-ingested?) nothing-ingested))
         (computed (map (lambda (name key) {:name name :value (hash-ref counted key) :query (format "~s" (list 'hash-ref form key))})
                        '(messages people) '(:value :authors)))
         (main (if (eq? (car asked) ':authors) (cadr computed) (car computed))))
    (record-answer
      (make-answer question (if refusal "" (describe-count computed about)) '() (hash-ref who :shown) #f #f #f #f
                   (if refusal 0.0 #f) refusal
                   (if refusal '() (list (string-append "counted, not judged: " (hash-ref main :query))))
                   (context-line context (resolve-context context))
                   (corpus-version) (environment-version) #f (if refusal 0.0 1.0) (if refusal '() computed))
      (append (list 'persona-inquiry (asked-name target) question)
              (given ':context context ':since since ':until until ':channel channel)))))

(define (describe-count computed about)
  "The numbers COMPUTED of those who speak of ABOUT in words, with all the words that counted as it.

  > (describe-count '({:value 3} {:value 2}) \"queue lag\")
  => \"3 messages by 2 people speak of “queue” and “lag” (or “ping”, “latency”, “rubber-band”, “stutter”).\"
  > (describe-count '({:value 1} {:value 1}) #f)
  => \"1 message by 1 person.\""
  (define (of n one many) (string-append (number->string n) " " (if (= n 1) one many)))
  (let ((messages (hash-ref (car computed) :value)) (people (hash-ref (cadr computed) :value)))
    (string-append (of messages "message" "messages") " by " (of people "person" "people")
                   (if about
                       (string-append (if (= messages 1) " speaks of " " speak of ")
                                      (string-join (map any-of-words (subject-words about)) " and "))
                       "")
                   ".")))

(define (any-of-words words)
  "The first of WORDS in quotation marks, and in parentheses those that count as it.

  > (map any-of-words '((\"queue\") (\"lag\" \"ping\")))
  => (\"“queue”\" \"“lag” (or “ping”)\")"
  (string-append (quoted-words (list (car words)))
                 (if (null? (cdr words)) "" (string-append " (or " (quoted-words (cdr words)) ")"))))
