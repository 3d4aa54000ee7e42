"""A plot as a Vega-Lite specification: JSON with the data inline, for any renderer."""

from __future__ import annotations

import re
from typing import Any, Final

from chorus.runtime.plots.plot import NOMINAL, QUANTITATIVE, TEMPORAL, Channel, Plot

VERSION: Final = 5
SCHEMA: Final = f"https://vega.github.io/schema/vega-lite/v{VERSION}.json"
MIME: Final = f"application/vnd.vegalite.v{VERSION}+json"
WIDTH, HEIGHT, PANEL = 560, 320, 260  # pixels
ODD: Final = re.compile(r"([.\[\]\\\"'])")  # in a field's name these would lead into an object
LONG: Final = 48  # letters of a title
BAND: Final = 0.25  # opacity of an interval


def specification(plot: Plot) -> dict[str, Any]:
    """PLOT's specification."""
    unit = _unit(plot)
    size = {"width": plot.width or WIDTH, "height": plot.height or _height(plot)}
    made: dict[str, Any] = {"$schema": SCHEMA, "data": {"values": list(plot.rows())}}
    if plot.title or plot.notes:
        made["title"] = {"text": plot.title or "", **({"subtitle": list(plot.notes)} if plot.notes else {})}
    if "facet" in plot.channels:
        panel = {"width": plot.width or PANEL, "height": plot.height or PANEL * 2 // 3}
        facet = {**_field(plot.channels["facet"]), "title": _short(plot.channels["facet"].title)}
        return {**made, "facet": facet, "columns": 2, "spec": {**panel, **unit}}
    return {**made, **size, **unit}


def _height(plot: Plot) -> int:
    """Names down the side want a line each."""
    y = plot.channels["y"]
    return max(80, 18 * len(set(plot.columns[y.field]))) if y.kind == NOMINAL else HEIGHT


def _unit(plot: Plot) -> dict[str, Any]:
    channels = plot.channels
    encoding = {role: _position(plot, role) for role in ("x", "y")}
    if "x2" in channels:
        encoding["x2"] = {"field": _name(channels["x2"].field)}
    for role in ("color", "size"):
        if role in channels:
            encoding[role] = {**_field(channels[role]), "title": _short(channels[role].title)}
    if "label" in channels:
        encoding["tooltip"] = {**_field(channels["label"]), "title": _short(channels["label"].title)}
    mark: dict[str, Any] = {"type": plot.mark}
    if plot.mark in ("point", "line", "bar", "area", "rect"):
        mark["tooltip"] = True
    if plot.mark == "point":
        mark["filled"] = True
    if "low" not in channels:
        return {"mark": mark, "encoding": encoding}
    return {"encoding": encoding, "layer": [_interval(plot), {"mark": mark}]}


def _interval(plot: Plot) -> dict[str, Any]:
    """A band beside a line, a bar at a point."""
    low, high = (_name(plot.channels[role].field) for role in ("low", "high"))
    along = "y" if plot.channels["y"].kind == QUANTITATIVE else "x"
    ends: dict[str, Any] = {along: {"field": low, "type": QUANTITATIVE}, f"{along}2": {"field": high}}
    is_band = plot.mark in ("line", "area")
    ends[along]["title"] = _short(plot.channels[along].title)
    return {"mark": {"type": "area", "opacity": BAND} if is_band else {"type": "rule"}, "encoding": ends}


def _position(plot: Plot, role: str) -> dict[str, Any]:
    channel = plot.channels[role]
    made = {**_field(channel), "title": _short(channel.title)}
    if channel.kind == TEMPORAL:
        made["scale"] = {"type": "utc"}
    if channel.kind == NOMINAL:
        made["sort"] = None  # as the table has them
    if channel.kind == QUANTITATIVE and plot.mark in ("point", "tick"):
        made["scale"] = {"zero": False}
    if role == "x" and "x2" in plot.channels:
        made["bin"] = "binned"
    return made


def _field(channel: Channel) -> dict[str, Any]:
    return {"field": _name(channel.field), "type": channel.kind}


def _name(field: str) -> str:
    return ODD.sub(r"\\\1", field)


def _short(text: str) -> str:
    return text if len(text) <= LONG else text[: LONG - 1] + "…"
