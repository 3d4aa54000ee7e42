"""What a person prefers at the prompt: the environment before the file before what holds otherwise.

A file that is wrong is told of, line by line of what is wrong with it, and keeps nobody from working.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chorus.interpreter.faces.options import FORMATS, near
from chorus.interpreter.faces.repl.paging import pager_command
from chorus.interpreter.faces.themes import DEFAULT, THEMES

FILE = "CHORUS_CONFIG"  # names another file
SHOWN = tuple(name for name in FORMATS if name != "arrow")  # that is bytes


@dataclass
class Preferences:
    """A row a setting; the comment is what the documentation says."""

    theme: str = DEFAULT  # dark, light or plain
    format: str = "table"  # how tables print
    pager: str | None = None  # a command, or none for off
    timing: bool = False  # how long each entry took
    confirm: bool = True  # ask before what cannot be undone


def _one_of(known: tuple[str, ...]) -> Callable[[Any], Any]:
    def take(value: Any) -> Any:
        if value not in known:
            raise ValueError(f"should be one of {', '.join(known)}{near(str(value), known)}")
        return value

    return take


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("should be true or false")
    return value


def _command(value: Any) -> str | None:
    if not isinstance(value, str):
        raise ValueError('should be a command, or "off"')
    return None if value.strip().lower() in ("off", "") else value


TAKES: dict[str, Callable[[Any], Any]] = {
    "theme": _one_of(tuple(THEMES)),
    "format": _one_of(SHOWN),
    "pager": _command,
    "timing": _yes_or_no,
    "confirm": _yes_or_no,
}


def config_file() -> Path:
    """Where the settings are: $CHORUS_CONFIG, or `chorus/config.toml` among the settings of this person."""
    told = os.environ.get(FILE)
    if told:
        return Path(told).expanduser()
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "chorus" / "config.toml"


def preferences(tell: Callable[[str], None]) -> Preferences:
    """What holds now; what is wrong with the file or the environment goes to TELL."""
    chosen = Preferences(pager=pager_command())
    path = config_file()
    _take(chosen, _read(path, tell), str(path), tell)
    if any(name in os.environ for name in ("CHORUS_PAGER", "PAGER")):
        chosen.pager = pager_command()
    if os.environ.get("CHORUS_THEME"):
        _take(chosen, {"theme": os.environ["CHORUS_THEME"]}, "CHORUS_THEME", tell)
    return chosen


def _read(path: Path, tell: Callable[[str], None]) -> Mapping[str, Any]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if os.environ.get(FILE):
            tell(f"chorus: there is no file {path}, which {FILE} names")
        return {}
    except OSError as problem:
        tell(f"chorus: {path} cannot be read: {problem.strerror}")
        return {}
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        tell(f"chorus: {path} is no TOML: {problem}")
        return {}


def _take(chosen: Preferences, given: Mapping[str, Any], where: str, tell: Callable[[str], None]) -> None:
    for name, value in given.items():
        if name not in TAKES:
            tell(f"chorus: {where}: there is no setting {name}{near(name, TAKES)}; known: {', '.join(TAKES)}")
            continue
        try:
            setattr(chosen, name, TAKES[name](value))
        except ValueError as problem:
            tell(f"chorus: {where}: {name} {problem}")
