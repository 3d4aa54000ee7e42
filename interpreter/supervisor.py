"""Running a job under limits: the account, the fuel that compiled code burns, the deadline, cancelling from outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import repeat
from operator import length_hint
from typing import Any

from chorus.interpreter.continuations import CURRENT
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.worker import Worker
from chorus.runtime.context import Context
from chorus.runtime.limits import Meter, under

FUEL = 5_000  # steps between two looks at the meter
INSIST = 0.05  # seconds after which a stop that had no effect is repeated, and again after twice as long
ENGINES = ("store", "memory", "_blank", "spark")  # of the context, where it has made them


class Supervisor:
    """Runs jobs of one session, one at a time, on the session's thread."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.limits = context.limits
        self.worker = Worker(self.limits.depth)
        self.lock = threading.RLock()
        self.fuelled: Namespace | None = None  # the foundation whose code takes its fuel from us
        self.portion = 0

    def unlimited(self, job: Callable[[], Any]) -> tuple[bool, Any]:
        """JOB on the thread, outside any account: building the environment costs a program nothing."""
        with self.lock:
            return self.worker.run(job, lambda: None)

    def run(self, job: Callable[[], Any], meter: Meter | None = None) -> tuple[bool, Any]:
        """(True, value) of JOB, or (False, exception), on METER's account or a fresh one."""
        with self.lock:
            context = self.context
            account = context.meter = meter or Meter(self.limits)
            account.begin()
            if context.driver is None:
                for clock in context.clocks:
                    clock.anew()
            context.handlers = context.winds = context.live = context.driver = None
            self.refill()
            ended = self._alarm(account)
            try:
                return self.worker.run(partial(self._under, account, job), lambda: self._interrupt(account))
            finally:
                ended.set()
                self._account_for_the_rest(account)
                self._close_transaction()

    def _under(self, account: Meter, job: Callable[[], Any]) -> Any:
        CURRENT.home = self.context
        try:
            account.check()  # it may have been cancelled before it began
            return under(account, job)
        finally:
            CURRENT.home = None  # the thread must not keep a session that is forgotten

    # — fuel —

    def fuel(self, foundation: Namespace) -> None:
        """From here on code of FOUNDATION burns fuel, if there is anything to count."""
        foundation.dict["$:out-of-fuel"] = self._out_of_fuel
        if self.limits.metered:
            self.fuelled = foundation
            self.refill()

    def refill(self) -> None:
        if self.fuelled is not None:
            steps, most = self.context.meter.steps, self.limits.steps
            portion = min(FUEL, self.limits.stride or FUEL)
            self.portion = portion if most is None else max(0, min(portion, most - steps))
            self.fuelled.dict["$:fuel"] = repeat(None, self.portion)

    def _out_of_fuel(self) -> None:
        """Called by compiled code: account for what was burnt, and go on if the limits allow."""
        burnt, self.portion = self.portion + 1, 0
        self.context.meter.charge(burnt)
        self.context.meter.check_memory()
        if self.limits.stride is not None:
            self.context.meter.check_depth()
        self.refill()

    def _account_for_the_rest(self, account: Meter) -> None:
        """What was burnt of the last portion: another job may go on with the same account."""
        if self.fuelled is not None:
            account.steps += max(0, self.portion - length_hint(self.fuelled.dict["$:fuel"], 0))
            self.portion = 0

    def _close_transaction(self) -> None:
        """A job that was stopped while it cleaned up may have left one open; between jobs there is none."""
        store, thread = self.context.__dict__.get("store"), self.worker.thread
        if store is not None and thread is not None and thread.ident is not None:
            store.abandon(thread.ident)

    # — time —

    def _alarm(self, account: Meter) -> threading.Event:
        """Stop the job when its time is up, wherever it is, unless the event that is returned is set by then."""
        ended = threading.Event()
        deadline = account.deadline
        if deadline is not None:
            self._insist("chorus-deadline", ended.wait, first=max(0.0, deadline - time.monotonic()))
        return ended

    def _insist(self, name: str, over_within: Callable[[float], bool], first: float = 0.0) -> None:
        """Strike after FIRST seconds and then again and again, on a thread called NAME, until OVER_WITHIN the seconds
        given to it what is to be stopped has ended."""

        def watch() -> None:
            wait, again = first, INSIST
            while not over_within(wait):
                self._strike()
                wait, again = again, min(2 * again, 1.0)

        threading.Thread(target=watch, name=name, daemon=True).start()

    def _interrupt(self, account: Meter) -> None:
        """Ctrl-C: stop the job, which may not even have begun."""
        account.cancelled = "interrupted"
        self.cancel("interrupted")

    def cancel(self, reason: str, account: Meter | None = None) -> None:
        """Stop the evaluation under way; with its ACCOUNT that one alone, begun or not."""
        if account is not None:
            account.cancelled = reason  # first: it is seen when that begins, or seen below to have begun
        running = self.context.meter
        if not self.worker.running or account not in (None, running):
            return
        account = running
        account.cancelled = reason
        self._strike()  # at once, and from this thread: whoever cancels may leave

        def over_within(seconds: float) -> bool:
            time.sleep(seconds)
            return self.context.meter is not account or not self.worker.running

        self._insist("chorus-cancel", over_within, first=INSIST)

    def _strike(self) -> None:
        """Stop the job where it is, be it in a query: the engine does not look at what is thrown into the thread."""
        thread = self.worker.thread
        if thread is not None and thread.ident is not None:
            for name in ENGINES:
                engine = self.context.__dict__.get(name)
                if engine is not None:
                    engine.interrupt(thread.ident)
        self.worker.stop()

    def close(self) -> None:
        if self.worker.running and not self.worker.is_current():
            self.cancel("the session was closed")
        with self.lock:
            self.worker.close()
