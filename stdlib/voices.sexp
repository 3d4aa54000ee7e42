;;; Voices: how each persona writes, learnt by a small language model; what one says is a simulation, and marked as such.
;;; A voice is nobody's word: it is never evidence, and no answer cites it.

(define-record-type <simulated-voice>
  (%make-simulated-voice persona text simulated prompt seed strict grounds voice base)
  simulated-voice?
  (persona simulated-voice-persona)
  (text simulated-voice-text)
  (simulated %simulated)                 ; always #t, so that its JSON says so, too
  (prompt simulated-voice-prompt)
  (seed simulated-voice-seed)
  (strict simulated-voice-strict)
  (grounds simulated-voice-grounds)      ; citations, of which strict grounding took every word; else ()
  (voice simulated-voice-voice)          ; digest of the adapter that spoke, #f: the base alone
  (base simulated-voice-base))           ; digest of the base

;; ── Training ────────────────────────────────────────────────────────────────────────────────────────────────

(define (train-voice-base! :from [from #f] :size [size 'small] :passes [passes #f] :seed [seed 0])
  "Train the language model under all voices on the workspace's messages, and keep it; a table of what it is, among it
  the perplexity of :held-out messages, (value low high) with a 95 % interval.

  A fifth of the authors, told by SEED, is held out of base and voices. SIZE is nano, small or medium. With FROM, a
  folder in Hugging Face's layout with a causal language model, that model is the base as it stands: nothing of it is
  copied or changed, and it needs the capability `read` each time. What the workspace had of voices before is
  replaced: they belong to another base.

  > (guard (e (#t 'refused)) (train-voice-base! :size 'enormous))
  => refused"
  (if from
      (%keep-made! "base" (%voice-folder from :seed seed))
      (%keep-made! "base" (%train-voice-base (%voice-heard) :size size :passes passes :seed seed))))

(define (%keep-made! part made)
  (%keep-voices! part made (hash-ref made :marks)))

(define (train-voices! :rank [rank #f] :passes [passes #f] :seed [seed #f])
  "Train a voice for each persona of the latest discovery, an adapter of rank RANK (8) on the base, and keep them; the
  report that `voice-report` gives.

  Personas with fewer than 20 messages by authors who are not held out are :left-out.

  > (guard (e (#t (error-object-message e))) (train-voices!))
  => \"there is no base for voices yet\""
  (let* ((base (%open-base))
         (seed (or seed (hash-ref (hash-ref base :about) :seed)))
         (people (map (lambda (p) (append (list (%voice-key p) (persona-name p)) (persona-authors p))) (personas))))
    (%keep-made! "voices" (%train-voices base (%voice-heard) people :rank rank :passes passes :seed seed))))

;; A persona's number says which it is only together with the discovery that gave it.
(define (%voice-key p)
  (format "~a/~a" (%active-run) (persona-id p)))

(define (%open-base)
  (let ((base (%open-voices "base")))
    (if (hash-ref (hash-ref base :about) :folder #f) (%load-voice-folder base))
    base))

(define (voice-report)
  "How well the voices caught their personas: whose voice foretells each persona's held-out messages best.

  A table: :own-best, the share of personas that their own voice foretells best, (value low high); :perplexity, a row
  for each persona, its name and (value low high) for each of :columns, the base first; :personas, tables with whose
  voice is :best, the :lead of its own over the best other in nats a token, whether that is :sure (the intervals by authors and
  by messages drawn anew both lie above 0), and the share of messages that it gets :right, where :chance is what guessing would get. Held out means: by authors whom neither base nor voices have heard.

  > (guard (e (#t (error-object-message e))) (voice-report))
  => \"no voices have been trained yet\""
  (hash-ref (%open-voices "voices") :about))

(define (voices)
  "What the workspace keeps of voices: a table with what is said of :base, :voices and :encoder, #f for what there is
  not; :gone in each counts the messages that it learnt on and the workspace no longer holds.

  > (hash-ref (voices) :voices)
  => …"
  {:base (%voice-state "base") :voices (%voice-state "voices") :encoder (%voice-state "encoder")})

(define (forget-voices!)
  "Delete every base, voice and adapter of the encoder that the workspace trained; how many files that were.

  What was erased from the workspace, or taken back by an edit, is in none of them any more then. Until then they refuse
  to be used once a message that they learnt on is gone.

  > (number? (forget-voices!))
  => #t"
  (%forget-voices!))

;; ── Speaking ────────────────────────────────────────────────────────────────────────────────────────────────

(define (speak who prompt :seed [seed 0] :temperature [temperature 0.8] :nucleus [nucleus 0.95] :longest [longest 48]
               :strict [strict #f] :sentences [sentences 2])
  "What the voice of the persona WHO says to PROMPT (\"\": of itself), a simulated voice; the same for the same SEED.

  WHO is as for `persona`, or an adapter, as `persona-voice` gives, or everyone: the base. At most LONGEST tokens are drawn, by TEMPERATURE among the likeliest
  that make up the share NUCLEUS. STRICT: it may only say what members wrote: PROMPT is asked as a `persona-inquiry`, and
  the voice chooses SENTENCES of the quotations of its answer; where that is a refusal, so is this. Nothing of it is
  evidence: what nobody said cannot be cited.

  > (guard (e (#t 'refused)) (speak 'everyone \"how is the patch?\"))
  => refused"
  (if (not (string? prompt))
      (%refuse 'type (string-append "speak: a prompt should be a string, not " (format "~s" prompt))
               "(speak 'everyone \"how is the patch?\")"))
  (let* ((base (%open-base))
         (voice (%voice-of who)))
    (if strict
        (%speak-strictly who prompt base voice sentences seed)
        (%simulated-voice who prompt base voice seed #f '()
                          (%speak base voice prompt :seed seed :temperature temperature :nucleus nucleus
                                  :longest longest)))))

(define (%voice-of who)
  (cond ((adapter? who) (%insist-on-heard who) who)
        ((and (name? who) (member (name->string who) (map symbol->string everyone-names))) #f)
        (else
          (let* ((kept (hash-ref (%open-voices "voices") :parts))
                 (p (persona who))
                 (found (assoc (%voice-key p) kept)))
            (or found
                (%refuse 'unknown-voice (string-append "there is no voice of " (persona-name p))
                         "(train-voices!) trains those of the latest discovery; a persona of few messages has none"))))))

(define (persona-voice who)
  "The voice of the persona WHO as an adapter, for frames to hold: what is bound under one name in several of them adds up,
  and `speak` speaks with the sum, so `with-frame` changes the voice as it changes the definitions.

  (define voice (persona-voice 'newcomers)) and (rewrite voice (persona-voice 'lore-explorers) :in 'swarm), and
  (speak voice \"how is the patch?\") mixes both, (with-frame 'swarm (speak voice \"how is the patch?\")) is the team's.

  > (guard (e (#t (error-object-message e))) (persona-voice 'everyone))
  => \"everyone speaks as the base, which is no adapter\""
  (let ((part (%voice-of who)))
    (cond ((adapter? part) part)
          (part (%as-adapter {:tensors (caddr part) :about (cadddr part)}))
          (else (%refuse 'unknown-voice "everyone speaks as the base, which is no adapter" "(persona-voice 1)")))))

(define (%simulated-voice who prompt base voice seed strict grounds text)
  (%make-simulated-voice (string->symbol (%voice-name who voice)) text #t prompt seed strict grounds (%voice-digest voice)
                         (cadr (car (hash-ref base :parts)))))

(define (%voice-name who voice)
  (cond ((adapter? voice) (hash-ref (adapter-about voice) :name))
        (voice (persona-name (persona who)))
        (else "everyone")))

(define (%voice-digest voice)
  (cond ((adapter? voice) (adapter-digest voice))
        (voice (cadr voice))
        (else #f)))

(define (%speak-strictly who prompt base voice sentences seed)
  (let* ((answer (inquire (if (adapter? who) 'everyone who) prompt)) ; an adapter may be of several personas
         (cited (answer-citations answer)))
    (if (answer-refusal answer)
        (%refuse 'no-grounds "speak: nothing that members wrote answers this" (format "~a" (answer-refusal answer))))
    (let* ((spans (map citation-span cited))
           (places (%choose-spoken base voice prompt spans :count sentences :seed seed))
           (said (map (lambda (at) (list-ref spans at)) places))
           (grounds (map (lambda (at) (list-ref cited at)) places))
           (written (map (lambda (m) (hash-ref m :content)) (%messages (map citation-message-id grounds)))))
      (if (pair? (%unsupported said written))
          (%refuse 'no-grounds "speak: a quotation is no longer in its message" "(embed!) brings the indexes up to date"))
      (%simulated-voice who prompt base voice seed #t grounds (string-join said " ")))))

(define (simulated-voice->string v)
  "The simulated voice V as text for people, which says first that nobody said it.

  > (procedure? simulated-voice->string)
  => #t"
  (string-append "simulated voice of " (symbol->string (simulated-voice-persona v))
                 (if (simulated-voice-strict v) ", quoting members" ", said by nobody")
                 ": “" (inert (simulated-voice-text v)) "”"
                 (apply string-append
                        (map (lambda (c n) (string-append "\n  " (citation-line c n)))
                             (simulated-voice-grounds v)
                             (iota (length (simulated-voice-grounds v)) 1)))))

(define (refuse-simulated who value)
  "VALUE, unless it is a simulated voice, which WHO refuses: it is nobody's word, so it is no evidence.

  > (refuse-simulated 'make-citation \"too hard\")
  => \"too hard\""
  (if (simulated-voice? value)
      (%refuse 'simulated (string-append (symbol->string who) ": a simulated voice is no evidence: nobody said it")
               "(simulated-voice-grounds v) are the citations of one that was strictly grounded"))
  value)

;; ── The encoder ─────────────────────────────────────────────────────────────────────────────────────────────

(define (train-encoder-adapter! :passes [passes #f] :seed [seed 0])
  "Teach the session's encoder who answers what in this community, and keep the adapter only if it finds held-out threads
  surely better; a table: whether it was :accepted, the mean reciprocal rank of the right thread :before and :after, and
  the :gain, (value low high) with a 95 % interval paired by reply and drawn by thread.

  > (guard (e (#t (error-object-code e))) (train-encoder-adapter!))
  => too-little"
  (let ((made (%train-encoder (%voice-heard) :passes passes :seed seed)))
    (if (hash-ref (hash-ref made :about) :accepted)
        (%keep-made! "encoder" made)
        (hash-ref made :about))))

(define (use-encoder-adapter!)
  "Make the session's vectors with the encoder that the workspace's accepted adapter is in; the name of that model. Its
  vectors are kept apart from those before: (embed!) makes them, (use-embedding-model!) goes back.

  > (guard (e (#t (error-object-message e))) (use-encoder-adapter!))
  => \"no adapter of the encoder was accepted yet\""
  (%use-adapted-encoder (%adapted-encoder (%open-voices "encoder"))))
