"""Rows of texts as Arrow columns: CSV, JSON, JSON lines, lines.

A text that is not what it is said to be is an error that names its line: a table lacks no row that the text had.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from chorus.runtime.errors import EvalError
from chorus.runtime.plan.forms import cell
from chorus.runtime.table_given import arrow_rows, given_table, json_text
from chorus.runtime.values import HashTable

if TYPE_CHECKING:
    import pyarrow

    from chorus.runtime.context import Context
    from chorus.runtime.table import Table

NAMED: Final = 3  # faulty lines that an error names
SEPARATORS: Final = ",;\t|"
BLOCK: Final = 1 << 20  # bytes of CSV that are read in one go …
MOST_AT_ONCE: Final = (1 << 31) - 1  # … and at most
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
# Digits that name something rather than count it: with a 0 before others, or more of them than a double keeps apart. A
# column of CSV that has any stays text, as ids in the store are; as numbers they would lose digits, or equal nothing.
NAMING: Final = r"^[+-]?(0[0-9]|[0-9]{17})"
ASIDE: Final = "`ingest` of a file with :columns sets such rows aside and takes the others"


def read_rows(data: bytes, form: str, context: Context, like: HashTable | None = None) -> Table:
    """The rows of a text in the form csv, json (a list of objects), jsonl (an object a line) or lines (one column), or
    those of an Arrow stream. LIKE, for json and jsonl, has a value for columns that are there in any case.
    """
    reader = READERS.get(form)
    if reader is None:
        raise EvalError(f"rows do not come as {form}", code="format", hint=f"one of {' '.join(READERS)}")
    if like is not None and not form.startswith("json"):
        raise EvalError(
            f"{form} says itself what its columns are", code="table-value", hint=":like is for json and jsonl"
        )
    model = {
        key if isinstance(key, str) else key.name: cell(value) for key, value in (like or HashTable()).items()
    }
    return given_table(reader(data, model), context)


def _arrow(data: bytes, model: dict[str, Any]) -> pyarrow.Table:
    """The rows of an Arrow stream, or of a file in the same format."""
    import pyarrow as pa

    if not data:
        raise EvalError("this is no Arrow stream: there is nothing in it", code="table-value")
    opened = pa.ipc.open_file if data[:6] == b"ARROW1" else pa.ipc.open_stream
    try:
        return opened(data).read_all()
    except (pa.ArrowException, OSError) as error:
        raise EvalError(f"this is no Arrow stream: {error}", code="table-value") from None


def _text(data: bytes) -> str:
    """DATA as text: UTF-8, or UTF-16 that says so itself."""
    encoding = "utf-16" if data[:2] in UTF_16 else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        raise EvalError(
            f"line {line} is not {name} text",
            code="table-value",
            hint="iconv -f latin1 -t utf-8 makes it so, if it is Latin-1",
        ) from None


# CSV.


def _csv(text: str, model: Any) -> pyarrow.Table:
    """The columns' types are guessed from their values; see NAMING for what only looks like a number. An empty cell is
    missing, a quoted one ("") an empty text.
    """
    import pyarrow as pa

    first = text.lstrip("\r\n").partition("\n")[0]
    if not first.strip():
        raise EvalError(
            "this is no CSV: there is nothing in it, no names of columns either", code="table-value"
        )
    separator = max(SEPARATORS, key=first.count)
    if '"' in text:
        _check_csv(text, separator)
    try:
        return _typed_csv(text, separator)
    except pa.ArrowInvalid as error:
        _check_csv(text, separator)
        raise EvalError(f"this is no CSV: {error}", code="table-value") from error


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The records of TEXT that hold anything, each with the line that it ends in."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    began = 1
    try:
        for record in reader:
            began = reader.line_num + 1
            if record:
                yield reader.line_num, record
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise EvalError(
                f"the quotation mark that opens in the row of line {began} never closes",
                code="table-value",
                hint=ASIDE,
            ) from None
        raise EvalError(
            f"line {reader.line_num} is no CSV: text goes on after a quotation mark",
            code="table-value",
            hint='a quotation mark in a quoted cell is written twice: "a ""b"" c"; ' + ASIDE,
        ) from None


def _check_csv(text: str, separator: str) -> None:
    """EvalError for quotation marks that do not match, and rows that do not have a cell for each column."""
    records = _records(text, separator)
    _, header = next(records)
    faulty = [(line, len(record)) for line, record in records if len(record) != len(header)]
    if faulty:
        line, width = faulty[0]
        more = f" ({_lines_named([at for at, _ in faulty[1:]])} alike)" if len(faulty) > 1 else ""
        raise EvalError(
            f"line {line} has {_several(width, 'cell')}, the first line {len(header)}{more}",
            code="table-value",
            hint=ASIDE,
        )


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _lines_named(lines: list[int]) -> str:
    named = ", ".join(map(str, lines[: NAMED - 1]))
    rest = len(lines) - (NAMED - 1)
    return f"line{'s' if len(lines) > 1 else ''} {named}" + (f" and {rest} more" if rest > 0 else "")


def _typed_csv(text: str, separator: str) -> pyarrow.Table:
    import pyarrow as pa

    data = text.encode()
    blank = len(text) - len(text.lstrip("\r\n"))
    skipped = text.count("\n", 0, blank) + 1
    names = _names(next(_records(text[blank:], separator))[1])
    found = _parsed_csv(data, separator, names, skipped)
    again = [name for name, kind in zip(names, found.schema.types, strict=True) if not pa.types.is_temporal(kind)
             and not pa.types.is_boolean(kind)]  # fmt: skip
    if not again or not found.num_rows:
        return found
    written = _parsed_csv(data, separator, names, skipped, again)
    for name in again:
        texts = _as_texts(found[name].type, written[name])
        if texts is not None:
            found = found.set_column(names.index(name), name, texts)
    return found


def _as_texts(kind: Any, written: Any) -> Any:
    """The column of texts that WRITTEN is rather than one of KIND, as which it was read; None where KIND stands."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_null(kind):
        return None if written.null_count == len(written) else written
    if pa.types.is_string(kind):
        return written
    if not pc.any(pc.match_substring_regex(written, NAMING)).as_py():
        return None
    spelled = pc.is_in(written, pa.array(_nothing(), pa.string()))
    return pc.if_else(spelled, pa.scalar(None, pa.string()), written)


