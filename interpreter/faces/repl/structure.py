"""Editing by structure at the prompt: slurp, barf, raise and splice, functions from (text, cursor) to the same.

Brackets in strings, comments and characters are text. Where an edit makes no sense, nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from chorus.interpreter.faces.repl.brackets import CLOSER_OF
from chorus.interpreter.formatter import tokens

Edit = Callable[[str, int], tuple[str, int]]
APART = set(" \t\r\n()[]{}")  # beside these, two elements cannot run into one


@dataclass
class Node:
    """An element of the text from START to END; INNER is where what is in a list begins, -1 if it is none."""

    start: int
    end: int
    inner: int = -1
    closer: str = ""
    parent: Node | None = field(default=None, repr=False)
    items: list[Node] = field(default_factory=list, repr=False)

    @property
    def next(self) -> Node | None:
        """The element after this one, in the same list."""
        if self.parent is None:
            return None
        return next((each for each in self.parent.items if each.start >= self.end), None)


def tree(text: str) -> Node | None:
    """TEXT as the reader sees its brackets; None where one is closed by another's kind."""
    root = top = Node(0, len(text), 0)
    at, prefix = 0, -1
    for token in tokens(text):
        start, at = at, at + len(token.text)
        begin = start if prefix < 0 else prefix
        match token.kind:
            case "space" | "comment" | "block":
                continue
            case "prefix":
                prefix = begin
                continue
            case "open":
                top.items.append(Node(begin, -1, at, CLOSER_OF[token.text[-1]], top))
                top = top.items[-1]
            case "close":
                if top is root or top.closer != token.text:
                    return None
                top.end, top = at, top.parent or root
            case _:
                top.items.append(Node(begin, at, parent=top))
        prefix = -1
    return root


def around(text: str, cursor: int) -> Iterator[Node]:
    """The closed lists around CURSOR, the innermost first."""
    at = tree(text)
    found: list[Node] = []
    while at is not None:
        at = next((n for n in at.items if 0 < n.inner <= cursor and (n.end < 0 or cursor < n.end)), None)
        if at is not None:
            found.insert(0, at)
    return (node for node in found if node.end > 0)


def slurp(text: str, cursor: int) -> tuple[str, int]:
    """The list around CURSOR takes in what comes after it: `(a) b` is `(a b)`."""
    for node in around(text, cursor):
        taken = node.next
        if taken is not None and taken.end > 0:
            between = text[node.end : taken.end]
            if not node.items:
                between = between.lstrip()  # but no comment is lost
            apart = _between(text[: node.end - 1], between) if node.items else ""
            return text[: node.end - 1] + apart + between + node.closer + text[taken.end :], cursor
    return text, cursor


def barf(text: str, cursor: int) -> tuple[str, int]:
    """The list around CURSOR lets go of its last element: `(a b)` is `(a) b`."""
    for node in around(text, cursor):
        if node.items:
            kept = node.items[-2].end if len(node.items) > 1 else node.inner
            rest = text[kept : node.end - 1]
            apart = "" if rest[:1].isspace() else " "
            return text[:kept] + node.closer + apart + rest + _beside(rest, text[node.end :]), min(
                cursor, kept
            )
    return text, cursor


def raise_(text: str, cursor: int) -> tuple[str, int]:
    """The element at CURSOR takes the place of the list around it: `(a (b c))` at b is `(a b)`."""
    for node in around(text, cursor):
        kept = next((each for each in node.items if cursor <= each.end), None)
        if kept is not None:
            return _replaced(text, node, text[kept.start : kept.end], 0)
    return text, cursor


def splice(text: str, cursor: int) -> tuple[str, int]:
    """What is in the list around CURSOR takes its place: `(a (b c))` at b is `(a b c)`."""
    for node in around(text, cursor):
        return _replaced(text, node, text[node.inner : node.end - 1], max(0, cursor - node.inner))
    return text, cursor


def _replaced(text: str, node: Node, inside: str, offset: int) -> tuple[str, int]:
    before = text[: node.start] + _remarks(text[node.start : node.inner])
    before += _between(before, inside)
    return before + inside + _beside(inside, text[node.end :]), len(before) + offset


def _remarks(head: str) -> str:
    """The comments between the prefix of a list and its opener: the prefix goes with the list, they do not."""
    after = {"comment": "\n", "block": " "}
    return "".join(each.text + after[each.kind] for each in tokens(head) if each.kind in after)


def _beside(left: str, right: str) -> str:
    """RIGHT, after what keeps it apart from LEFT."""
    return _between(left, right) + right


def _between(left: str, right: str) -> str:
    return " " if left and right and left[-1] not in APART and right[0] not in APART else ""


KEYS: dict[tuple[Keys | str, ...], Edit] = {
    (Keys.Escape, Keys.Right): slurp,
    (Keys.Escape, Keys.Left): barf,
    (Keys.Escape, "r"): raise_,
    (Keys.Escape, "s"): splice,
}


def bind_keys(keys: KeyBindings) -> None:
    """Alt-→ slurps, Alt-← barfs, Alt-R raises, Alt-S splices; each can be undone like any edit."""
    for sequence, edit in KEYS.items():
        keys.add(*sequence, save_before=lambda event: True)(_edits(edit))


def _edits(edit: Edit) -> Callable[[KeyPressEvent], None]:
    def handler(event: KeyPressEvent) -> None:
        apply(edit, event.current_buffer)

    return handler


def apply(edit: Edit, buffer: Buffer) -> None:
    text, cursor = edit(buffer.text, buffer.cursor_position)
    if text != buffer.text:
        buffer.document = Document(text, cursor)
