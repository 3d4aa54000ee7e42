"""The quick reader: one regular expression for tokens, one loop, a stack of its own, so that depth is free.

It answers for the syntax of `grammar/chorus.lark` and is tested against `reader_lark`: forms, spans and
errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from chorus.interpreter import reader_atoms as atoms
from chorus.interpreter import reader_build as build
from chorus.interpreter.reader_errors import CLOSER, Source, comment_end
from chorus.runtime.errors import Span
from chorus.runtime.values import Symbol

REST = r"""[^\s()\[\]{}";'`,|]"""  # a character that may continue a name or number
TOKEN = re.compile(
    rf"""[^\S\n]*+(?:
      (\n\s*+)                                        # 1 line ends and what indents the next
    | ((?!\#)[^\s()\[\]{{}}";'`,|:0-9+\-.]{REST}*+)   # 2 a name
    | ([(\[{{])                                       # 3 openers
    | ([)\]}}])                                       # 4 closers
    | ([0-9+\-.]{REST}*+)                             # 5 a number, a dot, or a name such as ... and 1+
    | ("[^"\\]*+(?:\\.[^"\\]*+)*+")                   # 6 a string
    | ('|`|,@?)                                       # 7 marks
    | (:(?:\|[^|\\]*+(?:\\.[^|\\]*+)*+\||(?!:*+(?!{REST})){REST}++))   # 8 a keyword
    | (;[^\n]*+)                                      # 9 a comment
    | (\#(?:u8\(|[(;|]|\\(?:{REST}++|.)|[0-9]+[=\#]|{REST}*+))   # 10 whatever begins with #
    | (\|[^|\\]*+(?:\\.[^|\\]*+)*+\|)                 # 11 a name between bars
    | (:++)                                           # 12 a name of colons: : ::: …
    | (\Z)                                            # 13
    | (.))""",  # 14 a quote or bar that nothing closes
    re.X | re.S,
)
LINE, NAME, OPEN, CLOSE, NUMERAL, STRING, MARK, KEYWORD, COMMENT, HASH, BAR, COLON, END, BROKEN = range(1, 15)
PRELUDE = re.compile(r"\ufeff?(?:#![/ ][^\n]*)?")
HASH_MARKS = ("#;", "#inst")
ATOM = {
    STRING: atoms.string,
    KEYWORD: atoms.keyword,
    BAR: atoms.bar_symbol,
    COLON: atoms.symbol,
}
PLAIN_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}")


FOLDING = {"#!fold-case": True, "#!no-fold-case": False}


def numbered(word: str, last: str) -> bool:
    """Whether WORD is `#n=` or `#n#`, for LAST = or #."""
    return word[-1] == last and word[1:-1].isdigit() and word.isascii()


class Frame(NamedTuple):
    """Something begun and not finished: a list, vector, table … or a mark that waits for its datum."""

    kind: str
    items: list[Any]
    spans: list[Span]
    start: int
    line: int
    column: int


def read(text: str, file: str, fold: bool = False) -> list[tuple[Any, Span]]:
    """All data of TEXT with their spans; ReadError at the first fault. FOLD: names are in lower case."""
    return _Reading(text, file, fold).run()


def read_first(text: str, file: str, start: int, line: int, fold: bool) -> tuple[Any, int, bool] | None:
    """(datum, where it ends, whether case is folded from there on) of TEXT from START, which is on LINE; None if
    there is none.
    """
    return _Reading(text, file, fold).run_first(start, line)


class Whole(Exception):
    """The only datum wanted is complete."""


class Single(list[Any]):
    """The data of a text of which only the first is wanted."""

    __slots__ = ()

    def append(self, value: Any) -> None:
        super().append(value)
        raise Whole


