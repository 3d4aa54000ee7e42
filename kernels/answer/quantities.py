"""Whether a text names the quantity that a question asks for: a number of those things, or one in that dimension."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from chorus.kernels.answer.numerals import LABEL, NUMERAL, SPANS
from chorus.kernels.answer.words import KEPT, STOP, stem, tokens

# Units by what is measured. Money is missing: what a thing costs is told in whatever a game has for coins.
UNITS = {
    "speed": "km/h kmh kph mph knot m/s per times",
    "length": "m km cm mm metre meter kilometre kilometer centimetre foot feet ft inch mile yard tile block step pace"
    " floor story storey stair league fathom percent",
    "weight": "kg kilo kilogram gram g pound lb lbs stone ton tonne t ounce oz",
}
_UNITS = {name: frozenset(map(stem, words.split())) for name, words in UNITS.items()}
_DIMENSIONS = (
    ("speed", re.compile(r"\bhow (?:fast|quick)\b|\b(?:what|which) speed\b")),
    (
        "length",
        re.compile(
            r"\bhow (?:far|high|tall|wide|deep)\b"
            r"|\bwhat(?: is|'s) the (?:\w+ )?(?:height|depth|width|distance|range|radius|reach)\b"
        ),
    ),
    ("weight", re.compile(r"\bhow heavy\b|\bweighs?\b|\bwhat(?: is|'s) the weight\b")),
)
_MANY = re.compile(r"\b(?:how many|(?:what|which)(?: is|'s)? the number of)(?P<things>(?: [\w-]+){1,3})")
_TIMES = frozenset(
    map(stem, [*SPANS, *"season o'clock am pm utc cet morning evening afternoon noon dawn dusk".split()])
)
# What stands for any thing that is counted: of mounts one says "seven places".
_ANY = frozenset(map(stem, "place slot piece item unit more max maximum total per each".split()))
_COUNT = re.compile(
    rf"(?<![\d.:#\w-])(?P<label>(?:(?:{LABEL})\.?\s*#?\s*|[#v.:])?)"
    rf"(?P<number>(?!0\d)\d+(?:[.,]\d+)*|{NUMERAL}|\b(?:both|a pair of|a single)\b)"
    r"(?P<hour>[:h]\d\d|\s?(?:am|pm|h|s|%)\b|st\b|nd\b|rd\b|th\b)?(?P<unit>[a-z]{1,3}(?:/[hs])?\b)?"
    r"(?P<after>(?:[\s-]+[^\W\d_][\w'/-]*){1,3})?",
    re.IGNORECASE,
)
_RATE = frozenset("a an per each every".split())
_FREQUENCY = re.compile(r"\b(?:once|twice|\w+ times) (?:an?|per|each|every) \w+", re.IGNORECASE)
_NONE = re.compile(
    r"\b(?:none|zero|unlimited|infinite\w*|no limit|as many as|(?:only|just|exactly) one|one (?:per|each|of|for))\b",
    re.I,
)


class Wanted(NamedTuple):
    """What is to be counted or measured: one of UNITS, or THINGS by their stems, or neither: any number will do."""

    dimension: str | None = None
    things: frozenset[str] = frozenset()


@lru_cache(KEPT)
def quantity(question: str) -> Wanted:
    """What QUESTION, one for a number, wants to have counted or measured."""
    low = question.lower()
    dimension = next((name for name, pattern in _DIMENSIONS if pattern.search(low)), None)
    many = _MANY.search(low)
    things = [word for word in tokens(many["things"]) if word not in STOP] if many else []
    return Wanted(dimension, frozenset(map(stem, things)))


@lru_cache(KEPT)
def tells_quantity(text: str, wanted: Wanted, foreign: bool = False) -> bool:
    """Whether TEXT has a number of what is WANTED: a bare one, or one before its things or a unit of its dimension.
    Twelve pearls are no number of passengers, page two is no number at all, and half past eight no speed. FOREIGN: what
    TEXT answers asks for another measure, and so a bare number is one of that.
    """
    said = text if wanted.dimension == "speed" else _FREQUENCY.sub(" ", text)
    return _NONE.search(said) is not None or any(
        not found["label"]
        and not found["hour"]
        and _fits(_measure(found["unit"]) + (found["after"] or ""), wanted, foreign)
        for found in _COUNT.finditer(said)
    )


def _measure(unit: str | None) -> str:
    """UNIT, letters right behind a number, where they are a measure ("200m"); others may stand for the thing itself."""
    return unit if unit and any(stem(unit.lower()) in known for known in _UNITS.values()) else ""


def _fits(after: str, wanted: Wanted, foreign: bool) -> bool:
    """Whether what stands AFTER a number lets it be one of what is WANTED; FOREIGN as in `tells_quantity`."""
    words = re.findall(r"[\w'/]+", after.lower())
    counted = list(takewhile(lambda word: word not in _RATE, words))  # "ten coins a day": no days
    named = set(map(stem, counted))
    if wanted.dimension != "speed" and not named.isdisjoint(_TIMES) and named.isdisjoint(wanted.things):
        return False
    if not counted or (counted[0] in STOP and not _measure(counted[0])):
        return not foreign
    if not (wanted.dimension or wanted.things):
        return True
    allowed = _UNITS[wanted.dimension] if wanted.dimension else wanted.things | _ANY
    return not allowed.isdisjoint(map(stem, words))
