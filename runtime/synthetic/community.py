"""A whole invented community, written day by day: export, telemetry, patch notes, and the truth that was planted."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO

from chorus.runtime.synthetic import events as telemetry
from chorus.runtime.synthetic.conversation import Day, conversations
from chorus.runtime.synthetic.export import Export
from chorus.runtime.synthetic.facts import Fact, choose_facts
from chorus.runtime.synthetic.notes import patch_notes
from chorus.runtime.synthetic.people import Author, make_people
from chorus.runtime.synthetic.personas import Persona, pick_personas
from chorus.runtime.synthetic.rhythm import Crowd, activity, moment, present, quotas
from chorus.runtime.synthetic.side import EMPTY, FORWARDED, SPAM, Sidelines
from chorus.runtime.synthetic.talk import Draft, Talk
from chorus.runtime.synthetic.timeline import DAY, Timeline, make_timeline
from chorus.runtime.synthetic.truth import Truth, write_patches
from chorus.runtime.synthetic.world import make_world, only

LEAST = 100  # fewer messages cannot show what is planted
TALK_NOISE = 0.1


@dataclass
class Community:
    """Everything that is fixed before the first word."""

    rng: random.Random
    messages: int
    personas: tuple[Persona, ...]
    timeline: Timeline
    world: dict
    people: list[Author]
    facts: list[Fact]
    untouched: list[str]

    @property
    def members(self) -> dict[str, list[Author]]:
        return {p.key: [a for a in self.people if a.persona is p] for p in self.personas}


def found(messages: int, seed: int, personas: int | None = None) -> Community:
    """The community of SEED: game, people, patches, facts."""
    if messages < LEAST:
        raise ValueError(f"a community needs at least {LEAST} messages, not {messages}")
    rng = random.Random(seed)
    world = make_world(rng)
    kinds = pick_personas(rng, personas)
    timeline = make_timeline(rng, kinds)
    people = make_people(rng, kinds, messages, timeline)
    facts, untouched = choose_facts(rng, world, messages)
    return Community(rng, messages, kinds, timeline, world, people, facts, untouched)


def generate(messages: int, seed: int, out: Path, personas: int | None = None) -> dict[str, int]:
    """Write OUT (DiscordChatExporter JSON) and beside it `.events.jsonl`, `.patches.jsonl`, `.truth.json`.

    The same arguments give the same bytes. PERSONAS is how many are planted (3 to 6 by seed when None). Returns how
    much was written: messages, authors, personas, patches, events, facts. ValueError below 100 messages.
    """
    out = Path(out)
    community = found(messages, seed, personas)
    stem = out.with_suffix("")
    titles, notes = patch_notes(community.rng, community.world, community.timeline.patches)
    write_patches(stem.with_suffix(".patches.jsonl"), community.timeline.patches, titles, notes)
    with (
        out.open("w", encoding="utf-8", newline="\n") as file,
        stem.with_suffix(".events.jsonl").open("w", encoding="utf-8", newline="\n") as events,
    ):
        truth = Truth(community, seed)
        export = Export(file, random.Random(seed + 1), only(community.world, "game"), community.timeline)
        for draft in _in_order(_days(community, notes)):
            export.write(draft)
            truth.add(draft)
        export.close()
        told = write_events(community, events)
    truth.write(stem.with_suffix(".truth.json"))
    return {
        "messages": export.count, "authors": len(community.people), "personas": len(community.personas),
        "patches": len(community.timeline.patches), "events": told, "facts": len(community.facts),
    }  # fmt: skip


def _days(community: Community, notes: dict[str, str]) -> Iterator[tuple[float, list[Draft]]]:
    """Each day's first second and all that is said from that day's conversations."""
    rng, timeline = community.rng, community.timeline
    talk = Talk(rng, community.world, timeline, community.messages)
    aside = Sidelines(rng, community.world, community.people, notes)
    members = community.members
    spam = quotas([1.0] * timeline.days, round(SPAM * community.messages), rng, 0.9)
    bot = quotas([1.0] * timeline.days, min(timeline.days, community.messages // 120), rng, 0.5)
    fixed = sum(spam) + sum(bot) + len(timeline.patches)
    shares = _message_quotas(community, community.messages - fixed)
    asked = _when_asked(community)
    for number in range(timeline.days):
        start = timeline.start + number * DAY
        crowds = {key: Crowd(group, start, "weight") for key, group in members.items()}
        day = Day(
            start,
            crowds,
            {key: share[number] for key, share in shares.items()},
            {p.key: p for p in community.personas},
        )
        said = [aside.spam(start) for _ in range(spam[number])] + [
            aside.remind(start) for _ in range(bot[number])
        ]
        said += [aside.announce(patch) for patch in timeline.patches if start <= patch.at < start + DAY]
        said += _wordless(day, aside, talk)
        said += conversations(day, talk, asked.get(number, []))
        yield start, said


def _wordless(day: Day, aside: Sidelines, talk: Talk) -> Iterator[Draft]:
    """Pictures without words and forwarded messages, out of the players' share of the day."""
    rng = talk.rng
    for _ in range(sum(day.left.values())):
        chance = rng.random()
        if chance < EMPTY + FORWARDED and (author := day.draw(rng)):
            at = moment(author.persona, day.start, rng)
            if chance < EMPTY:
                yield aside.empty(author, at)
            else:
                yield aside.forward(author, at, talk.concern(author, at).text)


