"""What compiled code was compiled from, kept so that a continuation can enter it in the middle."""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable
from types import CodeType
from typing import Any, NamedTuple

from chorus.interpreter.compiler.constants import install
from chorus.runtime.calling import Meta

FAR = 1 << 20  # a column that no program text has: the sites' numbers follow it
POSITION = ("col_offset", "end_lineno", "end_col_offset")


class Entry(NamedTuple):
    """CODE of a rest, called with the value and the frame's variables LOCALS, closed over its cells."""

    code: CodeType
    locals: tuple[str, ...]


class Shape(NamedTuple):
    """What compiling tells of a function: which of its calls each instruction makes, the variables FREE in it, its OWN
    that are in cells.
    """

    at: dict[int, int]
    free: frozenset[str]
    own: frozenset[str]


class Source:
    """The tree of a unit, or of a rest, whose functions are then those of the unit ORIGIN."""

    def __init__(
        self,
        tree: ast.Module | Callable[[], ast.Module],
        values: list[Any],
        metas: list[Meta],
        origin: Source | None = None,
    ) -> None:
        self._tree = tree
        self.values = values
        self.metas = metas
        self.origin = origin or self
        self._sites: dict[int, Shape] | None = None
        self._functions: dict[int, ast.FunctionDef] | None = None
        self._entries: dict[Any, Entry] = {}
        self.metered: dict[int, CodeType] | None = None  # number → code that counts steps (`metering`)

    @property
    def tree(self) -> ast.Module:
        if not isinstance(self._tree, ast.Module):
            self._tree = self._tree()
        return self._tree

    def read_by(self, read: Callable[[], ast.Module]) -> None:
        """Let go of the tree: READ gives it again if it is ever asked for."""
        self._tree = read

    def site(self, number: int, lasti: int) -> int:
        """The call that instruction LASTI of the function NUMBER makes; 0: none that can be returned to."""
        if self._sites is None:
            self._sites = _site_table(self.tree)
        return self._sites[number].at.get(lasti, 0) if number in self._sites else 0

    def shape(self, number: int) -> tuple[frozenset[str], frozenset[str]]:
        """The variables of functions around it that the function NUMBER uses, and its own that those within it do."""
        if self._sites is None:
            self._sites = _site_table(self.tree)
        return self._sites[number].free, self._sites[number].own

    def function(self, number: int) -> ast.FunctionDef:
        """The function NUMBER."""
        from chorus.interpreter.compiler.sites import meta_number

        if self._functions is None:
            self._functions = {
                n: node
                for node in nodes_of(self.tree)
                if node.__class__ is ast.FunctionDef and (n := meta_number(node)) is not None
            }
        return self._functions[number]

    def changed_here(self, number: int) -> tuple[str, ...]:
        """The variables that `set!` changes in the function NUMBER."""
        from chorus.interpreter.compiler.sites import changed_here

        return changed_here(self.function(number))

    def entry(self, number: int, site: int, code: CodeType, bound: frozenset[str]) -> Entry:
        """The rest of the function NUMBER after its call SITE; CODE is what ran, BOUND its variables with values."""
        from chorus.interpreter.compiler.rests import NoRest  # for continuations, not at every start

        if not site:
            raise NoRest("an instruction that is no call of the program's")
        key = (number, site, bound, code.co_freevars, code.co_cellvars)
        found = self._entries.get(key)
        if found is None:
            found = self._entries[key] = self._make(number, site, code, bound)
        return found

    def _make(self, number: int, site: int, code: CodeType, bound: frozenset[str]) -> Entry:
        from chorus.interpreter.compiler.rests import rest_of

        rest = rest_of(self.function(number), site, code, bound)
        metas = [meta.copy() for meta in self.metas]
        attach(Source(rest.module, self.values, metas, self), metas)
        raw = compile(rest.module, code.co_filename, "exec", dont_inherit=True, optimize=0)
        frame = next(c for c in raw.co_consts if c.__class__ is CodeType)
        inner = next(c for c in frame.co_consts if c.__class__ is CodeType)
        return Entry(install(inner, self.values, metas), rest.locals)


def attach(source: Source, metas: list[Meta]) -> None:
    """Let METAS, and so the code that carries them, know their SOURCE."""
    for number, meta in enumerate(metas):
        meta.source, meta.number = source, number


def nodes_of(node: Any) -> Any:
    """NODE and all nodes within it."""
    work = [node]
    while work:
        node = work.pop()
        yield node
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                work += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST):
                work.append(value)


def _site_table(tree: ast.Module) -> dict[int, Shape]:
    """Meta number → shape: TREE compiled once more, sites for columns. Lines stay, so the code does."""
    calls = [node for node in nodes_of(tree) if hasattr(node, "site")]
    kept = [[getattr(call, name) for name in POSITION] for call in calls]
    for call in calls:
        call.col_offset, call.end_lineno, call.end_col_offset = FAR, call.lineno, FAR + call.site
    try:
        code = compile(tree, "<sites>", "exec", dont_inherit=True, optimize=0)
    finally:
        for call, before in zip(calls, kept, strict=True):
            for name, value in zip(POSITION, before, strict=True):
                setattr(call, name, value)
    table: dict[int, Shape] = {}
    work = [code]
    while work:
        code = work.pop()
        work += [c for c in code.co_consts if c.__class__ is CodeType]
        number = _number(code)
        if number is not None:
            instructions = {
                2 * at: end - FAR
                for at, (_, _, column, end) in enumerate(code.co_positions())
                if column == FAR and end is not None
            }
            table[number] = Shape(instructions, frozenset(code.co_freevars), frozenset(code.co_cellvars))
    return table


def _number(code: CodeType) -> int | None:
    from chorus.interpreter.compiler.constants import META

    first = code.co_consts[0] if code.co_consts else None
    return int(first[len(META) :]) if isinstance(first, str) and first.startswith(META) else None


# — spelling for the cache: lists are nodes, tuples are lists of nodes —


def spell_tree(node: Any) -> Any:
    if isinstance(node, ast.AST):
        kind = node.__class__
        if isinstance(node, ast.Constant):
            fields = [node.value, None]  # as it is: a tuple there is no list of nodes
        else:
            fields = [spell_tree(getattr(node, field, None)) for field in node._fields]
        place = [getattr(node, name, None) for name in ("lineno", *POSITION)]
        return [kind.__name__, fields, place, getattr(node, "site", 0)]
    if isinstance(node, list):
        return tuple(spell_tree(each) for each in node)
    return node


def read_tree(spelled: Any) -> Any:
    if spelled.__class__ is list:
        name, fields, place, site = spelled
        kind = getattr(ast, name)
        node = kind(*(fields if kind is ast.Constant else map(read_tree, fields)))
        for attribute, value in zip(("lineno", *POSITION), place, strict=True):
            if value is not None:
                setattr(node, attribute, value)
        if site:
            node.site = site
        return node
    if spelled.__class__ is tuple:
        return [read_tree(each) for each in spelled]
    return spelled
