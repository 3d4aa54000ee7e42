"""A plot as lines of text: axes around a canvas, or a bar a line where one side has names; within the width given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final, NamedTuple

from chorus.runtime.plots.canvas import Canvas, Look
from chorus.runtime.plots.plot import NOMINAL, QUANTITATIVE, TEMPORAL, Plot
from chorus.runtime.plots.scales import number_ticks, time_ticks
from chorus.runtime.table_format import cell_text, safe
from chorus.runtime.table_text import cut, padded

NARROWEST, LOWEST = 20, 6
PANEL_LINES: Final = 10
ASCII_LINES: Final = str.maketrans("│┤└┴─├●…", "||++-+*~")
HALF_A_DAY: Final = 43_200.0  # seconds on either side of a single instant
EDGE: Final = 0.03  # of the span that is left free beside points


def draw(plot: Plot, width: int, height: int, unicode: bool = True, colour: bool = False) -> str:
    """PLOT in WIDTH × HEIGHT characters at most: more lines only where there are many names or panels."""
    width, height = max(NARROWEST, width), max(LOWEST, height)
    keys = _series(plot)
    look = Look(unicode, colour, max(1, len(keys)))
    lines = [cut(safe(plot.title), width)] if plot.title else []
    lines += _legend(plot, keys, look, width)
    room = height - len(lines) - len(plot.notes) - 1
    for heading, rows in _panels(plot):
        if heading is not None:
            lines.append(cut(f"— {heading} —", width))
        panel = Panel(
            plot, rows, keys, look, width, PANEL_LINES if heading is not None else max(room, LOWEST)
        )
        lines += panel.drawn()
    lines += [cut(f"({note})", width) for note in plot.notes]
    text = "\n".join(line.rstrip() for line in lines)
    return text if unicode else text.translate(ASCII_LINES).encode("ascii", "replace").decode()


def _series(plot: Plot) -> dict[Any, int]:
    """The names that are colours, and the number of each."""
    channel = plot.channels.get("color")
    if channel is None or channel.kind != NOMINAL:
        return {}
    return {value: at for at, value in enumerate(dict.fromkeys(plot.columns[channel.field]))}


def _legend(plot: Plot, keys: dict[Any, int], look: Look, width: int) -> list[str]:
    """The colours' names, on lines of their own."""
    if not keys or plot.mark == "rect":
        return []
    bars = plot.mark == "bar"
    lines, used = [""], 0
    for value, series in keys.items():
        name = cut(named(value), min(24, width - 2))
        piece = look.coloured(look.fill(series) if bars else look.glyph(series), series) + " " + name
        if used and used + len(name) + 4 > width:
            lines.append("")
            used = 0
        lines[-1] += ("  " if used else "") + piece
        used += len(name) + 4
    return lines


def _panels(plot: Plot) -> list[tuple[str | None, list[int]]]:
    """(heading, numbers of its rows) of each panel."""
    everything = list(range(len(plot)))
    if "facet" not in plot.channels:
        return [(None, everything)]
    found: dict[Any, list[int]] = {}
    for at, value in enumerate(plot.values("facet")):
        found.setdefault(value, []).append(at)
    return [(named(value), rows) for value, rows in found.items()]


def named(value: Any) -> str:
    """A name as it is shown."""
    return safe(cell_text(False if value is None else value)) or "(none)"


class Axis(NamedTuple):
    """Where values stand: LOW and HIGH are the ends; NAMES, if it is one of names, their places."""

    kind: str
    low: float
    high: float
    names: dict[Any, int]
    whole: bool = False

    def at(self, value: Any) -> float:
        number = self.number(value)
        return 0.5 if self.high == self.low else number / self._span - self.low / self._span

    @property
    def _span(self) -> float:
        return self.high - self.low

    def number(self, value: Any) -> float:
        if self.kind == NOMINAL:
            return float(self.names[value])
        return value.timestamp() if isinstance(value, dt.datetime) else float(value)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        if self.kind == NOMINAL:
            return [(float(at), named(value)) for value, at in self.names.items()][: max(most, 1)]
        if self.kind == TEMPORAL:
            return time_ticks(self.low, self.high, max(most, 1))
        return number_ticks(self.low, self.high, max(most, 1), self.whole)


