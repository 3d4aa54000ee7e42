"""What ratings tell of one person, how well they were foreseen, and what choosing cost, as primitives."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from chorus.kernels.bandit.arguments import (
    field,
    floats,
    groups_of,
    numbered,
    numbers,
    prior_of,
    rate_of,
    rows_of,
    sizes_of,
    weights_of,
)
from chorus.runtime.pools import on_one_thread
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, make_list, table

Tensor = Any


@primitive("follow-ratings", effects="compute")
@on_one_thread
def follow_ratings(
    x: Annotated[Tensor, "n p"],
    y: Annotated[Tensor, "n"],
    prior: HashTable,
    *,
    weights: Any = None,
    rate: float = 1.0,
    groups: Items | None = None,
    group: int | None = None,
) -> HashTable:
    """The posterior {:mean :covariance} of one person's columns after the ratings Y at the rows X, the latest last,
    from the PRIOR {:mean :variance :noise}. RATE: how much of what a rating taught remains at the next; what is
    forgotten falls back to the prior, and with 1 nothing is. GROUP: only the rows that GROUPS gives to it.

    > (let ((x (choice-columns '((0) (1)) '(2))))
        (rounded (tensor-ref (hash-ref (follow-ratings x #(0.9 0.1) (open-prior '(2))) :mean) 1)))
    => 0.045
    """
    from chorus.kernels.bandit.drifting import follow

    rows, values = rows_of(x, y)
    w = weights_of(weights, len(values))
    if groups is not None and group is not None:
        of = groups_of(groups) == group
        rows, values, w = rows[of], values[of], w[of]
    mean, covariance = follow(rows, values, w, prior_of(prior), rate_of(rate))
    return table(mean=mean, covariance=covariance)


@primitive("foresight", effects="compute")
@on_one_thread
def foresight(
    x: Annotated[Tensor, "n p"],
    y: Annotated[Tensor, "n"],
    groups: Items,
    priors: Items,
    *,
    weights: Any = None,
    rate: float = 1.0,
) -> Annotated[Tensor, "n"]:
    """How likely each of the ratings Y was (log density) by the same group's ratings before it; PRIORS holds what was
    thought of each group before. As GROUPS are numbered from 0 on, so are PRIORS.

    > (map rounded (tensor->list (foresight (choice-columns '((0)) '(2)) #(0.5) '(0) (list (open-prior '(2))))))
    => (-0.398)
    """
    from chorus.kernels.bandit.drifting import foresight

    rows, values = rows_of(x, y)
    of, w = groups_of(groups), weights_of(weights, len(values))
    made = np.zeros(len(values))
    for g, prior in enumerate(priors):
        at = np.flatnonzero(of == g)
        if len(at):
            made[at] = foresight(rows[at], values[at], w[at], prior_of(prior), rate_of(rate))[0]
    return made


@primitive("adapted-rate", effects="compute")
@on_one_thread
def adapted_rate(
    x: Annotated[Tensor, "n p"],
    y: Annotated[Tensor, "n"],
    groups: Items,
    priors: Items,
    *,
    weights: Any = None,
) -> HashTable:
    """How fast the ratings Y at the rows X grow old, told from how well each rate foresaw them: {:rate, for the next
    rating, :gain, by how much a rating was foreseen better (log density) than by forgetting nothing, :beside-best,
    than by the best constant rate, :scores, of each constant rate ((rate mean-log-density) …)}. Where tastes stand
    still both are just below 0: a constant 1 would do. [dynamic model averaging, Raftery et al. 2010]

    > (hash-ref (adapted-rate (choice-columns '() '(2)) #() '() '()) :rate)
    => 0.965
    """
    from chorus.kernels.bandit.drifting import MOST, RATES, adapted, foresights

    rows, values = rows_of(x, y)
    of, w = groups_of(groups), weights_of(weights, len(values))
    kept = np.zeros(len(values), bool)
    scores = np.zeros((len(values), len(RATES)))
    for g, prior in enumerate(priors):
        at = np.flatnonzero(of == g)[-MOST:]
        kept[at] = True
        if len(at):
            scores[at] = foresights(rows[at], values[at], w[at], prior_of(prior))
    rate, gain, beside = adapted(scores[kept])
    means = scores[kept].mean(0) if kept.any() else np.zeros(len(RATES))
    shown = make_list(make_list([r, float(m)]) for r, m in zip(RATES, means, strict=True))
    return HashTable(
        zip(
            map(Keyword, ("rate", "gain", "beside-best", "scores")),
            (round(rate, 6), gain, beside, shown),
            strict=True,
        )
    )


@primitive("foresight-gain", effects="compute")
def foresight_gain(
    ours: Annotated[Tensor, "n"],
    others: Annotated[Tensor, "n"],
    groups: Items,
    *,
    from_: int = 0,
    until: int | None = None,
    level: float = 0.95,
) -> HashTable:
    """By how much better a rating was foreseen by OURS than by OTHERS, log densities as `foresight` gives them, in the
    mean with its interval: {:mean :low :high :n}; of ratings FROM one place UNTIL another. What one person rated goes
    together, so GROUPS are drawn, not ratings.

    > (hash-ref (foresight-gain #(1.0 1.0 1.0) #(0.0 0.0 0.0) '(0 1 2)) :low)
    => 1.0
    """
    from chorus.kernels.bandit.gains import gain

    made = floats(ours, "scores") - floats(others, "scores")
    of = groups_of(groups)
    mean, low, high = gain(made[from_:until], of[from_:until], level)
    shown = [v if np.isfinite(v) else False for v in (low, high)]
    return table(mean=mean, low=shown[0], high=shown[1], n=len(made[from_:until]))


@primitive("regret-curve", effects="compute")
@on_one_thread
def regret_curve(
    choices: Any,
    groups: Items,
    beliefs: Items,
    sizes: Items,
    *,
    level: float = 0.95,
    window: int = 50,
    seed: int = 0,
) -> HashTable:
    """What choosing as was chosen cost, against always choosing the best: {:mean :low :high, cumulated over the turns,
    :lately (mean low high), a turn over the last WINDOW}. CHOICES as `choice-columns` takes them; BELIEFS the posterior
    {:mean :covariance} of each of GROUPS. The interval begins at what the means of BELIEFS say.

    > (let ((nothing-known (follow-ratings (choice-columns '() '(2)) #() (open-prior '(2)))))
        (hash-ref (regret-curve '((0) (1)) '(0 0) (list nothing-known) '(2)) :low))
    => …
    """
    from chorus.kernels.bandit.regret import curve, lately, regrets, surely

    of = sizes_of(sizes)
    rows, who = numbered(choices, of), groups_of(groups)
    means = np.array([floats(field(b, "mean"), "mean") for b in beliefs])
    covariances = np.array([floats(field(b, "covariance"), "covariance") for b in beliefs])
    lost = regrets(rows, who, means, covariances, of, seed)
    sure = surely(rows, who, means, of)
    mean, low, high = (numbers(part) for part in curve(lost, sure, level))
    late = make_list(lately(lost, sure, window, level)) if len(rows) else False
    return table(mean=mean, low=low, high=high, lately=late)
