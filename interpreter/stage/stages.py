"""The two stages of the evaluator: `Lift`, in which it writes core code, and `Identity`, in which it computes values.

These are the only operations that know which of the two is under way: `stdlib/evaluator.sexp` is written once, over
them. Each has one name in both classes; the primitives of `interpreter/reflection/staging.py` hand on to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from chorus.interpreter.compiler.constants import CURRENT_SPACE, MISSING
from chorus.interpreter.compiler.expand import combined
from chorus.interpreter.compiler.helpers import set_global
from chorus.interpreter.compiler.named import with_procedure
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Define,
    Global,
    If,
    Init,
    Lambda,
    Local,
    Node,
    Ref,
    SetGlobal,
    SetLocal,
    name_result,
)
from chorus.interpreter.compiler.nodes import Block as Leave
from chorus.interpreter.compiler.pristine import rule_for
from chorus.interpreter.compiler.syntax import Env, Row, Scope, bad_syntax, namespace_of, spelling
from chorus.interpreter.diagnostics import name_hint
from chorus.interpreter.namespace import ABSENT, Namespace
from chorus.interpreter.stage.captured import environment_node
from chorus.interpreter.stage.code import Block, Code
from chorus.interpreter.stage.originals import standing_for
from chorus.interpreter.stage.parameters import Shape
from chorus.interpreter.stage.scopes import UNBOUND, Frame, Toplevel, Variable
from chorus.runtime.calling import applied, direct, returns_pending, unwind
from chorus.runtime.errors import ChorusError, Span, UnboundName
from chorus.runtime.printer import symbol_text
from chorus.runtime.values import UNSPECIFIED, Pair, make_list

Thunk = Callable[[], Any]
EXPANSIONS = 40_000  # of one form, each by the macro at the head of the one before


class Stage:
    """What both stages share: the FILE whose places count, and CHECK, which raises when time is up."""

    def __init__(self, space: Namespace, file: str | None, check: Thunk) -> None:
        self.space = space
        self.file = file
        self.check = check
        self.latest: Any = None  # what the last macro made
        self.rounds = 0
        self.other: dict[bool, Stage] | None = None  # by position, once both are wanted

    tail = False  # whether what is evaluated stands in tail position

    def in_position(self, tail: bool) -> Stage:
        """This stage, for what stands in tail position or not: one state, known as two objects."""
        if tail is self.tail:
            return self
        if self.other is None:
            other = object.__new__(OTHERS[self.__class__])
            other.__dict__ = self.__dict__
            self.other = {self.tail: self, tail: other}
        return self.other[tail]

    def place(self, own: Span | None, at: Span | None) -> Span | None:
        """OWN, where a form was written, if in this file; else AT, where what it came from was."""
        return own if own is not None and (self.file is None or own.file == self.file) else at

    def expanded(self, row: Row, form: Any, env: Env, at: Span | None) -> Any:
        """What the macro ROW makes of FORM; an error of it that knows no place stands at AT."""
        self.rounds = self.rounds + 1 if form is self.latest else 0
        if self.rounds > EXPANSIONS:
            raise bad_syntax("a macro expands to its own use without end", at)
        self.check()
        assert row.macro is not None
        try:
            made = row.macro(form, env)
        except ChorusError as error:
            error.span = error.span or at
            raise
        if isinstance(made, Pair) and made.span is None:
            span = self.place(form.span, None)
            if span is not None:
                made = standing_for(form, made, span)
        self.latest = made
        return made


class Identity(Stage):
    """Values: everything happens here and now. What continues elsewhere is returned as a pending call."""

    naming: Any = None  # the name of the definition whose value is about to be evaluated
    names: Mapping[Any, str | None] = MappingProxyType({})  # of procedures, by `Shape.key`

    def __call__(self, value: Any) -> Any:
        return value

    def quote(self, value: Any, at: Span | None) -> Any:
        self.naming = None
        return value

    helper = quote

    def ref(self, meaning: Any, at: Span | None) -> Any:
        self.naming = None
        if isinstance(meaning, Variable):
            if meaning.value is UNBOUND:
                raise _without_value(meaning, at)
            return meaning.value
        found = meaning.space.get(meaning.name, ABSENT)
        if found is ABSENT:
            name = meaning.name
            context = self.space.foundation.context
            hint = name_hint(name, (context.session.space if context else self.space).names())
            raise UnboundName(f"nothing is called {symbol_text(name)}", hint=hint, irritants=(name,), span=at)
        load = getattr(found, "load", None)
        return found if load is None else load()

    def set(self, meaning: Any, value: Any, at: Span | None) -> Any:
        if isinstance(meaning, Variable):
            meaning.value = value
            return UNSPECIFIED
        try:
            set_global(meaning.space, meaning.name, value)
        except ChorusError as error:
            error.span = error.span or at
            raise
        return UNSPECIFIED

    def init(self, variable: Variable, value: Any, at: Span | None) -> Any:
        variable.value = value
        return UNSPECIFIED

    def define(self, env: Env, name: str, value: Any, at: Span | None) -> Any:
        space = namespace_of(env)
        space.define(name, value)
        return UNSPECIFIED

    def branch(self, test: Any, yes: Thunk, no: Thunk, at: Span | None) -> Any:
        return (no if test is False else yes, (), None)

    def call(self, procedure: Any, arguments: list[Any], at: Span | None) -> Any:
        return applied(procedure, tuple(arguments), at)

    def written_out(
        self, procedure: Any, form: Any, env: Env, instead: Any, call: Thunk, at: Span | None
    ) -> Any:
        return (call, (), None)

    def as_written(self, thunk: Thunk) -> Any:
        return (thunk, (), None)

    def procedure(self, params: Any, doc: str | None, body: Any, at: Span | None) -> Any:
        name, self.naming = self.naming, None
        shape = Shape(params, at)
        return shape.closure(self.space, self.names.get(shape.key()) or name, doc, body, at)

    def given(self, argument: Any, default: Thunk) -> Any:
        return (default, (), None) if argument is MISSING else argument

    def scope(self, env: Env) -> Scope:
        return Frame(env)

    def bind(self, scope: Scope, identifier: Any, value: Any) -> None:
        scope.bind(identifier, Variable(spelling(identifier), value))

    def declare(self, scope: Scope, identifier: Any) -> Any:
        found = scope.bindings.get(identifier)
        if found.__class__ is not Variable:
            found = Variable(spelling(identifier))
            scope.bind(identifier, found)
        return found

    def piece(self, thunk: Thunk, at: Span | None) -> Any:
        return (thunk, (), None)

    def leaving(self, scope: Scope, identifier: Any, thunk: Thunk, at: Span | None) -> Any:
        @returns_pending
        def inside(leave: Any) -> Any:
            self.bind(scope, identifier, leave)
            return (thunk, (), None)

        return (call_cc(self.space), (inside,), at)

    def scoped(self, scope: Scope, thunk: Thunk, at: Span | None) -> Any:
        return (thunk, (), None)

    def named(self, name: str, thunk: Thunk) -> Any:
        self.naming = name
        return (thunk, (), None)

    def environment(self, env: Env, at: Span | None) -> Any:
        return env

    def now(self, thunk: Thunk, env: Env) -> Any:
        return (thunk, (), None)

    def row(self, maker: Any, env: Env, name: str, spec: Any, doc: str, at: Span | None) -> Any:
        return self.define(env, name, maker(namespace_of(env), name, spec, doc, at), at)


class Lift(Stage):
    """Core code of one unit of SPACE. RUN evaluates a node now. INTEGRATING: calls that can be are also written out."""

    def __init__(
        self, space: Namespace, file: str | None, check: Thunk, run: Callable[[Node], Any], integrating: bool
    ) -> None:
        super().__init__(space, file, check)
        self.run = run
        self.integrating = integrating
        self.serial = 0
        self.inside: Block | None = None
        self.given_value: set[Local] = set()

    def local(self, name: str) -> Local:
        self.serial += 1
        return Local(name, self.serial)

    # — blocks —

    def unit(self, thunk: Thunk, at: Span | None) -> Node:
        """The core expression that THUNK writes, in a block of its own."""
        block = self.inside = Block(self.inside, self.local)
        try:
            return block.close(self.code(unwind(thunk())), at)
        finally:
            block.open = False
            self.inside = block.outer

    def here(self) -> Block:
        if self.inside is None:
            raise bad_syntax("code is written, but no form is being evaluated", None)
        return self.inside

    def leaf(self, node: Node) -> Code:
        return self.here().leaf(node)

    def code(self, value: Any) -> Code:
        """VALUE as code: a value of its own is a constant."""
        if value.__class__ is Code:
            return value
        load = getattr(value, "load", None)  # a procedure that is loaded at its first use
        return self.leaf(Const(value if load is None else load(), None))

    # — what the evaluator asks for —

    def __call__(self, value: Any) -> Any:
        return self.code(value)

    def quote(self, value: Any, at: Span | None) -> Any:
        return self.leaf(Const(value, at))

    helper = quote

    def ref(self, meaning: Any, at: Span | None) -> Any:
        if meaning.__class__ is Toplevel:
            if meaning.space.apart and meaning.space is not self.space:
                place: list[Node] = [Const(meaning.space, at), Const(meaning.name, at)]
                return self.leaf(Call(Const(global_value, at), place, at))
            return self.leaf(Global(meaning.name, meaning.space, at))
        if isinstance(meaning, Variable):  # of a procedure that was interpreted: it is there already
            return self.leaf(Call(Const(value_of, at), [Const(meaning, at)], at))
        return self.leaf(Ref(meaning, at))

    def set(self, meaning: Any, value: Any, at: Span | None) -> Any:
        part = self.code(value)
        if meaning.__class__ is Toplevel:
            space, name = meaning.space, meaning.name
            if space.apart and space is not self.space:
                place: list[Node] = [Const(space, at), Const(name, at)]
                return self.here().line(
                    [part], lambda nodes: Call(Const(set_global, at), [*place, nodes[0]], at)
                )
            return self.here().line([part], lambda nodes: SetGlobal(name, space, nodes[0], at))
        if isinstance(meaning, Variable):
            place = [Const(meaning, at)]
            return self.here().line([part], lambda nodes: Call(Const(set_value, at), [*place, nodes[0]], at))
        meaning.assigned = True
        return self.here().line([part], lambda nodes: SetLocal(meaning, nodes[0], at))

    def init(self, variable: Local, value: Any, at: Span | None) -> Any:
        if variable in self.given_value:
            variable.assigned = True
        self.given_value.add(variable)
        return self.here().line([self.code(value)], lambda nodes: Init(variable, nodes[0], at))

    def define(self, env: Env, name: str, value: Any, at: Span | None) -> Any:
        return self.here().line([self.code(value)], lambda nodes: Define(name, nodes[0], at))

    def branch(self, test: Any, yes: Thunk, no: Thunk, at: Span | None) -> Any:
        if test.__class__ is not Code:  # known while the code is written
            return (no if test is False else yes, (), None)
        if_true, if_false = self.unit(yes, at), self.unit(no, at)
        if isinstance(test.node, Const):
            test.gone = True
            return self.leaf(if_false if test.node.value is False else if_true)
        return self.here().line([test], lambda nodes: If(nodes[0], if_true, if_false, at))

    def call(self, procedure: Any, arguments: list[Any], at: Span | None) -> Code:
        parts = [self.code(procedure), *map(self.code, arguments)]
        made = self.here().line(parts, lambda nodes: self._combined(made, nodes, at))
        made.calls = True
        return made

    def _combined(self, made: Code, nodes: list[Node], at: Span | None) -> Node:
        procedure = nodes[0]
        if isinstance(procedure, Const) and direct(procedure.value) is not procedure.value:
            procedure = Call(
                Const(itself, at), [procedure], at
            )  # for constants are taken never to be pending
        node = combined(procedure, nodes[1:], at)
        if made.integrated is not None and isinstance(node, Call):
            node.integrated = made.integrated
        return node

    def written_out(
        self, procedure: Any, form: Any, env: Env, instead: Any, call: Thunk, at: Span | None
    ) -> Any:
        """The CALL of a procedure for which the stdlib has a rule; beside it what INSTEAD makes of the form that the
        rule gives. The call itself runs only where that does not: once is enough there.
        """
        node = procedure.node if procedure.__class__ is Code else None
        rule = rule_for(node) if self.integrating and isinstance(node, Global) else None
        if rule is None or rule.macro is None:
            return (call, (), None)
        assert isinstance(node, Global)
        try:
            form = rule.macro(with_procedure(node, form, env), env)
        except ChorusError:  # no case of the rule fits
            return (call, (), None)
        written = self.unit(lambda: instead(form), at)
        made = self.as_written(call)
        if made.__class__ is Code:
            made.integrated = written
        return made

    def as_written(self, thunk: Thunk) -> Any:
        before, self.integrating = self.integrating, False
        try:
            return unwind(thunk())
        finally:
            self.integrating = before

    def procedure(self, params: Any, doc: str | None, body: Any, at: Span | None) -> Any:
        shape = Shape(params, at)
        made, arguments = shape.params(self.local)
        node = self.unit(lambda: body(make_list(arguments)), at)
        shape.fill(made, arguments)
        return self.leaf(Lambda(made, node, None, doc, at))

    def given(self, argument: Any, default: Thunk) -> Any:
        if argument.optional:
            argument.default = self.unit(default, None)
        return argument

    def scope(self, env: Env) -> Scope:
        return Frame(env) if isinstance(env, Frame) else Scope(env)

    def bind(self, scope: Scope, identifier: Any, argument: Any) -> None:
        scope.bind(identifier, argument.local)

    def declare(self, scope: Scope, identifier: Any) -> Any:
        found = scope.bindings.get(identifier)
        if not isinstance(found, Local):
            found = self.local(spelling(identifier))
            found.late = True
            scope.bind(identifier, found)
        return found

    def piece(self, thunk: Thunk, at: Span | None) -> Any:
        return self.leaf(self.unit(thunk, at))

    def leaving(self, scope: Scope, identifier: Any, thunk: Thunk, at: Span | None) -> Any:
        leave = self.local(spelling(identifier))
        scope.bind(identifier, leave)
        return self.leaf(Leave(leave, self.unit(thunk, at), at))

    def scoped(self, scope: Scope, thunk: Thunk, at: Span | None) -> Any:
        node = self.unit(thunk, at)
        late = [var for var in scope.bindings.values() if isinstance(var, Local) and var.late]
        return self.leaf(Bind(late, node, at) if late else node)

    def named(self, name: str, thunk: Thunk) -> Any:
        made = self.code(unwind(thunk()))
        build = made.build
        if build is None:
            name_result(made.node, name)
        else:
            made.build = lambda parts: name_result(build(parts), name)
        return made

    def environment(self, env: Env, at: Span | None) -> Any:
        return self.leaf(environment_node(env, self.local, at))

    def now(self, thunk: Thunk, env: Env) -> Any:
        return self.run(self.unit(thunk, None))

    def row(self, maker: Any, env: Env, name: str, spec: Any, doc: str, at: Span | None) -> Any:
        def build(nodes: list[Node]) -> Node:
            place = [Const(CURRENT_SPACE, at), Const(name, at), nodes[0], Const(doc, at), Const(at, at)]
            return Define(name, Call(Const(maker, at), place, at), at)

        return self.here().line([self.code(spec)], build)


def itself(value: Any) -> Any:
    return value


class TailIdentity(Identity):
    tail = True


class TailLift(Lift):
    tail = True


OTHERS: dict[type[Stage], type[Stage]] = {
    Identity: TailIdentity,
    Lift: TailLift,
}  # a stage begins at no tail position


def call_cc(space: Namespace) -> Any:
    found = space.foundation.get("call/cc")
    load = getattr(found, "load", None)
    return found if load is None else load()


def global_value(space: Namespace, name: str) -> Any:
    found = space.get(name, ABSENT)
    if found is ABSENT:
        raise UnboundName(f"nothing is called {symbol_text(name)}", irritants=(name,))
    return found


def value_of(variable: Variable) -> Any:
    if variable.value is UNBOUND:
        raise _without_value(variable, None)
    return variable.value


def set_value(variable: Variable, value: Any) -> Any:
    variable.value = value
    return UNSPECIFIED


def _without_value(variable: Variable, at: Span | None) -> UnboundName:
    name = variable.name
    return UnboundName(f"{name} is used before it is defined", irritants=(name,), span=at)
