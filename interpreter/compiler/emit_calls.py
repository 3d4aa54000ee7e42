"""Calls in statement position: tail calls, jumps back, and the loops they jump in."""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable

from chorus.interpreter.compiler.blocks import OpenBlock
from chorus.interpreter.compiler.emit_values import Values
from chorus.interpreter.compiler.fast_pieces import is_atom, is_effectless
from chorus.interpreter.compiler.nodes import Block, Call, Global, Local, Loop, Node, Ref
from chorus.interpreter.compiler.writer import (
    JUMP,
    LOAD,
    STORE,
    Dest,
    LoopFrame,
    is_boxed,
    is_stable,
)

MOST_DRIVEN = 6  # loops within loops that fuel drives: Python nests no more than 20 blocks
FIRST, LAST = "first~", "last~"  # pairs of a list that is being made from its head


class Calls(Values):
    """Calls and loops."""

    def _finish(self, value: ast.expr, dest: Dest) -> None:
        raise NotImplementedError

    def into(self, node: Node, dest: Dest) -> None:
        raise NotImplementedError

    def _fuel(self) -> None:
        raise NotImplementedError

    def _into_Call(self, node: Call, dest: Dest) -> None:
        if node.leaves is not None:
            self._leave(node)
            return
        if node.again is not None and self._again(node):
            return
        if node.integrated is not None and self.region is not None and self.region.integrates(node):
            self.into(node.integrated, dest)
            return
        if dest.kind == "drop" and not dest.leave and self.fast_statement(node):
            return
        if dest.kind == "return" and self._cons_and_again(node):
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
            self._return(self._settled(self._make(ast.Call, self.value(fn), args, [])))
        elif node.kind == "settled":
            self._return(self._make(ast.Call, self.value(fn), args, []))
        else:
            site = self._constant(node.span)
            pending = [self.value(fn), self._make(ast.Tuple, args, LOAD), site]
            self._return(self._make(ast.Tuple, pending, LOAD))

    def _apply(self, node: Call, args: list[ast.expr], dest: Dest) -> None:
        """Write NODE, a call of apply with a procedure and a list, as a call of the procedure."""
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
            if not (isinstance(arg, Ref) and arg.var is var and not is_boxed(var)):
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

        self._rounds(lambda: self.into(loop.body, inside))
        self.fn.loops = outer
        if nested and outer:
            self._after_loop(frame, outer, dest)

    def _rounds(self, write: Callable[[], None]) -> None:
        """A loop whose rounds WRITE writes, each a step: where steps are counted, what counts them drives the loop."""
        self.fn.nesting += 1
        self.fn.open.append(None)
        forever = self._make(ast.Constant, True)
        if not self.metered or self.fn.nesting > MOST_DRIVEN:

            def counted() -> None:
                self._fuel()
                write()

            body = self._block(counted)
            self._out(self._make(ast.While, forever, body, []))
        else:
            body = self._block(write)
            dry = [self._make(ast.Expr, self._helper("out-of-fuel")), self._make(ast.Continue)]
            rounds = self._make(ast.For, self._store("step~"), self._load("$:fuel"), body, dry)
            self._out(self._make(ast.While, forever, [rounds, self._make(ast.Break)], []))
        self.fn.open.pop()
        self.fn.nesting -= 1
        self._leave_too()

    def _into_Block(self, node: Block, dest: Dest) -> None:
        fn = self.fn
        mine = OpenBlock(node.var, dest, self._temp("left"))
        fn.blocks.append(mine)
        if dest.kind == "return":
            self.into(node.body, dest)
        else:
            outer, fn.loops = fn.loops, [LoopFrame(node.var, 0, [])]
            fn.open.append(mine)
            inside = Dest(dest.kind, dest.name, True)
            body = self._block(lambda: self.into(node.body, inside))
            fn.open.pop()
            fn.loops = outer
            if mine.is_left:
                self._assign(mine.left, self._make(ast.Constant, False))
            self._out(self._make(ast.While, self._make(ast.Constant, True), body, []))
            self._leave_too()
            if dest.leave:
                fn.loops[-1].left = True
                self._jump(0)
        fn.blocks.pop()

    def _leave(self, node: Call) -> None:
        """Write the end of a block with the value of NODE's argument."""
        fn = self.fn
        block = next(each for each in reversed(fn.blocks) if each.var is node.leaves)
        if block.dest.kind == "return":
            self._return(self.value(node.args[0]))
            return
        self.into(node.args[0], Dest(block.dest.kind, block.dest.name))
        if fn.open[-1] is not block:
            block.is_left = True
            self._assign(block.left, self._make(ast.Constant, True))
        self._out(self._make(ast.Break))

    def _leave_too(self) -> None:
        """After a loop: leave what is around it as well, if a block further out was left from within."""
        if not self.fn.open:
            return
        for block in self.fn.blocks:
            if block.is_left and block in self.fn.open:
                self._out(self._make(ast.If, self._load(block.left), [self._make(ast.Break)], []))

    def _after_loop(self, frame: LoopFrame, outer: list[LoopFrame], dest: Dest) -> None:
        """Where the jumps that left FRAME go on."""
        around = outer[-1]
        if around.number in frame.targets:
            if not frame.left and len(frame.targets) == 1:
                self._out(self._make(ast.Continue))
                return
            mine = self._make(
                ast.Compare, self._load(JUMP), [ast.Eq()], [self._make(ast.Constant, around.number)]
            )
            self._out(self._make(ast.If, mine, [self._make(ast.Continue)], []))
        if frame.left:
            around.left = True
        if frame.left or frame.targets - {around.number}:
            self._out(self._make(ast.Break))

    def _jump(self, number: int) -> None:
        """Leave the innermost `while` for the loop NUMBER; 0: with a value."""
        if len(self.fn.loops) > 1:
            self._assign(JUMP, self._make(ast.Constant, number))
        self._out(self._make(ast.Break))
