"""The reaction kernels as primitives: effects at dates, their test against other dates, forecasts."""

from __future__ import annotations

import math
from typing import Annotated, Any

import numpy as np

from chorus.kernels.spectral.given import LONGEST, POINTS, numbers
from chorus.kernels.spectral.given import series as given_series
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import NIL, HashTable, Keyword, Opaque, Symbol, make_list

Tensor = Any


def _window(days: int) -> int:
    if not 1 <= days <= 3_650:
        raise EvalError(f"a window is of 1 to 3,650 days, not {days}", code="range")
    return days


def _days(days: Any, length: int, caller: str) -> np.ndarray:
    """DAYS as whole numbers from 0 to below LENGTH."""
    if not 0 <= length <= LONGEST:
        raise EvalError(f"{caller}: a series has at most {LONGEST:,} days", code="range")
    at = _whole(days, caller)
    if len(at) and (at.min() < 0 or at.max() >= length):
        raise EvalError(f"{caller}: a day lies outside the series", code="range")
    return at


def _whole(days: Any, caller: str) -> np.ndarray:
    """DAYS i64[n], which are any number of whole numbers."""
    at = np.asarray(days) if isinstance(days, np.ndarray) and days.dtype.kind in "iu" else _row(days, caller)
    if not ((at == np.round(at)) & (np.abs(at) <= POINTS)).all():
        raise EvalError(f"{caller}: days are whole numbers, below a million", code="type")
    return at.astype(np.int64)


def _row(values: Any, caller: str) -> np.ndarray:
    """VALUES f64[n], which may be none, but all of them finite."""
    return (
        np.zeros(0)
        if values is NIL or (isinstance(values, (list, tuple, np.ndarray)) and not len(values))
        else numbers(values, caller)
    )


def _share(value: float, name: str, caller: str) -> float:
    if not 0 < value < 1:
        raise EvalError(f"{caller}: :{name} lies between 0 and 1, which {value:g} does not", code="range")
    return value


def _as_many(caller: str, **rows: Any) -> None:
    """Refuse ROWS of different lengths."""
    (one, first), (other, second) = rows.items()
    if len(first) != len(second):
        raise EvalError(f"{caller}: {len(first):,} {one} and {len(second):,} {other}", code="range")


@primitive("daily-mean", effects="pure")
def daily_mean(
    days: Annotated[Tensor, "n"], values: Annotated[Tensor, "n"], length: int
) -> Annotated[Tensor, "t"]:
    """The mean of the VALUES of each day 0 … LENGTH - 1, NaN on days without one.

    > (tensor-ref (daily-mean #(0 0 2) #(1.0 2.0 5.0) 3) 0)
    => 1.5
    """
    at, said = _days(days, length, "daily-mean"), _row(values, "daily-mean")
    _as_many("daily-mean", days=at, values=said)
    count = np.bincount(at, minlength=length)
    total = np.bincount(at, said, minlength=length)
    return np.where(count, total / np.maximum(count, 1), np.nan)


@primitive("daily-count", effects="pure")
def daily_count(days: Annotated[Tensor, "n"], length: int) -> Annotated[Tensor, "t"]:
    """How many of DAYS fall on each day 0 … LENGTH - 1.

    > (tensor-ref (daily-count #(0 0 2) 3) 0)
    => 2.0
    """
    return np.bincount(_days(days, length, "daily-count"), minlength=length).astype(float)


@primitive("before-after", effects="pure")
def before_after(
    series: Annotated[Tensor, "t"], window: int = 7, *, relative: bool = False
) -> Annotated[Tensor, "t"]:
    """For each day the mean of SERIES in the WINDOW days from it on, less that of the WINDOW days before; NaN
    where fewer than two days on a side are known.

    RELATIVE: instead, the logarithm of the ratio of the two sums, half a count added to each.

    > (tensor-ref (before-after #(0.0 0.0 1.0 1.0) 2) 2)
    => 1.0
    """
    from chorus.kernels.reaction.effects import before_after, log_ratio

    values = given_series(series, "before-after")
    if relative and not (values >= 0).all():
        raise EvalError("before-after: :relative is of counts, 0 or more, none missing", code="range")
    return (log_ratio if relative else before_after)(values, _window(window))


@primitive("retention", effects="pure")
def retention(
    days: Annotated[Tensor, "n"], authors: Any, length: int, window: int = 14
) -> Annotated[Tensor, "t"]:
    """For each day: of the AUTHORS active in the WINDOW days before it, the share active in the WINDOW days
    from it on.

    > (tensor-ref (retention #(0 0 1) '("ann" "bob" "ann") 2 1) 1)
    => 0.5
    """
    from chorus.kernels.reaction.effects import retained

    names, at = (
        authors.host if isinstance(authors, Opaque) else list(authors),
        _days(days, length, "retention"),
    )
    _as_many("retention", authors=names, days=at)
    rows = {name: at for at, name in enumerate(dict.fromkeys(names))}
    active = np.zeros((len(rows), length), dtype=bool)
    active[[rows[name] for name in names], at] = True
    return retained(active, _window(window))


