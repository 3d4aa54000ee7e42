"""The people of a community: names, ids, hands of writing, how much each says, when each comes and goes."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from chorus.runtime.synthetic.clock import DAY
from chorus.runtime.synthetic.names import nicknames
from chorus.runtime.synthetic.personas import PERSONAS, TOPICS, Persona, Style
from chorus.runtime.synthetic.timeline import HORIZON_DAYS, Timeline

EPOCH_MS = 1_420_070_400_000  # Discord's: the first second of 2015
ROLES = (
    ("Member", "#95A5A6"), ("Founder", "#E67E22"), ("Beta tester", "#3498DB"), ("EU", "#2ECC71"),
    ("NA", "#1ABC9C"), ("Nitro booster", "#F47FFF"), ("Asia", "#9B59B6"),
)  # fmt: skip
COLORS = (None, None, "#E67E22", "#3498DB", "#2ECC71", "#F47FFF", "#9B59B6", "#E91E63")
TONGUES = ("de", "de", "fr", "fr", "es", "es", "pt", "ja", "ru")
FOREIGN = 0.2  # of players have a second language that they use now and then
LATE = 0.45  # of players come after the first message
SIDE_INTERESTS = (0, 0, 1, 1, 2)  # topics of other personas that one player also cares for
BASE_LEAVING, LEAVING = (
    0.006,
    0.08,
)  # share of a persona that leaves after a patch: always; more at an effect of −1


@dataclass(eq=False)
class Account:
    """Whoever can write: players, the bot, spammers."""

    id: str
    name: str
    nickname: str
    kind: str  # player | bot | spam
    roles: list[tuple[str, str]] = field(default_factory=list)
    color: str | None = None


@dataclass(eq=False)
class Author(Account):
    """A player. JOINED, LEFT: seconds since 1970. WEIGHT: share of its persona's talk, PLAY: of sessions."""

    persona: Persona = PERSONAS[0]
    style: Style = field(default_factory=Style)
    lower: bool = False  # never a capital letter
    topics: tuple[str, ...] = ()
    tastes: tuple[float, ...] = ()  # how often each of TOPICS
    weight: float = 1.0
    play: float = 1.0
    joined: float = 0.0
    left: float = math.inf
    left_after: str | None = None  # the patch that its departure was planted on
    tongue: str | None = None


def snowflake(ms: int, low: int) -> str:
    """A Discord id made at MS milliseconds since 1970; LOW are its 22 last bits."""
    return str((ms - EPOCH_MS) << 22 | low)


def how_many(messages: int, personas: int) -> int:
    """Players of a community of so many messages: they grow slower than what they say (exponent .6)."""
    return max(4 * personas, round(messages**0.6))


def make_players(
    rng: random.Random, personas: tuple[Persona, ...], messages: int, timeline: Timeline
) -> dict[str, list[Author]]:
    """Persona → its players."""
    count = how_many(messages, len(personas))
    raw = [rng.uniform(0.7, 1.4) for _ in personas]  # the largest at most about twice the smallest
    sizes = [max(4, round(count * share / sum(raw))) for share in raw]
    names = nicknames(rng, sum(sizes))
    players: dict[str, list[Author]] = {}
    for persona, size in zip(personas, sizes, strict=True):
        group = [_player(rng, persona, next(names), timeline) for _ in range(size)]
        _weigh(rng, group)
        _departures(rng, group, persona, timeline)
        players[persona.key] = group
    return players


def make_others(rng: random.Random, timeline: Timeline) -> list[Account]:
    """The bot that announces patches, and three who advertise."""
    names = ["Patchwork", *(f"{name}_{rng.randrange(100, 999)}" for name in nicknames(rng, 3))]
    kinds = ["bot", "spam", "spam", "spam"]
    return [
        Account(_id(rng, timeline.start - rng.uniform(1, 2000) * DAY), n.lower(), n, k)
        for n, k in zip(names, kinds, strict=True)
    ]


def _id(rng: random.Random, at: float) -> str:
    return snowflake(max(int(at * 1000), EPOCH_MS + 1), rng.getrandbits(22))


def _player(rng: random.Random, persona: Persona, name: str, timeline: Timeline) -> Author:
    joined = timeline.start - rng.uniform(1, 1000) * DAY
    if rng.random() < LATE:
        joined = timeline.start + rng.random() ** 1.3 * 0.85 * timeline.days * DAY
    topics, tastes = _tastes(rng, persona)
    return Author(
        _id(rng, joined - rng.expovariate(1 / 200) * DAY), name.lower(), name, "player",
        rng.sample(ROLES, rng.choice((0, 1, 1, 1, 2, 2, 3))), rng.choice(COLORS),
        persona=persona, style=_hand(rng, persona.style), lower=rng.random() < persona.style.lower,
        topics=topics, tastes=tastes, joined=joined,
        tongue=rng.choice(TONGUES) if rng.random() < FOREIGN else None,
    )  # fmt: skip


def _tastes(rng: random.Random, persona: Persona) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """One player's own mix: its persona's concerns in other proportions, and some that others care for."""
    own = {topic: share * rng.gammavariate(2.0, 0.5) for topic, share in persona.concerns.items()}
    scale = 1 / sum(own.values())
    side = {
        topic: rng.uniform(0.1, 0.3)
        for topic in rng.sample(TOPICS, rng.choice(SIDE_INTERESTS))
        if topic not in own
    }
    mixed = {topic: share * scale for topic, share in own.items()} | side
    return tuple(mixed), tuple(mixed.values())


def _hand(rng: random.Random, style: Style) -> Style:
    """One author's own way of the persona's style: people differ more than personas do."""

    def about(mean: float, spread: float = 0.6) -> float:
        return mean * math.exp(rng.gauss(0, spread))

    return Style(
        style.lower, min(1.0, about(style.stop, 0.4)), max(1.0, about(style.length, 0.25)),
        min(0.6, about(style.emoji)),
        min(0.9, about(style.slang)), min(0.05, about(style.typo)), min(0.4, about(style.shout)),
    )  # fmt: skip


def _weigh(rng: random.Random, group: list[Author]) -> None:
    """Volumes: heavy-tailed (rank^−0.7 with noise); playing time is a thing of its own."""
    for rank, author in enumerate(group, 1):
        author.weight = rank**-0.7 * math.exp(rng.gauss(0, 0.25))
        author.play = 0.3 + math.exp(rng.gauss(0, 0.5))


def _departures(rng: random.Random, group: list[Author], persona: Persona, timeline: Timeline) -> None:
    """Who leaves when: a trickle, and after each bad change a share that grows with it.

    Counts are carried over as fractions, so that small groups follow the rule too. The loudest fifth
    never leaves: one of them gone would drown every other effect.
    """
    quiet = sorted(group, key=lambda a: a.weight)[: int(len(group) * 0.8)]
    owed = rng.random()
    for patch in timeline.patches:
        owed += len(group) * (BASE_LEAVING + LEAVING * max(0.0, -patch.effect[persona.key]))
        there = [a for a in quiet if a.joined < patch.at - 3 * DAY and a.left == math.inf]
        going = rng.sample(there, min(int(owed), len(there)))
        owed -= int(owed)
        patch.departures[persona.key] = len(going)
        for author in going:
            author.left = patch.at + min(rng.expovariate(1 / 4), HORIZON_DAYS) * DAY
            author.left_after = patch.id
