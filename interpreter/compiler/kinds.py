"""What kind of value an expression has, as far as it can be told before it runs: sets of classes as bits.

A *region* is the body of one procedure on the assumption that some variables hold numbers of a certain class when it is
entered. Under that assumption the kinds of loop variables, of lets and of calls of the procedure itself follow by
induction: they start as nothing and grow until they agree with what is computed from them.
"""

from __future__ import annotations

from collections.abc import Iterator

from chorus.interpreter.compiler.nodes import (
    Bind,
    Call,
    Const,
    Define,
    Global,
    If,
    Init,
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
from chorus.interpreter.namespace import Namespace
from chorus.runtime.values import Char, Nil, Pair, SourcePair, Symbol

INT, FLOAT, BOOL, STRING, CHAR, SYMBOL, PAIR, NIL, PROCEDURE, OTHER = (1 << bit for bit in range(10))
ANY = (1 << 10) - 1
NUMBER = INT | FLOAT  # of a machine's classes
CLASSES = {
    int: INT,
    float: FLOAT,
    bool: BOOL,
    str: STRING,
    Char: CHAR,
    Symbol: SYMBOL,
    Pair: PAIR,
    SourcePair: PAIR,
    Nil: NIL,
}
ROUNDS = 12  # of the induction, after which what still grows may be anything

SUMS = frozenset(("+", "-", "*"))
COMPARISONS = frozenset(("<", ">", "<=", ">=", "="))
WHOLE = frozenset(
    ("quotient", "remainder", "modulo", "floor-quotient", "floor-remainder", "truncate-quotient")
)
# calls whose operands are worth knowing when the region is entered
NUMERIC = (
    SUMS
    | COMPARISONS
    | WHOLE
    | {"/", "zero?", "even?", "odd?", "positive?", "negative?", "abs", "min", "max"}
)
WORTH = NUMERIC | {
    "car", "cdr", "cadr", "cddr", "caar", "cdar", "caddr", "cdddr", "cons", "pair?", "null?", "not", "eq?", "eqv?",
    "set-car!", "set-cdr!", "vector-set!", "vector-ref", "vector-length", "string-ref", "string-length", "char=?",
}  # fmt: skip
# what primitives give, whatever they are given
RESULTS = {
    **dict.fromkeys(COMPARISONS, BOOL),
    **dict.fromkeys(
        ("zero?", "even?", "odd?", "positive?", "negative?", "not", "null?", "pair?", "eq?", "eqv?", "equal?", "char=?",
         "string=?", "string?", "symbol?", "number?", "integer?", "char?", "boolean?", "procedure?", "vector?"),
        BOOL,
    ),
    **dict.fromkeys(("string-length", "vector-length", "length", "char->integer"), INT),
    **dict.fromkeys(("string-ref", "integer->char"), CHAR),
    **dict.fromkeys(("number->string", "symbol->string"), STRING),
    "cons": PAIR,
}  # fmt: skip


def settled(kind: int) -> int:
    """KIND of what is computed; nothing known at all is anything."""
    return kind or ANY


def join_sum(kinds: list[int]) -> int:
    """What +, - or * of operands of KINDS is; nothing (0) as long as one is nothing."""
    whole = 0
    for kind in kinds:
        if not kind or kind & ~NUMBER:
            return ANY if kind else 0
        whole |= kind
    return FLOAT if FLOAT in kinds else whole


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
        self._collect(procedure.body)
        self.turning = {var for loop in self.loops for var in loop.vars}
        self.primitives = {call: name for call in self.calls if (name := self._primitive_of(call))}
        self.closed = self._closed()
        self.entry: dict[Local, int] = {}
        self.entry_key = ""  # the global that holds the region's code as a procedure of its own, if it does
        self.result = 0  # the kind of what the procedure returns, where it calls nothing but itself
        self.known: dict[Local, int] = {}
        self.lets: dict[Local, int] = {}  # kinds of let variables, from those known
        self._settle()

    # — what is there —

    def _collect(self, body: Node) -> None:
        for node in within(body):
            if isinstance(node, Call):
                self.calls.append(node)
            elif isinstance(node, Bind) and node.loop is not None:
                self.loops.append(node.loop)

    def _closed(self) -> bool:
        """Whether the body calls nothing but primitives as they came, and the global procedure that it is."""
        return (
            isinstance(self.procedure.label, str)
            and not any(isinstance(node, (Lambda, SetGlobal, Define)) for node in within(self.procedure.body))
            and all(
                call.again is not None
                or call in self.primitives
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

    @property
    def recurs(self) -> bool:
        """Whether the procedure calls nothing but itself, not only to jump back: code of its own is then worth it."""
        return self.closed and any(call.again is None and self.is_self(call) for call in self.calls)

    @property
    def pays(self) -> bool:
        return not WORTH.isdisjoint(self.primitives.values())

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
        self._induce({})
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

    def _induce(self, entry: dict[Local, int]) -> None:
        params = self.procedure.params.all()
        again = self._rounds()
        self.known = {**self.around, **entry}
        for var in params:
            if entry or var in self.around:
                self.known.setdefault(var, ANY)
        self.result = 0
        for turn in range(ROUNDS):
            before = (dict(self.known), self.result)
            self.lets.clear()
            for var, values in again.items():
                if self.known.get(var) == ANY or var.assigned or var.late:
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
        self.lets.clear()

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
        return given

    def _guesses(self) -> dict[Local, int]:
        """Variables from outside that meet numbers here, and the class that those they meet speak for."""
        votes: dict[Local, list[int]] = {}
        for call, name in self.primitives.items():
            if name not in NUMERIC:
                continue
            for arg in call.args:
                if isinstance(arg, Ref) and arg.var not in self.turning and self._may_be_guessed(arg.var):
                    others = [self.kind(other) for other in call.args if other is not arg]
                    votes.setdefault(arg.var, []).extend(others or [0])
        return {var: FLOAT if FLOAT in kinds and INT not in kinds else INT for var, kinds in votes.items()}

    def _may_be_guessed(self, var: Local) -> bool:
        if var.assigned or var.late or var.init is not None or var in self.around:
            return False
        return var in self.procedure.params.required or var.owner is not self.procedure

    # — kinds —

    def kind(self, node: Node) -> int:
        """The kind of NODE's value; 0 while nothing is known of it yet."""
        return getattr(self, "_kind_" + node.__class__.__name__, self._anything)(node)

    def _anything(self, node: Node) -> int:
        return ANY

    def _kind_Const(self, node: Const) -> int:
        return CLASSES.get(node.value.__class__, OTHER)

    def _kind_Ref(self, node: Ref) -> int:
        var = node.var
        known = self.known.get(var)
        if known is not None:
            return known
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
        if node in self.primitives:
            return self._result(self.primitives[node], node)
        return self.result if self.closed and self.is_self(node) and self.fits(node) else ANY

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
        if name in SUMS:
            return join_sum([self.kind(arg) for arg in node.args])
        if name in WHOLE:
            kinds = [self.kind(arg) for arg in node.args]
            return 0 if 0 in kinds else INT if all(kind == INT for kind in kinds) else ANY
        if name == "/":
            kinds = [self.kind(arg) for arg in node.args]
            return 0 if 0 in kinds else FLOAT if FLOAT in kinds and join_sum(kinds) == FLOAT else ANY
        return RESULTS.get(name, ANY)


def within(node: Node) -> Iterator[Node]:
    """NODE and all below it, but for what stands in inner procedures."""
    work = [node]
    while work:
        here = work.pop()
        yield here
        work += reversed(children(here))


def children(node: Node) -> list[Node]:
    if isinstance(node, If):
        return [node.test, node.yes, node.no]
    if isinstance(node, Seq):
        return node.items
    if isinstance(node, Let):
        return [*node.inits, node.body]
    if isinstance(node, Bind):
        return [node.body] if node.loop is None else [*node.loop.entry, node.loop.body]
    if isinstance(node, Call):
        return [node.fn, *node.args]
    if isinstance(node, (SetLocal, Init, SetGlobal, Define)):
        return [node.value]
    return []
