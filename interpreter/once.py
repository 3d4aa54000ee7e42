"""Forms that run once and bind nothing: steps of a small stack machine, for which compiling would take longer.

What a form of calls, `if` and `begin` with constants and globals does is listed in the order in which compiled code
would do it. Anything else, a `lambda` or a `let`, is for the compiler. Where a call is under way the frame here becomes
a value when a continuation asks for it.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.constants import CURRENT_SPACE, decode, encode
from chorus.interpreter.compiler.expand import make_table
from chorus.interpreter.compiler.helpers import HELPER_NAMES, HELPERS
from chorus.interpreter.compiler.nodes import Call, Const, Define, Global, If, Node, Seq
from chorus.interpreter.compiler.pristine import pristine_key
from chorus.interpreter.compiler.units import kind_of
from chorus.interpreter.namespace import ABSENT, Namespace, key
from chorus.runtime.calling import STEPPING, making_calls, unwind
from chorus.runtime.continuations import Chain, resumable, transparent
from chorus.runtime.errors import Span
from chorus.runtime.values import UNSPECIFIED

Step = tuple[
    str, Any, Span | None
]  # the name of an operation (OPERATIONS), its operand, where it was written


RECORD_PROCEDURES = {"%record-constructor", "%record-predicate", "%record-accessor", "%record-modifier"}
MAKERS = {"make-parameter", "make-hash-table"}  # of data that is new each time


class Compiled(Exception):
    """The form is one for the compiler."""


class Machine:
    """One run in SPACE: where it is (AT the next step) and the values that wait for others (STACK)."""

    __slots__ = ("at", "space", "stack", "steps")

    def __init__(self, steps: list[Step], space: Namespace, at: int, stack: list[Any]) -> None:
        self.steps, self.space, self.at, self.stack = steps, space, at, stack

    def constant(self, value: Any) -> None:
        self.stack.append(value)

    def here(self, _: None) -> None:
        self.stack.append(self.space)

    def variable(self, name: str) -> None:
        self.stack.append(_bound(name, self.space.get(name, ABSENT)))

    def variable_of(self, place: tuple[str, Namespace]) -> None:
        name, space = place
        self.stack.append(_bound(name, space.get(name, ABSENT)))

    def procedure(self, name: str) -> None:
        self.stack.append(_bound(name, self.space.entry(name, ABSENT)))

    def primitive(self, name: str) -> None:
        self.stack.append(self.space.at(pristine_key(name)))

    def procedure_of(self, place: tuple[str, Namespace]) -> None:
        name, space = place
        self.stack.append(_bound(name, space.entry(name, ABSENT)))

    def drop(self, _: None) -> None:
        self.stack.pop()

    def go(self, at: int) -> None:
        self.at = at

    def unless(self, at: int) -> None:
        if self.stack.pop() is False:
            self.at = at

    def bind(self, name: str) -> None:
        self.space.define(name, self.stack.pop())
        self.stack.append(UNSPECIFIED)


def _bound(name: str, value: Any) -> Any:
    if value is ABSENT:
        raise NameError(f"name {name!r} is not defined", name=key(name))
    return value


CALL = "call"  # done by `proceed` itself: a frame of its own would have to become a value too
LAST = "last-call"  # a call that is left to whoever runs the steps
OPERATIONS: dict[str, Any] = {
    "constant": Machine.constant,
    "helper": Machine.constant,
    "here": Machine.here,
    "variable": Machine.variable,
    "variable-of": Machine.variable_of,
    "procedure": Machine.procedure,
    "primitive": Machine.primitive,
    "procedure-of": Machine.procedure_of,
    "drop": Machine.drop,
    "go": Machine.go,
    "unless": Machine.unless,
    "bind": Machine.bind,
}


class Once:
    """A form as STEPS, which is run as a `Unit` is; KIND and NAME as there."""

    __slots__ = ("kind", "name", "steps")

    def __init__(self, steps: list[Step], kind: str = "other", name: str = "") -> None:
        self.steps, self.kind, self.name = steps, kind, name

    @property
    def is_data(self) -> bool:
        """Whether it only gives a global a constant."""
        return [step for step, *_ in self.steps] == ["constant", "bind"]

    @property
    def makes_procedure(self) -> bool:
        """Whether it only gives a global a procedure of a record type: one that can be made when it is called."""
        first, *_, last = self.steps
        return first[0] == "procedure" and first[1] in RECORD_PROCEDURES and last[0] == "bind"

    @property
    def record_type(self) -> tuple[Any, Any] | None:
        """The name and the fields of the record type that it gives a global, if that is all it does."""
        operations = [step[:2] for step in self.steps]
        if len(operations) != 5 or operations[0] != ("procedure", "%record-type"):
            return None
        (first, name), (second, fields) = operations[1:3]
        return (name, fields) if first == second == "constant" else None

    def making(self) -> Once | None:
        """The steps that make what it gives a global, if that is all they do: of constants, by primitives as they came,
        so that it makes no difference when they run.
        """
        *steps, last = self.steps
        made = [("primitive", *rest) if what == "procedure" else (what, *rest) for what, *rest in steps]
        plain = all(
            what in ("constant", CALL)
            or (what == "helper" and operand is make_table)
            or (what == "primitive" and operand in MAKERS)
            for what, operand, _ in made
        )
        return Once(made, "made", self.name) if plain and last[0] == "bind" else None

    @transparent
    def run(self, space: Namespace) -> Any:
        return proceed(Machine(self.steps, space, 0, []))

    def spell(self) -> tuple[Any, ...]:
        """For `marshal`; raises Unspeakable when a constant is a live object."""
        return tuple((step, SPELLED.get(step, _same)(operand)) for step, operand, _ in self.steps)

    @classmethod
    def read(cls, spelled: tuple[Any, ...]) -> Once:
        return cls([(step, READ.get(step, _same)(operand), None) for step, operand in spelled])


def _same(operand: Any) -> Any:
    return operand


SPELLED: dict[str, Any] = {
    "constant": encode,
    "variable-of": encode,
    "procedure-of": encode,
    "helper": HELPER_NAMES.__getitem__,
}
READ: dict[str, Any] = {"constant": decode, "helper": HELPERS.__getitem__}


def once(node: Node, space: Namespace, tail: bool = False) -> Once | None:
    """The form NODE of SPACE as steps; None if it is one to compile. In TAIL position a call that ends it is left."""
    steps: list[Step] = []
    try:
        _list(node, space, steps)
    except Compiled:
        return None
    return Once(_leaving_last(steps) if tail else steps, *kind_of(node))


ENTRY_OR_VALUE = {
    "procedure": "variable",
    "procedure-of": "variable-of",
}  # an entry would make its last call itself


def _leaving_last(steps: list[Step]) -> list[Step]:
    """STEPS, of which calls that nothing follows are left to whoever runs them."""
    made = [(ENTRY_OR_VALUE.get(step, step), operand, site) for step, operand, site in steps]
    for at, (step, operand, site) in enumerate(steps):
        after = at + 1
        while after < len(steps) and steps[after][0] == "go":
            after = steps[after][1]
        if step == CALL and after == len(steps):
            made[at] = (LAST, operand, site)
    return made


def _list(node: Node, space: Namespace, steps: list[Step]) -> None:
    """Append what NODE does to STEPS."""
    lister = LISTERS.get(node.__class__)
    if lister is None:
        raise Compiled
    lister(node, space, steps)


def _list_constant(node: Const, space: Namespace, steps: list[Step]) -> None:
    value = node.value
    if value is CURRENT_SPACE:
        steps.append(("here", None, node.span))
    else:
        steps.append(
            ("helper" if callable(value) and value in HELPER_NAMES else "constant", value, node.span)
        )


def _list_global(node: Global, space: Namespace, steps: list[Step], what: str = "variable") -> None:
    if node.space is space:
        steps.append((what, node.name, node.span))
    else:
        steps.append((what + "-of", (node.name, node.space), node.span))


def _list_call(node: Call, space: Namespace, steps: list[Step]) -> None:
    if isinstance(node.fn, Global):
        _list_global(node.fn, space, steps, "procedure")
    else:
        _list(node.fn, space, steps)
    for argument in node.args:
        _list(argument, space, steps)
    steps.append((CALL, len(node.args), node.span))


def _list_if(node: If, space: Namespace, steps: list[Step]) -> None:
    _list(node.test, space, steps)
    test = len(steps)
    steps.append(("unless", None, node.span))
    _list(node.yes, space, steps)
    skip = len(steps)
    steps.append(("go", None, node.span))
    steps[test] = ("unless", len(steps), node.span)
    _list(node.no, space, steps)
    steps[skip] = ("go", len(steps), node.span)


def _list_seq(node: Seq, space: Namespace, steps: list[Step]) -> None:
    for item in node.items[:-1]:
        _list(item, space, steps)
        steps.append(("drop", None, None))
    _list(node.items[-1], space, steps)


def _list_define(node: Define, space: Namespace, steps: list[Step]) -> None:
    _list(node.value, space, steps)
    steps.append(("bind", node.name, node.span))


LISTERS: dict[type[Node], Any] = {
    Const: _list_constant,
    Global: _list_global,
    Call: _list_call,
    If: _list_if,
    Seq: _list_seq,
    Define: _list_define,
}


def _becomes_value(variables: dict[str, Any], chain: Chain) -> Chain:
    machine = variables["machine"]
    steps, space, at, stack = machine.steps, machine.space, machine.at, list(machine.stack)
    return (_go_on, (steps, space, at, stack), chain, chain[3] + 1)


@transparent
def _go_on(value: Any, suspended: tuple[list[Step], Namespace, int, list[Any]]) -> Any:
    steps, space, at, stack = suspended
    return proceed(Machine(steps, space, at, [*stack, value]))


@resumable(_becomes_value)
def proceed(machine: Machine) -> Any:
    """What MACHINE comes to."""
    steps, stack = machine.steps, machine.stack
    end = len(steps)
    while machine.at < end:
        step, operand, site = steps[machine.at]
        machine.at += 1
        if step in (CALL, LAST):
            first = len(stack) - operand
            arguments, procedure = tuple(stack[first:]), stack[first - 1]
            del stack[first - 1 :]
            if step == LAST:
                return (procedure, arguments, site)
            result = procedure(*arguments)
            stack.append(unwind(result) if result.__class__ is tuple else result)
        else:
            OPERATIONS[step](machine, operand)
    return stack[-1]


STEPPING.append(proceed.__code__)
making_calls(proceed.__code__)
