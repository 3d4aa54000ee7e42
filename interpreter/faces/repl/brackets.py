"""Brackets at the prompt: the one at the cursor is shown with its match, those that match nothing are marked."""

from __future__ import annotations

from functools import lru_cache

from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments

from chorus.interpreter.formatter import TOKEN

CLOSER_OF = {"(": ")", "[": "]", "{": "}"}


@lru_cache(maxsize=4)
def matches(text: str) -> tuple[dict[int, int], frozenset[int]]:
    """(position of each matched bracket → position of its match, closers without a match).

    Brackets in strings, comments and characters are text. An opener that still waits is no fault while typing.
    """
    pairs: dict[int, int] = {}
    stray: set[int] = set()
    waiting: list[tuple[int, str]] = []
    for token in TOKEN.finditer(text):
        if token.lastgroup == "open":
            waiting.append((token.end() - 1, CLOSER_OF[token.group()[-1]]))
        elif token.lastgroup == "close":
            at = token.start()
            if waiting and waiting[-1][1] == token.group():
                opener, _ = waiting.pop()
                pairs[opener], pairs[at] = at, opener
            else:
                stray.add(at)
        elif token.lastgroup == "block":
            break  # inside a block comment nothing is code; it is rare at a prompt
    return pairs, frozenset(stray)


def at_cursor(pairs: dict[int, int], cursor: int) -> tuple[int, ...]:
    """The bracket under the cursor, or else the one just before it, with its match."""
    for at in (cursor, cursor - 1):
        if at in pairs:
            return at, pairs[at]
    return ()


class BracketProcessor(Processor):
    """Paints one line of the input."""

    def apply_transformation(self, given: TransformationInput) -> Transformation:
        pairs, stray = matches(given.document.text)
        styles = dict.fromkeys(stray, " class:bracket.stray ")
        styles |= dict.fromkeys(at_cursor(pairs, given.document.cursor_position), " class:bracket.match ")
        start = given.document.translate_row_col_to_index(given.lineno, 0)
        length = len(given.document.lines[given.lineno])
        here = {at - start: style for at, style in styles.items() if start <= at < start + length}
        if not here:
            return Transformation(given.fragments)
        pieces = explode_text_fragments(given.fragments)
        for at, style in here.items():
            position = given.source_to_display(at)
            if position < len(pieces):
                old, letter, *_ = pieces[position]
                pieces[position] = (old + style, letter)
        return Transformation(pieces)
