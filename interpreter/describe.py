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
from chorus.runtime.errors import ChorusError, EvalError
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
    """FUNCTION as a procedure of the language."""

    def procedure(*args: Any) -> Any:
        plain: list[Any] = []
        named: dict[str, Any] = {}
        at = 0
        while at < len(args):
            value = args[at]
            if value.__class__ is Keyword and at + 1 < len(args):
                named[value.name.replace("-", "_")] = to_host(args[at + 1])
                at += 2
            else:
                plain.append(to_host(value))
                at += 1
        try:
            return to_lisp(function(*plain, **named))
        except ChorusError:
            raise
        except Exception as problem:
            raise EvalError(f"{name}: {problem or type(problem).__name__}", code="host") from None

    import inspect

    procedure.__name__ = name
    try:
        usage = " ".join(
            [name, *(p.name.replace("_", "-") for p in inspect.signature(function).parameters.values())]
        )
    except (TypeError, ValueError):
        usage = f"{name} …"
    doc = inspect.getdoc(function) or ""
    procedure.described = {  # type: ignore[attr-defined]
        "kind": "registered",
        "usage": f"({usage})",
        "doc": doc,
        "effects": sorted(effects),
    }
    return procedure
