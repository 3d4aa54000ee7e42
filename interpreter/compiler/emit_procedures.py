"""Procedures as Python functions: parameters, fresh captures in loops, fuel."""

from __future__ import annotations

import _ast as ast

from chorus.interpreter.compiler.constants import Pool
from chorus.interpreter.compiler.counting import paying
from chorus.interpreter.compiler.emit_calls import FIRST, LAST, Calls
from chorus.interpreter.compiler.fast import WORTH
from chorus.interpreter.compiler.fast_pieces import CLASS_NAMES
from chorus.interpreter.compiler.fast_texts import size_name
from chorus.interpreter.compiler.giving import values_given
from chorus.interpreter.compiler.kinds import INTEGER
from chorus.interpreter.compiler.merging import UNUSED, Merged
from chorus.interpreter.compiler.nodes import Bind, Call, Global, Lambda, Local
from chorus.interpreter.compiler.regions import Region
from chorus.interpreter.compiler.unfolding import Unfolded
from chorus.interpreter.compiler.walk import within
from chorus.interpreter.compiler.writer import (
    LOAD,
    RETURN,
    STORE,
    Dest,
    Function,
    LoopFrame,
    is_boxed,
    make_arguments,
)
from chorus.interpreter.namespace import Namespace


class Procedures(Calls):
    """Function definitions."""

    general = False  # what is being written is code for anything, a region's own beside it
    flag = ""  # the global that says whether what the unit's regions rely on still holds
    defined: frozenset[str]

    def __init__(self, space: Namespace, pool: Pool, metered: bool) -> None:
        super().__init__(space, pool, metered)
        self.regions: dict[tuple[Lambda, Region | None], Region] = {}  # of a procedure within a region
        self.merged: dict[Lambda, Merged | Unfolded] = {}  # procedures that are the first member of one

    @property
    def names(self) -> tuple[str, ...]:
        """The globals that the unit's regions rely on."""
        return tuple(sorted(set().union(*(region.names for region in self.regions.values()))))

    def _lambda(
        self, node: Lambda, name: str | None, self_key: str = "", tail_calls: bool = True
    ) -> ast.expr:
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
            made = self._make_function(maker, make_arguments(anew), [definition, back])
            self.fn.prologue.append(made)
            self._assign(name, self._make(ast.Call, self._load(maker), [self._load(py) for py in anew], []))
        else:
            self._out(self._function(node, name, tail_calls, self_name, self_key))
        self.at = outer
        return self._load(name)

    def _function(
        self, node: Lambda, name: str, tail_calls: bool, self_name: str = "", self_key: str = ""
    ) -> ast.FunctionDef:
        """NODE as a function of the host's called NAME, whose other entry, if it calls itself there, is SELF_NAME."""
        outer, at = getattr(self, "fn", None), self.at  # None: the unit itself
        facts, self.facts = self.facts, frozenset()
        self._place(node.span)
        self.fn = fn = Function(node, tail_calls, self_name, self_key)
        if outer is None:
            self.unit_fn = fn
        around, self.region = (
            self.region,
            None,
        )  # defaults are computed at the call, when the region may be left
        arguments = self._parameters(node)
        self.region = around
        self._bodies(node, outer)
        direct = node.direct or not tail_calls
        head: list[ast.stmt] = [
            self._make(ast.Expr, self._make(ast.Constant, self.pool.meta(node, direct, fn.closed)))
        ]
        if fn.globals:
            head.append(self._make(ast.Global, sorted(fn.globals)))
        if fn.nonlocals:
            head.append(self._make(ast.Nonlocal, sorted(fn.nonlocals)))
        made = self._make_function(name, arguments, head + fn.prologue + fn.block)
        made.assigned = sorted(fn.assigned)  # type: ignore[attr-defined]
        if outer is not None:
            self.fn = outer
        self.at, self.facts = at, facts
        return made

    def _bodies(self, node: Lambda, outer: Function | None) -> None:
        """NODE's code for what its region assumes, if it has one, and for everything else."""
        region, general = self._region_of(node, outer), self.general
        merged = self.merged.get(node)
        if merged is not None and self._enter_merged(node, merged):
            self.general = True
        elif region is not None:
            if region.recurs:
                fast = self._own_code(node, region)
            else:
                fast = self._block(lambda: self._body(node, region))
            self._out(self._make(ast.If, self._entry_test(region.entry), fast, []))
            if region.quiet:
                region.rely_on_all()
                self.fn.closed = self.flag
            self.general = True
        self._body(node, None)
        self.general = general

    def _body(self, node: Lambda, region: Region | None) -> None:
        """NODE's code for what REGION assumes, or for anything: as a loop, if it calls itself in tail position."""
        outer, self.region = self.region, region
        self.facts = frozenset()
        if node.loops:
            self.serial += 1
            self.fn.loops = [LoopFrame(node, self.serial, node.params.required)]

            few = region is not None and region.recurs  # rounds: most calls are done at once
            if few and self.metered:
                self.fn.paying = paying(node.body, region)
            self._rounds(lambda: self.into(node.body, RETURN), counted=not few)
            self.fn.paying = set()
            self.fn.loops = []
        else:
            self.fn.paying = paying(node.body, region) if self.metered else set()
            body = self._block(lambda: self.into(node.body, RETURN))
            self.fn.paying = set()
            for py in sorted(region.sized) if region is not None else ():
                self._assign(size_name(py), self._helper("len", self._load(py)))
            self.fn.block += body
        self.region = outer

    def _list_body(self, node: Lambda, region: Region) -> None:
        """NODE's body as a loop that makes a list from its head, as often as the procedure could have called itself."""
        outer, self.region = self.region, region
        self.facts = frozenset()
        self.fn.makes_list = True
        self.serial += 1
        self.fn.loops = [LoopFrame(node, self.serial, node.params.required)]
        for name in (FIRST, LAST):
            self._assign(name, self._helper("cons") if name == FIRST else self._load(FIRST))

        def write() -> None:
            self._fuel()
            self.into(node.body, RETURN)

        body = self._block(write)
        too_deep = [self._make(ast.Expr, self._helper("too-deep"))]
        self._out(self._make(ast.For, self._store("round~"), self._load("$:depth"), body, too_deep))
        self.fn.loops = []
        self.region = outer

    def _region_of(self, node: Lambda, outer: Function | None) -> Region | None:
        """The region that NODE's body is worth; inside code that is general already, none."""
        params = node.params
        if self.general or params.optional or params.keywords or not is_worth(node, outer is None):
            return None
        region = self.regions.get((node, self.region))
        if region is None:  # a procedure is written twice where its two entries differ
            around = self.region.known if self.region is not None else {}
            region = self.regions[node, self.region] = Region(node, self.space, self.defined, around)
            # not in the stdlib: from its cache it is put together without this order of definitions
            known = region.conclusion() if self.space.base is not None else None
            if known is not None:
                self.space.conclude(node.label, known)
        return None if WORTH.isdisjoint(region.primitives.values()) else region

    def _flag(self) -> ast.expr:
        """Whether what the unit's regions rely on still holds."""
        if not self.flag:
            self.flag = self.space.new_flag()
        return self._load(self.flag)

    def _entry_test(self, entry: dict[Local, int]) -> ast.expr:
        """Whether what a region assumes holds: the unit's flag is up, and the variables of its ENTRY are of their
        classes.
        """
        tests: list[ast.expr] = [self._flag()]
        for kind in CLASS_NAMES:
            values: list[ast.expr] = [self._load(var.py) for var, assumed in entry.items() if assumed == kind]
            if values:
                tests.append(self._is_a(values, kind))
        return self._make(ast.BoolOp, ast.And(), tests) if len(tests) > 1 else tests[0]

    def _enter_merged(self, node: Lambda, merged: Merged | Unfolded) -> bool:
        """Let NODE, the first member of MERGED, go on in its code; False where what it assumes is too much."""
        procedure = merged.procedure
        region = self.regions.get((procedure, None))
        if region is None:
            region = self.regions[procedure, None] = Region(procedure, self.space, self.defined, {})
            region.names.update(merged.names)
            self._write_own_code(procedure, region)
        taken = dict(zip(merged.shared, node.params.required, strict=False))
        if any(kind != INTEGER for var, kind in region.entry.items() if var not in taken):
            return False
        entry = {taken[var]: kind for var, kind in region.entry.items() if var in taken}
        given: list[ast.expr] = [self._make(ast.Constant, at) for at in merged.selector]
        given += [
            self._load(taken[var].py) if var in taken else self._constant(UNUSED) for var in merged.shared
        ]
        call = self._make(ast.Return, self._make(ast.Call, self._load(region.entry_key), given, []))
        self._out(self._make(ast.If, self._entry_test(entry), [call], []))
        return True

    def _own_code(self, node: Lambda, region: Region) -> list[ast.stmt]:
        """Write REGION as a procedure of its own, so that it calls itself without tests; how it is entered."""
        if not region.entry_key:
            region.gives = values_given(region)
            self._write_own_code(node, region)
            known = self.space.closed.get(node.label) if isinstance(node.label, str) else None
            if known is not None and known.span == node.span:
                self.space.conclude(node.label, known._replace(own=region.entry_key, gives=region.gives))
        given: list[ast.expr] = [self._load(var.py) for var in node.params.required]
        result = self._make(ast.Call, self._load(region.entry_key), given, [])
        return [self._make(ast.Return, self._helper("several", result) if region.gives else result)]

    def _write_own_code(self, node: Lambda, region: Region) -> None:
        self.space.flags += 1
        region.entry_key = f"$:i:{self.space.flags}"
        caller, name = self.fn, self._temp("f")
        self.fn = fn = Function(node, False, "", "")
        if region.makes_list:
            self._list_body(node, region)
        else:
            self._body(node, region)
        head = [self._make(ast.Expr, self._make(ast.Constant, self.pool.meta(node, True)))]
        arguments = make_arguments([var.py for var in node.params.required])
        self.fn = caller
        self.unit_fn.globals.add(region.entry_key)
        made = self._make_function(name, arguments, head + fn.prologue + fn.block)
        made.assigned = sorted(fn.assigned)  # type: ignore[attr-defined]
        self.unit_fn.block.append(made)
        self.unit_fn.block.append(self._make(ast.Assign, [self._store(region.entry_key)], self._load(name)))

    def _parameters(self, node: Lambda) -> ast.arguments:
        """Python parameters; what sorts out optional, keyword and rest arguments is written first in the
        body.
        """
        params = node.params
        required = [var.py for var in params.required]
        if params.keywords:
            names = [var.py for var in params.all()]
            targets = self._make(ast.Tuple, [self._store(name) for name in names], STORE)
            spec = self._constant(self.pool.signature(params, node.name or "a procedure"))
            taken = self._helper("take", spec, self._load("args~"))
            self._out(self._make(ast.Assign, [targets], taken))
            arguments = make_arguments([], rest="args~")
        else:
            optional = [var.py for var, _ in params.optional]
            rest = params.rest.py if params.rest else None
            defaults = [self._load("$:missing") for _ in optional]
            arguments = make_arguments(required + optional, rest, defaults)
            if rest:
                self._assign(rest, self._helper("list", self._load(rest)))
        given = [
            *params.optional,
            *((var, default) for _, var, default in params.keywords if default is not None),
        ]
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


def is_worth(node: Lambda, once: bool) -> bool:
    """Whether NODE calls anything that a region could make faster; where it runs ONCE, in a loop."""
    worth = loops = False
    for here in within(node.body):
        worth = worth or (isinstance(here, Call) and isinstance(here.fn, Global) and here.fn.name in WORTH)
        loops = loops or (isinstance(here, Bind) and here.loop is not None)
        if worth and (loops or not once):
            return True
    return False
