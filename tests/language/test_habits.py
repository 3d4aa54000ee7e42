"""Habits of other languages: each row of the tables fails as its sample says, and is told how it is written here."""

from __future__ import annotations

import pytest

from chorus import ChorusError, Session
from chorus.interpreter.faces.output import Output
from chorus.interpreter.habits import NAMES, PATTERNS


def error_of(text: str) -> ChorusError:
    with Session() as session, pytest.raises(ChorusError) as caught:
        session.eval(text)
    return caught.value


@pytest.mark.parametrize(("name", "sample", "hint"), NAMES, ids=[name for name, *_ in NAMES])
def test_names(name: str, sample: str, hint: str) -> None:
    error = error_of(sample)
    assert error.code == "unbound"
    assert error.span is not None
    assert error.hint is not None and error.hint.endswith(hint)
    alone = error_of(name or "||")
    assert (alone.message, alone.hint) == (f"nothing is called {name or '||'}", hint)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda each: each.sample)
def test_patterns(pattern: tuple) -> None:
    error = error_of(pattern.sample)
    assert (error.code, error.hint) == (pattern.code, pattern.hint)
    assert error.span is not None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("(lenght '(1))", "did you mean length?"),
        ("(define (f x) (y x)) (f 1)", None),
        ("(list (zz) '(for x))", None),
        ('(display "# not a comment" zzz)', None),
        (
            "(let ((x 1)) (x 2))",
            "the first form in parentheses is called with the others; data is quoted: '(…)",
        ),
    ],
)
def test_other_errors_keep_their_hints(text: str, hint: str | None) -> None:
    assert error_of(text).hint == hint


def test_a_name_that_is_bound_is_no_habit() -> None:
    with Session() as session, pytest.raises(ChorusError) as caught:
        session.eval("(define (for x y) y) (for (zz) 1)")
    assert caught.value.hint is None


@pytest.mark.parametrize("sample", ["(defun f (x) x)", "f(x)", "'hello'"])
def test_json_gives_the_same(sample: str, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    error = error_of(sample)
    assert error.span is not None
    Output(as_json=True).error(error)
    told = json.loads(capsys.readouterr().out)["error"]
    shown = (told["code"], told["message"], told["line"], told["column"], told["hint"])
    assert shown == (error.code, error.message, error.span.line, error.span.column, error.hint)
