"""Choices as columns, their chances to be the best, and which turns are kept, as primitives."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from chorus.kernels.bandit.arguments import floats, numbered, numbers, sizes_of
from chorus.runtime.errors import EvalError
from chorus.runtime.pools import on_one_thread
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import hash_key, list_items, make_list

Tensor = Any
NOWHERE: tuple[int, dict[Any, int]] = (0, {})


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

    m, s = floats(means, "means"), floats(spreads, "spreads")
    if not len(m) == len(s) > 0 or (s < 0).any() or not 0 <= floor < 1:
        raise EvalError("best-chances: as many spreads, from 0 on, as means, and a floor below 1")
    return numbers(best_chances(m, s, floor))


@primitive("choice-columns", effects="compute")
def choice_columns(choices: Any, sizes: Items) -> Annotated[Tensor, "n p"]:
    """Rows of a linear model for CHOICES, lists of the numbers of what was chosen of each setting, #f where that is
    not known, or what `choice-numbers` made; SIZES says how many choices each has. Column 0 is the level; k choices
    are k - 1 contrasts.

    > (let ((x (choice-columns '((0) (1) (#f)) '(2)))) (map (lambda (row) (rounded (tensor-ref x row 1))) '(0 1 2)))
    => (0.707 -0.707 0.0)
    """
    from chorus.kernels.bandit.design import design

    of = sizes_of(sizes)
    return design(numbered(choices, of), of)


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

    found = effects(floats(mean, "mean"), floats(covariance, "covariance"), sizes_of(sizes))
    return make_list(make_list([numbers(m), numbers(s)]) for m, s in found)


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

    found = effects(floats(mean, "mean"), floats(covariance, "covariance"), sizes_of(sizes))
    return make_list(numbers(best_chances(m, scale * s, floor)) for m, s in found)


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
