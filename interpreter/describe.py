"""What is known of a name: usage, documentation, examples, effects, source; for ?name, (doc name) and the
manual.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from chorus.interpreter import reader_fast
from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.continuations import CURRENT
from chorus.interpreter.convert import to_host, to_lisp
from chorus.interpreter.diagnostics import SOURCES
from chorus.interpreter.host_errors import STDLIB
from chorus.interpreter.loader import stdlib_text
from chorus.interpreter.namespace import ABSENT, Namespace
from chorus.runtime.cache import ROOT
from chorus.runtime.calling import meta_of
from chorus.runtime.errors import (
    ArityError,
    ChorusError,
    EvalError,
    Span,
    UnknownKeyword,
    counted,
)
from chorus.runtime.limits import check_memory
from chorus.runtime.primitive import TABLE, Primitive, split_doc
from chorus.runtime.printer import write
from chorus.runtime.values import NIL, Keyword, Pair, Symbol, list_items


def describe(space: Namespace, name: str) -> dict[str, Any] | None:
    """What is known of NAME: its usage line, doc, examples (form, value), effects, shapes and source; None if it means
    nothing.
    """
    value = space.get(name, ABSENT)
    if value is ABSENT:
        return None
    value = getattr(value, "original", value)  # of what is traced
    value = getattr(value, "stands_for", value)  # of what makes strings that can be changed
    load = getattr(value, "load", None)
    if load is not None:
        value = load()
    blank: dict[str, Any] = {"doc": "", "examples": [], "effects": None, "shapes": "", "source": None}
    return {"name": name, "usage": name} | blank | _told(space, name, value)


def _told(space: Namespace, name: str, value: Any) -> dict[str, Any]:
    """What VALUE, which NAME means, says of itself, or its place in a table does."""
    if value.__class__ is Row:
        doc, examples = split_doc(value.doc)
        usage = value.usage or _pattern(value) or f"({name} …)"
        return {
            "kind": "form", "usage": usage, "doc": doc, "examples": examples, "source": _at(value.source)
        }  # fmt: skip
    meta = meta_of(value)
    if meta is not None:
        doc, examples = split_doc(meta.doc or "")
        usage = meta.usage.replace(f"({meta.name or 'procedure'}", f"({name}", 1)
        return {
            "kind": "procedure", "usage": usage, "doc": doc, "examples": examples, "source": _at(meta.span)
        }  # fmt: skip
    made = TABLE.get(name)
    if made is not None and callable(value):
        return _of_primitive(made)
    known = getattr(value, "described", None)
    if known is not None:
        return known
    kind, usage = ("procedure", f"({name} …)") if callable(value) else ("variable", name)
    return _setting(space, name) | {"kind": kind, "usage": usage}


def _of_primitive(made: Primitive) -> dict[str, Any]:
    file, line = made.source
    file = os.path.relpath(file, ROOT) if file.startswith(str(ROOT)) else file
    return {
        "kind": "primitive",
        "usage": made.usage,
        "doc": made.doc,
        "examples": made.examples,
        "effects": sorted(made.effects),
        "shapes": made.shapes,
        "source": f"{file}:{line}",
    }


def _setting(space: Namespace, name: str) -> dict[str, Any]:
    """What `define-setting` put on record of NAME."""
    record = list_items(space.get(f"%setting:{name}", False))
    if not record or len(record) != 2:
        return {}
    return {"doc": f"{record[1]} A setting; choices: {' '.join(map(write, record[0]))}"}


def _pattern(row: Row) -> str:
    """How a form made by `syntax-rules` is written: its first pattern; "" where that cannot be told."""
    definition = list_items(read_at(row.source)) or []
    rules = list_items(definition[-1]) if definition else None
    if not rules or rules[0] is not Symbol("syntax-rules") or len(rules) < 3:
        return ""
    pattern = rules[2].car.cdr if isinstance(rules[2], Pair) and isinstance(rules[2].car, Pair) else NIL
    shown = write(Pair(Symbol(row.name), pattern)).replace(" ...", " …")
    return re.sub(r" \. ([^\s()]+)\)", r" \1 …)", shown)


def read_at(span: Span | None) -> Any:
    """The form that was read from SPAN; #f if its text is no longer at hand."""
    if span is None:
        return False
    if span.file.startswith(STDLIB):
        SOURCES.texts.setdefault(span.file, stdlib_text(span.file.removeprefix(STDLIB)))
    text = SOURCES.text(span)
    try:
        forms = reader_fast.read(text or "", span.file)
    except ChorusError:
        return False
    return forms[0][0] if len(forms) == 1 else False


