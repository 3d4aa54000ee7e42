"""Evaluators made of the evaluator's text and a page more: they note what they are for, and change no result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from expectations import check_file
from language.test_same import Writer

from chorus import Capabilities, ChorusError, EvalError, Session, Symbol
from chorus.interpreter.faces.cli import main
from chorus.interpreter.stage.front import derived_names
from chorus.runtime.printer import write

TESTS = Path(__file__).parent.parent
FILES = [*(TESTS / "language" / "core").glob("*.sexp"), *(TESTS / "r7rs").glob("*.sexp")]
SOME = ("closures", "errors", "macros", "control", "records")
FIB = "(let () (define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 10))"
NAMES = [*derived_names(), "profile+trace", "trace+coverage", "step+profile"]
LEFT_OUT = {  # what they are there for changes the result
    ("dry-run", "exceptions"): "it deletes a file",
    ("dry-run", "ports"): "it writes files",
    ("trace", "system"): "it holds on to what a test of memory drops",
}
PAIRS = [  # in either order; the quick run takes one of them
    pytest.param(f"{one}+{other}", marks=() if one < other else pytest.mark.slow)
    for one in derived_names()
    for other in derived_names()
    if one != other
]


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        yield made


def run(session: Session, text: str) -> Any:
    *_, (_, value) = session.run(text, "text")
    return value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", [path for path in FILES if path.stem in SOME], ids=lambda path: path.stem)
def test_results_stay_what_they_are(
    path: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Session(allow=Capabilities.all(), evaluator=name) as session:
        session.on_step = lambda stop: "continue"
        check_file(path, session)


@pytest.mark.slow
@pytest.mark.parametrize("name", derived_names())
@pytest.mark.parametrize(
    "path", [path for path in FILES if path.stem not in SOME], ids=lambda path: path.stem
)
def test_all_results_stay_what_they_are(
    path: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (name, path.stem) in LEFT_OUT:
        pytest.skip(LEFT_OUT[name, path.stem])
    test_results_stay_what_they_are(path, name, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", PAIRS)
def test_any_two_at_once_change_no_result(name: str) -> None:
    with Session() as host, Session(evaluator=name, allow=Capabilities.all()) as other:
        other.on_step = lambda stop: "continue"
        for program in (FIB, *(Writer(seed).program() for seed in range(1))):
            assert outcome(other, program) == outcome(host, program), program


def outcome(session: Session, program: str) -> Any:
    try:
        return write(run(session, program))
    except ChorusError as error:
        return error.code, error.span


@pytest.mark.parametrize("name", NAMES)
def test_generated_programs_come_to_the_same(name: str) -> None:
    with Session() as host, Session(evaluator=name, allow=Capabilities.all()) as other:
        other.on_step = lambda stop: "continue"
        for seed in range(40):
            program = Writer(seed).program()
            assert outcome(other, program) == outcome(host, program), program


def test_profile_counts_calls_and_times_them(session: Session) -> None:
    assert run(session, f"(with-evaluator profile {FIB})") == 55
    told = session.eval("(evaluator-report 'profile)")
    rows = [plain(row) for row in told]
    by_form = {write_form(row): row for row in rows}
    assert by_form["(< n 2)"]["calls"] == 177 and by_form["(- n 1)"]["calls"] == 88
    assert by_form["(< n 2)"]["place"] == "text:1:53"
    assert all(row["total"] >= row["self"] >= 0 for row in rows) and sum(row["self"] for row in rows) > 0


def plain(row: Any) -> dict[str, Any]:
    return {key.name: value for key, value in row.items()}


def write_form(row: dict[str, Any]) -> str:
    def spell(form: Any) -> str:
        return f"({' '.join(map(spell, form))})" if isinstance(form, list) else str(form)

    return spell(row["form"])


def test_trace_keeps_calls_and_arguments_in_order(session: Session) -> None:
    assert run(session, "(with-evaluator trace (+ 1 (* 2 3)))") == 7
    assert session.eval("(map (lambda (c) (hash-ref c :arguments)) (evaluator-report 'trace))") == [
        [2, 3],
        [1, 6],
    ]


def test_coverage_tells_what_was_not_run(session: Session) -> None:
    run(session, "(with-evaluator coverage (map (lambda (x) (if (> x 5) (list 'big x) x)) '(1 2 3)))")
    told = map(plain, session.eval("(evaluator-report 'coverage)"))
    rows = {write_form(row): row["begun"] for row in told}
    assert rows["(> x 5)"] == 3 and rows["(list (quote big) x)"] == 0 and rows["x"] == 3
    assert len(rows) == 4


def test_the_command_line_shows_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--evaluator", "coverage", "-e", "(if (> 1 2) (list 'yes) (list 'no))"]) == 0
    told = capsys.readouterr()
    assert told.out == "(no)\n"
    header, *rows = told.err.splitlines()[1:]
    assert header.split() == ["form", "place", "begun"] and [row.split()[-1] for row in rows] == [
        "1",
        "0",
        "1",
    ]


def test_two_at_once(session: Session) -> None:
    assert run(session, "(with-evaluator (profile trace) (+ 1 (* 2 3)))") == 7
    assert session.eval("(length (evaluator-report 'trace))") == 2
    assert session.eval("(length (evaluator-report 'profile))") == 2


def test_trace_sees_calls_that_provenance_follows(session: Session) -> None:
    run(session, "(define (outside x) (* x x)) (with-evaluator (trace provenance) (outside 5))")
    assert session.eval("(map (lambda (c) (get c :arguments)) (evaluator-report 'trace))") == [[5], [5, 5]]
    assert session.eval("(map (lambda (c) (get c :name)) (evaluator-report 'provenance))") == [
        Symbol("outside")
    ]


def test_coverage_marks_branches_whatever_is_beside_it(session: Session) -> None:
    for names in ("(coverage provenance)", "(provenance coverage)", "(dry-run coverage)"):
        run(session, f"(with-evaluator {names} (if (> 2 1) 10 20))")
        told = [plain(row) for row in session.eval("(evaluator-report 'coverage)")]
        assert {write_form(row): row["begun"] for row in told} == {
            "(> 2 1)": 1,
            "10": 1,
            "20": 0,
        }


def test_a_procedure_put_into_code_may_end_in_a_call(session: Session) -> None:
    session.eval("(define seen '()) (define (second! x) (set! seen (cons x seen)))")
    session.eval("(define (note! x) (second! (* 2 x)))")
    session.eval(
        "(special-form-define! 'noting (lambda (l x env at)"
        " (%call l (l note!) (list (l 4)) at) (evaluate l (cadr x) env at)))"
    )
    assert session.eval("(define (use) (noting 5)) (list (use) seen)") == [5, [8]]


def test_only_what_stands_in_the_form_is_noted(session: Session) -> None:
    run(session, "(define (outside x) (* x x)) (with-evaluator trace (outside 5))")
    assert session.eval("(length (evaluator-report 'trace))") == 1


def test_a_followed_procedure_keeps_what_it_holds(session: Session) -> None:
    session.eval("(define next (let ((n 0)) (lambda () (set! n (+ n 1)) n)))")
    session.eval("(next)")
    assert run(session, "(with-evaluator (trace follow) (list (next) (next)))") is not None
    assert session.eval("(next)") == 4


def test_what_was_compiled_for_one_composition_is_not_taken_for_another() -> None:
    """Texts are kept compiled, each upon those below it: what a later one redefines must hold in those."""
    for names in ("(trace follow)", "trace", "(coverage trace)", "dry-run", "what-if", "(trace follow)"):
        with Session(allow=Capabilities.all()) as made:
            made.eval("(define (twice x) (* 2 x))")
            assert made.eval(f"(with-evaluator {names} (twice 4))") == 8
            if "follow" in names:
                assert made.eval("(length (evaluator-report 'trace))") == 2


def test_a_loop_in_tail_position_stays_one(session: Session) -> None:
    loop = "(let loop ((i 0)) (if (< i 50000) (loop (+ i 1)) i))"
    assert run(session, f"(with-evaluator profile {loop})") == 50000


def test_an_unknown_evaluator_is_an_error_at_its_place(session: Session) -> None:
    with pytest.raises(EvalError, match="no evaluator nope") as caught:
        run(session, "(list (with-evaluator nope 1))")
    assert caught.value.span is not None and caught.value.span.column == 7


def test_what_was_looked_into_is_as_it_was_afterwards(session: Session) -> None:
    session.eval("(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))")
    session.eval("(define (twice x) (* 2 (fib x)))")
    session.eval("(twice 5)")
    bindings = session.space.dict
    before = {key: value for key, value in bindings.items() if key[-4:] == ":fib" or key in ("fib", "twice")}
    raised = [flag for flag, value in bindings.items() if flag.startswith("$:v:") and value is True]
    assert run(session, "(with-evaluator (coverage :follow) (twice 6))") == 16
    assert session.eval("(> (length (evaluator-report 'coverage)) 6)") is True
    with pytest.raises(ChorusError):
        run(session, "(with-evaluator (coverage :follow) (twice 'x))")
    assert all(bindings[key] is value for key, value in before.items())
    assert raised and all(bindings[flag] is True for flag in raised)
    run(session, "(with-evaluator (trace :follow) (begin (set! twice fib) (twice 6)))")
    assert session.eval("(twice 7)") == 13


ASKED = [
    ("(with-evaluator proflie 1)", "did you mean profile?"),
    ('(with-evaluator "profile" 1)', "without quotes"),
    ("(with-evaluator meta 1)", "with-level"),
    ("(with-evaluator (profile nothing-of-it) 1)", "there are coverage"),
    ("(evaluator-report 'profile+trace)", "(evaluator-report 'profile) and (evaluator-report 'trace)"),
    ("(evaluator-report 'what-if)", "(what-if …)"),
    ("(evaluator-report 'follow)", "stand on"),
]


@pytest.mark.parametrize(("form", "hint"), ASKED)
def test_a_name_that_is_none_gets_a_hint(form: str, hint: str) -> None:
    with Session() as session, pytest.raises(ChorusError) as caught:
        session.eval(form)
    assert caught.value.code == "evaluator" and hint in str(caught.value.hint)


def test_a_quoted_name_is_taken_for_the_name() -> None:
    with Session() as session:
        assert session.eval(
            "(list (with-evaluator 'trace (+ 1 2)) (with-evaluator '(trace coverage) (+ 3 4)))"
        ) == [3, 7]


@pytest.mark.parametrize(
    ("name", "hint"), [("mata", "did you mean meta"), ("profile+tarce", "trace?"), ("meta-9", "to meta-8")]
)
def test_the_command_line_suggests_too(name: str, hint: str) -> None:
    with pytest.raises(ChorusError) as caught:
        Session(evaluator=name)
    assert hint in str(caught.value.hint)


DEFINING = """
(define (f x) (* x 2))
(define a (get {:n 1} :n))
(define b (if #t (list 2 a) 3))
(define-record-type <p> (mp x) p? (x px))
(define-values (y z) (values 1 2))
(set! a 5)
(set! a (begin (set! y 7) (list 1 y)))
(define-syntax foo (syntax-rules () ((_ x) x)))
(map (lambda (v) (list (get v :version) (get v :names) (get v :definition))) (environment-history))"""


@pytest.mark.parametrize("name", NAMES)
def test_what_is_defined_is_a_version_whatever_the_evaluator(name: str) -> None:
    with Session() as host, Session(evaluator=name, allow=Capabilities.all()) as other:
        other.on_step = lambda stop: "continue"
        assert write(run(other, DEFINING)) == write(run(host, DEFINING))


IN_QUERIES = """
(define sales (rows->table '({:who "ann" :n 3} {:who "bob" :n 1} {:who "ann" :n 5})))
(define most 2)
(define (over? a b) (> a b))
(define (big? n) (over? n most))
(define (bigs t) (where t (big? n)))
"""


@pytest.mark.parametrize("name", NAMES)
def test_procedures_of_the_program_stand_in_queries(name: str) -> None:
    with Session(evaluator=name, allow=Capabilities.all()) as session:
        session.on_step = lambda stop: "continue"
        assert write(run(session, IN_QUERIES + "(column (bigs sales) n)")) == "(3 5)"


def test_why_names_what_a_query_was_written_out_of(session: Session) -> None:
    told = run(session, IN_QUERIES + "(why->string (why (bigs sales)))")
    assert all(f"{name}" in told for name in ("bigs", "big?", "over?", "most = 2"))


def test_what_if_changes_what_a_query_is_written_out_of(session: Session) -> None:
    for change, rows in (
        ("(most 4)", "(5)"),
        ("(big? (lambda (n) (< n 2)))", "(1)"),
        ("(define (over? a b) (< a b))", "(1)"),
    ):
        asked = f"(what-if-after (what-if ({change}) (column (bigs sales) n)))"
        assert write(run(session, IN_QUERIES + asked)) == rows
