"""What the engine says of a plan's steps: rows that it predicts, and rows, time and memory once it has run them.

READ runs one query and gives its rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from chorus.runtime.plan import nodes
from chorus.runtime.plan.explain import form_of
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.plan.plans import with_inputs
from chorus.runtime.plan.searches import answered
from chorus.runtime.plan.sql import compile_plan
from chorus.runtime.values import HashTable, Keyword, Pair, Symbol, make_list

Read = Callable[[str, list[Any]], list[tuple[Any, ...]]]
MOST_STEPS: Final = 40
INPUT: Final = Symbol("...")


class Measured(NamedTuple):
    """What a step took, together with those under it."""

    rows: int
    seconds: float
    bytes: int


def steps_of(plan: Plan) -> list[Plan]:
    """The steps a person wrote, the last first; groups count as part of what is made of them."""
    found: dict[int, Plan] = {}
    work = [plan]
    while work and len(found) < MOST_STEPS:
        here = work.pop(0)
        if id(here) not in found:
            found[id(here)] = here
            work += _under(here)
    return list(found.values())


def _under(plan: Plan) -> tuple[Plan, ...]:
    if answered(plan) is not None:
        return (_searched(plan),)
    return (plan.rows_of,) if isinstance(plan, nodes.Aggregate) else plan.inputs


def _searched(plan: Plan) -> Plan:
    """The table whose rows a search found that were joined to PLAN."""
    joined = plan.inputs[0]
    return joined.inputs[0].inputs[0]


def short_form(plan: Plan) -> Any:
    """The form that makes PLAN, with ... for the tables that it is over."""
    found = answered(plan)
    if found is not None and found.by is not None:
        return form_of(replace(found.by, table=_outlined(found.by.table)))
    if isinstance(plan, nodes.Aggregate) and isinstance(plan.table, nodes.GroupBy):
        return _marked(form_of(replace(plan, table=replace(plan.table, table=_outlined(plan.rows_of)))))
    return _marked(form_of(with_inputs(plan, [_outlined(one) for one in plan.inputs])))


def _outlined(plan: Plan) -> Plan:
    return nodes.Scan(INPUT.name, plan.schema, plan.key)


def _marked(form: Any) -> Any:
    """FORM with ... for calls of it."""
    if not isinstance(form, Pair):
        return form
    return INPUT if form.car is INPUT else make_list(_marked(item) for item in form)


def predicted(plan: Plan, read: Read) -> int | None:
    """How many rows the engine expects PLAN to have, from its statistics; None where it does not say.

    Of a slice it guesses worse than of what it is cut from.
    """
    if isinstance(plan, nodes.Slice):
        under = predicted(plan.table, read)
        left = None if under is None else max(0, under - plan.start)
        return left if left is None or plan.count is None else min(left, plan.count)
    query = compile_plan(plan)
    told = read("EXPLAIN (FORMAT JSON) " + query.sql, query.parameters)
    for node in _nodes(json.loads(told[0][-1])):
        said = node.get("extra_info", {}).get("Estimated Cardinality")
        if said is not None:
            return int(said)
    return None


def measured(plan: Plan, read: Read) -> Measured:
    """Run PLAN to its end. What its searches took was taken before, and is added."""
    query = compile_plan(plan)
    told = json.loads(read("EXPLAIN (ANALYZE, FORMAT JSON) " + query.sql, query.parameters)[0][-1])
    line = list(_nodes(told["operator"]))
    first = next(at for at, node in enumerate(line) if node["type"] == "EXPLAIN_ANALYZE")
    rows = int(line[first + 1]["intermediate_rows"]) if first + 1 < len(line) else 0
    seconds = float(told["query"]["total_time"]) + sum(searching(plan).values())
    return Measured(rows, seconds, int(told["system"]["peak_buffer_memory"]))


def searching(plan: Plan) -> dict[str, float]:
    """The seconds of each search that was run for PLAN; one that stands in it twice was run once."""
    found = answered(plan)
    own = {} if found is None else {found.name: found.seconds}
    for below in plan.inputs:
        own |= searching(below)
    return own


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """The engine's operators, from the last to the first."""
    for node in tree:
        yield node
        yield from _nodes(node.get("children", []))


def predictions(plan: Plan, read: Read) -> list[Any]:
    """(FORM rows) for each step."""
    return [make_list([short_form(one), _or_false(predicted(one, read))]) for one in steps_of(plan)]


def analysis(plan: Plan, read: Read) -> list[HashTable]:
    """A table for each step: what it took, own time apart from that of the steps under it."""
    steps = steps_of(plan)
    found = {id(one): measured(one, read) for one in steps}
    made = []
    for one in steps:
        took = found[id(one)]
        below = sum(found[id(under)].seconds for under in _under(one) if id(under) in found)
        row = {
            "form": short_form(one),
            "rows": took.rows,
            "predicted": _or_false(predicted(one, read)),
            "ms": round(1000 * took.seconds, 3),
            "own-ms": round(1000 * max(0.0, took.seconds - below), 3),
            "bytes": took.bytes,
        }
        made.append(HashTable((Keyword(key), value) for key, value in row.items()))
    return made


def _or_false(value: int | None) -> Any:
    return False if value is None else value
