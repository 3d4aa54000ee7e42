"""Whether inertia that emerges from what was learned (η = η₀/√λ) does as well as scales tuned for each level.

Agents share a Domain level and have a level of their own; each predicts its own noisy linear signal, and learns from
every tick. Fixed scales (one rate for each level) and emergent ones (η₀ and ρ) are tuned on the same number of runs and
the same seeds, then all see new seeds: in the world they were tuned for, and in others, where agents change more often
or inputs are of another size. The error is that before each lesson, above the noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chorus.kernels.lora import inertia
from chorus.kernels.lora.transfer import interval

AGENTS, D, TICKS, NOISE = 8, 16, 400, 0.3
DIVERGED = 100.0  # an error so great is that of numbers which grow without bound
BUDGET = 16  # settings that each way may try


@dataclass(frozen=True)
class World:
    """Agents' own parts are drawn anew every PERIOD ticks (0: never); inputs are of SIZE."""

    period: int = 0
    size: float = 1.0


WORLDS = {
    "still": World(),
    "agents change": World(period=100),
    "agents change often": World(period=25),
    "inputs three times as large": World(period=100, size=3.0),
    "inputs a third as large": World(period=100, size=1 / 3),
}
TUNED_IN = ("still", "agents change")


@dataclass(frozen=True)
class Setting:
    """Rates of the two levels, or η₀ twice and ρ."""

    domain: float
    agent: float
    rho: float | None = None  # None: fixed


def settings(way: str, random: np.random.Generator) -> list[Setting]:
    """BUDGET settings of a way: drawn at random, as is usual for as few [Bergstra & Bengio 2012]."""
    rate = lambda low, high: float(np.exp(random.uniform(np.log(low), np.log(high))))
    made = []
    for i in range(BUDGET):
        eta = rate(0.01, 1.0) if way == "emergent" else rate(0.001, 0.1)
        if way == "fixed":
            made.append(Setting(eta, rate(0.001, 0.1)))
        else:
            made.append(Setting(eta, eta, (1.0, 0.99, 0.95)[i % 3] if way == "emergent" else None))
    return made


def errors(setting: Setting, world: World, seeds: list[int]) -> tuple[np.ndarray, float]:
    """(f64[seeds] mean squared error above the noise, the Domain's mean rate beside the agents' at the end)."""
    found, ratios = zip(*(_run(setting, world, seed) for seed in seeds), strict=True)
    return np.array(found), float(np.mean(ratios))


def _run(setting: Setting, world: World, seed: int) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    common, own = random.standard_normal(D), random.standard_normal((AGENTS, D)) / 2
    domain, agent = np.zeros(D), np.zeros((AGENTS, D))
    of_domain, of_agent = np.zeros(D), np.zeros((AGENTS, D))
    missed = 0.0
    for tick in range(TICKS):
        if world.period and tick and tick % world.period == 0:
            own = random.standard_normal((AGENTS, D)) / 2
        x = random.standard_normal((AGENTS, D)) * world.size
        wanted = (x * (common + own)).sum(1)
        off = (x * (domain + agent)).sum(1) - wanted - NOISE * random.standard_normal(AGENTS)
        missed += float((((x * (domain + agent)).sum(1) - wanted) ** 2).mean()) / world.size**2
        g = np.clip(off, -1e3, 1e3)[:, None] * x  # [agents, d]
        if setting.rho is None:
            domain, agent = domain - setting.domain * g.mean(0), agent - setting.agent * g
        else:
            domain, of_domain = inertia.moved(domain, of_domain, g.mean(0), setting.domain, setting.rho)
            agent, of_agent = inertia.moved(agent, of_agent, g, setting.agent, setting.rho)
    stiff = float(np.mean(of_agent**0.5) / np.mean(of_domain**0.5)) if setting.rho is not None else np.nan
    return missed / TICKS, stiff


WAYS = ("one rate", "fixed", "emergent")


def goals(end: float, full: bool) -> Iterator[tuple[str, float, str, bool]]:
    seeds = 12 if full else 4
    tuning, fresh = list(range(100, 103)), list(range(seeds))
    for tuned_in in TUNED_IN:
        best: dict[str, Setting] = {}
        for way in WAYS:
            tried = settings(way, np.random.default_rng(7))
            best[way] = min(
                tried,
                key=lambda s: float(
                    np.nan_to_num(errors(s, WORLDS[tuned_in], tuning[:2])[0], nan=1e9).mean()
                ),
            )
        print(f"  tuned where: {tuned_in}; {BUDGET} settings each")
        print(f"  {'world':30}" + "".join(f"{way:>12}" for way in WAYS) + "")
        for name, world in WORLDS.items():
            found = {way: errors(best[way], world, fresh) for way in WAYS}
            apart = interval(found["emergent"][0] - found["fixed"][0])
            means = "".join(f"{_shown(found[way][0].mean()):>12}" for way in WAYS)
            print(f"  {name:30}{means}   {verdict(name == tuned_in, apart, found['fixed'][0].mean())}")
        ratio = errors(best["emergent"], WORLDS[tuned_in], fresh)[1]
        print(
            f"  By itself the Domain's step came out {ratio:.2f} of the agents': it is"
            f" {'stiffer' if ratio < 1 else 'less stiff'} than they are; fixed scales were tuned to"
            f" {best['fixed'].domain / best['fixed'].agent:.2f}."
        )
    yield from ()


def _shown(error: float) -> str:
    return "diverges" if error > DIVERGED else f"{error:.3g}"


def verdict(own: bool, apart: tuple[float, float, float], fixed: float) -> str:
    """In words: who errs less, and by how much of what fixed scales err."""
    where = "where both were tuned" if own else "elsewhere"
    mean, low, high = apart
    told = f"{mean / fixed:+.0%} [{low / fixed:+.0%} {high / fixed:+.0%}]"
    if low > 0:
        return f"{where}, fixed scales are better: emergent inertia errs {told}"
    if high < 0 and fixed > DIVERGED:
        return f"{where}, emergent inertia is better: fixed scales diverge"
    if high < 0:
        return f"{where}, emergent inertia is better: {told}"
    return f"{where}, no difference can be told"
