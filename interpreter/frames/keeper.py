"""The versions of one session: every top-level definition makes one, and any of them can be gone back to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chorus.interpreter.frames.moving import Moving, in_order, insist, maker, put, put_back
from chorus.interpreter.frames.notes import Given, Note, Notes, Place, value_at
from chorus.interpreter.frames.refreshing import Forms, expands_anew, learn_again
from chorus.interpreter.namespace import ABSENT
from chorus.runtime.errors import EvalError
from chorus.runtime.frames.bindings import (
    Binding,
    Change,
    Held,
    Key,
    State,
    after,
    bind,
    differences,
    innermost,
    spelled,
)
from chorus.runtime.frames.history import History, Version
from chorus.runtime.frames.kept import call_in, digests, meant, sums

if TYPE_CHECKING:
    from chorus.interpreter.session import Session
    from chorus.runtime.frames.journal import Journal

Values = dict[Key, Given]
REMEMBERED = 10_000  # versions that are in no journal


class Keeper:
    """Knows what SESSION's definitions are, moves its namespace from version to version, and keeps a journal if asked.

    STATE is what the namespace holds; where other sessions write the same journal, the journal's newest may differ.
    """

    def __init__(self, session: Session, root: int) -> None:
        self.session = session
        self.space = session.space
        self.history = History(dt.datetime.now(dt.UTC), REMEMBERED, root)
        self.journal: Journal | None = None
        self.state: State = {}
        self.live: dict[tuple[int, Key], Given] = {}  # (version, key) → the very value that it bound there
        self.forms = Forms()
        self.forgotten = 0  # versions before this one have no live values any more
        self.entered: list[
            tuple[State, dict[Place, Any]]
        ] = []  # what is shown for a while, what was put aside
        self.unkept: set[str] = set()  # names whose values could not be written down
        self.summed: dict[
            Place, Any
        ] = {}  # names that mean adapters of several frames, and what they add up to
        self.make = maker(self.space, session.limits.metered, session.context.check)

    @property
    def contents(self) -> int:
        """The name of all that the session has defined, its base's definitions included."""
        from chorus.runtime.frames.bindings import contents

        return self.history.root ^ contents(self.shown)

    @property
    def environment(self) -> str:
        return spelled(self.contents)

    # — versions —

    def take(self, note: Note) -> None:
        """Make a version of what a top-level form defined, if that changes anything."""
        changes = []
        values: Values = {}
        for given in note.given:
            change = bind("context", given.binding)
            known = self.state.get(change.key)
            odd = given.binding.kind.startswith("unkept")
            (self.unkept.add if odd else self.unkept.discard)(given.binding.name)
            if odd or known is None or known.binding != given.binding or expands_anew(self, known):
                changes.append(change)
                values[change.key] = given
            elif given.value is not ABSENT:
                self.live[known.last, change.key] = given  # the same again
        self.commit(changes, "", "", dt.datetime.fromtimestamp(note.at, dt.UTC), values)
        self.sum_up((given.binding.place, given.binding.name) for given in note.given)

    def commit(
        self,
        changes: Sequence[Change],
        reason: str,
        author: str,
        at: dt.datetime | None = None,
        values: Mapping[Key, Given] | None = None,
        moving: Moving | None = None,
    ) -> Version | None:
        """Make a version of CHANGES, which the namespace has already taken; in the journal first, if there is one.
        MOVING took them: from here on there is no way back.
        """
        if not changes:
            return None
        author = author or self.session.context.author
        if self.journal is None:
            version = self.history.make(changes, reason, author, at)
        else:
            with self.journal.turn:
                version = self.history.make(changes, reason, author, at)
                self.journal.append(version)
                insist(lambda: self.history.add(version))

        def finish() -> None:
            if not version.saved:
                self.history.add(version)
            self.state = after(self.state, version.changes, version.number)
            for key, given in (values or {}).items():
                if given.value is not ABSENT:
                    self.live[version.number, key] = given
            if moving is not None:
                moving.before.clear()

        insist(finish)
        self.sum_up((change.key.place, change.key.name) for change in version.changes)
        if self.journal is not None:
            self.journal.acknowledge()
        self._forget()
        return version

    def _forget(self) -> None:
        """Let go of values of versions that the history no longer knows."""
        start = self.history.start
        if start > self.forgotten:
            held = {(held.last, key) for key, held in self.history.states[start].items()}
            self.live = {at: given for at, given in self.live.items() if at[0] > start or at in held}
            self.forgotten = start

    def sum_up(self, places: Iterable[Place] | None = None) -> None:
        """Let the names at PLACES, or all, that mean adapters of several frames mean their sum."""
        wanted = None if places is None else set(places)
        found = sums(self.state, wanted)
        for place in (self.summed.keys() if wanted is None else wanted & self.summed.keys()) - found.keys():
            alone = digests(self.state, place)
            if self.summed.pop(place) is value_at(self.space, place) and alone:
                put(self.space, place, self.session.context.adapters.sum(alone))
        for place, of_all in found.items():
            value = self.summed[place] = self.session.context.adapters.sum(of_all)
            put(self.space, place, value)

    def insist_on_fit(self, target: State, changes: Sequence[Change]) -> None:
        """Raise if adapters that CHANGES bind would not add up with those of other frames in TARGET."""
        places = {(key.place, key.name) for key, binding in changes if call_in(binding) is not None}
        for of_all in sums(target, places).values():
            self.session.context.adapters.sum(of_all).contents  # noqa: B018 — says what does not fit

    # — going elsewhere —

    @property
    def shown(self) -> State:
        """What the namespace holds at the moment."""
        return self.entered[-1][0] if self.entered else self.state

    def move(self, present: State, target: State, moving: Moving, leaving: bool = False) -> None:
        """Make the namespace, which holds PRESENT, hold TARGET. LEAVING: what is gone is left as it stands."""
        now, then = meant(present), meant(target)
        for place in now:
            if place not in then:
                moving.put(place, ABSENT)
        for place, held in in_order(then):
            if place not in now or now[place].binding != held.binding:
                self.bring(place, held, moving, leaving)

    def bring(self, place: Place, held: Held, moving: Moving, leaving: bool = False) -> None:
        given = self.live.get((held.last, Key(held.frame, *place)))
        if given is not None and given.value is not ABSENT:
            moving.put(place, given.value)
        elif not (leaving and held.binding.kind.startswith("unkept")):
            moving.write(place, held.binding)

    def moving(self) -> Moving:
        return Moving(self.space, self.make, self._loaded)

    def _loaded(self, binding: Binding, value: Any, form: Any) -> None:
        """The procedure that BINDING's text tells of has been compiled."""
        held = innermost(self.state, binding.place, binding.name)
        if held is not None and held.binding == binding:
            key = Key(held.frame, binding.place, binding.name)
            self.live[held.last, key] = Given(binding, value, form)

    def go(self, target: State, reason: str, author: str = "") -> Version | None:
        """Make TARGET what holds from here on, by a version of its own; None if it holds already."""
        self.refuse_within("rollback!")
        changes = differences(self.state, target)
        known = {
            key: self.live.get((target[key].last, key)) for key, binding in changes if binding is not None
        }
        values = {key: given for key, given in known.items() if given is not None}
        with self.moving() as moving:
            self.move(self.state, target, moving)
            made = self.commit(changes, reason, author, values=values, moving=moving)
        learn_again(self.space, [key.name for key, given in values.items() if given.form is not None])
        return made

    def refuse_within(self, caller: str) -> None:
        if self.entered:
            raise EvalError(
                f"{caller}: not within with-environment, which gives back what was before",
                code="version",
                hint="make versions outside it",
            )

    # — for a while —

    def enter(self, target: State, leaving: bool = False) -> None:
        """Show TARGET until `leave`; LEAVING as `move` takes it."""
        present, moving = self.shown, self.moving()
        self.entered.append((target, moving.before))
        try:
            with moving:
                self.move(present, target, moving, leaving)
        except BaseException:
            self.entered.pop()
            raise

    def assume(self, values: Mapping[Place, Any], changes: Sequence[Change]) -> None:
        """Let names mean VALUES until `leave`. CHANGES: what they would be called as a version."""
        moving = self.moving()
        self.entered.append((after(self.shown, changes, self.history.number), moving.before))
        try:
            with moving:
                for place, value in values.items():
                    moving.put(place, value)
        except BaseException:
            self.entered.pop()
            raise

    def keep_aside(self, place: Place) -> None:
        """What is about to be bound at PLACE is taken back by `leave`."""
        if self.entered and place not in self.entered[-1][1]:
            self.entered[-1][1][place] = value_at(self.space, place)

    def leave(self) -> None:
        insist(lambda: put_back(self.space, self.entered[-1][1]))
        self.entered.pop()

    def leave_all(self) -> None:
        """After an evaluation that was stopped within `with-environment`."""
        while self.entered:
            self.leave()

    def load_all(self) -> None:
        """Compile what is still to be compiled when it is first called: copies of it could not be."""
        for name in list(self.space.own_names()):
            load = getattr(self.space.get(name), "load", None)
            if load is not None:
                load()

    def close(self) -> None:
        """Stop keeping the journal, and let go of the versions: a closed session goes round in circles, and to search
        all it held is work for the garbage collector, in the middle of another session's.
        """
        if self.journal is not None:
            self.journal.release()
            self.journal = None
        self.live.clear()
        self.history = History(self.history.began, REMEMBERED, self.contents)
        self.state = {}


def keeper_of(session: Session, notes: Notes, root: int) -> Keeper:
    """SESSION's, which begins with what is in NOTES. ROOT: the contents of the session's base."""
    keeper = Keeper(session, root)
    for note in notes.pending:
        keeper.take(note)
    notes.keeper = keeper
    notes.pending.clear()
    return keeper
