"""The learner's mathematics as primitives: chances, posteriors, the team, how ratings age, regret, buffers."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.pools import on_one_thread
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, hash_key, list_items, make_list, table

Tensor = Any
MOST_CHOICES = 64
NOWHERE: tuple[int, dict[Any, int]] = (0, {})


def _floats(values: Any, name: str) -> np.ndarray:
    made = np.asarray(values, dtype=float)
    if not np.isfinite(made).all():
        raise EvalError(f"{name}: numbers should be finite")
    return made


def _weights(weights: Any, n: int) -> np.ndarray:
    made = np.ones(n) if weights is None else _floats(weights, "weights")
    if len(made) != n or (made <= 0).any():
        raise EvalError("weights: one above 0 for each rating")
    return made


def _sizes(sizes: Items) -> tuple[int, ...]:
    made = tuple(int(k) for k in sizes)
    if any(not 1 <= k <= MOST_CHOICES for k in made):
        raise EvalError(f"a setting has 1 to {MOST_CHOICES} choices")
    return made


def _of(table: HashTable, name: str) -> Any:
    """The field NAME of a TABLE that a primitive of this room made."""
    found = table.get(Keyword(name))
    if found is None:
        raise EvalError(f"a hash table with :{name} is wanted here")
    return found


def _numbers(values: np.ndarray) -> Any:
    return make_list(values.tolist())


def _rows(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    rows, values = _floats(x, "columns"), _floats(y, "ratings")
    if rows.ndim != 2 or len(rows) != len(values):
        raise EvalError("a row of columns for each rating")
    return rows, values


@primitive("best-chances", effects="compute")
def best_chances(means: Items, spreads: Items, *, floor: float = 0.02) -> Any:
    """The chance that each of several independent normal quantities, of MEANS and SPREADS, is the greatest; none below
    FLOOR, 1 in all.   [probability matching, Thompson 1933, by quadrature]

    > (best-chances '(0.5 0.5) '(0.1 0.2))
    => (0.5 0.5)
    > (map rounded (best-chances '(1.0 0.0 0.0) '(0.01 0.01 0.01)))
    => (0.96 0.02 0.02)
    """
    from chorus.kernels.bandit.best import best_chances

    m, s = _floats(means, "means"), _floats(spreads, "spreads")
    if not len(m) == len(s) > 0 or (s < 0).any() or not 0 <= floor < 1:
        raise EvalError("best-chances: as many spreads, from 0 on, as means, and a floor below 1")
    return _numbers(best_chances(m, s, floor))


@primitive("choice-columns", effects="compute")
def choice_columns(choices: Any, sizes: Items) -> Annotated[Tensor, "n p"]:
    """Rows of a linear model for CHOICES, lists of the numbers of what was chosen of each setting, #f where that is
    not known, or what `choice-numbers` made; SIZES says how many choices each has. Column 0 is the level; k choices
    are k - 1 contrasts.

    > (let ((x (choice-columns '((0) (1) (#f)) '(2)))) (map (lambda (row) (rounded (tensor-ref x row 1))) '(0 1 2)))
    => (0.707 -0.707 0.0)
    """
    from chorus.kernels.bandit.design import design

    of = _sizes(sizes)
    return design(_numbered(choices, of), of)


@primitive("choice-numbers", effects="compute")
def choice_numbers(rows: Items, names: Items, choices: Items) -> Annotated[Tensor, "n s"]:
    """For each of ROWS, association lists name → value, and each of NAMES the place of its value among its CHOICES, a
    list for each name; -1 where it has none of them.

    > (tensor-ref (choice-numbers '(((length . 6))) '(length) '((2 4 6))) 0 0)
    => 2.0
    """
    place: dict[Any, tuple[int, dict[Any, int]]] = {
        name: (column, {hash_key(v): at for at, v in enumerate(list_items(values) or ())})
        for column, (name, values) in enumerate(zip(names, choices, strict=True))
    }
    made = [[-1] * len(names) for _ in rows]
    for row, pairs in zip(made, rows, strict=True):
        for pair in list_items(pairs) or ():
            column, numbers = place.get(pair.car, NOWHERE)
            if numbers:
                row[column] = numbers.get(hash_key(pair.cdr), -1)
    return np.array(made, dtype=int).reshape(len(rows), len(names))


def _numbered(choices: Any, sizes: tuple[int, ...]) -> np.ndarray:
    if isinstance(choices, np.ndarray):
        made = choices.astype(int).reshape(len(choices), len(sizes))
    else:
        made = _listed(choices, sizes)
    if (made < -1).any() or (made >= np.array(sizes, dtype=int)).any():
        raise EvalError("a choice is a number from 0 on, below how many there are, or #f")
    return made


def _listed(choices: Items, sizes: tuple[int, ...]) -> np.ndarray:
    rows = [[-1 if c is False else int(c) for c in row] for row in choices]
    return np.array(rows, dtype=int).reshape(len(rows), len(sizes))


@primitive("choice-effects", effects="compute")
@on_one_thread
def choice_effects(mean: Annotated[Tensor, "p"], covariance: Annotated[Tensor, "p p"], sizes: Items) -> Any:
    """What is known of the choices of each setting: a list (means spreads) for each, from the posterior MEAN and
    COVARIANCE of the columns that `choice-columns` makes. The spreads are those of independent choices whose
    differences would be as sure.

    > (map rounded (cadar (choice-effects #(0.5 0.0) (%stack '(#(0 0) #(0 1))) '(2))))
    => (1.0 1.0)
    """
    from chorus.kernels.bandit.design import effects

    found = effects(_floats(mean, "mean"), _floats(covariance, "covariance"), _sizes(sizes))
    return make_list(make_list([_numbers(m), _numbers(s)]) for m, s in found)


@primitive("choice-chances", effects="compute")
@on_one_thread
def choice_chances(
    mean: Annotated[Tensor, "p"],
    covariance: Annotated[Tensor, "p p"],
    sizes: Items,
    *,
    floor: float = 0.02,
    scale: float = 1.0,
) -> Any:
    """For each setting the chances of its choices to be the best, none below FLOOR: `best-chances` of `choice-effects`,
    with spreads SCALE times as wide.

    > (choice-chances #(0.5 0.0) (%stack '(#(0 0) #(0 1))) '(2))
    => ((0.5 0.5))
    """
    from chorus.kernels.bandit.best import best_chances
    from chorus.kernels.bandit.design import effects

    found = effects(_floats(mean, "mean"), _floats(covariance, "covariance"), _sizes(sizes))
    return make_list(_numbers(best_chances(m, scale * s, floor)) for m, s in found)


@primitive("fit-team", effects="compute")
@on_one_thread
def fit_team(
    x: Annotated[Tensor, "n p"],
    y: Annotated[Tensor, "n"],
    groups: Items,
    sizes: Items,
    *,
    weights: Any = None,
    trim: float = 0.2,
    rounds: int = 60,
    from_: HashTable | None = None,
    count: int | None = None,
) -> HashTable:
    """What the people who gave the ratings Y at the rows X have in common, and how far they differ: a hash table of
    the common :mean, the :spread (variance of each column round it), the :noise (variance of a rating), and of each
    of GROUPS, numbers from 0 on, its :deviations with their :reliability. The mean leaves out the share TRIM at both
    ends. FROM: an earlier fit to go on from.   [empirical Bayes by EM, Laird & Ware 1982]

    > (hash-keys (fit-team (choice-columns '((0) (1)) '(2)) #(0.9 0.1) '(0 0) '(2)))
    => (:mean :spread :noise :deviations :reliability :trim :rounds)
    """
    from chorus.kernels.bandit.design import layout
    from chorus.kernels.bandit.hierarchy import fit

    rows, values = _rows(x, y)
    blocks = layout(_sizes(sizes))[1]
    of = np.array([int(g) for g in groups], dtype=int)
    if len(of) != len(values) or rows.shape[1] != len(blocks) or not 0 <= trim < 0.5 or (of < 0).any():
        raise EvalError("fit-team: a group for each rating, columns as the sizes say, less than half trimmed")
    start = None if from_ is None or len(_of(from_, "mean")) != len(blocks) else _team(from_)
    made = fit(rows, values, _weights(weights, len(values)), of, blocks, trim, rounds, start, count)
    return table(**vars(made))


def _team(table: HashTable) -> Any:
    from dataclasses import fields

    from chorus.kernels.bandit.hierarchy import Team

    return Team(**{field.name: _of(table, field.name) for field in fields(Team)})


@primitive("team-prior", effects="compute")
def team_prior(team: HashTable, *, without: int | None = None, alike: bool = False) -> HashTable:
    """What is thought of somebody before their first rating, from the TEAM that `fit-team` found: {:mean :variance
    :noise}. WITHOUT: leave out what the group so numbered said, for whom it is meant. ALIKE: as if tastes did not
    differ.

    > (let ((team (fit-team (choice-columns '((0) (1)) '(2)) #(0.9 0.1) '(0 0) '(2))))
        (hash-keys (team-prior team :without 0)))
    => (:mean :variance :noise)
    """
    from chorus.kernels.bandit.hierarchy import team_prior

    mean, variance = team_prior(_team(team), without, alike)
    return table(mean=mean, variance=variance, noise=_of(team, "noise"))


@primitive("open-prior", effects="compute")
def open_prior(sizes: Items, *, noise: float | None = None) -> HashTable:
    """What is thought of anybody before any rating at all: {:mean :variance :noise}, for settings of SIZES. NOISE: the
    variance of a rating, where it is known.

    > (tensor->list (hash-ref (open-prior '(2)) :mean))
    => (0.5 0.0)
    """
    from chorus.kernels.bandit import hierarchy as h

    p = 1 + sum(k - 1 for k in _sizes(sizes))
    return table(
        mean=h.prior_mean(p),
        variance=h.prior_variance(p) + h.prior_spread(p),
        noise=h.PRIOR_NOISE if noise is None else noise,
    )


def _prior(table: HashTable) -> Any:
    from chorus.kernels.bandit.drifting import Prior

    mean, variance = (_floats(_of(table, name), name) for name in ("mean", "variance"))
    return Prior(mean, variance, float(_of(table, "noise")))


def _rate(rate: float) -> float:
    if not 0 < rate <= 1:
        raise EvalError("a rate lies above 0 and is at most 1", irritants=(rate,))
    return rate


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

    rows, values = _rows(x, y)
    w = _weights(weights, len(values))
    if groups is not None and group is not None:
        of = np.array([int(g) for g in groups], dtype=int) == group
        rows, values, w = rows[of], values[of], w[of]
    mean, covariance = follow(rows, values, w, _prior(prior), _rate(rate))
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

    rows, values = _rows(x, y)
    of, w = np.array([int(g) for g in groups], dtype=int), _weights(weights, len(values))
    made = np.zeros(len(values))
    for g, prior in enumerate(priors):
        at = np.flatnonzero(of == g)
        if len(at):
            made[at] = foresight(rows[at], values[at], w[at], _prior(prior), _rate(rate))[0]
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

    rows, values = _rows(x, y)
    of, w = np.array([int(g) for g in groups], dtype=int), _weights(weights, len(values))
    kept = np.zeros(len(values), bool)
    scores = np.zeros((len(values), len(RATES)))
    for g, prior in enumerate(priors):
        at = np.flatnonzero(of == g)[-MOST:]
        kept[at] = True
        if len(at):
            scores[at] = foresights(rows[at], values[at], w[at], _prior(prior))
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

    made = _floats(ours, "scores") - _floats(others, "scores")
    of = np.array([int(g) for g in groups], dtype=int)
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
    {:mean :covariance} of each of GROUPS.

    > (let ((nothing-known (follow-ratings (choice-columns '() '(2)) #() (open-prior '(2)))))
        (hash-ref (regret-curve '((0) (1)) '(0 0) (list nothing-known) '(2)) :low))
    => …
    """
    from chorus.kernels.bandit.regret import curve, lately, regrets

    of = _sizes(sizes)
    rows, numbers = _numbered(choices, of), np.array([int(g) for g in groups], dtype=int)
    means = np.array([_floats(_of(b, "mean"), "mean") for b in beliefs])
    covariances = np.array([_floats(_of(b, "covariance"), "covariance") for b in beliefs])
    lost = regrets(rows, numbers, means, covariances, of, seed)
    mean, low, high = (_numbers(part) for part in curve(lost, level))
    late = make_list(lately(lost, window, level)) if len(rows) else False
    return table(mean=mean, low=low, high=high, lately=late)


@primitive("keep-latest", effects="pure")
def keep_latest(numbers: Items, keep: int) -> Any:
    """The places of the KEEP greatest of NUMBERS, in their order: what a first-in-first-out buffer of turns holds.

    > (keep-latest '(5 1 9 3) 2)
    => (0 2)
    """
    from chorus.kernels.bandit.buffers import fifo

    return make_list(fifo([int(n) for n in numbers], max(0, keep)))


@primitive("keep-sample", effects="pure")
def keep_sample(numbers: Items, keep: int, *, seed: int = 0) -> Any:
    """The places of a uniform sample of KEEP of NUMBERS, in their order: what a reservoir holds. The same numbers and
    SEED give the same sample, however they came in.

    > (length (keep-sample '(1 2 3 4 5) 2))
    => 2
    """
    from chorus.kernels.bandit.buffers import reservoir

    return make_list(reservoir([int(n) for n in numbers], max(0, keep), seed))
