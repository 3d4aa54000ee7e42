"""Banded time warping of two thousand pairs, beside dtaidistance's compiled loop; nearest stretches, beside stumpy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from timing import ratio

from chorus.kernels.spectral.dtw import dtw_batch
from chorus.kernels.spectral.patterns import profile

PAIRS, TARGET = 2_000, 3.0


def goals() -> Iterator[tuple[str, float, Any, bool | None]]:
    from dtaidistance import dtw

    rng = np.random.default_rng(0)
    found = []
    for t, band in ((128, 12), (256, 25)):
        a, b = rng.standard_normal((2, PAIRS, t)).cumsum(2)
        single = a.astype(np.float32), b.astype(np.float32)  # the peer knows doubles only
        theirs = lambda a=a, b=b, band=band: np.array(
            [dtw.distance_fast(x, y, window=band + 1, use_pruning=False) for x, y in zip(a, b, strict=True)]
        )
        ours = lambda pair=single, band=band: dtw_batch(*pair, band)
        gap = float(np.abs(ours() / theirs() - 1).max())
        faster, seconds, other = ratio(ours, theirs, 7)
        print(f"{PAIRS} pairs of {t} points, band {band}: chorus {seconds:.3f} s, dtaidistance {other:.3f} s, "
              f"{faster:.2f} times, difference {gap:.1e}", flush=True)  # fmt: skip
        found.append((faster, gap))
    yield "dtw", found[0][0], TARGET, found[0][0] >= TARGET and max(gap for _, gap in found) < 1e-4


def full() -> list[Any]:
    """The nearest neighbour of every stretch of a signal, beside stumpy; its compilation is not counted."""
    import stumpy

    x = np.random.default_rng(1).standard_normal(4_000).cumsum()
    m = 50
    theirs = lambda: stumpy.stump(x, m, ignore_trivial=True)[:, 0].astype(float)
    faster, seconds, other = ratio(lambda: profile(x, m), theirs, 5)
    print(f"stretches of {m} among {len(x)} points: chorus {seconds:.3f} s, stumpy {other:.3f} s, {faster:.2f} times; "
          f"they exclude neighbours of {m} and of {m // 4} points", flush=True)  # fmt: skip
    return []
