"""One candidate under judgment: what its name is now, what it would be, and what examples and invariants give."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.interpreter.compiler.nodes import Define, Global, Node, SetGlobal
from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.findings import parts_of
from chorus.interpreter.frames.texts import definition_of, is_datum
from chorus.interpreter.gate.child import Face, Outcome, all_written, child_of, face, outcome, redefine
from chorus.interpreter.loader import stdlib_text
from chorus.interpreter.reader_fast import read
from chorus.runtime.errors import ChorusError
from chorus.runtime.frames.bindings import Binding, innermost
from chorus.runtime.printer import write
from chorus.runtime.values import list_items

if TYPE_CHECKING:
    from chorus.interpreter.session import Session

ANYTHING = ("", "…")  # what an example says that only shows that it runs


class Invariant(NamedTuple):
    name: str
    form: Any
    expected: Any


def shipped() -> list[Invariant]:
    """The invariants that come with the language: from its file, not from any name."""
    forms = read(stdlib_text("invariants.sexp"), "stdlib/invariants.sexp")
    return [Invariant(*_parts(form)) for form, _ in forms]


def _parts(form: Any) -> tuple[str, Any, Any]:
    _, name, wanted, _, expected = list_items(form) or []
    return name, wanted, expected


class Tried(NamedTuple):
    """An EXAMPLE's form and what it says, and what it gave."""

    form: str
    expected: str
    gave: Outcome

    @property
    def holds(self) -> bool:
        return not self.gave.error and self.expected in (*ANYTHING, self.gave.written)


class Case:
    """`with` it: NAME is to mean FORM in FRAME. What has to be evaluated is, in children of SESSION, when asked for."""

    def __init__(
        self, session: Session, name: str, form: Any, frame: str, invariants: list[Invariant]
    ) -> None:
        self.session, self.name, self.form, self.frame = session, name, form, frame
        self.invariants = invariants
        self._stack = ExitStack()

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *problem: Any) -> None:
        self._stack.close()

    # — before —

    @cached_property
    def _before(self) -> Session:
        return self._stack.enter_context(child_of(self.session, self.name, self.frame))

    @cached_property
    def before(self) -> Face:
        return face(self._before, self.name)

    # — after —

    @cached_property
    def after_session(self) -> Session:
        return self._stack.enter_context(child_of(self.session, self.name, self.frame))

    @cached_property
    def definition(self) -> Any:
        space = self.after_session.space
        return definition_of(self.name, self.form, space.owns(self.name) or not space.holds(self.name))

    @cached_property
    def problems(self) -> list[ChorusError]:
        """What compiling tells, without running anything."""
        return self.after_session.check(write(self.definition), f"<{self.name}>")

    @cached_property
    def nodes(self) -> list[Node]:
        """All core nodes of the definition."""
        child = self.after_session

        def job() -> list[Node]:
            evaluator = Evaluator(child.space, child.limits.metered, child.context.check)
            work: list[Node] = list(evaluator.nodes(self.definition, None, f"<{self.name}>"))
            found = []
            while work:
                node = work.pop()
                found.append(node)
                work += parts_of(node)
            return found

        return child._inside(job)

    @property
    def assigned(self) -> list[str]:
        """Globals that the definition gives values to."""
        return [node.name for node in self.nodes if isinstance(node, (SetGlobal, Define))]

    @property
    def named(self) -> list[str]:
        """Globals that the definition itself names."""
        return [node.name for node in self.nodes if isinstance(node, Global)]

    @cached_property
    def binding(self) -> Binding | None:
        return redefine(self.after_session, self.name, self.form, self.frame)

    @property
    def is_the_present(self) -> bool:
        """Whether the candidate is what the name means already."""
        binding = self.binding
        held = None if binding is None else innermost(self._before.versions.state, binding.place, self.name)
        if held is not None:
            return held.binding == binding
        was, now = (each.space.get(self.name) for each in (self._before, self.after_session))
        return self.before.kind != "" and is_datum(was) and write(was) == write(now)

    @cached_property
    def after(self) -> Face:
        _ = self.binding
        return face(self.after_session, self.name)

    @cached_property
    def broken(self) -> list[tuple[Invariant, Outcome]]:
        """The invariants that hold now, and would not; before any example runs."""
        _ = self.after
        if self._all_hold():
            return []
        failing = [(each, gave) for each in self.invariants if not _holds(each, gave := self._try(each.form))]
        with child_of(self.session, self.name, self.frame) as now:
            return [(each, gave) for each, gave in failing if _holds(each, outcome(now, each.form))]

    def _all_hold(self) -> bool:
        written = all_written(self.after_session, [each.form for each in self.invariants])
        return written == [write(each.expected) for each in self.invariants]

    def _try(self, form: Any) -> Outcome:
        return outcome(self.after_session, form)

    # — examples, which may define what they like, so they come last —

    @cached_property
    def tried_before(self) -> list[Tried]:
        return [Tried(form, said, outcome(self._before, form)) for form, said in self.before.examples]

    @cached_property
    def tried_after(self) -> list[Tried]:
        """The examples of the present definition under the candidate."""
        _ = self.broken
        return [Tried(form, said, self._try(form)) for form, said in self.before.examples]

    @cached_property
    def tried_own(self) -> list[Tried]:
        """The candidate's own examples."""
        _ = self.tried_after
        known = dict(self.before.examples)
        fresh = [(form, said) for form, said in self.after.examples if known.get(form) != said]
        return [Tried(form, said, self._try(form)) for form, said in fresh]


def _holds(invariant: Invariant, gave: Outcome) -> bool:
    return not gave.error and gave.written == write(invariant.expected)
