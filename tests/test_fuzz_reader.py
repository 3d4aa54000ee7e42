"""The reader under texts made from its own grammar, and from the printer's values: forms or a ReadError, and what is
written reads back.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chorus.interpreter import reader_fast, reader_lark
from chorus.interpreter.reader import is_balanced
from chorus.interpreter.reader_fast import read_first
from chorus.runtime.errors import ReadError
from chorus.runtime.gaussian import rectangular
from chorus.runtime.primitives.equality import is_equal
from chorus.runtime.printer import write
from chorus.runtime.values import NIL, Char, HashTable, Keyword, Pair, Symbol, make_list

# — texts from the grammar —

# what a terminal may be, for each that a rule of the grammar names
SPELLINGS = {
    "LPAR": ["("], "RPAR": [")"], "LSQB": ["["], "RSQB": ["]"], "LBRACE": ["{"], "RBRACE": ["}"],
    "VECTOR": ["#("], "BYTES": ["#u8("], "MARK": ["'", "`", ",@", ","], "SKIP": ["#;"],
    "FOLDING": ["#!fold-case", "#!no-fold-case"], "DOT": ["."], "INST": ["#inst"],
    "LABEL": ["#0=", "#12="], "REFERENCE": ["#0#", "#12#"], "BOOLEAN": ["#t", "#FALSE", "#true"],
    "CHAR": ["#\\a", "#\\space", "#\\(", "#\\x3bb", "#\\nothing", "#\\xd800", "#\\ "],
    "STRING": ['""', '"a b"', '"\\n\\x41;"', '"\\q"', '"two\nlines"', '"\\xd800;"', '"a \\\n  b"'],
    "NAME": ["a", "define", "...", "->x", "+", "-", "a.b", "1+", "\u03bb", "x\u200by", "\uff43ar", "\u201ca\u201d"],
    "BAR_NAME": ["|a b|", "||", "|\\x41;|", "|\\q|"], "KEYWORD": [":k", ":a:b"], "BAR_KEYWORD": [":|a b|"],
    "NUMBER": ["1", "-2/3", "1.5e3", "#xff", "+i", "1@2", "+inf.0", "1/0", "#e+inf.0", "1e999", "#e1e9", "-nan.0+2i"],
    "BAD_STRING": ['"'], "BAD_BAR": ["|"], "BAD_HASH": ["#", "#foo", "#<a", "#tx"],
    "BLOCK_OPEN": ["#|"], "BLOCK_CLOSE": ["|#"], "BLOCK_TEXT": [" text (", "a|b", "; #"],
}  # fmt: skip
GAPS = ["", "", " ", " ", "\n", "\t", " ; note\n", "\r\n", "\u00a0"]
NOISE = [*"()[]{}'`,;\"|#\\:.@ \n0aλ", "\x00", "\ud800", "\ufeff", "#|", "#;", "#0#", '"\\x']


def productions() -> dict[str, list[list[str]]]:
    """Rule → what it may be made of, as the parser has it: names of rules and of terminals."""
    parser, _ = reader_lark.machine()
    made: dict[str, list[list[str]]] = {}
    for rule in parser.rules:
        made.setdefault(str(rule.origin.name), []).append([str(symbol.name) for symbol in rule.expansion])
    return made


RULES = productions()


def test_every_terminal_of_the_grammar_is_spelled() -> None:
    named = {symbol for options in RULES.values() for option in options for symbol in option}
    assert named - RULES.keys() == SPELLINGS.keys()


def sentence(random_: random.Random, budget: int = 60) -> str:
    """A text of the grammar: productions taken at random, the shortest once BUDGET is spent; some then damaged."""
    pieces: list[str] = []
    work = ["start"]
    while work:
        symbol = work.pop()
        if symbol in SPELLINGS:
            pieces.append(random_.choice(SPELLINGS[symbol]) + random_.choice(GAPS))
            continue
        options = RULES[symbol]
        budget -= 1
        option = random_.choice(options) if budget > 0 else min(options, key=cost)
        work += reversed(option)
        if len(pieces) > 400:
            break
    text = "".join(pieces)
    for _ in range(random_.choice([0, 0, 1, 3])):
        at = random_.randrange(len(text) + 1)
        text = text[:at] + random_.choice([*NOISE, ""]) + text[at + random_.randrange(2) :]
    return text


def cost(option: list[str]) -> tuple[int, int]:
    return sum(symbol not in SPELLINGS for symbol in option), len(option)


sentences = st.integers(0, 2**64).map(lambda seed: sentence(random.Random(seed)))


def survives(text: str) -> str:
    """Read TEXT; the code of the error, "" if there is none. Any other exception is a failure."""
    try:
        reader_fast.read(text, "fuzz")
    except ReadError as error:
        span = error.span
        assert span is not None and error.message
        lines = text.split("\n")
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert is_balanced(text) in ("complete", "incomplete", "extra")
        return error.code
    return ""


@settings(max_examples=1500, deadline=None)
@given(sentences)
def test_sentences_of_the_grammar_read_or_are_a_read_error(text: str) -> None:
    survives(text)
    with suppress(ReadError):
        read_first(text, "fuzz", 0, 1, False)


def test_the_sentences_are_not_all_of_a_kind() -> None:
    codes = [survives(sentence(random.Random(seed))) for seed in range(3000)]
    assert codes.count("") > 300
    assert len(set(codes)) > 12


@settings(max_examples=150, deadline=None)
@given(sentences)
def test_both_readers_agree_on_sentences(text: str) -> None:
    told = []
    for read in (reader_fast.read, reader_lark.read):
        try:
            told.append([write(form) for form, _ in read(text, "fuzz")])
        except ReadError as error:
            told.append([error.code, error.message, str(error.span)])
    assert told[0] == told[1]


# — values —


def value(random_: random.Random, depth: int = 3) -> Any:
    """A value that `write` writes so that `read` can take it back; NaN apart, which equals nothing."""
    if depth and random_.random() < 0.45:
        parts = [value(random_, depth - 1) for _ in range(random_.randrange(4))]
        match random_.randrange(5):
            case 0 | 1:
                return make_list(parts)
            case 2:
                return parts
            case 3:
                return Pair(value(random_, depth - 1), value(random_, 0))
        return HashTable((value(random_, 0), part) for part in parts)
    return random_.choice(ATOMS)(random_)


def text(random_: random.Random) -> str:
    return "".join(random_.choice(LETTERS) for _ in range(random_.randrange(7)))


LETTERS = [
    *"abcXYZ019+-.:#|\\\"'`,;(){}[] \n\t\r\0\x7f",
    "é",
    "ß",
    "λ",
    "日",
    "\u200b",
    "\u202e",
    "😀",
    "\ufeff",
    "e\u0301",
]
ATOMS = [
    lambda r: r.randrange(-(10 ** r.randrange(1, 40)), 10 ** r.randrange(1, 40)),
    lambda r: r.randrange(-9, 10),
    lambda r: Fraction(r.randrange(-999, 999), r.randrange(1, 999)) + Fraction(1, 1009),
    lambda r: r.choice([0.0, -0.0, 1e308, 5e-324, float("inf"), r.random(), r.uniform(-1e6, 1e6), r.random() * 1e-9]),
    lambda r: complex(r.uniform(-5, 5), r.choice([1.5, -2.25, 1e300])),
    lambda r: rectangular(r.randrange(-9, 9), Fraction(2 * r.randrange(9) + 1, 2)),
    lambda r: r.random() < 0.5,
    lambda r: text(r),
    lambda r: Symbol(text(r)),
    lambda r: Keyword(text(r)),
    lambda r: Char(r.choice(LETTERS)[0]),
    lambda r: r.randbytes(r.randrange(4)),
    lambda r: dt.datetime.fromtimestamp(r.randrange(-(10**10), 10**11), dt.UTC).replace(microsecond=r.randrange(10**6)),
    lambda r: NIL,
]  # fmt: skip


def reads_back(seed: int) -> None:
    made = value(random.Random(seed))
    written = write(made)
    forms = reader_fast.read(written, "written")
    assert len(forms) == 1, written
    assert is_equal(forms[0][0], made), f"seed {seed}: {written}"
    assert write(forms[0][0]) == written, f"seed {seed}: {written}"


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**64))
def test_what_is_written_reads_back(seed: int) -> None:
    reads_back(seed)


CASES = int(os.environ.get("CHORUS_CASES", "1000000"))


@pytest.mark.slow
def test_what_is_written_reads_back_a_million_times() -> None:
    for seed in range(CASES):
        reads_back(seed)


@pytest.mark.slow
def test_a_million_sentences() -> None:
    for seed in range(CASES):
        survives(sentence(random.Random(seed)))


@pytest.mark.slow
@settings(max_examples=min(CASES, 50_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(sentences)
def test_both_readers_agree_on_many_sentences(text: str) -> None:
    test_both_readers_agree_on_sentences.hypothesis.inner_test(text)
