"""The driver: runs a job on the Python stack and, when a continuation takes control from it, goes on with frames that
are values.

Every entry from the host into the language has a driver. As long as no continuation is re-entered it costs a `try`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import FunctionType, TracebackType
from typing import Any

from chorus.interpreter.suspended import LispFrame, frames_of, lost, notice, stackless
from chorus.interpreter.tails import only_returns
from chorus.runtime import calling
from chorus.runtime.calling import Stackless, unwind
from chorus.runtime.continuations import (
    BOTTOM,
    CAPTURING,
    MAKERS,
    Barrier,
    Capture,
    Chain,
    Continuation,
    Done,
    Escape,
    Setting,
    Signal,
    Throw,
    captured,
    link,
    place,
    rewind,
    then,
    transparent,
)
from chorus.runtime.errors import LimitSignal
from chorus.runtime.values import MultipleValues

CURRENT = threading.local()  # ctx: of the driver under way; home: of the session, also while forms are read


class Driver:
    """Runs jobs of one session; OUTER: the driver under which host code called back. BASE: the driver whose job it is
    that ends when the frames do; another one's, once a continuation of that has been entered. SETTING: what the
    continuation made or entered last goes on with.
    """

    __slots__ = ("base", "chain", "ctx", "live", "outer", "setting")

    def __init__(self, ctx: Any) -> None:
        self.ctx = ctx
        self.base = self
        self.outer: Driver | None = None
        self.chain: Chain = BOTTOM
        self.setting: Setting | None = None

    def current(self) -> Setting:
        """What continuations made here and now go on with."""
        known, ctx = self.setting, self.ctx
        if known is None or known.winds is not ctx.winds or known.handlers is not ctx.handlers:
            base = self if known is None else known.base
            known = self.setting = Setting(self, base, ctx.winds, ctx.handlers)
        return known

    def run(self, job: Callable[[], Any]) -> Any:
        ctx = self.ctx
        self.outer, self.live = ctx.driver, ctx.live
        winds, handlers, before = ctx.winds, ctx.handlers, getattr(CURRENT, "ctx", None)
        ctx.driver, CURRENT.ctx = self, ctx
        try:
            return self._run(job)
        except Exception:
            rewind(ctx, winds, handled=False)
            raise
        finally:
            ctx.driver, ctx.live, ctx.winds, ctx.handlers = self.outer, self.live, winds, handlers
            CURRENT.ctx = before
            if self.setting is not None:
                self.base, self.setting = self.setting.base, None  # which refers to the driver

    def _run(self, job: Callable[[], Any]) -> Any:
        try:
            return unwind(job())
        except Signal as signal:
            result = self._follow(signal)
        except Exception as problem:
            result = self._caught(problem)
        while True:
            try:
                self._go_on(result)
            except Done as done:
                self.chain = BOTTOM
                return done.value
            except Signal as signal:
                result = self._follow(signal)
            except Exception as problem:
                result = self._caught(problem)

    def _go_on(self, result: Any) -> None:
        """Make calls, and go on along the chain, from RESULT on: a value, or a call to be made."""
        ctx, most, pending = self.ctx, self.ctx.limits.depth, tuple
        then_, stackless_, function, meta = then, Stackless, FunctionType, calling.Meta  # nearer than globals
        continuation, type_of = Continuation, type
        while True:
            if type_of(result) is not pending:
                rest, variables, self.chain, _ = self.chain
                result = rest(result, variables)
                continue
            procedure, arguments, site = result
            if procedure is then_:
                procedure, arguments, site, rest, variables = arguments
                chain = self.chain
                length = chain[3] + 1
                self.chain = (rest, variables, chain, length)
                if length > most:
                    raise LimitSignal("depth", length, most)
            if type_of(procedure) is continuation:
                setting, chain = procedure.setting, procedure.frames
                if (
                    setting.driver is self
                    and chain is not None
                    and setting.winds is ctx.winds
                    and len(arguments) == 1
                ):
                    self.setting = setting
                    ctx.handlers = setting.handlers
                    rest, variables, self.chain, _ = chain
                    result = rest(arguments[0], variables)
                else:
                    result = self._enter(procedure, arguments)
                continue
            twin = procedure.__doc__
            kind = type_of(twin)
            if kind is stackless_:
                result = procedure(*arguments)
            elif kind is function:
                result = twin(*arguments)
            elif kind is meta and twin.heat.family is None:
                result = procedure(*arguments)
            elif twin is CAPTURING and len(arguments) == 1:
                made = captured(self.current(), self.chain)
                procedure = arguments[0]
                if procedure.__doc__.__class__ is stackless_:
                    result = procedure(made)
                else:
                    result = (procedure, (made,), site)
            else:
                result = stackless(procedure, twin)(*arguments)

    def _enter(self, target: Any, results: tuple[Any, ...]) -> Any:
        """Go to TARGET, a continuation, with RESULTS."""
        setting = target.setting
        if setting.driver is not self or target.frames is None:
            return target(*results)
        if self.ctx.winds is not setting.winds:
            rewind(self.ctx, setting.winds)
        self._go_to(target)
        return results[0] if len(results) == 1 else MultipleValues(list(results))

    def _go_to(self, target: Continuation) -> None:
        """Take over what is left to do in TARGET."""
        setting = target.setting
        if setting.driver is not self:
            setting = Setting(self, setting.base, setting.winds, setting.handlers)
        self.chain, self.setting = target.frames, setting
        self.ctx.handlers = setting.handlers

    def _follow(self, signal: Signal) -> Any:
        """What to do next, once SIGNAL has arrived with the frames that it passed: a value, or a call to be made."""
        if isinstance(signal, Capture):
            trace = frames_of(signal)
            if signal.problem is None:
                self.chain = self._values(trace, self.chain)
            else:
                self.chain = self._values(trace[:-1], self.chain)
                self._values(frames_of(signal.problem), self.chain, at=0)
            self.ctx.live = self.live
            return (signal.action, (), None)
        if isinstance(signal, Escape):
            return self._escaped(signal)
        assert isinstance(signal, Throw)
        target, driver = signal.target, signal.target.setting.driver
        if driver is not self and self._is_around(driver):
            raise signal  # for a driver further out, past host code
        self._note_frames(signal)
        if target.frames is None:
            raise lost("its call was left by host code")
        if driver is not self and (self.outer is not None or driver.outer is not None):
            raise lost("host code that called back has returned")
        self._go_to(target)
        return signal.value

    def _escaped(self, signal: Escape) -> Any:
        """To a guard whose frame has become a value, or past host code."""
        goal = self.chain
        while goal is not BOTTOM and getattr(goal[0], "__self__", None) is not signal.target:
            goal = goal[2]
        if goal is BOTTOM:
            if self.outer is None:
                raise lost("its call is not on this stack")
            raise signal
        self._note_frames(signal)
        self.chain = goal[2]
        return (signal.target.take, (signal.value,), None)

    def _caught(self, problem: Exception) -> Any:
        """An error: for the innermost frame that takes one, or for whoever runs this driver."""
        self._note_frames(problem)
        if isinstance(problem, (RecursionError, MemoryError)):
            raise problem
        before = self.chain
        while self.chain is not BOTTOM:
            rest, _, self.chain, _ = self.chain
            throw = getattr(getattr(rest, "__self__", None), "throw", None)
            if throw is not None:
                return (throw, (problem,), None)
        if self.outer is None and self.ctx.failed is not None:
            self.ctx.failed(self, problem, before)
        raise problem

    def _is_around(self, driver: Any) -> bool:
        here = self.outer
        while here is not None and here is not driver:
            here = here.outer
        return here is not None

    def _note_frames(self, problem: BaseException) -> None:
        """Continuations that PROBLEM passed get their frames."""
        trace = frames_of(problem)
        if self.ctx.live is not self.live:
            self._values(trace, self.chain)
            self.ctx.live = self.live
        elif problem.__class__ is Throw:
            for tb in trace:
                meta = calling.meta_of_code(tb.tb_frame.f_code)
                if meta is not None:
                    notice(meta)

    def _values(self, trace: list[TracebackType], chain: Chain, at: int = 1) -> Chain:
        """TRACE from AT on, outermost first, as values before CHAIN."""
        for tb in trace[at:]:
            frame = tb.tb_frame
            code = frame.f_code
            first = code.co_consts[0] if code.co_consts else None
            if isinstance(first, calling.Meta):
                if only_returns(code, tb.tb_lasti):
                    notice(first)
                    continue
                chain = link(LispFrame(frame, tb.tb_lasti), chain)
                continue
            maker = MAKERS.get(place(code))
            chain = link(Barrier(code.co_name), chain) if maker is None else maker(frame.f_locals, chain)
        most = self.ctx.limits.depth
        if chain[3] > most:
            raise LimitSignal("depth", chain[3], most)
        return chain


transparent(Driver._run)
transparent(Driver._go_on)
transparent(Driver._enter)
calling.making_calls(Driver._go_on.__code__)


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


def _enter(procedure: Any, arguments: tuple[Any, ...]) -> Any:
    """A call from host code, under a driver of its own."""
    ctx = getattr(CURRENT, "ctx", None)
    if ctx is None:
        return unwind(procedure(*arguments))
    return Driver(ctx).run(
        lambda: procedure(*arguments)
    )  # which may be no procedure: `partial` would be the host's error


calling.enter = _enter
