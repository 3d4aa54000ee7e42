"""Conditions → SQLGlot's tree: one function for each operator that is true or false.

Each takes (translator, call, exact). Not EXACT: SQL's unknown may stand for false, which is enough in WHERE;
exact: it never does, which `not` and columns need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from chorus.runtime.plan.expressions import Call, Column, Expression, Several, is_always
from chorus.runtime.plan.sql_terms import Sql, all_of, chain, known, paren, unsettled
from chorus.runtime.plan.sql_texts import json_has
from chorus.runtime.plan.types import BOOLEAN, MISSING, common_type

if TYPE_CHECKING:
    from chorus.runtime.plan.sql_expressions import Translator

FEW: Final = 8  # values of a list that are bound one by one


def _equal(t: Translator, call: Call, exact: bool) -> Sql:
    pairs = list(zip(call.arguments, call.arguments[1:], strict=False))
    return all_of([_equal_pair(t, left, right, exact) for left, right in pairs])


def _equal_pair(t: Translator, left: Expression, right: Expression, exact: bool) -> Sql:
    if {left.type, right.type} <= {BOOLEAN, MISSING}:
        return exp.EQ(this=paren(t.truth(left, True)), expression=paren(t.truth(right, True)))
    if MISSING in (left.type, right.type) or common_type((left.type, right.type)) is None:
        if is_always(left) or is_always(right):
            return exp.false()
        return all_of([is_missing(t, side) for side in (left, right) if side.type != MISSING])
    sides = {"this": paren(t.value(left)), "expression": paren(t.value(right))}
    if is_always(left) or is_always(right):
        return known(exp.EQ(**sides)) if exact else exp.EQ(**sides)
    return exp.NullSafeEQ(**sides)


def _comparison(kind: type[exp.Binary]) -> Callable[[Translator, Call, bool], Sql]:
    def compare(t: Translator, call: Call, exact: bool) -> Sql:
        pairs = zip(call.arguments, call.arguments[1:], strict=False)
        made = all_of([kind(this=paren(t.value(a)), expression=paren(t.value(b))) for a, b in pairs])
        return known(made) if exact else made

    return compare


def _member(t: Translator, call: Call, exact: bool) -> Sql:
    wanted, several = call.arguments
    assert isinstance(several, Several)
    found: list[Sql] = []
    if several.missing or (several.type == BOOLEAN and wanted.type == MISSING):
        found.append(is_missing(t, wanted))
    if (
        several.values
        and common_type((wanted.type, several.type)) not in (None, MISSING)
        and wanted.type != MISSING
    ):
        found.append(_among(t, wanted, several))
    made = chain(exp.Or, found, exp.false())
    return known(made) if exact and found else made


def is_missing(t: Translator, expression: Expression) -> Sql:
    if expression.type == MISSING:
        return exp.true()
    if expression.type == BOOLEAN:
        return exp.Not(this=paren(t.truth(expression, True)))
    return exp.Is(this=paren(t.value(expression)), expression=exp.Null())


def _is_null(t: Translator, expression: Expression) -> Sql:
    """Of conditions only a column can be without a value, below the `known` that makes it true or false."""
    if expression.type != BOOLEAN:
        return is_missing(t, expression)
    stored = unsettled(t.value(expression)) if isinstance(expression, Column) else None
    return exp.false() if stored is None else exp.Is(this=stored, expression=exp.Null())


def _among(t: Translator, wanted: Expression, several: Several) -> Sql:
    if several.type == BOOLEAN:
        return t.truth(wanted, True)  # #t is the only value that is not missing
    value = paren(t.value(wanted))
    if len(several.values) <= FEW:
        return exp.In(this=value, expressions=[t.parameters.bind(v, several.type) for v in several.values])
    many = t.parameters.bind(several.values, several.type, many=True)
    return exp.In(
        this=value, query=exp.Subquery(this=exp.Select(expressions=[exp.Unnest(expressions=[many])]))
    )


def _text_test(kind: Callable[..., Sql]) -> Callable[[Translator, Call, bool], Sql]:
    def test(t: Translator, call: Call, exact: bool) -> Sql:
        made = kind(*t.values(call))
        return known(made) if exact else made

    return test


TRUTHS: Final[dict[str, Callable[[Translator, Call, bool], Sql]]] = {
    "=": _equal,
    "<": _comparison(exp.LT),
    ">": _comparison(exp.GT),
    "<=": _comparison(exp.LTE),
    ">=": _comparison(exp.GTE),
    "and": lambda t, call, exact: chain(exp.And, [t.truth(a, exact) for a in call.arguments], exp.true()),
    "or": lambda t, call, exact: chain(exp.Or, [t.truth(a, exact) for a in call.arguments], exp.false()),
    "not": lambda t, call, exact: exp.Not(this=paren(t.truth(call.arguments[0], True))),
    "missing?": lambda t, call, exact: is_missing(t, call.arguments[0]),
    "null?": lambda t, call, exact: _is_null(t, call.arguments[0]),
    "member": _member,
    "contains?": _text_test(lambda a, b: exp.Contains(this=a, expression=b)),
    "starts-with?": _text_test(lambda a, b: exp.StartsWith(this=a, expression=b)),
    "ends-with?": _text_test(lambda a, b: exp.EndsWith(this=a, expression=b)),
    "json-has?": lambda t, call, exact: json_has(t, call),
    "matches?": _text_test(lambda a, b: exp.RegexpLike(this=a, expression=b)),
}
