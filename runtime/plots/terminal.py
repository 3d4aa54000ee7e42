"""How a plot is shown where output goes: as pixels, in Unicode or in ASCII, by what the terminal can.

CHORUS_PLOT=kitty|iterm|sixel|unicode|ascii in the environment decides instead.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any, Final, TextIO

from chorus.runtime.plots.drawing import draw
from chorus.runtime.plots.plot import Plot

WAYS: Final = ("kitty", "iterm", "sixel", "unicode", "ascii")
PIXELS: Final = WAYS[:3]
# What a terminal says of itself: (variable, what its value begins with, way).
SIGNS: Final = (
    ("TMUX", "", "unicode"),  # what stands between us and the terminal would not let pixels through
    ("TERM", "screen", "unicode"),
    ("TERM", "tmux", "unicode"),
    ("KITTY_WINDOW_ID", "", "kitty"),
    ("TERM", "xterm-kitty", "kitty"),
    ("TERM", "xterm-ghostty", "kitty"),
    ("TERM_PROGRAM", "ghostty", "kitty"),
    ("TERM_PROGRAM", "WezTerm", "kitty"),
    ("TERM_PROGRAM", "iTerm.app", "iterm"),
    ("LC_TERMINAL", "iTerm2", "iterm"),
    ("TERM", "foot", "sixel"),
    ("TERM", "mlterm", "sixel"),
    ("TERM", "contour", "sixel"),
)
DUMB: Final = ("dumb", "unknown", "")
PATIENCE: Final = 0.3  # seconds that a terminal has to answer
SIXEL: Final = "4"  # among the attributes that a terminal names
LINES: Final = 24
WIDEST: Final = 120  # characters: what is wider is no easier to read


def shown(plot: Plot, stream: TextIO) -> str:
    """PLOT as it is written to STREAM, without the last line's end. Only a terminal gets colours and pixels."""
    is_terminal = bool(getattr(stream, "isatty", lambda: False)())
    way = way_of(stream, is_terminal)
    columns, lines = shutil.get_terminal_size((80, LINES))
    if way in PIXELS and is_terminal:
        from chorus.runtime.plots.pixels import picture_for

        picture = picture_for(plot, way, stream)
        if picture is not None:
            return picture
    colour = is_terminal and way != "ascii" and not os.environ.get("NO_COLOR")
    return draw(plot, min(columns, WIDEST) - 1, max(10, min(lines - 2, LINES)), way != "ascii", colour)


def way_of(stream: Any, is_terminal: bool) -> str:
    """One of WAYS."""
    told = os.environ.get("CHORUS_PLOT", "").lower()
    if told in WAYS:
        return told
    if "utf" not in (getattr(stream, "encoding", None) or "utf-8").lower():
        return "ascii"
    if not is_terminal:
        return "unicode"
    term = os.environ.get("TERM", "")
    if term in DUMB:
        return "ascii"
    for variable, beginning, way in SIGNS:
        value = os.environ.get(variable)
        if value and value.startswith(beginning):
            return way
    return "sixel" if term.startswith("xterm") and SIXEL in _attributes() else "unicode"


_told: list[list[str]] = []  # what the terminal has answered


def _attributes() -> list[str]:
    """What the terminal says that it can (DA1), asked once."""
    if not _told:
        _told.append(_ask() if sys.stdin is not None and sys.stdin.isatty() else [])
    return _told[0]


def _ask() -> list[str]:
    try:
        import re
        import select
        import termios
        import tty
    except ImportError:  # no such terminals on this system
        return []
    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return []
    answer = b""
    try:
        before = termios.tcgetattr(handle)
        try:
            tty.setcbreak(handle, termios.TCSANOW)
            os.write(handle, b"\x1b[c")
            while not answer.endswith(b"c") and select.select([handle], [], [], PATIENCE)[0]:
                answer += os.read(handle, 64)
        finally:
            termios.tcsetattr(handle, termios.TCSANOW, before)
    except (OSError, termios.error):
        return []
    finally:
        os.close(handle)
    found = re.search(rb"\x1b\[\?([\d;]*)c", answer)
    return found[1].decode().split(";") if found else []
