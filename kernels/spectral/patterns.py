"""What comes back in a signal: shapes that recur, and rhythms; nothing in noise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

TILE = 1024
SLOWEST = 2  # times that the slowest rhythm looked at came round
ALPHA = 0.01  # how often noise may be taken for a pattern


class Motif(NamedTuple):
    starts: list[int]  # the two most alike stretches and those that are as near to either, in order
    distance: float  # of the two
    expected: float  # what the nearest two of a signal with the same spectrum are apart, on average
    p: float


class Rhythm(NamedTuple):
    period: float
    share: float  # of the signal's variance
    p: float


def profile(x: np.ndarray, m: int, *, device: str = "cpu") -> tuple[np.ndarray, np.ndarray]:
    """For each stretch of M points of X f[T] the distance f64[T-M+1] to the most alike that overlaps nothing of it, and
    where that begins i64; -1 and infinity where there is none.   [the matrix profile, Yeh et al. 2016]

    Stretches are compared in their own mean and deviation, a flat one is all zeros. Tiles of products, exact.
    """
    z = _standard(x, m)  # [k,m]
    if device != "cpu":
        return _on_device(z, m, device)
    k = len(z)
    square = (z * z).sum(1)
    best, where = np.full(k, np.inf), np.full(k, -1)
    for at in range(0, k, TILE):
        rows = np.arange(at, min(at + TILE, k))
        gap = z[rows] @ z.T  # [tile,k]
        gap *= -2
        gap += square
        for row, start in zip(gap, rows.tolist(), strict=True):
            row[max(start - m + 1, 0) : start + m] = np.inf
        where[rows] = gap.argmin(1)
        best[rows] = gap[np.arange(len(rows)), where[rows]] + square[rows]
    where[np.isinf(best)] = -1
    return np.sqrt(np.maximum(best, 0)), where


def _on_device(z: np.ndarray, m: int, device: str) -> tuple[np.ndarray, np.ndarray]:
    """As `profile`, of stretches Z f64[k,m] in their own mean and deviation, by torch on DEVICE."""
    import torch

    points = torch.from_numpy(z).to(device)
    square, places = (points * points).sum(1), torch.arange(len(z), device=device)
    best, where = torch.full_like(square, torch.inf), torch.full_like(places, -1)
    for rows in places.split(TILE):
        gap = square[rows, None] + square - 2 * points[rows] @ points.T  # [tile,k]
        gap.masked_fill_((rows[:, None] - places).abs() < m, torch.inf)
        best[rows], where[rows] = gap.min(1)
    where[best.isinf()] = -1
    return best.clamp(min=0).sqrt().cpu().numpy(), where.cpu().numpy()


def _standard(x: np.ndarray, m: int) -> np.ndarray:
    if not 2 <= m <= len(x) // 2:
        raise ValueError(f"a stretch of {len(x)} points has 2 to {len(x) // 2} points, not {m}")
    z = np.lib.stride_tricks.sliding_window_view(np.asarray(x, np.float64), m)
    deviation = z.std(1, keepdims=True)
    size = np.abs(x).max() + 1e-300
    return (z - z.mean(1, keepdims=True)) / np.where(deviation > 1e-10 * size, deviation, np.inf)


def motifs(
    x: np.ndarray, m: int, *, most: int = 3, draws: int = 39, seed: int = 0, device: str = "cpu"
) -> list[Motif]:
    """The MOST shapes of M points that recur in X f[T] more exactly than in signals of the same spectrum and no shape.

    The nearest two stretches of each of DRAWS such signals are a sample of the smallest distance by chance; a Gumbel
    distribution through its moments gives p, ALPHA is asked for, and to be below all draws. Found ones are taken out
    before the next is looked for.
    """
    rng = np.random.default_rng(seed)
    chance = np.array([profile(_surrogate(x, rng), m, device=device)[0].min() for _ in range(draws)])
    distance, where = profile(x, m, device=device)
    z = _standard(x, m)
    found: list[Motif] = []
    steep = (z != 0).any(1)  # flat stretches are alike for no reason
    distance[~steep | (where >= 0) & ~steep[where]] = np.inf
    while len(found) < most:
        first = int(distance.argmin())
        gap = float(distance[first])
        p = _below(gap, chance)
        if not gap < chance.min() or p > ALPHA:
            break
        starts = _alike(z, first, int(where[first]), min(2 * gap, float(chance.min())))
        found.append(Motif(starts, gap, float(chance.mean()), p))
        for start in starts:
            near = slice(max(start - m + 1, 0), start + m)
            distance[near] = np.inf
        distance[np.isin(where, [s for start in starts for s in range(start - m + 1, start + m)])] = np.inf
    return found


def _surrogate(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """X with its spectrum and its values, in phases by lot.   [Theiler et al. 1992]"""
    seen = np.fft.rfft(x - x.mean())
    turned = np.fft.irfft(np.abs(seen) * np.exp(2j * np.pi * rng.random(len(seen))), len(x))
    made = np.empty(len(x))
    made[np.argsort(turned)] = np.sort(x)
    return made


def _below(value: float, sample: np.ndarray) -> float:
    """The chance of a smallest distance of VALUE or less: by a Gumbel distribution of minima with SAMPLE's moments."""
    scale = max(sample.std(ddof=1) * 6**0.5 / np.pi, 1e-12)
    centre = sample.mean() + 0.5772156649 * scale
    return float(-np.expm1(-np.exp(min((value - centre) / scale, 50.0))))


