"""What the parts of a compound form become, in both readers: lists, vectors, tables, quotes, labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from chorus.interpreter import reader_atoms as atoms
from chorus.interpreter.reader_errors import Source
from chorus.runtime.errors import Span
from chorus.runtime.printer import brief
from chorus.runtime.values import NIL, HashTable, Pair, Singleton, SourcePair, Symbol, hash_key

MAX_DEPTH = 1_000_000
NOTHING: Final = Singleton("#<nothing>")  # what a comment reads as
DOT: Final = Singleton("#<dot>")  # stands among the items of a list until it is built
QUOTES = {
    "'": Symbol("quote"),
    "`": Symbol("quasiquote"),
    ",": Symbol("unquote"),
    ",@": Symbol("unquote-splicing"),
}


def make_list(source: Source, items: list[Any], spans: list[Span], span: Span) -> Any:
    """The list of ITEMS, each cell knowing the whole's span and its own car's."""
    return chain(items, spans, NIL, span)


def make_dotted(source: Source, items: list[Any], spans: list[Span], span: Span) -> Any:
    """`(a b . c)`: exactly one datum after the dot."""
    at = items.index(DOT)
    if len(items) != at + 2:
        fail_at(source, "read-dot", spans[at])
    return chain(items[:at], spans, items[-1], span)


def chain(items: list[Any], spans: list[Span], tail: Any, span: Span) -> Any:
    result = tail
    for at in range(len(items) - 1, -1, -1):
        result = SourcePair(items[at], result, span, spans[at])
    return result


def make_vector(source: Source, items: list[Any], spans: list[Span], span: Span) -> list[Any]:
    return list(items)


def make_bytes(source: Source, items: list[Any], spans: list[Span], span: Span) -> bytes:
    for item, place in zip(items, spans, strict=True):
        if item.__class__ is not int or not 0 <= item <= 255:
            fail_at(source, "read-byte", place)
    return bytes(items)


def make_table(source: Source, items: list[Any], spans: list[Span], span: Span) -> HashTable:
    """`{key value …}`: of two equal keys the later one counts, as in (hash-set! …) twice."""
    if len(items) % 2:
        fail_at(source, "read-table", spans[-1], key=brief(items[-1]))
    made = HashTable(zip(items[::2], items[1::2], strict=True))
    made.spans = {hash_key(items[at]): (spans[at], spans[at + 1]) for at in range(0, len(items), 2)}
    return made


Builder = Callable[[Source, list[Any], list[Span], Span], Any]
BUILDERS: dict[str, Builder] = {
    "(": make_list,
    "[": make_list,
    "#(": make_vector,
    "#u8(": make_bytes,
    "{": make_table,
}


def fail_at(source: Source, code: str, span: Span, **parts: object) -> None:
    """As Source.fail, for a place already known as a span."""
    start = offset(source.text, span.line, span.column)
    source.fail(code, start, offset(source.text, span.end_line, span.end_column), (), **parts)


def offset(text: str, line: int, column: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.index("\n", at) + 1
    return at + column - 1


class Labels:
    """Data labelled `#n=`, while one text is read.

    `#n#` inside the datum that it means is a placeholder until that datum is whole.
    """

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.awaited: set[int] = set()  # ids of placeholders that were referred to

    def begin(self, number: str) -> None:
        self.known[number] = Singleton(f"#{number}#")

    def refer(self, source: Source, number: str, start: int, end: int) -> Any:
        if number not in self.known:
            source.fail("read-label", start, end, number=number)
        found = self.known[number]
        if found.__class__ is Singleton:
            self.awaited.add(id(found))
        return found

    def finish(self, source: Source, number: str, place: tuple[int, int], datum: Any) -> Any:
        placeholder, self.known[number] = self.known[number], datum
        if datum is placeholder:
            source.fail("read-label", *place, number=number)
        if id(placeholder) in self.awaited:
            replace(datum, placeholder)
        return datum


def replace(datum: Any, placeholder: Any) -> None:
    """Put DATUM itself wherever PLACEHOLDER stands inside it."""
    seen: set[int] = set()
    work = [datum]

    def swap(part: Any) -> Any:
        if part is placeholder:
            return datum
        if isinstance(part, (Pair, list, HashTable)):
            work.append(part)
        return part

    while work:
        here = work.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, Pair):
            here.cdr = swap(here.cdr)
            here.car = swap(here.car)
        elif isinstance(here, list):
            here[:] = map(swap, here)
        elif isinstance(here, HashTable):
            here.values = {key: swap(value) for key, value in here.values.items()}


def marked(
    source: Source,
    mark: str,
    place: tuple[int, int],
    datum: Any,
    spans: tuple[Span, Span, Span],
    labels: Labels,
) -> Any:
    """What MARK at PLACE makes of the DATUM after it. SPANS: of both together, of the mark, of the datum."""
    span, mark_span, datum_span = spans
    if mark in QUOTES:
        return SourcePair(QUOTES[mark], SourcePair(datum, NIL, span, datum_span), span, mark_span)
    if mark == "#;":
        return NOTHING
    if mark == "#inst":
        return atoms.instant(source, *place, datum)
    return labels.finish(source, mark[1:-1], place, datum)
