"""Forms → typed expressions over a table's columns: names resolved, operators looked up, types
checked at their spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from chorus.runtime.errors import ChorusError, EvalError, Span, UnboundName, WrongType
from chorus.runtime.instants import parse_instant
from chorus.runtime.plan import operators
from chorus.runtime.plan.build_arguments import CHECKS, DERIVED, OF_PROGRAM
from chorus.runtime.plan.build_procedures import Procedure
from chorus.runtime.plan.expressions import Call, Column, Expression, Literal, Several, literal
from chorus.runtime.plan.forms import cell, items_of, name_of, span_of, spans_of
from chorus.runtime.plan.operators import Operator
from chorus.runtime.plan.types import (
    BOOLEAN,
    INSTANT,
    INTEGER,
    MISSING,
    NUMBERS,
    ORDERED,
    REAL,
    STRING,
    Schema,
    common_type,
    near,
)
from chorus.runtime.values import NIL, Pair, hash_key

MAX_DEPTH: Final = 100  # of one expression
MAX_PARTS: Final = 10_000
Free = Mapping[Any, Any]  # hash_key of a form → its value in the program, or the error that it ended in
KIND_LABELS: Final = {
    "number": "a number",
    "numeric": "a number or a condition",
    "ordered": "a number, a string or an instant",
    "string": "a string",
    "integer": "a whole number",
    "instant": "an instant",
}
KIND_TYPES: Final = {
    "number": NUMBERS,
    "numeric": (*NUMBERS, BOOLEAN),
    "ordered": ORDERED,
    "string": (STRING,),
    "integer": (INTEGER,),
    "instant": (INSTANT,),
}


DIRECTIONS: Final = ("desc", "asc")  # of `order-by` alone, and no operators
PLACES: Final = {
    "aggregate": "(aggregate table (n {})) first, then use n",
    "window": "(window table :order-by (id) (n {}))",
    "generator": "(explode table (one {}))",
}


class Held(NamedTuple):
    """A list of the program's, for which a local variable stands."""

    value: Any


