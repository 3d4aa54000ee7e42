"""Definitions as texts that can be read: a procedure, macro or record type as it was typed, a computed value as data.

So that going back to a version, or opening a workspace, repeats no work and no effect.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from chorus.interpreter.namespace import Namespace
from chorus.runtime.errors import EvalError
from chorus.runtime.frames.bindings import Binding
from chorus.runtime.frames.kept import is_kept
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.keyed import KeyedTable
from chorus.runtime.printer import symbol_text, write
from chorus.runtime.values import NIL, Char, HashTable, Keyword, Pair, Symbol, list_items, make_list

if TYPE_CHECKING:
    from chorus.runtime.context import Context

AS_TYPED = frozenset(("define-syntax", "define-macro", "define-record-type"))
DEFINING = AS_TYPED | {"define", "define-values", "set!"}
PROCEDURE_MAKERS = frozenset(("lambda", "case-lambda", "named-lambda"))
PROCEDURES = ("procedure", "direct", "form")  # kinds of units
ATOMS = (int, float, complex, Gaussian, Fraction, str, bytes, dt.datetime, Keyword, Char)
PLAIN = (*ATOMS, bytearray, Symbol)
SMALL = 1_000  # parts of a value that is written down even if nobody asked to keep it
DATA = re.compile(r"\((?:define|set!) [^\s()]")
PROCEDURE = re.compile(r"\((define|set!) (?:\(|[^\s()|]+ \((?:case-|named-)?lambda[\s)])")
SYNTAX = re.compile(r"\(define-(?:syntax|macro|record-type) ")
DEFINE, SET, QUOTE, LAMBDA = Symbol("define"), Symbol("set!"), Symbol("quote"), Symbol("lambda")


def binding_of(name: str, kind: str, form: Any, space: Namespace, whole: bool) -> Binding:
    """What FORM, which has just been evaluated in SPACE by a unit of KIND, made of NAME.

    WHOLE: a value is written down as data however big it is, and what a call gives back, so that it does after the
    session, too. What is no data is `unkept`.
    """
    own = space.owns(name)
    part = part_of(form, name)
    if head(part) in AS_TYPED or kind in PROCEDURES or makes_procedure(part):
        return Binding("define" if own else "set!", name, write(_placed(part, own)))
    value = space.get(name)
    if is_kept(value):
        return kept_binding(name, value, own, space.foundation.context, whole)
    if is_datum(value, None if whole else SMALL):
        return data_binding(name, value, own)
    return Binding("unkept" if own else "unkept!", name, write(part))


def is_data(binding: Binding) -> bool:
    """Whether BINDING's text says all there is to its value."""
    known = binding.kind in ("define", "set!") and DATA.match(binding.text) is not None
    return known and not PROCEDURE.match(binding.text)


def data_binding(name: str, value: Any, own: bool) -> Binding:
    shown = value if isinstance(value, ATOMS) or value is True or value is False else _quoted(value)
    kind = "define" if own else "set!"
    return Binding(kind, name, f"({kind} {symbol_text(name)} {write(shown)})")


def kept_binding(name: str, value: Any, own: bool, ctx: Context, lasting: bool) -> Binding:
    """NAME bound by the call that gives VALUE back, which is seen to: for the session, or if LASTING for good."""
    ctx.adapters.keep(value, lasting)
    kind = "define" if own else "set!"
    maker, arguments = value.__kept__()
    return Binding(
        kind, name, f"({kind} {symbol_text(name)} {write(make_list([Symbol(maker), *arguments]))})"
    )


def _quoted(value: Any) -> Pair:
    return make_list([QUOTE, value])


def _placed(part: Pair, own: bool) -> Pair:
    """PART as a definition if the name is the session's OWN, else as an assignment."""
    if own:
        return Pair(DEFINE, part.cdr) if part.car is SET else part
    return assignment(part)


def assignment(part: Pair) -> Pair:
    """(define (f x) …) or (define f value) as (set! f …)."""
    if part.car is not DEFINE:
        return part
    target, body = part.cdr.car, part.cdr.cdr
    while isinstance(target, Pair):  # (define ((f a) b) …) gives a procedure that gives one
        body = make_list([Pair(LAMBDA, Pair(target.cdr, body))])
        target = target.car
    return Pair(SET, Pair(target, body))


