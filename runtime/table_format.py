"""Tables, and lists of hash tables or records, as text (table, box, csv, json, jsonl, markdown) or
as an Arrow stream.

Text of messages is untrusted: what could steer a terminal (escape sequences, bidirectional overrides, line
ends in a cell) is shown escaped. In csv it stays as it is, unless the stream is a terminal.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring as json_string
from typing import Any, Final, TextIO

from chorus.runtime.errors import EvalError
from chorus.runtime.instants import instant_text
from chorus.runtime.plan import nodes
from chorus.runtime.plan.plans import stored_columns
from chorus.runtime.table import Table
from chorus.runtime.values import NIL, HashTable, Keyword, Pair, Record, Symbol

FORMATS: Final = ("table", "box", "csv", "json", "jsonl", "markdown", "arrow")
MOST_ROWS: Final = 50  # of table and box, unless told otherwise
# Controls, soft hyphen, zero-width and bidirectional marks, line separators, tags, lone surrogates.
UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
QUOTED: Final = re.compile('[,"\r\n]|^\\s|\\s$')  # in csv
QUOTED_ANYWHERE: Final = re.compile('[,"\r\n]|(^|\0)\\s|\\s(\0|$)')  # … of texts with NUL between them
MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#|!~&])")
PLAIN: Final = re.compile("[A-Za-z0-9 .,:;'-]*")  # text in which nothing is escaped
SURROGATE: Final = re.compile("[\ud800-\udfff]")
NICKNAMES: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass
class Rows:
    """What the formats print: named columns, their types where known, batches of rows as the columns' Lisp values
    (None: missing), how many there are; and the columns that no stored table has, so that somebody asked for them.
    """

    names: list[str]
    types: list[str]
    batches: Iterator[list[list[Any]]]
    total: Callable[[], int]
    made: Callable[[], set[str]] = set

    @property
    def kinds(self) -> list[str]:
        """The type of each column; "" where none is known."""
        return self.types or [""] * len(self.names)

    @property
    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows one by one."""
        return (row for batch in self.batches for row in zip(*batch, strict=True))


def is_tabular(value: Any) -> bool:
    """Whether VALUE prints as a table: a table, or a list of hash tables or of records of one type."""
    if isinstance(value, Table) or _plotted(value) is not None:
        return True
    items = _proper(value)
    if not items:
        return False
    if all(isinstance(item, HashTable) and len(item) for item in items):
        return all(isinstance(key, (Keyword, Symbol, str)) for item in items for key, _ in item.items())
    return all(isinstance(item, Record) and item.type is items[0].type for item in items)


def _proper(value: Any) -> list[Any]:
    """The elements of a vector or proper list; none of any other value, one that goes round included."""
    if isinstance(value, list):
        return value
    items: list[Any] = []
    seen: set[int] = set()
    while isinstance(value, Pair) and id(value) not in seen:
        seen.add(id(value))
        items.append(value.car)
        value = value.cdr
    return items if value is NIL else []


def format_table(
    value: Any, fmt: str, stream: TextIO, max_rows: int | None = MOST_ROWS, width: int | None = None
) -> None:
    """Write VALUE (see is_tabular) to STREAM in the format FMT.

    MAX_ROWS cuts table and box, with a note (None: all rows); formats for programs are never cut. WIDTH, in
    terminal cells, narrows table and box (default: the terminal's, if STREAM is one).
    """
    if fmt == "arrow":
        write_arrow(value, stream)
        return
    rows = _rows_of(value)
    if fmt in GRIDS:
        from chorus.runtime.table_text import write_grid

        write_grid(rows, stream, max_rows, width, GRIDS[fmt])
    elif fmt in WRITERS:
        WRITERS[fmt](rows, stream)
    else:
        raise EvalError(f"there is no format {fmt}", code="format", hint=f"one of {' '.join(FORMATS)}")


def _plotted(value: Any) -> dict[str, list[Any]] | None:
    """The columns of a plot's data; None of any other value."""
    return value.columns if type(value).__module__ == "chorus.runtime.plots.plot" else None


