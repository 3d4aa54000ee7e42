"""Merging a batch of rows into the store by natural key: what is new, what replaces, what is known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.runtime.connectors.batch import COLUMNS, Batch, Unit, arrow, newer
from chorus.runtime.store.store import Store, quoted

if TYPE_CHECKING:
    import pyarrow as pa

_CHILDREN = ("reactions", "attachments", "mentions")
_KEY = {
    "changes": "regexp_replace(id, '#[0-9]+$', '')"
}  # one patch note stands in several rows: id#1, id#2 …
_EDITED = {"messages": "edited-at", "tickets": "updated-at"}
_IDENTITY = {"messages": ("author-id", "timestamp"), "tickets": ("requester-id", "created-at")}


class Origin(NamedTuple):
    """The source that a batch comes from."""

    id: int
    exported_at: dt.datetime | None = None


class Counts(NamedTuple):
    added: int = 0
    updated: int = 0
    skipped: int = 0
    quarantined: int = 0

    def __add__(self, other: tuple[int, ...]) -> Counts:  # type: ignore[override]
        return Counts(*(one + more for one, more in zip(self, other, strict=True)))


def merge(store: Store, origin: Origin, batch: Batch) -> Counts:
    """Take BATCH in, inside the caller's transaction; a stored row gives way to a later edit of it."""
    table = batch.table
    replaced, skipped = _sort_out(store, origin, batch)
    rows = [row for unit in batch.units.values() for row in unit.rows]
    if replaced:
        _remove(store, table, replaced)
    if rows:
        _insert(store, table, arrow(table, rows), origin.id)
        for child in _CHILDREN if table == "messages" else ():
            _insert_children(store, child, batch)
    if batch.authors:
        _merge_authors(store, arrow("authors", batch.author_rows()))
    if batch.channels:
        _merge_channels(store, arrow("channels", batch.channels.values()))
    if batch.quarantine:
        with store.lending(arrow("quarantine", batch.quarantine)) as lent:
            store.write(f'INSERT INTO quarantine BY NAME SELECT *, {origin.id} AS "source-id" FROM {lent}')
    added = len(batch.units) - len(replaced)
    return Counts(added, len(replaced), skipped + batch.repeated, len(batch.quarantine))


def _sort_out(store: Store, origin: Origin, batch: Batch) -> tuple[list[str], int]:
    """Drop from BATCH what is not to be written; the keys to replace, and how many units were dropped."""
    known = _stored(store, batch)
    verdicts = {key: _verdict(batch.table, batch.units[key], stored, origin) for key, stored in known.items()}
    reworded = [key for key, verdict in verdicts.items() if verdict == "reworded"]
    unchanged = _with_same_children(store, batch, reworded)
    replaced: list[str] = []
    skipped = 0
    for key, verdict in verdicts.items():
        if verdict == "replace" or (verdict == "reworded" and key not in unchanged):
            replaced.append(key)
            continue
        unit = batch.units.pop(key)
        if verdict in ("skip", "reworded"):
            skipped += 1
        else:
            batch.refuse(batch.high_water, verdict, unit.rows[0][-1])
    return replaced, skipped


def _with_same_children(store: Store, batch: Batch, keys: list[str]) -> set[str]:
    """Those of KEYS whose reactions, attachments and mentions are stored as the batch has them."""
    import pyarrow as pa

    if not keys or batch.table != "messages":
        return set(keys)
    same = set(keys)
    for child in _CHILDREN:
        columns = ", ".join(map(quoted, COLUMNS[child]))
        stored: dict[str, list[tuple[Any, ...]]] = {}
        at = list(COLUMNS[child]).index("message-id")
        with store.lending(pa.table({"key": keys})) as lent:
            for row in store.rows(
                f'SELECT {columns} FROM {child} SEMI JOIN {lent} k ON "message-id" = k.key'
            ):
                stored.setdefault(row[at], []).append(row)
        for key in keys:
            ours = (batch.units[key].children or {}).get(child, [])
            if sorted(ours, key=repr) != sorted(stored.get(key, []), key=repr):
                same.discard(key)
    return same


class _Stored(NamedTuple):
    rows: list[tuple[Any, ...]]
    source: int | None
    exported_at: dt.datetime | None


