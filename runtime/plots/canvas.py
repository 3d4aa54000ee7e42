"""Characters to draw on: a grid of cells, each divided into dots where the terminal has braille.

Places are from 0 to 1, from the left and from the bottom.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille cell: by row, by column
BRAILLE: Final = 0x2800
EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
PALETTE: Final = (39, 208, 41, 199, 220, 135, 45, 167)  # of the 256 colours; readable on dark and on light
GLYPHS: Final = "●○▲△■□◆◇"  # series where there is no colour to tell them apart
FILLS: Final = "█▓▒░"
ASCII_GLYPHS: Final = "*o+x#@%&"
ASCII_FILLS: Final = "#=+-"


class Look:
    """What the terminal can: UNICODE beyond ASCII, COLOUR. SERIES: how many are drawn."""

    def __init__(self, unicode: bool, colour: bool, series: int = 1) -> None:
        self.unicode = unicode
        self.colour = colour
        self.series = series

    @property
    def finely(self) -> bool:
        """Whether dots will do: they have no shape, so several series need colours."""
        return self.unicode and (self.colour or self.series == 1)

    def glyph(self, series: int) -> str:
        glyphs = GLYPHS if self.unicode else ASCII_GLYPHS
        return glyphs[0 if self.colour else series % len(glyphs)]

    def fill(self, series: int) -> str:
        fills = FILLS if self.unicode else ASCII_FILLS
        return fills[0 if self.colour else series % len(fills)]

    def coloured(self, text: str, series: int) -> str:
        if not self.colour or not text.strip():
            return text
        return f"\x1b[38;5;{PALETTE[series % len(PALETTE)]}m{text}\x1b[0m"


class Canvas:
    """WIDTH × HEIGHT cells."""

    def __init__(self, width: int, height: int, look: Look) -> None:
        self.width, self.height, self.look = width, height, look
        self.across, self.down = (2 * width, 4 * height) if look.finely else (width, height)
        self.cells: dict[tuple[int, int], tuple[int, int]] = {}  # (column, line) → dots, series
        self.texts: dict[tuple[int, int], tuple[str, int]] = {}  # what is no dot

    def dot(self, x: float, y: float, series: int) -> None:
        """A dot at a place, if that is on the canvas."""
        if 0 <= x <= 1 and 0 <= y <= 1:
            self._dot(self._column(x), self._line(y), series)

    def line(self, start: tuple[float, float], end: tuple[float, float], series: int) -> None:
        """Dots from START to END; both are on the canvas."""
        x0, y0, x1, y1 = (
            self._column(start[0]),
            self._line(start[1]),
            self._column(end[0]),
            self._line(end[1]),
        )
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for at in range(steps + 1):
            self._dot(x0 + round((x1 - x0) * at / steps), y0 + round((y1 - y0) * at / steps), series)

    def column(self, x0: float, x1: float, low: float, high: float, series: int) -> None:
        """A bar from X0 to X1 that stands from LOW to HIGH."""
        first, last = round(x0 * self.width), max(round(x0 * self.width) + 1, round(x1 * self.width))
        bottom, top = low * self.height, high * self.height
        for line in range(self.height):
            full = min(1.0, max(0.0, min(top, line + 1) - max(bottom, line)))
            text = self._filled(full, line < bottom, series)
            for column in range(first, min(last, self.width)):
                if text:
                    self.texts[column, self.height - 1 - line] = text, series

    def _filled(self, share: float, from_above: bool, series: int) -> str:
        if self.look.unicode and self.look.fill(series) == "█" and not from_above:
            return EIGHTHS[round(share * 8)].strip()
        return self.look.fill(series) if share >= 0.5 else ""

    def _column(self, x: float) -> int:
        return min(self.across - 1, max(0, int(x * self.across)))

    def _line(self, y: float) -> int:
        return min(self.down - 1, max(0, int((1 - y) * self.down)))

    def _dot(self, column: int, line: int, series: int) -> None:
        if not self.look.finely:
            self.texts[column, line] = self.look.glyph(series), series
            return
        cell = column // 2, line // 4
        before, _ = self.cells.get(cell, (0, 0))
        self.cells[cell] = before | DOTS[line % 4][column % 2], series

    def lines(self) -> list[str]:
        """What was drawn, line by line; neighbours of one colour are coloured together."""
        made = []
        for line in range(self.height):
            runs = groupby(
                (self._cell(column, line) for column in range(self.width)), key=lambda cell: cell[1]
            )
            made.append(
                "".join(self.look.coloured("".join(text for text, _ in run), series) for series, run in runs)
            )
        return made

    def _cell(self, column: int, line: int) -> tuple[str, int]:
        text = self.texts.get((column, line))
        if text is not None:
            return text
        dots = self.cells.get((column, line))
        return (" ", -1) if dots is None else (chr(BRAILLE + dots[0]), dots[1])
