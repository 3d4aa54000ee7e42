"""Tables computed by Apache Spark: the same plan, its query in Spark's SQL, the rows back as Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus.runtime.context import Context
from chorus.runtime.plan import nodes, shapes
from chorus.runtime.plan.expressions import Column
from chorus.runtime.plan.types import INSTANT, INTEGER, Field
from chorus.runtime.primitive import primitive
from chorus.runtime.table import Table

if TYPE_CHECKING:
    import pyarrow


@primitive("on-spark", effects="read-table net")
def on_spark(ctx: Context, table: Table, remote: str, *, schema: str | None = None) -> Table:
    """TABLE as Apache Spark computes it, at once, at REMOTE, an address of Spark Connect ("sc://host:15002"): the same
    rows in the same order as here. Those columns of its tables that the query reads are sent there; with :schema they
    are there already, under that name ("lake.game": `messages` is lake.game.messages) and with the columns of here.

    An operator that Spark lacks, or takes for something else (JSON, `upper`, `sample`, asof joins, some regular
    expressions), is refused before anything is sent. Letters that Unicode gained after version 15 may be lowered there
    and not here. `(spark-sql table)` shows the query.

    > (guard (e (#t (error-object-message e))) (on-spark (rows->table '({:n 1})) "localhost"))
    => "localhost is no address of Spark Connect"
    """
    from chorus.runtime.plan.spark import compile_for_spark
    from chorus.runtime.table_given import given_table

    plan = table.ready()
    query = compile_for_spark(plan, _naming(schema), numbered=schema is None)
    sent = {}
    if schema is None:
        sent = {_view(one.name): _sent(table, one, names) for one, names in query.tables}
    ctx.check()
    found = ctx.spark.read(remote, query.sql, query.parameters, sent)
    ctx.fetch(found.num_rows, found.nbytes)
    return given_table(found, ctx)


@primitive("spark-sql", effects="read-table")
def spark_sql(table: Table, *, schema: str | None = None) -> str:
    """The query in Spark's SQL that `on-spark` sends for TABLE; :p1 … are bound values.

    > (spark-sql (where (select (messages) id) (> (length id) 3)) :schema "lake.game")
    => …
    """
    from chorus.runtime.plan.spark import compile_for_spark

    return compile_for_spark(table.ready(), _naming(schema), numbered=schema is None, pretty=True).sql


def _naming(schema: str | None) -> Any:
    return _view if schema is None else lambda name: f"{schema}.{name}"


def _view(name: str) -> str:
    """What a table that is sent is called there."""
    return "chorus_" + "".join(letter if letter.isalnum() else "_" for letter in name)


def _sent(table: Table, one: nodes.Scan | shapes.Given, names: set[str]) -> tuple[str, pyarrow.Table]:
    """The columns NAMES of a table that the program reads, their rows numbered, with the columns' types."""
    import pyarrow as pa

    from chorus.runtime.plan.spark import ROW
    from chorus.runtime.store.spark import columns_of

    fields = [field for field in one.schema.fields if field.name in names] or [one.schema.fields[0]]
    chosen = tuple((field.name, Column(field.name, field.type)) for field in fields)
    rows = table.over(nodes.Select(one, chosen)).arrow()
    for at, field in enumerate(fields):
        if field.type == INSTANT:  # Spark's are without a zone, as the store's
            rows = rows.set_column(at, field.name, rows.column(at).cast(pa.timestamp("us")))
    number = pa.array(range(rows.num_rows), pa.int64())
    return columns_of([Field(ROW, INTEGER), *fields]), rows.add_column(0, ROW, number)
