"""Plots with names along a side, as lines of text: a bar, an interval or a box a line, and grids of names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from chorus.runtime.plots.plot import NOMINAL
from chorus.runtime.plots.scales import nice_step, number_text
from chorus.runtime.table_format import safe
from chorus.runtime.table_text import cut, padded

if TYPE_CHECKING:
    from chorus.runtime.plots.drawing import Panel

PARTS: Final = " ▏▎▍▌▋▊▉█"  # of a cell, from the left
SHADES: Final = " ░▒▓█"
ASCII_SHADES: Final = " .:+#"
MOST_LINES: Final = 60
CELL: Final = 6  # letters of a column in a grid


def bars_by_name(panel: Panel) -> list[str]:
    """One line for each name and series, with the number at its end."""
    plot = panel.plot
    names, numbers = ("x", "y") if plot.channels["x"].kind == NOMINAL else ("y", "x")
    groups: dict[tuple[Any, int], list[int]] = {}
    for row in panel.rows:
        groups.setdefault((plot.values(names)[row], panel.series(row)), []).append(row)
    order = {value: at for at, value in enumerate(dict.fromkeys(plot.values(names)))}
    keys = sorted(groups, key=lambda key: (order[key[0]], key[1]))
    from chorus.runtime.plots.drawing import axis_of, named

    axis = axis_of(plot, numbers, ("low", "high"), plot.mark == "bar", False)
    labels = {key: named(key[0]) for key in keys}
    margin = min(max(len(label) for label in labels.values()), panel.width // 3)
    step = nice_step(max(abs(axis.low), abs(axis.high), 1e-300) / 1000)
    told = {key: _told(plot.values(numbers), groups[key], step) for key in keys}
    room = max(5, panel.width - margin - 3 - max(map(len, told.values())))
    lines, before = [], None
    for key in keys[:MOST_LINES]:
        drawn = _drawn(panel, axis, groups[key], room, numbers)
        label = labels[key] if key[0] != before else ""
        before = key[0]
        body = panel.look.coloured(drawn.rstrip(), key[1])
        lines.append(f"{padded(cut(label, margin), margin, right=True)} │{body} {told[key]}")
    if len(keys) > MOST_LINES:
        lines.append(f"({len(keys) - MOST_LINES} more are not shown)")
    return [" " * (margin + 2) + cut(safe(plot.channels[numbers].title), panel.width - margin - 2), *lines]


def _told(values: list[Any], rows: list[int], step: float) -> str:
    """The number of a line, or the median of several."""
    held = sorted(values[row] for row in rows)
    middle = held[len(held) // 2] if len(held) % 2 else (held[len(held) // 2 - 1] + held[len(held) // 2]) / 2
    if isinstance(middle, int):
        return str(middle)
    fine = min(step, nice_step(abs(middle) / 200)) if middle else step  # 3.5 is not 4 beside 1000
    text = number_text(middle, fine)
    return text.rstrip("0").rstrip(".") if "." in text and text[-1].isdigit() and "e" not in text else text


def _drawn(panel: Panel, axis: Any, rows: list[int], room: int, numbers: str) -> str:
    values = [axis.at(panel.plot.values(numbers)[row]) for row in rows]
    if panel.plot.mark == "boxplot" or len(rows) > 1:
        return _box(sorted(values), room)
    if "low" in panel.plot.channels:
        low, high = (axis.at(panel.plot.values(role)[rows[0]]) for role in ("low", "high"))
        return _interval(low, values[0], high, room)
    if panel.plot.mark == "point":
        return _interval(values[0], values[0], values[0], room)
    return _bar(axis.at(0.0), values[0], room, panel, panel.series(rows[0]))


def _bar(ground: float, value: float, room: int, panel: Panel, series: int) -> str:
    begin, end = sorted((ground, value))
    left, eighths = round(begin * room), round((end - begin) * room * 8)
    fill = panel.look.fill(series)
    if fill != "█":
        return " " * left + fill * max(1 if end > begin else 0, round(eighths / 8))
    return " " * left + "█" * (eighths // 8) + PARTS[eighths % 8].strip()


def _interval(low: float, middle: float, high: float, room: int) -> str:
    cells = [" "] * room
    first, last, at = (min(room - 1, max(0, int(place * room))) for place in (low, high, middle))
    for place in range(first, last + 1):
        cells[place] = "─"
    if last > first:
        cells[first], cells[last] = "├", "┤"
    cells[at] = "●"
    return "".join(cells)


def _box(values: list[float], room: int) -> str:
    """Least, quartiles, median and greatest."""
    cells = [" "] * room
    at = [min(room - 1, max(0, int(_quantile(values, share) * room))) for share in (0, 0.25, 0.5, 0.75, 1)]
    for place in range(at[0], at[4] + 1):
        cells[place] = "─"
    for place in range(at[1], at[3] + 1):
        cells[place] = "█"
    cells[at[0]], cells[at[4]] = "├", "┤"
    cells[at[2]] = "│"
    return "".join(cells)


def _quantile(values: list[float], share: float) -> float:
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def grid_of_names(panel: Panel) -> list[str]:
    """A cell for each pair of names, as dark as its number is great."""
    from chorus.runtime.plots.drawing import named

    plot = panel.plot
    xs, ys = (list(dict.fromkeys(plot.values(role))) for role in ("x", "y"))
    amount = plot.values("color") if "color" in plot.channels else [1] * len(plot)
    found: dict[tuple[Any, Any], float] = {}
    for row in panel.rows:
        value = amount[row] if isinstance(amount[row], (int, float)) else 1
        key = plot.values("x")[row], plot.values("y")[row]
        found[key] = found.get(key, 0) + value
    margin = min(max(len(named(y)) for y in ys), panel.width // 3)
    room = panel.width - margin - 2
    cell = _cell_width([named(x) for x in xs], found.values(), room)
    shown = xs[: max(1, room // (cell + 1))]
    greatest = max((abs(value) for value in found.values()), default=1) or 1
    shades = SHADES if panel.look.unicode else ASCII_SHADES
    lines = [" " * (margin + 2) + " ".join(padded(cut(named(x), cell), cell, right=False) for x in shown)]
    for y in ys[:MOST_LINES]:
        cells = (_shaded(found.get((x, y)), greatest, shades, cell) for x in shown)
        lines.append(f"{padded(cut(named(y), margin), margin, right=True)} │{' '.join(cells)}")
    hidden = (len(xs) - len(shown), max(0, len(ys) - MOST_LINES))
    return [*lines, *([f"({hidden[0]} columns and {hidden[1]} lines are not shown)"] if any(hidden) else [])]


def _cell_width(names: list[str], values: Iterable[float], room: int) -> int:
    """As wide as all columns have ROOM for, and wide enough for the numbers; CELL at most."""
    least = max(1 + max(len(f"{value:g}") for value in values), min(3, max(map(len, names))))
    return min(CELL, max(least, room // len(names) - 1))


def _shaded(value: float | None, greatest: float, shades: str, width: int) -> str:
    if value is None:
        return " " * width
    shade = shades[min(4, 1 + int(abs(value) / greatest * 3.999))]
    text = f"{value:g}"
    return padded(cut(shade * min(2, max(1, width - len(text))) + text, width), width, right=False)
