"""Plans on the engine against the slow evaluator: generated tables and forms, the same rows in one order."""

from __future__ import annotations

import datetime as dt
import math
from itertools import zip_longest
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from table_forms import LEFT, RIGHT, SCANS, rows_for
from table_plans import STEPS, grown

from chorus.runtime.errors import ChorusError
from chorus.runtime.plan import (
    nodes,
    operators,
    reference,
    reference_shapes,
    reference_texts,
)
from chorus.runtime.plan.optimise import optimise
from chorus.runtime.plan.reference_operators import AGGREGATES, LENIENT, STRICT, same
from chorus.runtime.plan.sql import compile_count, compile_plan
from chorus.runtime.plan.sql_conditions import TRUTHS
from chorus.runtime.plan.sql_terms import SQL_TYPES
from chorus.runtime.plan.sql_texts import GENERATORS
from chorus.runtime.plan.sql_values import VALUES


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    for name, scan in SCANS.items():
        columns = ", ".join(
            f'"{f.name}" {"INTEGER" if f.name == "j" else SQL_TYPES[f.type]}' for f in scan.columns
        )
        made.execute(f'CREATE TABLE "{name}" ({columns})')
    return made


def fill(engine: duckdb.DuckDBPyConnection, tables: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in tables.items():
        engine.execute(f'DELETE FROM "{name}"')
        for row in rows:
            cells = [row[field.name] for field in SCANS[name].columns]
            plain = [v.replace(tzinfo=None) if isinstance(v, dt.datetime) else v for v in cells]
            engine.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(plain))})', plain)


def agree(left: Any, right: Any) -> bool:
    """Equal, but for the last digits of reals and the two spellings of #f."""
    left, right = (None if side is False else side for side in (left, right))
    if isinstance(left, float) and isinstance(right, (int, float)) and left == left:
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return same(left, right) if left is not None else right is None


def exactly(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """ROWS so that NaN equals NaN, and both spellings of #f are one."""
    return [tuple(repr(None if cell is False else cell) for cell in row) for row in rows]


def check(
    engine: duckdb.DuckDBPyConnection, plan: nodes.Plan, tables: dict[str, list[dict[str, Any]]], raw: bool
) -> None:
    """The engine's rows are the reference's, of the plan as it stands (RAW) or optimised; the reference's of both are
    the same.
    """
    optimised = optimise(plan)[0]
    wanted = reference.evaluate(plan, tables)
    assert exactly(reference.evaluate(optimised, tables)) == exactly(wanted), (plan, optimised)
    query = compile_plan(plan, raw=raw)
    got = engine.execute(query.sql, query.parameters).fetchall()
    got = [tuple(v.replace(tzinfo=dt.UTC) if isinstance(v, dt.datetime) else v for v in row) for row in got]
    same_rows = len(got) == len(wanted) and all(
        all(map(agree, mine, theirs)) for mine, theirs in zip(got, wanted, strict=True)
    )
    told = [f"{query.sql}\n{query.parameters}", *(f"{a}\n  not {b}" for a, b in zip_longest(got, wanted))]
    assert same_rows, "\n".join(told)
    counting = compile_count(plan)
    assert engine.execute(counting.sql, counting.parameters).fetchall() == [(len(wanted),)]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    report_multiple_bugs=False,
)
@given(data=st.data(), left=rows_for(LEFT), right=rows_for(RIGHT))
def test_the_engine_agrees_with_the_reference(
    engine: Any, data: st.DataObject, left: Any, right: Any
) -> None:
    tables = {"l": left, "r": right}
    fill(engine, tables)
    plan: nodes.Plan = SCANS[data.draw(st.sampled_from(["l", "l", "r"]))]
    for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=5)):
        try:
            plan = grown(data, plan, step)
        except ChorusError as error:
            assert error.code in ("table-type", "table-column-twice", "table-aggregate", "table-value"), (
                error.message
            )
    check(engine, plan, tables, raw=data.draw(st.sampled_from([False, False, True])))


def test_every_operator_means_something_to_the_engine_and_to_the_reference() -> None:
    assert operators.OPERATORS.keys() == VALUES.keys() | TRUTHS.keys() | GENERATORS.keys()
    slow = STRICT.keys() | LENIENT.keys() | AGGREGATES.keys()
    assert (
        operators.OPERATORS.keys()
        == slow | reference_shapes.WINDOWS.keys() | reference_texts.GENERATORS.keys()
    )
