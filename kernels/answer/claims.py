"""What a short answer claims in figures, in one measure: two answers can then be seen to contradict each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chorus.kernels.answer.numerals import LABEL, SECONDS, in_figures

_NUMBER = r"(?<![\w.:#])(\d+(?:\.\d+)?)"
_SPAN = re.compile(
    rf"{_NUMBER}(?:\s*(?:-|–|to|or)\s*(\d+(?:\.\d+)?))?[\s-]?({'|'.join(sorted(SECONDS, key=len, reverse=True))})s?\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"{_NUMBER}(?!\w)(?!\.\d)(?!\s?%)")
_LABELLED = re.compile(rf"\b(?:{LABEL})\.?\s*#?\d[\d.]*|#\d+", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\d.:])(\d{1,2})(?:[:.h](\d\d))?\s?(am|pm)\b|(?<![\d.:])(\d{1,2}):(\d\d)\b", re.IGNORECASE
)
_HALF = re.compile(r"\bhalf past (\d{1,2})\b|(?<=\bat )(\d{1,2}) o'?clock\b", re.IGNORECASE)
_EVENING = re.compile(r"\b(?:evening|night|afternoon|pm)\b", re.IGNORECASE)
_DAY = re.compile(
    r"\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(today|tomorrow|yesterday)\b"
    r"|\b(january|february|march|april|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_YES = re.compile(r"^\W*(?:yes|yeah|yep|yup|sure|of course|definitely|indeed)\b", re.IGNORECASE)
_NO = re.compile(
    r"^\W*(?:no|nope|nah|never|not (?:any|at all|yet|possible))\b(?! (?:idea|clue|problem|worries))", re.I
)
_ASKS_WHETHER = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|can|could|will|has|have|may|must|should)\b", re.IGNORECASE
)


def claims(text: str, expects: str | None, question: str = "") -> frozenset[str]:
    """What TEXT claims in answer to a QUESTION that EXPECTS a duration, a number, an amount or a time, or one of
    whether; empty where that does not show plainly. "Every six hours" and "6h" claim the same.
    """
    said = in_figures(text)
    if expects == "duration":
        return _durations(said)
    if expects in ("number", "amount"):
        return _numbers(said)
    if expects == "time":
        return _moments(said)
    if expects is None and _ASKS_WHETHER.search(question):
        return frozenset(["yes"] * bool(_YES.search(text)) + ["no"] * bool(_NO.search(text)))
    return frozenset()


def sides(said: Sequence[frozenset[str]]) -> list[int | None]:
    """Which side each of SAID, claims, is on, from 0, None for what claims nothing; claims with a part in common, even
    by way of a third, are one side.
    """
    groups: list[set[str]] = []
    for claim in filter(None, said):
        joined = set(claim).union(*(group for group in groups if group & claim))
        groups = [group for group in groups if not group & claim] + [joined]
    return [next((at for at, group in enumerate(groups) if group & claim), None) for claim in said]


def _durations(text: str) -> frozenset[str]:
    found = set()
    for low, high, unit in _SPAN.findall(text):
        found |= {f"{float(n) * SECONDS[unit.lower()]:g}s" for n in (low, high) if n}
    return frozenset(found)


def _numbers(text: str) -> frozenset[str]:
    plain = _LABELLED.sub(" ", _CLOCK.sub(" ", _SPAN.sub(" ", re.sub(r"(?<=\d),(?=\d{3})", "", text))))
    return frozenset(f"{float(n):g}" for n in _PLAIN.findall(plain))


def _moments(text: str) -> frozenset[str]:
    """Days where TEXT names some, else times of the day: of a day and an hour the day alone is compared."""
    days = {next(filter(None, found)).lower() for found in _DAY.findall(text)}
    if days:
        return frozenset(days)
    found = set()
    for hour, minute, half, plain_hour, plain_minute in _CLOCK.findall(text):
        at = int(hour or plain_hour) % (12 if half else 24) + 12 * (half.lower() == "pm")
        found.add(f"{at}:{int(minute or plain_minute or 0):02}")
    late = 12 if _EVENING.search(text) else 0
    for half_past, full in _HALF.findall(text):
        at = int(half_past or full)
        found.add(f"{at + late if at < 12 else at}:{30 if half_past else 0:02}")
    return frozenset(found)
