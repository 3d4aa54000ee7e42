"""Expressions → SQLGlot's tree. Values of the program become bound parameters, never text.

A missing value is #f: a condition is true or not, never unknown, and neither is a column of conditions.
`truth(…, exact=False)` may give SQL's unknown for false, which is enough in WHERE; `exact=True` never does,
which `not` and columns need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from chorus.runtime.plan.expressions import Call, Column, Expression, Literal
from chorus.runtime.plan.sql_conditions import TRUTHS
from chorus.runtime.plan.sql_terms import Over, Parameters, Sql, all_of, cast, paren
from chorus.runtime.plan.sql_texts import GENERATORS
from chorus.runtime.plan.sql_values import VALUES
from chorus.runtime.plan.types import BOOLEAN, MISSING


class Translator:
    """Translates expressions whose columns are DEFINED as SQL.

    Aggregates are over the rows for which ONLY holds, and over the frame of a WINDOW where there is one.
    """

    # What the operators mean to the engine.
    of_values: Mapping[str, Callable[..., Sql]] = VALUES
    of_truths: Mapping[str, Callable[..., Sql]] = TRUTHS
    of_lists: Mapping[str, Callable[..., Sql]] = GENERATORS

    def __init__(
        self,
        defined: Mapping[str, Sql],
        parameters: Parameters,
        only: Sql | None = None,
        window: Over | None = None,
    ) -> None:
        self.defined = defined
        self.parameters: Parameters = parameters
        self.only = only
        self.window = window

    def over_rows(self, aggregate: Sql, condition: Sql | None = None) -> Sql:
        """AGGREGATE of the rows that it is over, of those only for which CONDITION holds."""
        tests = [test.copy() for test in (self.only, condition) if test is not None]
        if tests:
            aggregate = exp.Filter(this=aggregate, expression=exp.Where(this=all_of(tests)))
        return aggregate if self.window is None else self.window.framed(aggregate)

    def over_window(self, function: Sql, kind: str) -> Sql:
        """FUNCTION in the window's order (`ordered`), over its frame (`framed`) or of peers (`peers`)."""
        assert self.window is not None
        return {"ordered": self.window.ordered, "framed": self.window.framed, "peers": self.window.peers}[
            kind
        ](function)

    def value(self, expression: Expression, type: str | None = None) -> Sql:
        """EXPRESSION's value, as TYPE where its own may be another (an integer among reals, #f)."""
        self.parameters.count()
        if isinstance(expression, Column):
            return self.defined[expression.name].copy()
        if isinstance(expression, Literal):
            return self.literal(expression, type)
        assert isinstance(expression, Call)
        if expression.type == BOOLEAN and expression.operator in self.of_truths:
            return self.truth(expression, exact=True)
        return self.of_values[expression.operator](self, expression)

    def several(self, generator: Call) -> Sql:
        """The list that GENERATOR gives of a row, or nothing."""
        return self.of_lists[generator.operator](self, generator)

    def literal(self, literal: Literal, type: str | None = None) -> Sql:
        if literal.value is None:
            kind = literal.type if literal.type != MISSING else type
            if kind in (None, MISSING):
                return exp.Null()
            return exp.false() if kind == BOOLEAN else cast(exp.Null(), kind or "")
        if literal.type == BOOLEAN:
            return exp.true()
        return self.parameters.bind(literal.value, literal.type)

    def values(self, call: Call) -> list[Sql]:
        return [self.value(argument) for argument in call.arguments]

    def truth(self, expression: Expression, exact: bool) -> Sql:
        """Whether EXPRESSION is neither #f nor missing."""
        self.parameters.count()
        if isinstance(expression, Literal):
            return exp.false() if expression.value is None else exp.true()
        if expression.type == MISSING:
            return exp.false()
        if expression.type != BOOLEAN and not (isinstance(expression, Call) and expression.operator == "or"):
            return exp.Not(this=exp.Is(this=paren(self.value(expression)), expression=exp.Null()))
        if isinstance(expression, Call) and expression.operator in self.of_truths:
            return self.of_truths[expression.operator](self, expression, exact)
        return self.value(expression)
