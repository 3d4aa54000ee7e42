"""Limits stop any program, no program catches them, and the session lives on."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from chorus import Capabilities, Limits, Session
from chorus.interpreter.faces.options import parse
from chorus.runtime.errors import Interrupted, LimitExceeded
from chorus.runtime.limits import resident
from chorus.runtime.values import Symbol

# A stop that comes while a callback of the garbage collector runs is lost there, and repeated until the job has ended
# (`Supervisor._alarm`, `cancel`); Python tells of the lost one.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

FOREVER = [
    "(define (f) (f)) (f)",
    "(let loop () (loop))",
    "(define (a) (b)) (define (b) (a)) (a)",
    "(let loop () (guard (e (#t (loop))) (loop)))",
    "(define (loop) (guard (e (#t (loop))) (+ 1 (loop)))) (loop)",
    "(do () (#f))",
    "(dynamic-wind (lambda () 1) (lambda () (let loop () (loop))) (lambda () (let loop () (loop))))",
    "(with-exception-handler (lambda (e) 1) (lambda () (let loop () (loop))))",
    "(call/cc (lambda (k) (let loop () (loop))))",
    "(apply (lambda () (let loop () (loop))) '())",
    "(map (lambda (x) (let loop () (loop))) '(1))",
    "(sort '(2 1) (lambda (a b) (let loop () (loop))))",
    "(force (delay (let loop () (loop))))",
    "(define-syntax m (syntax-rules () ((_) (m)))) (m)",
    "(let loop ((x 1)) (loop (* x 3)))",
]


@pytest.mark.parametrize("program", FOREVER)
def test_seconds(program: str) -> None:
    with Session(limits=Limits(seconds=0.3)) as session:
        session.eval("1")
        started = time.monotonic()
        with pytest.raises(LimitExceeded) as caught:
            session.eval(program)
        assert caught.value.kind in ("seconds", "nesting", "depth")  # whichever comes first
        assert time.monotonic() - started < 60  # it would go on for ever
        assert session.eval("(+ 1 2)") == 3


@pytest.mark.parametrize("program", FOREVER)
def test_steps(program: str) -> None:
    with Session(limits=Limits(steps=20_000, seconds=30)) as session:
        with pytest.raises(LimitExceeded) as caught:
            session.eval(program)
        assert caught.value.kind in ("steps", "nesting")
        assert session.eval("(+ 1 2)") == 3


def test_steps_are_counted_and_each_evaluation_has_its_own() -> None:
    with Session(limits=Limits(steps=10_000)) as session:
        for _ in range(5):
            assert session.eval("(let loop ((i 0)) (if (= i 6000) i (loop (+ i 1))))") == 6000
        with pytest.raises(LimitExceeded):
            session.eval("(let loop ((i 0)) (if (= i 20000) i (loop (+ i 1))))")


def test_run_counts_a_whole_text_as_one() -> None:
    loop = "(let loop ((i 0)) (if (= i 6000) i (loop (+ i 1))))"
    with Session(limits=Limits(steps=10_000)) as session, pytest.raises(LimitExceeded):
        list(session.run(f"{loop} {loop} {loop}", "x"))


DEEP = [
    "(define (f n) (+ 1 (f n))) (f 1)",
    "(define (f n) (+ 1 (apply f (list n)))) (f 1)",
    "(define (f n) (+ 1 (car (map f (list n))))) (f 1)",
    "(define (f n) (+ 1 (call/cc (lambda (k) (f n))))) (f 1)",
    "(define (f n) (+ 1 (guard (e (#t 1)) (f n)))) (f 1)",
    "(define (f n) (+ 1 (call-with-values (lambda () (f n)) (lambda (x) x)))) (f 1)",
    "(define (f n) (+ 1 (sort (list 2 1) (lambda (a b) (f n))))) (f 1)",
    "(define (f n) (+ 1 (eval '(f 1)))) (f 1)",
    "(define (f n) (+ 1 (parameterize () (f n)))) (f 1)",
    "(define (f) (dynamic-wind (lambda () 1) f (lambda () 2))) (f)",
    "(define (f) (with-exception-handler (lambda (e) (f)) (lambda () (+ 1 (raise 5))))) (f)",
    "(define (f . x) (+ 1 (apply f x))) (f)",
]


@pytest.mark.parametrize("metered", [False, True])
@pytest.mark.parametrize("program", DEEP)
def test_depth(program: str, metered: bool) -> None:
    with Session(limits=Limits(depth=20_000, steps=10**9 if metered else None)) as session:
        with pytest.raises(LimitExceeded) as caught:
            session.eval(program)
        assert caught.value.kind == "depth"
        assert session.eval("(+ 1 2)") == 3


@pytest.mark.parametrize("depth", [100, 3000])
@pytest.mark.parametrize("program", DEEP)
def test_depth_holds_within_its_slack(program: str, depth: int) -> None:
    with Session(limits=Limits(depth=depth)) as session:
        with pytest.raises(LimitExceeded) as caught:
            session.eval(program)
        error = caught.value
        assert (error.kind, error.limit) == ("depth", depth)
        assert depth <= error.used <= depth + max(100, depth // 10)
        assert str(error).endswith(f"of {depth:,}")


def test_depth_allows_what_it_promises() -> None:
    sum_to = "(define (f n) (if (= n 0) 0 (+ 1 (f (- n 1)))))"
    with Session(limits=Limits(depth=100)) as session, Session() as other:
        session.eval(sum_to)
        assert session.eval("(f 95)") == 95
        assert (
            session.eval("(let loop ((i 0)) (if (= i 10000) (f 90) (loop (+ i 1))))") == 90
        )  # tail calls take none
        # what another session may do on its own, deeper stack changes nothing
        release, entered = threading.Event(), threading.Event()
        other.register("wait", lambda: [entered.set(), release.wait(60)])
        waiting = threading.Thread(target=other.eval, args=("(wait)",))
        waiting.start()
        try:
            assert entered.wait(60)
            with pytest.raises(LimitExceeded) as caught:
                session.eval("(f 5000)")
            assert caught.value.used <= 200
        finally:
            release.set()
            waiting.join()


@pytest.mark.parametrize(
    "recursion",
    [
        "(+ 1 (f (- n 1)))",
        "(+ 1 (apply f (list (- n 1))))",
        "(+ 1 (car (map f (list (- n 1)))))",
        "(+ 1 (g (- n 1)))",
    ],
)
def test_100_000_deep(recursion: str) -> None:
    with Session() as session:
        session.eval("(define (g n) (f n))")
        assert session.eval(f"(define (f n) (if (= n 0) 0 {recursion})) (f 100000)") == 100_000


@pytest.mark.slow
def test_a_million_deep_is_a_limit_error() -> None:
    with Session() as session:
        for recursion in ("(+ 1 (f n))", "(+ 1 (apply f (list n)))"):
            with pytest.raises(LimitExceeded) as caught:
                session.eval(f"(define (f n) {recursion}) (f 1)")
            assert caught.value.kind == "depth"


def test_work_of_primitives_is_charged_before_it_is_done() -> None:
    with Session(limits=Limits(steps=10**6)) as session:
        for program in (
            "(expt 9 (expt 9 9))",
            "(make-vector (expt 2 40) 0)",
            "(make-string (expt 10 12) #\\a)",
        ):
            with pytest.raises(LimitExceeded):
                session.eval(program)


@pytest.mark.parametrize("program", FOREVER[:6])
def test_cancel_from_another_thread(program: str) -> None:
    with Session() as session:
        session.eval("1")
        threading.Timer(0.2, session.cancel, ["enough"]).start()
        with pytest.raises(Interrupted, match="enough"):
            session.eval(program)
        assert session.eval("(+ 1 2)") == 3


def test_cancel_without_an_evaluation_does_nothing() -> None:
    with Session() as session:
        session.cancel()
        assert session.eval("(+ 1 2)") == 3


def test_huge_programs_compile_or_are_a_limit_error() -> None:
    with Session() as session:
        clauses = " ".join(f"((= x {i}) {i})" for i in range(2000))
        assert session.eval(f"(define (f x) (cond {clauses} (else 'last))) (f 1999)") == 1999
        assert session.eval("(+ 1 " * 2000 + "0" + ")" * 2000) == 2000
        assert session.eval("(begin " + " ".join(str(i) for i in range(5000)) + ")") == 4999
        with pytest.raises(LimitExceeded):
            session.eval("(list " * 100_000 + "0" + ")" * 100_000)


@pytest.mark.skipif(resident() == 0, reason="this system does not tell how much memory a process has")
def test_bytes_stop_what_conses_without_end() -> None:
    with Session(limits=Limits(bytes=30_000_000, seconds=60)) as session:
        with pytest.raises(LimitExceeded) as caught:
            session.eval("(let loop ((x '())) (loop (cons (vector 1 2 3 4) x)))")
        assert caught.value.kind == "bytes"
        assert session.eval("(+ 1 2)") == 3


def test_an_operation_that_would_outlast_the_time_does_not_begin() -> None:
    with Session(limits=Limits(seconds=2)) as session:
        session.eval("1")
        with pytest.raises(LimitExceeded) as caught:
            session.eval("(expt 9 (expt 9 8))")
        assert caught.value.kind == "seconds"
        assert caught.value.used > 60  # what it would have taken: it was not begun
        assert session.eval("(modulo (expt 7 1000) 10)") == 1


@pytest.mark.parametrize(
    ("program", "written"),
    [
        ('(let loop () (display "abc") (loop))', 99),
        ('(let loop () (guard (e (#t (loop))) (write-string "abc")) (loop))', 99),
        ("(with-exception-handler (lambda (e) 1) (lambda () (let loop () (newline) (loop))))", 100),
        ("(display (make-string 50 #\\é)) (newline)", 100),
        ("(write (iota 1000000))", 0),
        ("(let loop () (parameterize ((current-output-port (current-output-port))) (print 1)) (loop))", 100),
        ("(define (f) 1) (trace f) (let loop () (display 1 (current-error-port)) (f) (loop))", None),
    ],
)
def test_output(program: str, written: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    with Session(limits=Limits(output=100, seconds=30)) as session:
        with pytest.raises(LimitExceeded) as caught:
            session.eval(program)
        error = caught.value
        assert (error.kind, error.limit) == ("output", 100)
        shown = capsys.readouterr()
        assert len((shown.out + shown.err).encode()) <= 100
        assert written is None or len(shown.out.encode()) == written
        session.eval("(display 1)")  # each evaluation has its own account
        assert capsys.readouterr().out == "1"


def test_output_counts_what_leaves_and_nothing_else(tmp_path: Path) -> None:
    path = str(tmp_path / "out")
    to_file = "(call-with-output-file path (lambda (p) (write-string (make-string {0} #\\a) p)))"
    with Session(limits=Limits(output=100), allow=Capabilities("write")) as session:
        in_memory = "(string-length (with-output-to-string (lambda () (display (make-string 5000 #\\a)))))"
        assert session.eval(in_memory) == 5000
        for program in (
            to_file.format(101),
            "(write-bytevector (make-bytevector 101 0) (open-binary-output-file path))",
        ):
            with pytest.raises(LimitExceeded):
                session.eval(program, path=path)
        session.eval(to_file.format(100), path=path)
    assert Path(path).stat().st_size == 100
    assert parse(["--limit-output", "2k", "-e", "1"]).limits.output == 2000
    with pytest.raises(ValueError, match="output should be a positive whole number"):
        Limits(output=0)


def test_symbols_are_forgotten() -> None:
    with Session(limits=Limits(steps=1_000_000)) as session:
        kept = session.eval('(define kept (string->symbol "kept-while-others-go")) \'kept-while-others-go')
        with pytest.raises(LimitExceeded):
            session.eval(
                '(let loop ((i 0)) (string->symbol (string-append "s" (number->string i))) (loop (+ i 1)))'
            )
        assert len(Symbol._table) < 200_000
        assert session.eval('(eq? kept (string->symbol "kept-while-others-go"))') is True
        assert Symbol("kept-while-others-go") is kept


JOINED = (
    "(aggregate (join (with-columns t (one 1)) (with-columns t (one 1)) :on one) (s (sum (* n n-right))))"
)


def test_the_deadline_holds_within_a_query() -> None:
    """The engine looks at nothing that is thrown into the thread: it has to be told."""
    rows = pa.table({"n": range(300_000)})
    with Session(limits=Limits(seconds=2)) as session, pytest.raises(LimitExceeded) as caught:
        session.eval(f"(column {JOINED} s)", t=rows)
    assert caught.value.kind == "seconds" and caught.value.used < 40  # of what would take minutes
    with Session(limits=Limits(seconds=60)) as session:
        assert session.eval(f"(column {JOINED} s)", t=rows.slice(0, 100)) == [4950 * 4950]
