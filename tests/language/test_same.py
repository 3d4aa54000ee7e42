"""Generated programs give the same value, output or error at the same place, however they are run: with and without
limits, with and without inlined primitives and regions and traced.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chorus import ChorusError, Limits, Session
from chorus.interpreter.loader import the_manifest
from chorus.runtime.printer import write

INLINED = (
    "+ - * / < > <= >= = not car cdr cons pair? null? eq? eqv? equal? zero? vector-ref vector-set! vector-length "
    "string-length string-append list length append reverse hash-ref hash-set! abs min max quotient remainder modulo "
    "even? odd? cadr caar cddr number? integer? string? symbol? vector? boolean? procedure?"
).split()
FUEL = 10**7


def another(primitive: Any) -> Any:
    """A procedure of the host that does as PRIMITIVE does."""

    def again(*arguments: Any) -> Any:
        return primitive(*arguments)

    return again


def without_inlining() -> Session:
    """A session in which every inlined primitive is another procedure, which does the same."""
    session = Session(limits=Limits(steps=FUEL))
    for name in INLINED:
        session.space.provide(name, another(session.space.get(name, None)))
    return session


def without_regions() -> Session:
    session = Session(limits=Limits(steps=FUEL))
    session.space.volatile.update(the_manifest().entries)
    return session


def traced() -> Session:
    session = Session(limits=Limits(steps=FUEL))
    session.eval(
        "(define (silently thunk) (parameterize ((current-error-port (open-output-string))) (thunk)))"
    )
    return session


@pytest.fixture(scope="module")
def sessions() -> Iterator[dict[str, Session]]:
    made = {
        "plain": Session(limits=Limits(seconds=600)),
        "metered": Session(limits=Limits(steps=FUEL, depth=50_000)),
        "without inlining": without_inlining(),
        "without regions": without_regions(),
        "traced": traced(),
    }
    yield made
    for session in made.values():
        session.close()


# — programs, as text: a procedure `f` of two parameters and calls of it —

NUMBERS = ["0", "1", "-1", "2", "7", "1/2", "2.5", "-0.0", "100000000000", "2147483647", "1e308", "+inf.0"]
OTHERS = [
    '"text"',
    "'sym",
    "'()",
    "'(1 2 3)",
    "#t",
    "#f",
    "#(1 2)",
    "#\\a",
    ":key",
    "(list 1 (list 2))",
    '""',
]


class Writer:
    """Writes expressions over the names in scope, the operands mostly of the kinds that the operators want."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.serial = 0

    def program(self) -> str:
        body = self.expression(["a", "b"], 3)
        calls = [f"(f {self.atom([])} {self.atom([])})" for _ in range(3)]
        return f"(define (f a b)\n  {body})\n(list {' '.join(calls)})"

    def atom(self, names: list[str]) -> str:
        choose = self.random.choice
        if names and self.random.random() < 0.6:
            return choose(names)
        return choose(NUMBERS) if self.random.random() < 0.75 else choose(OTHERS)

    def expression(self, names: list[str], depth: int) -> str:
        if depth == 0 or self.random.random() < 0.15:
            return self.atom(names)
        shape = self.random.choice(SHAPES)
        return shape(self, names, depth - 1)

    def counter(self) -> str:
        """A variable that ends a loop: nothing assigns it."""
        return f"count-{self.fresh()}"

    def fresh(self) -> str:
        self.serial += 1
        return f"v{self.serial}"


def _operator(w: Writer, names: list[str], depth: int) -> str:
    operator, count = w.random.choice(OPERATORS)
    return f"({operator} {' '.join(w.expression(names, depth) for _ in range(count))})"


def _if(w: Writer, names: list[str], depth: int) -> str:
    test = w.random.choice(["(< {} {})", "(= {} {})", "(equal? {} {})", "(and {} {})", "(or {} {})"])
    return f"(if {test.format(*_two(w, names, depth))} {' '.join(_two(w, names, depth))})"


def _two(w: Writer, names: list[str], depth: int) -> tuple[str, str]:
    return w.expression(names, depth), w.expression(names, depth)


def _let(w: Writer, names: list[str], depth: int) -> str:
    name, kind = w.fresh(), w.random.choice(["let", "let*", "letrec"])
    return f"({kind} (({name} {w.expression(names, depth)})) {w.expression([*names, name], depth)})"


def _loop(w: Writer, names: list[str], depth: int) -> str:
    i, kept = w.counter(), w.fresh()
    step = w.expression([*names, i, kept], depth)
    return f"(let loop (({i} 0) ({kept} {w.atom(names)})) (if (>= {i} 3) {kept} (loop (+ {i} 1) {step})))"


def _do(w: Writer, names: list[str], depth: int) -> str:
    i = w.counter()
    return f"(do (({i} 0 (+ {i} 1)) (all '() (cons {w.expression([*names, i], depth)} all))) ((= {i} 2) all))"


def _procedure(w: Writer, names: list[str], depth: int) -> str:
    x = w.fresh()
    return f"((lambda ({x}) {w.expression([*names, x], depth)}) {w.expression(names, depth)})"


