"""A whole invented community, written day by day: export, telemetry, patch notes and the planted truth."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, count
from pathlib import Path
from typing import IO

from chorus.runtime.synthetic import events as telemetry
from chorus.runtime.synthetic.clock import DAY
from chorus.runtime.synthetic.conversation import Day, conversations
from chorus.runtime.synthetic.export import Export
from chorus.runtime.synthetic.facts import Fact, choose_facts
from chorus.runtime.synthetic.notes import patch_notes
from chorus.runtime.synthetic.people import Account, Author, make_others, make_players
from chorus.runtime.synthetic.personas import Persona, pick_personas
from chorus.runtime.synthetic.questions import write_questions
from chorus.runtime.synthetic.rhythm import Crowd, activity, present, quotas
from chorus.runtime.synthetic.side import BOT_EVERY, SPAM, Sidelines
from chorus.runtime.synthetic.talk import Draft, Talk
from chorus.runtime.synthetic.timeline import Timeline, make_timeline
from chorus.runtime.synthetic.truth import Truth, write_patches
from chorus.runtime.synthetic.world import make_world, only

LEAST = 100  # fewer messages cannot show what is planted
TALK_NOISE = 0.1  # log-normal, of a persona's messages on one day
TIMES_ASKED = (1, 2, 2, 3, 4)


@dataclass
class Community:
    """Everything that is fixed before the first word."""

    seed: int
    rng: random.Random
    messages: int
    personas: tuple[Persona, ...]
    timeline: Timeline
    world: dict
    players: dict[str, list[Author]]
    others: list[Account]
    facts: list[Fact]
    untouched: list[str]
    reserved: int = 0  # which of the sets of facts and questions kept for evaluation it has; 0: none

    @property
    def game(self) -> str:
        return only(self.world, "game")


def found(messages: int, seed: int, personas: int | None = None, reserved: int = 0) -> Community:
    """The community of SEED: game, people, patches, facts. ValueError below LEAST messages."""
    if messages < LEAST:
        raise ValueError(f"a community needs at least {LEAST} messages, not {messages}")
    rng = random.Random(seed)
    world = make_world(rng)
    kinds = pick_personas(rng, personas)
    timeline = make_timeline(rng, kinds)
    players = make_players(rng, kinds, messages, timeline)
    facts, untouched = choose_facts(rng, world, messages, reserved)
    others = make_others(rng, timeline)
    return Community(seed, rng, messages, kinds, timeline, world, players, others, facts, untouched, reserved)


def generate(
    messages: int, seed: int, out: Path, personas: int | None = None, *, reserved: int = 0
) -> dict[str, int]:
    """Write OUT (DiscordChatExporter JSON) and beside it `.events.jsonl`, `.patches.jsonl`, `.truth.json`,
    `.questions.jsonl`.

    The same arguments give the same bytes. PERSONAS is how many are planted (3 to 6 by seed when None). RESERVED takes
    facts and wordings of that set kept for evaluation, the last of which nothing of the answerer was chosen on.
    Returns how much was written: messages, authors, personas, patches, events, facts, questions. ValueError below LEAST
    messages.
    """
    out = Path(out)
    community = found(messages, seed, personas, reserved)
    titles, notes = patch_notes(community.rng, community.world, community.timeline.patches)
    write_patches(out.with_suffix(".patches.jsonl"), community.timeline.patches, titles, notes)
    truth = Truth()
    with out.open("w", encoding="utf-8", newline="\n") as file:
        export = Export(file, random.Random(seed + 1), community.game, community.timeline)
        for draft in _in_order(_days(community, notes)):
            export.write(draft)
            truth.add(draft)
        export.close()
    with out.with_suffix(".events.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        told = write_events(community, file)
    truth.write(out.with_suffix(".truth.json"), community)
    questions = write_questions(out.with_suffix(".questions.jsonl"), community, truth.told)
    authors = sum(map(len, community.players.values())) + len(community.others)
    return {
        "messages": export.count, "authors": authors, "personas": len(community.personas),
        "patches": len(community.timeline.patches), "events": told, "facts": len(community.facts),
        "questions": questions,
    }  # fmt: skip


def _days(community: Community, notes: Mapping[str, str]) -> Iterator[tuple[float, list[Draft]]]:
    """Each day's first second and all that is said in that day's conversations."""
    rng, timeline = community.rng, community.timeline
    talk = Talk(rng, community.world, timeline, community.messages)
    aside = Sidelines(rng, community.world, community.others, notes)
    spam = quotas([1.0] * timeline.days, round(SPAM * community.messages), rng, 0.9)
    bot = quotas([1.0] * timeline.days, min(timeline.days, community.messages // BOT_EVERY), rng, 0.5)
    beside = sum(spam) + sum(bot) + len(timeline.patches)
    shares = _message_quotas(community, community.messages - beside)
    asked = _when_asked(community)
    for number in range(timeline.days):
        start = timeline.start + number * DAY
        crowds = {key: Crowd(group, start, "weight") for key, group in community.players.items()}
        day = Day(start, crowds, {key: share[number] for key, share in shares.items()})
        said = [aside.spam(start) for _ in range(spam[number])] + [
            aside.remind(start) for _ in range(bot[number])
        ]
        said += [aside.announce(patch) for patch in timeline.patches if start <= patch.at < start + DAY]
        said += conversations(day, talk, aside, asked.get(number, []))
        yield start, said


def _message_quotas(community: Community, total: int) -> dict[str, list[int]]:
    """Persona → messages on each day; they add up to TOTAL."""
    timeline = community.timeline
    rates = {}
    for persona in community.personas:
        group = community.players[persona.key]
        size = len(group) / sum(author.weight for author in group)
        rates[persona.key] = [
            size
            * activity(persona, timeline, day, buzz=True)
            * present(group, timeline.start + day * DAY, "weight")
            for day in range(timeline.days)
        ]
    whole = sum(map(sum, rates.values()))
    ends = [round(total * part / whole) for part in accumulate(sum(own) for own in rates.values())]
    return {
        key: quotas(own, end - begin, community.rng, TALK_NOISE)
        for (key, own), begin, end in zip(rates.items(), [0, *ends], ends, strict=False)
    }


def _when_asked(community: Community) -> dict[int, list[Fact]]:
    """Day → facts asked on it."""
    rng, days = community.rng, community.timeline.days
    asked: dict[int, list[Fact]] = {}
    for fact in community.facts:
        for _ in range(rng.choice(TIMES_ASKED)):
            asked.setdefault(rng.randrange(days), []).append(fact)
    return asked


def _in_order(days: Iterator[tuple[float, list[Draft]]]) -> Iterator[Draft]:
    """All drafts by time. Conversations begin on their day and may run on into the next ones."""
    waiting: list[tuple[float, int, Draft]] = []
    number = count()
    for start, said in days:
        while waiting and waiting[0][0] < start:
            yield heapq.heappop(waiting)[2]
        for draft in said:
            heapq.heappush(waiting, (draft.at, next(number), draft))
    while waiting:
        yield heapq.heappop(waiting)[2]


def write_events(community: Community, file: IO[str]) -> int:
    """Stream the telemetry; how many lines."""
    rng, timeline, players = community.rng, community.timeline, community.players
    total = round(community.messages * telemetry.SESSIONS_A_MESSAGE)
    shares = telemetry.session_quotas(players, community.personas, timeline, total, rng)
    written = 0
    for number in range(timeline.days):
        start = timeline.start + number * DAY
        events: list[telemetry.Event] = []
        for persona in community.personas:
            crowd = Crowd(players[persona.key], start, "play")
            events += telemetry.day_of_events(
                start, persona, crowd, shares[persona.key][number], timeline, rng
            )
        events.sort(key=lambda event: event[0])
        file.writelines(telemetry.line(written + i, event) for i, event in enumerate(events, 1))
        written += len(events)
    return written
