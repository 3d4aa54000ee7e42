"""Operations written out in Python for operands whose kinds are known, or checked at the spot: what a region's own code
is made of. Here the primitives are what they came as: the region was entered on that condition.
"""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler import fast_numbers, fast_pairs, fast_ports, fast_tables, fast_texts
from chorus.interpreter.compiler.fast_numbers import Numbers
from chorus.interpreter.compiler.fast_pairs import Pairs
from chorus.interpreter.compiler.fast_pieces import Operand, is_effectless
from chorus.interpreter.compiler.fast_ports import Ports
from chorus.interpreter.compiler.fast_records import Facts, Records
from chorus.interpreter.compiler.fast_tables import Tables
from chorus.interpreter.compiler.fast_texts import Texts
from chorus.interpreter.compiler.kinds import INTEGER, NUMERIC, PAIR, STRING, VECTOR, only, settled
from chorus.interpreter.compiler.nodes import Call, Global, If, Let, Node, Ref
from chorus.interpreter.compiler.pristine import pristine_key
from chorus.interpreter.compiler.writer import LOAD, is_constant

NOTHING: Facts = frozenset()
# of what kinds the operands of a primitive were that has returned
TAKEN = {
    **dict.fromkeys(("car", "cdr", "set-car!", "set-cdr!"), (PAIR,)),
    **dict.fromkeys(("vector-ref", "vector-set!"), (VECTOR, INTEGER)),
    "vector-length": (VECTOR,),
}


