"""Rewrites an emitted function so that it returns the calls that it would make (`twins`)."""

from __future__ import annotations

import _ast as ast
from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.captures import Literals
from chorus.interpreter.compiler.constants import MARK
from chorus.interpreter.compiler.first import First, Search, assign
from chorus.interpreter.compiler.flow import Scope, free_names, parts
from chorus.interpreter.compiler.rests import NoRest, copied, shallow
from chorus.interpreter.compiler.settled import Settled
from chorus.interpreter.compiler.sites import (
    AT,
    MAKER,
    OPERANDS,
    VALUED,
    load,
    meta_number,
    places,
    standing,
)
from chorus.interpreter.compiler.writer import LOAD, STORE, make_arguments
from chorus.interpreter.namespace import key
from chorus.runtime.continuations import then
from chorus.runtime.errors import Span

if TYPE_CHECKING:
    from chorus.interpreter.compiler.twins import Family

REST = "then~~"  # variables that hold rests, and the number of the call
TICK, BOUNCE = "$:tick", "$:bounce"  # by which most tail calls are made at once (`interpreter.tails`)
DIRECT = {"$:d:": "", "$:g:": "$:f:"}  # prefixes of direct entries → of the values


class Stacked(Exception):
    """A call that is not in tail position, in a function that is to be turned only if it has none."""


