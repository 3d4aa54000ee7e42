"""Loops written out: their rounds, the blocks that calls leave, and the jumps out of both."""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from chorus.interpreter.compiler.blocks import OpenBlock
from chorus.interpreter.compiler.emit_values import Values
from chorus.interpreter.compiler.flow import parts
from chorus.interpreter.compiler.nodes import Block, Call, Loop, Node
from chorus.interpreter.compiler.ranges import Counted, counted
from chorus.interpreter.compiler.sites import is_site
from chorus.interpreter.compiler.writer import JUMP, LOAD, Dest, LoopFrame, is_boxed

MOST_DRIVEN = 6  # loops within loops that fuel drives: Python nests no more than 20 blocks


class Loops(Values):
    """Loops and blocks."""

    if TYPE_CHECKING:  # other parts of the same class

        def into(self, node: Node, dest: Dest) -> None: ...

        def _return(self, value: ast.expr) -> None: ...

        def _fuel(self) -> None: ...

    def _loop(self, loop: Loop, dest: Dest) -> None:
        for var, value in zip(loop.vars, self.operands(loop.entry), strict=True):
            if self.region is not None and var in self.region.built.starts:
                self._start_building(var)
            else:
                self._assign(var.py, self._make(ast.List, [value], LOAD) if is_boxed(var) else value)
        found = None if self.region is None or self.metered else counted(loop, self.region)
        if found is not None and self._count(found, dest):
            return
        frame, inside = self._enter(loop, dest)
        self._rounds(lambda: self.into(loop.body, inside))
        self._left(frame, dest)

    def _enter(self, loop: Loop, dest: Dest) -> tuple[LoopFrame, Dest]:
        """Go on within LOOP: its frame, and where its values go that are for DEST."""
        self.serial += 1
        frame = LoopFrame(loop.var, self.serial, loop.vars)
        frame.around = self.fn.loops
        nested = dest.kind == "return" or dest.leave  # in tail position of the loop around it
        self.fn.loops = [*frame.around, frame] if nested else [frame]
        return frame, dest if dest.kind == "return" else Dest(dest.kind, dest.name, True)

    def _left(self, frame: LoopFrame, dest: Dest) -> None:
        """Go on behind the loop of FRAME."""
        self.fn.loops = frame.around
        if frame.around and (dest.kind == "return" or dest.leave):
            self._after_loop(frame, frame.around)

    def _count(self, found: Counted, dest: Dest) -> bool:
        """Write LOOP with a range that counts its rounds; False where code of the program may run within them."""
        frame, inside = self._enter(found.loop, dest)
        frame.counted = found.var
        known = self.facts
        self.fn.nesting += 1
        self.fn.open.append(None)
        self.facts = known | self.facts_where(found.test, not found.done_where)
        body = self._block(lambda: self.into(found.rounds, inside))
        self.fn.open.pop()
        self.fn.nesting -= 1
        self.facts = known
        self.fn.loops = frame.around
        if any(map(_calls_on, body)):
            return False
        rounds, stop = self._range(found)
        self.facts = known | self.facts_where(found.test, found.done_where)
        self._out(self._make(ast.For, self._store(found.var.py), rounds, body, []))
        self._done(found, stop, dest)
        self.facts = known
        return True

    def _range(self, found: Counted) -> tuple[ast.expr, ast.expr]:
        """What gives FOUND its variable's values, and the value at which that stops."""
        stop = self.value(found.limit)
        if found.beyond:
            stop = self._make(ast.BinOp, stop, ast.Add(), self._number(found.beyond))
        if not isinstance(stop, (ast.Name, ast.Constant)):
            held = self._temp()
            self._assign(held, stop)
            stop = self._load(held)
        step = [] if found.step == 1 else [self._number(found.step)]
        rounds = self._helper("range", self._load(found.var.py), stop, *step)
        if found.exact:
            ahead = ast.LtE() if found.step > 0 else ast.GtE()
            endless = self._helper("count", self._load(found.var.py), *step)
            rounds = self._make(
                ast.IfExp, self._compare(self._load(found.var.py), ahead, stop), rounds, endless
            )
        return rounds, stop

    def _done(self, found: Counted, stop: ast.expr, dest: Dest) -> None:
        """What the loop FOUND comes to, at the limit that it has met."""
        if found.shows:
            var = found.var.py
            met = self._compare(self._load(var), ast.Lt() if found.step > 0 else ast.Gt(), stop)
            self._out(self._make(ast.If, met, [self._make(ast.Assign, [self._store(var)], stop)], []))
        self.into(found.done, dest)

    def _rounds(self, write: Callable[[], None], counted: bool = True) -> None:
        """A loop whose rounds WRITE writes. Where steps are counted, what counts them drives the loop, unless they are
        not to be COUNTED here.
        """
        self.fn.nesting += 1
        self.fn.open.append(None)
        forever = self._make(ast.Constant, True)
        if not self.metered or not counted or self.fn.nesting > MOST_DRIVEN:

            def round() -> None:
                if counted:
                    self._fuel()
                write()

            body = self._block(round)
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

    def _after_loop(self, frame: LoopFrame, outer: list[LoopFrame]) -> None:
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


def _calls_on(node: ast.AST) -> bool:
    """Whether more than primitives may run in the statement NODE."""
    if isinstance(node, ast.Call) and (is_site(node) or _is_own_code(node.func)):
        return True
    return any(map(_calls_on, parts(node)))


def _is_own_code(fn: ast.expr) -> bool:
    return isinstance(fn, ast.Name) and fn.id.startswith("$:i:")
