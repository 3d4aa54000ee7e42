"""The answer kernels as primitives: tone, stance, the reading of a question, evidence, support, citations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, Symbol, make_list

Tensor = Any


MOST_KEPT = 20_000  # vectors of short texts that a session keeps


def _encoder(ctx: Any) -> Callable[[list[str]], np.ndarray]:
    """The session's encoder, which remembers what it encoded: one function object a session and model."""
    kept = ctx.__dict__.setdefault("answer-senses", {})
    embedder = ctx.embedder
    if kept.get("embedder") is embedder:
        return kept["encode"]
    known: dict[str, np.ndarray] = {}

    def encode(texts: list[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            if len(known) + len(new) > MOST_KEPT:
                known.clear()
                new = list(dict.fromkeys(texts))
            known.update(zip(new, embedder.encode(new, ctx.check), strict=True))
        return np.stack([known[text] for text in texts])

    kept.clear()
    kept.update(embedder=embedder, encode=encode)
    return encode


def _sense(ctx: Any) -> Any:
    from chorus.kernels.answer.evidence import WordSense

    encode = _encoder(ctx)
    kept = ctx.__dict__["answer-senses"]
    if "words" not in kept:
        kept["words"] = WordSense(encode)
    return kept["words"]


def _strings(items: list[Any], caller: str) -> list[str]:
    for item in items:
        if not isinstance(item, str):
            raise wrong_type(caller, "texts", "a list of strings", item)
    return items


def _table(**fields: Any) -> HashTable:
    shown = ((name.replace("_", "-"), value) for name, value in fields.items())
    return HashTable((Keyword(name), False if value is None else value) for name, value in shown)


def _plain(table: HashTable) -> dict[str, Any]:
    """A hash table with keyword or symbol keys as a dict of names."""
    return {
        key.name if isinstance(key, (Keyword, Symbol)) else str(key): value for key, value in table.items()
    }


def _numbers(table: HashTable, caller: str) -> dict[str, float]:
    plain = _plain(table)
    for value in plain.values():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong_type(caller, "weights", "a hash table of numbers", value)
    return plain


@primitive("sentences", effects="pure")
def sentences(text: str, *, longest: int = 280) -> Any:
    """The sentences of TEXT, each a verbatim part of it; one of more than LONGEST characters is cut at a
    clause.

    > (sentences "Too hard, e.g. the dragon. Please fix!")
    => ("Too hard, e.g. the dragon." "Please fix!")
    """
    from chorus.kernels.answer.sentences import sentence_spans

    return make_list(text[a:b] for a, b in sentence_spans(text, max(longest, 8)))


@primitive("asks?", effects="pure")
def asks_(text: str) -> bool:
    """Whether TEXT puts a question rather than states something.

    > (map asks? '("anyone know where the fox is" "the fox is in the marsh"))
    => (#t #f)
    """
    from chorus.kernels.answer.question import asks

    return asks(text)


@primitive("%tones", effects="compute")
def tones(
    ctx: Any,
    texts: Items,
    *,
    vectors: Annotated[Tensor, "n d"] | None = None,
    words: float = 0.6,
    scale: float = 2.0,
) -> Annotated[Tensor, "n"]:
    """The tone of each of TEXTS in [-1, 1]; VECTORS are their embeddings where known, WORDS the lexicon's
    share.

    On 2,000 Steam reviews against "recommended" the AUC is .83 (.86 under 150 characters); the lexicon alone
    reaches .73, the anchors alone .82. [Hutto & Gilbert 2014 for the words; Turney & Littman 2003 for the
    anchors]

    > (let ((t (%tones '("I love it" "I hate it")))) (> (tensor-ref t 0) 0 (tensor-ref t 1)))
    => #t
    """
    from chorus.kernels.answer.tone import tone

    known = None if vectors is False else vectors
    return tone(_strings(texts, "tone"), known, _encoder(ctx), words_weight=words, scale=scale)


@primitive("%question-vector", effects="compute")
def question_vector(ctx: Any, question: str) -> Annotated[Tensor, "d"]:
    """The unit vector of QUESTION, kept for the session.

    > (tensor? (%question-vector "Why?"))
    => #t
    """
    return _encoder(ctx)([question])[0]


@primitive("%attitudes", effects="compute")
def attitudes(
    ctx: Any, texts: Items, tones: Annotated[Tensor, "n"], *, topic: Items | None = None, rest: float = 0.6
) -> Annotated[Tensor, "n"]:
    """Whether each of TEXTS asks for more (to 1) or less (to -1) of TOPIC, its words; TONES are their tones.

    Without a word of direction it is REST times the tone. Of 50 hand-written sentences on 16 features that
    were not looked at before, 76 % had the right sign; a contrast of embeddings alone reached 60 %.

    > (tensor-ref (%attitudes '("please nerf the rifle") #(0.0)) 0)
    => -0.9
    """
    from chorus.kernels.answer.stance import attitudes
    from chorus.kernels.answer.words import stem

    stems = frozenset(stem(str(word).lower()) for word in topic or ())
    return attitudes(_strings(texts, "stance"), [float(t) for t in tones], stems, rest)


@primitive("tensor-ref", effects="pure")
def tensor_ref(tensor: Annotated[Tensor, "…"], *positions: int) -> float:
    """The number at POSITIONS of TENSOR, counted from 0, to 6 significant digits.

    > (tensor-ref #(1.5 2.5) 1)
    => 2.5
    """
    try:
        return float(f"{float(np.asarray(tensor)[positions]):.6g}")
    except (IndexError, TypeError, ValueError):
        raise EvalError(f"tensor-ref: there is no number at {list(positions)}") from None


@primitive("%read-question", effects="compute")
def read_question(
    question: str, kinds: Items, frame: Items, related: Items | None = None, implied: Items | None = None
) -> HashTable:
    """What QUESTION asks: :kind, :expects, :words, :terms, :must, :direction; RELATED adds words to a
    topic's.

    KINDS is a list of (kind phrase …); the first with a phrase in the question is its kind. FRAME: words
    without topic. RELATED is a list of (word word …): a text with one of the others counts as nearly having
    the first.

    > (hash-ref (%read-question "How would they react to fewer maps?" '((attitude "react")) '()) :direction)
    => -1
    """
    from chorus.kernels.answer.question import read_question

    table = {str(row[0]): _strings(row[1:], "question kinds") for row in map(list, kinds)}
    brings = {str(pair.car): str(pair.cdr) for pair in implied or ()}
    made = read_question(question, table, _strings(frame, "question frame"), brings)
    near = {str(row[0]): [str(word) for word in row[1:]] for row in map(list, related or ())}
    return _table(
        text=made.text,
        kind=Symbol(made.kind),
        expects=Symbol(made.expects) if made.expects else None,
        words=make_list(made.words),
        terms=make_list(made.terms),
        must=make_list(made.must),
        direction=made.direction,
        related=make_list(
            make_list([t, *near.get(w, ())]) for t, w in zip(made.terms, made.words, strict=True)
        ),
    )


def _reading(table: HashTable) -> Any:
    from chorus.kernels.answer.question import Reading

    plain = _plain(table)
    expects = plain["expects"]
    return Reading(
        text=plain["text"],
        kind=plain["kind"].name,
        expects=expects.name if expects else None,
        words=tuple(plain["words"]),
        terms=tuple(plain["terms"]),
        must=tuple(plain["must"]),
        direction=plain["direction"],
        related={row[0]: tuple(row[1:]) for row in map(list, plain["related"])},
    )


@primitive("term-rarity", effects="pure")
def term_rarity(documents: int, counts: HashTable) -> HashTable:
    """How rare each word of COUNTS is among DOCUMENTS: ln(1 + (N - n + .5)/(n + .5)). [Robertson & Zaragoza
    2009]

    > (hash-ref (term-rarity 3 {"price" 1}) "price")
    => 0.9808292530117262
    """
    from chorus.kernels.answer.words import rarity

    found = rarity(documents, {str(word): int(count) for word, count in counts.items()})
    return HashTable(found.items())


@primitive("%evidence", effects="compute")
def evidence(ctx: Any, reading: HashTable, candidates: Items, rarity: HashTable, weights: HashTable) -> Any:
    """The sentences of CANDIDATES scored against the question READING, best first, as hash tables.

    A candidate is a hash table with :id :author :name :text :timestamp :vector (a unit vector) and :context
    (what it answers, or #f). A scored sentence has :message-id :author :name :timestamp :text (of the whole
    message) :span :start :vector :dense :coverage :weakest :missing (words it has not) :named :typed and
    :score.

    > (%evidence (%read-question "What of the price?" '() '()) '() {} {})
    => ()
    """
    from chorus.kernels.answer.evidence import Candidate, score_sentences, split_candidates

    if not candidates:
        return make_list([])
    asked = _reading(reading)
    rows = [_plain(candidate) for candidate in candidates]
    ctx.charge(steps=sum(len(row["text"]) for row in rows))
    found = [
        Candidate(
            row["id"],
            row["author"],
            row["text"],
            row["vector"],
            row["context"] or "",
            row["timestamp"],
            row["name"] or "",
            row.get("context-vector", None) if row.get("context-vector") is not False else None,
        )
        for row in rows
    ]
    encode = _encoder(ctx)
    question = encode([asked.text])[0]
    numbers = _numbers(weights, "evidence")
    cut = split_candidates(found, question, encode, int(numbers["soft"]))
    ranked = score_sentences(asked, question, cut, dict(rarity.items()), _sense(ctx), numbers)
    return make_list(_show(e, asked) for e in ranked)


def _show(e: Any, reading: Any) -> HashTable:
    return _table(
        message_id=e.message.id,
        author=e.message.author,
        name=e.message.name,
        timestamp=e.message.timestamp,
        text=e.message.text,
        span=e.text,
        start=e.start,
        vector=e.vector,
        dense=round(e.dense, 4),
        coverage=round(e.coverage, 4),
        own_dense=round(e.own[0], 4),
        own_coverage=round(e.own[1], 4),
        weakest=round(float(e.matches.min()), 4) if len(e.matches) else 1.0,
        widest=round(float(e.matches.max()), 4) if len(e.matches) else 1.0,
        missing=make_list(w for w, m in zip(reading.words, e.matches, strict=True) if m < 0.5),
        named=e.named,
        typed=e.holds_type,
        asks=e.asks,
        asked=round(e.asked, 4),
        score=round(e.score, 4),
    )


def _scored(items: list[Any]) -> list[Any]:
    """Evidence as the kernels know it, out of the hash tables of `%evidence`; `origin` is the table."""
    from chorus.kernels.answer.evidence import Candidate, Evidence

    made = []
    for item in items:
        row = _plain(item)
        message = Candidate(row["message-id"], row["author"], row["text"], row["vector"])
        made.append(
            Evidence(
                message,
                row["start"],
                row["start"] + len(row["span"]),
                row["vector"],
                dense=row["dense"],
                matches=np.array([row["weakest"]]),
                coverage=row["coverage"],
                named=row["named"],
                holds_type=row["typed"],
                asks=row["asks"],
                asked=row["asked"],
                score=row["score"],
                origin=item,
            )
        )
    return made


@primitive("%choose-evidence", effects="compute")
def choose_evidence(
    evidence: Items, *, count: int = 4, diversity: float = 0.3, duplicate: float = 0.9, per_author: int = 1
) -> Any:
    """At most COUNT of EVIDENCE by maximal marginal relevance, no near-duplicates, PER-AUTHOR of one author.

    [Carbonell & Goldstein 1998]

    > (%choose-evidence '())
    => ()
    """
    from chorus.kernels.answer.evidence import choose

    chosen = choose(_scored(evidence), count, diversity, duplicate, per_author)
    return make_list(e.origin for e in chosen)


@primitive("%support-features", effects="compute")
def support_features(
    reading: HashTable, evidence: Items, *, duplicate: float = 0.9, top: int = 5
) -> HashTable:
    """What speaks for an answer from EVIDENCE: dense dense-mean coverage weakest joint named typed voices.

    > (hash-ref (%support-features (%read-question "Why?" '() '()) '()) :dense)
    => 0.0
    """
    from chorus.kernels.answer.support import support_features

    found = support_features(_reading(reading), _scored(evidence), duplicate, top)
    return HashTable((Keyword(name), float(value)) for name, value in found.items())


@primitive("%voices", effects="compute")
def voices(evidence: Items, *, duplicate: float = 0.9) -> int:
    """How many authors say it in words of their own: near-duplicates in EVIDENCE, from this cosine on, count
    as one.

    > (%voices '())
    => 0
    """
    from chorus.kernels.answer.evidence import independent_authors

    return independent_authors(_scored(evidence), duplicate)


@primitive("%one-a-message", effects="pure")
def one_a_message(evidence: Items) -> Any:
    """The first sentence of each message in EVIDENCE.

    > (%one-a-message '())
    => ()
    """
    first: dict[str, Any] = {}
    for item in evidence:
        first.setdefault(item.get(Keyword("message-id")), item)
    return make_list(first.values())


@primitive("%stack", effects="pure")
def stack(rows: Items) -> Annotated[Tensor, "n d"]:
    """The tensor whose rows are the vectors ROWS.

    > (tensor-ref (%stack '(#(1 2) #(3 4))) 1 0)
    => 3.0
    """
    if not rows:
        raise EvalError("no rows to stack")
    return np.stack([np.asarray(row, dtype=np.float32) for row in rows])


@primitive("%scaled", effects="pure")
def scaled(tensor: Annotated[Tensor, "…"], factor: float) -> Annotated[Tensor, "…"]:
    """TENSOR times FACTOR.

    > (tensor-ref (%scaled #(1.0 2.0) -1) 1)
    => -2.0
    """
    return np.asarray(tensor, dtype=float) * factor


@primitive("tensor->list", effects="pure")
def tensor_to_list(tensor: Annotated[Tensor, "n"]) -> Any:
    """The numbers of a TENSOR of one dimension, to 6 significant digits.

    > (tensor->list #(1.0 2.5))
    => (1.0 2.5)
    """
    row = np.asarray(tensor, dtype=float)
    if row.ndim != 1:
        raise EvalError("tensor->list takes a tensor of one dimension", irritants=(tensor,))
    return make_list(float(f"{value:.6g}") for value in row)


@primitive("%with-values", effects="pure")
def with_values(evidence: Items, values: Annotated[Tensor, "n"]) -> Any:
    """Each of EVIDENCE with its number of VALUES as :value.

    > (hash-ref (car (%with-values (list (hash-table)) #(0.5))) :value)
    => 0.5
    """
    made = [HashTable(item.items()) for item in evidence]
    for item, value in zip(made, values, strict=True):
        item.set(Keyword("value"), round(float(value), 4))
    return make_list(made)


@primitive("%feeling", effects="compute")
def feeling(
    values: Annotated[Tensor, "n"], authors: Items, *, level: float = 0.95, weights: Items | None = None
) -> HashTable:
    """The mean of VALUES over AUTHORS, each author counted once: :mean :n :authors :interval :level :positive
    :negative.

    > (hash-ref (%feeling #(1.0 0.0 -1.0) '("ann" "ann" "bob")) :mean)
    => -0.25
    """
    from chorus.kernels.answer.feeling import feeling

    if not 0 < level < 1:
        raise EvalError("the level of an interval lies between 0 and 1", irritants=(level,))
    made = feeling([float(v) for v in values], [str(a) for a in authors], level, weights)
    return _table(
        mean=round(made.mean, 4),
        n=made.n,
        authors=made.authors,
        interval=make_list([round(made.low, 4), round(made.high, 4)]),
        level=made.level,
        positive=made.positive,
        negative=made.negative,
    )


@primitive("%difference", effects="compute")
def difference(
    ours: Annotated[Tensor, "n"],
    our_authors: Items,
    theirs: Annotated[Tensor, "m"],
    their_authors: Items,
    *,
    level: float = 0.95,
) -> HashTable:
    """How far the mean of OURS lies above that of THEIRS, over authors: :estimate :interval :p :n, or #f for
    them.

    Welch's t on the authors' means, so that nobody is heard more often than once. [Welch 1947]

    > (hash-ref (%difference #(1.0) '("ann") #(0.0) '("bob")) :estimate)
    => #f
    """
    from chorus.kernels.answer.feeling import difference

    made = difference([float(v) for v in ours], our_authors, [float(v) for v in theirs], their_authors, level)
    if made is None:
        return _table(
            metric=Symbol("satisfaction"), estimate=None, interval=None, p=None, n=len(ours) + len(theirs)
        )
    return _table(
        metric=Symbol("satisfaction"),
        estimate=round(made.mean, 4),
        interval=make_list([round(made.low, 4), round(made.high, 4)]),
        p=round(made.p, 5),
        n=len(ours) + len(theirs),
    )


@primitive("%quantile", effects="pure")
def quantile(tensor: Annotated[Tensor, "n"], share: float) -> float | bool:
    """The value below which SHARE of TENSOR lies, #f of an empty one.

    > (%quantile #(1.0 2.0 3.0) 0.5)
    => 2.0
    """
    row = np.asarray(tensor, dtype=float)
    return float(f"{np.quantile(row, min(max(share, 0.0), 1.0)):.6g}") if len(row) else False


@primitive("check-citations", effects="pure")
def check_citations(sentences: Items, citations: Items, messages: HashTable, *, verbatim: bool = True) -> Any:
    """What is wrong with an answer: a list of strings, empty when every sentence is borne out by what it
    cites.

    SENTENCES: lists (text number …) with the numbers of citations, from 1. CITATIONS: lists (message-id
    span). MESSAGES: id → whole text. Each span must stand in its message character by character, and in the
    sentence when VERBATIM.

    > (check-citations '(("So: \\"too hard\\" [1]" 1)) '(("m1" "too hard")) {"m1" "way too hard for me"})
    => ()
    > (check-citations '(("All is well." 1)) '(("m1" "too hard")) {"m1" "too easy"})
    => ("sentence 1 does not quote its citation 1" "citation 1: its span does not stand in message m1")
    """
    from chorus.kernels.answer.compose import Citation, check_citations

    said = [(str(row[0]), [int(n) - 1 for n in row[1:]]) for row in map(list, sentences)]
    cited = [Citation(str(row[0]), str(row[1])) for row in map(list, citations)]
    texts: Mapping[str, str] = {str(id_): str(text) for id_, text in messages.items()}
    return make_list(check_citations(said, cited, texts, verbatim))


@primitive("%align", effects="compute")
def align(ctx: Any, draft: str, spans: Items, *, nearest: float = 0.6, covered: float = 0.6) -> Any:
    """The sentences of a generated DRAFT that one of SPANS bears out, as lists (sentence number-of-span),
    from 1.

    > (%align "It is great." '())
    => ()
    """
    from chorus.kernels.answer.compose import align

    kept = align(draft, _strings(spans, "align"), _encoder(ctx), nearest, covered)
    return make_list(make_list([text, at + 1]) for text, at in kept)
