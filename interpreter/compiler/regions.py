"""Regions: the body of one procedure on the assumption that some variables hold values of a certain class when it is
entered, and that the globals that it relies on are what they were.
"""

from __future__ import annotations

from typing import Any

from chorus.interpreter.compiler.builders import Builders
from chorus.interpreter.compiler.closed import Closed
from chorus.interpreter.compiler.contents import Contents
from chorus.interpreter.compiler.induction import Induction
from chorus.interpreter.compiler.kinds import (
    ANY,
    STRING,
    settled,
)
from chorus.interpreter.compiler.makers import made_in
from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Define,
    Global,
    Lambda,
    Local,
    Loop,
    Node,
    SetGlobal,
    SetLocal,
)
from chorus.interpreter.compiler.pristine import is_pristine
from chorus.interpreter.compiler.ranges import sure_indices
from chorus.interpreter.compiler.sites import OPENING
from chorus.interpreter.compiler.walk import tail_calls, within
from chorus.interpreter.namespace import Namespace, key
from chorus.runtime.calling import meta_of

RUNS_OR_BINDS = (Lambda, SetGlobal, Define)
USES_OF_RECORDS = {1: ("reads", "tests", "makes"), 2: ("writes", "makes")}  # by the number of arguments
FLOATING = frozenset(("/", "sqrt", "exp", "log", "sin", "cos", "atan", "exact->inexact", "inexact"))


