"""Plans → one SQL query as SQLGlot's tree, with its bound parameters."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlglot import exp

from chorus.runtime.plan import nodes
from chorus.runtime.plan import sql_shapes as sql_shapes  # registers its nodes
from chorus.runtime.plan.sql_block import identifier
from chorus.runtime.plan.sql_compiler import Compiler
from chorus.runtime.plan.sql_terms import Parameters

ENGINE = "duckdb"


class Query(NamedTuple):
    """What an engine is given."""

    sql: str
    parameters: list[Any]


def compile_plan(plan: nodes.Plan, pretty: bool = False) -> Query:
    """The query that gives PLAN's visible columns, in its pinned order."""
    compiler = Compiler()
    return _finished(compiler.query(plan, plan.schema.names), compiler.parameters, pretty)


def compile_count(plan: nodes.Plan) -> Query:
    """The query that counts PLAN's rows."""
    compiler = Compiler()
    rows = compiler.inner_query(plan, list(plan.schema.types)[:1])
    made = exp.Select(expressions=[exp.Count(this=exp.Star())])
    made = made.from_(exp.Subquery(this=rows, alias=exp.TableAlias(this=identifier("counted"))), copy=False)
    return _finished(made, compiler.parameters)


def _finished(made: exp.Select, parameters: Parameters, pretty: bool = False) -> Query:
    """The text, with the parameters that are still in it numbered anew: some were in columns that
    nobody asked for.
    """
    numbers: dict[str, int] = {}
    for place in made.find_all(exp.Parameter):
        new = numbers.setdefault(place.this.name, len(numbers) + 1)
        place.set("this", exp.Literal.number(new))
    values = [parameters.values[int(old) - 1] for old in numbers]
    return Query(made.sql(ENGINE, pretty=pretty), values)