def _rows_of(value: Any) -> Rows:
    """VALUE, tabular, as columns in batches: a plot's data, a table, or a list of records or hash tables."""
    plotted = _plotted(value)
    if plotted is not None:
        return Rows(list(plotted), [], iter([list(plotted.values())]), lambda: len(value))
    if isinstance(value, Table):
        fields = value.fields
        names = [field.name for field in fields]
        return Rows(
            names,
            [field.type for field in fields],
            value.column_batches(),
            value.count,
            lambda: set(names) - stored_columns(value.plan),
        )
    items = [] if value is NIL else list(value)
    if items and isinstance(items[0], Record):
        names = list(items[0].type.fields)
        rows = [item.values for item in items]
    else:
        found = [{_name(key): part for key, part in item.items()} for item in items]
        names = list(dict.fromkeys(name for row in found for name in row))
        rows = [[row.get(name) for name in names] for row in found]
    return Rows(names, [], iter([[list(cells) for cells in zip(*rows, strict=True)]]), lambda: len(items))


def _name(key: Any) -> str:
    return key if isinstance(key, str) else key.name


def write_arrow(value: Any, stream: TextIO) -> None:
    """VALUE as an Arrow IPC stream, batch by batch, on the bytes under STREAM."""
    import pyarrow as pa

    target = getattr(stream, "buffer", None)
    if target is None or _is_terminal(stream):
        raise EvalError(
            "arrow is bytes, which this output does not take",
            code="format",
            hint="chorus --format arrow -e … > rows.arrow",
        )
    stream.flush()
    if isinstance(value, Table):
        batches = value.batches()
        first = next(batches, None)
        schema = value.over(nodes.Slice(value.plan, 0)).arrow().schema if first is None else first.schema
        rest = [] if first is None else itertools.chain([first], batches)
    else:
        rows = _rows_of(value)
        columns = zip(*rows.rows, strict=True)
        held = pa.table({name: _arrow_cells(part) for name, part in zip(rows.names, columns, strict=True)})
        schema, rest = held.schema, held.to_batches()
    with pa.ipc.new_stream(target, schema) as writer:
        for batch in rest:
            writer.write_batch(batch)
    target.flush()


def _arrow_cells(values: Iterable[Any]) -> list[Any]:
    """A column of Lisp values: booleans where there are but these, else #f is missing and what is no atom text."""
    held = list(values)
    if all(isinstance(value, bool) for value in held):
        return held  # of which none is missing
    plain = (str, int, float, dt.datetime)
    return [None if v is False or v is None else v if isinstance(v, plain) else exact_text(v) for v in held]


# Cells.


def safe(text: str) -> str:
    """TEXT with whatever could steer a terminal written out."""
    return UNSAFE.sub(lambda found: NICKNAMES.get(found[0]) or _escaped(found[0]), text)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def cell_text(value: Any, kind: str = "") -> str:
    """One value of a column of type KIND for people: missing is blank, strings without quotes."""
    if value is None:
        return ""
    if value is False:
        return "#f" if kind == "boolean" else ""
    if value is True:
        return "#t"
    if value.__class__ is str:
        return value
    if value.__class__ is float:
        return f"{value:.6g}" if abs(value) < 1e15 and value == value else _written(value)
    return _written(value)


def exact_text(value: Any, kind: str = "") -> str:
    """One value for programs: missing is empty, a number to the last digit, an instant in ISO 8601."""
    if value is None:
        return ""
    if value is False:  # in a list of rows it means that there is nothing
        return "false" if kind == "boolean" else ""
    if value is True:
        return "true"
    if value.__class__ is float:
        return repr(value)
    return value if value.__class__ is str else _written(value)


def _written(value: Any) -> str:
    from chorus.runtime.printer import write

    if isinstance(value, (Symbol, Keyword)):
        return value.name
    return instant_text(value) if isinstance(value, dt.datetime) else write(value)


# csv, json, jsonl, markdown.


def _write_csv(rows: Rows, stream: TextIO) -> None:
    """RFC 4180 with plain line ends. Missing is empty, an empty text `""`, a condition's #f `false`; never cut."""
    clean = safe if _is_terminal(stream) else _without_surrogates
    stream.write(",".join(_csv_cell(clean(name)) for name in rows.names) + "\n")
    for batch in rows.batches:
        columns = [_csv_column(column, kind, clean) for column, kind in zip(batch, rows.kinds, strict=True)]
        lines = columns[0] if len(columns) == 1 else map(",".join, zip(*columns, strict=True))
        # A line without anything would be no row.
        stream.write("".join([(line or '""') + "\n" for line in lines]))


def _csv_column(column: list[Any], kind: str, clean: Callable[[str], str]) -> list[str]:
    if kind in PLAINLY:  # numbers and instants: nothing in them to be cleaned or quoted
        return ["" if value is None else PLAINLY[kind](value) for value in column]
    texts = [(value or '""') if value.__class__ is str else exact_text(value, kind) for value in column]
    whole = "\0".join(texts)
    if clean is safe or not whole.isascii():
        texts = [clean(text) for text in texts]
    if not QUOTED_ANYWHERE.search(whole):
        return texts
    pairs = zip(texts, column, strict=True)
    return [text if value == "" else _csv_cell(text) for text, value in pairs]