class _Reading:
    """One text being read. ITEMS and SPANS are those of the innermost frame."""

    def __init__(self, text: str, file: str, fold: bool = False) -> None:
        self.source = Source(text, file)
        self.file = file
        self.stack: list[Frame] = []
        self.items: list[Any] = []
        self.spans: list[Span] = []
        self.marked = False  # whether the innermost frame is a mark
        self.line = 1
        self.line_start = 0
        self.dots = 0  # how many open lists have a dot
        self.labels = build.Labels()
        self.fold = fold
        self.end = 0  # of the first datum, where only that is wanted

    @property
    def symbol(self) -> Callable[[Source, int, int], Symbol]:
        return atoms.folded_symbol if self.fold else atoms.symbol

    def run_first(self, start: int, line: int) -> tuple[Any, int, bool] | None:
        self.items = Single()
        self.line, self.line_start = line, self.source.text.rfind("\n", 0, start) + 1
        at: int | None = start
        try:
            while at is not None:
                at = self.scan(at)
        except Whole:
            return self.items[0], self.end, self.fold
        if self.stack:
            self.fail_open()
        return None

    def run(self) -> list[tuple[Any, Span]]:
        at: int | None = PRELUDE.match(self.source.text).end()  # type: ignore[union-attr]
        while at is not None:
            at = self.scan(at)
        if self.stack:
            self.fail_open()
        return list(zip(self.items, self.spans, strict=True))

    def scan(self, at: int) -> int | None:
        """Read tokens from AT on; an offset is where to go on after a block comment."""
        source, file, text = self.source, self.file, self.source.text
        line, line_start = self.line, self.line_start
        new, symbol = tuple.__new__, self.symbol
        known: dict[str, Symbol] = {} if self.fold else Symbol._table
        for found in TOKEN.finditer(text, at):
            which = found.lastindex
            start, end = found.span(which)  # type: ignore[arg-type]
            if which == LINE:
                line += text.count("\n", start, end)
                line_start = text.rfind("\n", start, end) + 1
                continue
            if which == NAME:
                name = text[start:end]
                value: Any = (name.isascii() and known.get(name)) or symbol(source, start, end)
            elif which == OPEN:
                self.open(text[start], start, line, start - line_start + 1)
                continue
            elif which == CLOSE:
                self.end = end
                self.close(start, line, end - line_start + 1)
                continue
            elif which == NUMERAL:
                value = self.numeral(start, end)
            elif which == COMMENT:
                continue
            elif which == END:
                return None
            elif which == HASH:
                self.line, self.line_start = line, line_start
                word = text[start:end]
                if word == "#|":
                    return self.skip_comment(start, end)
                if word in FOLDING:
                    self.fold = FOLDING[word]
                    return end
                if word in CLOSER or word in HASH_MARKS or numbered(word, "="):
                    self.begin(word, start, line, start - line_start + 1)
                    continue
                value = self.hash_word(word, start, end)
            elif which == MARK:
                self.open(text[start:end], start, line, start - line_start + 1)
                continue
            elif which == BROKEN:
                source.fail("read-string" if text[start] == '"' else "read-symbol", start, end)
            else:
                value = ATOM[which](source, start, end)  # type: ignore[index]
            first_line, column = line, start - line_start + 1
            if which in (STRING, BAR, KEYWORD, HASH) and (more := text.count("\n", start, end)):
                line += more
                line_start = text.rfind("\n", start, end) + 1
            span = new(Span, (file, first_line, column, line, end - line_start + 1))
            if self.marked:
                self.end = end
                self.deliver(value, span)
            else:
                self.end = end
                self.items.append(value)
                self.spans.append(span)
        return None

    def open(self, kind: str, start: int, line: int, column: int) -> None:
        self.stack.append(Frame(kind, self.items, self.spans, start, line, column))
        self.items, self.spans = [], []
        self.marked = kind not in CLOSER
        if len(self.stack) > build.MAX_DEPTH:
            self.source.fail("read-depth", start, start + len(kind), limit=build.MAX_DEPTH)

    def close(self, start: int, line: int, end_column: int) -> None:
        """Finish the innermost list, vector, bytevector or table at the closer at START."""
        source = self.source
        closer = source.text[start]
        if not self.stack:
            source.fail("read-unopened", start, start + 1, closer=closer)
        frame = self.stack[-1]
        if self.marked:
            place = frame.start, frame.start + len(frame.kind)
            source.fail("read-nothing", *place, mark=frame.kind, closer=closer)
        if CLOSER[frame.kind] != closer:
            source.fail_mismatched(frame.kind, frame.start, start)
        span = Span(self.file, frame.line, frame.column, line, end_column)
        make = build.BUILDERS[frame.kind]
        if self.dots and build.DOT in self.items:
            self.dots -= 1
            make = build.make_dotted
        value = make(source, self.items, self.spans, span)
        self.pop()
        self.deliver(value, span)

    def deliver(self, value: Any, span: Span) -> None:
        """Add a finished datum to the innermost frame; marks that waited for it are applied, inside out."""
        while self.marked:
            frame = self.pop()
            length = len(frame.kind)
            mark = Span(self.file, frame.line, frame.column, frame.line, frame.column + length)
            whole = Span(self.file, frame.line, frame.column, span.end_line, span.end_column)
            place = (frame.start, frame.start + length)
            value = build.marked(self.source, frame.kind, place, value, (whole, mark, span), self.labels)
            if value is build.NOTHING:
                return
            span = whole
        self.items.append(value)
        self.spans.append(span)

    def pop(self) -> Frame:
        frame = self.stack.pop()
        self.items, self.spans = frame.items, frame.spans
        self.marked = bool(self.stack) and self.stack[-1].kind not in CLOSER
        return frame

    def numeral(self, start: int, end: int) -> Any:
        word = self.source.text[start:end]
        if PLAIN_INTEGER.fullmatch(word):
            return int(word)
        if word == ".":
            fits = self.stack and self.stack[-1].kind in ("(", "[") and self.items
            if not fits or build.DOT in self.items:
                self.source.fail("read-dot", start, end)
            self.dots += 1
            return build.DOT
        value = atoms.number(self.source, start, end)
        return self.symbol(self.source, start, end) if value is None else value

    def begin(self, word: str, start: int, line: int, column: int) -> None:
        """Open `#(`, `#u8(`, `#;`, `#inst` or `#n=`."""
        if word[-1] == "=":
            self.labels.begin(word[1:-1])
        self.open(word, start, line, column)

    def hash_word(self, word: str, start: int, end: int) -> Any:
        """A boolean, a char, a number with a prefix, a reference to a label."""
        if word[1:2] == "\\" and len(word) > 2:
            return atoms.char(self.source, start, end, self.fold)
        if word.lower() in atoms.BOOLEANS:
            return atoms.BOOLEANS[word.lower()]
        if numbered(word, "#"):
            return self.labels.refer(self.source, word[1:-1], start, end)
        value = atoms.number(self.source, start, end)
        if value is None:
            atoms.unknown_hash(self.source, start, end)
        return value

    def skip_comment(self, start: int, end: int) -> int:
        """Where to go on after the block comment at START."""
        text = self.source.text
        after = comment_end(text, end)
        if after is None:
            self.source.fail("read-comment", start, end)
        newlines = text.count("\n", start, after)
        if newlines:
            self.line += newlines
            self.line_start = text.rfind("\n", start, after) + 1
        return after

    def fail_open(self) -> None:
        """The text ended inside something."""
        frame = self.stack[-1]
        if self.marked:
            self.source.fail("read-dangling", frame.start, frame.start + len(frame.kind), mark=frame.kind)
        self.source.fail_unclosed([(each.kind, each.start) for each in self.stack if each.kind in CLOSER])
