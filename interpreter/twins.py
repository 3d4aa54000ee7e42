"""Stackless twins at run time: those of a closure, which share its cells, made when a driver first calls it."""

from __future__ import annotations

from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.analysis import kind_of
from chorus.interpreter.compiler.rests import NoRest
from chorus.interpreter.compiler.stackless import REST
from chorus.interpreter.compiler.twins import Family, cool
from chorus.interpreter.namespace import key
from chorus.interpreter.suspended import site_of
from chorus.runtime.calling import Meta

if TYPE_CHECKING:
    from chorus.interpreter.suspended import LispFrame


def twin_of(procedure: Any, meta: Meta) -> Any:
    """The twin of PROCEDURE, for its next calls too; itself if there is none."""
    family = meta.heat.family
    names, values = procedure.__code__.co_freevars, procedure.__closure__ or ()
    closure = Closure(family, procedure.__globals__, dict(zip(names, values, strict=True)))
    try:
        made = closure.function(family.code(family.entry(), closure.is_host))
    except (NoRest, LookupError):
        cool(meta)
        return procedure
    made.__defaults__ = procedure.__defaults__
    procedure.__doc__ = made
    return made


def enter(frame: LispFrame, meta: Meta) -> Any:
    """The function that goes on with FRAME after its value, stacklessly, and its further arguments; () if none does."""
    family, variables = meta.heat.family, frame.variables
    shared = frame.shared()
    try:
        rest = family.rest(site_of(frame.code, frame.lasti))
        closure = _closure(family, frame, shared)
        code = family.code(rest, closure.is_host)
        own = {name: shared.get(name) or _cell(variables, name) for name in rest.cells}
        given = tuple(variables[name] for name in rest.locals)
        return closure.function(code, own), (None, *given) if rest.cells else given
    except (NoRest, LookupError):
        cool(meta)
        return ()


def _closure(family: Family, frame: LispFrame, shared: dict[str, CellType]) -> Closure:
    """The closure whose code FRAME is of; SHARED: its cells, of which code refers to those that it mentions itself."""
    for name, cell in shared.items():
        if name.startswith(REST):
            found: Closure = cell.cell_contents.closure
            return found
    cells = {name: shared[name] for name in shared if name in family.free or name in family.makers}
    for name in family.makers:
        made = frame.variables.get(name)
        if made.__class__ is FunctionType and name not in cells:
            for inner, cell in zip(made.__code__.co_freevars, made.__closure__ or (), strict=True):
                cells.setdefault(inner, cell)
    return Closure(family, frame.globals, cells)


def _cell(variables: dict[str, Any], name: str) -> CellType:
    return CellType(variables[name]) if name in variables else CellType()


class Closure:
    """What the versions of one closure of FAMILY share: its CELLS by their names, and cells that hold its rests."""

    __slots__ = ("cells", "family", "globals")

    def __init__(self, family: Family, globals: dict[str, Any], cells: dict[str, CellType]) -> None:
        self.family = family
        self.globals = globals
        self.cells = cells

    def function(self, code: CodeType, own: dict[str, CellType] | None = None) -> FunctionType:
        """CODE with its cells; OWN: those of one call of the procedure."""
        closure = [own[name] if own and name in own else self._cell(name) for name in code.co_freevars]
        return FunctionType(code, self.globals, "", None, tuple(closure))

    def is_host(self, name: str) -> bool:
        """Whether a call by the global NAME runs no code of the program: of a primitive, or of a closed procedure."""
        space = self.globals.get("$:namespace")
        if name[:4] == "$:d:" and space is not None and name[4:] in space.closed:
            return True
        value_name = key(name[4:]) if name[:4] == "$:d:" else "$:f:" + name[4:]
        value = self.globals.get(value_name)
        if value is None:
            value = self.globals["__builtins__"].get(value_name)
        load = getattr(value, "load", None)  # of a stub
        return kind_of(value if load is None else load()) == "host"

    def _cell(self, name: str) -> CellType:
        found = self.cells.get(name)
        if found is None:
            found = self.cells[name] = CellType()
            found.cell_contents = self._made(name)
        return found

    def _made(self, name: str) -> Any:
        family = self.family
        if not name.startswith(REST):
            return self.function(family.code(family.maker(name), self.is_host))
        site = int(name[len(REST) :])
        return Within(self, site) if family.rest(site).cells else Late(self, name, site)


class Late:
    """A rest that is made when first gone on with; it takes its own place in its cell."""

    __slots__ = ("closure", "name", "site")

    def __init__(self, closure: Closure, name: str, site: int) -> None:
        self.closure = closure
        self.name = name
        self.site = site

    def __call__(self, value: Any, variables: tuple[Any, ...]) -> Any:
        closure = self.closure
        cell = closure.cells[self.name]
        if cell.cell_contents is self:
            family = closure.family
            made = closure.function(family.code(family.rest(self.site), closure.is_host))
            made.closure = closure  # type: ignore[attr-defined]
            cell.cell_contents = made
        return (cell.cell_contents, (value, variables), None)


class Within:
    """A rest that needs cells of the very call it is the rest of, which are the first of the variables it is given."""

    __slots__ = ("closure", "site")

    def __init__(self, closure: Closure, site: int) -> None:
        self.closure = closure
        self.site = site

    def __call__(self, value: Any, variables: tuple[Any, ...]) -> Any:
        closure = self.closure
        version = closure.family.rest(self.site)
        code = closure.family.code(version, closure.is_host)
        own = dict(zip(version.cells, variables[0], strict=True))
        return (closure.function(code, own), (value, variables), None)
