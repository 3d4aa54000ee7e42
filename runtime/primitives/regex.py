"""Regular expressions on RE2: time in proportion to the text, whatever the pattern."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.limits import charge
from chorus.runtime.primitive import primitive
from chorus.runtime.primitives.lists import reserve
from chorus.runtime.values import make_list

PATTERN_BYTES = 8 << 20  # of a compiled pattern


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """PATTERN, compiled once; EvalError with RE2's reason when it is none."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = PATTERN_BYTES
    try:
        return re2.compile(pattern.encode("utf-8", "replace").decode(), options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        hint = "patterns are RE2's: no back references, no look-around"
        raise EvalError(
            f"not a regular expression: {reason}", code="regex", hint=hint, irritants=(pattern,)
        ) from None


def searchable(text: str) -> str:
    """TEXT without lone surrogates, which UTF-8 cannot hold; positions stay."""
    charge(len(text) >> 4)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def groups(found: Any) -> Any:
    """The whole match and its groups; #f for a group that took no part."""
    return make_list(False if each is None else each for each in (found.group(0), *found.groups()))


@primitive("regex-match", effects="pure")
def regex_match(pattern: str, text: str) -> Any:
    """The first match of PATTERN in TEXT as a list, the whole and then its groups; #f when there is none.

    > (regex-match "(\\\\w+)@(\\\\w+)" "to ann@home")
    => ("ann@home" "ann" "home")
    > (regex-match "z" "abc")
    => #f
    """
    found = compiled(pattern).search(searchable(text))
    return False if found is None else groups(found)


@primitive("regex-match?", effects="pure")
def is_regex_match(pattern: str, text: str) -> bool:
    """Whether PATTERN matches anywhere in TEXT.

    > (regex-match? "^a.c$" "abc")
    => #t
    """
    return compiled(pattern).search(searchable(text)) is not None


@primitive("regex-match-all", effects="pure")
def regex_match_all(pattern: str, text: str) -> Any:
    """All matches of PATTERN in TEXT, from left to right, without overlap.

    > (regex-match-all "[0-9]+" "1, 22 and 333")
    => ("1" "22" "333")
    """
    return make_list(found.group(0) for found in compiled(pattern).finditer(searchable(text)))


@primitive("regex-positions", effects="pure")
def regex_positions(pattern: str, text: str) -> Any:
    """Where PATTERN matches in TEXT: (start end) for each match.

    > (regex-positions "an" "banana")
    => ((1 3) (3 5))
    """
    return make_list(make_list(found.span()) for found in compiled(pattern).finditer(searchable(text)))


@primitive("regex-replace", effects="pure")
def regex_replace(pattern: str, text: str, replacement: str) -> str:
    r"""TEXT with REPLACEMENT for every match of PATTERN; \1 … \9 in it stand for groups, \0 for the whole.

    > (regex-replace "([a-z])([0-9])" "a1 b2" "\\2\\1")
    => "1a 2b"
    """
    body = searchable(text)
    expression = compiled(pattern)
    pieces = _template(replacement)
    groups = [piece for piece in pieces if isinstance(piece, int)]
    if max(groups, default=0) > expression.groups:
        raise EvalError(
            f"regex-replace: there is no group {max(groups)}: the pattern has {expression.groups}",
            code="regex",
        )
    grown = len(body)
    for found in expression.finditer(body):
        grown += len(replacement) + sum(len(found.group(each) or "") for each in groups)
        charge(1 + len(groups))
    reserve(grown, "regex-replace")
    return "".join(_spliced(expression, body, pieces))


def _spliced(expression: Any, body: str, pieces: list[str | int]) -> list[str]:
    parts: list[str] = []
    after = 0
    for found in expression.finditer(body):
        parts.append(body[after : found.start()])
        for piece in pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                parts.append(found.group(piece) or "")
        after = found.end()
    parts.append(body[after:])
    return parts


def _template(replacement: str) -> list[str | int]:
    """Text and group numbers in turn."""
    pieces: list[str | int] = []
    rest = replacement
    while "\\" in rest:
        before, _, rest = rest.partition("\\")
        pieces.append(before)
        pieces.append(int(rest[0]) if rest[:1].isdecimal() else rest[:1])
        rest = rest[1:]
    return [*pieces, rest]


@primitive("regex-split", effects="pure")
def regex_split(pattern: str, text: str) -> Any:
    """TEXT's parts between matches of PATTERN.

    > (regex-split ",\\\\s*" "a, b,c")
    => ("a" "b" "c")
    """
    body = searchable(text)
    parts: list[str] = []
    after = 0
    for found in compiled(pattern).finditer(body):
        if found.end() > found.start():
            parts.append(body[after : found.start()])
            after = found.end()
    return make_list([*parts, body[after:]])


@primitive("regex-quote", effects="pure")
def regex_quote(text: str) -> str:
    """The pattern that matches TEXT and nothing else.

    > (regex-quote "a.b")
    => "a\\\\.b"
    """
    import re2

    quoted = re2.escape(text)
    return quoted.decode() if isinstance(quoted, bytes) else quoted