class Builder:
    """Builds expressions over SCHEMA. FREE gives the values of forms that mention no column.

    AGGREGATES: whether aggregates may stand here; then columns outside them must be among KEYS, or are OUTPUTS,
    which stand for what they were made of. WINDOWS: whether a row is seen among others.
    """

    def __init__(
        self,
        schema: Schema,
        free: Free,
        keys: set[str] | None = None,
        aggregates: bool = False,
        windows: bool = False,
        outputs: Mapping[str, Expression] | None = None,
    ) -> None:
        self.schema = schema
        self.free = free
        self.keys = keys
        self.aggregates = aggregates
        self.windows = windows
        self.outputs = outputs or {}
        self.locals: Mapping[str, Expression | Held] = {}  # of `let`, and of procedures written out
        self.inside: str | None = None  # the aggregate whose argument is being built
        self.parts = 0
        self.writing: list[Procedure] = []  # procedures whose bodies are being written out

    def expression(self, form: Any, span: Span | None = None, depth: int = 0) -> Expression:
        """The expression that FORM, which stands at SPAN, means."""
        self.parts += 1
        if depth > MAX_DEPTH or self.parts > MAX_PARTS:
            raise EvalError("the expression is too large for a table", code="table-size", span=span)
        name = name_of(form)
        if name is not None:
            return self.name(form, name, span)
        if isinstance(form, Pair):
            return self.call(form, span_of(form, span), depth)
        return literal(cell(form, span))

    def name(self, form: Any, name: str, span: Span | None) -> Expression:
        """A bare name: a local one, the column, else a variable of the program."""
        if name in self.locals:
            made = self.locals[name]
            return literal(cell(made.value, span)) if isinstance(made, Held) else made
        if self.inside is None and name in self.outputs:
            return self.outputs[name]
        if name not in self.schema:
            return self.variable(form, name, span)
        if self.aggregates and self.inside is None and name not in (self.keys or ()):
            raise EvalError(
                f"{name} has many values in a group",
                code="table-aggregate",
                span=span,
                hint=f"wrap it, as in (min {name}), or group by it",
            )
        kind = self.schema.types[name]
        return Literal(None, MISSING) if kind == MISSING else Column(name, kind)

    def meaning(self, form: Any, span: Span | None, depth: int) -> Expression | Held:
        """What a local variable stands for that is given FORM."""
        held = self.held(form, span)
        return self.expression(form, span, depth) if held is None else held

    def held(self, form: Any, span: Span | None) -> Held | None:
        """The list of the program's that FORM means; None if it means anything else."""
        name = name_of(form)
        if name is not None and name in self.locals:
            made = self.locals[name]
            return made if isinstance(made, Held) else None
        head = name_of(form.car) if isinstance(form, Pair) else None
        if head == "list":
            literals = [self.expression(item, span) for item in items_of(form)[1:]]
            if not all(isinstance(item, Literal) for item in literals):
                raise EvalError("a list to be searched cannot hold columns", code="table-constant", span=span)
            return Held([item.value for item in literals if isinstance(item, Literal)])
        value = self.free.get(hash_key(form)) if head != "quote" else items_of(form)[-1]
        is_own = name not in self.schema and (head == "quote" or not self.is_about_locals(form))
        return Held(value) if is_own and (value is NIL or isinstance(value, (Pair, list))) else None

    def is_about_locals(self, form: Any) -> bool:
        """Whether a local name stands in FORM."""
        if isinstance(form, Pair):
            return any(map(self.is_about_locals, items_of(form)))
        return name_of(form) in self.locals

    def variable(self, form: Any, name: str, span: Span | None) -> Literal:
        if hash_key(form) not in self.free:
            raise self.schema.unknown(name, span)
        return literal(cell(self.value(form, span), span))

    def value(self, form: Any, span: Span | None) -> Any:
        """What the program's own FORM evaluated to."""
        found = self.free[hash_key(form)]
        if isinstance(found, UnboundName) and found.irritants == (name_of(form),):
            raise self.unknown_name(str(name_of(form)), span) from found
        if isinstance(found, ChorusError):
            raise found
        return found

    def unknown_name(self, name: str, span: Span | None) -> EvalError:
        return EvalError(
            f"{name} is neither a column of the table nor a variable",
            code="table-column",
            span=span,
            hint=near(name, self.schema.types) or f"its columns are {' '.join(self.schema.names)}",
        )

    def call(self, form: Pair, span: Span | None, depth: int) -> Expression:
        head, *arguments = items_of(form)
        name = name_of(head)
        derived = DERIVED.get(name or "")
        if derived is not None:
            return derived(self, form, arguments, span, depth)
        row = operators.operator(name, len(arguments)) if name is not None else None
        if row is None:
            return self.program_call(form, name, span, depth)
        self.check_count(row, arguments, span)
        if row.role != "scalar":
            return self.among_rows(row, form, span, depth)
        made = self.arguments(row, form, span, depth)
        if row.name in CHECKS:
            CHECKS[row.name](made, [at or span for at in spans_of(form)[1:]])
        return self.typed(row, made, spans_of(form)[1:], span)

    def program_call(self, form: Pair, name: str | None, span: Span | None, depth: int) -> Expression:
        """A call of what is no operator: of a procedure of the program's that is written out, or its value if no
        column is in it; else it has no translation.
        """
        found = None if self.is_about_locals(form) else self.free.get(hash_key(form))
        unbound = isinstance(found, UnboundName) and found.irritants == (name,)
        if found is not None and not unbound:
            return literal(cell(self.value(form, span), span))
        procedure = None if name is None else self.free.get(hash_key(form.car))
        if isinstance(procedure, Procedure):
            return procedure.written_out(self, form, span, depth)
        shown = name or "this"
        hint = (
            operators.ELSEWHERE.get(shown.casefold())
            or near(shown, [*operators.all_names(), *DIRECTIONS])
            or "(map-rows table procedure) calls any procedure on each row"
        )
        at = spans_of(form)[0] if name is not None else span
        raise EvalError(
            f"{shown} is no operator over columns", code="table-operator", span=at or span, hint=hint
        )

    def check_count(self, row: Operator, arguments: list[Any], span: Span | None) -> None:
        if len(arguments) < row.least or (row.most is not None and len(arguments) > row.most):
            raise EvalError(
                f"{row.name} got {len(arguments)} arguments",
                code="table-arity",
                span=span,
                hint=f"usage: {row.usage}",
            )

    def among_rows(self, row: Operator, form: Pair, span: Span | None, depth: int) -> Expression:
        """A call whose value comes of several rows."""
        allowed = self.windows or (row.aggregate and self.aggregates)
        if not allowed or row.role == "generator" or self.inside is not None:
            where = "here" if self.inside is None else f"inside {self.inside}"
            hint = PLACES[row.role].format(row.usage) if self.inside is None else None
            raise EvalError(f"{row.name} cannot stand {where}", code="table-aggregate", span=span, hint=hint)
        if row.name == "count" and len(items_of(form)) > 2:
            raise EvalError("count takes one condition at most", code="table-arity", span=span)
        self.inside = row.name
        try:
            return self.typed(row, self.arguments(row, form, span, depth), spans_of(form)[1:], span)
        finally:
            self.inside = None

    def generator(self, form: Any, span: Span | None) -> Call:
        """A call that gives several values of one row."""
        head = name_of(form.car) if isinstance(form, Pair) else None
        row = operators.OPERATORS.get(head or "")
        if row is None or row.role != "generator":
            shown = ", ".join(r.usage for r in operators.OPERATORS.values() if r.role == "generator")
            raise EvalError(
                "this does not give several values", code="table-operator", span=span, hint=f"one of {shown}"
            )
        self.check_count(row, items_of(form)[1:], span)
        made = self.arguments(row, form, span, 0)
        self.typed(row, made, spans_of(form)[1:], span)
        return Call(row.name, tuple(made), row.gives)

    def arguments(self, row: Operator, form: Pair, span: Span | None, depth: int) -> list[Expression]:
        given = items_of(form)[1:]
        places = spans_of(form)[1:]
        made: list[Expression] = []
        for kind, argument, place in zip(row.kinds(len(given)), given, places, strict=True):
            special = OF_PROGRAM.get(kind)
            at = place or span
            made.append(special(self, argument, at) if special else self.expression(argument, at, depth + 1))
        return (
            _dated(made) if row.name in ("=", "<", ">", "<=", ">=", "least", "greatest", "member") else made
        )

    def typed(
        self, row: Operator, arguments: list[Expression], places: list[Span | None], span: Span | None
    ) -> Expression:
        """The call, once each argument is of the kind that the row takes."""
        for kind, argument, place in zip(row.kinds(len(arguments)), arguments, places, strict=True):
            allowed = KIND_TYPES.get(kind)
            if allowed is not None and argument.type not in allowed and argument.type != MISSING:
                raise WrongType(
                    f"{row.name}: {KIND_LABELS[kind]} is wanted, and this is {_a(argument.type)}",
                    code="table-type",
                    span=place or span,
                    hint=f"usage: {row.usage}",
                )
        result = self.result(row, arguments, span)
        if not row.aggregate and _is_strict(row) and any(argument.type == MISSING for argument in arguments):
            return Literal(None, result)
        return Call(row.name, tuple(arguments), result)

    def result(self, row: Operator, arguments: list[Expression], span: Span | None) -> str:
        if row.gives == "first":
            return arguments[0].type
        kinds = list(row.kinds(len(arguments)))
        valued = row.role == "window" or row.gives == "same"
        counted = operators.VALUED if valued else None
        given = [
            a.type
            for kind, a in zip(kinds, arguments, strict=True)
            if kind != "truth" and (counted is None or kind in counted)
        ]
        common = common_type(given)
        if row.gives == "either":
            return BOOLEAN if common in (None, MISSING) else common
        ordered = "ordered" in kinds
        if (row.gives == "same" or ordered) and common is None:
            shown = " and ".join(sorted(set(given)))
            raise WrongType(
                f"{row.name} cannot take {shown} together",
                code="table-type",
                span=span,
                hint=_of_types(arguments),
            )
        if row.gives != "same":
            return row.gives
        if row.name == "sum":
            return REAL if common == REAL else INTEGER
        return common or MISSING


