"""Many adapters looked at together, for the language: how alike they are, and what they have in common."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, Symbol, figures, make_list

TURNING = (
    "resonance",
    "geometric",
    "multikrum",
    "krum",
    "fltrust",
    "mean",
)  # rules that know lengths and angles only


@primitive("%adapter-likeness", effects="compute")
def adapter_likeness(ctx: Any, adapters: Items) -> HashTable:
    """The :sizes of the changes that ADAPTERS make, and the :cosines of each with each.

    > (let ((a (make-adapter 'v {:q '(((1 0)) ((2) (0)))}))) (%adapter-likeness (list a a)))
    => {:sizes (2.0 2.0) :cosines ((1.0 1.0) (1.0 1.0))}
    """
    from chorus.kernels.lora.likeness import cosines, products
    from chorus.kernels.lora.values import kernel_of

    whole = [kernel_of(one, "adapter-likeness") for one in adapters]
    ctx.charge(len(whole) ** 2, 8 * sum(one.size for one in whole))
    gram = products(whole)
    size = gram.diagonal().clamp_min(0).sqrt()
    return figures({"sizes": size.tolist(), "cosines": cosines(gram).tolist()})


@primitive("%adapter-spectrum", effects="compute")
def adapter_spectrum(ctx: Any, adapter: Any) -> Any:
    """Of each layer of ADAPTER (name rank effective-rank size).

    > (%adapter-spectrum (make-adapter 'v {:q '(((1 0)) ((2) (0)))}))
    => ((q 1 1.0 2.0))
    """
    from chorus.kernels.lora.likeness import sizes
    from chorus.kernels.lora.spectrum import effective_rank
    from chorus.kernels.lora.values import kernel_of

    whole = kernel_of(adapter, "health")
    ctx.charge(1, 8 * whole.size)
    return make_list(
        make_list(
            [
                Symbol(layer),
                whole.layers[layer].rank,
                round(effective_rank(values), 4),
                round(float(values.norm()), 4),
            ]
        )
        for layer, values in sizes(whole).items()
    )


@primitive("%adapter-resonance", effects="compute")
def adapter_resonance(ctx: Any, adapters: Items, root: Any, rule: Name, bad: Any) -> HashTable:
    """What ADAPTERS of several agents have in common by a robust RULE; see `resonance`.

    > (let ((a (make-adapter 'v {:q '(((1 0)) ((2) (0)))})))
        (hash-ref (%adapter-resonance (list a a a) #f 'resonance #f) :agreement))
    => (1.0 1.0 1.0)
    """
    import numpy as np

    from chorus.kernels.lora.likeness import coordinates, cosines, products
    from chorus.kernels.lora.resonance import aggregate
    from chorus.kernels.lora.values import kernel_of

    if rule not in TURNING:
        raise EvalError(
            f"resonance: no rule is called {rule}", code="range", hint=f"there are {', '.join(TURNING)}"
        )
    whole = [kernel_of(one, "resonance") for one in adapters]
    if len(whole) < 3:
        raise EvalError(
            f"resonance: {len(whole)} adapters; 3 or more are needed to tell who agrees with whom",
            code="too-little",
        )
    if bad is not False and (bad.__class__ is not int or not 0 <= bad < len(whole)):
        raise EvalError(
            f"resonance: of {len(whole)} adapters 0 to {len(whole) - 1} may be :bad",
            code="range",
            irritants=(bad,),
        )
    asked = [*whole, *([] if root is False else [kernel_of(root, "resonance")])]
    ctx.charge(len(asked) ** 2, 8 * sum(one.size for one in asked))
    gram = products(asked)
    at = coordinates(gram).numpy()  # [n, n]: the same lengths and angles, so the same verdict
    n = len(whole)
    found = aggregate(at[:n], rule, None if bad is False else bad, None if root is False else at[n])
    factors = np.linalg.lstsq(at[:n].T, found.update, rcond=None)[0]  # the update is a mix of them
    length = float(np.linalg.norm(found.update))
    agreement = at[:n] @ found.update / np.maximum(np.linalg.norm(at[:n], axis=1) * length, 1e-12)
    rest = found.update - factors[:, None] * at[:n]  # [n, n]: the update without what is each one's own in it
    lengths = np.linalg.norm(at[:n], axis=1) * np.linalg.norm(rest, axis=1)
    said = figures(
        {
            "others": ((at[:n] * rest).sum(1) / np.maximum(lengths, 1e-12)).tolist(),
            "sizes": gram.diagonal()[:n].clamp_min(0).sqrt().tolist(),
            "agreement": agreement.tolist(),
            "weights": np.asarray(found.weights, float).tolist(),
            "cosines": cosines(gram)[:n, :n].tolist(),
        }
    )
    said.set(Keyword("factors"), make_list(map(float, factors)))
    return said


@primitive("%training-health", effects="compute")
def training_health(losses: Items, norms: Items, cosines: Items) -> HashTable:
    """How a run stands by its last steps; see `training-health`.

    > (hash-ref (%training-health '(1 2) '(1 1) '(0 0)) :state)
    => unknown
    """
    from chorus.kernels.lora.health import History, state

    if not len(losses) == len(norms) == len(cosines):
        raise EvalError("training-health: as many losses as norms and cosines", code="shape")
    sides = [
        [_real(each, what) for each in part]
        for part, what in ((losses, "losses"), (norms, "norms"), (cosines, "cosines"))
    ]
    named, chance, measured = state(History(*sides))
    known = chance == chance
    said: dict[str, Any] = {
        "state": Symbol(named.replace(" ", "-")),
        "risk": round(chance, 4) if known else False,
    }
    return figures(said | ({key: float(value) for key, value in measured._asdict().items()} if known else {}))


def _real(value: Any, what: str) -> float:
    """VALUE, which may be infinite or no number at all: a run that broke has such."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        raise wrong_type("training-health", what, "a list of real numbers", value)
    return float(value)
