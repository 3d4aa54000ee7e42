"""How long something takes and how much memory: what `time` shows on the error port."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from chorus.runtime.context import Context
from chorus.runtime.limits import resident
from chorus.runtime.ports import TextOutput
from chorus.runtime.primitive import primitive
from chorus.runtime.primitives.ports import given
from chorus.runtime.printer import brief
from chorus.runtime.values import UNSPECIFIED


class Reading(NamedTuple):
    """What the process had used at a moment."""

    wall: float  # seconds
    cpu: float  # seconds, of all threads
    memory: int  # bytes it occupies
    collections: int  # of the garbage collector


def read() -> Reading:
    collections = sum(each["collections"] for each in gc.get_stats())
    return Reading(time.perf_counter(), time.process_time(), resident(), collections)


def peak() -> int:
    """The most bytes that the process ever occupied; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def shown(seconds: float) -> str:
    for scale, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-6:.0f} µs"


def summary(before: Reading, after: Reading, most: int) -> str:
    parts = [f"{shown(after.wall - before.wall)}, CPU {shown(after.cpu - before.cpu)}"]
    if after.memory:
        parts.append(f"memory {(after.memory - before.memory) / 1e6:+.1f} MB (peak {most / 1e6:.0f} MB)")
    if after.collections > before.collections:
        parts.append(f"{after.collections - before.collections} garbage collections")
    return ", ".join(parts)


@primitive("%stopwatch", effects="clock output")
def stopwatch(ctx: Context) -> Callable[[Any], Any]:
    """A procedure that shows, on the error port, what was used since it was made, and the form that it is given.

    > (procedure? (%stopwatch))
    => #t
    """
    before = read()

    def stop(form: Any) -> Any:
        line = f"{brief(form)}: {summary(before, read(), peak())}\n"
        given(ctx, None, "current-error-port", TextOutput, "time").write(line)
        return UNSPECIFIED

    return stop
