"""Numbers and spans of time in words: what they are worth, and what marks the number of one thing."""

from __future__ import annotations

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
VALUES = {word: value for value, word in enumerate(_ONES.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), 2)
}
SCALES = {"hundred": "00", "thousand": "000", "million": "000000"}
DIGIT = "|".join(_ONES.split()[1:10])
TEN = "|".join(_TENS.split())
# "Zero" is none, and "one" is as often no number: "the one", "one of them".
_MORE_THAN_ONE = [word for word, value in VALUES.items() if value > 1] + [*SCALES, "dozen", "half", "twice"]
NUMERAL = rf"\b(?:{'|'.join(_MORE_THAN_ONE)}|double|couple)\b"

# A span of time: its seconds, and what it is called for short.
_SPANS = {
    "second": (1, "sec s"),
    "minute": (60, "min m"),
    "hour": (3600, "hr h"),
    "day": (86400, "d"),
    "night": (86400, ""),
    "week": (604800, ""),
    "fortnight": (1209600, ""),
    "month": (2592000, ""),
    "year": (31536000, ""),
}
SECONDS = {name: seconds for span, (seconds, short) in _SPANS.items() for name in (span, *short.split())}
SPANS = [name for name in SECONDS if len(name) > 1]  # "m" is a metre as well

# "Page two", "season 3", "a level of 40": the number of one thing, not a number of things.
LABEL = (
    r"number|no|nr|page|chapter|level|lvl|tier|rank|door|room|floor|step|stage|phase|row|line|column|port|channel|version"
    r"|patch|season|round|option|wave|skill|gate|act|part|id|month|week|day"
)

_SPELLED = re.compile(
    rf"\b(?P<tens>{TEN})[ -](?P<ones>{DIGIT})\b|\b(?P<plain>{'|'.join(VALUES)})\b|\b(?P<dozen>(?:a |one )?dozen)\b"
    rf"|\b(?:an?|one)(?= (?:{'|'.join(_SPANS)})\b)",
    re.IGNORECASE,
)
_SCALED = re.compile(rf"(?<=\d) ({'|'.join(SCALES)})\b|(?<=\d)(k)\b", re.IGNORECASE)


def in_figures(text: str) -> str:
    """TEXT with its numbers in figures: "twenty-two", "a dozen", "3k" and "an hour" as 22, 12, 3000 and 1 hour."""
    spelled = _SPELLED.sub(_figure, text)
    return _SCALED.sub(lambda found: SCALES.get((found[1] or "thousand").lower(), ""), spelled)


def _figure(found: re.Match[str]) -> str:
    if found["tens"]:
        return str(VALUES[found["tens"].lower()] + VALUES[found["ones"].lower()])
    if found["dozen"]:
        return "12"
    return str(VALUES[found["plain"].lower()]) if found["plain"] else "1"
