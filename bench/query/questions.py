"""Labelled questions over a synthetic community, half of them without an answer: false answers, answers, citations.

usage: python bench/query/questions.py [SEED [QUESTIONS]] [--reserved[=SET]]   (default: seed 21, all; some minutes)

The policy's numbers were chosen on seeds 5, 7, 11, 12, 13, 31, 900 and, with --reserved=1, 51 and 900; report others.
All seeds share the facts of `facts.txt` and their wordings, with --reserved=1 those of `facts-reserved.txt`, which
results before 22 November 2026, 22:00 UTC, call --reserved: another seed is another draw of them, and no longer of
facts that nothing was chosen on. With --reserved=2 they are those of `facts-reserved-2.txt`, spent too, which results
before 23 November 2026, 01:30 UTC, call --reserved. With --reserved it is the newest set, `facts-reserved-3.txt`:
nobody is to look at how it is answered and then mend. --reserved=4 and 5 are sets of development in other registers.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from chorus import Capabilities, Session
from chorus.runtime.synthetic import generate
from chorus.runtime.synthetic.facts import NEWEST_KEPT

MESSAGES = 3000
SEED = 21


def main(seed: int = SEED, limit: int | None = None, *, reserved: int = 0) -> None:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.json"
        generate(MESSAGES, seed, export, reserved=reserved)
        with Session(Path(folder) / "workspace", allow=Capabilities.all()) as session:
            session.eval("(ingest path)", path=str(export))
            session.eval("(embed!)")
            started = time.monotonic()
            made = evaluated(session, export.with_suffix(".questions.jsonl"), limit)
            seconds = time.monotonic() - started
    whole = made["summary"]
    facts = f", facts and wordings kept for evaluation, set {reserved}" if reserved else ""
    print(
        f"seed {seed}{facts}: {whole['questions']} questions, {seconds / whole['questions']:.2f} s each; "
        f"of answers {whole['right']} right, of citations {whole['borne-out']} borne out, "
        f"calibration error {whole['calibration-error']}"
    )
    for kind in made["kinds"]:
        share = kind["answered"] if kind["answerable"] else kind["false-answers"]
        print(f"  {kind['kind']:20} {kind['questions']:4} answered {share}")
    for row in made["reliability"]:
        print(f"  confidence {row['confidence']:.2f}: right {row['right']:.2f} of {row['n']}")
    which = "-new-facts" if reserved else ""
    goal("false-answers" + which, whole["false-answers"], 0.05, most=True)
    goal("answered" + which, whole["answered"], 0.80, most=False)
    goal("citation-precision" + which, whole["citation-precision"], 1.0, most=False)


def reserved_set(words: list[str]) -> int:
    """The set that WORDS ask for: --reserved the newest, --reserved=N that one, otherwise that of development, 0."""
    for word in words:
        if word.startswith("--reserved"):
            return int(word.partition("=")[2] or NEWEST_KEPT)
    return 0


def evaluated(session: Session, questions: Path, limit: int | None) -> dict[str, Any]:
    """The evaluation as plain data."""
    session.eval(
        "(define made (evaluate-answers path :limit (if (integer? limit) limit #f)))",
        path=str(questions),
        limit=limit,
    )
    form = """(value->json {:summary (evaluation-summary made) :kinds (evaluation-kinds made)
                            :reliability (reliability (evaluation-rows made))})"""
    return json.loads(session.eval(form))


def goal(name: str, measured: float, target: float, *, most: bool) -> None:
    met = measured <= target if most else measured >= target
    print(f"GOAL {name} {measured:.3f} {target} {'met' if met else 'short'}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:] if not word.startswith("--")), reserved=reserved_set(sys.argv))
