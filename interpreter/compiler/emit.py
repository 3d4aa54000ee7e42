"""Core nodes → Python syntax trees, with the place of each form on its node, so that CPython's own position tables say
where an error stood, at no cost while running.

A procedure is written for one of two ways of calling. As its *value* it may return a pending call from a tail position;
as its *direct entry* it makes that call itself. A global procedure that never has one to return is both at once.
"""

from __future__ import annotations

import _ast as ast  # the node classes alone: the module `ast` around them costs 3 ms at the start
from typing import Any, NamedTuple

from chorus.interpreter.compiler.analysis import Analysis, is_or
from chorus.interpreter.compiler.constants import CURRENT_SPACE, Pool
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
from chorus.interpreter.namespace import Namespace, key
from chorus.runtime.errors import Span
from chorus.runtime.values import UNSPECIFIED

LOAD, STORE = ast.Load(), ast.Store()
NOWHERE = (-1, -1, -1, -1)
TEMP = "t~"
JUMP = "jump~"


class Dest(NamedTuple):
    """What becomes of a value: returned, assigned or dropped. LEAVE: a loop's result, after which its round ends."""

    kind: str
    name: str = ""
    leave: bool = False


RETURN = Dest("return")
DROP = Dest("drop")


class LoopFrame:
    """A Python `while` being written; LABEL: the Local or Lambda that jumps name."""

    __slots__ = ("label", "left", "number", "targets", "vars")

    def __init__(self, label: Any, number: int, vars: list[Local]) -> None:
        self.label, self.number, self.vars = label, number, vars
        self.targets: set[Any] = set()  # loops further out that are jumped to from here
        self.left = False  # by a `break` with a value


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
        self.globals: set[str] = set()
        self.loops: list[LoopFrame] = []


