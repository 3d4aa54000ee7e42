"""One view of a community (what is said, or how it is done) as halves of authors in units of noise, real
and shuffled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chorus.kernels.persona.placed import product
from chorus.kernels.persona.space import (
    Halves,
    Observations,
    halves_of,
    shared_directions,
    whitener,
    without_context,
)

SHUFFLES = 8
EXCHANGES = 12
FIRST, FURTHER = 4.0, 2.0  # spreads above the nulls from which a direction counts; the first is the proof


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
    strength: np.ndarray  # of the directions tried: spreads above the stricter null
    device: str = "cpu"

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
    scaled = whitener(clean)(clean.values, seen.device).astype(np.float32)  # [m,p]
    halves = halves_of(scaled, clean)
    rng = np.random.default_rng(seed)
    shuffled = tuple(halves_of(scaled, clean.shuffled(rng)) for _ in range(SHUFFLES))
    known = halves.take(core & halves.heard_twice)
    values, vectors = shared_directions(known, seen.device)
    top = np.array([shared_directions(s.take(core & s.heard_twice), seen.device)[0][0] for s in shuffled])
    persistent, strength = persistence(known, values, vectors, top, most, rng, seen.device)
    q = min(max(persistent, least), most, len(values))
    return View(
        name,
        halves,
        shuffled,
        vectors[:, :q],
        np.maximum(values[:q], 1e-9),
        persistent,
        strength[:8],
        seen.device,
    )


def persistence(
    known: Halves,
    values: np.ndarray,
    vectors: np.ndarray,
    shuffled: np.ndarray,
    most: int,
    rng: np.random.Generator,
    device: str = "cpu",
) -> tuple[int, np.ndarray]:
    """How many of the leading directions outlast the day, and the strengths f64[tried] by which that was
    judged.

    A direction must stand out twice: above SHUFFLED, the strongest directions of shuffled days (what topics
    alone make), and above the strongest direction left when second halves are handed to other authors (what
    chance makes, with talk coming in bursts as it does), the stronger directions having been taken out first.
    """
    strengths: list[float] = []
    first, second = known.first, known.second
    while len(strengths) < min(most, len(values)):
        at = len(strengths)
        rest = vectors[:, at:]
        a, b = (product(half, rest, device) for half in (first, second))
        left = Halves(a, b, known.n_first, known.n_second)
        chance = np.array([shared_directions(_exchanged(left, rng), device)[0][0] for _ in range(EXCHANGES)])
        strengths.append(min(_spreads(values[at], shuffled), _spreads(values[at], chance)))
        if strengths[-1] <= (FURTHER if at else FIRST):
            return at, np.array(strengths)
    return len(strengths), np.array(strengths)


def _exchanged(halves: Halves, rng: np.random.Generator) -> Halves:
    order = rng.permutation(len(halves.second))
    return Halves(halves.first, halves.second[order], halves.n_first, halves.n_second[order])


def _spreads(value: float, null: np.ndarray) -> float:
    return float((value - null.mean()) / max(null.std(ddof=1), 0.02 * abs(null.mean()), 1e-9))