class Region(Induction):
    """The body of PROCEDURE, seen on the assumption that the variables in ENTRY are of the kinds given there.

    KNOWN: kinds of variables by induction, those of ENTRY and of regions AROUND included. NAMES: the globals relied on.
    """

    def __init__(
        self,
        procedure: Lambda,
        space: Namespace,
        defined: frozenset[str],
        around: dict[Local, int],
        guessing: bool = True,
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
        self.callees = {
            call: known for call in self.calls if (known := self._closed_callee(call)) is not None
        }
        self.floating = not FLOATING.isdisjoint(self.primitives.values()) or any(
            isinstance(node, Const) and node.value.__class__ is float for node in within(procedure.body)
        )  # numbers are more likely to be floats than integers
        self.applied = {name for call in self.calls if (name := self._applied(call))}
        self.quiet = self.is_quiet(procedure.body)
        self.closed = self.quiet and isinstance(self.procedure.label, str)
        self.made = made_in(
            procedure.body, space, defined
        )  # variables that hold procedures of which much is known
        self.names.update(self.made.values())
        for call in self.callees if self.closed else ():
            self.known_callee(call)
        self.contents = Contents(procedure.body, self.primitives)
        self.names |= self.contents.names
        self.built = Builders(self)
        self.entry_key = ""  # the global that holds the region's code as a procedure of its own, if it does
        self.gives = 0  # how many values that code gives itself as they are (`giving`)
        self.sized: set[str] = set()  # Python names of strings whose length is asked for more than once
        super().__init__(guessing)
        # calls of string-ref that need no look at their index
        self.sure = {call for loop in self.loops for call in sure_indices(loop, self)}

    # — what is there —

    def _collect(self, body: Node) -> None:
        for node in within(body):
            if isinstance(node, Call):
                self.calls.append(node)
                if node.inlined:  # what it is given stands there once more, for where it is a call after all
                    for arg in node.args:
                        self._collect(arg)
            elif isinstance(node, Bind) and node.loop is not None:
                self.loops.append(node.loop)
            elif isinstance(node, SetLocal) and not node.var.captured:
                self.sets.append(node)

    def is_quiet(self, body: Node) -> bool:
        """Whether BODY, a part of the procedure's, calls nothing but primitives as they came, the global procedure that
        it is, and such as are known to be closed.
        """
        return all(
            self._is_quiet_call(here) if isinstance(here, Call) else not isinstance(here, RUNS_OR_BINDS)
            for here in within(body)
        )

    def _is_quiet_call(self, call: Call) -> bool:
        return (
            call.again is not None
            or call.leaves is not None
            or call.integrated is not None
            or self.primitives.get(call, "call/cc") not in OPENING
            or self._applied(call) != ""
            or self.is_self(call)
            or call in self.callees
            or isinstance(call.fn, Const)
        )

    def _applied(self, call: Call) -> str:
        """The name of the primitive that CALL applies to a list, if that is one within which no other code runs."""
        if self.primitives.get(call) != "apply" or not call.args:
            return ""
        name = self._primitive(call.args[0])
        return "" if name in OPENING else name

    def applied_name(self, call: Call) -> str:
        """`_applied`, on which the region then relies."""
        name = self._applied(call)
        if name:
            self.names.add(name)
        return name

    def is_self(self, call: Call) -> bool:
        fn, label = call.fn, self.procedure.label
        return (
            isinstance(fn, Global)
            and fn.name == label
            and fn.space is self.space
            and label not in self.space.volatile
            and self.procedure.params.plain
            and len(call.args) == len(self.procedure.params.required)
        )

    def _closed_callee(self, call: Call) -> Closed | None:
        """What is known of the closed procedure that CALL calls, if no code that is known of gives its name another
        value.
        """
        fn = call.fn
        if (
            not isinstance(fn, Global)
            or fn.space is not self.space
            or fn.name in self.space.volatile | self.defined
        ):
            return None
        known: Closed | None = self.space.closed.get(fn.name)
        if known is None or len(known.entry) != len(call.args):
            return None
        meta = meta_of(self.space.dict.get(key(fn.name)))
        return known if meta is not None and meta.span == known.span else None

    def known_callee(self, call: Call) -> Closed | None:
        """What is known of the procedure that CALL calls; if anything is, the region relies on it."""
        known = self.callees.get(call)
        if known is not None:
            assert isinstance(call.fn, Global)
            self.names |= {call.fn.name, *known.names}
        return known

    def straight(self, call: Call) -> Closed | None:
        """The closed procedure whose own code CALL may go straight to: while this code runs, nothing redefines it."""
        known = self.callees.get(call) if self.closed else None
        if known is None or not known.own or not known.fits([settled(self.kind(arg)) for arg in call.args]):
            return None
        return self.known_callee(call)

    def conclusion(self) -> Closed | None:
        """What callers may know of the procedure, if it is closed."""
        if not self.closed or not self.procedure.params.plain:
            return None
        general = self.result
        if self.entry:
            general = Region(self.procedure, self.space, self.defined, self.around, guessing=False).result
        entry = tuple(self.entry.get(var, ANY) for var in self.procedure.params.required)
        names = frozenset(self.names).union(self._taken_for_granted(), (self.procedure.label,))
        return Closed(self.procedure.span, entry, settled(self.result), settled(general), names)

    def _taken_for_granted(self) -> set[str]:
        """The globals whose values make the procedure quiet, but for other closed procedures and itself."""
        written = {call.fn.name for call in self.calls if call.integrated and isinstance(call.fn, Global)}
        return written.union(self.primitives.values(), self.applied)

    def rely_on_all(self) -> None:
        """Rely on everything that makes it quiet."""
        self.names.update(self._taken_for_granted())
        for call in self.callees:
            self.known_callee(call)
        if any(self.is_self(call) for call in self.calls):
            self.names.add(self.procedure.label)

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
        return self._primitive(call.fn)

    def _primitive(self, fn: Node) -> str:
        if not isinstance(fn, Global) or fn.name in self.space.volatile or not is_pristine(fn):
            return ""
        return "" if fn.space is self.space and fn.name in self.defined else fn.name

    def relies_on(self, call: Call) -> str:
        """The name of the primitive that CALL calls, which the region then relies on; "" where it may be another."""
        name = self.primitives.get(call, "")
        if name:
            self.names.add(name)
        return name

    def record_use(self, call: Call) -> tuple[str, Any, int] | None:
        """(how, the type of records, the place in them) if CALL calls a procedure of a record type that makes a record,
        reads a field, writes one or tests for the type; the region then relies on its name.
        """
        fn = call.fn
        if (
            not isinstance(fn, Global)
            or fn.space is not self.space
            or self.space.base is None
            or fn.name in self.space.volatile | self.defined
        ):
            return None
        procedure = self.space.dict.get(key(fn.name))
        for how in USES_OF_RECORDS.get(len(call.args), ("makes",)):
            found = getattr(procedure, how, None)
            if found is not None:
                self.names.add(fn.name)
                return (how, *found)
        return None

    def integrates(self, call: Call) -> bool:
        """Whether CALL is to be written out; if so, the region relies on the name of what it calls."""
        if call.integrated is None:
            return False
        assert isinstance(call.fn, Global)
        self.names.add(call.fn.name)
        return not call.inlined or not _loops(call.integrated) or self._meets(call)

    def _meets(self, call: Call) -> bool:
        """Whether CALL gives the procedure what its own region assumes: else its loop goes faster there than here."""
        assert isinstance(call.fn, Global)
        known = self.space.closed.get(call.fn.name)
        kinds = zip(call.args, known.entry, strict=True) if known is not None else ()
        return all(not settled(self.kind(arg)) & ~assumed for arg, assumed in kinds)

    def calls_itself(self, call: Call) -> bool:
        """Whether CALL may go straight to the region's own code; if so, the region relies on its procedure's name."""
        itself = self.is_self(call) and self.fits(call)
        if itself:
            self.names.add(self.procedure.label)
        return itself


def _loops(node: Node) -> bool:
    return any(isinstance(here, Bind) and here.loop is not None for here in within(node))
