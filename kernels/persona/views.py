"""One view of a community (what is said, or how it is done) as halves of authors in units of noise, real
and shuffled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from chorus.kernels.persona.space import (
    Halves,
    Observations,
    halves_of,
    shared_directions,
    whitener,
    without_context,
)

SHUFFLES = 8
SIGMAS = 4.0  # a direction counts when it persists this far above the strongest of shuffled days


@dataclass(frozen=True)
class View:
    """A view's halves of all authors, of SHUFFLED nulls, and the directions f64[p,q] with their gain
    f64[q] (variance).

    PERSISTENT is how many directions exceed what shuffled days show; DIRECTIONS may hold more when they
    were asked for.
    """

    name: str
    halves: Halves
    shuffled: tuple[Halves, ...]
    directions: np.ndarray
    gain: np.ndarray
    persistent: int
    strength: np.ndarray  # the leading eigenvalues in spreads above the null

    def project(self, halves: Halves, directions: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Both halves along the directions, f64[n,q] each."""
        u = self.directions if directions is None else directions
        return halves.first @ u, halves.second @ u


def make_view(
    name: str,
    seen: Observations,
    context: np.ndarray,
    place: np.ndarray,
    core: np.ndarray,
    *,
    seed: int = 0,
    most: int = 12,
    least: int = 0,
) -> View:
    """The view of SEEN, its directions learned from CORE (bool[n]) authors who were heard in both halves.

    At most MOST directions are kept; LEAST asks for some even if nothing persists (k was given by a person).
    """
    from dataclasses import replace

    clean = replace(seen, values=without_context(seen.values, context, place))
    scaled = whitener(clean)(clean.values).astype(np.float32)  # [m,p]
    halves = halves_of(scaled, clean)
    rng = np.random.default_rng(seed)
    shuffled = tuple(halves_of(scaled, clean.shuffled(rng)) for _ in range(SHUFFLES))
    values, vectors = shared_directions(halves.take(core & halves.heard_twice))
    top = np.array([shared_directions(s.take(core & s.heard_twice))[0][0] for s in shuffled])
    strength = (values - top.mean()) / max(float(top.std(ddof=1)), 0.02 * abs(float(top.mean())), 1e-9)
    persistent = int((strength > SIGMAS).cumprod().sum())
    q = min(max(persistent, least), most, len(values))
    return View(
        name, halves, shuffled, vectors[:, :q], np.maximum(values[:q], 1e-9), persistent, strength[:8]
    )
