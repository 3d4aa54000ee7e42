"""Where the time of one entry at the prompt went: reading, planning, the engine, models. Off until asked for.

For a process in which one person waits for one answer: the sums are the process's, not a session's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

PARTS = ("read", "plan", "SQL", "model")
_spent: dict[str, float] | None = None
_within = False  # a part within another is the outer one's


def watch() -> None:
    """Begin to note."""
    global _spent, _within
    _spent, _within = dict.fromkeys(PARTS, 0.0), False


def taken() -> dict[str, float]:
    """Seconds by part since `watch`, those that took any; nothing is noted from here on."""
    global _spent
    found, _spent = _spent or {}, None
    return {part: seconds for part, seconds in found.items() if seconds}


@contextmanager
def spending(part: str) -> Iterator[None]:
    """What is done within, or what a procedure does that this decorates, is spent on PART."""
    global _within
    if _spent is None or _within:
        yield
        return
    _within = True
    began = time.perf_counter()
    try:
        yield
    finally:
        _within = False
        if _spent is not None:
            _spent[part] += time.perf_counter() - began
