;;; What evidence is worth: whether it supports an answer, why not to answer, how people feel.

;; ── Support ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (statements reading evidence)
  "Those of EVIDENCE that state something, READING decides how strictly: a question is no evidence, and where something
  is to be known, neither is the telling of the same trouble.

  > (statements (read-question \"Who won?\") (list {:asks #t :pleads 0.1} {:asks #f :pleads 0.9} {:asks #f :pleads 0.1}))
  => ({:asks #f :pleads 0.1})"
  (let ((most (cond ((opinion? reading) 1.0) ((hash-ref reading :remedy #f) remedy-pleading) (else most-pleading))))
    (filter (lambda (e) (not (or (hash-ref e :asks) (> (hash-ref e :pleads) most)))) evidence)))

(define (relevant reading evidence)
  "The statements in EVIDENCE that may stand in an answer to READING, best first: nearly as relevant as the best of them.

  > (relevant (read-question \"Who won?\") '())
  => ()"
  (let* ((stated (statements reading evidence))
         (worths (map (worth-in reading) stated))
         (least (max relevance-least (* relevance-share (fold max 0.0 worths)))))
    (%greatest-first
      (by-surest-link
        (by-fullest-match reading
                          (filter-map (lambda (e worth) (and (>= worth least) (own-link? e) (with-score e worth))) stated worths)))
      :score)))

(define (by-fullest-match reading evidence)
  "Those of EVIDENCE that lack no word of READING, a question of fact, where one of them has them all: what lacks one is of
  another matter.

  > (map (lambda (e) (hash-ref e :weakest))
         (by-fullest-match (read-question \"Who won?\") (list {:weakest 0.9} {:weakest 0.0} {:weakest 0.4})))
  => (0.9 0.4)
  > (length (by-fullest-match (read-question \"Who won?\") (list {:weakest 0.5} {:weakest 0.0})))
  => 2"
  (if (and (not (opinion? reading)) (any (lambda (e) (>= (hash-ref e :weakest) match-full)) evidence))
      (filter (lambda (e) (>= (hash-ref e :weakest) match-none)) evidence)
      evidence))

(define (by-surest-link evidence)
  "Those of EVIDENCE that speak of the matter, and of the others, which answer by their link alone, what merely stands
  after a question only where nobody answers it by a reply or by name.

  > (define (e link) {:own-coverage 0.0 :own-dense 0.1 :link link})
  > (map (lambda (e) (hash-ref e :link)) (by-surest-link (list (e 0.6) (e 1.0) (e 0.9))))
  => (1.0 0.9)
  > (length (by-surest-link (list (e 0.6) (e 0.3))))
  => 2"
  (let* ((sure? (lambda (e) (>= (hash-ref e :link) addressed-link)))
         (answered? (any (lambda (e) (and (sure? e) (not (speaks-of-matter? e)))) evidence)))
    (filter (lambda (e) (or (not answered?) (sure? e) (speaks-of-matter? e))) evidence)))

(define (speaks-of-matter? e)
  "Whether the sentence E has to do with the question by a word of its own or by its meaning.

  > (speaks-of-matter? {:own-coverage 0.5 :own-dense 0.1})
  => #t"
  (or (>= (hash-ref e :own-coverage) link-coverage) (>= (hash-ref e :own-dense) link-dense)))

(define (with-score e worth)
  "The sentence E with its WORTH as :score.

  > (with-score {:span \"We won\" :score 0.2} 0.9)
  => {:span \"We won\" :score 0.9}"
  (let ((made (hash-copy e)))
    (hash-set! made :score worth)
    made))

(define (own-link? e)
  "Whether the sentence E has to do with the question by itself: by a word, by its meaning, or as the answer to somebody
  who seeks help. What merely stands beside a statement of the matter has not, nor has small talk, whatever it answers.

  > (map (lambda (coverage asked idle)
           (own-link? {:own-coverage coverage :own-dense 0.1 :asked asked :idle idle :features {:sought 0.0}}))
         '(0.0 0.5 0.0 0.0) '(0.0 0.0 0.4 0.4) '(0.1 0.9 0.1 0.9))
  => (#f #t #t #f)"
  (or (speaks-of-matter? e)
      (and (<= (hash-ref e :idle) most-idle)
           (or (> (hash-ref e :asked) 0)
               (>= (hash-ref (hash-ref e :features) :sought) link-sought)))))

(define (by-worth reading evidence)
  "The statements in EVIDENCE with their worth as an answer to READING as :score, best first.

  > (by-worth (read-question \"Who won?\") '())
  => ()"
  (let ((worth-of (worth-in reading)))
    (%greatest-first (map (lambda (e) (with-score e (worth-of e))) (statements reading evidence)) :score)))

(define (worth reading e)
  "The chance that the sentence E answers READING, or, where it asks how people feel, that it is about the matter.

  > (rounded (worth (read-question \"What do they think of it?\")
                    {:own-dense 0.6 :own-coverage 1.0 :own-weakest 1.0 :relevance 0.1}))
  => 0.891"
  ((worth-in reading) e))

(define (worth-in reading)
  "The `worth` of a sentence as an answer to READING, a procedure.

  > (rounded ((worth-in (read-question \"Who won?\")) {:relevance 0.1}))
  => 0.1"
  (if (opinion? reading)
      (let* ((weights (emphasised matter-weights 2)) (bias (hash-ref weights :bias)) (near (hash-ref weights :near))
             (weakest (hash-ref weights :weakest)))
        (lambda (e)
          (logistic (+ bias (* near (nearness-to-matter e)) (* weakest (hash-ref e :own-weakest))))))
      (lambda (e) (hash-ref e :relevance))))

(define (logistic x)
  "1/(1 + exp(-X)).

  > (logistic 0)
  => 0.5"
  (/ 1.0 (+ 1.0 (exp (- x)))))

(define (support-of reading evidence)
  "The chance that EVIDENCE answers READING: that of its best sentence.

  > (support-of (read-question \"Who won?\") '())
  => 0.0"
  (apply max 0.0 (map (worth-in reading) (statements reading evidence))))

(define (threshold-of reading)
  "The support that an answer to READING needs.

  > (= (threshold-of (read-question \"Who won?\")) refusal-threshold)
  => #t"
  (if (opinion? reading) opinion-threshold (the-setting refusal-threshold)))

(define (matter-known? reading around)
  "Whether anyone in the scope AROUND speaks of all that READING asks about, as one sentence that would support an answer:
  with \"price\" here and \"soundtrack\" there, nobody has spoken of the price of the soundtrack.

  > (matter-known? (read-question \"What do they think of xyzzyplugh?\") (%search-scope))
  => #f"
  (>= (support-of reading (rank-evidence reading (gather-candidates reading around #f around))) (threshold-of reading)))

(define (speak-together? reading evidence around)
  "Whether the voices of EVIDENCE, a group's, are to be read together: it asks how they feel, none of its sentences supports
  an answer alone, and the matter is known AROUND.

  > (speak-together? (read-question \"What do they think of the price?\") '() #f)
  => #f"
  (and (opinion? reading)
       (not (null? evidence))
       (< (support-of reading evidence) (threshold-of reading))
       (matter-known? reading around)))

(define (read-together reading evidence)
  "EVIDENCE with each statement that has a word of READING credited with the words that others say of the same matter.

  > (map (lambda (e) (hash-ref e :own-weakest))
         (read-together (read-question \"What do they think of weapon damage?\")
                        (map (lambda (author matches)
                               {:author author :own-matches matches :own-coverage 0.5 :own-weakest 0.0 :asks #f :pleads 0.0})
                             '(\"ann\" \"bob\") '((1.0 0.0) (0.0 0.8)))))
  => (0.4 0.4)"
  (let ((said (said-together (statements reading evidence))))
    (if (null? said)
        evidence
        (let* ((rarity (question-rarity reading))
               (coverage (weighted-mean said (map (lambda (term) (hash-ref rarity term 1.0)) (hash-ref reading :terms))))
               (weakest (apply min said)))
          (map (lambda (e)
                 (if (< (fold max 0.0 (hash-ref e :own-matches)) feeling-widest)
                     e
                     (let ((made (hash-copy e)))
                       (hash-set! made :own-coverage (max coverage (hash-ref e :own-coverage)))
                       (hash-set! made :own-weakest (max weakest (hash-ref e :own-weakest)))
                       made)))
               evidence)))))

(define (said-together evidence)
  "How well the authors of EVIDENCE together say each word of the question; an author counts once.

  > (said-together (list {:author \"ann\" :own-matches '(1.0)} {:author \"ann\" :own-matches '(0.5)}))
  => (0.5)"
  (let ((best (make-hash-table)))
    (for-each (lambda (e)
                (let ((matches (hash-ref e :own-matches)))
                  (hash-set! best (hash-ref e :author) (map max matches (hash-ref best (hash-ref e :author) matches)))))
              evidence)
    (if (null? evidence)
        '()
        (apply map (lambda matches (voices-say matches))
               (map (lambda (author) (hash-ref best author)) (hash-table-keys best))))))

(define (weighted-mean numbers weights)
  "The mean of NUMBERS, each as heavy as its own of WEIGHTS.

  > (weighted-mean '(1.0 0.0) '(3.0 1.0))
  => 0.75"
  (/ (fold + 0.0 (map * numbers weights)) (fold + 0.0 weights)))

(define (joint-support reading together)
  "The chance that the authors of TOGETHER, evidence that was read together, speak of the matter that READING asks about;
  copies of one another are one voice.

  > (joint-support (read-question \"What do they think of the price?\") '())
  => 0"
  (voices-agree (map (lambda (e) (hash-ref e :score))
                     (%choose-evidence (by-worth reading together) :count agreeing-voices :diversity 0.0
                                       :duplicate near-duplicate :per-author 1))))

(define (refusal-reason reading evidence support voices [near '()])
  "Why not to answer, or #f: nothing there, support below the threshold, too few independent voices. It says what was
  looked for and what of it is missing. Where nothing in EVIDENCE may be quoted, NEAR is what there is beside it.

  > (refusal-reason (read-question \"What of the price?\") '() 0.0 0)
  => \"none of their messages comes near this question; looked for “price”\"
  > (refusal-reason (read-question \"What of the price?\") '() 0.9 0 (list {:message-id \"7\"}))
  => \"what comes nearest, message 7, stands next to it and does not speak of it itself; looked for “price”\""
  (let ((sought (string-append "; looked for " (quoted-words (hash-ref reading :words)))))
    (cond ((and (null? evidence) (nothing-ingested?)) nothing-ingested)
          ((null? (hash-ref reading :words)) no-word-to-look-for)
          ((and (null? evidence) (null? near)) (string-append "none of their messages comes near this question" sought))
          ((null? evidence)
           (string-append "what comes nearest, message " (hash-ref (car near) :message-id)
                          ", stands next to it and does not speak of it itself" sought))
          ((< support (threshold-of reading))
           (string-append "too little supports an answer (" (percent support) ", " (percent (threshold-of reading))
                          " is needed)" sought (missing-words reading evidence)))
          ((< voices least-voices)
           (string-append "only " (number->string voices) " independent authors say so"))
          ((and (= voices 1) (>= (copies evidence) suspicious-copies))
           (string-append "all " (number->string (copies evidence)) " messages that say so are near-copies of one another;"
                          " two independent authors are asked for"))
          (else #f))))

(define no-word-to-look-for
  "the question has no word to look for; (analyze 'everyone :metrics '(topics satisfaction)) tells what all of them speak of")
(define nothing-ingested "nothing is ingested yet; (ingest \"export.json\") takes a community in")

(define (nothing-ingested?)
  "Whether the workspace holds no message with words.

  > (boolean? (nothing-ingested?))
  => #t"
  (= 0 (hash-ref (embedding-coverage) :messages)))

(define (quoted-words words)
  "WORDS in quotation marks, with commas.

  > (quoted-words '(\"a\" \"b\"))
  => \"“a”, “b”\""
  (string-join (map (lambda (word) (string-append "“" word "”")) words) ", "))

(define (missing-words reading evidence)
  "What READING looks for and EVIDENCE has not, as the end of a sentence: words that nobody uses, else those that the
  nearest statement lacks, else the kind of thing asked for, else that only questions were found.

  > (missing-words (read-question \"What of the price of moss?\")
                   (list {:missing '(\"moss\") :asks #f :pleads 0.0 :relevance 0.1}))
  => \"; no message near it speaks of “moss”\""
  (let* ((words (hash-ref reading :words))
         (stated (statements reading evidence))
         (unsaid (filter (lambda (word) (every (lambda (e) (member word (hash-ref e :missing))) evidence)) words))
         (nearest (if (null? stated) #f (fold (lambda (e best) (if (> (worth reading e) (worth reading best)) e best))
                                              (car stated) stated))))
    (cond ((not (null? unsaid)) (string-append "; no message near it speaks of " (quoted-words unsaid)))
          ((not nearest) "; they only ask about it, nobody answers")
          ((not (null? (hash-ref nearest :missing)))
           (string-append "; the nearest, message " (hash-ref nearest :message-id) ", says nothing of "
                          (quoted-words (hash-ref nearest :missing))))
          ((and (hash-ref reading :expects) (not (hash-ref nearest :typed)))
           (string-append "; the nearest, message " (hash-ref nearest :message-id) ", names no "
                          (symbol->string (hash-ref reading :expects))))
          (else "; messages near it speak of all that, but none answers well enough"))))

(define (copies evidence)
  "How many of EVIDENCE are near-copies of its first.

  > (copies '())
  => 0"
  (if (null? evidence)
      0
      (count (lambda (e) (>= (cosine (hash-ref e :vector) (hash-ref (car evidence) :vector)) near-duplicate)) evidence)))

(define (voices-of evidence)
  "How many authors say it in words of their own in EVIDENCE; near-copies are one voice, unless they answer several people:
  what members tell one another again is no campaign.

  > (voices-of '())
  => 0"
  (max (%voices evidence :duplicate near-duplicate) (answerers evidence)))

(define (answerers evidence)
  "How many authors answer, by a reply or by name and with near-copies of the first of EVIDENCE, people other than
  themselves; 0 where it was not several people who asked.

  > (answerers '())
  => 0"
  (let* ((same (filter (lambda (e) (and (hash-ref e :context-id) (>= (hash-ref e :link) addressed-link)
                                        (>= (cosine (hash-ref e :vector) (hash-ref (car evidence) :vector)) near-duplicate)))
                       evidence))
         (answering (delete-duplicates (map (lambda (e) (hash-ref e :author)) same)))
         (asked (map (lambda (e) (hash-ref e :context-id)) same))
         (asking (if (null? asked) '() (delete-duplicates (map (lambda (m) (hash-ref m :author-id)) (%messages asked))))))
    (if (< (count (lambda (who) (not (member who answering))) asking) 2) 0 (length answering))))

;; ── Feeling ─────────────────────────────────────────────────────────────────────────────────────────────────

(define (about-matter evidence)
  "The sentences of EVIDENCE that are about the matter in their own words and no questions, one a message; where these
  are few, those that have a word of it.

  > (about-matter '())
  => ()"
  (let* ((stated (filter (lambda (e) (not (hash-ref e :asks))) evidence))
         (close (%one-a-message (filter (lambda (e) (>= (nearness-to-matter e) feeling-nearness)) stated))))
    (if (>= (length close) feeling-least)
        close
        (%one-a-message (append close (filter (lambda (e) (and (>= (hash-ref e :own-coverage) feeling-coverage)
                                                               (>= (hash-ref e :widest) feeling-widest)
                                                               (>= (hash-ref e :own-dense) feeling-dense)))
                                              stated))))))

(define (nearness-to-matter e)
  "How near the sentence E comes to the question in its own words.

  > (rounded (nearness-to-matter {:own-dense 0.2 :own-coverage 1.0}))
  => 0.55"
  (+ (hash-ref e :own-dense) (* feeling-word (hash-ref e :own-coverage))))

(define (measure-values reading sentences)
  "What each of SENTENCES feels about what READING asks, a tensor: its tone, or where the question has a direction,
  how far it asks for a move that way.

  > (measure-values (read-question \"What of the price?\") '())
  => #f"
  (if (null? sentences)
      #f
      (let* ((texts (map (lambda (e) (hash-ref e :span)) sentences))
             (plain (tones texts (%stack (map (lambda (e) (hash-ref e :vector)) sentences)))))
        (if (= 0 (hash-ref reading :direction))
            plain
            (%scaled (%attitudes texts plain :topic (topic-words reading) :rest attitude-rest
                                 :judged (hash-ref reading :judges #f))
                     (hash-ref reading :direction))))))

(define (weigh-matter reading evidence)
  "The :sentences of EVIDENCE that are about the matter of READING, each with the :value that it has for what is asked, and
  these :values before they are rounded, a tensor.

  > (hash-ref (weigh-matter (read-question \"What of the price?\") '()) :sentences)
  => ()"
  (let* ((about (about-matter evidence)) (values (measure-values reading about)))
    {:sentences (if values (%with-values about values) '()) :values (or values (vector))}))

(define (measure-feeling reading evidence [weighed (weigh-matter reading evidence)])
  "How the authors of EVIDENCE feel about what READING asks: :mean in [-1, 1], :n messages, :authors, :interval; and the
  :voices, people who say so in words of their own, with those :for, those :against, and those who say :both things.

  > (hash-ref (measure-feeling (read-question \"What of the price?\") '()) :n)
  => 0"
  (let* ((valued (hash-ref weighed :sentences))
         (authors (map (lambda (e) (hash-ref e :author)) valued))
         (feeling (%feeling (hash-ref weighed :values) authors :level feeling-level)))
    (hash-table-union! feeling (count-sides (lambda (which) (%speakers (which valued) :duplicate near-duplicate))))
    feeling))

(define (count-sides speakers)
  "How many people are :for and :against, say :both things, and are heard at all, the :voices; SPEAKERS gives the people
  among the evidence that a procedure picks.

  > (count-sides (lambda (which) (map (lambda (e) (hash-ref e :author))
                                      (which '({:author \"ann\" :value 0.5} {:author \"bob\" :value 0.0}
                                               {:author \"ann\" :value -0.5})))))
  => {:for 1 :against 1 :both 1 :voices 2}"
  (let ((for (speakers (lambda (valued) (on-side valued 1))))
        (against (speakers (lambda (valued) (on-side valued -1)))))
    {:for (length for) :against (length against) :both (count (lambda (who) (member who against)) for)
     :voices (length (delete-duplicates (append for against (speakers (lambda (valued) valued)))))}))
