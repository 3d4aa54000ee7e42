"""The rows that a table's rows come of: whatever else is deleted, generated plans give the same rows."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_tables_differential import LEFT, RIGHT, SCANS, STEPS, exactly, grown, rows_for

from chorus.runtime.errors import ChorusError
from chorus.runtime.plan import nodes, reference
from chorus.runtime.plan.lineage import lineage

Tables = dict[str, list[dict[str, Any]]]
PLAIN = settings(
    max_examples=150,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def drawn(data: st.DataObject) -> nodes.Plan:
    plan: nodes.Plan = SCANS["l"]
    for step in data.draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4)):
        try:
            plan = grown(data, plan, step)
        except ChorusError:
            continue
    return plan


def contributing(found: dict[nodes.Plan, nodes.Plan], tables: Tables) -> Tables:
    """TABLES without the rows that FOUND does not name."""
    kept = {}
    for leaf, keys in found.items():
        assert isinstance(leaf, nodes.Scan)
        names = keys.schema.names
        known = set(exactly(reference.evaluate(keys, tables)))
        kept[leaf.name] = [
            row for row in tables[leaf.name] if exactly([tuple(row[name] for name in names)])[0] in known
        ]
    return tables | kept


@given(st.data(), rows_for(LEFT), rows_for(RIGHT))
@PLAIN
def test_rows_that_are_left_out_may_be_deleted(data: st.DataObject, left: Any, right: Any) -> None:
    tables: Tables = {"l": left, "r": right}
    plan = drawn(data)
    wanted = exactly(reference.evaluate(plan, tables))
    less = contributing(lineage(plan), tables)
    some = {  # any rows between those that matter and all
        name: [row for row in rows if row in less[name] or data.draw(st.booleans())]
        for name, rows in tables.items()
    }
    for fewer in (less, some):
        assert exactly(reference.evaluate(plan, fewer)) == wanted


@given(st.data(), rows_for(LEFT), rows_for(RIGHT))
@PLAIN
def test_one_row_stays_when_what_it_does_not_come_of_is_deleted(
    data: st.DataObject, left: Any, right: Any
) -> None:
    tables: Tables = {"l": left, "r": right}
    plan = drawn(data)
    rows = reference.evaluate(plan, tables)
    if not rows:
        return
    row = data.draw(st.sampled_from(rows))
    found = lineage(plan, dict(zip(plan.schema.names, row, strict=True)))
    less = contributing(found, tables)
    assert exactly([row])[0] in exactly(reference.evaluate(plan, less))
