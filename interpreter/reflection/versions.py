"""Versions of the environment as the language sees them: history, differences, going back, rewriting."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable
from typing import Any

from chorus.interpreter import reader
from chorus.interpreter.diagnostics import suggest
from chorus.interpreter.frames import rewriting
from chorus.interpreter.frames.keeper import Keeper
from chorus.runtime.context import Context
from chorus.runtime.errors import CapabilityDenied, EvalError
from chorus.runtime.frames.bindings import FRAMES, Binding, State, differences
from chorus.runtime.frames.history import Version
from chorus.runtime.frames.kept import meant
from chorus.runtime.frames.naming import Early, number_of
from chorus.runtime.frames.treediff import difference, side
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import (
    NIL,
    UNSPECIFIED,
    HashTable,
    Keyword,
    MutableString,
    Symbol,
    list_items,
    make_list,
    table,
)

BASE = Symbol("base")


def keeper_of(ctx: Context) -> Keeper:
    return ctx.session.versions


def number(ctx: Context, version: Any, caller: str, early: Early | None = None) -> int:
    """The number of the version that VERSION, any name of one or what the history lists, stands for."""
    if isinstance(version, HashTable):
        version = version.get(Keyword("version"))
    history = keeper_of(ctx).history
    now = dt.datetime.now(dt.UTC)
    return number_of(history, version, now, caller, lambda word, known: suggest(word, known) or "", early)


def state(ctx: Context, version: Any, caller: str, early: Early | None = None) -> State:
    keeper = keeper_of(ctx)
    at = number(ctx, version, caller, early)
    return keeper.state if at == keeper.history.number else keeper.history.state_at(at)


def symbol(number: int) -> Symbol:
    return Symbol(f"v{number}") if number else BASE


def form_of(binding: Binding | None) -> Any:
    return False if binding is None else reader.read_one(binding.text, f"<{binding.name}>")


def frame_named(frame: str | None, caller: str) -> str:
    if frame is None:
        return FRAMES[-1]
    if frame not in FRAMES:
        near = suggest(frame, FRAMES)
        raise EvalError(
            f"{caller}: there is no frame {frame}",
            code="range",
            hint=f"did you mean {near}?" if near else f"there are {', '.join(FRAMES)}",
            irritants=(Symbol(frame),),
        )
    return frame


def insist_on_right(ctx: Context, frames: Iterable[str], caller: str) -> None:
    """Raise unless the session may change definitions of all FRAMES: those further out than its own are the team's."""
    outer = next((frame for frame in frames if frame != FRAMES[-1]), None)
    if outer is not None and "rewrite" not in ctx.capabilities:
        raise CapabilityDenied("rewrite", f"{caller} in the frame {outer}")


# — looking —


def _record(ctx: Context, version: Version, name: str | None = None) -> HashTable:
    changes = [change for change in version.changes if name in (None, change.key.name)]
    about: dict[str, Any] = {
        "version": symbol(version.number),
        "parent": symbol(version.number - 1),
        "time": version.at,
        "author": version.author,
        "reason": version.reason,
    }
    about["names"] = make_list(dict.fromkeys(Symbol(change.key.name) for change in changes))
    if name is not None:
        about["frame"] = Symbol(changes[-1].key.frame)
        about["definition"] = form_of(changes[-1].binding)
    return table(**about, environment=keeper_of(ctx).history.environment(version), hash=version.hash)


@primitive("environment-history", effects="pure")
def environment_history(ctx: Context, name: Name | None = None) -> Any:
    """The versions that changed NAME, or all, the newest first: hash tables with :version :parent :time :author
    :reason, the :names that changed and, of NAME, its :definition then (#f once it was taken away). The prompt and
    `show` lay them out as a sheet.

    > (begin (define (twice x) (+ x x)) (rewrite twice (define (twice x) (* 2 x)) :reason "shorter"))
    > (get (first (environment-history 'twice)) :reason)
    => "shorter"
    """
    history = keeper_of(ctx).history
    found = history.versions if name is None else history.of(name)
    return make_list(_record(ctx, version, name) for version in reversed(found))


@primitive("environment-at", effects="pure")
def environment_at(ctx: Context, time: Any) -> HashTable:
    """The version that held at TIME: an instant, a day ("2026-01-31", "monday", 'yesterday: as it began, in UTC), or
    any other name of a version, as the history has it.

    > (define zoom 3)
    > (get (environment-at (now)) :names)
    => (zoom)
    """
    history = keeper_of(ctx).history
    version = history.version(number(ctx, time, "environment-at"))
    if version is None:
        return table(version=symbol(history.start), time=history.began, names=NIL)
    return _record(ctx, version)


@primitive("environment-diff", effects="pure")
def environment_diff(ctx: Context, old: Any, new: Any = None) -> Any:
    """What changed from version OLD to NEW, the present if none is given: a list of (added name definition), (removed
    name definition) and (changed name definition), in which (:was x :now y) stands where x became y. A time before the
    history stands for its beginning, and stderr is told so.

    > (define (area r) (* 3 r r))
    > (define (area r) (* 22/7 r r))
    > (environment-diff 'v1)
    => ((changed area (define (area r) (* (:was 3 :now 22/7) r r))))
    """
    now = Symbol("now") if new is None else new
    before, then = (meant(state(ctx, each, "environment-diff", _told_early)) for each in (old, now))
    found = []
    for place in dict.fromkeys((*before, *then)):
        was, now = before.get(place), then.get(place)
        if was is None or now is None:
            held = was or now
            assert held is not None
            what = Symbol("removed" if now is None else "added")
            found.append(make_list([what, Symbol(place[1]), form_of(held.binding)]))
        elif was.binding != now.binding:
            tree = difference(form_of(was.binding), form_of(now.binding))
            found.append(make_list([Symbol("changed"), Symbol(place[1]), tree]))
    return make_list(found)


