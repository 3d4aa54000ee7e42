"""A coin that is bet on differences with a number of pairs in view.

A fixed share (`eprocess.py`) is right for one gain only, and knows no end. Who must tell by the pair N
does best to have at any time what an option is worth that pays 1/α if the sum of differences then lies above what
chance would exceed once in 1/α [Black & Scholes 1973; a test's conditional power, as a martingale]. What it takes to
have that is a bet, λ = ∂ ln Φ(x)/∂S; it rests on nothing but what was seen before, so whatever the differences are, the
wealth is as fair as any other's: if the variance is another than it seemed, power is lost, and nothing else.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from chorus.kernels.gate.rules import AIM_BEYOND, AIM_PRIOR, AIM_SPREAD, MOST_STAKE

FAR = -30.0  # from here on φ(x)/Φ(x) is −x to a thousandth


def steepness(x: float) -> float:
    """φ(x)/Φ(x), the slope of ln Φ."""
    return -x if x < FAR else math.sqrt(2 / math.pi) * math.exp(-x * x / 2) / math.erfc(-x / math.sqrt(2))


class Aimed:
    """A coin that is to be worth AT_LEAST (a logarithm) by the pair UNTIL. What it is worth now is LOG."""

    def __init__(self, until: int, at_least: float) -> None:
        self.until, self.at_least = until, at_least
        self.quantile = -NormalDist().inv_cdf(AIM_BEYOND * math.exp(-at_least))
        self.seen = 0
        self.total = 0.0
        self.squares = AIM_PRIOR * AIM_SPREAD**2  # as if so much had been seen before
        self.log = 0.0

    @property
    def stake(self) -> float:
        """The share that is bet on the next difference; 0 once there is enough, or no time left."""
        if self.log >= self.at_least or self.seen >= self.until:
            return 0.0
        variance = self.squares / (AIM_PRIOR + self.seen)
        spread = math.sqrt((self.until - self.seen) * variance)  # of what is still to come
        x = (self.total - self.quantile * math.sqrt(self.until * variance)) / spread
        return min(MOST_STAKE, steepness(x) / spread)

    def take(self, difference: float) -> None:
        self.log += math.log1p(self.stake * difference)
        self.seen += 1
        self.total += difference
        self.squares += difference * difference
