"""The embedding contract: values both ways, registered functions, capabilities, isolation, freezing."""

from __future__ import annotations

import asyncio
import datetime as dt
import enum
import gc
import importlib
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus import (
    Capabilities,
    CapabilityDenied,
    ChorusError,
    EvalError,
    Keyword,
    LimitExceeded,
    Limits,
    Session,
    Symbol,
)
from chorus.runtime.errors import ArityError
from chorus.runtime.values import NIL, Opaque, Pair


@pytest.fixture(scope="module")
def shared() -> Any:
    with Session() as session:
        yield session


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(+ 1 2)", 3),
        ("'()", []),
        ("#t", True),
        ("(list #f #t)", [False, True]),
        ("(/ 1 2)", Fraction(1, 2)),
        ('"text"', "text"),
        ("#(1 2)", [1, 2]),
        ('\'(1 (2 "x"))', [1, [2, "x"]]),
        ('{:a 1 "b" \'(2)}', {Keyword("a"): 1, "b": [2]}),
        ("'sym", Symbol("sym")),
        ("#u8(1 2)", b"\x01\x02"),
        ('#inst "2026-01-31T10:00Z"', dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC)),
        ('(string-copy "mutable")', "mutable"),
        ("(if #f #f)", None),
        ("1 2 3", 3),
    ],
)
def test_values_come_out_as_the_contract_says(shared: Session, text: str, value: Any) -> None:
    got = shared.eval(text)
    assert got == value and type(got) is type(value)


scalars = st.one_of(
    st.integers(), st.booleans(), st.text(), st.fractions(), st.binary(), st.floats(allow_nan=False)
)
values = st.recursive(
    scalars,
    lambda each: st.one_of(st.lists(each, max_size=4), st.dictionaries(st.text(), each, max_size=3)),
    max_leaves=12,
)


@given(value=values)
def test_values_survive_the_way_in_and_out(shared: Session, value: Any) -> None:
    keyed = shared.eval("x", x=value)
    assert _with_text_keys(keyed) == value


