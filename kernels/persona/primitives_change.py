"""Primitives over personas in time: moved by new messages, and compared with what they were."""

from __future__ import annotations

from typing import Any

from chorus.kernels.persona.primitives import community_of
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, lispy


@primitive("%refresh-personas", effects="compute")
def refresh_personas(ctx: Any, heard: HashTable, members: Items, k: int, *, seed: int = 0) -> Any:
    """The K personas with these MEMBERS, (author persona confidence messages-heard) each, moved by what `%heard`
    gathered since: a table as of `%discover`. Where it is not known how much had been heard, all of it counts as new.

    > (guard (e (#t 'refused)) (%refresh-personas (%heard :embed #f) '() 2))
    => refused
    """
    import numpy as np

    from chorus.kernels.persona.refresh import Before, refresh

    known = {author: row for author, *row in members}
    rows = [known.get(author, (0, 0.0, 0)) for author in heard.get(Keyword("authors"))]
    old = np.array([int(persona) - 1 for persona, _, _ in rows], np.int64)
    sure = np.array([float(confidence) for _, confidence, _ in rows])
    counted = np.array([n if isinstance(n, int) else -1 for _, _, n in rows], np.int64)
    community = community_of(ctx, heard, seed)
    try:
        membership = refresh(community, Before(old, sure, counted), k)
    except ValueError as error:
        raise EvalError(
            f"update-personas!: {error}", code="unknown", hint="(discover-personas) finds them anew"
        ) from None
    best = membership.argmax(1)
    belonged = old >= 0
    table = lispy(
        {"k": k, "evidence": {"updated": True, "k": k, "authors": len(old), "new-authors": int((~belonged).sum()),
                              "moved": int((best[belonged] != old[belonged]).sum())}}
    )  # fmt: skip
    table.set(Keyword("membership"), membership)
    return table


@primitive("%drift", effects="pure")
def drift_of(before: Items, after: Items, *, kept: bool = False) -> Any:
    """How groups changed: BEFORE and AFTER are lists of (person group), groups whole numbers, which are KEPT by an
    update; see `persona-drift`.

    > (hash-ref (%drift '((a 1) (b 1) (c 2) (d 2)) '((a 7) (b 7) (c 9) (d 7))) :moved)
    => ((d 2 7))
    > (hash-ref (%drift '((a 1) (b 2)) '((a 2) (b 2)) :kept #t) :moved)
    => ((a 1 2))
    """
    from chorus.kernels.persona.drift import drift

    groups = lambda rows: {person: int(group) for person, group in rows}
    found = drift(groups(before), groups(after), kept=kept)
    return lispy(
        {
            "people": found.people,
            "agreement": found.agreement,
            "matches": [(old, new, round(share, 4)) for old, new, share in found.matches],
            "appeared": found.appeared,
            "vanished": found.vanished,
            "moved": found.moved,
            "came": found.came,
            "went": found.went,
        }
    )
