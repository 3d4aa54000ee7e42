"""What stands in a define-library form (R7RS 5.6.1), and what it shares with programs: cond-expand, include."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from chorus.interpreter.libraries import Library, bring, exists, fault, library_name, spell
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import unwind
from chorus.runtime.errors import CapabilityDenied, ChorusError, Span
from chorus.runtime.values import Pair, Symbol, list_items

Bodies = list[tuple[Any, Span | None]]  # forms and where they stand


def define(form: Any, space: Namespace, span: Span | None, file: str) -> None:
    """Carry out a `define-library` form."""
    if not isinstance(form.cdr, Pair):
        raise fault("define-library: a name is missing", span, code="syntax")
    made = Library(library_name(form.cdr.car, span), space.foundation)
    made.form = form, span, file
    under_way = made.foundation.libraries_under_way
    under_way.append(made.name)
    try:
        _run(made, _declarations(form.cdr.cdr, made, span), file)
    finally:
        under_way.pop()
    for name, inside in made.exports.items():
        if inside not in made.imported and not made.owns(inside):
            raise fault(f"{spell(made.name)} exports {name}, but does not define {inside}", span)
    made.foundation.libraries[made.name] = made


def _declarations(rest: Any, made: Library, span: Span | None) -> Bodies:
    """Carry out the exports and imports of REST; the forms of its bodies."""
    bodies: Bodies = []
    work = list(reversed(list(rest) if isinstance(rest, Pair) else []))
    while work:
        declaration = work.pop()
        head = getattr(declaration.car, "name", "") if isinstance(declaration, Pair) else ""
        place = (declaration.span if isinstance(declaration, Pair) else None) or span
        parts = list_items(declaration.cdr) if head in DECLARATIONS else None
        if parts is None:
            known = ", ".join(DECLARATIONS)
            raise fault(
                "define-library: this is no declaration", place, f"declarations are {known}", code="syntax"
            )
        work += reversed(DECLARATIONS[head](made, parts, place, bodies, declaration))
    return bodies


def _export(made: Library, parts: list[Any], span: Span | None, bodies: Bodies, form: Any) -> list[Any]:
    for each in parts:
        names = list_items(each) if isinstance(each, Pair) else None
        if each.__class__ is Symbol:
            made.exports[each.name] = each.name
        elif names and len(names) == 3 and names[0] is Symbol("rename"):
            made.exports[names[2].name] = names[1].name
        else:
            raise fault("export: a name or (rename inside outside) is expected", span, code="syntax")
    return []


def _import(made: Library, parts: list[Any], span: Span | None, bodies: Bodies, form: Any) -> list[Any]:
    bring(made, parts, span)
    return []


def _begin(made: Library, parts: list[Any], span: Span | None, bodies: Bodies, form: Any) -> list[Any]:
    cells = form.cdr
    while isinstance(cells, Pair):
        bodies.append((cells.car, getattr(cells, "car_span", None) or span))
        cells = cells.cdr
    return []


def _include(made: Library, parts: list[Any], span: Span | None, bodies: Bodies, form: Any) -> list[Any]:
    bodies += _included(made, form, span)
    return []


def _include_declarations(
    made: Library, parts: list[Any], span: Span | None, bodies: Bodies, form: Any
) -> list[Any]:
    return [each for each, _ in _included(made, form, span)]


def _included(made: Library, form: Any, span: Span | None) -> list[tuple[Any, Span | None]]:
    context = made.foundation.context
    if context is None or "read" not in context.capabilities:
        raise CapabilityDenied("read", "include", span=span)
    return included(form, span)


def _cond_expand(made: Library, parts: list[Any], span: Span | None, bodies: Bodies, form: Any) -> list[Any]:
    return list(chosen(parts, made, span) or [])


DECLARATIONS: dict[str, Callable[[Library, list[Any], Span | None, Bodies, Any], list[Any]]] = {
    "export": _export,
    "import": _import,
    "begin": _begin,
    "include": _include,
    "include-ci": _include,
    "include-library-declarations": _include_declarations,
    "cond-expand": _cond_expand,
}


def _run(made: Library, bodies: Bodies, file: str) -> None:
    from chorus.interpreter.evaluator import Evaluator

    context = made.foundation.context
    evaluator = Evaluator(made, made.foundation.metered, context.check if context else lambda: None)
    for form, span in bodies:
        for unit in evaluator.units(form, span, span.file if span else file):
            unwind(unit.run(made))
            if unit.name:
                evaluator.remember(unit.name)
                made.refresh(unit.name)
        made.shadowed.clear()


# — what cond-expand and include ask —


def chosen(clauses: list[Any], space: Namespace, span: Span | None) -> Any:
    """The forms of the first of cond-expand's CLAUSES whose requirement holds; None if none does."""
    for clause in clauses:
        if not isinstance(clause, Pair):
            raise fault("cond-expand: a clause is (requirement form …)", span, code="syntax")
        if holds(clause.car, space, span):
            return clause.cdr
    return None


def holds(requirement: Any, space: Namespace, span: Span | None) -> bool:
    """Whether a feature requirement of cond-expand holds."""
    from chorus.interpreter.compiler.syntax import is_identifier, spelling
    from chorus.interpreter.reflection.system import FEATURES

    if is_identifier(requirement):
        return spelling(requirement) in FEATURES or spelling(requirement) == "else"
    parts = list_items(requirement) or []
    head = spelling(parts[0]) if parts and is_identifier(parts[0]) else ""
    each: Iterator[bool] = (holds(part, space, span) for part in parts[1:])
    if head == "and":
        return all(each)
    if head == "or":
        return any(each)
    if head == "not" and len(parts) == 2:
        return not next(each)
    if head == "library" and len(parts) == 2:
        return exists(library_name(parts[1], span), space, span)
    raise fault(
        "cond-expand: this is no requirement", span, "a feature, and, or, not, library", code="syntax"
    )


def included(form: Any, span: Span | None) -> list[tuple[Any, Span | None]]:
    """The forms of the files that FORM, (include path …) or (include-ci path …), names."""
    from chorus.interpreter.compiler.syntax import spelling
    from chorus.interpreter.reader import read_spanned
    from chorus.runtime.primitives.io import file_errors

    name = spelling(form.car)
    found: list[tuple[Any, Span | None]] = []
    for path in list_items(form.cdr) or []:
        if path.__class__ is not str:
            raise fault(f"{name}: a path is a string", span, code="syntax")
        beside = os.path.join(os.path.dirname(span.file), path) if span is not None else path
        place = beside if os.path.exists(beside) else path
        try:
            with file_errors(name, place), open(place, encoding="utf-8-sig", newline="") as file:
                found += read_spanned(file.read(), place, fold=name == "include-ci")
        except ChorusError as problem:
            problem.span = problem.span or span
            raise
    return found
