"""`dry-run`: what only computes is done, everything else is told and left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus import Capabilities, Session
from chorus.interpreter.faces.cli import main


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    with Session(allow=Capabilities.all()) as made:
        made.eval('(define (note! text) (write-file "out.txt" text) (string-length text))')
        made.eval('(define (measure) (string->number (read-line (open-input-string "5"))))')
        made.eval('(define (ask) (embed-text "hello"))')
        yield made


def told(session: Session, form: str) -> str:
    *_, (_, value) = session.run(f"(dry-run->string (dry-run {form}))", "text")
    return value


def test_what_writes_is_told_with_its_place_and_arguments(session: Session) -> None:
    assert told(session, '(for-each note! \'("a" "bc"))').splitlines() == [
        '(for-each note! \'("a" "bc")) would',
        '  write-file with ("out.txt" "a") — writes a file   [<eval>:1:22]',
        '  write-file with ("out.txt" "bc") — writes a file   [<eval>:1:22]',
        "  its value is #<unspecified>",
    ]
    assert not Path("out.txt").exists()


def test_what_computes_is_done(session: Session) -> None:
    assert "its value is 10" in told(session, "(* 2 (measure))")
    assert "does nothing outside the program" in told(session, "(map car '((1) (2)))")


def test_an_effect_given_as_a_value_is_left_out_too(session: Session) -> None:
    assert "write-file with" in told(session, '((car (list write-file)) "out.txt" "x")')
    assert "write-file with" in told(session, '(apply write-file (list "out.txt" "x"))')
    assert not Path("out.txt").exists()


def test_both_branches_of_an_unknown_test(session: Session) -> None:
    lines = told(
        session, '(if (> (vector-ref (ask) 0) 0) (note! "high") (begin (display "low") 5))'
    ).splitlines()
    assert "embed-text" in lines[1] and "which is not known: both ways follow" in lines[2]
    assert "if (> (vector-ref (ask) 0) 0) holds: write-file" in lines[3]
    assert "if (> (vector-ref (ask) 0) 0) fails: display" in lines[4]
    assert lines[-1] == "  its value is unknown"


def test_branches_that_agree_have_a_value(session: Session) -> None:
    assert told(session, "(if (null? (ask)) 1 1)").splitlines()[-1] == "  its value is 1"


def test_what_one_branch_assigns_is_unknown_afterwards(session: Session) -> None:
    form = "(let ((n 1)) (if (null? (ask)) (set! n 2)) n)"
    assert told(session, form).splitlines()[-1] == "  its value is unknown"


def test_a_loop_with_an_unknown_end_is_followed_once(session: Session) -> None:
    form = '(let loop ((i 0)) (if (< i (vector-ref (ask) 0)) (begin (note! "round") (loop (+ i 1))) i))'
    assert told(session, form).count("write-file") == 1


def test_definitions_are_taken_back(session: Session) -> None:
    session.eval("(define total 1) (define (add! n) (set! total (+ total n)) total)")
    assert "its value is 6" in told(session, "(add! 5)")
    assert session.eval("total") == 1


def test_a_query_is_told_with_predicted_rows(session: Session) -> None:
    session.eval("(define talk (rows->table '({:n 1} {:n 2} {:n 3})))")
    lines = told(session, '(if (> (count (where talk (> n 1))) 1) (note! "many") \'few)').splitlines()
    assert lines[1].startswith("  read (where (rows) (> n 1)), about ") and "3 rows in (rows)" in lines[1]
    assert "write-file" in lines[2] and lines[3] == "  its value is 4"


def test_a_large_table_is_not_read(session: Session) -> None:
    session.eval("(define table (rows->table (map (lambda (n) {:n n}) (iota 100001))))")
    lines = told(session, "(count table)").splitlines()
    assert lines[1].startswith("  leave out reading (rows), about 100001 rows")
    assert lines[-1] == "  its value is unknown"


def test_an_error_is_where_it_ends(session: Session) -> None:
    assert told(session, '(begin (note! "a") (car 5))').splitlines()[-1].startswith("  then fail: car: ")


def test_the_command_line_does_nothing(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            [
                "--evaluator",
                "dry-run",
                "--allow",
                "write",
                "-e",
                '(begin (write-file "made.txt" "x") (+ 1 2))',
            ]
        )
        == 0
    )
    out = capsys.readouterr()
    assert out.out == "3\n" and "write-file" in out.err and not Path("made.txt").exists()


def value(session: Session, form: str) -> Any:
    return session.eval(f"(dry-run-value (dry-run {form}))")


def test_output_to_a_string_is_no_printing(session: Session) -> None:
    assert value(session, "(with-output-to-string (lambda () (display 5)))") == "5"


def test_what_the_program_may_not_do_is_told_as_well() -> None:
    with Session() as session:
        assert "write-file with" in told(session, '(write-file "out.txt" "x")')


def test_procedures_made_elsewhere_do_nothing_either(session: Session) -> None:
    session.eval('(define tools (list (lambda (x) (write-file "out.txt" x))))')
    session.eval('(define (many n) (if (= n 0) 0 (begin (note! "a") (many (- n 1)))))')
    assert "writes a file" in told(session, '((car tools) "x")')
    assert "writes a file" in told(session, '(for-each (car tools) \'("x"))')
    assert told(session, "(many 3)").count("write-file with") == 3
    session.eval("(define (run) (dry-run-value (dry-run (many 2))))")
    assert session.eval("(run)") == 0 and not Path("out.txt").exists()


FAILING = [
    "(car x)",
    "(+ 1 (car x))",
    "(map car (list x))",
    "(apply car (list x))",
    '(error "no" x)',
    "(first x)",
    "(x 1)",
    "(nothing x)",
    "(let loop ((i 0)) (if (< i 3) (loop (+ i 1)) (car x)))",
    "(for-each (lambda (y) (car y)) (list x))",
    "(sort (list x 'a) <)",
    "(call/cc (lambda (k) (car x)))",
    "(filter car (list x))",
    "(parameterize () (car x))",
]


@pytest.mark.parametrize("tool", ["(dry-run-value (dry-run FORM))", "(guard (e (#t e)) (why FORM))"])
@pytest.mark.parametrize("form", ["(f 5)", "(list (f 5))"])
def test_an_error_keeps_its_place(session: Session, tool: str, form: str) -> None:
    """Also in tail position, where what is followed goes on through calls that are looked at before they are made."""
    for body in FAILING:
        places = [
            session.eval(f"\n(define (f x) {body})\n\n(error-object-span {asked.replace('FORM', form)})")
            for asked in ("(guard (e (#t e)) FORM)", tool)
        ]
        assert places[0] and str(places[0]) == str(places[1]), body


def test_an_error_of_a_query_form_keeps_its_place(session: Session) -> None:
    session.eval("\n(define (f x) (where x 1))\n")
    told = session.eval("(error-object-span (dry-run-value (dry-run (f 5))))")
    assert str(told) == str(session.eval("(error-object-span (guard (e (#t e)) (f 5)))"))


def test_what_is_raised_and_is_no_error_ends_it_too(session: Session) -> None:
    session.eval('(define (f x) (write-file "a" "b") (raise (list x)))')
    assert session.eval("(dry-run->string (dry-run (f 5)))").splitlines()[-1].strip() == (
        "then fail: (5) is raised and not caught"
    )


@pytest.mark.parametrize(
    ("asked", "value"),
    [("(dry-run-value (dry-run {}))", 1), ("(what-if-after (what-if ((n 2)) {}))", 2)],
)
def test_what_is_circular_is_looked_through_once(session: Session, asked: str, value: int) -> None:
    session.eval("(define n 1)")
    form = asked.format("(list (take (circular-list n 3) 3) (length+ (circular-list n)))")
    assert session.eval(f"(equal? {form} '(({value} 3 {value}) #f))") is True


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ('(write-file "a")', "write-file got 1 argument "),
        ("(begin (display 1 2 3 4) 5)", "display got 4 arguments"),
        ('(write-file "a" 5)', "write-file: text should be a string, not 5"),
        ('(write-file "a" (write-file "b" "c") \'d)', "write-file got 3 arguments"),
        ('(apply write-file (list "a"))', "write-file got 1 argument "),
    ],
)
def test_what_is_left_out_must_be_called_rightly(session: Session, form: str, wrong: str) -> None:
    told_of = told(session, form)
    assert f"then fail: {wrong}" in told_of and "[text:1:" in told_of
    assert "caught" in told(session, f"(guard (e (#t 'caught)) {form})")


def test_what_is_not_known_may_be_of_any_type(session: Session) -> None:
    assert told(session, '(write-file "a" (write-file "b" "c"))').count("write-file with") == 2
