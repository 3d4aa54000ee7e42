"""Procedures of the program written out where an expression over columns calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from chorus.runtime.errors import EvalError, Span
from chorus.runtime.plan.forms import items_of, name_of, spans_of
from chorus.runtime.plan.operators import ELSEWHERE
from chorus.runtime.plan.types import Schema
from chorus.runtime.values import Pair, Symbol

if TYPE_CHECKING:
    from chorus.runtime.plan.build import Builder
    from chorus.runtime.plan.expressions import Expression


class Globals(Mapping[Any, Any]):
    """Values of the names that a procedure's body sees beside its parameters."""

    def __init__(self, lookup: Callable[[str], Any]) -> None:
        self.lookup = lookup

    def __getitem__(self, key: Any) -> Any:
        name = name_of(key)
        if name is None:
            raise KeyError(key)
        return self.lookup(name)

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


class Procedure:
    """NAME with PARAMETERS and one BODY form, whose other names LOOKUP gives; PROBLEM: why there is no body."""

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        body: Any,
        lookup: Callable[[str], Any],
        problem: str | None = None,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.body = body
        self.free = Globals(lookup)
        self.problem = problem

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Procedure) and self.name == other.name and self.body is other.body

    def __hash__(self) -> int:
        return hash(self.name)

    def __lisp__(self) -> str:
        return f"#<procedure {self.name}>"

    def written_out(self, builder: Builder, form: Pair, span: Span | None, depth: int) -> Expression:
        """The body, in which the parameters are what FORM, a call of this procedure, gives for them."""
        given, places = items_of(form)[1:], spans_of(form)
        called = self.name or name_of(form.car) or "it"
        if self.problem is not None:
            raise EvalError(
                f"{called} is no operator over columns",
                code="table-operator",
                span=places[0] or span,
                hint=ELSEWHERE.get(called)
                or f"{self.problem}; (map-rows table procedure) calls any procedure on each row",
            )
        if self in builder.writing:
            raise EvalError(
                f"{called} calls itself",
                code="table-operator",
                span=places[0] or span,
                hint="a column cannot; (map-rows table procedure) calls any procedure on each row",
            )
        if len(given) != len(self.parameters):
            raise EvalError(
                f"{called} got {len(given)} arguments",
                code="table-arity",
                span=span,
                hint=f"usage: ({' '.join((called, *self.parameters))})",
            )
        made = [
            builder.meaning(one, at or span, depth + 1) for one, at in zip(given, places[1:], strict=True)
        ]
        builder.writing.append(self)
        before = builder.schema, builder.free, builder.locals, builder.outputs
        builder.schema, builder.free, builder.outputs = Schema(()), self.free, {}
        builder.locals = dict(zip(self.parameters, made, strict=True))
        try:
            return builder.expression(self.body, span, depth + 1)
        finally:
            builder.writing.pop()
            builder.schema, builder.free, builder.locals, builder.outputs = before


def parts_of(definition: Any) -> tuple[tuple[str, ...], Any] | str:
    """Parameters and body of a `(define (name parameter …) [doc] body)` or `(lambda …)`; or why not."""
    items = items_of(definition)
    head = name_of(items[0]) if items else None
    if head == "define" and len(items) == 3 and name_of(items[1]) is not None:
        return parts_of(items[2])
    if head not in ("define", "lambda") or len(items) < 3:
        return "its definition is not at hand"
    if head == "define" and isinstance(items[1], Pair) and isinstance(items[1].car, Pair):
        return "it makes procedures"
    parameters = items[1].cdr if head == "define" and isinstance(items[1], Pair) else items[1]
    names = []
    while isinstance(parameters, Pair):
        names.append(name_of(parameters.car))
        parameters = parameters.cdr
    if None in names or isinstance(parameters, Symbol):
        return "it takes more than plain parameters"
    body = items[2:]
    if len(body) > 1 and body[0].__class__ is str:
        body = body[1:]
    if len(body) != 1:
        return "its body is more than one expression"
    return tuple(str(name) for name in names), body[0]
