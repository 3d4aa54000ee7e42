"""The high-water mark: a file beside the database that remembers how far acknowledged writes had come.

DuckDB opens a truncated log silently at a prefix of it, so the database alone cannot tell that writes are
gone. The mark is replaced after every commit; a database that lags behind it has lost acknowledged writes,
and the mark still names them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chorus.runtime.durable import replace_file

REMEMBERED = 256  # commits whose labels are kept: a log is shorter than that long before it is checkpointed


class Mark:
    """How many commits were acknowledged, what the latest were, and which of them are known to be lost."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.commits = 0
        self.recent: list[tuple[int, str]] = []
        self.lost: list[str] = []
        self._load()

    def _load(self) -> None:
        try:
            told: Any = json.loads(self.path.read_bytes())
            self.commits = int(told["commits"])
            self.recent = [(int(number), str(label)) for number, label in told["recent"]]
            self.lost = [str(label) for label in told["lost"]]
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError):
            self.lost = [
                "the mark itself"
            ]  # unreadable: what it knew is unknown, which is no reason for silence

    def compare(self, commits: int) -> list[str]:
        """Note as lost whatever lies beyond COMMITS, the database's own count; the labels newly lost."""
        if commits >= self.commits:
            return []
        known = [label for number, label in self.recent if number > commits]
        if self.commits - commits > len(known):
            known.insert(0, "earlier writes")
        fresh = [label for label in dict.fromkeys(known) if label not in self.lost]
        self.lost += fresh
        self.commits = commits
        self.recent = [(number, label) for number, label in self.recent if number <= commits]
        self.save()
        return fresh

    def advance(self, commits: int, label: str) -> None:
        """Remember that commit number COMMITS, described by LABEL, is acknowledged."""
        self.commits = commits
        self.recent = [*self.recent, (commits, label)][-REMEMBERED:]
        self.save()

    def settle(self, label: str | None = None) -> None:
        """LABEL's loss (or every loss) is made good or accepted."""
        kept = [one for one in self.lost if label is not None and one != label]
        if kept != self.lost:
            self.lost = kept
            self.save()

    def save(self) -> None:
        told = {"commits": self.commits, "recent": self.recent, "lost": self.lost}
        replace_file(self.path, json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace"))
