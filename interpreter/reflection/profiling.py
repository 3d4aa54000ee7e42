"""What `profile` gives: what the calls in a text cost, as a value that prints as a table and draws as a flame view."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from chorus.interpreter.reflection.flames import Box, html, svg
from chorus.runtime.context import Context
from chorus.runtime.errors import ChorusError, EvalError
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, list_items, make_list

FORMATS = {".svg": svg, ".html": html}
COLUMNS = ("calls", "total", "self", "rows", "bytes", "place", "form")
MOST_ROWS = 30


class Profile:
    """The VALUE of a form, what each call in the text cost (ROWS), and the TREE of calls: (form place seconds …)."""

    __slots__ = ("rows", "tree", "value")

    def __init__(self, value: Any, rows: list[HashTable], tree: Any) -> None:
        self.value = value
        self.rows = rows
        self.tree = tree

    @property
    def seconds(self) -> float:
        return float(sum(row.get(Keyword("self")) for row in self.rows))

    def __lisp__(self) -> str:
        return f"#<profile of {len(self.rows)} calls, {self.seconds * 1000:.3g} ms>"


@primitive("%spent", effects="clock")
def spent(ctx: Context) -> Any:
    """What the session has spent until now: nanoseconds of a clock, rows that engines gave, bytes that primitives asked
    for, as a vector.

    > (vector-length (%spent))
    => 3
    """
    rows, fetched = ctx.fetched
    return [time.perf_counter_ns(), rows, ctx.meter.bytes + fetched]


@primitive("%profile", effects="pure")
def profile(value: Any, rows: Any, tree: Any) -> Profile:
    """A profile of VALUE: the ROWS of its calls, and their TREE.

    > (profile-value (%profile 5 '() '(#f #f 0)))
    => 5
    """
    return Profile(value, list_items(rows) or [], tree)


@primitive("%profile?", effects="pure", checked=False)
def is_profile(value: Any) -> bool:
    """Whether VALUE is what `profile` gives.

    > (%profile? (profile (+ 1 2)))
    => #t
    """
    return value.__class__ is Profile


def given(value: Any, caller: str) -> Profile:
    if not isinstance(value, Profile):
        raise wrong_type(caller, "profile", "what (profile form) gives", value)
    return value


@primitive("profile-value", effects="pure")
def profile_value(profile: Any) -> Any:
    """The value of the form that was profiled.

    > (profile-value (profile (* 6 7)))
    => 42
    """
    return given(profile, "profile-value").value


@primitive("profile-rows", effects="pure")
def profile_rows(profile: Any) -> Any:
    """A hash table for each call in the text, those first that took the longest themselves: :form :place :calls, :total
    seconds and :self, without the calls within; :rows that it fetched, or of the table that it gave; :bytes that
    primitives asked for. In recursion, :total is that of the outermost calls.

    > (map (lambda (row) (list (get row :form) (get row :calls))) (profile-rows (profile (+ 1 2))))
    => (("(+ 1 2)" 1))
    """
    return make_list(given(profile, "profile-rows").rows)


@primitive("%profile-text", effects="pure")
def profile_text(profile: Any) -> str:
    """A PROFILE as a table for people.

    > (string? (%profile-text (profile (+ 1 2))))
    => #t
    """
    found = given(profile, "profile")
    lines = [[str(each) for each in COLUMNS]]
    lines += [[cell(name, row.get(Keyword(name))) for name in COLUMNS] for row in found.rows[:MOST_ROWS]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    numbers = len(COLUMNS) - 2
    shown = [
        "  ".join(
            text.rjust(width) if at < numbers else text.ljust(width)
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    if len(found.rows) > MOST_ROWS:
        shown.append(f"… and {len(found.rows) - MOST_ROWS} more: (profile-rows …) has them")
    return "\n".join(shown)


def cell(column: str, value: Any) -> str:
    if column in ("total", "self"):
        return f"{value * 1000:.3f} ms"
    if column in ("rows", "bytes"):
        return f"{value:,}".replace(",", " ") if value else ""
    return str(value) if value is not False else ""


@primitive("flame", effects="write-file")
def flame(profile: Any, path: str) -> str:
    """Draw PROFILE into the file PATH, whose name ends in .svg or .html: a box for each call, as wide as its share of
    the time, over what it called; the page can be zoomed. Gives PATH.

    > (guard (e (#t (error-object-code e))) (flame (profile (+ 1 2)) "flame.txt"))
    => range
    """
    found = given(profile, "flame")
    draw = FORMATS.get(Path(path).suffix)
    if draw is None:
        raise EvalError(f"flame: {path} is neither .svg nor .html", code="range", irritants=(path,))
    try:
        Path(path).write_text(draw(tree_of(found.tree)), encoding="utf-8")
    except OSError as problem:
        raise ChorusError(f"flame: cannot write {path}: {problem.strerror}", code="file") from None
    return path


def tree_of(told: Any) -> Box:
    form, place, seconds, *inner = list_items(told) or [False, False, 0.0]
    boxes = sorted(map(tree_of, inner), key=lambda box: -box.total)
    return Box(form or "all", place or "", seconds, boxes)
