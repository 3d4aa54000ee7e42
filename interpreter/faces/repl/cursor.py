"""What stands around the cursor: the call it is in, and the word it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chorus.interpreter.formatter import TOKEN

WORD = re.compile(r"[^\s()\[\]{}\"';`,]*\Z")


@dataclass(frozen=True)
class Call:
    """The innermost unclosed call before the cursor: its head and how many arguments are already there."""

    head: str
    arguments: int


def word_before(text: str) -> str:
    """The atom that the cursor ends, perhaps empty."""
    match = WORD.search(text)
    return match.group() if match else ""


def enclosing_calls(text: str) -> list[Call]:
    """Calls open at the end of TEXT, outermost first; empty inside a string or comment."""
    stack: list[list[str]] = []
    for token in TOKEN.finditer(text):
        kind, piece = token.lastgroup, token.group()
        if kind == "open":
            if stack:
                stack[-1].append("()")
            stack.append([])
        elif kind == "close" and stack:
            stack.pop()
        elif (kind == "string" and (len(piece) == 1 or not piece.endswith('"'))) or (
            kind == "comment" and token.end() == len(text)
        ):
            return []
        elif kind in ("atom", "string", "char") and stack:
            stack[-1].append(piece)
    return [Call(items[0], len(items) - 1) for items in stack if items and items[0] != "()"]
