"""The forms that a session's global procedures were defined by, for what writes them out elsewhere.

Kept by the procedure itself: a text's name and place do not do, as the next text may have the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from chorus.interpreter.diagnostics import OWN
from chorus.interpreter.enclosing import find
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import Meta, meta_of
from chorus.runtime.values import Pair, Symbol

FORMS: WeakKeyDictionary[Meta, Any] = WeakKeyDictionary()
DEFINE, BEGIN = Symbol("define"), Symbol("begin")


def remember(space: Namespace, form: Any) -> None:
    """Keep what FORM, which was just evaluated in SPACE, defined."""
    if not isinstance(form, Pair):
        return
    if form.car is BEGIN:
        for inner in form.cdr if isinstance(form.cdr, Pair) else ():
            remember(space, inner)
    elif form.car is DEFINE and isinstance(form.cdr, Pair):
        target = form.cdr.car
        while isinstance(target, Pair):
            target = target.car
        meta = meta_of(space.get(target.name, None)) if target.__class__ is Symbol else None
        if meta is not None and (
            meta.span is None or meta.span == form.span or _inside(meta.span, form.span)
        ):
            FORMS[meta] = form


def _inside(inner: Any, outer: Any) -> bool:
    """Whether the place INNER is in OUTER: a procedure that a form got from elsewhere was not written there."""
    if outer is None or inner.file != outer.file:
        return False
    first, last = (outer.line, outer.column), (outer.end_line, outer.end_column)
    return first <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= last


def path_to(meta: Meta, under_way: Iterable[Any]) -> list[Any]:
    """The forms around the one that the procedure of META was written as, which is the last; none if it is not known.
    UNDER_WAY are top-level forms that are being evaluated.
    """
    if meta.span is None:
        return []
    known = (form for form in set(FORMS.values()) if _inside(meta.span, form.span))
    return next((path for form in (*under_way, *known) if (path := find(form, meta.span))), [])


def definition_of(meta: Meta) -> Any:
    """The form that defined the procedure of META; #f if it is not known."""
    found = FORMS.get(meta)
    if found is None and meta.span is not None and meta.span.file.startswith(OWN):
        from chorus.interpreter.describe import read_at

        return read_at(meta.span)
    return False if found is None else found
