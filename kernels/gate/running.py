"""The evidence of one candidate as it comes in, a few sums a difference: what decides when to look at all of it."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Sequence

from chorus.kernels.gate.aimed import Aimed
from chorus.kernels.gate.rules import AIMS, ALPHA, AN_HOUR, HARM_ALPHA, STAKES


class Wealth:
    """ln E for differences taken one by one, and the most that it has been: as `eprocess` has them."""

    def __init__(self) -> None:
        self.coins = [0.0] * len(STAKES)
        self.now = self.best = 0.0

    def take(self, difference: float) -> None:
        self.coins = [
            coin + math.log1p(stake * difference) for coin, stake in zip(self.coins, STAKES, strict=True)
        ]
        self.now = _log_sum(self.coins) - math.log(len(self.coins))
        self.best = max(self.best, self.now)


class Evidence:
    """ln E of a gain, and the most that it has been: each of the AIMS has its share of the coin, stakes the rest."""

    def __init__(self, alpha: float = ALPHA) -> None:
        self.steady = Wealth()
        self.aimed = [Aimed(until, -math.log(alpha * share)) for until, share in AIMS]
        self.best = 0.0

    def take(self, difference: float) -> float:
        self.steady.take(difference)
        parts = [self.steady.now + math.log(1 - sum(share for _, share in AIMS))]
        for coin, (_, share) in zip(self.aimed, AIMS, strict=True):
            coin.take(difference)
            parts.append(coin.log + math.log(share))
        now = _log_sum(parts)
        self.best = max(self.best, now)
        return now


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(sum(math.exp(log - top) for log in logs))


class Cap:
    """At most MOST of what an author says within any hour counts. An hour by the clock would let twice as many count
    round its end."""

    def __init__(self, most: int = AN_HOUR) -> None:
        self.latest: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=most))  # that counted

    def counts(self, author: str, hour: float) -> bool:
        """Whether what AUTHOR says at the time HOUR, in hours, counts; who has no name ("") is not counted off."""
        known = self.latest[author]
        if not author or (len(known) == known.maxlen and abs(hour - known[0]) < 1):
            return not author
        known.append(hour)
        return True


class Running:
    """Wealth for gain and for harm of what counts: so many differences of one author within an hour."""

    def __init__(self) -> None:
        self.gain, self.harm = Evidence(), Wealth()
        self.counted = 0
        self.cap = Cap()

    def take(self, difference: float, author: str, hour: float) -> None:
        if not self.cap.counts(author, hour):
            return
        self.counted += 1
        self.gain.take(difference)
        self.harm.take(-difference)

    @property
    def gains(self) -> bool:
        return self.gain.best >= -math.log(ALPHA)

    @property
    def harms(self) -> bool:
        return self.harm.best >= -math.log(HARM_ALPHA)
