"""Bodies and parameter lists: internal definitions, macros at the head, optional and keyword parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.nodes import (
    Bind,
    Const,
    Init,
    Lambda,
    Local,
    Node,
    Params,
    Seq,
    name_result,
)
from chorus.interpreter.compiler.syntax import (
    Env,
    Row,
    Scope,
    bad_syntax,
    is_identifier,
    spelling,
)
from chorus.runtime.errors import ChorusError, LimitSignal, Span
from chorus.runtime.values import NIL, UNSPECIFIED, Keyword, Pair

MAX_NESTING = (
    40_000  # of forms within forms, macro expansions included; Python's own compiler recurses over the result
)


class Bodies:
    """The part of the expander that reads bodies and parameters."""

    file: str
    check: Callable[[], None]

    if TYPE_CHECKING:  # other parts of the same class

        def local(self, identifier: Any) -> Local: ...

        def place(self, form: Any, span: Span | None) -> Span | None: ...

        def expand(self, form: Any, env: Env, span: Span | None) -> Node: ...

        def item(self, cell: Any, env: Env, span: Span | None) -> Node: ...

        def transformer(self, spec: Any, env: Env, span: Span | None, name: str) -> Row: ...

        def _row(self, head: Any, env: Env) -> Row | None: ...

    def body(self, forms: Any, env: Env, span: Span | None) -> Node:
        """The forms of a lambda or let: definitions first declared, then all in order."""
        scope = Scope(env)
        work = self._spliced(forms, scope, span)
        late: list[Local] = []
        parsed: list[tuple[Local | None, Any, Span | None]] = []
        for form, place, kind in work:
            if kind == "define":
                identifier, value = parse_define(form, place)
                var = scope.bindings.get(identifier)
                if not isinstance(var, Local):
                    var = self.local(identifier)
                    var.late = True
                    scope.bind(identifier, var)
                    late.append(var)
                elif var.init is not None:
                    var.assigned = True  # defined twice
                parsed.append((var, value, place))
            else:
                parsed.append((None, form, place))
        if not parsed or parsed[-1][0] is not None:
            parsed.append((None, UNSPECIFIED, span))
        defined: set[Local] = set()
        nodes = []
        for target, form, place in parsed:
            if target is None:
                nodes.append(self.expand(form, scope, place))
                continue
            node = self.define_value(form, scope, place, target.name)
            if target in defined:
                target.assigned = True
            defined.add(target)
            nodes.append(Init(target, node, place))
        whole = nodes[0] if len(nodes) == 1 else Seq(nodes, span)
        return Bind(late, whole, span) if late else whole

    def _spliced(self, forms: Any, scope: Scope, span: Span | None) -> Iterator[tuple[Any, Span | None, str]]:
        """(form, place, "define" or "") with macros at the head expanded, begins spliced and syntax bound."""
        stack = [(forms, span, 0)]
        while stack:
            cells, span, depth = stack.pop()
            if not isinstance(cells, Pair):
                continue
            if depth > MAX_NESTING:
                raise LimitSignal("nesting", depth, MAX_NESTING, span=span)
            stack.append((cells.cdr, span, depth))
            form, place, row = self.head(cells.car, scope, _place_of(self, cells, span))
            kind = "" if row is None else row.name
            if kind == "begin":
                stack.append((form.cdr, place, depth + 1))
            elif kind == "define-syntax":
                identifier, transformer = self.syntax(form, scope, place)
                scope.bind(identifier, transformer)
            else:
                yield form, place, "define" if kind == "define" else ""

    def head(self, form: Any, env: Env, span: Span | None) -> tuple[Any, Span | None, Row | None]:
        """FORM with macros at its head expanded; the core row that it then starts with."""
        rounds = 0
        while isinstance(form, Pair):
            span = self.place(form, span)
            found = self._row(form.car, env)
            if found is None:
                break
            if found.macro is None:
                return form, span, found
            rounds += 1
            if rounds > MAX_NESTING:
                raise LimitSignal("nesting", rounds, MAX_NESTING, span=span)
            self.check()
            form = self.rewritten(found.macro, form, env, span)
        return form, span, None

    def rewritten(self, macro: Callable[[Any, Env], Any], form: Any, env: Env, span: Span | None) -> Any:
        """What MACRO makes of FORM; an error of it that knows no place stands at SPAN."""
        try:
            return macro(form, env)
        except ChorusError as error:
            error.span = error.span or span
            raise

    def syntax(self, form: Any, env: Env, span: Span | None) -> tuple[Any, Row]:
        """(define-syntax name transformer) or (name transformer) as (identifier, row)."""
        cells = list(form)
        if len(cells) not in (3, 4) or not is_identifier(cells[1]):
            raise bad_syntax("define-syntax: (define-syntax name [doc] transformer) is expected", span)
        return cells[1], self.transformer(cells[-1], env, span, spelling(cells[1]))

    def define_value(self, value: Any, env: Env, span: Span | None, name: str) -> Node:
        node = value(self, env, span) if callable(value) else self.expand(value, env, span)
        return name_result(node, name)

    def procedure(
        self, params: Any, body: Any, env: Env, span: Span | None, name: str | None = None
    ) -> Lambda:
        scope = Scope(env)
        parsed = self._params(params, scope, span)
        doc = None
        if isinstance(body, Pair) and body.car.__class__ is str and isinstance(body.cdr, Pair):
            doc, body = body.car, body.cdr
        if not isinstance(body, Pair):
            raise bad_syntax("a procedure needs a body", span)
        return Lambda(parsed, self.body(body, scope, span), name, doc, span)

    def _params(self, params: Any, scope: Scope, span: Span | None) -> Params:
        made = Params()
        while isinstance(params, Pair):
            item = params.car
            if item.__class__ is Keyword:
                params = params.cdr
                if not isinstance(params, Pair):
                    raise bad_syntax(f"the keyword parameter :{item.name} needs a name after it", span)
                identifier, default = self._optional(params.car, scope, span)
                made.keywords.append((item.name, self._bind(identifier, scope, span), default))
            elif isinstance(item, Pair):
                identifier, default = self._optional(item, scope, span)
                made.optional.append((self._bind(identifier, scope, span), default or Const(False, span)))
            elif made.optional or made.keywords:
                raise bad_syntax("a required parameter cannot follow an optional one", span)
            else:
                made.required.append(self._bind(item, scope, span))
            params = params.cdr
        if params is not NIL:
            made.rest = self._bind(params, scope, span)
        return made

    def _optional(self, item: Any, scope: Scope, span: Span | None) -> tuple[Any, Node | None]:
        """(identifier, default); a default may use the parameters before it."""
        if not isinstance(item, Pair):
            return item, None
        cells = list(item)
        if len(cells) > 2:
            raise bad_syntax("an optional parameter is (name default)", span)
        return cells[0], self.item(item.cdr, scope, span) if len(cells) == 2 else Const(False, span)

    def _bind(self, identifier: Any, scope: Scope, span: Span | None) -> Local:
        if not is_identifier(identifier):
            raise bad_syntax("a parameter must be a name", span)
        if identifier in scope.bindings:
            raise bad_syntax(f"the parameter {spelling(identifier)} stands twice", span)
        var = self.local(identifier)
        scope.bind(identifier, var)
        return var


def _place_of(x: Bodies, cell: Any, span: Span | None) -> Span | None:
    own = getattr(cell, "car_span", None)
    return own if own is not None and own.file == x.file else span


def parse_define(form: Any, span: Span | None) -> tuple[Any, Any]:
    """(define name value) or (define (name . params) body …) as (identifier, form or maker of a node)."""
    rest = form.cdr
    if not isinstance(rest, Pair):
        raise bad_syntax(
            "define: a name is missing", span, "(define name value) or (define (name parameter …) body …)"
        )
    target, body = rest.car, rest.cdr
    if isinstance(target, Pair):
        params = target.cdr
        while isinstance(target.car, Pair):  # (define ((f a) b) …): a procedure that returns one
            target, body, params = target.car, _curried(params, body), target.car.cdr
        maker = lambda x, env, place: x.procedure(params, body, env, place)
        return _name(target.car, span), maker
    if body is NIL:
        return _name(target, span), UNSPECIFIED
    if not isinstance(body, Pair) or body.cdr is not NIL:
        raise bad_syntax(
            "define: one value is expected after the name",
            span,
            "a procedure is (define (name parameter …) body …)",
        )
    item = body
    return _name(target, span), lambda x, env, place: x.item(item, env, place)


def _curried(params: Any, body: Any) -> Any:
    from chorus.interpreter.compiler.forms import LAMBDA

    return Pair(Pair(LAMBDA, Pair(params, body)), NIL)


def _name(identifier: Any, span: Span | None) -> Any:
    if not is_identifier(identifier):
        raise bad_syntax("define: the name must be a symbol", span)
    return identifier
