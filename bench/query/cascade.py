"""How many calls of a model a semantic filter takes on a synthetic community, whose planted truth is the model.

usage: python bench/query/cascade.py [MESSAGES]     (default 20000)

The model says of a text whether it was made to speak of one of four subjects. The target is 95 % recall with 95 %
confidence; what precision that has is measured. Beside it, the same with 90 % and with full precision asked for too,
and the negative control: with 90 % over vectors of noise.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chorus import Capabilities, Session
from chorus.kernels.retrieval.cascade import Target, filtering
from chorus.runtime.synthetic import generate

SUBJECTS = ("weapon-damage", "price", "difficulty", "matchmaking")
SPOKEN = ("opinion", "concern")
QUESTION = "weapon damage, the price, how difficult the game is, or matchmaking"
PRECISIONS = (0.9, 1.0)
SEED = 7


class Result(NamedTuple):
    """Shares of all rows, of those wanted and of those found: for recall alone, and with PRECISIONS asked for too."""

    calls: float
    recall: float
    precision: float
    with_precision: dict[float, tuple[float, float, float]]  # precision asked for → the same three
    control_calls: float
    control_recall: float


def measured(messages: int) -> Result:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(messages, SEED, folder / "community.json")
        planted = json.loads((folder / "community.truth.json").read_text())["messages"]
        with Session(folder / "workspace", allow=Capabilities.all()) as session:
            session.eval("(begin (ingest path) (embed!))", path=str(folder / "community.json"))
            return filtered(session, planted)


def filtered(session: Session, planted: dict[str, Any]) -> Result:
    spoken = {i for i, row in planted.items() if row["subject"] in SUBJECTS and row["intent"] in SPOKEN}
    rows = session.eval("(table->rows (select (where (messages) (> (length (trim content)) 0)) id content))")
    texts = {str(row[0]): str(row[1]) for row in (tuple(row) for row in rows)}
    yes = {text for message, text in texts.items() if message in spoken}
    truth = np.array([text in yes for text in texts.values()])
    session.register("judge", lambda text, question: text in yes)

    def shares(precision: float) -> tuple[float, float, float]:
        session.eval(
            """(define found (sem-filter (where (messages) (> (length (trim content)) 0)) question :model judge
                                         :recall 0.95 :precision precision))""",
            question=f"{QUESTION}{' ' * int(100 * precision)}",  # another question: nothing is remembered
            precision=precision,
        )
        kept = {str(message) for message in session.eval("(column found id)")}
        calls = session.eval("(hash-ref (sem-report found) :calls)")
        right = sum(texts[message] in yes for message in kept)
        return calls / len(truth), right / truth.sum(), right / max(1, len(kept))

    print(f"sem-filter: {len(truth):,} rows, {truth.mean():.1%} of them wanted")
    return Result(*shares(0.0), {precision: shares(precision) for precision in PRECISIONS}, *control(truth))


def control(truth: np.ndarray) -> tuple[float, float]:
    """Calls and recall where signals and vectors are noise."""
    rng = np.random.default_rng(SEED)
    n, calls = len(truth), 0
    steps = filtering(rng.normal(size=(n, 2)), rng.normal(size=(n, 32)), Target(0.95, 0.9))
    try:
        asked = next(steps)
        while True:
            calls += len(asked)
            asked = steps.send(truth[asked].astype(float))
    except StopIteration as ended:
        found = np.zeros(n, dtype=bool)
        found[ended.value.kept] = True
    return calls / n, float((found & truth).sum() / truth.sum())


if __name__ == "__main__":
    print(measured(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
