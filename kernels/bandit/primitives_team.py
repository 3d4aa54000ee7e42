"""What people have in common, what is thought of one of them, and what a question makes of a rating, as primitives."""

from __future__ import annotations

from typing import Annotated, Any

from chorus.kernels.bandit.arguments import field, groups_of, rows_of, sizes_of, team_of, weights_of
from chorus.runtime.errors import EvalError
from chorus.runtime.pools import on_one_thread
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, make_list, table

Tensor = Any


@primitive("fit-team", effects="compute")
@on_one_thread
def fit_team(
    x: Annotated[Tensor, "n p"],
    y: Annotated[Tensor, "n"],
    groups: Items,
    sizes: Items,
    *,
    weights: Any = None,
    far: float = 3.0,
    rounds: int = 60,
    from_: HashTable | None = None,
    count: int | None = None,
) -> HashTable:
    """What the people who gave the ratings Y at the rows X have in common, and how far they differ: a hash table of
    the common :mean, the :spread (variance of each column round it), the :noise (variance of a rating), and of each
    of GROUPS, numbers from 0 on, how surely it :told of the mean, what it :say(s), and its :trust. A group that lies
    more than FAR times as far from the others (squared) as groups do on average is trusted less. FROM: an earlier fit
    to go on from.   [empirical Bayes by EM, Laird & Ware 1982; redescending weights, Maronna 1976]

    > (hash-keys (fit-team (choice-columns '((0) (1)) '(2)) #(0.9 0.1) '(0 0) '(2)))
    => (:mean :spread :noise :told :say :trust :rounds)
    """
    from chorus.kernels.bandit.design import layout
    from chorus.kernels.bandit.hierarchy import fit

    rows, values = rows_of(x, y)
    blocks = layout(sizes_of(sizes))[1]
    of = groups_of(groups)
    if len(of) != len(values) or rows.shape[1] != len(blocks) or not far > 0 or (of < 0).any():
        raise EvalError("fit-team: a group for each rating, columns as the sizes say, and FAR above 0")
    start = None if from_ is None or len(field(from_, "mean")) != len(blocks) else team_of(from_)
    made = fit(rows, values, weights_of(weights, len(values)), of, blocks, far, rounds, start, count)
    return table(**vars(made))


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

    mean, variance = team_prior(team_of(team), without, alike)
    return table(mean=mean, variance=variance, noise=field(team, "noise"))


@primitive("open-prior", effects="compute")
def open_prior(sizes: Items, *, noise: float | None = None) -> HashTable:
    """What is thought of anybody before any rating at all: {:mean :variance :noise}, for settings of SIZES. NOISE: the
    variance of a rating, where it is known.

    > (tensor->list (hash-ref (open-prior '(2)) :mean))
    => (0.5 0.0)
    """
    from chorus.kernels.bandit import hierarchy as h

    p = 1 + sum(k - 1 for k in sizes_of(sizes))
    return table(
        mean=h.prior_mean(p),
        variance=h.prior_variance(p) + h.prior_spread(p),
        noise=h.PRIOR_NOISE if noise is None else noise,
    )


@primitive("without-questions", effects="compute")
@on_one_thread
def without_questions(
    x: Annotated[Tensor, "n p"],
    y: Annotated[Tensor, "n"],
    groups: Items,
    questions: Items,
    *,
    weights: Any = None,
) -> HashTable:
    """What is left of the ratings Y at the rows X, by people numbered in GROUPS, when what QUESTIONS, a number for each
    rating, make of them is taken out: a hash table of the :ratings, of each of which what the other ratings of its
    question say of it is gone (nothing, of one asked once), and their :weights, less for who does not agree with the
    others on which questions were answered at all, see :trusted, of each of the people.

    > (map rounded (tensor->list (hash-ref (without-questions (choice-columns '((0) (1) (0) (1)) '(2))
                                                              #(0.9 0.9 0.1 0.1) '(0 1 0 1) '(0 0 1 1)) :ratings)))
    => (0.502 0.502 0.498 0.498)
    """
    from chorus.kernels.bandit.questions import without_questions

    rows, values = rows_of(x, y)
    of, asked = groups_of(groups), groups_of(questions)
    if not len(of) == len(asked) == len(values) or (of < 0).any() or (asked < 0).any():
        raise EvalError("without-questions: a group and a question, numbers from 0 on, for each rating")
    given = weights_of(weights, len(values))
    freed = without_questions(rows, values, given, of, asked)
    return table(
        ratings=freed.ratings, weights=given * freed.trusted[of], trusted=make_list(freed.trusted.tolist())
    )
