"""The reader: what forms become, where they stand, what is said of malformed ones."""

from __future__ import annotations

import time
from fractions import Fraction
from importlib.resources import files

import pytest

from chorus.interpreter import reader_fast, reader_lark
from chorus.interpreter.reader import is_balanced, read_forms, read_one, read_spanned
from chorus.interpreter.reader_errors import MESSAGES
from chorus.runtime.errors import ReadError, Span
from chorus.runtime.gaussian import rectangular
from chorus.runtime.printer import write
from chorus.runtime.values import Char, HashTable, Keyword, Pair, SourcePair, Symbol

READERS = [reader_fast.read, reader_lark.read]
MALFORMED = [list(row) for row in read_forms(files("chorus.grammar").joinpath("malformed.sexp").read_text())]

# text → as written again
FORMS = {
    "(a [b c] . d)": "(a (b c) . d)",
    "'a `(b ,c ,@d)": "'a `(b ,c ,@d)",
    '#(1 #(2) "x")': '#(1 #(2) "x")',
    "#u8(0 255 #x10)": "#u8(0 255 16)",
    '{:a 1 b (c) "d" {}}': '{:a 1 b (c) "d" {}}',
    "#t #true #f #false #T": "#t #t #f #f #t",
    "#!/usr/bin/env chorus\n(a)": "(a)",
    "\ufeff(a)": "(a)",
    "a ; comment\n b #| x #| y |# z |# c #;(d e) f #;#;g h i": "a b c f i",
    "(a #;b . #;c d #;e)": "(a . d)",
    "|foo bar| || |a\\x41;\\n| :k :|a b|": "|foo bar| || |aA\\n| :k :|a b|",
    ": ... 1+ - -> |.|": ": ... 1+ - -> |.|",
    '#inst "2026-01-31T12:00+02:00"': '#inst "2026-01-31T10:00:00Z"',
    '#inst #;x "2026-01-31"': '#inst "2026-01-31T00:00:00Z"',
    '"a\\x41;\\t\\\\ \\"q\\" one\\   \n   two"': '"aA\\t\\\\ \\"q\\" onetwo"',
    "#\\a #\\space #\\x3bb #\\( #\\; #\\x #\\λ #\\nul": "#\\a #\\space #\\λ #\\( #\\; #\\x #\\λ #\\null",
    "#0=(a . #0#)": "#0=(a . #0#)",
    "(#1=(x) #1#)": "((x) (x))",
    "#0=#(1 #0# {:a #0#})": "#0=#(1 #0# {:a #0#})",
    "": "",
}
NUMBERS = {
    "42": 42,
    "+7": 7,
    "-0": 0,
    "007": 7,
    "1/2": Fraction(1, 2),
    "-6/4": Fraction(-3, 2),
    "4/2": 2,
    "1.5": 1.5,
    ".5": 0.5,
    "5.": 5.0,
    "1e3": 1000.0,
    "1E-2": 0.01,
    "1e400": float("inf"),
    "#xFF": 255,
    "#b-101": -5,
    "#o17": 15,
    "#d10": 10,
    "#e1.5": Fraction(3, 2),
    "#e1e3": 1000,
    "#i1/4": 0.25,
    "#x#e10": 16,
    "#i#x10": 16.0,
    "#xa/b": Fraction(10, 11),
    "+inf.0": float("inf"),
    "-INF.0": float("-inf"),
    "1+2i": rectangular(1, 2),
    "-i": rectangular(0, -1),
    "1+2.0i": complex(1, 2),
    "1.5-.5i": complex(1.5, -0.5),
    "+inf.0i": complex(0, float("inf")),
    "3+0i": 3,
    "2@0": 2,
}
NAMES = [
    "+",
    "-",
    "...",
    "1+",
    "+a",
    "-1x",
    "1/2/3",
    "1.2.3",
    "+5x",
    "--1",
    "..",
    "e1",
    "-.",
    "+i1",
    "inf.0",
    "10z",
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", FORMS)
def test_forms(read, text):
    assert " ".join(write(form) for form, _ in read(text, "f")) == FORMS[text]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(read, text):
    ((value, _),) = read(text, "f")
    assert (value.__class__, value) == (NUMBERS[text].__class__, NUMBERS[text])


@pytest.mark.parametrize("read", READERS)
def test_not_a_number_is_one_value(read):
    ((value, _),) = read("+nan.0", "f")
    assert value != value


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("name", NAMES)
def test_names_that_nearly_are_numbers(read, name):
    ((value, _),) = read(name, "f")
    assert value is Symbol(name)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("row", MALFORMED, ids=lambda row: str(row[1]) if isinstance(row, list) else None)
def test_malformed(read, row):
    text, code, line, column, end_column, message = row
    with pytest.raises(ReadError) as caught:
        read(text, "f")
    error = caught.value
    assert error.code == code.name
    assert error.span == Span("f", line, column, line, end_column)
    assert error.message == message
    assert error.hint


def test_every_code_has_a_sample():
    assert {row[1].name for row in MALFORMED} | {"read-depth"} == set(MESSAGES)


@pytest.mark.parametrize("read", READERS)
def test_each_cell_knows_its_car(read):
    ((form, span),) = read("\n (define (f  x)\n  [+ xλ\t'y])", "f")
    assert span == form.span == Span("f", 2, 2, 3, 13)
    assert [str(cell.car_span)[2:] for cell in cells(form)] == ["2:3", "2:10", "3:3"]
    assert all(cell.span is form.span for cell in cells(form))
    body = form.cdr.cdr.car
    assert [cell.car_span for cell in cells(body)] == [
        Span("f", 3, 4, 3, 5),
        Span("f", 3, 6, 3, 8),
        Span("f", 3, 9, 3, 11),
    ]
    quoted = body.cdr.cdr.car
    assert (quoted.span.column, quoted.car_span.end_column, quoted.cdr.car_span.column) == (9, 10, 10)


@pytest.mark.parametrize("read", READERS)
def test_spans_in_tables_and_after_long_tokens(read):
    ((table, _), (after, span)) = read('{:a x "two\nlines" #| a\nb |# (y)} z', "f")
    assert table.spans[Keyword("a")] == (Span("f", 1, 2, 1, 4), Span("f", 1, 5, 1, 6))
    assert table.spans["two\nlines"] == (Span("f", 1, 7, 2, 7), Span("f", 3, 6, 3, 9))
    assert after is Symbol("z") and span == Span("f", 3, 11, 3, 12)


def cells(form):
    while isinstance(form, Pair):
        assert isinstance(form, SourcePair)
        yield form
        form = form.cdr


@pytest.mark.parametrize("read", READERS)
def test_values_have_the_right_classes(read):
    values = [value for value, _ in read('#\\a :k {} #u8(1) #(1) "s" sym', "f")]
    assert [value.__class__ for value in values] == [Char, Keyword, HashTable, bytes, list, str, Symbol]


def test_read_one_wants_one():
    assert read_one("(a)").car is Symbol("a")
    for text in ("", "a b"):
        with pytest.raises(ReadError, match="one form was expected"):
            read_one(text)


def test_spans_of_bare_atoms():
    assert [span.column for _, span in read_spanned("a  b")] == [1, 4]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", "complete"),
        ("(+ 1 2)", "complete"),
        ("(+ 1", "incomplete"),
        ('"abc', "incomplete"),
        ("#| abc", "incomplete"),
        ("|abc", "incomplete"),
        ("'", "incomplete"),
        ("(a))", "extra"),
        ("(a]", "extra"),
        ("(#foo", "complete"),
        ('(f ")" #\\( ; (\n)', "complete"),
        ("(') ", "complete"),
    ],
)
def test_is_balanced(text, state):
    assert is_balanced(text) == state


