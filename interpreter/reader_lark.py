"""The reader by the book: Lark on `grammar/chorus.lark`, forms built as the parser reduces.

Slower than `reader_fast` and never loaded at the start; the tests hold the two against each other.
"""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files
from threading import Lock
from typing import Any, NamedTuple, NoReturn

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from chorus.interpreter import reader_atoms as atoms
from chorus.interpreter import reader_build as build
from chorus.interpreter.reader_errors import Source
from chorus.runtime.errors import Span

MARKS = ("MARK", "SKIP", "INST", "LABEL")
OPENERS = ("LPAR", "LSQB", "LBRACE", "VECTOR", "BYTES", "BLOCK_OPEN")


class Placed(NamedTuple):
    """An opener or mark and where it stands."""

    type: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


Children = list[Any]  # of a rule: tokens and data
Datum = tuple[Any, Span]  # a datum and where it stands; NOTHING for what is skipped
BUSY = Lock()  # one machine serves all threads


def read(text: str, file: str) -> list[tuple[Any, Span]]:
    """All data of TEXT with their spans; ReadError at the first fault."""
    with BUSY:
        parser, builder = machine()
        builder.begin(Source(text, file))
        return _Parse(parser, builder.source).run()


@cache
def machine() -> tuple[Lark, _Builder]:
    """The parser, made from the grammar once, and the builder it calls."""
    builder = _Builder()
    grammar = files("chorus.grammar").joinpath("chorus.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=builder), builder


class _Builder(Transformer):
    """One method a rule of the grammar; each gets its children already built."""

    def __init__(self) -> None:
        super().__init__(visit_tokens=False)
        self.begin(Source("", ""))

    def begin(self, source: Source) -> None:
        self.source = source
        self.labels = build.Labels()
        self.fold = False

    def start(self, children: Children) -> Children:
        return [child for child in children if child[0] is not build.NOTHING]

    def list(self, children: Children) -> Datum:
        make = (
            build.make_dotted if any(child[0] is build.DOT for child in children[1:-1]) else build.make_list
        )
        return self.compound(make, children)

    def vector(self, children: Children) -> Datum:
        return self.compound(build.make_vector, children)

    def bytevector(self, children: Children) -> Datum:
        return self.compound(build.make_bytes, children)

    def table(self, children: Children) -> Datum:
        return self.compound(build.make_table, children)

    def compound(self, make: build.Builder, children: Children) -> Datum:
        opener, *inside, closer = children
        data = [child for child in inside if child[0] is not build.NOTHING]
        span = self.span(opener, closer)
        return make(self.source, [datum for datum, _ in data], [place for _, place in data], span), span

    def quoted(self, children: Children) -> Datum:
        mark, (datum, inner) = children[0], children[-1]
        whole = Span(self.source.file, mark.line, mark.column, inner.end_line, inner.end_column)
        place = (mark.start_pos, mark.end_pos)
        spans = (whole, self.span(mark, mark), inner)
        return build.marked(self.source, str(mark), place, datum, spans, self.labels), whole

    instant = labelled = quoted

    def label(self, children: Children) -> Token:
        self.labels.begin(children[0][1:-1])
        return children[0]

    def reference(self, children: Children) -> Datum:
        token = children[0]
        value = self.labels.refer(self.source, token[1:-1], token.start_pos, token.end_pos)
        return value, self.span(token, token)

    def dot(self, children: Children) -> Datum:
        return build.DOT, self.span(children[0], children[0])

    def skip(self, children: Children) -> Datum:
        if isinstance(children[0], Token) and children[0].type == "FOLDING":
            self.fold = str(children[0]) == "#!fold-case"
        return build.NOTHING, Span("", 0, 0, 0, 0)

    block = nested = skip

    def number(self, children: Children) -> Datum:
        return self.atom(atoms.number, children[0])

    def boolean(self, children: Children) -> Datum:
        return atoms.BOOLEANS[children[0].lower()], self.span(children[0], children[0])

    def char(self, children: Children) -> Datum:
        return self.atom(partial(atoms.char, fold=self.fold), children[0])

    def string(self, children: Children) -> Datum:
        return self.atom(atoms.string, children[0])

    def symbol(self, children: Children) -> Datum:
        plain = atoms.folded_symbol if self.fold else atoms.symbol
        return self.atom(atoms.bar_symbol if children[0].type == "BAR_NAME" else plain, children[0])

    def keyword(self, children: Children) -> Datum:
        return self.atom(atoms.keyword, children[0])

    def malformed(self, children: Children) -> NoReturn:
        token = children[0]
        if token.type == "BAD_HASH":
            atoms.unknown_hash(self.source, token.start_pos, token.end_pos)
        code = "read-string" if token.type == "BAD_STRING" else "read-symbol"
        self.source.fail(code, token.start_pos, token.start_pos + 1)

    def atom(self, meaning: Any, token: Token) -> Datum:
        return meaning(self.source, token.start_pos, token.end_pos), self.span(token, token)

    def span(self, first: Token, last: Token) -> Span:
        start, end = (first.line, first.column), (last.end_line, last.end_column)
        return Span(self.source.file, *start, *end)  # type: ignore[arg-type]


class _Parse:
    """One run of the parser, and the reading of its faults from its state."""

    def __init__(self, parser: Lark, source: Source) -> None:
        self.source = source
        self.state = parser.parse_interactive(source.text)

    def run(self) -> list[Datum]:
        try:
            for _ in self.state.iter_parse():
                pass
            return self.state.feed_eof()
        except UnexpectedInput as error:
            self.explain(error, self.open_tokens())

    def open_tokens(self) -> list[Placed]:
        """The openers and marks whose forms were not complete where the parser stopped, outermost first.

        First lets the parser build what was complete there: if that is faulty itself, the earlier fault
        counts.
        """
        try:
            self.state.feed_token(Token("SKIP", "#;"))
            fed = True
        except UnexpectedInput:  # inside a block comment
            fed = False
        values = self.state.parser_state.value_stack
        tokens = [
            Placed(each.type, str(each), each.start_pos or 0)
            for each in values
            if isinstance(each, Token) and each.type in (*OPENERS, *MARKS)
        ]
        return tokens[:-1] if fed else tokens

    def explain(self, error: UnexpectedInput, inside: list[Placed]) -> NoReturn:
        """A token that cannot stand where it does, or the end of the text inside something."""
        source = self.source
        token = getattr(error, "token", None)
        if token is not None and token.type == "$END":
            self.explain_end(inside)
        at = error.pos_in_stream if token is None else token.start_pos
        assert at is not None
        closer = source.text[at]
        if closer == ".":
            source.fail("read-dot", at, at + 1)
        if not inside:
            source.fail("read-unopened", at, at + 1, closer=closer)
        last = inside[-1]
        if last.type in MARKS:
            source.fail("read-nothing", last.start, last.end, mark=last.text, closer=closer)
        source.fail_mismatched(last.text, last.start, at)

    def explain_end(self, inside: list[Placed]) -> NoReturn:
        last = inside[-1]
        if last.type in MARKS:
            self.source.fail("read-dangling", last.start, last.end, mark=last.text)
        if last.type == "BLOCK_OPEN":
            last = next(each for each in inside if each.type == "BLOCK_OPEN")
            self.source.fail("read-comment", last.start, last.end)
        self.source.fail_unclosed([(each.text, each.start) for each in inside if each.type in OPENERS])
