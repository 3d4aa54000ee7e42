"""How much a session may use: the numbers, and the meter that primitives charge before they work."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from chorus.runtime.errors import LimitSignal

COLLECT = (
    50_000,
    20,
    50,
)  # gc.set_threshold: programs make many pairs and few circles, look for these seldom
DEFAULT_DEPTH = 1_000_000
OWN_GROWTH = 32 << 20  # bytes that the process may grow by itself: modules loaded late, arenas
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096  # bytes


class _Limits(NamedTuple):
    steps: int | None = None
    seconds: float | None = None
    bytes: int | None = None
    depth: int = DEFAULT_DEPTH
    output: int | None = None


class Limits(_Limits):
    """None means unlimited; depth is always limited. ValueError for what is no positive number.

    DEPTH counts procedures under way, those of the stdlib and of the host that stand between them included. One
    that is less than the default is looked at every depth/40 steps (25 at least), so that a program gets deeper
    by what it does within these: a few frames each, altogether a tenth of the limit at most, or 100 of a small one.

    OUTPUT counts the bytes that leave through ports, to the host's streams and to files; a string's are not counted.
    """

    __slots__ = ()

    def __new__(
        cls,
        steps: int | None = None,
        seconds: float | None = None,
        bytes: int | None = None,
        depth: int = DEFAULT_DEPTH,
        output: int | None = None,
    ) -> Limits:
        for name, value in (("steps", steps), ("bytes", bytes), ("depth", depth), ("output", output)):
            if (value is not None or name == "depth") and (type(value) is not int or value <= 0):
                raise ValueError(f"Limits: {name} should be a positive whole number, not {value!r}")
        if seconds is not None and (type(seconds) not in (int, float) or not seconds > 0):
            raise ValueError(f"Limits: seconds should be a positive number, not {seconds!r}")
        return super().__new__(cls, steps, seconds, bytes, depth, output)

    @property
    def metered(self) -> bool:
        """Whether compiled code must carry fuel."""
        return self.steps is not None or self.bytes is not None or self.depth < DEFAULT_DEPTH

    @property
    def stride(self) -> int | None:
        """Steps after which the depth is looked at; None: the interpreter's own limit will do."""
        return max(25, self.depth // 40) if self.depth < DEFAULT_DEPTH else None


def resident() -> int:
    """Bytes of memory that the process occupies now; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as told:
            return int(told.read().split()[1]) * PAGE
    except OSError:
        return 0


class Meter:
    """One evaluation's account. Compiled code charges steps; primitives charge work and bytes ahead of doing it."""

    __slots__ = (
        "base",
        "begun",
        "bytes",
        "cancelled",
        "deadline",
        "limits",
        "output",
        "resident",
        "started",
        "steps",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = 0
        self.bytes = 0
        self.output = 0
        self.cancelled: str | None = None
        self.base = 0  # frames under way where the evaluation began
        self._start()
        self.begun = False

    def begin(self) -> None:
        """From here on time and growth count: an evaluation may have waited for another to end."""
        if not self.begun:
            self.begun = True
            self._start()

    def _start(self) -> None:
        self.resident = 0 if self.limits.bytes is None else resident()  # bytes of the process when it began
        self.started = time.monotonic()
        self.deadline = None if self.limits.seconds is None else self.started + self.limits.seconds

    def charge(self, steps: int = 1, bytes: int = 0) -> None:
        """Account for work about to be done; raises LimitSignal instead of letting it start."""
        self.steps += steps
        self.bytes += bytes
        limits = self.limits
        if limits.steps is not None and self.steps > limits.steps:
            raise LimitSignal("steps", self.steps, limits.steps)
        if limits.bytes is not None and self.bytes > limits.bytes:
            raise LimitSignal("bytes", self.bytes, limits.bytes)
        self.check()

    def charge_output(self, bytes: int) -> None:
        """Account for BYTES about to leave; raises LimitSignal before the first of them does."""
        self.output += bytes
        most = self.limits.output
        if most is not None and self.output > most:
            raise LimitSignal("output", self.output, most)

    def check_memory(self) -> None:
        """Raise if the process has grown beyond the limit on bytes: what lists and closures take is charged nowhere.

        The process is looked at as a whole, so what other sessions take meanwhile counts too.
        """
        most = self.limits.bytes
        if most is not None:
            grown = resident() - self.resident
            if grown > most + OWN_GROWTH:
                raise LimitSignal("bytes", grown, most)

    def check_depth(self) -> None:
        """Raise if more procedures are under way than the limit on depth allows."""
        most = self.limits.depth
        try:
            sys._getframe(self.base + most)
        except ValueError:
            return
        raise LimitSignal("depth", frames() - self.base, most)

    def check(self) -> None:
        """Raise if the time is up or someone cancelled: long loops in primitives call it often."""
        if self.cancelled is not None:
            raise LimitSignal("cancel", reason=self.cancelled)
        if self.deadline is not None and time.monotonic() > self.deadline:
            assert self.limits.seconds is not None
            raise LimitSignal("seconds", time.monotonic() - self.started, self.limits.seconds)


def frames() -> int:
    """How many frames are under way on this thread, the caller's the last one counted."""
    frame, count = sys._getframe(1).f_back, 1
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


class _Active(threading.local):
    meter: Meter | None = None


ACTIVE = _Active()  # the session that evaluates on this thread puts its meter here while it does


def under(meter: Meter, job: Callable[[], Any]) -> Any:
    """JOB's result, with METER as this thread's while it runs."""
    before, ACTIVE.meter = ACTIVE.meter, meter
    meter.base = frames()
    try:
        return job()
    finally:
        ACTIVE.meter = before


def expect(seconds: float) -> None:
    """Refuse an operation of so many SECONDS, which nothing can stop once begun, if it would outlast the time left."""
    meter = ACTIVE.meter
    if meter is not None and meter.deadline is not None and time.monotonic() + seconds > meter.deadline:
        assert meter.limits.seconds is not None
        raise LimitSignal("seconds", time.monotonic() - meter.started + seconds, meter.limits.seconds)


def charge(steps: int, bytes: int = 0) -> None:
    """Charge this thread's evaluation: for primitives too hot to take a context, when the work is no longer small."""
    if ACTIVE.meter is not None:
        ACTIVE.meter.charge(steps, bytes)


def check_memory() -> None:
    """Stop this thread's evaluation if the process has grown beyond its limit on bytes."""
    if ACTIVE.meter is not None:
        ACTIVE.meter.check_memory()


def charge_output(data: str | bytes) -> None:
    """Charge this thread's evaluation for DATA, which is about to leave through a port."""
    meter = ACTIVE.meter
    if meter is not None and meter.limits.output is not None:
        known = isinstance(data, bytes) or data.isascii()
        meter.charge_output(len(data) if known else len(data.encode("utf-8", "surrogatepass")))  # type: ignore[union-attr]


LEAST_MEMORY = 16_000_000  # bytes: below that the engine cannot open a workspace


def bounded(memory: int) -> int:
    """MEMORY, bytes that queries may hold at once; ValueError for what is no such number."""
    if type(memory) is not int or memory < LEAST_MEMORY:
        raise ValueError(f"memory should be at least {LEAST_MEMORY:,} bytes, not {memory!r}")
    return memory
