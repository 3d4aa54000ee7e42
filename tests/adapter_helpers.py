"""What the tests of adapters in the language share: adapters that are told apart by what they do to (1 1)."""

from __future__ import annotations

from pathlib import Path

from chorus import Capabilities, Session
from chorus.runtime.adapters.value import Adapter
from chorus.runtime.printer import write

MINE = "(make-adapter 'mine {:v '(((1 0)) ((1) (0)))})"
TEAM = "(make-adapter 'team {:v '(((0 1)) ((0) (2)))})"
GAME = "(make-adapter 'game {:v '(((1 1)) ((0) (4)))})"
APPLIED = "(adapter-apply voice '(1 1))"


def opened(folder: Path | None = None, persist: bool = False) -> Session:
    return Session(folder, allow=Capabilities.all(), persist=persist)


def shown(session: Session, text: str) -> str:
    return write([value for _, value in session.run(text, "test")][-1])


def digest(session: Session, name: str = "voice") -> tuple[str, ...]:
    found = session.space.get(name)
    assert isinstance(found, Adapter)
    return found.digests
