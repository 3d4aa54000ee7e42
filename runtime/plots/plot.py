"""The plot value: a mark, channels (which column is seen as what) and the data itself, ready to be drawn anywhere.

Data are columns of plain values: numbers are finite, instants aware and in UTC, missing is None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from chorus.runtime.instants import instant_text
from chorus.runtime.primitive import ACCEPTS, REJECT, Accept

QUANTITATIVE: Final = "quantitative"
TEMPORAL: Final = "temporal"
NOMINAL: Final = "nominal"


class Channel(NamedTuple):
    """The column FIELD seen as a position, a colour, …; TITLE is what an axis or legend calls it."""

    field: str
    kind: str
    title: str


class Plot:
    """CHANNELS by role: x x2 y low high color size facet label. NOTES say what was left out."""

    __slots__ = ("channels", "columns", "height", "mark", "notes", "title", "width")

    def __init__(
        self,
        mark: str,
        channels: dict[str, Channel],
        columns: dict[str, list[Any]],
        *,
        title: str = "",
        notes: tuple[str, ...] = (),
        width: int | None = None,
        height: int | None = None,
    ) -> None:
        self.mark = mark
        self.channels = channels
        self.columns = columns
        self.title = title
        self.notes = notes
        self.width = width
        self.height = height

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def values(self, role: str) -> list[Any]:
        """What the channel ROLE shows, row by row."""
        return self.columns[self.channels[role].field]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The data, row by row, as JSON has it."""
        names = list(self.columns)
        for row in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, map(_plain, row), strict=True))

    @property
    def spec(self) -> dict[str, Any]:
        """The Vega-Lite specification, its data inline."""
        from chorus.runtime.plots.spec import specification

        return specification(self)

    def __json__(self) -> dict[str, Any]:
        return self.spec

    def __lisp__(self) -> str:
        shown = " ".join(f"{role}={channel.title}" for role, channel in self.channels.items() if role != "x2")
        return f"#<plot {self.mark} {shown} {len(self)} rows>"

    __repr__ = __lisp__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """For notebooks: the specification for those that draw it, a picture for others, text for the rest."""
        from chorus.runtime.plots.drawing import draw
        from chorus.runtime.plots.saving import picture
        from chorus.runtime.plots.spec import MIME

        bundle: dict[str, Any] = {MIME: self.spec, "text/plain": draw(self, 80, 24)}
        svg = picture(self, ".svg", missing=None)
        if svg is not None:
            bundle["image/svg+xml"] = svg.decode()
        return bundle


def _plain(value: Any) -> Any:
    return instant_text(value) if isinstance(value, dt.datetime) else value


def _accept(value: Any) -> Any:
    return value if value.__class__ is Plot else REJECT


ACCEPTS[Plot] = Accept("a plot", _accept)
