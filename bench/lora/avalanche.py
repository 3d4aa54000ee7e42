"""Avalanches: fifty, a hundred, two hundred migrations at once: how long they wait, what is lost, what kills leave."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chorus.kernels.lora.bandwidth import Bandwidth, Fixed
from chorus.kernels.lora.durable import Payload, digest
from chorus.kernels.lora.migrate import Migration, Queue, Report

BURSTS = (50, 100, 200)
RISE = 5  # the tick of the burst
BACKGROUND = 1  # new migrations a tick, beside the burst
TICKS, QUIET = 40, 30  # nothing new comes from then on
LAYER = (16, 24)
Row = tuple[str, float, Any, bool]

SPEEDS: dict[str, Callable[[], Bandwidth | Fixed]] = {
    "adaptive": lambda: Bandwidth(most=64),
    "one a tick": lambda: Fixed(1),
    "four a tick": lambda: Fixed(4),
    "six a tick": lambda: Fixed(6),
}


class Level:
    """A level in memory that migrations add to."""

    def __init__(self) -> None:
        self.standing: Payload = {"layer": np.zeros(LAYER)}
        self.staged: dict[str, Payload] = {}

    def head(self, migration: Migration | None = None) -> str:
        return digest(self.standing)

    def stage(self, migration: Migration, payload: Payload) -> str:
        made = {name: self.standing[name] + payload[name] for name in self.standing}
        self.staged[digest(made)] = made
        return digest(made)

    def move(self, migration: Migration, before: str, after: str) -> None:
        assert self.head() == before
        self.standing = self.staged.pop(after)


def goals(end: float, full: bool) -> Iterator[Row]:
    longest = bursts(5 if full else 2)
    parts()
    yield "avalanche-wait", longest, "<10-ticks", longest < 10
    wrong, points = killed()
    print(f"  Killed at each of {points} steps and opened again: {wrong} ended otherwise than unhurt.")
    yield "migration-killed", wrong, "0-lost-or-twice", wrong == 0


def bursts(seeds: int) -> int:
    print(
        f"{'burst':>6} {'speed':12} {'longest wait':>13} {'mean':>6} {'most a tick':>12} {'coalesced':>10} {'lost':>6}"
    )
    longest = 0
    for burst, (name, speed) in itertools.product(BURSTS, SPEEDS.items()):
        made = [_run(Queue(capacity=400, bandwidth=speed()), burst, seed) for seed in range(seeds)]
        reports = [report for report, _, _ in made]
        wait = max(report.longest_wait for report in reports)
        mean = np.mean([mean for _, _, mean in made])
        coalesced = np.mean([report.coalesced for report in reports])
        lost = sum(report.dropped_mass for report in reports) / sum(report.mass for report in reports)
        left = sum(report.proposed + report.approved for report in reports)
        said = f"{wait:13}" if not left else f"{'> ' + str(TICKS - RISE - 1):>13}"
        shown = f"{burst:6} {name:12} {said} {mean:6.1f} {max(most for _, most, _ in made):12}"
        print(f"{shown} {coalesced:10.0f} {lost:6.1%}", flush=True)
        if name == "adaptive":
            longest = max(longest, wait)
    return longest


def _run(queue: Queue, burst: int, seed: int, alike: float = 0.0) -> tuple[Report, int, float]:
    """A burst at tick RISE on a steady background; ALIKE: the share of the burst that repeats one of ten patterns."""
    rng, level, most = np.random.default_rng(seed), Level(), 0
    patterns = rng.standard_normal((10, *LAYER))
    for tick in range(TICKS):
        for at in range(BACKGROUND * (tick < QUIET) + (burst if tick == RISE else 0)):
            repeats = at > 0 and rng.random() < alike
            made = (
                patterns[rng.integers(10)] + 0.1 * rng.standard_normal(LAYER)
                if repeats
                else rng.standard_normal(LAYER)
            )
            queue.push(
                {"layer": made}, "agent", "domain", rng.random(), emergency=at == 1 and rng.random() < 0.1
            )
        most = max(most, len(queue.tick(level)))
    waits = [row.wait for row in queue.waiting("moved") if row.wait is not None]
    return queue.report(), most, float(np.mean(waits))


def parts() -> None:
    """What coalescing, spilling and the bound do to a burst of 200 of which four fifths repeat ten patterns."""
    print(
        f"{'burst of 200':28} {'longest wait':>13} {'most a tick':>12} {'coalesced':>10} {'spilled':>8} {'lost':>6}"
    )
    with tempfile.TemporaryDirectory() as folder:
        ways: dict[str, Queue] = {
            "coalescing": Queue(capacity=400, bandwidth=Bandwidth(most=64)),
            "without": Queue(capacity=400, alike=2.0, bandwidth=Bandwidth(most=64)),
            "room for 50, spilling": Queue(
                Path(folder), capacity=50, alike=2.0, bandwidth=Bandwidth(most=64)
            ),
            "room for 50, in memory": Queue(capacity=50, alike=2.0, bandwidth=Bandwidth(most=64)),
            "bears 8 a tick at most": Queue(capacity=400, alike=2.0, bandwidth=Bandwidth(most=8)),
        }
        for name, queue in ways.items():
            spilled = _most_spilled(queue)
            report, most, _ = _run(queue, 200, 0, alike=0.8)
            lost = report.dropped_mass / report.mass
            shown = f"{name:28} {report.longest_wait:13} {most:12} {report.coalesced:10}"
            print(f"{shown} {spilled[0]:8} {lost:6.1%}", flush=True)


def _most_spilled(queue: Queue) -> list[int]:
    """A count that follows how many payloads were ever only on disk at once."""
    most, serve = [0], queue.tick

    def tick(target: Any) -> list[Migration]:
        most[0] = max(most[0], queue.report().spilled)
        return serve(target)

    queue.tick = tick  # type: ignore[method-assign]
    return most


class Killed(Exception):
    """The process ended here."""


def killed() -> tuple[int, int]:
    """How many points at which a run is ended lead, after opening again, to another level than the unhurt run's; of how
    many.
    """
    wanted, points = _hurt(None)
    wrong = 0
    for point in range(points):
        made, _ = _hurt(point)
        wrong += made != wanted
    return wrong, points


def _hurt(point: int | None) -> tuple[str, int]:
    """The digest of the level after six migrations, the process ended at step POINT; and how many steps there were."""
    steps = itertools.count()

    def step(name: str) -> None:
        if next(steps) == point:
            raise Killed(name)

    with tempfile.TemporaryDirectory() as folder:
        level, rng = Level(), np.random.default_rng(0)
        payloads = [{"layer": rng.integers(-8, 9, LAYER).astype(float)} for _ in range(6)]
        queue = Queue(Path(folder), alike=2.0, bandwidth=Fixed(2), step=step)
        try:
            _propose(queue, payloads)
            _serve(queue, level)
        except Killed:
            queue = Queue(Path(folder), alike=2.0, bandwidth=Fixed(2))
            queue.recover(level)
            _propose(queue, payloads)
            _serve(queue, level)
        return level.head(), next(steps)


def _propose(queue: Queue, payloads: list[Payload]) -> None:
    """Those of which there is no row: a proposer that was not answered asks whether it was heard."""
    known = {row.digest for row in queue.all.values()}
    for payload in payloads:
        if digest(payload) not in known:
            queue.push(payload, "agent", "domain")


def _serve(queue: Queue, level: Level) -> None:
    while queue.waiting():
        queue.tick(level)
