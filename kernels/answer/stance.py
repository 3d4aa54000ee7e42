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

from chorus.kernels.answer.lexicon import (
    AGAINST,
    COMPLAINS,
    DOWN,
    EXCESS,
    HIGH,
    KEEPS,
    LEAVING,
    LOW,
    MILD,
    NEGATIONS,
    OVERDUE,
    PRESSING,
    SIZES,
    UP,
    WISH,
)
from chorus.kernels.answer.words import stem, tokens

_CLAUSE = re.compile(r"[,;:!?()\n—–]+|\.(?=\s|$)|\b(?:but|because|although|though|however)\b", re.IGNORECASE)
_MUST = re.compile(r"\b(?:ha(?:s|ve) (?:got )?to|gotta|ought to)\b", re.IGNORECASE)
_BEFORE = 5  # words before a cue that may be its wish or its negation


@dataclass(frozen=True)
class Cue:
    """A word with a direction: its place in its clause, which way it points, the attitude it already has (0:
    none).
    """

    at: int
    direction: int
    attitude: float


# Phrases that move or judge a quantity, as one word that the tables know.
_PHRASES = (
    (re.compile(r"\b(?:go(?:es|ing)?|went|gone|come|crank|turn|dial|bring|brought|push) up\b", re.I), "increase"),
    (re.compile(r"\b(?:go(?:es|ing)?|went|gone|come|turn|dial|tone|toned) down\b", re.I), "reduce"),
    (re.compile(r"\b(?:bring|turn|dial|tone|get|take) ((?:\w+ ){1,3})down\b", re.I), r"reduce \1"),
    (re.compile(r"\b(?:bring|turn|dial|crank|push) ((?:\w+ ){1,3})up\b", re.I), r"increase \1"),
    (re.compile(r"\b(?:do|does|did|doing|deal|deals|dealt) (?:no|zero|barely any|hardly any|little)\b", re.I),
     "underpowered"),
    (re.compile(r"\bhalf (?:of )?(?:the |its |that )?(?=price|cost)", re.I), "halved "),
)  # fmt: skip
# A quantity that is small when another is great: "time to kill is too short" is too much damage.
_INVERSE = (re.compile(r"\b(?:time to kill|ttk)\b", re.I), frozenset({"damag", "weapon", "damage"}))


def _clauses(sentence: str) -> list[list[str]]:
    plain = _MUST.sub("must", sentence)
    for pattern, word in _PHRASES:
        plain = pattern.sub(word, plain)
    parts = (tokens(part) for part in _CLAUSE.split(plain))
    return [part for part in parts if part]


def direction(text: str) -> int:
    """Which way TEXT moves something: +1 more, −1 less, 0 not said. "would they like a nerf" → −1."""
    score = 0
    for words in _clauses(text):
        for at, word in enumerate(words):
            turned = -1 if any(w in NEGATIONS for w in words[max(0, at - 2) : at]) else 1
            score += turned * _moves(word)
    return int(np.sign(score))


def _moves(word: str) -> int:
    return (word in UP) - (word in DOWN)


def attitude(
    sentence: str, tone: float, topic: frozenset[str] = frozenset(), rest_weight: float = 0.6
) -> float:
    """How far SENTENCE asks for more (+1) or less (−1) of TOPIC (stems); TONE in [−1, 1] is its tone.

    The mean over its cues, those nearer to a word of TOPIC counting more. Without any cue, to like a thing is
    to want it kept: REST_WEIGHT·tone.
    """
    clauses = _clauses(sentence)
    everything = [word for clause in clauses for word in clause]
    leaves = any(word in LEAVING for word in everything) and "if" in everything
    judged = -0.8 if leaves else tone
    found: list[tuple[float, float]] = []  # (attitude, weight)
    for clause in clauses:
        turned = -1 if _INVERSE[0].search(" ".join(clause)) and topic & _INVERSE[1] else 1
        places = [at for at, word in enumerate(clause) if stem(word) in topic]
        for cue in _cues(clause):
            near = min((abs(cue.at - at) for at in places), default=8)
            value = -0.8 * cue.direction if leaves and not cue.attitude else _weigh(clause, cue, judged)
            found.append((turned * value, 1 / (1 + near / 3)))
    strong = [(value, weight) for value, weight in found if abs(value) >= 0.3] or found
    total = sum(weight for value, weight in strong if value)
    if not total:
        return float(rest_weight * tone)
    return float(np.clip(sum(value * weight for value, weight in strong) / total, -1, 1))


