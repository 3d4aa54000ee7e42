"""Values that are written down as a call that gives them back, and what they come to along a chain of frames.

An adapter is written `(adapter "digest" …)`. Bound to the same name in several frames, adapters add up: from the
innermost frame outward, as long as the name means one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from chorus.runtime.frames.bindings import CHAIN, Binding, Held, Key, State, effective

if TYPE_CHECKING:
    from chorus.runtime.context import Context

Place = tuple[str, str]
CALL = re.compile(
    r'\((?:define|set!) (?:[^\s()|]+|\|(?:[^|\\]|\\.)*\|) \((adapter)((?: "[0-9a-f]{64}")+)\)\)', re.DOTALL
)
REVIVE: dict[str, Callable[[Context, list[str]], Any]] = {
    "adapter": lambda ctx, digests: ctx.adapters.sum(digests)
}


def is_kept(value: Any) -> bool:
    """Whether VALUE is written as a call."""
    return hasattr(value, "__kept__") and not isinstance(value, type)


def call_in(binding: Binding | None) -> tuple[str, list[str]] | None:
    """The name and the arguments of the call that BINDING is written as; None of any other."""
    if binding is None or binding.kind not in ("define", "set!"):
        return None
    found = CALL.fullmatch(binding.text)
    return None if found is None else (found[1], found[2].replace('"', "").split())


def gives_back(binding: Binding, value: Any) -> bool:
    """Whether BINDING is written as the call that gives VALUE back."""
    return is_kept(value) and value.__kept__() == call_in(binding)


def revived(ctx: Context, call: tuple[str, list[str]]) -> Any:
    """The value that was written as CALL."""
    return REVIVE[call[0]](ctx, call[1])


# — along the chain —


def parts(state: State, place: Place) -> list[tuple[str, list[str]]]:
    """(frame, digests) of the adapters that the name at PLACE means, the outermost frame first; none if it means
    something else.
    """
    found: list[tuple[str, list[str]]] = []
    for frame in reversed(CHAIN):
        held = state.get(Key(frame, *place))
        if held is None:
            continue
        call = call_in(held.binding)
        if call is None:
            break
        found.insert(0, (frame, call[1]))
    return found


def digests(state: State, place: Place) -> list[str]:
    """What the name at PLACE is the sum of."""
    return [digest for _, of_frame in parts(state, place) for digest in of_frame]


def sums(state: State, places: Iterable[Place] | None = None) -> dict[Place, list[str]]:
    """The names, of PLACES or of all, that mean adapters of several frames: what each is the sum of."""
    if places is None:
        places = {(key.place, key.name) for key in state if key.frame != "context"}
    return {place: digests(state, place) for place in places if len(parts(state, place)) > 1}


def meant(state: State) -> dict[Place, Held]:
    """(place, name) → what the chain holds: what the innermost frame does, or the sum of several as one binding."""
    found = effective(state)
    for place, of_all in sums(state).items():
        held = found[place]
        spelled = " ".join(f'"{digest}"' for digest in of_all)
        before = held.binding.text[: held.binding.text.index(' (adapter "')]
        found[place] = held._replace(binding=held.binding._replace(text=f"{before} (adapter {spelled}))"))
    return found
