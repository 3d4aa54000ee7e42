"""The compiler's part for windows, pivots, generators and tables that the program holds: see sql_compiler.py."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from chorus.runtime.plan import shapes
from chorus.runtime.plan.expressions import Call, Column, Literal, columns_of, literal
from chorus.runtime.plan.sql_block import Block, Order, ordered, settled
from chorus.runtime.plan.sql_compiler import Compiler, used_by
from chorus.runtime.plan.sql_terms import Over, Sql, cast, function, number, unsettled
from chorus.runtime.plan.types import BOOLEAN, MISSING, NUMBERS, STRING

ON, PLACE = ":on", ":place"  # no name that the reader takes for a symbol begins so


def _window(self: Compiler, plan: shapes.Window) -> Block:
    used = used_by([*plan.partition, *(by for by, _ in plan.orders), *(made for _, made in plan.columns)])
    block = self.foldable(plan.table, used | set(plan.ties))
    plain = self.translator(block)
    orders = [
        ordered(Order(plain.value(by), descending)) for by, descending in plan.orders if by.type != MISSING
    ]
    types = plan.table.schema.types
    ties = [ordered(Order(block.copy_of(name))) for name in plan.ties if types[name] != MISSING]
    over = Over(
        [plain.value(one) for one in plan.partition if one.type != MISSING],
        orders,
        [] if plan.frame.width is not None else ties,
        frame(plan.frame),
    )
    translator = self.translator(block, window=over)
    made = {name: translator.value(expression) for name, expression in plan.columns}
    return self.wrapped(replace(block, defined=block.defined | made, orders=()))


def frame(given: shapes.Frame) -> Sql | None:
    """The frame's clause; None: the whole partition."""
    if given.width is not None:
        start: Sql = function("TO_MICROSECONDS", number(given.width - 1))
        return exp.WindowSpec(
            kind="RANGE", start=start, start_side="PRECEDING", end="CURRENT ROW", end_side=None
        )
    if given.before is None and given.after is None:
        return None
    return exp.WindowSpec(
        kind="ROWS",
        start="UNBOUNDED" if given.before is None else number(given.before),
        start_side="PRECEDING",
        end="UNBOUNDED" if given.after is None else number(given.after),
        end_side="FOLLOWING",
    )


def _pivot(self: Compiler, plan: shapes.Pivot) -> Block:
    block, made = self.computed(plan.table, (*plan.keys, (ON, plan.on)))
    block = replace(block, defined=block.defined | made, orders=())
    names = [name for name, _ in plan.keys]
    decided = [name for name in names if unsettled(block.defined[name]) is not None]
    block = self.nested(block, sorted({*names, ON, *columns_of(plan.value)}), decided=decided)
    defined = {name: block.copy_of(name) for name in names}
    on = Column(ON, plan.on.type)
    for value, name in plan.among:
        kind = literal(value).type if value is None or plan.on.type in NUMBERS else plan.on.type
        equal = Call("=", (on, Literal(value, kind)), BOOLEAN)  # 0.1 is no integer, and equal to none
        only = self.translator(block).truth(equal, exact=False)
        defined[name] = self.translator(block, only=only).value(plan.value)
    return replace(block, defined=defined, groups=tuple(block.copy_of(name) for name in names))


def as_arrays(self: Compiler, plan: shapes.Unpivot) -> tuple[Block, str]:
    """The columns that are kept, and the names and values of the others as an array each; the type of the values."""
    block = self.foldable(plan.table, set(plan.columns))
    kind = str(plan.type if plan.type not in (None, MISSING) else STRING)
    made: dict[str, Sql] = {field.name: block.defined[field.name] for field in plan.kept}
    made[plan.name] = exp.Array(expressions=[self.parameters.bind(name, STRING) for name in plan.columns])
    made[plan.value] = exp.Array(expressions=[cast(block.copy_of(name), kind) for name in plan.columns])
    return replace(block, defined=made), kind


def _unpivot(self: Compiler, plan: shapes.Unpivot) -> Block:
    block, kind = as_arrays(self, plan)
    made = {name: function("UNNEST", block.copy_of(name)) for name in (plan.name, plan.value)}
    made[PLACE] = function("UNNEST", function("RANGE", number(len(plan.columns))))
    outer = in_place(self.wrapped(replace(block, defined=block.defined | made)), PLACE)
    del outer.defined[PLACE]
    return replace(outer, defined=outer.defined | {plan.value: settled(outer.defined[plan.value], kind)})


def _explode(self: Compiler, plan: shapes.Explode) -> Block:
    block = self.foldable(plan.table, used_by([plan.source]))
    found = self.translator(block).several(plan.source)
    places = function("RANGE", function("LEN", found.copy()))
    made = {name: sql for name, sql in block.defined.items() if name != plan.name}
    made |= {plan.name: function("UNNEST", found), plan.place: function("UNNEST", places)}
    return in_place(self.wrapped(replace(block, defined=made)), plan.place)


def in_place(block: Block, place: str) -> Block:
    """BLOCK, whose rows came of rows in an order, in that order and then by PLACE."""
    return replace(block, orders=(*block.orders, Order(block.copy_of(place)))) if block.orders else block


for _node, _compile in (
    (shapes.Given, Compiler._scan),  # has a name in the engine, too
    (shapes.Window, _window),
    (shapes.Pivot, _pivot),
    (shapes.Unpivot, _unpivot),
    (shapes.Explode, _explode),
):
    Compiler.compiled.register(_node, _compile)  # type: ignore[attr-defined]
