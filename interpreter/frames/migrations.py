"""Adapters on their way outward: proposed by anybody, done when a person approves, finished or undone after a crash.

A migration moves what a name adds in one frame to a frame further out, by one version with both changes: the name means
the same before and after, unless the move was to cut its rank. It is announced in the log before the version is made,
and noted as done after it; so what a crash leaves announced was done if there is a version that says so, and else not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from chorus.interpreter import reader_fast
from chorus.interpreter.frames import chains
from chorus.runtime.adapters.log import Log
from chorus.runtime.errors import EvalError
from chorus.runtime.frames.bindings import CHAIN, Key
from chorus.runtime.gate.chain import Event
from chorus.runtime.printer import write
from chorus.runtime.values import Symbol, list_items, make_list

if TYPE_CHECKING:
    from chorus.interpreter.frames.keeper import Keeper
    from chorus.interpreter.session import Session

MOST_OPEN = 50  # proposals that wait for a person


def _nothing(step: str) -> None:
    """Told of each step of a migration. Tests put something here that ends the process."""


reached: Callable[[str], None] = _nothing


class Migration:
    """NAME's adapters MOVED from the frame SOURCE to TARGET, which had those in BEFORE and gets those in AFTER."""

    def __init__(
        self,
        event: Event,
        number: int,
        name: Symbol,
        source: Symbol,
        target: Symbol,
        moved: Any,
        before: Any,
        after: Any,
        why: str,
        by: str,
        lost: float,
    ) -> None:
        self.number, self.name, self.source, self.target = number, name.name, source.name, target.name
        self.moved, self.before, self.after = (list_items(each) or [] for each in (moved, before, after))
        self.why, self.by, self.lost = why, by, float(lost)
        self.at: dt.datetime = event.at
        self.state = "proposed"
        self.decided_by = self.answer = ""
        self.decided_at: dt.datetime | None = None
        self.version = ""  # that did it
        self.intent = ""  # the hash of the event that announced what is under way

    @property
    def called(self) -> str:
        return f"m{self.number}"


class Book:
    """All migrations, as the log's events tell, and nothing else."""

    def __init__(self) -> None:
        self.migrations: list[Migration] = []
        self.trained: list[tuple[dt.datetime, str, list[Any]]] = []

    def take(self, event: Event) -> None:
        what, *parts = list_items(reader_fast.read(event.text, "<adapters>")[0][0]) or []
        if what.name == "proposed":
            self.migrations.append(Migration(event, *parts))
        elif what.name == "trained":
            self.trained.append((event.at, parts[0].name, parts[1:]))
        else:
            self._became(event, what.name, self.migrations[parts[0] - 1], parts[1:])

    def _became(self, event: Event, what: str, migration: Migration, parts: list[Any]) -> None:
        if what in ("moving", "returning"):
            migration.intent = event.hash
            migration.decided_by, migration.decided_at = parts[0], event.at
            migration.answer = parts[1] if len(parts) > 1 else migration.answer
            return
        migration.intent = ""
        if what == "unmoved":  # it was announced, and did not come about
            return
        migration.state = what
        if what == "rejected":
            migration.decided_by, migration.answer = parts
            migration.decided_at = event.at
        elif what == "moved":
            migration.version = parts[0]


class Ledger:
    """A session's log of adapters: the workspace's if the session keeps its definitions there, else one in memory."""

    def __init__(self, session: Session) -> None:
        self.session = ref(session)
        keeper = session.versions
        self.kept = keeper.journal is not None
        self.log = Log(session.context.workspace if self.kept else None)
        self.book = Book()
        self._taken = 0

    def refresh(self) -> None:
        self.log.refresh()
        self.log.check()
        while self._taken < len(self.log.events):
            self.book.take(self.log.events[self._taken])
            self._taken += 1

    def note(self, what: str, *parts: Any) -> Event:
        session = self.session()
        newest = session.versions.history.newest if session is not None and self.kept else None
        text = write(make_list([Symbol(what), *parts]))
        event = self.log.append(text, newest.hash if newest else "")
        self.refresh()
        return event

    @contextmanager
    def turn(self) -> Iterator[Book]:
        """`with` it: nobody else moves anything meanwhile, and what a crash left open has been settled."""
        with self.log.turn():
            self.refresh()
            session = self.session()
            if session is not None:
                _settle(self, session.versions)
            yield self.book

    def migration(self, called: str, caller: str) -> Migration:
        known = self.book.migrations
        number = called[1:] if called[:1] == "m" else called
        if number.isdigit() and 1 <= int(number) <= len(known):
            return known[int(number) - 1]
        there = f"there are m1 to m{len(known)}" if known else "(migrate! 'name) proposes one"
        raise EvalError(
            f"{caller}: there is no migration {called}",
            code="migration",
            hint=f"{there}; (migrations) lists them",
        )


_ledgers: WeakKeyDictionary[Session, Ledger] = WeakKeyDictionary()


def ledger_of(session: Session) -> Ledger:
    """SESSION's, with all that has been written by now."""
    found = _ledgers.get(session)
    if found is None or found.kept != (session.versions.journal is not None):
        found = _ledgers[session] = Ledger(session)
    found.refresh()
    return found


def looked_at(session: Session) -> list[Migration]:
    """All migrations; what a crash left open is settled first by a session that may."""
    ledger = ledger_of(session)
    if any(each.intent for each in ledger.book.migrations) and not session.versions.entered:
        with ledger.turn():
            pass
    return ledger.book.migrations


