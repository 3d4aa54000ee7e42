"""What stdlib/evaluators/profile.sexp puts around calls, and what `profile` gives: a value that prints as a table and
draws as a flame view.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from chorus.interpreter.reflection.evaluators import text_at
from chorus.interpreter.reflection.flames import Box, html, svg
from chorus.interpreter.reflection.staging import where
from chorus.interpreter.stage.clock import Clock
from chorus.interpreter.stage.costs import Call, Cost, Counter, Node, Run
from chorus.runtime.context import Context
from chorus.runtime.errors import ChorusError, EvalError
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.values import UNSPECIFIED, HashTable, Keyword, make_list

FORMATS = {".svg": svg, ".html": html}
COLUMNS = ("calls", "total", "self", "rows", "bytes", "place", "form")
MOST_ROWS = 30


class Profile:
    """The VALUE of a form, and what the calls in the text cost: ROWS, and the tree of calls as boxes."""

    __slots__ = ("rows", "tree", "value")

    def __init__(self, value: Any, run: Run) -> None:
        self.value = value
        self.rows = rows_of(run)
        self.tree = box_of(run.root)

    @property
    def seconds(self) -> float:
        return float(sum(row.get(Keyword("self")) for row in self.rows))

    def __lisp__(self) -> str:
        return f"#<profile of {len(self.rows)} calls, {self.seconds * 1000:.3g} ms>"


def rows_of(run: Run) -> list[HashTable]:
    """A table for each call that was made, those that took the longest themselves first."""
    return [row_of(cost, run.now) for cost in sorted(run.summed(), key=lambda cost: -cost.own)]


def row_of(cost: Cost, now: float) -> HashTable:
    at = cost.call.at
    rows = cost.rows
    if cost.table is not None:
        with suppress(ChorusError):
            rows = cost.table.count()
    told = {
        "form": text_at(cost.call.form, at), "place": str(at) if at is not None else False, "calls": cost.calls,
        "total": max(cost.until(now), 0.0), "self": max(cost.own, 0.0), "rows": rows, "bytes": cost.bytes,
    }  # fmt: skip
    return HashTable((Keyword(name), value) for name, value in told.items())


def box_of(node: Node) -> Box:
    call = node.call
    inner = sorted(map(box_of, node.inner), key=lambda box: -box.total)
    text = "all" if node.outer is None else text_at(call.form, call.at)
    return Box(text, str(call.at or ""), node.own, inner)


# — what evaluated code asks for —


@primitive("%profile-clock", effects="pure")
def profile_clock(ctx: Context) -> Clock:
    """A clock, by which a profile is always under way.

    > (%profile-rows (%profile-clock))
    => ()
    """
    return Clock(ctx)


@primitive("%profile-call", effects="pure", checked=False)
def profile_call(form: Any, at: Any) -> Call:
    """What costs are noted by: the call FORM, written AT some place.

    > (begin (%profile-call '(f x) #f) 'made)
    => made
    """
    return Call(form, where(at))


@primitive("%profile-counted!", effects="mutate", checked=False)
def profile_counted(clock: Clock, call: Call, counter: Counter) -> Any:
    """From here on CALL is done as often as COUNTER counts; what it takes is not looked at.

    > (let ((clock (%profile-clock)))
        (%profile-counted! clock (%profile-call '(f) #f) (%counter))
        (length (%profile-rows clock)))
    => 0
    """
    clock.counted(call, counter)
    return UNSPECIFIED


@primitive("%profile-begin", effects="pure", checked=False)
def profile_begin(clock: Clock, call: Call) -> Any:
    """A procedure that notes that CALL, which something waits for, begins; it gives what `%profile-end` wants.

    > (let ((clock (%profile-clock)))
        ((%profile-end clock) ((%profile-begin clock (%profile-call '(f) #f))) 5))
    => 5
    """
    return clock.beginning(call)


@primitive("%profile-end", effects="pure", checked=False)
def profile_end(clock: Clock) -> Any:
    """A procedure that notes that what was begun ends with a value, which it gives.

    > (let ((clock (%profile-clock)))
        ((%profile-end clock) ((%profile-begin clock (%profile-call '(f) #f))) 5))
    => 5
    """
    return clock.end


@primitive("%profile-tail", effects="pure", checked=False)
def profile_tail(clock: Clock, call: Call) -> Any:
    """A procedure that notes that CALL, in tail position, begins; it ends with the one that is waited for.

    > (let ((clock (%profile-clock))) ((%profile-tail clock (%profile-call '(f) #f))) (length (%profile-rows clock)))
    => 1
    """
    return clock.passing(call)


# — what asks for a profile —


@primitive("%profile-enter!", effects="clock", checked=False)
def profile_enter(clock: Clock, run: Any = None) -> Any:
    """Have CLOCK keep a profile of its own from here on, or go on with RUN; gives it.

    > (let ((clock (%profile-clock))) (%profile-enter! clock) (%profile-leave! clock) (%profile-rows clock))
    => ()
    """
    run = run or Run()
    clock.enter(run)
    return run


@primitive("%profile-leave!", effects="clock", checked=False)
def profile_leave(clock: Clock) -> Any:
    """Have CLOCK go on with the profile around the one under way.

    > (let ((clock (%profile-clock))) (%profile-enter! clock) (%profile-leave! clock) (%profile-rows clock))
    => ()
    """
    clock.leave()
    return UNSPECIFIED


@primitive("%profile-rows", effects="pure", checked=False)
def profile_rows_(clock: Clock) -> Any:
    """What the profile under way has noted: a list of hash tables.

    > (%profile-rows (%profile-clock))
    => ()
    """
    clock.pause()
    return make_list(rows_of(clock.run))


@primitive("%profile", effects="pure", checked=False)
def profile(value: Any, run: Any) -> Profile:
    """The profile of VALUE, which RUN is of.

    > (let ((clock (%profile-clock))) (profile-value (%profile 5 (%profile-enter! clock))))
    => 5
    """
    return Profile(value, run)


@primitive("%profile?", effects="pure", checked=False)
def is_profile(value: Any) -> bool:
    """Whether VALUE is what `profile` gives.

    > (%profile? (profile (+ 1 2)))
    => #t
    """
    return value.__class__ is Profile


# — what people ask of it —


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
        return f"{value * 1000:.3f} ms" if value else ""  # what is counted only
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
        Path(path).write_text(draw(found.tree), encoding="utf-8")
    except OSError as problem:
        raise ChorusError(f"flame: cannot write {path}: {problem.strerror}", code="file") from None
    return path
