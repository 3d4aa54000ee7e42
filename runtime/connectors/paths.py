"""Getting at the fields of foreign rows: a column, a path after dots, the first of several, text out of HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple

Getter = Callable[[dict[str, Any]], Any]

DEPTH = 3  # objects within objects whose members count as columns


class Html(NamedTuple):
    """A column whose text is written as HTML."""

    column: str


class Coded(NamedTuple):
    """A column whose codes stand for other words, or for nothing that need be said."""

    column: str
    words: Mapping[Any, str | None]


class Joined(NamedTuple):
    """Columns whose texts make one, with dots between; null where one of them is missing."""

    columns: tuple[str, ...]


def paths(rows: Iterable[dict[str, Any]]) -> dict[str, None]:
    """The columns of ROWS in order: those that hold values, then the objects that hold columns."""
    found: dict[str, bool] = {}  # path → whether it holds others
    for row in rows:
        _walk(row, "", found)
    return dict.fromkeys(sorted(found, key=found.__getitem__))


def _walk(row: dict[str, Any], before: str, found: dict[str, bool]) -> None:
    for name, value in row.items():
        path = before + name
        holds = isinstance(value, dict) and path.count(".") < DEPTH - 1
        if holds:
            _walk(value, path + ".", found)
        found[path] = found.get(path, False) or (holds and bool(value))


def columns_of(column: Any) -> tuple[str, ...]:
    """The columns that a getter of COLUMN looks at."""
    if isinstance(column, str):
        return (column,)
    if isinstance(column, (Html, Coded)):
        return (column.column,)
    if isinstance(column, Joined):
        return column.columns
    return tuple(each for one in column for each in columns_of(one)) if isinstance(column, tuple) else ()


def getter(column: Any) -> Getter:
    """What finds COLUMN in a row; what is no column is the value in every row."""
    if isinstance(column, str):
        return _path(column)
    if isinstance(column, Html):
        return _html(getter(column.column))
    if isinstance(column, Coded):
        return _coded(getter(column.column), column.words)
    if isinstance(column, Joined):
        return _joined([getter(one) for one in column.columns])
    if isinstance(column, tuple):
        return _first([getter(one) for one in column])
    return lambda row: column


def _path(column: str) -> Getter:
    if "." not in column:
        return lambda row: row.get(column)
    steps = column.split(".")

    def walk(row: dict[str, Any]) -> Any:
        if column in row:
            return row[column]
        at: Any = row
        for step in steps:
            if isinstance(at, dict):
                at = at.get(step)
            elif isinstance(at, list) and step.isdecimal() and int(step) < len(at):
                at = at[int(step)]
            else:
                return None
        return at

    return walk


def _first(getters: list[Getter]) -> Getter:
    return lambda row: next((value for get in getters if (value := get(row)) is not None), None)


def _coded(get: Getter, words: Mapping[Any, str | None]) -> Getter:
    def word(row: dict[str, Any]) -> Any:
        value = get(row)
        key = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 4 else value
        return words.get(key, value) if isinstance(key, (int, str)) else value

    return word


def _joined(getters: list[Getter]) -> Getter:
    def join(row: dict[str, Any]) -> str | None:
        parts = [get(row) for get in getters]
        return ".".join(parts) if all(isinstance(part, str) and part for part in parts) else None

    return join


def _html(get: Getter) -> Getter:
    def shown(row: dict[str, Any]) -> Any:
        value = get(row)
        return html_text(value) if isinstance(value, str) else value

    return shown


_BLOCKS = frozenset("p div br li ul ol tr table blockquote pre h1 h2 h3 h4 h5 h6 hr section article".split())
_UNSEEN = frozenset(("script", "style", "head", "title"))


class _Shown(HTMLParser):
    """Collects what a reader sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN and self.hidden:
            self.hidden -= 1
        if tag in _BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" *\n[ \n]*")


def html_text(markup: str) -> str:
    """What MARKUP says to a reader: no tags, one line for each block."""
    if "<" not in markup and "&" not in markup:
        return markup
    shown = _Shown()
    shown.feed(markup)
    shown.close()
    return _LINES.sub("\n", _SPACES.sub(" ", "".join(shown.parts))).strip()
