"""Developers who ask a community and rate what they are told, with hidden preferences.

A developer never looks at how an answer was chosen, only at what it shows (`shown.py`). Each holds a few tastes, bands
within which an aspect of an answer is good enough; outside, content falls off. The whole is no better than its weakest
part allows, and beyond good enough nothing counts (satisficing), so ratings are no sum over settings. Ratings are
ordinal: content and noise against a person's own four thresholds. People come from a few schools and deviate from
them; some change their mind, some do not mean well. Random numbers come from the standard library's `random` alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import NormalDist

from chorus.runtime.synthetic.shown import Shown

ENOUGH = 0.85  # of a taste, from which more does not count
WEAKEST = 0.5  # what the worst-met taste weighs against all of them together
THRESHOLDS = (0.2, 0.4, 0.6, 0.8)  # of content, between the five ratings
NOISE = 0.15  # standard deviation of content from one look to the next
LENIENCY = 0.06  # standard deviation of people's thresholds
REFUSED = {True: 0.12, False: 0.75}  # content with a refusal where an answer was due, where none was
NEVER = math.inf

Choices = Mapping[str, object]


@dataclass(frozen=True)
class Taste:
    """An aspect of `Shown` (or a persona's `circles:KEY`), good between LOW and HIGH, half as good SLACK beyond."""

    aspect: str
    low: float
    high: float
    slack: float
    weight: float = 1.0
    kinds: tuple[str, ...] = ("opinion",)  # of questions in which it matters

    def met(self, shown: Shown) -> float:
        name, _, key = self.aspect.partition(":")
        value = shown.circles.get(key, 0.0) if key else getattr(shown, name)
        away = max(self.low - value, value - self.high, 0.0) / self.slack
        return min(1.0, 1 / (1 + away * away) / ENOUGH)


BOTH = ("opinion", "fact")
TRUE = Taste("borne", 0.5, 1.0, 0.4, 1.0, BOTH)
VARIED = Taste("alike", 0.0, 0.5, 0.3, 0.5, BOTH)
SCHOOLS: dict[str, tuple[Taste, ...]] = {
    "skimmers": (  # want it short, and nothing to read before it
        TRUE,
        Taste("quotes", 1, 2, 1.0, 2.0, BOTH),
        Taste("words", 1, 16, 8, 1.0, BOTH),
        Taste("asked", 0.0, 0.1, 0.25, 1.0, BOTH),
    ),
    "weighers": (  # want both sides, by many, as it came about
        TRUE,
        VARIED,
        Taste("quotes", 4, 6, 1.0, 1.5),
        Taste("other", 0.2, 0.5, 0.12, 1.5),
        Taste("authors", 4, 9, 1.0),
        Taste("falling", -1.0, -0.2, 0.4),
    ),
    "followers": (  # want the latest, and the one mood that prevails
        TRUE,
        Taste("quotes", 2, 4, 1.0),
        Taste("falling", 0.2, 1.0, 0.4, 1.5),
        Taste("age", 0, 120, 60),
        Taste("other", 0.0, 0.1, 0.15),
    ),
    "listeners": (  # want to know what was said to whom, in plain words
        TRUE,
        VARIED,
        Taste("quotes", 3, 6, 1.0),
        Taste("asked", 0.3, 1.0, 0.25, 1.5, BOTH),
        Taste("rough", 0.0, 0.4, 0.3),
    ),
}


def indifferent(developer: Developer, shown: Shown, kind: str, at: int, choices: Choices) -> int:
    """Any rating at all, whatever was shown."""
    return developer.dice.randint(1, 5)


def honest(developer: Developer, shown: Shown, kind: str, at: int, choices: Choices) -> int:
    """What the developer's content comes to, this once."""
    return developer.grade(developer.content(shown, kind, at))


def inverted(developer: Developer, shown: Shown, kind: str, at: int, choices: Choices) -> int:
    """The worse the better."""
    return 6 - honest(developer, shown, kind, at, choices)


def low(developer: Developer, shown: Shown, kind: str, at: int, choices: Choices) -> int:
    """Nothing is ever good."""
    return 1


def colluding(developer: Developer, shown: Shown, kind: str, at: int, choices: Choices) -> int:
    """All for the choice that was agreed on, none for any other. The only manner that looks at choices."""
    return 5 if all(choices.get(name) == value for name, value in developer.promoted.items()) else 1


Manner = Callable[["Developer", Shown, str, int, Choices], int]
MANNERS: dict[str, Manner] = {made.__name__: made for made in (honest, indifferent, inverted, low, colluding)}
MALICIOUS = ("low", "inverted", "colluding")


@dataclass
class Developer:
    """One rater. DRIFTS at some interaction to other tastes, slowly if OVER is more than one."""

    name: str
    school: str
    tastes: tuple[Taste, ...]
    thresholds: tuple[float, ...] = THRESHOLDS
    noise: float = NOISE
    manner: str = "honest"
    promoted: Choices = field(default_factory=dict)
    later: tuple[Taste, ...] = ()
    drifts: float = NEVER
    over: int = 1
    dice: random.Random = field(default_factory=random.Random)

    def rate(self, shown: Shown, kind: str, at: int = 0, choices: Choices | None = None) -> int:
        """1 to 5 for what is SHOWN in answer to a question of KIND, as the interaction number AT."""
        return MANNERS[self.manner](self, shown, kind, at, choices or {})

    def grade(self, content: float) -> int:
        """The rating that CONTENT is given this once, noise and all."""
        felt = content + self.dice.gauss(0, self.noise)
        return 1 + sum(felt > threshold for threshold in self.thresholds)

    def content(self, shown: Shown, kind: str, at: int = 0) -> float:
        """How content in [0, 1], before noise: hidden from any learner."""
        if at < self.drifts:
            return _content(self.tastes, shown, kind)
        gone = min(1.0, (at - self.drifts + 1) / self.over)
        return (1 - gone) * _content(self.tastes, shown, kind) + gone * _content(self.later, shown, kind)

    def worth(self, shown: Shown, kind: str, at: int = 0) -> float:
        """The honest rating to be expected, as [0, 1]; of somebody indifferent always the same."""
        if self.manner == "indifferent":
            return 0.5
        felt = self.content(shown, kind, at)
        return sum(1 - NormalDist(felt, self.noise).cdf(t) for t in self.thresholds) / len(self.thresholds)


def _content(tastes: Sequence[Taste], shown: Shown, kind: str) -> float:
    if shown.refused:
        return REFUSED[shown.due]
    if not shown.due:
        return REFUSED[True]
    met = [(taste.met(shown), taste.weight) for taste in tastes if kind in taste.kinds]
    if not met:
        return 1.0
    whole = sum(weight for _, weight in met)
    together = math.exp(sum(weight * math.log(value) for value, weight in met) / whole)
    return min(value for value, _ in met) ** WEAKEST * together ** (1 - WEAKEST)


# ── Populations ──────────────────────────────────────────────────────────────────────────────────────────────


def population(
    count: int,
    seed: int,
    personas: Sequence[str] = (),
    *,
    mixture: Sequence[float] | None = None,
    noise: float = NOISE,
    prefix: str = "dev",
) -> list[Developer]:
    """COUNT developers of SEED. How common each school is, is drawn too (unless MIXTURE says it), so that teams
    differ. Some care who of PERSONAS is quoted.
    """  # fmt: skip
    rng = random.Random(f"developers {seed}")
    shares = mixture or [rng.gammavariate(0.7, 1.0) for _ in SCHOOLS]
    schools = rng.choices(list(SCHOOLS), shares, k=count)
    return [_developer(f"{prefix}{at}", school, personas, rng, noise) for at, school in enumerate(schools)]


def _developer(
    name: str, school: str, personas: Sequence[str], rng: random.Random, noise: float
) -> Developer:
    tastes = tuple(_personal(taste, rng) for taste in SCHOOLS[school])
    if personas and rng.random() < 0.3:
        tastes += (Taste(f"circles:{rng.choice(personas)}", 0.25, 1.0, 0.3, 0.7),)
    shift = rng.gauss(0, LENIENCY)
    return Developer(
        name, school, tastes, tuple(t + shift for t in THRESHOLDS), noise, dice=random.Random(rng.random())
    )


def _personal(taste: Taste, rng: random.Random) -> Taste:
    """TASTE as one of its school holds it: its band moved by part of its slack, its weight by a quarter or so."""
    moved = rng.gauss(0, 0.4 * taste.slack)
    weight = taste.weight * math.exp(rng.gauss(0, 0.25))
    return replace(taste, low=taste.low + moved, high=taste.high + moved, weight=weight)


def drifting(developer: Developer, seed: int, at: int, over: int = 1) -> Developer:
    """DEVELOPER, of another school from interaction AT on, the change taking OVER interactions."""
    rng = random.Random(f"drift {seed} {developer.name}")
    school = rng.choice([name for name in SCHOOLS if name != developer.school])
    later = tuple(_personal(taste, rng) for taste in SCHOOLS[school])
    return replace(developer, later=later, drifts=at, over=over)


def malicious(developer: Developer, manner: str, promoted: Choices | None = None) -> Developer:
    """DEVELOPER, rating in a MANNER that does harm; colluding ones for what is PROMOTED."""
    if manner not in MALICIOUS:
        raise ValueError(f"malicious manners are {', '.join(MALICIOUS)}, not {manner}")
    return replace(developer, manner=manner, promoted=promoted or {})


def indifferent_ones(developers: Sequence[Developer]) -> list[Developer]:
    """The same people without preferences: the negative control."""
    return [replace(one, manner="indifferent") for one in developers]
