"""The community's months: which patches come when, what each persona feels about them, and for how long.

The effect planted on persona p by change c is  sensitivity(p, feature) · direction(action) · amount  with a
little noise, and decays as exp(−t/τ), τ = 7 days. Mood is the sum of what is left of all effects; it moves
the shares of glad and cross messages, the number and length of sessions, and departures. What NO_EFFECT lists
moves nothing.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass, field

from chorus.runtime.synthetic.clock import DAY
from chorus.runtime.synthetic.personas import Persona

DECAY_DAYS = 7.0
NOISE = 0.05  # standard deviation of a planted effect about its rule, where there is an effect
HORIZON_DAYS = 14  # a departure is put down to a change within this time

AMOUNTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
DIRECTION = {"nerf": -1, "buff": 1, "increase": 1, "decrease": -1, "add": 1, "remove": -1, "fix": 1}
# Changes with a planted effect. All of these come in each community; so do those that single personas like.
RECURRING = (
    *[("weapon-damage", "nerf")] * 4, *[("weapon-damage", "buff")] * 2, *[("difficulty", "increase")] * 3,
    ("difficulty", "decrease"), *[("matchmaking", "increase")] * 2, ("matchmaking", "decrease"),
    *[("price", "increase")] * 2, ("price", "decrease"),
)  # fmt: skip
NO_EFFECT = (
    ("localization", "fix"),
    ("loading-screen", "add"),
    ("sound-mix", "fix"),
    ("credits-page", "add"),
)


@dataclass(frozen=True)
class Change:
    """One line of a patch: FEATURE moved by ACTION, AMOUNT in (0, 1] being how much."""

    feature: str
    action: str
    amount: float


@dataclass
class Patch:
    """A dated release. EFFECT: what it planted on each persona's mood, in about [−1, 1]."""

    id: str
    at: float  # seconds since 1970
    version: str
    changes: list[Change]
    effect: dict[str, float] = field(default_factory=dict)
    departures: dict[str, int] = field(default_factory=dict)


@dataclass
class Timeline:
    """Days from START (inclusive) to END, midnight UTC, and the patches between."""

    start: float
    days: int
    patches: list[Patch]

    @property
    def end(self) -> float:
        return self.start + self.days * DAY

    def mood(self, persona: str, at: float) -> float:
        """What is left at AT of all that was planted on PERSONA."""
        return sum(
            patch.effect[persona] * math.exp((patch.at - at) / DAY / DECAY_DAYS)
            for patch in self.patches
            if 0 <= at - patch.at < 6 * DECAY_DAYS * DAY
        )

    def latest(self, at: float) -> Patch | None:
        """The newest patch that is out at AT."""
        out = [patch for patch in self.patches if patch.at <= at]
        return out[-1] if out else None


def make_timeline(rng: random.Random, personas: tuple[Persona, ...]) -> Timeline:
    """9 to 12 months that end on a day drawn by seed, with a patch about every 11 days."""
    end = dt.datetime(2024, 9, 1, tzinfo=dt.UTC) + dt.timedelta(days=rng.randrange(420))
    days = rng.randrange(270, 361)
    start = end.timestamp() - days * DAY
    dates = _dates(rng, start, days)
    patches = [
        Patch(f"patch-{number + 1}", at, version, changes)
        for number, (at, version, changes) in enumerate(
            zip(dates, _versions(rng, len(dates)), _deal(rng, len(dates), personas), strict=True)
        )
    ]
    for patch in patches:
        patch.effect = {persona.key: _effect(rng, persona, patch.changes) for persona in personas}
    return Timeline(start, days, patches)


def _dates(rng: random.Random, start: float, days: int) -> list[float]:
    """Release moments: weekday mornings, 9 to 13 days apart, the first after a quiet fortnight."""
    dates = []
    day = 14 + rng.randrange(4)
    while day < days - 12:
        weekday = dt.datetime.fromtimestamp(start + day * DAY, dt.UTC).weekday()
        day += max(0, 7 - weekday) if weekday > 4 else 0
        dates.append(start + day * DAY + rng.choice((8, 9, 10, 13)) * 3600 + rng.randrange(0, 3600, 300))
        day += rng.randrange(9, 14)
    return dates


def _versions(rng: random.Random, count: int) -> list[str]:
    major, minor, patch = rng.randrange(1, 4), rng.randrange(0, 7), 0
    versions = []
    for _ in range(count):
        if rng.random() < 0.4:
            minor, patch = minor + 1, 0
        else:
            patch += 1
        versions.append(f"{major}.{minor}.{patch}")
    return versions


def _deal(rng: random.Random, count: int, personas: tuple[Persona, ...]) -> list[list[Change]]:
    """The changes of each patch: one with an effect in five patches of six, beside it what moves nobody."""
    liked = [(feature, "add") for persona in personas for feature in persona.likes]
    with_effect = ([*RECURRING, *rng.sample(liked, len(liked))] * 2)[: count - count // 6]
    hand: list[tuple[str, str] | None] = [*with_effect, *[None] * (count // 6)]
    rng.shuffle(hand)
    dealt = []
    for main in hand:
        changes = [Change(*main, rng.choice(AMOUNTS))] if main else []
        extra = rng.sample(NO_EFFECT, rng.choice((0, 1, 1, 2)) if main else rng.choice((1, 2)))
        dealt.append(changes + [Change(*minor, rng.choice(AMOUNTS)) for minor in extra])
    return dealt


def sensitivity(persona: Persona, feature: str) -> float:
    """How PERSONA's mood answers to one unit more of FEATURE."""
    return persona.stance.get(feature, persona.likes.get(feature, 0.0))


def _effect(rng: random.Random, persona: Persona, changes: list[Change]) -> float:
    planted = sum(sensitivity(persona, c.feature) * DIRECTION[c.action] * c.amount for c in changes)
    return round(planted + rng.gauss(0, NOISE), 4) if planted else 0.0
