"""Adapters for the language: made of factors or of sizes, fitted to pairs, applied, added up, compared."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import HashTable, Keyword, Symbol, figures, list_items, make_list

VECTORS = "vectors"  # the layer of an adapter of vectors of texts
LARGEST_RANK = 1_024
TURNING = (
    "resonance",
    "geometric",
    "multikrum",
    "krum",
    "fltrust",
    "mean",
)  # rules that know lengths and angles only


# — between the language and kernels —


def _made(tensors: dict[str, Any], **about: Any) -> HashTable:
    """What `%as-adapter` takes."""
    import numpy as np

    arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in tensors.items()}
    return HashTable([(Keyword("tensors"), arrays), (Keyword("about"), about)])


def _told(adapter: Any, **about: Any) -> HashTable:
    """A kernel's adapter as what `%as-adapter` takes."""
    arrays = {name: tensor.cpu().numpy() for name, tensor in adapter.tensors().items()}
    return _made(arrays, **adapter.about(), **about)


def _matrix(value: Any, caller: str) -> Any:
    from chorus.kernels.spectral.given import numbers

    return numbers(value, caller, 2)


def _layer_name(value: Any) -> str:
    return str(getattr(value, "name", value))


def _rank(rank: int, caller: str) -> int:
    if not 1 <= rank <= LARGEST_RANK:
        raise EvalError(f"{caller}: a rank is from 1 to {LARGEST_RANK}, not {rank}", code="range")
    return rank


# — making —


@primitive("%make-adapter", effects="compute")
def make_adapter(
    ctx: Any, name: Name, layers: HashTable, rank: int, alpha: Any, base: Any, seed: int
) -> HashTable:
    """An adapter's :tensors and what is said :about it; see `make-adapter`.

    > (adapter? (%as-adapter (%make-adapter 'voice {:q '(4 4)} 2 #f #f 0)))
    => #t
    """
    import numpy as np

    _rank(rank, "make-adapter")
    draw = np.random.default_rng(seed)
    tensors: dict[str, Any] = {}
    for layer, given in layers.items():
        parts = list_items(given) or []
        if len(parts) != 2:
            raise EvalError(
                f"make-adapter: the layer {_layer_name(layer)} is two numbers (outputs inputs), or two matrices (A B)",
                code="type",
                hint="(make-adapter 'voice {:q '(64 64)}) or {:q (list a b)}",
            )
        if all(part.__class__ is int for part in parts):
            o, d = parts
            if min(o, d) < 1:
                raise EvalError("make-adapter: a layer has one input and output or more", code="range")
            ctx.charge(1, 4 * rank * (o + d))
            a, b = draw.uniform(-1, 1, (rank, d)) / d**0.5, np.zeros((o, rank))
        else:
            a, b = (_matrix(part, "make-adapter") for part in parts)
        tensors |= {f"{_layer_name(layer)}.A": a, f"{_layer_name(layer)}.B": b}
    if not tensors:
        raise EvalError("make-adapter: an adapter changes one layer or more", code="range")
    most = max(array.shape[0] for key, array in tensors.items() if key.endswith(".A"))
    return _made(
        tensors, name=str(name), base=str(base or ""), alpha=float(most if alpha is False else alpha)
    )


# — using —


@primitive("%adapter-apply", effects="compute")
def adapter_apply(ctx: Any, adapters: Items, rows: Any, layer: Any, onto: Any) -> Any:
    """ROWS [n,d] as ADAPTERS change them, one for all or one for each; see `adapter-apply`.

    > (%adapter-apply (list (make-adapter 'v {:q '(2 2)})) '((1 2)) #f #f)
    => ((1.0 2.0))
    """
    import torch

    from chorus.kernels.lora.adapter import Adapter
    from chorus.kernels.lora.ops import apply
    from chorus.kernels.lora.pack import pack
    from chorus.kernels.lora.plan import plan
    from chorus.kernels.lora.values import kernel_of

    x = torch.as_tensor(_matrix(rows, "adapter-apply"), dtype=torch.float32)
    if len(adapters) not in (1, len(x)):
        raise EvalError(
            f"adapter-apply: {len(adapters)} adapters for {len(x)} rows",
            code="range",
            hint="give one adapter for all rows, or as many as rows; #f changes nothing",
        )
    distinct: dict[Any, Adapter] = {}
    for one in adapters:
        if one is not False and one not in distinct:
            distinct[one] = kernel_of(one, "adapter-apply")
    chosen = _chosen_layer(list(distinct.values()), layer)
    number = {one: at for at, one in enumerate(distinct)}
    ids = [-1 if one is False else number[one] for one in adapters]
    y = _mapped(x, onto, distinct.values(), chosen)
    ctx.charge(x.numel() // 100 + 1, 8 * x.numel())
    if distinct:
        packed = pack(list(distinct.values()))[chosen]
        d = packed.A.shape[2]
        if d != x.shape[1]:
            raise EvalError(
                f"adapter-apply: rows of {x.shape[1]} numbers, and the layer {chosen} takes {d}", code="shape"
            )
        y = apply(x, y, packed, plan(ids * len(x) if len(ids) == 1 else ids, len(distinct)))
    if hasattr(rows, "dtype"):
        return y.numpy()
    return make_list(make_list(map(float, row)) for row in y.tolist())


def _chosen_layer(adapters: list[Any], layer: Any) -> str:
    names = list(dict.fromkeys(name for one in adapters for name in one.layers))
    if layer is not False:
        if names and _layer_name(layer) not in names:
            raise EvalError(
                f"the adapter changes no layer {_layer_name(layer)}",
                code="adapter",
                hint=f"it changes {', '.join(names[:8])}",
            )
        return _layer_name(layer)
    if len(names) > 1:
        raise EvalError(
            f"the adapter changes {len(names)} layers",
            code="adapter",
            hint=f"say which by :layer, as {names[0]}",
        )
    return names[0] if names else VECTORS


def _mapped(x: Any, onto: Any, adapters: Any, layer: str) -> Any:
    """What the map that is changed makes of X [n,d]: a matrix's products, X itself, or nothing but zeros."""
    import torch

    if onto is not False and not isinstance(onto, Symbol):
        w = torch.as_tensor(_matrix(onto, "adapter-apply"), dtype=torch.float32)
        if w.shape[1] != x.shape[1]:
            raise EvalError(
                f"adapter-apply: rows of {x.shape[1]} numbers, and the map takes {w.shape[1]}", code="shape"
            )
        return x @ w.T
    outputs = next((len(one.layers[layer].B) for one in adapters if layer in one.layers), x.shape[1])
    if isinstance(onto, Symbol) and onto.name not in ("identity", "nothing"):
        raise EvalError(
            f"adapter-apply: :onto {onto.name}", code="range", hint="a matrix, 'identity or 'nothing"
        )
    if outputs == x.shape[1] and not (isinstance(onto, Symbol) and onto.name == "nothing"):
        return x.clone()
    return torch.zeros(len(x), outputs)


@primitive("%unit-rows", effects="compute")
def unit_rows(rows: Any, *, alone: bool = False) -> Any:
    """ROWS [n,d], each of length one; if there is one ALONE, it.

    > (%unit-rows '((3 4)))
    => ((0.6 0.8))
    """
    import numpy as np

    made = _matrix(rows, "adapter-apply")
    made = made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)
    if alone:
        return made[0]
    return made if hasattr(rows, "dtype") else make_list(make_list(map(float, row)) for row in made.tolist())


