"""Adapters on their way outward: the one queue of `kernels/lora/migrate.py`, kept in the log of adapters.

A migration moves what a name adds in one frame to a frame further out, by one version with both changes: the name means
the same before and after, unless the move was to cut its rank. Or it brings an adapter that no frame here holds, of
another agent, to a frame. The queue announces each move in the log before the version is made, and notes it as done
after; the version's reason names the announcement. So what a crash leaves announced was done if there is such a
version, and else not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from chorus.interpreter import reader_fast
from chorus.interpreter.frames import chains
from chorus.interpreter.gate.kernels import kernel
from chorus.runtime.adapters.log import Log
from chorus.runtime.errors import EvalError
from chorus.runtime.frames.bindings import CHAIN, Key
from chorus.runtime.gate.chain import Event
from chorus.runtime.printer import write
from chorus.runtime.values import HashTable, Symbol, lispy, list_items, make_list

if TYPE_CHECKING:
    from chorus.interpreter.frames.keeper import Keeper
    from chorus.interpreter.session import Session

OUTSIDE = "outside"  # the source of what no frame here holds
KINDS = (  # of the queue's events; the log has others, too
    "pushed merged approved tick moving moved reverted unsure rejected dropped returning returned kept".split()
)


def _nothing(step: str) -> None:
    """Told of each step of a migration. Tests put something here that ends the process."""


reached: Callable[[str], None] = _nothing


class Ledger:
    """A session's log of adapters: the workspace's if the session keeps its definitions there, else one in memory. To
    the queue it is the store of events and payloads.
    """

    def __init__(self, session: Session) -> None:
        self.session = ref(session)
        self.kept = session.versions.journal is not None
        self.log = Log(session.context.workspace if self.kept else None)
        self.intents: dict[int, str] = {}  # migration → the hash of the event that announced its latest move
        self._taken = 0
        self._queue: Any = None

    @property
    def queue(self) -> Any:
        """What the log's events come to."""
        if self._queue is None:
            self._queue = kernel("%migration-queue")(self)
        return self._queue

    def refresh(self) -> None:
        """Take in what other processes have noted."""
        self.log.refresh()
        self.log.check()
        if self._queue is not None:
            for event in self._fresh():
                self._queue.take(event)

    @contextmanager
    def turn(self) -> Iterator[Any]:
        """`with` it: nobody else moves anything meanwhile, and what a crash left open has been settled."""
        with self.log.turn():
            self.refresh()
            session = self.session_of()
            if not session.versions.entered:
                self.queue.recover(Frames(self, session.versions))
            yield self.queue

    def session_of(self) -> Session:
        session = self.session()
        assert session is not None
        return session

    def announce(self, what: str, *parts: Any) -> Event:
        """Note something that is not the queue's."""
        return self._append(make_list([Symbol(what), *parts]))

    def _append(self, form: Any) -> Event:
        newest = self.session_of().versions.history.newest if self.kept else None
        with self.log.turn():
            self.refresh()
            event = self.log.append(write(form), newest.hash if newest else "")
            self._taken = len(self.log.events)
        return event

    def _fresh(self) -> Iterator[dict[str, Any]]:
        while self._taken < len(self.log.events):
            event = self.log.events[self._taken]
            self._taken += 1
            told = _told(event)
            if told is not None:
                self._intent(told, event)
                yield told

    def _intent(self, told: dict[str, Any], event: Event) -> None:
        if told["event"] in ("moving", "returning"):
            self.intents[told["id"]] = event.hash

    # — the queue's store —

    def lines(self) -> list[dict[str, Any]]:
        return list(self._fresh())

    def note(self, event: dict[str, Any]) -> dict[str, Any]:
        fields = {key: value for key, value in event.items() if key != "event"}
        made = self._append(make_list([Symbol(event["event"]), lispy(fields)]))
        told = event | {"at": made.at.isoformat()}
        self._intent(told, made)
        return told

    def make(self, tensors: dict[str, Any], about: dict[str, Any]) -> Any:
        return self.session_of().context.adapters.make(tensors, about)

    def keep(self, payload: Any) -> str:
        self.session_of().context.adapters.keep(payload, self.kept)
        return "+".join(payload.digests)

    def fetch(self, name: str) -> Any:
        made = self.session_of().context.adapters.sum(name.split("+"))
        made.contents  # noqa: B018 — says whether it is there and sound
        return made

    def forget(self, name: str) -> None:
        """Adapters stay: frames and versions may hold the same."""

    def sweep(self, wanted: set[str]) -> None:
        """Nothing is left over: see `forget`."""


