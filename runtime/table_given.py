"""Tables of rows that the program holds: Arrow tables and data frames as they are, lists of rows.

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


def arrow_of(value: Any) -> pyarrow.Table | list[Any]:
    """An Arrow table of VALUE, which gives an Arrow stream: a data frame, a relation. Of a single column (a series, an
    array) the list of its values, missing ones as #f.
    """
    import pyarrow as pa

    from chorus.runtime.table import lisp_values

    if isinstance(value, pa.Table):
        return value
    try:
        if isinstance(value, (pa.ChunkedArray, pa.Array)) or hasattr(value, "dtype"):  # frames have dtypes
            column = pa.chunked_array(value)
            return lisp_values(column) if not pa.types.is_struct(column.type) else column.to_pylist()
        return pa.table(value)
    except (pa.ArrowException, ValueError, TypeError) as error:
        told = "; ".join(str(part) for part in error.args)
        raise EvalError(
            f"this {type(value).__name__} cannot be taken as a table: {told}",
            code="table-value",
            hint="a column has values of one type: frame.astype({'column': str}) makes texts of them",
        ) from None


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
        chunks = [
            _column(part.dictionary)[1].take(part.indices) for part in getattr(column, "chunks", [column])
        ]
        kind = _column(pa.array([], kind.value_type))[1].type
        column = pa.chunked_array(chunks, kind)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return INSTANT, column.cast(pa.timestamp("us")) if kind != pa.timestamp("us") else column
    for test, ours, theirs in (
        (pa.types.is_boolean, BOOLEAN, pa.bool_()),
        (pa.types.is_integer, INTEGER, pa.int64()),
        (pa.types.is_floating, REAL, pa.float64()),
        (pa.types.is_decimal, REAL, pa.float64()),
        (pa.types.is_string, STRING, pa.string()),
        (pa.types.is_large_string, STRING, pa.large_string()),
        (pa.types.is_string_view, STRING, pa.string()),
    ):
        if test(kind):
            return ours, _cast(column, theirs)
    if pa.types.is_null(kind):
        return MISSING, column.cast(pa.string())
    return STRING, pa.array([None if v is None else _as_text(v) for v in column.to_pylist()], pa.string())


def _as_text(value: Any) -> str:
    """What no column holds: lists and records as JSON, a time of day or a stretch of time as written, bytes in hex."""
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    return json_text(value) if isinstance(value, (list, dict, tuple)) else str(value)


def _cast(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    try:
        return column if column.type == kind else column.cast(kind)
    except pa.ArrowInvalid as error:
        raise EvalError(f"a column's values do not fit: {error}", code="table-overflow") from error


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def table_of_records(rows: Iterable[HashTable], context: Context, like: HashTable | None = None) -> Table:
    """A table with a column for each key of ROWS, in the order in which they first come; before them those of LIKE, of
    the types of its values.
    """
    model, *found = [
        {_key(key): _held(value) for key, value in row.items()} for row in (like or HashTable(), *rows)
    ]
    return given_table(arrow_rows(found, model), context)


def _key(key: Any) -> str:
    return key if isinstance(key, str) else key.name


def _held(value: Any) -> Any:
    """A cell of a record; lists and records as JSON text."""
    from chorus.runtime.jsonout import to_json
    from chorus.runtime.values import Pair

    if isinstance(value, (Pair, list, HashTable)):
        return json_text(to_json(value))
    return cell(value, use="be a cell of a table")


def arrow_rows(rows: list[dict[str, Any]], model: dict[str, Any] | None = None) -> pyarrow.Table:
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
