"""Tables of rows that the program holds: Arrow tables and data frames as they are, lists of rows, CSV and JSON lines.

Columns take the algebra's types; what no column holds (a list, an object) becomes its JSON text.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from chorus.runtime.errors import EvalError
from chorus.runtime.plan.forms import cell
from chorus.runtime.plan.shapes import Given
from chorus.runtime.plan.types import BOOLEAN, INSTANT, INTEGER, MISSING, REAL, STRING, Field, Schema
from chorus.runtime.table import Table
from chorus.runtime.values import HashTable

if TYPE_CHECKING:
    import pyarrow

    from chorus.runtime.context import Context

NUMBERS: Final = itertools.count(1)
SAMPLE: Final = 3  # faulty lines that an error could name
# Digits that name something rather than count it: with a 0 before others, or more of them than a double keeps apart. A
# column of CSV that has any stays text, as ids in the store are; as numbers they would lose digits, or equal nothing.
NAMING: Final = r"^[+-]?(0[0-9]|[0-9]{17})"


def given_table(data: pyarrow.Table, context: Context) -> Table:
    """The Arrow table DATA as a table; columns that have the algebra's types are not copied."""
    import pyarrow as pa

    fields, columns = [], []
    for name, column in zip(data.column_names, data.columns, strict=True):
        kind, made = _column(column)
        fields.append(Field(name, kind))
        columns.append(made)
    if not fields:
        raise EvalError("a table has at least one column", code="table-value")
    schema = Schema(tuple(fields))
    held = pa.table(columns, names=[field.name for field in fields])
    return Table(Given(f":given{next(NUMBERS)}", schema, held), context)


def _column(column: Any) -> tuple[str, Any]:
    """The algebra's type of an Arrow column, and the column as an array of it."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return INSTANT, column.cast(pa.timestamp("us")) if kind != pa.timestamp("us") else column
    for test, ours, theirs in (
        (pa.types.is_boolean, BOOLEAN, pa.bool_()),
        (pa.types.is_integer, INTEGER, pa.int64()),
        (pa.types.is_floating, REAL, pa.float64()),
        (pa.types.is_decimal, REAL, pa.float64()),
        (pa.types.is_string, STRING, pa.string()),
        (pa.types.is_large_string, STRING, pa.large_string()),
    ):
        if test(kind):
            return ours, _cast(column, theirs)
    if pa.types.is_null(kind):
        return MISSING, column.cast(pa.string())
    return STRING, pa.array([None if v is None else _json_text(v) for v in column.to_pylist()], pa.string())


def _cast(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    try:
        return column if column.type == kind else column.cast(kind)
    except pa.ArrowInvalid as error:
        raise EvalError(f"a column's values do not fit: {error}", code="table-overflow") from error


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def table_of_records(rows: Iterable[HashTable], context: Context, like: HashTable | None = None) -> Table:
    """A table with a column for each key of ROWS, in the order in which they first come; before them those of LIKE, of
    the types of its values.
    """
    model, *found = [
        {_key(key): _held(value) for key, value in row.items()} for row in (like or HashTable(), *rows)
    ]
    return given_table(_arrow(found, model), context)


def _key(key: Any) -> str:
    return key if isinstance(key, str) else key.name


def _held(value: Any) -> Any:
    """A cell of a record; lists and records as JSON text."""
    from chorus.runtime.jsonout import to_json
    from chorus.runtime.values import Pair

    if isinstance(value, (Pair, list, HashTable)):
        return _json_text(to_json(value))
    return cell(value)


def _arrow(rows: list[dict[str, Any]], model: dict[str, Any] | None = None) -> pyarrow.Table:
    """Columns of one type each, of which MODEL has a value: integers among reals are reals; anything else that is mixed
    is an error.
    """
    import pyarrow as pa

    from chorus.runtime.plan.expressions import literal
    from chorus.runtime.plan.types import common_type

    model = model or {}
    if not rows and not model:
        raise EvalError("a table of no rows has no columns", code="table-value", hint=":like {:name value …}")
    names = list(dict.fromkeys(name for row in (model, *rows) for name in row))
    columns = []
    for name in names:
        values = [literal(row.get(name)) for row in rows]
        seen = {value.type for value in values}
        if name in model:
            seen.add(literal(model[name]).type)
        kind = BOOLEAN if seen == {MISSING, BOOLEAN} else common_type(seen)
        if kind is None:
            raise EvalError(f"the column {name} mixes {' and '.join(sorted(seen))}", code="table-type")
        plain = [(False if value.value is None and kind == BOOLEAN else value.value) for value in values]
        columns.append(pa.array(plain, _arrow_type(kind)))
    return pa.table(columns, names=names)


def _arrow_type(kind: str) -> Any:
    import pyarrow as pa

    return {
        STRING: pa.string(),
        INTEGER: pa.int64(),
        REAL: pa.float64(),
        BOOLEAN: pa.bool_(),
        INSTANT: pa.timestamp("us", "UTC"),
        MISSING: pa.null(),
    }[kind]


def read_rows(data: bytes, form: str, context: Context) -> Table:
    """The rows of a text in the form csv, json (a list of objects), jsonl (an object a line) or lines (one column)."""
    reader = READERS.get(form)
    if reader is None:
        raise EvalError(f"rows do not come as {form}", code="format", hint=f"one of {' '.join(READERS)}")
    return given_table(reader(data), context)


def _csv(data: bytes) -> Any:
    """The columns' types are guessed from their values; see NAMING for what only looks like a number."""
    import pyarrow as pa

    try:
        found = _parsed_csv(data)
        kinds = dict(zip(found.column_names, found.schema.types, strict=True))
        numeric = [n for n, kind in kinds.items() if pa.types.is_integer(kind) or pa.types.is_floating(kind)]
        if (
            not numeric or len(kinds) < found.num_columns
        ):  # the same name twice is told by whoever makes a table of it
            return found
        for name, column in zip(numeric, _parsed_csv(data, numeric).columns, strict=True):
            if pa.compute.any(pa.compute.match_substring_regex(column, NAMING)).as_py():
                found = found.set_column(found.column_names.index(name), name, column)
        return found
    except pa.ArrowInvalid as error:
        raise EvalError(f"this is no CSV: {error}", code="table-value") from error


