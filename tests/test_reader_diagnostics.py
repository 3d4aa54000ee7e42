"""Errors as people and programs see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.interpreter.diagnostics import (
    Sources,
    as_json,
    closest,
    columns,
    edits,
    name_hint,
    report,
    suggest,
)
from chorus.interpreter.habits import REPAIRS
from chorus.interpreter.reader import read_forms
from chorus.runtime.errors import EvalError, LimitExceeded, Raised, ReadError, Span, StackEntry
from chorus.runtime.values import Symbol


def test_the_whole_report():
    sources = Sources()
    sources.add("demo.sexp", "(define (f x)\n\t(+ xx 日本 1))")
    error = EvalError(
        "nothing is called 日本", code="unbound", span=Span("demo.sexp", 2, 8, 2, 10), hint="did you mean x?"
    )
    error.related = (("defined here", Span("demo.sexp", 1, 10, 1, 11)),)
    error.stack = [StackEntry("f", Span("demo.sexp", 2, 2, 2, 14)), StackEntry("main", None)]
    assert report(error, sources=sources) == "\n".join(
        [
            "error[unbound] nothing is called 日本",
            "  --> demo.sexp:2:8",
            "  2 | \t(+ xx 日本 1))",
            "    | \t      ^^^^",
            "  defined here:",
            "  --> demo.sexp:1:10",
            "  1 | (define (f x)",
            "    |          ^",
            "  hint: did you mean x?",
            "  in f, called at demo.sexp:2:2",
            "  in main",
        ]
    )


def test_the_reader_registers_its_sources():
    with pytest.raises(ReadError) as caught:
        read_forms("(a\n (b", "my.sexp")
    assert "  2 |  (b" in report(caught.value)


def test_long_lines_are_cut_around_the_place():
    sources = Sources()
    sources.add("f", "x" * 500 + "(car 5)" + "y" * 500)
    lines = report(EvalError("m", span=Span("f", 1, 501, 1, 508)), sources=sources).split("\n")
    assert len(lines[2]) < 120 and "(car 5)" in lines[2]
    assert lines[2].index("(car 5)") == lines[3].index("^^^^^^^")


def test_spans_of_several_lines_are_marked_to_the_end_of_the_first():
    sources = Sources()
    sources.add("f", "(a\n b)")
    assert report(EvalError("m", span=Span("f", 1, 1, 2, 4)), sources=sources).endswith("  1 | (a\n    | ^^")


def test_nothing_reaches_the_terminal_raw():
    sources = Sources()
    sources.add("f", "\x1b[2J\u202e")
    shown = report(EvalError("\x1b]0;x\x07", hint="\x9b", span=Span("f", 1, 1, 1, 2)), sources=sources)
    assert not any(
        (ord(each) < 32 and each != "\n") or 127 <= ord(each) < 160 or each == "\u202e" for each in shown
    )


def test_stacks_are_folded():
    error = EvalError("m")
    error.stack = [StackEntry("loop", None)] * 500 + [StackEntry(f"f{n}", None) for n in range(50)]
    lines = report(error).split("\n")
    assert lines[1] == "  in loop  (500 times)"
    assert len(lines) < 20 and any("more" in line for line in lines)


def test_colour_only_when_asked_for():
    assert "\x1b[" not in report(EvalError("m", hint="h"))
    assert "\x1b[1;31merror[eval]\x1b[0m" in report(EvalError("m"), colour=True)


def test_what_a_program_raises_is_shown_with_its_values():
    assert (
        report(EvalError("no door:", code="error", irritants=(7, "red"))) == 'error[error] no door: 7 "red"'
    )
    assert as_json(Raised(Symbol("oops")))["message"].endswith(": oops")


def test_json_form():
    error = LimitExceeded("steps", 11, 10, span=Span("f", 2, 3, 2, 9), hint="h")
    error.stack = [StackEntry("f", Span("f", 1, 1, 1, 2))]
    data = as_json(error)
    assert list(data)[:5] == ["code", "message", "line", "column", "hint"]
    assert (data["code"], data["line"], data["column"], data["hint"], data["kind"]) == (
        "limit",
        2,
        3,
        "h",
        "steps",
    )
    assert data["stack"] == [{"name": "f", "file": "f", "line": 1, "column": 1}]
    assert as_json(EvalError("m"))["line"] is None


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("lenght", "length"),
        ("lengt", "length"),
        ("string-lenght", "string-length"),
        ("cra", "car"),
        ("filter-amp", "filter-map"),
        ("qqq", None),
        ("length", None),
        ("xy", None),
    ],
)
def test_suggestions(name, near):
    assert suggest(name, ["length", "string-length", "car", "filter-map", "%length", "x"]) == near


def test_habits_of_other_languages_get_their_hint():
    assert name_hint("setq", ["set!"]) == REPAIRS["setq"]
    assert name_hint("lenght", ["length"]) == "did you mean length?"
    assert name_hint("caar", ["car", "cadr", "cdar"]) == "did you mean cadr, car or cdar?"
    assert name_hint("zzzzzz", ["car"]) is None


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_edit_distance(one, other):
    assert edits(one, other, 9) == edits(other, one, 9)
    assert (edits(one, other, 9) == 0) == (one == other)
    assert min(edits(one, other, 2), 3) == min(edits(one, other, 9), 3)
    assert abs(len(one) - len(other)) <= edits(one, other, 9) <= max(len(one), len(other))


def test_closest_gives_the_nearest_only():
    assert closest("vector-rf", ["vector-ref", "vector-set!", "vector"]) == ["vector-ref"]


def test_wide_characters_take_two_cells():
    assert columns("a日e\u0301") == 4


def test_missing_closers_are_counted_and_the_first_is_shown():
    with pytest.raises(ReadError) as caught:
        read_forms("(a\n  [b {c 1", "my.sexp")
    error = caught.value
    assert (error.message, error.hint) == (
        "3 closers are missing: this { is never closed",
        "add }]) at the end",
    )
    assert error.related == (("the first was opened here", Span("my.sexp", 1, 1, 1, 2)),)
    with pytest.raises(ReadError) as caught:
        read_forms("(define (f x)\n  (car x\n(define (g x)\n  1)")
    assert caught.value.message == "2 closers are missing: this ( is never closed"
    assert "add ) before line 3" in (caught.value.hint or "")
    with pytest.raises(ReadError) as caught:
        read_forms("(a (b)")
    assert caught.value.related == ()
