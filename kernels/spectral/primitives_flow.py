"""Flows between people as primitives: their Hodge parts, by name."""

from __future__ import annotations

from typing import Any

from chorus.kernels.spectral.given import LARGEST, placed
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive, seeded
from chorus.runtime.values import HashTable, Keyword, make_list


@primitive("%hodge-flow", effects="compute")
def hodge_flow(
    ctx: Any, tails: Items, heads: Items, amounts: Items, *, top: int = 5, draws: int = 19, seed: int = 0,
    device: str = "cpu",
) -> HashTable:  # fmt: skip
    """What flows of AMOUNTS from TAILS to HEADS are made of; see `hodge-flow`.

    > (hash-ref (%hodge-flow '(a b c) '(b c a) '(1 1 1)) :curl)
    => 1.0
    """
    from numbers import Real

    from chorus.kernels.spectral.flow import read_flow

    if not len(tails) == len(heads) == len(amounts):
        raise EvalError("hodge-flow: as many from as to as amounts are needed")
    if not all(isinstance(a, Real) and a.__class__ is not bool and abs(float(a)) <= LARGEST for a in amounts):
        raise EvalError(
            "hodge-flow: amounts are finite numbers", code="type", hint=":amount names their column"
        )
    if min(top, draws) < 0:
        raise EvalError("hodge-flow: :top and :draws are 0 or more", code="range")
    ctx.charge(100 * len(tails) * (1 + draws), 400 * len(tails))
    found = read_flow(
        tails, heads, amounts, top=top, draws=draws, seed=seeded(seed, "hodge-flow"), device=placed(device)
    )
    return HashTable((Keyword(name), value) for name, value in _shown(found).items())


def _shown(found: Any) -> dict[str, Any]:
    rounded = lambda value: float(f"{value:.4g}") if isinstance(value, float) else value
    rows = lambda rows: make_list(make_list(map(rounded, row)) for row in rows)
    shares = [round(share, 4) for share in found.shares]
    return {
        "people": found.people, "ties": found.ties, "triangles": found.triangles, "holes": found.holes,
        "gradient": shares[0], "curl": shares[1], "harmonic": shares[2],
        "gradient-by-chance": rounded(found.chance[0]), "curl-by-chance": rounded(found.chance[1]),
        "drivers": rows(found.drivers), "sources": rows(found.sources),
        "cycles": rows(found.cycles), "persistent": rows(found.persistent),
    }  # fmt: skip
