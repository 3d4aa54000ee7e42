"""The gate's mathematics as primitives: evidence, bounds, fair means, what logs tell, and the verdict on
observations.
"""

from __future__ import annotations

import math
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, make_list, table


def _numbers(values: Any, caller: str, low: float, high: float) -> Any:
    """VALUES as f64[n], all of them numbers between LOW and HIGH."""
    import numpy as np

    try:
        made = np.array([float(value) for value in values], np.float64)
    except (TypeError, ValueError):
        raise EvalError(f"{caller}: numbers are wanted", code="type") from None
    if len(made) and not (made.min() >= low and made.max() <= high):
        raise EvalError(f"{caller}: numbers from {low:g} to {high:g} are wanted", code="range")
    return made


def _differences(values: Any, caller: str) -> Any:
    return _numbers(values, caller, -1.0, 1.0)


def _exp(log: float) -> float:
    return math.exp(min(log, 700.0))


@primitive("e-value", effects="compute")
def e_value(differences: Items) -> float:
    """The evidence that paired DIFFERENCES, each from -1 to 1 and in the order they came, are above 0 on average:
    what a coin has become at most that was bet on each of them. It reaches 400 by chance in 1 of 400 cases, however
    often one looks.   [Waudby-Smith and Ramdas 2024]

    > (< 1 (e-value '(0.5 0.5 0.5)) 2)
    => #t
    """
    from chorus.kernels.gate.eprocess import best_log_evidence

    return _exp(best_log_evidence(_differences(differences, "e-value")))


@primitive("mean-bounds", effects="compute")
def mean_bounds(differences: Items, alpha: float = 0.05) -> Any:
    """The list (low high) between which the mean of DIFFERENCES, each from -1 to 1, lies at all times but for a
    chance of ALPHA.

    > (map round (mean-bounds '()))
    => (-1.0 1.0)
    """
    from chorus.kernels.gate.eprocess import interval

    if not 0 < alpha < 1:
        raise EvalError("mean-bounds: alpha lies between 0 and 1", code="range")
    return make_list(interval(_differences(differences, "mean-bounds"), alpha))


@primitive("paired-test", effects="compute")
def paired_test(differences: Items) -> float:
    """The chance of so large a mean of paired DIFFERENCES, or a larger one, if there were no gain. Only for a number of
    pairs that was fixed beforehand; who looks again and again uses `e-value`.

    > (< (paired-test '(0.25 0.5 0.25 0 0.5 0.25 0.25)) 0.01)
    => #t
    """
    from chorus.kernels.gate.paired import paired_p

    return paired_p(_differences(differences, "paired-test"))


@primitive("fair-mean", effects="compute")
def fair_mean_(values: Items, authors: Items) -> HashTable:
    """The mean of VALUES with one vote for each of AUTHORS, a quarter of the votes cut off at either end (of five
    authors or more): {:mean :error :authors}. Neither one who says a thing a thousand times nor a fifth in league can
    move it far.

    > (get (fair-mean '(1 1 1 0 0 0 0 0) '(eve eve eve a b c d e)) :mean)
    => 0.0
    """
    from chorus.kernels.gate.robust import fair_mean

    if len(values) != len(authors) or not values:
        raise EvalError("fair-mean: a value for each author is wanted", code="range")
    found = fair_mean(_numbers(values, "fair-mean", -math.inf, math.inf), [str(each) for each in authors])
    return table(mean=found.mean, error=found.error, authors=found.authors)


