"""What a server has answered, counted and timed, as Prometheus reads it; labels are OpenTelemetry's for databases."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
DURATION = "chorus_query_duration_seconds"
UNDER_WAY = "chorus_queries_under_way"
TYPE = "text/plain; version=0.0.4"


class Metrics:
    """Durations by (operation, code of the error or ""); one lock for all threads that serve."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.buckets: dict[tuple[str, str], list[int]] = {}
        self.seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.under_way = 0

    @contextmanager
    def timed(self, operation: str) -> Iterator[list[str]]:
        """Time what is done within; it puts the code of an error, if there is one, in the list that it is given."""
        failed: list[str] = []
        with self.lock:
            self.under_way += 1
        began = time.perf_counter()
        try:
            yield failed
        finally:
            took = time.perf_counter() - began
            key = operation, failed[0] if failed else ""
            at = next((n for n, bound in enumerate(BOUNDS) if took <= bound), len(BOUNDS))
            with self.lock:
                self.under_way -= 1
                self.buckets.setdefault(key, [0] * (len(BOUNDS) + 1))[at] += 1
                self.seconds[key] += took

    def text(self) -> str:
        with self.lock:
            counted = {key: list(accumulate(counts)) for key, counts in self.buckets.items()}
            seconds, under_way = dict(self.seconds), self.under_way
        lines = [f"# HELP {DURATION} How long requests took.", f"# TYPE {DURATION} histogram"]
        for (operation, error), counts in sorted(counted.items()):
            labels = f'db_system_name="chorus",db_operation_name="{operation}",error_type="{error}"'
            for bound, count in zip([*map(str, BOUNDS), "+Inf"], counts, strict=True):
                lines.append(f'{DURATION}_bucket{{{labels},le="{bound}"}} {count}')
            lines.append(f"{DURATION}_sum{{{labels}}} {seconds[operation, error]:.6f}")
            lines.append(f"{DURATION}_count{{{labels}}} {counts[-1]}")
        lines += [
            f"# HELP {UNDER_WAY} Requests that have not been answered yet.",
            f"# TYPE {UNDER_WAY} gauge",
        ]
        return "\n".join([*lines, f"{UNDER_WAY} {under_way}", ""])
