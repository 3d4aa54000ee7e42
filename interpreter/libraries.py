"""Libraries (R7RS 5.6): namespaces with a table of exports, import sets, environments for `eval`.

A library is found among those that the program has defined or used, then in a file: `(scheme base)` is
`scheme/base` under `stdlib/libraries`, which only lists names; a program's own `(my lists)` is `my/lists.sexp`
(or .sld, .scm) beside the importing file or in the working folder. `(chorus)` is the foundation itself.

What a name stands for is told when a form is compiled (`Namespace.imported`), so an import costs nothing when the
program runs, and a primitive of the foundation is inlined under any name.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from chorus.interpreter.namespace import Namespace, key
from chorus.runtime import cache
from chorus.runtime.calling import direct
from chorus.runtime.errors import EvalError, Span
from chorus.runtime.printer import write
from chorus.runtime.values import Pair, Symbol, list_items, make_list

Name = tuple[Any, ...]  # of a library: strings and integers
Target = tuple[Namespace, str]
SUFFIXES = (".sexp", ".sld", ".scm")
STANDARD = os.path.join("stdlib", "libraries")
FOUNDATION: Name = ("chorus",)
AUXILIARY = (
    "...",
    "=>",
    "_",
    "else",
    "unquote",
    "unquote-splicing",
)  # names that forms know by their binding


class Library(Namespace):
    """A namespace that sees what it imports and what it defines. EXPORTS: name outside → name inside."""

    def __init__(self, name: Name, foundation: Namespace) -> None:
        super().__init__()
        self.name = name
        self.under = foundation
        self.dict["__builtins__"] = foundation.dict
        self.exports: dict[str, str] = {}
        self.form: tuple[Any, Span | None, str] | None = None  # that defined it, to define it anew
        self.lent: set[str] = set()  # names that are in the foundation's dict too, for code elsewhere

    @property
    def foundation(self) -> Namespace:
        return self.under

    def entry_keys(self, name: str, seen_from: Namespace) -> tuple[str, str]:
        if seen_from is self and (self.owns(name) or not self.under.holds(name)):
            return key(name), "$:d:" + name
        self.lent.add(name)
        if self.owns(name):
            self._lend(name)
        return self._lent_keys(name)

    def _lent_keys(self, name: str) -> tuple[str, str]:
        mark = f"{name}\0{spell(self.name)}"
        return "$:m:" + mark, "$:n:" + mark

    def _lend(self, name: str) -> None:
        value_key, direct_key = self._lent_keys(name)
        value = self.dict[key(name)]
        self.under.dict[value_key], self.under.dict[direct_key] = value, direct(value)

    def _bind(self, name: str, value: Any) -> None:
        super()._bind(name, value)
        self.refresh(name)

    def refresh(self, name: str) -> None:
        if name in self.lent and self.owns(name):
            self._lend(name)

    def target(self, exported: str) -> Target:
        inside = self.exports[exported]
        return self.imported.get(inside, (self, inside))

    def targets(self) -> dict[str, Target]:
        """What this library exports: name → where it is bound."""
        return {name: self.target(name) for name in self.exports}


class Environment(Library):
    """What `environment` returns: it imports, and nothing can be defined in it."""

    def shadow_row(self, name: str) -> None:
        raise EvalError(
            f"{name} cannot be defined: this environment is constant",
            code="immutable",
            hint="(interaction-environment) can be added to",
        )


def spell(name: Name) -> str:
    return write(make_list([Symbol(part) if isinstance(part, str) else part for part in name]))


def fault(message: str, span: Span | None, hint: str | None = None, code: str = "library") -> EvalError:
    return EvalError(message, code=code, span=span, hint=hint)


def library_name(form: Any, span: Span | None) -> Name:
    from chorus.interpreter.compiler.syntax import is_identifier, spelling

    parts = list_items(form) or []
    if not parts or not all(is_identifier(each) or each.__class__ is int for each in parts):
        raise fault(
            "the name of a library is a list of names and numbers",
            span,
            "for example (scheme base)",
            code="syntax",
        )
    return tuple(spelling(each) if is_identifier(each) else each for each in parts)


# — finding a library —


def find(name: Name, space: Namespace, span: Span | None = None) -> Library:
    """The library called NAME, read from its file if the program has not used it yet."""
    foundation = space.foundation
    found = foundation.libraries.get(name)
    if found is None and name in foundation.libraries_under_way:
        round = foundation.libraries_under_way[foundation.libraries_under_way.index(name) :]
        raise fault(
            "these libraries import each other: " + " → ".join(map(spell, [*round, name])),
            span,
            "put what they share into a library of its own",
        )
    if found is None:
        found = _foundation_itself(foundation) if name == FOUNDATION else _from_file(name, foundation, span)
    if found is None:
        raise fault(f"there is no library {spell(name)}", span, _known(name))
    return found


def exists(name: Name, space: Namespace, span: Span | None = None) -> bool:
    """Whether `find` would find a library called NAME."""
    known = name == FOUNDATION or name in space.foundation.libraries
    return known or _path(name, space.foundation, span) is not None


def _foundation_itself(foundation: Namespace) -> Library:
    made = Library(FOUNDATION, foundation)
    for name in (*foundation.names(), *AUXILIARY):
        if not name.startswith("%"):
            made.exports[name], made.imported[name] = name, (foundation, name)
    foundation.libraries[FOUNDATION] = made
    return made


def _path(name: Name, foundation: Namespace, span: Span | None) -> str | None:
    if any(str(part) in ("", ".", "..") or "/" in str(part) or "\0" in str(part) for part in name):
        return None
    relative = os.path.join(*map(str, name))
    standard = os.path.join(cache.ROOT, STANDARD, relative + ".sexp")
    if os.path.exists(standard):
        return standard
    if foundation.context is None or "read" not in foundation.context.capabilities:
        return None
    beside = [os.path.dirname(span.file)] if span is not None and os.path.exists(span.file) else []
    for folder in [*beside, ""]:
        for suffix in SUFFIXES:
            path = os.path.join(folder, relative + suffix)
            if os.path.isfile(path):
                return path
    return None


def _from_file(name: Name, foundation: Namespace, span: Span | None) -> Library | None:
    from chorus.interpreter.library_forms import define
    from chorus.interpreter.reader import read_spanned

    path = _path(name, foundation, span)
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise fault(f"cannot read {path}, the library {spell(name)}: {why}", span, code="file") from None
    forms = read_spanned(text, path)
    for form, place in forms:
        if isinstance(form, Pair) and getattr(form.car, "name", "") == "define-library":
            define(form, foundation, place, path)
    return foundation.libraries.get(name)


def _known(name: Name) -> str:
    from chorus.interpreter.diagnostics import name_hint

    root = os.path.join(cache.ROOT, STANDARD)
    known = [
        f"({folder} {os.path.splitext(file)[0]})"
        for folder in sorted(os.listdir(root))
        for file in os.listdir(os.path.join(root, folder))
    ]
    hint = name_hint(spell(name), known)
    return hint or "a library is defined by define-library, or in a file called after it (which needs `read`)"


# — import sets —


def import_set(form: Any, space: Namespace, span: Span | None) -> dict[str, Target]:
    """What an import set of R7RS stands for: name → where it is bound."""
    parts = list_items(form) or []
    change = CHANGES.get(getattr(parts[0], "name", "")) if len(parts) > 1 else None
    if change is None or not isinstance(parts[1], Pair):
        return find(library_name(form, span), space, span).targets()
    return change(import_set(parts[1], space, span), parts[2:], span)


def _named(found: dict[str, Target], identifier: Any, span: Span | None) -> str:
    name = getattr(identifier, "name", None)
    if not isinstance(name, str):
        raise fault("an import names what it takes by symbols", span, code="syntax")
    if name not in found:
        from chorus.interpreter.diagnostics import name_hint

        raise fault(f"the library does not export {name}", span, name_hint(name, found))
    return name


def _only(found: dict[str, Target], names: list[Any], span: Span | None) -> dict[str, Target]:
    return {name: found[name] for name in (_named(found, each, span) for each in names)}


def _except(found: dict[str, Target], names: list[Any], span: Span | None) -> dict[str, Target]:
    left_out = {_named(found, each, span) for each in names}
    return {name: target for name, target in found.items() if name not in left_out}


def _prefix(found: dict[str, Target], parts: list[Any], span: Span | None) -> dict[str, Target]:
    if len(parts) != 1 or parts[0].__class__ is not Symbol:
        raise fault("prefix: (prefix import-set name) is expected", span, code="syntax")
    return {parts[0].name + name: target for name, target in found.items()}


def _rename(found: dict[str, Target], pairs: list[Any], span: Span | None) -> dict[str, Target]:
    new: dict[str, str] = {}
    for pair in pairs:
        names = list_items(pair) or []
        if len(names) != 2 or names[1].__class__ is not Symbol:
            raise fault("rename: (rename import-set (name new-name) …) is expected", span, code="syntax")
        new[_named(found, names[0], span)] = names[1].name
    return {new.get(name, name): target for name, target in found.items()}


CHANGES: dict[str, Callable[[dict[str, Target], list[Any], Span | None], dict[str, Target]]] = {
    "only": _only,
    "except": _except,
    "prefix": _prefix,
    "rename": _rename,
}


def bring(space: Namespace, sets: list[Any], span: Span | None) -> None:
    """Bind in SPACE what the import SETS stand for."""
    for each in sets:
        targets = import_set(each, space, span)
        if isinstance(space, Library):
            space.imported.update(targets)
            continue
        for name, (home, inside) in targets.items():
            _bring_into_session(space, name, home, inside)


def _bring_into_session(space: Namespace, name: str, home: Namespace, inside: str) -> None:
    if home is space.base and name == inside:  # seen as it is, unless something stands before it
        space.imported.pop(name, None)
        if space.owns(name):
            space.remove(name)
            space.broken(name)
        return
    value = home.get(inside)
    load = getattr(value, "load", None)
    if load is not None:
        value = load()
    space.define(name, value)  # for code compiled before
    space.imported[name] = home, inside
