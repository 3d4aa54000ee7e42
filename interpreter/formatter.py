"""`chorus fmt`'s work: indentation and spacing made regular, line breaks and comments left as written.

The author's lines are kept, so formatting is idempotent and a diff shows only what moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chorus.interpreter.reader_errors import comment_end

# how many arguments stand before the body → heads; any other form is a call, its arguments one under the other
BODIES = {
    0: "begin dynamic-wind case-lambda er-macro-transformer call/cc call-with-current-continuation "
    "call-with-output-string call-with-escape-continuation with-output-to-string",
    1: "define lambda let let* letrec letrec* when unless while case guard parameterize let-values let*-values "
    "match syntax-rules let-syntax letrec-syntax named-lambda with-evaluator call-with-port call-with-input-file "
    "call-with-output-file with-input-from-file with-input-from-string with-output-to-file",
    2: "do receive redefine",
}
BODY_AFTER = {head: count for count, heads in BODIES.items() for head in heads.split()}
BODY_PREFIXES = ("define-", "let-")

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>;[^\n]*|\A\ufeff?\#![\ /][^\n]*)
      | (?P<block>\#\|)
      | (?P<string>"(?:[^"\\]|\\.)*"?)
      | (?P<char>\#\\(?:[^\s()\[\]{}";'`,|]+|.))
      | (?P<open>(?:\#u8)?\#?[(\[{])
      | (?P<close>[)\]}])
      | (?P<prefix>'|`|,@|,|\#;)
      | (?P<atom>(?:\|(?:[^|\\]|\\.)*\|?|[^\s()\[\]{}"';`,|])+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a source, and the column at which it was written."""

    kind: str
    text: str
    column: int


@dataclass
class Line:
    """What stands on one line; strings and block comments may go on over more. BLANK: after a blank line."""

    tokens: list[Token]
    blank: bool

    @property
    def ends_in_comment(self) -> bool:
        return bool(self.tokens) and self.tokens[-1].kind == "comment"


def tokens(text: str) -> Iterator[Token]:
    """TEXT in pieces; a block comment, with those inside it, is one."""
    at = 0
    while found := TOKEN.match(text, at):
        kind, end = found.lastgroup or "other", found.end()
        if kind == "block":
            end = comment_end(text, end) or len(text)
        yield Token(kind, text[at:end], at - text.rfind("\n", 0, at) - 1)
        at = end


def lines(text: str) -> list[Line]:
    """TEXT in lines; closers at the start of a line are moved to the end of the one before, where they can be."""
    made = [Line([], False)]
    for token in tokens(text):
        breaks = token.text.count("\n") if token.kind == "space" else 0
        if breaks and made[-1].tokens:
            made.append(Line([], breaks > 1))
        elif breaks:
            made[-1].blank = made[-1].blank or len(made) > 1
        elif token.kind == "close" and not made[-1].tokens and len(made) > 1 and not made[-2].ends_in_comment:
            made[-2].tokens.append(token)
        elif token.kind != "space" or made[-1].tokens:
            made[-1].tokens.append(token)
    return [line for line in made if line.tokens]


@dataclass
class Frame:
    """One open bracket: where it stands and what has been seen inside it."""

    column: int  # of the character after the bracket
    is_call: bool
    line: int
    head: str = ""
    arguments: list[int] = field(default_factory=list)  # columns of what follows the head
    first_inline: int | None = None  # of the first argument, if it stands on the line of the bracket


