"""The whole road on synthetic communities with planted truth: stage times, personas found, answers cited or refused.

usage: python bench/road/run.py [SEED …]     (default: five seeds; about a minute a seed on two cores)
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sklearn.metrics import normalized_mutual_info_score

from chorus import Capabilities, Session
from chorus.runtime.synthetic import generate

MESSAGES = 4000
SEEDS = (7, 11, 21, 33, 54)
ASK = "(value->json (persona-inquiry who question))"


def main(seeds: list[int]) -> None:
    results = [measure(seed) for seed in seeds]
    columns = [key for key in results[0] if not key.startswith("_")]
    print(" ".join(f"{key:>13}" for key in columns))
    for row in results:
        print(" ".join(f"{_shown(row[key]):>13}" for key in columns))
    print()
    goal("nmi-of-personas-mean", _mean(results, "nmi"), 0.8)
    goal("citations-that-check", _share(results, "_cited", "_sentences"), 1.0)
    goal("opposite-stances-with-opposite-signs", _share(results, "_opposite", "_pairs"), 0.9)
    goal("facts-answered-rightly", _share(results, "_right", "_facts"), 0.8)
    goal(
        "false-answers-to-near-misses-and-untouched",
        _share(results, "_false", "_unanswerable"),
        0.05,
        most=True,
    )
    goal("false-answers-to-untouched", _share(results, "_strange", "_untouched"), 0.05, most=True)


def goal(name: str, measured: float, target: float, most: bool = False) -> None:
    met = measured <= target if most else measured >= target
    print(f"GOAL {name} {measured:.3f} {target} {'met' if met else 'short'}")


def measure(seed: int) -> dict[str, Any]:
    """One community from nothing to answers."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.json"
        row: dict[str, Any] = {"seed": seed}
        _timed(row, "generate s", lambda: generate(MESSAGES, seed, export))
        truth = json.loads(export.with_suffix(".truth.json").read_text())
        with Session(Path(folder) / "workspace", allow=Capabilities.all()) as session:
            _timed(row, "ingest s", lambda: session.eval("(ingest path)", path=str(export)))
            _timed(row, "embed s", lambda: session.eval("(embed!)"))
            _timed(row, "discover s", lambda: session.eval("(discover-personas :k 'auto)"))
            row |= agreement(session, truth)
            truth["_names"] = row.pop("_names")
            started = time.perf_counter()
            row |= inquiries(session, truth)
            row["ms a question"] = 1000 * (time.perf_counter() - started) / row.pop("_asked")
    print(f"seed {seed} done", file=sys.stderr)
    return row


def agreement(session: Session, truth: dict[str, Any]) -> dict[str, Any]:
    """How the personas found agree with those planted, over every author who is a person and said something."""
    found = {r["author-id"]: r["persona-id"] for r in session.tables("persona-members").arrow().to_pylist()}
    people = {
        author: planted for author, planted in truth["authors"].items() if planted
    }  # not spam, not bots
    both = [author for author in people if author in found]
    planted = [people[author] for author in both]
    nmi = normalized_mutual_info_score(planted, [found[author] for author in both]) if both else 0.0
    return {
        "planted": len(truth["personas"]),
        "found": len(set(found.values())),
        "assigned": len(both) / len(people),
        "nmi": nmi,
        "_names": _name_personas(truth, found),
    }


def _name_personas(truth: dict[str, Any], found: dict[str, int]) -> dict[str, int]:
    """Planted persona → the number of the found one that holds most of its people."""
    names: dict[str, int] = {}
    for planted in truth["personas"]:
        held = [found[a] for a, p in truth["authors"].items() if p == planted and a in found]
        names[planted] = max(set(held), key=held.count) if held else 0
    return names


def inquiries(session: Session, truth: dict[str, Any]) -> dict[str, Any]:
    """Facts, opinions, near misses and untouched questions, asked and scored."""
    texts = dict(session.eval("(table->rows (select (messages) id content))"))
    score = {"_cited": 0, "_sentences": 0, "_right": 0, "_asked": 0}

    def ask(question: str, who: Any = "everyone") -> dict[str, Any]:
        answer = json.loads(session.eval(ASK, question=question, who=who))
        score["_asked"] += 1
        for citation in answer["citations"]:
            score["_sentences"] += 1
            score["_cited"] += citation["span"] in texts.get(citation["message-id"], "")
        return answer

    for fact in truth["facts"]:
        answer = ask(fact["question"])
        score["_right"] += any(c["message-id"] in fact["answered"] for c in answer["citations"])
    near = sum(not ask(question)["refusal"] for question in truth["near-miss"])
    strange = sum(not ask(question)["refusal"] for question in truth["untouched"])
    pairs, opposite = opinions(ask, truth)
    return score | {
        "facts": score["_right"] / len(truth["facts"]),
        "near false": near / len(truth["near-miss"]),
        "strange false": strange / len(truth["untouched"]),
        "signs": opposite / max(pairs, 1),
        "_facts": len(truth["facts"]),
        "_false": near + strange,
        "_unanswerable": len(truth["near-miss"]) + len(truth["untouched"]),
        "_strange": strange,
        "_untouched": len(truth["untouched"]),
        "_pairs": pairs,
        "_opposite": opposite,
    }


QUESTIONS = {
    "difficulty": "How would they react to increased difficulty?",
    "weapon-damage": "How would they feel about a buff to weapon damage?",
    "matchmaking": "How would they react to stricter matchmaking?",
    "price": "How would they feel about higher prices?",
}


def opinions(ask: Any, truth: dict[str, Any]) -> tuple[int, int]:
    """(pairs of planted personas with opposite stances, those of them whose feelings have opposite signs)."""
    found = truth["_names"]
    pairs = opposite = 0
    for subject, couples in truth["opposite"].items():
        signs: dict[str, float | None] = {}
        for name in {name for couple in couples for name in couple}:
            feeling = ask(QUESTIONS[subject], found[name]).get("feeling")
            signs[name] = feeling["mean"] if feeling else None
        for one, other in couples:
            pairs += 1
            a, b = signs[one], signs[other]
            planted = truth["personas"][one]["stance"][subject]
            opposite += a is not None and b is not None and a * b < 0 and a * planted > 0
    return pairs, opposite


def _timed(row: dict[str, Any], name: str, job: Any) -> None:
    started = time.perf_counter()
    job()
    row[name] = time.perf_counter() - started


def _shown(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _mean(rows: list[dict[str, Any]], key: str) -> float:
    return sum(row[key] for row in rows) / len(rows)


def _share(rows: list[dict[str, Any]], part: str, whole: str) -> float:
    return sum(row[part] for row in rows) / max(1, sum(row[whole] for row in rows))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SEEDS))
