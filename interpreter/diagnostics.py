"""Errors as people and programs see them: message, source line, caret, hint, Lisp call stack."""

from __future__ import annotations

from collections.abc import Iterable


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """"did you mean …?" for the closest of CANDIDATES within 2 edits of NAME (1 for short names), or None."""
    return None