def _told(event: Event) -> dict[str, Any] | None:
    """The queue's event that EVENT of the log is, if it is one."""
    what, *parts = list_items(reader_fast.read(event.text, "<adapters>")[0][0]) or []
    if what.name not in KINDS or len(parts) != 1 or not isinstance(parts[0], HashTable):
        return None
    return {"event": what.name, "at": event.at.isoformat(), **_plain(parts[0])}


def _plain(value: Any) -> Any:
    """What `lispy` made, as it was."""
    if isinstance(value, HashTable):
        return {key.name: _plain(each) for key, each in value.items()}
    items = None if isinstance(value, str) else list_items(value)
    return value if items is None else [_plain(each) for each in items]


class Frames:
    """The frames of a session as what migrations change. What stands is told as "digests in the source|in the target",
    joined by +.
    """

    def __init__(self, ledger: Ledger, keeper: Keeper) -> None:
        self.ledger, self.keeper = ledger, keeper

    def head(self, row: Any) -> str:
        """What stands; of a move under way, by whether a version says that it was made."""
        if row.state in ("moving", "returning"):
            intent = self.ledger.intents[row.id][:16]
            made = any(intent in version.reason for version in reversed(self.keeper.history.versions))
            return str(row.after if made == (row.state == "moving") else row.before)
        return self._standing(row)

    def stage(self, row: Any, payload: Any) -> str:
        about = row.about
        onto = chains.held_in(self.keeper, about["name"], about["target"])
        if (
            about["source"] != OUTSIDE or about["cut"]
        ):  # what is only added may come to whatever stands there by now
            onto = about["onto"]
        self.refuse_stale(row, "approve!", f"{'+'.join(about['from'])}|{'+'.join(onto)}")
        return "|" + "+".join(about["cut"] or [*onto, *payload.digests])

    def move(self, row: Any, before: str, after: str) -> None:
        keeper, name, frames = self.keeper, row.about["name"], _frames(row)
        bound = dict(zip(frames, after.split("|"), strict=True))
        adapters = self.ledger.session_of().context.adapters
        changes = [
            chains.change_to(keeper, name, frame, adapters.sum(told.split("+")) if told else None)
            for frame, told in bound.items()
            if frame != OUTSIDE
        ]
        changes = [each for each in changes if each.binding is not None or each.key in keeper.state]
        reached("announced")
        intent = self.ledger.intents[row.id][:16]
        chains.adopt(keeper, changes, f"migration m{row.id} of {name}, {' → '.join(frames)} {intent}", row.by)
        reached("bound")

    def refuse_stale(self, row: Any, caller: str, expected: str) -> None:
        """Raise if the frames hold something else than EXPECTED, or another session has changed them."""
        name, frames = row.about["name"], _frames(row)
        place = chains.place_of(self.keeper, name)
        chains.refuse_stale(self.keeper, [Key(frame, *place) for frame in frames if frame != OUTSIDE], caller)
        if self._standing(row) != expected:
            where = " or ".join(frame for frame in frames if frame != OUTSIDE)
            moved = row.state in ("moved", "returning")
            raise EvalError(
                f"{name} has changed in {where} since migration m{row.id} was {'done' if moved else 'proposed'}",
                code="conflict",
                hint="(rollback! …) goes back to a version" if moved else "propose it anew: (migrate! …)",
            )

    def _standing(self, row: Any) -> str:
        held = (
            [] if frame == OUTSIDE else chains.held_in(self.keeper, row.about["name"], frame)
            for frame in _frames(row)
        )
        return "|".join("+".join(each) for each in held)


def _frames(row: Any) -> tuple[str, str]:
    return row.about["source"], row.about["target"]


_ledgers: WeakKeyDictionary[Session, Ledger] = WeakKeyDictionary()


def ledger_of(session: Session) -> Ledger:
    """SESSION's, with all that has been written by now."""
    found = _ledgers.get(session)
    if found is None or found.kept != (session.versions.journal is not None):
        found = _ledgers[session] = Ledger(session)
    found.refresh()
    return found


def looked_at(session: Session) -> Any:
    """The queue; what a crash left open is settled first by a session that may."""
    ledger = ledger_of(session)
    queue = ledger.queue
    if queue.waiting("moving", "returning") and not session.versions.entered:
        with ledger.turn():
            pass
    return queue


# — proposing —


