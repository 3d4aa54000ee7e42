"""Core nodes as Python expressions."""

from __future__ import annotations

import _ast as ast
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.analysis import is_or
from chorus.interpreter.compiler.constants import CURRENT_SPACE
from chorus.interpreter.compiler.fast import Fast, is_temporary
from chorus.interpreter.compiler.fast_pieces import is_atom
from chorus.interpreter.compiler.giving import takes_own
from chorus.interpreter.compiler.kinds import BOOL
from chorus.interpreter.compiler.merging import is_the_one
from chorus.interpreter.compiler.nodes import Call, Const, Global, If, Lambda, Let, Local, Node, Ref
from chorus.interpreter.compiler.pristine import pristine_key
from chorus.interpreter.compiler.several import item_at, take_values
from chorus.interpreter.compiler.writer import LOAD, TEMP, Dest, is_boxed, is_constant, is_stable


class Values(Fast):
    """Expressions. What needs statements is written by the emitter first, into a temporary."""

    if TYPE_CHECKING:  # other parts of the same class

        def into(self, node: Node, dest: Dest) -> None: ...

        def _begin(self, node: Let) -> None: ...

        def _lambda(
            self, node: Lambda, name: str | None, self_key: str = "", tail_calls: bool = True
        ) -> ast.expr: ...

    def value(self, node: Node) -> ast.expr:
        """NODE as an expression; statements that must run before it are written first."""
        if not node.simple:
            if isinstance(node, Lambda):
                return self._lambda(node, None)
            cells = self._at(node, lambda: self.fast_cells(node)) if isinstance(node, Call) else None
            if cells is not None:
                return cells
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
        name, choice = node.vars[0].py, node.body
        assert isinstance(choice, If)
        first = self._make(ast.NamedExpr, self._store(name), self.value(node.inits[0]))
        return self._make(ast.IfExp, self._is_true(first), self._load(name), self.value(choice.no))

    def _value_Call(self, node: Call) -> ast.expr:
        return self._call(node, node.fn, [self.value(arg) for arg in node.args])

    def _call(self, node: Call, fn: Node, args: list[ast.expr]) -> ast.expr:
        """The call NODE, of what is computed as FN with ARGS, whose value is wanted here."""
        kind = node.kind
        if isinstance(fn, Const):
            if takes_own(self.region, node):
                return self._apart(args[0])
            return self._divided(node, args) or self._host(fn, args)
        if isinstance(fn, Global):
            direct = fn.space.entry_keys(fn.name, self.space)[1]
            if self.region is not None and self.region.entry_key and self.region.calls_itself(node):
                return self._make(ast.Call, self._at(fn, lambda: self._load(self.region.entry_key)), args, [])
            callee = self.region.straight(node) if self.region is not None else None
            if callee is not None:
                made = self._make(ast.Call, self._at(fn, lambda: self._load(callee.own)), args, [])
                return self._helper("several", made) if callee.gives else made
            inlined = self.fast(node, direct, args) or (
                self.inlined(fn, direct, args) if kind == "host" else None
            )
            if inlined is not None:
                return inlined
            return self._make(ast.Call, self._at(fn, lambda: self._load(direct)), args, [])
        made = self._make(ast.Call, self._procedure(fn), args, [])
        known = kind == "direct" or (
            self.region is not None and isinstance(fn, Ref) and fn.var in self.region.made
        )
        return made if known else self._settled(made)

    def _procedure(self, fn: Node) -> ast.expr:
        """What FN comes to, which is called; in a variable, so that an error can tell what it was if no procedure."""
        value = self.value(fn)
        return value if is_atom(value) else self._make(ast.NamedExpr, self._store(self._temp()), value)

    def _apart(self, made: ast.expr) -> ast.expr:
        """The values that MADE, a call, gives as they are."""
        if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id == "$:several":
            return made.args[0]
        return made

    def _divided(self, node: Call, args: list[ast.expr]) -> ast.expr | None:
        """The quotient and remainder of whole numbers that are taken as soon as `floor/` gives them, or, of numbers
        that are not negative, `truncate/`; None where NODE is anything else.
        """
        given = node.args[0] if is_constant(node.fn, take_values) else None
        if self.region is None or not isinstance(given, Call) or not isinstance(args[0], ast.Call):
            return None
        name = self.region.primitives.get(given)
        if name not in ("floor/", "truncate/") or len(args[0].args) != 2 or not is_constant(node.args[1], 2):
            return None
        self.region.relies_on(given)
        tests, operands = self._division(name, self._with_kinds(given, args[0].args))
        both = self._helper("divmod", *operands)
        if not tests:
            return both
        called = self._make(ast.Call, self._load(pristine_key(name)), operands, [])
        return self._make(ast.IfExp, self._both(*tests), both, self._take_values(called, args[1]))

    def _host(self, fn: Const, args: list[ast.expr]) -> ast.expr:
        if fn.value is is_the_one:
            return self._compare(args[0], ast.Eq(), args[1])
        if fn.value is item_at:
            return self._make(ast.Subscript, args[0], args[1], LOAD)
        if fn.value is take_values:
            return self._take_values(*args)
        name = self.pool.helper(fn.value)
        if name is not None:
            return self._helper(name, *args)
        temp = self._temp()
        self._assign(temp, self._constant(fn.value))
        return self._make(ast.Call, self._load(temp), args, [])

    def _take_values(self, value: ast.expr, count: ast.expr) -> ast.expr:
        """The list of as many values as are expected; the helper for all else."""
        several, again = self._held((value, 0))
        kind = self._compare(self._class_of(several), ast.Is(), self._load("$:values"))
        size = self._compare(self._helper("len", self._part_of(again, "items")), ast.Eq(), count)
        other = self._helper("take-values", again, count)
        return self._make(ast.IfExp, self._both(kind, size), self._part_of(again, "items"), other)

    def _at(self, node: Node, write: Any) -> Any:
        outer = self.at
        self._place(node.span)
        made = write()
        self.at = outer
        return made

    def _settled(self, made: ast.expr) -> ast.expr:
        """The value of a call that may return a pending one."""
        kind = self._class_of(self._make(ast.NamedExpr, self._store(TEMP), made))
        pending = self._make(ast.Compare, kind, [ast.Is()], [self._load("$:tuple")])
        return self._make(ast.IfExp, pending, self._helper("unwind", self._load(TEMP)), self._load(TEMP))

    def _is_true(self, value: ast.expr) -> ast.expr:
        return self._make(ast.Compare, value, [ast.IsNot()], [self._make(ast.Constant, False)])

    def _test(self, node: Node) -> ast.expr:
        """NODE as a Python condition: only #f is false."""
        while isinstance(node, Let) and not node.simple and not is_or(node):
            self._begin(node)
            node = node.body
        if isinstance(node, If) and node.simple and is_constant(node.no, False):
            return self._make(ast.BoolOp, ast.And(), [self._test(node.test), self._test(node.yes)])
        if isinstance(node, Let) and node.simple and isinstance(node.body, If):  # an `or`
            alternatives = [self._test(node.inits[0]), self._test(node.body.no)]
            return self._make(ast.BoolOp, ast.Or(), alternatives)
        value = self.value(node)
        if value.__class__ is ast.Constant and value.value is False:
            return value
        if isinstance(node, Call) and isinstance(node.fn, Const) and node.fn.value is is_the_one:
            return value
        if self.region is not None and self.region.kind(node) == BOOL:
            return value
        return self._is_true(self._named(value))

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
            if i < last and not is_stable(node) and not is_temporary(value):
                name = self._temp()
                self._assign(name, value)
                value = self._load(name)
            made.append(value)
        return made