def axis_of(plot: Plot, role: str, others: tuple[str, ...], zero: bool, edge: bool) -> Axis:
    """The axis of ROLE, wide enough for OTHERS; from zero on, or with an EDGE left free."""
    kind = plot.channels[role].kind
    if kind == NOMINAL:
        names = {value: at for at, value in enumerate(dict.fromkeys(plot.values(role)))}
        return Axis(kind, -0.5, len(names) - 0.5, names)
    bare = Axis(kind, 0.0, 1.0, {})
    values = [v for r in (role, *others) if r in plot.channels for v in plot.values(r) if v is not None]
    shown = list(map(bare.number, values))
    low, high, whole = min(shown), max(shown), all(isinstance(value, int) for value in values)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        half = HALF_A_DAY if kind == TEMPORAL else abs(low) / 2 or 0.5
        return Axis(kind, low - half, high + half, {}, whole)
    free = (high - low) * EDGE if edge else 0.0
    begin, end = low if zero and low == 0 else low - free, high if zero and high == 0 else high + free
    return Axis(kind, begin, end, {}, whole)


class Panel:
    """One drawing of some ROWS of PLOT; axes are those of the whole plot."""

    def __init__(
        self, plot: Plot, rows: list[int], keys: dict[Any, int], look: Look, width: int, height: int
    ) -> None:
        self.plot, self.rows, self.keys, self.look = plot, rows, keys, look
        self.width, self.height = width, height

    def drawn(self) -> list[str]:
        from chorus.runtime.plots.drawing_names import bars_by_name, grid_of_names

        kinds = self.plot.channels["x"].kind, self.plot.channels["y"].kind
        if kinds == (NOMINAL, NOMINAL):
            return grid_of_names(self)
        if NOMINAL in kinds and QUANTITATIVE in kinds and self.plot.mark in ("bar", "boxplot", "point"):
            return bars_by_name(self)
        return self._in_axes()

    def series(self, row: int) -> int:
        return self.keys.get(self.plot.values("color")[row], 0) if self.keys else 0

    def _in_axes(self) -> list[str]:
        stacks = self.plot.mark == "bar" and self.plot.channels["y"].kind == QUANTITATIVE
        edge = self.plot.mark in ("point", "tick")
        x = axis_of(self.plot, "x", ("x2",), False, edge)
        y = axis_of(self.plot, "y", ("low", "high"), self.plot.mark in ("bar", "area"), edge)
        if stacks:
            y = y._replace(high=max(y.high, self._tallest()))
        lines = self.height - 3
        ticks = y.ticks(max(2, lines // 3) if y.kind != NOMINAL else lines)
        margin = min(max((len(text) for _, text in ticks), default=0), self.width // 3)
        canvas = Canvas(max(5, self.width - margin - 2), lines, self.look)
        mark = "tick" if self.plot.mark == "bar" and not stacks else self.plot.mark  # a bar has a ground: 0
        DRAWN[mark](self, canvas, x, y)
        body = self._beside(canvas, y, ticks, margin)
        return [f"{' ' * margin} {cut(safe(self.plot.channels['y'].title), self.width - margin - 1)}", *body,
                *self._below(x, canvas.width, margin)]  # fmt: skip

    def _beside(self, canvas: Canvas, y: Axis, ticks: list[tuple[float, str]], margin: int) -> list[str]:
        """The canvas with the axis at its left."""
        labels: dict[int, str] = {}
        for number, text in ticks:
            share = 0.5 if y.high == y.low else (number - y.low) / (y.high - y.low)
            labels.setdefault(min(canvas.height - 1, int((1 - share) * canvas.height)), text)
        return [
            padded(cut(labels.get(at, ""), margin), margin, right=True)
            + (" ┤" if at in labels else " │")
            + line
            for at, line in enumerate(canvas.lines())
        ]

    def _below(self, x: Axis, width: int, margin: int) -> list[str]:
        """The axis under the canvas, with as many ticks as have room."""
        sample = x.ticks(6)
        room = max((len(text) for _, text in sample), default=1) + 2
        ticks = x.ticks(max(1, min(8, width // room)))
        rule, texts = ["─"] * width, [" "] * (width + margin + 2)
        end = 0
        for number, text in ticks:
            at = min(
                width - 1, int((0.5 if x.high == x.low else (number - x.low) / (x.high - x.low)) * width)
            )
            rule[at] = "┴"
            begin = max(0, min(margin + 2 + at - len(text) // 2, len(texts) - len(text)))
            if begin >= end and len(text) <= len(texts):
                texts[begin : begin + len(text)] = list(text)
                end = begin + len(text) + 1
        title = cut(safe(self.plot.channels["x"].title), width)
        return [" " * (margin + 1) + "└" + "".join(rule), "".join(texts),
                " " * (margin + 2 + max(0, (width - len(title)) // 2)) + title]  # fmt: skip

    def _tallest(self) -> float:
        heights: dict[Any, float] = {}
        for x, y in zip(self.plot.values("x"), self.plot.values("y"), strict=True):
            if isinstance(y, (int, float)) and y > 0:
                heights[x] = heights.get(x, 0.0) + y
        return max(heights.values(), default=0.0)

    # What is drawn, by mark.

    def points(self, canvas: Canvas, x: Axis, y: Axis) -> None:
        xs, ys = self.plot.values("x"), self.plot.values("y")
        self._intervals(canvas, x, y)
        for row in self.rows:
            canvas.dot(x.at(xs[row]), y.at(ys[row]), self.series(row))

    def curves(self, canvas: Canvas, x: Axis, y: Axis) -> None:
        xs, ys = self.plot.values("x"), self.plot.values("y")
        self._intervals(canvas, x, y)
        by_series: dict[int, list[tuple[float, float]]] = {}
        for row in self.rows:
            by_series.setdefault(self.series(row), []).append((x.at(xs[row]), y.at(ys[row])))
        for series, places in by_series.items():
            places.sort()
            for start, end in zip(places, places[1:] or places, strict=False):
                canvas.line(start, end, series)

    def _intervals(self, canvas: Canvas, x: Axis, y: Axis) -> None:
        """Each interval as an upright line of single dots, so that what it is of stands out."""
        if "low" not in self.plot.channels or y.kind == NOMINAL:
            return
        xs, lows, highs = (self.plot.values(role) for role in ("x", "low", "high"))
        for row in self.rows:
            low, high = y.at(lows[row]), y.at(highs[row])
            steps = max(1, round((high - low) * canvas.down / 2))
            for at in range(steps + 1):
                canvas.dot(x.at(xs[row]), low + (high - low) * at / steps, self.series(row))

    def columns(self, canvas: Canvas, x: Axis, y: Axis) -> None:
        """Upright bars, those of one place on one another."""
        xs, ys = self.plot.values("x"), self.plot.values("y")
        ends = self.plot.values("x2") if "x2" in self.plot.channels else None
        places = sorted({x.at(each) for each in xs})
        between = min((b - a for a, b in pairwise(places)), default=0.2)
        ground = y.at(0.0)
        tops: dict[float, float] = {}
        for row in sorted(self.rows, key=self.series):
            at = x.at(xs[row])
            left, right = (
                (at, x.at(ends[row])) if ends is not None else (at - between * 0.4, at + between * 0.4)
            )
            begin = tops.get(at, ground)
            end = begin + y.at(ys[row]) - ground
            canvas.column(max(0.0, left), min(1.0, right), min(begin, end), max(begin, end), self.series(row))
            tops[at] = end


DRAWN: Final[dict[str, Callable[[Panel, Canvas, Axis, Axis], None]]] = {
    "point": Panel.points, "tick": Panel.points, "rect": Panel.points, "boxplot": Panel.points,
    "line": Panel.curves, "area": Panel.curves, "bar": Panel.columns,
}  # fmt: skip
