"""The column types of the algebra, and schemas: the named, typed columns of a table."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from chorus.runtime.errors import EvalError, Span

STRING: Final = "string"
INTEGER: Final = "integer"
REAL: Final = "real"
BOOLEAN: Final = "boolean"
INSTANT: Final = "instant"
MISSING: Final = "missing"  # the type of a column that holds only #f, and of the literal #f

TYPES: Final = (STRING, INTEGER, REAL, BOOLEAN, INSTANT, MISSING)
NUMBERS: Final = (INTEGER, REAL)
ORDERED: Final = (STRING, INTEGER, REAL, INSTANT)


def common_type(types: Iterable[str]) -> str | None:
    """The one type that values of all TYPES fit in, or None: missing fits everywhere, integers among reals."""
    seen = set(types) - {MISSING}
    if not seen:
        return MISSING
    if seen <= set(NUMBERS):
        return REAL if REAL in seen else INTEGER
    return seen.pop() if len(seen) == 1 else None


def near(name: str, known: Iterable[str]) -> str | None:
    """A "did you mean" for NAME."""
    found = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=2, cutoff=0.7)
    if not found:
        return None
    if any(name.endswith("?") for name in found):  # "did you mean contains??" would be read as a slip
        return f"{' or '.join(found)} may be meant, with the question mark"
    return f"did you mean {' or '.join(found)}?"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. A hidden one is there when named, and left out of what is shown."""

    name: str
    type: str
    hidden: bool = False


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order. Engines fold case, so two names may not differ by case alone."""

    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        seen: dict[str, str] = {}
        for field in self.fields:
            _check_name(field.name)
            key = field.name.casefold()
            if key in seen:
                raise EvalError(
                    f"two columns would be named {field.name}",
                    code="table-column-twice",
                    hint=None
                    if seen[key] == field.name
                    else f"{seen[key]} and {field.name} differ only by case",
                )
            seen[key] = field.name

    @cached_property
    def types(self) -> dict[str, str]:
        return {field.name: field.type for field in self.fields}

    @cached_property
    def visible(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.hidden)

    @property
    def names(self) -> list[str]:
        """Of the visible columns."""
        return [field.name for field in self.visible]

    def __contains__(self, name: object) -> bool:
        return name in self.types

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def field(self, name: str, span: Span | None = None, whose: str = "the table") -> Field:
        """The column NAME, hidden or not."""
        for field in self.fields:
            if field.name == name:
                return field
        raise self.unknown(name, span, whose)

    def unknown(self, name: str, span: Span | None = None, whose: str = "the table") -> EvalError:
        hint = near(name, self.types) or f"its columns are {' '.join(self.names)}"
        return EvalError(f"{whose} has no column {name}", code="table-column", span=span, hint=hint)


def _check_name(name: str) -> None:
    if not name or len(name) > 200 or any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        raise EvalError(f"{name[:40]!r} cannot name a column", code="table-column-name")
