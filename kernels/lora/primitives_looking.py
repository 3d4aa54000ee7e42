"""What an adapter is for, what it does to other things, and what was worked out once, for the language."""

from __future__ import annotations

import hashlib
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import HashTable, figures, list_items, make_list

BOTH = Name("both")
MODES = ("cache", "adapters", "both")


@primitive("%circuits", effects="compute")
def circuits(
    ctx: Any, adapter: Any, layer: Any, xs: Any, labels: Items, onto: Any, q: float, seed: int
) -> Any:
    """A list for each direction of ADAPTER's LAYER; see `adapter-circuits`.

    > (guard (e (#t (error-object-code e)))
        (%circuits (make-adapter 'v {:q '(2 2)}) #f '((1 0)) '(a b) '((1 0) (0 1)) 0.05 0))
    => shape
    """
    import numpy as np
    import torch

    from chorus.kernels.lora.circuits import circuits
    from chorus.kernels.lora.primitives import _chosen_layer, matrix_of
    from chorus.kernels.lora.values import kernel_of

    caller = "adapter-circuits"
    whole = kernel_of(adapter, caller)
    delta = whole.delta(_chosen_layer([whole], layer))
    assert delta is not None
    x = torch.as_tensor(matrix_of(xs, caller), dtype=torch.float64)
    w = torch.as_tensor(matrix_of(onto, caller), dtype=torch.float64)
    known = list(dict.fromkeys(labels))
    if len(x) != len(labels) or w.shape != (delta.B.shape[0], x.shape[1]) or x.shape[1] != delta.A.shape[1]:
        raise EvalError(
            f"{caller}: {len(x)} vectors of {x.shape[1]} numbers, {len(labels)} labels, a map of {tuple(w.shape)} and "
            f"a change of {delta.B.shape[0]}×{delta.A.shape[1]} do not fit",
            code="shape",
        )
    if len(known) > len(w) or len(x) < 20 or len(known) < 2:
        raise EvalError(
            f"{caller}: {len(x)} examples of {len(known)} labels; 20 examples and 2 labels or more are needed, and no "
            f"more labels than outputs ({len(w)})",
            code="too-little",
        )
    y = np.array([known.index(each) for each in labels])
    ctx.charge(len(x) * delta.rank, 8 * x.numel())

    def losses(change: Any) -> Any:
        here = w if change is None else w + change.B.double() @ change.A.double()
        return 1 - (x @ here.T).softmax(1)[torch.arange(len(y)), torch.from_numpy(y)].numpy()

    return make_list(
        make_list(
            [
                at,
                round(each.strength, 4),
                known[each.label],
                round(each.rise, 4),
                round(each.others, 4),
                round(each.p, 4),
                each.confirmed,
                known[each.active],
            ]
        )
        for at, each in enumerate(circuits(delta, x, y, losses, q=q, seed=seed), 1)
    )


@primitive("transfer-measures", effects="pure")
def transfer_measures(accuracies: Any, before: Any = False) -> HashTable:
    """What learning one thing did to the others: row t of ACCURACIES says how well each task is done after task t was
    learned, BEFORE before any. The :accuracy at the end, the :forgetting, the :backward and (#f without BEFORE)
    :forward transfer. Gradient episodic memory's measures (Lopez-Paz & Ranzato 2017).

    > (transfer-measures '((0.9 0.2) (0.5 0.8)) '(0.1 0.1))
    => {:accuracy 0.65 :forgetting 0.4 :backward -0.4 :forward 0.1}
    """
    from chorus.kernels.lora.transfer import measures
    from chorus.kernels.spectral.given import numbers

    r = numbers(accuracies, "transfer-measures", 2)
    b = None if before is False else numbers(before, "transfer-measures", 1)
    if r.shape[0] != r.shape[1] or (b is not None and len(b) != len(r)):
        raise EvalError(
            "transfer-measures: a row and a column for each task, and one BEFORE for each", code="shape"
        )
    made = measures(r, b)
    return figures({k: v if v == v else False for k, v in vars(made).items()})


@primitive("adapter-transfer", effects="pure")
def adapter_transfer(plain: Items, under: Items) -> Any:
    """How much of what a domain's own adapter gains the others' gain there: a row for each adapter, a number for each
    domain; 1 as good as its own, 0 no help, below 0 harm. PLAIN holds the losses of each domain's examples without an
    adapter, UNDER for each adapter the same with it; adapters and domains in one order.

    > (adapter-transfer '((1 1) (2 2)) '(((0 0) (3 3)) ((1 1) (1 1))))
    => ((1.0 -1.0) (0.0 1.0))
    """
    from chorus.kernels.lora.transfer import gains
    from chorus.kernels.spectral.given import numbers

    caller = "adapter-transfer"
    base = [numbers(each, caller, 1) for each in plain]
    rows = [[numbers(each, caller, 1) for each in list_items(row) or []] for row in under]
    if len(rows) != len(base) or any([len(a) for a in row] != [len(b) for b in base] for row in rows):
        raise EvalError(f"{caller}: as many adapters as domains, and the same examples", code="shape")
    made = gains(base, rows)
    return make_list(make_list(round(float(v), 4) if v == v else False for v in row) for row in made.tolist())


