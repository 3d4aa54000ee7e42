"""Plans → one query in Spark's SQL, with its named parameters: the same rows in the same order as here, or a refusal.

Spark keeps no order of its own, so the tables that it is sent number their rows (ROW); of its own tables the key orders
the rows. Instants are TIMESTAMP_NTZ, in UTC as everywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from sqlglot import exp

from chorus.runtime.plan import nodes, shapes
from chorus.runtime.plan.optimise import optimise
from chorus.runtime.plan.spark_operators import SparkTranslator, lacking
from chorus.runtime.plan.sql_block import Block, Order, column, columns, identifier, settled
from chorus.runtime.plan.sql_compiler import Compiler, used_by
from chorus.runtime.plan.sql_shapes import PLACE, as_arrays, in_place
from chorus.runtime.plan.sql_terms import Sql, function, number

ROW: Final = ":row"
TYPES: Final = {"VARCHAR": "TEXT", "TIMESTAMP": "TIMESTAMPNTZ"}
Named = Callable[[str], str]


class SparkQuery(NamedTuple):
    """What Spark is given, and the tables that it reads, each with the names of the columns that are read."""

    sql: str
    parameters: dict[str, Any]
    tables: list[tuple[nodes.Scan | shapes.Given, set[str]]]


def compile_for_spark(
    plan: nodes.Plan, named: Named, numbered: bool = True, pretty: bool = False
) -> SparkQuery:
    """The query that gives PLAN's visible columns, in its order. NAMED: what Spark calls a table; NUMBERED: whether its
    tables number their rows.
    """
    made = optimise(plan)[0]
    compiler = SparkCompiler(named, numbered)
    query = compiler.query(made, made.schema.names)
    tables = [(one, _read_of(query, aliases)) for one, aliases in compiler.read.values()]
    values = compiler.parameters.values
    used: dict[str, Any] = {}
    query = query.transform(lambda node: _in_spark(node, values, used), copy=False)
    return SparkQuery(query.sql("spark", pretty=pretty), used, tables)


def _read_of(query: Sql, aliases: list[str]) -> set[str]:
    """The columns of a table that QUERY reads under ALIASES."""
    return {column.name for column in query.find_all(exp.Column) if column.table in aliases} - {ROW}


def _in_spark(node: Sql, values: list[Any], used: dict[str, Any]) -> Sql:
    """What Spark writes for a piece of the tree that means one thing to both."""
    match node:
        case exp.Parameter():
            name = f"p{node.this.name}"
            used[name] = _sent(values[int(node.this.name) - 1])
            return exp.Placeholder(this=name)
        case exp.DataType() if node.this.name in TYPES:
            return exp.DataType.build(TYPES[node.this.name])
        case exp.Anonymous() if node.name == "TO_MICROSECONDS":
            micros = int(node.expressions[0].name)
            seconds = f"{micros // 1_000_000}.{micros % 1_000_000:06d}"
            return exp.Interval(this=exp.Literal.string(seconds), unit=exp.Var(this="SECOND"))
        case exp.Window() if node.args.get("order") is None and isinstance(node.this, exp.Anonymous):
            if node.this.name in ("ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "LAG", "LEAD"):
                node.set("order", exp.Order(expressions=[exp.Null()]))  # Spark wants some order of them
    return node


def _sent(value: Any) -> Any:
    """Instants go as text, which the query casts: Spark would take them for the time of its own zone."""
    if isinstance(value, list):
        return [_sent(each) for each in value]
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else value


class SparkCompiler(Compiler):
    """Compiles one plan for Spark."""

    translators = SparkTranslator

    def __init__(self, named: Named, numbered: bool) -> None:
        super().__init__()  # Spark finds itself what stands in a plan twice
        self.named = named
        self.numbered = numbered
        self.read: dict[str, tuple[nodes.Scan | shapes.Given, list[str]]] = {}

    def compiled(self, plan: nodes.Plan) -> Block:
        special = SPECIAL.get(type(plan))
        return super().compiled(plan) if special is None else special(self, plan)

    def keeps_order(self, plan: nodes.Plan) -> bool:
        return False


def _read(self: SparkCompiler, plan: Any) -> Block:
    alias = self.alias()
    self.read.setdefault(plan.name, (plan, []))[1].append(alias)
    parts = [identifier(part) for part in self.named(plan.name).split(".")]
    names = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
    table = exp.Table(**names, alias=exp.TableAlias(this=identifier(alias)))
    order = (Order(column(alias, ROW)),) if self.numbered else ()
    return Block(table, columns(alias, plan.schema), orders=order)


def _join(self: SparkCompiler, plan: nodes.Join) -> Block:
    if plan.nearest is not None:
        raise lacking("join :asof")
    return Compiler._join(self, plan)


def _sample(self: SparkCompiler, plan: nodes.Sample) -> Block:
    raise lacking("sample")


def _distinct(self: SparkCompiler, plan: nodes.Distinct) -> Block:
    """To Spark an order is over what is left."""
    return self.wrapped(Compiler._distinct(self, plan))


def _unpivot(self: SparkCompiler, plan: shapes.Unpivot) -> Block:
    """Spark takes one generator a query: it counts places, and the arrays are read at them outside."""
    block, kind = as_arrays(self, plan)
    places = function("SEQUENCE", number(0), number(len(plan.columns) - 1))
    made = block.defined | {PLACE: function("EXPLODE", places)}
    outer = in_place(self.wrapped(replace(block, defined=made)), PLACE)
    place = outer.defined.pop(PLACE)
    picked = {name: function("GET", outer.defined[name], place.copy()) for name in (plan.name, plan.value)}
    picked[plan.value] = settled(picked[plan.value], kind)
    return self.wrapped(replace(outer, defined=outer.defined | picked))


def _explode(self: SparkCompiler, plan: shapes.Explode) -> Block:
    block = self.foldable(plan.table, used_by([plan.source]))
    found = self.translator(block).several(plan.source)
    size = function("ARRAY_SIZE", found)
    places = function("SLICE", function("SEQUENCE", number(0), size), number(1), size.copy())
    made = {name: sql for name, sql in block.defined.items() if name != plan.name}
    made |= {plan.name: found.copy(), plan.place: function("EXPLODE", places)}
    outer = in_place(self.wrapped(replace(block, defined=made)), plan.place)
    picked = function("GET", outer.defined[plan.name], outer.defined[plan.place].copy())
    return self.wrapped(replace(outer, defined=outer.defined | {plan.name: picked}))


SPECIAL: Final[dict[type[nodes.Plan], Callable[[Any, Any], Block]]] = {
    nodes.Scan: _read,
    shapes.Given: _read,
    nodes.Join: _join,
    nodes.Sample: _sample,
    nodes.Distinct: _distinct,
    shapes.Unpivot: _unpivot,
    shapes.Explode: _explode,
}
