"""Adapters in a session's frames as the language sees them: bound, looked at, moved outward."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
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


@primitive("%adapter-name", effects="pure")
def adapter_name(ctx: Context, name: Any, caller: str) -> Any:
    """NAME, which CALLER may bind an adapter to: a symbol or string, and no name of the language.

    > (%adapter-name 'voice "adapter-train!")
    => voice
    > (guard (e (#t (error-object-message e))) (%adapter-name 'car "adapter-train!"))
    => "adapter-train!: car is a name of the language"
    """
    if not isinstance(name, (Symbol, str)):
        raise wrong_type(caller, "name", "a name", name)
    chains.refuse_taken(keeper_of(ctx), str(getattr(name, "name", name)), caller)
    return name


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
    migrations.ledger_of(ctx.session).announce(
        "trained", Symbol(name), digests, accepted is not False, figures
    )
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
    ctx: Context,
    name: Name,
    source: Name,
    target: Name,
    *,
    outside: Any = None,
    cut: Any = None,
    lost: float = 0.0,
    why: str = "",
    universality: Any = 1.0,
    strength: Any = None,
    emergency: Any = False,
) -> Symbol:
    """Propose to move NAME's adapter from the frame SOURCE to TARGET, which then holds CUT (none: the exact sum), or to
    add OUTSIDE, an adapter that no frame holds, to TARGET; what the migration is called.

    > (define treble (make-adapter 'treble {:q '(4 4)}))
    > (symbol? (%propose-migration! 'treble 'context 'agent :why "stable"))
    => #t
    """
    source, target = (Name(frame_named(each, "migrate!")) for each in (source, target))
    for value, told in ((outside, ":adapter"), (cut, ":rank")):
        if value not in (None, False) and not isinstance(value, Adapter):
            raise wrong_type("migrate!", told, "an adapter", value)
    for told, number in (("universality", universality), ("strength", strength)):
        if number in (None, False):
            continue
        if isinstance(number, bool) or not isinstance(number, (int, float, Fraction)):
            raise wrong_type("migrate!", told, "a real number", number)
        if not 0 <= number < float("inf"):
            raise EvalError(f"migrate!: :{told} is 0 or more, not {number}", code="range")
    made = migrations.propose(
        ctx.session,
        name,
        source,
        target,
        outside=outside or None,
        cut=cut or None,
        lost=lost,
        why=why,
        by=ctx.author,
        universality=1.0 if universality in (None, False) else universality,
        strength=None if strength is False else strength,
        emergency=emergency is not False,
    )
    return Symbol(migrations.called(made))


@primitive("%migrations", effects="pure")
def all_migrations(ctx: Context) -> Any:
    """What `migrations` makes a table of, the newest first.

    > (list? (%migrations))
    => #t
    """
    rows = migrations.looked_at(ctx.session).all.values()
    return make_list(_record(each) for each in reversed(list(rows)))


@primitive("migration-report", effects="pure")
def migration_report(ctx: Context) -> HashTable:
    """How the queue of migrations stands: the :tick; how many are :proposed, :approved, :moved, :returned, :rejected or
    :dropped, with the :dropped-mass of the :mass of all that came; how many :coalesced with one that waited; the
    :longest-wait in ticks from approval, how many waited longer than was promised (:late), and the :speed, how many
    the next tick serves: the least at which all that waits is served in time.

    > (hash-ref (migration-report) :late)
    => 0
    """
    made = migrations.looked_at(ctx.session).report()._asdict()
    return table(**{key: round(each, 4) if each.__class__ is float else each for key, each in made.items()})


@primitive("serve-migrations!", effects="rewrite")
def serve_migrations(ctx: Context, ticks: int = 1) -> Any:
    """Let TICKS of the queue of migrations pass: of what is approved as many move at each as its bandwidth says; what
    moved, as (m1 m2 …).

    > (serve-migrations!)
    => ()
    """
    if ticks < 1:
        raise EvalError(f"serve-migrations!: 1 tick or more, not {ticks}", code="range")
    return make_list(
        Symbol(migrations.called(each)) for each in migrations.serve(ctx.session, min(ticks, 10_000))
    )


def _record(row: Any) -> HashTable:
    about, decided = row.about, row.state not in ("proposed",)
    return table(
        migration=migrations.called(row),
        name=about["name"],
        source=about["source"],
        target=about["target"],
        state=row.state,
        priority=round(row.priority, 4),
        count=row.count,
        emergency=row.emergency,
        lost=about["lost"],
        waited=False if row.wait is None else row.wait,
        proposed=_moment(row.made),
        by=about["proposer"],
        why=about["because"],
        decided=_moment(row.decided) if decided and row.decided else False,
        by_whom=(row.by if decided else "") or False,
        answer=row.why or False,
    )


def _moment(told: str) -> Any:
    return dt.datetime.fromisoformat(told) if told else False
