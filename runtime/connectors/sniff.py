"""What a file is, judged by its content, and how it is then to be read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from chorus.runtime.connectors import slack
from chorus.runtime.connectors.batch import INPUT_FAILURES, Batch, Take
from chorus.runtime.connectors.fields import MAX_DEPTH, BadRow, parse_text, source_text
from chorus.runtime.connectors.jsonsplit import MAX_ELEMENT, Malformed, nesting
from chorus.runtime.connectors.lines import (
    document_sample,
    line_sample,
    read_document,
    read_lines,
    sample_rows,
)
from chorus.runtime.connectors.mapped import taker
from chorus.runtime.connectors.mapping import WELL_KNOWN, Mapping, fit, kind_of, require_object
from chorus.runtime.connectors.source import SourceFile
from chorus.runtime.connectors.tabular import (
    DISCORD_HEADER,
    CsvRows,
    csv_sample,
    parquet_sample,
    read_csv,
    read_discord_csv,
    read_parquet,
)

SAMPLE = 200  # rows that a mapping is fitted to

Stream = Iterator[tuple[Batch, dt.datetime | None]]
Sample = Callable[[SourceFile, int], list[dict[str, Any]]]
ReadRows = Callable[[SourceFile, Take, str, int], Iterator[Batch]]

_ROWS: dict[str, tuple[Sample, ReadRows]] = {
    "jsonl": (line_sample, read_lines),
    "json": (document_sample, read_document),
    "csv": (csv_sample, read_csv),
    "parquet": (parquet_sample, read_parquet),
}
_EXPORT_KEY = re.compile(rb'\s*\{\s*"(guild|channel|dateRange|exportedAt|messageCount|messages)"\s*:')
_GUILD_FIRST = re.compile(rb'\s*\{\s*"guild"\s*:\s*\{')
ZIP = b"PK\x03\x04"
UTF16 = (b"\xff\xfe", b"\xfe\xff")  # how such a text begins


class Plan(NamedTuple):
    """A format's name and its reader: (file, rows to pass over) → batches, each with when it was exported."""

    format: str
    read: Callable[[SourceFile, int], Stream]
    resumable: bool = True  # rows without ids are told apart by counting, which must begin at the beginning


def plan_for(source: SourceFile, mapping: Mapping | None) -> Plan:
    """How to read SOURCE. Malformed when it is nothing that is known."""
    format = sniff(source)
    if format == "discord-json":
        return Plan(format, _discord)
    if format == "discord-csv" and not mapping:
        return Plan(format, _discord_csv, resumable=False)
    format = "csv" if format == "discord-csv" else format
    sample, read = _ROWS[format]
    samples = sample(source, SAMPLE)
    if not samples:
        return Plan(format, _nothing_in(read))
    if not mapping and slack.speaks(samples):
        return Plan(f"{format}-slack", _slack(read))
    mapping = mapping or Mapping()
    kind = mapping.kind or kind_of(source.path.name, samples)
    fields = fit(mapping, kind, samples)

    def read_mapped(source: SourceFile, start: int) -> Stream:
        return _undated(read(source, taker(fields), kind, start))

    return Plan(f"{format}-{kind}", read_mapped, resumable="id" in fields.get)


def _slack(read: ReadRows) -> Callable[[SourceFile, int], Stream]:
    return lambda source, start: _undated(
        read(source, slack.taker(slack.directory(source.path)), "messages", start)
    )


def _nothing_in(read: ReadRows) -> Callable[[SourceFile, int], Stream]:
    """The reader of a file that has no row to judge it by: an empty page, or rows that are none of anything."""

    def refuse(batch: Batch, value: Any, raw: str) -> None:
        require_object(value)

    return lambda source, start: _undated(read(source, refuse, "messages", start))


def sniff(source: SourceFile) -> str:
    """discord-json, discord-csv, jsonl, json, csv or parquet."""
    head = source.head()
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(ZIP):
        raise Malformed("it is a ZIP archive: unpack it, and ingest the folder", 0)
    if head[:2] in UTF16 and head[2:200].replace(b"\0", b"").lstrip()[:1] in (b"{", b"["):
        raise Malformed("it is UTF-16, and JSON is UTF-8: iconv -f UTF-16 -t UTF-8 makes it that", 0)
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not body:
        raise Malformed("the file is empty", 0)
    if body.startswith(b"["):
        return "json"
    if body.startswith(b"{"):
        return _sniff_object(source, body)
    return _sniff_text(source, head)


