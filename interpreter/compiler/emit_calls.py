"""Calls in statement position: tail calls and jumps back."""

from __future__ import annotations

import _ast as ast
from typing import TYPE_CHECKING

from chorus.interpreter.compiler.emit_loops import Loops
from chorus.interpreter.compiler.fast import is_temporary
from chorus.interpreter.compiler.fast_pieces import is_atom, is_effectless
from chorus.interpreter.compiler.nodes import Call, Global, Local, Node, Ref
from chorus.interpreter.compiler.pristine import pristine_key
from chorus.interpreter.compiler.writer import (
    LOAD,
    NOWHERE,
    STORE,
    Dest,
    LoopFrame,
    is_boxed,
    is_stable,
)

FIRST, LAST = "first~", "last~"  # pairs of a list that is being made from its head


class Calls(Loops):
    """Calls in statement position."""

    if TYPE_CHECKING:  # other parts of the same class

        def _finish(self, value: ast.expr, dest: Dest) -> None: ...

        def _flag(self) -> ast.expr: ...

    def _into_Call(self, node: Call, dest: Dest) -> None:
        if node.leaves is not None:
            self._leave(node)
            return
        if node.again is not None and self._again(node):
            return
        if node.integrated is not None and self.region is not None and self.region.integrates(node):
            if node.inlined and not self.region.closed:
                self._inlined_as_long(node, dest)
            else:
                self.into(node.integrated, dest)
            return
        if dest.kind == "drop" and not dest.leave and self.fast_statement(node):
            return
        if dest.kind == "return" and self._cons_and_again(node):
            return
        if dest.kind == "return" and self._given(node):
            return
        cells = self.fast_cells(node)
        if cells is not None:
            self._finish(cells, dest)
            return
        fn = self._operator(node)
        args = self.operands(node.args)
        if self.region is not None and len(args) == 2 and self.region.relies_on(node) == "apply":
            self._apply(node, args, dest)
            return
        if dest.kind != "return":
            self._finish(self._call(node, fn, args), dest)
            return
        if node.kind in ("host", "direct"):
            self._return(self._call(node, fn, args))
        elif not self.fn.tail_calls:
            self._return(self._settled(self._make(ast.Call, self._procedure(fn), args, [])))
        elif node.kind == "settled":
            self._return(self._make(ast.Call, self.value(fn), args, []))
        else:
            self._tail_call(node, fn, args)

    def _given(self, node: Call) -> bool:
        """Write NODE, in tail position, if it comes to values that are handed over as they are, or goes straight to a
        closed procedure's own code; False where it is something else.
        """
        region = self.region
        if region is None:
            return False
        if region.gives and region.primitives.get(node) == "values":
            region.relies_on(node)
            self._return(self._make(ast.Tuple, self.operands(node.args), LOAD))
            return True
        if node.again is not None or region.straight(node) is None:
            return False
        self._return(self._call(node, node.fn, self.operands(node.args)))
        return True

    def _tail_call(self, node: Call, fn: Node, args: list[ast.expr]) -> None:
        """Write NODE, a call in tail position of what is not known, so that `tails` decides whether it is made at once
        or pending. Neither leaves anything to do here, so no continuation needs a way in between.
        """
        last = max((at for at, arg in enumerate(args) if not is_atom(arg)), default=-1)
        procedure = self.value(fn)
        if (last >= 0 and not (is_stable(fn) or isinstance(fn, Global))) or not is_atom(procedure):
            procedure = self._held_before(procedure)
        for at, arg in enumerate(args[: last + 1]):
            if not isinstance(arg, ast.Constant) and not is_temporary(arg):
                args[at] = self._held_before(arg)
        made = self._make(ast.Call, procedure, args, [])
        site = self._constant(node.span)
        if isinstance(fn, Global) and fn.name == "apply":
            # Most likely the primitive: what it calls stands here.
            spread = self._helper("applied", procedure, self._make(ast.Tuple, args, LOAD), site)
            self._out(self._make(ast.Return, spread))
            return
        bounced = self._helper("bounce", procedure, self._make(ast.Tuple, args, LOAD), site)
        here, self.at = self.at, NOWHERE  # a return without a place is how `traces` knows this one
        at_once = self._make(ast.Return, made)
        self.at = here
        self._out(self._make(ast.For, self._store("step~"), self._load("$:tick"), [at_once], []))
        self._out(self._make(ast.Return, bounced))

    def _inlined_as_long(self, node: Call, dest: Dest) -> None:
        """Write NODE as what it calls, as long as its name means that: what the region calls may give it another."""
        written, node.integrated = node.integrated, None
        assert written is not None
        known = self.facts
        unchanged = self._flag()
        taken = self._block(lambda: self.into(written, dest))
        self.facts = known
        called = self._block(lambda: self._into_Call(node, dest))
        self.facts, node.integrated = known, written
        self._out(self._make(ast.If, unchanged, taken, called))

    def _apply(self, node: Call, args: list[ast.expr], dest: Dest) -> None:
        """Write NODE, a call of apply with a procedure and a list, as a call of the procedure."""
        assert self.region is not None
        if self.region.built.as_row(node) and (name := self.region.applied_name(node)):
            known = self._make(
                ast.Call, self._load(pristine_key(name)), [self._make(ast.Starred, args[1], LOAD)], []
            )
            self._finish(known, dest)
            return
        procedure, items = (each if is_atom(each) else self._held_before(each) for each in args)
        spread = self._held_before(self._helper("spread", procedure, items))
        if dest.kind == "return" and self.fn.tail_calls:
            site = self._constant(node.span)
            self._return(self._make(ast.Tuple, [procedure, spread, site], LOAD))
        else:
            starred = self._make(ast.Starred, spread, LOAD)
            self._finish(self._settled(self._make(ast.Call, procedure, [starred], [])), dest)

    def _held_before(self, value: ast.expr) -> ast.expr:
        """The name of VALUE, computed before."""
        name = self._temp()
        self._assign(name, value)
        return self._load(name)

    def _return(self, value: ast.expr) -> None:
        """Return VALUE; where a list is being made from its head, as what it ends in."""
        if self.fn.makes_list:
            self._set_cdr(value)
            value = self._part_of(self._load(FIRST), "cdr")
        self._out(self._make(ast.Return, value))

    def _set_cdr(self, value: ast.expr) -> None:
        """Let the last pair of the list that is being made go on with VALUE."""
        target = self._make(ast.Attribute, self._load(LAST), "cdr", STORE)
        self._out(self._make(ast.Assign, [target], value))

    def _cons_and_again(self, node: Call) -> bool:
        """Write NODE, a pair in tail position whose cdr is what this procedure itself returns, as one more pair of the
        list that is being made, and a jump back; False where NODE is something else.
        """
        again = self.region.list_goes_on(node) if self.fn.makes_list and self.region is not None else None
        if again is None:
            return False
        car = self.value(node.args[0])
        if not is_effectless(car):
            held = self._temp()
            self._assign(held, car)
            car = self._load(held)
        cell = self._half_cell(car)  # its cdr follows before anybody sees it
        self._set_cdr(cell)
        self._assign(LAST, cell)
        self._round(self.fn.loops[0], 0, again)
        return True

    def _operator(self, node: Call) -> Node:
        """The operator, computed before arguments that need statements."""
        fn = node.fn
        if fn.simple and (is_stable(fn) or isinstance(fn, Global) or all(arg.simple for arg in node.args)):
            return fn
        var = Local("operator", 0)
        var.py = self._temp()
        var.owner = self.fn.node
        self._assign(var.py, self.value(fn))
        return Ref(var, fn.span)

    def _again(self, node: Call) -> bool:
        """Write a jump back; False if a call has to follow, for when the name means something else by
        then.
        """
        label = node.again
        depth = next((i for i, loop in enumerate(self.fn.loops) if loop.label is label), None)
        if depth is None:
            return False
        frame = self.fn.loops[depth]
        sure = self.region is not None and self.region.closed and self.region.calls_itself(node)
        if isinstance(node.fn, Global) and not sure:  # what was called meanwhile may have redefined it
            mine = self._make(
                ast.Compare, self._load(self.fn.self_key), [ast.Is()], [self._load(self.fn.self_name)]
            )
            self._out(self._make(ast.If, mine, self._block(lambda: self._round(frame, depth, node)), []))
            return False
        self._round(frame, depth, node)
        return True

    def _round(self, frame: LoopFrame, depth: int, node: Call) -> None:
        changed = []
        for var, arg in zip(frame.vars, node.args, strict=True):
            if var is not frame.counted and not (
                isinstance(arg, Ref) and arg.var is var and not is_boxed(var)
            ):
                changed.append((var, arg))
        values = self.operands([arg for _, arg in changed])
        values = [
            self._make(ast.List, [value], LOAD) if is_boxed(var) else value
            for (var, _), value in zip(changed, values, strict=True)
        ]
        given = [(var.py, value) for (var, _), value in zip(changed, values, strict=True)]
        given = [(py, value) for py, value in given if not (isinstance(value, ast.Name) and value.id == py)]
        if len(given) == 1:
            self._assign(*given[0])
        elif given:
            targets = self._make(ast.Tuple, [self._store(py) for py, _ in given], STORE)
            made = self._make(ast.Tuple, [value for _, value in given], LOAD)
            self._out(self._make(ast.Assign, [targets], made))
        if depth == len(self.fn.loops) - 1:
            self._out(self._make(ast.Continue))
            return
        for inner in self.fn.loops[depth + 1 :]:
            inner.targets.add(frame.number)
        self._jump(frame.number)
