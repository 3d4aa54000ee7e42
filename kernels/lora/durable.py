"""What a migration queue keeps on disk: a journal of checked lines and payloads named by their content.

A line counts once it is whole: its checksum stands before it. A torn last line was never acknowledged and is cut
off; a line that is wrong before the last is damage, and told. Payloads are safetensors, written beside and renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chorus.runtime.durable import sync_folder
from chorus.runtime.errors import StoreError

Payload = dict[str, np.ndarray[Any, Any]]
Step = Callable[[str], None]


def digest(payload: Payload) -> str:
    """sha256 over the sorted names, kinds, shapes and bytes; lengths go before, so that nothing runs into the next."""
    made = hashlib.sha256()
    for name in sorted(payload):
        array = np.ascontiguousarray(payload[name])
        head = json.dumps([name, array.dtype.str, list(array.shape)]).encode()
        made.update(len(head).to_bytes(8, "little") + head + array.tobytes())
    return made.hexdigest()


class Durable:
    """The journal and payloads of one queue in FOLDER; STEP is called before each write (tests end the process
    there).
    """

    def __init__(self, folder: Path, step: Step = lambda name: None) -> None:
        self.folder, self._step = Path(folder), step
        (self.folder / "payloads").mkdir(parents=True, exist_ok=True)
        self._journal = self.folder / "journal"

    def lines(self) -> list[dict[str, Any]]:
        """The events so far; a torn end is cut off."""
        whole = self._journal.read_bytes() if self._journal.exists() else b""
        events: list[dict[str, Any]] = []
        at = 0
        while at < len(whole):
            end = whole.find(b"\n", at)
            event = None if end < 0 else _checked(whole[at:end])
            if event is None and end >= 0 and end + 1 < len(whole):
                raise StoreError(
                    f"line {len(events) + 1} of {self._journal} is damaged",
                    code="corrupt",
                    hint="restore the file, or move its folder away to start an empty queue",
                )
            if event is None:
                break
            events.append(event)
            at = end + 1
        if at < len(whole):
            with self._journal.open("r+b") as file:
                file.truncate(at)
        return events

    def note(self, event: dict[str, Any]) -> dict[str, Any]:
        """EVENT, which is on disk when this returns."""
        self._step(f"note {event['event']}")
        body = json.dumps(event, separators=(",", ":")).encode()
        with self._journal.open("ab") as file:
            file.write(b"%08x %s\n" % (zlib.crc32(body), body))
            file.flush()
            os.fsync(file.fileno())
        self._step(f"noted {event['event']}")
        return event

    def keep(self, payload: Payload) -> str:
        """The digest of PAYLOAD, which is on disk when this returns."""
        from safetensors.numpy import save

        name = digest(payload)
        path = self._path(name)
        if not path.exists():
            self._step("payload")
            beside = path.with_suffix(".new")
            with beside.open("wb") as file:
                file.write(save({key: np.ascontiguousarray(value) for key, value in payload.items()}))
                file.flush()
                os.fsync(file.fileno())
            self._step("rename")
            beside.replace(path)
            sync_folder(path.parent)
        return name

    def fetch(self, name: str) -> Payload:
        from safetensors.numpy import load

        try:
            payload = load(self._path(name).read_bytes())
        except Exception as error:
            raise StoreError(f"the payload {name[:12]} cannot be read", code="corrupt") from error
        if digest(payload) != name:
            raise StoreError(f"the payload {name[:12]} is not what was kept", code="corrupt")
        return payload

    def forget(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def sweep(self, wanted: set[str]) -> None:
        """Payloads that no event wants, and unfinished ones, go."""
        for path in (self.folder / "payloads").iterdir():
            if path.stem not in wanted or path.suffix == ".new":
                path.unlink()

    def _path(self, name: str) -> Path:
        return self.folder / "payloads" / f"{name}.safetensors"


def _checked(line: bytes) -> dict[str, Any] | None:
    try:
        check, body = line.split(b" ", 1)
        return json.loads(body) if int(check, 16) == zlib.crc32(body) else None
    except ValueError:
        return None
