"""How adapters change over time, for the language: phases, patterns, two timescales, a budget, the Domain's head."""

from __future__ import annotations

from typing import Any

from chorus.kernels.lora.primitives import matrix_of
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, Symbol, figures, list_items, make_list

PHASES = {False: "screened", True: "free"}


@primitive("adapter-phases", effects="pure")
def adapter_phases(signals: Any, up: float = 10.0, down: float = 5.0) -> Any:
    """The phase after each of SIGNALS: free from UP on, screened below DOWN, in between as it was (a Schmitt trigger:
    the hysteresis keeps it from flickering). What a fast level learned moves into a slow one while it is free; see
    `adapter-consolidate`, and docs/adapters-experiments.md for what it is worth.

    > (adapter-phases '(0 7 12 7 4))
    => (screened screened free free screened)
    """
    from chorus.kernels.lora.timescale import SCREENED, phase

    if not down <= up:
        raise EvalError(f"adapter-phases: DOWN ({down}) is at most UP ({up})", code="range")
    now, found = SCREENED, []
    for signal in matrix_of(signals, "adapter-phases", 1).tolist():
        now = phase(now, signal, up, down)
        found.append(Symbol(PHASES[now]))
    return make_list(found)


@primitive("stable-pattern", effects="compute")
def stable_pattern(ctx: Any, signatures: Any, *, white: Any = True) -> HashTable:
    """Whether SIGNATURES, a row of numbers for each tick, keep pointing the same way: the ticks at which the detector
    :fired, and its :sums. A CUSUM (Page 1954) of √D cos(s, s̄) − ½ that fires above 10, after 20 ticks of looking on;
    WHITE: noise with a memory is whitened first, without which it raises alarms.

    > (define signs (map (lambda (i) (list 1 (sin (* i i)) (cos (* 7 i)) (sin (* 3 i i)))) (iota 60)))
    > (pair? (hash-ref (stable-pattern signs) :fired))
    => #t
    > (hash-ref (stable-pattern (map cdr signs)) :fired)
    => ()
    """
    from chorus.kernels.lora.detect import start, update

    rows = matrix_of(signatures, "stable-pattern")
    ctx.charge(len(rows), 8 * rows.size)
    state, sums, fired = start((), rows.shape[1]), [], []
    for tick, row in enumerate(rows):
        state, total, alarm = update(state, row, white=white is not False)
        sums.append(float(total))
        if alarm:
            fired.append(tick)
    return figures({"fired": fired, "sums": sums})


@primitive("%consolidate", effects="compute")
def consolidate(ctx: Any, fast: Any, slow: Any, share: float, rank: int) -> HashTable:
    """The :fast and :slow level after SHARE of the first moved, the :lost of cutting to RANK; see
    `adapter-consolidate`.

    > (let ((a (make-adapter 'v {:q '(((1 0)) ((2) (0)))}))) (hash-ref (%consolidate a #f 0.5 4) :lost))
    => 0.0
    """
    from chorus.kernels.lora.adapter import Adapter, one_base
    from chorus.kernels.lora.primitives import _rank, _told
    from chorus.kernels.lora.timescale import consolidate
    from chorus.kernels.lora.values import heard_by, kernel_of

    caller = "adapter-consolidate"
    if not 0 <= share <= 1:
        raise EvalError(f"{caller}: a share is between 0 and 1, not {share}", code="range")
    ahead = kernel_of(fast, caller)
    behind = None if slow is False else kernel_of(slow, caller)
    base = one_base([ahead] if behind is None else [ahead, behind])
    ctx.charge(1, 16 * ahead.size)
    left, kept = {}, {}
    worst = 0.0
    for layer in dict.fromkeys([*ahead.layers, *(behind.layers if behind else ())]):
        moving, standing = ahead.delta(layer), behind.delta(layer) if behind else None
        if moving is None:
            assert standing is not None
            kept[layer] = standing
            continue
        left[layer], kept[layer], lost = consolidate(moving, standing, float(share), _rank(rank, caller))
        worst = max(worst, lost)
    made = {}
    for name, layers, of in (("fast", left, ahead), ("slow", kept, behind or ahead)):
        most = float(max(delta.rank for delta in layers.values()))
        made[name] = _told(
            Adapter(layers, most, base, of.name),
            **heard_by([fast] if name == "fast" or slow is False else [fast, slow]),
        )
    return HashTable([*((Keyword(k), v) for k, v in made.items()), (Keyword("lost"), round(worst, 6))])


@primitive("%entropy-budget", effects="compute")
def entropy_budget(ctx: Any, adapter: Any, budget: float) -> HashTable:
    """ADAPTER with an effective rank of at most BUDGET in each layer; see `adapter-within`.

    > (adapter? (%as-adapter (%entropy-budget (make-adapter 'v {:q '(((1 0)) ((2) (0)))}) 1.0)))
    => #t
    """
    from chorus.kernels.lora.adapter import Adapter
    from chorus.kernels.lora.entropy import within
    from chorus.kernels.lora.primitives import _told
    from chorus.kernels.lora.values import heard_by, kernel_of

    if not budget >= 1:
        raise EvalError(f"adapter-within: a budget is 1 or more, not {budget}", code="range")
    whole = kernel_of(adapter, "adapter-within")
    ctx.charge(1, 16 * whole.size)
    layers, lowered = {}, {}
    for layer in whole.layers:
        delta = whole.delta(layer)
        assert delta is not None
        if float(delta.A.norm()) * float(delta.B.norm()) > 0:
            delta, lowered[layer] = within(delta, float(budget))
        layers[layer] = delta
    most = float(max(delta.rank for delta in layers.values()))
    return _told(
        Adapter(layers, most, whole.base, whole.name),
        lowered={k: round(v, 6) for k, v in lowered.items()},
        **heard_by([adapter]),
    )


