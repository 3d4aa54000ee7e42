"""The invented game that a community plays: its weapons, places, bosses and everyday words, drawn by seed."""

from __future__ import annotations

import random

from chorus.runtime.synthetic.phrase import Node, World, load

# How many of each kind one community knows. The rest of the list belongs to other seeds.
KEPT = {
    "weapon": 15,
    "map": 9,
    "zone": 8,
    "boss": 8,
    "raid": 4,
    "class": 6,
    "npc": 6,
    "outfit": 7,
    "mount": 4,
    "game": 1,
}


def make_world(rng: random.Random) -> dict[str, list[Node]]:
    """Slot name → what may fill it."""
    names = load("world")
    world = {kind: sorted(rng.sample(words, KEPT[kind])) for kind, words in names.items()}
    return world | load("slots")


def only(world: World, slot: str) -> str:
    """The single word that SLOT has in this world."""
    return world[slot][0][0]
