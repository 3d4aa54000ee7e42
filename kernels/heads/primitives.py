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
    => (linear ridge logistic mlp fused paired middle narrow fourier by-lot)
    """
    from chorus.kernels.heads.kinds import KINDS
    from chorus.runtime.values import Symbol

    return make_list(make_list([Symbol(name), kind.about]) for name, kind in KINDS.items())


@primitive("%fit-head", effects="compute")
def fit_head(
    ctx: Any, labelled: HashTable, *, kind: Name | None = None, seed: int = 0, device: str = "cpu"
) -> HashTable:
    """A head trained on what `%labelled` gathered: a table of its :arrays and of what is said :about it. Networks are
    trained on DEVICE; words and closed forms stay on the processor.

    > (guard (e (#t (error-object-message e))) (%fit-head (%labelled (messages) 'content 'id #f)))
    => …
    """
    from chorus.kernels.heads.kinds import KINDS
    from chorus.kernels.heads.train import train

    kind = kind or Name("linear")
    if kind not in KINDS:
        raise EvalError(
            f"train-head!: no kind of head is called {kind}", code="range", hint=f"known: {', '.join(KINDS)}"
        )
    made = _learnt(ctx, "train-head!", labelled, train, KINDS[kind].deep, device, kind=kind, seed=seed)
    about = {
        "kind": kind,
        "labels": made.labels,
        "several": made.several,
        "held-out": made.figures,
        "model": ctx.embedder.model,
        "seed": seed,
    }
    return HashTable([(Keyword("arrays"), made.arrays), (Keyword("about"), about)])


@primitive("%compare-heads", effects="compute")
def compare_heads(ctx: Any, labelled: HashTable, *, seed: int = 0, device: str = "cpu") -> HashTable:
    """What kinds of heads reach side by side on what `%labelled` gathered, and what that says of the Fourier head.

    > (guard (e (#t (error-object-message e))) (%compare-heads (%labelled (messages) 'content 'id #f)))
    => …
    """
    from chorus.kernels.heads.beside import beside
    from chorus.runtime.values import Symbol, figures

    made = _learnt(ctx, "compare-heads", labelled, beside, False, device, seed=seed)
    heads = [{"kind": Symbol(kind)} | figures for kind, figures in made.figures.items()]
    said = {"best-plain": Symbol(made.best), "fourier-gain": made.gain, "order-gain": made.order}
    return figures({"heads": heads} | said | {"verdict": made.verdict})


def _learnt(
    ctx: Any, who: str, labelled: HashTable, learn: Any, deep: bool, device: str, **options: Any
) -> Any:
    """What LEARN makes of what was LABELLED, in WHO's name: charged, with its progress shown, refusals worded."""
    from chorus.kernels.heads.train import TooLittle, refuse_too_little
    from chorus.kernels.persona.primitives import device_of

    texts, truth, labels, several, groups = (
        labelled.get(Keyword(name)) for name in ("texts", "truth", "labels", "several", "groups")
    )
    place = device_of(device)
    try:
        refuse_too_little(truth, labels, several, groups)
        ctx.charge(sum(map(len, texts)), 2000 * len(texts))
        with ctx.working("training heads" if who == "compare-heads" else "training a head") as bar:
            given = _read(ctx, texts, None, deep, place, bar.advance)
            return learn(given, truth, labels, several=several, groups=groups, tick=bar.advance, **options)
    except TooLittle as problem:
        raise EvalError(
            f"{who}: {problem}",
            code="too-little",
            hint="label more texts, or join labels that mean nearly the same",
        ) from None


def _read(ctx: Any, texts: list[str], long: bool | None, deep: bool, device: str, tick: Any) -> Any:
    """What a head sees of TEXTS: states within the encoder if it is DEEP, else vectors."""
    from chorus.kernels.heads.features import read

    if deep:
        return read(texts, None, long, lambda t: ctx.embedder.within(t, tick), device)
    return read(texts, lambda t: ctx.embedder.encode(t, ctx.check), long, device=device)


@primitive("%apply-head", effects="compute")
def apply_head(ctx: Any, head: HashTable, texts: Items, *, device: str = "cpu") -> Any:
    """Of each of TEXTS what HEAD says: (label confidence sure), or with several labels (labels confidences sure). A
    Fourier head runs on DEVICE, the others' products are too small to.

    > (%apply-head {} '())
    => ()
    """
    if not texts:
        return make_list([])
    from chorus.kernels.heads.kinds import KINDS
    from chorus.kernels.heads.train import Head
    from chorus.kernels.persona.primitives import device_of

    about, arrays = head.get(Keyword("about")), head.get(Keyword("arrays"))
    made = Head(about["kind"], about["labels"], about["several"], arrays)
    plain = [str(text) for text in texts]
    ctx.charge(sum(map(len, plain)), 2000 * len(plain))
    read = _read(ctx, plain, bool(arrays["long"][0]), KINDS[made.kind].deep, device_of(device), ctx.check)
    found = made.probabilities(read)  # [n, K]
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
