"""Rewriting while code runs: it invalidates what it must and no more, takes effect at the next call, and no call mixes
two versions of one definition.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
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


def shown(session: Session, text: str) -> str:
    return write([value for _, value in session.run(text, "test")][-1])


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


def test_callers_of_what_was_rewritten_are_fast_again(session: Session) -> None:
    session.eval(MANY)
    session.eval("(define kept (list run3 step3)) (run3 5)")
    session.eval("(rewrite step3 (define (step3 x) (* x 2.5)))")
    fast = raised(session)
    assert list(session.space.stale) == ["run3"]
    assert session.eval("(run3 5)") == 25.0
    assert raised(session) == fast + 1 and not session.space.stale
    assert session.eval("(list (eq? run3 (car kept)) (eq? step3 (cadr kept)) ((car kept) 5) ((cadr kept) 5))") == [
        True, False, 25.0, 8
    ]  # fmt: skip


CHANGED_FORMS = [
    "(define-syntax m (syntax-rules () ((_) 'second)))",
    "(define (m) 'second)",
]


@pytest.mark.parametrize("change", CHANGED_FORMS)
def test_code_is_not_expanded_anew(session: Session, change: str) -> None:
    """A procedure that is compiled again means what it meant, also if a macro that it uses is another by now."""
    session.eval("(define-syntax m (syntax-rules () ((_) 'first)))")
    session.eval("(define (f x) (* 2 x)) (define (g n s) (if (= n 0) (list (m) s) (g (- n 1) (+ s (f n)))))")
    assert shown(session, "(g 3 0)") == "(first 12)"
    session.eval(change)
    session.eval("(rewrite f (define (f x) (* 3 x)))")
    assert shown(session, "(g 3 0)") == shown(session, "(g 3 0)") == "(first 18)"


CHAIN = [
    ["(lambda (x) (+ x 1))", "(lambda (x) (* x 2))", "(lambda (x) (/ x 2.0))", "(lambda (x) (list x))"],
    ["(lambda (x) (p0 (+ x 1)))", "(lambda (x) (let loop ((i 3) (s 0)) (if (= i 0) s (loop (- i 1) (+ s (p0 i))))))",
     "(lambda (x) (if (< x 0) 'low (p0 x)))", "(lambda (x) x)"],
    ["(lambda (x) (if (= x 0) 0 (+ (p1 x) (p2 (- x 1)))))", "(lambda (x) (let ((y (p1 x))) (if (pair? y) y (- y 1))))",
     "(lambda (x) (p1 (p0 x)))", "(lambda (x) (vector-ref (vector 1 2 3 4 5) x))"],
]  # fmt: skip
changes = st.lists(
    st.one_of(st.tuples(st.integers(0, 2), st.integers(0, 3)), st.integers(1, 6), st.just("+")), max_size=8
)


def outcome(session: Session) -> str:
    try:
        return shown(session, "(list (p0 3) (p1 3) (p2 3))")
    except ChorusError as error:
        return error.code


@settings(max_examples=25, deadline=None)
@given(changes)
def test_rewritten_code_gives_what_general_code_gives(plan: list[Any]) -> None:
    with Session() as fast, Session() as general:
        general.eval("(define nothing 0)")
        fast.eval("(define nothing 0)")
        general.space.volatile.update(("+", "-", "*", "/", "<", "=", "pair?", "vector-ref", "p0", "p1", "p2"))
        for index, variants in enumerate(CHAIN):
            for session in (fast, general):
                session.eval(f"(define p{index} {variants[0]})")
        for change in plan:
            text = (
                "(define (+ a b) (- a b))"
                if change == "+"
                else f"(rollback! {change})"
                if isinstance(change, int)
                else f"(rewrite p{change[0]} {CHAIN[change[0]][change[1]]})"
            )
            outcomes = []
            for session in (fast, general):
                try:
                    session.eval(text)
                except ChorusError as error:
                    assert error.code == "version"  # there is none of that number yet
                outcomes.append((outcome(session), outcome(session)))
            assert outcomes[0] == outcomes[1], text


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


def test_what_comes_back_is_as_fast_as_it_was() -> None:
    with Session() as session:
        session.eval("(define (chosen f x) (if (pair? x) (chosen f (cdr x)) (f x)))")
        session.eval("(define (tiny x) (+ x 1))")
        session.eval("(define (run n) (let loop ((i 0) (s 0)) (if (= i n) s (loop (+ i 1) (+ s (tiny i))))))")
        bindings, number = session.space.dict, session.versions.history.number
        entry = bindings["$:d:chosen"]
        assert entry is not bindings["chosen"] and session.eval("(run 10)") == 55
        assert "tiny" in session.space.small
        session.eval("(rewrite chosen (define (chosen f x) (f x)))")
        session.eval("(rewrite tiny (define (tiny x) (+ x 2)))")
        assert session.eval("(run 10)") == 65
        session.eval(f"(rollback! 'v{number})")
        assert session.eval("(run 10)") == 55
        assert bindings["$:d:chosen"] is entry
        assert "tiny" in session.space.small and not session.space.stale
        assert any("tiny" in names and bindings[flag] for flag, names in session.space.relied.items())


@pytest.mark.parametrize(
    "definition",
    [
        "(rewrite half\n (lambda (x) (car x)))",
        "(rewrite half\n (define (half x) (car x)))",
        "(rewrite (half x)\n (begin 1    (car x)))",
    ],
)
def test_errors_of_a_rewritten_definition_are_told_where_it_was_written(
    session: Session, definition: str
) -> None:
    list(session.run("(define (half x) (/ x 2))", "first"))
    list(session.run(definition, "second"))
    for form in ("(half 5)", "(with-evaluator follow (half 5))", "(with-evaluator provenance (half 5))"):
        with pytest.raises(ChorusError) as caught:
            list(session.run(f"\n\n{form}", "third"))
        span = caught.value.span
        assert span is not None and (span.file, span.line) == ("second", 2)
    assert [(entry.span.file, entry.span.line) for entry in caught.value.stack] == [("third", 3)]


QUERY = """(define (sales) (rows->table '({:n 3} {:n 1} {:n 5})))
(define (big? n) (> n 2))
(define (bigs) (column (where (sales) (big? n)) n))
"""
CHANGES = [
    ("(rewrite big? (lambda (n) (> n 4)))", "(5)"),
    ("(rewrite big? (define (big? n) (< n 2)))", "(1)"),
    ("(set! big? (lambda (n) (> n 4)))", "(5)"),
    ("(rewrite big? (lambda (n) (> n 4))) (rollback! 'v2)(define (bigs) (column (where (sales) (big? n)) n))", "(3 5)"),
    ("(begin (define (big? n) (> n 4)))", "(5)"),
    ("(define-syntax def (syntax-rules () ((_ (f x) b) (define (f x) b)))) (def (big? n) (> n 4))", "(5)"),
    ("(eval '(define (big? n) (> n 4)) (interaction-environment))", "(5)"),
    ("(define-library (l) (export big?) (import (scheme base))"
     " (begin (define most 4) (define (big? n) (> n most)))) (import (l))", "(5)"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "rows"), CHANGES)
def test_a_query_takes_the_definition_that_holds(session: Session, change: str, rows: str) -> None:
    shown(session, QUERY + "(define most 0)")
    shown(session, change)
    assert shown(session, "(bigs)") == rows


def test_a_query_finds_definitions_of_other_frames_and_earlier_sessions(tmp_path: Path) -> None:
    with Session(tmp_path, persist=True) as first:
        shown(first, QUERY)
        assert shown(first, "(with-frame '((define (big? n) (> n 4))) (bigs))") == "(5)"
    with Session(tmp_path, persist=True) as second:
        assert shown(second, "(bigs)") == "(3 5)"
        shown(second, "(rewrite big? (lambda (n) (< n 2)))")
        assert shown(second, "(list (bigs) (with-environment 'v3 (bigs)))") == "((1) (3 5))"
