"""The planted personas: what each wants of the four common subjects, what it talks about, how and when.

A stance is signed, in [−1, 1]:

    difficulty      + wants the game harder          − wants it easier
    weapon-damage   + wants weapons to hit harder    − wants them weaker
    matchmaking     + wants it stricter by skill     − wants it looser: friends, quick queues, low ping
    price           + pays gladly, prices may rise   − wants things cheaper, opposes prices
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import combinations

SUBJECTS = ("difficulty", "weapon-damage", "matchmaking", "price")
OPPOSED = 0.5  # both members of an opposite pair feel at least this strongly


@dataclass(frozen=True)
class Style:
    """How a persona tends to write; each author deviates from it. Rates are probabilities."""

    lower: float = 0.4  # of authors who never use capitals
    stop: float = 0.6  # final full stop
    length: float = 1.6  # mean number of clauses
    emoji: float = 0.10
    slang: float = 0.2  # of slang words taken where there is one
    typo: float = 0.010  # a word
    shout: float = 0.04  # an exclamation mark


@dataclass(frozen=True)
class Persona:
    """One kind of player."""

    key: str
    stance: dict[str, float]
    concerns: dict[str, float]  # topic → share of its own talk
    style: Style
    peak: float  # hour of day at which it is most active, UTC
    spread: float  # hours
    weekend: float  # activity on Saturday and Sunday against other days
    session: float  # mean minutes of a session
    likes: dict[str, float] = field(default_factory=dict)  # further features of changes it cares about
    emoji: tuple[str, ...] = ("😂", "😅", "👀", "🙏")
    reacts: float = 0.25  # reactions that its messages and presence bring


def stances(difficulty: float, damage: float, matchmaking: float, price: float) -> dict[str, float]:
    return dict(zip(SUBJECTS, (difficulty, damage, matchmaking, price), strict=True))


PERSONAS = (
    Persona(
        "competitive-players", stances(0.8, -0.6, 0.9, -0.3),
        {"ladder": 0.3, "meta": 0.3, "practice": 0.2, "tournaments": 0.2},
        Style(0.55, 0.35, 1.6, 0.05, 0.35, 0.012, 0.03),
        20.5, 2.8, 1.1, 95, {"ranked-rewards": 0.6}, ("💀", "🔥", "😤", "📈"), 0.2,
    ),
    Persona(
        "social-players", stances(-0.8, 0.6, -0.8, -0.5),
        {"friends": 0.45, "events": 0.3, "unwinding": 0.25},
        Style(0.5, 0.4, 1.5, 0.28, 0.3, 0.014, 0.16),
        19.5, 2.4, 1.7, 60, {"tavern": 0.6}, ("😂", "🥰", "🎉", "😅"), 0.45,
    ),
    Persona(
        "lore-explorers", stances(-0.5, -0.5, -0.4, 0.6),
        {"story": 0.4, "secrets": 0.4, "scenery": 0.2},
        Style(0.2, 0.85, 2.2, 0.08, 0.06, 0.006, 0.05),
        22.0, 3.2, 1.3, 110, {"story-content": 0.7}, ("👀", "🕯️", "🤔", "✨"), 0.3,
    ),
    Persona(
        "builders-modders", stances(0.5, -0.7, -0.6, -0.7),
        {"building": 0.45, "mods": 0.4, "tools": 0.15},
        Style(0.35, 0.75, 2.1, 0.06, 0.1, 0.008, 0.04),
        17.0, 4.0, 1.4, 130, {"mod-support": 0.7}, ("🔧", "👍", "🧱", "😅"), 0.25,
    ),
    Persona(
        "collectors-completionists", stances(0.7, 0.5, 0.4, -0.9),
        {"achievements": 0.4, "drops": 0.35, "trading": 0.25},
        Style(0.4, 0.55, 1.8, 0.1, 0.2, 0.010, 0.06),
        15.0, 4.0, 1.2, 120, {"achievements": 0.7}, ("🏆", "😭", "🙏", "💯"), 0.3,
    ),
    Persona(
        "cosmetics-spenders", stances(-0.6, 0.7, 0.5, 0.9),
        {"looks": 0.5, "shop": 0.3, "screenshots": 0.2},
        Style(0.5, 0.35, 1.5, 0.3, 0.25, 0.010, 0.18),
        18.0, 3.0, 1.3, 55, {"outfits": 0.7}, ("😍", "💅", "✨", "💸"), 0.45,
    ),
    Persona(
        "newcomers", stances(-0.9, 0.5, 0.7, -0.5),
        {"first-steps": 0.4, "lost": 0.35, "learning": 0.25},
        Style(0.3, 0.6, 1.7, 0.12, 0.12, 0.012, 0.1),
        16.5, 3.2, 1.5, 45, {"tutorial": 0.7}, ("😅", "🙏", "😬", "❤️"), 0.2,
    ),
)  # fmt: skip


TOPICS = tuple(topic for persona in PERSONAS for topic in persona.concerns)


def opposite_pairs(personas: tuple[Persona, ...]) -> dict[str, list[tuple[str, str]]]:
    """Subject → (in favour, against) pairs of persona keys who both feel strongly."""
    return {
        subject: [
            (a.key, b.key)
            for a in personas
            for b in personas
            if a.stance[subject] >= OPPOSED and b.stance[subject] <= -OPPOSED
        ]
        for subject in SUBJECTS
    }


def pick_personas(rng: random.Random, count: int | None = None) -> tuple[Persona, ...]:
    """3 to 6 personas who disagree on every common subject; the competitive ones are always among them."""
    if count is None:
        count = rng.choice((3, 4, 4, 5, 5, 6))
    if not 3 <= count <= len(PERSONAS):
        raise ValueError(f"a community has 3 to {len(PERSONAS)} personas, not {count}")
    rest = combinations(PERSONAS[1:], count - 1)
    fitting = [
        some for some in ((PERSONAS[0], *others) for others in rest) if all(opposite_pairs(some).values())
    ]
    return rng.choice(fitting)
