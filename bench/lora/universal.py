"""Universal patterns: how many that are nobody's in particular are taken for universal, and how soon the planted
ones are.

A world has forty patterns, six of them universal: a batch a tick shows each of them once, a planted one under
noise that is so many times as long as it. The control has no detector: it lets a share κ of what it sees seep outward,
S ← S + κ(g − S), and a pattern is at Domain when half of it is; κ is the largest that lets no more of the null patterns
arrive than the detector takes for universal. Beside it stands what knows the noise: a threshold on the length of
the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chorus.kernels.lora.universal import FIRST, Watch, discoveries, look, share, universal

PATTERNS, PLANTED, SIZE = 40, 6, 4096
NOISES = (3, 5, 10, 20)  # times the pattern's length
HORIZON = {3: 48, 5: 96, 10: 384, 20: 1536}
Row = tuple[str, float, Any, bool]
Array = np.ndarray[Any, Any]
Draw = Callable[[np.random.Generator, int, int], Array]


def goals(end: float, full: bool) -> Iterator[Row]:
    rate = false_positives(40 if full else 8)
    yield "universal-false-positives", rate, "<0.05-of-null-patterns", rate < 0.05
    speed = speeds(10 if full else 2, NOISES if full else NOISES[:3])
    yield "universal-speed", speed, ">=10-times-at-noise-10", speed >= 10


# What is nobody's


def plain(rng: np.random.Generator, m: int, p: int) -> Array:
    return rng.standard_normal((m, p))


def heavy(rng: np.random.Generator, m: int, p: int) -> Array:
    """Lengths that differ a hundredfold from batch to batch."""
    return rng.standard_normal((m, p)) * np.exp(1.5 * rng.standard_normal((m, 1)))


def coloured(rng: np.random.Generator, m: int, p: int) -> Array:
    """All within eight directions, as gradients are."""
    return rng.standard_normal((m, 8)) @ rng.standard_normal((8, p)) / np.sqrt(8)


def periodic(rng: np.random.Generator, m: int, p: int) -> Array:
    """One direction that turns its sign each second batch, and noise."""
    signs = np.where(np.arange(m) // 2 % 2, -1.0, 1.0)
    return signs[:, None] * rng.standard_normal(p) + rng.standard_normal((m, p))


def private(rng: np.random.Generator, m: int, p: int) -> Array:
    """Batches that are NOT independent: all of one agent, with a habit of its own. No null: the control of the
    premise.
    """
    return 0.3 * rng.standard_normal(p) + rng.standard_normal((m, p))


KINDS: dict[str, Draw] = {"plain": plain, "heavy": heavy, "coloured": coloured, "periodic": periodic}


def false_positives(worlds: int, size: int = 512, batches: int = 4 * FIRST) -> float:
    """The largest share over kinds of null patterns that are ever taken for universal, with planted ones among them."""
    print(f"{'null patterns':26} {'false':>7} {'planted found':>14} {'median p':>9}")
    worst = 0.0
    for at, (name, draw) in enumerate({**KINDS, "one agent's only (control)": private}.items()):
        rng = np.random.default_rng([7, at])
        wrong = right = 0
        p_values = []
        for _ in range(worlds):
            watch = Watch()
            seen = [draw(rng, batches, size) for _ in range(PATTERNS - PLANTED)]
            seen += [_planted(rng, batches, size, 3.0) for _ in range(PLANTED)]
            for tick in range(batches):
                for pattern, updates in enumerate(seen):
                    watch.see(str(pattern), updates[tick])
                watch.found()
            wrong += sum(int(pattern) < PATTERNS - PLANTED for pattern in watch.universal)
            right += sum(int(pattern) >= PATTERNS - PLANTED for pattern in watch.universal)
            p_values += [universal(updates[:FIRST]).p for updates in seen[:PLANTED]]
        rate = wrong / (worlds * (PATTERNS - PLANTED))
        print(
            f"{name:26} {rate:7.4f} {right / (worlds * PLANTED):14.2f} {np.median(p_values):9.3f}", flush=True
        )
        worst = max(worst, rate if name in KINDS else 0.0)
    five = min(universal(np.tile(np.ones(8), (5, 1))).p for _ in range(1))
    print(
        f"  five equal batches have p = {five:.4f}: with five, as the blueprint has it, nothing can be found at 0.05"
    )
    return worst


def _planted(rng: np.random.Generator, m: int, p: int, noise: float) -> Array:
    pattern = rng.standard_normal(p)
    return pattern / np.linalg.norm(pattern) + noise / np.sqrt(p) * rng.standard_normal((m, p))


# How soon


def speeds(worlds: int, noises: tuple[int, ...]) -> float:
    """Times that the control takes of the detector's at noise 10, at matched false positives."""
    names = ("noise/pattern", "detector", "seeping", "times", "knows noise", "to a quarter", "false")
    print("\n" + " ".join(f"{name:>13}" for name in names))
    ratios = {}
    for noise in noises:
        count = (
            max(2, worlds * 384 // HORIZON[noise]) if noise > 10 else worlds
        )  # what is held grows with the square
        grams = [_grams(np.random.default_rng([11, noise, world]), noise) for world in range(count)]
        null = np.concatenate([null for null, _ in grams])
        planted = np.concatenate([planted for _, planted in grams])
        found, rate = _detected(grams)
        seeping = _seeping(null, planted, rate)
        knows, about = (_energy(null, planted, rate, spread) for spread in (0.0, 0.25))
        ratios[noise] = seeping / found
        row = (f"{found:.0f}", f"{seeping:.0f}", f"{ratios[noise]:.1f}", f"{knows:.0f}", f"{about:.0f}")
        print(" ".join(f"{value:>13}" for value in (noise, *row, f"{rate:.4f}")), flush=True)
    slow = ", ".join(f"{noise} ({ratio:.1f})" for noise, ratio in ratios.items() if ratio < 10)
    print(
        f"  Verdict: at noise ten times the pattern the detector is {ratios[10]:.1f} times as fast as seeping."
    )
    if slow:
        print(f"  It is less than ten times as fast at noise {slow}: it needs {FIRST} batches at least.")
    print(
        "  Who knows the noise exactly needs no detector: a threshold on the sum's length is as fast. Known to a"
    )
    print("  quarter only, it takes what the last column but one says; the detector need not know it.")
    return ratios[10]


def _grams(rng: np.random.Generator, noise: int) -> tuple[Array, Array]:
    """Inner products f[patterns, T, T] of the batches of null and of planted patterns."""
    horizon = HORIZON[noise]
    made = []
    for pattern in range(PATTERNS):
        updates = _planted(rng, horizon, SIZE, noise).astype(np.float32)
        if pattern >= PLANTED:
            updates = (noise / np.sqrt(SIZE) * rng.standard_normal((horizon, SIZE))).astype(np.float32)
        made.append(updates @ updates.T)
    return np.stack(made[PLANTED:]), np.stack(made[:PLANTED])


def _detected(grams: list[tuple[Array, Array]]) -> tuple[float, float]:
    """Median batches until a planted pattern was found (looks as `Watch` has them), and the share of null ones
    found.
    """
    from chorus.kernels.lora.universal import Q, from_gram

    times, wrong, nulls = [], 0, 0
    for null, planted in grams:
        both = np.concatenate([planted, null])
        least, found = np.ones(len(both)), np.full(len(both), np.inf)
        for m in range(FIRST, both.shape[-1] + 1):
            k = look(m)
            if k is None:
                continue
            for at in np.flatnonzero(np.isinf(found)):
                size = np.sqrt(np.diag(both[at])[:m])
                p = from_gram(both[at][:m, :m] / np.outer(size, size), k).p
                least[at] = min(least[at], p / share(k))
            found[discoveries(least, Q) & np.isinf(found)] = m
        times += found[: len(planted)].tolist()
        wrong += int(np.isfinite(found[len(planted) :]).sum())
        nulls += len(null)
    return float(np.median(times)), wrong / nulls


def _lengths(grams: Array, weights: Callable[[int], Array], ticks: Array) -> Array:
    """‖Σ a_s g_s‖² f[patterns, ticks] with a = WEIGHTS(t) of the first t batches."""
    return np.stack([np.einsum("s,psr,r->p", a := weights(t), grams[:, :t, :t], a) for t in ticks], 1)


def _seeping(null: Array, planted: Array, rate: float) -> float:
    """Median ticks until half of a planted pattern has seeped, at the largest κ with no more than RATE of NULL so
    long.
    """
    horizon = null.shape[-1]
    ticks = np.unique(np.geomspace(1, horizon, 40).astype(int))
    for kappa in np.geomspace(0.5, 0.0005, 50):
        weights = lambda t, kappa=kappa: kappa * (1 - kappa) ** np.arange(t)[::-1]
        if (_lengths(null, weights, ticks) >= 0.25).any(1).mean() <= rate:
            crossed = _lengths(planted, weights, ticks) >= 0.25
            first = np.where(crossed.any(1), ticks[crossed.argmax(1)], np.inf)
            return float(np.median(first))
    return float("inf")


def _energy(null: Array, planted: Array, rate: float, spread: float) -> float:
    """Median batches until ‖Σ g‖²/(t ν²) exceeds what all but RATE of NULL stay below, ν known but for SPREAD."""
    rng = np.random.default_rng(3)
    ticks = np.unique(np.geomspace(2, null.shape[-1], 40).astype(int))
    said = [np.exp(spread * rng.standard_normal((len(part), 1))) for part in (null, planted)]
    null_z, planted_z = (
        (
            _lengths(part, np.ones, ticks)
            / (ticks * np.diagonal(part, axis1=1, axis2=2).mean(1)[:, None])
            * scale
            - 1
        )
        * np.sqrt(SIZE / 2)
        for part, scale in zip((null, planted), said, strict=True)
    )
    bound = np.quantile(null_z.max(1), 1 - rate) if rate else null_z.max()
    crossed = planted_z > bound
    return float(np.median(np.where(crossed.any(1), ticks[crossed.argmax(1)], np.inf)))
