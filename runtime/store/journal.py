"""The journal of kept definitions: readable forms, each row's hash covering the one before it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING

from chorus.runtime.errors import StoreError

if TYPE_CHECKING:
    from chorus.runtime.store.store import Store


class Journal:
    """Appends and reads the hash chain in the table `journal`."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def append(self, form: str, reason: str) -> str:
        """Add FORM; its hash."""
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        with self.store.transaction("a definition"):
            last = self.store.rows("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
            seq, parent = (last[0][0] + 1, last[0][1]) if last else (1, "")
            digest = chain(parent, seq, now, form, reason)
            self.store.write(
                "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", [seq, now, form, reason, parent, digest]
            )
        return digest

    def forms(self) -> list[str]:
        """Every kept form in order, after the chain was verified."""
        parent = ""
        found: list[str] = []
        sql = 'SELECT seq, "at", form, reason, "parent-hash", hash FROM journal ORDER BY seq'
        for seq, at, form, reason, claimed_parent, digest in self.store.rows(sql):
            if claimed_parent != parent or digest != chain(parent, seq, at, form, reason):
                raise StoreError(
                    f"the journal's entry {seq} is not what was written",
                    code="corrupt",
                    hint="restore the workspace from a copy; entries before it are sound",
                )
            found.append(form)
            parent = digest
        return found


def chain(parent: str, seq: int, at: dt.datetime, form: str, reason: str) -> str:
    """SHA-256 over the parent's hash and this entry."""
    entry = json.dumps([parent, seq, at.isoformat(), form, reason], ensure_ascii=True)
    return hashlib.sha256(entry.encode()).hexdigest()
