"""Regions: the body of one procedure on the assumption that some variables hold values of a certain class when it is
entered. Under that assumption the kinds of loop variables, of lets and of calls of the procedure itself follow by
induction: they start as nothing and grow until they agree with what is computed from them.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.kinds import (
    ANY,
    EXPECTED,
    FLOAT,
    INTEGER,
    NUMERIC,
    PROCEDURE,
    RESULTS,
    SMALL_INTEGER,
    SOME_NUMBER,
    STEP,
    STRING,
    SUMS,
    WHOLE,
    counted_on,
    join_sum,
    join_whole,
    kind_of_constant,
    only,
)
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Define,
    Global,
    If,
    Lambda,
    Let,
    Local,
    Loop,
    Node,
    Ref,
    Seq,
    SetGlobal,
    SetLocal,
)
from chorus.interpreter.compiler.pristine import is_pristine
from chorus.interpreter.compiler.sites import CALLING, RAISING
from chorus.interpreter.compiler.walk import tail_calls, within
from chorus.interpreter.namespace import Namespace

ROUNDS = 12  # of the induction, after which what still grows may be anything


class Region:
    """The body of PROCEDURE, seen on the assumption that the variables in ENTRY are of the kinds given there.

    KNOWN: kinds of variables by induction, those of ENTRY and of regions AROUND included. NAMES: the globals relied on.
    """

    def __init__(
        self, procedure: Lambda, space: Namespace, defined: frozenset[str], around: dict[Local, int]
    ) -> None:
        self.procedure = procedure
        self.space = space
        self.defined = defined  # globals that the unit itself gives a value
        self.around = around
        self.names: set[str] = set()
        self.loops: list[Loop] = []
        self.calls: list[Call] = []
        self.sets: list[SetLocal] = []
        self._collect(procedure.body)
        self.turning = {var for loop in self.loops for var in loop.vars} | {
            assignment.var for assignment in self.sets
        }
        self.primitives = {call: name for call in self.calls if (name := self._primitive_of(call))}
        self.closed = self._closed()
        self.entry: dict[Local, int] = {}
        self.entry_key = ""  # the global that holds the region's code as a procedure of its own, if it does
        self.sized: set[str] = set()  # Python names of strings whose length is asked for more than once
        self.result = 0  # the kind of what the procedure returns, where it calls nothing but itself
        self.known: dict[Local, int] = {}
        self.lets: dict[Local, int] = {}  # kinds of let variables, from those known
        self.asked: dict[Node, int] = {}  # kinds of nodes, from those known
        self._settle()

    # — what is there —

    def _collect(self, body: Node) -> None:
        for node in within(body):
            if isinstance(node, Call):
                self.calls.append(node)
            elif isinstance(node, Bind) and node.loop is not None:
                self.loops.append(node.loop)
            elif isinstance(node, SetLocal) and not node.var.captured:
                self.sets.append(node)

    def _closed(self) -> bool:
        """Whether the body calls nothing but primitives as they came, and the global procedure that it is."""
        return (
            isinstance(self.procedure.label, str)
            and not any(isinstance(node, (Lambda, SetGlobal, Define)) for node in within(self.procedure.body))
            and all(
                call.again is not None
                or call.integrated is not None
                or self.primitives.get(call, "call/cc") not in CALLING - RAISING
                or self.is_self(call)
                or isinstance(call.fn, Const)
                for call in self.calls
            )
        )

    def is_self(self, call: Call) -> bool:
        fn, label = call.fn, self.procedure.label
        return (
            isinstance(fn, Global)
            and fn.name == label
            and fn.space is self.space
            and label not in self.space.volatile
            and len(call.args) == len(self.procedure.params.required)
        )

    def list_goes_on(self, call: Call) -> Call | None:
        """The call of the procedure itself that gives the cdr of the pair that CALL makes."""
        rest = call.args[1] if self.primitives.get(call) == "cons" and len(call.args) == 2 else None
        return rest if isinstance(rest, Call) and self.calls_itself(rest) else None

    @property
    def makes_list(self) -> bool:
        """Whether the procedure conses, in tail position, onto what it itself returns."""
        return self.closed and any(self.list_goes_on(call) for call in tail_calls(self.procedure.body))

    def keeps_string(self, py: str) -> bool:
        """Whether PY is a parameter that is known to be one and the same string of the host's all along."""
        if self.procedure.loops or self.makes_list:
            return False
        return any(var.py == py and kind == STRING and not var.assigned for var, kind in self.entry.items())

    @property
    def recurs(self) -> bool:
        """Whether the procedure calls nothing but itself, not only to jump back: code of its own is then worth it."""
        return self.closed and any(call.again is None and self.is_self(call) for call in self.calls)

    def _primitive_of(self, call: Call) -> str:
        """The primitive that CALL calls; "" unless it is as it came, and no code that is known of gives it another
        value."""
        fn = call.fn
        if not isinstance(fn, Global) or fn.name in self.space.volatile or not is_pristine(fn):
            return ""
        return "" if fn.space is self.space and fn.name in self.defined else fn.name

    def relies_on(self, call: Call) -> str:
        """The name of the primitive that CALL calls, which the region then relies on; "" where it may be another."""
        name = self.primitives.get(call, "")
        if name:
            self.names.add(name)
        return name

    # — induction —

    def _settle(self) -> None:
        """Guess the kinds that variables have at the entry, and give up those guesses that the rounds do not keep."""
        self._induce({}, guessing=True)
        self.entry = self._guesses()
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
        given: dict[Local, list[Node]] = {}
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
        whose characters or elements are asked for.
        """
        votes: dict[Local, list[int]] = {}
        expected: dict[Local, int] = {}
        entries = {
            var: value for loop in self.loops for var, value in zip(loop.vars, loop.entry, strict=True)
        }
        for call, name in self.primitives.items():
            wanted = EXPECTED.get(name)
            for arg in call.args if name in NUMERIC else call.args[:1] if wanted else ():
                var = source_of(arg)
                while var in entries and (entered := source_of(entries[var])) is not None:
                    var = entered  # a loop's variable speaks for what it starts with
                if var is None or var in self.turning or not self._may_be_guessed(var):
                    continue
                if wanted:
                    expected[var] = wanted
                    continue
                others = [self.kind(other) for other in call.args if other is not arg]
                votes.setdefault(var, []).extend(others or [0])
        numbers = {
            var: FLOAT if FLOAT in kinds and not any(only(kind, INTEGER) for kind in kinds) else INTEGER
            for var, kinds in votes.items()
        }
        return {**numbers, **expected}

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
        given = var in self.turning or var in self.procedure.params.required
        return 0 if given or var.owner is not self.procedure else ANY

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
        if node.again is not None:
            return 0  # a jump has no value
        if node.integrated is not None:
            return self.kind(node.integrated)
        if node in self.primitives:
            return self._result(self.primitives[node], node)
        return self.result if self.closed and self.is_self(node) and self.fits(node) else ANY

    def integrates(self, call: Call) -> bool:
        """Whether CALL is to be written out; if so, the region relies on the name of what it calls."""
        if call.integrated is None:
            return False
        assert isinstance(call.fn, Global)
        self.names.add(call.fn.name)
        return True

    def calls_itself(self, call: Call) -> bool:
        """Whether CALL may go straight to the region's own code; if so, the region relies on its procedure's name."""
        itself = self.is_self(call) and self.fits(call)
        if itself:
            self.names.add(self.procedure.label)
        return itself

    def fits(self, call: Call) -> bool:
        """Whether CALL, of the procedure itself, gives its parameters what the entry assumes of them."""
        return all(
            not (self.kind(arg) & ~self.entry.get(var, ANY))
            for var, arg in zip(self.procedure.params.required, call.args, strict=True)
        )

    def _result(self, name: str, node: Call) -> int:
        if name in RESULTS and name not in NUMERIC:
            return RESULTS[name]
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


def source_of(node: Node) -> Local | None:
    """The variable that NODE reads, or that the variable it reads was given as it is."""
    while isinstance(node, Ref):
        var = node.var
        if var.assigned or not isinstance(var.value, Ref):
            return var
        node = var.value
    return None


def written(node: Node) -> Any:
    """The value that NODE is written as; None if it has to be computed."""
    return node.value if isinstance(node, Const) else None
