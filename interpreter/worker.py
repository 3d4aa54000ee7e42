"""The thread that a session evaluates in: a stack deep enough for deep recursion, and a way to stop it from
outside.
"""

from __future__ import annotations

import gc
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chorus.runtime.errors import LimitSignal
from chorus.runtime.limits import COLLECT

BYTES_PER_FRAME = (
    1_000  # of C stack; measured: 470 for f(*args), 810 for an object's __call__, none for plain calls
)
SMALLEST, LARGEST = 64 << 20, 1 << 30
SLACK = 2_000  # frames that evaluation itself and the primitives need
IMPORTING = 20.0  # seconds that a stop waits for an import to end
IMPORTER = "<frozen importlib._bootstrap>"
NESTED = 2_000  # frames that are looked at for it: imports within imports
LOOK = 0.5  # seconds: a signal that comes as the wait begins is only seen when the wait is over


class Stop(LimitSignal):
    """Thrown into a running evaluation from outside; the meter knows why."""

    def __init__(self) -> None:
        super().__init__("stop")


class _Depth:
    """The interpreter's recursion limit and its garbage collector's thresholds: raised while any session evaluates,
    then put back as they were.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.active: list[int] = []
        self.before = 0
        self.thresholds = (0, 0, 0)

    def enter(self, depth: int) -> None:
        with self.lock:
            if not self.active:
                self.before = sys.getrecursionlimit()
                self.thresholds = gc.get_threshold()
                if 0 < self.thresholds[0] < COLLECT[0]:  # 0: it is switched off
                    gc.set_threshold(*COLLECT)
            self.active.append(depth)
            sys.setrecursionlimit(max(self.before, *self.active))

    def leave(self, depth: int) -> None:
        with self.lock:
            self.active.remove(depth)
            if not self.active and gc.get_threshold() == COLLECT:  # else the program has set it
                gc.set_threshold(*self.thresholds)
            wanted = max(self.before, *self.active) if self.active else self.before
            with suppress(RecursionError):  # we are ourselves deeper than that: whoever leaves last sets it
                sys.setrecursionlimit(wanted)


DEPTH = _Depth()


class Ticket:
    """A job on its way through the thread. `ended` only wakes who waits: what an interrupted `get` had taken would be
    lost, so the outcome stands here.
    """

    __slots__ = ("ended", "interrupted", "job", "outcome")

    def __init__(self, job: Callable[[], Any]) -> None:
        self.job = job
        self.ended: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.interrupted = False
        self.outcome: tuple[bool, Any] | None = None


class Worker:
    """Runs one job at a time on its own thread."""

    def __init__(self, depth: int) -> None:
        self.depth = depth + SLACK
        self.jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()  # guards `running`
        self.running = False
        self.thrown = False  # something was thrown into this job
        self.importing = 0.0  # when a stop first found it within the import under way

    def is_current(self) -> bool:
        return threading.current_thread() is self.thread

    def run(self, job: Callable[[], Any], on_interrupt: Callable[[], None]) -> tuple[bool, Any]:
        """(True, value) of JOB, computed on the thread, or (False, exception). ON_INTERRUPT is called on
        Ctrl-C.
        """
        if self.thread is None or not self.thread.is_alive():
            self._start()
        ticket = Ticket(job)
        self.jobs.put(ticket)
        while True:
            try:
                while ticket.outcome is None:
                    with suppress(queue.Empty):
                        ticket.ended.get(timeout=LOOK)
                break
            except KeyboardInterrupt:
                ticket.interrupted = True  # for a job that has not begun: nothing can be thrown into it yet
                on_interrupt()
        if ticket.outcome[0] and ticket.interrupted:
            raise KeyboardInterrupt
        return ticket.outcome

    def _start(self) -> None:
        size = min(max(self.depth * BYTES_PER_FRAME, SMALLEST), LARGEST)
        with DEPTH.lock:  # stack_size is the process's
            before = threading.stack_size()
            while True:
                try:
                    threading.stack_size(size)
                    self.thread = threading.Thread(target=_serve, args=(self,), name="chorus", daemon=True)
                    self.thread.start()
                    break
                except (RuntimeError, ValueError):
                    size //= 2
                    self.depth = size // BYTES_PER_FRAME
                    if size < SMALLEST // 8:
                        raise
                finally:
                    threading.stack_size(before)

    def stop(self) -> bool:
        """Throw Stop into the running job; False if none runs. May have to be called again: a callback can
        swallow it, and an import is waited for.
        """
        with self.lock:
            if self.running and not self._waits_for_import():
                self.thrown = True
                self._throw(Stop)
            return self.running

    def _waits_for_import(self) -> bool:
        """Whether the thread is within an import, for IMPORTING seconds: few modules, and not torch, can be
        imported again once an import of theirs was stopped half-way.
        """
        frame = sys._current_frames().get(self.thread.ident or 0) if self.thread is not None else None
        for _ in range(NESTED):
            if frame is None or frame.f_code.co_filename == IMPORTER:
                break
            frame = frame.f_back
        if frame is None or frame.f_code.co_filename != IMPORTER:
            self.importing = 0.0
            return False
        self.importing = self.importing or time.monotonic()
        return time.monotonic() - self.importing < IMPORTING

    def settle(self) -> None:
        """From here on nothing is thrown: called by the thread itself when its job has ended."""
        with self.lock:
            self.running, self.importing = False, 0.0
            if self.thrown:
                self.thrown = False
                self._throw(None)
                _give_back_import_lock()

    def _throw(self, what: Any) -> None:
        """Make the thread raise WHAT at its next step; None takes back what it has not raised yet."""
        import ctypes

        assert self.thread is not None and self.thread.ident is not None
        given = None if what is None else ctypes.py_object(what)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread.ident), given)

    def close(self) -> None:
        if self.thread is not None and self.thread.is_alive():
            self.jobs.put(None)


def _give_back_import_lock() -> None:
    """A Stop between the taking of the lock of all imports and what would give it back leaves it with this thread."""
    import _imp

    with suppress(RuntimeError):  # it is not ours
        while True:
            _imp.release_lock()


def _serve(worker: Worker) -> None:
    while True:
        ticket = worker.jobs.get()
        if ticket is None:
            return
        outcome: tuple[bool, Any] = (False, Stop())
        DEPTH.enter(worker.depth)
        try:
            outcome = _outcome(worker, ticket)
            while worker.running:
                try:
                    worker.settle()
                except LimitSignal:
                    continue  # a stop that came a little late
        finally:  # whatever happens here, nobody waits for ever; `run` starts another thread when this one has died
            worker.running = False
            DEPTH.leave(worker.depth)
            ticket.outcome = outcome
            ticket.ended.put(None)
        del ticket, outcome


def _outcome(worker: Worker, ticket: Ticket) -> tuple[bool, Any]:
    outcome: tuple[bool, Any] | None = None
    try:
        worker.running = (
            True  # from here on Stop can be thrown; an interrupt before left its mark on the ticket
        )
        try:
            if ticket.interrupted:
                raise Stop
            outcome = (True, ticket.job())
        except BaseException as problem:
            outcome = (False, problem)
    except LimitSignal as late:  # thrown while the first exception was being caught
        outcome = outcome or (False, late)
    return outcome
