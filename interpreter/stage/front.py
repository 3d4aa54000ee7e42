"""The evaluator of the language in the host's place: `stdlib/evaluator.sexp` loaded, and asked for each form.

A level of the tower is a namespace over the foundation in which that text was evaluated: level 1 by the host's front
end, kept compiled on disk like the stdlib; level n + 1 by the evaluator of level n.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import CodeType
from typing import Any

from chorus.interpreter.compiler.nodes import Node
from chorus.interpreter.compiler.syntax import Env, Row, spelling
from chorus.interpreter.compiler.units import NAMING, Unit
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.reader import read_spanned
from chorus.interpreter.stage.parameters import names_in
from chorus.interpreter.stage.stages import Identity, Lift
from chorus.runtime.cache import ROOT
from chorus.runtime.calling import call, unwind
from chorus.runtime.errors import EvalError, Span
from chorus.runtime.values import Pair

FILE = "evaluator.sexp"
DERIVED = "evaluators"
MOST_LEVELS = 8
NAMES = ("host", "meta", "interpreted")
LEVELS = [str(level + 1) for level in range(MOST_LEVELS)]
CARRIED_OUT = ("import", "define-library")  # forms that are, as soon as code is to be written for them
Check = Callable[[], None]


class EvaluatorSpace(Namespace):
    """The namespace of one level of the tower; CHANGED once something in it has been given another value."""

    apart = True

    def __init__(self, foundation: Namespace, level: int) -> None:
        super().__init__(foundation)
        self.level = level
        self.name = ""  # of a derived one
        self.texts: list[str] = []  # that were evaluated in it, one upon the other
        self.whole = False  # the text has been evaluated
        self.changed = False

    def __lisp__(self) -> str:
        return f"#<evaluator {self.name or self.level}>"

    @property
    def front_end(self) -> Any:
        return None  # a change that does not work must not be in the way of the next

    def broken(self, name: str) -> None:
        super().broken(name)
        if self.whole:
            self.change()

    def change(self) -> None:
        """From now on this is not what the host's front end does, nor what the levels above were made by."""
        self.changed = True
        if self.name:
            return
        tower_of(self.foundation).forget_above(self.level)
        if self.level == 1 and self.foundation.front is None:
            self.foundation.front = Front(self)


class Tower:
    """The evaluators of one session, made when they are first asked for."""

    def __init__(self, foundation: Namespace) -> None:
        self.foundation = foundation
        self.compiled: list[EvaluatorSpace] = []  # each collapsed: code that the one below has written
        self.running: list[EvaluatorSpace] = []  # each interpreted by the one below, the first compiled
        self.derived: dict[tuple[str, ...], EvaluatorSpace] = {}

    def level(self, level: int, interpreted: bool = False) -> EvaluatorSpace:
        """The evaluator of LEVEL; INTERPRETED by those below it, which is slow, where it is else compiled by them."""
        if not 1 <= level <= MOST_LEVELS:
            raise EvalError(f"the tower has the levels 1 to {MOST_LEVELS}, and no {level}", code="range")
        levels = self.running if interpreted else self.compiled
        while len(levels) < level:
            levels.append(self._next(levels, interpreted))
        return levels[level - 1]

    def by_name(self, names: tuple[str, ...]) -> EvaluatorSpace:
        """The evaluator that the texts NAMES make of level 1, the first the outermost. The last asked for is last."""
        space = self.derived.pop(names, None)
        if space is None:
            space = EvaluatorSpace(self.foundation, 1)
            space.name = "+".join(names)
            load(space, FILE)
            for name in reversed(names):
                add_text(space, name)
            space.changed = space.whole = True
        self.derived[names] = space
        return space

    def restore(self) -> None:
        """The evaluator of level 1 as it came, in the very place: procedures that it interprets go on by it."""
        if self.compiled:
            space = self.compiled[0]
            space.whole = False
            for name in list(space.own_names()):
                space.remove(name)
            space.texts.clear()
            load(space, FILE)
            space.whole, space.changed = True, False
        self.forget_above(1)
        self.derived.clear()

    def forget_above(self, level: int) -> None:
        del self.compiled[level:], self.running[level:]

    def _next(self, levels: list[EvaluatorSpace], interpreted: bool) -> EvaluatorSpace:
        if interpreted and not levels:
            return self.level(1)
        space = EvaluatorSpace(self.foundation, len(levels) + 1)
        if levels:
            load_from_text(space, Front(levels[-1], interpreted), FILE)
        else:
            load(space, FILE)
        space.whole = True
        return space