def definition_of(name: str, form: Any, own: bool) -> Pair:
    """FORM, a definition of NAME or an expression for its value, as one that can be evaluated: of a name of the
    session's OWN a definition, of any other an assignment.
    """
    if head(form) not in DEFINING:
        return make_list([DEFINE if own else SET, Symbol(name), form])
    if not isinstance(form.cdr, Pair) or name not in defined_names(form):
        raise EvalError(
            f"rewrite: this defines something else than {name}",
            code="syntax",
            span=form.span,
            hint=f"(rewrite {name} (define ({name} …) …)) or (rewrite {name} expression)",
        )
    return form if own else assignment(form)


# — forms —


def head(form: Any) -> str:
    """The name at the head of FORM, or ""."""
    return form.car.name if isinstance(form, Pair) and isinstance(form.car, Symbol) else ""


def definitions_in(form: Any) -> Iterator[Pair]:
    """The definitions and assignments that FORM makes at top level, inside `begin` too."""
    if head(form) == "begin":
        for inner in _items(form.cdr):
            yield from definitions_in(inner)
    elif head(form) in DEFINING and isinstance(form.cdr, Pair):
        yield form


def part_of(form: Any, name: str) -> Any:
    """The last part of FORM that says what NAME is; FORM itself if that cannot be told, as of a macro's use."""
    found = [part for part in definitions_in(form) if name in defined_names(part)]
    return found[-1] if found else form


def defined_names(form: Pair) -> list[str]:
    """The names that a definition binds; those of a record type's procedures too."""
    target = form.cdr.car
    if head(form) == "define-record-type":
        return [part.name for part in _of_record(form) if isinstance(part, Symbol)]
    if isinstance(target, Pair) and head(form) != "define-values":
        while isinstance(target, Pair):
            target = target.car
    return [part.name for part in _leaves(target) if isinstance(part, Symbol)]


def _of_record(form: Pair) -> Iterator[Any]:
    """What stands in a record type's definition where it has names: type, maker and predicate, then fields, each with
    its procedures after it.
    """
    for at, part in enumerate(_items(form.cdr)):
        if at > 2:
            yield from _items(part)[1:]
        else:
            yield part.car if isinstance(part, Pair) else part


def _items(form: Any) -> list[Any]:
    return (list_items(form) or []) if isinstance(form, Pair) else []


def expected_names(form: Any) -> list[str]:
    """The names that FORM, as far as can be told from it, is about to define."""
    return [name for part in definitions_in(form) for name in defined_names(part)]


def _leaves(tree: Any) -> Iterator[Any]:
    while isinstance(tree, Pair):
        yield from _leaves(tree.car)
        tree = tree.cdr
    yield tree


def makes_procedure(form: Any) -> bool:
    """Whether FORM binds a name to a procedure that is written out in it."""
    if head(form) not in ("define", "set!") or not isinstance(form.cdr, Pair):
        return False
    if isinstance(form.cdr.car, Pair):
        return True
    rest = form.cdr.cdr
    return head(rest.car if isinstance(rest, Pair) else NIL) in PROCEDURE_MAKERS


# — values —


def is_datum(value: Any, most: int | None = None) -> bool:
    """Whether `read` gives back what `write` prints of VALUE, which has at MOST so many parts. Cyclic values do not."""
    seen: set[int] = set()
    work = [value]
    parts = 0
    while work:
        here = work.pop()
        parts += 1
        if most is not None and parts + len(work) > most:
            return False
        if here.__class__ is KeyedTable:
            return False
        if isinstance(here, (Pair, list, HashTable)):
            if id(here) in seen and isinstance(here, Pair):
                return False
            seen.add(id(here))
            work += _parts(here)
        elif here is not NIL and not isinstance(here, PLAIN):
            return False
    return True


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Pair):
        return [value.car, value.cdr]
    if isinstance(value, HashTable):
        return [part for item in value.items() for part in item]
    return list(value)


def datum_in(form: Any) -> tuple[bool, Any]:
    """Whether FORM binds a name to data that stand in it, and those data."""
    if head(form) not in ("define", "set!") or isinstance(form.cdr.car, Pair):
        return False, None
    value = form.cdr.cdr.car if isinstance(form.cdr.cdr, Pair) else NIL
    if isinstance(value, Pair) and value.car is QUOTE:
        return True, value.cdr.car
    return isinstance(value, ATOMS) or value is True or value is False, value
