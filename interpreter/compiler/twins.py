"""Stackless twins: a second version of a procedure, which makes no call of the program's itself.

Where the first version calls, the twin returns what is to be called and, unless it is in tail position, a function for
what is left to do then: the rest of the procedure after the call (`rests`), a twin too. It takes as arguments the
variables that it will read; those that closures share and something changes are the very cells. Twins keep to the
calling convention of all procedures, so anything can call them.
"""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable
from threading import RLock
from types import CodeType
from typing import Any

from chorus.interpreter.compiler.constants import install
from chorus.interpreter.compiler.flow import Scope, free_names, given_within, live, parts
from chorus.interpreter.compiler.rests import VALUE, NoRest, rest_statements
from chorus.interpreter.compiler.settled import Settled
from chorus.interpreter.compiler.sites import AT, MAKER, NEARBY, changed_here, load, with_cells
from chorus.interpreter.compiler.sources import Source, attach
from chorus.interpreter.compiler.stackless import REST, Turning
from chorus.interpreter.compiler.visits import Visits
from chorus.interpreter.compiler.writer import STORE, make_arguments
from chorus.runtime.calling import Meta, Stackless

GIVEN, CELLS = (
    "given~",
    "cells~",
)  # what a rest is called with beside the value; the first of that, if it needs cells
COMPILING = RLock()  # sessions share the stdlib's code
IsHost = Callable[[str], bool]


class Version:
    """One stackless function of a family: the procedure itself, or the rest after a call. LOCALS: the variables that
    the rest is called with after the value; CELLS: those of the procedure's own cells that it needs.
    """

    __slots__ = ("cells", "code", "locals", "tree")

    def __init__(
        self, tree: ast.FunctionDef, locals: tuple[str, ...] = (), cells: tuple[str, ...] = ()
    ) -> None:
        self.tree = tree
        self.locals = locals
        self.cells = cells
        self.code: CodeType | None = None


