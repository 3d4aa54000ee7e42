"""Random programs give what a small interpreter, written plainly in this file, gives; metered code the
same.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import ChorusError, Limits, Session
from chorus.runtime.values import NIL, Pair, Symbol, make_list

# — programs: nested Python lists of strings (names), integers and booleans —

NAMES = ["a", "b", "c", "d"]
atoms = st.one_of(st.integers(-5, 5), st.booleans(), st.sampled_from(NAMES))


def compound(each: st.SearchStrategy) -> st.SearchStrategy:
    name = st.sampled_from(NAMES)
    body = st.lists(each, min_size=1, max_size=2)
    return st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "<", "="]), each, each).map(list),
        st.tuples(st.just("if"), each, each, each).map(list),
        st.tuples(st.just("set!"), name, each).map(list),
        body.map(lambda forms: ["begin", *forms]),
        st.tuples(st.just("lambda"), st.lists(name, max_size=2, unique=True), body).map(
            lambda t: ["lambda", t[1], *t[2]]
        ),
        st.tuples(name, each, body).map(lambda t: ["let", [[t[0], t[1]]], *t[2]]),
        st.tuples(name, each, name, each, each).map(
            lambda t: ["letrec", [[t[0], ["lambda", [], t[1]]]], t[4]]
        ),
        st.tuples(each, st.lists(each, max_size=2)).map(lambda t: [t[0], *t[1]]),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(each, max_size=3)).map(lambda t: [t[0], *t[1]]),
        # a loop that counts down, whose rounds may make closures over its variables
        st.tuples(name, each, each, st.booleans()).map(
            lambda t: (
                [
                    "let",
                    "loop",
                    [["n", 3], [t[0], t[1]]],
                    ["if", ["<", "n", 1], t[0], ["loop", ["-", "n", 1], t[2]]],
                ]
                if t[3]
                else [
                    "let",
                    "loop",
                    [["n", 3], [t[0], t[1]]],
                    ["if", ["<", "n", 1], t[2], ["loop", ["-", "n", 1], ["lambda", [], t[0]]]],
                ]
            )
        ),
    )


programs = st.recursive(atoms, compound, max_leaves=25)


def to_form(x: Any) -> Any:
    if isinstance(x, list):
        return make_list([to_form(item) for item in x])
    return Symbol(x) if isinstance(x, str) else x


# — the reference —


class Wrong(Exception):
    """Any error."""


class Closure:
    def __init__(self, params: list[str], body: list[Any], env: list[dict]) -> None:
        self.params, self.body, self.env = params, body, env


def find(name: str, env: list[dict]) -> dict:
    for frame in reversed(env):
        if name in frame:
            return frame
    raise Wrong


class Reference:
    def __init__(self) -> None:
        self.fuel = 3000

    def body(self, forms: list[Any], env: list[dict]) -> Any:
        value = None
        for form in forms:
            value = self.ev(form, env)
        return value

    def ev(self, x: Any, env: list[dict]) -> Any:
        self.fuel -= 1
        if self.fuel < 0:
            raise TimeoutError
        if isinstance(x, str):
            value = find(x, env)[x]
            if value is None:
                raise Wrong
            return value
        if not isinstance(x, list):
            return x
        match x[0]:
            case "if":
                return self.ev(x[2] if self.ev(x[1], env) is not False else x[3], env)
            case "set!":
                value = self.ev(x[2], env)
                find(x[1], env)[x[1]] = value
                return "unspecified"
            case "begin":
                return self.body(x[1:], env)
            case "lambda":
                return Closure(x[1], x[2:], env)
            case "let" if x[1] == "loop":
                frame: dict = {"loop": None}
                names = [n for n, _ in x[2]]
                values = [self.ev(v, env) for _, v in x[2]]
                frame["loop"] = Closure(names, x[3:], [*env, frame])
                return self.call(frame["loop"], values)
            case "let":
                return self.body(x[2:], [*env, {n: self.ev(v, env) for n, v in x[1]}])
            case "letrec":
                frame = {n: None for n, _ in x[1]}
                for n, v in x[1]:
                    frame[n] = self.ev(v, [*env, frame])
                return self.ev(x[2], [*env, frame])
            case "and":
                value = True
                for form in x[1:]:
                    value = self.ev(form, env)
                    if value is False:
                        break
                return value
            case "or":
                value = False
                for form in x[1:]:
                    value = self.ev(form, env)
                    if value is not False:
                        break
                return value
            case "+" | "-" | "*" | "<" | "=":
                return arithmetic(x[0], self.ev(x[1], env), self.ev(x[2], env))
        procedure = self.ev(x[0], env)
        return self.call(procedure, [self.ev(arg, env) for arg in x[1:]])

    def call(self, procedure: Any, args: list[Any]) -> Any:
        if not isinstance(procedure, Closure) or len(procedure.params) != len(args):
            raise Wrong
        return self.body(procedure.body, [*procedure.env, dict(zip(procedure.params, args, strict=True))])


def arithmetic(op: str, a: Any, b: Any) -> Any:
    if type(a) is not int or type(b) is not int:
        raise Wrong
    return {"+": a + b, "-": a - b, "*": a * b, "<": a < b, "=": a == b}[op]


def outcome(value: Any) -> Any:
    if isinstance(value, Closure) or callable(value):
        return "procedure"
    return "unspecified" if value == "unspecified" or type(value).__name__ == "Singleton" else value


@pytest.fixture(scope="module", params=[None, 10**9], ids=["plain", "metered"])
def session(request: pytest.FixtureRequest) -> Any:
    with Session(limits=Limits(steps=request.param)) as made:
        yield made


@settings(max_examples=400, deadline=None)
@given(program=programs)
def test_random_programs(session: Session, program: Any) -> None:
    env = [{"a": 1, "b": 2, "c": 3}]
    whole = ["let", [["a", 1]], ["let", [["b", 2]], ["let", [["c", 3]], program]]]
    try:
        wanted = outcome(Reference().ev(program, env))
    except Wrong:
        wanted = "error"
    except (TimeoutError, RecursionError):
        return
    try:
        got = outcome(session.evaluate(to_form(whole)))
    except ChorusError as error:
        assert error.code != "internal", error.message
        got = "error"
    assert got == wanted and type(got) is type(wanted)


def test_the_reference_can_tell_right_from_wrong() -> None:
    assert Reference().ev(["let", [["a", 2]], ["*", "a", 3]], []) == 6
    with pytest.raises(Wrong):
        Reference().ev(["+", True, 1], [])
    assert isinstance(to_form(["a"]), Pair) and to_form([]) is NIL
