"""Which names and calls inside clauses are the program's own, so that their values must come along."""

from __future__ import annotations

from typing import Any, Final

from chorus.runtime.plan import nodes, operators
from chorus.runtime.plan.forms import items_of, name_of
from chorus.runtime.plan.types import Schema
from chorus.runtime.values import Pair, hash_key, make_list

EXPRESSIONS: Final = "expressions"  # as where takes
CLAUSES: Final = "clauses"  # (name expression), as select takes
TOTALS: Final = "totals"  # the same, over groups


def free_terms(kind: str, forms: Any) -> list[Any]:
    """Names and calls in FORMS that may be the program's own: all but operators and new columns' names."""
    found: dict[Any, Any] = {}
    work = [_expression_of(kind, form) for form in items_of(forms)]
    while work:
        here = work.pop()
        head = name_of(here.car) if isinstance(here, Pair) else None
        if name_of(here) is not None or (isinstance(here, Pair) and not operators.is_operator(head or "")):
            found.setdefault(hash_key(plain(here)), here)
        elif head == "cond":
            parts = (part for clause in items_of(here)[1:] for part in items_of(clause))
            work += (part for part in parts if name_of(part) != "else")
        elif head == "bucket":
            work += (part for part in items_of(here)[1:] if name_of(part) not in operators.UNITS)
        elif head != "quote":
            work += items_of(here)[1:]
    return list(found.values())


def needed_terms(plan: nodes.Plan, kind: str, forms: Any) -> list[Any]:
    """Those of the free terms that mention no column of PLAN: the program has to give their values."""
    schema = plan.schema
    if kind == TOTALS and isinstance(plan, nodes.GroupBy):
        schema = nodes.seen_by_totals(plan)
    return [term for term in free_terms(kind, forms) if not _mentions(schema, term)]


def _mentions(schema: Schema, form: Any) -> bool:
    work = [form]
    while work:
        here = work.pop()
        if isinstance(here, Pair):
            work += (here.cdr, here.car)
        elif name_of(here) in schema:
            return True
    return False


def _expression_of(kind: str, form: Any) -> Any:
    """The part of a clause that is an expression."""
    parts = items_of(form)
    if len(parts) == 2 and (kind != EXPRESSIONS or name_of(parts[0]) in ("desc", "asc")):
        return parts[1]
    return form


def plain(form: Any) -> Any:
    """FORM with identifiers that macros renamed as plain symbols, which is how a quoted form arrives."""
    if isinstance(form, Pair):
        return make_list(plain(item) for item in form)
    return getattr(form, "symbol", form)
