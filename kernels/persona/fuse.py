"""Views put together into one place for each author, and the same done to nulls that match them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from chorus.kernels.persona.degrees import between_middles
from chorus.kernels.persona.evidence import Stand
from chorus.kernels.persona.space import Halves, shared_directions
from chorus.kernels.persona.views import View

OUTLIER = 5.0  # robust deviations at which a position is cut: a strange account must not be a persona of one
UNHEARD = 1e3  # noise of a view in which an author has no message: it says nothing


def stand(
    halves: Sequence[Halves],
    views: Sequence[View],
    weights: Sequence[float],
    rows: np.ndarray,
    *,
    relearn: bool = False,
) -> Stand:
    """The positions of authors ROWS: HALVES[i] along VIEWS[i]'s directions, each view's signal scaled to
    its weight.

    RELEARN finds the directions anew in HALVES, as it must be done to a null: they have fitted the data's
    chance.
    """
    columns: list[tuple[np.ndarray, ...]] = []
    for part, view, weight in zip(halves, views, weights, strict=True):
        directions, gain = view.directions, view.gain
        if relearn:
            values, vectors = shared_directions(part.take(rows & part.heard_twice), view.device)
            directions, gain = vectors[:, : len(gain)], np.maximum(values[: len(gain)], 1e-9)
        columns.append(_columns(part, directions, gain, weight / np.sqrt(gain.sum()), rows))
    first, second, pooled, noise1, noise2, noise, signal = (
        np.concatenate(c, axis=-1) for c in zip(*columns, strict=True)
    )
    return Stand(pooled, noise, signal, first, second, noise1, noise2, views[0].device)


def _columns(
    part: Halves, u: np.ndarray, gain: np.ndarray, scale: float, rows: np.ndarray
) -> tuple[np.ndarray, ...]:
    """One view's share of a stand: halves, pooled, their noises, and the signal; scaled."""
    some = part.take(rows)
    pooled = some.pooled @ u * scale
    middle = np.median(pooled, axis=0)
    reach = OUTLIER * 1.4826 * np.median(np.abs(pooled - middle), axis=0) + 1e-12
    near = lambda points: np.clip(points, middle - reach, middle + reach)
    pooled, first, second = near(pooled), near(some.first @ u * scale), near(some.second @ u * scale)
    unit = _noise_unit(first, second, some)  # [q]
    spread = lambda count: np.where(count[:, None] > 0, unit / np.maximum(count, 1)[:, None], UNHEARD * unit)
    total = some.n_first + some.n_second
    return first, second, pooled, spread(some.n_first), spread(some.n_second), spread(total), gain * scale**2


def _noise_unit(first: np.ndarray, second: np.ndarray, part: Halves) -> np.ndarray:
    """Variance f64[q] that one message adds, from how authors' halves differ: days weigh more than
    messages do."""
    both = part.heard_twice
    if both.sum() < 3:
        return np.ones(first.shape[1])
    expected = 1 / part.n_first[both] + 1 / part.n_second[both]
    return np.maximum(((first - second)[both] ** 2).sum(0) / expected.sum(), 1e-9)


def gaussian_null(
    views: Sequence[View], weights: Sequence[float], rows: np.ndarray
) -> Callable[[int], Stand]:
    """Stands of authors without clusters: what persists is drawn from a Gaussian of the data's own covariance."""
    persistent, drawn = _matched(views, weights, rows)
    root = _root(persistent)

    def draw(seed: int) -> Stand:
        rng = np.random.default_rng(seed)
        return drawn(lambda n: rng.standard_normal((n, len(root))) @ root, rng)

    return draw


def degrees_null(
    views: Sequence[View], weights: Sequence[float], rows: np.ndarray, k: int, *, seed: int = 0
) -> Callable[[int], Stand]:
    """Stands of authors who differ by degrees between the middles of the K clusters that were found, with the data's
    own covariance of what persists."""
    data = stand([view.halves for view in views], views, weights, rows)
    persistent, drawn = _matched(views, weights, rows)
    crowd = between_middles(data, k, persistent, seed)

    def draw(seed: int) -> Stand:
        rng = np.random.default_rng(seed)
        return drawn(lambda n: crowd(n, rng), rng)

    return draw


def _matched(
    views: Sequence[View], weights: Sequence[float], rows: np.ndarray
) -> tuple[np.ndarray, Callable[[Callable[[int], np.ndarray], np.random.Generator], Stand]]:
    """The covariance f64[q,q] of what persists of authors ROWS, in the coordinates of a stand; and stands of other
    people: what persists of N of them is given as f64[n,q], what does not is the data's own difference between halves,
    handed to another author who wrote about as much."""
    both = np.logical_and.reduce([view.halves.heard_twice for view in views]) & rows
    base = [view.halves.take(both) for view in views]
    sizes = [len(view.gain) for view in views]
    scale = np.repeat(
        [weight / np.sqrt(view.gain.sum()) for view, weight in zip(views, weights, strict=True)], sizes
    )
    placed = [view.project(part) for part, view in zip(base, views, strict=True)]
    first, second = (np.concatenate(half, axis=1) * scale for half in zip(*placed, strict=True))
    persistent = (first - first.mean(0)).T @ (second - second.mean(0)) / len(first)
    least = np.min([np.minimum(part.n_first, part.n_second) for part in base], axis=0)
    everyone = np.ones(len(first), bool)

    def drawn(people: Callable[[int], np.ndarray], rng: np.random.Generator) -> Stand:
        person = np.split(people(len(first)) / scale, np.cumsum(sizes)[:-1], axis=1)
        donors = [_alike(least, rng) for _ in range(2)]
        signs = [rng.choice([-1.0, 1.0], len(first))[:, None] for _ in range(2)]
        made = []
        for part, view, who in zip(base, views, person, strict=True):
            gap = (part.first - part.second) / np.sqrt(2)  # [n,p]: one half's noise
            halves = [who @ view.directions.T + gap[d] * s for d, s in zip(donors, signs, strict=True)]
            made.append(Halves(halves[0], halves[1], part.n_first, part.n_second))
        return stand(made, views, weights, everyone, relearn=True)

    return persistent, drawn


def shuffled_null(
    views: Sequence[View], weights: Sequence[float], rows: np.ndarray
) -> Callable[[int], Stand]:
    """Stands of authors exchanged within their days: the days' topics stay, no one is anybody."""
    both = np.logical_and.reduce([view.halves.heard_twice for view in views]) & rows

    def draw(seed: int) -> Stand:
        turn = np.random.default_rng(seed).integers(1 << 30)
        parts = [view.shuffled[int(turn) % len(view.shuffled)] for view in views]
        return stand(parts, views, weights, both, relearn=True)

    return draw


def _root(covariance: np.ndarray) -> np.ndarray:
    """A symmetric root of the positive part of a covariance that was estimated between halves."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _alike(amount: np.ndarray, rng: np.random.Generator, reach: int = 15) -> np.ndarray:
    """For each author another one, of nearly the same AMOUNT written."""
    order = np.lexsort((rng.random(len(amount)), amount))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return order[np.clip(place + rng.integers(-reach, reach + 1, len(order)), 0, len(order) - 1)]
