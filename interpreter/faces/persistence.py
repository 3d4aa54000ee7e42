"""Definitions that outlive a session, for the faces: those of the workspace are taken over, new ones are kept."""

from __future__ import annotations

import os
import sys

from chorus.interpreter.session import Session
from chorus.runtime.errors import ChorusError, StoreError

JOURNAL = "journal.sexp"  # known here as well, so that nothing is loaded where there is none
EARLIER = "definitions"  # a file that says the database holds some, as an earlier chorus kept them


class Definitions:
    """Those of one session; kept when told to. Problems are told on stderr, and the session goes on."""

    def __init__(self, session: Session, keep: bool) -> None:
        self.session = session
        self.keep = keep
        self.warned: set[str] = set()

    def restore(self) -> None:
        """Take over what earlier sessions kept. What no longer works is named, and the rest stands."""
        folder = self.session.context.folder
        if folder is None or not (self.keep or self._are_any(folder)):
            return
        try:
            failed = self.session.keep(self.keep)
        except StoreError as problem:
            print(f"chorus: definitions are not kept: {problem.message}", file=sys.stderr)
            self.keep = False
            if problem.code != "busy":
                return
            failed = self.session.keep(False)
        for text, error in failed:
            print(f"chorus: a kept definition no longer works: {error.message}\n  {text}", file=sys.stderr)
        if self._is_there(folder, EARLIER) and not self._is_there(folder, JOURNAL):
            self._take_over(self.session)

    def _are_any(self, folder: str) -> bool:
        return self._is_there(folder, JOURNAL) or self._is_there(folder, EARLIER)

    @staticmethod
    def _is_there(folder: str, name: str) -> bool:
        return os.path.exists(os.path.join(folder, name))

    def _take_over(self, session: Session) -> None:
        """Evaluate what the database of an earlier chorus holds."""
        from chorus.runtime.store.journal import Journal

        try:
            texts = Journal(session.context.store).forms()
        except StoreError as problem:
            print(f"chorus: kept definitions were not loaded: {problem.message}", file=sys.stderr)
            return
        for text in texts:
            try:
                for _ in session.run(text, "<kept>"):
                    pass
            except ChorusError as error:
                print(
                    f"chorus: a kept definition no longer works: {error.message}\n  {text}", file=sys.stderr
                )

    def settle(self) -> None:
        """Keep what has changed inside kept data, and say what could not be kept."""
        if not self.keep:
            return
        self.session.settle()
        for name in sorted(self.session.versions.unkept - self.warned):
            print(f"{name} is not kept for later sessions: its value is not data", file=sys.stderr)
            self.warned.add(name)
