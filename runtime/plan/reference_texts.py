"""What the operators on patterns, pieces of text and JSON mean, in plain Python; what the generators give."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, NoReturn

NOWHERE: Final = object()
JSON_TYPES: Final = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _at(text: str, steps: tuple[str, ...]) -> Any:
    """What STEPS lead to in the JSON TEXT, or NOWHERE; a text that is no JSON has no members."""
    try:
        here = json.loads(text, parse_constant=_refuse)
    except ValueError:
        return NOWHERE
    for step in steps:
        if isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        elif isinstance(here, dict) and step in here:
            here = here[step]
        else:
            return NOWHERE
    return here


def _shown(value: Any) -> str | None:
    if value is NOWHERE or value is None:
        return None
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _length(text: str, *steps: str) -> int | None:
    found = _at(text, steps)
    return len(found) if isinstance(found, list) else None


def _type(text: str, *steps: str) -> str | None:
    found = _at(text, steps)
    return None if found is NOWHERE else JSON_TYPES.get(type(found), "number")


def _index(text: str, part: str) -> int | None:
    at = text.find(part)
    return None if at < 0 else at


def _part(text: str, separator: str, at: int) -> str | None:
    parts = text.split(separator)
    return parts[at] if at < len(parts) else None


def _extract(text: str, pattern: str, group: int = 0) -> str | None:
    import re2

    found = re2.search(pattern, text)
    return None if found is None else found.group(group) or ""


def _replace_all(text: str, pattern: str, by: str) -> str:
    import re2

    return str(re2.sub(pattern, by, text))


def found_in(text: str, pattern: str) -> list[str]:
    import re2

    return [match.group(0) for match in re2.finditer(pattern, text)]


def words_of(text: str) -> list[str]:
    return found_in(text, r"\S+")


TEXTS: Final[dict[str, Callable[..., Any]]] = {
    "trim-left": lambda text: text.lstrip(" \t\n\r"),
    "trim-right": lambda text: text.rstrip(" \t\n\r"),
    "index-of": _index,
    "part": _part,
    "word-count": lambda text: len(words_of(text)),
    "extract": _extract,
    "replace-all": _replace_all,
    "text": str,
    "json-get": lambda text, *steps: _shown(_at(text, steps)),
    "json-has?": lambda text, *steps: _at(text, steps) is not NOWHERE,
    "json-length": _length,
    "json-type": _type,
}


def _items(text: str, *steps: str) -> list[str | None]:
    found = _at(text, steps)
    return [_shown(item) for item in found] if isinstance(found, list) else []


def _keys(text: str, *steps: str) -> list[str]:
    found = _at(text, steps)
    return list(found) if isinstance(found, dict) else []


GENERATORS: Final[dict[str, Callable[..., list[Any]]]] = {
    "json-items": _items,
    "json-keys": _keys,
    "parts": lambda text, separator: text.split(separator),
    "words": words_of,
    "matches": found_in,
}