# — what was worked out once —


class Trajectories:
    """The language's cache of trajectories: text in, text out, in one of MODES."""

    def __init__(self, cache: Any, mode: str) -> None:
        self.cache, self.mode = cache, mode
        self.texts: dict[str, str] = {}  # hash of an input → the input, as long as it is watched

    def __lisp__(self) -> str:
        made = self.cache.counts()
        return f"#<trajectory-cache {self.mode}: {made.entries} kept, {made.hits} hits, {made.misses} misses>"

    def seen(self, given: str) -> None:
        self.texts[_hash(given)] = given
        if len(self.texts) > 2 * self.cache.watched:
            watched = self.cache._asked
            self.texts = {name: text for name, text in self.texts.items() if name in watched}


def _hash(given: str) -> str:
    return hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()


def _cache(value: Any, caller: str) -> Trajectories:
    if not isinstance(value, Trajectories):
        raise EvalError(f"{caller}: this is no cache", code="type", hint="(make-trajectory-cache) makes one")
    return value


@primitive("make-trajectory-cache", effects="pure")
def make_trajectory_cache(mode: Name = BOTH, *, megabytes: float = 64.0) -> Any:
    """A cache of what was worked out under exactly the same base, five levels, input and sampler, for `trajectory`; the
    least recently used goes first. MODE: cache (what was worked out is kept), adapters (nothing is kept: what is
    learnt must do), both (what is kept goes once it has been learnt, see `trajectories-learnt!`).

    > (make-trajectory-cache)
    => #<trajectory-cache both: 0 kept, 0 hits, 0 misses>
    """
    from chorus.kernels.lora.trajectories import Cache

    if mode not in MODES:
        raise EvalError(
            f"make-trajectory-cache: no mode is called {mode}",
            code="range",
            hint=f"known: {', '.join(MODES)}",
        )
    if not 0 < megabytes <= 4096:
        raise EvalError("make-trajectory-cache: up to 4096 megabytes", code="range")
    return Trajectories(Cache(int(megabytes * (1 << 20))), str(mode))


@primitive("%trajectory", effects="mutate")
def trajectory(cache: Any, base: str, levels: Items, given: str, sampler: str) -> Any:
    """What CACHE holds for exactly this, #f if nothing; see `trajectory`.

    > (%trajectory (make-trajectory-cache) "" '("" "" "" "" "") "hello" "")
    => #f
    """
    of = _cache(cache, "trajectory")
    of.seen(given)
    kept = of.cache.get(base, [str(each) for each in levels], given, {"sampler": sampler})
    return False if kept is None or of.mode == "adapters" else kept.decode("utf-8", "surrogatepass")


@primitive("%trajectory-keep!", effects="mutate")
def trajectory_keep(cache: Any, base: str, levels: Items, given: str, sampler: str, value: str) -> str:
    """VALUE, which CACHE holds for exactly this from now on, unless it keeps nothing.

    > (%trajectory-keep! (make-trajectory-cache) "" '("" "" "" "" "") "hello" "" "world")
    => "world"
    """
    of = _cache(cache, "trajectory")
    if of.mode != "adapters":
        of.cache.put(
            base,
            [str(each) for each in levels],
            given,
            {"sampler": sampler},
            value.encode("utf-8", "surrogatepass"),
        )
    return value


@primitive("%trajectory-signals", effects="pure")
def trajectory_signals(cache: Any, least: float) -> Any:
    """(input asked hit-rate) of what was asked LEAST times or more of late; see `trajectory-signals`.

    > (%trajectory-signals (make-trajectory-cache) 3.0)
    => ()
    """
    of = _cache(cache, "trajectory-signals")
    return make_list(
        make_list([of.texts[name], round(count, 3), round(share, 4)])
        for name, count, share in of.cache.signals(least)
        if name in of.texts
    )


@primitive("trajectories-learnt!", effects="mutate")
def trajectories_learnt(cache: Any, inputs: Items) -> int:
    """INPUTS have been learnt, so an adapter answers them by now: in mode both what CACHE keeps for them goes, under
    whatever adapters it was worked out, and their counts begin anew. How many entries went.

    > (trajectories-learnt! (make-trajectory-cache) '("hello"))
    => 0
    """
    of = _cache(cache, "trajectories-learnt!")
    return int(of.cache.migrated([_hash(str(each)) for each in inputs])) if of.mode == "both" else 0


@primitive("trajectory-counts", effects="pure")
def trajectory_counts(cache: Any) -> HashTable:
    """What became of questions to CACHE: :hits, :misses, entries :evicted for room, those that went as they had been
    :migrated, and the :entries and :bytes that it holds.

    > (hash-ref (trajectory-counts (make-trajectory-cache)) :hits)
    => 0
    """
    return figures(_cache(cache, "trajectory-counts").cache.counts()._asdict())
