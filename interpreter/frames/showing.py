"""How a difference of definitions looks to people: laid out as source, lines with - and + before what changed."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from chorus.runtime.frames.treediff import NOW, WAS, side
from chorus.runtime.printer import display, write
from chorus.runtime.values import Pair, list_items

WIDTH = 72


def shown(entry: Any) -> str:
    """ENTRY, (added | removed | changed name definition), as lines."""
    what, name, definition = list_items(entry) or ["?", "?", entry]
    title = f"{display(name)} {display(what)}"
    old = laid_out(side(definition, WAS)) if display(what) != "added" else []
    new = laid_out(side(definition, NOW)) if display(what) != "removed" else []
    return "\n".join([title, *_marked(old, new)])


def laid_out(form: Any) -> list[str]:
    """FORM as lines of source."""
    from chorus.interpreter.faces.formatter import format_source

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
