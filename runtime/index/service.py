"""The indexes of a session's workspace: one place that knows where they lie and when vectors are made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.runtime.index import embedding

if TYPE_CHECKING:
    from chorus.runtime.context import Context
    from chorus.runtime.index.conversations import Conversations
    from chorus.runtime.index.embedding import Summary
    from chorus.runtime.index.parts import Parts
    from chorus.runtime.index.threads import ThreadWords
    from chorus.runtime.index.vectors import Vectors
    from chorus.runtime.index.windows import Message
    from chorus.runtime.index.words import Words

# What a search may spend on vectors without being asked: a workspace of a few thousand messages just works,
# one of 200,000 is not held up for minutes.
SILENT_MESSAGES = 5_000
SILENT_SECONDS = 10.0


class Indexes:
    """Vectors and words over the store's messages. All of it is derived: the folder may be deleted at any
    time.
    """

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._state: tuple[tuple[int | None, str], tuple[str, str, str]] | None = None  # as of a commit
        self._vectors_as_of: tuple[tuple[str, int, int | None], str] | None = None
        self._kept: dict[str, tuple[int | None, Any]] = {}  # what few queries tell, as of a commit
        self._conversations: Conversations | None = (
            None  # of what is read: empty tables, until something was written
        )
        self._told: tuple[int, int] | None = None  # the coverage that stderr was last told of
        self._covered: tuple[tuple[str, str, str], tuple[int, int]] | None = None  # as of which state

    @cached_property
    def folder(self) -> Path:
        _ = self.ctx.reader  # says so where there is no workspace
        assert self.ctx.workspace is not None
        return self.ctx.workspace / "index"

    @cached_property
    def vectors(self) -> Vectors:
        from chorus.runtime.index.vectors import Vectors

        return Vectors(self.ctx, self.folder)

    @cached_property
    def words(self) -> Words:
        from chorus.runtime.index.words import Words

        return Words(self.ctx, self.folder)

    def ensure(
        self, limit: int | None = None, *, seconds: float | None = None, ids: Collection[str] | None = None
    ) -> Summary:
        """Embed what is new: at most LIMIT texts, for at most SECONDS, of the messages IDS if given."""
        return embedding.ensure(self.ctx, limit, seconds, ids)

    def coverage(self) -> tuple[int, int]:
        """(messages with a vector, messages that say something)."""
        now = self.state()
        if self._covered is None or self._covered[0] != now:
            self._covered = now, (self._embedded(now), embedding.count_spoken(self.ctx))
        return self._covered[1]

    def _embedded(self, now: tuple[str, str, str]) -> int:
        """How many messages have a vector: off the matrix if that is of NOW, else by hashes."""
        if now[2] == embedding.NO_VECTORS:
            return 0
        matrix = self.vectors.present(now)
        return len(matrix) if matrix is not None else embedding.count_embedded(self.ctx)

    def state(self) -> tuple[str, str, str]:
        """(corpus version, model, digest of its vectors): what the matrix is made from."""
        store, model = self.ctx.reader, self.ctx.embedder.model
        writes = store.version, model
        if self._state is None or store.version is None or self._state[0] != writes:
            self._state = writes, (store.corpus_version(), model, self._embeddings(model))
        return self._state[1]

    def names(self) -> dict[str, list[str]]:
        """Each author's name and nickname, in lower case → the ids of who has it."""
        found: dict[str, list[str]] = self._as_of("names", self._named)
        return found

    def _named(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        query = "SELECT DISTINCT id, unnest([lower(name), lower(nickname)]) AS name FROM authors ORDER BY ALL"
        for author, name in self.ctx.reader.rows(query):
            if name is not None:
                found.setdefault(name, []).append(author)
        return found

    def bots(self) -> list[str]:
        """The ids of the authors that are programs."""
        return self._as_of(
            "bots",
            lambda: [
                id for (id,) in self.ctx.reader.rows('SELECT id FROM authors WHERE "is-bot" ORDER BY 1')
            ],
        )

    def messages(self) -> int:
        """How many messages there are."""
        return self._as_of("messages", lambda: self.ctx.reader.value("SELECT count(*) FROM messages"))

    def _as_of(self, name: str, found: Callable[[], Any]) -> Any:
        """What FOUND gives, kept under NAME until something is written."""
        version = self.ctx.reader.version
        kept = self._kept.get(name)
        if kept is None or version is None or kept[0] != version:
            kept = self._kept[name] = version, found()
        return kept[1]

    @property
    def conversations(self) -> Conversations:
        from chorus.runtime.index.conversations import MEMORY, Conversations

        reader = self.ctx.reader
        if self._conversations is None or self._conversations.store is not reader:
            self._conversations = Conversations(reader, self.ctx.options.get("index-memory") or MEMORY)
        return self._conversations

    @cached_property
    def parts(self) -> Parts:
        from chorus.runtime.index.parts import Parts

        return Parts(self.ctx, self.folder)

    @cached_property
    def thread_words(self) -> ThreadWords:
        from chorus.runtime.index.threads import ThreadWords

        return ThreadWords(self)

    def _embeddings(self, model: str) -> str:
        """The state of MODEL's vectors; asked in full only when rows came or went: a recorded turn changes none."""
        ((count, last),) = self.ctx.reader.rows("SELECT count(*), max(rowid) FROM embeddings")
        if self._vectors_as_of is None or self._vectors_as_of[0] != (model, count, last):
            self._vectors_as_of = (model, count, last), embedding.state(self.ctx.reader, model)
        return self._vectors_as_of[1]

    def ensure_within_budget(self) -> None:
        """Before a search: embed what is missing if that is little, else say once, on stderr, what is not
        seen.
        """
        self.vectors.refresh()
        there, total = self.coverage()
        if 0 < total - there <= SILENT_MESSAGES:
            self.ensure(seconds=SILENT_SECONDS)
            there, total = self.coverage()
        if there < total and self._told != (there, total):
            self._told = there, total
            seen = f"{there:,} of {total:,} messages have vectors" if there else "no message has a vector yet"
            hint = "the others are found by their words only; (embed!) makes the rest"
            print(f"search: {seen}; {hint}", file=sys.stderr)

    def windows(
        self, ids: list[str], before: int = 4, after: int = 6, gap: float | None = None
    ) -> dict[str, list[Message]]:
        """The conversation around each of IDS, see `windows.windows`."""
        from chorus.runtime.index.windows import GAP_SECONDS

        return self.conversations.windows(ids, before, after, GAP_SECONDS if gap is None else gap)
