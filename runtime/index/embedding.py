"""Give the messages their vectors: what has none yet, in batches that are each committed, so that a kill
loses seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chorus.runtime.index.documents import SAID

if TYPE_CHECKING:
    from chorus.runtime.context import Context
    from chorus.runtime.store.memory import Memory
    from chorus.runtime.store.store import Store

WINDOW = 20_000  # texts fetched and sorted by length at a time
FIRST_COMMIT = 32  # texts; doubled while a commit takes less than COMMIT_SECONDS
MOST_COMMIT = 8_192
COMMIT_SECONDS = 2.0
TIMED = 2  # the commit whose pace tells how long the rest takes: the first has the weights to read as well
LONG = 10.0  # expected seconds from which a person is told
EACH = 50  # characters that a text's own overhead is worth
SEEN = 1_000  # characters of a text that cost time: what lies behind the model's last token is not seen

NO_VECTORS = "0:0"  # the state of a model without any


@dataclass
class Summary:
    """What one run of `ensure` did. Messages that say the same share a vector."""

    embedded: int = 0  # texts that got a vector now
    reused: int = 0  # messages that had one before
    remaining: int = 0  # messages that still have none
    seconds: float = 0.0
    model: str = ""

    @property
    def rate(self) -> float:
        """Texts a second."""
        return self.embedded / self.seconds if self.seconds > 0 else 0.0


def state(store: Store | Memory, model: str) -> str:
    """A short text that changes whenever the set of MODEL's vectors does."""
    mixed = 'coalesce(bit_xor(hash("content-hash")), 0)'
    ((count, digest),) = store.rows(f"SELECT count(*), {mixed} FROM embeddings WHERE model = ?", [model])
    return f"{count}:{digest:x}"


def count_spoken(ctx: Context) -> int:
    """How many messages say something."""
    return ctx.reader.value(f"SELECT count(*) FROM {SAID}")


def count_embedded(ctx: Context) -> int:
    """How many messages have a vector of the session's model."""
    made = 'SELECT "content-hash" FROM embeddings WHERE model = ?'
    return ctx.reader.value(
        f"SELECT count(*) FROM {SAID} WHERE sha256(said) IN ({made})", [ctx.embedder.model]
    )


def ensure(
    ctx: Context, limit: int | None = None, seconds: float | None = None, ids: Collection[str] | None = None
) -> Summary:
    """Embed texts that have no vector: at most LIMIT of them, for at most SECONDS, of the messages IDS if
    given.

    Which come first is decided by the texts' hashes: any LIMIT gives an even sample of all messages, over
    time and people, and a larger one contains it.
    """
    begun = time.monotonic()
    before, spoken = ctx.indexes.coverage()
    total = _count_missing(ctx, ids) if before < spoken else 0
    if limit is not None:
        total = min(limit, total)
    deadline = None if seconds is None else begun + seconds
    tells = limit is None and seconds is None  # who sets a bound knows of the time it takes
    work = ctx.progress(_embedding(ctx, total, deadline, ids, tells), "embedding", total) if total else ()
    done = sum(1 for _ in work)
    after, spoken = ctx.indexes.coverage()
    return Summary(done, before, spoken - after, time.monotonic() - begun, ctx.embedder.model)


def sweep(ctx: Context) -> int:
    """Drop the vectors, of whatever model, of what no message says any more, and bring the files of vectors and words
    up to date; how many those were. From a vector much of its text can be told, so it must not outlive the text.
    """
    gone = f'"content-hash" NOT IN (SELECT sha256(said) FROM {SAID})'
    count: int = ctx.reader.value(f"SELECT count(*) FROM embeddings WHERE {gone}")
    if count:
        with ctx.store.transaction("embedding"):
            ctx.store.write(f"DELETE FROM embeddings WHERE {gone}")
    ctx.indexes.vectors.drop_old()
    if ctx.indexes.words.path.exists():
        ctx.indexes.words.refresh()
    return count


def _count_missing(ctx: Context, ids: Collection[str] | None) -> int:
    """How many distinct texts have no vector yet."""
    source, given = _missing(ids)
    return ctx.reader.value(f"SELECT count(DISTINCT hash) FROM {source}", [*given, ctx.embedder.model])


def _missing(ids: Collection[str] | None) -> tuple[str, list[object]]:
    """SQL for (hash, said) of what has no vector, and its leading parameters."""
    chosen = "" if ids is None else "WHERE id IN (SELECT unnest(?))"
    source = f"""(SELECT * FROM (SELECT sha256(said) AS hash, said FROM {SAID} {chosen})
                  WHERE hash NOT IN (SELECT "content-hash" FROM embeddings WHERE model = ?))"""
    return source, [] if ids is None else [list(ids)]


def _embedding(
    ctx: Context, total: int, deadline: float | None, ids: Collection[str] | None, tells: bool
) -> Iterator[None]:
    """Embed TOTAL texts; yields once for each when it is committed. TELLS: long work is announced."""
    source, given = _missing(ids)
    query = f"SELECT hash, any_value(said) FROM {source} GROUP BY hash ORDER BY hash LIMIT ?"
    size, done, commits = FIRST_COMMIT, 0, 0
    while done < total:
        window = ctx.reader.rows(query, [*given, ctx.embedder.model, min(WINDOW, total - done)])
        if not window:
            return
        window.sort(key=lambda row: -len(row[1]))  # alike in length: little padding
        at = 0
        while at < len(window):
            begun = time.monotonic()
            if deadline is not None and begun > deadline:
                return
            part = window[at : at + size]
            _commit(ctx, part)
            at += len(part)
            commits += 1
            if tells and commits == TIMED:
                _announce(part, time.monotonic() - begun, window[at:], total - done - at)
            yield from (None for _ in part)
            if time.monotonic() - begun < COMMIT_SECONDS:
                size = min(2 * size, MOST_COMMIT)
        done += len(window)


def _announce(part: list[tuple[str, str]], took: float, ahead: list[tuple[str, str]], left: int) -> None:
    """Say on stderr how long LEFT texts, of which AHEAD are known, will take at the pace of PART, if that is long."""
    weight = lambda rows: sum(EACH + min(len(text), SEEN) for _, text in rows)
    expected = took * weight(ahead) / weight(part) * left / max(len(ahead), 1)
    if expected >= LONG:
        about = f"{expected:.0f} s" if expected < 100 else f"{expected / 60:.0f} min"
        print(
            f"embedding: {left:,} texts still need a vector, about {about}; what is done is kept when stopped, "
            "and (embed! :limit n) does part of it",
            file=sys.stderr,
        )


def _commit(ctx: Context, part: list[tuple[str, str]]) -> None:
    """Compute and store the vectors of PART, (hash, text) pairs, in one transaction."""
    import pyarrow as pa

    ctx.charge(steps=sum(len(text) for _, text in part))
    vectors = ctx.embedder.encode([text for _, text in part], ctx.check)  # [n, d]
    table = pa.table(
        {
            "model": pa.array([ctx.embedder.model] * len(part)),
            "content-hash": pa.array([content for content, _ in part]),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1]).cast(
                pa.list_(pa.float32())
            ),
        }
    )
    with ctx.store.transaction("embedding"), ctx.store.lending(table) as made:
        ctx.store.write(
            f"""INSERT INTO embeddings BY NAME SELECT * FROM {made}
                ANTI JOIN (SELECT "content-hash" FROM embeddings WHERE model = ?) USING ("content-hash")""",
            [ctx.embedder.model],
        )  # another session of this process may have been as quick
