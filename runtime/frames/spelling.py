"""How versions look in a journal, and reading them back, up to the first that is not what was written.

    (version 3 "hash" "parent's hash" "2026-11-21T18:53:10+00:00" "author" "reason" 2)
    (context define f (define (f x) (* 2 x)))
    (context own g)

The number at the end says how many lines of changes follow; a change without a text takes a binding away.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from chorus.runtime.frames.bindings import Binding, Change, Key
from chorus.runtime.frames.history import History, Version
from chorus.runtime.printer import ESCAPES, string_text, symbol_text

TITLE = b";; Versions of the environment; made by chorus, each covered by the hash of the next. (audit) checks them.\n"
STRING = r'"(?:[^"\\]|\\.)*"'
VERSION = re.compile(
    rf'\(version (\d+) "([0-9a-f]{{64}})" "((?:[0-9a-f]{{64}})?)" "([^"\\]+)" ({STRING}) ({STRING}) (\d+)\)'
)
CHANGE = re.compile(r"\(([^\s()|]+) ([^\s()|]+) (\|(?:[^|\\]|\\.)*\||[^\s()|]+)(?: (.*))?\)", re.DOTALL)
ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]+);|(.))")
UNESCAPED = {shown[1]: char for char, shown in ESCAPES.items()}


class Damage(NamedTuple):
    """Where the journal stops being what was written."""

    line: int
    version: int
    problem: str


class Reading(NamedTuple):
    """What a journal's file says: its sound HISTORY, the SIZE in bytes of that, and what is wrong after it."""

    history: History
    size: int
    unfinished: bool
    damage: Damage | None


# — spelling —


def spell(version: Version) -> bytes:
    told = " ".join(
        (
            f'(version {version.number} "{version.hash}" "{version.parent}" "{version.at.isoformat()}"',
            string_text(version.author),
            string_text(version.reason),
            f"{len(version.changes)})",
        )
    )
    return "".join(f"{line}\n" for line in (told, *map(spell_change, version.changes))).encode()


def spell_change(change: Change) -> str:
    key, binding = change
    if binding is None:
        return f"({key.frame} {key.place} {symbol_text(key.name)})"
    if "\n" in binding.text:
        raise ValueError("a binding's text is one line")
    return f"({key.frame} {binding.kind} {symbol_text(key.name)} {binding.text})"


def _unescape(text: str) -> str:
    return ESCAPED.sub(
        lambda found: chr(int(found[1], 16)) if found[1] else UNESCAPED.get(found[2], found[2]), text
    )


def _name(text: str) -> str:
    return _unescape(text[1:-1]) if text[0] == "|" else text


def read_change(line: str) -> Change | None:
    found = CHANGE.fullmatch(line)
    if found is None:
        return None
    frame, kind, name, text = found.groups()
    if text is None:
        return Change(Key(frame, kind, _name(name)), None)
    binding = Binding(kind, _name(name), text)
    return Change(Key(frame, binding.place, binding.name), binding)


# — reading —


def read(data: bytes) -> Reading:
    """The versions that DATA, a journal's bytes, tells of, up to the first that is not what was written."""
    *lines, torn = data.split(b"\n")
    history = History(dt.datetime.now(dt.UTC))
    at = size = 0
    if lines and lines[0] + b"\n" == TITLE:
        at, size = 1, len(TITLE)
    while at < len(lines):
        problem, following = _read_version(lines, at, history)
        if problem is None:
            size += sum(len(line) + 1 for line in lines[at:following])
            at = following
            continue
        unfinished = following > len(lines)
        damage = None if unfinished else Damage(at + 1, history.number + 1, problem)
        return Reading(history, size, unfinished, damage)
    return Reading(history, size, bool(torn), None)


def _read_version(lines: list[bytes], at: int, history: History) -> tuple[str | None, int]:
    """Add the version in LINES from AT on to HISTORY: (what is wrong, the line after it)."""
    try:
        head = VERSION.fullmatch(lines[at].decode())
        if head is None:
            return "this line begins no version", at + 1
        number, claimed, parent, moment, author, reason, count = head.groups()
        following = at + 1 + int(count)
        if following > len(lines):
            return "lines of this version are missing", following
        changes = [read_change(line.decode()) for line in lines[at + 1 : following]]
        known = [change for change in changes if change is not None]
        if len(known) < len(changes):
            return "a line of this version is no change", following
        made = history.make(
            known, _unescape(reason[1:-1]), _unescape(author[1:-1]), dt.datetime.fromisoformat(moment)
        )
    except ValueError:
        return "this line is not what was written", at + 1
    if parent != made.parent or number != str(made.number):
        return f"version {number} does not follow version {history.number}", following
    if claimed != made.hash or moment != made.at.isoformat():
        return f"version {number} is not what was written: its hash is another", following
    made.saved = True
    history.add(made)
    return None, following