def _message_quotas(community: Community, total: int) -> dict[str, list[int]]:
    """Persona → messages on each day; they add up to TOTAL."""
    rates = {
        p.key: [
            len(group) * activity(p, community.timeline, day, buzz=True)
            * present(group, community.timeline.start + day * DAY, "weight") / sum(a.weight for a in group)
            for day in range(community.timeline.days)
        ]
        for p, group in ((p, community.members[p.key]) for p in community.personas)
    }  # fmt: skip
    whole = sum(map(sum, rates.values()))
    owed, out = total, {}
    for left, (key, own) in zip(range(len(rates), 0, -1), rates.items(), strict=True):
        share = owed if left == 1 else round(total * sum(own) / whole)
        out[key] = quotas(own, share, community.rng, TALK_NOISE)
        owed -= share
    return out


def _when_asked(community: Community) -> dict[int, list[Fact]]:
    """Day → facts asked on it; each one to four times."""
    rng, days = community.rng, community.timeline.days
    asked: dict[int, list[Fact]] = {}
    for fact in community.facts:
        for _ in range(rng.choice((1, 2, 2, 3, 4))):
            asked.setdefault(rng.randrange(days), []).append(fact)
    return asked


def _in_order(days: Iterator[tuple[float, list[Draft]]]) -> Iterator[Draft]:
    """All drafts by time. A day's conversations may run on into the next days, never back more than one."""
    waiting: list[tuple[float, int, Draft]] = []
    number = count()
    for start, said in days:
        while waiting and waiting[0][0] < start - DAY:
            yield heapq.heappop(waiting)[2]
        for draft in said:
            heapq.heappush(waiting, (draft.at, next(number), draft))
    while waiting:
        yield heapq.heappop(waiting)[2]


def write_events(community: Community, file: IO[str]) -> int:
    """Stream the telemetry; how many lines."""
    rng, timeline, members = community.rng, community.timeline, community.members
    total = round(community.messages * telemetry.SESSIONS_A_MESSAGE)
    shares = telemetry.session_quotas(members, community.personas, timeline, total, rng)
    written = 0
    for number in range(timeline.days):
        start = timeline.start + number * DAY
        events: list[telemetry.Event] = []
        for persona in community.personas:
            crowd = Crowd(members[persona.key], start, "play")
            events += telemetry.day_of_events(
                start, persona, crowd, shares[persona.key][number], timeline, rng
            )
        for event in sorted(events, key=lambda e: e[0]):
            written += 1
            file.write(telemetry.line(written, event))
    return written
