;;; Everything that decides how a question is answered, as short definitions; nothing of it stands in Python.

;; ── What a question is ───────────────────────────────────────────────────────────────────────────────────────

(define question-kinds             ; the first that fits; ^ is where a question begins: what would or should be, nobody knows,
                                   ; but people have a mind about it
  '((attitude "the mood" "sentiment" "stance on" "in their eyes" "in their opinion" "in their view"
              "appetite" "demand for" "support for" "interest in" "in favour" "in favor" "keen on" "popular" "unpopular"
              "among them")
    (fact "is there a" "is there an" "are there any" "i want" "i would like" "i'd like" "i need" "would i" "should i"
          "would we" "should we")
    (reaction "react" "reacts" "reaction" "respond" "response" "accept" "welcome" "they take" "want" "wants" "what if"
              "if we" "if the" "would they" "suppose" "supposing" "imagine" "^ would" "^ should" "how would")
    (attitude "feel" "feels" "feeling" "think" "thinks" "opinion" "opinions" "they like" "people like"
              "players like" "members like" "anyone like" "liked" "love" "hate" "prefer" "happy" "unhappy" "view" "views"
              "attitude" "stand on" "they say" "people say" "players say" "be said" "said about" "say about" "complain"
              "they find" "people find" "players find" "enjoy" "they mind"
              "fair" "unfair" "fun" "boring" "annoying" "frustrating" "enjoyable" "balanced" "unbalanced" "overpriced"
              "worth it" "worth the" "any good" "too")
    (attitude "they make of" "people make of" "players make of" "members make of" "anyone make of" "everyone make of"
              "impression of" "reception")
    (reason "why" "how come")
    (fact "when do they" "when did they" "when will they" "how many" "how long" "how often")
    (attitude "they" "them" "their"))) ; what is asked of people as a group is how they stand to it

(define group-words '("they" "them" "their"))
(define-setting group-questions attitude :choices (attitude fact)
  "What is asked by a question that only names people as a group (they, them, their): how they stand to it, or a fact.")

(define (kinds-in-force)
  "The question-kinds, with the questions that only name people as a group taken as `group-questions` says.

  > (eq? (kinds-in-force) question-kinds)
  => #t
  > (with-choices '((group-questions . fact)) (lambda () (last (kinds-in-force))))
  => (fact \"they\" \"them\" \"their\")"
  (let ((kind (the-setting group-questions)))
    (if (eq? kind 'attitude)
        question-kinds
        (map (lambda (row) (if (equal? (cdr row) group-words) (cons kind group-words) row)) question-kinds))))

(define frame-places               ; of what is asked, nothing is said by the word that stands
  '((after "they")                 ; "would they APPLAUD a …",
    (before "them")                ; "would a … DELIGHT them", "find FRIENDS among them",
    (after "their")))              ; "what is their POSITION on …"

(define question-frame
  '("react" "reacts" "reaction" "reactions" "respond" "responds" "response" "accept" "welcome" "feel" "feels"
    "feeling" "feelings" "think" "thinks" "thought" "thoughts" "opinion" "opinions" "view" "views" "attitude"
    "attitudes" "like" "likes" "liked" "love" "loves" "hate" "hates" "enjoy" "want" "wants" "wanted" "wish" "say"
    "says" "said" "talk" "talking" "speak" "mention" "believe" "prefer" "care" "respond" "player" "players"
    "people" "person" "persona" "community" "they" "member" "members" "everyone" "anyone" "somebody" "game"
    "games" "find" "toward" "towards" "regarding" "suppose" "supposing" "imagine" "happy" "unhappy" "there" "happen" "happens" "happened" "wrong"
    "bad" "good" "come" "take" "takes" "angry" "mad" "upset" "complain" "complains" "complaint" "complaints"
    "complaining" "many" "much" "work" "works" "useful" "part" "change" "changes" "changed" "currently" "recent"
    "recently" "latest" "last" "patch" "next" "future" "possible" "new" "become" "becomes" "became" "getting" "turn" "turned" "were" "treat" "best" "give" "gives"
    "fair" "unfair" "fun" "boring" "annoying" "frustrating" "enjoyable" "balanced" "unbalanced" "worth" "too"
    "appetite" "demand" "support" "interest" "favour" "favor" "keen" "popular" "unpopular" "cheers" "boos" "applaud"
    "arrive" "arrived" "given" "added" "twice" "back" "toning" "toned"
    "cure" "cures" "fix" "fixes" "fixed" "solve" "solves" "solved" "solution" "remedy" "help" "helps" "rid" "trick"))

(define matters                    ; what is judged: its name, all words that mean it, and the things that have it, whose
                                   ; names a judgement need not repeat: of bosses one says that it is too hard
  '(("difficulty"
     ("difficulty" "difficult" "hard" "harder" "hardest" "tough" "tougher" "toughest" "easy" "easier" "easiest" "gentle"
      "gentler" "kind" "kinder" "mild" "milder" "punishing" "forgiving" "unforgiving" "brutal" "lenient"
      "demanding" "challenge" "challenging" "strenuous" "merciless" "relentless" "harsh" "harsher" "cruel" "casual"
      "hardcore")
     ("boss" "fight" "battle" "encounter" "enemy" "monster" "mob" "foe" "mode" "raid" "dungeon" "level" "health" "checkpoint"
      "hit" "quest" "endgame" "combat" "content" "beginner" "newcomer"))
    ("damage"
     ("damage" "dps" "ttk" "lethality")
     ("weapon" "gun" "rifle" "shotgun" "sniper" "pistol" "bow" "sword" "blade" "bullet" "shot" "hit" "hitting" "kill" "killed"))
    ("matchmaking"
     ("matchmaking" "matchmaker" "mmr" "sbmm")
     ("skill" "bracket" "lobby" "queue" "rank" "rating" "opponent" "match" "matching" "matched" "range" "limit" "equal"))
    ("price"
     ("price" "prices" "pricing" "cost" "costs" "cheap" "cheaper" "dear" "dearer" "expensive" "pricey" "pricier" "costly"
      "costlier" "overpriced" "discount" "sale" "fee" "pay")
     ("shop" "store" "bundle" "skin" "cosmetic" "item" "outfit"))))