def _sniff_object(source: SourceFile, body: bytes) -> str:
    """One document, or a first line of many: a line that is whole and not all there is begins JSON Lines."""
    if _EXPORT_KEY.match(body) is None:
        line, newline, _ = body.partition(b"\n")
        if not newline:
            line, newline, _ = source.head(MAX_ELEMENT).lstrip().partition(b"\n")
        if nesting(line) > MAX_DEPTH:
            return "jsonl"
        try:
            first = parse_text(source_text(line.strip()))
        except BadRow:
            first = None
        if isinstance(first, dict) and not _holds_rows(first):
            return "jsonl"
    if _is_export(source):
        return "discord-json"
    if _GUILD_FIRST.match(body) and not _has_key(source, "messages"):
        raise Malformed("it begins as an export of a Discord channel, but has no messages", 0)
    return "json"


def _has_key(source: SourceFile, name: str) -> bool:
    """Whether the document, an object, has a member called NAME."""
    splitter = source.splitter()
    splitter.take(b"{")
    for key in splitter.members():
        if key == name:
            return True
        splitter.value()
    return False


_PAGES = (
    *("tickets", "comments", "conversations", "conversation_parts", "events"),
    *("results", "records", "rows", "items", "data"),
)  # how services call the rows of one page of an answer
_ROW_MARKS = {"id", *(name for kind in WELL_KNOWN.values() for name in kind["timestamp"])}


def _holds_rows(document: dict[str, Any]) -> bool:
    """Whether an object is a document around rows, as services' answers are, rather than a row."""
    names = ("messages", "reviews", *(_PAGES if not _ROW_MARKS & document.keys() else ()))
    arrays = [document.get(name) for name in names]
    return any(isinstance(rows, list) and all(isinstance(row, dict) for row in rows) for rows in arrays)


def _is_export(source: SourceFile) -> bool:
    """Whether the document has messages of DiscordChatExporter's shape, wherever they stand in it."""
    splitter = source.splitter()
    named = _EXPORT_KEY.match(source.head()) is not None
    try:
        splitter.take(b"{")
        for key in splitter.members():
            if key == "messages" and splitter.take(b"["):
                rows = sample_rows(splitter.elements(), SAMPLE)
                return named if not rows else any(isinstance(row.get("author"), dict) for row in rows)
            splitter.value()
    except INPUT_FAILURES:
        return named
    return False


def _sniff_text(source: SourceFile, head: bytes) -> str:
    if head[:2] not in UTF16 and any(byte < 9 for byte in head.partition(b"\n")[0]):
        raise Malformed("it is none of JSON, JSON Lines, CSV and Parquet", 0)
    header = CsvRows(source).header
    if header[: len(DISCORD_HEADER)] == DISCORD_HEADER:
        return "discord-csv"
    if len(header) < 2:
        raise Malformed("it is none of JSON, JSON Lines, CSV and Parquet", 0)
    return "csv"


def companions(file: Path) -> list[Path]:
    """Files of events and patch notes that lie beside an export and belong to it."""
    name = file.name.removesuffix(".gz").removesuffix(".zst")
    if not name.endswith(".json"):
        return []
    stem = name.removesuffix(".json")
    names = [f"{stem}.{kind}.jsonl{end}" for kind in ("events", "patches") for end in ("", ".gz", ".zst")]
    return [one for one in map(file.with_name, names) if one.is_file()]


def _discord(source: SourceFile, start: int) -> Stream:
    from chorus.runtime.connectors.discord import read_messages

    for batch, header in read_messages(source.splitter, start):
        yield batch, header.exported_at


def _discord_csv(source: SourceFile, start: int) -> Stream:
    return _undated(read_discord_csv(source, start))


def _undated(batches: Iterator[Batch]) -> Stream:
    for batch in batches:
        yield batch, None
