"""Histories of changes and of a metric, without any text: what followed each and the next one.

    y = b + s · direction · amount + e,   e ~ N(0, σ²)

One history is one persona's metric (a window after a change less one before it), moved by the changes of one
feature; sensitivity s is drawn anew for each. The next change's amount is known, its effect is held back. A
forecast with a 95 % interval should hold it in about 95 of 100 histories.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from chorus.runtime.synthetic.timeline import AMOUNTS, DIRECTION

ACTIONS = ("nerf", "buff", "increase", "decrease")


@dataclass(frozen=True)
class History:
    """PAST: (action, amount, what followed) of changes, oldest first. TRUE: what followed the next one."""

    past: tuple[tuple[str, float, float], ...]
    next_action: str
    next_amount: float
    true: float
    sensitivity: float
    noise: float


def planted_pairs(
    count: int, seed: int, past: int = 12, noise: float = 0.15, heavy: bool = False
) -> list[History]:
    """COUNT histories of PAST changes each; NOISE: σ in units of the metric; HEAVY: e from t(4) instead.

    Every fifth history is a control: its sensitivity is 0. Same arguments, same histories.
    """
    rng = random.Random(f"{seed}/{count}/{past}")
    return [_history(rng, past, noise, heavy, control=number % 5 == 4) for number in range(count)]


def _history(rng: random.Random, past: int, noise: float, heavy: bool, control: bool) -> History:
    sensitivity = 0.0 if control else rng.choice((-1, 1)) * rng.uniform(0.3, 1.0)
    level = rng.gauss(0, 0.05)
    actions = rng.choice((ACTIONS[:2], ACTIONS[2:]))

    def change() -> tuple[str, float, float]:
        action, amount = rng.choice(actions), rng.choice(AMOUNTS)
        error = rng.gauss(0, noise)
        if heavy:  # a normal over the root of a χ²(4)/4, scaled to the same variance
            error *= (4 / (2 * rng.gammavariate(2.0, 1.0))) ** 0.5 / 2**0.5
        return action, amount, level + sensitivity * DIRECTION[action] * amount + error

    *rows, (action, amount, true) = [change() for _ in range(past + 1)]
    return History(tuple(rows), action, amount, true, sensitivity, noise)


def mixed(history: History, seed: int) -> History:
    """HISTORY with what followed dealt out to other changes: only the spread can be learned from it."""
    effects = [effect for _, _, effect in history.past]
    random.Random(seed).shuffle(effects)
    past = tuple(
        (action, amount, effect) for (action, amount, _), effect in zip(history.past, effects, strict=True)
    )
    return History(
        past, history.next_action, history.next_amount, history.true, history.sensitivity, history.noise
    )
