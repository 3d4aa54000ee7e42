"""False acceptances, power, and how honest the reported gain is: a thousand planted edits before the tree's own gate.

Each epoch is a session with its proposals; people are shown both sides by lot, and their differences go to `observe!`
with author and kind of question, at the hours of a simulated clock. What others accept is counted on the same edits.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from answers import Answers, answers
from edits import MOST_PAIRS, Edit, Field, Pair
from figures import share_bounds
from people import Person, people, values

from chorus import Capabilities, Session
from chorus.interpreter.gate import deciding
from chorus.runtime.synthetic.developers import population

EPOCHS, GOOD, WITHOUT = 50, 4, 16
TEAM = 40  # people who see both sides
FRESH = 300  # of the same population, who have seen nothing
MIXTURE = (1.0, 1.0, 1.0, 1.0)  # of schools, so that the fresh ones are of the same kind
BATCH = 50  # pairs between looks
FAMILY, POWER = 0.05, 0.90
SEED = 1
Goal = tuple[str, float, str, bool]

OBSERVE = """
(define (bench-observe! number rows)
  (let loop ((rows rows) (state 'shadow))
    (if (and (pair? rows) (memq state '(waiting shadow)))
        (let ((row (car rows)))
          (loop (cdr rows) (observe! number (car row) :author (cadr row) :slices (list (cons 'kind (caddr row))))))
        (list (get (proposal number) :ready) (symbol->string state)))))
"""
SEEN = "(let ((e (evidence number))) (append (list (get e :mean)) (get e :fresh) (list (get e :against))))"


@dataclass
class Verdict:
    edit: Edit
    accepted: bool
    pairs: int
    why: str = ""
    mean: float = 0.0
    low: float = 0.0
    high: float = 0.0


class Clock:
    """Time as the gate sees it while an epoch is simulated: a pair takes a minute."""

    def __init__(self) -> None:
        self.now = 1.7e9

    def time(self) -> float:
        return self.now


def epoch(edits: Sequence[Edit], field: Field) -> list[Verdict]:
    """What the gate makes of an epoch's EDITS."""
    clock, was = Clock(), deciding.time
    deciding.time = clock  # type: ignore[assignment]
    try:
        with Session(allow=Capabilities.all()) as session:
            session.eval(OBSERVE)
            return [_judged(session, edit, field, clock) for edit in edits]
    finally:
        deciding.time = was


def _judged(session: Session, edit: Edit, field: Field, clock: Clock) -> Verdict:
    name = f"planted-{edit.old}-{edit.new}"
    session.eval(f"(define {name} {edit.old})")
    number = session.eval(f"(propose! '{name} {edit.new + 0.5} :in 'context :by \"bench\")")
    rows: list[Pair] = []
    ready, state = False, "waiting"
    for pair in field.pairs(edit):
        rows.append(pair)
        if len(rows) % BATCH == 0:
            clock.now += 60 * BATCH
            told = [[p.difference, p.person.name, p.person.kinds[p.question]] for p in rows[-BATCH:]]
            ready, state = session.eval("(bench-observe! number rows)", number=number, rows=told)
            if ready or state == "refused":
                break
    mean, low, high, against = session.eval(SEEN, number=number)
    why = "harm" if state == "refused" else "; ".join(against)
    return Verdict(edit, bool(ready), len(rows), why, mean, low, high)


def field_of(table: Answers, seed: int, count: int = TEAM) -> Field:
    return Field(people(population(count, seed, table.personas, mixture=MIXTURE), table), seed)


def goals(end: float = float("inf"), epochs: int = EPOCHS) -> Iterator[Goal]:
    table = answers()
    verdicts: list[list[Verdict]] = []
    others = {
        "holdout": [0, 0],
        "minibatch": [0, 0],
    }  # accepted of those without gain, and of the planted gains
    coverage: list[bool] = []
    fresh = people(population(FRESH, SEED + 10_000, table.personas, mixture=MIXTURE), table)
    longest = 0.0
    for number in range(epochs):
        began = time.monotonic()
        if began + longest > end:
            break
        field = field_of(table, SEED + number)
        edits = field.epoch(GOOD, WITHOUT)
        verdicts.append(epoch(edits, field))
        for edit in edits:
            others["holdout"][edit.good] += field.holdout_accepts(edit)
            others["minibatch"][edit.good] += field.minibatch_accepts(edit)
        coverage += _covered(verdicts[-1], fresh)
        right = sum(one.accepted for one in verdicts[-1] if one.edit.good)
        wrong = sum(one.accepted for one in verdicts[-1]) - right
        print(f"  (epoch {number + 1}: {right} of {GOOD} gains, {wrong} others accepted)", flush=True)
        longest = max(longest, time.monotonic() - began)
    yield from _told(verdicts, others, coverage)


def _covered(verdicts: Sequence[Verdict], fresh: Sequence[Person]) -> list[bool]:
    """Whether the interval reported with each accepted edit holds what it is worth to FRESH people."""
    worth = values(fresh).mean(axis=0)
    return [v.low <= worth[v.edit.new] - worth[v.edit.old] <= v.high for v in verdicts if v.accepted]


def _told(
    verdicts: list[list[Verdict]], others: dict[str, list[int]], coverage: list[bool]
) -> Iterator[Goal]:
    flat = [one for group in verdicts for one in group]
    if not flat:
        return
    good = [one for one in flat if one.edit.good]
    without = [one for one in flat if not one.edit.good]
    print(f"{len(flat)} planted edits in {len(verdicts)} epochs (seeds {SEED} to {SEED + len(verdicts) - 1}), "
          f"teams of {TEAM}, at most {MOST_PAIRS} pairs")  # fmt: skip
    whole = len(verdicts) >= EPOCHS
    if not whole:
        print(f"  too few: the goals are told of {EPOCHS * (GOOD + WITHOUT)} edits, in {EPOCHS} epochs")
    false = [any(one.accepted and not one.edit.good for one in group) for group in verdicts]
    family = _share("epochs with a false acceptance", false)
    power = _share("gains of ten points accepted", [one.accepted for one in good])
    _tell_good(good)
    null = _share("edits without gain accepted, by the gate", [one.accepted for one in without])
    for name, (wrongly, rightly) in others.items():
        print(f"    by {name} {wrongly / len(without):.3f}; of the gains {rightly / len(good):.3f}")
    held = _share(f"intervals at acceptance that hold what it is worth to {FRESH} fresh people", coverage)
    least = min(hits[0] for hits in others.values()) / len(without)
    yield "false-accepts", family, f"≤{FAMILY}", whole and family <= FAMILY
    yield "power", power, f"≥{POWER}", whole and power >= POWER
    yield "null-accept", null, f"<{least:.3f}-of-holdout-and-minibatch", whole and null < least
    yield "honest-gain", held, "≥0.95", whole and held >= 0.95


def _share(what: str, hits: Sequence[bool]) -> float:
    low, high = share_bounds(sum(hits), len(hits)) if hits else (0.0, 1.0)
    share = sum(hits) / len(hits) if hits else 0.0
    print(f"  {what}: {sum(hits)} of {len(hits)}, {share:.4f} [{low:.3f}, {high:.3f}]")
    return share


def _tell_good(good: Sequence[Verdict]) -> None:
    """When gains were accepted, and why others were not."""
    pairs = [one.pairs for one in good if one.accepted]
    if pairs:
        early = sum(p <= MOST_PAIRS // 2 for p in pairs) / len(good)
        print(f"    after {np.median(pairs):.0f} pairs on the median; by {MOST_PAIRS // 2} {early:.3f}")
    reasons = Counter(re.sub(r"[\d.]+", "…", one.why) for one in good if not one.accepted)
    for why, count in reasons.most_common(4):
        print(f"    not accepted, {count}: {why}")


if __name__ == "__main__":
    for made in goals(epochs=int(sys.argv[1]) if sys.argv[1:] else EPOCHS):
        print(made)