def _alike(z: np.ndarray, first: int, second: int, reach: float) -> list[int]:
    """Starts of stretches within REACH of one of the two, nearest first, none overlapping another."""
    gap = np.minimum(np.linalg.norm(z - z[first], axis=1), np.linalg.norm(z - z[second], axis=1))
    starts: list[int] = []
    for at in np.argsort(gap, kind="stable").tolist():
        if gap[at] > reach:
            break
        if all(abs(at - start) >= z.shape[1] for start in starts):
            starts.append(at)
    return sorted(starts)


def rhythms(x: np.ndarray, *, most: int = 3, width: int = 12) -> list[Rhythm]:
    """The periods in X f[T] whose power stands out of that of WIDTH frequencies to either side.

    A power over its background, told from the median, is exponential in noise of any smooth spectrum; p counts all
    frequencies looked at. A trend is taken out first, and what falls with frequency: a level that wanders, a step, a
    gap of two weeks look like waves that came round two or three times. So a rhythm must have come round some eight.
    Frequencies next to a found one are the same.
    """
    t = len(x)
    if t < 4 * width:
        return []
    line = np.polynomial.Polynomial.fit(np.arange(t), x, 1)(np.arange(t))
    taper = np.hanning(t + 2)[1:-1]
    power = np.abs(np.fft.rfft((x - line) * taper)) ** 2
    power = power[SLOWEST : (t + 1) // 2]  # without the mean, what a trend leaves, and the Nyquist frequency
    if power.sum() <= 1e-18 * t * float(np.square(x).sum()):
        return []
    level = power / _falling(power)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(level, width, mode="reflect"), 2 * width + 1)
    ratio = level / (np.median(around, 1) / np.log(2) + 1e-12 * level.max())
    found: list[Rhythm] = []
    for at in np.argsort(-ratio, kind="stable").tolist():
        p = -np.expm1(len(power) * np.log1p(-np.exp(-ratio[at] * 0.7)))  # the median of few is itself unsure
        if p > ALPHA or len(found) == most:
            break
        near = slice(max(at - 2, 0), at + 3)
        if all(abs(t / row.period - (at + SLOWEST)) > 3 for row in found):
            found.append(Rhythm(t / (at + SLOWEST), float(power[near].sum() / power.sum()), float(p)))
    return found


def _falling(power: np.ndarray) -> np.ndarray:
    """How POWER f64[m] of the frequencies from SLOWEST on falls: a line through medians of octaves, in logarithms."""
    frequency = np.arange(SLOWEST, SLOWEST + len(power))
    octave = np.log2(frequency / SLOWEST).astype(int)
    least = 1e-12 * power.max()
    middle = np.array([np.log(frequency[octave == each]).mean() for each in range(octave[-1] + 1)])
    height = np.array([np.log(np.median(power[octave == each]) + least) for each in range(octave[-1] + 1)])
    at = np.log(frequency)
    slope = (height[1] - height[0]) / (middle[1] - middle[0])
    carried = height[0] + slope * (at - middle[0])  # below the first middle
    return np.exp(np.where(at < middle[0], carried, np.interp(at, middle, height)))
