"""What is known of a name: usage, documentation, examples, effects, source; for ?name, (doc name) and the
manual.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.interpreter.compiler.syntax import Row
from chorus.interpreter.convert import to_host, to_lisp
from chorus.interpreter.namespace import ABSENT, Namespace
from chorus.runtime.calling import meta_of
from chorus.runtime.errors import ArityError, ChorusError, EvalError, UnknownKeyword, counted
from chorus.runtime.primitive import TABLE, split_doc
from chorus.runtime.values import Keyword


def describe(space: Namespace, name: str) -> dict[str, Any] | None:
    value = space.get(name, ABSENT)
    if value is ABSENT:
        return None
    load = getattr(value, "load", None)
    if load is not None:
        value = load()
    base: dict[str, Any] = {
        "name": name,
        "usage": name,
        "doc": "",
        "examples": [],
        "effects": None,
        "shapes": "",
        "source": None,
    }
    if value.__class__ is Row:
        doc, examples = split_doc(value.doc)
        usage = value.usage or f"({name} …)"
        return base | {
            "kind": "form",
            "usage": usage,
            "doc": doc,
            "examples": examples,
            "source": _at(value.source),
        }
    meta = meta_of(value)
    if meta is not None:
        doc, examples = split_doc(meta.doc or "")
        usage = meta.usage.replace(f"({meta.name}", f"({name}", 1)
        return base | {
            "kind": "procedure",
            "usage": usage,
            "doc": doc,
            "examples": examples,
            "source": _at(meta.span),
        }
    made = TABLE.get(name)
    if made is not None and callable(value):
        file, line = made.source
        return base | {
            "kind": "primitive",
            "usage": made.usage,
            "doc": made.doc,
            "examples": made.examples,
            "effects": sorted(made.effects),
            "shapes": made.shapes,
            "source": f"{file}:{line}",
        }
    known = getattr(value, "described", None)
    if known is not None:
        return base | known
    return base | {
        "kind": "procedure" if callable(value) else "variable",
        "usage": f"({name} …)" if callable(value) else name,
    }


def _at(span: Any) -> str | None:
    return None if span is None else str(span)


def registered(name: str, function: Callable[..., Any], effects: frozenset[str]) -> Callable[..., Any]:
    """FUNCTION as a procedure of the language.

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
        plain, options = _sorted_out(args)
        if signature is not None:
            _check_call(name, usage, signature, plain, options)
        try:
            return to_lisp(function(*plain, **options))
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
