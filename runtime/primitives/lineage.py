"""The rows that a table's rows come of, as tables of their keys that are read only if somebody looks."""

from __future__ import annotations

from typing import Any

from chorus.runtime.plan import nodes
from chorus.runtime.plan.forms import cell
from chorus.runtime.plan.lineage import lineage as sources
from chorus.runtime.primitive import primitive
from chorus.runtime.table import Table
from chorus.runtime.values import HashTable, Symbol


@primitive("lineage", effects="read-table")
def lineage(table: Table, row: HashTable | None = None) -> HashTable:
    """The rows that TABLE's rows come of, or only the one ROW of it: a hash table from the name of each table that is
    read to a table of those rows' keys. The program's own rows are called `rows`, their keys their numbers from 0.

    Any other row may be deleted without a change of TABLE. What has taken part without being shown is among them:
    rows of groups that a `having` left out, those before an `offset`, partners by which an anti join left a row out.

    > (define talk (rows->table '({:who "ann" :n 3} {:who "bob" :n 1} {:who "ann" :n 5})))
    > (define sums (aggregate (group-by (where talk (> n 1)) who) (total (sum n))))
    > (column (get (lineage sums) 'rows) row)
    => (0 2)
    > (column (get (lineage (limit (order-by talk n) 1)) 'rows) row)
    => (1)
    > (column (get (lineage (group-by talk who) {:who "bob"}) 'rows) row)
    => (1)
    """
    given = None if row is None else {_name(key): cell(value, None) for key, value in row.items()}
    found: dict[Any, Any] = {}
    for leaf, keys in sources(table.plan, given).items():
        name = leaf.name if isinstance(leaf, nodes.Scan) else "rows"
        known = Symbol(name) if Symbol(name) not in found else Symbol(f"{name}-{len(found) + 1}")
        found[known] = table.over(keys)
    return HashTable(found.items())


def _name(key: Any) -> str:
    return getattr(key, "name", key)


@primitive("table-plan", effects="read-table")
def table_plan(table: Table) -> Any:
    """The form that makes TABLE, with values in the place of the program's names; rows of its own are `(rows)`.

    > (define least 1)
    > (table-plan (where (rows->table '({:n 1} {:n 2})) (> n least)))
    => (where (rows) (> n 1))
    """
    from chorus.runtime.plan.explain import form_of

    return form_of(table.plan)