def _settle(ledger: Ledger, keeper: Keeper) -> None:
    """What was announced and is not noted as done: done if there is a version that says so."""
    for migration in ledger.book.migrations:
        if not migration.intent:
            continue
        made = next(
            (each for each in reversed(keeper.history.versions) if migration.intent[:16] in each.reason), None
        )
        if made is None:
            ledger.note("unmoved", migration.number)
        else:
            ledger.note("moved" if migration.state == "proposed" else "returned", migration.number, made.name)


# — deciding —


def propose(
    session: Session, name: str, source: str, target: str, after: Any, lost: float, why: str, by: str
) -> Migration:
    """Note that NAME's adapters should move; AFTER: what TARGET is to hold then, None for the exact sum."""
    keeper = session.versions
    if CHAIN.index(target) >= CHAIN.index(source):
        raise EvalError(
            f"migrate!: {target} does not lie further out than {source}",
            code="migration",
            hint=f"the chain is {' ← '.join(CHAIN[:-1])}",
        )
    moved, before = chains.held_in(keeper, name, source), chains.held_in(keeper, name, target)
    if not moved:
        raise EvalError(
            f"migrate!: {name} is no adapter in the frame {source}",
            code="migration",
            hint=f"(frame-adapters '{name}) says where it is bound",
            irritants=(Symbol(name),),
        )
    session.context.adapters.sum([*before, *moved]).contents  # noqa: B018 — says whether they belong together
    if after is not None:
        session.context.adapters.keep(after, True)
    ledger = ledger_of(session)
    with ledger.turn() as book:
        waiting = [each for each in book.migrations if each.state == "proposed"]
        for each in waiting:
            if (each.name, each.source, each.target, each.moved, each.before) == (
                name,
                source,
                target,
                moved,
                before,
            ):
                return each  # asked for already
        if len(waiting) >= MOST_OPEN:
            raise EvalError(
                f"migrate!: {len(waiting)} migrations wait for somebody to decide",
                code="migration",
                hint="(approve! 'm1) or (reject! 'm1 \"why\") those that (migrations) lists",
            )
        digests = [*before, *moved] if after is None else list(after.digests)
        sides = [make_list(each) for each in (moved, before, digests)]
        names = [Symbol(each) for each in (name, source, target)]
        ledger.note("proposed", len(book.migrations) + 1, *names, *sides, why, by, lost)
        return book.migrations[-1]


def approve(session: Session, called: str, by: str) -> Migration:
    """Do the migration CALLED so."""
    ledger = ledger_of(session)
    with ledger.turn():
        migration = _in_state(ledger, called, "proposed", "approve!")
        _carry_out(
            session,
            ledger,
            migration,
            "moving",
            migration.after,
            [],
            (by,),
            (migration.moved, migration.before),
        )
    return migration


def reject(session: Session, called: str, why: str, by: str) -> Migration:
    """Refuse the migration CALLED so; if it was done, take it back."""
    ledger = ledger_of(session)
    with ledger.turn():
        migration = ledger.migration(called, "reject!")
        if migration.state == "moved":
            before, moved = migration.before, migration.moved
            _carry_out(
                session, ledger, migration, "returning", before, moved, (by, why), ([], migration.after)
            )
        else:
            _in_state(ledger, called, "proposed", "reject!")
            ledger.note("rejected", migration.number, by, why)
    return migration


def _in_state(ledger: Ledger, called: str, state: str, caller: str) -> Migration:
    migration = ledger.migration(called, caller)
    if migration.state != state:
        raise EvalError(
            f"{caller}: migration {migration.called} was {migration.state} already",
            code="migration",
            hint="(migrations) lists them",
        )
    return migration


def _carry_out(
    session: Session,
    ledger: Ledger,
    migration: Migration,
    doing: str,
    to_target: list[str],
    to_source: list[str],
    said: tuple[str, ...],
    expected: tuple[list[str], list[str]],
) -> None:
    """Bind digests in the two frames, which hold what is EXPECTED of source and target."""
    keeper, name = session.versions, migration.name
    frames = (migration.source, migration.target)
    place = chains.place_of(keeper, name)
    chains.refuse_stale(keeper, [Key(frame, *place) for frame in frames], doing)
    if tuple(chains.held_in(keeper, name, frame) for frame in frames) != expected:
        raise EvalError(
            f"{name} has changed in {frames[0]} or {frames[1]} since migration {migration.called} was "
            + ("proposed" if doing == "moving" else "done"),
            code="conflict",
            hint="propose it anew: (migrate! …)"
            if doing == "moving"
            else "(rollback! …) goes back to a version",
        )
    adapters = session.context.adapters
    bound = [adapters.sum(each) if each else None for each in (to_source, to_target)]
    changes = [chains.change_to(keeper, name, *each) for each in zip(frames, bound, strict=True)]
    changes = [each for each in changes if each.binding is not None or each.key in keeper.state]
    intent = ledger.note(doing, migration.number, *said).hash
    reached("announced")
    try:
        reason = f"migration {migration.called} of {name}, {' → '.join(frames)} {intent[:16]}"
        chains.adopt(keeper, changes, reason, said[0])
        reached("bound")
    finally:
        _settle(ledger, keeper)
    reached("noted")
