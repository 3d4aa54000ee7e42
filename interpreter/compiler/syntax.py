"""Binding of identifiers while forms are compiled: scopes, aliases, rows.

An identifier is a Symbol as read, or an Alias that a macro made of one. An alias means, where nothing binds
the alias itself, what its name means where the macro was defined: that is all of hygiene.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.nodes import Node
from chorus.interpreter.namespace import Namespace
from chorus.runtime.errors import EvalError, Span
from chorus.runtime.values import NIL, HashTable, Pair, SourcePair, Symbol, cons


class Alias:
    """An identifier inserted by a macro; NAME is a Symbol or another Alias, ENV where the macro was
    defined.
    """

    __slots__ = ("env", "name")

    def __init__(self, name: Any, env: Env) -> None:
        self.name = name
        self.env = env

    def __repr__(self) -> str:
        return self.symbol.name

    @property
    def symbol(self) -> Symbol:
        name = self.name
        while isinstance(name, Alias):
            name = name.name
        return name


class Scope:
    """Local bindings: identifier → Local or Row.

    So that a lookup does not walk through all the scopes around a form, the scopes of a top-level form share a table
    of who binds what. Whether a scope is around another is told in logarithmic time by pointers that skip
    (Myers 1983, "An applicative random-access stack").
    """

    __slots__ = ("binders", "bindings", "depth", "jump", "parent", "space")
    depth: int

    def __init__(self, parent: Env) -> None:
        self.bindings: dict[Any, Any] = {}
        self.parent = parent
        self.space: Namespace
        self.binders: dict[Any, list[Scope]]  # identifier → the scopes that bind it, in the order of binding
        self.jump: Scope
        if isinstance(parent, Scope):
            self.depth = parent.depth + 1
            self.space = parent.space
            self.binders = parent.binders
            far = parent.jump
            self.jump = far.jump if parent.depth - far.depth == far.depth - far.jump.depth else parent
        else:
            self.depth, self.space, self.binders, self.jump = 0, parent, {}, self

    def bind(self, identifier: Any, meaning: Any) -> None:
        if identifier not in self.bindings:
            self.binders.setdefault(identifier, []).append(self)
        self.bindings[identifier] = meaning

    def find(self, identifier: Any) -> Any:
        """What IDENTIFIER means here, bound in this scope or one around it; None if it is bound in none."""
        binders = self.binders.get(identifier)
        if binders is None:
            return None
        if len(binders) > self.depth:  # fewer scopes are around this one than bind the name somewhere
            here: Any = self
            while isinstance(here, Scope):
                if identifier in here.bindings:
                    return here.bindings[identifier]
                here = here.parent
            return None
        for scope in reversed(binders):  # inner ones bind after outer ones
            if scope.is_around(self):
                return scope.bindings[identifier]
        return None

    def is_around(self, other: Scope) -> bool:
        while other.depth > self.depth:
            other = other.jump if other.jump.depth >= self.depth else other.parent  # type: ignore[assignment]
        return other is self


Env = Scope | Namespace


class Row:
    """A special form. EXPAND(compiler, form, env, span) → Node. A macro also has MACRO(form, env) → form."""

    __slots__ = (
        "again",
        "doc",
        "expand",
        "home",
        "load",
        "macro",
        "name",
        "procedure",
        "real",
        "source",
        "usage",
    )

    def __init__(
        self,
        name: str,
        expand: Callable[..., Node],
        macro: Callable[[Any, Env], Any] | None = None,
        doc: str = "",
        usage: str = "",
    ) -> None:
        self.name = name
        self.expand = expand
        self.macro = macro
        self.doc = doc
        self.usage = usage
        self.source: Span | None = None
        self.home: Env | None = None
        self.load: Callable[[], Any] | None = None  # reads a form that is still in the cache
        self.real = macro
        # Makes the same with another home; its procedures, if any, are copied by the function given.
        self.again: Callable[[Any, Callable[[Any], Any]], Row] | None = None
        self.procedure: Any = None  # of a special form that a program defined, (l x env at) → value or code


def macro_row(name: str, macro: Callable[[Any, Env], Any]) -> Row:
    """A row whose forms are first rewritten by MACRO."""
    return Row(
        name, lambda x, form, env, span: x.expand(x.rewritten(macro, form, env, span), env, span), macro
    )


def is_identifier(x: Any) -> bool:
    return isinstance(x, (Symbol, Alias))


def spelling(identifier: Any) -> str:
    return (identifier.symbol if isinstance(identifier, Alias) else identifier).name


def lookup(identifier: Any, env: Env) -> tuple[Any, Any]:
    """(Local or Row, None), or (None, (namespace, name)) for a global."""
    while True:
        here: Namespace
        if isinstance(env, Scope):
            found = env.find(identifier)
            if found is not None:
                return found, None
            here = env.space
        else:
            here = env
        name: Any
        if isinstance(identifier, Symbol):
            name = here.introduced.get(identifier.name, identifier.name)
        else:
            name = here.aliases.get(identifier)
        if name is not None:
            if name in here.imported:
                here, name = here.imported[name]
            value = here.get(name)
            is_row = isinstance(value, Row) and name not in here.shadowed
            if is_row and name in here.expected and not here.owns(name):
                is_row = False
            return (value, None) if is_row else (None, (here, name))
        identifier, env = identifier.name, identifier.env


def declared_name(space: Namespace, identifier: Any) -> str:
    """The global that IDENTIFIER, which is being defined at the top level of SPACE, stands for.

    What a macro inserts takes its plain name, and code of the program's may use it by that, unless this is taken: by
    a variable of the program's, or by another expansion. Then it gets one of its own; of several expansions the plain
    name means the latest one's.
    """
    name = spelling(identifier)
    if not isinstance(identifier, Alias):
        space.introduced.pop(name, None)
        return name
    known = space.aliases.get(identifier)
    if known is not None:
        return known
    own, count = name, 1
    while space.owns(own) or own in space.introduced.values():
        count += 1
        own = f"{name}%{count}"
    if own == name or name in space.introduced:
        space.introduced[name] = own
    space.aliases[identifier] = own
    return own


def declare_all(space: Namespace, forms: list[Any]) -> None:
    """Give what macros inserted and FORMS define its names, before one of them is expanded."""
    for form in forms:
        if isinstance(form, Pair) and isinstance(form.cdr, Pair) and isinstance(form.car, Alias):
            target = form.cdr.car
            while isinstance(target, Pair):
                target = target.car
            if isinstance(target, Alias) and form.car.symbol.name in ("define", "define-syntax"):
                declared_name(space, target)


def same_binding(a: Any, env_a: Env, b: Any, env_b: Env) -> bool:
    """Whether two identifiers mean the same thing: how `else` and `=>` are recognised."""
    found_a, global_a = lookup(a, env_a)
    found_b, global_b = lookup(b, env_b)
    if found_a is not None or found_b is not None:
        return found_a is found_b
    return global_a[1] == global_b[1] and (home_of(*global_a) is home_of(*global_b))


def home_of(space: Namespace, name: str) -> Namespace | None:
    """The namespace that binds NAME as seen from SPACE; None if unbound."""
    here: Namespace | None = space
    while here is not None and not here.owns(name):
        here = here.base
    return here


def namespace_of(env: Env) -> Namespace:
    return env.space if isinstance(env, Scope) else env


def strip(form: Any) -> Any:
    """FORM as data: aliases become the symbols they stand for. Shares what has none; spans are kept."""
    return _strip(form, set()) if _has_alias(form) else form


def _has_alias(form: Any) -> bool:
    work, seen = [form], set()
    while work:
        here = work.pop()
        if isinstance(here, Alias):
            return True
        if isinstance(here, (Pair, list, HashTable)):
            if id(here) in seen:
                continue
            seen.add(id(here))
        if isinstance(here, Pair):
            work += (here.car, here.cdr)
        elif here.__class__ is list:
            work += here
        elif here.__class__ is HashTable:
            work += [part for pair in here.items() for part in pair]
    return False


def _strip(form: Any, around: set[int]) -> Any:
    """AROUND: what FORM is a part of. Data that contains itself was read, and read data has no aliases: where it comes
    round, it stays as it is.
    """
    if isinstance(form, Alias):
        return form.symbol
    if not isinstance(form, (Pair, list, HashTable)) or id(form) in around:
        return form
    result: Any = form
    mine = [id(form)]
    around.add(id(form))
    if isinstance(form, Pair):
        cells = [form]
        rest = form.cdr
        while isinstance(rest, Pair) and id(rest) not in around:
            cells.append(rest)
            mine.append(id(rest))
            around.add(id(rest))
            rest = rest.cdr
        result = NIL if rest is NIL else _strip(rest, around)
        for cell in reversed(cells):
            result = copy_cell(cell, _strip(cell.car, around), result)
    elif form.__class__ is list:
        result = [_strip(item, around) for item in form]
    elif form.__class__ is HashTable:
        result = HashTable((_strip(k, around), _strip(v, around)) for k, v in form.items())
    around.difference_update(mine)
    return result


def copy_cell(cell: Pair, car: Any, cdr: Any) -> Pair:
    """A pair in the place of CELL, keeping where it was written."""
    if cell.span is None:
        return cons(car, cdr)
    return SourcePair(car, cdr, cell.span, getattr(cell, "car_span", None))


def bad_syntax(message: str, span: Span | None, hint: str | None = None) -> EvalError:
    return EvalError(message, code="syntax", span=span, hint=hint)
