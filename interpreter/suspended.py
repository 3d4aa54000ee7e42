"""Frames of compiled code as values: where a procedure was suspended in a call, and how it is gone on with."""

from __future__ import annotations

import gc
from types import CellType, CodeType, FunctionType, TracebackType
from typing import Any

from chorus.runtime.calling import Meta
from chorus.runtime.continuations import transparent
from chorus.runtime.errors import EvalError

NESTED = 0x10  # the flag of code that refers to variables of functions around it
OFTEN = 12  # after this many captures of its frames a procedure gets a stackless twin


class LispFrame:
    """A frame of compiled code, suspended in a call: what it holds, but not the frame, which holds those around it."""

    __slots__ = ("_entry", "_shared", "cells", "code", "globals", "lasti", "variables")
    throw = None

    def __init__(self, frame: Any, lasti: int) -> None:
        self.code = code = frame.f_code
        self.globals = frame.f_globals
        self.lasti = lasti
        self.variables = dict(frame.f_locals)
        shares = code.co_flags & NESTED or code.co_cellvars
        # the cells themselves, which closures share
        self.cells = (
            [each for each in gc.get_referents(frame) if each.__class__ is CellType] if shares else ()
        )
        self._entry: Any = None
        self._shared: dict[str, CellType] | None = None
        notice(code.co_consts[0])

    @transparent
    def resume(self, value: Any, _: Any = ()) -> Any:
        """Go on with VALUE."""
        meta = self.code.co_consts[0]
        if meta.heat.family is not None:
            if self._entry is None:
                from chorus.interpreter.twins import enter

                self._entry = enter(self, meta)
            if self._entry:
                rest, given = self._entry
                return rest(value, given)
        variables = self.variables
        key = (self.lasti, *variables)
        way = meta.ways.get(key)
        if way is None:
            way = meta.ways[key] = way_in(self.code, self.lasti, frozenset(variables))
        rest, names, places = way
        if places:
            shared = self.shared()
            closure = tuple([shared[name] for name in places])
        else:
            closure = None
        made = FunctionType(rest, self.globals, "", None, closure)
        return made(value, *[variables[name] for name in names])

    def shared(self) -> dict[str, CellType]:
        """The cells by the names of the variables; those that `set!` changes get theirs when first asked for."""
        if self._shared is None:
            code, variables = self.code, self.variables
            # in the order that the frame refers to them in
            self._shared = found = dict(zip(code.co_cellvars + code.co_freevars, self.cells, strict=True))
            for name in changed_in(code):
                if name not in found:
                    found[name] = CellType(variables[name]) if name in variables else CellType()
        return self._shared


def notice(meta: Meta) -> None:
    """A frame of META's procedure has been left by a continuation or captured by one."""
    warm = meta.heat
    warm.count += 1
    if warm.count > OFTEN and warm.family is None and meta.source is not None:
        from chorus.interpreter.compiler.twins import heat

        heat(meta)


def site_of(code: CodeType, lasti: int) -> int:
    """The number of the call that instruction LASTI of CODE makes."""
    meta = code.co_consts[0]
    if meta.source is None:
        raise lost("the source of a procedure is gone")
    try:
        return meta.source.site(meta.number, lasti)
    except LookupError as why:
        raise lost(f"there is no way in: {why}") from None


def way_in(
    code: CodeType, lasti: int, bound: frozenset[str]
) -> tuple[CodeType, tuple[str, ...], tuple[str, ...]]:
    """The code that goes on after instruction LASTI of CODE, the variables that it is called with, and the names of
    its cells.
    """
    from chorus.interpreter.compiler.rests import NoRest

    meta = code.co_consts[0]
    site = site_of(code, lasti)
    try:
        entry = meta.source.origin.entry(meta.number, site, code, bound)
    except (NoRest, LookupError) as why:
        raise lost(f"there is no way in: {why}") from None
    return entry.code, entry.locals, entry.code.co_freevars


def changed_in(code: CodeType) -> tuple[str, ...]:
    """The variables that `set!` changes in CODE."""
    meta = code.co_consts[0]
    return () if meta.source is None else meta.source.origin.changed_here(meta.number)


def lost(why: str) -> EvalError:
    return EvalError(f"this continuation cannot be entered: {why}", code="continuation")


def frames_of(problem: BaseException) -> list[TracebackType]:
    found = []
    tb = problem.__traceback__
    while tb is not None:
        found.append(tb)
        tb = tb.tb_next
    return found


def stackless(procedure: Any, known: Any) -> Any:
    """What a driver calls for PROCEDURE, of which its `__doc__` tells what is KNOWN: its twin, if it is to have one."""
    if known.__class__ is not Meta:
        load = getattr(procedure, "load", None)  # the stub of a procedure that has not been used so far
        if load is None:
            return procedure
        procedure = load()
        known = procedure.__doc__
        if known.__class__ is FunctionType:
            return known
    if known.__class__ is Meta and known.heat.family is not None:
        from chorus.interpreter.twins import twin_of

        return twin_of(procedure, known)
    return procedure
