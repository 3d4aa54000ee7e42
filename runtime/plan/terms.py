"""Which names and calls inside clauses are the program's own, so that their values must come along."""

from __future__ import annotations

from typing import Any, Final

from chorus.runtime.plan import nodes, operators
from chorus.runtime.plan.forms import items_of, name_of
from chorus.runtime.plan.types import Schema
from chorus.runtime.values import Keyword, Pair, hash_key, make_list

EXPRESSIONS: Final = "expressions"  # as where takes
CLAUSES: Final = "clauses"  # (name expression), as select takes
TOTALS: Final = "totals"  # the same, over groups
HAVING: Final = "having"  # conditions on groups
WINDOWED: Final = "windowed"  # clauses, and options by keyword
TIMED: Final = ("bucket", "bin", "shift", "elapsed")  # operators that take a unit of time


def free_terms(kind: str, forms: Any, schema: Schema | None = None) -> list[Any]:
    """Names and calls in FORMS that may be the program's own: all but operators and new columns' names.

    Of a call that mentions a column, which only a SCHEMA tells, or what a `let` binds, the procedure and the
    arguments may be.
    """
    found: dict[Any, Any] = {}
    nothing: frozenset[str] = frozenset()
    work = [(_expression_of(kind, form), nothing) for form in _without_among(items_of(forms))]
    while work:
        here, bound = work.pop()
        head = name_of(here.car) if isinstance(here, Pair) else None
        if name_of(here) is not None:
            if name_of(here) not in bound:
                found.setdefault(hash_key(plain(here)), here)
        elif isinstance(here, Pair) and not operators.is_operator(head or ""):
            if schema is None or not _mentions(schema, here, bound):
                found.setdefault(hash_key(plain(here)), here)
            if head is not None and (schema is None or _mentions(schema, here, bound)):
                found.setdefault(hash_key(plain(here.car)), here.car)
                work += [(part, bound) for part in items_of(here)[1:]]
        elif head in ("let", "let*") and name_of(here.cdr) is None:
            work += _inner_of_let(head, items_of(here)[1:], bound)
        else:
            work += [(part, bound) for part in _inner_forms(head, here)]
    return list(found.values())


def _inner_of_let(
    head: str | None, rest: list[Any], bound: frozenset[str]
) -> list[tuple[Any, frozenset[str]]]:
    """The expressions in a `let`, each with the names that are bound where it stands."""
    inner, made = [], bound
    for binding in items_of(rest[0]) if rest else []:
        name, *values = items_of(binding) or [None]
        inner += [(value, made if head == "let*" else bound) for value in values]
        made |= {str(name_of(name))}
    return inner + [(part, made) for part in rest[1:]]


def _without_among(forms: list[Any]) -> list[Any]:
    """FORMS without what follows :among, which is evaluated where it stands."""
    return [
        form
        for at, form in enumerate(forms)
        if at == 0 or not (isinstance(forms[at - 1], Keyword) and forms[at - 1].name == "among")
    ]


def _inner_forms(head: str | None, form: Any) -> list[Any]:
    """The expressions in a call of an operator, or in a form that is rewritten into such calls."""
    rest = items_of(form)[1:]
    if head == "cond":
        return [part for clause in rest for part in items_of(clause) if name_of(part) != "else"]
    if head in TIMED:
        return [part for part in rest if name_of(part) not in operators.UNITS]
    return [] if head == "quote" else rest


def needed_terms(plan: nodes.Plan, kind: str, forms: Any) -> list[Any]:
    """Those of the free terms that mention no column of PLAN: the program has to give their values."""
    schema = SEEN.get(kind, _own)(plan)
    return [term for term in free_terms(kind, forms, schema) if not _mentions(schema, term)]


def _own(plan: nodes.Plan) -> Schema:
    return plan.schema


SEEN: Final = {TOTALS: nodes.seen_by_totals, HAVING: nodes.seen_by_having}


def _mentions(schema: Schema, form: Any, bound: frozenset[str] = frozenset()) -> bool:
    work = [form]
    while work:
        here = work.pop()
        if isinstance(here, Pair):
            work += (here.cdr, here.car)
        elif (name := name_of(here)) in schema or name in bound:
            return True
    return False


def _expression_of(kind: str, form: Any) -> Any:
    """The part of a clause that is an expression."""
    parts = items_of(form)
    if kind == WINDOWED and isinstance(form, Keyword):
        return None
    if len(parts) == 2 and (kind not in (EXPRESSIONS, HAVING) or name_of(parts[0]) in ("desc", "asc")):
        return parts[1]
    return form


def plain(form: Any) -> Any:
    """FORM with identifiers that macros renamed as plain symbols, which is how a quoted form arrives."""
    if isinstance(form, Pair):
        return make_list(plain(item) for item in form)
    return getattr(form, "symbol", form)
