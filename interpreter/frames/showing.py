"""How differences of definitions, merges and versions look to people: source laid out, with - and + before the lines
that changed; a line for each version.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from chorus.runtime.frames.bindings import Binding, Key
from chorus.runtime.frames.history import History, Version
from chorus.runtime.frames.treediff import NOW, WAS, side
from chorus.runtime.printer import display, write
from chorus.runtime.values import Pair, list_items

WIDTH = 72


def shown(entry: Any, why: str = "") -> str:
    """ENTRY, (added | removed | changed name definition), as lines; WHY it came about beside the first."""
    what, name, definition = list_items(entry) or ["?", "?", entry]
    title = f"{display(name)} {display(what)}" + (f"  ; {why}" if why else "")
    old = laid_out(side(definition, WAS)) if display(what) != "added" else []
    new = laid_out(side(definition, NOW)) if display(what) != "removed" else []
    return "\n".join([title, *_marked(old, new)])


def why(entry: Any, history: History, form_of: Callable[[Binding], Any]) -> str:
    """The reason of the newest version in HISTORY that made ENTRY's definition what it is; "" where none is given."""
    _, name, definition = list_items(entry) or ["?", "?", entry]
    wanted = write(side(definition, NOW))
    for version in reversed(history.of(display(name))):
        for change in version.changes:
            held = change.binding if change.key.name == display(name) else None
            if held is not None and write(form_of(held)) == wanted:
                return " ".join(version.reason.split())
    return ""


def laid_out(form: Any) -> list[str]:
    """FORM as lines of source."""
    from chorus.interpreter.formatter import format_source

    return format_source("\n".join(_broken(form)) + "\n").rstrip("\n").split("\n")


def _broken(form: Any) -> list[str]:
    """FORM in lines that are not indented yet: a list that is too long for one has its later parts on their own."""
    text = write(form)
    items = list_items(form) if isinstance(form, Pair) else None
    if len(text) <= WIDTH or items is None or len(items) < 2 or text[0] != "(":
        return [text]
    first, *rest = _broken(items[1])
    lines = [f"({write(items[0])} {first}", *rest]
    for item in items[2:]:
        lines += _broken(item)
    lines[-1] += ")"
    return lines


def _marked(old: list[str], new: list[str]) -> list[str]:
    lines: list[str] = []
    for kind, i, j, m, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [f"    {line}" for line in new[m:n]]
        else:
            lines += [f"  - {line}" for line in old[i:j]] + [f"  + {line}" for line in new[m:n]]
    return lines


# — versions —

COLUMNS = ("version", "hash", "when (UTC)", "who", "what", "change", "why")
WIDEST = {"who": 16, "what": 28, "change": 48, "why": 40}
NAMED = 2  # of the names that a version changed


class Told(NamedTuple):
    """What a version did to a NAME: the definitions before and after, None where there was or is none."""

    name: str
    was: Binding | None
    now: Binding | None

    def line(self, form_of: Callable[[Binding], Any]) -> str:
        """The new definition from the first line on that the old one has not."""
        if self.now is None:
            return "taken away"
        new = laid_out(form_of(self.now))
        old = laid_out(form_of(self.was)) if self.was else []
        return " ".join([line[4:] for line in _marked(old, new) if line.startswith("  + ")] or new)


def told_changes(history: History) -> dict[str, tuple[Version, list[Told]]]:
    """By hash: the versions of HISTORY, each with what it changed."""
    found: dict[str, tuple[Version, list[Told]]] = {}
    held: dict[Key, Binding | None] = {}
    for version in history.versions:
        changes = [Told(key.name, held.get(key), binding) for key, binding in version.changes]
        held.update(version.changes)
        found[version.hash] = (version, changes)
    return found


def history_text(rows: list[tuple[Version, list[Told]]], form_of: Callable[[Binding], Any]) -> str:
    """A sheet of versions, each with its changes; FORM-OF reads a definition."""
    sheet = [COLUMNS, *(_row(version, changes, form_of) for version, changes in rows)]
    used = [at for at in range(len(COLUMNS)) if any(row[at] for row in sheet[1:])]
    widths = {at: max(len(row[at]) for row in sheet) for at in used}
    lines = ["  ".join(row[at].ljust(widths[at]) for at in used).rstrip() for row in sheet]
    return "\n".join([lines[0], "  ".join("─" * widths[at] for at in used), *lines[1:]])


def _row(version: Version, changes: list[Told], form_of: Callable[[Binding], Any]) -> tuple[str, ...]:
    names = [change.name for change in changes]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    told = {
        "version": f"v{version.number}",
        "hash": version.hash[:8],
        "when (UTC)": version.at.strftime("%Y-%m-%d %H:%M"),
        "who": version.author,
        "what": _cut(", ".join(names[:NAMED]), WIDEST["what"] - len(more)) + more,
        "change": changes[0].line(form_of) if changes else "",
        "why": version.reason,
    }
    return tuple(_cut(told[name], WIDEST.get(name, WIDTH)) for name in COLUMNS)


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


# — merges —


def merge_text(definitions: list[Any], conflicts: list[tuple[Any, ...]]) -> str:
    """What a merge came to: each conflict, (name base ours theirs), with what either side did, and the definitions."""
    lines = [f"{numbered(definitions, 'definition')}, {numbered(conflicts, 'conflict')}"]
    for name, base, ours, theirs in conflicts:
        lines.append(f"conflict: {display(name)}")
        for side_name, changed in (("ours", ours), ("theirs", theirs)):
            old, new = (laid_out(form) if form is not False else [] for form in (base, changed))
            lines += [f"  {side_name}", *(f"  {line}" for line in _marked(old, new))]
    if conflicts:
        lines.append("  (settle conflicts with :prefer 'ours or 'theirs; below they are as before)")
    return "\n".join([*lines, *(f"  {_cut(write(form), WIDTH)}" for form in definitions)])


def numbered(things: Sized, word: str) -> str:
    return f"1 {word}" if len(things) == 1 else f"{len(things) or 'no'} {word}s"