(define reception-words            ; how people take something, in whatever form: no part of what they are asked about
  '("receive" "received" "receives" "greet" "greeted" "hail" "hailed" "embrace" "embraced" "mood" "sentiment" "stance"
    "position" "verdict" "reception" "eyes" "quit" "quits" "leave" "leaves" "away" "drive" "drives" "driven" "stop" "stops"
    "stopped" "look" "looks" "looking" "ask" "asks" "asking" "call" "calls" "calling" "beg" "pray" "long" "longs" "crave"
    "craving" "hope" "hopes" "hoping" "yearn" "dream" "wish" "wishes" "push" "pushing" "please" "pleased" "pleases"
    "delight" "delighted" "thrill" "thrilled" "annoy" "annoyed" "bother" "bothered" "offend" "anger" "object" "oppose"
    "opposed" "protest" "resist" "rebel" "revolt" "cheer" "cheered" "applaud" "appreciate" "dislike" "dread" "fear"
    "tolerate" "swallow" "stomach" "suit" "suits" "sit" "idea" "proposal" "plan" "suggestion" "notion" "prospect" "glad"
    "happier" "sad" "furious" "satisfied" "comfortable" "win" "along" "thank" "grateful" "resent" "endorse" "approve" "condemn"
    "reject" "celebrate" "await" "meet" "praise" "criticize" "criticise" "backlash" "outcry" "uproar" "enthusiasm" "excited" "disappointed"
    "relieved" "warm" "cold" "dev" "developer" "option" "possibility" "decision" "introduction" "addition"))

(define implied-topics             ; a word of direction that names its quantity as well
  '(("harder" . "difficulty") ("easier" . "difficulty") ("tougher" . "difficulty") ("cheaper" . "price")
    ("pricier" . "price") ("stronger" . "damage") ("weaker" . "damage") ("deadlier" . "damage")))

(define related-words
  '(("difficulty" "hard" "harder" "hardest" "easy" "easier" "challenge" "challenging" "tough" "tougher" "brutal"
     "punishing" "difficult" "unforgiving")
    ("hard" "difficulty" "difficult" "harder" "tough" "challenging" "brutal")
    ("weapon" "weapons" "gun" "guns" "rifle" "shotgun" "sniper" "sword" "bow")
    ("weapons" "weapon" "gun" "guns" "rifle" "shotgun" "sniper" "sword" "bow")
    ("damage" "dps" "ttk" "nerf" "nerfed" "buff" "buffed" "hit" "hits" "lethal" "one-shot")
    ("matchmaking" "mmr" "sbmm" "queue" "queues" "lobby" "lobbies" "matchmaker" "bracket" "brackets")
    ("price" "prices" "pricing" "cost" "costs" "expensive" "cheap" "cheaper" "pay" "overpriced" "money" "sale")
    ("prices" "price" "pricing" "cost" "costs" "expensive" "cheap" "cheaper" "pay" "overpriced" "money" "sale")
    ("monetization" "price" "shop" "store" "pay" "money" "microtransactions" "cosmetics")
    ("lag" "ping" "latency" "rubber-band" "stutter")
    ("performance" "fps" "lag" "stutter" "frame")))

