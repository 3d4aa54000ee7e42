"""Primitives over the heads: train one on labelled texts, apply one."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import HashTable, Keyword, make_list


@primitive("head-kinds", effects="pure")
def head_kinds() -> Any:
    """What kinds of heads there are: (name what-it-sees-and-how-it-learns) each.

    > (map car (head-kinds))
    => (linear ridge mlp fused)
    """
    from chorus.kernels.heads.kinds import KINDS
    from chorus.runtime.values import Symbol

    return make_list(make_list([Symbol(name), kind.about]) for name, kind in KINDS.items())


@primitive("%fit-head", effects="compute")
def fit_head(ctx: Any, labelled: HashTable, *, kind: Name | None = None, seed: int = 0) -> HashTable:
    """A head trained on what `%labelled` gathered: a table of its :arrays and of what is said :about it.

    > (guard (e (#t (error-object-message e))) (%fit-head (%labelled (messages) 'content 'id #f)))
    => …
    """
    from chorus.kernels.heads.features import read
    from chorus.kernels.heads.kinds import KINDS
    from chorus.kernels.heads.train import TooLittle, refuse_too_little, train

    kind = kind or Name("linear")
    if kind not in KINDS:
        raise EvalError(
            f"train-head!: no kind of head is called {kind}", code="range", hint=f"known: {', '.join(KINDS)}"
        )
    get = lambda name: labelled.get(Keyword(name))
    texts, truth, labels, several, groups = (
        get(n) for n in ("texts", "truth", "labels", "several", "groups")
    )
    try:
        refuse_too_little(truth, labels, several, groups)
        ctx.charge(sum(map(len, texts)), 2000 * len(texts))
        with ctx.working("training a head") as bar:
            made = train(
                read(texts, lambda t: ctx.embedder.encode(t, ctx.check)),
                truth,
                labels,
                kind=kind,
                several=several,
                groups=groups,
                seed=seed,
                tick=bar.advance,
            )
    except TooLittle as problem:
        raise EvalError(
            f"train-head!: {problem}",
            code="too-little",
            hint="label more texts, or join labels that mean nearly the same",
        ) from None
    about = {
        "kind": kind,
        "labels": list(labels),
        "several": several,
        "held-out": made.figures,
        "model": ctx.embedder.model,
        "seed": seed,
    }
    return HashTable([(Keyword("arrays"), made.arrays), (Keyword("about"), about)])


@primitive("%apply-head", effects="compute")
def apply_head(ctx: Any, head: HashTable, texts: Items) -> Any:
    """Of each of TEXTS what HEAD says: (label confidence sure), or with several labels (labels confidences sure).

    > (%apply-head {} '())
    => ()
    """
    if not texts:
        return make_list([])
    from chorus.kernels.heads.features import read
    from chorus.kernels.heads.train import Head

    about, arrays = head.get(Keyword("about")), head.get(Keyword("arrays"))
    made = Head(about["kind"], about["labels"], about["several"], arrays)
    plain = [str(text) for text in texts]
    ctx.charge(sum(map(len, plain)), 2000 * len(plain))
    encode = lambda t: ctx.embedder.encode(t, ctx.check)
    found = made.probabilities(read(plain, encode, long=bool(arrays["long"][0])))  # [n, K]
    return make_list((_several if made.several else _one)(made, row) for row in found)


def _one(head: Any, row: Any) -> Any:
    best = int(row.argmax())
    return make_list([head.labels[best], _rounded(row[best]), bool(row[best] >= head.thresholds[0])])


def _several(head: Any, row: Any) -> Any:
    """The labels above their thresholds; a row without any is sure of that only if none is near."""
    having = [at for at in range(len(row)) if row[at] > head.thresholds[at]]
    labels = make_list(head.labels[at] for at in having)
    return make_list([labels, make_list(_rounded(row[at]) for at in having), bool(having)])


def _rounded(probability: Any) -> float:
    return round(float(probability), 4)
