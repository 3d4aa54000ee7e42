"""What a person writes after `(plot table …)`, taken apart: channels (columns or expressions over them), the mark,
options.
"""

from __future__ import annotations

from typing import Any, Final

from chorus.runtime.errors import EvalError, Span
from chorus.runtime.plan import operators
from chorus.runtime.plan.forms import items_of, name_of, spans_of
from chorus.runtime.plan.types import near
from chorus.runtime.values import Keyword, Pair, SourcePair, Symbol, make_list

ROLES: Final = ("x", "y", "low", "high", "color", "size", "facet", "label")
OPTIONS: Final = ("title", "width", "height", "bins", "unit", "most")  # evaluated by the program
MARKS: Final = ("point", "line", "area", "bar", "tick", "rect", "boxplot")
FILES: Final = ("to", "file", "path", "out", "save")  # what people write for it
TO_FILE: Final = '(save-plot (plot …) "a.png") draws into a file'
LONGEST_NAME: Final = 150  # letters of an expression that names its column


def taken_apart(forms: Any) -> Any:
    """(roles mark options rows keys totals) of the FORMS after the table.

    `roles` has (role . column) for each channel. What is an expression becomes a column called as it is written:
    `rows` has such clauses (column expression) over rows, `totals` those with aggregates; `keys` are then the clauses
    to group by.
    """
    given = _pairs(forms)
    _known(given)
    roles: list[Any] = []
    rows: list[Any] = []
    totals: list[Any] = []
    keys: list[Any] = []
    for role in ROLES:
        if role not in given:
            continue
        form, span = given[role]
        column = name_of(form)
        clause: Any = form
        if column is None:
            column = _column_name(form, span)
            clause = make_list([Symbol(column), form])
            (totals if _has_total(form) else rows).append(clause)
        if not _has_total(form) and clause not in keys:
            keys.append(clause)
        roles.append(SourcePair(Symbol(role), Symbol(column), span, span))
    mark = _mark(*given["mark"]) if "mark" in given else False
    options = [
        part for name in OPTIONS if name in given for part in (Keyword(name), _option(name, given[name][0]))
    ]
    parts = [make_list(roles), mark, make_list(options), _once(rows), _once(keys), _once(totals)]
    return make_list(parts)


def _option(name: str, form: Any) -> Any:
    """What is evaluated; a unit of time may stand there by its bare name."""
    return name_of(form) if name == "unit" and name_of(form) in operators.UNITS else form


def _once(clauses: list[Any]) -> Any:
    """The list of CLAUSES without those that make the same column again."""
    by_name = {(name_of(c) or name_of(items_of(c)[0])): c for c in clauses}
    return make_list(by_name.values())


def _pairs(forms: Any) -> dict[str, tuple[Any, Span | None]]:
    items, spans = items_of(forms), spans_of(forms)
    found: dict[str, tuple[Any, Span | None]] = {}
    for at in range(0, len(items), 2):
        if items[at].__class__ is not Keyword:
            raise EvalError(
                "plot takes a table, then keywords with what they are",
                code="syntax",
                span=spans[at],
                hint="(plot (messages) :x timestamp)",
            )
        if at + 1 == len(items):
            raise EvalError(
                f"plot: the keyword :{items[at].name} has no value after it", code="syntax", span=spans[at]
            )
        found[items[at].name] = items[at + 1], spans[at + 1] or spans[at]
    return found


def _known(given: dict[str, tuple[Any, Span | None]]) -> None:
    known = (*ROLES, "mark", *OPTIONS)
    for name, (_, span) in given.items():
        if name not in known:
            hint = (
                TO_FILE
                if name in FILES
                else near(name, known) or "it takes " + " ".join(":" + each for each in known)
            )
            raise EvalError(f"plot takes no keyword :{name}", code="syntax", span=span, hint=hint)


def _mark(form: Any, span: Span | None) -> Symbol:
    """`line`, `'line` and "line" are the same mark."""
    parts = items_of(form)
    inner = parts[1] if len(parts) == 2 and name_of(parts[0]) == "quote" else form
    name = inner if isinstance(inner, str) else name_of(inner)
    if name not in MARKS:
        from chorus.runtime.printer import brief

        hint = near(str(name), MARKS) or f"one of {' '.join(MARKS)}"
        raise EvalError(f"plot: there is no mark {brief(inner)}", code="plot-mark", span=span, hint=hint)
    return Symbol(name)


def _column_name(form: Any, span: Span | None) -> str:
    from chorus.runtime.printer import brief

    if isinstance(form, Pair):
        return brief(form, LONGEST_NAME)
    raise EvalError(
        f"plot: {brief(form)} is no column",
        code="table-clause",
        span=span,
        hint="name a column, or an expression",
    )


def _has_total(form: Any) -> bool:
    """Whether FORM has an aggregate in it: then the plot is of groups."""
    parts = items_of(form)
    if not parts:
        return False
    row = operators.operator(name_of(parts[0]) or "", len(parts) - 1)
    return (row is not None and row.aggregate) or any(map(_has_total, parts[1:]))
