"""Adapters fitted to pairs, for the language: of vectors by reduced-rank regression, of texts by InfoNCE."""

from __future__ import annotations

from typing import Any

from chorus.kernels.lora.primitives import VECTORS, _made, _rank, matrix_of
from chorus.runtime.errors import EvalError
from chorus.runtime.learnt import MARKS
from chorus.runtime.primitive import Items, Name, primitive, seeded
from chorus.runtime.values import HashTable, Keyword, figures, list_items, make_list

LARGEST = 1e30


@primitive("%fit-map", effects="compute")
def fit_map(ctx: Any, name: Name, pairs: Items, onto: Any, rank: int, seed: int) -> HashTable:
    """A change of the map ONTO fitted to PAIRS (x y) of vectors; see `adapter-train!`.

    > (guard (e (#t (error-object-message e))) (%fit-map 'v '(((1) (2))) #f 1 0))
    => "adapter-train!: only 1 pairs; 20 or more are needed"
    """
    import numpy as np

    from chorus.kernels.lora import fitting

    caller = "adapter-train!"
    fitting.refuse_too_few(len(pairs), caller)
    sides = [list_items(pair) or [] for pair in pairs]
    if any(len(pair) != 2 for pair in sides):
        raise EvalError(
            f"{caller}: a pair is two vectors, what goes in and what should come out", code="type"
        )
    x, y = (matrix_of(make_list(pair[at] for pair in sides), caller) for at in (0, 1))
    if max(abs(x).max(), abs(y).max()) > LARGEST:
        raise EvalError(
            f"{caller}: numbers of {LARGEST:g} at most, as adapters are of single precision", code="range"
        )
    if onto is False:
        w = np.eye(y.shape[1], x.shape[1]) if y.shape[1] == x.shape[1] else np.zeros((y.shape[1], x.shape[1]))
    else:
        w = matrix_of(onto, caller)
    if w.shape != (y.shape[1], x.shape[1]):
        raise EvalError(
            f"{caller}: the map is {w.shape[0]}×{w.shape[1]}, and the pairs go from {x.shape[1]} to {y.shape[1]}",
            code="shape",
        )
    rank = min(_rank(rank, caller), *w.shape)
    ctx.charge(len(x) * w.size // 1000 + 1, 8 * (x.size + y.size + w.size))
    return _fitted(name, "map", "", rank, len(x), fitting.fit_map(x, y, w, rank, seeded(seed, caller)))


@primitive("%fit-vectors", effects="compute")
def fit_vectors(
    ctx: Any, name: Name, texts: Items, matches: Items, rank: int, seed: int, *, marks: str = ""
) -> HashTable:
    """A change of the vectors of TEXTS that brings them to those of their MATCHES; see `adapter-train!`. MARKS: of the
    messages among them.

    > (guard (e (#t (error-object-message e))) (%fit-vectors 'ours '("a") '("b") 1 0))
    => "adapter-train!: only 1 pairs; 20 or more are needed"
    """
    import numpy as np

    from chorus.kernels.lora import fitting

    there = [(str(a), str(b)) for a, b in zip(texts, matches, strict=True) if a and b]
    fitting.refuse_too_few(len(there), "adapter-train!")
    left, right = ([pair[at] for pair in there] for at in (0, 1))
    ctx.charge(2000 * len(there), sum(map(len, left)) + sum(map(len, right)))
    with ctx.working("training an adapter") as bar:
        targets, own = np.unique(right, return_inverse=True)
        asked = np.unique(left, return_inverse=True)[1]
        q, t = (
            np.asarray(ctx.embedder.encode(list(each), ctx.check), np.float64) for each in (left, targets)
        )

        def tick() -> None:
            ctx.check()
            bar.advance()

        most = min(_rank(rank, "adapter-train!"), q.shape[1])
        found = fitting.fit_vectors(q, t, asked, own, most, seeded(seed, "adapter-train!"), tick)
    return _fitted(
        name, VECTORS, ctx.embedder.model, rank, len(there), found, {MARKS: marks} if marks else {}
    )


def _fitted(
    name: str, layer: str, base: str, rank: int, pairs: int, fit: Any, more: dict[str, Any] | None = None
) -> HashTable:
    """What `%as-adapter` takes, with the figures of pairs held out, and whether they ask for it to be used."""
    held_out = {
        "measure": fit.measure,
        "before": round(fit.before, 4),
        "after": round(fit.after, 4),
        "gain": [round(each, 4) for each in fit.gain],
        "pairs": fit.held_out,
    }
    made = _made(
        {f"{layer}.A": fit.a, f"{layer}.B": fit.b},
        name=str(name),
        base=base,
        alpha=float(len(fit.a)),
        **({"trained-on": pairs, "held-out": held_out} | (more or {})),
    )
    for key, value in (("accepted", fit.accepted), ("held-out", figures(held_out)), ("rank", rank)):
        made.set(Keyword(key), value)
    return made
