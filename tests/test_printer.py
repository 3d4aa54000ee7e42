"""Printing: what is written reads back, whatever it is, and however deep or circular."""

from __future__ import annotations

import datetime as dt
import os
import random
import struct
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.interpreter.reader import read_forms, read_one
from chorus.runtime.errors import EvalError
from chorus.runtime.primitives.equality import is_equal
from chorus.runtime.printer import brief, display, pieces, write
from chorus.runtime.values import (
    EOF,
    NIL,
    UNSPECIFIED,
    Char,
    HashTable,
    Keyword,
    MultipleValues,
    MutableString,
    Opaque,
    Pair,
    Record,
    RecordType,
    Symbol,
    make_list,
)

texts = st.text(st.characters(codec="utf-8"), max_size=8)
instants = st.datetimes(timezones=st.just(dt.UTC))
atoms = st.one_of(
    st.integers(),
    st.fractions().filter(lambda q: q.denominator > 1),
    st.floats(),
    st.complex_numbers().filter(lambda z: z.imag or True),
    st.booleans(),
    texts,
    texts.map(Symbol),
    texts.map(Keyword),
    st.text("abc01+-./:#|\\ \"';`,", max_size=6).map(Symbol),
    st.characters(codec="utf-8").map(Char),
    st.binary(max_size=4),
    instants,
    st.just(NIL),
)


def compounds(parts):
    return st.one_of(
        st.lists(parts, max_size=4).map(make_list),
        st.lists(parts, max_size=4),
        st.tuples(parts, atoms).map(lambda pair: Pair(*pair)),
        st.lists(st.tuples(atoms, parts), max_size=3).map(HashTable),
    )


data = st.recursive(atoms, compounds, max_leaves=12)


@settings(max_examples=600, deadline=None)
@given(data)
def test_what_is_written_reads_back(value):
    assert is_equal(read_one(write(value)), value)


CASES = int(os.environ.get("CHORUS_CASES", "1000000"))
LETTERS = [
    "abcXYZ012", "+-.e/i#", " \t\n\r\x00\x07\x1b\x7f\u2028\ufeff", "|\\\"';`,()[]{}:@",
    "\xe4\xdf\u0130\u0301\u65e5\u672c\U0001f621\U0010ffff",
]  # fmt: skip


