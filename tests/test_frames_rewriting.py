"""Rewriting while code runs: it invalidates what it must and no more, takes effect at the next call, and no call mixes
two versions of one definition.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import ChorusError, Limits, Session
from chorus.runtime.printer import write


@pytest.fixture
def session() -> Iterator[Session]:
    with Session() as made:
        yield made


def lowered(session: Session, text: str) -> int:
    """How many units' fast code TEXT invalidates."""
    before = session.space.lowered
    session.eval(text)
    return session.space.lowered - before


def raised(session: Session) -> int:
    return sum(up for flag, up in session.space.dict.items() if flag.startswith("$:v:"))


MANY = "\n".join(
    f"(define (step{i} x) (+ x {i}))\n"
    f"(define (run{i} n) (let loop ((i 0) (s 0)) (if (= i n) s (loop (+ i 1) (+ s (step{i} i))))))"
    for i in range(60)
)


def test_a_rewrite_invalidates_what_relies_on_the_name_and_no_more(session: Session) -> None:
    session.eval(MANY)
    session.eval("(list (run3 5) (run4 5))")
    fast = raised(session)
    assert fast >= 120
    assert lowered(session, "(rewrite step3 (lambda (x) (* x 2)))") == 1  # run3, which has it written in
    assert session.eval("(list (run3 5) (run4 5))") == [20, 30]
    assert lowered(session, "(rewrite run4 (lambda (n) n))") == 0  # nobody relies on it
    assert lowered(session, "(define unrelated 5)") == 0
    assert lowered(session, "(set! unrelated 6)") == 0
    assert raised(session) >= fast - 3


def test_a_rewrite_of_a_primitive_invalidates_all_that_use_it(session: Session) -> None:
    session.eval(MANY)
    assert lowered(session, "(set! * -)") == 0
    assert lowered(session, "(define (+ a b) (- a b))") >= 120
    assert session.eval("(step3 10)") == 7


def test_going_back_makes_code_fast_again(session: Session) -> None:
    session.eval(MANY)
    session.eval("(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))")
    session.eval("(fib 5)")
    fast = raised(session)
    number = session.versions.history.number
    session.eval(
        "(rewrite step3 (lambda (x) (* x 2))) (rewrite fib (lambda (n) 'other)) (define (+ a b) 'plus)"
    )
    assert raised(session) < fast - 100
    session.eval("(rollback! n)", n=number)
    assert raised(session) >= fast
    assert session.eval("(list (run3 5) (fib 10))") == [25, 55]
    session.eval("(define (f) 1) (define (f) 2)")
    session.eval("(with-environment 'base 1)")
    assert raised(session) >= fast and session.eval("(fib 10)") == 55


def test_flags_are_not_raised_for_names_that_code_assigns(session: Session) -> None:
    session.eval("(define (step x) (+ x 1)) (define (run n) (if (= n 0) (step 1) (run (- n 1))))")
    session.eval("(define (run n) 'later) (define (change!) (set! step (lambda (x) 'changed)))")
    session.eval("(rollback! 'v2)")
    session.eval("(define (change!) (set! step (lambda (x) 'changed))) (change!)")
    assert str(session.eval("(run 3)")) == "changed"


SELF = [
    # the rewrite takes effect at the next call of the name, which the loop makes itself
    (
        """(define (down n seen)
             (if (= n 0) (reverse seen)
                 (begin
                   (if (= n 3) (rewrite down (define (down n seen)
                                               (if (= n 0) (reverse (cons 'end seen)) (down (- n 1) (cons 'b seen))))))
                   (down (- n 1) (cons 'a seen)))))
           (down 5 '())""",
        "(a a a b b end)",
    ),
    (
        """(define (next n) (if (= n 0) 'done (begin (rewrite next (lambda (n) (list 'new n))) (next (- n 1)))))
           (next 3)""",
        "(new 2)",
    ),
    (
        """(define (f n) (if (= n 0) 'old (begin (eval '(define (f n) (list 'evaluated n))) (f (- n 1)))))
           (f 3)""",
        "(evaluated 2)",
    ),
    (
        """(define (ping n) (if (= n 0) 'ping (pong (- n 1))))
           (define (pong n) (if (= n 3) (rewrite ping (lambda (n) (list 'new n)))) (ping (- n 1)))
           (ping 8)""",
        "(new 2)",
    ),
    (
        """(define (count n) (if (= n 0) 0 (+ 1 (begin (if (= n 2) (rewrite count (lambda (n) 100))) (count (- n 1))))))
           (count 5)""",
        "104",
    ),
    (
        """(define (grow n)
             (if (= n 0) 'whole
                 (begin (%rewrite 'grow (list 'lambda '(n) (list 'if '(= n 0) (list 'quote n) '(grow (- n 1)))))
                        (grow (- n 1)))))
           (grow 4)""",
        "4",
    ),
    (
        """(define (f) 1) (define (g) (f))
           (map (lambda (i) (%rewrite 'f (list 'lambda '() i)) (g)) '(1 2 3))""",
        "(1 2 3)",
    ),
    (
        """(define (f) 1) (define (loop n all) (if (= n 0) all (begin (rollback! (if (odd? n) 'v2 'v1))
                                                                (loop (- n 1) (cons (f) all)))))
           (define (f) 2)
           (loop 0 '())""",
        "()",
    ),
]


