"""Expressions over columns: an immutable tree of columns, literals and calls of operators, each with
its type.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, MISSING, REAL, STRING

Value = str | int | float | bool | dt.datetime | None  # as Python holds a cell; None is missing


@dataclass(frozen=True, slots=True)
class Column:
    """The column NAME of the table the expression is over."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A value of the program; it reaches an engine only as a bound parameter."""

    value: Value
    type: str

    def __eq__(self, other: object) -> bool:
        """0.0 is not -0.0, and NaN is itself: plans that are equal are computed once."""
        return (
            isinstance(other, Literal) and self.type == other.type and repr(self.value) == repr(other.value)
        )

    def __hash__(self) -> int:
        return hash((self.type, repr(self.value)))


@dataclass(frozen=True, slots=True)
class Several:
    """The values of a list, for `member`; MISSING says whether #f is among them."""

    values: tuple[Value, ...]
    type: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """OPERATOR (a name of the closed table) applied to ARGUMENTS."""

    operator: str
    arguments: tuple[Expression, ...]
    type: str


Expression = Column | Literal | Several | Call

LITERAL_TYPES: dict[type, str] = {
    str: STRING,
    int: INTEGER,
    float: REAL,
    bool: BOOLEAN,
    dt.datetime: INSTANT,
    type(None): MISSING,
}


def literal(value: Value) -> Literal:
    """VALUE with its type. An integer beyond 64 bits is taken as a real number."""
    if value.__class__ is int and not -(2**63) <= value < 2**63:
        try:
            value = float(value)
        except OverflowError as error:
            raise EvalError("the number is too large for a table", code="table-value") from error
    if value.__class__ is str:
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise EvalError(
                "the text is not valid Unicode: it holds a lone surrogate", code="table-value"
            ) from error
    return Literal(value, LITERAL_TYPES[value.__class__])


def walk(expression: Expression) -> Iterator[Expression]:
    """EXPRESSION and all below it."""
    work: list[Any] = [expression]
    while work:
        here = work.pop()
        yield here
        if here.__class__ is Call:
            work += here.arguments


def conjunction(conditions: Sequence[Expression]) -> Expression:
    """What holds if all CONDITIONS do, of which there is one at least."""
    return conditions[0] if len(conditions) == 1 else Call("and", tuple(conditions), BOOLEAN)


def columns_of(expression: Expression) -> set[str]:
    return {part.name for part in walk(expression) if isinstance(part, Column)}


def is_always(expression: Expression) -> bool:
    """Whether the expression's value can never be missing, whatever the row."""
    return isinstance(expression, Literal) and expression.value is not None
