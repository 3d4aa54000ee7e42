"""Primitives behind the macros of stdlib/table-shapes.sexp: groups kept, windows, rows into columns and back."""

from __future__ import annotations

from typing import Any

from chorus.runtime.plan import algebra, algebra_shapes
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.primitives.tables import free_values
from chorus.runtime.table import Table


@primitive("%having", effects="read-table")
def having(table: Table, conditions: Any, free: Items) -> Table:
    """The groups of TABLE for which all CONDITIONS hold.

    > (table-columns (%having (%group-by (messages) '(author-id) '()) '((> (count) 1)) '()))
    => (author-id)
    """
    return table.over(algebra.having(table.plan, conditions, free_values(free)))


@primitive("%window-columns", effects="read-table")
def window(table: Table, clauses: Any, free: Items) -> Table:
    """TABLE with columns over the rows around each row.

    > (table-columns (%window-columns (mentions) '(:by author-id (n (count))) '()))
    => (message-id author-id n)
    """
    return table.over(algebra_shapes.window(table.plan, clauses, free_values(free)))


@primitive("%rolling", effects="read-table")
def rolling(table: Table, clauses: Any, free: Items) -> Table:
    """TABLE with aggregates over the time before each row.

    > (table? (%rolling (messages) '(:on timestamp :width (7 day) (n (count))) '()))
    => #t
    """
    return table.over(algebra_shapes.rolling(table.plan, clauses, free_values(free)))


@primitive("%pivot", effects="read-table")
def pivot(table: Table, clauses: Any, free: Items, among: Items) -> Table:
    """TABLE with a column for each of the values AMONG.

    > (table-columns (%pivot (mentions) '(:by message-id :on author-id :take (count)) '() '("x" "y")))
    => (message-id x y)
    """
    return table.over(algebra_shapes.pivot(table.plan, clauses, free_values(free), list(among)))


@primitive("%pivot-values", effects="read-table")
def pivot_values(table: Table, clauses: Any, free: Items) -> Table:
    """The different values of a pivot's :on.

    > (table->rows (%pivot-values (limit (messages) 1) '(:on (= 1 1) :take (count)) '()))
    => ((#t))
    """
    return table.over(algebra_shapes.pivot_values(table.plan, clauses, free_values(free)))


@primitive("%unpivot", effects="read-table")
def unpivot(table: Table, clauses: Any) -> Table:
    """TABLE with some columns turned into rows.

    > (table-columns (%unpivot (mentions) '(:columns (message-id author-id))))
    => (name value)
    """
    return table.over(algebra_shapes.unpivot(table.plan, clauses))


@primitive("%explode", effects="read-table")
def explode(table: Table, clauses: Any, free: Items) -> Table:
    """Each row of TABLE once for each value that a generator gives.

    > (table-columns (%explode (mentions) '((w (words message-id))) '()))
    => (message-id author-id w)
    """
    return table.over(algebra_shapes.explode(table.plan, clauses, free_values(free)))