class Emitter:
    """Writes one unit of SPACE. METERED: fuel is counted in every procedure and round."""

    def __init__(self, unit: Lambda, space: Namespace, pool: Pool, metered: bool) -> None:
        self.analysis = Analysis(unit, space)
        self.space = space
        self.pool = pool
        self.metered = metered
        self.serial = 0
        self.at = NOWHERE
        self.fn: Function = None  # type: ignore[assignment]
        self.unit = self._function(unit, "unit", tail_calls=False)

    # — small pieces —

    def _place(self, span: Span | None) -> None:
        if span is not None:
            self.at = (span.line, span.column - 1, span.end_line, span.end_column - 1)

    def _make(self, kind: Any, *args: Any) -> Any:
        line, column, end_line, end_column = self.at
        return kind(*args, lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)

    def _make_function(self, name: str, arguments: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
        made = self._make(ast.FunctionDef, name, arguments, body, [])
        if made.lineno < 1:
            made.lineno = made.end_lineno = 1  # code must have a first line; without a column it is no place
        return made

    def _load(self, name: str) -> ast.expr:
        return self._make(ast.Name, name, LOAD)

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

    # — values —

    def value(self, node: Node) -> ast.expr:
        """NODE as an expression; statements that must run before it are written first."""
        if not node.simple:
            kind = node.__class__
            if kind is Lambda:
                return self._lambda(node, None)  # type: ignore[arg-type]
            name = self._temp()
            self.into(node, Dest("assign", name))
            return self._load(name)
        outer = self.at
        self._place(node.span)
        made = getattr(self, "_value_" + node.__class__.__name__)(node)
        self.at = outer
        return made

    def _value_Const(self, node: Const) -> ast.expr:
        if node.value is CURRENT_SPACE:
            return self._load("$:namespace")
        return self._constant(node.value)

    def _value_Ref(self, node: Ref) -> ast.expr:
        return self._variable(node.var)

    def _variable(self, var: Local) -> ast.expr:
        name = self._load(var.py)
        return self._make(ast.Subscript, name, self._make(ast.Constant, 0), LOAD) if is_boxed(var) else name

    def _value_Global(self, node: Global) -> ast.expr:
        return self._load(node.space.entry_keys(node.name, self.space)[0])

    def _value_If(self, node: If) -> ast.expr:
        return self._make(ast.IfExp, self._test(node.test), self.value(node.yes), self.value(node.no))

    def _value_Let(self, node: Let) -> ast.expr:  # an `or`, see the analysis
        name = node.vars[0].py
        first = self._make(ast.NamedExpr, self._store(name), self.value(node.inits[0]))
        return self._make(ast.IfExp, self._is_true(first), self._load(name), self.value(node.body.no))  # type: ignore[attr-defined]

    def _value_Call(self, node: Call) -> ast.expr:
        return self._call(node.fn, node.kind, [self.value(arg) for arg in node.args])

    def _call(self, fn: Node, kind: str, args: list[ast.expr]) -> ast.expr:
        """A call whose value is wanted here."""
        if fn.__class__ is Const:
            return self._host(fn, args)
        if fn.__class__ is Global:
            direct = fn.space.entry_keys(fn.name, self.space)[1]  # type: ignore[attr-defined]
            return self._make(ast.Call, self._at(fn, lambda: self._load(direct)), args, [])
        made = self._make(ast.Call, self.value(fn), args, [])
        return made if kind == "direct" else self._settled(made)

    def _host(self, fn: Node, args: list[ast.expr]) -> ast.expr:
        name = self.pool.helper(fn.value)  # type: ignore[attr-defined]
        if name is not None:
            return self._helper(name, *args)
        temp = self._temp()
        self._assign(temp, self._constant(fn.value))  # type: ignore[attr-defined]
        return self._make(ast.Call, self._load(temp), args, [])

    def _at(self, node: Node, write: Any) -> Any:
        outer = self.at
        self._place(node.span)
        made = write()
        self.at = outer
        return made

    def _settled(self, made: ast.expr) -> ast.expr:
        """The value of a call that may return a pending one."""
        kind = self._make(ast.Attribute, self._make(ast.NamedExpr, self._store(TEMP), made), "__class__", LOAD)
        pending = self._make(ast.Compare, kind, [ast.Is()], [self._load("$:tuple")])
        return self._make(ast.IfExp, pending, self._helper("unwind", self._load(TEMP)), self._load(TEMP))

    def _is_true(self, value: ast.expr) -> ast.expr:
        return self._make(ast.Compare, value, [ast.IsNot()], [self._make(ast.Constant, False)])

    def _test(self, node: Node) -> ast.expr:
        """NODE as a Python condition: only #f is false."""
        if node.__class__ is If and node.simple and _is_constant(node.no, False):  # type: ignore[attr-defined]
            return self._make(ast.BoolOp, ast.And(), [self._test(node.test), self._test(node.yes)])  # type: ignore[attr-defined]
        if node.simple and is_or(node):
            alternatives = [self._test(node.inits[0]), self._test(node.body.no)]  # type: ignore[attr-defined]
            return self._make(ast.BoolOp, ast.Or(), alternatives)
        value = self.value(node)
        return value if value.__class__ is ast.Constant and value.value is False else self._is_true(self._named(value))

    def _named(self, value: ast.expr) -> ast.expr:
        """Python warns of `is` beside a constant: give it a name."""
        if value.__class__ is not ast.Constant:
            return value
        name = self._temp()
        self._assign(name, value)
        return self._load(name)

    def operands(self, nodes: list[Node]) -> list[ast.expr]:
        """The values of NODES, computed from left to right."""
        last = max((i for i, node in enumerate(nodes) if not node.simple), default=-1)
        made = []
        for i, node in enumerate(nodes):
            value = self.value(node)
            if i < last and not _is_stable(node):
                name = self._temp()
                self._assign(name, value)
                value = self._load(name)
            made.append(value)
        return made

    # — statements —

    def into(self, node: Node, dest: Dest) -> None:
        """Write NODE so that its value goes to DEST."""
        outer = self.at
        self._place(node.span)
        kind = node.__class__
        if kind is Call:
            self._into_Call(node, dest)  # type: ignore[arg-type]
        elif node.simple and kind is not If and kind is not Let:  # their tails may hold tail calls
            self._finish(self.value(node), dest)
        else:
            getattr(self, "_into_" + kind.__name__)(node, dest)
        self.at = outer

    def _finish(self, value: ast.expr, dest: Dest) -> None:
        if dest.kind == "return":
            self._out(self._make(ast.Return, value))
            return
        if dest.kind == "assign":
            if not (value.__class__ is ast.Name and value.id == dest.name):
                self._assign(dest.name, value)
        elif value.__class__ is not ast.Constant and not (value.__class__ is ast.Name and "~" in value.id):
            self._out(self._make(ast.Expr, value))
        if dest.leave:
            self.fn.loops[-1].left = True
            self._jump(0)

    def _jump(self, number: int) -> None:
        """Leave the innermost `while` for the loop NUMBER; 0: with a value."""
        if len(self.fn.loops) > 1:
            self._assign(JUMP, self._make(ast.Constant, number))
        self._out(self._make(ast.Break))

    def _into_If(self, node: If, dest: Dest) -> None:
        while True:
            if node.test.__class__ is Const:
                self.into(node.no if node.test.value is False else node.yes, dest)  # type: ignore[attr-defined]
                return
            test = self._test(node.test)
            yes, no = node.yes, node.no
            taken = self._block(lambda yes=yes: self.into(yes, dest))  # type: ignore[misc]
            if dest.kind != "return" and not dest.leave:
                if dest.kind == "drop" and no.__class__ is Const:
                    self._out(self._make(ast.If, test, taken, []))
                else:
                    self._out(self._make(ast.If, test, taken, self._block(lambda no=no: self.into(no, dest))))  # type: ignore[misc]
                return
            self._out(self._make(ast.If, test, taken, []))
            if no.__class__ is not If:  # a long cond stays flat: what TAKEN leaves needs no else
                self.into(no, dest)
                return
            node = no  # type: ignore[assignment]
            self._place(node.span)

    def _into_Lambda(self, node: Lambda, dest: Dest) -> None:
        self._finish(self._lambda(node, None), dest)

    def _into_Seq(self, node: Seq, dest: Dest) -> None:
        for item in node.items[:-1]:
            self.into(item, DROP)
        self.into(node.items[-1], dest)

    def _into_Let(self, node: Let, dest: Dest) -> None:
        for var, init in zip(node.vars, node.inits, strict=True):
            self._initialise(var, init)
        self.into(node.body, dest)

    def _initialise(self, var: Local, init: Node) -> None:
        if is_boxed(var):
            self._assign(var.py, self._make(ast.List, [self.value(init)], LOAD))
        elif init.__class__ is Lambda:
            self._lambda(init, var.py)  # type: ignore[arg-type]
        else:
            self.into(init, Dest("assign", var.py))

    def _into_Bind(self, node: Bind, dest: Dest) -> None:
        if node.loop is not None:
            self._loop(node.loop, dest)
            return
        for var in node.vars:
            if is_boxed(var):
                self._assign(var.py, self._make(ast.List, [], LOAD))
        self.into(node.body, dest)

    def _into_Init(self, node: Init, dest: Dest) -> None:
        if not is_boxed(node.var) and node.value.__class__ is Lambda and node.var.owner is self.fn.node:
            self._lambda(node.value, node.var.py)  # type: ignore[arg-type]
        else:
            self._set(node.var, self.value(node.value))
        self._finish(self._constant(UNSPECIFIED), dest)

    def _into_SetLocal(self, node: SetLocal, dest: Dest) -> None:
        self._set(node.var, self.value(node.value))
        self._finish(self._constant(UNSPECIFIED), dest)

    def _set(self, var: Local, value: ast.expr) -> None:
        if is_boxed(var):
            whole = self._make(ast.Slice, None, None, None)
            target = self._make(ast.Subscript, self._load(var.py), whole, STORE)
            self._out(self._make(ast.Assign, [target], self._make(ast.List, [value], LOAD)))
            return
        if var.owner is not self.fn.node:
            self.fn.nonlocals.add(var.py)
        self._assign(var.py, value)

    def _into_SetGlobal(self, node: SetGlobal, dest: Dest) -> None:
        value = self.value(node.value)
        if self.space.base is not None and node.space is self.space and self._is_own(node.name):
            name, direct = self.space.entry_keys(node.name, self.space)
            self.fn.globals |= {name, direct}
            temp = self._temp()
            self._assign(temp, value)
            self._assign(name, self._load(temp))
            kind = self._make(ast.Attribute, self._load(temp), "__class__", LOAD)
            plain = self._make(ast.Compare, kind, [ast.IsNot()], [self._load("$:function")])
            entry = self._helper("direct", self._load(temp))
            self._assign(direct, self._make(ast.IfExp, plain, self._load(temp), entry))
        else:
            space = self._load("$:namespace") if node.space is self.space else self._constant(node.space)
            self._out(self._make(ast.Expr, self._helper("set-global", space, self._constant(node.name), value)))
        self._finish(self._constant(UNSPECIFIED), dest)

    def _is_own(self, name: str) -> bool:
        return self.space.owns(name)

    def _into_Define(self, node: Define, dest: Dest) -> None:
        if node.value.__class__ is Lambda:
            self._define_procedure(node.name, node.value)  # type: ignore[arg-type]
        else:
            value = self.value(node.value)
            made = self._helper("define", self._load("$:namespace"), self._constant(node.name), value)
            self._out(self._make(ast.Expr, made))
        self._finish(self._constant(UNSPECIFIED), dest)

    def _define_procedure(self, name: str, procedure: Lambda) -> None:
        value_key, direct_key = key(name), "$:d:" + name
        self.fn.globals |= {value_key, direct_key}
        value = self._lambda(procedure, None, self_key=value_key)
        self._assign(value_key, value)
        if not procedure.direct:
            value = self._lambda(procedure, None, self_key=direct_key, tail_calls=False)
        self._assign(direct_key, value)

    # — calls in statements —

    def _into_Call(self, node: Call, dest: Dest) -> None:
        if node.again is not None and self._again(node):
            return
        fn = self._operator(node)
        args = self.operands(node.args)
        if dest.kind != "return":
            self._finish(self._call(fn, node.kind, args), dest)
            return
        if node.kind in ("host", "direct"):
            self._out(self._make(ast.Return, self._call(fn, node.kind, args)))
        elif not self.fn.tail_calls:
            self._out(self._make(ast.Return, self._settled(self._make(ast.Call, self.value(fn), args, []))))
        elif node.kind == "settled":
            self._out(self._make(ast.Return, self._make(ast.Call, self.value(fn), args, [])))
        else:
            site = self._constant(node.span)
            pending = [self.value(fn), self._make(ast.Tuple, args, LOAD), site]
            self._out(self._make(ast.Return, self._make(ast.Tuple, pending, LOAD)))

    def _operator(self, node: Call) -> Node:
        """The operator, computed before arguments that need statements."""
        fn = node.fn
        if fn.simple and (_is_stable(fn) or fn.__class__ is Global or all(arg.simple for arg in node.args)):
            return fn
        var = Local("operator", 0)
        var.py = self._temp()
        var.owner = self.fn.node
        self._assign(var.py, self.value(fn))
        return Ref(var, fn.span)

    def _again(self, node: Call) -> bool:
        """Write a jump back; False if a call has to follow, for when the name means something else by then."""
        label = node.again
        depth = next((i for i, loop in enumerate(self.fn.loops) if loop.label is label), None)
        if depth is None:
            return False
        frame = self.fn.loops[depth]
        if node.fn.__class__ is Global:
            mine = self._make(ast.Compare, self._load(self.fn.self_key), [ast.Is()], [self._load(self.fn.self_name)])
            self._out(self._make(ast.If, mine, self._block(lambda: self._round(frame, depth, node)), []))
            return False
        self._round(frame, depth, node)
        return True

    def _round(self, frame: LoopFrame, depth: int, node: Call) -> None:
        changed = []
        for var, arg in zip(frame.vars, node.args, strict=True):
            if not (arg.__class__ is Ref and arg.var is var and not is_boxed(var)):  # type: ignore[attr-defined]
                changed.append((var, arg))
        values = self.operands([arg for _, arg in changed])
        values = [
            self._make(ast.List, [value], LOAD) if is_boxed(var) else value
            for (var, _), value in zip(changed, values, strict=True)
        ]
        if len(values) == 1:
            self._assign(changed[0][0].py, values[0])
        elif values:
            targets = self._make(ast.Tuple, [self._store(var.py) for var, _ in changed], STORE)
            self._out(self._make(ast.Assign, [targets], self._make(ast.Tuple, values, LOAD)))
        if depth == len(self.fn.loops) - 1:
            self._out(self._make(ast.Continue))
            return
        for inner in self.fn.loops[depth + 1 :]:
            inner.targets.add(frame.number)
        self._jump(frame.number)

    def _loop(self, loop: Loop, dest: Dest) -> None:
        for var, value in zip(loop.vars, self.operands(loop.entry), strict=True):
            self._assign(var.py, self._make(ast.List, [value], LOAD) if is_boxed(var) else value)
        self.serial += 1
        frame = LoopFrame(loop.var, self.serial, loop.vars)
        inside = dest if dest.kind == "return" else Dest(dest.kind, dest.name, True)
        outer = self.fn.loops
        nested = dest.kind == "return" or dest.leave  # in tail position of the loop around it
        self.fn.loops = [*outer, frame] if nested else [frame]

        def write() -> None:
            self._fuel()
            self.into(loop.body, inside)

        body = self._block(write)
        self._out(self._make(ast.While, self._make(ast.Constant, True), body, []))
        self.fn.loops = outer
        if nested and outer:
            self._after_loop(frame, outer, dest)

    def _after_loop(self, frame: LoopFrame, outer: list[LoopFrame], dest: Dest) -> None:
        """Where the jumps that left FRAME go on."""
        around = outer[-1]
        if around.number in frame.targets:
            if not frame.left and len(frame.targets) == 1:
                self._out(self._make(ast.Continue))
                return
            mine = self._make(ast.Compare, self._load(JUMP), [ast.Eq()], [self._make(ast.Constant, around.number)])
            self._out(self._make(ast.If, mine, [self._make(ast.Continue)], []))
        if frame.left:
            around.left = True
        if frame.left or frame.targets - {around.number}:
            self._out(self._make(ast.Break))

    # — procedures —

    def _lambda(self, node: Lambda, name: str | None, self_key: str = "", tail_calls: bool = True) -> ast.expr:
        """Write NODE's definition, bound to NAME; the expression for the procedure."""
        name = name or self._temp("f")
        self_name = ""
        if self_key and node.loops:
            self_name = name
        anew = sorted(var.py for var in node.free if var.owner is self.fn.node and var.in_loop)
        outer = self.at
        self._place(node.span)
        if anew:
            maker = self._temp("make")
            inner = self._temp("f")
            definition = self._function(node, inner, tail_calls, self_name, self_key)
            back = self._make(ast.Return, self._load(inner))
            made = self._make_function(maker, _arguments(anew), [definition, back])
            self.fn.prologue.append(made)
            self._assign(name, self._make(ast.Call, self._load(maker), [self._load(py) for py in anew], []))
        else:
            self._out(self._function(node, name, tail_calls, self_name, self_key))
        self.at = outer
        return self._load(name)

    def _function(
        self, node: Lambda, name: str, tail_calls: bool, self_name: str = "", self_key: str = ""
    ) -> ast.FunctionDef:
        outer, at = self.fn, self.at
        self._place(node.span)
        self.fn = fn = Function(node, tail_calls, self_name, self_key)
        arguments = self._parameters(node)
        if node.loops:
            self.serial += 1
            fn.loops = [LoopFrame(node, self.serial, node.params.required)]

            def write() -> None:
                self._fuel()
                self.into(node.body, RETURN)

            body = self._block(write)
            fn.block.append(self._make(ast.While, self._make(ast.Constant, True), body, []))
        else:
            self._fuel()
            self.into(node.body, RETURN)
        direct = node.direct or not tail_calls
        head: list[ast.stmt] = [self._make(ast.Expr, self._make(ast.Constant, self.pool.meta(node, direct)))]
        if fn.globals:
            head.append(self._make(ast.Global, sorted(fn.globals)))
        if fn.nonlocals:
            head.append(self._make(ast.Nonlocal, sorted(fn.nonlocals)))
        made = self._make_function(name, arguments, head + fn.prologue + fn.block)
        self.fn, self.at = outer, at
        return made

    def _parameters(self, node: Lambda) -> ast.arguments:
        """Python parameters; what sorts out optional, keyword and rest arguments is written first in the body."""
        params = node.params
        required = [var.py for var in params.required]
        if params.keywords:
            names = [var.py for var in params.all()]
            targets = self._make(ast.Tuple, [self._store(name) for name in names], STORE)
            spec = self._constant(self.pool.signature(params, node.name or "a procedure"))
            taken = self._helper("take", spec, self._load("args~"))
            self._out(self._make(ast.Assign, [targets], taken))
            arguments = _arguments([], rest="args~")
        else:
            optional = [var.py for var, _ in params.optional]
            rest = params.rest.py if params.rest else None
            defaults = [self._load("$:missing") for _ in optional]
            arguments = _arguments(required + optional, rest, defaults)
            if rest:
                self._assign(rest, self._helper("list", self._load(rest)))
        given = [*params.optional, *((var, default) for _, var, default in params.keywords if default is not None)]
        for var, default in given:
            missing = self._make(ast.Compare, self._load(var.py), [ast.Is()], [self._load("$:missing")])
            filling = self._block(lambda var=var, default=default: self.into(default, Dest("assign", var.py)))
            self._out(self._make(ast.If, missing, filling, []))
        for var in params.all():
            if is_boxed(var):
                self._assign(var.py, self._make(ast.List, [self._load(var.py)], LOAD))
        return arguments

    def _fuel(self) -> None:
        """One step: an iterator that runs dry calls the meter."""
        if not self.metered:
            return
        stop = [self._make(ast.Break)]
        dry = [self._make(ast.Expr, self._helper("out-of-fuel"))]
        self._out(self._make(ast.For, self._store("step~"), self._load("$:fuel"), stop, dry))


def is_boxed(var: Local) -> bool:
    """Whether a variable that closures share must live in a box: Python's own cells would be shared between rounds."""
    return var.captured and var.in_loop and (var.assigned or var.late)


def _arguments(names: list[str], rest: str | None = None, defaults: list[ast.expr] | None = None) -> ast.arguments:
    at = {"lineno": -1, "col_offset": -1, "end_lineno": -1, "end_col_offset": -1}
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(name, **at) for name in names],
        vararg=ast.arg(rest, **at) if rest else None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=defaults or [],
    )


def _is_constant(node: Node, value: Any) -> bool:
    return node.__class__ is Const and node.value is value  # type: ignore[attr-defined]


def _is_stable(node: Node) -> bool:
    """Whether NODE's value cannot change while other operands are computed."""
    if node.__class__ is Const:
        return True
    return node.__class__ is Ref and not node.var.assigned and not node.var.late  # type: ignore[attr-defined]