def propose(
    session: Session,
    name: str,
    source: str,
    target: str,
    *,
    outside: Any = None,
    cut: Any = None,
    lost: float = 0.0,
    why: str = "",
    by: str = "",
    universality: float = 1.0,
    strength: float | None = None,
    emergency: bool = False,
) -> Any:
    """Note that NAME's adapters should move; CUT: what TARGET is to hold then, None for the exact sum. OUTSIDE is an
    adapter that no frame here holds, and which is to be added to what TARGET does.
    """
    keeper, adapters = session.versions, session.context.adapters
    if outside is None and CHAIN.index(target) >= CHAIN.index(source):
        raise EvalError(
            f"migrate!: {target} does not lie further out than {source}",
            code="migration",
            hint=f"the chain is {' ← '.join(CHAIN[:-1])}",
        )
    if outside is not None:
        chains.refuse_taken(keeper, name, "migrate!")
    onto = chains.held_in(keeper, name, target)
    moved = chains.held_in(keeper, name, source) if outside is None else list(outside.digests)
    if not moved:
        raise EvalError(
            f"migrate!: {name} is no adapter in the frame {source}",
            code="migration",
            hint=f"(frame-adapters '{name}) says where it is bound",
            irritants=(Symbol(name),),
        )
    adapters.sum([*onto, *moved]).contents  # noqa: B018 — says whether they belong together
    if cut is not None:
        adapters.keep(cut, True)
    about = {
        "name": name,
        "source": source if outside is None else OUTSIDE,
        "target": target,
        "from": moved if outside is None else [],
        "onto": onto,
        "cut": [] if cut is None else list(cut.digests),
        "lost": float(lost),
        "because": why,
        "proposer": by,
    }
    ledger = ledger_of(session)
    with ledger.turn() as queue:
        made = queue.push(
            adapters.sum(moved),
            f"{about['source']} {name}",
            f"{target} {name}",
            universality=float(universality),
            strength=None if strength is None else float(strength),
            emergency=emergency,
            about=about,
            latest=outside is None,  # what its frame holds now is what can move, and not what it held
        )
    if made is None:
        raise EvalError(
            f"migrate!: the queue is full of migrations of higher priority, so that of {name} was dropped",
            code="migration",
            hint="(approve! 'm1) or (reject! 'm1 \"why\") those that (migrations) lists",
        )
    return made


# — deciding —


def approve(session: Session, called: Sequence[str], by: str) -> list[Any]:
    """Let the migrations CALLED so move: as many at once as the queue's bandwidth says, emergencies beside it."""
    ledger = ledger_of(session)
    with ledger.turn() as queue:
        rows = [_row(queue, each, ("proposed", "approved"), "approve!") for each in called]
        target = Frames(ledger, session.versions)
        for row in rows:
            if row.state == "proposed":
                target.stage(row, queue.payload(row))  # a conflict is told before anything is decided
        for row in rows:
            if row.state == "proposed":
                queue.approve(row.id, by)
        queue.tick(target)
        reached("noted")
    return rows


def serve(session: Session, ticks: int) -> list[Any]:
    """Let TICKS pass; what moved."""
    ledger, moved = ledger_of(session), []
    with ledger.turn() as queue:
        for _ in range(ticks):
            if not queue.waiting("approved"):
                break
            moved += queue.tick(Frames(ledger, session.versions))
    return moved


def reject(session: Session, called: str, why: str, by: str) -> Any:
    """Refuse the migration CALLED so; if it was done, take it back."""
    ledger = ledger_of(session)
    with ledger.turn() as queue:
        row = _row(queue, called, ("proposed", "approved", "moved"), "reject!")
        if row.state == "moved":
            target = Frames(ledger, session.versions)
            target.refuse_stale(row, "reject!", row.after)
            queue.take_back(row.id, target, by, why)
        else:
            queue.reject(row.id, by, why)
    return row


def called(row: Any) -> str:
    return f"m{row.id}"


def _row(queue: Any, name: str, states: tuple[str, ...], caller: str) -> Any:
    number = name[1:] if name[:1] == "m" else name
    row = queue.all.get(int(number)) if number.isdigit() else None
    if row is None:
        there = f"there are m1 to m{len(queue.all)}" if queue.all else "(migrate! 'name) proposes one"
        raise EvalError(
            f"{caller}: there is no migration {name}",
            code="migration",
            hint=f"{there}; (migrations) lists them",
        )
    if row.state not in states:
        raise EvalError(
            f"{caller}: migration {called(row)} was {row.state} already",
            code="migration",
            hint="(migrations) lists them",
        )
    return row
