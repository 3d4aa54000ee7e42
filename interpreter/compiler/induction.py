"""Kinds by induction: of loop variables, lets and a procedure's own results, from those that its variables have when it
is entered. They start as nothing and grow until they agree with what is computed from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chorus.interpreter.compiler.closed import Closed, source_of, written
from chorus.interpreter.compiler.contents import Contents
from chorus.interpreter.compiler.kinds import (
    ANY,
    COMPARISONS,
    DIVIDING,
    EXPECTED,
    FLOAT,
    INTEGER,
    NUMBER,
    NUMERIC,
    PROCEDURE,
    RESULTS,
    SELECTING,
    SMALL_INTEGER,
    SOME_NUMBER,
    STEP,
    SUMS,
    TABLE_MAKERS,
    WHOLE,
    counted_on,
    join_selected,
    join_sum,
    join_whole,
    kind_of_constant,
    only,
)
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    If,
    Lambda,
    Let,
    Local,
    Loop,
    Node,
    Ref,
    Seq,
    SetLocal,
)
from chorus.interpreter.compiler.several import item_at, take_values
from chorus.interpreter.compiler.writer import is_constant

DIVISIONS = {
    "floor/": ("floor-quotient", "floor-remainder"),
    "truncate/": ("truncate-quotient", "truncate-remainder"),
}
ROUNDS = 12  # of the induction, after which what still grows may be anything


class Induction:
    """What a region knows of PROCEDURE. KNOWN: kinds of variables, those of ENTRY and of what is AROUND included."""

    procedure: Lambda
    around: dict[Local, int]
    loops: list[Loop]
    calls: list[Call]
    sets: list[SetLocal]
    turning: set[Local]
    primitives: dict[Call, str]
    contents: Contents
    closed: bool

    def __init__(self, guessing: bool) -> None:
        self.guessing = guessing
        self.listening = False  # whether what the variables from outside meet speaks for them
        self.entry: dict[Local, int] = {}
        self.result = 0  # the kind of what the procedure returns, where it is closed
        self.known: dict[Local, int] = {}
        self.lets: dict[Local, int] = {}  # kinds of let variables, from those known
        self.asked: dict[Node, int] = {}  # kinds of nodes, from those known
        self._settle()

    if TYPE_CHECKING:  # other parts of the same class

        def is_self(self, call: Call) -> bool: ...

        def known_callee(self, call: Call) -> Closed | None: ...

        def relies_on(self, call: Call) -> str: ...

    def _settle(self) -> None:
        """Guess the kinds that variables have at the entry, and give up those guesses that the rounds do not keep."""
        if self.guessing:
            self._induce({}, guessing=True)
            self.entry = self._guesses()
            if any(kind & NUMBER for kind in self.entry.values()):  # which speak for others
                self._induce(self.entry, guessing=True)
                self.entry = {**self._guesses(), **self.entry}
        while True:
            self._induce(self.entry)
            broken = [var for var, kind in self.entry.items() if self.known[var] & ~kind]
            if not broken:
                return
            for var in broken:
                del self.entry[var]
                self.known[var] = ANY
                self.around = {**self.around, var: ANY}

    def _induce(self, entry: dict[Local, int], guessing: bool = False) -> None:
        """GUESSING: parameters are nothing yet, so that what they meet speaks for them."""
        self.listening = guessing
        params = self.procedure.params.all()
        again = self._rounds()
        self.known = {**self.around, **entry}
        for var in params:
            if not guessing or var in self.around:
                self.known.setdefault(var, ANY)
        self.result = 0
        for turn in range(ROUNDS):
            before = (dict(self.known), self.result)
            self._forget()
            for var, values in again.items():
                if self.known.get(var) == ANY or (var.assigned and var.captured) or var.late:
                    self.known[var] = ANY
                    continue
                kinds = self.known.get(var, 0)
                for value in values:
                    kinds |= self.kind(value)
                self.known[var] = kinds if turn < ROUNDS - 1 else ANY
            if self.closed:
                self.result |= self.kind(self.procedure.body)
            if (self.known, self.result) == before:
                return
        self.result = ANY
        self._forget()

    def _forget(self) -> None:
        self.lets.clear()
        self.asked.clear()

    def _rounds(self) -> dict[Local, list[Node]]:
        """What each loop's variable, and each parameter of a procedure that loops, is given."""
        given = dict(self.contents.given)
        for loop in self.loops:
            for var, value in zip(loop.vars, loop.entry, strict=True):
                given[var] = [value]
        rounds = {loop.var: loop.vars for loop in self.loops}
        for call in self.calls:
            if isinstance(call.again, Local):
                vars = rounds.get(call.again, [])
            elif call.again is self.procedure:
                vars = self.procedure.params.required
            else:
                continue
            for var, value in zip(vars, call.args, strict=False):
                given.setdefault(var, []).append(value)
        for assignment in self.sets:
            var = assignment.var
            if var not in given and var.value is not None:
                given[var] = [var.value]
            given.setdefault(var, []).append(assignment.value)
        return given

    def _guesses(self) -> dict[Local, int]:
        """Variables from outside that meet numbers here, and the class that those they meet speak for; and those
        whose characters or elements are asked for, or that say which element. A guess that is wrong costs more than
        none: that a number is an integer is guessed only of those that go round, or that such are compared with.
        """
        votes: dict[Local, list[int]] = {}
        expected: dict[Local, int] = {}
        entries = {
            var: value for loop in self.loops for var, value in zip(loop.vars, loop.entry, strict=True)
        }
        moving = self._moving()
        for call, name in self.primitives.items():
            for at, arg in enumerate(call.args):
                wanted = EXPECTED.get((name, at), 0)
                if not wanted and name not in NUMERIC:
                    continue
                var = source_of(arg)
                starts = False
                while var in entries and (entered := source_of(entries[var])) is not None:
                    var, starts = entered, True  # a loop's variable speaks for what it starts with
                if var is None or var in self.turning or not self._may_be_guessed(var):
                    continue
                if wanted:
                    expected[var] = wanted
                    continue
                kinds = votes.setdefault(var, [])
                if name in DIVIDING:
                    kinds.append(INTEGER)
                for other in call.args:
                    kind = 0 if other is arg else self.kind(other)
                    round_too = name != "*" and source_of(other) in self.turning | moving
                    telling = starts or round_too or var in moving or name in COMPARISONS
                    if kind == FLOAT or (telling and only(kind, INTEGER)):
                        kinds.append(kind)
        numbers = {
            var: FLOAT if FLOAT in kinds and not any(only(kind, INTEGER) for kind in kinds) else INTEGER
            for var, kinds in votes.items()
            if kinds
        }
        return {**numbers, **expected}

    def _moving(self) -> set[Local]:
        """The parameters that the procedure gives other values where it calls itself."""
        params = self.procedure.params.required
        return {
            var
            for call in self.calls
            if call.again is self.procedure or self.is_self(call)
            for var, arg in zip(params, call.args, strict=False)
            if source_of(arg) is not var
        }

    def _may_be_guessed(self, var: Local) -> bool:
        if var.assigned or var.late or var.init is not None or var in self.around:
            return False
        return var in self.procedure.params.required or var.owner is not self.procedure

    # — kinds —

    def kind(self, node: Node) -> int:
        """The kind of NODE's value; 0 while nothing is known of it yet."""
        found = self.asked.get(node)
        if found is None:
            found = getattr(self, "_kind_" + node.__class__.__name__, self._anything)(node)
            self.asked[node] = found
        return found

    def _anything(self, node: Node) -> int:
        return ANY

    def _kind_Const(self, node: Const) -> int:
        return kind_of_constant(node.value)

    def _kind_Ref(self, node: Ref) -> int:
        var = node.var
        known = self.known.get(var)
        if known is not None:
            return known
        if var in self.turning and not var.late and not (var.assigned and var.captured):
            return 0
        if var.assigned or var.late:
            return ANY
        if var.value is not None:
            if var not in self.lets:
                self.lets[var] = self.kind(var.value)
            return self.lets[var]
        if var in self.turning or var in self.procedure.params.required:
            return 0
        return 0 if self.listening and var.owner is not self.procedure else ANY

    def _kind_Lambda(self, node: Lambda) -> int:
        return PROCEDURE

    def _kind_If(self, node: If) -> int:
        return self.kind(node.yes) | self.kind(node.no)

    def _kind_Seq(self, node: Seq) -> int:
        return self.kind(node.items[-1])

    def _kind_Let(self, node: Let) -> int:
        return self.kind(node.body)

    def _kind_Bind(self, node: Bind) -> int:
        return self.kind(node.body if node.loop is None else node.loop.body)

    def _kind_Call(self, node: Call) -> int:
        if node.again is not None or node.leaves is not None:
            return 0  # a jump has no value
        if node.integrated is not None:
            return self.kind(node.integrated)
        if isinstance(node.fn, Const):
            return self._kind_taken(node)
        if node in self.primitives:
            return self._result(self.primitives[node], node)
        callee = self.known_callee(node)
        if callee is not None:
            return callee.kind([self.kind(arg) for arg in node.args])
        return self.result if self.closed and self.is_self(node) and self.fits(node) else ANY

    def _kind_taken(self, node: Call) -> int:
        """The kind of a quotient or remainder that NODE takes out of what a division gave."""
        held = node.args[0] if is_constant(node.fn, item_at) else None
        taking = held.var.value if isinstance(held, Ref) else None
        if not isinstance(taking, Call) or not is_constant(taking.fn, take_values):
            return ANY
        division, part = taking.args[0], written(node.args[1])
        if not isinstance(division, Call) or len(division.args) != 2 or part not in (0, 1):
            return ANY
        if self.primitives.get(division) not in DIVISIONS or written(taking.args[1]) != 2:
            return ANY
        name = DIVISIONS[self.relies_on(division)][part]
        return join_whole(name, [self.kind(arg) for arg in division.args], written(division.args[1]))

    def fits(self, call: Call) -> bool:
        """Whether CALL, of the procedure itself, gives its parameters what the entry assumes of them."""
        return all(
            not (self.kind(arg) & ~self.entry.get(var, ANY))
            for var, arg in zip(self.procedure.params.required, call.args, strict=True)
        )

    def _result(self, name: str, node: Call) -> int:
        if name in TABLE_MAKERS and TABLE_MAKERS[name](len(node.args)):
            return ANY  # under an equality of its own
        if name in RESULTS and name not in NUMERIC:
            return RESULTS[name]
        if name in SELECTING and node.args:
            return join_selected(name, [self.kind(arg) for arg in node.args])
        held = self.contents.read_by(node, name)
        if held is not None:
            return self.known.get(held, 0) | self.kind(node.args[2])
        if name not in SUMS and name not in WHOLE and name != "/":
            return RESULTS.get(name, ANY)
        kinds = [self.kind(arg) for arg in node.args]
        if name in WHOLE:
            return join_whole(name, kinds, written(node.args[-1])) if len(kinds) == 2 else ANY
        if name == "/":
            return 0 if 0 in kinds else FLOAT if FLOAT in kinds and join_sum(kinds) == FLOAT else SOME_NUMBER
        return self._counted(name, node, kinds) or join_sum(kinds)

    def _counted(self, name: str, node: Call, kinds: list[int]) -> int:
        """The kind of a count and a step that is written down; 0 for any other sum."""
        if len(kinds) != 2 or name == "*":
            return 0
        step, kind = written(node.args[1]), kinds[0]
        if step is None and name == "+":
            step, kind = written(node.args[0]), kinds[1]
        if type(step) is not int or abs(step) > STEP or not only(kind, SMALL_INTEGER):
            return 0
        return counted_on(kind, step if name == "+" else -step)
