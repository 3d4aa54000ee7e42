"""What core nodes tell of names and calls before they run: names that nothing binds, calls that cannot fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Define,
    Global,
    If,
    Init,
    Lambda,
    Let,
    Local,
    Node,
    Ref,
    Seq,
    SetGlobal,
    SetLocal,
)
from chorus.interpreter.diagnostics import name_hint
from chorus.interpreter.effects import Effects
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.shapes import Shape, shape_of, shape_of_params
from chorus.interpreter.traces import suggest_keyword
from chorus.interpreter.unused import Unused
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.errors import CapabilityDenied, EvalError, Span, UnboundName, UnknownKeyword
from chorus.runtime.primitive import TABLE
from chorus.runtime.printer import brief
from chorus.runtime.values import Symbol


class Use(NamedTuple):
    """A global's name where it stands. AT_ONCE: outside of any procedure, so it needs its value there and then."""

    name: str
    span: Span | None
    at_once: bool
    unit: int


class Findings:
    """Facts gathered unit by unit (`collect`), and what follows from all of them (`conclude`)."""

    def __init__(self, space: Namespace) -> None:
        self.space = space
        self.units = 0
        self.uses: list[Use] = []
        self.calls: list[tuple[str, Call]] = []  # of globals
        self.defined: dict[str, tuple[int, Span | None]] = {}  # name → unit and place of its first definition
        self.shapes: dict[str, Shape | None] = {}  # of defined procedures; None: not always the same
        self.problems: list[EvalError | CapabilityDenied] = []
        self.given: dict[str, Span | None] = {}  # names of the language that are used → where first
        self.closed = True  # all definitions are known: nothing is loaded that could not be looked at

    def collect(self, unit: Node) -> None:
        """Take in one unit, before it is compiled."""
        locals_: dict[Local, Lambda] = {}
        unused = Unused()
        calls: list[tuple[Local, Call]] = []
        work: list[tuple[Node, bool]] = [(unit, True)]
        while work:
            node, at_once = work.pop()
            unused.see(node)
            if isinstance(node, (Global, SetGlobal)):
                if not self._is_given(node):
                    self.uses.append(Use(node.name, node.span, at_once, self.units))
                else:
                    self.given.setdefault(node.name, node.span)
            if isinstance(node, (Define, SetGlobal)):
                self._define(node)
            elif isinstance(node, Call):
                self._call(node, calls)
            locals_ |= {var: value for var, value in _bound_by(node) if isinstance(value, Lambda)}
            inside = at_once and not isinstance(node, Lambda)
            work += [(each, inside) for each in parts_of(node) if not _names_itself(node, each)]
        for var, call in calls:
            if var in locals_ and not var.assigned:
                self._hold(call, shape_of_params(locals_[var].params, var.name))
        for name, span in unused.found():
            self._add(EvalError(f"{name} is never used", code="unused"), span)
        self.units += 1

    def _is_given(self, node: Global | SetGlobal) -> bool:
        """Whether the language itself binds the name, as seen from where the code comes from."""
        base = self.space.base
        return (node.space is not self.space and node.space.holds(node.name)) or (
            base is not None and base.holds(node.name)
        )

    def _define(self, node: Define | SetGlobal) -> None:
        name = node.name
        procedure = node.value if isinstance(node, Define) and isinstance(node.value, Lambda) else None
        if isinstance(node, Define):
            self.defined.setdefault(name, (self.units, node.span))
        known = None if procedure is None or name in self.shapes else shape_of_params(procedure.params, name)
        self.shapes[name] = known

    def _call(self, node: Call, calls: list[tuple[Local, Call]]) -> None:
        fn = node.fn
        if isinstance(fn, Ref):
            calls.append((fn.var, node))
        elif isinstance(fn, Global):
            self.calls.append((fn.name, node))
        elif isinstance(fn, Lambda):
            self._hold(node, shape_of_params(fn.params, fn.name or "the procedure"))
        elif isinstance(fn, Const) and not callable(fn.value):
            problem = EvalError(f"{brief(fn.value)} is called, but is no procedure", code="not-procedure")
            self._add(problem, node.span)

    def _hold(self, call: Call, shape: Shape | None) -> None:
        problem = shape.wrong_with(call.args) if shape is not None else None
        if isinstance(problem, UnknownKeyword):
            suggest_keyword(problem)
        if problem is not None:
            self._add(problem, call.span)

    def _add(self, problem: EvalError | CapabilityDenied, span: Span | None) -> None:
        problem.span = problem.span or span
        problem.severity = "warning"
        self.problems.append(problem)

    def effects(self) -> set[str]:
        """The effects that the text may have: those of the names of the language that it uses."""
        effects = Effects(self.space)
        return {each for name in self.given if name not in self.defined for each in effects.of(name)}

    def denied(self, allow: Capabilities) -> Iterator[tuple[str, Span | None, str]]:
        """(primitive, where it is first used, the capability that it needs and ALLOW lacks).

        What a procedure of the stdlib calls in turn is left out: it may do without, as answers do without a network.
        """
        for name, span in self.given.items():
            made = TABLE.get(name) if name not in self.defined else None
            missing = None if made is None else allow.missing(made.effects)
            if missing is not None:
                yield name, span, missing

    def conclude(self, allow: Capabilities | None = None) -> list[EvalError | CapabilityDenied]:
        """All that was found, now that every definition is known; with what ALLOW would deny, if it is given."""
        if allow is not None:
            for name, span, missing in self.denied(allow):
                self._add(
                    CapabilityDenied(missing, name.lstrip("%"), hint=f"run it with --allow {missing}"), span
                )
        known = self.space.names() | self.defined.keys()
        for use in self.uses:
            self._check_name(use, known)
        for name, call in self.calls:
            if name in self.shapes:
                self._hold(call, self.shapes[name])
            elif isinstance(call.fn, Global):
                self._hold(call, shape_of(name, call.fn.space.get(name)))
        unique = {(each.span, each.message): each for each in self.problems}
        return list(unique.values())

    def _check_name(self, use: Use, known: set[str]) -> None:
        first = self.defined.get(use.name)
        if first is None:
            if self.closed:
                hint = name_hint(use.name, known)
                self._add(UnboundName(f"nothing is called {use.name}", hint=hint), use.span)
        elif use.at_once and first[0] > use.unit:
            related = (("defined here", first[1]),) if first[1] is not None else ()
            message = f"{use.name} is used before it is defined"
            self._add(UnboundName(message, related=related), use.span)


