"""A migration as the queue of `migrate.py` knows it: its row, its states, what is reported, and what hosts the
queue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

WAITING = ("proposed", "approved")
ENDED = ("moved", "returned", "rejected", "dropped")
STATES = (*WAITING, "moving", "returning", *ENDED)


class Target(Protocol):
    """What migrations change. `stage` makes what would stand durable without any effect and gives its digest;
    `move` puts AFTER where BEFORE stands, in one step or not at all. An error of the code "conflict" says that what the
    migration was proposed for is no more: it goes back to a person.
    """

    def head(self, migration: Migration) -> str: ...
    def stage(self, migration: Migration, payload: Any) -> str: ...
    def move(self, migration: Migration, before: str, after: str) -> None: ...


class Store(Protocol):
    """Where events and payloads last. `note` gives the event as it stands in the log (with the moment, AT)."""

    def lines(self) -> list[dict[str, Any]]: ...
    def note(self, event: dict[str, Any]) -> dict[str, Any]: ...
    def keep(self, payload: Any) -> str: ...
    def fetch(self, name: str) -> Any: ...
    def forget(self, name: str) -> None: ...
    def sweep(self, wanted: set[str]) -> None: ...


@dataclass
class Migration:
    """A row of the queue. MASS: the norm of what moves; COUNT: of how many it is made; WAIT: ticks from being
    approved.
    """

    id: int
    source: str
    target: str
    signature: str
    universality: float
    strength: float
    mass: float
    arrived: int
    digest: str
    emergency: bool = False
    count: int = 1
    state: str = "proposed"
    by: str = ""
    why: str = ""
    since: int | None = None  # the tick of its approval
    ended: int | None = None
    before: str = ""
    after: str = ""
    about: dict[str, Any] = field(default_factory=dict)  # what a store's owner says of it
    made: str = ""  # the moment of its proposal and
    decided: str = ""  # of what was last decided, where the store tells

    @property
    def priority(self) -> float:
        return self.universality * self.strength

    @property
    def wait(self) -> int | None:
        return None if self.since is None or self.ended is None else self.ended - self.since


class Report(NamedTuple):
    """How the queue stands: rows that wait, of them those whose payload is only on disk, and what was lost. SPEED: how
    many the next tick would serve.
    """

    tick: int
    proposed: int
    approved: int
    spilled: int
    moved: int
    returned: int
    rejected: int
    dropped: int
    dropped_mass: float
    mass: float  # of all that ever came
    coalesced: int
    longest_wait: int
    late: int
    speed: int


AFTER = {  # event → the state that it leads to
    "approved": "approved",
    "moving": "moving",
    "moved": "moved",
    "reverted": "approved",
    "unsure": "proposed",
    "rejected": "rejected",
    "dropped": "dropped",
    "returning": "returning",
    "returned": "returned",
    "kept": "moved",
}
