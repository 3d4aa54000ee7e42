"""Parameter lists, and the procedures that the evaluator makes of them when it interprets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.compile import compile_unit
from chorus.interpreter.compiler.constants import MISSING
from chorus.interpreter.compiler.expand import make_properties
from chorus.interpreter.compiler.nodes import Call, Const, Lambda, Local, Node, Params, Ref
from chorus.interpreter.compiler.syntax import bad_syntax, is_identifier, spelling
from chorus.interpreter.compiler.walk import within
from chorus.interpreter.namespace import Namespace
from chorus.runtime.errors import Span
from chorus.runtime.values import NIL, Keyword, Pair


def names_in(node: Node) -> dict[Any, str | None]:
    """The names of the procedures written in NODE, by `Shape.key`; of those that have one key and several names, None.

    Interpreted code gives procedures the names that compiled code would: a `let` is a call to the evaluator, and the
    code that is written for it first knows whose value each procedure is.
    """
    found: dict[Any, str | None] = {}
    work = [node]
    while work:
        for here in within(work.pop()):
            if isinstance(here, Lambda):
                key = here.span, tuple(sorted(var.name for var in here.params.all()))
                found[key] = here.name if found.get(key, here.name) == here.name else None
                work += [here.body, *here.params.defaults()]
    return found


MAKERS: dict[Any, Any] = {}  # what `closure` has compiled so far
MOST_MAKERS = 10_000


class Argument:
    """What code knows of a parameter: the variable that holds it, and the value that an optional one else has."""

    __slots__ = ("default", "local", "optional")

    def __init__(self, local: Local, optional: bool) -> None:
        self.local = local
        self.optional = optional
        self.default: Node | None = None


class Shape:
    """A parameter list as written: (kind, identifier, keyword, whether it has a default) for each, in order."""

    def __init__(self, params: Any, at: Span | None) -> None:
        self.items: list[tuple[str, Any, str, bool]] = []
        self.at = at
        seen: set[Any] = set()
        while isinstance(params, Pair):
            params = self._item(params.car, params).cdr
        if params is not NIL:
            self.items.append(("rest", params, "", False))
        for _, identifier, _, _ in self.items:
            if not is_identifier(identifier):
                raise bad_syntax("a parameter must be a name", at)
            if identifier in seen:
                raise bad_syntax(f"the parameter {spelling(identifier)} stands twice", at)
            seen.add(identifier)

    def _item(self, item: Any, cells: Any) -> Any:
        """Take in the parameter ITEM; the last of CELLS that belong to it."""
        if item.__class__ is Keyword:
            cells = cells.cdr
            if not isinstance(cells, Pair):
                raise bad_syntax(f"the keyword parameter :{item.name} needs a name after it", self.at)
            self.items.append(("keyword", *self._optional(cells.car, item.name)))
        elif isinstance(item, Pair):
            self.items.append(("optional", *self._optional(item, "")))
        else:
            if any(kind != "required" for kind, *_ in self.items):
                raise bad_syntax("a required parameter cannot follow an optional one", self.at)
            self.items.append(("required", item, "", False))
        return cells

    def _optional(self, item: Any, keyword: str) -> tuple[Any, str, bool]:
        if not isinstance(item, Pair):
            return item, keyword, False
        if len(list(item)) > 2:
            raise bad_syntax("an optional parameter is (name default)", self.at)
        return item.car, keyword, True

    def params(self, local: Callable[[str], Local]) -> tuple[Params, list[Argument]]:
        """Parameters whose defaults `fill` adds, and what the body is given for each."""
        arguments = [Argument(local(spelling(name)), default) for _, name, _, default in self.items]
        return Params(), arguments

    def fill(self, made: Params, arguments: list[Argument]) -> None:
        for (kind, _, keyword, _), argument in zip(self.items, arguments, strict=True):
            var = argument.local
            if kind == "required":
                made.required.append(var)
            elif kind == "optional":
                made.optional.append((var, argument.default or Const(False, self.at)))
            elif kind == "keyword":
                made.keywords.append((keyword, var, argument.default))
            else:
                made.rest = var

    def key(self) -> Any:
        """What procedures of this shape, written here, have in common."""
        return self.at, tuple(sorted(spelling(identifier) for _, identifier, _, _ in self.items))

    def closure(self, space: Namespace, name: str | None, doc: str | None, body: Any, at: Span | None) -> Any:
        """A procedure of this shape that calls BODY with the list of its arguments."""
        shape = tuple((kind, spelling(identifier), *rest) for kind, identifier, *rest in self.items)
        key = (space, shape, name, doc, at)
        maker = MAKERS.get(key)
        if maker is None:
            if len(MAKERS) >= MOST_MAKERS:
                MAKERS.clear()
            maker = MAKERS[key] = self._maker(space, name, doc)
        return maker(body)

    def _maker(self, space: Namespace, name: str | None, doc: str | None) -> Any:
        """What makes the procedure of its body: compiled, so that it is a procedure like any other."""
        serial = 0

        def local(name: str) -> Local:
            nonlocal serial
            serial += 1
            return Local(name, serial)

        body = local("body")
        made, arguments = self.params(local)
        for argument in arguments:
            if argument.optional:
                argument.default = Const(MISSING, self.at)
        self.fill(made, arguments)
        given: list[Node] = [Ref(argument.local, None) for argument in arguments]
        call = Call(Ref(body, None), [Call(Const(make_properties, None), given, None)], None)
        outer = Params()
        outer.required.append(body)
        procedure = Lambda(made, call, name, doc, self.at)
        file = self.at.file if self.at is not None else "<procedure>"
        node = Lambda(outer, procedure, None, None, self.at)
        return compile_unit(node, space, file, space.foundation.metered).run(space)
