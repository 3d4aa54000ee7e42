"""The small pieces that emitted Python is made of: nodes with places, names, temporaries, blocks."""

from __future__ import annotations

import _ast as ast  # the node classes alone: the module `ast` around them costs 3 ms at the start
from typing import Any, NamedTuple

from chorus.interpreter.compiler.constants import Pool
from chorus.interpreter.compiler.nodes import Const, Lambda, Local, Node, Ref
from chorus.interpreter.namespace import Namespace
from chorus.runtime.errors import Span

LOAD, STORE = ast.Load(), ast.Store()
NOWHERE = (1, -1, 1, -1)  # a line without columns is no place
TEMP = "t~"
JUMP = "jump~"
NEAR = frozenset(("nil", "cons", "int", "float", "type"))  # helpers that loops use again and again


class Dest(NamedTuple):
    """What becomes of a value: returned, assigned or dropped. LEAVE: a loop's result, after which its round
    ends.
    """

    kind: str
    name: str = ""
    leave: bool = False


RETURN = Dest("return")
DROP = Dest("drop")


class LoopFrame:
    """A Python `while` being written; LABEL: the Local or Lambda that jumps name."""

    __slots__ = ("around", "counted", "label", "left", "number", "targets", "vars")

    def __init__(self, label: Any, number: int, vars: list[Local]) -> None:
        self.label, self.number, self.vars = label, number, vars
        self.targets: set[Any] = set()  # loops further out that are jumped to from here
        self.left = False  # by a `break` with a value
        self.around: list[LoopFrame] = []
        self.counted: Local | None = None  # the variable that a range gives its values


class Function:
    """A Python function being written."""

    def __init__(self, node: Lambda, tail_calls: bool, self_name: str, self_key: str) -> None:
        self.node = node
        self.tail_calls = tail_calls  # pending calls are returned; else made here
        self.self_name = self_name  # how the body refers to the very function it is in, for global procedures
        self.self_key = self_key
        self.block: list[ast.stmt] = []
        self.prologue: list[ast.stmt] = []
        self.nonlocals: set[str] = set()
        self.assigned: set[str] = set()  # its own variables that `set!` gives other values
        self.globals: set[str] = set()
        self.loops: list[LoopFrame] = []
        self.open: list[Any] = []  # Python loops around what is being written: an OpenBlock, or None
        self.blocks: list[Any] = []  # OpenBlocks around it
        self.near: set[str] = set()  # helpers that variables hold
        self.nesting = 0  # of the loops around what is being written
        self.closed = ""  # the flag as long as which only primitives run within
        self.paying: set[Node] = set()  # before these a step is counted; nothing else may go round
        self.makes_list = False  # pair by pair, where the procedure would call itself for the rest


class Writer:
    """Writes the nodes of one unit of SPACE, at the place `at`, into the block of the function `fn`."""

    fn: Function

    def __init__(self, space: Namespace, pool: Pool, metered: bool) -> None:
        self.space = space
        self.pool = pool
        self.metered = metered
        self.serial = 0
        self.at = NOWHERE

    def _place(self, span: Span | None) -> None:
        if span is not None:
            self.at = (span.line, span.column - 1, span.end_line, span.end_column - 1)

    def _make(self, kind: Any, *args: Any) -> Any:
        line, column, end_line, end_column = self.at
        if kind is ast.Attribute and end_line != line:  # CPython would place it at its last word
            end_line, end_column = line, column + 1
        return kind(*args, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)

    def _make_function(self, name: str, arguments: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
        made = self._make(ast.FunctionDef, name, arguments, body, [])
        if made.lineno < 1:
            made.lineno = made.end_lineno = 1  # code must have a first line; without a column it is no place
        return made

    def _load(self, name: str) -> ast.expr:
        return self._make(ast.Name, name, LOAD)

    def _near(self, name: str) -> ast.expr:
        """The helper NAME; within loops from a variable, which takes half as long as a global to read."""
        if not self.fn.nesting or name not in NEAR:
            return self._load("$:" + name)
        if name not in self.fn.near:
            self.fn.near.add(name)
            load = self._load("$:" + name)
            self.fn.prologue.append(self._make(ast.Assign, [self._store(f"{name}~")], load))
        return self._load(f"{name}~")

    def _store(self, name: str) -> ast.expr:
        return self._make(ast.Name, name, STORE)

    def _constant(self, value: Any) -> ast.expr:
        return self._make(ast.Constant, self.pool.constant(value))

    def _helper(self, name: str, *args: ast.expr) -> ast.expr:
        return self._make(ast.Call, self._load("$:" + name), list(args), [])

    def _assign(self, name: str, value: ast.expr) -> None:
        self._out(self._make(ast.Assign, [self._store(name)], value))

    def _out(self, statement: ast.stmt) -> None:
        self.fn.block.append(statement)

    def _temp(self, stem: str = "t") -> str:
        self.serial += 1
        return f"{stem}~~{self.serial}"

    def _block(self, write: Any) -> list[ast.stmt]:
        """The statements that WRITE writes."""
        outer, self.fn.block = self.fn.block, []
        write()
        inner, self.fn.block = self.fn.block, outer
        return inner or [self._make(ast.Pass)]


def is_boxed(var: Local) -> bool:
    """Whether a variable that closures share must live in a box: Python's own cells would be shared between
    rounds.
    """
    return var.captured and var.in_loop and (var.assigned or var.late)


def make_argument(name: str) -> ast.arg:
    return ast.arg(name, lineno=-1, col_offset=-1, end_lineno=-1, end_col_offset=-1)


def make_arguments(
    names: list[str], rest: str | None = None, defaults: list[ast.expr] | None = None
) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[],
        args=[make_argument(name) for name in names],
        vararg=make_argument(rest) if rest else None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=defaults or [],
    )


def is_constant(node: Node, value: Any) -> bool:
    return isinstance(node, Const) and node.value is value


def is_stable(node: Node) -> bool:
    """Whether NODE's value cannot change while other operands are computed."""
    if isinstance(node, Const):
        return True
    return isinstance(node, Ref) and not node.var.assigned and not node.var.late