class Fast(Numbers, Pairs, Texts, Tables, Ports, Records):
    """What `Values` asks for a call of a primitive within a region: the operation, or None."""

    def fast(self, node: Call, direct: str, args: list[ast.expr]) -> ast.expr | None:
        name = self.region.relies_on(node) if self.region is not None else ""
        if not name:
            return self.record_use(node, direct, args)
        if name in OF_ROWS and self.region is not None and self.region.built.as_row(node):
            return self._helper(OF_ROWS[name], *args) if OF_ROWS[name] else args[0]
        if self.region is not None and node in self.region.sure and self._kind_here(node.args[0]) == STRING:
            return self._make(
                ast.Subscript, self._load("$:chars"), self._make(ast.Subscript, *args, LOAD), LOAD
            )
        write = TEMPLATES.get((name, len(args)))
        if write is not None and not all(isinstance(arg, ast.Constant) for arg in args):
            # Python would compute with constants and then warn of what is done with a literal
            return write(self, name, self._as_it_came(node, direct), self._with_kinds(node, args))
        return None

    def _as_it_came(self, node: Call, direct: str) -> str:
        """The global that holds the primitive that NODE calls, whatever its name has come to mean."""
        fn = node.fn
        assert isinstance(fn, Global)
        return pristine_key(fn.name)

    def fast_statement(self, node: Call) -> bool:
        """Write NODE, whose value nobody wants, as a statement; False where it is no such call."""
        fn = node.fn
        if self.region is None or not isinstance(fn, Global):
            return False
        changes = (self.region.record_use(node) or ("",))[0] == "writes"
        write = STATEMENTS.get((fn.name, len(node.args)))
        if not changes and (write is None or not self.region.relies_on(node)):
            return False
        args = []
        for arg in self.operands(node.args):
            if not isinstance(arg, (ast.Name, ast.Constant)):
                name = self._temp()
                self._assign(name, arg)
                arg = self._load(name)
            args.append(arg)
        for given in node.args:
            self.facts |= self.facts_after(given)
        if changes:
            written = self.record_change(node, args)
            target = fn.space.entry_keys(fn.name, self.space)[1]
        else:
            assert write is not None
            written = write(self, fn.name, self._with_kinds(node, args))
            target = pristine_key(fn.name)
        called = self._make(ast.Expr, self._make(ast.Call, self._load(target), args, []))
        if written is None:
            self._out(called)
            return True
        done, test = written
        if test is None:
            for each in done:
                self._out(each)
        else:
            self._out(self._make(ast.If, test, done, [called]))
        return True

    def fast_cells(self, node: Call) -> ast.expr | None:
        """Write the pairs that NODE makes as statements; the expression for the first, None for any other call."""
        fn = node.fn
        if self.region is None or not isinstance(fn, Global):
            return None
        built = self.region.built
        if node in built.finishes:
            self.region.relies_on(node)
            return self._finish_building(built.finishes[node])
        write = MAKERS.get((fn.name, len(node.args)))
        if write is None or not self.region.relies_on(node):
            return None
        args = self.operands(node.args)
        last = max((i for i, arg in enumerate(args) if not is_effectless(arg)), default=-1)
        for i, arg in enumerate(args[: last + 1]):  # a pair is made when all that goes into it is there
            if not isinstance(arg, ast.Constant) and not is_temporary(arg):
                name = self._temp()
                self._assign(name, arg)
                args[i] = self._load(name)
        if node in built.extends:
            return self._extend(built.extends[node], args[0])
        return write(self, fn.name, "", self._with_kinds(node, args))

    # — what tests and operations tell of variables —

    def facts_where(self, test: Node, holds: bool) -> Facts:
        """The variables that are of a kind where TEST HOLDS, or does not."""
        if self.region is None:
            return NOTHING
        if isinstance(test, If) and holds and is_constant(test.no, False):  # an `and`
            return self.facts_where(test.test, True) | self.facts_where(test.yes, True)
        if isinstance(test, Let) and not holds and isinstance(test.body, If):
            return self.facts_where(test.inits[0], False) | self.facts_where(test.body.no, False)
        if not isinstance(test, Call):
            return NOTHING
        name = self.region.primitives.get(test)
        if name == "not" and len(test.args) == 1:
            return self.facts_where(test.args[0], not holds)
        use = None if name else self.region.record_use(test)
        if holds and (name == "pair?" or (use is not None and use[0] == "tests")):
            return self._lasting(test.args, (PAIR if use is None else use[1],))
        return self.facts_after(test)

    def facts_after(self, done: Node) -> Facts:
        """The variables that are of a kind when DONE has been computed: else that had been an error."""
        found = NOTHING
        if self.region is None or not isinstance(done, Call):
            return found
        name = self.region.primitives.get(done)
        use = self.region.record_use(done) if name is None else None
        if name is None and (use is None or use[0] not in ("reads", "writes")):
            return found
        for arg in done.args:
            found |= self.facts_after(arg)
        taken = (use[1],) if use is not None else TAKEN.get(name or "", ())
        return found | self._lasting(done.args, taken)

    def _lasting(self, operands: list[Node], kinds: tuple[Any, ...]) -> Facts:
        """That those of OPERANDS that are variables which keep their values are of KINDS."""
        return frozenset(
            (node.var, kind)
            for node, kind in zip(operands, kinds, strict=False)
            if isinstance(node, Ref) and not node.var.assigned and not node.var.late
        )

    def _with_kinds(self, node: Call, args: list[ast.expr]) -> list[Operand]:
        assert self.region is not None
        return [(arg, self._kind_here(each)) for arg, each in zip(args, node.args, strict=True)]

    def _kind_here(self, node: Node) -> int:
        assert self.region is not None
        kind = settled(self.region.kind(node))
        if isinstance(node, Ref):
            for var, known in self.facts:
                if var is node.var and known.__class__ is int and not only(kind, known):
                    kind = known
        return kind

    if TYPE_CHECKING:  # other parts of the same class

        def operands(self, nodes: list[Node]) -> list[ast.expr]: ...


def is_temporary(value: ast.expr) -> bool:
    """Whether VALUE is a name that is given a value once."""
    return isinstance(value, ast.Name) and "~~" in value.id


# what makes of a list of the host's the value wanted, unless it is that
OF_ROWS = {"list->vector": "", "list->string": "text-of"}
Template = Callable[[Fast, str, str, list[Operand]], "ast.expr | None"]
TEMPLATES: dict[tuple[str, int], Template] = {
    **fast_numbers.TEMPLATES,
    **fast_pairs.TEMPLATES,
    **fast_texts.TEMPLATES,
    **fast_tables.TEMPLATES,
}
Statement = Callable[[Fast, str, list[Operand]], "tuple[list[ast.stmt], ast.expr | None] | None"]
STATEMENTS: dict[tuple[str, int], Statement] = {
    **fast_pairs.STATEMENTS,
    **fast_tables.STATEMENTS,
    **fast_texts.STATEMENTS,
    **fast_ports.STATEMENTS,
}
MAKERS: dict[tuple[str, int], Template] = fast_pairs.MAKERS
# calls that make a region worth its code
WORTH = (
    NUMERIC
    | {"%call/ec", "dynamic-wind", "%with-parameter", "floor/", "truncate/"}
    | {name for table in (TEMPLATES, MAKERS) for name, _ in table}
    | {name for module in (fast_pairs, fast_tables, fast_texts) for name, _ in module.STATEMENTS}
)
