"""The kernels of series as primitives: change points, days out of line, forecasts, topics through time."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import HashTable, Keyword, Symbol, make_list

Tensor = Any
LONGEST = 100_000


def _numbers(values: Any, caller: str) -> np.ndarray:
    try:
        row = np.asarray([np.nan if each is False else float(each) for each in values])
    except (TypeError, ValueError):
        raise EvalError(f"{caller}: a series is of numbers, #f where one is missing") from None
    if len(row) > LONGEST:
        raise EvalError(f"{caller}: a series has at most {LONGEST:,} values, not {len(row):,}")
    return row


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise EvalError("a level lies between 0 and 1", irritants=(level,))
    return level


@primitive("%change-points", effects="compute")
def change_points(
    values: Items, *, least: int = 7, level: float = 0.05, counts: bool = False, seed: int = 0
) -> Any:
    """Lists (place before after p) of the changes of level in VALUES, a number a day, the habit of the week left out.

    Of COUNTS the spread is made steady first. White noise shows one in LEVEL of all series, noise in which each day
    keeps half of the day before in about twice as many.   [Vostrikova 1981; shuffled in blocks of a week]

    > (map car (%change-points '(0 1 0 1 0 1 0 1 0 1 0 1 0 1 5 6 5 6 5 6 5 6 5 6 5 6 5 6)))
    => (14)
    """
    from chorus.kernels.series.change_points import change_points
    from chorus.kernels.series.weekdays import steady, without_week

    if least < 2:
        raise EvalError("%change-points: a side has 2 days or more", irritants=(least,))
    row = _numbers(values, "%change-points")
    found = change_points(
        without_week(steady(row) if counts else row), least=least, level=_level(level), seed=seed
    )
    edges = [0, *(each.at for each in found), len(row)]
    means = [float(np.nanmean(row[a:b])) for a, b in pairwise(edges)]
    return make_list(
        make_list([each.at, round(means[at], 4), round(means[at + 1], 4), round(each.p, 4)])
        for at, each in enumerate(found)
    )


@primitive("%anomalies", effects="compute")
def anomalies(measures: Items, *, level: float = 0.05, seed: int = 0) -> Any:
    """Lists (place measure z distance isolation) of the rows of MEASURES, lists of as many numbers each, that are out
    of line in one measure or in how they go together, farthest first; by normal noise in LEVEL of all series.

    > (map car (%anomalies (map (lambda (i) (list (modulo (* i 7) 10) (if (= i 20) 90 (modulo i 5)))) (iota 40))))
    => (20)
    """
    from chorus.kernels.series.anomalies import anomalies

    rows = [_numbers(list(row), "%anomalies") for row in measures]
    if len({len(row) for row in rows}) > 1:
        raise EvalError("%anomalies: each row has as many numbers as the others")
    if not rows or not len(rows[0]):
        return make_list([])
    made = np.array(rows)
    if not np.isfinite(made).all():
        raise EvalError("%anomalies: a measure is missing")
    return make_list(
        make_list([each.at, each.measure, *(round(float(v), 2) for v in each[2:])])
        for each in anomalies(made, level=_level(level), seed=seed)
    )


@primitive("%expected", effects="compute")
def forecast(values: Items, days: int, *, season: int = 7, level: float = 0.9) -> HashTable | bool:
    """The next DAYS values after VALUES: :method :mean :low :high :mase (of each method, in the pasts that were
    forecast) :folds; #f of too few values.   [Hyndman & Koehler 2006; intervals: Vovk et al. 2005]

    > (hash-ref (%expected (map (lambda (i) (modulo i 7)) (iota 70)) 7) :mean)
    => (0.0 1.0 2.0 3.0 4.0 5.0 6.0)
    """
    from chorus.kernels.series.forecast import forecast

    if not 1 <= days <= 366 or not 1 <= season <= 366:
        raise EvalError("%expected: from 1 to 366 days, and a season of as many", irritants=(days, season))
    row = _numbers(values, "%expected")
    if not np.isfinite(row).all():
        raise EvalError(
            "%expected: a value is missing", hint="a day on which nothing was said has 0 messages"
        )
    made = forecast(row, days, season=season, level=_level(level), nonnegative=bool((row >= 0).all()))
    if made is None:
        return False
    shown = {
        name: make_list(round(float(v), 4) for v in getattr(made, name)) for name in ("mean", "low", "high")
    }
    mase = HashTable((Symbol(name), round(value, 4)) for name, value in made.mase.items())
    rows = {"method": Symbol(made.method), **shown, "mase": mase, "folds": made.folds}
    return HashTable((Keyword(name), value) for name, value in rows.items())


@primitive("%topic-clusters", effects="compute")
def topic_clusters(vectors: Annotated[Tensor, "n d"], k: int, *, examples: int = 10, seed: int = 0) -> Any:
    """A list of two: of each of the VECTORS the number of its topic, #f of a vector of zeros; for each of the K topics
    the places of the vectors nearest to its centre, EXAMPLES of them.   [Dhillon & Modha 2001]

    > (%topic-clusters (%stack '(#(1 0) #(0.9 0.1) #(0 0))) 1)
    => ((0 0 #f) ((0 1)))
    """
    from chorus.kernels.series.tracks import clusters, nearest

    x = np.asarray(vectors, dtype=np.float32)
    if k < 1 or x.ndim != 2:
        raise EvalError("%topic-clusters: one topic or more, of rows of vectors", irritants=(k,))
    if not (np.linalg.norm(x, axis=1) > 0).any():
        return make_list([make_list([False] * len(x)), make_list([])])
    centres, labels = clusters(x, k, seed)
    near = nearest(x, centres, labels, examples)
    topics = make_list(False if label < 0 else label for label in labels.tolist())
    return make_list([topics, make_list(make_list(row.tolist()) for row in near)])


@primitive("%topic-spans", effects="compute")
def topic_spans(topics: Items, authors: Items, times: Any, k: int, *, days: int = 7) -> Any:
    """A list of two: for each of K topics how many people spoke of it in each span of DAYS, and how many spoke at all;
    the spans end with the last of TIMES, and are whole. TOPICS and AUTHORS are those of messages, #f of none.

    > (%topic-spans '(0 1 0 #f) '("a" "a" "b" "c") (list 1 86400000001 172800000000 172800000000) 2 :days 1)
    => (((1 1) (0 1)) (1 3))
    """
    moments = np.asarray(getattr(times, "host", None) or list(times), dtype=np.int64)
    if not len(topics) == len(authors) == len(moments):
        raise EvalError("%topic-spans: as many topics as authors and times")
    if not len(moments) or days < 1:
        return make_list([make_list([]), make_list([])])
    width = days * 86_400 * 1_000_000
    back = (moments.max() - moments) // width
    spans = int((moments.max() - moments.min() + 1) // width) or 1
    said = [
        (spans - 1 - int(b), str(author), topic)
        for b, author, topic in zip(back, authors, topics, strict=True)
        if b < spans
    ]
    people = np.zeros((k, spans), dtype=int)
    for span, _, topic in {each for each in said if each[2] is not False}:
        people[topic, span] += 1
    whole = np.bincount([span for span, _ in {(span, who) for span, who, _ in said}], minlength=spans)
    return make_list([make_list(make_list(row) for row in people.tolist()), make_list(whole.tolist())])


@primitive("%same-topics", effects="compute")
def same_topics(before: Items, after: Items, *, least: float = 0.8) -> Any:
    """Of each of the topics AFTER the number of that of the topics BEFORE which it goes on with, or #f. A topic is the
    vector of its middle, or the vectors of its examples.   [Kuhn 1955]

    > (%same-topics '(#(1 0) #(0 1)) '(#(0.1 0.995) #(-1 0)))
    => (1 #f)
    """
    from chorus.kernels.series.tracks import matched

    if not before or not after:
        return make_list([False] * len(after))
    middles = [np.array([_middle(each) for each in topics]) for topics in (before, after)]
    found = matched(middles[0], middles[1], least)
    return make_list(False if at < 0 else at for at in found.tolist())


def _middle(topic: Any) -> np.ndarray:
    vectors = np.atleast_2d(np.asarray(topic, dtype=float))
    middle = vectors.mean(axis=0)
    return np.asarray(middle / max(float(np.linalg.norm(middle)), 1e-12))


@primitive("%emerging", effects="compute")
def emerging(counts: Items, totals: Items) -> Any:
    """Lists (expected p): how many would be the last of each row of COUNTS, people who spoke of a topic in each span,
    if its share of TOTALS were what it was before, and the chance of as many as there are.
    [Przyborowski & Wilenski 1940]

    > (map (lambda (row) (< (cadr row) 0.001)) (%emerging '((5 4 6 30) (50 52 49 51)) '(100 100 100 100)))
    => (#t #f)
    """
    from chorus.kernels.series.tracks import emerging

    rows = np.array([[int(n) for n in row] for row in counts], dtype=np.int64)
    whole = np.array([int(n) for n in totals], dtype=np.int64)
    if rows.ndim != 2 or rows.shape[1] != len(whole) or len(whole) < 2:
        raise EvalError("%emerging: each row has a number for each of two spans or more")
    expected, p = emerging(rows, whole)
    return make_list(
        make_list([round(float(e), 2), float(f"{q:.3g}")]) for e, q in zip(expected, p, strict=True)
    )
