"""What people call a version: its number, its hash, what it led to, an instant, a day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.frames.history import History
from chorus.runtime.instants import DAYS, day_called, in_utc, parse_instant
from chorus.runtime.printer import brief

NUMBER = re.compile(r"v?(\d+)")
HASH = re.compile(r"[0-9a-f]{4,64}")
ACCEPTED = 'a version is v3, \'now, \'base, the beginning of its hash, an instant, "2026-01-31", "monday", "yesterday"'
Near = Callable[[str, Iterable[str]], str]
Early = Callable[[dt.datetime], None]  # is told where the history begins, if a time before that will do


def number_of(
    history: History, named: Any, now: dt.datetime, caller: str, near: Near, early: Early | None = None
) -> int:
    """The number of the version NAMED; EvalError `version` with a hint if there is none. What is before the history is
    its beginning if there is an EARLY.
    """
    if named.__class__ is int:
        return _numbered(history, named, caller)
    if isinstance(named, dt.datetime):
        return _at(history, in_utc(named), caller, early)
    text = named if isinstance(named, str) else str(getattr(named, "name", ""))
    word = text.strip().lower()
    if word in ("now", "head"):
        return history.number
    if word == "base":
        return _numbered(history, 0, caller)
    number = NUMBER.fullmatch(word)
    if number and (word[0] == "v" or len(word) < 4):
        return _numbered(history, int(number[1]), caller)
    day = day_called(word, now)
    if day is not None:
        return _at(history, day, caller, early)
    if HASH.fullmatch(word):
        return _hashed(history, word, caller)
    try:
        return _at(history, parse_instant(text), caller, early)
    except ValueError:
        raise _unknown(
            caller, text or named, near(word, [*DAYS, "now", "base", "today", "yesterday"])
        ) from None


def _numbered(history: History, number: int, caller: str) -> int:
    if history.start <= number <= history.number:
        return number
    there = f"v{history.start} to v{history.number}" if history.number else "v0, the language as it came"
    raise EvalError(
        f"{caller}: there is no version v{number}",
        code="version",
        hint=f"there are {there}; (environment-history) lists them",
        irritants=(number,),
    )


def _hashed(history: History, start: str, caller: str) -> int:
    """The newest version whose hash, or whose contents' name, begins with START."""
    found: dict[str, int] = {}
    for version in history.versions:
        for name in (version.hash, history.environment(version)):
            if name.startswith(start):
                found[name] = version.number
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise EvalError(
            f"{caller}: {len(found)} versions begin with {start}",
            code="version",
            hint="write more of the hash",
        )
    raise _unknown(caller, start, "")


def _unknown(caller: str, what: Any, near: str) -> EvalError:
    hint = f"did you mean {near}?" if near else ACCEPTED
    called = what if isinstance(what, str) else brief(what)
    return EvalError(f"{caller}: no version is called {called}", code="version", hint=hint, irritants=(what,))


def _at(history: History, moment: dt.datetime, caller: str, early: Early | None) -> int:
    oldest = history.versions[0].at if history.versions else history.began
    if not history.start:
        oldest = min(oldest, history.began)
    if moment < oldest and early is not None:
        early(oldest)
        return history.start
    if moment < oldest:
        raise EvalError(
            f"{caller}: the history does not go back to {moment.isoformat(timespec='seconds')}",
            code="version",
            hint=f"it begins at {oldest.isoformat(timespec='seconds')}; 'base is what was before",
        )
    return history.at(moment)
