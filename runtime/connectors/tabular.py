"""Rows of CSV and Parquet files, CSV rows with their text as it stood; DiscordChatExporter's CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from chorus.runtime.connectors.batch import INPUT_FAILURES, Batch, Take, Unit
from chorus.runtime.connectors.fields import BadRow, compact, identifier, instant, mend, text
from chorus.runtime.connectors.jsonsplit import MAX_ELEMENT, Malformed, Truncated
from chorus.runtime.connectors.mapped import Occurrences
from chorus.runtime.connectors.mapping import utc_text
from chorus.runtime.connectors.source import SourceFile

DISCORD_HEADER = ["AuthorID", "Author", "Date", "Content", "Attachments", "Reactions"]
_PARQUET_BATCH = 2_000


class CsvRows:
    """The records of a CSV file; TEXT is the record last read, as it stood."""

    def __init__(self, source: SourceFile) -> None:
        csv.field_size_limit(MAX_ELEMENT)
        head = source.head()
        utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
        encoding = "utf-16" if utf16 else "utf-8-sig"
        self._stream = io.TextIOWrapper(source.open(), encoding, "surrogateescape", newline="")
        self._taken: list[str] = []
        first = head.decode(encoding, "replace").partition("\n")[0]
        self.delimiter = max(",;\t|", key=first.count)
        self._reader = csv.reader(self._remember(), delimiter=self.delimiter, strict=True)
        self.header = [mend(name) for name in self._next() or []]

    def _remember(self) -> Iterator[str]:
        while line := self._stream.readline(MAX_ELEMENT):
            self._taken.append(line)
            yield line

    def _next(self) -> list[str] | None:
        self._taken = []
        return next(self._reader, None)

    @property
    def text(self) -> str:
        joined = "".join(self._taken).rstrip("\r\n")
        try:
            joined.encode()
        except UnicodeEncodeError:
            return joined.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return joined

    def records(self) -> Iterator[list[str] | BadRow]:
        """Each record's fields, or why it is none."""
        while True:
            try:
                record = self._next()
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    raise Truncated(self._stream.buffer.tell()) from None
                large = "field limit" in str(error)
                yield BadRow("a cell of the row is too large" if large else f"not CSV: {error}")
                continue
            if record is None:
                return
            if record:
                yield [mend(field) for field in record]
            else:
                yield []


def read_csv(source: SourceFile, take: Take, table: str, start: int) -> Iterator[Batch]:
    """Batches of a CSV file's records; an empty field is null."""
    rows = CsvRows(source)
    width = len(rows.header)

    def made(record: list[str]) -> dict[str, Any]:
        if len(record) != width:
            raise BadRow(f"the row has {len(record)} fields, the header {width}")
        return {name: field or None for name, field in zip(rows.header, record, strict=True)}

    yield from _read(rows, made, take, table, start)


def read_discord_csv(source: SourceFile, start: int) -> Iterator[Batch]:
    """Batches of a CSV made by DiscordChatExporter, which carries neither message ids nor reply links."""
    channel = _channel_of(source.path.name)
    occurrences = Occurrences()

    def take(batch: Batch, row: Any, raw: str) -> None:
        _take_discord(batch, row, raw, channel, occurrences)

    rows = CsvRows(source)
    width = len(rows.header)

    def made(record: list[str]) -> list[str]:
        if len(record) != width:
            raise BadRow(f"the row has {len(record)} fields, the header {width}")
        return record

    yield from _read(rows, made, take, "messages", start)


def _read(rows: CsvRows, made: Any, take: Take, table: str, start: int) -> Iterator[Batch]:
    batch = Batch(table, start)
    row_number = 0
    try:
        for record in rows.records():
            row_number += 1
            if row_number <= start:
                continue
            try:
                if isinstance(record, BadRow):
                    raise record
                if record:
                    take(batch, made(record), rows.text)
            except BadRow as bad:
                batch.refuse(row_number, str(bad), rows.text)
            batch.high_water = row_number
            if batch.full:
                yield batch
                batch = Batch(table, row_number)
    except INPUT_FAILURES:
        yield batch
        raise
    yield batch


