"""Random programs that keep continuations and enter them again give what an interpreter in continuation-passing style,
written plainly in this file, gives: value and trace alike.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import ChorusError, Limits, Session
from chorus.interpreter import suspended, twins
from chorus.runtime.continuations import MAKERS, place
from chorus.runtime.values import Symbol, make_list

# — programs: nested Python lists of strings (names) and integers —

NAMES = ["a", "b", "c"]
name = st.sampled_from(NAMES)
atoms = st.one_of(st.integers(-3, 3), name)


def compound(each: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.tuples(st.sampled_from(["+", "-", "list2"]), each, each).map(list),
        st.tuples(each, each, each, each).map(lambda t: ["if", ["<", t[0], t[1]], t[2], t[3]]),
        st.tuples(name, each, each).map(lambda t: ["let", [[t[0], t[1]]], t[2]]),
        st.tuples(each, each).map(lambda t: ["begin", *t]),
        st.tuples(name, each).map(lambda t: ["set!", *t]),
        st.tuples(name, each, each).map(lambda t: [["lambda", [t[0]], t[1]], t[2]]),
        each.map(lambda t: ["note", t]),
        # a continuation that is kept: whoever enters it again later does so with another value
        each.map(lambda t: ["call/cc", ["lambda", ["k"], ["begin", ["keep", "k"], t]]]),
        each.map(lambda t: ["call/cc", ["lambda", ["k"], ["begin", ["note", t], ["k", 7], ["note", 99]]]]),
        # loops that are left from within, one of them or both
        st.tuples(each, each, each).map(
            lambda t: [
                "call/cc",
                ["lambda", ["q"], ["rounds", 3, ["if", ["<", t[0], t[1]], ["q", t[2]], ["note", 5]]]],
            ]
        ),
        st.tuples(each, each, each, each).map(
            lambda t: [
                "call/cc",
                [
                    "lambda",
                    ["out"],
                    [
                        "begin",
                        [
                            "rounds",
                            2,
                            [
                                "call/cc",
                                [
                                    "lambda",
                                    ["q"],
                                    [
                                        "rounds",
                                        2,
                                        [
                                            "if",
                                            ["<", t[0], t[1]],
                                            ["q", t[2]],
                                            ["if", ["<", t[1], t[2]], ["out", t[3]], ["note", 6]],
                                        ],
                                    ],
                                ],
                            ],
                        ],
                        ["note", 8],
                    ],
                ],
            ]
        ),
        st.tuples(st.integers(0, 3), each).map(lambda t: ["again", *t]),
        st.tuples(name, each).map(lambda t: ["each", ["lambda", [t[0]], t[1]]]),
        st.tuples(name, each).map(lambda t: ["total", ["lambda", [t[0]], t[1]]]),
        each.map(lambda t: ["wind", ["lambda", [], t]]),
        each.map(lambda t: ["guarded", ["lambda", [], t]]),
        # a loop whose rounds may be entered again
        each.map(lambda t: ["rounds", 3, t]),
        # a variable that closures share
        st.tuples(name, each, each).map(
            lambda t: [
                "let",
                [[t[0], t[1]]],
                [["lambda", [], ["begin", ["set!", t[0], ["+", t[0], 1]], t[2]]]],
            ]
        ),
    )


programs = st.recursive(atoms, compound, max_leaves=14)

PRELUDE = """
(define kept '())
(define fuel 6)
(define trace '())
(define (number x) (if (number? x) x 1))
(define (plus a b) (+ (number a) (number b)))
(define (minus a b) (- (number a) (number b)))
(define (less a b) (< (number a) (number b)))
(define (list2 a b) (if (< (length trace) 400) (begin (set! trace (cons (list a b) trace)) 2) 3))
(define (note x) (set! trace (cons x trace)) x)
(define (keep k) (set! kept (cons k kept)))
(define (again n x)
  (if (and (> fuel 0) (pair? kept))
      (begin (set! fuel (- fuel 1)) ((list-ref kept (modulo n (length kept))) x))
      x))
(define (each f) (map f '(1 2 3)) 5)
(define (total f) (fold (lambda (x sum) (plus (f x) sum)) 0 '(1 2)))
(define (wind thunk) (dynamic-wind (lambda () (note 'in)) thunk (lambda () (note 'out))))
(define (guarded thunk) (guard (e (#t 4)) (thunk)))
"""


def written(program: Any) -> Any:
    """PROGRAM as a form of the language."""
    if isinstance(program, list):
        if program and program[0] == "rounds":
            _, count, body = program
            loop = ["let", "loop", [["i", 0], ["s", 0]], ["if", ["<", "i", count], None, "s"]]
            loop[3][2] = ["let", [["x", body]], ["loop", ["plus", "i", 1], ["plus", "s", "x"]]]
            return written(loop)
        return make_list([written(part) for part in program])
    if isinstance(program, str):
        return Symbol({"+": "plus", "-": "minus", "<": "less"}.get(program, program))
    return program


# — the reference —


class Machine:
    """Continuation-passing style: a continuation is a Python function of (value) to a further step."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self.fuel = 6
        self.trace: list[Any] = []
        self.winds: tuple[Any, ...] = ()

    def run(self, program: Any) -> Any:
        box: list[Any] = []
        step: Any = self.ev(program, {n: [0] for n in NAMES}, lambda v: box.append(v))
        while step is not None:
            step = step()
        return box[-1]

    def ev(self, x: Any, env: dict[str, list[Any]], k: Callable[[Any], Any]) -> Any:
        if isinstance(x, int):
            return lambda: k(x)
        if isinstance(x, str):
            return lambda: k(env[x][0])
        head = x[0]
        if head == "if":
            yes, no = x[2], x[3]
            return self.ev(x[1], env, lambda v: self.ev(yes if v else no, env, k))
        if head == "let":
            (((var, init),), body) = x[1:]
            return self.ev(init, env, lambda v: self.ev(body, {**env, var: [v]}, k))
        if head == "begin":
            return self.sequence(x[1:], env, k)
        if head == "set!":

            def store(v: Any) -> Any:
                env[x[1]][0] = v
                return lambda: k(None)

            return self.ev(x[2], env, store)
        if head == "lambda":
            return lambda: k(
                lambda args, k2: self.sequence(x[2:], {**env, **dict(zip(x[1], args, strict=True))}, k2)
            )
        if head == "rounds":
            return self.rounds(0, 0, x[1], x[2], env, k)
        return self.operands(x, [], env, k)

    def sequence(self, xs: list[Any], env: Any, k: Any) -> Any:
        if len(xs) == 1:
            return self.ev(xs[0], env, k)
        return self.ev(xs[0], env, lambda _: self.sequence(xs[1:], env, k))

    def rounds(self, i: int, s: int, count: int, body: Any, env: Any, k: Any) -> Any:
        if i >= count:
            return lambda: k(s)
        return self.ev(body, env, lambda v: self.rounds(i + 1, s + number(v), count, body, env, k))

    def operands(self, x: list[Any], done: list[Any], env: Any, k: Any) -> Any:
        if len(done) == len(x):
            return self.call(done, k)
        part = x[len(done)]
        if not done and isinstance(part, str) and hasattr(self, "do_" + WORDS.get(part, part)):
            return self.operands(x, [getattr(self, "do_" + WORDS.get(part, part))], env, k)
        return self.ev(part, env, lambda v: self.operands(x, [*done, v], env, k))

    def call(self, done: list[Any], k: Any) -> Any:
        return done[0]([[v] for v in done[1:]], k)

    def do_plus(self, args: Any, k: Any) -> Any:
        return lambda: k(number(args[0][0]) + number(args[1][0]))

    def do_minus(self, args: Any, k: Any) -> Any:
        return lambda: k(number(args[0][0]) - number(args[1][0]))

    def do_less(self, args: Any, k: Any) -> Any:
        return lambda: k(number(args[0][0]) < number(args[1][0]))

    def do_list2(self, args: Any, k: Any) -> Any:
        if len(self.trace) >= 400:
            return lambda: k(3)
        self.trace.append([args[0][0], args[1][0]])
        return lambda: k(2)

    def do_note(self, args: Any, k: Any) -> Any:
        self.trace.append(args[0][0])
        return lambda: k(args[0][0])

    def do_keep(self, args: Any, k: Any) -> Any:
        self.kept.insert(0, args[0][0])
        return lambda: k(None)

    def do_again(self, args: Any, k: Any) -> Any:
        if self.fuel > 0 and self.kept:
            self.fuel -= 1
            return self.kept[args[0][0] % len(self.kept)]([args[1]], k)
        return lambda: k(args[1][0])

    def do_callcc(self, args: Any, k: Any) -> Any:
        winds = self.winds

        def continuation(given: Any, _: Any) -> Any:
            return self.rewind(winds, lambda: k(given[0][0]))

        return args[0][0]([[continuation]], k)

    def rewind(self, winds: tuple[Any, ...], then: Any) -> Any:
        common = 0
        while common < min(len(winds), len(self.winds)) and winds[common] is self.winds[common]:
            common += 1
        self.trace += ["out"] * (len(self.winds) - common) + ["in"] * (len(winds) - common)
        self.winds = winds
        return then

    def do_wind(self, args: Any, k: Any) -> Any:
        self.trace.append("in")
        self.winds = (*self.winds, object())

        def leave(v: Any) -> Any:
            self.winds = self.winds[:-1]
            self.trace.append("out")
            return lambda: k(v)

        return args[0][0]([], leave)

    def do_guarded(self, args: Any, k: Any) -> Any:
        return args[0][0]([], k)

    def do_each(self, args: Any, k: Any) -> Any:
        return self.walk(args[0][0], [1, 2, 3], lambda _: lambda: k(5))

    def walk(self, f: Any, items: list[int], k: Any) -> Any:
        if not items:
            return k(None)
        return f([[items[0]]], lambda _: self.walk(f, items[1:], k))

    def do_total(self, args: Any, k: Any) -> Any:
        return self.add(args[0][0], [1, 2], 0, k)

    def add(self, f: Any, items: list[int], so_far: int, k: Any) -> Any:
        if not items:
            return lambda: k(so_far)
        return f([[items[0]]], lambda v: self.add(f, items[1:], number(v) + so_far, k))


WORDS = {"+": "plus", "-": "minus", "<": "less", "call/cc": "callcc"}


def number(v: Any) -> Any:
    return v if isinstance(v, int) and not isinstance(v, bool) else 1


def plain(value: Any) -> Any:
    """VALUE for comparison: procedures and what is unspecified are all alike."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str | Symbol):
        return str(getattr(value, "name", value))
    if isinstance(value, list):
        return [plain(each) for each in value]
    return "something"


@pytest.fixture(scope="module", params=["plain", "metered", "twins", "metered twins"])
def session(request: Any) -> Any:
    limits = Limits(steps=10**9) if "metered" in request.param else None
    with pytest.MonkeyPatch.context() as patch, Session(limits=limits) as made:
        if "twins" in request.param:
            patch.setattr(
                suspended, "OFTEN", 0
            )  # every procedure gets one as soon as a continuation has its frame
        patch.setattr(twins, "cool", _no_twin)
        made.eval(PRELUDE)
        yield made


def _no_twin(meta: Any) -> None:
    raise AssertionError(f"{meta.name} has no twin")


@given(programs)
@settings(max_examples=200, deadline=None)
def test_as_in_continuation_passing_style(session: Any, program: Any) -> None:
    machine = Machine()
    wanted = machine.run(program)
    session.eval("(begin (set! kept '()) (set! fuel 6) (set! trace '()))")
    form = make_list([Symbol("let"), make_list([make_list([Symbol(n), 0]) for n in NAMES]), written(program)])
    value = session.evaluate(form)
    trace = list(session.evaluate(make_list([Symbol("reverse"), Symbol("trace")])))
    assert [plain(list(t) if hasattr(t, "car") else t) for t in trace] == [plain(t) for t in machine.trace]
    assert plain(value) == plain(wanted)


def test_a_continuation_of_another_session_is_refused() -> None:
    with Session() as one, Session() as two:
        one.eval("(define k #f)")
        one.eval("(+ 1 (call/cc (lambda (c) (set! k c) 1)))")
        two.register("enter", lambda: one.eval("(k 5)"))
        assert one.eval("(k 5)") == 6
        assert two.eval("(enter)") == 6


def test_host_code_between_cannot_be_entered_again() -> None:
    with Session() as s:
        s.register("call-me", lambda f: s.call(f, 1))
        s.eval("(define k #f)")
        assert s.eval("(+ 1 (call-me (lambda (x) (call/cc (lambda (c) (set! k c) x)))))") == 2
        with pytest.raises(ChorusError) as caught:
            s.eval("(k 5)")
        assert caught.value.code == "continuation"


def test_deep_frames_become_values_and_back() -> None:
    with Session() as s:
        s.eval("(define k #f) (define n 0)")
        s.eval("(define (deep d) (if (= d 0) (call/cc (lambda (c) (set! k c) 0)) (+ 1 (deep (- d 1)))))")
        assert s.eval("(deep 100000)") == 100000
        assert s.eval("(k 5)") == 100005


def test_every_host_procedure_that_calls_the_program_is_resumable() -> None:
    """What `sites` takes for calling the program is what has a maker, and the other way round."""
    from chorus.interpreter.compiler.sites import CALLING
    from chorus.interpreter.loader import the_manifest
    from chorus.runtime.primitive import TABLE

    for name in CALLING:
        import_module(the_manifest().entries[name].module)
    pending = {"apply", "eval"}
    for each in CALLING - {"make-parameter", "%bind!", "%bind-all!"}:
        function = TABLE[each].function
        assert place(function.__code__) in MAKERS, each
    for each, made in TABLE.items():
        if place(made.function.__code__) in MAKERS and each not in pending:
            assert each in CALLING, each


def test_frames_that_became_values_count_as_depth() -> None:
    with Session(limits=Limits(depth=5_000)) as s:
        s.eval("(define saved #f)")
        s.eval("(define (loop) (+ 1 (begin (call/cc (lambda (k) (set! saved k))) (loop))))")
        with pytest.raises(ChorusError) as caught:
            s.eval("(guard (e (#t 'caught)) (loop))")
        assert caught.value.code == "limit"
        assert s.eval("(+ 1 2)") == 3


def test_a_text_goes_on_after_the_form_whose_continuation_was_entered() -> None:
    text = """
        (define k #f) (define n 0) (define seen '())
        (set! seen (cons (call/cc (lambda (c) (set! k c) 'first)) seen))
        (set! n (+ n 1))
        (if (< n 3) (k n))
        (list n (reverse seen))"""
    with Session() as s:
        assert str(s.eval(text)) == "[3, [first, 1, 2]]"
    with Session() as s:
        assert [value for _, value in s.run(text)][-1].car == 3
        s.eval("(k 'later)")  # a text of its own: what follows there comes next
        assert s.eval("n") == 3