# — adding up —


@primitive("%adapter-merge", effects="compute")
def adapter_merge(ctx: Any, adapters: Items, weights: Any, rank: Any, name: Any) -> HashTable:
    """ADAPTERS, each times its weight, as one; see `adapter-merge`.

    > (let ((a (make-adapter 'v {:q '(4 4)}))) (adapter? (%as-adapter (%adapter-merge (list a a) #f 2 'both))))
    => #t
    """
    from chorus.kernels.lora.merge import combine
    from chorus.kernels.lora.values import kernel_of

    whole = [kernel_of(one, "adapter-merge") for one in adapters]
    if not whole:
        raise EvalError("adapter-merge: one adapter or more", code="range")
    factors = None
    if weights is not False:
        factors = [float(each) for each in list_items(weights) or []]
        if len(factors) != len(whole):
            raise EvalError(f"adapter-merge: {len(factors)} weights for {len(whole)} adapters", code="range")
    most = None if rank is False else _rank(int(rank), "adapter-merge")
    ctx.charge(10, 8 * sum(one.size for one in whole))
    made, lost = combine(whole, factors, most)
    said = {"lost": {layer: round(each, 6) for layer, each in lost.items()}} if most else {}
    return _told(made.renamed(str(name) if name is not False else made.name), **said)


# — learning —


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
    x, y = (_matrix(make_list(pair[at] for pair in sides), caller) for at in (0, 1))
    if onto is False:
        w = np.eye(y.shape[1], x.shape[1]) if y.shape[1] == x.shape[1] else np.zeros((y.shape[1], x.shape[1]))
    else:
        w = _matrix(onto, caller)
    if w.shape != (y.shape[1], x.shape[1]):
        raise EvalError(
            f"{caller}: the map is {w.shape[0]}×{w.shape[1]}, and the pairs go from {x.shape[1]} to {y.shape[1]}",
            code="shape",
        )
    rank = min(_rank(rank, caller), *w.shape)
    ctx.charge(len(x) * w.size // 1000 + 1, 8 * (x.size + y.size + w.size))
    return _fitted(name, "map", "", rank, len(x), fitting.fit_map(x, y, w, rank, seed))


@primitive("%fit-vectors", effects="compute")
def fit_vectors(ctx: Any, name: Name, texts: Items, matches: Items, rank: int, seed: int) -> HashTable:
    """A change of the vectors of TEXTS that brings them to those of their MATCHES; see `adapter-train!`.

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
        found = fitting.fit_vectors(q, t, asked, own, most, seed, tick)
    return _fitted(name, VECTORS, ctx.embedder.model, rank, len(there), found)


def _fitted(name: str, layer: str, base: str, rank: int, pairs: int, fit: Any) -> HashTable:
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
        **{"trained-on": pairs, "held-out": held_out},
    )
    for key, value in (("accepted", fit.accepted), ("held-out", figures(held_out)), ("rank", rank)):
        made.set(Keyword(key), value)
    return made


# — looking at many —


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
    asked = [*whole, *([] if root is False else [kernel_of(root, "resonance")])]
    ctx.charge(len(asked) ** 2, 8 * sum(one.size for one in asked))
    gram = products(asked)
    at = coordinates(gram).numpy()  # [n, n]: the same lengths and angles, so the same verdict
    n = len(whole)
    found = aggregate(at[:n], rule, None if bad is False else int(bad), None if root is False else at[n])
    factors = np.linalg.lstsq(at[:n].T, found.update, rcond=None)[0]  # the update is a mix of them
    length = float(np.linalg.norm(found.update))
    agreement = at[:n] @ found.update / np.maximum(np.linalg.norm(at[:n], axis=1) * length, 1e-12)
    said = figures(
        {
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
    named, chance, measured = state(
        History(*([float(each) for each in part] for part in (losses, norms, cosines)))
    )
    known = chance == chance
    said: dict[str, Any] = {"state": Symbol(named), "risk": round(chance, 4) if known else False}
    return figures(said | ({key: float(value) for key, value in measured._asdict().items()} if known else {}))
