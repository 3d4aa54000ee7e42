"""Threads on talk of another kind: dialogues of two builders with marked discourse links, several in one channel.

The links are of discourse (an elaboration hangs on one's own line), nobody is called by name, and no times are known,
so each line comes GAP seconds after the one before: what a model of chat among strangers knows is of little use here.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from typing import Any

import numpy as np
from irc import DATA

from chorus.kernels.threads.log import Log, Message
from chorus.kernels.threads.measures import Agreement, agreement
from chorus.kernels.threads.model import Model, link

FILE = DATA / "minecraft-dialogue" / "VAL_100_bert.json.gz"
GAP, LEAVES = 8.0, 0.3  # seconds; how likely another dialogue's line comes between two of one speaker
Gold = set[tuple[int, int]]


def beside(model: Model, together: int) -> tuple[Agreement, Agreement]:
    """How the links of MODEL agree with those marked, dialogues put TOGETHER into one channel; and those to the line
    before."""
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        given = json.load(file)
    random = np.random.default_rng(0)
    logs = [
        entangled(given[at : at + together], random) for at in range(0, len(given) - together + 1, together)
    ]
    gold = [marks for _, marks in logs]
    ours = [{(each.message, each.answered) for each in link(model, log)} for log, _ in logs]
    before = [{(at, max(at - 1, 0)) for at in range(len(log))} for log, _ in logs]
    return agreement(gold, ours, 0), agreement(gold, before, 0)


def entangled(group: list[dict[str, Any]], random: np.random.Generator) -> tuple[Log, Gold]:
    """The dialogues of GROUP as one log, in turns drawn by lot, and what each line answers."""
    turns = [turn for at, dialogue in enumerate(group) for turn in runs(at, dialogue["edus"], random)]
    order = random.permuted(
        np.repeat(np.arange(len(group)), [sum(t[0] == at for t in turns) for at in range(len(group))])
    )
    waiting = {at: iter([turn for turn in turns if turn[0] == at]) for at in range(len(group))}
    lines = [(at, line) for at in order.tolist() for line in next(waiting[at])[1]]
    place = {line: here for here, line in enumerate(lines)}
    said = [(at, group[at]["edus"][line]) for at, line in lines]
    log = Log(
        [Message(f"{edu['speaker']}-{at}", GAP * here, edu["text"]) for here, (at, edu) in enumerate(said)]
    )
    answers = defaultdict(set)
    for at, dialogue in enumerate(group):
        for row in dialogue["relations"]:
            if row["x"] < row["y"]:
                answers[place[at, row["y"]]].add(place[at, row["x"]])
    return log, {(here, to) for here in range(len(lines)) for to in answers.get(here) or {here}}


def runs(
    dialogue: int, edus: list[dict[str, Any]], random: np.random.Generator
) -> list[tuple[int, list[int]]]:
    """The lines of a DIALOGUE in stretches that nothing comes between: of one speaker, and not always all of them."""
    found: list[tuple[int, list[int]]] = []
    for at, edu in enumerate(edus):
        if at == 0 or edus[at - 1]["speaker"] != edu["speaker"] or random.random() < LEAVES:
            found.append((dialogue, []))
        found[-1][1].append(at)
    return found
