"""The people of a community: names, ids, hands of writing, how much each says, when each comes and goes."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from chorus.runtime.synthetic.names import nicknames
from chorus.runtime.synthetic.personas import Persona, Style
from chorus.runtime.synthetic.timeline import DAY, HORIZON_DAYS, Timeline

EPOCH_MS = 1_420_070_400_000  # Discord's: the first second of 2015
ROLES = (("Member", "#95A5A6"), ("Founder", "#E67E22"), ("Beta tester", "#3498DB"), ("EU", "#2ECC71"), ("NA", "#1ABC9C"), ("Nitro booster", "#F47FFF"), ("Asia", "#9B59B6"))  # fmt: skip
COLORS = (None, None, "#E67E22", "#3498DB", "#2ECC71", "#F47FFF", "#9B59B6", "#E91E63")
TONGUES = ("de", "de", "fr", "fr", "es", "es", "pt", "ja", "ru")


@dataclass(eq=False)
class Author:
    """One account. JOINED and LEFT are seconds since 1970; WEIGHT is the share of its persona's talk."""

    id: str
    name: str
    nickname: str
    persona: Persona | None
    kind: str = "player"  # player | bot | spam
    style: Style = field(default_factory=Style)
    weight: float = 1.0
    play: float = 1.0
    joined: float = 0.0
    left: float = math.inf
    left_after: str | None = None  # the patch that its departure was planted on
    tongue: str | None = None
    roles: list[tuple[str, str]] = field(default_factory=list)
    color: str | None = None
    lower: bool = False


def snowflake(ms: int, low: int) -> str:
    """A Discord id made at MS milliseconds since 1970; LOW are its 22 last bits."""
    return str((ms - EPOCH_MS) << 22 | low)


def how_many(messages: int, personas: int) -> int:
    """Players of a community of so many messages: grows slower than what they say (Heaps-like, exponent .6)."""
    return max(4 * personas, round(1.0 * messages**0.6))


def make_people(
    rng: random.Random, personas: tuple[Persona, ...], messages: int, timeline: Timeline
) -> list[Author]:
    """Players of all personas, then the bot and the spammers."""
    count = how_many(messages, len(personas))
    shares = _shares(rng, len(personas))
    members = [max(4, round(count * share)) for share in shares]
    names = nicknames(rng, sum(members) + 4)
    people: list[Author] = []
    for persona, size in zip(personas, members, strict=True):
        group = [_player(rng, persona, next(names), timeline) for _ in range(size)]
        _weigh(rng, group)
        _departures(rng, group, persona, timeline)
        people += group
    people.append(_account(rng, "Patchwork", timeline, "bot"))
    people += [_account(rng, next(names), timeline, "spam") for _ in range(3)]
    return people


def _shares(rng: random.Random, count: int) -> list[float]:
    """Sizes of the personas: unequal, the largest at most about twice the smallest."""
    raw = [rng.uniform(0.7, 1.4) for _ in range(count)]
    return [share / sum(raw) for share in raw]


def _account(rng: random.Random, name: str, timeline: Timeline, kind: str) -> Author:
    made = int((timeline.start - rng.uniform(30, 2000) * DAY) * 1000)
    return Author(snowflake(made, rng.getrandbits(22)), name.lower().replace(" ", "_"), name, None, kind)


def _player(rng: random.Random, persona: Persona, name: str, timeline: Timeline) -> Author:
    author = _account(rng, name, timeline, "player")
    author.persona = persona
    if rng.random() < 0.45:  # the others were there before the first message
        author.joined = timeline.start + rng.random() ** 1.3 * 0.85 * timeline.days * DAY
        made = int((author.joined - rng.expovariate(1 / 200) * DAY) * 1000)
        author.id = snowflake(max(made, EPOCH_MS + 1), rng.getrandbits(22))
    author.style = _hand(rng, persona.style)
    author.lower = rng.random() < persona.style.lower
    author.tongue = rng.choice(TONGUES) if rng.random() < 0.16 else None
    author.roles = rng.sample(ROLES, rng.choice((0, 1, 1, 1, 2, 2, 3)))
    author.color = rng.choice(COLORS)
    return author


def _hand(rng: random.Random, style: Style) -> Style:
    """One author's own way of the persona's style: people differ more than personas do."""

    def about(mean: float, spread: float = 0.6) -> float:
        return mean * math.exp(rng.gauss(0, spread))

    return Style(
        style.lower, min(1.0, about(style.stop, 0.4)), max(1.0, about(style.length, 0.25)), min(0.6, about(style.emoji)),
        min(0.9, about(style.slang)), min(0.05, about(style.typo)), min(0.4, about(style.shout)),
    )  # fmt: skip


def _weigh(rng: random.Random, group: list[Author]) -> None:
    """Volumes: heavy-tailed (rank^−0.7 with noise); playing time is a thing of its own."""
    for rank, author in enumerate(group, 1):
        author.weight = rank**-0.7 * math.exp(rng.gauss(0, 0.25))
        author.play = 0.3 + math.exp(rng.gauss(0, 0.5))


def _departures(rng: random.Random, group: list[Author], persona: Persona, timeline: Timeline) -> None:
    """Who leaves when: a trickle, and after each bad change a share that grows with it (8 % at an effect of −1).

    Counts are carried over as fractions so that small groups follow the rule too. The loudest never leave: one of them
    gone would drown every other effect.
    """
    quiet = sorted(group, key=lambda a: a.weight)[: int(len(group) * 0.8)]
    owed = rng.random()
    for patch in timeline.patches:
        owed += len(group) * (0.006 + 0.08 * max(0.0, -patch.effect[persona.key]))
        there = [a for a in quiet if a.joined < patch.at - 3 * DAY and a.left == math.inf]
        going = rng.sample(there, min(int(owed), len(there)))
        owed -= int(owed)
        patch.departures[persona.key] = len(going)
        for author in going:
            author.left = patch.at + min(rng.expovariate(1 / 4), HORIZON_DAYS) * DAY
            author.left_after = patch.id
