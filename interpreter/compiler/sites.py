"""Makes emitted Python resumable: what a call leaves on the operand stack is given a name, and each call that may
not return by itself a number.

A continuation is made of the frames of a traceback. Their local variables can be read there; half-evaluated
expressions cannot. So in `f(a) + g(b)` the first value is named when it is computed: `(t := f(a)) + g(b)`. Nothing
else is paid before a continuation is taken. What is left to do after a call is written in `rests`.
"""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable, Iterator
from typing import Any

from chorus.interpreter.compiler.constants import META
from chorus.interpreter.compiler.writer import LOAD, NEAR, STORE, make_arguments

# The operands of an expression in the order in which Python evaluates them.
OPERANDS: dict[Any, tuple[str, ...]] = {
    ast.Call: ("func", "args"),
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.Compare: ("left", "comparators"),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Subscript: ("value", "slice"),
    ast.Attribute: ("value",),
    ast.NamedExpr: ("value",),
    ast.Starred: ("value",),
    ast.Slice: ("lower", "upper", "step"),
    ast.JoinedStr: ("values",),
    ast.FormattedValue: ("value",),
}
BRANCHES: dict[Any, tuple[str, ...]] = {ast.IfExp: ("test", "body", "orelse"), ast.BoolOp: ("values",)}
VALUED = (ast.Assign, ast.Return, ast.Expr, ast.AugAssign)  # statements with one expression
OURS = (
    "$:unwind",
    "$:d:",
    "$:f:",
    "$:g:",
)  # reserved names whose call may run the program's own code; $:i: never does
# Host primitives by which code of the program runs; the others only do once they are redefined.
CALLING = frozenset(
    "call/cc call-with-current-continuation call/ec %call/ec call-with-values %guard with-exception-handler raise "
    "raise-continuable error %error force make-parameter %bind! %bind-all! "
    "%stepping %step-run %step-tail".split()
)
RAISING = frozenset(("raise", "error", "%error"))  # those that never return: nothing is left to do after them
RUNNING = frozenset(
    "apply macroexpand macroexpand-1 macroexpand-all".split()
)  # those that run code of the program
# Those by which names may mean something else afterwards.
CHANGING = frozenset(
    "eval load rollback! persist! %rewrite %import-frame %merge-frames %enter-environment %leave-environment".split()
)
GOING_ROUND = CALLING | RUNNING | CHANGING  # within these a program may go on for ever
OPENING = GOING_ROUND - RAISING  # a procedure that calls one of these is not closed
MAKER = "make~~"
NEARBY = frozenset(f"{name}~" for name in NEAR)  # helpers in variables
AT: Any = {
    "lineno": 1,
    "col_offset": -1,
    "end_lineno": 1,
    "end_col_offset": -1,
}  # no place: it has no columns
Place = tuple[Any, str, int | None]  # where an operand stands: a node, its field, the place in a list


def is_site(call: ast.Call) -> bool:
    """Whether code of the program may run in CALL, and a continuation be taken there."""
    fn = call.func
    if isinstance(fn, ast.Attribute):
        return False  # a method of a host object
    if isinstance(fn, ast.Name):
        return (
            not fn.id.startswith(MAKER)
            and fn.id not in NEARBY
            and (not fn.id.startswith("$:") or fn.id.startswith(OURS))
        )
    return True


def places(node: Any, fields: tuple[str, ...]) -> Iterator[Place]:
    for field in fields:
        value = getattr(node, field)
        if isinstance(value, list):
            for at in range(len(value)):
                yield node, field, at
        elif value is not None:
            yield node, field, None


def standing(place: Place) -> Any:
    node, field, at = place
    value = getattr(node, field)
    return value if at is None else value[at]


def put(place: Place, made: Any) -> None:
    node, field, at = place
    if at is None:
        setattr(node, field, made)
    else:
        getattr(node, field)[at] = made


class Marked:
    """A function being prepared: how often it gives each name a value, its sites, whether one runs code of the program
    as things stand.
    """

    __slots__ = ("calls", "sites", "stores")

    def __init__(self, node: ast.FunctionDef) -> None:
        self.stores = _stores(node)
        self.sites = 0
        self.calls = False


