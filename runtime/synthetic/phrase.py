"""A small phrase grammar: text with `[either|or]` choices and `{slot}` names, under headings, said at random.

    == difficulty + strong
    make the {boss} [hurt|hit harder] again, [my|everyone's] second try should not be a win

`[a|b|]` picks one of its alternatives (the last may be empty), `{boss}` a word of the world, the same one
each time within a message; `{boss*}` another one. Choices nest. Lines that open with `#` are remarks.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import NamedTuple

_MARK = re.compile(r"[\[\]|]|\{[a-z-]+\*?\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeioAEIO](?!ne\b|nce\b|u\b|ur))")
_GAPS = re.compile(r" {2,}")
_SPACE_BEFORE = re.compile(r" +([,.;:!?])")
_TWICE = re.compile(r"\b([Tt]he) the\b")


class Slot(NamedTuple):
    """A name to be filled in from the world."""

    name: str
    fresh: bool  # another one than before in this message


class Choice(NamedTuple):
    """Alternatives, one of which is said."""

    options: tuple[tuple, ...]


Node = tuple  # of str, Slot, Choice
World = Mapping[str, Sequence[Node]]


def parse(text: str) -> Node:
    """The parts of one line. ValueError when a bracket has no partner."""
    tokens = _tokens(text)
    node, closer = _sequence(tokens)
    if closer != "":
        raise ValueError(f"unbalanced {closer!r} in {text!r}")
    return node


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for mark in _MARK.finditer(text):
        if mark.start() > at:
            yield "text", text[at : mark.start()]
        at = mark.end()
        yield ("slot", mark[0][1:-1]) if mark[0][0] == "{" else (mark[0], mark[0])
    if at < len(text):
        yield "text", text[at:]


def _sequence(tokens: Iterator[tuple[str, str]]) -> tuple[Node, str]:
    """Parts up to a `|`, a `]` or the end, and which of these it was."""
    parts: list = []
    for kind, text in tokens:
        if kind in ("|", "]"):
            return tuple(parts), kind
        parts.append(_part(kind, text, tokens))
    return tuple(parts), ""


def _part(kind: str, text: str, tokens: Iterator[tuple[str, str]]) -> str | Slot | Choice:
    if kind == "text":
        return text
    if kind == "slot":
        return Slot(text.rstrip("*"), text.endswith("*"))
    options = []
    closer = "|"
    while closer == "|":
        option, closer = _sequence(tokens)
        options.append(option)
    if closer != "]":
        raise ValueError("a '[' is never closed")
    return Choice(tuple(options))


def expand(node: Node, world: World, rng: random.Random, bound: dict[str, str]) -> str:
    """One saying of NODE; BOUND remembers what the slots of this message stand for."""
    text = _ARTICLE.sub(r"\1n ", _say(node, world, rng, bound))
    if "  " in text or " ," in text:  # an empty alternative left a gap
        text = _SPACE_BEFORE.sub(r"\1", _GAPS.sub(" ", text))
    return _TWICE.sub(r"\1", text).strip()


def _say(node: Node, world: World, rng: random.Random, bound: dict[str, str]) -> str:
    said: list[str] = []
    for part in node:
        if part.__class__ is str:
            said.append(part)
        elif part.__class__ is Choice:
            options = part.options
            said.append(_say(options[int(rng.random() * len(options))], world, rng, bound))
        else:
            said.append(_fill(part, world, rng, bound))
    return "".join(said)


def _fill(slot: Slot, world: World, rng: random.Random, bound: dict[str, str]) -> str:
    known = bound.get(slot.name)
    if known is not None and not slot.fresh:
        return known
    choices = world[slot.name]
    for _ in range(4):
        word = _say(choices[int(rng.random() * len(choices))], world, rng, bound)
        if word != known:
            break
    if not slot.fresh:
        bound[slot.name] = word
    return word


def load(name: str) -> dict[str, list[Node]]:
    """The phrases of `phrases/NAME.txt`: heading → its lines, parsed."""
    text = files(__package__).joinpath("phrases", f"{name}.txt").read_text(encoding="utf-8")
    groups: dict[str, list[Node]] = {}
    for line in text.splitlines():
        if line.startswith("== "):
            current = groups.setdefault(line[3:].strip(), [])
        elif line.strip() and not line.startswith("#"):
            current.append(parse(line))
    return groups
