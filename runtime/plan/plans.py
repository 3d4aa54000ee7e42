"""What can be done to any plan: other inputs, the sub-plans that stand in it more than once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chorus.runtime.plan import nodes, shapes
from chorus.runtime.plan.nodes import Plan

# The order of what these are over does not matter to them.
UNORDERED: Final = (
    nodes.GroupBy,
    nodes.Aggregate,
    nodes.Distinct,
    nodes.Sample,
    nodes.Join,
    nodes.Union,
    shapes.Window,
    shapes.Pivot,
)


def with_inputs(plan: Plan, inputs: Sequence[Plan]) -> Plan:
    """PLAN over other tables of the same columns."""
    if isinstance(plan, nodes.Unary):
        return replace(plan, table=inputs[0])
    if isinstance(plan, nodes.Join):
        return replace(plan, left=inputs[0], right=inputs[1])
    if isinstance(plan, nodes.Union):
        return replace(plan, tables=tuple(inputs))
    return plan


def repeated(plan: Plan) -> list[Plan]:
    """Sub-plans, stored tables apart, that stand in PLAN more than once, those that hold others first."""
    if not _branches(plan):
        return []
    seen: dict[Plan, int] = {}
    work = [plan]
    while work:
        here = work.pop()
        if isinstance(here, (nodes.Scan, shapes.Given, nodes.GroupBy)):
            continue
        seen[here] = seen.get(here, 0) + 1
        if seen[here] == 1:
            work += here.inputs
    return [one for one, count in seen.items() if count > 1]


def _branches(plan: Plan) -> bool:
    """Whether PLAN is over more than one table: else nothing can be in it twice."""
    while len(plan.inputs) == 1:
        plan = plan.inputs[0]
    return len(plan.inputs) > 1


def stored_columns(plan: Plan) -> set[str]:
    """What the columns of the stored tables under PLAN are called."""
    scans = (one for one in leaves(plan) if isinstance(one, nodes.Scan))
    return {field.name for scan in scans for field in scan.columns.visible}


def leaves(plan: Plan) -> list[Plan]:
    """The tables that PLAN reads, each once."""
    found: dict[int, Plan] = {}
    seen: set[int] = set()
    work = [plan]
    while work:
        here = work.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if not here.inputs:
            found[id(here)] = here
        work += here.inputs
    return list(found.values())
