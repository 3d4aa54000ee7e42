"""`step`: where evaluation stops, what can be done there, and that it changes nothing unless it is told to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.runtime.errors import Interrupted

DEFINED = """(define (fact n) (if (= n 0) 1 (* n (fact (- n 1)))))
(define (inv x) (/ 1 x))
(define (all xs) (map (lambda (x) (inv x)) xs))
(define (spread xs) (let ((m (/ (apply + xs) (length xs)))) (map (lambda (x) (- x m)) xs)))
"""
COLUMN = DEFINED.splitlines()[3].index("(- x m)") + 1


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        for _ in made.run(DEFINED, "defined"):
            pass
        yield made


def last(session: Session, text: str) -> Any:
    *_, (_, value) = session.run(text, "text")
    return value


Seen = Callable[[str], tuple[Any, list[str]]]


@pytest.fixture
def stepped(session: Session, capsys: pytest.CaptureFixture[str]) -> Seen:
    """The value of a text, and the lines that were shown."""

    def run(text: str) -> tuple[Any, list[str]]:
        value = last(session, text)
        return value, capsys.readouterr().err.splitlines()

    return run


def test_in_shows_each_form_with_its_place_and_its_value(stepped: Seen) -> None:
    value, shown = stepped("(step (fact 1) :commands '(in in in in in in in in in in in))")
    assert value == 1
    assert shown == [
        "text:1:7   (fact 1)",
        "defined:1:18   (if (= n 0) 1 (* n (fact (- n 1))))",
        "  defined:1:22   (= n 0)",
        "  => #f",
        "defined:1:32   (* n (fact (- n 1)))",
        "  defined:1:37   (fact (- n 1))",
        "    defined:1:43   (- n 1)",
        "    => 0",
        "  defined:1:18   (if (= n 0) 1 (* n (fact (- n 1))))",
        "    defined:1:22   (= n 0)",
        "    => #t",
        "  => 1",
    ]


def test_over_and_out(stepped: Seen) -> None:
    _, shown = stepped("(step (+ (* 2 (+ 1 2)) 5) :commands '(in over in in))")
    assert shown == ["text:1:7   (+ (* 2 (+ 1 2)) 5)", "  text:1:10   (* 2 (+ 1 2))", "  => 6", "=> 11"]
    _, shown = stepped("(step (list (* 2 (+ 1 2)) (- 9 1)) :commands '(in in out in))")
    assert shown[2:5] == ["    text:1:18   (+ 1 2)", "  => 6", "  text:1:27   (- 9 1)"]


@pytest.mark.parametrize("place", ["4", f"4:{COLUMN}", f"defined:4:{COLUMN}", "-"])
def test_here_goes_on_to_a_place_or_a_name(stepped: Seen, place: str) -> None:
    value, shown = stepped(f"(step (spread '(1 2 6)) :commands '(\"here {place}\" locals))")
    assert value is not None
    if place == "4":
        assert shown[1].startswith("defined:4:21 ")
    else:
        assert shown[1].split() == [f"defined:4:{COLUMN}", "(-", "x", "m)"]
        assert "  x = 1" in shown and "  m = 3" in shown


def test_here_goes_on_to_the_beginning_of_a_procedure(stepped: Seen, session: Session) -> None:
    """Also of one that no form calls by its name."""
    _, shown = stepped('(step (map inv \'(1 2)) :commands \'("here inv" locals "here inv" locals))')
    form = "  defined:2:17   (/ 1 x)"
    assert shown[1:] == [form, "  x = 1", form, "  x = 2"]
    session.eval("(define double (lambda (x) (define y x) (* 2 y)))")
    _, shown = stepped("(step (map double '(4)) :commands '(\"here double\" y))")
    assert shown[1].endswith("(* 2 y)") and shown[2] == "  4"


def test_words_of_other_debuggers(stepped: Seen) -> None:
    _, shown = stepped('(step (fact 1) :commands \'(next in n "b 3"))')
    assert shown[1] == "next is no command and no name; is it over that you mean? help tells the commands"
    assert shown[3] == "1"  # the variable n
    assert "is it here that you mean" in shown[4]


def test_commands_may_have_the_dot_of_the_prompt(stepped: Seen) -> None:
    _, shown = stepped('(step (+ (* 2 (+ 1 2)) 5) :commands \'(".x" ".in" ".over"))')
    assert "nothing is called .x" in shown[1]
    assert shown[-3:] == ["  text:1:10   (* 2 (+ 1 2))", "  => 6", "=> 11"]


def test_forms_see_and_set_the_variables(stepped: Seen, session: Session) -> None:
    value, shown = stepped("(step (fact 3) :commands '(in (list n n) (set! n 1) (no-such 1) continue))")
    assert value == 1
    assert shown[2] == "(3 3)" and any("nothing is called no-such" in line for line in shown)
    assert last(session, "(fact 3)") == 6


def test_a_value_may_be_taken_for_a_form(stepped: Seen) -> None:
    assert stepped('(step (* 2 (+ 1 2)) :commands \'(in "use (* 5 5)"))')[0] == 50


def test_an_error_offers_restarts(stepped: Seen, session: Session) -> None:
    value, shown = stepped("(step (apply + (all '(1 0 2))) :commands '(continue x \"use 10\"))")
    assert str(value) == "23/2"
    assert shown[1:] == [
        "  error[division] /: division by zero",
        "  at defined:2:17, evaluating (/ 1 x)",
        "  1 retry   2 use FORM for its value   3 pass it on   4 abort",
        "  0",
    ]
    mend = "(step (twice 3) :commands '(continue (define (twice x) (* 2 x)) retry))"
    assert stepped(mend)[0] == 6
    with pytest.raises(ChorusError, match="division") as caught:
        stepped("(step (inv 0) :commands '(continue pass))")
    assert str(caught.value.span) == "defined:2:17"
    with pytest.raises(Interrupted, match="aborted"):
        stepped("(step (guard (e (#t 'caught)) (fact 3)) :commands '(in abort))")
    assert last(session, "(fact 3)") == 6


def test_the_program_s_own_handlers_have_precedence_unless_each_form_is_looked_at(stepped: Seen) -> None:
    guarded = "(guard (e (#t 'caught)) (inv 0))"
    assert str(stepped(f"(step {guarded} :commands '(continue))")[0]) == "caught"
    assert stepped(f'(step {guarded} :commands \'(in in in in in in "use 7"))')[0] == 7
    assert str(stepped(f"(step {guarded} :commands '(in in in in in in pass))")[0]) == "caught"


def test_loops_in_tail_position_take_no_stack(session: Session) -> None:
    loop = "(let loop ((i 0)) (if (< i 60000) (loop (+ i 1)) i))"
    session.eval("(define (count n) (if (= n 0) 'done (count (- n 1))))")
    assert last(session, f"(step {loop} :commands '(over))") == 60_000
    assert str(last(session, "(step (count 60000) :commands '(in over))")) == "done"


def test_continuations_go_through_stepped_forms(session: Session) -> None:
    again = """(let ((k #f) (n 0))
      (let ((v (+ 1 (call/cc (lambda (c) (set! k c) 1))))) (set! n (+ n 1)) (if (< n 3) (k n) (list v n))))"""
    for commands in ("()", "(continue)", "(in in in in in in in continue)"):
        assert str(last(session, f"(equal? (step {again} :commands '{commands}) {again})")) == "True"


def test_what_is_kept_of_a_stepped_form_does_not_stop(stepped: Seen, session: Session) -> None:
    _, shown = stepped("(define kept (step (let ((g fact)) (lambda (x) (* x (g x)))) :commands '(in)))")
    assert len(shown) == 2
    assert stepped("(kept 3)") == (18, [])


def test_the_host_can_be_asked(session: Session) -> None:
    stops: list[Any] = []

    def ask(stop: Any) -> str:
        stops.append(stop)
        return "in" if stop.kind == "form" else "use 5"

    session.on_step = ask
    assert last(session, "(step (+ 1 (inv 0)))") == 6
    assert [stop.kind for stop in stops] == ["form", "form", "form", "error"]
    assert stops[2].variables == {"x": 0} and stops[2].text == "(/ 1 x)" and stops[3].error.code == "division"
    session.on_step = lambda stop: None
    assert last(session, "(step (fact 4))") == 24


def test_what_is_done_in_one_go_is_asked_about_where_it_fails(stepped: Seen, session: Session) -> None:
    value, shown = stepped('(step (- (+ 1 (* 2 (car 5)))) :commands \'(continue "use 3"))')
    assert value == -7 and shown[2].endswith("evaluating (car 5)")
    session.eval("(define (twice x) (* 2 x)) (define (outer x) (twice (cdr x)))")
    value, shown = stepped('(step (- (outer 5)) :commands \'(continue x "use 4"))')
    assert value == -8 and shown[2].endswith("evaluating (cdr x)") and shown[4].strip() == "5"
    value, shown = stepped("(step (twice 'a) :commands '(continue \"use 9\"))")
    assert value == 9 and shown[2].endswith("evaluating (* 2 x)")


def test_nothing_that_a_procedure_did_is_done_again(stepped: Seen, session: Session) -> None:
    session.eval("(define n 0) (define (count! x) (set! n (+ n 1)) (if no-such 1 5))")
    value, shown = stepped("(step (+ 1 (count! (car '(1)))) :commands '(continue \"use 8\"))")
    assert value == 9 and session.eval("n") == 1 and shown[2].endswith("evaluating (count! (car '(1)))")
    value, _ = stepped(
        '(step (vector-set! (vector 1 2) (no-such 1) 3) :commands \'(continue "use 1" continue))'
    )
    assert session.eval("n") == 1


def test_out_of_a_form_that_was_begun_while_nobody_looked(stepped: Seen, session: Session) -> None:
    """Its frame has waited without anything being known of it; after an error somebody looks."""
    session.eval("(define (deep n) (if (= n 0) (car 5) (+ 1 (deep (- n 1)))))")
    value, shown = stepped('(step (deep 2) :commands \'(continue where "use 4"))')
    under_way = [line.split("   ")[-1] for line in shown]
    assert value == 6 and under_way.count("(deep (- n 1))") == under_way.count("(+ 1 (deep (- n 1)))") == 2
    session.eval("(define box 5) (define (late) (+ 1 (car box)))")
    mend = "(step (* 10 (+ 1 (late))) :commands '(continue where (set! box (list 7)) retry continue))"
    assert stepped(mend)[0] == 90


def run(program: Path, typed: str, *options: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "chorus.interpreter.faces.cli", *options, str(program)]
    return subprocess.run(words, input=typed, capture_output=True, text=True, timeout=120, check=False)


def test_a_script_reads_commands_from_standard_input(tmp_path: Path) -> None:
    program = tmp_path / "program.sexp"
    program.write_text("(define (f x) (* x 2))\n(write (step (+ 1 (f 3))))\n")
    done = run(program, "in\nover\n")
    assert (done.returncode, done.stdout) == (0, "7")
    assert "=> 6" in done.stderr and "standard input has no more commands" not in done.stderr
    done = run(program, "in\nin\n")
    assert done.stdout == "7" and "step: standard input has no more commands" in done.stderr
    program.write_text("(define (f x) (* x 2))\n(write (f 3))\n")
    done = run(program, "in\nin\nlocals\n", "--evaluator", "step")
    assert done.stdout == "6" and "x = 3" in done.stderr


def test_commands_must_be_a_list(session: Session) -> None:
    with pytest.raises(ChorusError, match="the commands are a list"):
        last(session, "(step 1 :commands 'in)")


def test_an_operand_that_fails_is_asked_about_itself() -> None:
    """Whatever it is an operand of: one that cannot fail, or one that is computed in one go."""
    with Session(allow=Capabilities.all()) as session:
        session.eval("(define x 'a)")
        for form in ("(cons (car x) 2)", "(cons 2 (car x))", "(+ (car x) 1)", "(let ((y x)) (< (car y) 10))"):
            step = f'(step (list 1 {form}) :commands \'(continue "use 9"))'
            expected = form.replace("(car x)", "9").replace("(car y)", "9")
            assert session.eval(f"(equal? {step} (list 1 {expected}))") is True, form
