"""Telemetry beside the talk: sessions, their length, match results, purchases; some four events a message."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from chorus.runtime.synthetic.clock import DAY, utc
from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.personas import Persona
from chorus.runtime.synthetic.rhythm import Crowd, activity, moment, present, quotas
from chorus.runtime.synthetic.timeline import Timeline

SESSIONS_A_MESSAGE = 1.1
NOISE = 0.06  # log-normal, of a persona's sessions on one day
LENGTH_GAIN = 0.25  # log of a session's length for one unit of mood
MODES = ("ranked", "duos", "trios", "arena", "quickplay")

Event = tuple[float, str, str, float | None, str]  # at, author id, event, value, data as JSON


def session_quotas(
    players: dict[str, list[Author]],
    personas: tuple[Persona, ...],
    timeline: Timeline,
    total: int,
    rng: random.Random,
) -> dict[str, list[int]]:
    """Persona → sessions on each day. A persona's sum goes with its members' playing time."""
    sizes = {key: sum(a.play for a in group) for key, group in players.items()}
    whole = sum(sizes.values())
    out = {}
    for persona in personas:
        rates = [
            activity(persona, timeline, day, buzz=False)
            * present(players[persona.key], timeline.start + day * DAY, "play")
            for day in range(timeline.days)
        ]
        out[persona.key] = quotas(rates, round(total * sizes[persona.key] / whole), rng, NOISE)
    return out


def day_of_events(
    start: float, persona: Persona, crowd: Crowd, sessions: int, timeline: Timeline, rng: random.Random
) -> list[Event]:
    """The sessions of one persona on the day from START, in no order."""
    events: list[Event] = []
    mood = timeline.mood(persona.key, start + DAY / 2)
    for _ in range(sessions):
        author = crowd.draw(rng)
        at = moment(persona, start, rng)
        minutes = persona.session * math.exp(LENGTH_GAIN * mood + rng.gauss(0, 0.5))
        events += _session(author, at, minutes, mood, rng)
    return events


def _session(author: Author, at: float, minutes: float, mood: float, rng: random.Random) -> Iterator[Event]:
    yield at, author.id, "session_start", None, "{}"
    yield at + minutes * 60, author.id, "session_length", round(minutes, 1), "{}"
    for _ in range(rng.choice((0, 1, 2))):
        played = at + rng.random() * minutes * 60
        yield (
            played,
            author.id,
            "match_result",
            float(rng.random() < 0.5),
            f'{{"mode": "{rng.choice(MODES)}"}}',
        )
    if rng.random() < 0.05 * math.exp(0.5 * mood):
        yield (
            at + rng.random() * minutes * 60,
            author.id,
            "purchase",
            rng.choice((4.99, 9.99, 14.99, 24.99)),
            "{}",
        )


def line(number: int, event: Event) -> str:
    """One line of the telemetry file."""
    at, author, name, value, data = event
    shown = "null" if value is None else repr(value)
    return (
        f'{{"id": "e{number}", "timestamp": "{utc(at)}", "user_id": "{author}", "event": "{name}", '
        f'"value": {shown}, "data": {data}}}\n'
    )