def _map(w: Writer, names: list[str], depth: int) -> str:
    x, way = w.fresh(), w.random.choice(["map", "for-each", "filter", "vector-map"])
    items = "(vector 1 2 0)" if way == "vector-map" else "(list 1 2 0)"
    return f"({way} (lambda ({x}) {w.expression([*names, x], depth)}) {items})"


def _set(w: Writer, names: list[str], depth: int) -> str:
    name = w.random.choice([name for name in names if not name.startswith("count")])
    return f"(begin (set! {name} {w.expression(names, depth)}) {w.expression(names, depth)})"


def _guard(w: Writer, names: list[str], depth: int) -> str:
    inside = w.random.choice(["{}", "(raise {})", "(+ 1 {})", "(car {})"]).format(w.expression(names, depth))
    return f"(guard (e ((error-object? e) (error-object-message e)) (else (list 'caught e))) {inside})"


def _escape(w: Writer, names: list[str], depth: int) -> str:
    return f"(call/cc (lambda (k) (list {w.expression(names, depth)} (k {w.expression(names, depth)}))))"


def _recursion(w: Writer, names: list[str], depth: int) -> str:
    down, n = w.fresh(), w.counter()
    inside = w.expression([*names, n], depth)
    body = f"(if (< {n} 1) {w.atom(names)} (list {inside} ({down} (- {n} 1))))"
    return f"(let () (define ({down} {n}) {body}) ({down} 2))"


def _table(w: Writer, names: list[str], depth: int) -> str:
    key = w.atom(names)
    value = w.expression(names, depth)
    return f"(let ((t (make-hash-table))) (hash-set! t {key} {value}) (hash-ref t {w.atom(names)} 'no))"


SHAPES = [
    _operator,
    _operator,
    _operator,
    _if,
    _let,
    _loop,
    _do,
    _procedure,
    _map,
    _set,
    _guard,
    _escape,
    _recursion,
    _table,
]
OPERATORS = [
    (name, 2)
    for name in (
        "+",
        "-",
        "*",
        "/",
        "<",
        ">=",
        "=",
        "cons",
        "list",
        "eqv?",
        "min",
        "max",
        "quotient",
        "append",
    )
]
OPERATORS += [
    (name, 1)
    for name in ("car", "cdr", "not", "null?", "pair?", "-", "abs", "length", "reverse", "even?", "number?")
]
OPERATORS += [
    ("+", 3),
    ("<", 3),
    ("list", 0),
    ("vector", 2),
    ("string-append", 2),
    ("exact->inexact", 1),
    ("vector-ref", 2),
]


def outcome(session: Session, program: str, way: str) -> Any:
    """What PROGRAM comes to: a written value, or the error's code, message and place."""
    if way == "traced":
        definition, _, call = program.rpartition("\n")
        program = f"{definition}\n(silently (lambda () (trace f) {call}))"
    try:
        *_, (_, value) = session.run(program, "same")
        return write(value)
    except ChorusError as error:
        assert error.code not in ("internal", "limit"), f"{error.message}\n{program}"
        place = None if error.span is None or way == "traced" else (error.span.line, error.span.column)
        return error.code, error.message, place


def same(sessions: dict[str, Session], seed: int) -> None:
    program = Writer(seed).program()
    wanted = outcome(sessions["plain"], program, "plain")
    for way, session in sessions.items():
        got = outcome(session, program, way)
        expected = (*wanted[:2], None) if way == "traced" and isinstance(wanted, tuple) else wanted
        assert got == expected, f"{way}:\n{program}"


@settings(max_examples=100, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))
@given(st.integers(0, 2**64))  # the same ones each time: the slow test below is the one that looks for others
def test_the_same_however_it_is_run(sessions: dict[str, Session], seed: int) -> None:
    same(sessions, seed)


CASES = int(os.environ.get("CHORUS_CASES", "5000"))  # seven minutes


@pytest.mark.slow
@settings(
    max_examples=CASES, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)
@given(st.integers(0, 2**64))
def test_many_are_the_same_however_they_are_run(sessions: dict[str, Session], seed: int) -> None:
    same(sessions, seed)


def test_the_sessions_differ_in_what_they_are_for(sessions: dict[str, Session]) -> None:
    for way, session in sessions.items():
        session.eval("(define (g n) (let loop ((i 0) (s 0)) (if (= i n) s (loop (+ i 1) (+ s i)))))")
        assert session.eval("(g 10)") == 45
        raised = any(up for flag, up in session.space.dict.items() if flag.startswith("$:v:"))
        assert raised or way in ("without inlining", "without regions")
        own = session.space.get("+") is not session.space.foundation.get("+")
        assert own == (way == "without inlining")
    assert not any(
        up for flag, up in sessions["without regions"].space.dict.items() if flag.startswith("$:v:")
    )


def test_most_programs_give_values(sessions: dict[str, Session]) -> None:
    told = [outcome(sessions["plain"], Writer(seed).program(), "plain") for seed in range(300)]
    assert sum(isinstance(each, str) for each in told) > 60
    assert sum(isinstance(each, tuple) for each in told) > 30