@primitive("doubly-robust", effects="compute")
def doubly_robust_(
    ratings: Items, chosen: Items, propensities: Items, new: Any, old: Any, *, floor: float = 0.02
) -> HashTable:
    """What a log tells of NEW's gain over OLD: RATINGS from 0 to 1 of what was CHOSEN with PROPENSITIES, none of them
    below FLOOR: {:mean :error :ess :enough :differences}. The :differences are divided by their :bound, so that
    `e-value` takes them; where the effective sample :ess is below 100 there is not :enough to tell.   [Dudík 2011]

    > (get (doubly-robust '(1 0 1 0) '(a b a b) '(0.5 0.5 0.5 0.5) 'a 'b) :enough)
    => #f
    """
    from chorus.kernels.gate.offpolicy import doubly_robust, expected_ratings
    from chorus.runtime.values import Symbol

    caller = "doubly-robust"
    if not len(ratings) == len(chosen) == len(propensities):
        raise EvalError(f"{caller}: as many choices and propensities as ratings are wanted", code="range")
    if not 0 < floor <= 0.5:
        raise EvalError(f"{caller}: the floor lies between 0 and 1/2", code="range")
    import numpy as np

    name = lambda value: value.name if isinstance(value, Symbol) else str(value)
    arms = list(dict.fromkeys([name(new), name(old), *map(name, chosen)]))
    codes = np.array([arms.index(name(each)) for each in chosen], np.int64)
    rated = _numbers(ratings, caller, 0.0, 1.0)
    found = doubly_robust(
        rated,
        codes,
        _numbers(propensities, caller, 0.0, 1.0),
        expected_ratings(rated, codes, len(arms)),
        0,
        arms.index(name(old)),
        floor,
    )
    scaled = make_list(float(each) for each in found.differences / found.bound)
    return table(
        mean=found.mean,
        error=found.error,
        ess=found.ess,
        enough=found.enough,
        bound=found.bound,
        differences=scaled,
    )


@primitive("%gate-verdict", effects="compute", checked=False)
def gate_verdict(seen: Any, fixed: Any = False) -> HashTable:
    """What SEEN comes to, a list of (difference author hour slice …) with slices as (what . value): evidence, bounds,
    slices, and :against, the reasons why it does not suffice.

    > (get (%gate-verdict '((0.5 "ann" 1 ("persona" . "veterans")))) :pairs)
    => 1
    """
    from chorus.kernels.gate.verdict import Seen, weigh
    from chorus.runtime.values import list_items

    rows = []
    for each in list_items(seen) or []:
        difference, author, hour, *slices = list_items(each) or []
        rows.append(Seen(float(difference), author, hour, tuple((s.car, s.cdr) for s in slices)))
    found = weigh(rows, None if fixed is False else fixed)
    return table(
        pairs=found.pairs,
        counted=found.counted,
        mean=found.mean,
        low=found.low,
        high=found.high,
        fresh=make_list(found.fresh),
        e_value=_exp(found.log_e),
        harm=_exp(found.log_harm),
        harms=found.harms,
        fair=found.fair.mean if found.fair else False,
        authors=found.fair.authors if found.fair else 0,
        slices=make_list(
            table(what=s.what, value=s.value, pairs=s.pairs, mean=s.mean, safe=_known(s.safe))
            for s in found.slices
        ),
        against=make_list(found.against),
    )


def _known(safe: bool | None) -> Any:
    from chorus.runtime.values import Symbol

    return Symbol("unknown") if safe is None else safe


@primitive("%gate-running", effects="compute", checked=False)
def gate_running() -> Any:
    """Evidence that takes differences as they come in; for the gate itself.

    > (begin (%gate-running) 'made)
    => made
    """
    from chorus.kernels.gate.running import Running

    return Running()


@primitive("gate-rules", effects="pure")
def gate_rules() -> HashTable:
    """The gate's numbers, which no program can change: {:family :candidates :alpha :stakes :aims :margin :slice
    :harm :an-hour :league :ess :floor :canary :canary-least}.

    > (get (gate-rules) :candidates)
    => 20
    """
    from chorus.kernels.gate import rules

    return table(
        family=rules.FAMILY,
        candidates=rules.CANDIDATES,
        alpha=rules.ALPHA,
        stakes=make_list(rules.STAKES),
        aims=make_list(make_list(each) for each in rules.AIMS),
        margin=rules.MARGIN,
        slice=rules.SLICE_LEAST,
        harm=rules.HARM_ALPHA,
        an_hour=rules.AN_HOUR,
        league=rules.LEAGUE,
        ess=rules.ESS,
        floor=rules.FLOOR,
        canary=rules.CANARY,
        canary_least=rules.CANARY_LEAST,
    )