def _bound_by(node: Node) -> Iterator[tuple[Local, Any]]:
    if isinstance(node, Let):
        yield from zip(node.vars, node.inits, strict=True)
    elif isinstance(node, Init):
        yield node.var, node.value


def _names_itself(node: Node, part: Node) -> bool:
    """Whether PART is the thunk in (cons 'name (lambda () name)): what may be a column, and else a variable."""
    if not (isinstance(node, Call) and len(node.args) == 2 and node.args[1] is part):
        return False
    quoted = node.args[0]
    return (
        isinstance(quoted, Const)
        and isinstance(part, Lambda)
        and isinstance(part.body, Global)
        and quoted.value is Symbol(part.body.name)
    )


def parts_of(node: Node) -> list[Node]:
    """The expressions that NODE is made of."""
    match node:
        case If():
            return [node.test, node.yes, node.no]
        case Seq():
            return node.items
        case Let():
            return [*node.inits, node.body]
        case Bind():
            return [node.body]
        case SetLocal() | Init() | SetGlobal() | Define():
            return [node.value]
        case Lambda():
            optional = [default for _, default in node.params.optional]
            keywords = [default for _, _, default in node.params.keywords if default is not None]
            return [*optional, *keywords, node.body]
        case Call():
            return [node.fn, *node.args]
    return []
