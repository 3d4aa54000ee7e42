"""Frames as texts and files, merging, the workspace's journal: what the language knows of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chorus.interpreter import reader
from chorus.interpreter.frames.moving import in_order
from chorus.interpreter.frames.rewriting import run
from chorus.interpreter.frames.texts import defined_names, definitions_in, head
from chorus.interpreter.frames.workspace import restore
from chorus.interpreter.gate.auditing import audited
from chorus.interpreter.reflection.versions import (
    form_of,
    frame_named,
    insist_on_right,
    keeper_of,
    state,
    symbol,
)
from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError
from chorus.runtime.frames.bindings import Binding, Held, Key, State, after, bind, effective
from chorus.runtime.frames.history import History, Version
from chorus.runtime.frames.kept import meant
from chorus.runtime.frames.merge import merge
from chorus.runtime.primitive import Name, primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, Symbol, list_items, make_list, table

# — frames as files —


@primitive("frame->string", effects="pure")
def frame_to_string(ctx: Context, version: Any = None, *, frame: Name | None = None) -> str:
    """The definitions of VERSION (the present one), or of one FRAME of it, as a program that runs by itself.

    > (begin (define (twice x) (* 2 x)) (car (reverse (string-split (string-trim (frame->string)) "\\n"))))
    => "(define (twice x) (* 2 x))"
    """
    from chorus.interpreter.frames.showing import laid_out, numbered
    from chorus.runtime.printer import string_text

    known = state(ctx, Symbol("now") if version is None else version, "frame->string")
    if frame is not None:
        wanted = frame_named(frame, "frame->string")
        known = {key: held for key, held in known.items() if key.frame == wanted}
    texts = dict.fromkeys(held.binding.text for _, held in in_order(meant(known)))
    title = f";; {numbered(texts, 'definition')}, environment {string_text(keeper_of(ctx).environment)}\n"
    forms = (reader.read_one(text, "<frame>") for text in texts)
    return title + "".join(f"{line}\n" for form in forms for line in laid_out(form))


@primitive("%import-frame", effects="mutate")
def import_frame(ctx: Context, text: str, reason: str, *, frame: Name | None = None) -> Any:
    """Run the definitions in TEXT as one version, for REASON; all of them, or none if one fails.

    > (begin (%import-frame "(define a 1) (define (b) (+ a 1))" "an example") (b))
    => 2
    """
    keeper = keeper_of(ctx)
    into = frame_named(frame, "import-frame")
    insist_on_right(ctx, [into], "import-frame")
    forms = [form for form, _ in reader.read_spanned(text, "<import>")]
    made = run(keeper, forms, into, reason)
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
    :conflicts, each {:name :base :ours :theirs}, and the :version if ADOPT made one, in which names that none of the
    three tells of stay what they are.

    > (begin (define k 1) (define m 1))
    > (set! k 2)
    > (begin (rollback! 'v1) (set! m 3))
    > (get (%merge-frames 'v1 'v2 'now) :definitions)
    => ((define k 2) (define m 3))
    """
    if prefer not in (None, "ours", "theirs"):
        raise EvalError(f"merge-frames: {prefer} is no side", code="range", hint=":prefer 'ours or 'theirs")
    sides = [_side_of_merge(ctx, each) for each in (base, ours, theirs)]
    found = merge(*sides)
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
        about["version"] = _adopt(ctx, merged, conflicts, set().union(*sides), reason)
    return table(**about)


@primitive("%merge-text", effects="pure")
def merge_text(merged: HashTable) -> str:
    """MERGED, as `merge-frames` gives it, for people.

    > (display (%merge-text (merge-frames '((define a 1)) '((define a 2)) '((define a 3)))))
    """
    from chorus.interpreter.frames import showing

    def part(of: HashTable, name: str) -> Any:
        return of.get(Keyword(name))

    conflicts = [
        tuple(part(each, name) for name in ("name", "base", "ours", "theirs"))
        for each in list_items(part(merged, "conflicts")) or []
    ]
    return showing.merge_text(list_items(part(merged, "definitions")) or [], conflicts)


def _adopt(
    ctx: Context, merged: dict[Key, Binding], conflicts: list[Any], told: set[Key], reason: str
) -> Symbol:
    if conflicts:
        names = ", ".join(each.get(Keyword("name")).name for each in conflicts)
        raise EvalError(
            f"merge-frames: changed on both sides: {names}",
            code="conflict",
            hint="look at :conflicts without :adopt, or choose with :prefer 'ours or 'theirs",
            irritants=tuple(each.get(Keyword("name")) for each in conflicts),
        )
    keeper = keeper_of(ctx)
    target = {key: held for key, held in keeper.state.items() if key not in told}
    outside = effective({key: held for key, held in target.items() if key.frame != "context"})
    number = keeper.history.number + 1
    for key, binding in merged.items():
        held = keeper.state.get(key)
        further_out = outside.get((key.place, key.name))
        if held is None and further_out is not None and further_out.binding == binding:
            continue  # it is there already; an adapter would be added twice
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
        restore(keeper, True)
    return symbol(keeper.history.number)


@primitive("audit", effects="pure")
def audit(ctx: Context) -> HashTable:
    """Whether the journal of definitions, the gate's record, adapters and their log are what was written: :ok, how
    many :versions, the :hash of the newest, how many :decisions of the gate and :adapters; if one was tampered with,
    the :problem, the first :line and :version or :event that do not fit, and the :damaged adapters.

    > (begin (define n 1) (get (audit) :ok))
    => #t
    """
    from chorus.runtime.frames.journal import Journal

    history = keeper_of(ctx).history
    if ctx.workspace is None or not Journal.exists(ctx.workspace):
        return _with_adapters(_sound(history.number, history.newest, False), ctx.workspace, history)
    journal = Journal(ctx.workspace)
    reading = journal.reading
    damage = reading.damage or journal.unheaded
    if damage is None:
        sound = _sound(reading.history.number, reading.history.newest, True)
        return _with_adapters(sound, ctx.workspace, reading.history)
    return table(
        ok=False,
        versions=reading.history.number,
        line=damage.line,
        version=symbol(damage.version),
        problem=damage.problem,
    )


def _with_adapters(told: HashTable, workspace: Path | None, history: History) -> HashTable:
    from chorus.interpreter.frames import auditing

    return auditing.audited(audited(told, workspace, history), workspace, history)


def _sound(versions: int, newest: Version | None, journal: bool) -> HashTable:
    return table(ok=True, versions=versions, hash=newest.hash if newest else "", journal=journal)