def _nothing() -> list[str]:
    """Spellings of a number that is missing: NA, NULL … NaN is there, and no number."""
    from pyarrow import csv as arrow_csv

    spelled: list[str] = arrow_csv.ConvertOptions().null_values
    return [text for text in spelled if not text.strip("+-1.#").casefold().startswith(("nan", "ind", "qnan"))]


def _names(header: list[str]) -> list[str]:
    """Names of columns: one without gets its number (data frames write their index so), the second of one name -2."""
    names: list[str] = []
    taken: Counter[str] = Counter()
    for at, given in enumerate(header, 1):
        name = given.strip() or f"column-{at}"
        taken[name.casefold()] += 1
        while taken[name.casefold()] > 1:
            name = f"{given.strip() or 'column'}-{taken[name.casefold()]}"
            taken[name.casefold()] += 1
        names.append(name)
    return names


def _parsed_csv(
    data: bytes, separator: str, names: list[str], skipped: int, as_texts: list[str] | None = None
) -> pyarrow.Table:
    """All columns of a CSV text, or those AS_TEXTS alone, as they are written: there an empty cell is missing, and `""`
    is not.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    wanted = arrow_csv.ConvertOptions(null_values=_nothing())
    if as_texts is not None:
        wanted = arrow_csv.ConvertOptions(
            include_columns=as_texts,
            column_types=dict.fromkeys(as_texts, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        )
    held = _of_its_own(data)
    for block in (BLOCK, len(data) + 1):  # a row that is longer than a block needs one of its own
        try:
            return arrow_csv.read_csv(
                pa.BufferReader(held),
                read_options=arrow_csv.ReadOptions(
                    column_names=names, skip_rows_after_names=skipped, block_size=min(block, MOST_AT_ONCE)
                ),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=True, delimiter=separator),
                convert_options=wanted,
            )
        except pa.ArrowInvalid as error:
            if block > BLOCK or "straddling" not in str(error):
                raise
    raise AssertionError("one of them returns or raises")


def _of_its_own(data: bytes) -> Any:
    """DATA in a buffer of Arrow's own: its threads may let go of it when the process ends already, and one that then
    asks Python to let go of bytes aborts the process."""
    import numpy as np
    import pyarrow as pa

    held = pa.allocate_buffer(len(data))
    np.frombuffer(held, np.uint8)[:] = np.frombuffer(data, np.uint8)
    return held


# JSON and lines.


def _lines(text: str, model: Any) -> pyarrow.Table:
    import pyarrow as pa

    lines = text.split("\n")
    return pa.table(
        {
            "line": pa.array(
                [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])], pa.string()
            )
        }
    )


def _jsonl(text: str, model: dict[str, Any]) -> pyarrow.Table:
    return _objects(_read_lines(text), model, "line")


def _read_lines(text: str) -> Iterator[tuple[int, Any]]:
    for at, line in enumerate(text.split("\n"), 1):
        if line and not line.isspace():
            try:
                yield at, json.loads(line)
            except ValueError as error:
                column = getattr(error, "colno", 1)
                raise EvalError(
                    f"line {at} is no JSON from character {column} on: {_brief(line)}",
                    code="table-value",
                    hint=ASIDE,
                ) from None


def _brief(line: str) -> str:
    line = line.strip()
    return line if len(line) <= 60 else line[:59] + "…"


def _json(text: str, model: dict[str, Any]) -> pyarrow.Table:
    try:
        found = json.loads(text)
    except ValueError as error:
        hint = "an object a line is :jsonl" if text.lstrip()[:1] == "{" else None
        raise EvalError(f"this is no JSON: {error}", code="table-value", hint=hint) from error
    return _objects(enumerate(found if isinstance(found, list) else [found], 1), model, "element")


def _objects(found: Any, model: dict[str, Any], what: str) -> pyarrow.Table:
    """A table of (number, value): each of the values an object. What is WHAT is numbered so.

    Whole numbers beyond 64 bits make their column one of texts, as in CSV: as reals they would lose digits.
    """
    rows: list[dict[str, Any]] = []
    places: list[int] = []
    large: set[str] = set()
    for at, row in found:
        if not isinstance(row, dict):
            hint = "a list of objects is :json" if what == "line" and isinstance(row, list) else None
            raise EvalError(f"{what} {at} is no JSON object", code="table-value", hint=hint)
        for name, value in row.items():
            if isinstance(value, (list, dict)):
                row[name] = json_text(value)
            elif value.__class__ is int and not -(2**63) <= value < 2**63:
                large.add(name)
        rows.append(row)
        places.append(at)
    if not rows and not model:
        raise EvalError(
            "there are no rows, which would say what columns there are",
            code="table-value",
            hint=":like {:name value …}",
        )
    for name in large:
        for row in rows:
            if row.get(name).__class__ is int:
                row[name] = str(row[name])
    try:
        return arrow_rows(rows, model)
    except EvalError as error:
        if error.code != "table-type":
            raise
        raise _mixed(rows, places, model, what) or error from None


KINDS: Final[dict[type, str]] = {str: "a text", bool: "true or false", int: "a number", float: "a number"}


def _mixed(
    rows: list[dict[str, Any]], places: list[int], model: dict[str, Any], what: str
) -> EvalError | None:
    """Where a column that mixes types does so first."""
    first: dict[str, tuple[str, str]] = {
        name: (KINDS[value.__class__], ":like") for name, value in model.items() if value.__class__ in KINDS
    }
    for row, at in zip(rows, places, strict=True):
        for name, value in row.items():
            kind = KINDS.get(value.__class__)
            if kind is None:
                continue
            known, where = first.setdefault(name, (kind, f"{what} {at}"))
            if known != kind:
                return EvalError(
                    f"{name} is {known} in {where} and {kind} in {what} {at}",
                    code="table-type",
                    hint=f'rows of texts: (select (stdin :lines) ({name} (json-get line "{name}")))',
                )
    return None


def _of_text(read: Callable[[str, dict[str, Any]], Any]) -> Reader:
    return lambda data, model: read(_text(data), model)


Reader = Callable[[bytes, dict[str, Any]], Any]
READERS: Final[dict[str, Reader]] = {
    "csv": _of_text(_csv),
    "jsonl": _of_text(_jsonl),
    "json": _of_text(_json),
    "lines": _of_text(_lines),
    "arrow": _arrow,
}
