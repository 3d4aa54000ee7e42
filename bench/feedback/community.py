"""A synthetic community taken into a workspace, to be asked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chorus import Capabilities, Session
from chorus.runtime.synthetic import generate


@contextmanager
def community(messages: int, seed: int) -> Iterator[tuple[Session, Path]]:
    """`with` it: a session over so many MESSAGES of SEED, embedded, and the export that they came from."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.json"
        generate(messages, seed, export)
        with Session(Path(folder) / "workspace", allow=Capabilities.all()) as session:
            session.eval("(ingest path)", path=str(export))
            session.eval("(embed!)")
            yield session, export
