"""Flame views: a tree of what took how long, as SVG and as a page, complete in themselves."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from html import escape

WIDTH, HEIGHT = 1200, 18  # of the picture, of a box
LEAST = 0.4  # narrower boxes are left out
LETTER = 6.6  # the width of one
STYLE = (
    "rect{stroke:#fff;stroke-width:.5}text{font:11px ui-monospace,monospace;pointer-events:none}"
    "g:hover rect{opacity:.75}"
)
SCRIPT = """
document.querySelectorAll('svg g').forEach(function (box) {
  box.addEventListener('click', function () {
    var svg = box.ownerSVGElement, whole = svg.dataset.whole || (svg.dataset.whole = svg.getAttribute('viewBox'));
    var area = box.querySelector('rect').getBBox(), all = whole.split(' ');
    var view = [area.x, all[1], area.width, all[3]].join(' ');
    svg.setAttribute('viewBox', svg.getAttribute('viewBox') === view ? whole : view);
    svg.setAttribute('preserveAspectRatio', 'none');
  });
});
"""


class Box:
    """TEXT at PLACE took SECONDS by itself, and what is INNER took the rest."""

    __slots__ = ("inner", "place", "seconds", "text")

    def __init__(self, text: str, place: str, seconds: float, inner: list[Box]) -> None:
        self.text = text
        self.place = place
        self.seconds = max(0.0, seconds)
        self.inner = inner

    @property
    def total(self) -> float:
        return self.seconds + sum(box.total for box in self.inner)

    @property
    def depth(self) -> int:
        return 1 + max((box.depth for box in self.inner), default=0)


def svg(root: Box) -> str:
    """ROOT as a picture: what was called stands below what called it."""
    height = root.depth * HEIGHT
    boxes = "\n".join(_drawn(root, 0.0, 0, WIDTH / (root.total or 1.0), root.total or 1.0))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%" role="img"'
        f' aria-label="flame view">\n<style>{STYLE}</style>\n{boxes}\n</svg>\n'
    )


def _drawn(box: Box, x: float, depth: int, scale: float, whole: float) -> Iterator[str]:
    total = box.total
    width = total * scale
    if width < LEAST:
        return
    share = f"{total * 1000:.3f} ms, {100 * total / whole:.1f} %, {box.seconds * 1000:.3f} ms of its own"
    title = escape("\n".join(part for part in (box.text, box.place, share) if part))
    room = int((width - 6) / LETTER)
    label = "" if room < 3 else box.text if len(box.text) <= room else box.text[: room - 1] + "…"
    y = depth * HEIGHT
    hue = 15 + zlib.crc32(box.text.encode()) % 40
    yield (
        f'<g><title>{title}</title><rect x="{x:.2f}" y="{y}" width="{width:.2f}" height="{HEIGHT - 1}"'
        f' fill="hsl({hue},85%,{62 + hue % 12}%)"/><text x="{x + 3:.2f}" y="{y + 13}">{escape(label)}</text></g>'
    )
    for inner in box.inner:
        yield from _drawn(inner, x, depth + 1, scale, whole)
        x += inner.total * scale


def html(root: Box) -> str:
    """ROOT as a page: the picture, in which a click makes a box as wide as the page and another takes that back."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>flame view</title></head>\n<body>\n'
        f"<p>{root.total * 1000:.3f} ms. Each box is a call, as wide as its share of the time; below it what it called."
        f" A click makes it as wide as the page.</p>\n{svg(root)}<script>{SCRIPT}</script>\n</body></html>\n"
    )
