"""Topics through time as primitives: clusters, who spoke of them when, which go on, which come up."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from chorus.runtime.errors import EvalError
from chorus.runtime.instants import DAY
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import make_list

Tensor = Any


@primitive("%topic-centres", effects="compute")
def topic_centres(
    vectors: Annotated[Tensor, "n d"], k: int, *, known: Any = False, seed: int = 0
) -> Annotated[Tensor, "k d"]:
    """The middles of the K topics of VECTORS, less where there are fewer vectors. With KNOWN, the middles of topics,
    those come first, moved to where their messages lie.   [spherical k-means, Dhillon & Modha 2001]

    > (tensor-ref (%topic-centres (%stack '(#(1 0) #(0.9 0.1) #(0 1))) 2 :known (%stack '(#(0 1)))) 0 1)
    => 1.0
    """
    from chorus.kernels.series.tracks import clusters

    x = np.asarray(vectors, dtype=np.float32)
    middles = None if known is False else np.atleast_2d(np.asarray(known, dtype=float))
    if k < 1 or x.ndim != 2 or (middles is not None and middles.shape[1] != x.shape[1]):
        raise EvalError("%topic-centres: one topic or more, of rows of vectors", irritants=(k,))
    if not x.any():
        return np.zeros((0, x.shape[1]))
    return clusters(x, max(k, 0 if middles is None else len(middles)), seed, middles)[0]


@primitive("%topic-members", effects="compute")
def topic_members(
    vectors: Annotated[Tensor, "n d"],
    centres: Annotated[Tensor, "k d"],
    *,
    keep: Items | None = None,
    examples: int = 10,
) -> Any:
    """A list of two: of each of the VECTORS the number of its topic, #f of a vector of zeros; for each of the CENTRES,
    or those of the numbers KEEP, the places of the vectors nearest to it, EXAMPLES of them.

    > (%topic-members (%stack '(#(1 0) #(0.9 0.1) #(0 0))) (%stack '(#(1 0))))
    => ((0 0 #f) ((0 1)))
    """
    from chorus.kernels.series.tracks import assigned, nearest

    x, middles = _chosen(vectors, centres, keep)
    labels = assigned(x, middles)
    topics = make_list(False if label < 0 else label for label in labels.tolist())
    return make_list(
        [topics, make_list(make_list(r.tolist()) for r in nearest(x, middles, labels, examples))]
    )


def _chosen(vectors: Any, centres: Any, keep: Items | None) -> tuple[np.ndarray, np.ndarray]:
    x, middles = np.asarray(vectors, dtype=np.float32), np.asarray(centres, dtype=float)
    if x.ndim != 2 or middles.ndim != 2 or (len(middles) and middles.shape[1] != x.shape[1]):
        raise EvalError("%topic-members: rows of vectors, and centres of as many numbers")
    if keep is None:
        return x, middles
    if not all(at.__class__ is int and 0 <= at < len(middles) for at in keep):
        raise EvalError(f"%topic-members: there are centres 0 to {len(middles) - 1}", code="range")
    return x, middles[list(keep)]


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
    if not all(topic is False or (topic.__class__ is int and 0 <= topic < k) for topic in topics):
        raise EvalError(f"%topic-spans: a topic is a number below {k}, or #f", code="range")
    if not len(moments) or days < 1:
        return make_list([make_list([]), make_list([])])
    width = days * DAY
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
def same_topics(before: Any, after: Any, *, least: float = 0.8) -> Any:
    """Of each of the topics AFTER the number of that of the topics BEFORE which it goes on with, or #f. A topic is the
    vector of its middle, or the vectors of its examples.   [Kuhn 1955]

    > (%same-topics '(#(1 0) #(0 1)) '(#(0.1 0.995) #(-1 0)))
    => (1 #f)
    """
    from chorus.kernels.series.tracks import matched

    try:
        middles = [np.array([_middle(each) for each in topics]) for topics in (before, after)]
    except (TypeError, ValueError):
        raise EvalError("%same-topics: a topic is a vector, or vectors, of numbers", code="type") from None
    if not len(middles[0]) or not len(middles[1]):
        return make_list([False] * len(middles[1]))
    if not all(np.isfinite(each).all() for each in middles) or middles[0].shape[1:] != middles[1].shape[1:]:
        raise EvalError("%same-topics: middles are vectors of as many finite numbers each")
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

    given = [list(totals), *([*row] if hasattr(row, "__iter__") else [row] for row in counts)]
    if len(given[0]) < 2 or any(len(row) != len(given[0]) for row in given):
        raise EvalError("%emerging: each row has a number for each of two spans or more")
    if not all(n.__class__ is int and n >= 0 for row in given for n in row):
        raise EvalError("%emerging: people are counted in whole numbers from 0 on", code="range")
    whole, rows = np.array(given[0], np.int64), np.array(given[1:], np.int64).reshape(-1, len(given[0]))
    if (rows > whole).any():
        raise EvalError("%emerging: of a topic speak no more people than speak at all", code="range")
    expected, p = emerging(rows, whole)
    return make_list(
        make_list([round(float(e), 2), float(f"{q:.3g}")]) for e, q in zip(expected, p, strict=True)
    )
