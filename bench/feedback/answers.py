"""Real answers of the synthetic community over a small grid of settings, as people see them: made once, then looked up.

What was made is kept in `.bench/feedback/` under a digest of the tree's sources, so another tree makes them anew; who
works on the learner alone names a file to take in CHORUS_ANSWERS.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from community import community

from chorus import Session
from chorus.runtime.synthetic.shown import Shown, Truth, see

TREE = Path(__file__).parents[2]
KEPT = TREE / ".bench" / "feedback"
MESSAGES = 1500
SEED = 41  # of the community; no number of the policy was chosen on it
GRID = ("answer-length", "other-side", "answer-order", "context-shown", "evidence-emphasis")
ASKED = {"opinion": 8, "fact": 3, "never-spoken-of": 1}  # kind of label → how many questions

# Weighing the evidence is most of an answer's time, and of the settings of the grid depends on the emphasis alone.
REMEMBERED = """
(define %heard (make-hash-table))
(define %hear hear)
(set! hear (lambda (reading who . rest)
  (let ((key (list (hash-ref reading :text) (the-setting evidence-emphasis))))
    (or (hash-ref %heard key #f)
        (let ((made (apply %hear reading who rest))) (hash-set! %heard key made) made)))))
"""


@dataclass
class Answers:
    """What is SHOWN to each question under each arm; arms are values in the order of NAMES."""

    names: list[str]
    values: list[list[str]]  # of each setting, as written, that in force first: so arm 0 is as defined
    questions: list[dict[str, Any]]
    shown: list[list[Shown]]  # question → what differs
    which: list[list[int]]  # question → arm → place in `shown`
    personas: list[str]
    seconds: float

    def __post_init__(self) -> None:
        self.arms = list(itertools.product(*self.values))
        self._place = {arm: at for at, arm in enumerate(self.arms)}

    def see(self, question: int, arm: int) -> Shown:
        return self.shown[question][self.which[question][arm]]

    def arm(self, choices: Mapping[str, str]) -> int:
        """The arm of CHOICES, name → value as written; what is not said is as defined."""
        return self._place[
            tuple(choices.get(name, of[0]) for name, of in zip(self.names, self.values, strict=True))
        ]

    def choices(self, arm: int) -> dict[str, str]:
        return dict(zip(self.names, self.arms[arm], strict=True))


@cache
def answers(seed: int = SEED) -> Answers:
    """The table of SEED's community, made where it is not kept."""
    file = Path(os.environ.get("CHORUS_ANSWERS", KEPT / f"answers-{seed}-{_digest()}.json"))
    if not file.exists():
        made = asdict(_made(seed, time.monotonic()))
        KEPT.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    read = json.loads(file.read_text(encoding="utf-8"))
    return Answers(**read | {"shown": [[Shown(**one) for one in row] for row in read["shown"]]})


def _made(seed: int, began: float) -> Answers:
    with community(MESSAGES, seed) as (session, export):
        _say(f"community {seed} read", began)
        return _table(session, export, began)


def _say(what: str, began: float) -> None:
    print(f"({what}: {time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)


def _digest() -> str:
    """Of what decides an answer."""
    made = hashlib.sha256()
    for room in ("stdlib", "kernels/retrieval", "kernels/answer", "runtime/synthetic", "runtime/index"):
        for file in sorted((TREE / room).rglob("*")):
            if file.suffix in (".sexp", ".py", ".txt") and file.name != "developers.py":
                made.update(file.read_bytes())
    made.update(Path(__file__).read_bytes())
    return made.hexdigest()[:12]


def _table(session: Session, export: Path, began: float) -> Answers:
    planted = json.loads(export.with_suffix(".truth.json").read_text(encoding="utf-8"))
    rows = export.with_suffix(".questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = _chosen([json.loads(row) for row in rows], planted["messages"])
    truth = Truth({key: one["persona"] for key, one in planted["messages"].items()}, _end(export))
    session.eval(REMEMBERED)
    values = [_values(session, name) for name in GRID]
    shown: list[list[Shown]] = []
    which = []
    for at, question in enumerate(questions, 1):
        seen = [_answer(session, arm, question, truth) for arm in itertools.product(*values)]
        shown.append([])
        for one in seen:
            if one not in shown[-1]:
                shown[-1].append(one)
        which.append([shown[-1].index(one) for one in seen])
        _say(f"{at} of {len(questions)} questions, {len(seen)} answers each", began)
    return Answers(
        list(GRID), values, questions, shown, which, list(planted["personas"]), time.monotonic() - began
    )


def _values(session: Session, name: str) -> list[str]:
    """The choices of the setting NAME as written, that in force first."""
    choices = json.loads(
        session.eval(f'(value->json (map (lambda (v) (format "~s" v)) (setting-choices \'{name})))')
    )
    now = session.eval(f'(format "~s" {name})')
    return [now, *(each for each in choices if each != now)]


def _chosen(rows: list[dict[str, Any]], messages: dict[str, Any]) -> list[dict[str, Any]]:
    """So many questions of each kind, none twice, asked of everyone; on opinions all bear that speak of the subject."""
    made: list[dict[str, Any]] = []
    for kind, count in ASKED.items():
        texts: set[str] = set()
        for row in rows:
            if row["kind"] != kind or row["question"] in texts or len(texts) == count:
                continue
            texts.add(row["question"])
            made.append(row | {"for": _bearing(row, messages), "against": []})
    return made


def _bearing(row: dict[str, Any], messages: dict[str, Any]) -> list[str]:
    if row["kind"] != "opinion":
        return list(row["for"])
    subjects = Counter(messages[key]["subject"] for key in (*row["for"], *row["against"]))
    subject = subjects.most_common(1)[0][0]
    return [key for key, one in messages.items() if one["subject"] == subject and one["stance"]]


def _end(export: Path) -> dt.datetime:
    messages = json.loads(export.read_text(encoding="utf-8"))["messages"]
    return max(dt.datetime.fromisoformat(one["timestamp"]) for one in messages)


def _answer(session: Session, arm: tuple[str, ...], question: dict[str, Any], truth: Truth) -> Shown:
    choices = " ".join(f"({name} . {value})" for name, value in zip(GRID, arm, strict=True))
    form = f"""(let ((made (with-choices '({choices}) (lambda () (persona-inquiry 'everyone question)))))
                 (value->json (list made (answer->string made))))"""
    answer, text = json.loads(session.eval(form, question=question["question"]))
    return see(answer, text, question, truth)


if __name__ == "__main__":
    table = answers(int(sys.argv[1]) if sys.argv[1:] else SEED)
    print(f"{len(table.arms)} arms, {len(table.questions)} questions, {table.seconds:.0f} s")
    for question, row in zip(table.questions, table.shown, strict=True):
        print(f"{question['kind']:16} {question['question'][:60]:60} {len(row):4} different, {row[0]}")
