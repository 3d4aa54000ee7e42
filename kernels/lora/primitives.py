"""Adapters for the language: made of factors or of sizes, applied, added up."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive, seeded, wrong_type
from chorus.runtime.values import HashTable, Keyword, Symbol, list_items, make_list

VECTORS = "vectors"  # the layer of an adapter of vectors of texts
LARGEST_RANK = 1_024
LARGEST_LAYER = 1 << 28  # numbers of one layer's factors: a gigabyte


# — between the language and kernels —


def _made(tensors: dict[str, Any], **about: Any) -> HashTable:
    """What `%as-adapter` takes."""
    import numpy as np

    arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in tensors.items()}
    return HashTable([(Keyword("tensors"), arrays), (Keyword("about"), about)])


def _told(adapter: Any, **about: Any) -> HashTable:
    """A kernel's adapter as what `%as-adapter` takes."""
    arrays = {name: tensor.float().cpu().numpy() for name, tensor in adapter.tensors().items()}
    return _made(arrays, **adapter.about(), **about)


def matrix_of(value: Any, caller: str, dimensions: int = 2) -> Any:
    """VALUE as float64 numbers of so many DIMENSIONS; EvalError in the name of CALLER for what is none."""
    from chorus.kernels.spectral.given import numbers

    return numbers(value, caller, dimensions)


def _layer_name(value: Any) -> str:
    return str(getattr(value, "name", value))


def number_of(value: Any, caller: str, what: str) -> float:
    """VALUE as a finite number; refused in the name of CALLER, which calls it WHAT."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
        raise wrong_type(caller, what, "a finite number", value)
    try:
        made = float(value)
    except OverflowError:
        made = math.inf
    if not math.isfinite(made):
        raise wrong_type(caller, what, "a finite number", value)
    return made


def items_of(value: Any, caller: str, what: str) -> list[Any]:
    """The items of VALUE, a list or vector; refused in the name of CALLER, which calls it WHAT."""
    items = list(value) if isinstance(value, list) else list_items(value)
    if items is None:
        raise wrong_type(caller, what, "a list of numbers", value)
    return items


def _rank(rank: Any, caller: str) -> int:
    if rank.__class__ is not int:
        raise wrong_type(caller, "rank", "a whole number", rank)
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
    seeded(seed, "make-adapter")
    whole = None if alpha is False else number_of(alpha, "make-adapter", "alpha")
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
            if rank * (o + d) > LARGEST_LAYER:
                raise EvalError(
                    f"make-adapter: the layer {_layer_name(layer)} would have {rank * (o + d):,} numbers; "
                    f"{LARGEST_LAYER:,} are the most",
                    code="range",
                )
            ctx.charge(1, 4 * rank * (o + d))
            a, b = draw.uniform(-1, 1, (rank, d)) / d**0.5, np.zeros((o, rank))
        else:
            a, b = (matrix_of(part, "make-adapter") for part in parts)
        tensors |= {f"{_layer_name(layer)}.A": a, f"{_layer_name(layer)}.B": b}
    if not tensors:
        raise EvalError("make-adapter: an adapter changes one layer or more", code="range")
    most = max(array.shape[0] for key, array in tensors.items() if key.endswith(".A"))
    if any(np.abs(each).max() > np.finfo(np.float32).max for each in tensors.values()):
        raise EvalError("make-adapter: a number is too large for an adapter (3.4e38 at most)", code="range")
    return _made(tensors, name=str(name), base=str(base or ""), alpha=float(most if whole is None else whole))


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

    x = torch.as_tensor(matrix_of(rows, "adapter-apply"), dtype=torch.float32)
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
        if not bool(y.isfinite().all()):
            raise EvalError("adapter-apply: a result is too large (3.4e38 at most)", code="range")
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

    outputs = next((len(one.layers[layer].B) for one in adapters if layer in one.layers), None)
    if onto is not False and not isinstance(onto, Symbol):
        w = torch.as_tensor(matrix_of(onto, "adapter-apply"), dtype=torch.float32)
        if w.shape[1] != x.shape[1]:
            raise EvalError(
                f"adapter-apply: rows of {x.shape[1]} numbers, and the map takes {w.shape[1]}", code="shape"
            )
        if outputs is not None and outputs != len(w):
            raise EvalError(
                f"adapter-apply: the map gives {len(w)} numbers, and the layer {layer} {outputs}",
                code="shape",
            )
        return x @ w.T
    outputs = x.shape[1] if outputs is None else outputs
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

    made = matrix_of(rows, "adapter-apply")
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
    from chorus.kernels.lora.values import heard_by, kernel_of

    whole = [kernel_of(one, "adapter-merge") for one in adapters]
    if not whole:
        raise EvalError("adapter-merge: one adapter or more", code="range")
    factors = None
    if weights is not False:
        factors = [
            number_of(each, "adapter-merge", "weights")
            for each in items_of(weights, "adapter-merge", "weights")
        ]
        if len(factors) != len(whole):
            raise EvalError(f"adapter-merge: {len(factors)} weights for {len(whole)} adapters", code="range")
    most = None if rank is False else _rank(rank, "adapter-merge")
    ctx.charge(10, 8 * sum(one.size for one in whole))
    made, lost = combine(whole, factors, most)
    said: dict[str, Any] = {"lost": {layer: round(each, 6) for layer, each in lost.items()}} if most else {}
    said |= heard_by(
        each for each, factor in zip(adapters, factors or [1] * len(whole), strict=True) if factor
    )
    return _told(made.renamed(str(name) if name is not False else made.name), **said)
