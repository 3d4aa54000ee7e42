"""What a file is, judged by its content, and how it is then to be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chorus.runtime.connectors.batch import Batch
from chorus.runtime.connectors.jsonsplit import Malformed
from chorus.runtime.connectors.source import SourceFile

if TYPE_CHECKING:
    from chorus.runtime.connectors.mapping import Mapping

Read = Callable[[SourceFile, int], Iterator[tuple[Batch, dt.datetime | None]]]


class Plan(NamedTuple):
    """A format's name and its reader: (file, rows to pass over) → batches, each with when it was exported."""

    format: str
    read: Read
    table: str = "messages"


def plan_for(source: SourceFile, mapping: Mapping | None) -> Plan:
    head = source.head()
    if not head.strip():
        raise Malformed("the file is empty", 0)
    return Plan("discord-json", _discord)


def companions(file: Path) -> list[Path]:
    """Files of events and patch notes that lie beside an export and belong to it."""
    name = file.name.removesuffix(".gz").removesuffix(".zst")
    if not name.endswith(".json"):
        return []
    stem = name.removesuffix(".json")
    beside = [
        file.with_name(f"{stem}.{kind}.jsonl{end}") for kind in ("events", "patches") for end in ("", ".gz")
    ]
    return [one for one in beside if one.is_file()]


def _discord(source: SourceFile, start: int) -> Iterator[tuple[Batch, dt.datetime | None]]:
    from chorus.runtime.connectors.discord import read_messages

    for batch, header in read_messages(source.splitter, start):
        yield batch, header.exported_at
