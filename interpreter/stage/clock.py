"""The clock of a profile: what evaluated code calls when a call begins or ends, and whose the time since then was."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from chorus.interpreter.stage.costs import AROUND, BEFORE, NODE, TAILS, Call, Counter, Run, Waiting
from chorus.runtime.context import Context
from chorus.runtime.table import Table

GAUGED = 200  # calls that are noted to find out how long it takes


def _shared(name: str) -> Any:
    """What the procedures that evaluated code calls know as NAME: a variable of theirs, which costs them the least."""

    def get(self: Clock) -> Any:
        return self.cells[name].cell_contents

    def put(self: Clock, value: Any) -> None:
        self.cells[name].cell_contents = value

    return property(get, put)


class Clock:
    """Keeps the profile of RUN, under way, whose HERE, WAITING and NOW it holds meanwhile; OUTER: the runs around.
    COUNTING: calls that are only counted, each with what its counter has shown that belongs to other runs.
    """

    here, waiting, now, last = map(_shared, ("here", "waiting", "now", "last"))
    meter, bytes, noting = map(_shared, ("meter", "asked", "noting"))

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.fetched = ctx.fetched
        ctx.clocks.append(self)  # to be told of time that is not the program's
        self.outer: list[Run] = []
        self.counting: dict[Call, int] = {}
        self.all_bytes = 0
        self.beginning, self.passing, self.end = self._noting()
        self.run = Run()
        self._take(self.run)
        self._gauge()

    def anew(self) -> None:
        """Another evaluation begins: what an error left open has ended."""
        self._look()
        while self.waiting[AROUND] is not None:
            self._close(self.now)
        self.end_tails(self.waiting, self.now)
        self.waiting[TAILS].clear()
        self.here, self.meter = self.run.root, self.ctx.meter
        self._read()
        self.last = perf_counter()

    def enter(self, run: Run) -> None:
        self._look()
        self._put_down()
        self.outer.append(self.run)
        self._take(run)

    def leave(self) -> None:
        self._look()
        self._put_down()
        self._take(self.outer.pop())

    def counted(self, call: Call, counter: Counter) -> None:
        """CALL, which is only counted, is done as often as COUNTER counts from here on."""
        call.counter = counter
        self.counting[call] = counter.count

    def pause(self) -> None:
        """Have the run under way know all that was noted."""
        self._look()
        self._put_down()
        self._take(self.run)

    # — what evaluated code calls —

    def _noting(self) -> tuple[Callable[[Call], Any], Callable[[Call], Any], Callable[[Waiting, Any], Any]]:
        """What is called by evaluated code, or makes it. All know the state as variables that they share; each looks at
        the clock once, in seconds: floats are added in less time than integers as long.
        """
        clock = self
        meter: Any = self.ctx.meter
        here: Any = None
        waiting: Waiting = []
        now = last = noting = 0.0
        asked = 0

        def beginning(call: Call) -> Callable[[], Waiting]:
            """What notes that CALL, which is waited for, begins, and gives what is to be told of it at its end."""

            def begin() -> Waiting:
                nonlocal here, waiting, now, last
                looked = perf_counter()
                before = here
                if meter.bytes != asked:
                    clock.charge()
                spent = looked - last
                before.own += spent
                now += spent
                try:
                    here = node = before.known[call]
                except KeyError:
                    here = node = clock.run.within(before, call)
                node.calls += 1
                waiting = mine = [before, node, waiting, None]
                cost = node.cost
                if cost.outermost is None:
                    cost.outermost = mine
                    cost.since = now
                last = looked + noting
                return mine

            return begin

        def passing(call: Call) -> Callable[[], None]:
            """What notes that CALL, in tail position, begins. A loop goes round in one node, with nothing to see."""

            def begin() -> None:
                nonlocal here, now, last
                before = here
                if before.call is call:
                    before.calls += 1
                    return
                looked = perf_counter()
                if meter.bytes != asked:
                    clock.charge()
                spent = looked - last
                before.own += spent
                now += spent
                around = waiting
                outer = around[NODE]
                try:
                    here = node = outer.known[call]
                except KeyError:
                    here = node = clock.run.within(outer, call)
                node.calls += 1
                cost = node.cost
                tails = around[TAILS]
                if tails is None:
                    tails = around[TAILS] = {}
                if cost not in tails:
                    tails[cost] = None
                    if cost.outermost is None:
                        cost.outermost = around
                        cost.since = now
                last = looked + noting

            return begin

        def end(mine: Waiting, value: Any) -> Any:
            """Note that the call which MINE tells of ends with VALUE, and give that."""
            nonlocal here, waiting, now, last
            looked = perf_counter()
            if meter.bytes != asked:
                clock.charge()
            inner = here
            spent = looked - last
            inner.own += spent
            now += spent
            if waiting is mine:
                here, node, waiting, tails = mine
                cost = node.cost
                if cost.outermost is mine:
                    cost.outermost = None
                    cost.total += now - cost.since
                if tails is not None:
                    clock.end_tails(mine, now)
            else:
                clock.left(mine, now)
            if value.__class__ is Table:
                node, tails = mine[NODE], mine[TAILS]
                for each in (node.cost, inner.cost):
                    if each is node.cost or (tails is not None and each in tails):
                        each.table = value
            last = looked + noting
            return value

        self.cells = dict(zip(end.__code__.co_freevars, end.__closure__ or (), strict=True))
        return beginning, passing, end

    # — the same, where it is not all in one line —

    def _gauge(self) -> None:
        """Find out what noting takes: nanoseconds from a look at the clock to the end of what looked."""
        begin, took = self.beginning(Call(False, None)), list[float]()
        for _ in range(GAUGED):
            began = perf_counter()
            self.end(begin(), None)
            took.append(perf_counter() - began)
        self.noting = min(took) / 3  # the looks themselves are the third part
        self.run = Run()
        self._take(self.run)

    def charge(self) -> None:
        """Rows and bytes since the last look belong to the call begun last."""
        cost = self.here.cost
        rows, more = self.fetched[0], self.meter.bytes + self.fetched[1]
        cost.rows += rows - self.rows
        cost.bytes += more - self.all_bytes
        self._read()

    def _look(self) -> float:
        spent = perf_counter() - self.last
        self.charge()
        self.here.own += spent
        self.now += spent
        return self.now

    def _read(self) -> None:
        self.rows, self.bytes = self.fetched[0], self.meter.bytes
        self.all_bytes = self.bytes + self.fetched[1]

    def left(self, mine: Waiting, now: float) -> None:
        """Calls that were left for good within MINE end with it. One that was ended so may end again: no matter."""
        around: Any = self.waiting
        while around is not None and around is not mine:
            around = around[AROUND]
        if around is None:
            return
        while self._close(now) is not mine:
            pass
        self.here = mine[BEFORE]

    def _close(self, now: float) -> Waiting:
        """The innermost of what is waited for has ended."""
        each = self.waiting
        each[NODE].cost.end(each, now)
        self.end_tails(each, now)
        self.waiting = each[AROUND]
        return each

    def end_tails(self, mine: Waiting, now: float) -> None:
        for cost in mine[TAILS] or ():
            cost.end(mine, now)

    def _put_down(self) -> None:
        run = self.run
        run.here, run.waiting, run.now = self.here, self.waiting, self.now
        for call, others in self.counting.items():
            assert call.counter is not None
            run.counted[call] = call.counter.count - others

    def _take(self, run: Run) -> None:
        """Go on with RUN: what the counters show that is not in its count belongs to others."""
        self.run = run
        self.here, self.waiting, self.now = run.here, run.waiting, run.now
        for call in self.counting:
            assert call.counter is not None
            self.counting[call] = call.counter.count - run.counted.get(call, 0)
        self._read()
        self.last = perf_counter()