def tower_of(foundation: Namespace) -> Tower:
    if foundation.tower is None:
        foundation.tower = Tower(foundation)
    return foundation.tower


def front_of(name: str, foundation: Namespace) -> Front | None:
    """What evaluates by the evaluator called NAME; None for the host's own front end."""
    kind, _, level = name.partition("-")
    if kind == "host":
        return None
    if kind not in NAMES:
        return Front(tower_of(foundation).by_name(tuple(name.split("+"))))
    return Front(tower_of(foundation).level(int(level or 1), kind == "interpreted"), kind == "interpreted")


def check_name(name: Any) -> None:
    kind, dash, level = name.partition("-") if isinstance(name, str) else ("", "", "")
    if kind in NAMES and (not dash or (kind != "host" and level in LEVELS)):
        return
    if isinstance(name, str) and set(name.split("+")) <= set(derived_names()):
        return
    from chorus.interpreter.diagnostics import suggest

    known = (*NAMES, *derived_names())
    parts = [part for part in name.split("+") if part not in known] if isinstance(name, str) else []
    meant = suggest(parts[0], known) if parts and kind not in NAMES else None
    raise EvalError(
        f"there is no evaluator {name!r}",
        code="evaluator",
        hint=f"did you mean {meant}?"
        if meant
        else f"{', '.join(known)}; meta-2 is the evaluator evaluated by itself, to meta-{MOST_LEVELS};"
        " profile+trace is both at once",
    )


def derived_names() -> list[str]:
    """The names of the evaluators that texts of the stdlib make of the one."""
    names = os.listdir(os.path.join(ROOT, "stdlib", DERIVED))
    return sorted(name.removesuffix(".sexp") for name in names if name.endswith(".sexp"))


class Front:
    """What turns forms into core nodes by the evaluator of SPACE, or, if it INTERPRETS, into values."""

    def __init__(self, space: EvaluatorSpace, interprets: bool = False) -> None:
        self.space = space
        self.interprets = interprets

    def __call__(self, space: Namespace, file: str, run: Callable[[Node], Any], check: Check) -> Expansion:
        return Expansion(self, space, file, run, check)


class Expansion:
    """The forms of one unit of SPACE; in the place of the host's `Expander`."""

    def __init__(
        self, front: Front, space: Namespace, file: str, run: Callable[[Node], Any], check: Check
    ) -> None:
        self.front = front
        self.space = space
        self.check = check
        self.lift = Lift(space, file, check, run, integrating=not front.space.changed)

    def _call(self, name: str, *arguments: Any) -> Any:
        return call(self.front.space.dict[name], *arguments)

    def head(self, form: Any, env: Env, span: Span | None) -> tuple[Any, Span | None, Row | None]:
        found: list[Any] = []
        self._call("head", self.lift, form, env, span, lambda *three: found.extend(three))
        return found[0], found[1], found[2] or None

    def expand(self, form: Any, env: Env, span: Span | None) -> Node:
        return self.lift.unit(lambda: self._call("ev", self.lift, form, env, span), span)

    def interpreted(self, form: Any, env: Env, span: Span | None, file: str) -> Interpreted:
        """FORM to be interpreted. Code is written for it first, and thrown away: what is wrong in a branch that is not
        taken, or in a procedure that is not called, is an error as it is to a compiler. It tells as well what
        procedures are called that only a `let` names.
        """
        row = self.head(form, env, span)[2]
        stage = Identity(self.space, file, self.check)
        if row is None or row.name not in CARRIED_OUT:
            code = self.lift.as_written(lambda: self.expand(form, env, span))
            stage.names = names_in(code)
        return Interpreted(self, form, env, span, stage, row)


