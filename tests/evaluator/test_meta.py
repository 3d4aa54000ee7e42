"""Everything runs through stdlib/evaluator.sexp when that is asked for, and nothing does without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from expectations import check_file
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from language.test_same import Writer

from chorus import Capabilities, ChorusError, EvalError, LimitExceeded, Limits, Session
from chorus.interpreter.faces.cli import main
from chorus.interpreter.stage import front
from chorus.runtime.printer import write

TESTS = Path(__file__).parent.parent
FILES = sorted([*(TESTS / "r7rs").glob("*.sexp"), *(TESTS / "language" / "core").glob("*.sexp")])
QUICK = (
    "bindings",
    "closures",
    "errors",
    "macros",
    "definitions",
    "procedures",
    "records",
    "quasiquote",
    "parameters",
    "malformed-forms",
)


def run_file(path: Path, evaluator: str) -> None:
    with Session(allow=Capabilities.all(), evaluator=evaluator) as session:
        check_file(path, session)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_language_under_meta(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_file(path, "meta")


@pytest.mark.slow
@pytest.mark.parametrize("evaluator", ["meta-2", "meta-3"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_language_under_higher_levels(
    path: Path, evaluator: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_file(path, evaluator)


@pytest.mark.parametrize("path", [path for path in FILES if path.stem in QUICK], ids=lambda path: path.stem)
def test_the_language_interpreted(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_file(path, "interpreted")


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.stem not in QUICK],
    ids=lambda path: path.stem,
)
def test_all_of_the_language_interpreted(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_file(path, "interpreted")


SHORT = (Path(__file__).parent / "short-forms.txt").read_text(encoding="utf-8").splitlines()


def outcomes(evaluator: str, programs: list[str]) -> list[Any]:
    with Session(evaluator=evaluator, limits=Limits(seconds=300)) as session:
        return [outcome(session, each) for each in programs]


def outcome(session: Session, program: str) -> Any:
    """The last value of PROGRAM as written, or all that its error says: also names and values in messages and hints."""
    try:
        *_, (_, value) = session.run(program, "short")
        return write(value)
    except ChorusError as error:
        irritants = [write(each) for each in error.irritants]
        return error.code, error.message, error.span, error.hint, error.related, irritants


@pytest.mark.parametrize("evaluator", ["interpreted", "meta-2"])
def test_short_forms(evaluator: str) -> None:
    assert outcomes(evaluator, SHORT) == outcomes("host", SHORT)


CALLED_WRONGLY = (Path(__file__).parent / "called-wrongly.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("evaluator", ["interpreted", "meta-2"])
def test_what_is_said_of_a_call_that_failed(evaluator: str) -> None:
    """The names of procedures that only a `let` names, and the value of what is called and is no procedure."""
    assert outcomes(evaluator, CALLED_WRONGLY) == outcomes("host", CALLED_WRONGLY)


def test_what_is_called_is_told_where_a_variable_holds_it() -> None:
    for program, said in zip(CALLED_WRONGLY, outcomes("host", CALLED_WRONGLY), strict=True):
        assert said[0] != "not-procedure" or said[-1], program


def test_a_few_by_an_interpreted_interpreter() -> None:
    assert outcomes("interpreted-2", SHORT[:5]) == outcomes("host", SHORT[:5])


@pytest.mark.slow
def test_short_forms_by_an_interpreted_interpreter() -> None:
    assert len(SHORT) >= 50
    assert outcomes("interpreted-2", SHORT) == outcomes("host", SHORT)


@pytest.fixture(scope="module")
def pair() -> Any:
    with Session() as host, Session(evaluator="interpreted") as interpreted:
        yield host, interpreted


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 2**64))
def test_generated_programs_interpreted(pair: tuple[Session, Session], seed: int) -> None:
    program = Writer(seed).program()
    assert outcome(pair[1], program) == outcome(pair[0], program), program


@pytest.mark.slow
@settings(
    max_examples=5_000, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)
@given(st.integers(0, 2**64))
def test_many_generated_programs_interpreted(pair: tuple[Session, Session], seed: int) -> None:
    program = Writer(seed).program()
    assert outcome(pair[1], program) == outcome(pair[0], program), program


NEVER_EVALUATED = [
    "(guard (e 5) 6)",
    "(if #t 1 (lambda))",
    "(let ((never (lambda (x) (if)))) 1)",
    "(define (never x) (let ((x)) x))",
    "(let () (set! reached 'yes) (or 1 (quote)))",
    "(define-syntax two (syntax-rules () ((_) (lambda)))) (list (lambda () (two)))",
    "(cond (#t 1) (else (set! if 5)))",
]


@pytest.mark.parametrize("evaluator", ["meta", "meta-2", "interpreted"])
@pytest.mark.parametrize("program", NEVER_EVALUATED)
def test_a_mistake_is_met_where_nothing_goes(evaluator: str, program: str) -> None:
    with Session() as host, Session(evaluator=evaluator) as other:
        for session in (host, other):
            session.eval("(define reached 'no)")
        wanted = outcome(host, program)
        assert wanted[0] == "syntax" and outcome(other, program) == wanted
        assert str(other.eval("reached")) == "no"


def test_what_is_interpreted_happens_once() -> None:
    """It is read through before: imports, libraries, macros of procedures and definitions are not done twice."""
    with Session(evaluator="interpreted") as session:
        session.eval("(define count 0) (define (next!) (set! count (+ count 1)) count)")
        session.eval("(define-library (mine) (export a) (import (scheme base)) (begin (define a (list 1))))")
        session.eval("(import (mine)) (define b a) (import (mine))")
        assert session.eval("(list (eq? a b) (begin (next!) (define c (next!)) c) count)") == [True, 2, 2]
        session.eval(
            "(define-syntax introduce (syntax-rules () ((_ x) (begin (define made x) (list made)))))"
        )
        assert session.eval("(introduce (next!)) (introduce (next!)) (list made count)") == [4, 4]


@pytest.mark.parametrize("evaluator", ["meta", "interpreted"])
def test_limits_hold(evaluator: str) -> None:
    with Session(evaluator=evaluator, limits=Limits(steps=100_000, seconds=20)) as session:
        with pytest.raises(LimitExceeded):
            session.eval("(let loop () (loop))")
        with pytest.raises(LimitExceeded):
            session.eval("(let loop () (guard (e (#t (loop))) (loop)))")
        assert session.eval("(+ 1 2)") == 3


@pytest.mark.parametrize("evaluator", ["meta", "meta-2", "interpreted"])
def test_a_macro_without_end_is_an_error(evaluator: str) -> None:
    with Session(evaluator=evaluator) as session:
        session.eval("(define-syntax again (syntax-rules () ((_) (again))))")
        with pytest.raises(ChorusError, match=r"without end|nesting|limit"):
            session.eval("(again)")


@pytest.mark.parametrize("evaluator", ["meta", "interpreted"])
def test_without_its_file_there_is_no_evaluator(evaluator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "FILE", "no-such-evaluator.sexp")
    with Session(evaluator=evaluator) as session, pytest.raises(EvalError, match="evaluator is not there"):
        session.eval("(+ 1 2)")
    with Session() as session:
        assert session.eval("(+ 1 2)") == 3


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--evaluator", "meta", "-e", "(let loop ((i 0)) (if (< i 5) (loop (+ i 1)) i))"]) == 0
    assert capsys.readouterr().out == "5\n"
    assert main(["--evaluator", "mata", "-e", "1"]) != 0
    assert "no evaluator" in capsys.readouterr().err


def test_libraries_are_evaluated_by_it_too() -> None:
    with Session(evaluator="meta", allow=Capabilities.all()) as session:
        session.eval(
            "(special-form-define! 'quote (lambda (l x env at) (%quote l 'changed at)) (evaluator-environment))"
        )
        session.eval("(define-library (mine) (export a) (import (scheme base)) (begin (define a 'given)))")
        assert str(session.eval("(import (mine)) a")) == "changed"