class Layout:
    """Writes lines one after the other, each indented by the brackets that are open."""

    def __init__(self) -> None:
        self.stack: list[Frame] = []
        self.prefix = ""  # the marks before the element that comes, such as ' and ,@
        self.line = 0
        self.column = 0
        self.comment = (-1, -1)  # behind code, on the line above: where it stood, and where it stands now

    def write(self, line: Line) -> str:
        self.line += 1
        first = line.tokens[0]
        goes_on = first.kind == "comment" and first.column == self.comment[0]
        self.column = self.comment[1] if goes_on else self.indent(first)
        parts = [" " * self.column]
        for before, token, after in _neighbours(line.tokens):
            piece = _spaces(before, token, after) if token.kind == "space" else token.text
            if token.kind == "comment":
                piece = piece.rstrip()
                is_alone = token is first and not goes_on
                self.comment = (-1, -1) if is_alone else (token.column, self.column)
            self._see(token)
            parts.append(piece)
            self.column = len(piece) - piece.rfind("\n") - 1 + (0 if "\n" in piece else self.column)
        if not line.ends_in_comment:
            self.comment = (-1, -1)
        return "".join(parts).rstrip(" ") if line.tokens[-1].kind == "space" else "".join(parts)

    def indent(self, first: Token | None) -> int:
        """The column of a line that starts with FIRST."""
        if not self.stack:
            return 0
        top = self.stack[-1]
        if (first is not None and first.kind == "close") or not top.is_call or not top.head:
            return top.column
        before_body = body_after(top.head)
        if before_body is not None:
            return top.column + (1 if len(top.arguments) >= before_body else 3)
        return top.column + 1 if top.first_inline is None else top.first_inline

    def _see(self, token: Token) -> None:
        match token.kind:
            case "space" | "comment" | "block":
                return
            case "prefix":
                if not self.prefix:
                    self._count("")
                self.prefix += token.text
                return
            case "close":
                if self.stack:
                    self.stack.pop()
                return
        if not self.prefix:
            self._count(token.text if token.kind == "atom" else "")
        if token.kind == "open":
            is_call = token.text in ("(", "[") and not self.prefix.endswith(("'", "`"))
            self.stack.append(Frame(self.column + len(token.text), is_call, self.line))
        self.prefix = ""

    def _count(self, atom: str) -> None:
        """An element of the innermost list begins here; ATOM is its text if it is a name or the like."""
        if not self.stack:
            return
        top = self.stack[-1]
        if not top.head and not top.arguments:
            if atom:
                top.head = atom
                return
            top.is_call = False  # a list whose first element is no name is data or bindings
        elif not top.arguments and self.line == top.line:
            top.first_inline = self.column
        top.arguments.append(self.column)


def _neighbours(line: list[Token]) -> Iterator[tuple[Token | None, Token, Token | None]]:
    for at, token in enumerate(line):
        yield (line[at - 1] if at else None), token, (line[at + 1] if at + 1 < len(line) else None)


def _spaces(before: Token | None, space: Token, after: Token | None) -> str:
    """SPACE within a line: as written, but none just inside a bracket or at the end."""
    inside = (before is not None and before.kind == "open") or after is None or after.kind == "close"
    return "" if inside and (after is None or after.kind != "comment") else " " * len(space.text)


def body_after(head: str) -> int | None:
    """How many arguments of HEAD stand before its body; None for an ordinary call."""
    if head in BODY_AFTER:
        return BODY_AFTER[head]
    return 1 if head.startswith(BODY_PREFIXES) else None


def format_source(text: str) -> str:
    """TEXT re-indented, closers gathered, blank lines single, one newline at the end."""
    layout = Layout()
    return "".join(("\n" if line.blank else "") + layout.write(line) + "\n" for line in lines(text)) or "\n"


def next_indent(text: str) -> int:
    """The column at which a line following TEXT should start: 0 inside a string or a block comment."""
    layout = Layout()
    last = None
    for line in lines(text):
        layout.write(line)
        last = line.tokens[-1]
    if last is not None and last.text and not _is_whole(last):
        return 0
    return layout.indent(None)


def _is_whole(token: Token) -> bool:
    """Whether TOKEN is closed, if it is something that must be."""
    match token.kind:
        case "string":
            return re.fullmatch(r'"(?:[^"\\]|\\.)*"', token.text, re.DOTALL) is not None
        case "block":
            return comment_end(token.text, 2) is not None
    return True