def _stored(store: Store, batch: Batch) -> dict[str, _Stored]:
    """What the store has under the batch's keys. Only keys are looked at until one is found to be known."""
    import pyarrow as pa

    if not batch.units:
        return {}
    table, key = batch.table, _KEY.get(batch.table, "id")
    with store.lending(pa.table({"key": list(batch.units)})) as lent:
        known = store.read(f"SELECT DISTINCT {key} AS key FROM {table} SEMI JOIN {lent} k ON {key} = k.key")
    if not known.num_rows:
        return {}
    columns = ", ".join("m." + quoted(name) for name in COLUMNS[table])
    found: dict[str, _Stored] = {}
    with store.lending(known) as lent:
        for here, source, exported, *row in store.rows(
            f"""SELECT {key.replace("id", "m.id", 1)}, m."source-id", s."exported-at", {columns}
                FROM {table} m LEFT JOIN sources s ON s.id = m."source-id"
                WHERE {key.replace("id", "m.id", 1)} IN (SELECT key FROM {lent}) ORDER BY m.id"""
        ):
            found.setdefault(here, _Stored([], source, exported)).rows.append(tuple(row))
    return found


def _verdict(table: str, unit: Unit, stored: _Stored, origin: Origin) -> str:
    """`skip`, `replace`, `reworded` (only its text in the source differs), or the reason to refuse UNIT."""
    names = list(COLUMNS[table])
    ours = sorted((tuple(map(_naive, row)) for row in unit.rows), key=lambda row: row[0])
    if ours == stored.rows:
        return "skip"
    identity = [names.index(column) for column in _IDENTITY.get(table, ())]
    if identity and all(ours[0][at] != stored.rows[0][at] for at in identity):
        return "another author's row of another time has this id (:source NAME keeps sources apart)"
    edited = _EDITED.get(table)
    before = stored.rows[0][names.index(edited)] if edited else None
    mine = _naive(unit.edited)
    if newer(mine, before):
        return "replace"
    if (
        newer(before, mine)
        or stored.source == origin.id
        or newer(stored.exported_at, _naive(origin.exported_at))
    ):
        return "skip"
    return "reworded" if [row[:-1] for row in ours] == [row[:-1] for row in stored.rows] else "replace"


def _naive(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def _insert(store: Store, table: str, rows: pa.Table, source_id: int) -> None:
    with store.lending(rows) as lent:
        store.write(f'INSERT INTO {table} BY NAME SELECT *, {source_id} AS "source-id" FROM {lent}')
        _mix_in(store, table, lent)


def digest_of(table: str, relation: str) -> str:
    """SQL for the XOR of the digests of RELATION's rows, which have TABLE's columns."""
    fields = ", ".join(f"coalesce({quoted(name)}::VARCHAR, chr(30))" for name in COLUMNS[table])
    digest = f"md5_number(concat_ws(chr(31), '{table}', {fields}))"
    return f"(SELECT coalesce(bit_xor({digest}), 0) FROM {relation})"


def _mix_in(store: Store, table: str, relation: str) -> None:
    """XOR the digests of RELATION's rows into the corpus version, which adds or removes them."""
    store.write(f"UPDATE state SET corpus = xor(corpus, {digest_of(table, relation)})")


def _remove(store: Store, table: str, keys: list[str]) -> None:
    import pyarrow as pa

    key = _KEY.get(table, "id")
    with store.lending(pa.table({"key": keys})) as lent:
        gone = f"{key} IN (SELECT key FROM {lent})"
        _mix_in(store, table, f"(SELECT * FROM {table} WHERE {gone})")
        store.write(f"DELETE FROM {table} WHERE {gone}")
        for child in _CHILDREN if table == "messages" else ():
            store.write(f'DELETE FROM {child} WHERE "message-id" IN (SELECT key FROM {lent})')


def _insert_children(store: Store, child: str, batch: Batch) -> None:
    rows = [row for unit in batch.units.values() if unit.children for row in unit.children[child]]
    if rows:
        store.append(child, arrow(child, rows))


def _merge_authors(store: Store, authors: pa.Table) -> None:
    """The latest message decides how an author is described; first and last seen widen."""
    described = ("name", "nickname", "discriminator", "is-bot", "roles", "color", "data")
    latest = ", ".join(
        f'{name} = CASE WHEN i."last-seen" >= a."last-seen" THEN i.{name} ELSE a.{name} END'
        for name in map(quoted, described)
    )
    with store.lending(authors) as lent:
        store.write(
            f"""UPDATE authors AS a SET {latest},
                "first-seen" = least(a."first-seen", i."first-seen"),
                "last-seen" = greatest(a."last-seen", i."last-seen")
                FROM {lent} i WHERE a.id = i.id
                AND (i."last-seen" >= a."last-seen" OR i."first-seen" < a."first-seen")"""
        )
        store.write(f"INSERT INTO authors BY NAME SELECT * FROM {lent} i ANTI JOIN authors a ON a.id = i.id")


def _merge_channels(store: Store, channels: pa.Table) -> None:
    with store.lending(channels) as lent:
        store.write(f"DELETE FROM channels WHERE id IN (SELECT id FROM {lent})")
        store.write(f"INSERT INTO channels BY NAME SELECT * FROM {lent}")
