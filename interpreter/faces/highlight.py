"""Chorus for pygments: the lexer behind the REPL's colours and the style names it offers.

Tolerant by design: it colours half-typed text, so it follows the reader's tokens but refuses nothing.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.token import (
    Comment,
    Keyword,
    Literal,
    Name,
    Number,
    Punctuation,
    String,
    Text,
)

DELIMITED = r"(?=[\s()\[\]{}\";']|$)"
SYMBOL = r"(?:\|(?:[^|\\]|\\.)*\|?|[^\s()\[\]{}\";'`,|#:][^\s()\[\]{}\";'`,|]*)"

SPECIAL = (
    "define lambda if cond case when unless let let* letrec letrec* begin do set! quote quasiquote and or "
    "else => define-syntax define-macro define-record-type define-values let-values let*-values "
    "syntax-rules let-syntax guard parameterize case-lambda delay delay-force named-lambda receive match "
    "query analyze predict compare where select with-columns rename group-by aggregate order-by limit "
    "join -> ->> assert import define-library "
).split()


def _words(words: list[str]) -> str:
    import re

    return "(" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")" + DELIMITED


class ChorusLexer(RegexLexer):
    """Pygments lexer for `.sexp` files and the prompt."""

    name = "Chorus"
    aliases: ClassVar[list[str]] = ["chorus"]
    filenames: ClassVar[list[str]] = ["*.sexp"]
    url = ""

    tokens: ClassVar[dict[str, list]] = {
        "root": [
            (r"\A#!.*", Comment.Hashbang),
            (r"\s+", Text),
            (r";.*", Comment.Single),
            (r"#\|", Comment.Multiline, "block-comment"),
            (r"#;", Comment.Special),
            (r'"', String, "string"),
            (r"#inst(?=\s*\")", Literal.Date),
            (r"#\\(?:[A-Za-z][A-Za-z0-9]*|.)", String.Char),
            (r"#(?:t|f|true|false)" + DELIMITED, Keyword.Constant),
            (r"#u?8?(?=\()", Punctuation),
            (r"#[xXbBoOdDeEiI][^\s()\[\]{}]*", Number),
            (r"[+-]?(?:\d+/\d+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)" + DELIMITED, Number),
            (r"[+-](?:inf|nan)\.0" + DELIMITED, Number),
            (r":[^\s()\[\]{}\";'`,|]+", Name.Attribute),
            (r"(['`]|,@|,)", Punctuation),
            (
                r"(\(|\[)(define(?:-syntax|-macro|-record-type)?)(\s+\(?)(" + SYMBOL + ")",
                bygroups(Punctuation, Keyword, Punctuation, Name.Function),
            ),
            (r"(?<=[(\[])" + _words(SPECIAL), Keyword),
            (r"(?<=[(\[])" + SYMBOL, Name.Builtin),
            (r"[()\[\]{}]", Punctuation),
            (SYMBOL, Name.Variable),
            (r".", Text),
        ],
        "string": [
            (r"\\.", String.Escape),
            (r'[^"\\]+', String),
            (r'"', String, "#pop"),
            (r"\\", String),
        ],
        "block-comment": [
            (r"#\|", Comment.Multiline, "#push"),
            (r"\|#", Comment.Multiline, "#pop"),
            (r"[^#|]+", Comment.Multiline),
            (r"[#|]", Comment.Multiline),
        ],
    }
