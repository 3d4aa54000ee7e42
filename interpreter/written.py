"""The forms that a session's global procedures were defined by, for what writes them out elsewhere.

Kept by the procedure itself: a text's name and place do not do, as the next text may have the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

from chorus.interpreter.diagnostics import OWN
from chorus.interpreter.enclosing import find
from chorus.interpreter.namespace import Namespace
from chorus.runtime.calling import Meta, meta_of
from chorus.runtime.errors import Span
from chorus.runtime.values import Pair, SourcePair, Symbol

FORMS: WeakKeyDictionary[Meta, Any] = WeakKeyDictionary()
DEFINE = Symbol("define")
GIVING = ("define", "set!")
MAKING = ("define", "lambda")


def remember(space: Namespace, form: Any, name: str, span: Span | None) -> None:
    """Keep FORM, written at SPAN, which was just evaluated in SPACE and gave NAME its value, if that is a procedure."""
    if not isinstance(form, Pair) or spelled(form.car) not in GIVING or not isinstance(form.cdr, Pair):
        return
    meta = meta_of(space.get(name, None))
    if meta is not None and (is_written_out(form) or _inside(meta.span, form.span)):
        plain = form.car is DEFINE and form.span is not None
        FORMS[meta] = form if plain else SourcePair(DEFINE, form.cdr, form.span or span, form.car_span)


def remember_value(value: Any, form: Any) -> None:
    """Keep FORM, a definition or a lambda, by which VALUE was made where it could see no variables but globals."""
    meta = meta_of(value)
    if meta is not None and isinstance(form, Pair) and spelled(form.car) in MAKING:
        FORMS.setdefault(meta, form)


def spelled(head: Any) -> str:
    """How an identifier is written, whichever macro it came from."""
    return getattr(getattr(head, "symbol", head), "name", "")


def is_written_out(form: Any) -> bool:
    """Whether FORM, a definition or an assignment, says what the procedure does, rather than where it is to be had."""
    target, rest = form.cdr.car, form.cdr.cdr
    value = rest.car if isinstance(rest, Pair) else None
    curried = isinstance(target, Pair) and isinstance(target.car, Pair)
    written = isinstance(target, Pair) or (isinstance(value, Pair) and spelled(value.car) == "lambda")
    return written and not curried


def _inside(inner: Any, outer: Any) -> bool:
    """Whether the place INNER is in OUTER: a procedure that a form got from elsewhere was not written there."""
    if inner is None or outer is None or inner.file != outer.file:
        return False
    first, last = (outer.line, outer.column), (outer.end_line, outer.end_column)
    return first <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= last


def path_to(meta: Meta, under_way: Iterable[Any]) -> list[Any]:
    """The forms around the one that the procedure of META was written as, which is the last; none if it is not known,
    or a macro's call. UNDER_WAY are top-level forms that are being evaluated.
    """
    if meta.span is None:
        return []
    likely = (FORMS.get(meta), *under_way)  # the others are looked through for what was written within them
    around = (form for form in _kept() if _inside(meta.span, form.span))
    path = next((path for form in chain(likely, around) if (path := find(form, meta.span))), [])
    return path if path and spelled(path[-1].car) in MAKING else []


def _kept() -> Iterator[Any]:
    """All forms that are known, each once; other threads may remember more meanwhile."""
    known = (FORMS.get(meta) for each in FORMS.keyrefs() if (meta := each()) is not None)
    yield from {id(form): form for form in known if form is not None}.values()


def definition_of(meta: Meta) -> Any:
    """The form that defined the procedure of META; #f if it is not known."""
    found = FORMS.get(meta)
    if found is None and meta.span is not None and meta.span.file.startswith(OWN):
        from chorus.interpreter.describe import read_at

        return read_at(meta.span)
    return False if found is None else found
