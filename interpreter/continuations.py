"""The driver: runs a job on the Python stack and, when a continuation takes control from it, goes on with frames that
are values.

Every entry from the host into the language has a driver. As long as no continuation is re-entered it costs a `try`.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from functools import partial
from types import CellType, CodeType, FunctionType, TracebackType
from typing import Any

from chorus.interpreter.tails import only_returns
from chorus.runtime import calling
from chorus.runtime.calling import unwind
from chorus.runtime.continuations import (
    MAKERS,
    Barrier,
    Capture,
    Chain,
    Escape,
    Signal,
    Throw,
    link,
    place,
    rewind,
    transparent,
)
from chorus.runtime.errors import EvalError, LimitSignal

CURRENT = threading.local()
NESTED = 0x10  # the flag of code that refers to variables of functions around it


class Driver:
    """Runs jobs of one session; OUTER: the driver under which host code called back. BASE: the driver whose job it is
    that ends when the frames do; another one's, once a continuation of that has been entered.
    """

    __slots__ = ("base", "chain", "ctx", "live", "outer")

    def __init__(self, ctx: Any) -> None:
        self.ctx = ctx
        self.base = self
        self.outer: Driver | None = None
        self.chain: Chain = None

    def run(self, job: Callable[[], Any]) -> Any:
        ctx = self.ctx
        self.outer, self.live = ctx.driver, ctx.live
        winds, handlers, before = ctx.winds, ctx.handlers, getattr(CURRENT, "ctx", None)
        ctx.driver, CURRENT.ctx = self, ctx
        try:
            return self._run(job)
        except Exception:
            rewind(ctx, winds)
            raise
        finally:
            ctx.driver, ctx.live, ctx.winds, ctx.handlers = self.outer, self.live, winds, handlers
            CURRENT.ctx = before

    def _run(self, job: Callable[[], Any]) -> Any:
        step = job
        while True:
            try:
                value = unwind(step())
                if self.chain is None:
                    return value
                frame, self.chain, _ = self.chain
                step = partial(frame.resume, value)
            except Signal as signal:
                step = self._follow(signal)
            except Exception as problem:
                step = self._caught(problem)

    def _follow(self, signal: Signal) -> Callable[[], Any]:
        """What to do next, once SIGNAL has arrived with the frames that it passed."""
        if isinstance(signal, Capture):
            trace = frames_of(signal)
            if signal.problem is None:
                self.chain = self._values(trace, self.chain)
            else:
                self.chain = self._values(trace[:-1], self.chain)
                self._values(frames_of(signal.problem), self.chain, at=0)
            self.ctx.live = self.live
            return signal.action
        if isinstance(signal, Escape):
            return self._escaped(signal)
        assert isinstance(signal, Throw)
        target, value = signal.target, signal.value
        if target.driver is not self and self._is_around(target.driver):
            raise signal  # for a driver further out, past host code
        self._note_frames(signal)
        if target.live:
            raise _lost("its call was left by host code")
        if target.driver is not self and (self.outer is not None or target.driver.outer is not None):
            raise _lost("host code that called back has returned")
        self.chain, self.base = target.frames, target.base
        self.ctx.handlers = target.handlers
        return lambda: value

    def _escaped(self, signal: Escape) -> Callable[[], Any]:
        """To a guard whose frame has become a value, or past host code."""
        goal = self.chain
        while goal is not None and goal[0] is not signal.target:
            goal = goal[1]
        if goal is None:
            if self.outer is None:
                raise _lost("its call is not on this stack")
            raise signal
        self._note_frames(signal)
        self.chain = goal[1]
        return partial(signal.target.take, signal.value)

    def _caught(self, problem: Exception) -> Callable[[], Any]:
        """An error: for the innermost frame that takes one, or for whoever runs this driver."""
        self._note_frames(problem)
        if isinstance(problem, (RecursionError, MemoryError)):
            raise problem
        while self.chain is not None:
            frame, self.chain, _ = self.chain
            if frame.throw is not None:
                return partial(frame.throw, problem)
        raise problem

    def _is_around(self, driver: Any) -> bool:
        here = self.outer
        while here is not None and here is not driver:
            here = here.outer
        return here is not None

    def _note_frames(self, problem: BaseException) -> None:
        """Continuations that PROBLEM passed get their frames."""
        if self.ctx.live is not self.live:
            self._values(frames_of(problem), self.chain)
            self.ctx.live = self.live

    def _values(self, trace: list[TracebackType], chain: Chain, at: int = 1) -> Chain:
        """TRACE from AT on, outermost first, as values before CHAIN."""
        for tb in trace[at:]:
            frame = tb.tb_frame
            code = frame.f_code
            first = code.co_consts[0] if code.co_consts else None
            if first.__class__ is calling.Meta:
                if only_returns(code, tb.tb_lasti):
                    continue
                chain = link(LispFrame(frame, tb.tb_lasti), chain)
                continue
            maker = MAKERS.get(place(code))
            chain = link(Barrier(code.co_name), chain) if maker is None else maker(frame.f_locals, chain)
        most = self.ctx.limits.depth
        if chain is not None and chain[2] > most:
            raise LimitSignal("depth", chain[2], most)
        return chain


transparent(Driver._run)


class LispFrame:
    """A frame of compiled code, suspended in a call: what it holds, but not the frame, which holds those around it."""

    __slots__ = ("cells", "code", "globals", "lasti", "variables")
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

    def resume(self, value: Any) -> Any:
        """The pending call that goes on with VALUE."""
        variables = self.variables
        ways = self.code.co_consts[0].ways
        key = (self.lasti, *variables)
        way = ways.get(key)
        if way is None:
            way = ways[key] = _way_in(self.code, self.lasti, frozenset(variables))
        rest, names, places = way
        closure = tuple([self.cells[at] for at in places]) if places else None
        made = FunctionType(rest, self.globals, "", None, closure)
        return (made, (value, *[variables[name] for name in names]), None)


def _way_in(code: CodeType, lasti: int, bound: frozenset[str]) -> tuple[CodeType, tuple[str, ...], list[int]]:
    """The code that goes on after instruction LASTI of CODE, the variables that it is called with, and the places of
    its cells among those of the frame, which refers to them in the order that CODE names them in.
    """
    from chorus.interpreter.compiler.rests import NoRest

    meta = code.co_consts[0]
    if meta.source is None:
        raise _lost("the source of a procedure is gone")
    try:
        site = meta.source.site(meta.number, lasti)
        entry = meta.source.origin.entry(meta.number, site, code, bound)
    except (NoRest, LookupError) as why:
        raise _lost(f"there is no way in: {why}") from None
    shared = code.co_cellvars + code.co_freevars
    return entry.code, entry.locals, [shared.index(name) for name in entry.code.co_freevars]


def in_order(ctx: Any, forms: list[Any]) -> Iterator[Any]:
    """Each of FORMS, tuples, with a driver for it. When a form has entered a continuation of an earlier one, those that
    follow the earlier come next.
    """
    places: dict[Driver, int] = {}
    at = 0
    while at < len(forms):
        driver = Driver(ctx)
        places[driver] = at
        yield (*forms[at], driver)
        at = places.get(driver.base, at) + 1


def frames_of(problem: BaseException) -> list[TracebackType]:
    found = []
    tb = problem.__traceback__
    while tb is not None:
        found.append(tb)
        tb = tb.tb_next
    return found


def _lost(why: str) -> EvalError:
    return EvalError(f"this continuation cannot be entered: {why}", code="continuation")


def _enter(procedure: Any, arguments: tuple[Any, ...]) -> Any:
    """A call from host code, under a driver of its own."""
    ctx = getattr(CURRENT, "ctx", None)
    if ctx is None:
        return unwind(procedure(*arguments))
    return Driver(ctx).run(partial(procedure, *arguments))


calling.enter = _enter
