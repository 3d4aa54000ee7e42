"""False acceptances, power, and how honest the reported gain is: a thousand planted edits before the tree's own gate.

Each epoch is a session with its proposals, and a piece of the work; people are shown both sides by lot, and their
differences go to `observe!` with author and kind of question, at the hours of a simulated clock. What others accept is
counted on the same edits.

    python bench/feedback/decisions.py SEED …     single epochs
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from answers import Answers, answers
from edits import MOST_PAIRS, Edit, Field, Pair
from figures import share_bounds
from people import people, values

from chorus import Capabilities, Session
from chorus.interpreter.gate import deciding
from chorus.runtime.synthetic.developers import population

EPOCHS, GOOD, WITHOUT = 50, 4, 16
TEAM = 40  # people who see both sides
FRESH = 300  # of the same population, who have seen nothing
MIXTURE = (1.0, 1.0, 1.0, 1.0)  # of schools, so that the fresh ones are of the same kind
BATCH = 50  # pairs between looks
FAMILY, POWER = 0.05, 0.90
SEED = 101  # of the first epoch; up to 4 were looked at while the gate was made, 900 and more tune
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
    fresh: float = 0.0  # true gain to people who have seen nothing


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


def pieces() -> list[int]:
    return [SEED + number for number in range(EPOCHS)]


def piece(name: str) -> dict[str, Any]:
    """The epoch of the seed NAME: its verdicts, with what each edit is worth to people who have seen nothing, and how
    often others accepted [what has no gain, what has].
    """
    table = answers()
    field = field_of(table, int(name))
    edits = field.epoch(GOOD, WITHOUT)
    verdicts = epoch(edits, field)
    others = {"holdout": [0, 0], "minibatch": [0, 0]}
    for edit in edits:
        others["holdout"][edit.good] += field.holdout_accepts(edit)
        others["minibatch"][edit.good] += field.minibatch_accepts(edit)
    worth = _fresh_worth()
    rows = [asdict(one) | {"fresh": float(worth[one.edit.new] - worth[one.edit.old])} for one in verdicts]
    right = sum(one.accepted for one in verdicts if one.edit.good)
    print(
        f"  (epoch {name}: {right} of {GOOD} gains, {sum(one.accepted for one in verdicts) - right} others accepted)"
    )
    return {"verdicts": rows, "others": others}


@cache
def _fresh_worth() -> np.ndarray:
    """f64[arms]: what each is worth to people of the same kind who have seen nothing."""
    table = answers()
    return values(people(population(FRESH, SEED + 10_000, table.personas, mixture=MIXTURE), table)).mean(
        axis=0
    )


def goals(done: Mapping[str, Any]) -> Iterator[Goal]:
    epochs = [[_read(row) for row in one["verdicts"]] for one in done.values()]
    flat = [one for group in epochs for one in group]
    good = [one for one in flat if one.edit.good]
    without = [one for one in flat if not one.edit.good]
    whole = len(epochs) >= EPOCHS
    seeds = sorted(map(int, done))
    print(f"{len(flat)} planted edits in {len(epochs)} epochs (seeds {seeds[0]} to {seeds[-1]}), "
          f"teams of {TEAM}, at most {MOST_PAIRS} pairs")  # fmt: skip
    if not whole:
        print(f"  too few: the goals are told of {EPOCHS * (GOOD + WITHOUT)} edits, in {EPOCHS} epochs")
    family = _share(
        "epochs with a false acceptance",
        [any(one.accepted and not one.edit.good for one in each) for each in epochs],
    )
    power = _share("gains of ten points accepted", [one.accepted for one in good])
    _tell_good(good)
    null = _share("edits without gain accepted, by the gate", [one.accepted for one in without])
    least = _tell_others([one["others"] for one in done.values()], len(without), len(good))
    held = _share(
        f"intervals at acceptance that hold what it is worth to {FRESH} fresh people",
        [one.low <= one.fresh <= one.high for one in flat if one.accepted],
    )
    yield "false-accepts", family, f"≤{FAMILY}", whole and family <= FAMILY
    yield "power", power, f"≥{POWER}", whole and power >= POWER
    yield "null-accept", null, f"<{least:.3f}-of-holdout-and-minibatch", whole and null < least
    yield "honest-gain", held, "≥0.95", whole and held >= 0.95


def _read(row: Mapping[str, Any]) -> Verdict:
    return Verdict(**{**row, "edit": Edit(**row["edit"])})


def _tell_others(counts: Sequence[Mapping[str, Sequence[int]]], without: int, good: int) -> float:
    """What holdout and minibatch accepted; the smaller share of edits without gain."""
    shares = []
    for name in counts[0]:
        wrongly, rightly = (sum(one[name][of] for one in counts) for of in (0, 1))
        shares.append(wrongly / without)
        low, high = share_bounds(wrongly, without)
        print(f"    by {name} {shares[-1]:.3f} [{low:.3f}, {high:.3f}]; of the gains {rightly / good:.3f}")
    return min(shares)


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
    for made in goals({name: piece(name) for name in sys.argv[1:] or map(str, pieces())}):
        print(made)
