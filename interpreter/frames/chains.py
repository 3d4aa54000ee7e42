"""Adapters along a session's chain of frames: binding one in a frame, moving one outward, looking from a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chorus.interpreter.frames.rewriting import evaluated
from chorus.interpreter.frames.texts import DEFINING, expected_names, head, kept_binding
from chorus.runtime.errors import EvalError
from chorus.runtime.frames.bindings import CHAIN, Change, Key, after, bind
from chorus.runtime.frames.history import Version
from chorus.runtime.frames.kept import Place, call_in, digests, parts, revived, sums
from chorus.runtime.printer import brief
from chorus.runtime.values import Symbol

if TYPE_CHECKING:
    from chorus.interpreter.frames.keeper import Keeper

WITHIN = CHAIN[-1]


def place_of(keeper: Keeper, name: str) -> Place:
    """Where a definition of NAME would stand."""
    own = keeper.space.owns(name) or not keeper.space.holds(name)
    return ("own" if own else "everywhere"), name


def refuse_taken(keeper: Keeper, name: str, caller: str) -> None:
    """Raise if NAME is one of the language's that no frame binds to an adapter: its own procedures rely on it."""
    place = place_of(keeper, name)
    if place[0] != "own" and not digests(keeper.state, place):
        raise EvalError(
            f"{caller}: {name} is a name of the language",
            code="name",
            hint=f"give the adapter a name of its own, as my-{name}",
            irritants=(Symbol(name),),
        )


def change_to(keeper: Keeper, name: str, frame: str, value: Any) -> Change:
    """NAME bound to VALUE, an adapter, in FRAME; None takes the binding away."""
    place, _ = place_of(keeper, name)
    if value is None:
        return Change(Key(frame, place, name), None)
    ctx = keeper.session.context
    lasting = keeper.journal is not None or "workspace" in ctx.capabilities
    return bind(frame, kept_binding(name, value, place == "own", ctx, lasting))


def adopt(keeper: Keeper, changes: Sequence[Change], reason: str, author: str = "") -> Version | None:
    """Make CHANGES of adapters one version: the names mean what the chain adds up to then, or nothing has changed."""
    keeper.refuse_within("a change of adapters")
    target = after(keeper.state, changes, keeper.history.number + 1)
    keeper.insist_on_fit(target, changes)
    with keeper.moving() as moving:
        keeper.move(keeper.state, target, moving)
        return keeper.commit(changes, reason, author, moving=moving)


def refuse_stale(keeper: Keeper, keys: Sequence[Key], caller: str) -> None:
    """Raise if another session that keeps its definitions in the same journal has changed what KEYS hold."""
    newest = keeper.history.state
    for key in keys:
        here, there = keeper.state.get(key), newest.get(key)
        if (here and here.binding) != (there and there.binding):
            raise EvalError(
                f"{caller}: {key.name} in {key.frame} was changed by another session meanwhile",
                code="conflict",
                hint="(rollback! 'now) takes over what holds now; then look again",
                irritants=(key.name,),
            )


# — looking from a frame —


def enter_frame(keeper: Keeper, frame: str) -> None:
    """Let names mean what they do in FRAME and those outside it, until `leave`. Names that only lie further in keep
    their meaning, or nothing at hand could be called; adapters there add nothing.
    """
    outward = () if frame == "foundation" else CHAIN[: CHAIN.index(frame) + 1]
    target = {key: held for key, held in keeper.shown.items() if key.frame in outward}
    known = {(key.place, key.name) for key in target}
    for key, held in keeper.shown.items():
        alone = (key.place, key.name) not in known and key.place == "own"
        if alone and call_in(held.binding) is None and not keeper.space.foundation.holds(key.name):
            target[key] = held
    keeper.enter(target, leaving=True)


def enter_definitions(keeper: Keeper, forms: Sequence[Any]) -> None:
    """Lay a frame of the definitions FORMS over what is shown, until `leave`: names mean what it says, and adapters
    what it adds.
    """
    for form in forms:
        if head(form) not in DEFINING:
            raise EvalError(
                f"with-frame: {brief(form)} is no definition",
                code="syntax",
                hint="a frame is the name of one, or a list of definitions: '((define rate 3))",
            )
    moving = keeper.moving()
    keeper.entered.append((keeper.shown, moving.before))
    try:
        with moving:
            target = keeper.shown
            for form in forms:
                for name in expected_names(form):
                    moving.note(("own" if keeper.space.owns(name) else "everywhere", name))
                    moving.note(("own", name))
                given = [bind(WITHIN, each.binding) for each in evaluated(keeper, form)]
                target = after(target, given, keeper.history.number)
                keeper.insist_on_fit(target, given)
                for place, of_all in sums(target, {(key.place, key.name) for key, _ in given}).items():
                    moving.put(place, keeper.session.context.adapters.sum(of_all))
            keeper.entered[-1] = (target, moving.before)
    except BaseException:
        keeper.entered.pop()
        raise


# — looking at the chain —


def of_chain(keeper: Keeper, name: str | None = None) -> list[tuple[str, str, Any]]:
    """(name, frame, adapter) of all that adapters are bound to, or of NAME: the outermost frame first."""
    state = keeper.shown
    names = {key.name: (key.place, key.name) for key in state if name in (None, key.name)}
    places = sorted({(key.place, key.name) for key in state if key.name in names})
    ctx = keeper.session.context
    return [
        (place[1], frame, revived(ctx, ("adapter", of_frame)))
        for place in places
        for frame, of_frame in parts(state, place)
    ]


def held_in(keeper: Keeper, name: str, frame: str) -> list[str]:
    """The digests that NAME is bound to in FRAME; none if to no adapter."""
    held = keeper.state.get(Key(frame, *place_of(keeper, name)))
    call = call_in(held.binding) if held is not None else None
    return [] if call is None else call[1]


def total(keeper: Keeper, name: str) -> list[str]:
    """The digests of all that NAME adds up."""
    return digests(keeper.state, place_of(keeper, name))