@primitive("detect-effect", effects="compute")
def detect_effect(
    effects: Annotated[Tensor, "t"], days: Items, doses: Items | None = None, *, gap: int = 7
) -> Any:
    """Whether the dates DAYS moved a metric with EFFECTS at each day: {:mean :d :p :n :shifts}, or #f with
    too few days.

    Two-sided permutation test against the same dates moved together by GAP days or more. DOSES: signed sizes
    (default 1). [Phipson & Smyth 2010 for the p-value]

    > (detect-effect #(0.0 1.0 0.0) '(1))
    => #f
    """
    from chorus.kernels.reaction.effects import detect

    who, at = "detect-effect", _whole(list(days), "detect-effect")
    signs = np.ones(len(at)) if doses is None else _row(list(doses), who)
    _as_many(who, days=at, doses=signs)
    if gap < 1:
        raise EvalError(f"{who}: a gap is of 1 day or more, not {gap}", code="range")
    found = detect(given_series(effects, who), at.tolist(), signs.tolist(), gap)
    return False if found is None else _found(found)


def _found(found: Any) -> HashTable:
    rows = {"mean": found.mean, "d": found.d, "p": found.p, "n": found.n, "shifts": found.shifts}
    return HashTable((Keyword(k), round(v, 6) if isinstance(v, float) else v) for k, v in rows.items())


@primitive("%forecast", effects="compute")
def forecast(
    effects: Annotated[Tensor, "t"],
    changes: Items,
    feature: Name,
    action: Name,
    amount: float | None = None,
    *,
    level: float = 0.95,
    gap: int = 7,
    alpha: float = 0.05,
    least: int = 3,
    prior: float = 4.0,
) -> HashTable:
    """What ACTION on FEATURE by AMOUNT does to a metric with EFFECTS at each day, from the dated CHANGES.

    CHANGES are lists (day feature action amount id). The result has :estimate :interval :level :sign (the chance of
    its sign) :n :p :d :past (lists (id day effect)) and :refusal, a reason, or #f; refused, :estimate, :interval and
    :sign are #f.

    > (hash-ref (%forecast #(0.0 1.0) '() 'price 'increase) :refusal)
    => "no dated changes are known: ingest patch notes with dates first"
    """
    from chorus.kernels.reaction.forecast import Change, forecast

    known = [_change(*row) for row in map(list, changes)]
    new = Change(-1, feature, action, amount)
    values = given_series(effects, "forecast")
    chosen = {"level": _level(level), "gap": gap, "alpha": alpha, "least": least, "prior": prior}
    return _shown(forecast(values, known, new, **chosen))  # type: ignore[arg-type]


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise EvalError("a confidence interval's level lies between 0 and 1", irritants=(level,))
    return level


def _shown(made: Any) -> HashTable:
    """A Forecast as a hash table; #f for what there is not."""
    found = made.found
    sure = not math.isnan(made.estimate)
    rows = {
        "estimate": round(made.estimate, 5) if sure else False,
        "interval": make_list([round(made.low, 5), round(made.high, 5)]) if sure else False,
        "level": made.level,
        "sign": round(made.sign, 4) if sure else False,
        "n": found.n if found else len(made.past),
        "p": round(found.p, 5) if found else False,
        "d": round(found.d, 4) if found else False,
        "past": make_list(make_list([c.id, c.day, round(e, 5)]) for c, e in made.past),
        "refusal": made.refusal or False,
    }
    return HashTable((Keyword(k), v) for k, v in rows.items())


def _change(day: int, feature: Any, action: Any, amount: Any, id_: Any) -> Any:
    from chorus.kernels.reaction.forecast import Change

    said = None if amount is False else float(amount)
    return Change(day, str(feature or ""), str(action or ""), said, str(id_))


@primitive("predict-from-pairs", effects="compute")
def predict_from_pairs(
    pairs: Items, amount: float, *, level: float = 0.95, alpha: float = 0.05, least: int = 3
) -> HashTable:
    """What a change of AMOUNT (signed) does, from PAIRS (amount effect) of past ones: a line with its
    interval.

    The value has :estimate :interval :level :sign :n :p :d and :refusal, as in a prediction from dated changes;
    refused too when the effects, dealt out to other amounts, give as steep a line in more than ALPHA of the
    cases. On 200 planted pairs the interval held what followed in 93-97 of 100, and 94-97 of 100 shuffled
    histories were refused.

    > (hash-ref (predict-from-pairs '((1 .5) (2 1.1) (-1 -.6) (-2 -.9) (1.5 .8) (-1.5 -.7) (.5 .2)) 1) :refusal)
    => #f
    """
    from chorus.kernels.reaction.forecast import from_pairs

    who = "predict-from-pairs"
    rows = numbers(list(pairs), who, 2) if len(pairs) else np.zeros((0, 2))
    if rows.shape[1] != 2:
        raise EvalError(f"{who} takes a list of (amount effect)", code="type")
    (amount,) = numbers([amount], who)
    doses, seen = rows.T.tolist()
    _share(alpha, "alpha", who)
    return _shown(from_pairs(doses, seen, amount, level=_level(level), alpha=alpha, least=least))


@primitive("change-actions", effects="pure")
def change_actions() -> Any:
    """The actions that a change may name, as symbols: nerf, buff, increase …

    > (if (memq 'nerf (change-actions)) 'known 'unknown)
    => known
    """
    from chorus.kernels.reaction.forecast import ACTIONS

    return make_list(map(Symbol, ACTIONS))


@primitive("action-direction", effects="pure")
def action_direction(action: Name) -> int:
    """1 when ACTION moves a feature up, -1 when down; 1 for one not known.

    > (action-direction 'nerf)
    => -1
    """
    from chorus.kernels.reaction.forecast import ACTIONS

    return ACTIONS.get(action, 1)