class Family:
    """The stackless versions of the function NUMBER of SOURCE, made as they are needed."""

    def __init__(self, source: Source, number: int) -> None:
        self.source = source
        self.number = number
        self._entry: Version | None = None
        self._rests: dict[int, Version] = {}
        self._known = False

    def _know(self) -> None:
        self.free, self.own = self.source.shape(self.number)
        function = self.source.function(self.number)
        self.own = self.own.union(changed_here(function))
        settled = Settled(with_cells(function))
        self.function, self.same = settled.function, settled.same
        check(self.function)
        self.scope = Scope(self.function)
        self.changed = given_within(self.function)
        self.visits = Visits(self.function)
        self.near = {
            s.targets[0].id: s
            for s in self.function.body
            if s.__class__ is ast.Assign and s.targets[0].__class__ is ast.Name and s.targets[0].id in NEARBY
        }
        self.makers = {
            s.name: Version(s)
            for s in self.function.body
            if s.__class__ is ast.FunctionDef
            and s.name.startswith(MAKER)
            and self.own.isdisjoint(free_names(s))
        }
        self._known = True

    def entry(self) -> Version:
        """The procedure from its beginning."""
        if self._entry is None:
            if not self._known:
                self._know()
            self._entry = Version(self.function)
        return self._entry

    def maker(self, name: str) -> Version:
        """The function NAME, which makes procedures, and needs nothing of a call of the procedure."""
        return self.makers[name]

    def rest(self, site: int) -> Version:
        """What is left after the call SITE."""
        if not self._known:
            self._know()
        site = self.same.get(site, site)
        found = self._rests.get(site)
        if found is None:
            found = self._rests[site] = self._cut(site)
        return found

    def _cut(self, site: int) -> Version:
        function = self.function
        body = rest_statements(function, site)
        read = live(body)
        near = sorted(read & NEARBY)
        body = [*(self.near[name] for name in near if name in self.near), *body]
        read -= self.near.keys() | self.makers.keys()
        cells = tuple(sorted(name for name in self._mentioned(body) if self._is_shared(name, site)))
        given = tuple(sorted((read & self.scope.bound).difference(cells, (VALUE,))))
        head: list[ast.stmt] = [s for s in function.body if s.__class__ is ast.Global]
        place = {name: getattr(function, name) for name in AT}
        names = [*([CELLS] if cells else []), *given]
        if names:
            target = ast.Tuple([ast.Name(name, STORE, **AT) for name in names], STORE, **AT)
            head.append(ast.Assign([target], load(GIVEN), **AT))
        tree = ast.FunctionDef(
            function.name, make_arguments([VALUE, GIVEN]), [function.body[0], *head, *body], [], **place
        )
        written = sorted(name for name in Scope(tree).stores if name in self.free or name in cells)
        if written:
            tree.body.insert(1, ast.Nonlocal(written, **AT))
        return Version(tree, given, cells)

    def _mentioned(self, body: list[Any]) -> set[str]:
        probe = ast.FunctionDef("probe", make_arguments([]), body, [], **AT)
        return Scope(probe).mentioned & self.own

    def _is_shared(self, name: str, site: int) -> bool:
        """Whether the rest after SITE has to have the very cell of NAME, which is the procedure's own."""
        stored, captured = self.visits.before(name, site)
        if not stored and not captured:
            return False
        return not stored or self.scope.stores[name] != 1 or name in self.changed

    def code(self, version: Version, is_host: IsHost) -> CodeType:
        """The code of VERSION. IS_HOST: whether calls by a global name run no code of the program."""
        if version.code is None:
            with COMPILING:
                version.code = self._compile(version, is_host)
        return version.code

    def _compile(self, version: Version, is_host: IsHost) -> CodeType:
        turning = Turning(self, is_host)
        is_maker = version.tree.name in self.makers
        made = turning.maker(version.tree) if is_maker else turning.version(version.tree, version.cells)
        shared = (self.free | self.makers.keys() | set(version.cells)) & free_names(made)
        cells = sorted(shared | {name for name in free_names(made) if name.startswith(REST)})
        outer = ast.FunctionDef("frame~", make_arguments(cells), [made], [], **AT)
        module = ast.Module(body=[outer], type_ignores=[])
        source = self.source
        metas: list[Meta] = [
            meta.copy(Stackless if number in turning.turned else None)
            for number, meta in enumerate(source.metas)
        ]
        attach(Source(module, source.values, metas, source), metas)
        raw = compile(module, self.file, "exec", dont_inherit=True, optimize=0)
        frame = next(c for c in raw.co_consts if c.__class__ is CodeType)
        inner = next(c for c in frame.co_consts if c.__class__ is CodeType)
        return install(inner, source.values, metas)

    @property
    def file(self) -> str:
        span = self.source.metas[self.number].span
        return span.file if span is not None else "<form>"


KNOWN = (ast.Expr, ast.Assign, ast.Return, ast.If, ast.While, ast.For, ast.FunctionDef, ast.Pass, ast.Break,
         ast.Continue, ast.Global, ast.Nonlocal)  # fmt: skip


def check(function: ast.FunctionDef) -> None:
    """Raise unless rests can be cut from FUNCTION after whichever call."""
    work: list[Any] = list(function.body)
    while work:
        node = work.pop()
        kind = node.__class__
        if kind not in KNOWN and (kind is not ast.AugAssign or has_site(node)):
            raise NoRest(f"a {kind.__name__}")
        if kind in (ast.While, ast.For) and has_site(node.test if kind is ast.While else node.iter):
            raise NoRest("a call at the head of a loop")
        if kind in (ast.While, ast.For, ast.If):
            work += [*node.body, *node.orelse]


def has_site(node: Any) -> bool:
    return bool(getattr(node, "site", 0)) or any(has_site(each) for each in parts(node))


def heat(meta: Meta) -> None:
    """From here on twins of META's procedure, and of all that stand for the same text, are used."""
    origin = meta.source.origin if meta.source is not None else None
    if origin is None:
        return
    for number, each in enumerate(origin.metas):
        if (each.span == meta.span and each.name == meta.name) or each.heat is meta.heat:
            each.heat.family = Family(origin, number)


def cool(meta: Meta) -> None:
    """There is no way to make twins of META's procedure."""
    meta.heat.family = None
    meta.heat.count = -(1 << 60)
