"""`chorus fmt`'s work: indentation and spacing made regular, line breaks and comments left as written.

The author's lines are kept, so formatting is idempotent and a diff shows only what moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# head -> how many arguments stand before its body
BODY_AFTER = {
    "define": 1, "lambda": 1, "let": 1, "let*": 1, "letrec": 1, "letrec*": 1, "when": 1, "unless": 1, "do": 2,
    "case": 1, "begin": 0, "guard": 1, "parameterize": 1, "dynamic-wind": 0, "let-values": 1,
    "let*-values": 1, "receive": 2, "define-values": 1, "match": 1, "syntax-rules": 1, "let-syntax": 1,
    "letrec-syntax": 1, "named-lambda": 1, "case-lambda": 0, "with-evaluator": 1,
}  # fmt: skip
BODY_PREFIXES = ("define-", "with-", "let-", "call-with-")

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<comment>;.*)
      | (?P<block>\#\|)
      | (?P<string>"(?:[^"\\]|\\.)*"?)
      | (?P<char>\#\\(?:[A-Za-z0-9]+|.))
      | (?P<open>(?:\#u8)?\#?[(\[{])
      | (?P<close>[)\]}])
      | (?P<prefix>'|`|,@|,|\#;)
      | (?P<atom>(?:\|(?:[^|\\]|\\.)*\|?|[^\s()\[\]{}"';`,|])+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Frame:
    """One open bracket: where it stands and what has been seen inside it."""

    column: int  # of the character after the bracket
    is_call: bool
    head: str = ""
    arguments: list[int] = field(default_factory=list)  # columns of what follows the head
    first_line: int = 0
    first_argument_inline: int | None = None


class Formatter:
    """Re-indents one source, line by line."""

    def __init__(self) -> None:
        self.stack: list[Frame] = []
        self.block_depth = 0
        self.in_string = False
        self.quoted_next = False
        self.line_number = 0

    def lines(self, text: str) -> Iterator[str]:
        for raw in text.split("\n"):
            self.line_number += 1
            if self.in_string or self.block_depth:
                yield raw if self.in_string else raw.rstrip()
                self._scan(raw, 0)
                continue
            bare = raw.strip()
            line = " " * self._indent(bare) + bare if bare else ""
            yield line if self._opens_string(line) else line.rstrip()
            self._scan(line, 0)

    def next_indent(self) -> int:
        """The column at which a line following what was scanned should start."""
        return 0 if self.in_string or self.block_depth else self._indent("x")

    def _opens_string(self, line: str) -> bool:
        """Whether the line ends inside a string, whose trailing spaces are part of it."""
        return any(m.lastgroup == "string" and not _closed(m.group()) for m in TOKEN.finditer(line))

    def _indent(self, bare: str) -> int:
        if not self.stack:
            return 0
        top = self.stack[-1]
        if bare[:1] in ")]}":
            return top.column
        if not top.is_call or not top.head:
            return top.column
        distinguished = body_after(top.head)
        if distinguished is not None:
            return top.column + (1 if len(top.arguments) >= distinguished else 3)
        if top.first_argument_inline is not None:
            return top.first_argument_inline
        return top.column + 1

    def _scan(self, line: str, at: int) -> None:
        while at < len(line):
            if self.block_depth:
                at = self._scan_block(line, at)
                continue
            if self.in_string:
                end = re.compile(r'(?:[^"\\]|\\.)*"').match(line, at)
                if end is None:
                    return
                self.in_string, at = False, end.end()
                continue
            match = TOKEN.match(line, at)
            assert match is not None
            kind, text = match.lastgroup, match.group()
            self._token(kind or "other", text, at)
            at = match.end()

    def _token(self, kind: str, text: str, at: int) -> None:
        match kind:
            case "space" | "comment":
                return
            case "prefix":
                self.quoted_next = text in ("'", "`")
                return
            case "close":
                if self.stack:
                    self.stack.pop()
                return
            case "block":
                self.block_depth = 1
                return
        self._count_element(text if kind == "atom" else "", at)
        if kind == "string" and not _closed(text):
            self.in_string = True
        if kind == "open":
            is_call = text in ("(", "[") and not self.quoted_next
            self.stack.append(Frame(at + len(text), is_call, first_line=self.line_number))
        self.quoted_next = False

    def _count_element(self, atom: str, at: int) -> None:
        if not self.stack:
            return
        top = self.stack[-1]
        if not top.head and not top.arguments:
            if atom:
                top.head = atom
                return
            top.is_call = False  # a list whose first element is no name is data or bindings
            return
        if not top.arguments and self.line_number == top.first_line:
            top.first_argument_inline = at
        top.arguments.append(at)

    def _scan_block(self, line: str, at: int) -> int:
        mark = re.compile(r"#\||\|#").search(line, at)
        if mark is None:
            return len(line)
        self.block_depth += 1 if mark.group() == "#|" else -1
        return mark.end()


def body_after(head: str) -> int | None:
    """How many arguments of HEAD stand before its body; None for an ordinary call."""
    if head in BODY_AFTER:
        return BODY_AFTER[head]
    return 1 if head.startswith(BODY_PREFIXES) else None


def _closed(string: str) -> bool:
    return (
        len(string) > 1
        and string.endswith('"')
        and re.fullmatch(r'"(?:[^"\\]|\\.)*"', string, re.DOTALL) is not None
    )


def _join_closers(text: str) -> str:
    """A line that starts with closers moves up, unless the line above ends in a comment."""
    kept: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if (
            kept
            and re.match(r"[)\]}]+\s*(;.*)?$", bare)
            and kept[-1].strip()
            and not _ends_in_comment(kept[-1])
        ):
            kept[-1] = kept[-1].rstrip() + bare
        else:
            kept.append(line)
    return "\n".join(kept)


def _ends_in_comment(line: str) -> bool:
    last = None
    for match in TOKEN.finditer(line):
        last = match
    return last is not None and last.lastgroup == "comment"


def format_source(text: str) -> str:
    """TEXT re-indented, closers gathered, blank lines single, one newline at the end."""
    text = text.replace("\r\n", "\n").replace("\t", "    ") if '"' not in text else text.replace("\r\n", "\n")
    if not _multiline_tokens(text):
        text = _join_closers(text)
        text = re.sub(r"\n{3,}", "\n\n", text)
    return "\n".join(Formatter().lines(text)).strip("\n") + "\n"


def _multiline_tokens(text: str) -> bool:
    """Whether a string or block comment spans lines: then lines may not be moved blindly."""
    return any(
        m.lastgroup in ("string", "block") and ("\n" in m.group() or m.lastgroup == "block")
        for m in TOKEN.finditer(text)
    )
