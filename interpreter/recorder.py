"""What a session's forms define, noted form by form as they run, and made into versions once somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chorus.interpreter.evaluator import Evaluator
from chorus.interpreter.namespace import Namespace
from chorus.runtime.errors import Span

if TYPE_CHECKING:
    from chorus.interpreter.frames.keeper import Keeper
    from chorus.interpreter.frames.notes import Notes
    from chorus.interpreter.rebase import Base
    from chorus.interpreter.session import Session


class Recorder:
    """Of one SESSION, which started from the definitions of BASE, if any."""

    def __init__(self, session: Session, base: Base | None) -> None:
        self.session = session
        self.inherited: int = getattr(base, "contents", 0)  # what the base's versions sum up to
        self.notes: Notes | None = None  # of what is defined, once something is
        self.running: list[tuple[Any, Evaluator]] = []  # the top-level forms under way, `eval`'s among them

    def evaluate(
        self, evaluator: Evaluator, form: Any, span: Span | None, file: str, tail: bool = False
    ) -> Any:
        """What EVALUATOR makes of FORM, a top-level form, in TAIL position or not. What that defines is noted."""
        if self.running:
            self.note(*self.running[-1])  # those further out have been noted likewise
        self.running.append((form, evaluator))
        try:
            return evaluator.evaluate(form, span, file, tail)
        finally:
            self.note(*self.running.pop())

    def note(self, form: Any, evaluator: Evaluator) -> None:
        """Note what FORM, which EVALUATOR evaluates, has defined so far."""
        given, evaluator.given = evaluator.given, []
        space = self.session.built
        if not given or space is None or evaluator.space is not space:
            return
        if self._notes_of(space).add(form, given):
            self._keeper()  # made of the notes, which are many by now

    def under_way(self) -> list[Any]:
        """The top-level forms that are being evaluated, the innermost first."""
        return [form for form, _ in reversed(self.running)]

    @property
    def kept(self) -> Keeper | None:
        """The versions, if they have been made."""
        return None if self.notes is None else self.notes.keeper

    @property
    def versions(self) -> Keeper:
        """The versions of the session's environment, what is under way included."""
        for form, evaluator in self.running:
            self.note(form, evaluator)
        return self._keeper()

    @property
    def environment(self) -> str:
        """The name of the definitions that the session runs under: the same for the same definitions."""
        if self.notes is not None:
            return self.versions.environment
        return f"{self.inherited:064x}"[:16] if self.inherited else "base"

    def settle(self, inside: Callable[[Callable[[], Any]], Any]) -> None:
        """Write down, by INSIDE the session, what has changed in kept data, if definitions are kept."""
        keeper = self.kept
        if keeper is not None and keeper.journal is not None:
            from chorus.interpreter.frames.workspace import settle

            inside(lambda: settle(keeper))

    def close(self) -> None:
        if self.kept is not None:
            self.kept.close()

    def _notes_of(self, space: Namespace) -> Notes:
        if self.notes is None:
            from chorus.interpreter.frames.notes import Notes

            self.notes = Notes(space)
        return self.notes

    def _keeper(self) -> Keeper:
        if self.kept is None:
            from chorus.interpreter.frames.keeper import keeper_of

            return keeper_of(self.session, self._notes_of(self.session.space), self.inherited)
        return self.kept