@pytest.mark.parametrize("metered", [False, True])
@pytest.mark.parametrize(("program", "value"), SELF)
def test_a_loop_that_rewrites_itself_ends_with_the_right_value(
    program: str, value: str, metered: bool
) -> None:
    with Session(limits=Limits(steps=10**8) if metered else Limits()) as session:
        assert write([each for _, each in session.run(program, "program")][-1]) == value


def test_hundreds_of_rewrites_of_the_running_loop(session: Session) -> None:
    program = """
      (define (turn n sum)
        (if (= n 0) sum
            (begin (%rewrite 'turn (list 'lambda '(n sum)
                                         (list 'if '(= n 0) 'sum (list 'next-turn 'n (list '+ 'sum n)))))
                   (turn (- n 1) sum))))
      (define first-turn turn)
      (define (next-turn n sum) (first-turn n sum))
      (turn 300 0)"""
    # each version adds the n that it was made for, and is called with one less
    assert session.eval(program) == sum(range(2, 301)) == 45149


# — no mixture —

steps = st.lists(
    st.tuples(st.sampled_from(["call", "rewrite", "define", "eval", "rollback", "with"]), st.integers(0, 2)),
    min_size=1,
    max_size=12,
)


def body(name: str, k: int, inside: str) -> str:
    """A procedure that says its version K three times, doing something in between."""
    return f"(lambda () (let* ((a {k}) (x {inside}) (b {k}) (y {inside})) (list '{name} a b {k})))"


@settings(max_examples=60, deadline=None)
@given(steps)
def test_no_call_mixes_two_versions(plan: list[tuple[str, int]]) -> None:
    with Session() as session:
        first = " ".join(f"(define p{index} {body(f'p{index}', 0, '0')})" for index in range(3))
        session.eval(f"(begin {first}) (define (p0) '(p0 1 1 1)) (define (p1) '(p1 1 1 1))")
        seen: list[Any] = []
        session.register("note!", lambda value: seen.append(value))
        for number, (what, which) in enumerate(plan, 1):
            other = f"p{(which + 1) % 3}"
            change = f"(rewrite p{which} (lambda () (list 'p{which} {number} {number} {number})))"
            inside = f"(begin (note! ({other})) {change} (note! (p{which})))"
            made = body(f"p{which}", number, inside)
            session.eval(
                {
                    "call": f"(note! (p{which}))",
                    "rewrite": f"(begin (rewrite p{which} {made}) (note! (p{which})))",
                    "define": f"(define p{which} {made}) (note! (p{which}))",
                    "eval": f"(eval '(define p{which} {made})) (note! (p{which}))",
                    "rollback": f"(begin (rollback! {1 + number % 3}) (note! (p{which})))",
                    "with": f"(note! (with-environment {1 + number % 3} (p2)))",
                }[what]
            )
        assert seen
        for name, a, b, c in seen:
            assert a == b == c, (name, a, b, c)


def test_threads_of_one_session_see_whole_versions(session: Session) -> None:
    """Evaluations of one session come one after the other, whatever thread asks."""
    session.eval("(define (a) 0) (define (b) 0)")
    problems: list[Any] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            a, b, again = session.eval("(let* ((x (a)) (y (b))) (list x y (a)))")
            if not a == b == again:
                problems.append((a, b, again))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, 40):
            text = f"(define (a) {number}) (define (b) {number})"
            session.eval('(%import-frame text "both")', text=text)
            if number % 5 == 0:
                session.eval("(undo!)")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert problems == []


def test_a_stop_in_the_middle_of_a_rollback_leaves_one_version(session: Session) -> None:
    """Whatever moment a deadline strikes at, all of the names belong to one version, which is the one it says."""
    count = 60
    for value in (1, 2):
        text = " ".join(f"(define (f{i}) {value}) (define d{i} {value})" for i in range(count))
        session.eval('(%import-frame text "all")', text=text)
    every = "(list " + " ".join(f"(f{i}) d{i}" for i in range(count)) + ")"
    stopped = 0
    for delay in range(1, 60):
        timer = threading.Timer(delay / 20_000, session.cancel)
        timer.start()
        try:
            session.eval("(begin (rollback! 'v1) (rollback! 'v2))")
        except ChorusError as error:
            assert error.code == "interrupted"
            stopped += 1
        timer.join()
        values = set(session.eval(every))
        state = session.versions.state
        texts = {held.binding.text.rpartition(" ")[2].rstrip(")") for held in state.values()}
        assert len(values) == 1 and texts == {str(values.pop())}
    assert stopped > 5
