"""What the tests of answers share: hand-written sentences with a known stance, and a small community's workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
