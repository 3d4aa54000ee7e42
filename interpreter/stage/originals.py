"""What was written for what macros have made of it: forms that people are shown are those of their text."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import Span
from chorus.runtime.values import Pair, SourcePair

MOST = 1_000
ORIGINALS: dict[int, tuple[Any, Any]] = {}  # id of what a macro made → that, and what it was made of


def standing_for(form: Any, made: Pair, span: Span) -> Pair:
    """MADE as if it were written at SPAN, where FORM is."""
    standing = SourcePair(made.car, made.cdr, span, made.car_span)
    if len(ORIGINALS) >= MOST:
        ORIGINALS.clear()
    ORIGINALS[id(standing)] = standing, original(form)
    return standing


def original(form: Any) -> Any:
    """The form that FORM, which a macro has just made, stands for; any other is its own."""
    made, found = ORIGINALS.get(id(form), (None, None))
    return found if made is form else form
