"""What was planted, kept beside the export for tests: nothing that Chorus runs ever reads it."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.runtime.synthetic.clock import DAY, utc
from chorus.runtime.synthetic.people import Author
from chorus.runtime.synthetic.personas import SUBJECTS, Persona, opposite_pairs
from chorus.runtime.synthetic.questions import Told
from chorus.runtime.synthetic.talk import Draft
from chorus.runtime.synthetic.timeline import DECAY_DAYS, Patch

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
AWAY = 4.0  # days that a shuffled date keeps from every true one


class Truth:
    """Collects, message by message, what each was meant to be."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.asked: dict[str, list[str]] = {}
        self.answered: dict[str, list[str]] = {}
        self.told: list[Told] = []

    def add(self, draft: Draft) -> None:
        """DRAFT has its id by now."""
        row = {
            "persona": draft.author.persona.key if isinstance(draft.author, Author) else None,
            "intent": draft.intent, "subject": draft.subject, "stance": draft.stance, "tone": draft.tone,
            "language": draft.language, "reply-to": draft.reply_to.id if draft.reply_to else None,
        }  # fmt: skip
        self.messages.append(f'"{draft.id}": {json.dumps(row)}')
        if draft.fact:
            ids = self.answered if draft.intent == "fact-answer" else self.asked
            ids.setdefault(draft.fact, []).append(draft.id)
        stance = _meant(draft)
        if isinstance(draft.author, Author) and draft.subject and (stance or draft.intent == "fact-answer"):
            persona = draft.author.persona.key
            self.told.append(
                Told(draft.id, draft.at, draft.author.id, persona, draft.subject, stance, draft.intent)
            )

    def write(self, path: Path, community: Community) -> None:
        """The truth as one JSON object."""
        parts = self._people(community) | self._questions(community)
        parts["changes"] = [
            _change(patch) | {"effect": patch.effect, "departures": patch.departures}
            for patch in community.timeline.patches
        ]
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write("{\n")
            file.writelines(
                f'"{key}": {json.dumps(value, ensure_ascii=False)},\n' for key, value in parts.items()
            )
            file.write('"messages": {\n' + ",\n".join(self.messages) + "\n}\n}\n")

    def _people(self, c: Community) -> dict[str, Any]:
        players = [author for group in c.players.values() for author in group]
        accounts = [*players, *c.others]
        return {
            "seed": c.seed,
            "game": c.game,
            "decay-days": DECAY_DAYS,
            "personas": {
                persona.key: _persona(persona, len(c.players[persona.key])) for persona in c.personas
            },
            "opposite": opposite_pairs(c.personas),
            "authors": {a.id: a.persona.key if isinstance(a, Author) else None for a in accounts},
            "bots": [a.id for a in c.others if a.kind == "bot"],
            "spammers": [a.id for a in c.others if a.kind == "spam"],
            "departed": {a.id: {"at": utc(a.left), "after": a.left_after} for a in players if a.left_after},
        }

    def _questions(self, c: Community) -> dict[str, Any]:
        """Questions with known answers, with known signs, and without any answer."""
        known = [fact for fact in c.facts if fact.key in self.answered]
        return {
            "facts": [
                {
                    "key": fact.key, "question": fact.ask, "answer": fact.answer,
                    "asked": self.asked[fact.key], "answered": self.answered[fact.key],
                }
                for fact in known
            ],
            "near-miss": [fact.near for fact in known],
            "untouched": c.untouched,
            "opinions": [
                {"persona": p.key, "question": text, "subject": subject, "expected": way * p.stance[subject]}
                for p in c.personas
                for text, subject, way in OPINIONS
            ],
        }  # fmt: skip


def _meant(draft: Draft) -> float:
    """What DRAFT wants of a common subject; who agrees wants what is agreed with. 0: nothing."""
    if draft.subject not in SUBJECTS:
        return 0.0
    if draft.stance is None and draft.intent in ("agree", "disagree") and draft.reply_to:
        return (draft.reply_to.stance or 0.0) * (1 if draft.intent == "agree" else -1)
    return draft.stance or 0.0


def _persona(persona: Persona, members: int) -> dict[str, Any]:
    return {
        "stance": persona.stance,
        "concerns": persona.concerns,
        "likes": persona.likes,
        "members": members,
    }


def _change(patch: Patch) -> dict[str, Any]:
    changes = [{"feature": c.feature, "action": c.action, "amount": c.amount} for c in patch.changes]
    return {"id": patch.id, "timestamp": utc(patch.at), "version": patch.version, "changes": changes}


def write_patches(
    path: Path, patches: Sequence[Patch], titles: Mapping[str, str], notes: Mapping[str, str]
) -> None:
    """One JSON object a line, oldest first: id, timestamp, version, title, notes, changes."""
    rows = []
    for patch in patches:
        row = _change(patch)
        changes = row.pop("changes")
        rows.append(row | {"title": titles[patch.id], "notes": notes[patch.id], "changes": changes})
    _write_rows(path, rows)


def _write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8", newline="\n")


def shuffle_dates(path: Path, seed: int) -> None:
    """Give the patches of PATH other dates, uniform over the same months, at least 4 days from any true one.

    What followed the changes is no longer explained by them: the control for what claims to have learned.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    true = [dt.datetime.fromisoformat(row["timestamp"]).timestamp() for row in rows]
    hours = range(int(min(true)), int(max(true)), 3600)
    free = [at for at in hours if min(abs(at - other) for other in true) > AWAY * DAY]
    dates = random.Random(seed).sample(free, len(rows))
    moved = [row | {"timestamp": utc(at)} for row, at in zip(rows, dates, strict=True)]
    _write_rows(path, sorted(moved, key=lambda row: row["timestamp"]))