def _with_text_keys(value: Any) -> Any:
    """A dict key like ":a" goes in as a keyword."""
    if isinstance(value, dict):
        return {(":" + k.name if isinstance(k, Keyword) else k): _with_text_keys(v) for k, v in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def test_none_and_the_empty_list_are_nil(shared: Session) -> None:
    assert shared.eval("(list (null? x) (null? y))", x=None, y=[]) == [True, True]


def test_other_host_objects_are_opaque_and_cannot_be_entered(shared: Session) -> None:
    thing = object()
    assert shared.eval("(car (list x))", x=thing) is thing
    for attempt in ("(x)", "(car x)", '(get x "__class__")', "(vector-ref x 0)"):
        with pytest.raises(ChorusError):
            shared.eval(attempt, x=thing)
    with pytest.raises(EvalError):
        shared.eval("(f 1)", f=print)  # even if the host could call it


def test_procedures_go_out_opaque_and_come_back(shared: Session) -> None:
    twice = shared.eval("(lambda (x) (* 2 x))")
    assert isinstance(twice, Opaque)
    assert shared.eval("(f 4)", f=twice) == 8


def test_python_is_not_reachable_by_name(shared: Session) -> None:
    for name in ("print", "__import__", "open", "getattr", "__builtins__", "globals", "None"):
        with pytest.raises(ChorusError) as caught:
            shared.eval(f"({name} 'os)") if name != "print" else shared.eval("__build_class__")
        assert caught.value.code in ("unbound", "not-procedure"), name


def test_registered_functions(shared: Session) -> None:
    shared.register("guild-size", lambda name, *, least=0: {"name": name, "size": [1, 2, least]})
    assert shared.eval('(guild-size "x" :least 5)') == {"name": "x", "size": [1, 2, 5]}
    assert shared.eval('(map guild-size \'("a"))') == [{"name": "a", "size": [1, 2, 0]}]

    def failing() -> None:
        raise RuntimeError("no such guild")

    shared.register("failing", failing)
    with pytest.raises(EvalError, match=r"failing: the host's function failed with RuntimeError$") as caught:
        shared.eval("(+ 1 (failing))")
    assert caught.value.span is not None
    assert caught.value.span.column == 6
    assert str(caught.value.__cause__) == "no such guild"  # for the host; the program sees nothing of it
    assert "guild" not in shared.eval("(guard (e (#t (error-object-message e))) (failing))")


def test_registered_functions_are_called_as_they_are_declared(shared: Session) -> None:
    shared.register("of-two", lambda a, b=1, *, scale=1: scale * (a + b))
    for call, message, hint in (
        ("(of-two)", "of-two got 0 arguments", "usage: (of-two a [b] :scale scale)"),
        ("(of-two 1 2 3)", "of-two got 3 arguments", "usage: (of-two a [b] :scale scale)"),
        (
            "(of-two 1 :scal 2)",
            "of-two takes no keyword :scal",
            "did you mean :scale? it takes :a, :b, :scale",
        ),
    ):
        with pytest.raises(ArityError) as caught:
            shared.eval(call)
        assert (caught.value.message, caught.value.hint) == (message, hint)
    assert shared.eval("(of-two 1 2 :scale 3)") == 9


def test_registering_needs_the_capability_of_the_declared_effect(shared: Session) -> None:
    with pytest.raises(CapabilityDenied):
        shared.register("fetch", lambda: 1, effects="net")
    with pytest.raises(ValueError, match="telepathy"):
        shared.register("fetch", lambda: 1, effects="telepathy")
    with Session(allow=Capabilities("net")) as session:
        session.register("fetch", lambda: 1, effects="net")
        assert session.eval("(fetch)") == 1


def test_nothing_is_allowed_by_default(shared: Session) -> None:
    for text in (
        "(random 10)",
        '(load "x.sexp")',
        "(current-time)" if _bound(shared, "current-time") else "(now)",
    ):
        with pytest.raises(CapabilityDenied):
            shared.eval(text)


def _bound(session: Session, name: str) -> bool:
    return name in session.names()


def test_a_session_evaluates_within_its_own_evaluation(shared: Session) -> None:
    shared.register("again", lambda text: shared.eval(text))
    assert shared.eval('(+ 1 (again "(* 2 3)"))') == 7


def test_set_of_a_foundation_name_reaches_the_stdlib_of_this_session_only() -> None:
    with Session() as one, Session() as other:
        one.eval("(set! car (lambda (x) 'changed))")
        assert one.eval("(map car '((1)))") == [Symbol("changed")]
        assert other.eval("(map car '((1)))") == [1]
    with Session() as one, Session() as other:
        one.eval("(set! reverse (lambda (x) 'evil))")
        assert one.eval("(map - '(1))") == Symbol("evil")  # the stdlib's map calls reverse
        assert other.eval("(map - '(1))") == [-1]


def test_define_of_a_foundation_name_shadows_it_for_own_code_only() -> None:
    with Session() as session:
        session.eval("(define (reverse x) 'mine)")
        assert session.eval("(reverse '(1))") == Symbol("mine")
        assert session.eval("(map - '(1 2))") == [-1, -2]


def test_a_frozen_base_is_shared_and_never_changed() -> None:
    with Session() as session:
        session.eval(
            "(define n 1) (define (next) (set! n (+ n 1)) n) (define-syntax ten (syntax-rules () ((_) 10)))"
        )
        session.eval("(define count (let ((i 0)) (lambda () (set! i (+ i 1)) i)))")
        base = session.freeze()
    with base.session() as one, base.session() as other:
        assert one.eval("(next) (count) (list (next) (ten) (count))") == [3, 10, 2]
        assert other.eval("(list n (next) (count))") == [1, 2, 1]
        one.eval("(define (next) 'changed)")
        assert other.eval("(next)") == 3


def test_sessions_of_a_base_share_no_data() -> None:
    look = "(list l (eq? l m) (get h :a) v (p-x r) (f) (car (cddr ring)) (force pr) (par) (hash-ref by r))"
    with Session() as session:
        session.eval(
            "(define l (list 1 2)) (define m l) (define h {:a l}) (define v (vector 1 2))"
            "(define-record-type p (make-p x) p? (x p-x set-p-x!)) (define r (make-p 1)) (define by {})"
            "(hash-set! by r 'found) (define ring (list 1 2)) (set-cdr! (cdr ring) ring)"
            "(define pr (delay (list 1))) (define par (make-parameter 5)) (define (g) 1) (define (f) (g))"
            "(define deep (let l ((i 0) (x '())) (if (= i 100000) x (l (+ i 1) (list x)))))"
        )
        base = session.freeze()
        session.eval("(set-car! l 'later)")
    with base.session() as one, base.session() as other:
        one.eval("(set-car! l 9) (hash-set! h :b 1) (vector-set! v 0 9) (set-p-x! r 5) (set-car! ring 7)")
        one.eval("(define (g) 2) (set-car! (force pr) 9)")
        found = Symbol("found")
        assert one.eval(look) == [[9, 2], True, [9, 2], [9, 2], 5, 2, 7, [9], 5, found]
        assert other.eval(look) == [[1, 2], True, [1, 2], [1, 2], 1, 1, 1, [1], 5, found]


def test_eight_threads_share_a_base() -> None:
    with Session() as session:
        session.eval("(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))")
        base = session.freeze()
    results: list[int] = []

    def work(k: int) -> None:
        with base.session() as mine:
            results.append(mine.eval(f"(define k {k}) (+ k (fib 10))"))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [55 + k for k in range(8)]


def test_earlier_effects_stand_when_a_later_form_errs(shared: Session) -> None:
    with pytest.raises(ChorusError):
        shared.eval("(define kept 5) (car 1) (define lost 6)")
    assert shared.eval("kept") == 5
    with pytest.raises(ChorusError, match="lost"):
        shared.eval("lost")


def test_a_text_that_cannot_be_read_has_no_effect(shared: Session) -> None:
    with pytest.raises(ChorusError) as caught:
        shared.eval("(define never-made 5) (car 1")
    assert caught.value.code.startswith("read")
    assert "never-made" not in shared.names()


def test_run_gives_form_after_form(shared: Session) -> None:
    given = shared.run("(define a 1) (+ a 1)", "x.sexp")
    assert [value for _, value in given][-1] == 2


def test_eval_takes_forms_too(shared: Session) -> None:
    assert shared.eval(Pair(Symbol("+"), Pair(1, Pair(2, NIL)))) == 3
    assert shared.eval([Symbol("+"), 1, 2]) == 3


def test_eval_async() -> None:
    async def main() -> list[int]:
        with Session() as one, Session() as other:
            return list(await asyncio.gather(one.eval_async("(+ x 1)", x=1), other.eval_async("(* 2 3)")))

    assert asyncio.run(main()) == [2, 6]


def test_exit_does_not_leave_the_host(shared: Session) -> None:
    with pytest.raises(EvalError) as caught:
        shared.eval("(exit 3)")
    assert caught.value.code == "exit"
    with pytest.raises(SystemExit) as left:
        list(shared.run("(exit 3)", "x"))
    assert left.value.code == 3


def test_a_closed_session_says_so() -> None:
    session = Session()
    assert session.eval("1") == 1
    session.close()
    session.close()
    with pytest.raises(EvalError) as caught:
        session.eval("1")
    assert caught.value.code == "closed"


def test_a_forgotten_session_ends_its_thread() -> None:
    session = Session()
    session.eval("1")
    thread = session.supervisor.worker.thread
    assert thread is not None and thread.is_alive()
    del session
    gc.collect()
    thread.join(2)
    assert not thread.is_alive()


def test_an_evaluator_that_is_not_there_is_a_typed_error() -> None:
    with pytest.raises(EvalError, match="no evaluator"):
        Session(evaluator="mata")


def test_describe(shared: Session) -> None:
    assert shared.describe("no-such-name") is None
    car = shared.describe("car")
    assert car is not None and car["usage"] == "(car pair)" and car["effects"] == ["pure"] and car["examples"]
    let = shared.describe("let")
    assert let is not None and let["kind"] == "form" and let["doc"]
    shared.eval('(define (mine a :k [k 1]) "Doc." a)')
    assert shared.usage("mine") == "(mine a :k k)"
    assert shared.keywords("mine") == [":k"]


def test_the_recursion_limit_of_the_host_is_as_before() -> None:
    import sys

    before = sys.getrecursionlimit()
    with Session() as session:
        session.eval("(define (deep n) (if (= n 0) 0 (+ 1 (deep (- n 1))))) (deep 50000)")
    assert sys.getrecursionlimit() == before


def test_the_environment_s_version_is_that_of_its_definitions() -> None:
    with Session() as one, Session() as other:
        assert one.context.environment_version == other.context.environment_version == "base"
        for session in (one, other):
            session.eval("(+ 1 2) (define (f x) x)")
        assert one.context.environment_version == other.context.environment_version != "base"
        one.eval("(f 1)")
        assert one.context.environment_version == other.context.environment_version
        one.eval("(set! f car)")
        assert one.context.environment_version != other.context.environment_version


def test_tables_come_as_arrow(sample_workspace: Any) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        table = session.tables("messages")
        assert table.arrow().num_rows == session.eval("(count (messages))") == len(table.df())
        with pytest.raises(ChorusError):
            session.tables("personas-that-are-none")


def test_shared_structure_leaves_the_language_once() -> None:
    with Session(limits=Limits(seconds=20)) as session:
        twice = "(let l ((i 0) (x '(1))) (if (= i 60) x (l (+ i 1) (list x x))))"
        value = session.eval(twice)
        assert value[0] is value[1]
        with pytest.raises(EvalError, match="parts") as caught:
            session.eval(f"(hash-code {twice})")
        assert caught.value.code == "size"


def test_hash_tables_lose_no_key_on_the_way_out() -> None:
    with Session() as session:
        assert session.eval("{1 2 3 4}") == {1: 2, 3: 4}
        with pytest.raises(EvalError, match="two keys"):
            session.eval("{1 2 #t 3}")


def test_a_procedure_outside_says_how_to_call_it() -> None:
    with Session() as session:
        double = session.eval("(lambda (x) (* x 2))")
        assert session.call(double, 4) == 8
        with pytest.raises(EvalError) as caught:
            double(4)
        assert "session.call" in (caught.value.hint or "")


def test_subclasses_convert_like_their_bases() -> None:
    class Level(enum.IntEnum):
        HIGH = 3

    class Name(str):
        __slots__ = ()

    class Names(list):
        pass

    with Session() as session:
        assert session.eval("(+ a 1)", a=Level.HIGH) == 4
        assert session.eval('(string-append n "!")', n=Name("x")) == "x!"
        assert session.eval("(cadr n)", n=Names([1, Name("k")])) == "k"


def test_effects_are_a_string_or_names() -> None:
    with Session() as session:
        session.register("size", len, effects=["pure"])
        assert session.eval('(size "abc")') == 3
        for wrong in (3, [], ["bad"], "bad", ""):
            with pytest.raises(ValueError, match="wanted: a string or an iterable"):
                session.register("f", len, effects=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"steps": 1.5}, {"seconds": "a"}, {"seconds": -1}, {"depth": None}, {"bytes": -1}]
)
def test_limits_are_positive_numbers(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} should be a positive"):
        Limits(**wrong)


def test_limits_are_named_in_full() -> None:
    with Session(limits=Limits(steps=1_000_000)) as session, pytest.raises(ChorusError, match="of 1,000,000"):
        session.eval("(let loop () (loop))")


def test_a_program_may_call_its_own_procedure_before_it_defines_it_under_the_name_of_a_form() -> None:
    with Session() as session:
        assert session.eval("(define (f) (cut 21)) (define (cut x) (* 2 x)) (f)") == 42
        assert session.eval("(cut 5)") == 10
    with Session() as session:
        assert session.eval("((cut + 1 <>) 2)") == 3
        with pytest.raises(ChorusError):
            session.eval("(car 5) (define (cut x) x)")
        assert session.eval("((cut + 1 <>) 2)") == 3


def test_a_limit_lets_an_import_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stopped half-way can often not be imported again."""
    (tmp_path / "slow_to_import.py").write_text(
        "import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end: pass\nwhole = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with Session(limits=Limits(seconds=0.3)) as session:
        session.register("load", lambda: importlib.import_module("slow_to_import").whole)
        with pytest.raises(LimitExceeded):
            session.eval("(begin (load) (let loop () (loop)))")
        assert session.eval("(load)") is True
