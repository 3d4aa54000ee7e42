"""Which of a long stream are kept to learn from: the latest, or an even sample of all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def fifo(numbers: Sequence[int], keep: int) -> list[int]:
    """The places of the KEEP greatest of NUMBERS (turns count upwards), the oldest first."""
    return sorted(range(len(numbers)), key=lambda at: (numbers[at], at))[-keep:] if keep else []


def reservoir(numbers: Sequence[int], keep: int, seed: int = 0) -> list[int]:
    """The places of a uniform sample of KEEP of NUMBERS, the oldest first.

    Kept are those with the least keys, a key being a hash of the number and SEED: each subset is as likely as in
    Vitter's algorithm R (1985), but the sample depends on nothing but the numbers, so it is the same after a restart,
    and one that comes later pushes out at most one.
    """
    ranked = sorted(range(len(numbers)), key=lambda at: _key(numbers[at], seed))[:keep]
    return sorted(ranked, key=lambda at: (numbers[at], at))


def _key(number: int, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=8).digest()
