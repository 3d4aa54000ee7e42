"""What a primitive may reach of its session: granted capabilities, the meter, the workspace's services, progress.

Services are opened at their first use, so that `(+ 1 2)` loads neither DuckDB nor torch.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from chorus.runtime.capabilities import Capabilities
from chorus.runtime.errors import StoreError
from chorus.runtime.limits import Limits, Meter

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from chorus.runtime.adapters.keeping import Adapters
    from chorus.runtime.embed.embedder import Embedder
    from chorus.runtime.index.service import Indexes
    from chorus.runtime.progress import Progress
    from chorus.runtime.store.memory import Memory
    from chorus.runtime.store.spark import Spark
    from chorus.runtime.store.store import Store

T = TypeVar("T")
DATABASE = "chorus.duckdb"  # as the store calls it; known here, so that looking for it loads nothing


class Context:
    """One session's services. Every `ctx` parameter of a primitive is one of these."""

    def __init__(
        self,
        workspace: str | Path | None = None,
        capabilities: Capabilities | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.folder: str | None = None if workspace is None else os.fspath(workspace)
        self.capabilities = capabilities or Capabilities()
        self.limits = limits or Limits()
        self.meter = Meter(self.limits)
        self.arguments: list[str] = []  # (command-line)
        self.options: dict[
            str, Any
        ] = {}  # embedding model path, generator, …: set by primitives, read by services
        self.handlers: Any = None  # of exceptions: (handler, those around it), or None
        self.winds: Any = None  # the dynamic-winds under way
        self.live: Any = None  # the innermost continuation whose call/cc is on the stack
        self.driver: Any = None  # what runs frames that continuations turned into values
        self.ports: dict[str, Any] = {}  # the parameter objects current-output-port … once they are used
        self.tracer: Any = None  # of `trace`, once something is traced
        self.fetched = [0, 0]  # rows that engines have given, and bytes of those not charged for
        self.failed: Any = (
            None  # told of an error that nothing in the program takes: by which driver, and what was left
        )
        self.clocks: list[Any] = []  # of profiles: told of time that is not the program's
        self.stepper: Any = None  # of `step`, once something is stepped through
        self.looking = [True]  # whether that asks about forms: what code that can be stepped through looks at
        self.session: Any = None  # the session this context belongs to, for what looks at its own environment

    @property
    def environment_version(self) -> str:
        """The name of the definitions that the session runs under."""
        return "base" if self.session is None else self.session.environment_version

    @cached_property
    def developer(self) -> str:
        """Who uses the session: as it was told, else $CHORUS_DEVELOPER, else the system's user, where it may look."""
        told = self.options.get("developer")
        if not told and "environment" in self.capabilities:
            told = os.environ.get("CHORUS_DEVELOPER") or _user()
        return str(told or "someone")

    @property
    def author(self) -> str:
        """Whom versions and decisions are said to be by: who uses the session, `person` where that is not known."""
        return str(
            self.options.get("author") or (self.developer if self.developer != "someone" else "person")
        )

    @property
    def workspace(self) -> Path | None:
        """The workspace's folder; its name alone is `folder`, which needs no pathlib at every start."""
        from pathlib import Path

        return None if self.folder is None else Path(self.folder)

    def fetch(self, rows: int, held: int = 0) -> None:
        """An engine has given ROWS; HELD: bytes of theirs, if nobody charges for those."""
        self.fetched[0] += rows
        self.fetched[1] += held
        for clock in self.clocks:
            clock.charge()

    @cached_property
    def random(self) -> Random:
        from random import Random

        return Random()

    @property
    def out(self) -> TextIO:
        return sys.stdout

    @cached_property
    def store(self) -> Store:
        """The workspace's database, opened (and created) on first use. A session without a workspace has none."""
        from chorus.runtime.store.store import Store

        if self.workspace is None:
            raise StoreError(
                "this session has no workspace",
                code="no-workspace",
                hint="start with --workspace DIR, or Session(workspace=DIR)",
            )
        opened = Store.open(self.workspace)
        if "memory" in self.options:
            opened.bound(self.options["memory"])
        return opened

    @property
    def reader(self) -> Store | Memory:
        """What reads the workspace's tables: the store, or empty tables while nothing was written: a workspace is made
        by the first write.
        """
        return self._blank if self.untouched else self.store

    @property
    def untouched(self) -> bool:
        """Whether the session's folder holds no workspace yet: the first write makes one, asking never does."""
        if "store" in self.__dict__ or self.folder is None:
            return False
        return not os.path.exists(os.path.join(os.path.expanduser(self.folder), DATABASE))

    @property
    def noteless(self) -> bool:
        """Whether asking leaves nothing behind: no workspace was made yet, or the session may only read it."""
        return self.untouched or "workspace" not in self.capabilities

    @cached_property
    def _blank(self) -> Memory:
        from chorus.runtime.store.memory import Memory

        return Memory.with_tables()

    @cached_property
    def memory(self) -> Memory:
        """An engine of the session's own, for rows that the program holds."""
        from chorus.runtime.store.memory import Memory

        return Memory(self.options.get("memory"))

    @cached_property
    def spark(self) -> Spark:
        """Servers of Apache Spark that the session has asked."""
        from chorus.runtime.store.spark import Spark

        return Spark()

    @cached_property
    def embedder(self) -> Embedder:
        from chorus.runtime.embed.embedder import Embedder

        return Embedder.from_options(self.options)

    @cached_property
    def adapters(self) -> Adapters:
        """The workspace's adapters and those that the session made."""
        from chorus.runtime.adapters.keeping import FOLDER, Adapters

        return Adapters(None if self.workspace is None else self.workspace.expanduser() / FOLDER)

    @cached_property
    def indexes(self) -> Indexes:
        """Vectors and words over the store's messages, derived and rebuilt as needed."""
        from chorus.runtime.index.service import Indexes

        return Indexes(self)

    def charge(self, steps: int = 1, bytes: int = 0) -> None:
        self.meter.charge(steps, bytes)

    def check(self) -> None:
        self.meter.check()

    def progress(self, items: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
        """ITEMS, with a bar on stderr once they take longer than a second; silent when stderr is no terminal."""
        from chorus.runtime.progress import track

        return track(items, label, total, self.meter)

    def working(self, label: str) -> Progress:
        """`with` it, and `advance()` it often: a sign on stderr that work of unknown size goes on."""
        from chorus.runtime.progress import Progress

        return Progress(label, meter=self.meter)

    def close(self) -> None:
        for name in ("memory", "_blank", "spark"):
            engine = self.__dict__.pop(name, None)
            if engine is not None:
                engine.close()
        store = self.__dict__.pop("store", None)
        if store is not None:
            store.close()


def _user() -> str | None:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a process without an entry among the users
        return None