PLAINLY: Final[dict[str, Callable[[Any], str]]] = {"integer": str, "real": repr, "instant": instant_text}


def _csv_cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text


def _is_terminal(stream: TextIO) -> bool:
    return bool(getattr(stream, "isatty", lambda: False)())


def _without_surrogates(text: str) -> str:
    return text if text.isascii() else SURROGATE.sub("\ufffd", text)


def _json_objects(rows: Rows) -> Iterator[str]:
    heads = [
        ("{" if at == 0 else ", ") + json.dumps(name, ensure_ascii=False) + ": "
        for at, name in enumerate(rows.names)
    ]
    for batch in rows.batches:
        columns = map(_json_column, batch)
        for cells in zip(*columns, strict=True):
            text = "".join([part for pair in zip(heads, cells, strict=True) for part in pair]) + "}"
            yield text if text.isascii() and text.isprintable() else UNSAFE.sub(_json_escape, text)


def _json_column(column: list[Any]) -> list[str]:
    """Each value as JSON."""
    from chorus.runtime.jsonout import to_json

    made = []
    for value in column:
        kind = value.__class__
        if kind is str:
            made.append(json_string(value))
        elif kind is int:
            made.append(str(value))
        elif value is None:
            made.append("null")
        elif kind is dt.datetime:
            made.append(f'"{instant_text(value)}"')
        else:
            made.append(json.dumps(to_json(value), ensure_ascii=False, allow_nan=False))
    return made


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _write_json(rows: Rows, stream: TextIO) -> None:
    stream.write("[")
    for at, text in enumerate(_json_objects(rows)):
        stream.write((",\n " if at else "") + text)
    stream.write("]\n")


def _write_jsonl(rows: Rows, stream: TextIO) -> None:
    for text in _json_objects(rows):
        stream.write(text + "\n")


def _write_markdown(rows: Rows, stream: TextIO) -> None:
    stream.write("| " + " | ".join(map(_markdown_cell, rows.names)) + " |\n")
    stream.write("|" + "|".join(" ---: " if _is_number(kind) else " --- " for kind in rows.kinds) + "|\n")
    for batch in rows.batches:
        columns = [
            [_markdown_cell(cell_text(value, kind)) for value in column]
            for column, kind in zip(batch, rows.kinds, strict=True)
        ]
        stream.write("".join(["| " + " | ".join(cells) + " |\n" for cells in zip(*columns, strict=True)]))


def _write_html(rows: Rows, stream: TextIO) -> None:
    """The first rows, for notebooks; whatever the cells hold is text."""
    from html import escape

    kinds = rows.kinds
    heads = "".join(f"<th>{escape(safe(name))}</th>" for name in rows.names)
    stream.write(f"<table><thead><tr>{heads}</tr></thead><tbody>")
    shown = 0
    for row in itertools.islice(rows.rows, MOST_ROWS):
        cells = (escape(safe(cell_text(value, kind))) for value, kind in zip(row, kinds, strict=True))
        styled = ("".join(f"<td{' style=text-align:right' if _is_number(k) else ''}>{c}</td>"
                          for c, k in zip(cells, kinds, strict=True)))  # fmt: skip
        stream.write(f"<tr>{styled}</tr>")
        shown += 1
    stream.write(f"</tbody></table><p>{shown:,} of {rows.total():,} rows × {len(rows.names)} columns</p>\n")


def _markdown_cell(text: str) -> str:
    """Markup in a message must not become markup: an image link in it would be fetched by a viewer."""
    return text if PLAIN.fullmatch(text) else MARKUP.sub(r"\\\1", safe(text))


def _is_number(kind: str) -> bool:
    return kind in ("integer", "real")


GRIDS: Final = {"table": "plain", "box": "box"}  # → frames of table_text
WRITERS: Final[dict[str, Callable[[Rows, TextIO], None]]] = {
    "csv": _write_csv,
    "json": _write_json,
    "jsonl": _write_jsonl,
    "markdown": _write_markdown,
    "html": _write_html,
}


def formatted(
    value: Any, fmt: str = "table", max_rows: int | None = MOST_ROWS, width: int | None = None
) -> str:
    """What format_table writes, as a string."""
    held = io.StringIO()
    format_table(value, fmt, held, max_rows, width)
    return held.getvalue()
