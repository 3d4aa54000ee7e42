"""What the calls in a text cost, while they are made: the profile that the evaluator `profile` keeps.

A call that something waits for begins and ends. One in tail position ends with the call that its procedure was called
by: nothing waits for it, and so nothing needs to. What is spent belongs to the call that was begun last.
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.errors import Span
from chorus.runtime.table import Table


class Call:
    """A call in the text: FORM, written AT a place. COST: what the last RUN that asked knows of it."""

    __slots__ = ("at", "cost", "form", "run")

    def __init__(self, form: Any, at: Span | None) -> None:
        self.form = form
        self.at = at
        self.run: Run | None = None
        self.cost: Any = None


class Cost:
    """What a CALL cost in one run: nanoseconds with what it called (TOTAL) and without (OWN). ACTIVE: how many are
    begun and not ended; SINCE when the first of those is.
    """

    __slots__ = ("active", "bytes", "call", "calls", "own", "rows", "since", "table", "total")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.calls = self.active = self.since = self.total = self.own = self.rows = self.bytes = 0
        self.table: Any = None  # the value, if that was a table

    def begin(self, now: int) -> None:
        if not self.active:
            self.since = now
        self.active += 1

    def end(self, now: int) -> None:
        self.active -= 1
        if not self.active:
            self.total += now - self.since


class Node:
    """A call in the tree of calls. KNOWN: the nodes of the calls within; a call within itself is the same node."""

    __slots__ = ("cost", "inner", "known", "outer", "own")

    def __init__(self, cost: Cost, outer: Node | None) -> None:
        self.cost = cost
        self.outer = outer
        self.own = 0
        self.inner: list[Node] = []
        self.known: dict[Call, Node] = {}


class Waiting:
    """A call that is waited for: the COSTS that end with it, its own first; the node BEFORE it, and its own."""

    __slots__ = ("before", "costs", "node")

    def __init__(self, before: Node, node: Node) -> None:
        self.costs = [node.cost]
        self.before = before
        self.node = node


class Run:
    """One profile: the COSTS of calls, the tree from its ROOT; HERE: the node of the call begun last; STACK: what is
    waited for, the innermost last.
    """

    __slots__ = (
        "apart",
        "bytes",
        "costs",
        "ctx",
        "fetched",
        "here",
        "last",
        "meter",
        "now",
        "root",
        "rows",
        "stack",
    )

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.meter, self.fetched = ctx.meter, ctx.fetched
        self.costs: dict[Call, Cost] = {}
        self.root = self.here = Node(Cost(Call(False, None)), None)
        self.stack: list[Waiting] = []
        self.now = 0  # goes on only while the program runs, not the noting
        self.resume()

    def resume(self) -> None:
        """From here on what is spent is this profile's."""
        self.rows, self.bytes, self.apart = (
            self.fetched[0],
            self.meter.bytes + self.fetched[1],
            self.ctx.apart,
        )
        self.last = perf_counter_ns()

    def look(self) -> int:
        """What was spent since the last look belongs to the call begun last."""
        spent = perf_counter_ns() - self.last
        cost = self.here.cost
        rows, more = self.fetched
        more += self.meter.bytes
        if more != self.bytes or rows != self.rows or self.ctx.apart != self.apart:
            cost.rows += rows - self.rows
            cost.bytes += more - self.bytes
            spent -= self.ctx.apart - self.apart
            self.rows, self.bytes, self.apart = rows, more, self.ctx.apart
        self.here.own += spent
        cost.own += spent
        self.now += spent
        return self.now

    def cost(self, call: Call) -> Cost:
        cost = self.costs.get(call)
        if cost is None:
            cost = self.costs[call] = Cost(call)
        call.run, call.cost = self, cost
        return cost

    def within(self, outer: Node, call: Call) -> Node:
        """The node of CALL in OUTER."""
        found: Node | None = outer
        while found is not None and found.cost.call is not call:
            found = found.outer
        if found is None:
            found = Node(self.cost(call), outer)
            outer.inner.append(found)
        outer.known[call] = found
        return found

    # — what evaluated code asks for —

    def begin(self, call: Call) -> Waiting:
        now = self.look()
        before = self.here
        node = self.here = before.known.get(call) or self.within(before, call)
        node.cost.calls += 1
        node.cost.begin(now)
        mine = Waiting(before, node)
        self.stack.append(mine)
        self.last = perf_counter_ns()
        return mine

    def tail(self, call: Call) -> None:
        now = self.look()
        around = self.stack[-1] if self.stack else None
        outer = self.root if around is None else around.node
        node = self.here = outer.known.get(call) or self.within(outer, call)
        node.cost.calls += 1
        if around is not None and node.cost not in around.costs:
            around.costs.append(node.cost)
            node.cost.begin(now)
        self.last = perf_counter_ns()

    def end(self, mine: Waiting, value: Any) -> None:
        """Calls that were left for good within MINE end with it."""
        if value.__class__ is Table:
            for cost in (mine.costs[0], self.here.cost):
                if cost in mine.costs:
                    cost.table = value
        stack = self.stack
        if not (stack and stack[-1] is mine) and mine not in stack:
            return
        now = self.look()
        ended = None
        while ended is not mine:
            ended = stack.pop()
            for cost in ended.costs:
                cost.end(now)
        self.here = mine.before
        self.last = perf_counter_ns()
