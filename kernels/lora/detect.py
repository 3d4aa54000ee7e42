"""Whether what agents learn keeps pointing the same way: a cumulative sum of how well signatures agree.

CUSUM [Page 1954] on the cosine of each signature s_t ∈ R^D with the mean s̄ of those before it:

    c_t = √D cos(s_t, s̄_{t−1}),  S ← max(0, S + c_t − ½),  fires at S > 10, and starts anew

For isotropic noise c is close to N(0, 1) whatever its size, so ½ is the slack for a shift of one spread. Noise with a
memory keeps pointing the same way for a while without any pattern; so signatures are first made white by their own
lag-1 correlation ρ about the mean (a residual chart [Alwan & Roberts 1988]), e_t = s_t − ρ s_{t−1}. What comes back
periodically has no mean, so its cosines cancel once s̄ has seen a period; hence nothing is scored in the first WARM
ticks. A period much longer than that cannot be told from a stable pattern, nor should it be; a wave that is much
stronger than the noise is taken for one from about WARM on.

Any number of streams at once: signatures f[..., D].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SLACK, LEVEL = 0.5, 10.0
MEMORY = 200.0  # ticks over which means are taken
WARM = 20  # ticks that are only looked at: the mean and ρ of fewer say nothing, and shorter periods have gone round
MOST = 0.95  # of ρ: noise that remembers longer than twenty ticks is not made white
TINY = 1e-12


@dataclass
class State:
    """What is known of each stream: SUM is S, MEAN that of the whitened signatures' directions, PLAIN of the plain."""

    sum: np.ndarray  # [...]
    mean: np.ndarray  # [..., D]
    plain: np.ndarray  # [..., D]
    last: np.ndarray  # [..., D]: the signature before
    together: np.ndarray  # [...]: mean product of neighbours about the mean
    square: np.ndarray  # [...]: mean of their squares
    seen: int = 0


def start(shape: tuple[int, ...], d: int) -> State:
    zero, wide = np.zeros(shape), np.zeros((*shape, d))
    return State(zero, wide, wide, wide, zero, zero)


def signature(change: np.ndarray, d: int = 64, seed: int = 0) -> np.ndarray:
    """f64[d] of a gradient or change of any shape: a random projection, which keeps cosines to about 1/√d
    [Johnson & Lindenstrauss 1984].
    """
    flat = np.asarray(change, np.float64).ravel()
    return np.random.default_rng(seed).standard_normal((d, flat.size)) @ flat / d**0.5


def update(
    state: State, s: np.ndarray, white: bool = True, warm: int = WARM
) -> tuple[State, np.ndarray, np.ndarray]:
    """(state, S [...], fired bool[...]) after signatures S [..., D]; without WHITE the plain sum, for comparison."""
    rate = 1 / min(state.seen + 1.0, MEMORY)
    rho = correlation(state) if white else np.zeros(s.shape[:-1])
    fresh = s - rho[..., None] * state.last  # the factor 1/(1 − ρ) is no matter to a cosine
    total = state.sum
    if state.seen >= max(warm, 1):
        total = np.maximum(0.0, state.sum + score(fresh, state.mean) - SLACK)
    fired = total > LEVEL
    off, before = s - state.plain, state.last - state.plain
    after = State(
        sum=np.where(fired, 0.0, total),
        mean=state.mean + rate * (_unit(fresh) - state.mean),
        plain=state.plain + rate * off,
        last=s,
        together=state.together + rate * ((off * before).sum(-1) - state.together),
        square=state.square + rate * ((before**2).sum(-1) - state.square),
        seen=state.seen + 1,
    )
    return after, total, fired


def score(s: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """c [...]: √D times the cosine."""
    return np.sqrt(s.shape[-1]) * (_unit(s) * _unit(mean)).sum(-1)


def correlation(state: State) -> np.ndarray:
    """ρ [...] with Kendall's correction (1954) for a mean taken of few; never negative: noise that turns back is no
    reason to expect a pattern.
    """
    plain = state.together / np.maximum(state.square, TINY)
    few = min(state.seen + 1.0, MEMORY)
    return np.clip(plain + (1 + 3 * np.clip(plain, 0, 1)) / few, 0.0, MOST)


def _unit(s: np.ndarray) -> np.ndarray:
    return s / np.maximum(np.linalg.norm(s, axis=-1, keepdims=True), TINY)