;; ── Who is asked ────────────────────────────────────────────────────────────────────────────────────────────

(define everyone 'everyone)        ; so that it may stand unquoted, as in (analyze everyone)
(define everyone-names '(everyone community all))
(define-setting unknown-persona refuse :choices (refuse nearest everyone)
  "What is done where no persona is near enough to the description given: ask back, take the nearest, or ask everyone.")
(define-setting audience-share 1.0 :choices (1.0 0.8 0.5)
  "The share of a persona's members whose messages answer for it, those first who surely belong to it.")

;; ── Which messages are looked at ────────────────────────────────────────────────────────────────────────────

(define-setting evidence-pool 60 :choices (15 30 60 120) "Messages taken from each ranking.")
(define fusion-constant 60)        ; of reciprocal rank fusion
(define-setting fusion-weights (1.0 0.8) :choices ((1.0 0.8) (0.3 1.0) (1.0 0.0) (0.0 1.0))
  "What the rankings count for when messages are found, that by meaning and that by words; one of 0 is left out.")
(define window-hits 12)            ; hits of the whole community around which the persona's replies are taken in
(define window-before 12)          ; how far back somebody who is spoken to by name may have spoken
(define window-after 24)           ; how far on an answer to somebody by name is looked for
(define window-beside 2)           ; how many messages to nobody, right after a question, may answer it
(define thread-link 0.7)           ; how sure it is that a reply to a reply answers what began it,
(define addressed-link 0.9)        ; what is said to somebody by name what they said,
(define beside-link 0.6)           ; and what is said next; a reply is sure
(define common-words               ; no names of people where they begin a message, whoever is called so
  '("yes" "no" "ok" "okay" "so" "well" "hi" "hey" "hello" "thanks" "and" "but" "or" "then" "also" "now" "if" "it" "is" "are"
    "the" "a" "an" "i" "you" "we" "they" "he" "she" "this" "that" "there" "what" "who" "how" "why" "when" "where" "can" "do"
    "does" "not" "just" "all" "any" "some" "try" "use" "get" "go" "my" "your" "in" "on" "at" "to" "for" "of" "with" "sure"
    "right" "maybe" "lol" "oh" "ah" "anyone" "everyone" "someone" "thx" "sorry" "wait"))

;; ── What a sentence is worth ────────────────────────────────────────────────────────────────────────────────

(define evidence-weights
  {:dense 1.0        ; cosine with the question
   :coverage 0.6     ; share of the question's words, by rarity, that it speaks of
   :type 0.1         ; has the kind of thing that was asked for
   :same 0.62        ; cosine of two words at which they mean the same
   :related 0.42     ; and at which they have nothing in common
   :kin 0.7          ; a related word, against the word itself
   :context 0.85     ; what stands in the message answered, against the message itself
   :asks 0.3         ; taken off for a sentence that is itself a question
   :reply 0.2        ; added for what answers a question
   :soft 24})        ; how many sentences are compared word by word

(define-setting evidence-diversity 0.3 :choices (0.0 0.3 0.6)
  "How much quotations should differ: 0 looks at relevance alone, 1 at difference alone.")
(define near-duplicate 0.9)        ; cosine from which two sentences are one voice
(define sentences-per-author 1)
(define-setting answer-length 4 :choices (2 3 4 6) "Sentences that an answer quotes.")
(define-setting other-side 1 :choices (0 1 2) "How many of them speak for the minority.")

;; ── How people feel ─────────────────────────────────────────────────────────────────────────────────────────

(define tone-words 0.6)            ; the lexicon's share in a tone; the rest is nearness to sentences of known tone
(define tone-scale 2.0)
(define attitude-rest 0.4)         ; what a tone is worth where a sentence asks for neither more nor less
(define feeling-level 0.95)
(define feeling-nearness 0.5)      ; a sentence is about the matter when its cosine with the question …
(define feeling-word 0.35)         ; … and this much for the share of the question's words in it reach that
(define feeling-widest 0.6)        ; how well such a word must be matched
(define feeling-least 6)           ; with fewer such sentences, those count too that have this share of the question's
(define feeling-coverage 0.3)      ; words, by rarity, …
(define feeling-dense 0.15)        ; … and at least this cosine with it
(define few-authors 4)             ; fewer than these are too few to tell a group's feeling
(define clear-feeling 0.08)        ; a mean nearer to 0 than this is no direction,
(define clear-statement 0.15)      ; nor does a sentence nearer to it take a side

;; ── When to answer ──────────────────────────────────────────────────────────────────────────────────────────

(define relevance-weights          ; of one sentence as an answer: logistic regression on the sentences near 219 questions
                                   ; (116 without an answer) of four communities, one real and labelled by one reader; then
                                   ; fitted, with those weights as the prior, on 205 labelled questions of fact of the
                                   ; synthetic community 12 and 65 of a hand-written one; then, near the weights so found, on
                                   ; 827 of the communities 5, 7, 11 and 13 and on the hand-written one, which weighs twelvefold:
                                   ; in the others every fact is told in reply, in real talk it need not be (docs/questions.md);
                                   ; last, near those, on the communities 900, with and without
                                   ; --reserved, 51 and the hand-written one, as features of what is asked for were new;
                                   ; `relevance_features` in the kernels says what each means
  {:bias -12.4 :own 2.86 :both 7.09 :sought 9.01 :unsought 7.35 :covered 2.38 :words -0.21 :weakest 2.08 :focus -0.06
   :joint -1.74 :pleads -2.18 :typed 2.17 :strict 1.71 :uncounted -1.24 :unborne -0.77 :uncaused -0.56 :alike 0.68 :apart -1.28
   :adrift -1.85 :named 0.42 :short -0.64 :me -0.85 :thanks -1.58})
(define matter-weights             ; of one sentence as being about the matter of an opinion
  {:bias -8.5 :near 8.0 :weakest 3.0})
(define-setting evidence-emphasis even :choices (even meaning words replies)
  "What counts more than it would when sentences are weighed: nothing, likeness in meaning, the very words, or being a reply.")
(define evidence-presets           ; emphasis → what is added to the weights of evidence, and to the matter-weights
  '((meaning {:dense 1.0 :bias -0.8 :own 2.5 :both 1.5 :covered -0.8} {:bias -1.0 :near 2.5 :weakest -0.8})
    (words {:dense -0.6 :coverage 1.0 :bias -1.5 :own -1.5 :covered 1.5 :words 1.5 :focus 0.6} {:bias 0.8 :near -2.5 :weakest 2.0})
    (replies {:reply 0.6 :bias -0.4 :own -1.0 :sought 1.5 :unsought 1.0} {:bias 0.2 :near -0.6})))