@pytest.mark.parametrize("read", READERS)
def test_depth_costs_no_host_stack(read):
    depth = 100_000 if read is reader_fast.read else 20_000
    ((form, _),) = read("(" * depth + ")" * depth, "f")
    levels = 0
    while isinstance(form, Pair):
        form, levels = form.car, levels + 1
    assert levels == depth - 1
    ((quoted, _),) = read("'" * depth + "a", "f")
    assert quoted.car is Symbol("quote")
    with pytest.raises(ReadError, match="never closed"):
        read("(" * depth, "f")


def test_too_deep_is_a_read_error(monkeypatch):
    monkeypatch.setattr("chorus.interpreter.reader_build.MAX_DEPTH", 100)
    with pytest.raises(ReadError) as caught:
        read_forms("(" * 101)
    assert caught.value.code == "read-depth"


@pytest.mark.parametrize(
    "text", [" " * 200_000, "(" + " " * 200_000 + ")", '"' + "\\" * 200_001, "#|" * 100_000, ";" * 200_000]
)
def test_time_grows_with_the_text_only(text):
    started = time.process_time()
    try:
        read_forms(text)
    except ReadError as error:
        assert error.code in ("read-string", "read-comment")
    assert time.process_time() - started < 60  # only what hangs takes so long


def test_many_digits_do_not_take_quadratic_time():
    started = time.process_time()
    (value,) = read_forms("9" * 300_000)
    assert value == 10**300_000 - 1
    assert time.process_time() - started < 60


def test_a_name_between_bars_does_not_let_its_lookalike_in():
    read_forms("|ｃ|")
    with pytest.raises(ReadError, match="looks like c"):
        read_forms("ｃ")
