"""The last step of discovery: clusters for good, everybody's membership, stability under resampling,
evidence in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chorus.kernels.persona.cluster import mixtures
from chorus.kernels.persona.community import Discovery
from chorus.kernels.persona.evidence import Curve, Stand
from chorus.kernels.persona.hierarchy import as_rows, hierarchy
from chorus.kernels.persona.scores import adjusted_rand, silhouette

MOST = 20_000  # authors from whom the clusters are taken: more change no cluster, and their graph takes hours
RESAMPLED = 3_000  # authors among whom stability under resampling is measured


def conclude(
    place: Stand, core: np.ndarray, k: int, about: dict[str, Any], seed: int, tick: Callable[[], Any]
) -> Discovery:
    """Clusters of the CORE authors, everybody's membership, how stable the clusters are under resampling, and how they
    join. Of very many the clusters are those of MOST authors drawn at random; the others are assigned."""
    held = _drawn(np.flatnonzero(core), MOST, seed)
    points, noise = place.pooled[held], place.noise[held]
    made = mixtures(points, noise, place.signal, [k], seed=seed, restarts=10, device=place.device)[k]
    membership = made.posterior(place.pooled, place.noise)
    order = np.argsort(-np.bincount(membership[core].argmax(1), minlength=k), kind="stable")  # largest first
    membership = membership[:, order]
    labels = membership.argmax(1)
    if "silhouette" not in about and k > 1:
        about = about | {"silhouette": silhouette(points, labels[held])}
    about = about | {"k": k, "bootstrap": bootstrap(place, core, labels, k, seed, tick)}
    about = about | {"hierarchy": as_rows(hierarchy(place, membership, core, seed=seed))}
    return Discovery(k, labels, membership.max(1), membership, core, about)


def bootstrap(
    place: Stand,
    core: np.ndarray,
    labels: np.ndarray,
    k: int,
    seed: int,
    tick: Callable[[], Any],
    times: int = 10,
) -> float:
    """Mean agreement (adjusted Rand) of LABELS with those made from authors drawn with replacement."""
    if k < 2:
        return 1.0
    held = _drawn(np.flatnonzero(core), RESAMPLED, seed)
    rng, scores = np.random.default_rng(seed + 17), []
    for _ in range(times):
        tick()
        drawn = np.unique(rng.choice(held, len(held)))  # twins would be each other's nearest neighbours
        if len(drawn) <= k:
            continue
        some = place.pooled[drawn], place.noise[drawn], place.signal
        made = mixtures(*some, [k], seed=seed, restarts=2, device=place.device)[k]
        again = made.posterior(place.pooled[held], place.noise[held]).argmax(1)
        scores.append(adjusted_rand(labels[held], again))
    return float(np.mean(scores)) if scores else 0.0


def _drawn(authors: np.ndarray, most: int, seed: int) -> np.ndarray:
    """AUTHORS i64[n], or MOST of them at random."""
    if len(authors) <= most:
        return authors
    return np.sort(np.random.default_rng(seed).choice(authors, most, replace=False))


def describe(curve: Curve) -> dict[str, Any]:
    """A curve as plain values: what a person is shown as evidence."""
    at = curve.best
    return {
        "structure": curve.structure,
        "stability": float(curve.data[0, at]),
        "silhouette": float(curve.data[1, at]),
        "null-stability": float(max(null[0, at] for null in curve.nulls.values())),
        "null-silhouette": float(max(null[1, at] for null in curve.nulls.values())),
        "excess": float(curve.total[at]),
        "bar": float(curve.bar),
        "curve": [
            {"k": k, "stability": float(s), "silhouette": float(w), "excess": float(e)}
            for k, s, w, e in zip(curve.ks, *curve.data, curve.total, strict=True)
        ],
    }


def why_not(curve: Curve | None) -> str:
    if curve is None:
        return "too few authors were heard on two days to compare them"
    nulls = [max(null[figure, curve.best] for null in curve.nulls.values()) for figure in (0, 1)]
    (stability, apart), total = curve.data[:, curve.best], curve.total[curve.best]
    return (
        f"authors differ, but by degrees and not in groups: the best division (k={curve.k}) agrees across time by "
        f"{stability:.2f} and is set apart by {apart:.2f}, where authors without groups give {nulls[0]:.2f} and "
        f"{nulls[1]:.2f}; "
        + (
            f"that is {total:.1f} spreads more, and {curve.bar:.1f} are asked for"
            if total <= curve.bar
            else "what lasts over time is no more than theirs"
        )
    )


def describe_degrees(curve: Curve) -> dict[str, Any]:
    """The CURVE against people by degrees as plain values: whether they are excluded, and what is not where they are
    not."""
    excluded = bool(curve.total.max() > curve.bar)
    null = curve.nulls["degrees"][:, 0]
    told = {
        "distinct": excluded,
        "degrees-stability": float(null[0]),
        "degrees-silhouette": float(null[1]),
        "degrees-excess": float(curve.total.max()),
        "degrees-bar": float(curve.bar),
    }
    if excluded:
        return told
    return told | {
        "caveat": "that people differ by degrees between these personas, and not in kind, cannot be excluded: such "
        f"people would agree across time by {null[0]:.2f} and be set apart by {null[1]:.2f}, these do by "
        f"{curve.data[0, 0]:.2f} and {curve.data[1, 0]:.2f}"
    }
