"""What can be wrong with a text: one table of messages and hints, shared by both readers."""

from __future__ import annotations

import re
from typing import NoReturn

from chorus.runtime.errors import ReadError, Span
from chorus.runtime.patterns import lazily

CLOSER = {"(": ")", "[": "]", "{": "}", "#(": ")", "#u8(": ")"}

# code → (message, hint); both are formatted with the parts that the reader names
MESSAGES: dict[str, tuple[str, str]] = {
    "read-unclosed": ("{missing}this {opener} is never closed", "add {closers} {where}"),
    "read-unopened": ("nothing is open for this {closer} to close", "remove it, or add its opener before"),
    "read-mismatched": (
        "{closer} cannot close {opener}",
        "write {right}, or close what was opened in between",
    ),
    "read-string": ("this string is never closed", 'add a closing "; inside a string, write \\" for a quote'),
    "read-symbol": ("this |symbol| is never closed", "add a closing |"),
    "read-comment": (
        "this comment #| is never closed",
        "add |#; such comments nest, so each #| needs its own",
    ),
    "read-dangling": ("nothing follows this {mark}", "write the form that belongs to it"),
    "read-nothing": ("nothing follows this {mark}", "write a form before the {closer}, or remove the {mark}"),
    "read-escape": (
        "a string knows no escape {escape}",
        r"known: \n \t \r \a \b \" \\ \| \xHEX; — a backslash is \\",
    ),
    "read-scalar": (
        "{escape} is no Unicode character",
        "characters are 0 to D7FF and E000 to 10FFFF, in hexadecimal",
    ),
    "read-char": ("no character is called {name}", "{known}"),
    "read-dot": (
        "a dot stands between a list's elements and its tail",
        "write (a . b), or |.| for the symbol",
    ),
    "read-table": ("the key {key} has no value", "write {{key value …}}: as many values as keys"),
    "read-byte": ("a bytevector holds exact integers from 0 to 255", "write #u8(1 2 255), or a vector: #(…)"),
    "read-instant": (
        "not a date-time",
        'write #inst "2026-01-31T10:00Z": ISO 8601, UTC when no offset is given',
    ),
    "read-hash": ("no syntax begins with {word}", "{known}"),
    "read-number": (
        "no such number: {reason}",
        "write a quotient that exists, or put the name between bars: |…|",
    ),
    "read-quote": ("a typographic quote: {char}", "write \" around strings and ' before quoted forms"),
    "read-hidden": (
        "an invisible character in a name: {char}",
        "remove it, or spell the name |…| with an \\x…; escape",
    ),
    "read-lookalike": ("{char} looks like {ascii}", "write {ascii}, or put the name between bars: |…|"),
    "read-depth": ("nested deeper than {limit} levels", "data this deep is better given flat"),
    "read-label": (
        "no datum is labelled #{number}=",
        "label it first, around or before this place: #{number}=(…)",
    ),
}


class Source:
    """A text and its name; places in it are offsets until somebody looks at them."""

    __slots__ = ("file", "text")

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file

    def span(self, start: int, end: int) -> Span:
        line, column = self.place(start)
        end_line, end_column = self.place(end)
        return Span(self.file, line, column, end_line, end_column)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1."""
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

    def fail(
        self, code: str, start: int, end: int, related: tuple[tuple[str, Span], ...] = (), **parts: object
    ) -> NoReturn:
        message, hint = MESSAGES[code]
        raise ReadError(
            message.format(**parts),
            code=code,
            span=self.span(start, end),
            hint=hint.format(**parts),
            related=related,
        )

    def fail_unclosed(self, openers: list[tuple[str, int]]) -> NoReturn:
        """OPENERS: what is still open at the end, outermost first.

        The one error names the likeliest, says how many closers are missing, and where the first belongs.
        """
        count = len(openers)
        missing = f"{count} closers are missing: " if count > 1 else ""
        shown = misindented(self.text)
        if shown is None:
            opener, start = openers[-1]
            closers = "".join(CLOSER[each] for each, _ in reversed(openers))
            where = "at the end"
        else:
            opener, start, line = shown
            closers = CLOSER[opener]
            where = f"before line {line}, where the indentation says that it has ended"
        first, opened = openers[0]
        related = (("the first was opened here", self.span(opened, opened + len(first))),)
        self.fail(
            "read-unclosed",
            start,
            start + len(opener),
            related if count > 1 and opened != start else (),
            missing=missing,
            opener=opener,
            closers=closers,
            where=where,
        )

    def fail_mismatched(self, opener: str, opened: int, at: int) -> NoReturn:
        parts = {"opener": opener, "closer": self.text[at], "right": CLOSER[opener]}
        related = (("opened here", self.span(opened, opened + len(opener))),)
        self.fail("read-mismatched", at, at + 1, related, **parts)


# enough of the syntax to find brackets: whatever else could hold one is skipped whole
SKELETON = lazily(
    r"""(?P<line>\n[^\S\n]*(?![\s;]))|"[^"\\]*(?:\\.[^"\\]*)*"|\|[^|\\]*(?:\\.[^|\\]*)*\||;[^\n]*|\#\\.|\#\|
    |(?P<open>\#\(|\#u8\(|[(\[{])|(?P<close>[)\]}])""",
    re.S | re.X,
)


def misindented(text: str) -> tuple[str, int, int] | None:
    """The first opener that a later line stands left of while it is still open: (opener, offset, that line).

    With one closer missing somewhere in well-indented text, that opener is the one that lacks it.
    """
    stack: list[tuple[str, int]] = []
    at = 0
    while found := SKELETON.search(text, at):
        at = found.end()
        if found["open"]:
            stack.append((found["open"], found.start()))
        elif found["close"]:
            if stack:
                stack.pop()
        elif found["line"]:
            indentation = at - found.start() - 1
            if (
                at < len(text)
                and stack
                and column(text, stack[-1][1]) >= indentation
                and text[at] not in ")]}"
            ):
                return (*stack[-1], text.count("\n", 0, at) + 1)
        elif found.group() == "#|":
            at = comment_end(text, at) or len(text)
    return None


def column(text: str, offset: int) -> int:
    """From 0."""
    return offset - text.rfind("\n", 0, offset) - 1


BLOCK = lazily(r"#\||\|#")


def comment_end(text: str, at: int) -> int | None:
    """Where the block comment whose inside starts at AT ends, after its |#; None when nothing closes it."""
    depth = 1
    while depth:
        found = BLOCK.search(text, at)
        if found is None:
            return None
        depth += 1 if found.group() == "#|" else -1
        at = found.end()
    return at
