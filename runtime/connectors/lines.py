"""Rows of JSON Lines, and of JSON documents that hold one array of rows."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from chorus.runtime.connectors.batch import Batch, Take, read_elements
from chorus.runtime.connectors.fields import MAX_DEPTH, BadRow, parse_element
from chorus.runtime.connectors.jsonsplit import (
    KEPT_OF_OVERSIZED,
    MAX_ELEMENT,
    Element,
    Malformed,
    Splitter,
    Truncated,
    nesting,
)
from chorus.runtime.connectors.source import SourceFile

BLOCK = 1 << 20


def read_lines(source: SourceFile, take: Take, table: str, start: int) -> Iterator[Batch]:
    """Batches of a JSON Lines file; rows count by line."""
    return read_elements(_lines(source), start, take, table)


def read_document(source: SourceFile, take: Take, table: str, start: int) -> Iterator[Batch]:
    """Batches of the rows of a JSON document: the array that it is, or the first array of objects in it."""
    return read_elements(_array(source.splitter()), start, take, table)


def document_sample(source: SourceFile, most: int) -> list[dict[str, Any]]:
    """The first rows of a JSON document."""
    return sample_rows(_array(source.splitter()), most)


def line_sample(source: SourceFile, most: int) -> list[dict[str, Any]]:
    """The first rows of a JSON Lines file."""
    return sample_rows(_lines(source), most)


def sample_rows(lists: Iterator[list[Element]], most: int) -> list[dict[str, Any]]:
    """The first MOST objects of LISTS, parsed."""
    rows: list[dict[str, Any]] = []
    try:
        for elements in lists:
            for element in elements[:most]:
                try:
                    value, _ = parse_element(element)
                except BadRow:
                    continue
                if isinstance(value, dict):
                    rows.append(value)
            if len(rows) >= most:
                break
    except (Truncated, Malformed, EOFError):
        pass  # the reading itself will say so, after what can be read was kept
    return rows[:most]


def _array(splitter: Splitter) -> Iterator[list[Element]]:
    """The rows of every document of the file: of pages that were written one behind another, too."""
    found = False
    while True:
        if splitter.take(b"["):
            found = True
            yield from splitter.elements()
        elif splitter.take(b"{"):
            found = (yield from _member_rows(splitter)) or found
        else:
            raise Malformed("expected an object or an array", splitter.offset)
        if not splitter.peek():
            break
    if not found:
        raise Malformed("there is no array of rows", splitter.offset)


def _member_rows(splitter: Splitter) -> Generator[list[Element], None, bool]:
    """The rows in the object whose brace was taken: its first array of objects; whether it has any array."""
    rows = arrays = False
    for _ in splitter.members():
        if rows or not splitter.take(b"["):
            splitter.value()
            continue
        arrays = True
        rows = splitter.peek() == b"{"
        for elements in splitter.elements():
            if rows:
                yield elements
    return arrays


def _lines(source: SourceFile) -> Iterator[list[Element]]:
    """Lines as elements, a block's at a time. Only the last line can lack its end, and must then be whole."""
    read = source.blocks()
    rest, size, offset = b"", 0, 0
    while block := read(BLOCK):
        offset += len(block)
        *lines, tail = block.split(b"\n")
        if lines:
            lines[0] = rest + lines[0]
            found = [_line(line) for line in lines]
            if size > MAX_ELEMENT:
                found[0] = Element(found[0].content, 0, size + len(lines[0]) - len(rest))
            yield found
            rest, size = tail, len(tail)
        else:
            size += len(tail)
            rest = rest + tail if size <= MAX_ELEMENT else rest[:KEPT_OF_OVERSIZED]
    if rest.strip():
        last = _line(rest)
        if size > MAX_ELEMENT:
            last = Element(last.content, 0, size)
        try:
            parse_element(last)
        except BadRow:
            if last.depth <= MAX_DEPTH and size <= MAX_ELEMENT:
                raise Truncated(offset) from None
        yield [last]


def _line(line: bytes) -> Element:
    line = line.removeprefix(b"\xef\xbb\xbf").strip()
    openings = line.count(b"{") + line.count(b"[")  # a bound on the depth that is cheap to have
    return Element(line, openings if openings <= MAX_DEPTH else nesting(line), len(line))
