"""Scores the sentences of candidate messages against a question, and chooses few that are relevant and
differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from chorus.kernels.answer.aims import aim, far_apart, presumes, tells_cause
from chorus.kernels.answer.pleading import (
    acknowledges,
    idleness,
    pleading,
    speaks_of_self,
    spoken,
    tells_of_trouble,
)
from chorus.kernels.answer.question import COUNTED, STRICT, Reading, asks, satisfies
from chorus.kernels.answer.sentences import sentence_spans
from chorus.kernels.answer.tone import Encode
from chorus.kernels.answer.unsaid import declines, says_nothing
from chorus.kernels.answer.words import KEPT, STOP, content_stems, short_for, stem, tokens

SHORTEST = 8  # characters of a sentence


@dataclass
class Candidate:
    """A message that may carry evidence. VECTOR is that of its whole text, CONTEXT what it answers."""

    id: str
    author: str
    text: str
    vector: np.ndarray  # f32[d]
    context: str = ""
    timestamp: object = None
    name: str = ""  # of the author, as people read it
    context_vector: np.ndarray | None = None
    channel: str | None = None
    context_id: str | None = None
    link: float = 0.0  # how sure it is that it answers the context


@dataclass
class Evidence:
    """One sentence: TEXT[start:end] of a message, and how it bears on the question."""

    message: Candidate
    start: int
    end: int
    vector: np.ndarray
    dense: float = 0.0  # cosine with the question, its own or in part that of what it answers
    around: float = 0.0  # cosine of the question with what it answers, as sure as the link is
    both: float = 0.0  # cosine of the question with the mean direction of what it answers and itself
    own: tuple[float, float] = (0.0, 0.0)  # cosine and coverage of its own words, nothing of what it answers
    own_matches: tuple[float, ...] = ()  # as `matches`, of its own words
    asks: bool = False
    asked: float = 0.0  # cosine of the question with the one that this answers, 0 where it answers none
    matches: tuple[float, ...] = ()  # how well it has each term, in [0, 1], context in part
    coverage: float = 0.0  # share of the question's rarity that is matched, context counted in part
    named: float = 1.0  # share of the question's names and numbers that stand there
    holds_type: bool = True
    sought: float = 0.0  # how far what it answers seeks help, in [0, 1]
    idle: float = 0.0  # how far it chats rather than tells, in [0, 1]
    pleads: float = 0.0  # how far it seeks help rather than gives it, in [0, 1]
    relevance: float = 0.0  # the chance that it answers the question
    features: dict[str, float] = field(default_factory=dict)  # what the relevance rests on
    score: float = 0.0
    origin: object = None  # what a caller made it from

    @property
    def text(self) -> str:
        return self.message.text[self.start : self.end]


class WordSense:
    """How near words lie in meaning; vectors of single words, each made once."""

    def __init__(self, encode: Encode) -> None:
        self.encode = encode
        self.known: dict[str, np.ndarray] = {}

    def vectors(self, words: Sequence[str]) -> np.ndarray:
        """f32[n, d]"""
        new = [w for w in dict.fromkeys(words) if w not in self.known]
        if new:
            if len(self.known) > 50_000:
                self.known.clear()
                new = list(dict.fromkeys(words))
            for word, vector in zip(new, self.encode(new), strict=True):
                self.known[word] = vector
        return np.stack([self.known[w] for w in words])


@lru_cache(KEPT)
def split(text: str, shortest: int = SHORTEST) -> tuple[tuple[int, int], ...]:
    """Where the sentences of TEXT of at least SHORTEST characters stand."""
    return tuple((a, b) for a, b in sentence_spans(text) if b - a >= shortest)


def comparable(text: str) -> list[str]:
    """The words of TEXT whose meaning may come near that of another word: numbers are the same or different."""
    return [w for w in tokens(text) if len(w) > 2 and w not in STOP and not w[0].isdigit()]


def split_candidates(
    candidates: Sequence[Candidate],
    question: np.ndarray,
    encode: Encode,
    most: int = 24,
    shortest: int = SHORTEST,
) -> list[Evidence]:
    """The sentences of CANDIDATES of at least SHORTEST characters.

    Those of the MOST messages nearest to QUESTION f32[d] get vectors of their own; others keep their
    message's.
    """
    order = sorted(candidates, key=lambda c: -float(c.vector @ question))
    found: list[Evidence] = []
    several: list[int] = []
    for rank, message in enumerate(order):
        spans = split(message.text, shortest)
        for start, end in spans or [(0, len(message.text))]:
            if len(spans) > 1 and rank < most:
                several.append(len(found))
            found.append(Evidence(message, start, end, message.vector))
    if several:
        for at, vector in zip(several, encode([found[i].text for i in several]), strict=True):
            found[at].vector = vector
    return found


def score_sentences(
    reading: Reading,
    question: np.ndarray,
    found: list[Evidence],
    rarity: Mapping[str, float],
    sense: WordSense,
    weights: Mapping[str, float],
) -> list[Evidence]:
    """FOUND with their features set, best first.

    QUESTION f32[d] is the question's vector, RARITY the idf of its terms. WEIGHTS: `dense`, `coverage`,
    `type` weigh the score, `asks` is taken off for a sentence that is itself a question, `reply`
    added for what answers one; `same` and `related`
    are the cosines of single words at which they count as one and as unrelated; `context` is what a match in
    the message answered is worth, `kin` what a related word is; only the `soft` nearest sentences are compared
    word by word.
    """
    found = [e for e in found if not _only_names(e.text, reading)]
    if not found:
        return []
    idf = np.array([rarity.get(t, 1.0) for t in reading.terms])
    _set_cosines(found, question, weights["context"])
    for evidence in found:
        evidence.asks = asks(spoken(evidence.text))
        answers = not evidence.asks and asks(spoken(evidence.message.context))
        evidence.asked = evidence.around if answers else 0.0
    _set_manner(found, sense.encode, reading)
    found = sorted(found, key=lambda e: -e.dense)
    soft = int(weights["soft"])
    own = term_matches(reading, [e.text for e in found], sense, weights, soft)  # [n, terms]
    around = term_matches(reading, [e.message.context for e in found], sense, weights, soft)
    links = np.array([e.message.link for e in found])[:, None]
    both = np.maximum(own, around * weights["context"] * links)
    shares = idf / idf.sum()
    wanted = aim(reading.text)
    for evidence, matches, mine, covered, said in zip(
        found,
        map(tuple, both.tolist()),
        map(tuple, own.tolist()),
        (both @ shares).tolist(),
        (own @ shares).tolist(),
        strict=True,
    ):
        evidence.matches, evidence.own_matches = matches, mine
        evidence.own = (evidence.own[0], said)
        evidence.coverage = covered
        evidence.named = _named(reading, evidence.message)
        evidence.holds_type = satisfies(
            reading.expects, spoken(evidence.message.text), reading.text, spoken(evidence.message.context)
        )
        evidence.features = relevance_features(evidence, reading, wanted)
        evidence.score = (
            weights["dense"] * evidence.dense
            + weights["coverage"] * evidence.coverage
            + weights["type"] * evidence.holds_type * evidence.named
            - weights["asks"] * evidence.asks
            + weights["reply"] * (evidence.asked > 0)
        )
    for evidence, chance in zip(found, relevance([e.features for e in found], weights).tolist(), strict=True):
        evidence.relevance = chance
    return sorted(found, key=lambda e: -e.score)


def _only_names(text: str, reading: Reading) -> bool:
    """Whether TEXT has words and they but name the matter of READING: "War Thunder." says nothing of it, unless one was
    to choose, "the bow or the sword".
    """
    said = tokens(text)
    names = {*reading.words, *reading.terms, "the", "a", "an"}
    return bool(said) and names.issuperset(said) and "or" not in tokens(reading.text)


def _named(reading: Reading, message: Candidate) -> float:
    """The share of the names and numbers of READING that stand in MESSAGE or in what it answers."""
    if not reading.must:
        return 1.0
    whole = (message.text + "\n" + message.context).lower()
    return sum(word in whole for word in reading.must) / len(reading.must)


def _set_cosines(found: Sequence[Evidence], question: np.ndarray, context: float) -> None:
    """Set the cosines with QUESTION of the sentences of FOUND and of what they answer, CONTEXT a match there is worth.

    A question and its answer say together what neither says alone, of whom and what: so they are also taken as one
    direction, what is answered being as long as the link is sure.
    """
    vectors = np.stack([e.vector for e in found])  # [n, d]
    none = np.zeros_like(vectors[0])
    contexts = [none if e.message.context_vector is None else e.message.context_vector for e in found]
    links = np.array([e.message.link for e in found], dtype=np.float32)  # [n]
    linked = np.stack(contexts) * links[:, None]
    pairs = vectors + linked
    lengths = np.linalg.norm(pairs, axis=1)
    own, around = vectors @ question, linked @ question
    both = (own + around) / np.where(lengths > 0, lengths, 1)
    for evidence, mine, beside, pair in zip(found, own.tolist(), around.tolist(), both.tolist(), strict=True):
        evidence.around, evidence.both, evidence.own = beside, pair, (mine, 0.0)
        evidence.dense = max(mine, context * beside)


def _set_manner(found: Sequence[Evidence], encode: Encode, reading: Reading) -> None:
    """Set how far the sentences of FOUND chat, and how far they, and what they answer, seek help.

    To say that one does not know gives none, nor to agree or thank, unless READING asks whether.
    """
    vectors = np.stack([e.vector for e in found])
    own = pleading(vectors, encode)
    for evidence, idle in zip(found, idleness(vectors, encode).tolist(), strict=True):
        evidence.idle = idle
    linked = [e for e in found if e.message.context_vector is not None]
    contexts = [v for v in (e.message.context_vector for e in linked) if v is not None]
    around = pleading(np.stack(contexts), encode) if contexts else ()
    for evidence, seeks in zip(found, own, strict=True):
        said = spoken(evidence.text)
        empty = says_nothing(said, reading.text) or declines(said)
        evidence.pleads = 1.0 if empty or tells_of_trouble(said) else float(seeks)
    for evidence, seeks in zip(linked, around, strict=True):
        said = spoken(evidence.message.context)
        evidence.sought = 1.0 if asks(said) or tells_of_trouble(said) else float(seeks)


def relevance_features(evidence: Evidence, reading: Reading, wanted: str | None) -> dict[str, float]:
    """What speaks for EVIDENCE as an answer, each in [0, 1] or a cosine, all of this one sentence. WANTED is the
    `aim` of READING.

    own: its cosine with the question; both: that of itself and what it answers, read as one; sought, unsought: the
    cosine of what it answers, as sure as the link is, as far as that seeks help and as far as it does not; covered,
    words: share of the question's rarity in both, in its own words; weakest: how well both have the term they have
    least; focus: the same of the thing asked for; joint: covered · the greater cosine; pleads: how far it seeks help
    itself; typed, strict: the kind of thing asked for, and where that shows in words; uncounted: no number or colour
    where one is asked for; unborne: how far what the question takes for granted stands nowhere; uncaused: no reason
    for a question why, not in it and not asked for by what it answers; alike, apart: what it answers asks for the same
    kind of thing, or for one that the same answer hardly serves; adrift: how far a question of what or who finds its
    thing neither in it nor in what it answers; named: the names and numbers; short: how few content words it has of
    its own (1 none, 0 four or more); me: it begins with its writer; thanks: it only acknowledges.
    """
    own, mine = evidence.own
    terms = bool(reading.terms)
    given = aim(evidence.message.context) if evidence.message.context else None
    focus = max(evidence.matches[at] for at in reading.focus) if reading.focus else 1.0
    weakest = min(evidence.matches) if terms else 1.0
    body = spoken(evidence.text)
    content = len(content_stems(body))
    return {
        "own": own,
        "both": evidence.both,
        "sought": evidence.sought * evidence.around,
        "unsought": (1 - evidence.sought) * evidence.around,
        "covered": evidence.coverage if terms else 1.0,
        "words": mine if terms else 1.0,
        "weakest": weakest,
        "focus": focus,
        "joint": (evidence.coverage if terms else 1.0) * max(own, evidence.around),
        "pleads": evidence.pleads,
        "typed": float(evidence.holds_type) if reading.expects else 1.0,
        "strict": float(evidence.holds_type) if reading.expects in STRICT else 1.0,
        "uncounted": float(reading.expects in COUNTED and not evidence.holds_type),
        "unborne": presumes(reading.text) * (1 - weakest),
        "uncaused": float(reading.expects == "reason" and given != "reason" and not tells_cause(body)),
        "alike": float(wanted is not None and wanted == given),
        "apart": float(far_apart(wanted, given)),
        "adrift": (1 - focus) * (wanted in ("thing", "person")),
        "named": evidence.named if reading.must else 1.0,
        "short": 1 - min(content, 4) / 4,
        "me": float(speaks_of_self(body)),
        "thanks": float(content < 5 and acknowledges(body)),
    }


def relevance(features: Sequence[Mapping[str, float]], weights: Mapping[str, float]) -> np.ndarray:
    """f64[n], in (0, 1): the chance that each sentence answers, the logistic of the weighted sum of its FEATURES, which
    all have the same names, and `bias`.
    """
    weight = np.array([weights.get(name, 0.0) for name in features[0]])  # [features]
    sums = np.array([list(row.values()) for row in features]) @ weight + weights.get("bias", 0.0)
    return 1 / (1 + np.exp(-sums))


def term_matches(
    reading: Reading, texts: Sequence[str], sense: WordSense, weights: Mapping[str, float], soft: int
) -> np.ndarray:
    """f64[n, terms]: 1 where a text has the term's stem, `kin` a related word's; in the first SOFT else 0 to .9.

    There it is how near its nearest word lies. Numbers are the same or different.
    """
    result = np.zeros((len(texts), len(reading.terms)))
    kin = [{stem(w) for w in reading.related.get(term, ())} for term in reading.terms]
    for row, text in enumerate(texts):
        stems = set(content_stems(text))
        for column, term in enumerate(reading.terms):
            result[row, column] = (
                1.0 if term in stems else weights["kin"] if not stems.isdisjoint(kin[column]) else 0.0
            )
    used = set(reading.terms)  # a word that is one term does not stand for another: "dog" is no breed
    compared = [[w for w in comparable(text) if stem(w) not in used] for text in texts[:soft]]
    vocabulary = list(dict.fromkeys(w for words in compared for w in words))
    if not vocabulary or not reading.terms:
        return result
    near = sense.vectors(list(reading.words)) @ sense.vectors(vocabulary).T  # [terms, vocabulary]
    likeness = 0.9 * np.clip((near - weights["related"]) / (weights["same"] - weights["related"]), 0, 1)
    likeness = np.maximum(likeness, _alike(reading.words, vocabulary, near, weights["kin"]))
    likeness[[term[0].isdigit() for term in reading.terms]] = 0.0
    place = {word: at for at, word in enumerate(vocabulary)}
    for row, words in enumerate(compared):
        if words:
            result[row] = np.maximum(result[row], likeness[:, [place[w] for w in words]].max(1))
    return result


COMPOUND = 0.35  # cosine of two words, of which one begins with the other, from which they share a meaning


def _alike(words: Sequence[str], vocabulary: Sequence[str], near: np.ndarray, kin: float) -> np.ndarray:
    """f64[words, vocabulary]: .9 where one is short for the other, KIN where one begins with the other ("wing",
    "wingman") and they are NEAR in meaning, else 0.
    """
    made = np.zeros(near.shape)
    for row, word in enumerate(words):
        for column, other in enumerate(vocabulary):
            if word[0] != other[0]:
                continue
            if short_for(word, other) or short_for(other, word):
                made[row, column] = 0.9
            elif (
                min(len(word), len(other)) > 3
                and near[row, column] >= COMPOUND
                and (word.startswith(other) or other.startswith(word))
            ):
                made[row, column] = kin
    return made


def choose(
    ranked: Sequence[Evidence], count: int, diversity: float, duplicate: float, per_author: int = 2
) -> list[Evidence]:
    """At most COUNT of RANKED by maximal marginal relevance (Carbonell & Goldstein 1998), no near-duplicates.

    Each next one maximises (1 − DIVERSITY)·score − DIVERSITY·(greatest cosine with one chosen); a cosine of
    DUPLICATE or more excludes it, and so do PER-AUTHOR sentences of its author already chosen.
    """
    chosen: list[Evidence] = []
    left = list(ranked)
    nearest = np.zeros(len(left))
    vectors = np.stack([e.vector for e in left]) if left else np.zeros((0, 1))
    scores = np.array([e.score for e in left])
    open_ = np.ones(len(left), dtype=bool)
    while len(chosen) < count and open_.any():
        value = np.where(open_, (1 - diversity) * scores - diversity * nearest, -np.inf)
        at = int(value.argmax())
        chosen.append(left[at])
        nearest = np.maximum(nearest, vectors @ vectors[at])
        open_ &= nearest < duplicate
        open_[at] = False
        author = left[at].message.author
        if sum(e.message.author == author for e in chosen) >= per_author:
            open_ &= np.array([e.message.author != author for e in left])
    return chosen


def independent_authors(authors: Sequence[str], vectors: Sequence[np.ndarray], duplicate: float) -> list[str]:
    """Those of AUTHORS who say it in words of their own: sentences with near-duplicate VECTORS count as one voice."""
    rows = np.stack(vectors) if len(vectors) else np.zeros((0, 1))
    same = rows @ rows.T >= duplicate
    heard: dict[str, None] = {}
    alike = np.zeros(len(rows), dtype=bool)  # to what one of them said
    for at, author in enumerate(authors):
        if author not in heard and not alike[at]:
            heard[author] = None
            alike |= same[at]
    return list(heard)
