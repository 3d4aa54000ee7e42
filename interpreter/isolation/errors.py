"""Errors between a session and its worker process: a closed table of classes, their fields as data."""

from __future__ import annotations

from typing import Any, Final

from chorus.runtime import errors
from chorus.runtime.errors import ChorusError, Span, StackEntry

KINDS: Final[dict[str, type[ChorusError]]] = {
    kind.__name__: kind
    for kind in (
        ChorusError, errors.ReadError, errors.EvalError, errors.UnboundName, errors.ArityError, errors.UnknownKeyword,
        errors.WrongType, errors.Raised, errors.CapabilityDenied, errors.LimitExceeded, errors.Interrupted,
        errors.StoreError, errors.WorkerDied,
    )
}  # fmt: skip
HOST_KINDS: Final = {
    kind.__name__: kind for kind in (KeyError, TypeError, ValueError)
}  # of calls that are no program's
MORE: Final = (
    "kind",
    "used",
    "limit",
    "capability",
    "keyword",
    "known",
    "located",
)  # what some have beside the rest


def spelled(error: Exception) -> dict[str, Any]:
    """ERROR as plain data."""
    if not isinstance(error, ChorusError):
        name = type(error).__name__
        return {"class": name if name in HOST_KINDS else "ChorusError", "message": str(error)}
    name = next((base.__name__ for base in type(error).__mro__ if base.__name__ in KINDS), "ChorusError")
    more = {key: getattr(error, key) for key in MORE if hasattr(error, key)}
    return {
        "class": name,
        "message": error.message,
        "code": error.code,
        "hint": error.hint,
        "span": error.span and list(error.span),
        "related": [[what, list(span)] for what, span in error.related],
        "stack": [[entry.name, entry.span and list(entry.span)] for entry in error.stack],
        "severity": error.severity,
        "more": {key: list(value) if isinstance(value, tuple) else value for key, value in more.items()},
    }


def error_of(told: dict[str, Any], irritants: tuple[Any, ...] = ()) -> Exception:
    """The error that `spelled` spelled."""
    if told["class"] in HOST_KINDS:
        return HOST_KINDS[told["class"]](told["message"])
    kind = KINDS.get(told["class"], ChorusError)
    made = kind.__new__(kind)
    related = tuple((str(what), _span(span)) for what, span in told.get("related", ()))
    ChorusError.__init__(
        made, str(told["message"]), code=told.get("code"), span=_span(told.get("span")), hint=told.get("hint"),
        irritants=irritants, related=related,  # type: ignore[arg-type]
    )  # fmt: skip
    made.stack = [StackEntry(str(name), _span(span)) for name, span in told.get("stack", ())]
    made.severity = str(told.get("severity", "error"))
    for key, value in told.get("more", {}).items():
        if key in MORE:
            setattr(made, key, value)
    if isinstance(made, errors.Raised):
        made.payload = irritants[0] if irritants else None
    return made


def _span(told: Any) -> Span | None:
    return None if told is None else Span(str(told[0]), *(int(each) for each in told[1:5]))
