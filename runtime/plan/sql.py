"""Plans → one SQL query as SQLGlot's tree, with its bound parameters."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlglot import exp

from chorus.runtime.plan import nodes
from chorus.runtime.plan import sql_shapes as sql_shapes  # registers its nodes
from chorus.runtime.plan.optimise import optimise
from chorus.runtime.plan.plans import repeated
from chorus.runtime.plan.sql_block import identifier
from chorus.runtime.plan.sql_compiler import Compiler
from chorus.runtime.spent import spending

ENGINE = "duckdb"


class Query(NamedTuple):
    """What an engine is given."""

    sql: str
    parameters: list[Any]


@spending("plan")
def compile_plan(plan: nodes.Plan, pretty: bool = False, raw: bool = False) -> Query:
    """The query that gives PLAN's visible columns, in its pinned order. RAW: as it stands, not optimised."""
    made = plan if raw else optimise(plan)[0]
    compiler = Compiler([] if raw else repeated(made))
    return _finished(compiler, compiler.query(made, made.schema.names), pretty)


@spending("plan")
def compile_count(plan: nodes.Plan) -> Query:
    """The query that counts PLAN's rows."""
    plan = optimise(plan)[0]
    compiler = Compiler(repeated(plan))
    rows = compiler.inner_query(plan, list(plan.schema.types)[:1])
    made = exp.Select(expressions=[exp.Count(this=exp.Star())])
    made = made.from_(exp.Subquery(this=rows, alias=exp.TableAlias(this=identifier("counted"))), copy=False)
    return _finished(compiler, made)


def _finished(compiler: Compiler, made: exp.Select, pretty: bool = False) -> Query:
    """The text, its parameters numbered anew: some were in columns that nobody asked for."""
    if compiler.shared_queries:
        named = [
            exp.CTE(this=query, alias=exp.TableAlias(this=identifier(name)))
            for name, query in compiler.shared_queries.items()
        ]
        made.set("with_", exp.With(expressions=named))
    numbers: dict[str, int] = {}
    for place in made.find_all(exp.Parameter):
        new = numbers.setdefault(place.this.name, len(numbers) + 1)
        place.set("this", exp.Literal.number(new))
    values = [compiler.parameters.values[int(old) - 1] for old in numbers]
    return Query(made.sql(ENGINE, pretty=pretty), values)
