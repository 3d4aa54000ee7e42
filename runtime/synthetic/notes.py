"""Patch notes in natural text: what a release says of its changes."""

from __future__ import annotations

import random

from chorus.runtime.synthetic.phrase import World, expand, load
from chorus.runtime.synthetic.timeline import Patch


def patch_notes(
    rng: random.Random, world: World, patches: list[Patch]
) -> tuple[dict[str, str], dict[str, str]]:
    """Patch id → title, patch id → notes (one line a change)."""
    phrases = load("notes")
    titles, notes = {}, {}
    for patch in patches:
        titles[patch.id] = expand(rng.choice(phrases["title"]), world, rng, {"version": patch.version})
        lines = []
        for change in patch.changes:
            bound = {"amount": f"{round(change.amount * 25)}%"}
            lines.append(
                "- " + expand(rng.choice(phrases[f"{change.feature} {change.action}"]), world, rng, bound)
            )
        notes[patch.id] = "\n".join(lines)
    return titles, notes
