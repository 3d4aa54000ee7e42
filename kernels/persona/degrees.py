"""Crowds in which people differ by degrees between the middles of clusters that were found: what clusters of one
continuous trait (a ring, a gradient, a corner with long tails) look like, and what real ones must stand out from.

A null that keeps what is not clustering in the data, so that what exceeds it is (Hennig & Lin 2015, "Flexible
parametric bootstrap for testing homogeneity against clustering"); this one keeps the clusters' middles, sizes and
neighbourhood.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chorus.kernels.persona.cluster import mixtures
from chorus.kernels.persona.evidence import Stand

PEOPLE = 4000  # drawn to learn the covariance of such a crowd
THIN = 1e-9  # of the largest variance: below it a direction counts as empty


def between_middles(
    place: Stand, k: int, covariance: np.ndarray, seed: int = 0
) -> Callable[[int, np.random.Generator], np.ndarray]:
    """Draws of N people f64[n,q] who lie evenly on the lines between the middles of neighbouring clusters of PLACE, of
    K, each as far as half-way from the own one; with COVARIANCE f64[q,q] in all."""
    mixture = mixtures(place.pooled, place.noise, place.signal, [k], seed=seed, device=place.device)[k]
    size = np.bincount(mixture.posterior(place.pooled, place.noise).argmax(1), minlength=k)
    middles, near = mixture.means, neighbours(mixture.means)
    aside = _aside(middles) * np.sqrt(mixture.spread)

    def line(n: int, rng: np.random.Generator) -> np.ndarray:
        own = rng.choice(k, n, p=size / size.sum())
        other = np.where(near[own], rng.random((n, k)), -1).argmax(1)  # one of the neighbours
        way = rng.random((n, 1)) / 2
        return middles[own] * (1 - way) + middles[other] * way + rng.standard_normal((n, len(aside))) @ aside

    some = line(PEOPLE, np.random.default_rng(seed))
    mean, matched = some.mean(0), _transport(np.cov(some, rowvar=False), covariance)
    return lambda n, rng: (line(n, rng) - mean) @ matched


def neighbours(middles: np.ndarray) -> np.ndarray:
    """Which MIDDLES f64[k,q] lie beside one another: no other is in the ball between two.   [Gabriel & Sokal 1969]"""
    square = ((middles[:, None] - middles[None]) ** 2).sum(2)
    via = square[:, None, :] + square[None, :, :]  # [k,k,m]
    own = np.eye(len(middles), dtype=bool)
    via[own[:, None, :] | own[None, :, :]] = np.inf
    return (via.min(2) >= square) & ~own


def _aside(middles: np.ndarray) -> np.ndarray:
    """The projection f64[q,q] to what lies across all lines between the MIDDLES: there people spread as clusters do."""
    _, size, axes = np.linalg.svd(middles - middles.mean(0), full_matrices=False)
    axes = axes[size > 1e-6 * max(float(size[0]), 1e-12)]
    return np.eye(middles.shape[1]) - axes.T @ axes


def _transport(have: np.ndarray, want: np.ndarray) -> np.ndarray:
    """The map f64[q,q] that takes covariance HAVE to WANT and moves points least.   [Olkin & Pukelsheim 1982]"""
    root, back = _power(np.atleast_2d(have), 0.5), _power(np.atleast_2d(have), -0.5)
    return back @ _power(root @ want @ root, 0.5) @ back


def _power(matrix: np.ndarray, exponent: float) -> np.ndarray:
    """A power of the positive part of a symmetric MATRIX."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    least = THIN * max(float(values.max()), THIN)
    return (vectors * np.where(values > least, values, least) ** exponent) @ vectors.T
