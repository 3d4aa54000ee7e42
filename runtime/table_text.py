"""Grids of text for people: columns as wide as the terminal allows, long cells cut, and a note of
what is not shown.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, TextIO

if TYPE_CHECKING:
    from chorus.runtime.table_format import Rows

NARROWEST: Final = 8  # cells; a column is not cut below this while others can give
READABLE: Final = (
    24  # cells, or a third of the screen: what the longest text keeps, for it is what people read
)
MADE: Final = 3  # columns that a query made: so many stay while stored ones can go
WIDEST: Final = 80  # cells of one column, where there is no terminal to fill
ELLIPSIS: Final = "…"


class Frame(NamedTuple):
    """The lines around and between cells: (left, between, right), and the rules above, below the
    head, and below.
    """

    cell: tuple[str, str, str]
    top: tuple[str, str, str, str] | None
    middle: tuple[str, str, str, str]
    bottom: tuple[str, str, str, str] | None


FRAMES: Final = {
    "plain": Frame(("", "  ", ""), None, ("", "  ", "", "─"), None),
    "box": Frame(
        ("│ ", " │ ", " │"), ("┌─", "─┬─", "─┐", "─"), ("├─", "─┼─", "─┤", "─"), ("└─", "─┴─", "─┘", "─")
    ),
}


def write_grid(rows: Rows, stream: TextIO, max_rows: int | None, width: int | None, frame: str) -> None:
    """The first MAX_ROWS rows under their names and types, WIDTH cells wide at most, and how many
    there are.
    """
    from chorus.runtime.table_format import cell_text, safe

    heads = [safe(name) for name in rows.names]
    kinds = rows.kinds
    shown = [
        [safe(cell_text(value, kind)) for value, kind in zip(row, kinds, strict=True)]
        for row in islice(rows.rows, None if max_rows is None else max_rows + 1)
    ]
    more = max_rows is not None and len(shown) > max_rows
    shown = shown[:max_rows]
    if width is None and getattr(stream, "isatty", lambda: False)():
        width = shutil.get_terminal_size().columns
    made = rows.made() if width is not None else set()
    columns = [
        Layout(kind, (head, kind), cells, name in made)
        for name, head, kind, *cells in zip(rows.names, heads, kinds, *shown, strict=True)
    ]
    kept, widths = fitted(columns, width, FRAMES[frame])
    lines = Lines(FRAMES[frame], kept, widths, [column.is_number for column in columns])
    body = [heads, kinds] if rows.types else [heads]
    stream.write(lines.rule(lines.frame.top) + "".join(map(lines.row, body)) + lines.rule(lines.frame.middle))
    stream.write("".join(map(lines.row, shown)) + lines.rule(lines.frame.bottom))
    total = rows.total() if more else len(shown)
    stream.write(
        _note(len(shown), total, len(heads), [heads[at] for at in range(len(heads)) if at not in kept])
    )


def _note(shown: int, total: int, columns: int, left_out: Sequence[str]) -> str:
    size = f"{_several(total, 'row')} × {_several(columns, 'column')}"
    note = size if shown == total else f"{shown} of {size}"
    return f"({note}{'; not shown: ' + ' '.join(left_out) if left_out else ''})\n"


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


class Layout:
    """How wide a column would be, how narrow it may become, whether it says anything, and whether the query MADE it."""

    def __init__(self, kind: str, heads: tuple[str, str], cells: Sequence[str], made: bool = False) -> None:
        self.made = made
        self.is_number = kind in ("integer", "real")
        self.natural = min(WIDEST, max(_width(text) for text in (*heads, *cells)))
        self.least = min(self.natural, NARROWEST) if kind in ("string", "") else self.natural
        self.is_empty = not any(cells)

    def keep(self, width: int) -> None:
        """Let it not become narrower than WIDTH, as far as it needs that."""
        self.least = max(self.least, min(self.natural, width))


def fitted(columns: list[Layout], width: int | None, frame: Frame) -> tuple[list[int], list[int]]:
    """Which columns are shown, and how wide each is.

    Texts give width first, the longest least; where that is not enough, columns go in the order of `_leaving`.
    """
    kept = list(range(len(columns)))
    if width is None:
        return kept, [column.natural for column in columns]
    longest = max(kept, key=lambda at: columns[at].natural, default=0)
    if columns:
        columns[longest].keep(min(max(READABLE, width // 3), width // 2))
    between = _width(frame.cell[1])
    edges = _width(frame.cell[0]) + _width(frame.cell[2])
    while True:
        room = max(1, width - edges - between * (len(kept) - 1))
        needed = sum(columns[at].least for at in kept)
        if needed <= room or len(kept) == 1:
            return kept, _shared([columns[at] for at in kept], room)
        kept.remove(next(at for at in _leaving(columns, kept) if at != longest))


def _leaving(columns: list[Layout], kept: list[int]) -> list[int]:
    """Which of those KEPT can be spared, first to last: those without values, then from the right what the query made
    beyond the first few, what is stored, the first column last of that, and what it made first.
    """
    made = [at for at in kept if columns[at].made]
    asked = made[:MADE] if len(made) < len(columns) else []
    key = lambda at: (not columns[at].is_empty, at not in made or not asked, -at)
    spare = sorted((at for at in kept if at not in asked), key=key)
    first = [at for at in spare if at == 0 and asked and not columns[at].is_empty]
    return [at for at in spare if at not in first] + first + asked[::-1]


def _shared(columns: list[Layout], room: int) -> list[int]:
    """Widths that fill ROOM at most: one ceiling for all that may give."""
    if len(columns) == 1:
        return [min(columns[0].natural, room)]
    low, high = 0, max((column.natural for column in columns), default=0)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if sum(_under(middle, columns)) <= room else (low, middle - 1)
    made = _under(low, columns)
    for at, column in enumerate(columns):
        if made[at] < column.natural and sum(made) < room:
            made[at] += 1
    return made


def _under(ceiling: int, columns: list[Layout]) -> list[int]:
    return [max(column.least, min(column.natural, ceiling)) for column in columns]


class Lines:
    """Lines of one grid."""

    def __init__(self, frame: Frame, kept: list[int], widths: list[int], right: list[bool]) -> None:
        self.frame = frame
        self.kept = kept
        self.widths = widths
        self.right = right

    def row(self, cells: Sequence[str]) -> str:
        left, between, end = self.frame.cell
        parts = [
            padded(cut(cells[at], width), width, self.right[at])
            for at, width in zip(self.kept, self.widths, strict=True)
        ]
        return (left + between.join(parts) + end).rstrip() + "\n"

    def rule(self, pieces: tuple[str, str, str, str] | None) -> str:
        if pieces is None:
            return ""
        left, between, end, line = pieces
        return left + between.join(line * width for width in self.widths) + end + "\n"


def _width(text: str) -> int:
    """Terminal cells: East Asian wide characters and most emoji take two, combining marks none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """TEXT in at most WIDTH cells, with an ellipsis where it was cut."""
    if _width(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, max(0, width - 1)).rstrip() + ELLIPSIS


def padded(text: str, width: int, right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if right else text + blank