class Preparation:
    """Names and numbers what is in one unit. IS_HOST: whether a global is a host primitive."""

    fn: Marked

    def __init__(self, unit: ast.FunctionDef, is_host: Callable[[str], bool]) -> None:
        self.is_host = is_host
        self.serial = 0
        self.changing = _shared_names(unit)
        self._function(unit)

    def _function(self, node: ast.FunctionDef) -> None:
        outer = getattr(self, "fn", None)
        self.fn = mine = Marked(node)
        for statement in node.body:
            self._statement(statement)
        assigned = getattr(node, "assigned", ())
        if assigned and mine.calls:
            node.body.insert(1, _changing(node, assigned))
        if outer is not None:
            self.fn = outer

    def _statement(self, node: Any) -> None:
        kind = node.__class__
        if kind is ast.FunctionDef:
            self._function(node)
            return
        if kind in VALUED:
            if node.value is not None:
                self._expression(node.value)
            return
        if kind is ast.If:
            self._expression(node.test)
        for block in ("body", "orelse", "finalbody"):
            for statement in getattr(node, block, ()):
                self._statement(statement)
        for handler in getattr(node, "handlers", ()):
            for statement in handler.body:
                self._statement(statement)

    def _expression(self, node: Any) -> bool:
        """Prepare NODE; whether it holds a site."""
        kind = node.__class__
        if kind in BRANCHES:
            held = [self._expression(standing(place)) for place in places(node, BRANCHES[kind])]
            return any(held)
        if kind not in OPERANDS:
            return False
        operands = list(places(node, OPERANDS[kind]))
        held = [self._expression(standing(place)) for place in operands]
        if any(held[1:]):
            last = max(at for at, holds in enumerate(held) if holds)
            for place in operands[:last]:
                self._name(place)
        if kind is ast.Call and is_site(node):
            self.fn.sites += 1
            node.site = self.fn.sites
            self.fn.calls = self.fn.calls or self._calls_program(node.func)
            return True
        return any(held)

    def _calls_program(self, fn: Any) -> bool:
        name = fn.id if fn.__class__ is ast.Name else ""
        if not name.startswith(("$:d:", "$:f:", "$:g:")):
            return True
        return name[4:] in CALLING or not self.is_host(name[4:])

    def _name(self, place: Place) -> None:
        """Give the operand at PLACE a name, unless it can be evaluated again."""
        operand = standing(place)
        kind = operand.__class__
        if kind in (ast.Constant, ast.NamedExpr) or (kind is ast.Name and self._is_stable(operand.id)):
            return
        if kind in (ast.Starred, ast.Slice):
            return
        self.serial += 1
        at = {
            name: getattr(operand, name) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset")
        }
        put(place, ast.NamedExpr(ast.Name(f"kept~~{self.serial}", STORE, **at), operand, **at))

    def _is_stable(self, name: str) -> bool:
        return self.fn.stores.get(name, 0) < 2 and name not in self.changing


CHANGING_HERE = "changing~"  # the first of the names in a note


def _changing(function: ast.FunctionDef, names: list[str]) -> ast.stmt:
    """A note, of which no code is made, that `set!` changes NAMES: each is one place, however often the frame of
    FUNCTION is entered again, so they are in cells from when it is left for the first time.
    """
    at = {
        name: getattr(function.body[1], name) for name in AT
    }  # on the line that follows: else Python steps there
    note: Any = (CHANGING_HERE, *names)
    return ast.Expr(ast.Constant(note, **at), **at)


def changed_here(function: ast.FunctionDef) -> tuple[str, ...]:
    """The variables that `set!` changes in FUNCTION while its frame may be entered again."""
    note = (
        getattr(getattr(function.body[1], "value", None), "value", None) if len(function.body) > 1 else None
    )
    return note[1:] if isinstance(note, tuple) and note[:1] == (CHANGING_HERE,) else ()


def with_cells(function: ast.FunctionDef) -> ast.FunctionDef:
    """FUNCTION, in which Python keeps in cells what `set!` changes: by code that never runs."""
    names = changed_here(function)
    if not names:
        return function
    body: list[ast.stmt] = [ast.Expr(load(name), **AT) for name in names]
    inner: ast.stmt = ast.FunctionDef("cells~", make_arguments([]), body, [], **AT)
    kept: ast.stmt = ast.If(ast.Constant(False, **AT), [inner], [], **AT)
    return ast.FunctionDef(
        function.name,
        function.args,
        [function.body[0], kept, *function.body[2:]],
        [],
        **{name: getattr(function, name) for name in AT},
    )


def meta_number(node: ast.FunctionDef) -> int | None:
    """The number of the Meta that NODE's first constant stands for."""
    first: Any = node.body[0]
    mark = getattr(getattr(first, "value", None), "value", None)
    return int(mark[len(META) :]) if isinstance(mark, str) and mark.startswith(META) else None


def _stores(function: ast.FunctionDef) -> dict[str, int]:
    """How often FUNCTION itself gives each name a value."""
    found: dict[str, int] = {argument.arg: 1 for argument in function.args.args}
    work: list[Any] = list(function.body)
    while work:
        node = work.pop()
        kind = node.__class__
        if kind is ast.FunctionDef:
            found[node.name] = found.get(node.name, 0) + 1
        elif kind is ast.Name:
            if node.ctx.__class__ is ast.Store:
                found[node.id] = found.get(node.id, 0) + 1
        elif kind is not ast.Constant:
            for field in node._fields:
                value = getattr(node, field, None)
                if isinstance(value, list):
                    work += [each for each in value if isinstance(each, ast.AST)]
                elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                    work.append(value)
    return found


def _shared_names(unit: ast.FunctionDef) -> set[str]:
    """Names that inner functions of UNIT assign."""
    found: set[str] = set()
    work: list[Any] = [unit]
    while work:
        node = work.pop()
        if node.__class__ is ast.Nonlocal:
            found.update(node.names)
        for block in ("body", "orelse", "handlers", "finalbody"):
            inner = getattr(node, block, None)
            if isinstance(inner, list):
                work += inner
    return found


def load(name: str) -> ast.Name:
    return ast.Name(name, LOAD, **AT)
