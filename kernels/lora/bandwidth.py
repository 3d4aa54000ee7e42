"""How many migrations a tick serves: the least speed that keeps every promise, within what the machine bears.

Optimal Available (Yao, Demers & Shenker, FOCS 1995): of what waits, the work due within k ticks needs at least 1/k of
itself a tick, so the speed is max over k of ⌈due within k / k⌉. Nothing that arrives later can make a slower speed
right, and what the machine bears moves by additive increase and multiplicative decrease (Chiu & Jain 1989) on the
measured seconds of a tick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

WITHIN = 9  # ticks: a wait below ten


def needed(left: Iterable[int]) -> int:
    """The least constant speed at which each is served within the ticks that it has LEFT (at least one)."""
    due = Counter(max(1, ticks) for ticks in left)
    if not due:
        return 0
    ends = sorted(due)
    sums = accumulate(due[end] for end in ends)
    return max(-(-work // end) for end, work in zip(ends, sums, strict=True))


@dataclass
class Bandwidth:
    """Services a tick between LEAST and MOST, so that each waits WITHIN ticks; a tick may take SECONDS."""

    least: int = 1
    most: int = 32
    within: int = WITHIN
    seconds: float | None = None
    ceiling: int | None = None  # what `most` never exceeds again; by default what it was at first

    def __post_init__(self) -> None:
        self.ceiling = self.ceiling or self.most

    def services(self, left: Iterable[int]) -> int:
        """How many to serve now, of what waits and has so many ticks LEFT."""
        return min(max(needed(left), self.least), self.most)

    def observe(self, seconds: float, served: int) -> None:
        """Learn from a tick that took SECONDS for SERVED: half where it took too long, one more where it was full
        and did not.
        """
        if self.seconds is None or not served:
            return
        if seconds > self.seconds:
            self.most = max(self.least, self.most // 2)
        elif served >= self.most:
            self.most = min(self.most + 1, self.ceiling or self.most)


@dataclass
class Fixed:
    """The control: always as many."""

    speed: int
    within: int = WITHIN

    def services(self, left: Iterable[int]) -> int:
        return self.speed

    def observe(self, seconds: float, served: int) -> None:
        """Nothing is learnt."""