def _cues(words: list[str]) -> list[Cue]:
    """Every directed word of a clause, with the attitude that its own neighbours already decide."""
    cues: list[Cue] = []
    for at, word in enumerate(words):
        if (
            at
            and words[at - 1] in ("more", "less", "fewer")
            and (word in HIGH or word in LOW or _moves(word))
        ):
            up = word in HIGH or _moves(word) > 0
            cues[-1] = Cue(at, cues[-1].direction * (1 if up else -1), 0.0)  # "less forgiving" is up
        elif word in COMPLAINS and not _negated(words, at, 2):
            cues.append(Cue(at, COMPLAINS[word], 0.9 * COMPLAINS[word]))
        elif word in HIGH or word in LOW:
            level = _level(words, at, 1 if word in HIGH else -1)
            cues += [level] if level else []
        elif _moves(word):
            cues.append(Cue(at, _moves(word), 0.0))
    return cues


def _level(words: list[str], at: int, level: int) -> Cue | None:
    """ "too hard" and "a bit pricey" ask for less, "not hard enough" for more; "wish it was hard" for that
    level.
    """
    before = words[max(0, at - 2) : at]
    if at + 1 < len(words) and words[at + 1] == "enough":
        return Cue(at, level, float(level) if _negated(words, at, 3) else 0.0)
    if any(w in EXCESS for w in before) and not _negated(words, at, 4):
        return Cue(at, level, -float(level))
    if any(w in MILD for w in before) and not _negated(words, at, 4) and words[at] not in ("like", "good"):
        return Cue(at, level, -0.6 * level)
    wished = words[-1] in PRESSING or any(w in WISH for w in words[max(0, at - 3) : at])
    return (
        None if words[at] in SIZES and not wished else Cue(at, level, 0.0)
    )  # "bring back the strict limits"


def _negated(words: list[str], at: int, reach: int) -> bool:
    return any(w in NEGATIONS for w in words[max(0, at - reach) : at])


def _weigh(words: list[str], cue: Cue, tone: float) -> float:
    """The attitude of one cue in its clause."""
    if cue.attitude:
        return cue.attitude
    level = words[cue.at] in HIGH or words[cue.at] in LOW
    before = words[max(0, cue.at - (3 if level else _BEFORE)) : cue.at]
    minds = "mind" in before  # "I don't mind" is consent
    if any(w in AGAINST for w in before) and not minds:
        return -0.9 * cue.direction
    if any(w in OVERDUE for w in words[cue.at + 1 :]) and not _negated(words, len(words), len(words)):
        return 0.9 * cue.direction  # "the nerf was needed"
    wished = (
        any(w in WISH for w in before) or "would" in words or (minds and _negated(words, cue.at, _BEFORE))
    )
    orders = cue.at == 0 and not level and not words[0].endswith(("ing", "ed", "s"))
    # "Harder bosses please" orders, "Higher prices, I am furious" reports.
    compares = words[0] in ("more", "less", "fewer") or words[0].endswith("er")
    orders = orders and (not compares or tone > 0)
    if "would" in words and tone < -0.3 and not minds:  # "raising it again would kill this game"
        keeps = any(w in KEEPS for w in words[words.index("would") :])  # "would keep me here"
        return (0.9 if keeps else -0.9) * cue.direction
    if orders or wished or words[-1] in PRESSING:
        return (-0.9 if _negated(words, cue.at, _BEFORE) and not minds else 0.9) * cue.direction
    return cue.direction * tone


def attitudes(
    sentences: Sequence[str],
    tones: Sequence[float],
    topic: frozenset[str] = frozenset(),
    rest_weight: float = 0.6,
) -> np.ndarray:
    """`attitude` of each of SENTENCES, f32[n]."""
    pairs = zip(sentences, tones, strict=True)
    return np.array([attitude(s, float(t), topic, rest_weight) for s, t in pairs], dtype=np.float32)
