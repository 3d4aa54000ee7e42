"""Versions of the environment as the language sees them: history, differences, going back, merging, the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from chorus.interpreter import reader
from chorus.interpreter.diagnostics import suggest
from chorus.interpreter.frames.keeper import Keeper, in_order
from chorus.interpreter.frames.texts import defined_names, definitions_in, head
from chorus.runtime.context import Context
from chorus.runtime.errors import CapabilityDenied, EvalError
from chorus.runtime.frames.bindings import FRAMES, Binding, Held, Key, State, after, bind, effective
from chorus.runtime.frames.history import Version
from chorus.runtime.frames.merge import merge
from chorus.runtime.frames.naming import number_of
from chorus.runtime.frames.treediff import difference, side
from chorus.runtime.primitive import Items, Name, primitive, wrong_type
from chorus.runtime.values import NIL, UNSPECIFIED, HashTable, Keyword, Symbol, make_list

BASE = Symbol("base")


def keeper_of(ctx: Context) -> Keeper:
    return ctx.session.versions


def number(ctx: Context, version: Any, caller: str) -> int:
    """The number of the version that VERSION, any name of one or what the history lists, stands for."""
    if isinstance(version, HashTable):
        version = version.get(Keyword("version"))
    history = keeper_of(ctx).history
    now = dt.datetime.now(dt.UTC)
    return number_of(history, version, now, caller, lambda word, known: suggest(word, known) or "")


def state(ctx: Context, version: Any, caller: str) -> State:
    keeper = keeper_of(ctx)
    at = number(ctx, version, caller)
    return keeper.state if at == keeper.history.number else keeper.history.state_at(at)


def symbol(number: int) -> Symbol:
    return Symbol(f"v{number}") if number else BASE


def form_of(binding: Binding | None) -> Any:
    return False if binding is None else reader.read_one(binding.text, f"<{binding.name}>")


def table(**items: Any) -> HashTable:
    return HashTable((Keyword(name.replace("_", "-")), value) for name, value in items.items())


def frame_named(frame: str | None, caller: str) -> str:
    if frame is None:
        return FRAMES[-1]
    if frame not in FRAMES:
        meant = suggest(frame, FRAMES)
        raise EvalError(
            f"{caller}: there is no frame {frame}",
            code="range",
            hint=f"did you mean {meant}?" if meant else f"there are {', '.join(FRAMES)}",
            irritants=(Symbol(frame),),
        )
    return frame


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
    if name is None:
        about["names"] = make_list(dict.fromkeys(Symbol(change.key.name) for change in changes))
    else:
        about["frame"] = Symbol(changes[-1].key.frame)
        about["definition"] = form_of(changes[-1].binding)
    return table(**about, environment=keeper_of(ctx).history.environment(version), hash=version.hash)


@primitive("environment-history", effects="pure")
def environment_history(ctx: Context, name: Name | None = None) -> Any:
    """The versions that changed NAME, or all, the newest first: hash tables with :version :parent :time :author
    :reason, and the name's :definition then (#f once it was taken away) or the :names that changed.

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

    > (begin (define zoom 3) (get (environment-at (now)) :names))
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
    name definition) and (changed name definition), in which (:was x :now y) stands where x became y.

    > (begin (define (area r) (* 3 r r)) (define (area r) (* 22/7 r r)))
    > (environment-diff 'v1)
    => ((changed area (define (area r) (* (:was 3 :now 22/7) r r))))
    """
    now = Symbol("now") if new is None else new
    before, then = (effective(state(ctx, each, "environment-diff")) for each in (old, now))
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
def diff_text(diff: Items) -> str:
    """DIFF, as `environment-diff` gives it, as lines with - and + before what went and came.

    > (display (%diff-text '((changed f (define (f) (:was 1 :now 2))))))
    """
    from chorus.interpreter.frames.showing import shown

    return "\n".join(shown(each) for each in diff)


# — going —


@primitive("rollback!", effects="mutate")
def rollback(ctx: Context, version: Any, *, reason: str | None = None) -> Any:
    """Make the definitions what they were at VERSION. That is a version as well, so it can be undone; gives its name,
    or that of the present one if nothing differs.

    > (begin (define speed 1) (set! speed 2) (rollback! 'v1) speed)
    => 1
    """
    keeper = keeper_of(ctx)
    at = number(ctx, version, "rollback!")
    made = keeper.go(keeper.history.state_at(at), reason or f"back to {symbol(at).name}")
    return symbol(made.number if made else keeper.history.number)


@primitive("%enter-environment", effects="mutate")
def enter_environment(ctx: Context, version: Any) -> Any:
    """Let names mean what they did at VERSION until (%leave-environment).

    > (begin (define depth 1) (set! depth 2) (%enter-environment 'v1) (let ((then depth)) (%leave-environment) then))
    => 1
    """
    keeper = keeper_of(ctx)
    keeper.enter(state(ctx, version, "with-environment"))
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
    if frame != FRAMES[-1] and "rewrite" not in ctx.capabilities:
        raise CapabilityDenied("rewrite", f"rewrite in the frame {frame}")
    why = reason or ("" if because is None else because if because.__class__ is str else write(because))
    keeper = keeper_of(ctx)
    made = keeper.rewrite(name, form, frame, why, author or "")
    return symbol(made.number if made else keeper.history.number)


# — frames as files —


@primitive("frame->string", effects="pure")
def frame_to_string(ctx: Context, version: Any = None, *, frame: Name | None = None) -> str:
    """The definitions of VERSION (the present one), or of one FRAME of it, as a program that runs by itself.

    > (begin (define (twice x) (* 2 x)) (car (reverse (string-split (string-trim (frame->string)) "\\n"))))
    => "(define (twice x) (* 2 x))"
    """
    from chorus.runtime.printer import string_text

    known = state(ctx, Symbol("now") if version is None else version, "frame->string")
    if frame is not None:
        wanted = frame_named(frame, "frame->string")
        known = {key: held for key, held in known.items() if key.frame == wanted}
    texts = dict.fromkeys(held.binding.text for _, held in in_order(effective(known)))
    title = f";; {len(texts)} definitions, environment {string_text(keeper_of(ctx).environment)}\n"
    return title + "".join(f"{text}\n" for text in texts)


@primitive("%import-frame", effects="mutate")
def import_frame(ctx: Context, text: str, reason: str, *, frame: Name | None = None) -> Any:
    """Run the definitions in TEXT as one version, for REASON; all of them, or none if one fails.

    > (begin (%import-frame "(define a 1) (define (b) (+ a 1))" "an example") (b))
    => 2
    """
    keeper = keeper_of(ctx)
    forms = [form for form, _ in reader.read_spanned(text, "<import>")]
    made = keeper.run(forms, frame_named(frame, "import-frame"), reason)
    return symbol(made.number if made else keeper.history.number)


# — merging —


def _side_of_merge(ctx: Context, given: Any) -> State:
    """The state that GIVEN, a version or a list of definitions, stands for, in one frame."""
    if isinstance(given, (Symbol, str, int, HashTable, dt.datetime)):
        held = effective(state(ctx, given, "merge-frames"))
        return {Key("context", *place): each for place, each in held.items()}
    known: State = {}
    for form in _forms(given):
        for part in definitions_in(form):
            kind = "set!" if head(part) == "set!" else "define"
            for name in _bound_by(part):
                from chorus.runtime.printer import write

                known = after(known, [bind("context", Binding(kind, name, write(part)))], len(known) + 1)
    return known


def _forms(given: Any) -> Iterable[Any]:
    from chorus.runtime.values import list_items

    forms = list_items(given)
    if forms is None:
        raise wrong_type("merge-frames", "frame", "a version or a list of definitions", given)
    return forms


def _bound_by(part: Any) -> list[str]:
    names = defined_names(part)
    return names[:1] if head(part) in ("define-syntax", "define-macro") else names


@primitive("%merge-frames", effects="mutate")
def merge_frames(
    ctx: Context,
    base: Any,
    ours: Any,
    theirs: Any,
    prefer: Name | None = None,
    adopt: Any = False,
    reason: str = "merged",
) -> Any:
    """What OURS and THEIRS, which both began as BASE, changed, in one: a hash table with the :definitions, the
    :conflicts, each {:name :base :ours :theirs}, and the :version if ADOPT made one.

    > (begin (define k 1) (define m 1) (set! k 2) (rollback! 'v2) (set! m 3))
    > (get (%merge-frames 'v2 'v3 'now) :definitions)
    => ((define k 2) (define m 3))
    """
    if prefer not in (None, "ours", "theirs"):
        raise EvalError(f"merge-frames: {prefer} is no side", code="range", hint=":prefer 'ours or 'theirs")
    found = merge(*(_side_of_merge(ctx, each) for each in (base, ours, theirs)))
    merged = dict(found.merged)
    for conflict in found.conflicts if prefer else ():
        chosen = conflict.ours if prefer == "ours" else conflict.theirs
        merged.pop(conflict.key, None)
        if chosen is not None:
            merged[conflict.key] = chosen
    conflicts = (
        []
        if prefer
        else [
            table(
                name=Symbol(each.key.name),
                base=form_of(each.base),
                ours=form_of(each.ours),
                theirs=form_of(each.theirs),
            )
            for each in found.conflicts
        ]
    )
    texts = dict.fromkeys(binding.text for binding in merged.values())
    about = {
        "definitions": make_list(reader.read_one(text, "<merge>") for text in texts),
        "conflicts": make_list(conflicts),
    }
    if adopt is not False:
        about["version"] = _adopt(ctx, merged, conflicts, reason)
    return table(**about)


def _adopt(ctx: Context, merged: dict[Key, Binding], conflicts: list[Any], reason: str) -> Symbol:
    if conflicts:
        raise EvalError(
            f"merge-frames: {len(conflicts)} names were changed on both sides",
            code="conflict",
            hint="look at :conflicts without :adopt, or choose with :prefer 'ours or 'theirs",
            irritants=tuple(each.get(Keyword("name")) for each in conflicts),
        )
    keeper = keeper_of(ctx)
    target = {key: held for key, held in keeper.state.items() if key.frame != "context"}
    number = keeper.history.number + 1
    for key, binding in merged.items():
        held = keeper.state.get(key)
        target[key] = held if held and held.binding == binding else Held("context", binding, number, number)
    version = keeper.go(target, reason)
    return symbol(version.number if version else keeper.history.number)


# — care —


@primitive("persist!", effects="write-store")
def persist(ctx: Context) -> Any:
    """From here on definitions are kept in the workspace, and those made so far are; gives the version that holds then.

    > (begin (define kept 1) (persist!))
    """
    keeper = keeper_of(ctx)
    if keeper.journal is None:
        if ctx.workspace is None:
            ctx.store  # noqa: B018 — says that there is no workspace
        keeper.restore(True)
    return symbol(keeper.history.number)


@primitive("audit", effects="pure")
def audit(ctx: Context) -> HashTable:
    """Whether the journal of definitions is what was written: :ok, how many :versions, the :hash of the newest; if it
    was tampered with, the first :line and :version that do not fit, and the :problem.

    > (begin (define n 1) (get (audit) :ok))
    => #t
    """
    from chorus.runtime.frames.journal import Journal

    history = keeper_of(ctx).history
    if ctx.workspace is None or not Journal.exists(ctx.workspace):
        return _sound(history.number, history.newest, False)
    reading = Journal(ctx.workspace).reading
    damage = reading.damage
    if damage is None:
        return _sound(reading.history.number, reading.history.newest, True)
    return table(
        ok=False,
        versions=reading.history.number,
        line=damage.line,
        version=symbol(damage.version),
        problem=damage.problem,
    )


def _sound(versions: int, newest: Version | None, journal: bool) -> HashTable:
    return table(ok=True, versions=versions, hash=newest.hash if newest else "", journal=journal)
