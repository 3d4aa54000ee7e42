"""Keeping a session's definitions in its workspace: taking over what is there, writing down what changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chorus.interpreter.frames.moving import in_order
from chorus.interpreter.frames.notes import Given, Place, value_at
from chorus.interpreter.frames.texts import data_binding, is_data, is_datum, kept_binding
from chorus.interpreter.namespace import ABSENT
from chorus.runtime.errors import ChorusError
from chorus.runtime.frames.bindings import Binding, Key, State, bind, effective
from chorus.runtime.frames.kept import call_in, gives_back, is_kept, meant, revived

if TYPE_CHECKING:
    from chorus.interpreter.frames.keeper import Keeper

Values = dict[Key, Given]


def settle(keeper: Keeper) -> None:
    """Keep what has changed since it was kept: by `set!` in a procedure, or inside a table or vector."""
    if keeper.journal is None or keeper.entered:
        return
    changes = []
    values: Values = {}
    for place, held in effective(keeper.state).items():
        if not is_data(held.binding):
            continue
        value = value_at(keeper.space, place)
        if value is keeper.summed.get(place, ABSENT) or gives_back(held.binding, value):
            continue
        binding = written_down(keeper, place, value, held.binding)
        if binding != held.binding:
            change = bind("context", binding)
            changes.append(change)
            values[change.key] = Given(binding, ABSENT if is_data(binding) else value)
    keeper.commit(changes, "changed by the program", "", values=values)


def written_down(keeper: Keeper, place: Place, value: Any, before: Binding) -> Binding:
    """PLACE's VALUE written down; if it cannot be, what is known of it from BEFORE."""
    own = place[0] == "own"
    if is_kept(value):
        return kept_binding(place[1], value, own, keeper.session.context, True)
    if is_datum(value):
        return data_binding(place[1], value, own)
    keeper.unkept.add(place[1])
    return Binding("unkept" if own else "unkept!", place[1], before.text)


def restore(keeper: Keeper, keep: bool) -> list[tuple[str, ChorusError]]:
    """Take over what the workspace holds; KEEP: write to its journal from here on. What no longer works is told."""
    from chorus.runtime.frames.journal import Journal

    workspace = keeper.session.context.workspace
    assert workspace is not None
    journal = Journal.open(workspace) if keep else Journal(workspace)
    try:
        journal.check()
    except ChorusError:
        if keep:
            journal.release()
        raise
    earlier, root, summed = keeper.state, keeper.history.root, dict(keeper.summed)
    keeper.history = journal.history
    keeper.history.root = root
    failed = _load(keeper, journal.history.state)
    if keep:
        keeper.journal = journal
    _adopt(keeper, earlier, summed)
    return failed


def _load(keeper: Keeper, target: State) -> list[tuple[str, ChorusError]]:
    failed = []
    own = effective(keeper.state)
    keeper.live.clear()
    for place, held in in_order(meant(target)):
        if place in own or held.binding.kind.startswith("unkept"):
            continue
        try:
            with keeper.moving() as moving:
                moving.write(place, held.binding)
        except Exception as problem:  # it is told, as it would be at the session's edge
            failed.append((held.binding.text, keeper.session.translate(problem)))
    keeper.state = target
    keeper.sum_up()
    return failed


def _adopt(keeper: Keeper, earlier: State, summed: dict[Place, Any]) -> None:
    """What the session had defined before it was told to keep definitions becomes a version. SUMMED: names that meant
    the sum of several frames' adapters.
    """
    changes = []
    values: Values = {}
    for key, held in earlier.items():
        place, binding = (key.place, key.name), held.binding
        value = value_at(keeper.space, place)
        call = call_in(binding)
        if call is not None and value is summed.get(place, ABSENT):
            value = revived(keeper.session.context, call)  # what this frame adds
        if is_data(binding) or binding.kind.startswith("unkept"):
            binding = written_down(keeper, place, value, binding)
        change = bind(key.frame, binding)
        changes.append(change)
        values[change.key] = Given(binding, ABSENT if is_data(binding) else value)
    keeper.commit(changes, "defined before it was to be kept", "", values=values)
