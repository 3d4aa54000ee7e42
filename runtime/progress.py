"""Progress bars on stderr, with rate and time left: only on a terminal, and only for work over a second."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from chorus.runtime.limits import Meter

T = TypeVar("T")

PATIENCE = 1.0  # seconds of silence before a bar appears
CHECK_EVERY = 0.05  # seconds between looks at the meter


class Progress:
    """One bar that the work itself moves; outside a terminal it only looks at the meter.

    A timer shows it where the work says nothing for long: weights are read before the first text is embedded.
    """

    def __init__(
        self, label: str, total: int | None = None, meter: Meter | None = None, unit: str = ""
    ) -> None:
        self.label = label
        self.total = total
        self.done = 0
        self._meter = meter
        self._unit = unit
        self._started = self._looked = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        self._visible = sys.stderr is not None and sys.stderr.isatty()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Progress:
        if self._visible:
            self._timer = threading.Timer(PATIENCE, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._visible = False
            if self._bar is not None:
                self._bar.stop()

    def advance(self, amount: int = 1) -> None:
        self.to(self.done + amount)

    def to(self, done: int) -> None:
        """DONE of the total is done."""
        self.done = done
        now = time.monotonic()
        if now - self._looked < CHECK_EVERY:
            return
        self._looked = now
        if self._meter is not None:
            self._meter.check()
        if self._visible and now - self._started > PATIENCE:
            self._show()

    def _show(self) -> None:
        with self._lock:
            if not self._visible:  # the work ended as the timer went off
                return
            if self._bar is None:
                self._bar = _bar(self._unit if self.total is not None else "steps")
                self._bar.start()
                self._task = self._bar.add_task(self.label, total=self.total)
            self._bar.update(self._task, completed=self.done)


def _bar(unit: str) -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Any) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    counting: tuple[Any, ...] = (MofNCompleteColumn(), Rate())
    if unit == "bytes":
        counting = (DownloadColumn(), TransferSpeedColumn())
    clock: Any = TimeRemainingColumn()
    if unit == "steps":  # nobody knows how many: only that it goes on
        counting, clock = (), TimeElapsedColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), *counting, clock)
    return Bars(*columns, console=Console(stderr=True), transient=True)


def track(
    items: Iterable[T], label: str, total: int | None = None, meter: Meter | None = None
) -> Iterator[T]:
    """ITEMS, one by one, with a bar; TOTAL defaults to their number where it is known."""
    if total is None and hasattr(items, "__len__"):
        total = len(items)  # type: ignore[arg-type]
    with Progress(label, total, meter) as progress:
        for item in items:
            yield item
            progress.advance()
