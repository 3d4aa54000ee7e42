"""The table value: a lazy relational plan and the session that it reads in; it runs when rows are wanted.

Rows come as Lisp values: missing is #f, instants are aware and in UTC. Arrow comes as the engine made it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chorus.runtime.errors import ChorusError, EvalError, StoreError
from chorus.runtime.plan import nodes
from chorus.runtime.plan.shapes import Given
from chorus.runtime.plan.types import BOOLEAN, INSTANT, Field
from chorus.runtime.primitive import ACCEPTS, REJECT, Accept
from chorus.runtime.values import HashTable, Keyword

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from chorus.runtime.context import Context
    from chorus.runtime.plan.sql import Query

BATCH = 10_000  # rows turned into Lisp values at a time
STEPS_A_CELL = 1
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Table:
    """A lazy table. Two tables are `equal?` only if they are the same one."""

    __slots__ = ("_query", "_ready", "context", "plan", "report")

    def __init__(self, plan: nodes.Plan, context: Context) -> None:
        self.plan = plan
        self.context = context
        self.report: dict[str, Any] | None = None  # what an operator of meaning did to make it
        self._query: Query | None = None
        self._ready: tuple[Any, nodes.Plan] | None = None

    def query(self) -> Query:
        """What the engine is given: made once."""
        from chorus.runtime.plan.sql import compile_plan

        plan = self.ready()
        if self._query is None:
            self._query = compile_plan(plan)
        return self._query

    def ready(self) -> nodes.Plan:
        """The plan with what its searches found in their place, searched again once the corpus has changed."""
        from chorus.runtime.plan.searches import searches

        if not searches(self.plan):
            return self.plan
        now = self.context.indexes.state()
        if self._ready is None or self._ready[0] != now:
            from chorus.runtime.index.searching import lowered

            self._ready, self._query = (now, lowered(self.plan, self.context)), None
        return self._ready[1]

    def over(self, plan: nodes.Plan) -> Table:
        """A table of PLAN in the same session."""
        return Table(plan, self.context)

    @property
    def columns(self) -> list[str]:
        """Names of the visible columns."""
        return self.plan.schema.names

    @property
    def fields(self) -> tuple[Field, ...]:
        """Names and types of the visible columns."""
        return self.plan.schema.visible

    # Running.

    def arrow(self) -> pyarrow.Table:
        """All rows as an Arrow table, zero-copy from the engine; instants are timestamps in UTC."""
        held = _held(self.plan)
        if held is not None:
            return _in_utc(held, self.fields)
        return _in_utc(self._read(*self.query()), self.fields)

    def df(self) -> pandas.DataFrame:
        """All rows as a data frame; numbers without gaps are not copied, so they cannot be changed in place."""
        return self.arrow().to_pandas(split_blocks=True)

    def count(self) -> int:
        """The number of rows."""
        from chorus.runtime.plan.sql import compile_count

        return int(self._read(*compile_count(self.ready())).column(0)[0].as_py())

    def batches(self, size: int = BATCH) -> Iterator[pyarrow.RecordBatch]:
        """The rows as record batches of about SIZE rows, read as they are taken."""
        self.context.check()
        with _in_words():
            query = self.query()
            engine, lent = self._engine()
            for batch in engine.batches(*query, size, lent):
                self.context.check()
                self.context.fetch(batch.num_rows)
                yield _in_utc(batch, self.fields)

    def rows(self) -> list[tuple[Any, ...]]:
        """All rows as tuples of Lisp values, in the columns' order."""
        return list(self)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for columns in self.column_batches(missing=False):
            yield from zip(*columns, strict=True)

    def column_batches(self, missing: Any = None) -> Iterator[list[list[Any]]]:
        """The values of each column, some rows at a time; MISSING stands for what is not there."""
        width = max(1, len(self.columns))
        for batch in self.batches():
            self.context.charge(batch.num_rows * width * STEPS_A_CELL, batch.nbytes)
            yield [lisp_values(column, missing) for column in batch.columns]

    def records(self) -> Iterator[HashTable]:
        """The rows as hash tables under keywords."""
        keys = [Keyword(name) for name in self.columns]
        for row in self:
            yield HashTable(zip(keys, row, strict=True))

    def column(self, name: str) -> list[Any]:
        """One column's values."""
        return self.column_lists([name])[0]

    def column_lists(self, names: Sequence[str]) -> list[list[Any]]:
        """The values of the columns NAMES, all in one order of rows: two reads may differ in it."""
        from chorus.runtime.plan.expressions import Column

        kinds = [self.plan.schema.field(name).type for name in names]
        chosen = tuple((f"c{at}", Column(name, kinds[at])) for at, name in enumerate(names))
        rows = list(self.over(nodes.Select(self.plan, chosen)))
        return [[row[at] for row in rows] for at in range(len(names))]

    def _read(self, sql: str, parameters: list[Any]) -> pyarrow.Table:
        self.context.check()
        with _in_words():
            engine, lent = self._engine()
            found: pyarrow.Table = engine.read(sql, parameters, lent)
        self.context.fetch(found.num_rows, found.nbytes)
        return found

    def _engine(self) -> tuple[Any, dict[str, Any]]:
        """What runs the plan, and the Arrow tables that it is lent: the store, unless the program holds all rows."""
        from chorus.runtime.plan.plans import leaves

        below = leaves(self.ready())
        lent = {one.name: one.data for one in below if isinstance(one, Given)}
        return (self.context.memory if len(lent) == len(below) else self.context.reader), lent

    def told(self, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        """What the engine says of a query: the rows of an EXPLAIN."""
        found = self._read(sql, parameters)
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    # Showing.

    def __lisp__(self) -> str:
        """`#<table messages 207761 rows × 12>`; without the count where the store cannot be read."""
        width = len(self.columns)
        try:
            return f"#<table {name_of(self.plan)} {self.count()} rows × {width}>"
        except ChorusError:
            return f"#<table {name_of(self.plan)} × {width}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """For notebooks: the head of the table."""
        from chorus.runtime.table_format import formatted

        return {"text/plain": formatted(self, "table", width=120), "text/html": formatted(self, "html")}

    def __json__(self) -> list[dict[str, Any]]:
        """Rows as objects; a missing value is null, but a condition is true or false."""
        from chorus.runtime.jsonout import to_json

        missing = [(field.name, False if field.type == BOOLEAN else None) for field in self.fields]
        return [
            {
                name: absent if value is False else to_json(value)
                for (name, absent), value in zip(missing, row, strict=True)
            }
            for row in self
        ]

    def __repr__(self) -> str:
        return f"<Table {name_of(self.plan)}: {', '.join(self.columns)}>"


def _held(plan: nodes.Plan) -> Any:
    """What PLAN gives as a view of rows that the program holds, where nothing has to be computed; else None."""
    if isinstance(plan, Given):
        return plan.data
    below = _held(plan.table) if isinstance(plan, (nodes.Select, nodes.Rename, nodes.Slice)) else None
    if below is None:
        return None
    from chorus.runtime.plan.expressions import Column

    if isinstance(plan, nodes.Slice):
        return below.slice(plan.start, plan.count)
    if isinstance(plan, nodes.Rename):
        new = dict(plan.names)
        return below.rename_columns([new.get(name, name) for name in below.column_names])
    assert isinstance(plan, nodes.Select)
    names = [made.name for _, made in plan.columns if isinstance(made, Column)]
    if len(names) < len(plan.columns):
        return None
    return below.select(names).rename_columns([name for name, _ in plan.columns])


def name_of(plan: nodes.Plan) -> str:
    """The stored table that PLAN began with."""
    while plan.inputs:
        plan = plan.inputs[0]
    return plan.name if isinstance(plan, nodes.Scan) else "rows"


def _in_utc(data: Any, fields: tuple[Field, ...]) -> Any:
    """DATA (a table or batch) with its instants marked as UTC, which is what is stored; nothing is copied."""
    import pyarrow as pa

    columns = data.columns
    for at, field in enumerate(fields):
        if field.type == INSTANT and pa.types.is_timestamp(columns[at].type):
            columns[at] = columns[at].cast(pa.timestamp(columns[at].type.unit, "UTC"))
    return type(data).from_arrays(columns, names=[field.name for field in fields])


def lisp_values(column: Any, missing: Any = False) -> list[Any]:
    """An Arrow column's values: missing as #f, or MISSING; instants aware in UTC."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        counted = column.cast(pa.timestamp("us")).view(pa.int64()).to_pylist()
        values: list[Any] = [None if at is None else EPOCH + dt.timedelta(microseconds=at) for at in counted]
    elif pa.types.is_decimal(column.type):
        values = [value if value is None else int(value) for value in column.to_pylist()]
    else:
        values = column.to_pylist()
    if column.null_count == 0 or missing is None:
        return values
    return [missing if value is None else value for value in values]


# What an engine says of a value that it cannot compute → what a person is told.
ENGINE_ERRORS: tuple[tuple[str, str, str], ...] = (
    ("overflow", "a number in the table became too large", "table-overflow"),
    ("out of range", "a number in the table became too large", "table-overflow"),
)


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn a store's refusal of a query into the language's words, where the values are to blame."""
    try:
        yield
    except StoreError as error:
        for sign, message, code in ENGINE_ERRORS:
            if error.code == "query" and sign in error.message.lower():
                raise EvalError(message, code=code) from error
        raise


def _table(value: Any) -> Any:
    return value if value.__class__ is Table else REJECT


ACCEPTS[Table] = Accept("a table", _table)
