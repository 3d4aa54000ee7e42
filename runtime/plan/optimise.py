"""The optimiser: a table of rules that make a plan cheaper and never change its rows or their order.

A rule takes a node whose inputs are optimised already and gives what to put in its place, or None. Conditions that
ask `null?` of a condition stay where they are: only there is it known whether the store had a value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from chorus.runtime.plan import nodes
from chorus.runtime.plan.expressions import Call, Expression, Literal, conjunction, walk
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.plan.optimise_pruning import pruned
from chorus.runtime.plan.optimise_pushing import asks_null, pushed, split
from chorus.runtime.plan.plans import UNORDERED, with_inputs
from chorus.runtime.plan.searches import AMONG


class Rule(NamedTuple):
    """One row of the table."""

    name: str
    doc: str
    apply: Callable[[Plan], Plan | None]


def _merge_wheres(plan: Plan) -> Plan | None:
    if not (isinstance(plan, nodes.Where) and isinstance(plan.table, nodes.Where)):
        return None
    return nodes.Where(plan.table.table, conjunction([*split(plan.table.condition), *split(plan.condition)]))


def _drop_truths(plan: Plan) -> Plan | None:
    if not isinstance(plan, nodes.Where):
        return None
    parts = split(plan.condition)
    kept = [part for part in parts if not (isinstance(part, Literal) and part.value not in (None, False))]
    if len(kept) == len(parts):
        return None
    return nodes.Where(plan.table, conjunction(kept)) if kept else plan.table


def _push_where(plan: Plan) -> Plan | None:
    return pushed(plan) if isinstance(plan, nodes.Where) else None


def _cheap_first(plan: Plan) -> Plan | None:
    if not isinstance(plan, nodes.Where):
        return None
    parts = split(plan.condition)
    line = sorted(parts, key=cost)
    return None if line == parts else nodes.Where(plan.table, conjunction(line))


def _drop_order(plan: Plan) -> Plan | None:
    """Where rows come out in another order anyway."""
    if isinstance(plan, nodes.OrderBy) and isinstance(plan.table, nodes.OrderBy):
        return nodes.OrderBy(plan.table.table, plan.orders)
    if not isinstance(plan, UNORDERED) or (isinstance(plan, nodes.Aggregate) and plan.keys):
        return None
    if not any(isinstance(one, nodes.OrderBy) for one in plan.inputs):
        return None
    return with_inputs(plan, [one.table if isinstance(one, nodes.OrderBy) else one for one in plan.inputs])


def _merge_slices(plan: Plan) -> Plan | None:
    if not (isinstance(plan, nodes.Slice) and isinstance(plan.table, nodes.Slice)):
        return None
    inner = plan.table
    left = None if inner.count is None else max(0, inner.count - plan.start)
    counts = [count for count in (left, plan.count) if count is not None]
    return nodes.Slice(inner.table, min(counts, default=None), inner.start + plan.start)


RULES: Final = (
    Rule("merge-wheres", "conditions on conditions are one", _merge_wheres),
    Rule("drop-truths", "what always holds is not asked", _drop_truths),
    Rule("push-where", "rows are left out as early as can be", _push_where),
    Rule("cheap-first", "the conditions that cost least are asked first", _cheap_first),
    Rule("drop-order", "rows that come out in another order are not sorted", _drop_order),
    Rule("merge-slices", "limits and offsets of each other are one", _merge_slices),
)
# These look at the whole plan.
PRUNE: Final = "prune-columns"
SHARE: Final = "common-sub-plans"
WHOLE: Final = {
    AMONG: "what is asked of a search's messages is asked before they are ranked",
    PRUNE: "columns that nobody asks for are not computed",
    SHARE: "what stands in the plan more than once is computed once",
}

COSTS: Final = {
    "matches?": 20,
    "extract": 20,
    "replace-all": 20,
    "contains?": 4,
    "replace": 4,
    "lower": 3,
    "upper": 3,
}
JSON_COST: Final = 30


def cost(expression: Expression) -> int:
    """About how much longer than a comparison it takes to compute EXPRESSION for one row."""
    calls = [part.operator for part in walk(expression) if isinstance(part, Call)]
    return sum(JSON_COST if name.startswith("json-") else COSTS.get(name, 1) for name in calls)


def optimise(plan: Plan) -> tuple[Plan, dict[str, int]]:
    """PLAN made cheaper, and how often each rule fired."""
    made = Optimiser()
    found = made.rewritten(plan)
    slim = pruned(found, None)
    if slim != found:
        made.fired[PRUNE] = 1
    return slim, made.fired


class Optimiser:
    """One plan's rewriting; equal inputs that are one object are rewritten once."""

    def __init__(self) -> None:
        self.fired: dict[str, int] = {}
        self.done: dict[int, tuple[Plan, Plan]] = {}

    def rewritten(self, plan: Plan) -> Plan:
        known = self.done.get(id(plan))
        if known is None:
            inputs = [self.rewritten(one) for one in plan.inputs]
            same = all(new is old for new, old in zip(inputs, plan.inputs, strict=True))
            known = self.done[id(plan)] = (plan, self.applied(plan if same else with_inputs(plan, inputs)))
        return known[1]

    def applied(self, plan: Plan) -> Plan:
        for rule in RULES:
            found = rule.apply(plan)
            if found is not None:
                self.fired[rule.name] = self.fired.get(rule.name, 0) + 1
                return self.rewritten(found)
        return plan


__all__ = ["RULES", "WHOLE", "Rule", "asks_null", "cost", "optimise"]
