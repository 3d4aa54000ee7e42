"""Looking a workspace over: is every row still the one that was stored, is every key still alone?"""

from __future__ import annotations

from functools import reduce
from operator import xor

from chorus.runtime.store.merge import digest_of
from chorus.runtime.store.store import Store

_KEYED = ("messages", "tickets", "events", "changes")
_PARTS = ("reactions", "attachments", "mentions")


def problems(store: Store) -> list[str]:
    """What is wrong, in words; the empty list where all is well. Reads every row of the community.

    StoreError `corrupt` where DuckDB itself finds a damaged block.
    """
    found: list[str] = []
    digests = [int(store.value(f"SELECT {digest_of(table, table)}")) for table in _KEYED]
    if reduce(xor, digests) != store.value("SELECT corpus FROM state"):
        found.append("the rows are not those that were stored: their digest is not the corpus version")
    for table in (*_KEYED, "authors", "channels"):
        twice = store.value(f"SELECT count(*) - count(DISTINCT id) FROM {table}")
        if twice:
            found.append(f"{twice} rows of {table} repeat an id")
    for table in _PARTS:
        lone = store.value(f'SELECT count(*) FROM {table} ANTI JOIN messages m ON "message-id" = m.id')
        if lone:
            found.append(f"{lone} rows of {table} belong to no message")
    return found