def _parsed_csv(data: bytes, as_texts: list[str] | None = None) -> Any:
    """All columns of a CSV text, or those AS_TEXTS alone, as they are written."""
    import io

    import pyarrow as pa
    import pyarrow.compute
    from pyarrow import csv

    wanted = csv.ConvertOptions(
        include_columns=as_texts,
        column_types=dict.fromkeys(as_texts or (), pa.string()),
        strings_can_be_null=as_texts is not None,  # as a missing number is
    )
    parsing = csv.ParseOptions(newlines_in_values=True)
    return csv.read_csv(io.BytesIO(data), parse_options=parsing, convert_options=wanted)


def _lines(data: bytes) -> Any:
    import pyarrow as pa

    return pa.table({"line": pa.array([line.decode() for line in data.splitlines()], pa.string())})


def _jsonl(data: bytes) -> Any:
    return _objects([(at, line) for at, line in enumerate(data.splitlines(), 1) if line.strip()])


def _json(data: bytes) -> Any:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise EvalError(f"this is no JSON: {error}", code="table-value") from error
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) for row in rows):
        raise EvalError("this is no list of JSON objects", code="table-value")
    return _arrow([{name: _plain(value) for name, value in row.items()} for row in rows])


def _objects(lines: list[tuple[int, bytes]]) -> Any:
    rows = []
    for at, line in lines:
        try:
            row = json.loads(line)
        except ValueError as error:
            raise EvalError(f"line {at} is no JSON: {error}", code="table-value") from error
        if not isinstance(row, dict):
            raise EvalError(f"line {at} is no JSON object", code="table-value")
        rows.append({name: _plain(value) for name, value in row.items()})
    return _arrow(rows)


def _plain(value: Any) -> Any:
    return _json_text(value) if isinstance(value, (list, dict)) else value


READERS: Final = {"csv": _csv, "jsonl": _jsonl, "json": _json, "lines": _lines}
