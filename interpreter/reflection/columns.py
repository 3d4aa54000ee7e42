"""Macros and procedures of the program inside expressions over columns: expanded, and read from where they stand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chorus.interpreter.compiler.syntax import Alias, Env, Row, lookup
from chorus.interpreter.enclosing import names_around
from chorus.interpreter.namespace import Namespace
from chorus.interpreter.reflection.reaching import loaded
from chorus.interpreter.written import definition_of, path_to
from chorus.runtime.calling import meta_of
from chorus.runtime.context import Context
from chorus.runtime.errors import UnboundName
from chorus.runtime.plan import operators
from chorus.runtime.plan.build_procedures import Procedure, parts_of
from chorus.runtime.plan.forms import items_of, name_of
from chorus.runtime.plan.terms import TIMED
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import NIL, Pair, Symbol, make_list


def _as_let(form: Pair) -> Any:
    """((lambda (n …) body …) value …), which macros make, as a let; None for any other FORM."""
    made = form.car
    if not isinstance(made, Pair) or name_of(made.car) != "lambda" or not isinstance(made.cdr, Pair):
        return None
    parameters = made.cdr.car
    if not isinstance(parameters, Pair) or len(items_of(parameters)) != len(items_of(form.cdr)):
        return None
    bindings = [
        make_list([n, value]) for n, value in zip(items_of(parameters), items_of(form.cdr), strict=True)
    ]
    return Pair(Symbol("let"), Pair(make_list(bindings), made.cdr.cdr))


class Expansion:
    """Forms with the macros that hold at PLACE expanded. Names that a macro brought get symbols of their own, which
    NAMES leads back from: no column is called so.
    """

    def __init__(self, place: Env, charge: Callable[[int], None]) -> None:
        self.place = place
        self.charge = charge
        self.names: dict[Symbol, Any] = {}
        self.fresh: dict[Any, Symbol] = {}
        self.own: set[int] = set()  # identifiers that stood in the forms before

    def forms(self, forms: Any) -> Any:
        self.own |= {id(name) for name in _aliases(forms)}
        return self.each(forms)

    def each(self, forms: Any) -> Any:
        made = [self.form(form) for form in items_of(forms)]
        same = all(new is old for new, old in zip(made, items_of(forms), strict=True))
        return forms if same else make_list(made)

    def form(self, form: Any, head: str | None = None) -> Any:
        """FORM, an argument of the operator HEAD, with its macros expanded."""
        if not isinstance(form, Pair):
            return self.name(form, head)
        while (after := self.once(form)) is not form:
            self.charge(1)
            if not isinstance(after, Pair):
                return self.name(after, head)
            form = after
        name = name_of(form.car)
        if name == "quote":
            return Pair(Symbol("quote"), form.cdr) if isinstance(form.car, Alias) else form
        if name in ("let", "let*") and isinstance(form.cdr, Pair):
            return self.let(form, name)
        if name == "begin" and isinstance(form.cdr, Pair) and form.cdr.cdr is NIL:
            return self.form(form.cdr.car, head)
        applied = _as_let(form)
        if applied is not None:
            return self.let(applied, "let")
        first = (
            Symbol(name) if name is not None and operators.is_operator(name) else self.form(form.car, head)
        )
        rest = [self.form(item, name) for item in items_of(form.cdr)]
        return self.rebuilt(form, first, rest)

    def let(self, form: Pair, name: str) -> Any:
        bindings = [
            self.rebuilt(b, self.name(b.car, None), [self.form(item) for item in items_of(b.cdr)])
            if isinstance(b, Pair)
            else b
            for b in items_of(form.cdr.car)
        ]
        body = [self.form(item) for item in items_of(form.cdr.cdr)]
        return make_list([Symbol(name), make_list(bindings), *body])

    def rebuilt(self, form: Pair, first: Any, rest: list[Any]) -> Any:
        """FORM itself, which knows its places, where nothing in it changed."""
        same = first is form.car and all(a is b for a, b in zip(rest, items_of(form.cdr), strict=True))
        return form if same else make_list([first, *rest])

    def once(self, form: Pair) -> Any:
        name = name_of(form.car)
        if name is None or operators.is_operator(name):
            return form
        found, _ = lookup(form.car, self.place)
        return found.macro(form, self.place) if found.__class__ is Row and found.macro is not None else form

    def name(self, form: Any, head: str | None) -> Any:
        if form.__class__ is not Alias or id(form) in self.own:
            return form
        name = name_of(form) or ""
        if name == "else" or (head in TIMED and name in operators.UNITS):
            return Symbol(name)
        made = self.fresh.get(form)
        if made is None:
            made = self.fresh[form] = Symbol(f"{name}~{len(self.fresh) + 1}")
            self.names[made] = form
        return made


def _aliases(forms: Any) -> list[Any]:
    found, work = [], [forms]
    while work:
        here = work.pop()
        if isinstance(here, Pair):
            work += (here.cdr, here.car)
        elif here.__class__ is Alias:
            found.append(here)
    return found


@primitive("%expanded", effects="pure")
def expanded(ctx: Context, forms: Any, compare: Any = None) -> Any:
    """FORMS over columns with the program's macros expanded, and a list of (name . what a macro meant by it). With the
    COMPARE of a macro's procedure also those that are bound around its use; and no name that a variable has there.

    > (%expanded '((-> content lower)))
    => (((lower content)))
    """
    if ctx.session is None or ctx.session._space is None:  # the foundation itself
        return Pair(forms, NIL)
    made = Expansion(getattr(compare, "use", None) or ctx.session.space, ctx.charge)
    done = made.forms(forms)
    return Pair(done, make_list(Pair(name, meant) for name, meant in made.names.items()))


@primitive("%as-meant", effects="pure")
def as_meant(term: Any, names: Items) -> Any:
    """TERM with the identifiers that NAMES leads to.

    > (%as-meant '(f x) '((x . y)))
    => (f y)
    """
    return _replaced(term, {pair.car: pair.cdr for pair in names})


def _replaced(term: Any, names: dict[Any, Any]) -> Any:
    if isinstance(term, Pair):
        return make_list(_replaced(item, names) for item in items_of(term))
    return names.get(term, term) if term.__class__ is Symbol else term


@primitive("%column-procedure", effects="pure")
def column_procedure(ctx: Context, procedure: Any) -> Any:
    """PROCEDURE as expressions over columns write it out where it is called.

    > (procedure? (%column-procedure car))
    => #f
    """
    procedure = loaded(getattr(procedure, "original", procedure))  # a traced one stands around it
    meta = meta_of(procedure)
    name = meta.name if meta is not None else getattr(procedure, "__name__", "it")
    found: Any = "it is the host's"
    if meta is not None:
        path = path_to(meta, ctx.session.recorder.under_way()) or [definition_of(meta)]
        found = parts_of(path[-1])
    if isinstance(found, str):
        return Procedure(name, (), False, lambda name: False, problem=found)
    parameters, body = found
    home = procedure.__globals__.get("$:namespace")
    space = ctx.session.space if home is None or home is home.foundation else home
    made = Expansion(space, ctx.charge)
    locals = _captured(procedure)
    around = names_around(path, lambda head: lookup(head, space)[0] is not None)
    found = _lookup(ctx, space, made.names, locals, around - {*locals})
    return Procedure(name, parameters, made.form(body), found)


def _captured(procedure: Any) -> dict[str, Any]:
    """The local variables that PROCEDURE refers to."""
    found = {}
    for name, cell in zip(procedure.__code__.co_freevars, procedure.__closure__ or (), strict=True):
        with suppress(ValueError):  # a variable without a value as yet
            found[name.rpartition("~")[0]] = cell.cell_contents
    return found


def _lookup(
    ctx: Context, space: Namespace, names: dict[Symbol, Any], locals: dict[str, Any], around: set[str]
) -> Callable[[str], Any]:
    """What a body's names stand for: values, and procedures to be written out in their turn; globals are those of
    SPACE. LOCALS are those of the place where the procedure was made; of those bound AROUND it, others may have been
    done away with.
    """

    def found(name: str) -> Any:
        if name in locals:
            value = locals[name]
            return column_procedure(ctx, value) if callable(value) else value
        if name in around:
            return Procedure(name, (), False, lambda name: False, problem=LOCAL)
        kind, target = lookup(names.get(Symbol(name), Symbol(name)), space)
        value = None if kind is not None else target[0].get(target[1], _UNBOUND)
        if value is None or value is _UNBOUND:
            return UnboundName(f"{name} is unbound", irritants=(name,))
        return column_procedure(ctx, value) if callable(value) else value

    return found


_UNBOUND = object()
LOCAL = "it is a local variable of the place where the procedure was made"
