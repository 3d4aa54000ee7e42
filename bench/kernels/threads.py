"""Conversations taken apart, on the published protocol: trained on train/, judged on dev/ and on days left out.

usage: python bench/kernels/threads.py [--write]     (--write: the model that comes with Chorus is this one)

Every line from the 1000th on counts, the channel's own lines too. Where the archive has a test/ it is judged as well;
nothing was chosen by it. No other channel's marks are at hand, so that goal is not run.
"""

from __future__ import annotations

import sys
import time
import zlib
from pathlib import Path

import dialogues
import numpy as np
from irc import START, Marked, marked, there

from chorus.kernels.threads.keeping import SHIPPED, packed, shipped
from chorus.kernels.threads.measures import Agreement, agreement
from chorus.kernels.threads.model import Model, link
from chorus.kernels.threads.training import fit

Row = tuple[str, object, object, bool]
COVERAGE = 0.8
LEAST = {"f": 73.5, "vi": 91.5, "one_to_one": 76.0}
SECONDS, PRECISION = 600, 0.85
LEFT_OUT = 5  # one day in so many


def judged(model: Model, logs: list[Marked]) -> tuple[Agreement, float]:
    """How the links of MODEL agree with those marked, and the precision of the surest COVERAGE of them."""
    gold = [{(message, one) for message, all in log.links.items() for one in all} for log in logs]
    found = [link(model, log.log, np.array(sorted(log.links))) for log in logs]
    scored = [
        (one.score, (one.message, one.answered) in marks)
        for marks, links in zip(gold, found, strict=True)
        for one in links
    ]
    surest = sorted(scored, reverse=True)[: int(COVERAGE * len(scored))]
    made = [{(one.message, one.answered) for one in links} for links in found]
    return agreement(gold, made, START), float(np.mean([right for _, right in surest]))


def previous(logs: list[Marked]) -> Agreement:
    """How the spoken line before, for every spoken line, agrees."""
    gold = [{(message, one) for message, all in log.links.items() for one in all} for log in logs]
    made = []
    for log in logs:
        spoken = np.where(log.log.system, -1, np.arange(len(log.log)))
        before = np.concatenate([[-1], np.maximum.accumulate(spoken)[:-1]])
        made.append({(m, m if log.log.system[m] else int(before[m])) for m in log.links})
    return agreement(gold, made, START)


def said(name: str, found: Agreement, sure: float) -> None:
    figures = "  ".join(f"{key} {value:.1f}" for key, value in found._asdict().items())
    print(f"{name:14} {figures}  precision at {COVERAGE:.0%} {sure:.3f}", flush=True)


def trained() -> tuple[Model, list[Row]]:
    train, dev = marked("train"), marked("dev")
    messages = sum(len(log.links) for log in train)
    print(f"{len(train)} logs of {messages:,} marked messages; dev {sum(len(log.links) for log in dev):,}")
    begun = time.perf_counter()
    model = fit([(log.log, log.links) for log in train])
    seconds = time.perf_counter() - begun
    said("dev, previous", previous(dev), float("nan"))
    found, sure = judged(model, dev)
    said("dev", found, sure)
    if test := marked("test"):
        said("test", *judged(model, test))
    rows: list[Row] = [
        (
            f"threads-{name.replace('_', '-')}",
            f"{getattr(found, name):.1f}",
            f"≥{least}",
            getattr(found, name) >= least,
        )
        for name, least in LEAST.items()
    ]
    rows.append(("threads-precision-at-80", f"{sure:.3f}", f"≥{PRECISION}", sure >= PRECISION))
    rows.append(("threads-training-seconds", f"{seconds:.0f}", f"≤{SECONDS}", seconds <= SECONDS))
    return model, rows


def full() -> list[Row]:
    """As on dev, of every fifth day of train/, which had no say in anything: a model that has not seen it."""
    train = marked("train") if there() else []
    day = lambda log: zlib.crc32(log.name[:10].encode()) % LEFT_OUT
    apart = fit([(log.log, log.links) for log in train if day(log)])
    found, sure = judged(apart, [log for log in train if not day(log)])
    said("days left out", found, sure)
    for together in (1, 4) if dialogues.FILE.is_file() else ():
        for name, agreed in zip(
            ("the model", "line before"), dialogues.beside(shipped(), together), strict=True
        ):
            said(f"dialogues, {together} at once, {name}", agreed, float("nan"))
    return [("threads-f-days-left-out", f"{found.f:.1f}", f"≥{LEAST['f']}", found.f >= LEAST["f"])]


def goals() -> list[Row]:
    not_run: Row = ("threads-other-channels-f", "not run", "≥72.0", False)
    if not there():
        names = [f"threads-{name.replace('_', '-')}" for name in LEAST]
        return [(name, "not run", "no data", False) for name in names] + [not_run]
    return [*trained()[1], not_run]


if __name__ == "__main__":
    if not there():
        raise SystemExit("there are no annotated logs: set CHORUS_DATA")
    model, rows = trained()
    for name, measured, target, met in rows:
        print(f"GOAL {name} {measured} {target} {'met' if met else 'short'}")
    if "--write" in sys.argv:
        import chorus.kernels.threads as room

        (Path(room.__file__).parent / SHIPPED).write_bytes(packed(model))
