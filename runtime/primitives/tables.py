"""Primitives on tables: the stored ones by name, the steps of the algebra (behind the macros of
stdlib/tables.sexp), rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from chorus.runtime.errors import WrongType
from chorus.runtime.plan import algebra, catalogue, operators, terms
from chorus.runtime.plan.nodes import Plan
from chorus.runtime.primitive import Items, Name, primitive, wrong_type
from chorus.runtime.printer import brief
from chorus.runtime.table import Table
from chorus.runtime.values import HashTable, Symbol, hash_key, make_list

CHUNK = 1000  # rows that a cursor gives at a time


# The stored tables.


def _declare(name: str, make: Callable[[], Plan], doc: str) -> None:
    def opened(ctx: Any) -> Table:
        return Table(make(), ctx)

    columns = " ".join(make().schema.names)
    opened.__doc__ = f"{doc}\n\nColumns: {columns}.\n\n> (table? ({name}))\n=> #t"
    opened.__qualname__ = opened.__name__ = name
    primitive(name, effects="read-store")(opened)


for _name, (_make, _doc) in catalogue.TABLES.items():
    _declare(_name, _make, _doc)


@primitive("table?", effects="pure")
def is_table(value: Any) -> bool:
    """Whether VALUE is a table.

    > (table? '(1 2))
    => #f
    """
    return isinstance(value, Table)


# Steps. Forms come quoted; FREE is a list of (form . value) for names and calls that are the program's own.


def free_values(given: list[Any]) -> dict[Any, Any]:
    return {hash_key(pair.car): pair.cdr for pair in given}


@primitive("%free-terms", effects="pure")
def free_terms(kind: Name, forms: Any) -> Any:
    """Names and calls in FORMS that the program itself may have to give.

    KIND is `expressions`, or `clauses` or `totals` for (name expression).

    > (%free-terms 'expressions '((> (length content) (f n)) (= a "x")))
    => (a (f n) f n content)
    """
    return make_list(terms.free_terms(kind, forms))


@primitive("%needed-terms", effects="read-table")
def needed_terms(table: Any, kind: Name, forms: Any) -> Any:
    """Those of the free terms that mention no column of TABLE.

    > (%needed-terms (messages) 'expressions '((> (length content) (f n)) (= a "x")))
    => (a (f n))
    """
    if not isinstance(table, Table):
        raise WrongType(
            f"a table is wanted before the clauses, not {brief(table)}",
            code="type",
            irritants=(table,),
            hint="(messages), (rows->table (list {:a 1})), (stdin 'csv), or what is made of such",
        )
    return make_list(terms.needed_terms(table.plan, kind, forms))


@primitive("%where", effects="read-table")
def where(table: Table, conditions: Any, free: Items) -> Table:
    """The rows of TABLE for which all CONDITIONS hold.

    > (count (%where (messages) '((= 1 2)) '()))
    => 0
    """
    return table.over(algebra.where(table.plan, conditions, free_values(free)))


@primitive("%select", effects="read-table")
def select(table: Table, clauses: Any, free: Items) -> Table:
    """TABLE with exactly the columns of CLAUSES.

    > (table-columns (%select (messages) '(id (n (length content))) '()))
    => (id n)
    """
    return table.over(algebra.select(table.plan, clauses, free_values(free)))


@primitive("%with-columns", effects="read-table")
def with_columns(table: Table, clauses: Any, free: Items) -> Table:
    """TABLE with the columns of CLAUSES added or replaced.

    > (table-columns (%with-columns (mentions) '((n 1)) '()))
    => (message-id author-id n)
    """
    return table.over(algebra.with_columns(table.plan, clauses, free_values(free)))


@primitive("%rename", effects="read-table")
def rename(table: Table, clauses: Any) -> Table:
    """TABLE with columns renamed, each clause (new old).

    > (table-columns (%rename (mentions) '((who author-id))))
    => (message-id who)
    """
    return table.over(algebra.rename(table.plan, clauses))


@primitive("%group-by", effects="read-table")
def group_by(table: Table, clauses: Any, free: Items) -> Table:
    """One row for each combination of the values of CLAUSES.

    > (table-columns (%group-by (messages) '(author-id) '()))
    => (author-id)
    """
    return table.over(algebra.group_by(table.plan, clauses, free_values(free)))


@primitive("%aggregate", effects="read-table")
def aggregate(table: Table, clauses: Any, free: Items) -> Table:
    """Columns computed over each group, or over all of TABLE.

    > (table-columns (%aggregate (messages) '((n (count))) '()))
    => (n)
    """
    return table.over(algebra.aggregate(table.plan, clauses, free_values(free)))


@primitive("%order-by", effects="read-table")
def order_by(table: Table, clauses: Any, free: Items) -> Table:
    """TABLE sorted by CLAUSES, each an expression or (desc expression).

    > (table? (%order-by (messages) '((desc timestamp)) '()))
    => #t
    """
    return table.over(algebra.order_by(table.plan, clauses, free_values(free)))


@primitive("%distinct", effects="read-table")
def distinct(table: Table, clauses: Any, free: Items) -> Table:
    """Different rows of TABLE, of the columns of CLAUSES where there are any.

    > (table-columns (%distinct (messages) '(author-id) '()))
    => (author-id)
    """
    return table.over(algebra.distinct(table.plan, clauses, free_values(free)))


@primitive("%join-options", effects="pure")
def join_options(options: Any) -> Any:
    """The forms after :on, :kind and :suffix of a join, as a list of three.

    > (%join-options '(:on id))
    => (id inner "-right")
    """
    return make_list(algebra.join_options(options))


@primitive("%join", effects="read-table")
def join(left: Table, right: Table, on: Any, kind: Name, suffix: str) -> Table:
    """LEFT joined with RIGHT where ON holds.

    > (table-columns (%join (mentions) (mentions) 'author-id "inner" "-too"))
    => (message-id author-id message-id-too)
    """
    return left.over(algebra.join(left.plan, right.plan, on, kind, suffix))


@primitive("union", effects="read-table")
def union(table: Table, *tables: Table) -> Table:
    """The rows of all the tables, with the columns of the first, which the others must have; duplicates stay.

    > (= (count (union (messages) (messages))) (* 2 (count (messages))))
    => #t
    """
    return table.over(algebra.union([table.plan, *(other.plan for other in tables)]))


@primitive("limit", effects="read-table")
def limit(table: Table, count: int) -> Table:
    """At most the first COUNT rows of TABLE.

    > (count (limit (messages) 3))
    => 3
    """
    return table.over(algebra.limit(table.plan, count))


@primitive("offset", effects="read-table")
def offset(table: Table, count: int) -> Table:
    """TABLE without its first COUNT rows.

    > (= (+ 3 (count (offset (messages) 3))) (count (messages)))
    => #t
    """
    return table.over(algebra.offset(table.plan, count))


@primitive("sample", effects="read-table")
def sample(table: Table, count: int, *, seed: int = 0) -> Table:
    """COUNT rows of TABLE, chosen by a hash of each row and SEED: the same ones each time.

    > (count (sample (messages) 4))
    => 4
    """
    return table.over(algebra.sample(table.plan, count, seed))


# What a table is.


@primitive("table-columns", effects="read-table")
def table_columns(table: Table) -> Any:
    """The names of TABLE's columns, in order; hidden ones (such as `raw`) are not among them.

    > (table-columns (mentions))
    => (message-id author-id)
    """
    return make_list(Symbol(name) for name in table.columns)


@primitive("table-types", effects="read-table")
def table_types(table: Table) -> HashTable:
    """The type of each column: string, integer, real, boolean, instant, or missing where all is #f.

    > (table-types (mentions))
    => {:message-id string :author-id string}
    """
    from chorus.runtime.values import Keyword

    return HashTable((Keyword(field.name), Symbol(field.type)) for field in table.fields)


@primitive("table-operators", effects="pure")
def table_operators() -> Any:
    """All operators of expressions over columns, each as (usage meaning).

    > (car (table-operators))
    => ("(= any any …)" "equal; values of different types are not; missing equals missing, NaN equals NaN")
    """
    return make_list(make_list([row.usage, row.doc]) for row in operators.OPERATORS.values())


@primitive("explain", effects="read-table")
def explain(table: Table) -> Any:
    """How TABLE is computed: (explain (plan …) (optimised …) (rules …) (columns …) (sql text) (parameters …)
    (predicted …)).

    `plan` is what was written and `optimised` what it became by the `rules`, each with how often it fired;
    `predicted` has (form rows) for each step.

    > (car (explain (where (messages) (= id "1"))))
    => explain
    > (cadr (assq 'plan (cdr (explain (where (mentions) (= author-id "1"))))))
    => (where (mentions) (= author-id "1"))
    > (cdr (assq 'rules (cdr (explain (where (select (messages) id content) (= id "1"))))))
    => ((push-where 1))
    """
    from chorus.runtime.plan.explain import explanation
    from chorus.runtime.plan.measure import predictions

    ready = table.ready()
    return explanation(table.plan, predictions(ready, table.told), ready)


@primitive("analyze!", effects="read-table")
def analyze(table: Table) -> Any:
    """Run TABLE's steps and tell what each took: a list of hash tables with :form :rows :predicted :ms :own-ms :bytes.

    :ms is the time of a step with those under it, :own-ms without; of a search the time in which it was made before the
    others; :bytes the most memory that the engine held.

    > (map (lambda (step) (get step :form)) (analyze! (limit (select (messages) id) 3)))
    => ((limit ... 3) (select ... id) (messages))
    > (get (car (analyze! (limit (messages) 3))) :rows)
    => 3
    """
    from chorus.runtime.plan.measure import analysis

    return make_list(analysis(table.ready(), table.told))


@primitive("optimiser-rules", effects="pure")
def optimiser_rules() -> Any:
    """The rules that `explain` names, each as (name meaning).

    > (car (optimiser-rules))
    => ("merge-wheres" "conditions on conditions are one")
    """
    from chorus.runtime.plan.optimise import RULES, WHOLE

    told = [(rule.name, rule.doc) for rule in RULES] + list(WHOLE.items())
    return make_list(map(make_list, told))


# Rows.


@primitive("%table-count", effects="read-table")
def table_count(table: Table) -> int:
    """The number of rows.

    > (%table-count (limit (messages) 2))
    => 2
    """
    return table.count()


@primitive("table->list", effects="read-table")
def table_to_list(table: Table) -> Any:
    """The rows as a list of hash tables under keywords; a missing value is #f.

    > (table->list (limit (select (messages) (n (- 3 2))) 1))
    => ({:n 1})
    """
    return make_list(table.records())


@primitive("table->rows", effects="read-table")
def table_to_rows(table: Table) -> Any:
    """The rows as a list of lists, in the columns' order.

    > (table->rows (limit (select (messages) (n 1) (m "x")) 1))
    => ((1 "x"))
    """
    return make_list(make_list(row) for row in table)


@primitive("%column", effects="read-table")
def column(table: Table, name: Name) -> Any:
    """The values of one column, as a list.

    > (length (%column (limit (messages) 3) 'id))
    => 3
    """
    return make_list(table.column(name))


@primitive("%columns", effects="read-table")
def columns(table: Table, names: Items) -> Any:
    """The values of the columns NAMES, a list for each, all in the same order of rows: two reads may differ in it.

    > (%columns (rows->table '({:a 1 :b 2} {:a 3 :b 4})) '(b a))
    => ((2 4) (1 3))
    """
    chosen = [str(getattr(name, "name", name)) for name in names]
    return make_list(make_list(values) for values in table.column_lists(chosen))


class Cursor:
    """Rows under way: what `map-rows` walks."""

    def __init__(self, rows: Iterator[HashTable]) -> None:
        self.rows = rows

    def __lisp__(self) -> str:
        return "#<rows>"


@primitive("%cursor", effects="read-table")
def cursor(table: Table) -> Cursor:
    """The rows of TABLE, to be taken some at a time.

    > (length (%cursor-take (%cursor (limit (messages) 3))))
    => 3
    """
    return Cursor(table.records())


@primitive("%cursor-take", effects="read-table")
def cursor_take(cursor: Any) -> Any:
    """The next rows of CURSOR, as a list of hash tables; the empty list at the end.

    > (%cursor-take (%cursor (limit (messages) 0)))
    => ()
    """
    if not isinstance(cursor, Cursor):
        raise wrong_type("%cursor-take", "cursor", "a cursor", cursor)
    return make_list(islice(cursor.rows, CHUNK))