class Turning:
    """What the versions of FAMILY are turned by. TURNED: the numbers of those functions in them that were."""

    def __init__(self, family: Family, is_host: Callable[[str], bool]) -> None:
        self.family = family
        self.search = Search(is_host)
        self.source = family.source
        self.flat = False  # what is being turned may only have calls in tail position
        self.loose: set[str] = set()  # variables that may have no value where a rest is to be given them
        self.cells: set[str] = set()  # variables of the procedure whose cells rests are given
        self.turned: set[int] = set()
        self.captured: Set[str] = family.own
        self.holders = _holders(family.function)
        self.literals = Literals(self)
        # those that were turned, by whether what they make is captured, and the functions in them that were
        self.makers: dict[tuple[str, bool], tuple[ast.FunctionDef, set[int]]] = {}

    def version(self, tree: ast.FunctionDef, cells: Sequence[str]) -> ast.FunctionDef:
        """TREE, a version of the procedure that has CELLS of the first, turned."""
        self.turned.add(self.family.number)
        arguments = tree.args
        given = {each.arg for each in arguments.args}
        if arguments.vararg is not None:
            given.add(arguments.vararg.arg)
        body, _ = self._block(tree.body[1:], frozenset(given))
        loose = [assign(ast.Name(name, STORE, **AT), ast.Constant(None, **AT)) for name in sorted(self.loose)]
        bound = [
            assign(ast.Name(name, STORE, **AT), load(name)) for name in sorted(self.cells.difference(cells))
        ]
        changed = sorted(self.literals.changed & (self.family.free | set(cells)))
        if changed:
            loose.insert(0, ast.Nonlocal(changed, **AT))
        if bound:  # never runs, but makes them the function's own even if what gave them values was cut off
            loose.append(ast.If(ast.Constant(False, **AT), bound, [], **AT))
        return copied(tree, "body", [tree.body[0], *loose, *body])

    def maker(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """NODE, which makes a procedure anew in each round of a loop."""
        outer = self.captured
        known = not outer.isdisjoint(self.holders.get(node.name, ()))
        found = self.makers.get((node.name, known))
        if found is None:
            before, self.turned = self.turned, set()
            made = self._maker(node, known)
            found = self.makers[node.name, known] = made, self.turned
            self.turned = before
        self.captured = outer
        self.turned |= found[1]
        return found[0]

    def _maker(self, node: ast.FunctionDef, known: bool) -> ast.FunctionDef:
        self.captured = (
            {each.name for each in node.body if each.__class__ is ast.FunctionDef} if known else set()
        )
        body = [self._inner(each) if each.__class__ is ast.FunctionDef else each for each in node.body]
        return copied(node, "body", body)

    def maker_of(self, name: str) -> ast.FunctionDef | None:
        """The function NAME that makes a procedure anew in each round of a loop, turned."""
        found = self.family.makers.get(name)
        return None if found is None else self.maker(found.tree)

    # — statements: what they become, and the variables that have values after them; None: nothing comes after —

    def _block(self, statements: list[Any], has: Any) -> tuple[list[Any], Any]:
        made: list[Any] = []
        for statement in statements:
            turned, has = self._statement(statement, has)
            self.literals.put_off(made, turned)
            made += turned
            if has is None:
                break
        return made, has

    def _statement(self, node: Any, has: Any) -> tuple[list[Any], Any]:
        kind = node.__class__
        if kind is ast.FunctionDef:
            if node.name in self.family.makers:
                return [], has  # a variable of the closure
            function = self._inner(node)
            self.literals.made(function)
            return [function], has | {node.name}
        if kind is ast.For and _is_name(node.iter, TICK):
            return [], has  # a tail call made at once: here each is a pending one
        if kind is ast.Return and node.value.__class__ is ast.Call and _is_name(node.value.func, BOUNCE):
            return [self._return(node.value.args, node)], None
        if kind in VALUED or kind is ast.If:
            field = "test" if kind is ast.If else "value"
            held = getattr(node, field)
            first = None if held is None else self.search.first(held)
            if first is not None:
                return self._split(node, field, first, has)
        if kind is ast.If:
            yes, has_yes = self._block(node.body, has | _given(node.test))
            no, has_no = self._block(node.orelse, has | _given(node.test))
            made = ast.If(node.test, yes or [ast.Pass(**AT)], no, **_place(node))
            return [made], _either(has_yes, has_no)
        if kind in (ast.While, ast.For):
            return self._loop(node, has)
        if kind in (ast.Return, ast.Break, ast.Continue):
            return [node], None
        if kind in VALUED:
            if kind is ast.Assign:
                self.literals.assigned(node)
            return [node], has | _given(node)
        if kind in (ast.Pass, ast.Global, ast.Nonlocal):
            return [node], has
        raise NoRest(f"a {kind.__name__}")

    def _loop(self, node: Any, has: Any) -> tuple[list[Any], Any]:
        if node.__class__ is ast.While and self.search.first(node.test) is not None:
            raise NoRest("a call in the test of a loop")
        inside = has | _given(node.target) if node.__class__ is ast.For else has
        body, _ = self._block(node.body, inside)
        orelse, _ = self._block(node.orelse, has)
        return [copied(copied(node, "body", body), "orelse", orelse)], has

    def _split(self, node: Any, field: str, first: First, has: Any) -> tuple[list[Any], Any]:
        before = first.before
        for each in before:
            has |= _given(each)
        if first.call is None:
            yes, has_yes = self._statement(copied(node, field, first.yes), has)
            no, has_no = self._statement(copied(node, field, first.no), has)
            choice = ast.If(first.test, yes, no, **_place(node))
            return [*before, choice], _either(has_yes, has_no)
        call = first.call
        literal = not self.flat and self.literals.has(call)
        if node.__class__ is ast.Return and node.value is call:
            if literal:
                before = [*before, *self.literals.written_out(call, self._procedure(call), [])]
            return [*before, self._return(self._parts(call), node)], None
        rest = self._rest(call, has)
        if literal:
            before = [*before, *self.literals.written_out(call, self._procedure(call), rest)]
        parts = [self._constant(then), _tuple([*self._parts(call), *rest]), ast.Constant(None, **AT)]
        return [*before, self._return(parts, node)], None

    def _rest(self, call: Any, has: Any) -> list[ast.expr]:
        """What is to be done after CALL, and the variables that it needs."""
        if self.flat:
            raise Stacked
        site = call.site
        rest = self.family.rest(site)
        has |= _given(call)
        self.loose.update(name for name in rest.locals if name not in has)
        given: list[ast.expr] = [load(name) for name in rest.locals]
        if rest.cells:
            self.cells.update(rest.cells)
            cells = ast.Lambda(make_arguments([]), _tuple([load(name) for name in rest.cells]), **AT)
            given.insert(0, ast.Attribute(cells, "__closure__", LOAD, **AT))
        return [load(f"{REST}{site}"), _tuple(given)]

    def _return(self, parts: list[Any], node: Any) -> ast.stmt:
        return ast.Return(_tuple(parts), **_place(node))

    def _parts(self, call: Any) -> list[ast.expr]:
        return [self._procedure(call), _tuple(call.args), self._span(call)]

    def _procedure(self, call: Any) -> Any:
        fn = call.func
        if fn.__class__ is ast.Name and fn.id[:4] in DIRECT:
            name, prefix = fn.id[4:], DIRECT[fn.id[:4]]
            return ast.Name(prefix + name if prefix else key(name), LOAD, **_place(fn))
        return fn

    def _span(self, call: Any) -> ast.expr:
        if call.col_offset < 0 or call.lineno < 1:
            return ast.Constant(None, **AT)
        where = (call.lineno, call.col_offset + 1, call.end_lineno, call.end_col_offset + 1)
        return self._constant(Span(self.family.file, *where))

    def _constant(self, value: Any) -> ast.expr:
        values = self.source.values
        at = next((at for at, known in enumerate(values) if _is_same(known, value)), len(values))
        if at == len(values):
            values.append(value)
        mark: Any = (MARK, at)
        return ast.Constant(mark, **AT)

    # — functions within —

    def _inner(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """NODE turned, if it calls in tail position only and nobody knows that it settles its calls; else as it is."""
        number = meta_number(node) if node.body else None
        if number is None:
            return self.maker(node) if node.name.startswith(MAKER) else node
        if self.source.metas[number].direct and node.name in self.captured:
            return node
        outer, self.flat = (self.captured, self.flat), True
        turned = set(self.turned)
        function = shallow(Settled(node).function)
        scope = Scope(function)
        self.captured = {name for name in scope.bound if _is_captured(function, name)}
        try:
            function.body, _ = self._block(function.body, frozenset(scope.bound))
            self.turned.add(number)
            return function
        except (Stacked, NoRest):
            self.turned = turned
            return node
        finally:
            self.captured, self.flat = outer


def _is_captured(function: ast.FunctionDef, name: str) -> bool:
    work: list[Any] = list(function.body)
    while work:
        node = work.pop()
        if node.__class__ is ast.FunctionDef:
            if name in free_names(node):
                return True
            continue
        for block in ("body", "orelse"):
            inner = getattr(node, block, None)
            if isinstance(inner, list):
                work += inner
    return False


def _holders(function: ast.FunctionDef) -> dict[str, set[str]]:
    """Functions that make one anew in each round of a loop → the variables that hold what they make."""
    found: dict[str, set[str]] = {}
    work: list[Any] = [function]
    while work:
        node = work.pop()
        work += parts(node)
        value: Any = getattr(node, "value", None)
        fn = value.func if node.__class__ is ast.Assign and value.__class__ is ast.Call else None
        if fn.__class__ is ast.Name and fn.id.startswith(MAKER):
            found.setdefault(fn.id, set()).update(each.id for each in node.targets)
    return found


def _given(node: Any) -> frozenset[str]:
    """The variables that NODE surely gives values: of its choices nothing is known."""
    kind = node.__class__
    if kind is ast.Name:
        return frozenset((node.id,)) if node.ctx.__class__ is ast.Store else frozenset()
    found: frozenset[str] = frozenset()
    if kind is ast.IfExp:
        return _given(node.test) | (_given(node.body) & _given(node.orelse))
    if kind is ast.BoolOp:
        return _given(node.values[0])
    if kind is ast.Assign:
        for each in (*node.targets, node.value):
            found |= _given(each)
        return found
    if kind in VALUED:
        return _given(node.value) if node.value is not None else found
    if kind is ast.NamedExpr:
        return _given(node.value) | {node.target.id}
    for place in places(node, OPERANDS.get(kind, ())):
        found |= _given(standing(place))
    return found


def _either(yes: Any, no: Any) -> Any:
    """The variables that have values after a choice, of whose branches one or both may have no end."""
    if yes is None or no is None:
        return no if yes is None else yes
    return yes & no


def _is_same(known: Any, value: Any) -> bool:
    return known is value or (known.__class__ is Span and known == value)


def _place(node: Any) -> dict[str, Any]:
    return {name: getattr(node, name) for name in AT}


def _is_name(node: Any, name: str) -> bool:
    return node.__class__ is ast.Name and node.id == name


def _tuple(parts: list[Any]) -> ast.expr:
    return ast.Tuple(list(parts), LOAD, **AT)
