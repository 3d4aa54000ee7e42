"""What a sentence wants of a quantity: more (+), less (−), in [−1, 1]; and which way a question asks.

A sentence's attitude is composed: the direction of a cue ("increase", "nerf", "easier") times the polarity of
what stands around it (a wish, a refusal, a complaint, praise). A contrast of embeddings alone cannot do this:
"make it harder" and "it is too hard" lie closer to each other than to anything else (60 % of hand-written
sentences right, where the composition has 90 %).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chorus.kernels.answer.idioms import joined, verdict
from chorus.kernels.answer.lexicon import (
    AGAINST,
    CAUSES,
    COMPLAINS,
    DETERMINERS,
    DOMAINS,
    DOWN,
    EXCESS,
    FEELS,
    GAINS,
    HARMS,
    HIGH,
    INVERSE,
    KEEPS,
    LEAVING,
    LOSSES,
    LOW,
    MILD,
    NEGATIONS,
    OPENERS,
    OVERDUE,
    PRESSING,
    RELISHED,
    SIZES,
    SUPPOSING,
    THREATENING,
    UP,
    WISH,
)
from chorus.kernels.answer.words import stem, tokens

_CLAUSE = re.compile(
    r"[,;:!?()\n—–]+|\s-+\s|\.(?=\s|$)|\b(?:but|because|although|though|however)\b", re.IGNORECASE
)
_BEFORE = 5  # words before a cue that may be its wish or its negation
_LEFT = -0.8  # what somebody makes of a thing that they leave over
_FAR = 8  # words between a cue and the topic in another clause
_INVERSE = [(nouns, frozenset(map(stem, topics))) for nouns, topics in INVERSE]
_DOMAINS = [(words, frozenset(map(stem, words))) for words in DOMAINS]


@dataclass(frozen=True)
class Cue:
    """A word with a direction: its place in its clause, where its phrase begins, which way it points, the
    attitude it already has (0: none).
    """

    at: int
    start: int
    direction: int
    attitude: float


def _clauses(sentence: str) -> list[list[str]]:
    parts = (tokens(part) for part in _CLAUSE.split(joined(sentence)))
    return [_wanted(part) for part in parts if part]


def _wanted(words: list[str]) -> list[str]:
    """WORDS up to "than": what follows is only what they are held against ("easier fights than more lives")."""
    return words[: words.index("than")] if "than" in words[1:] else words


def direction(text: str) -> int:
    """Which way TEXT moves something: +1 more, −1 less, 0 not said. "would they like a nerf" → −1; "more forgiving" and
    "suppose it had an easy mode" are less.
    """
    score = levels = 0
    for words in _clauses(text):
        for at, word in enumerate(words):
            turned = -1 if any(w in NEGATIONS for w in words[max(0, at - 2) : at]) else 1
            level = (word in HIGH) - (word in LOW)
            graded = _GRADES.get(words[at - 1], 0) if at else 0
            if graded and (level or moves(word)):
                score += turned * (
                    graded * (level or moves(word)) - graded
                )  # instead of what the grade alone said
                continue
            score += turned * moves(word)
            if level and word not in SIZES and not any(w in EXCESS for w in words[max(0, at - 2) : at]):
                levels += turned * level
    return int(np.sign(score or (levels if _SUPPOSES.search(text) else 0)))


def excess(text: str) -> int:
    """What follows from the judgement that TEXT names: −1 of "too hard", "overpriced" and "do they find it hard", to
    have less, +1 of "too easy", 0 without one. "Not hard enough" is too easy.
    """
    for words in _clauses(text):
        for at, word in enumerate(words):
            level = (word in HIGH) - (word in LOW)
            if level and at and words[at - 1] in EXCESS:
                return -level
            if level and words[at + 1 : at + 2] == ["enough"] and _negated(words, at, 4):
                return level
            if word in COMPLAINS:
                return COMPLAINS[word]
        if _JUDGED.search(" ".join(words)):
            return (words[-1] in LOW) - (words[-1] in HIGH - SIZES)
    return 0


_JUDGED = re.compile(
    r"\b(?:find|finds|consider|considers|call|calls|seen as|seem|seems) (?:[\w'-]+ ){1,6}?[\w'-]+$"
)
_GRADES = {"more": 1, "less": -1, "fewer": -1}
_SUPPOSES = re.compile(
    r"\b(?:suppos(?:e|ing)|imagine|what if|if (?:we|the|there|they)|were to|would they|react|how would)\b"
    r"|^\W*(?:would|should)\b",
    re.I,
)


# Of what stands in the tables as a participle, the other forms: "dumbing" as "dumbed". Short stems would be of other
# words.
_UP_STEMS, _DOWN_STEMS = (
    frozenset(stem(w) for w in words if w.endswith(("ed", "ing")) and len(stem(w)) > 3)
    for words in (UP, DOWN)
)


def moves(word: str) -> int:
    """Which way WORD moves something, in whatever form of a verb: 1 of "ramping", −1 of "nerfed", else 0."""
    if word in UP or word in DOWN:
        return (word in UP) - (word in DOWN)
    if not word.endswith("ing"):
        return 0
    return (stem(word) in _UP_STEMS) - (stem(word) in _DOWN_STEMS)


def attitude(
    sentence: str,
    tone: float,
    topic: frozenset[str] = frozenset(),
    rest_weight: float = 0.6,
    judged: bool = False,
) -> float:
    """How far SENTENCE asks for more (+1) or less (−1) of TOPIC (stems); TONE in [−1, 1] is its tone. JUDGED: a level
    that it names speaks for itself, "it is not that hard" for more, and without any cue it says nothing.

    The mean over its cues, those nearer to a word of TOPIC counting more; cues that can only be about something
    else count nothing. Without any cue, to like a thing is to want it kept: REST_WEIGHT·tone.
    """
    clauses = _clauses(sentence)
    everything = {word for clause in clauses for word in clause}
    leaves = bool(everything & LEAVING and everything & CAUSES)
    made_of_it = _LEFT if leaves else verdict(sentence, tone)
    found: list[tuple[float, float]] = []  # (attitude, weight)
    for number, clause in enumerate(clauses):
        places = [at for at, word in enumerate(clause) if stem(word) in topic]
        beside = [word for other in clauses[:number] + clauses[number + 1 :] for word in other]
        for cue in _cues(clause):
            if not places and _foreign(clause[cue.at], topic):
                continue
            near = _nearest(cue.at, places)
            supposed = 0.9 * cue.direction * _follows(clause, cue.at, beside)
            told = _level_told(clause, cue) if judged else 0
            value = _turned(clause, cue, topic) * (supposed or told or _weigh(clause, cue, made_of_it))
            found.append((value, 1 / (1 + near / 3)))
    strong = [(value, weight) for value, weight in found if abs(value) >= 0.3] or found
    total = sum(weight for value, weight in strong if value)
    if not total:
        return 0.0 if judged else float(rest_weight * tone)
    return float(np.clip(sum(value * weight for value, weight in strong) / total, -1, 1))


def _level_told(words: list[str], cue: Cue) -> int:
    """What the level that CUE names says by itself: −1 of "it is hard", +1 of "it is not that hard"; 0 of what moves or
    is wished for.
    """
    level = (words[cue.at] in HIGH) - (words[cue.at] in LOW)
    before = words[max(0, cue.at - 3) : cue.at]
    if not level or any(word in WISH for word in before) or words[-1] in PRESSING:
        return 0
    return level if _negated(words, cue.at, 4) else -level


def _foreign(word: str, topic: frozenset[str]) -> bool:
    """Whether WORD speaks of one domain only and TOPIC of others only: "cheaper" is no matter of difficulty."""
    domains = [stems for words, stems in _DOMAINS if word in words]
    return bool(domains) and any(topic & stems for _, stems in _DOMAINS) and not topic & domains[0]


def _turned(words: list[str], cue: Cue, topic: frozenset[str]) -> int:
    """−1 where the cue is nearer to a thing of which there is more when there is less of TOPIC than to TOPIC."""
    for nouns, of in _INVERSE:
        there = [at for at, word in enumerate(words) if word in nouns and not _negated(words, at, 2)]
        if topic & of and there:
            named = [
                at
                for at, word in enumerate(words)
                if stem(word) in topic and at not in there and at != cue.at
            ]
            return -1 if _nearest(cue.at, there) < _nearest(cue.at, named) else 1
    return 1


def _nearest(at: int, places: Sequence[int]) -> int:
    return min((abs(at - place) for place in places), default=_FAR)


def _cues(words: list[str]) -> list[Cue]:
    """Every directed word of a clause, with the attitude that its own neighbours already decide."""
    cues: list[Cue] = []
    for at, word in enumerate(words):
        level = (word in HIGH) - (word in LOW)
        if at and words[at - 1] in ("more", "less", "fewer") and (level or moves(word)):
            up = cues[-1].direction * (level or moves(word))  # "less forgiving" is up
            cues[-1] = Cue(at, at - 1, up, 0.0)
        elif word in COMPLAINS and not _negated(words, at, 2):
            cues.append(Cue(at, at, COMPLAINS[word], 0.9 * COMPLAINS[word]))
        elif level:
            moved = bool(cues) and at - cues[-1].at <= 4 and moves(words[cues[-1].at]) != 0
            cues += _level(words, at, level, moved)
        elif moves(word):
            cues.append(Cue(at, at, moves(word), 0.0))
    return cues


def _level(words: list[str], at: int, level: int, moved: bool) -> list[Cue]:
    """ "too hard" and "a bit pricey" ask for less, "not hard enough" for more; "wish it was hard" for that level.

    What was MOVED shortly before only says what: "lower the high prices".
    """
    before = words[max(0, at - 2) : at]
    if at + 1 < len(words) and words[at + 1] == "enough":
        return [Cue(at, at, level, float(level) if _negated(words, at, 3) else 0.0)]
    if any(w in EXCESS for w in before) and not _negated(words, at, 4):
        return [Cue(at, at, level, -float(level))]
    mild = MILD if words[at] in RELISHED else MILD | FEELS
    if any(w in mild for w in before) and not _negated(words, at, 4):
        return [Cue(at, at, level, -0.6 * level)]
    wished = words[-1] in PRESSING or any(w in WISH for w in words[max(0, at - 3) : at])
    grades = at + 1 < len(words) and (
        words[at + 1] in ("more", "less") or moves(words[at + 1])
    )  # "a little more"
    if moved or (words[at] in SIZES and (grades or not wished)):  # "bring back the strict limits"
        return []
    return [Cue(at, at, level, 0.0)]


def _negated(words: list[str], at: int, reach: int) -> bool:
    return any(w in NEGATIONS for w in words[max(0, at - reach) : at])


def _weigh(words: list[str], cue: Cue, tone: float) -> float:
    """The attitude of one cue in its clause."""
    if cue.attitude:
        return cue.attitude
    level = cue.start == cue.at and not moves(words[cue.at])
    before = words[max(0, cue.start - (3 if level else _BEFORE)) : cue.start]
    minds = "mind" in words[: cue.start]  # "I don't mind" is consent
    if any(w in AGAINST for w in before) and not minds:
        return -0.9 * cue.direction
    if any(w in OVERDUE for w in words[cue.at + 1 :]) and not _negated(words, len(words), len(words)):
        return 0.9 * cue.direction  # "the nerf was needed"
    if "would" in words and not minds and _harms(words, tone):
        return -0.9 * cue.direction
    wished = (
        any(w in WISH for w in before)
        or (level and "keep" in before)
        or "would" in words
        or (minds and _negated(words, cue.at, cue.at))
    )
    if wished or words[-1] in PRESSING or (not level and _orders(words, cue.at, tone)):
        return (-0.9 if _negated(words, cue.at, _BEFORE) and not minds else 0.9) * cue.direction
    return cue.direction * tone


def _follows(words: list[str], at: int, beside: list[str]) -> int:
    """What is said to follow from the move AT that WORDS suppose: +1 good, −1 bad, 0 nothing supposed or not told.

    "If they make it harder I quit", "raise it again and you lose me" are against it; "unless" and a negation turn
    it about. BESIDE are the words of the other clauses: "I am out, if …".
    """
    opened = [place for place, word in enumerate(words[:at]) if word in SUPPOSING]
    if opened:
        start = opened[-1]
        if words[start - 1 : start] in (["even"], ["what"], ["as"]) or words[start + 1] == "only":
            return 0  # "even if", "what if", "if only" tell of no consequence
        turned = words[start] == "unless" or _negated(words, at, at - start)
        consequence = words[:start] + words[at + 1 :] + beside
    else:
        then = [p for p in range(at + 1, len(words) - 1) if words[p] == "and" and words[p + 1] in THREATENING]
        if not then or (at and words[0] not in OPENERS | WISH):  # no order: "it is harder and I left"
            return 0
        turned, consequence = False, words[then[0] + 1 :]
    told = _told(consequence)
    return -told if turned else told


def _told(words: list[str]) -> int:
    """Whether WORDS tell of a loss (−1), of a gain (+1) or of neither (0); the first that does decides."""
    for at, word in enumerate(words):
        gain = (word in GAINS) - (word in LOSSES)
        if gain:
            return -gain if gain > 0 and _negated(words, at, 4) else gain
    return 0


def _harms(words: list[str], tone: float) -> bool:
    """Whether what WORDS say "would" follow is bad: "raising it again would kill this game", not "would keep me
    here"; where they do not tell, the TONE does.
    """
    after = words[words.index("would") + 1 :]
    if any(w in HARMS for w in after):
        return True
    return tone < -0.3 and not any(w in KEEPS or w in UP or w in DOWN for w in after)


def _orders(words: list[str], at: int, tone: float) -> bool:
    """Whether the move AT is an imperative: "honestly lower the price"; "Harder bosses" orders where the TONE is
    glad, "Higher prices, I am furious" reports.
    """
    word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word.endswith(("ing", "ed")) or (word.endswith("s") and not word.endswith("ss")):
        return False
    if not all(w in OPENERS for w in words[:at]):
        return words[at - 1] in ("and", "ahead") and following in DETERMINERS
    compares = word in ("more", "less", "fewer", "extra") or word.endswith("er")
    return not compares or tone > 0 or (word == "lower" and following in DETERMINERS)


def attitudes(
    sentences: Sequence[str],
    tones: Sequence[float],
    topic: frozenset[str] = frozenset(),
    rest_weight: float = 0.6,
    judged: bool = False,
) -> np.ndarray:
    """`attitude` of each of SENTENCES, f32[n]."""
    pairs = zip(sentences, tones, strict=True)
    return np.array([attitude(s, float(t), topic, rest_weight, judged) for s, t in pairs], dtype=np.float32)