def _at(span: Any) -> str | None:
    return None if span is None else str(span)


def as_text(described: dict[str, Any]) -> str:
    """What `?name`, `(doc name)` and `chorus doc` show."""
    lines = [described["usage"]]
    if described.get("doc"):
        lines += ["", described["doc"]]
    for form, value in described.get("examples", []):
        lines += ["", f"  > {form}", *([f"  => {value}"] if value else [])]
    notes = [
        ("shapes", described.get("shapes")),
        ("effects", " ".join(described.get("effects") or [])),
        ("from", described.get("source")),
    ]
    lines += ["", *(f"{label}: {text}" for label, text in notes if text)]
    return "\n".join(lines).rstrip()


def registered(
    name: str, function: Callable[..., Any], effects: frozenset[str], received: Callable[[Any], Any] = to_lisp
) -> Callable[..., Any]:
    """FUNCTION as a procedure of the language, which RECEIVED makes values of the language of what it returns.

    An exception becomes an EvalError that names its class and no more; the exception itself is the error's
    `__cause__`, for the host alone. A ChorusError passes as it is.
    """
    import inspect

    signature: inspect.Signature | None = None
    try:
        signature = inspect.signature(function)
        parameters = " ".join(["", *(_spelled(each) for each in signature.parameters.values())])
    except (TypeError, ValueError):
        parameters = " …"
    usage = f"({name}{parameters})"

    def procedure(*args: Any) -> Any:
        _allow(name, effects)
        plain, options = _sorted_out(args)
        if signature is not None:
            _check_call(name, usage, signature, plain, options)
        try:
            given = function(*plain, **options)
            check_memory()  # of what the host has made: a limit on bytes is one on that, too
            made = received(given)
            check_memory()
            return made
        except ChorusError:
            raise
        except Exception as problem:
            raise EvalError(
                f"{name}: the host's function failed with {type(problem).__name__}", code="host"
            ) from problem

    procedure.__name__ = name
    procedure.described = {  # type: ignore[attr-defined]
        "kind": "registered",
        "usage": usage,
        "doc": inspect.getdoc(function) or "",
        "effects": sorted(effects),
    }
    procedure.signature = signature  # type: ignore[attr-defined]
    return procedure


def _allow(name: str, effects: frozenset[str]) -> None:
    """Refuse NAME, a function with EFFECTS, in a session that was not given what they need: one that starts from a base
    may have less than the one that registered the function.
    """
    home = getattr(CURRENT, "home", None)
    if home is not None:
        home.capabilities.demand(effects, name)


def _spelled(parameter: Any) -> str:
    """A parameter of the host's as a usage line shows it."""
    name = parameter.name.replace("_", "-")
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"{name} …"
    if parameter.kind is parameter.KEYWORD_ONLY:
        return f":{name} {name}"
    if parameter.kind is parameter.VAR_KEYWORD:
        return ":key value …"
    return name if parameter.default is parameter.empty else f"[{name}]"


def _sorted_out(args: tuple[Any, ...]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call for Python: those by place, those by keyword."""
    plain: list[Any] = []
    options: dict[str, Any] = {}
    at = 0
    while at < len(args):
        value = args[at]
        if value.__class__ is Keyword and at + 1 < len(args):
            options[value.name.replace("-", "_")] = to_host(args[at + 1])
            at += 2
        else:
            plain.append(to_host(value))
            at += 1
    return plain, options


def _check_call(name: str, usage: str, signature: Any, plain: list[Any], options: dict[str, Any]) -> None:
    """A typed error unless SIGNATURE takes these arguments."""
    parameters = signature.parameters.values()
    if not any(each.kind is each.VAR_KEYWORD for each in parameters):
        known = {
            each.name for each in parameters if each.kind not in (each.POSITIONAL_ONLY, each.VAR_POSITIONAL)
        }
        unknown = next((each for each in options if each not in known), None)
        if unknown is not None:
            takes = sorted(each.replace("_", "-") for each in known)
            raise UnknownKeyword(name, Keyword(unknown.replace("_", "-")), takes)
    try:
        signature.bind(*plain, **options)
    except TypeError:
        given = counted(len(plain) + len(options))
        raise ArityError(f"{name} got {given}", hint=f"usage: {usage}") from None
