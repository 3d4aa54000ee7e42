"""Search by meaning over the embedded messages: one matrix, mapped from the workspace, and above a size a
FAISS index.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.index import artefact
from chorus.runtime.index.artefact import Section
from chorus.runtime.index.documents import MARK, SAID, Documents
from chorus.runtime.index.embedding import NO_VECTORS
from chorus.runtime.index.nearest import COARSE_FROM, EXACT_UP_TO, Approximate, Coarse, nearest, rank

if TYPE_CHECKING:
    from chorus.runtime.context import Context

LAYOUT = 1
PIECE = 100_000  # vectors read from the store at a time
REBUILD = (
    0.2  # share of rows newer than the FAISS index above which it is built again; fewer are searched exactly
)


class Vectors:
    """The vector index of a session's workspace, for the session's model."""

    def __init__(self, ctx: Context, folder: Path) -> None:
        self.ctx = ctx
        self.path = folder / "vectors.safetensors"
        self.nearest_path = folder / "nearest.safetensors"
        self.exact_up_to = EXACT_UP_TO
        self.key: dict[str, Any] = {}
        self.documents = Documents.none()
        self.rows = np.zeros((0, 0), dtype=np.float32)
        self._approximate: Approximate | None = None
        self._coarse: Coarse | None = None

    def matrix(self) -> tuple[list[str], np.ndarray]:
        """(ids of the embedded messages, their unit rows f32[n, d]); the rows are a view of a file."""
        self.refresh()
        return self.documents.ids, self.rows

    def search(
        self, query: np.ndarray, k: int, allowed: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """(message id, cosine) of the K embedded messages most like QUERY f32[d], best first, ties by time.

        ALLOWED restricts the choice to those ids.
        """
        self.refresh()
        if not len(self.rows) or k <= 0:
            return []
        unit = self._unit(query)
        places, scores = self._nearest(unit, k, self.documents.rows_of(allowed))
        return [(self.documents.ids[at], float(score)) for at, score in zip(places, scores, strict=True)]

    def of(self, ids: list[str]) -> tuple[list[str], np.ndarray]:
        """(those of IDS that are embedded, their rows f32[m, d]), in the order given."""
        self.refresh()
        there = [message for message in ids if message in self.documents.positions]
        return there, np.ascontiguousarray(
            self.rows[[self.documents.positions[message] for message in there]]
        )

    def cosines_of(self, query: np.ndarray, ids: list[str]) -> dict[str, float]:
        """Message id → its cosine to QUERY f32[d], for those of IDS that have a vector."""
        there, rows = self.of(ids)
        if not there:
            return {}
        scores = np.einsum("nd,d->n", rows, self._unit(query), optimize=False)  # as `nearest.rank` has them
        return dict(zip(there, scores.tolist(), strict=True))

    def present(self, state: tuple[str, str, str]) -> Documents | None:
        """The embedded messages, if what is in hand was made from STATE."""
        made = tuple(self.key.get(part) for part in ("corpus", "model", "embedded"))
        return self.documents if made == state else None

    def refresh(self) -> None:
        """Load or build what the store's present messages and vectors need; nothing when they have not
        changed.
        """
        key = self._key()
        if self.key == key:
            return
        if self.key.get("model") != key["model"]:
            self._load(key["model"])
        if key["embedded"] == NO_VECTORS:
            self._forget()
            self.key = key
        elif self.key != key:
            self._update(key)

    def drop_old(self) -> None:
        """Nothing of a message that is no more is left in the files: a rough index over other rows goes, too."""
        if self.path.exists():
            self.refresh()
        if self.nearest_path.exists() and self._load_index() is None:
            self.nearest_path.unlink(missing_ok=True)

    def _key(self) -> dict[str, Any]:
        corpus, model, embedded = self.ctx.indexes.state()
        made = {"model": model, "corpus": corpus, "embedded": embedded}
        return {"kind": "vectors", "layout": LAYOUT} | made

    def _forget(self) -> None:
        self.key, self.documents, self.rows = {}, Documents.none(), np.zeros((0, 0), dtype=np.float32)
        self._approximate = self._coarse = None

    def _load(self, model: str) -> None:
        self._forget()
        found = artefact.read(self.path, self.ctx.check)
        wanted = {"kind": "vectors", "layout": LAYOUT, "model": model}
        if found is not None and wanted.items() <= found.key.items():
            self.key, self.documents, self.rows = (
                found.key,
                Documents.from_arrays(found.arrays),
                found.arrays["rows"],
            )

    def _update(self, key: dict[str, Any]) -> None:
        """Write a new file of the rows that stand and those that are new, and map it."""
        table = self.ctx.reader.read(
            f"""SELECT id, moment, {MARK} AS mark, hash FROM (SELECT *, sha256(said) AS hash FROM {SAID})
                WHERE hash IN (SELECT "content-hash" FROM embeddings WHERE model = ?)""",
            [key["model"]],
        )
        now = Documents.from_arrow(table)
        kept, added = self.documents.change_to(now)
        documents, old = self.documents.followed_by(kept, now, added), self.rows
        hashes = table.column("hash").take(added)
        width = self._dimension(key["model"])

        def fill(view: np.ndarray) -> None:
            if len(kept):
                np.take(old, kept, axis=0, out=view[: len(kept)], mode="clip")  # "raise" would buffer a copy
            self._fetch(key["model"], hashes, view[len(kept) :])

        rows = Section((len(documents), width), np.float32, fill)
        artefact.write(self.path, key, {"rows": rows} | documents.sections(), self.ctx.check)
        self._load(key["model"])

    def _dimension(self, model: str) -> int:
        found = self.ctx.reader.rows("SELECT len(vector) FROM embeddings WHERE model = ? LIMIT 1", [model])
        return int(found[0][0]) if found else 0

    def _fetch(self, model: str, hashes: Any, out: np.ndarray) -> None:
        """Fill OUT [n, d] with the vectors of the content HASHES [n], reading the store by ranges of hash."""
        import pyarrow as pa
        import pyarrow.compute as pc

        parts = min(4096, -(-len(hashes) // PIECE))
        bounds = [f"{at * 65536 // parts:04x}" for at in range(parts)] + ["g"]
        for low, high in pairwise(bounds):
            self.ctx.check()
            found = self.ctx.reader.read(
                """SELECT "content-hash" AS hash, vector FROM embeddings
                   WHERE model = ? AND "content-hash" >= ? AND "content-hash" < ?""",
                [model, low, high],
            ).combine_chunks()
            places = pc.index_in(hashes, value_set=found.column("hash").combine_chunks())
            here = np.flatnonzero(places.is_valid().to_numpy(zero_copy_only=False))
            taken = places.take(pa.array(here)).to_numpy(zero_copy_only=False).astype(np.int64)
            vectors = found.column("vector").combine_chunks().flatten().to_numpy()
            out[here] = vectors.reshape(len(found), -1)[taken]

    def _nearest(self, query: np.ndarray, k: int, among: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        order, check = self.documents.order, self.ctx.check
        n = len(self.rows) if among is None else len(among)
        if n > self.exact_up_to:
            index = self._index()
            lead = index.candidates(query, k, among)
            newer = np.arange(index.rows, len(self.rows))
            lead = np.concatenate([lead, newer if among is None else np.intersect1d(newer, among)])
            if len(lead) >= min(k, n):  # else the lists looked at held too few of those allowed
                return rank(self.rows, query, lead, k, order)
        return nearest(self.rows, query, k, order, among=among, coarse=self._rough(among), check=check)

    def _rough(self, among: np.ndarray | None) -> Coarse | None:
        """The 8-bit rows, made at the first search of many rows."""
        if among is None and self._coarse is None and len(self.rows) >= COARSE_FROM:
            self._coarse = Coarse(self.rows, self.ctx.check)
        return self._coarse

    def _index(self) -> Approximate:
        """The FAISS index over a prefix of the rows: the one in hand, the one on disk, or a new one."""
        index = self._approximate or self._load_index()
        if index is None or len(self.rows) - index.rows > REBUILD * len(self.rows):
            index = Approximate.build(self.rows, self.ctx.check)
            key = {"kind": "nearest", "layout": LAYOUT, "rows": index.rows, "marks": self._prefix(index.rows)}
            key |= {"probes": index.probes, "model": self.key["model"]}
            artefact.write(self.nearest_path, key, {"faiss": Section.of(index.dump())}, self.ctx.check)
        self._approximate = index
        return index

    def _load_index(self) -> Approximate | None:
        found = artefact.read(self.nearest_path, self.ctx.check)
        if found is None:
            return None
        key = found.key
        wanted = ("nearest", LAYOUT, self.key["model"])
        same = (key.get("kind"), key.get("layout"), key.get("model")) == wanted
        if not same or key["rows"] > len(self.rows) or key["marks"] != self._prefix(key["rows"]):
            return None
        return Approximate.load(found.arrays["faiss"], key["probes"])

    def _prefix(self, rows: int) -> str:
        """A digest of which messages the first ROWS rows are."""
        return hashlib.sha256(np.ascontiguousarray(self.documents.marks[:rows]).tobytes()).hexdigest()

    def _unit(self, query: np.ndarray) -> np.ndarray:
        flat = np.asarray(query, dtype=np.float32)
        length = float(np.linalg.norm(flat))
        if flat.shape != self.rows.shape[1:] or not np.isfinite(length) or length == 0:
            raise EvalError(
                f"a query vector should be {self.rows.shape[1]} finite numbers, not all 0, not {flat.shape}",
                code="type",
            )
        return flat / np.float32(length)
