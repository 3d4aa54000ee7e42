"""Regular expressions of RE2 in Java's notation: those that mean the same to both; others are refused.

RE2's `.` stops at \\n alone and its `$` is the end of the text; Java's `\\s` holds the vertical tab and its `\\b`
depends on its version. Where an empty text matches, the two step on differently.
"""

from __future__ import annotations

import re
from typing import Final

from chorus.runtime.errors import EvalError

TOKEN: Final = re.compile(
    r"(?P<escape>\\.)|(?P<group>\(\?(?!:).?)|(?P<set>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\])|(?P<plain>\(\?:|.)",
    re.S,
)
BLANK: Final = r"\t\n\f\r "
ESCAPES: Final = {r"\s": f"[{BLANK}]", r"\S": f"[^{BLANK}]", r"\z": r"\z", r"\A": r"\A"} | {
    f"\\{each}": f"\\{each}" for each in r"dDwWtnrf\.+*?()[]{}|^$-/"
}
IN_SET: Final = {each: made for each, made in ESCAPES.items() if each[1] not in "sSzA"} | {r"\s": BLANK}
PLAIN: Final = {"$": r"\z", ".": r"[^\n]"}


def java_pattern(pattern: str, empty: bool = True) -> str:
    """PATTERN as Java writes it. Not EMPTY: what matches an empty text is refused too."""
    made = []
    for token in TOKEN.finditer(pattern):
        text = token.group()
        match token.lastgroup:
            case "escape" if text in ESCAPES:
                made.append(ESCAPES[text])
            case "set" if "[:" not in text and "&&" not in text and "[" not in text[1:]:
                made.append(re.sub(r"\\.", lambda found: _in_set(found.group(), pattern), text))
            case "plain":
                made.append(PLAIN.get(text, text))
            case _:
                raise _refused(pattern, f"{text} in it")
    if not empty and (re.search(pattern, "") or "^" in pattern or "$" in pattern):
        raise _refused(pattern, "what it does beside an empty text")
    return "".join(made)


def java_replacement(text: str) -> str:
    """What stands in for a match: groups are \\1 to RE2 and $1 to Java."""
    parts = re.split(r"(\\\d|\\\\)", text)
    return "".join(
        f"${part[1]}"
        if at % 2 and part[1].isdigit()
        else "\\\\"
        if at % 2
        else re.sub(r"([\\$])", r"\\\1", part)
        for at, part in enumerate(parts)
    )


def _in_set(escape: str, pattern: str) -> str:
    if escape not in IN_SET:
        raise _refused(pattern, f"{escape} in it")
    return IN_SET[escape]


def _refused(pattern: str, why: str) -> EvalError:
    return EvalError(
        f"the regular expression {pattern} may mean something else to Spark: {why}",
        code="table-engine",
        hint="plain characters, . [] () | * + ? {n} ^ $ \\d \\w \\s mean the same to both",
    )
