"""Scopes find what an identifier means as a walk through them would, and deep nesting takes no quadratic time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus import Session
from chorus.interpreter.compiler.expand import Expander
from chorus.interpreter.compiler.syntax import Scope
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.reader import read_spanned
from chorus.runtime.values import Symbol

NAMES = [Symbol(each) for each in "abcd"]


def walked(scope: Any, name: Symbol) -> Any:
    """The definition that `Scope.find` is held against."""
    while isinstance(scope, Scope):
        if name in scope.bindings:
            return scope.bindings[name]
        scope = scope.parent
    return None


@given(st.lists(st.tuples(st.integers(0, 30), st.lists(st.sampled_from(NAMES), max_size=2)), max_size=60))
def test_a_lookup_finds_what_a_walk_finds(steps: list[tuple[int, list[Symbol]]]) -> None:
    scopes: list[Any] = [Namespace()]
    for serial, (back, names) in enumerate(steps):  # each scope within one of the latest, and bound at once
        scope = Scope(scopes[-1 - back % len(scopes)])
        for name in names:
            scope.bind(name, (serial, name))
        scopes.append(scope)
        for inner in scopes[1:]:
            for name in NAMES:
                assert inner.find(name) == walked(inner, name)


def lookups(monkeypatch: pytest.MonkeyPatch, session: Session, text: str) -> int:
    """How many steps from scope to scope compiling TEXT takes."""
    count = 0
    real = Scope.is_around

    def counted(self: Scope, other: Scope) -> bool:
        nonlocal count
        while other.depth > self.depth:
            count += 1
            other = other.jump if other.jump.depth >= self.depth else other.parent  # type: ignore[assignment]
        count += 1
        return other is self

    monkeypatch.setattr(Scope, "is_around", counted)
    ((form, span),) = read_spanned(text)
    space = session.space
    session._inside(
        lambda: Expander(space, "<text>", lambda node: None, lambda: None).expand(form, space, span)
    )
    monkeypatch.setattr(Scope, "is_around", real)
    return count


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "".join(f"(let ((x{i} {i})) " for i in range(n)) + "(+ x0 1)" + ")" * n,
        lambda n: "(let* (" + " ".join(f"(x{i} {i})" for i in range(n)) + ") x0)",
        lambda n: "(or " + " ".join(f"(car a{i})" for i in range(n)) + ")",
        lambda n: "".join(f"(lambda (x) (list x y{i} " for i in range(n)) + "0" + "))" * n,
    ],
    ids=["let", "let*", "or", "lambda"],
)
def test_deep_nesting_takes_no_quadratic_time(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Session() as session:
        once, eight_times = (lookups(monkeypatch, session, make(n)) for n in (100, 800))
    assert eight_times < 16 * once + 1000  # quadratic would be 64 times
