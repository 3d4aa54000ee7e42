"""Adapters in a session's frames as the language sees them: bound, looked at, moved outward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chorus.interpreter.diagnostics import suggest
from chorus.interpreter.frames import chains, migrations
from chorus.interpreter.reflection.versions import frame_named, keeper_of, state, symbol
from chorus.runtime.adapters import objects
from chorus.runtime.adapters.value import Adapter
from chorus.runtime.context import Context
from chorus.runtime.errors import CapabilityDenied, EvalError
from chorus.runtime.frames.bindings import FRAMES
from chorus.runtime.frames.kept import call_in, meant
from chorus.runtime.primitive import Name, primitive, wrong_type
from chorus.runtime.values import UNSPECIFIED, HashTable, Symbol, list_items, make_list, table


@primitive("%enter-frame", effects="mutate")
def enter_frame(ctx: Context, frame: Any) -> Any:
    """Look from FRAME, the name of one or a list of definitions to lay over all, until (%leave-environment).

    > (define rate 1)
    > (begin (%enter-frame '((define rate 3))) (let ((then rate)) (%leave-environment) (list then rate)))
    => (3 1)
    """
    keeper = keeper_of(ctx)
    if isinstance(frame, (Symbol, str)):
        name = str(getattr(frame, "name", frame))
        if name not in ("foundation", *FRAMES):
            near = suggest(name, ("foundation", *FRAMES))
            raise EvalError(
                f"with-frame: there is no frame {name}",
                code="range",
                hint=f"did you mean {near}?" if near else f"there are foundation, {', '.join(FRAMES)}",
                irritants=(Symbol(name),),
            )
        chains.enter_frame(keeper, name)
        return UNSPECIFIED
    forms = list_items(frame)
    if forms is None:
        raise wrong_type("with-frame", "frame", "a frame's name or a list of definitions", frame)
    chains.enter_definitions(keeper, forms)
    return UNSPECIFIED


@primitive("%frame-adapters", effects="pure")
def frame_adapters(ctx: Context, name: Name | None = None) -> Any:
    """(name frame adapter) of all that adapters are bound to, or of NAME: what each frame adds, the outermost first.

    > (define alto (make-adapter 'alto {:q '(4 4)}))
    > (map (lambda (row) (list (car row) (cadr row))) (%frame-adapters 'alto))
    => ((alto context))
    """
    found = chains.of_chain(keeper_of(ctx), name)
    return make_list(make_list([Symbol(each), Symbol(frame), adapter]) for each, frame, adapter in found)


@primitive("%bind-adapter!", effects="mutate")
def bind_adapter(ctx: Context, name: Name, adapter: Any, frame: Name, reason: str) -> Symbol:
    """Bind NAME to ADAPTER in FRAME for REASON; the name of the version made.

    > (%bind-adapter! 'bass (make-adapter 'bass {:q '(4 4)}) 'context "an example")
    => …
    """
    if not isinstance(adapter, Adapter):
        raise wrong_type("%bind-adapter!", "adapter", "an adapter", adapter)
    frame = Name(frame_named(frame, "adapter-train!"))
    if frame != FRAMES[-1] and "rewrite" not in ctx.capabilities:
        raise CapabilityDenied("rewrite", f"an adapter in the frame {frame}")
    keeper = keeper_of(ctx)
    made = chains.adopt(keeper, [chains.change_to(keeper, name, frame, adapter)], reason)
    return symbol(made.number if made else keeper.history.number)


@primitive("%note-trained!", effects="mutate")
def note_trained(ctx: Context, name: Name, adapter: Any, accepted: Any, figures: str) -> Any:
    """Write down in the log of adapters that ADAPTER was trained for NAME, and what came of it.

    > (%note-trained! 'voice (make-adapter 'voice {:q '(4 4)}) #t "better")
    """
    if not isinstance(adapter, Adapter):
        raise wrong_type("%note-trained!", "adapter", "an adapter", adapter)
    digests = make_list(adapter.digests)
    migrations.ledger_of(ctx.session).note("trained", Symbol(name), digests, accepted is not False, figures)
    return UNSPECIFIED


# — frames as files —


def _beside(path: str) -> Path:
    return Path(f"{path}.adapters").expanduser()


@primitive("%export-adapters!", effects="write-file")
def export_adapters(ctx: Context, path: str, version: Any = None, *, frame: Name | None = None) -> Any:
    """Write the adapters that definitions of VERSION, or of one FRAME of it, are bound to beside the file PATH.

    > (procedure? %export-adapters!)
    => #t
    """
    known = state(ctx, Symbol("now") if version is None else version, "export-frame")
    if frame is not None:
        wanted = frame_named(frame, "export-frame")
        known = {key: held for key, held in known.items() if key.frame == wanted}
    for held in meant(known).values():
        for digest in (call_in(held.binding) or ("", []))[1]:
            objects.put(_beside(path), *ctx.adapters.content(digest))
    return UNSPECIFIED


@primitive("%import-adapters!", effects="read-file mutate")
def import_adapters(ctx: Context, path: str) -> Any:
    """Take in the adapters beside the file PATH, each verified.

    > (%import-adapters! "/no/such.sexp")
    """
    folder = _beside(path)
    for digest in objects.listed(folder):
        made = ctx.adapters.make(*objects.get(folder, digest))
        ctx.adapters.keep(made, "workspace" in ctx.capabilities and keeper_of(ctx).journal is not None)
    return UNSPECIFIED


# — migrations —


@primitive("%migration-sides", effects="pure")
def migration_sides(ctx: Context, name: Name, source: Name, target: Name) -> Any:
    """What NAME adds in the frame TARGET and in SOURCE, as a list of adapters to be added up.

    > (define tenor (make-adapter 'tenor {:q '(4 4)}))
    > (length (%migration-sides 'tenor 'context 'agent))
    => 1
    """
    keeper = keeper_of(ctx)
    frames = [frame_named(each, "migrate!") for each in (target, source)]
    digests = [digest for frame in frames for digest in chains.held_in(keeper, name, frame)]
    return make_list(ctx.adapters.sum([each]) for each in digests)


@primitive("%propose-migration!", effects="mutate")
def propose_migration(
    ctx: Context, name: Name, source: Name, target: Name, after: Any, lost: float, why: str
) -> Symbol:
    """Propose to move NAME's adapter from the frame SOURCE to TARGET, which then holds AFTER (#f: the exact sum); what
    the migration is called.

    > (define treble (make-adapter 'treble {:q '(4 4)}))
    > (symbol? (%propose-migration! 'treble 'context 'agent #f 0.0 "stable"))
    => #t
    """
    source, target = (Name(frame_named(each, "migrate!")) for each in (source, target))
    by = str(ctx.options.get("author", "person"))
    chosen = after if isinstance(after, Adapter) else None
    made = migrations.propose(ctx.session, name, source, target, chosen, lost, why, by)
    return Symbol(made.called)


@primitive("%migrations", effects="pure")
def all_migrations(ctx: Context) -> Any:
    """What `migrations` makes a table of, the newest first.

    > (list? (%migrations))
    => #t
    """
    return make_list(_record(ctx, each) for each in reversed(migrations.looked_at(ctx.session)))


def _record(ctx: Context, each: migrations.Migration) -> HashTable:
    decided = each.decided_at or each.at
    return table(
        migration=each.called,
        name=each.name,
        source=each.source,
        target=each.target,
        state=each.state,
        parts=len(each.moved),
        lost=each.lost,
        proposed=each.at,
        by=each.by,
        why=each.why,
        decided=decided if each.state != "proposed" else False,
        by_whom=each.decided_by or False,
        answer=each.answer or False,
        version=each.version or False,
    )