class Interpreted:
    """A form still to be interpreted; stands where a compiled unit would."""

    kind = "other"

    def __init__(
        self, expansion: Expansion, form: Any, env: Env, span: Span | None, stage: Identity, row: Row | None
    ) -> None:
        self.env = env
        self.ev = expansion.front.space.dict["ev"]
        self.form = form
        self.span = span
        self.stage = stage
        named = row is not None and row.name in NAMING and isinstance(form.cdr, Pair)
        self.name = _defined(form) if named else ""

    def run(self, space: Namespace) -> Any:
        return (self.ev, (self.stage, self.form, self.env, self.span), self.span)


def _defined(form: Any) -> str:
    target = form.cdr.car
    while isinstance(target, Pair):
        target = target.car
    return spelling(target) if hasattr(target, "name") else ""


# — forms of the host's front end that the evaluator of some level makes code of —


def code_by(evaluate: Any, x: Any, form: Any, env: Env, span: Span | None, integrating: bool = True) -> Node:
    """The node that the procedure EVALUATE, of stage, form, environment and place, writes for FORM in X's unit."""
    lift = Lift(x.space, x.file, x.check, x.run, integrating)
    lift.serial = x.serial
    node = lift.unit(lambda: call(evaluate, lift, form, env, span), span)
    x.serial = lift.serial
    return node


def row_of(name: str, procedure: Any) -> Row:
    """The row of a special form that PROCEDURE evaluates, for both front ends."""
    made = Row(name, lambda x, form, env, span: code_by(procedure, x, form, env, span))
    made.procedure, made.usage = procedure, f"({name} …)"
    return made


# — loading the text —


def read_text(file: str) -> list[tuple[Any, Span]]:
    from chorus.interpreter.loader import stdlib_text

    try:
        text = stdlib_text(file)
    except OSError:
        raise EvalError(
            f"the evaluator is not there: stdlib/{file} cannot be read",
            code="evaluator",
            hint="it is part of the installation",
        ) from None
    return read_spanned(text, f"stdlib/{file}")


def load_from_text(space: EvaluatorSpace, front: Front | None, file: str) -> list[Unit]:
    """Evaluate the text FILE in SPACE by FRONT, or by the host's front end; the compiled units that it was."""
    from chorus.interpreter.evaluator import Evaluator

    evaluator = Evaluator(space, space.foundation.metered)
    evaluator.front = front
    evaluator.steps = False  # which name namespaces; the cache cannot
    units: list[Unit] = []
    for form, span in read_text(file):
        for unit in evaluator.units(form, span, f"stdlib/{file}"):
            unwind(unit.run(space))
            if isinstance(unit, Unit):  # which what is interpreted is not
                units.append(unit)
    return units


def add_text(space: EvaluatorSpace, name: str) -> None:
    """Have the text of the derived evaluator NAME in SPACE, upon what is there; once is enough."""
    if name not in space.texts:
        load(space, os.path.join(DERIVED, f"{name}.sexp"))


def load(space: EvaluatorSpace, file: str) -> None:
    """Put the evaluator of FILE into SPACE, from the cache if it has the text as it is, upon the same texts."""
    from chorus.interpreter import loader

    space.texts.append(os.path.basename(file).removesuffix(".sexp"))
    name = "-".join(["evaluators", *space.texts, *["metered"] * space.foundation.metered])
    there = os.path.exists(os.path.join(ROOT, "stdlib", file))
    units = loader.kept_units(name) if there else None
    if units is None:
        loader.keep_units(name, [*load_from_text(space, None, file)])
        return
    for unit in units:
        assert isinstance(unit, Unit)
        _enter_keys(unit.code, space)
        if unit.name:  # what the text redefines: the compiler, which would have said so, is not there
            space.broken(unit.name)
        unit.run(space)
        space.flags = max(space.flags, int(unit.flag.rpartition(":")[2] or 0))


def _enter_keys(code: CodeType, space: Namespace) -> None:
    """Have the foundation make the entries of its own that CODE refers to."""
    for name in code.co_names:
        if name[:4] in ("$:f:", "$:g:"):
            space.foundation.entry_keys(name[4:], space)
    for constant in code.co_consts:
        if constant.__class__ is CodeType:
            _enter_keys(constant, space)