# — the head at Domain —


@primitive("ridge-head", effects="compute")
def ridge_head(ctx: Any, inputs: int, *, features: int = 512, seed: int = 0) -> HashTable:
    """An empty head that tells labels from vectors of INPUTS numbers: ridge regression on FEATURES random features,
    from sums that no order of learning can change (RanPAC: McDonnell et al. 2023). Nothing that it learned is
    forgotten; see `ridge-learn`, `ridge-label`.

    > (hash-ref (ridge-head 4 :features 16) :seen)
    => 0.0
    """
    from chorus.kernels.lora.ridge import ridge

    if not (1 <= inputs <= 100_000 and 1 <= features <= 20_000):
        raise EvalError("ridge-head: 1 to 100000 inputs, 1 to 20000 features", code="range")
    ctx.charge(1, 8 * features * (inputs + features))
    return _kept(ridge(inputs, features, 0, seed), [])


@primitive("ridge-learn", effects="compute")
def ridge_learn(ctx: Any, head: HashTable, xs: Any, labels: Items, *, forget: Any = False) -> HashTable:
    """HEAD when it has learned that the vectors XS are of LABELS; HEAD itself is as it was. FORGET takes the same
    examples out again, exactly.

    > (define learnt (ridge-learn (ridge-head 2 :features 64) '((1 0) (0 1) (2 0) (0 2)) '(east north east north)))
    > (ridge-label learnt '((3 0) (0 3)))
    => (east north)
    """
    import torch

    from chorus.kernels.lora.ridge import update

    known, model = _opened(head, "ridge-learn")
    x = _rows(xs, model, "ridge-learn")
    if len(x) != len(labels):
        raise EvalError(f"ridge-learn: {len(x)} vectors and {len(labels)} labels", code="shape")
    for label in labels:
        if label not in known:
            known.append(label)
    ctx.charge(len(x) * model.gram.shape[0] // 100 + 1, 16 * model.gram.numel())
    place = {label: at for at, label in enumerate(known)}
    update(model, x, torch.tensor([place[each] for each in labels]), 1.0 if forget is False else -1.0)
    return _kept(model, known)


@primitive("ridge-label", effects="compute")
def ridge_label(ctx: Any, head: HashTable, xs: Any, *, strength: float = 1.0) -> Any:
    """The label that HEAD gives each of the vectors XS, with the ridge STRENGTH λ.

    > (guard (e (#t (error-object-message e))) (ridge-label (ridge-head 2) '((1 0))))
    => "ridge-label: the head has learned nothing yet"
    """
    from chorus.kernels.lora.ridge import scores, solve

    known, model = _opened(head, "ridge-label")
    if not known:
        raise EvalError("ridge-label: the head has learned nothing yet", code="too-little")
    if not strength > 0:
        raise EvalError(f"ridge-label: a strength is above 0, not {strength}", code="range")
    x = _rows(xs, model, "ridge-label")
    ctx.charge(model.gram.shape[0], 16 * model.gram.numel())
    found = scores(model, solve(model, float(strength)), x).argmax(1).tolist()
    return make_list(known[at] for at in found)


def _kept(model: Any, labels: list[Any]) -> HashTable:
    parts = {"projection": model.projection, "gram": model.gram, "cross": model.cross}
    made = HashTable((Keyword(name), tensor.numpy()) for name, tensor in parts.items())
    made.set(Keyword("labels"), make_list(labels))
    made.set(Keyword("seen"), float(model.seen))
    return made


def _opened(head: HashTable, caller: str) -> tuple[list[Any], Any]:
    import numpy as np
    import torch

    from chorus.kernels.lora.ridge import Ridge

    parts = [head.get(Keyword(name), None) for name in ("projection", "gram", "cross")]
    if not all(isinstance(part, np.ndarray) and part.ndim == 2 for part in parts):
        raise EvalError(f"{caller}: this is no head", code="type", hint="(ridge-head 384) makes an empty one")
    p, g, c = (torch.from_numpy(part.copy()) for part in parts)
    labels = list_items(head.get(Keyword("labels"), make_list([]))) or []
    if g.shape != (p.shape[1], p.shape[1]) or c.shape != (p.shape[1], len(labels)):
        raise EvalError(f"{caller}: the head's parts do not fit", code="shape")
    return list(labels), Ridge(p.float(), g.double(), c.double(), float(head.get(Keyword("seen"), 0.0)))


def _rows(xs: Any, model: Any, caller: str) -> Any:
    import torch

    x = torch.from_numpy(matrix_of(xs, caller)).float()
    if x.shape[1] != model.projection.shape[0]:
        raise EvalError(
            f"{caller}: vectors of {x.shape[1]} numbers, and the head takes {model.projection.shape[0]}",
            code="shape",
        )
    return x
