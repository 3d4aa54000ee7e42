"""When people write and play: how much a persona does on each day, at which hours, and who is there."""

from __future__ import annotations

import datetime as dt
import math
import random
from bisect import bisect
from itertools import accumulate

from chorus.runtime.synthetic.clock import DAY
from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.personas import Persona
from chorus.runtime.synthetic.timeline import Timeline

BUZZ = 0.35  # more talk while a patch is fresh, whatever it brings
MOOD_TO_PLAY = 0.5  # log of activity for one unit of mood


class Crowd:
    """The members of one persona who are there on a given day; drawn by weight."""

    def __init__(self, members: list[Author], start: float, key: str) -> None:
        here = [a for a in members if a.joined <= start and a.left > start + DAY] or members[:1]
        self.members = here
        self.sums = list(accumulate(getattr(a, key) for a in here))

    def draw(self, rng: random.Random) -> Author:
        return self.members[min(bisect(self.sums, rng.random() * self.sums[-1]), len(self.members) - 1)]


def present(members: list[Author], start: float, key: str) -> float:
    """The share of all the persona's weight that is there on the day from START."""
    return sum(getattr(a, key) for a in members if a.joined <= start and a.left > start + DAY)


def activity(persona: Persona, timeline: Timeline, day: int, buzz: bool) -> float:
    """How lively PERSONA is on DAY against its usual: mood, weekday, and (when BUZZ) fresh patches."""
    noon = timeline.start + (day + 0.5) * DAY
    weekday = dt.datetime.fromtimestamp(noon, dt.UTC).weekday()
    level = (persona.weekend if weekday > 4 else 1.0) * math.exp(
        MOOD_TO_PLAY * timeline.mood(persona.key, noon)
    )
    patch = timeline.latest(noon)
    return level * (1 + BUZZ * math.exp((patch.at - noon) / DAY / 3)) if patch and buzz else level


def quotas(rates: list[float], total: int, rng: random.Random, noise: float) -> list[int]:
    """Whole numbers in proportion to RATES (with log-normal NOISE) that add up to TOTAL."""
    noisy = [rate * math.exp(rng.gauss(0, noise)) for rate in rates]
    scale = total / (sum(noisy) or 1)
    marks = [round(mark * scale) for mark in accumulate(noisy)]
    marks[-1] = total
    return [b - a for a, b in zip([0, *marks], marks, strict=False)]


def moment(persona: Persona, day_start: float, rng: random.Random) -> float:
    """A second of the day about the persona's hour, with some who keep other hours."""
    hour = rng.gauss(persona.peak, persona.spread) if rng.random() < 0.85 else rng.uniform(0, 24)
    return day_start + (hour % 24) * 3600 + rng.random()
