"""What the tests of answers share: hand-written sentences with a known stance, and a small community's workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chorus import Capabilities, Session

TESTS = Path(__file__).parent

# feature | what the writer wants of it (+ more, − less) | sentence; written by hand, none by the generator
STANCES = [
    tuple(line.split("|", 2))
    for line in (TESTS / "data" / "stances.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def community() -> dict[str, Any]:
    """76 hand-written messages, 50 questions that they answer, 50 that they do not."""
    return json.loads((TESTS / "data" / "answer-community.json").read_text(encoding="utf-8"))


def export(rows: list[tuple[str, str, str]], path: Path) -> Path:
    """Write ROWS (id, author, text) as a DiscordChatExporter file, a minute apart."""
    messages = [
        {
            "id": id_,
            "type": "Default",
            "timestamp": f"2026-01-{1 + at // 600:02d}T{at // 60 % 24:02d}:{at % 60:02d}:00+00:00",
            "isPinned": False,
            "content": text,
            "author": {"id": f"a-{author}", "name": author, "isBot": False},
            "attachments": [],
            "embeds": [],
            "reactions": [],
            "mentions": [],
        }
        for at, (id_, author, text) in enumerate(rows)
    ]
    whole = {
        "guild": {"id": "g", "name": "g"},
        "channel": {"id": "c", "name": "general"},
        "messages": messages,
    }
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


@contextmanager
def workspace_of(rows: list[tuple[str, str, str]], folder: Path) -> Iterator[Session]:
    """A session whose workspace, in FOLDER, holds the messages ROWS (id, author, text)."""
    with Session(folder / "workspace", allow=Capabilities.all()) as session:
        session.eval("(ingest path)", path=str(export(rows, folder / "export.json")))
        yield session


@contextmanager
def community_session(more: list[tuple[str, str, str]], folder: Path) -> Iterator[Session]:
    """A session that knows the hand-written community and MORE messages, embedded, in a workspace in FOLDER."""
    rows = [(m["id"], m["author"], m["text"]) for m in community()["messages"]]
    with workspace_of(rows + more, folder) as session:
        session.eval("(embed!)")
        yield session
