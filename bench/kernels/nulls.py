"""How often something is found where nothing was planted, by kind of nothing: rhythms in levels that wander, and
personas in crowds without groups.

    python bench/kernels/nulls.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from chorus.kernels.persona.community import Community, NoStructure
from chorus.kernels.persona.discover import discover
from chorus.kernels.spectral.patterns import rhythms

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from persona_helpers import planted

SIGNALS, CROWDS = 200, 5
PEOPLE, DIMS, DAYS, AXES, STRENGTH = 120, 64, 20, 4, 1.2


def signal(kind: str, t: int, rng: np.random.Generator) -> np.ndarray:
    days, noise, counts = np.arange(t), rng.standard_normal(t), rng.poisson(8, t).astype(float)
    gap = rng.integers(10, t - 24)
    made = {
        "white": lambda: noise,
        "heavy tails": lambda: rng.standard_t(2, t),
        "red": lambda: _red(noise, 0.8),
        "walk": noise.cumsum,
        "step": lambda: noise + 6 * (days >= t // 2),
        "gap of two weeks": lambda: np.where((days >= gap) & (days < gap + 14), 0, counts),
        "growth": lambda: rng.poisson(2 * np.exp(3 * days / t)).astype(float),
    }
    return made[kind]()


SIGNAL_KINDS = ("white", "heavy tails", "red", "walk", "step", "gap of two weeks", "growth")


def _red(noise: np.ndarray, passed_on: float) -> np.ndarray:
    made = noise.copy()
    for at in range(1, len(made)):
        made[at] += passed_on * made[at - 1]
    return made


POSITIONS = {
    "nobody is anybody": lambda rng: np.zeros((PEOPLE, AXES)),
    "by degrees": lambda rng: rng.standard_normal((PEOPLE, AXES)),
    "by degrees, heavy tails": lambda rng: rng.standard_t(2.2, (PEOPLE, AXES)),
    "by degrees, skewed": lambda rng: rng.exponential(1, (PEOPLE, AXES)),
    "on a ring": lambda rng: _ring(rng),
}


def _ring(rng: np.random.Generator) -> np.ndarray:
    angle = 2 * np.pi * rng.random(PEOPLE)
    return 1.5 * np.stack([np.cos(angle), np.sin(angle), 0 * angle, 0 * angle], 1)


def crowd(kind: str, unequal: bool, seed: int) -> Community:
    """People whose positions are of KIND, no groups; volumes alike, or UNEQUAL as Pareto's."""
    rng = np.random.default_rng(seed)
    wrote = rng.integers(10, 22, PEOPLE)
    if unequal:
        wrote = np.clip((rng.pareto(1.1, PEOPLE) * 6 + 4).astype(int), 4, 300)
    author = np.repeat(np.arange(PEOPLE), wrote)
    present = [rng.choice(DAYS, rng.integers(2, 6), replace=False) for _ in range(PEOPLE)]
    day = np.array([rng.choice(present[person]) for person in author])
    axes = np.linalg.qr(rng.standard_normal((DIMS, AXES)))[0]
    of_day = 0.6 * rng.standard_normal((DAYS, DIMS))
    said = STRENGTH * POSITIONS[kind](rng)[author] @ axes.T + of_day[day]
    said += rng.standard_normal(said.shape)
    order = np.argsort(day, kind="stable")
    vectors = (said / np.linalg.norm(said, axis=1, keepdims=True))[order].astype(np.float32)
    m = len(author)
    return Community(
        author=author[order], day=day[order], channel=np.zeros(m, np.int64), behaviour=np.zeros((m, 0), np.float32),
        vectors=vectors, rows=np.arange(m), authors=PEOPLE,
    )  # fmt: skip


def main() -> None:
    print(f"signals of {SIGNALS} with a rhythm")
    for kind in SIGNAL_KINDS:
        found = []
        for t in (60, 120, 365):
            rng = np.random.default_rng(1)
            found.append(sum(bool(rhythms(signal(kind, t, rng))) for _ in range(SIGNALS)))
        print(f"  {kind:26} {found[0]:4} of 60 days {found[1]:4} of 120 {found[2]:4} of 365", flush=True)
    print(f"crowds of {CROWDS} with personas, of these distinct from people by degrees")
    for kind in POSITIONS:
        shown = [told(lambda seed: crowd(kind, unequal, seed)) for unequal in (False, True)]  # noqa: B023 - at once
        print(f"  {kind:26} {shown[0]} volumes alike {shown[1]} unequal", flush=True)
    print("where personas were planted, of 60 people each")
    for share, k in ((0.5, 2), (0.5, 3), (0.8, 2), (0.8, 4)):
        shown = told(lambda seed: planted(share, seed + 40, authors=60 * k, k=k, own=4)[0])  # noqa: B023 - at once
        print(f"  {k} by {share} of what they say    {shown}", flush=True)


def told(make: Callable[[int], Community]) -> str:
    """In how many of CROWDS there are personas, and in how many of them they are said to be distinct."""
    found = [discover(make(seed)) for seed in range(CROWDS)]
    made = [each for each in found if not isinstance(each, NoStructure)]
    return f"{len(made):4} {sum(each.evidence['distinct'] for each in made):4}"


if __name__ == "__main__":
    main()
