"""The host's evaluator: top-level forms, one after the other, expanded, compiled and run in a namespace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from chorus.interpreter.compiler.expand import MAX_NESTING, Expander
from chorus.interpreter.compiler.nodes import Node
from chorus.interpreter.compiler.syntax import Alias, declare_all
from chorus.interpreter.compiler.units import kind_within
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.once import Once, once
from chorus.interpreter.written import remember
from chorus.runtime.calling import unwind
from chorus.runtime.errors import LimitSignal, Span
from chorus.runtime.values import NIL, UNSPECIFIED, Pair, Symbol

if TYPE_CHECKING:
    from chorus.interpreter.compiler.units import Unit


WAY_BACK = "restore-evaluator!"


def no_check() -> None:
    """The check of an evaluation without limits."""


def plainly(job: Callable[[], Any]) -> Any:
    return unwind(job())


def is_way_back(form: Any) -> bool:
    """Whether FORM is the one that the host evaluates whatever has become of the evaluator in the language."""
    return (
        isinstance(form, Pair)
        and form.cdr is NIL
        and form.car.__class__ is Symbol
        and form.car.name == WAY_BACK
    )


class Evaluator:
    """Evaluates in SPACE. METERED: compiled code counts steps. CHECK raises when time is up. RUN runs a unit's job."""

    def __init__(
        self,
        space: Namespace,
        metered: bool = False,
        check: Callable[[], None] = no_check,
        run: Callable[[Callable[[], Any]], Any] = plainly,
        scope: Any = None,
    ) -> None:
        self.run = run
        self.space = space
        self.metered = metered
        self.check = check
        self.given: list[
            tuple[str, str]
        ] = []  # globals that top-level forms gave a value, and the kind of unit
        self.env = space if scope is None else scope  # a scope within a procedure of SPACE, for `eval`
        self.front = space.front_end  # what makes core nodes in the host's place, if anything
        self.steps = True  # what runs once may be run in steps
        self.tail = False  # the call that a form ends in is left to whoever runs its code
        self.more = False  # a `begin` is under way, of which this form is not the last
        self.piece: Any = NIL  # the form of the unit that was given last, its macros expanded
        self.place: Span | None = None  # and where that stands

    def code(self, node: Node, file: str) -> Unit | Once:
        """What runs NODE: steps, or what the compiler makes of it."""
        return (once(node, self.space, self.tail) if self.steps else None) or self._compiled(node, file)

    def units(self, form: Any, span: Span | None, file: str) -> Iterator[Unit | Once]:
        """FORM's units; a top-level begin gives several. Each must run before the next is asked for."""
        if self.front is not None and is_way_back(form):
            x = Expander(self.space, file, lambda node: self._now(node, file), self.check)
            name = Alias(form.car, self.space.foundation)
            yield self.code(x.expand(Pair(name, NIL), self.space, span), file)
            return
        for x, piece, place in self._pieces(form, span, file):
            self.piece, self.place = piece, place
            if self.front is not None and self.front.interprets:
                yield x.interpreted(piece, self.env, place, file)
            else:
                node = x.expand(piece, self.env, place)
                unit = self.code(node, file)
                if self.front is not None and not unit.name:
                    # What notes something may stand around a definition.
                    unit.kind, unit.name = kind_within(node, piece, self.env)
                yield unit

    def _compiled(self, node: Node, file: str) -> Unit:
        from chorus.interpreter.compiler.compile import compile_unit

        return compile_unit(node, self.space, file, self.metered, self.tail)

    def nodes(self, form: Any, span: Span | None, file: str) -> Iterator[Node]:
        """The core nodes of FORM's units, expanded one after the other."""
        for x, piece, place in self._pieces(form, span, file):
            yield x.expand(piece, self.env, place)

    def _pieces(self, form: Any, span: Span | None, file: str) -> Iterator[tuple[Any, Any, Span | None]]:
        """FORM as (what expands it, form, place); a `begin` one form after the other."""
        stack: list[tuple[Any, Span | None, int]] = [(form, span, 0)]
        while stack:
            form, span, depth = stack.pop()
            if depth > MAX_NESTING:
                raise LimitSignal("nesting", depth, MAX_NESTING, span=span)
            x = (self.front or Expander)(self.space, file, lambda node: self._now(node, file), self.check)
            form, span, row = x.head(form, self.env, span)
            if row is not None and row.name == "begin" and isinstance(form.cdr, Pair):
                cells = []
                rest = form.cdr
                while isinstance(rest, Pair):
                    cells.append((rest.car, getattr(rest, "car_span", None) or span, depth + 1))
                    rest = rest.cdr
                declare_all(self.space, [each for each, _, _ in cells])
                stack += reversed(cells)
                continue
            self.more = bool(stack)
            yield x, form, span

    def _now(self, node: Node, file: str) -> Any:
        return unwind(self.code(node, file).run(self.space))

    def remember(self, name: str) -> None:
        """Keep the form that has just given the global NAME a value, unless it may see variables around it."""
        if self.env is self.space:
            remember(self.space, self.piece, name, self.place)

    def evaluate(self, form: Any, span: Span | None = None, file: str = "<form>", tail: bool = False) -> Any:
        """FORM's value; in TAIL position, where the last part gives no global a value, the call that comes to it."""
        value: Any = UNSPECIFIED
        self.tail = tail
        try:
            for unit in self.units(form, span, file):
                if tail and not unit.name and not self.more:
                    return (unit.run, (self.space,), span)
                before = self.space.bound(unit.name)
                try:
                    value = self.run(partial(unit.run, self.space))
                except BaseException:
                    if unit.name and self.space.made_whole(unit.name, before):
                        self.given.append((unit.name, unit.kind))
                    raise
                if unit.name:
                    self.given.append((unit.name, unit.kind))
                    self.remember(unit.name)
                if unit.name in self.space.redefined:
                    self.space.redefined[unit.name](self.space, unit.name)
        except (LimitSignal, RecursionError, MemoryError) as limit:
            if getattr(limit, "span", None) is None:  # for want of a better place, as while compiling
                limit.span = span  # type: ignore[union-attr]
            raise
        except Exception as problem:
            if (
                self.front is not None and self.front.interprets
            ):  # no compiled code of the program's knows a place
                problem.form_span = span  # type: ignore[attr-defined]
            raise
        finally:
            self.space.shadowed.clear()  # a definition that failed leaves its name the form that it was
        return value
