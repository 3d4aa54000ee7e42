"""What tests of settings, signals and replay share: a small community's workspace, with two personas set by hand."""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from answer_helpers import community, export

from chorus import Capabilities, Session

QUESTIONS = (
    "What do players think of the halberd?",
    "How would they react to a nerf of halberd damage?",
    "How do they feel about the difficulty of the Sunken Vault?",
    "When does the vinyl come out?",
    "halberd",
    "Which bank gives the best mortgage?",
)


def made_workspace(folder: Path) -> Path:
    """A workspace with the hand-written community, embedded, and two personas: made once a run, copied to FOLDER."""
    return Path(shutil.copytree(_template() / "workspace", folder / "workspace"))


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    rows = [(m["id"], m["author"], m["text"]) for m in community()["messages"]]
    path = export(rows, folder / "export.json")
    with opened(folder / "workspace") as session:
        session.eval("(ingest path)", path=str(path))
        session.eval("(embed!)")
        discover(session, 1)
    return folder


def opened(workspace: Path, **options: Any) -> Session:
    return Session(workspace, allow=Capabilities.all(), **{"developer": "ann", **options})


def discover(session: Session, run: int) -> None:
    """Store the discovery number RUN: the authors in the order of their ids, every RUN + 1st another persona's."""
    store, now = session.context.store, dt.datetime(2026, 1, 2)
    authors = [a for (a,) in store.rows('SELECT DISTINCT "author-id" FROM messages ORDER BY 1')]
    data = '{"terms": ["halberd", "vault"], "concerns": [], "representative": ["h011"], "mood": 0.0, "activity": {}}'
    with store.transaction("discover-personas"):
        store.write('UPDATE "persona-runs" SET active = false WHERE active')
        store.write(
            'INSERT INTO "persona-runs" VALUES (?, ?, ?, 2, ?, ?, true)', [run, "", "test", "{}", now]
        )
        for at, label in ((1, "halberd-vault"), (2, "music-vinyl")):
            store.write(
                "INSERT INTO personas VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?)",
                [run, at, label, len(authors) // 2, 0.5, 0.9, data, now],
            )
        for at, author in enumerate(authors):
            row = [run, 1 if at % (run + 1) else 2, author, 1 - at / 100]
            store.write('INSERT INTO "persona-members" VALUES (?, ?, ?, ?, NULL)', row)


def ask(session: Session, target: str, question: str, choices: str = "") -> int:
    """The number of the turn in which TARGET was asked QUESTION with CHOICES."""
    form = f"(answer-turn (with-choices '({choices}) (lambda () (persona-inquiry {target} asked))))"
    return int(session.eval(form, asked=question))