(define (emphasised weights place)
  "WEIGHTS with what the chosen `evidence-emphasis` adds to them; PLACE is that of the additions in a preset: 1 or 2.

  > (eq? (emphasised matter-weights 2) matter-weights)
  => #t
  > (with-choices '((evidence-emphasis . meaning)) (lambda () (emphasised matter-weights 2)))
  => {:bias -9.5 :near 10.5 :weakest 2.2}"
  (let ((preset (assq (the-setting evidence-emphasis) evidence-presets)))
    (if (not preset)
        weights
        (let ((made (hash-copy weights)) (more (list-ref preset place)))
          (for-each (lambda (key) (hash-set! made key (+ (hash-ref more key) (hash-ref made key 0)))) (hash-table-keys more))
          made))))
(define agreeing-voices 4)         ; nearest authors that together may carry an opinion
(define saying-voices 2)           ; authors whose word is the group's
(define most-pleading 0.7)         ; how far a statement of fact may sound like somebody who seeks help
(define remedy-pleading 0.6)       ; and that where a remedy is asked for: to have the same trouble is none
(define relevance-share 0.85)      ; what is quoted beside the best is at least this part as relevant,
(define relevance-least 0.15)      ; and this in any case
(define match-full 0.8)            ; beside a sentence that has every word of the question so well, with those of what it answers,
(define match-none 0.1)            ; none is quoted that has one of them so badly
(define link-coverage 0.25)        ; what has none of these stands beside the matter, but does not speak of it: share of the
(define link-dense 0.3)            ; question's words, by rarity; cosine with the question;
(define link-sought 0.2)           ; cosine with the question of what it answers, as far as that seeks help
(define most-idle 0.72)            ; how far it may sound like small talk, if nothing but what it answers speaks for it
(define-setting refusal-threshold 0.58 :choices (0.45 0.58 0.65 0.75)
  "The support below which a question of fact is refused.") ; of three sets of facts each two would have chosen .53, .58 or .51 for
; the third (`bench/RESULTS.md`)
(define opinion-threshold 0.25)    ; of a question of feeling: what nobody speaks of stays below 0.2 there
(define least-voices 1)            ; authors who say it in words of their own
(define suspicious-copies 3)       ; as many near-identical messages and no second voice: refuse
(define lone-voice-discount 0.75)  ; confidence of what one author says
(define unclear-discount 0.6)      ; confidence in a feeling whose interval lies on both sides of 0
(define confidence-scale '(1.91 0.71)) ; logistic of a + b·logit(that): fitted on the 106 answers to the labelled questions of
; the synthetic community 12, of which 97 were right; `reliability` shows how it holds

;; Of one author's opinion the best sentence must be about all of the matter. Of a group that is asked about a matter
;; known to the community, one may say "damage" and another "guns": the words are read together, and the voices agree.

(define (voices-agree chances)
  "The chance that at least one of the agreeing-voices greatest of CHANCES, one an author, is about the matter.

  > (voices-agree '(0.5 0.1 0.5))
  => 0.775"
  (let ((ranked (sort chances >)))
    (- 1 (fold (lambda (chance none) (* none (- 1 chance))) 1 (take ranked (min agreeing-voices (length ranked)))))))

(define (voices-say matches)
  "How well a group says a word that its authors match as well as MATCHES: the mean of the saying-voices greatest, an
  author that is missing says nothing of it. A word that nobody comes near to stays unsaid.

  > (list (voices-say '(1.0 0.5 0.0 0.9)) (voices-say '(0.8)) (voices-say '(0.0)))
  => (0.95 0.4 0.0)"
  (let ((ranked (sort matches >)))
    (rounded (/ (fold + 0.0 (take ranked (min saying-voices (length ranked)))) saying-voices))))

;; ── Reactions to changes ────────────────────────────────────────────────────────────────────────────────────

(define reaction-window 7)         ; days before and after a change
(define retention-window 14)
(define reaction-alpha 0.05)       ; greatest p-value of an effect; several metrics asked at once share it
(define least-events 3)            ; dated changes of a feature that a prediction needs
(define noise-prior 4.0)           ; degrees of freedom that placebo dates are worth in the interval
(define default-level 0.95)

(define metric-names               ; what people may call the metrics
  '((satisfaction "satisfaction" "mood" "sentiment" "happiness" "tone" "player-satisfaction")
    (engagement "engagement" "activity" "participation" "player-engagement" "playtime" "volume")
    (retention "retention" "player-retention" "loyalty" "stickiness")
    (churn "churn" "player-churn" "attrition" "leaving" "quitting" "churn-risk")))

;; ── Analyses ────────────────────────────────────────────────────────────────────────────────────────────────

(define topics-shown 8)
(define listed-at-most 8)          ; days out of line, or topics, that are told in words; the value has them all
(define unusual-beyond 3.5)        ; robust z of a day's messages, as Iglewicz & Hoaglin take it
(define series-level 0.05)         ; how often noise may show a change of level, or a day out of line
(define forecast-level 0.9)        ; how much of what comes an interval is to hold
(define topics-looked-for 12)
(define topics-beside 2)           ; places beside the known ones in which a new one may be found
(define emerging-level 0.05)       ; how often chance may call any of the topics new

;; ── Style ───────────────────────────────────────────────────────────────────────────────────────────────────

(define-setting answer-order worth :choices (worth newest oldest)
  "In which order sentences are quoted, on each side: the best first, the newest, or the oldest.")
(define-setting answer-lead counts :choices (counts words none)
  "How an answer about feelings begins: in words and with counts of people, in words alone, or with the first quotation.")
(define-setting context-shown beside :choices (beside before)
  "Where the message that a quotation answers is told: beside its citation alone, or also before the quotation.")

(define (reaction-lead feeling)
  "How an answer to \"how would they react\" begins, by the measured FEELING.

  > (reaction-lead {:mean 0.5 :interval '(0.3 0.7) :for 9 :against 1 :voices 12})
  => \"They would mostly welcome it (9 of 12 people for it, 1 against)\""
  (string-append
    (lean feeling "They would mostly welcome it" "No clear sign shows, rather for it" "They are divided"
          "No clear sign shows, rather against it" "They would mostly be against it")
    (counted feeling "for it" "against")))

(define (attitude-lead feeling)
  "How an answer to \"how do they feel\" begins.

  > (attitude-lead {:mean 0.0 :interval '(-0.4 0.4) :for 3 :against 3 :voices 6})
  => \"Feelings are mixed (3 of 6 people glad, 3 not)\""
  (string-append
    (lean feeling "They are mostly glad of it" "No clear sign shows, rather glad of it" "Feelings are mixed"
          "No clear sign shows, rather unhappy with it" "They are mostly unhappy with it")
    (counted feeling "glad" "not")))

(define (judgement-lead feeling)
  "How an answer to \"is it too hard\" begins.

  > (judgement-lead {:mean -0.5 :interval '(-0.7 -0.3) :for 1 :against 6 :voices 7})
  => \"Mostly no (1 of 7 people say so, 6 see it otherwise)\""
  (string-append
    (lean feeling "Mostly yes" "No clear sign shows, rather yes" "They are divided" "No clear sign shows, rather no" "Mostly no")
    (counted feeling "say so" "see it otherwise")))

(define (lean feeling for towards neither away against)
  "What FEELING allows to be said: that few speak of it, or one of the five phrases: its interval lies on one side, or only
  its mean does, which shows nothing clearly, or neither.

  > (lean (hash-table :mean -0.4 :interval '(-0.9 0.1)) 'for 'towards 'neither 'away 'against)
  => away
  > (lean (hash-table :mean 0.4 :interval '(0.1 0.9) :authors 3) 'for 'towards 'neither 'away 'against)
  => \"Too few speak of it to tell\""
  (let ((mean (hash-ref feeling :mean)) (low (car (hash-ref feeling :interval)))
        (high (cadr (hash-ref feeling :interval)))
        (majority (- (hash-ref feeling :for 0) (hash-ref feeling :against 0))))
    (cond ((< (hash-ref feeling :authors few-authors) few-authors) few-speak-lead)
          ((< (* 4 (+ (hash-ref feeling :for 0) (hash-ref feeling :against 0))) (hash-ref feeling :voices 0)) few-sided-lead)
          ((or (< (abs mean) clear-feeling) (< (* mean majority) 0)) neither) ; mean and counts must agree
          ((> low 0) for)
          ((< high 0) against)
          ((> mean 0) towards)
          (else away))))

(define (counted feeling for against)
  "The counts behind a FEELING, in parentheses: people who say so in words of their own, near-copies once; and how many
  of them say both. Nothing where the chosen `answer-lead` has no counts.

  > (counted {:voices 3 :for 2 :against 1} \"for\" \"against\")
  => \" (2 of 3 people for, 1 against)\"
  > (counted {:voices 6 :for 6 :against 1 :both 1} \"for\" \"against\")
  => \" (6 of 6 people for, 1 against, 1 of them both)\""
  (let ((both (hash-ref feeling :both 0)) (told? (eq? (the-setting answer-lead) 'counts)))
    (if (not told?) "" (string-append " (" (number->string (hash-ref feeling :for)) " of " (number->string (hash-ref feeling :voices))
                                      " people " for ", " (number->string (hash-ref feeling :against)) " " against
                                      (if (= both 0) "" (string-append ", " (number->string both) " of them both")) ")"))))

(define (say-lead n many one)
  "How the first quotation of the N people of one side begins: MANY, with their number in place of ~a, or ONE.

  > (list (say-lead 12 \"~a say\" \"One says\") (say-lead 1 \"~a say\" \"One says\"))
  => (\"12 say\" \"One says\")"
  (if (> n 1) (format many n) one))

(define bare-topic-words 3)        ; as many words and no more, all of them of a topic, are no question of fact …
(define bare-topic-question "What do they think of the ~a?") ; … but this one

(define few-sided-lead "Few of them take a side") ; fewer than one in four
(define few-speak-lead "Too few speak of it to tell")
(define lone-voice-lead "One member alone says")
(define say-so-lead "~a say")      ; before the first quotation of the side that more people take …
(define says-so-lead "One says")
(define other-side-lead "~a see it differently") ; … and of the other side
(define other-one-lead "One sees it differently")