def _told_early(begins: dt.datetime) -> None:
    begun = begins.isoformat(timespec="seconds")
    print(f"environment-diff: the history begins at {begun}; compared with its beginning", file=sys.stderr)


@primitive("diff-side", effects="pure")
def diff_side(diff: Any, which: Keyword) -> Any:
    """What a definition in an environment-diff was (WHICH is :was) or is now (:now).

    > (diff-side '(* (:was 3 :now 22/7) r) :was)
    => (* 3 r)
    """
    if which.name not in ("was", "now"):
        raise EvalError(f"diff-side: no side is called :{which.name}", code="range", hint=":was or :now")
    return side(diff, which)


@primitive("%diff-text", effects="pure")
def diff_text(ctx: Context, diff: Items) -> str:
    """DIFF, as `environment-diff` gives it, as lines with - and + before what went and came, and the reason of the
    version that brought it about, where it has one.

    > (display (%diff-text '((changed f (define (f) (:was 1 :now 2))))))
    """
    from chorus.interpreter.frames.showing import shown, why

    history = keeper_of(ctx).history
    return "\n".join(shown(each, why(each, history, form_of)) for each in diff)


@primitive("%history-text", effects="pure")
def history_text(ctx: Context, records: Items) -> Any:
    """RECORDS, as `environment-history` gives them, as a sheet; #f if one is of no version of this session's.

    > (define speed 1)
    > (display (%history-text (environment-history)))
    """
    from chorus.interpreter.frames import showing

    known = showing.told_changes(keeper_of(ctx).history)
    rows = []
    for record in records:
        found = known.get(str(record.get(Keyword("hash"))))
        if found is None:
            return False
        names = {each.name for each in list_items(record.get(Keyword("names"))) or []}
        rows.append((found[0], [change for change in found[1] if change.name in names]))
    return showing.history_text(rows, form_of)


# — going —


@primitive("rollback!", effects="mutate")
def rollback(ctx: Context, version: Any, *, reason: str | None = None) -> Any:
    """Make the definitions what they were at VERSION. That is a version as well, so it can be undone; gives its name,
    or that of the present one if nothing differs.

    > (define speed 1)
    > (define speed 2)
    > (begin (rollback! 'v1) speed)
    => 1
    """
    keeper = keeper_of(ctx)
    at = number(ctx, version, "rollback!")
    target = keeper.history.state_at(at)
    insist_on_right(ctx, (change.key.frame for change in differences(keeper.state, target)), "rollback!")
    made = keeper.go(target, reason or f"back to {symbol(at).name}")
    return symbol(made.number if made else keeper.history.number)


@primitive("undo!", effects="mutate")
def undo(ctx: Context) -> Any:
    """Go back to the version before the newest. As that makes a version too, another `undo!` takes it back. (It needs
    nothing of the language, so it takes back a `rewrite` of that as well.)

    > (define pace 1)
    > (begin (set! pace 2) (undo!) pace)
    => 1
    """
    keeper = keeper_of(ctx)
    newest = keeper.history.newest
    if newest is None:
        raise EvalError("undo!: nothing has been defined yet", code="version")
    return rollback(ctx, newest.number - 1)


@primitive("%enter-environment", effects="mutate")
def enter_environment(ctx: Context, version: Any, *, leaving: bool = False) -> Any:
    """Let names mean what they did at VERSION until (%leave-environment). LEAVING: values of then that are gone, as
    they could not be written down, are no error, but stay what they are now.

    > (define depth 1)
    > (define depth 2)
    > (begin (%enter-environment 'v1) (let ((then depth)) (%leave-environment) then))
    => 1
    """
    keeper = keeper_of(ctx)
    keeper.enter(state(ctx, version, "with-environment"), leaving)
    return UNSPECIFIED


@primitive("%leave-environment", effects="mutate")
def leave_environment(ctx: Context) -> Any:
    """End what (%enter-environment version) began.

    > (begin (%enter-environment 'now) (%leave-environment))
    """
    keeper = keeper_of(ctx)
    if keeper.entered:
        keeper.leave()
    return UNSPECIFIED


@primitive("%rewrite", effects="mutate")
def rewrite(
    ctx: Context,
    name: Name,
    form: Any,
    *,
    reason: str | None = None,
    because: Any = None,
    author: str | None = None,
    in_: Name | None = None,
) -> Any:
    """Give NAME the definition FORM, an expression or a definition, in the frame IN; the name of the version made.

    > (begin (define (half x) (/ x 2)) (%rewrite 'half '(lambda (x) (quotient x 2)) :reason "whole") (half 5))
    => 2
    """
    from chorus.runtime.printer import write

    frame = frame_named(in_, "rewrite")
    insist_on_right(ctx, [frame], "rewrite")
    texts = (str, MutableString)
    why = reason or (
        "" if because is None else str(because) if isinstance(because, texts) else write(because)
    )
    keeper = keeper_of(ctx)
    made = rewriting.rewrite(keeper, name, form, frame, why, author or "")
    return symbol(made.number if made else keeper.history.number)
