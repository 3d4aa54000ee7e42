"""The compiler of plans: each node a SELECT under construction over those of the nodes it is over.

Row-wise steps fold into one SELECT as long as SQL's order of clauses allows; then the SELECT becomes a
subquery of the next. The order of rows is written once, outermost (and where a slice needs it), and is total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import singledispatchmethod

from sqlglot import exp

from chorus.runtime.plan import nodes
from chorus.runtime.plan.expressions import Call, Column, Expression, columns_of
from chorus.runtime.plan.sql_block import (
    Block,
    Order,
    column,
    columns,
    identifier,
    is_plain,
    ordered,
    replace_order,
    settled,
)
from chorus.runtime.plan.sql_expressions import Translator
from chorus.runtime.plan.sql_terms import Over, Parameters, Sql, all_of, known, unsettled
from chorus.runtime.plan.types import INTEGER, MISSING


class Compiler:
    """Compiles one plan. SHARED: sub-plans that become queries of their own, in front of the whole."""

    translators: type[Translator] = Translator

    def __init__(self, shared: Sequence[nodes.Plan] = ()) -> None:
        self.parameters = Parameters()
        self.shared: dict[nodes.Plan, str | None] = dict.fromkeys(shared)
        self.shared_queries: dict[str, exp.Select] = {}
        self.aliases = 0
        self.hidden = 0

    def query(self, plan: nodes.Plan, names: list[str]) -> exp.Select:
        """The query for these columns of PLAN, in its order."""
        block = self.pinned(self.block(plan), plan)
        return self.select(block, names)

    def inner_query(self, plan: nodes.Plan, names: list[str]) -> exp.Select:
        """The query for these columns of PLAN, in no order."""
        return self.select(replace_order(self.block(plan)), names)

    # From plan to block.

    def block(self, plan: nodes.Plan) -> Block:
        """PLAN as a SELECT under construction."""
        if not self.shared or plan not in self.shared:
            return self.compiled(plan)
        name = self.shared[plan]
        if name is None:
            block = self.compiled(plan)
            if block.orders and not block.sliced:
                return block  # its order would be lost
            name = self.shared[plan] = f":shared{len(self.shared_queries) + 1}"
            names = list(plan.schema.types)
            self.shared_queries[name] = self.select(self.passing(block, names), names)
        alias = self.alias()
        table = exp.Table(this=identifier(name), alias=exp.TableAlias(this=identifier(alias)))
        return Block(table, columns(alias, plan.schema))

    @singledispatchmethod
    def compiled(self, plan: nodes.Plan) -> Block:
        raise NotImplementedError(type(plan).__name__)

    @compiled.register
    def _scan(self, plan: nodes.Scan) -> Block:
        alias = self.alias()
        table = exp.Table(this=identifier(plan.name), alias=exp.TableAlias(this=identifier(alias)))
        return Block(table, columns(alias, plan.schema))

    @compiled.register
    def _where(self, plan: nodes.Where) -> Block:
        block = self.foldable(plan.table, columns_of(plan.condition))
        test = self.translator(block).truth(plan.condition, exact=False)
        return replace(block, where=(*block.where, test))

    @compiled.register
    def _select(self, plan: nodes.Select) -> Block:
        block, new = self.computed(plan.table, plan.columns)
        return replace(block, defined=new)

    @compiled.register
    def _with(self, plan: nodes.WithColumns) -> Block:
        block, new = self.computed(plan.table, plan.columns)
        return replace(block, defined=block.defined | new)

    def computed(self, table: nodes.Plan, columns: nodes.Named) -> tuple[Block, dict[str, Sql]]:
        block = self.foldable(table, used_by(made for _, made in columns if isinstance(made, Call)))
        translator = self.translator(block)
        return block, {name: translator.value(made) for name, made in columns}

    @compiled.register
    def _rename(self, plan: nodes.Rename) -> Block:
        block = self.block(plan.table)
        new = dict(plan.names)
        return replace(block, defined={new.get(name, name): sql for name, sql in block.defined.items()})

    @compiled.register
    def _group(self, plan: nodes.GroupBy) -> Block:
        return self.grouped(plan.table, plan.keys, ())

    @compiled.register
    def _aggregate(self, plan: nodes.Aggregate) -> Block:
        return self.grouped(plan.rows_of, plan.keys, plan.columns, plan.having)

    def grouped(
        self, table: nodes.Plan, keys: nodes.Named, columns: nodes.Named, having: Expression | None = None
    ) -> Block:
        """Computed keys come from a subquery, so that what is grouped by is always a column."""
        block, made = self.computed(table, keys)
        block = replace(block, defined=block.defined | made, orders=())
        names = [name for name, _ in keys]
        if any(unsettled(block.defined[name]) is not None for name in names):
            block = self.nested(block, list(block.defined), decided=names)
        if not self.all_plain(block, used_by(total_parts(columns, having)) | set(names)):
            block = self.wrapped(block)
        translator = self.translator(block)
        defined = {name: block.copy_of(name) for name in names}
        defined |= {name: translator.value(expression) for name, expression in columns}
        test = None if having is None else translator.truth(having, exact=False)
        return replace(
            block, defined=defined, groups=tuple(block.copy_of(name) for name in names), having=test
        )

    @compiled.register
    def _order(self, plan: nodes.OrderBy) -> Block:
        block = self.foldable(plan.table, used_by(by for by, _ in plan.orders))
        translator = self.translator(block)
        orders = [
            Order(translator.value(by), descending) for by, descending in plan.orders if by.type != MISSING
        ]
        already = {by.name for by, _ in plan.orders if isinstance(by, Column)}
        ties = [Order(block.copy_of(name)) for name in tie_breakers(plan) if name not in already]
        return replace(block, orders=(*orders, *ties))

    @compiled.register
    def _slice(self, plan: nodes.Slice) -> Block:
        block = self.block(plan.table)
        block = self.pinned(self.wrapped(block) if block.sliced else block, plan.table)
        return replace(block, count=plan.count, start=plan.start)

    @compiled.register
    def _sample(self, plan: nodes.Sample) -> Block:
        block = self.foldable(plan.table, set(plan.table.schema.names))
        parts = [block.copy_of(name) for name in tie_breakers(plan)]
        seed = self.parameters.bind(plan.seed, INTEGER)
        mixed = Order(exp.Anonymous(this="HASH", expressions=[*parts, seed]))
        chosen = replace(block, orders=(mixed, *(Order(part.copy()) for part in parts)), count=plan.count)
        return replace(self.wrapped(chosen), orders=())

    @compiled.register
    def _distinct(self, plan: nodes.Distinct) -> Block:
        names = plan.schema.names
        block = replace(self.foldable(plan.table, set(names)), orders=(), distinct=True)
        return replace(block, defined={name: block.defined[name] for name in names})

    @compiled.register
    def _join(self, plan: nodes.Join) -> Block:
        return self.widened(plan) if plan.widens else self.filtered(plan)

    def widened(self, plan: nodes.Join) -> Block:
        left = self.side(plan.left, [*plan.left.schema.names, *(a for a, _, _ in compared(plan))])
        wanted = [*(name for name, _ in plan.taken), *(b for _, _, b in compared(plan))]
        right = self.side(plan.right, wanted) if plan.nearest is None else self.singled(plan, wanted)
        joined = exp.Join(this=right.source, on=matched(plan, left, right))
        for part, word in JOINS[plan.kind].items():
            joined.set(part, word)
        defined = {name: left.defined[name] for name in plan.left.schema.names}
        types = plan.schema.types
        taken = {new: settled(right.defined[old], types[new]) for old, new in plan.taken}
        return Block(left.source, defined | taken, joined)

    def singled(self, plan: nodes.Join, names: list[str]) -> Block:
        """The right side of an asof join, with one row for each place that a row of the left may find."""
        places = {b for _, _, b in compared(plan)}
        if plan.right.key is not None and set(plan.right.key) <= places:
            return self.side(plan.right, names)
        block = self.side(plan.right, list(dict.fromkeys([*names, *tie_breakers(plan.right)])))
        number = exp.Window(
            this=exp.RowNumber(),
            partition_by=[block.copy_of(name) for name in sorted(places)],
            order=exp.Order(expressions=[ordered(Order(block.copy_of(n))) for n in tie_breakers(plan.right)]),
        )
        numbered = self.nested(replace(block, defined=block.defined | {":n": number}), [*names, ":n"])
        first = exp.EQ(this=numbered.copy_of(":n"), expression=exp.Literal.number(1))
        return self.nested(replace(numbered, where=(first,)), list(dict.fromkeys(names)))

    def filtered(self, plan: nodes.Join) -> Block:
        left = self.foldable(plan.left, {name for name, _ in plan.on})
        right = self.side(plan.right, [name for _, name in plan.on])
        partner = exp.Select(expressions=[exp.Literal.number(1)]).from_(right.source, copy=False)
        partner.set("where", exp.Where(this=matched(plan, left, right)))
        test: Sql = exp.Exists(this=partner)
        test = test if plan.kind == "semi" else exp.Not(this=test)
        return replace(left, where=(*left.where, test), orders=())

    @compiled.register
    def _union(self, plan: nodes.Union) -> Block:
        names = plan.schema.names
        parts = (self.passing(replace_order(self.block(table)), names) for table in plan.tables)
        first, *rest = (exp.Subquery(this=self.select(part, names)) for part in parts)
        made: Sql = first
        for other in rest:
            made = exp.Union(this=made, expression=other, distinct=False)
        block = self.from_subquery(made, names)
        types = plan.schema.types
        return replace(
            block, defined={name: settled(sql, types[name]) for name, sql in block.defined.items()}
        )

    # Folding.

    def translator(self, block: Block, only: Sql | None = None, window: Over | None = None) -> Translator:
        return self.translators(block.defined, self.parameters, only, window)

    def foldable(self, plan: nodes.Plan, used: set[str]) -> Block:
        """PLAN's block, made a subquery where no clause can be added or where a computed column is
        USED again.
        """
        block = self.block(plan)
        return block if not block.closed and self.all_plain(block, used) else self.wrapped(block)

    def all_plain(self, block: Block, used: Iterable[str]) -> bool:
        return all(is_plain(block.defined[name]) for name in used if name in block.defined)

    def wrapped(self, block: Block) -> Block:
        """A block that selects from BLOCK, and carries its order along in hidden columns."""
        names = list(block.defined)
        carried: dict[str, Order] = {}
        for order in block.orders:
            self.hidden += 1
            carried[f":order{self.hidden}"] = order  # no name that the reader takes for a symbol begins so
        extended = block.defined | {name: order.by.copy() for name, order in carried.items()}
        outer = self.nested(replace_order(replace(block, defined=extended)), list(extended))
        orders = tuple(Order(outer.defined[name], order.descending) for name, order in carried.items())
        return replace(outer, defined={name: outer.defined[name] for name in names}, orders=orders)

    def side(self, plan: nodes.Plan, names: list[str]) -> Block:
        """One side of a join: a stored table as it is, anything else in parentheses."""
        if isinstance(plan, nodes.Scan):
            return self.block(plan)
        names = list(dict.fromkeys(names))
        return self.nested(replace_order(self.block(plan)), names)

    def nested(self, block: Block, names: list[str], decided: Iterable[str] = ()) -> Block:
        """A block that selects from BLOCK; conditions without a value are so in it too, but for those DECIDED."""
        inner = self.passing(block, [name for name in names if name not in decided])
        outer = self.from_subquery(self.select(inner, names), names)
        defined = {
            name: known(sql) if inner.defined[name] is not block.defined[name] else sql
            for name, sql in outer.defined.items()
        }
        return replace(outer, defined=defined)

    def passing(self, block: Block, names: list[str]) -> Block:
        """BLOCK with stored conditions as they are, unless its rows depend on their being true or false."""
        if block.distinct or block.groups is not None:
            return block
        stored = {name: unsettled(block.defined[name]) for name in names}
        return replace(
            block, defined=block.defined | {n: sql for n, sql in stored.items() if sql is not None}
        )

    def from_subquery(self, query: Sql, names: list[str]) -> Block:
        alias = self.alias()
        source = exp.Subquery(this=query, alias=exp.TableAlias(this=identifier(alias)))
        return Block(source, {name: column(alias, name) for name in names})

    def alias(self) -> str:
        self.aliases += 1
        return f"t{self.aliases}"

    def keeps_order(self, plan: nodes.Plan) -> bool:
        """Whether the engine gives PLAN's rows in its order without being told."""
        return plan.ordered

    def pinned(self, block: Block, plan: nodes.Plan) -> Block:
        """BLOCK with a total order, where it has none and the engine's own is not pinned."""
        if block.orders or self.keeps_order(plan):
            return block
        if not block.sliced and not self.all_plain(block, tie_breakers(plan)):
            block = self.wrapped(block)
        return replace(block, orders=tuple(Order(block.copy_of(name)) for name in tie_breakers(plan)))

    # From block to SELECT.

    def select(self, block: Block, names: list[str]) -> exp.Select:
        if block.distinct and set(names) != set(block.defined):
            block = self.wrapped(block)
        shown = [exp.Alias(this=block.copy_of(name), alias=identifier(name)) for name in names]
        made = exp.Select(expressions=shown).from_(block.source, copy=False)
        if block.joined is not None:
            made.set("joins", [block.joined])
        if block.where:
            made.set("where", exp.Where(this=all_of([test.copy() for test in block.where])))
        if block.distinct:
            made.set("distinct", exp.Distinct())
        if block.groups:
            made.set("group", exp.Group(expressions=[group.copy() for group in block.groups]))
        if block.groups == () or block.having is not None:  # without groups: one row, even of no aggregates
            test = exp.true() if block.having is None else block.having.copy()
            made.set("having", exp.Having(this=test))
        orders = [
            ordered(order) for order in block.orders if order.by.find(exp.Column)
        ]  # constants do not order
        if orders:
            made.set("order", exp.Order(expressions=orders))
        if block.count is not None:
            made.set("limit", exp.Limit(expression=exp.Literal.number(block.count)))
        if block.start:
            made.set("offset", exp.Offset(expression=exp.Literal.number(block.start)))
        return made


def total_parts(columns: nodes.Named, having: Expression | None) -> list[Expression]:
    return [made for _, made in columns] + ([] if having is None else [having])


def used_by(expressions: Iterable[Expression]) -> set[str]:
    return set().union(*(columns_of(expression) for expression in expressions))


def tie_breakers(plan: nodes.Plan) -> list[str]:
    """Columns that tell PLAN's rows apart."""
    names = plan.schema.names if plan.key is None else plan.key
    return [name for name in names if plan.schema.types[name] != MISSING]


# How SQL names a kind of join.
JOINS = {
    "inner": {"kind": "INNER"},
    "left": {"side": "LEFT"},
    "asof": {"method": "ASOF", "side": "LEFT"},
}
COMPARISONS = {"=": exp.EQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}


def compared(plan: nodes.Join) -> list[tuple[str, str, str]]:
    """What a join compares: (left's column, comparison, right's)."""
    pairs = [(a, "=", b) for a, b in plan.on]
    return pairs if plan.nearest is None else [*pairs, plan.nearest]


def matched(plan: nodes.Join, left: Block, right: Block) -> Sql:
    return all_of(
        [COMPARISONS[by](this=left.copy_of(a), expression=right.copy_of(b)) for a, by, b in compared(plan)]
    )
