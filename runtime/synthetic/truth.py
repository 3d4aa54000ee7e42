"""What was planted, kept beside the export for tests: nothing that Chorus runs ever reads it."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

from chorus.runtime.synthetic.personas import SUBJECTS, opposite_pairs
from chorus.runtime.synthetic.talk import Draft
from chorus.runtime.synthetic.timeline import DAY, DECAY_DAYS, Patch
from chorus.runtime.synthetic.world import only

if TYPE_CHECKING:
    from chorus.runtime.synthetic.community import Community

# (question, subject, which way it moves): the sign to be expected is that way times the persona's stance.
OPINIONS = (
    ("How would they react to increased difficulty?", "difficulty", 1),
    ("What if the bosses became easier?", "difficulty", -1),
    ("How would they feel about a nerf to weapon damage?", "weapon-damage", -1),
    ("Do they want stronger weapons?", "weapon-damage", 1),
    ("How would they take stricter matchmaking?", "matchmaking", 1),
    ("Would they like looser matchmaking?", "matchmaking", -1),
    ("How would they react to a higher price?", "price", 1),
    ("Would they welcome lower prices?", "price", -1),
)


def stamp(at: float) -> str:
    return dt.datetime.fromtimestamp(round(at), dt.UTC).isoformat()


def write_patches(path: Path, patches: list[Patch], titles: dict[str, str], notes: dict[str, str]) -> None:
    """One JSON object a line, oldest first."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for patch in patches:
            row = {
                "id": patch.id, "timestamp": stamp(patch.at), "version": patch.version,
                "title": titles[patch.id], "notes": notes[patch.id],
                "changes": [{"feature": c.feature, "action": c.action, "amount": c.amount} for c in patch.changes],
            }  # fmt: skip
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def shuffle_dates(path: Path, seed: int) -> None:
    """Give the patches of PATH other dates, uniform over the same months and at least 4 days from any true date.

    What followed the changes is then no longer explained by them: the control for whatever claims to have learned from it.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    true = [dt.datetime.fromisoformat(row["timestamp"]).timestamp() for row in rows]
    rng = random.Random(seed)
    free = [at for at in _hours(min(true), max(true)) if min(abs(at - other) for other in true) > 4 * DAY]
    dates = rng.sample(free, len(rows))
    for row, at in zip(rows, dates, strict=True):
        row["timestamp"] = stamp(at)
    rows.sort(key=lambda row: row["timestamp"])
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _hours(first: float, last: float) -> list[float]:
    return [first + hour * 3600 for hour in range(int((last - first) / 3600) + 1)]


class Truth:
    """Collects what each message was meant to be."""

    def __init__(self, community: Community, seed: int) -> None:
        self.community, self.seed = community, seed
        self.messages: list[str] = []
        self.facts = {fact.key: fact for fact in community.facts}

    def add(self, draft: Draft) -> None:
        """DRAFT has its id by now."""
        row = {
            "persona": draft.author.persona.key if draft.author.persona else None, "intent": draft.intent, "subject": draft.subject,
            "stance": draft.stance, "tone": draft.tone, "language": draft.language, "reply-to": draft.reply_to.id if draft.reply_to else None,
        }  # fmt: skip
        self.messages.append(f'"{draft.id}": {json.dumps(row)}')
        if draft.fact:
            fact = self.facts[draft.fact]
            (fact.answer_ids if draft.answers else fact.question_ids).append(draft.id)

    def write(self, path: Path) -> None:
        """The truth as one JSON object."""
        parts = self._whole()
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write("{\n")
            for key, value in parts.items():
                file.write(f'"{key}": {json.dumps(value, ensure_ascii=False)},\n')
            file.write('"messages": {\n' + ",\n".join(self.messages) + "\n}\n}\n")

    def _whole(self) -> dict:
        c = self.community
        facts = [f for f in c.facts if f.answer_ids]
        return {
            "seed": self.seed, "game": only(c.world, "game"), "decay-days": DECAY_DAYS,
            "personas": {p.key: {"stance": p.stance, "concerns": p.concerns, "likes": p.likes, "members": len(c.members[p.key])} for p in c.personas},
            "opposite": opposite_pairs(c.personas),
            "authors": {a.id: a.persona.key if a.persona else None for a in c.people},
            "spam-authors": [a.id for a in c.people if a.kind == "spam"], "bots": [a.id for a in c.people if a.kind == "bot"],
            "departed": {a.id: {"at": stamp(a.left), "after": a.left_after} for a in c.people if a.left_after},
            "changes": [self._change(p) for p in c.timeline.patches],
            "facts": [{"key": f.key, "question": f.ask, "answer": f.answer, "asked": f.question_ids, "answered": f.answer_ids} for f in facts],
            "near-miss": [f.near for f in facts], "untouched": c.untouched,
            "opinions": [self._opinion(p, *row) for p in c.personas for row in OPINIONS],
        }  # fmt: skip

    def _change(self, patch: Patch) -> dict:
        return {
            "id": patch.id, "timestamp": stamp(patch.at), "version": patch.version,
            "changes": [{"feature": c.feature, "action": c.action, "amount": c.amount} for c in patch.changes],
            "effect": patch.effect, "departures": patch.departures,
        }  # fmt: skip

    def _opinion(self, persona, question: str, subject: str, way: int) -> dict:
        assert subject in SUBJECTS
        return {
            "persona": persona.key,
            "question": question,
            "subject": subject,
            "expected": round(way * persona.stance[subject], 2),
        }