_REACTION = re.compile(r"(.+?) \((\d+)\)(?:,\s*|$)")
_CHANNEL = re.compile(r"(?:.* - )?(.+?)(?: \[(\d+)\])?(?: \(.*\))?(?:\.csv)?(?:\.gz)?$")


def _channel_of(file_name: str) -> tuple[str, str]:
    """Channel id and name from the exporter's file name: `Guild - category - channel [id] (after …).csv`."""
    match = _CHANNEL.match(file_name.removesuffix(".gz").removesuffix(".csv"))
    if match is None:
        return file_name, file_name
    return match[2] or match[1], match[1]


def _take_discord(
    batch: Batch, row: list[str], raw: str, channel: tuple[str, str], occurrences: Occurrences
) -> None:
    author_id, name, date, content, attachments, reactions = row[:6]
    author_id = identifier(author_id, "author's id")
    at = instant(date)
    key = occurrences.key(channel[0], author_id, utc_text(at), content)
    urls = [url for url in attachments.split(",") if url]
    children: dict[str, list[tuple[Any, ...]]] | None = None
    if urls or reactions:
        children = {
            "reactions": [
                (key, None, emoji, None, int(count), "[]")
                for emoji, count in _REACTION.findall(reactions)
                if len(count) < 10
            ],
            "attachments": [
                (None, key, url, url.partition("?")[0].rpartition("/")[2] or None, None) for url in urls
            ],
            "mentions": [],
        }
    message = (
        key,
        author_id,
        channel[0],
        at,
        None,
        "Default",
        text(content),
        None,
        None,
        False,
        None,
        None,
        None,
        raw,
    )
    batch.add(key, Unit(None, [message], children), len(raw))
    batch.seen(author_id, {"name": name.rpartition("#")[0] or name}, at)
    batch.channels.setdefault(channel[0], (*channel, None, None, None, None, None, None, None))


def csv_sample(source: SourceFile, most: int) -> list[dict[str, Any]]:
    """The first rows of a CSV file; a file with a header only gives one row of nulls."""
    rows = CsvRows(source)
    found: list[dict[str, Any]] = []
    try:
        for record in rows.records():
            if isinstance(record, list) and len(record) == len(rows.header):
                found.append(dict(zip(rows.header, record, strict=True)))
            if len(found) >= most:
                break
    except (Truncated, EOFError):
        pass
    return found or [dict.fromkeys(rows.header)]


def _parquet(source: SourceFile) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(source.path)
    except pa.ArrowException as error:
        raise Malformed(f"not a whole Parquet file: {error}", source.size) from None


def parquet_sample(source: SourceFile, most: int) -> list[dict[str, Any]]:
    with _parquet(source) as file:
        first = next(file.iter_batches(batch_size=most), None)
        return first.to_pylist() if first is not None else [dict.fromkeys(file.schema_arrow.names)]


def read_parquet(source: SourceFile, take: Take, table: str, start: int) -> Iterator[Batch]:
    """Batches of a Parquet file's rows."""
    import pyarrow as pa

    batch = Batch(table, start)
    row_number = 0
    with _parquet(source) as file:
        total = max(file.metadata.num_rows, 1)
        chunks = file.iter_batches(batch_size=_PARQUET_BATCH)
        while True:
            try:
                chunk = next(chunks, None)
            except (pa.ArrowException, OSError) as error:
                yield batch
                raise Malformed(f"the Parquet file is damaged: {error}", source.size) from None
            if chunk is None:
                break
            if row_number + chunk.num_rows <= start:
                row_number += chunk.num_rows
                continue
            for row in chunk.to_pylist():
                row_number += 1
                if row_number <= start:
                    continue
                raw = compact(row)
                try:
                    take(batch, row, mend(raw))
                except BadRow as bad:
                    batch.refuse(row_number, str(bad), raw)
                batch.high_water = row_number
                if batch.full:
                    yield batch
                    batch = Batch(table, row_number)
            source.moved(source.size * row_number // total)
    yield batch
