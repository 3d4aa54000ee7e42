"""The versions of one session: every top-level definition makes one, and any of them can be gone back to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.frames.moving import Moving, insist, is_early, maker, put_back
from chorus.interpreter.frames.notes import Given, Note, Notes, Place, given_by, value_at
from chorus.interpreter.frames.refreshing import refresh
from chorus.interpreter.frames.texts import (
    AS_TYPED,
    data_binding,
    definition_of,
    expected_names,
    head,
    is_data,
    is_datum,
)
from chorus.interpreter.namespace import ABSENT
from chorus.runtime.errors import ChorusError, EvalError
from chorus.runtime.frames.bindings import (
    Binding,
    Change,
    Held,
    Key,
    State,
    after,
    bind,
    differences,
    effective,
    spelled,
)
from chorus.runtime.frames.history import History, Version

if TYPE_CHECKING:
    from chorus.interpreter.session import Session
    from chorus.runtime.frames.journal import Journal

Values = dict[Key, Given]
REFRESHED = 16  # procedures that are compiled again before one form
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
        self.forgotten = 0  # versions before this one have no live values any more
        self.entered: list[
            tuple[State, dict[Place, Any]]
        ] = []  # what is shown for a while, what was put aside
        self.unkept: set[str] = set()  # names whose values could not be written down
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
            if odd or known is None or known.binding != given.binding or self._expands_anew(known):
                changes.append(change)
                values[change.key] = given
            elif given.value is not ABSENT:
                self.live[known.last, change.key] = given  # the same again
        self.commit(changes, "", "", dt.datetime.fromtimestamp(note.at, dt.UTC), values)

    def _expands_anew(self, known: Held) -> bool:
        """Whether the same text may be expanded to something else by now: forms have been defined after it, or names
        that were forms as something else.
        """
        return any(
            held.last > known.last and (is_early(held.binding) or self._was_form(held.binding.name))
            for held in self.state.values()
        )

    def _was_form(self, name: str) -> bool:
        """Whether NAME comes with the language as a form, or has been one."""
        return isinstance(self.space.foundation.get(name), Row) or any(
            change.binding is not None and change.key.name == name and is_early(change.binding)
            for version in self.history.of(name)
            for change in version.changes
        )

    def refresh(self) -> None:
        """Compile procedures again whose fast code was left because of a rewrite; of many, the rest another time."""
        stale, known = self.space.stale, effective(self.state)
        if self.entered or self.space.imported or any(map(is_procedural, self.state.values())):
            stale.clear()
        for name in list(stale)[:REFRESHED]:
            flag, held = stale.pop(name), known.get(("own", name))
            given = held and self.live.get((held.last, Key(held.frame, "own", name)))
            if (
                held is not None
                and given
                and given.form is not None
                and given.value is self.space.get(name)
                and not self.space.dict[flag]
                and not self._expands_anew(held)
            ):
                refresh(self.space, name, given.form, self.make)

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
        author = author or str(self.session.context.options.get("author", "person"))
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

    # — going elsewhere —

    @property
    def shown(self) -> State:
        """What the namespace holds at the moment."""
        return self.entered[-1][0] if self.entered else self.state

    def move(self, present: State, target: State, moving: Moving) -> None:
        """Make the namespace, which holds PRESENT, hold TARGET."""
        now, then = effective(present), effective(target)
        for place in now:
            if place not in then:
                moving.put(place, ABSENT)
        for place, held in in_order(then):
            if place not in now or now[place].binding != held.binding:
                self.bring(place, held, moving)

    def bring(self, place: Place, held: Held, moving: Moving) -> None:
        given = self.live.get((held.last, Key(held.frame, *place)))
        if given is not None and given.value is not ABSENT:
            moving.put(place, given.value)
        else:
            moving.write(place, held.binding)

    def moving(self) -> Moving:
        return Moving(self.space, self.make, self._loaded)

    def _loaded(self, binding: Binding, value: Any, form: Any) -> None:
        """The procedure that BINDING's text tells of has been compiled."""
        held = effective(self.state).get((binding.place, binding.name))
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
            return self.commit(changes, reason, author, values=values, moving=moving)

    def refuse_within(self, caller: str) -> None:
        if self.entered:
            raise EvalError(
                f"{caller}: not within with-environment, which gives back what was before",
                code="version",
                hint="make versions outside it",
            )

    # — rewriting —

    def rewrite(self, name: str, form: Any, frame: str, reason: str, author: str) -> Version | None:
        """Bind NAME in FRAME to what FORM, a definition of it or an expression, gives."""
        self.refuse_within("rewrite")
        own = self.space.owns(name) or not self.space.holds(name)
        form = definition_of(name, form, own)
        place = "own" if own or head(form) in AS_TYPED else "everywhere"
        evaluator = Evaluator(self.space, self.session.limits.metered, self.session.context.check)
        with self.moving() as moving:
            moving.note((place, name))
            evaluator.evaluate(form, getattr(form, "span", None), f"<{name}>")
            kind = dict(evaluator.given).get(name, "other")
            given = given_by(form, name, kind, self.space, self.journal is not None)
            change = bind(frame, given.binding)
            shown = effective(after(self.state, [change], 0))[place, name]
            if shown.frame != frame:  # a frame further in binds the name as well
                moving.put((place, name), moving.before[place, name])
            return self.commit([change], reason, author, values={change.key: given}, moving=moving)

    def run(self, forms: Sequence[Any], frame: str, reason: str) -> Version | None:
        """Evaluate FORMS, definitions for FRAME, as one version: all of them, or after an error none."""
        self.refuse_within("import-frame")
        changes: dict[Key, Change] = {}
        values: Values = {}
        with self.moving() as moving:
            for form in forms:
                for name in expected_names(form):
                    moving.note(("own" if self.space.owns(name) else "everywhere", name))
                    moving.note(("own", name))
                for given in self._evaluated(form):
                    change = bind(frame, given.binding)
                    changes[change.key] = change
                    values[change.key] = given
            fresh = [each for each in changes.values() if self._is_new(each)]
            return self.commit(fresh, reason, "", values=values, moving=moving)

    def _evaluated(self, form: Any) -> list[Given]:
        """What evaluating FORM defined."""
        evaluator = Evaluator(self.space, self.session.limits.metered, self.session.context.check)
        evaluator.evaluate(form, getattr(form, "span", None), "<import>")
        whole = self.journal is not None
        return [given_by(form, name, kind, self.space, whole) for name, kind in dict(evaluator.given).items()]

    def _is_new(self, change: Change) -> bool:
        return change.key not in self.state or self.state[change.key].binding != change.binding

    # — for a while —

    def enter(self, target: State) -> None:
        """Show TARGET until `leave`."""
        present, moving = self.shown, self.moving()
        self.entered.append((target, moving.before))
        try:
            with moving:
                self.move(present, target, moving)
        except BaseException:
            self.entered.pop()
            raise

    def leave(self) -> None:
        insist(lambda: put_back(self.space, self.entered[-1][1]))
        self.entered.pop()

    def leave_all(self) -> None:
        """After an evaluation that was stopped within `with-environment`."""
        while self.entered:
            self.leave()

    # — the workspace —

    def settle(self) -> None:
        """Keep what has changed since it was kept: by `set!` in a procedure, or inside a table or vector."""
        if self.journal is None or self.entered:
            return
        changes = []
        values: Values = {}
        for place, held in effective(self.state).items():
            if not is_data(held.binding):
                continue
            value = value_at(self.space, place)
            binding = self.data(place, value, held.binding)
            if binding != held.binding:
                change = bind("context", binding)
                changes.append(change)
                values[change.key] = Given(binding, ABSENT if is_data(binding) else value)
        self.commit(changes, "changed by the program", "", values=values)

    def data(self, place: Place, value: Any, before: Binding) -> Binding:
        """PLACE's VALUE written down; if it cannot be, what is known of it from BEFORE."""
        own = place[0] == "own"
        if is_datum(value):
            return data_binding(place[1], value, own)
        self.unkept.add(place[1])
        return Binding("unkept" if own else "unkept!", place[1], before.text)

    def restore(self, keep: bool) -> list[tuple[str, ChorusError]]:
        """Take over what the workspace holds; KEEP: write to its journal from here on. What no longer works is told."""
        from chorus.runtime.frames.journal import Journal

        workspace = self.session.context.workspace
        assert workspace is not None
        journal = Journal.open(workspace) if keep else Journal(workspace)
        try:
            journal.check()
        except ChorusError:
            if keep:
                journal.release()
            raise
        earlier, root = self.state, self.history.root
        self.history = journal.history
        self.history.root = root
        failed = self._load(journal.history.state)
        if keep:
            self.journal = journal
        self._adopt(earlier)
        return failed

    def _load(self, target: State) -> list[tuple[str, ChorusError]]:
        failed = []
        own = effective(self.state)
        self.live.clear()
        for place, held in in_order(effective(target)):
            if place in own or held.binding.kind.startswith("unkept"):
                continue
            try:
                with self.moving() as moving:
                    moving.write(place, held.binding)
            except Exception as problem:  # it is told, as it would be at the session's edge
                failed.append((held.binding.text, self.session.translate(problem)))
        self.state = target
        return failed

    def _adopt(self, earlier: State) -> None:
        """What the session had defined before it was told to keep definitions becomes a version."""
        changes = []
        values: Values = {}
        for key, held in earlier.items():
            place, binding = (key.place, key.name), held.binding
            value = value_at(self.space, place)
            if is_data(binding) or binding.kind.startswith("unkept"):
                binding = self.data(place, value, binding)
            change = bind(key.frame, binding)
            changes.append(change)
            values[change.key] = Given(binding, ABSENT if is_data(binding) else value)
        self.commit(changes, "defined before it was to be kept", "", values=values)

    def close(self) -> None:
        if self.journal is not None:
            self.journal.release()
            self.journal = None


def is_procedural(held: Held) -> bool:
    """Whether what is HELD is a macro that runs the program's procedures, which may have changed."""
    return is_early(held.binding) and "er-macro-transformer" in held.binding.text


def in_order(held: Mapping[Place, Held]) -> Iterable[tuple[Place, Held]]:
    """What is HELD, in an order in which it can be read and run: macros where they came first, the rest where last."""
    return sorted(held.items(), key=lambda item: item[1].first if is_early(item[1].binding) else item[1].last)


def keeper_of(session: Session, notes: Notes, root: int) -> Keeper:
    """SESSION's, which begins with what is in NOTES. ROOT: the contents of the session's base."""
    keeper = Keeper(session, root)
    for note in notes.pending:
        keeper.take(note)
    notes.keeper = keeper
    notes.pending.clear()
    return keeper