class Draws:
    """Data drawn without hypothesis, a tenth of its time each."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def datum(self, depth: int = 3) -> Any:
        return self.dice.choice(self.KINDS if depth else self.ATOMS)(self, depth)

    def text(self, _: int = 0) -> str:
        if self.dice.random() < 0.1:
            return chr(self.dice.choice((self.dice.randrange(0xD800), self.dice.randrange(0xE000, 0x110000))))
        return "".join(self.dice.choice(self.dice.choice(LETTERS)) for _ in range(self.dice.randrange(6)))

    def integer(self, _: int) -> int:
        return self.dice.randrange(-10, 10) * 10 ** self.dice.choice((0, 0, 1, 30)) + self.dice.randrange(
            -1, 2
        )

    def real(self, _: int) -> float:
        return (
            float(struct.unpack("d", self.dice.randbytes(8))[0])
            if self.dice.random() < 0.5
            else self.dice.uniform(-9, 9)
        )

    def rational(self, depth: int) -> Fraction:
        return Fraction(2 * self.integer(depth) + 1, 2 ** self.dice.randrange(1, 70))

    def instant(self, _: int) -> dt.datetime:
        return dt.datetime(1, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
            microseconds=self.dice.randrange(9000 * 365 * 86400 * 10**6)
        )

    def items(self, depth: int) -> list[Any]:
        return [self.datum(depth - 1) for _ in range(self.dice.randrange(4))]

    ATOMS = (
        integer, real, rational, text, instant,
        lambda self, depth: complex(self.real(depth), self.real(depth)),
        lambda self, depth: self.dice.random() < 0.5,
        lambda self, depth: NIL,
        lambda self, depth: Symbol(self.text()),
        lambda self, depth: Keyword(self.text()),
        lambda self, depth: Char((self.text() or "x")[0]),
        lambda self, depth: self.dice.randbytes(self.dice.randrange(4)),
    )  # fmt: skip
    KINDS = (
        *ATOMS,
        items,
        lambda self, depth: make_list(self.items(depth)),
        lambda self, depth: Pair(self.datum(depth - 1), self.datum(depth - 1)),
        lambda self, depth: HashTable([(self.datum(0), each) for each in self.items(depth)]),
    )


@pytest.mark.slow
def test_what_is_written_reads_back_at_length():
    draws = Draws(7)
    for _ in range(CASES):
        value = draws.datum()
        assert is_equal(read_one(write(value)), value), write(value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=6))
def test_any_text_is_written_without_control_characters(text):
    shown = write(text)
    assert shown.isprintable() or not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in shown)
    display(text).encode("utf-8")


SPELLED = [
    (1.0, "1.0"),
    (1e21, "1e21"),
    (1e-7, "1e-7"),
    (123456789012345680.0, "1.2345678901234568e17"),
    (float("inf"), "+inf.0"),
    (float("-inf"), "-inf.0"),
    (float("nan"), "+nan.0"),
    (-0.0, "-0.0"),
    (Fraction(-1, 2), "-1/2"),
    (complex(1, -2), "1.0-2.0i"),
    (True, "#t"),
    (NIL, "()"),
    ('a"b\\c\n\t\x00\x1b', '"a\\"b\\\\c\\n\\t\\x0;\\x1b;"'),
    ("\u202eabc", '"\\x202e;abc"'),
    (Symbol(""), "||"),
    (Symbol("a b"), "|a b|"),
    (Symbol("1"), "|1|"),
    (Symbol("+"), "+"),
    (Symbol("."), "|.|"),
    (Symbol("a|b"), "|a\\|b|"),
    (Symbol("ｃar"), "|ｃar|"),
    (Symbol("élan"), "élan"),
    (Keyword("a-b"), ":a-b"),
    (Keyword("a b"), ":|a b|"),
    (Char(" "), "#\\space"),
    (Char("\x00"), "#\\null"),
    (Char("λ"), "#\\λ"),
    (Char("\u0301"), "#\\x301"),
    (b"\x00\xff", "#u8(0 255)"),
    (dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC), '#inst "2026-01-31T10:00:00Z"'),
    (MutableString("ab"), '"ab"'),
    (UNSPECIFIED, "#<unspecified>"),
    (EOF, "#<eof>"),
    (MultipleValues([1, 2]), "#<values 1 2>"),
    (Opaque(object()), "#<host object>"),
    (Record(RecordType("<persona>", ["id", "label", "terms"]), [3, Symbol("x"), NIL]), "#<persona 3 x>"),
    (np.zeros((4, 2), "float32"), "#<tensor 4×2 float32>"),
    (np.float64(2), "2.0"),
    (EvalError('no "x"'), '#<error "no \\"x\\"">'),
]


@pytest.mark.parametrize(("value", "text"), SPELLED, ids=[text for _, text in SPELLED])
def test_spelling(value, text):
    assert write(value) == text


def test_display_is_for_people():
    value = make_list(["a\n", Char("x"), Symbol("a b"), Keyword("k"), HashTable([("k", "v")])])
    assert display(value) == "(a\n x a b :k {k v})"
    assert display("\ud800") == "�"


def test_procedures_and_primitives():
    import chorus.runtime.primitives.pairs as pairs

    assert write(pairs.car) == "#<primitive car>"
    assert write(test_spelling) == "#<procedure test_spelling>"
    assert write(lambda: 0) == "#<procedure>"


def test_circles_are_labelled():
    pair = Pair(1, NIL)
    pair.cdr = pair
    assert write(pair) == "#0=(1 . #0#)"
    vector: list = [1]
    vector.append(Pair(vector, pair))
    assert write(vector) == "#0=#(1 (#0# . #1=(1 . #1#)))"
    table = HashTable()
    table.set("self", table)
    assert write(make_list([table, table])) == '(#0={"self" #0#} #0#)'


def test_shared_parts_are_written_twice_unless_that_explodes():
    twice = make_list([1])
    assert write(make_list([twice, twice])) == "((1) (1))"
    tree: Any = NIL
    for _ in range(64):
        tree = Pair(tree, tree)
    assert len(write(tree)) < 2000
    assert is_equal(read_one(write(tree)), tree)


def nested(depth: int):
    value: Any = NIL
    for _ in range(depth):
        value = Pair(value, NIL)
    return value


def test_depth_and_length_cost_no_host_stack():
    assert len(write(nested(100_000))) == 200_002
    assert write(make_list(range(100_000))).endswith("99999)")
    (back,) = read_forms(write(nested(50_000)))
    assert is_equal(back, nested(50_000))


def test_brief_stops_early():
    assert brief(make_list(range(300_000)), 20) == "(0 1 2 3 4 5 6 7 8 …"
    assert brief("x" * 10_000_000, 10) == '"xxxxxxxx…'
    assert len(brief(nested(100_000))) == 60
    assert brief(1 << 5_000_000) == "#<integer of 5000001 bits>"
    assert brief([1, 2]) == "#(1 2)"
    pair = Pair(1, NIL)
    pair.cdr = pair
    assert brief(pair, 10) == "(1 1 1 1 …"
    taken = pieces(make_list(range(300_000)), write, thorough=False)
    assert [next(taken) for _ in range(3)] == [
        "(",
        "0",
        " 1",
    ]  # part by part: what is not asked for is not made


def test_many_digits_are_written_in_time():
    started = time.process_time()
    shown = write(10**300_000)
    assert len(shown) == 300_001 and set(shown[1:]) == {"0"}
    assert time.process_time() - started < 60  # only what hangs takes so long


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("(a (quote b) (quasiquote (c (unquote d) (unquote-splicing e))))", "(a 'b `(c ,d ,@e))"),
        ("(quote (quote a))", "''a"),
        ("((quote) (quote a b) (quote . c) (a quote b))", "((quote) (quote a b) (quote . c) (a quote b))"),
        ("(unquote @a)", "(unquote @a)"),
    ],
)
def test_quotations_are_abbreviated_where_they_are_quotations(text, written):
    assert write(read_one(text)) == written
    assert is_equal(read_one(written), read_one(text))
