"""Pictures in terminals that take them: the protocols of kitty and iTerm2, and sixels.

Sources: sw.kovidgoyal.net/kitty/graphics-protocol, iterm2.com/documentation-images.html, DEC STD 070 (sixels).
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final, TextIO

from chorus.runtime.plots.plot import Plot

CHUNK: Final = 4096  # letters of base64 that kitty takes at a time
CELL: Final = (8, 16)  # pixels of a character where the terminal does not say
WIDEST, TALLEST = 900, 480  # pixels
LEVELS: Final = 6  # of each of red, green and blue in sixels: 216 colours


def picture_for(plot: Plot, way: str, stream: TextIO) -> str | None:
    """PLOT as the escape sequence of WAY; None where no renderer is installed."""
    from chorus.runtime.plots.saving import picture

    width, height = _room(stream)
    sized = Plot(
        plot.mark, plot.channels, plot.columns, title=plot.title, notes=plot.notes,
        width=plot.width or max(160, width - 160), height=plot.height,
    )  # fmt: skip
    scale = 1.0 if height >= TALLEST else max(0.5, height / TALLEST)
    png = picture(sized, ".png", scale, missing=None)
    return None if png is None else ENCODED[way](png)


def _room(stream: TextIO) -> tuple[int, int]:
    """Pixels that a picture may take."""
    import fcntl
    import shutil
    import termios

    columns, lines = shutil.get_terminal_size((80, 24))
    try:
        told = struct.unpack("HHHH", fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, b"\0" * 8))
    except (OSError, ValueError):
        told = (0, 0, 0, 0)
    width = told[2] or columns * CELL[0]
    height = told[3] or lines * CELL[1]
    return min(width, WIDEST), min(height * 3 // 4, TALLEST)


def kitty(png: bytes) -> str:
    text = base64.standard_b64encode(png).decode()
    chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
    return "".join(
        f"\x1b_G{'a=T,f=100,' if at == 0 else ''}m={int(at + 1 < len(chunks))};{chunk}\x1b\\"
        for at, chunk in enumerate(chunks)
    )


def iterm(png: bytes) -> str:
    data = base64.standard_b64encode(png).decode()
    return f"\x1b]1337;File=inline=1;size={len(png)};preserveAspectRatio=1:{data}\x07"


def sixel(png: bytes) -> str:
    """Six lines of pixels at a time, for each colour in them the columns where it stands."""
    import numpy as np

    rgb = pixels_of(png)  # u8[h,w,3]
    height, width, _ = rgb.shape
    levels = (rgb.astype(np.uint16) * (LEVELS - 1) + 127) // 255
    code = levels @ np.array([LEVELS * LEVELS, LEVELS, 1], np.uint16)  # [h,w]
    parts = [f'\x1bPq"1;1;{width};{height}']
    for each in np.unique(code).tolist():
        shares = (each // LEVELS**2, each // LEVELS % LEVELS, each % LEVELS)
        parts.append(f"#{each};2;" + ";".join(str(share * 100 // (LEVELS - 1)) for share in shares))
    for top in range(0, height, 6):
        band = code[top : top + 6]  # [≤6,w]
        weights = (1 << np.arange(len(band)))[:, None]
        lines = []
        for each in np.unique(band).tolist():
            bits = ((band == each) * weights).sum(0)  # [w]
            lines.append(f"#{each}" + "".join(_runs(bits.tolist())))
        parts.append("$".join(lines) + "-")
    return "".join(parts) + "\x1b\\"


def _runs(bits: list[int]) -> Iterator[str]:
    """Columns of six pixels as letters, equal ones counted."""
    at = 0
    while at < len(bits):
        end = at
        while end < len(bits) and bits[end] == bits[at]:
            end += 1
        letter = chr(63 + bits[at])
        yield f"!{end - at}{letter}" if end - at > 3 else letter * (end - at)
        at = end


def pixels_of(png: bytes) -> Any:
    """The pixels u8[h,w,3] of a PNG of 8-bit colours (with transparency on white or without), not interlaced."""
    import numpy as np

    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    if depth != 8 or colours not in (2, 6) or interlaced:
        raise ValueError(f"a PNG of colour type {colours}, depth {depth} is not read")
    data, at = b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += 12 + size
    depth = 4 if colours == 6 else 3
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * depth)
    made = np.zeros((height, width, depth), np.uint8)
    before = np.zeros((width, depth), np.uint8)
    for number in range(height):
        before = made[number] = FILTERS[int(lines[number, 0])](
            lines[number, 1:].reshape(width, depth), before
        )
    if depth == 3:
        return made
    alpha = made[:, :, 3:].astype(np.uint16)
    return ((made[:, :, :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)


def _sub(line: Any, before: Any) -> Any:
    import numpy as np

    return np.cumsum(line, 0, dtype=np.uint8)


def _average(line: Any, before: Any) -> Any:
    made, left = line.copy(), 0 * line[0].astype(int)
    for at in range(len(line)):
        left = (line[at].astype(int) + (left + before[at]) // 2) & 255
        made[at] = left
    return made


def _paeth(line: Any, before: Any) -> Any:
    import numpy as np

    made = line.astype(np.int64)
    above = before.astype(np.int64)
    left = corner = np.zeros_like(made[0])
    for at in range(len(made)):
        up = above[at]
        guess = left + up - corner
        from_left, from_up, from_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
        nearest = np.where(
            (from_left <= from_up) & (from_left <= from_corner),
            left,
            np.where(from_up <= from_corner, up, corner),
        )
        left = made[at] = (made[at] + nearest) & 255
        corner = up
    return made.astype(np.uint8)


FILTERS: Final[tuple[Callable[[Any, Any], Any], ...]] = (
    lambda line, before: line,
    _sub,
    lambda line, before: line + before,
    _average,
    _paeth,
)
ENCODED: Final[dict[str, Callable[[bytes], str]]] = {"kitty": kitty, "iterm": iterm, "sixel": sixel}