def _is_strict(row: Operator) -> bool:
    """Whether the operator gives nothing where one argument is missing."""
    return row.name not in ("least", "greatest") and all(
        kind.rstrip("+*?") not in ("any", "truth") for kind in row.takes
    )


def _a(type: str) -> str:
    return {MISSING: "missing", INTEGER: "an integer", INSTANT: "an instant"}.get(type, f"a {type}")


CONVERSIONS: Final = {
    frozenset(
        {STRING, INTEGER}
    ): "(number {0}) is the number that a text spells, (length {0}) how long it is",
    frozenset({STRING, REAL}): "(number {0}) is the number that a text spells, (length {0}) how long it is",
    frozenset({STRING, INSTANT}): '{0} is a text; an instant is written "2024-03-01T00:00Z" or #inst "…"',
    frozenset({INTEGER, INSTANT}): "(epoch …) makes seconds of an instant, (year …), (hour …) parts of it",
}


def _of_types(arguments: list[Expression]) -> str | None:
    """What may be meant where texts, numbers and instants meet: the first column of texts among ARGUMENTS is named."""
    hint = CONVERSIONS.get(frozenset(argument.type for argument in arguments))
    texts = (a.name for a in arguments if isinstance(a, Column) and a.type == STRING)
    return hint and hint.format(next(texts, "…"))


def _dated(arguments: list[Expression]) -> list[Expression]:
    """Texts of the program that stand beside instants become instants where they spell one."""
    if all(argument.type != INSTANT for argument in arguments):
        return arguments
    return [_as_instant(argument) for argument in arguments]


def _as_instant(argument: Expression) -> Expression:
    try:
        if isinstance(argument, Literal) and argument.type == STRING:
            return Literal(parse_instant(str(argument.value)), INSTANT)
        if isinstance(argument, Several) and argument.type == STRING:
            return Several(tuple(parse_instant(str(v)) for v in argument.values), INSTANT, argument.missing)
    except ValueError:
        pass
    return argument
