"""What the calls in a text cost, while they are made: the profile that the evaluator `profile` keeps.

A call that something waits for begins and ends. One in tail position ends with the call that its procedure was called
by: nothing waits for it, and so nothing needs to. What is spent belongs to the call that was begun last. What takes no
longer than a look at the clock would is only counted, and what is done as often as something else shares its count.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from chorus.runtime.errors import Span


class Counter:
    """TICK, a procedure of no arguments, adds one to the COUNT. (The cheapest call that there is.) It may count LIKE
    something else that is done as often, and is noted anyway.
    """

    __slots__ = ("like", "ticks")

    def __init__(self) -> None:
        self.ticks = count()
        self.like: Any = None

    @property
    def tick(self) -> Callable[[], Any]:
        return self.ticks.__next__

    @property
    def count(self) -> int:
        return int(self.ticks.__reduce__()[1][0])


class Call:
    """A call in the text: FORM, written AT a place. What is only counted has a COUNTER, its own or that of another."""

    __slots__ = ("at", "counter", "form")

    def __init__(self, form: Any, at: Span | None) -> None:
        self.form = form
        self.at = at
        self.counter: Counter | None = None


class Cost:
    """What a CALL cost in one run: seconds with what it called (TOTAL) and without (OWN). OUTERMOST: what waits for the
    first of those that are begun and not ended; SINCE when that is.
    """

    __slots__ = ("bytes", "call", "calls", "outermost", "own", "rows", "since", "table", "total")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.calls = self.rows = self.bytes = 0
        self.own = self.total = self.since = 0.0
        self.outermost: Waiting | None = None
        self.table: Any = None  # the value, if that was a table

    def until(self, now: float) -> float:
        """The total, if what is under way were to end NOW."""
        return self.total + (0 if self.outermost is None else now - self.since)

    def end(self, waiting: Waiting, now: float) -> None:
        """What WAITING waits for ends."""
        if self.outermost is waiting:
            self.outermost = None
            self.total += now - self.since


class Node:
    """A call in the tree of calls: how many CALLS, and the time of its OWN. KNOWN: the nodes of the calls within; a
    call within itself is the same node.
    """

    __slots__ = ("call", "calls", "cost", "inner", "known", "outer", "own")

    def __init__(self, cost: Cost, outer: Node | None) -> None:
        self.cost = cost
        self.call = cost.call
        self.outer = outer
        self.calls = 0
        self.own = 0.0
        self.inner: list[Node] = []
        self.known: dict[Call, Node] = {}


# A call that is waited for: the node before it, its own, what waits around it, costs of calls in tail position that
# end with it. (A list is made in a fifth of the time of an object.)
Waiting = list[Any]
BEFORE, NODE, AROUND, TAILS = range(4)


class Run:
    """One profile: the COSTS of calls, the tree from its ROOT. HERE: the node of the call begun last; WAITING: what is
    waited for; NOW goes on only while the program runs, not the noting. COUNTED: how often what is only counted was
    done before the clock went over to another run.
    """

    __slots__ = ("costs", "counted", "here", "now", "root", "waiting")

    def __init__(self) -> None:
        self.costs: dict[Call, Cost] = {}
        self.root = self.here = Node(Cost(Call(False, None)), None)
        self.waiting: Waiting = [self.root, self.root, None, {}]
        self.now = 0.0
        self.counted: dict[Call, int] = {}

    def within(self, outer: Node, call: Call) -> Node:
        """The node of CALL in OUTER."""
        found: Node | None = outer
        while found is not None and found.call is not call:
            found = found.outer
        if found is None:
            cost = self.costs.get(call)
            if cost is None:
                cost = self.costs[call] = Cost(call)
            found = Node(cost, outer)
            outer.inner.append(found)
        outer.known[call] = found
        return found

    def summed(self) -> list[Cost]:
        """The costs of all calls that were made, with what the tree and the counters say."""
        for cost in self.costs.values():
            cost.calls, cost.own = 0, 0.0
        nodes = [self.root]
        for node in nodes:
            node.cost.calls += node.calls
            node.cost.own += node.own
            nodes += node.inner
        for call, times in self.counted.items():
            like = self.costs.get(call.counter.like) if call.counter is not None else None
            if like is not None:
                times = like.calls
            if times:
                self.costs.setdefault(call, Cost(call)).calls = times
        return [cost for cost in self.costs.values() if cost.calls]
