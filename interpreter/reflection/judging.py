"""Calls that are looked at before they are made: whether all procedures in them are known to be harmless."""

from __future__ import annotations

import sys
from types import CodeType, FrameType, FunctionType
from typing import Any

from chorus.interpreter.host_errors import STDLIB
from chorus.interpreter.reflection.reaching import ATOMS
from chorus.interpreter.reflection.staging import where
from chorus.interpreter.traces import span_at
from chorus.runtime.calling import applied, call, makes_calls, meta_of, meta_of_code, returns_pending
from chorus.runtime.errors import Span
from chorus.runtime.primitive import primitive
from chorus.runtime.values import UNSPECIFIED, is_procedure, list_items, make_list


class Known:
    """Procedures that may be called as they are. UNSURE: none may, for the time being. PLACE: of the last call."""

    __slots__ = ("codes", "others", "place", "unsure")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.codes: dict[int, CodeType] = {}  # by id: of the procedures of the language
        self.others: set[Any] = set()
        self.unsure = False
        self.place: Any = False


@primitive("%known", effects="pure")
def known_procedures() -> Known:
    """No procedures yet, which `%known!` adds to.

    > (%all-known? (%known) #f 1 car)
    => #f
    """
    return Known()


@primitive("%all-known?", effects="pure", checked=False)
def are_known(known: Known, at: Any, *parts: Any) -> bool:
    """Whether all procedures among the PARTS of a call are KNOWN, and nothing is unsure; AT, if not #f, is its place.

    > (let ((known (%known))) (%known! known car) (%all-known? known #f 1 car))
    => #t
    """
    if at is not False:
        known.place = at
    if known.unsure:
        return False
    codes = known.codes
    for part in parts:
        kind = part.__class__
        if kind in ATOMS or (kind is FunctionType and id(part.__code__) in codes):
            continue
        if is_procedure(part) and part not in known.others:
            return False
    return True


@primitive("%call-judged", effects="pure", checked=False)
@returns_pending
def call_judged(judge: Any, call_of: Any, at: Any, *parts: Any) -> Any:
    """The call of the first of PARTS with the others, written AT a place, each taken for what the procedure JUDGE gives
    for it: CALL-OF is given the place, the procedure and the list of its arguments. (No name of the language is used,
    which might mean another.)

    > (%call-judged (lambda (part) (if (number? part) (* 2 part) part)) %call-at #f + 1 2)
    => 6
    """
    procedure, *arguments = [call(judge, part) for part in parts]
    site = _site(at, sys._getframe(1))
    return (call_of, (site or False, procedure, make_list(arguments)), site)


def _site(at: Any, frame: FrameType) -> Span | None:
    """AT, where a call is written; in a definition of the language, on which FRAME is, where the program wrote the call
    of that, whose place this one takes.
    """
    site = where(at)
    if _is_own(site):
        return site
    maker = frame.f_back
    found = None
    if maker is not None and makes_calls(maker.f_code):
        found = maker.f_locals.get("site")
    elif maker is not None and meta_of_code(maker.f_code) is not None:
        found = span_at(maker.f_code, maker.f_lasti)
    return found if _is_own(found) else site


def _is_own(site: Any) -> bool:
    """Whether SITE is a place in the program's text."""
    return site.__class__ is Span and not site.file.startswith(STDLIB)


@primitive("%call-at", effects="pure", checked=False)
@returns_pending
def call_at(at: Any, procedure: Any, arguments: Any) -> Any:
    """The call of PROCEDURE with the list of ARGUMENTS, as if it were written AT a place, which an error tells; if that
    is #f, where the call was written of what makes this one.

    > (%call-at #f + '(1 2))
    => 3
    """
    return applied(procedure, tuple(list_items(arguments) or ()), _site(at, sys._getframe(1)))


@primitive("%common", effects="pure", checked=False)
def common(some: Any, others: Any) -> Any:
    """The items of the list SOME, or of none if it is #f, that are in the list OTHERS.

    > (%common '(a b c) '(c a))
    => (a c)
    """
    wanted = list_items(others) or []
    return make_list(each for each in list_items(some) or [] if each in wanted)


@primitive("%known!", effects="mutate", checked=False)
def add_known(known: Known, procedure: Any) -> Any:
    """Add PROCEDURE to those KNOWN, and all that have the same code.

    > (let ((known (%known))) (%known! known car) (%all-known? known #f car cdr))
    => #f
    """
    if meta_of(procedure) is None:
        known.others.add(procedure)
    else:
        known.codes[id(procedure.__code__)] = procedure.__code__
    return UNSPECIFIED


@primitive("%unsure!", effects="mutate", checked=False)
def unsure(known: Known) -> Any:
    """From here on nothing is KNOWN.

    > (let ((known (%known))) (%unsure! known) (%all-known? known #f))
    => #f
    """
    known.unsure = True
    return UNSPECIFIED


@primitive("%known-anew!", effects="mutate", checked=False)
def know_anew(known: Known) -> Any:
    """Forget what was KNOWN, and that anything was unsure.

    > (let ((known (%known))) (%unsure! known) (%known-anew! known) (%all-known? known #f))
    => #t
    """
    known.forget()
    return UNSPECIFIED


@primitive("%known-place", effects="pure", checked=False)
def known_place(known: Known) -> Any:
    """The place of the last call that was asked about.

    > (%known-place (%known))
    => #f
    """
    return known.place
