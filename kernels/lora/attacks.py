"""What bad agents send: the five attacks by which rules of aggregation are judged, and two that know the rule.

`honest` f[…, n, p] holds what all agents would send if they were honest; the first `bad` of them are not. The attackers
know everybody's updates (omniscient) and add a jitter of a hundredth, so that no rule finds them by being equal.

| attack | what is sent | source |
|---|---|---|
| sign-flip | −4 g of one's own | Li et al., AAAI 2019 |
| gaussian | noise of ten times the honest root mean square | Blanchard et al., NeurIPS 2017 |
| little | mean − 1.5 standard deviations, by coordinate | "a little is enough": Baruch et al., NeurIPS 2019 |
| inner | −½ the honest mean | inner-product manipulation: Xie et al., UAI 2019 |
| label-flip | an honest update on labels 9 − y (made where the data are: `flipped`) | Tolpegin et al., ESORICS 2020 |
| orthogonal | what is at a right angle to the honest mean, and alike in all attackers | knows rules by cosine |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Attack = Callable[[Array, int, Array, np.random.Generator], Array]


def sign_flip(honest: Array, bad: int, flipped: Array, rng: np.random.Generator) -> Array:
    return -4 * honest[..., :bad, :]


def gaussian(honest: Array, bad: int, flipped: Array, rng: np.random.Generator) -> Array:
    size = 10 * np.sqrt((honest[..., bad:, :] ** 2).mean((-1, -2), keepdims=True))
    return size * rng.standard_normal(honest[..., :bad, :].shape)


def little(honest: Array, bad: int, flipped: Array, rng: np.random.Generator) -> Array:
    good = honest[..., bad:, :]
    return np.broadcast_to((good.mean(-2) - 1.5 * good.std(-2))[..., None, :], honest[..., :bad, :].shape)


def inner(honest: Array, bad: int, flipped: Array, rng: np.random.Generator) -> Array:
    return np.broadcast_to(-0.5 * honest[..., bad:, :].mean(-2, keepdims=True), honest[..., :bad, :].shape)


def label_flip(honest: Array, bad: int, flipped: Array, rng: np.random.Generator) -> Array:
    return flipped[..., :bad, :]


def orthogonal(honest: Array, bad: int, flipped: Array, rng: np.random.Generator) -> Array:
    """A direction that stays within the honest spread: the first deviation of the good, less what the mean explains."""
    good = honest[..., bad:, :]
    centre = good.mean(-2, keepdims=True)
    away = good[..., :1, :] - centre
    along = (away * centre).sum(-1, keepdims=True) / np.maximum((centre**2).sum(-1, keepdims=True), 1e-12)
    away = away - along * centre
    length = np.sqrt((good**2).sum(-1)).mean(-1)[..., None, None]
    away = length * away / np.maximum(np.sqrt((away**2).sum(-1, keepdims=True)), 1e-12)
    return np.broadcast_to(away + 0.1 * centre, honest[..., :bad, :].shape)


ATTACKS: dict[str, Attack] = {
    "sign-flip": sign_flip,
    "gaussian": gaussian,
    "little": little,
    "inner": inner,
    "label-flip": label_flip,
}
KNOWING: dict[str, Attack] = {"orthogonal": orthogonal}


def attacked(honest: Array, flipped: Array, bad: int, attack: str, rng: np.random.Generator) -> Array:
    """What arrives: HONEST f[…, n, p] with the first BAD rows replaced by what ATTACK sends."""
    if not bad:
        return honest
    sent = (ATTACKS | KNOWING)[attack](honest, bad, flipped, rng)
    jitter = 0.01 * np.sqrt((sent**2).mean(-1, keepdims=True)) * rng.standard_normal(sent.shape)
    made = honest.copy()
    made[..., :bad, :] = sent + jitter
    return made
