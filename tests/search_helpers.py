"""What the tests of search share: small workspaces, and an embedder that needs no model."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from chorus.runtime.capabilities import Capabilities
from chorus.runtime.context import Context

NOON = dt.datetime(2026, 1, 1, 12)


class HashEmbedder:
    """Unit vectors that depend on the text alone, whatever the batch: a stand-in for a model."""

    def __init__(self, dimension: int = 16, model: str = "hash@1") -> None:
        self.dimension = dimension
        self.model = model
        self.seen: list[str] = []

    def encode(self, texts: list[str], check: Callable[[], None] | None = None) -> np.ndarray:
        if check is not None:
            check()
        self.seen += texts
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
        rows = [np.random.default_rng(seed).normal(size=self.dimension) for seed in seeds]
        rows = np.array(rows, dtype=np.float32).reshape(len(texts), self.dimension)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def constant(self, texts: list[str]) -> np.ndarray:
        return self.encode(texts)


def message(id: int, content: str, **columns: Any) -> dict[str, Any]:
    """A row of the messages table; by default each stands a minute after the one before, in one channel."""
    row = {"id": str(id), "author-id": "a1", "channel-id": "c1", "content": content, "type": "Default"}
    row |= {"reply-to": None, "forwarded-content": None}
    return row | {"timestamp": NOON + dt.timedelta(minutes=id)} | columns


def put(context: Context, rows: Iterable[dict[str, Any]]) -> None:
    """Add ROWS as an ingestion would: the corpus has another version afterwards."""
    import pyarrow as pa

    context.store.append("messages", pa.Table.from_pylist(list(rows)))
    touch(context)


def touch(context: Context) -> None:
    """Give the corpus another version, of which only the leading digits are shown."""
    context.store.write("UPDATE state SET corpus = corpus + ?", [1 << 100])


def open_context(folder: Path, embedder: Any = None) -> Context:
    """A context on the workspace FOLDER; without an EMBEDDER it has the default model."""
    context = Context(folder, Capabilities.command_line())
    if embedder is not None:
        context.__dict__["embedder"] = embedder
    return context
