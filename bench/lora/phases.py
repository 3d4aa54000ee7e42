"""Whether what agents share moves to the slow level all at once: two phases beside a gate that opens by degrees.

A pattern of strength a (beside noise of 1) is hidden in what agents learn, D numbers a tick; a CUSUM's sum is the
signal of the gate. Looked at is how far the gate is open in the second half of a run, over a: how steep that is (the
width of a fitted logistic curve, beside where its middle lies), how many runs lie between the phases, how often a gate
changes, whether the curve depends on where one comes from, and whether all of it grows sharper with D, as a phase
transition in the strict sense must and a threshold need not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from chorus.kernels.lora import detect, timescale
from chorus.kernels.lora.transfer import interval

UP, DOWN, MOST = 10.0, 3.0, 20.0  # of the sum; above MOST it does not grow
TICKS, RUNS = 300, 24
STRENGTHS = np.linspace(0.0, 0.4, 17)


@dataclass(frozen=True)
class Way:
    """One gate, and how fast the levels are."""

    gate: str = "phases"
    up: float = UP
    down: float = DOWN
    width: float = 2.0
    tau: float = 50.0
    kappa: float = 0.05
    eta: float = 0.1
    summed: bool = True  # the signal is the CUSUM; else a moving average of the scores


WAYS = {
    "phases": Way(),
    "no hysteresis": Way(down=UP),
    "continuous": Way("continuous"),
    "continuous, no sum": Way("continuous", up=0.75, down=0.25, width=0.2, summed=False),
    "always open (m = 1)": Way("open"),
    "τ = ∞": Way(tau=np.inf),
}


@dataclass
class Course:
    """What a run was like, for each strength and run: OPENNESS of its second half, SWITCHES of the gate, how much of
    the slow level points at the pattern (KEPT), and how much elsewhere (STRAY).
    """

    openness: np.ndarray
    switches: np.ndarray
    kept: np.ndarray
    stray: np.ndarray


def course(way: Way, strengths: np.ndarray, runs: int, d: int = 64, seed: int = 0) -> Course:
    """RUNS of each of STRENGTHS f64[a] or, as they change, f64[ticks, a]."""
    schedule = np.broadcast_to(strengths, (TICKS, strengths.shape[-1]))
    shape = (schedule.shape[1], runs)
    random = np.random.default_rng(seed)
    pattern = random.standard_normal((runs, d))
    pattern *= d**0.5 / np.linalg.norm(pattern, axis=-1, keepdims=True)  # [runs, d], numbers of size 1
    fast, slow = np.zeros((*shape, d)), np.zeros((*shape, d))
    state, gate, openness, switches = (
        detect.start(shape, d),
        np.zeros(shape),
        np.zeros(shape),
        np.zeros(shape),
    )
    average = np.zeros(shape)
    for tick in range(len(schedule)):
        seen = schedule[tick][:, None, None] * pattern + random.standard_normal((*shape, d))
        average += 0.1 * (detect.score(seen, state.mean) - average)
        state, total, _ = detect.update(state, seen, white=False)
        state = replace(
            state, sum=np.minimum(total, MOST)
        )  # a gate's signal goes on where an alarm starts anew
        before, gate = gate, GATES[way.gate](way, gate, state.sum if way.summed else average)
        fast, slow = timescale.step(
            fast, slow, fast + slow - seen, gate[..., None], eta=way.eta, tau=way.tau, kappa=way.kappa
        )
        switches += np.abs(gate - before) > 0.5
        openness += gate * (tick >= len(schedule) // 2)
    along = (slow * pattern).mean(-1)
    return Course(
        openness / (len(schedule) - len(schedule) // 2),
        switches,
        along,
        np.sqrt(((slow - along[..., None] * pattern) ** 2).mean(-1)),
    )


def _phases(way: Way, gate: np.ndarray, signal: np.ndarray) -> np.ndarray:
    return np.where(
        signal >= way.up, 1.0, np.where(signal >= way.down, gate, 0.0) if way.up > way.down else 0.0
    )


GATES: dict[str, Callable[[Way, np.ndarray, np.ndarray], np.ndarray]] = {
    "phases": _phases,
    "continuous": lambda way, gate, signal: 1 / (1 + np.exp(-(signal - (way.up + way.down) / 2) / way.width)),
    "open": lambda way, gate, signal: np.ones_like(gate),
}


def fitted(strengths: np.ndarray, openness: np.ndarray) -> tuple[float, float]:
    """(middle, width) of the logistic curve through OPENNESS f64[a], by least squares."""
    from scipy.optimize import curve_fit

    low, high = openness.min(), openness.max()
    curve = lambda a, middle, width: (
        low + (high - low) / (1 + np.exp(-np.clip((a - middle) / width, -50, 50)))
    )
    middle = strengths[int(np.argmin(np.abs(openness - (low + high) / 2)))]
    (middle, width), _ = curve_fit(
        curve, strengths, openness, p0=(middle, 0.03), bounds=((0, 1e-3), (1, 1)), max_nfev=2000
    )
    return float(middle), float(width)


def widths(runs: Course, strengths: np.ndarray = STRENGTHS, draws: int = 40) -> np.ndarray:
    """f64[draws, 2]: middle and width, refitted to runs drawn again."""
    random, n = np.random.default_rng(0), runs.openness.shape[1]
    return np.array(
        [fitted(strengths, runs.openness[:, random.integers(n, size=n)].mean(1)) for _ in range(draws)]
    )


def goals(end: float, full: bool) -> Iterator[tuple[str, float, str, bool]]:
    many = RUNS * (4 if full else 1)
    found = {name: course(way, STRENGTHS, many) for name, way in WAYS.items()}
    print(
        f"  {'gate':22} {'middle':>7} {'width':>16} {'between':>8} {'switches':>9} {'stray a=0':>10} {'kept a=.3':>10}"
    )
    sharp: dict[str, np.ndarray] = {}
    strong = int(np.argmin(np.abs(STRENGTHS - 0.3)))
    for name, runs in found.items():
        between = float(((runs.openness > 0.1) & (runs.openness < 0.9)).mean())
        if name != "always open (m = 1)":
            sharp[name] = widths(runs)
        middle, width = sharp[name].mean(0) if name in sharp else (np.nan, np.nan)
        spread = np.quantile(sharp[name][:, 1], [0.025, 0.975]) if name in sharp else (np.nan, np.nan)
        told = f"{width:.3f} [{spread[0]:.3f} {spread[1]:.3f}]"
        print(
            f"  {name:22} {middle:7.3f} {told:>16} {between:8.2f} {runs.switches.max(0).mean():9.1f}"
            f" {runs.stray[0].mean():10.3f} {(runs.kept[strong] / STRENGTHS[strong]).mean():10.2f}"
        )
    middle = float(sharp["phases"][:, 0].mean())
    loop, control = (_loop(replace(WAYS["phases"], down=down), middle, many) for down in (DOWN, UP))
    by_size = {d: [_size(name, d, many) for name in ("phases", "continuous")] for d in (16, 256)}
    for d, made in by_size.items():
        print(f"  D = {d:3}: width/middle {made[0].mean():.3f} with phases, {made[1].mean():.3f} continuous")
    print(
        f"  swept down or up to the middle: {loop[0]:.3f} [{loop[1]:.3f} {loop[2]:.3f}] more open from above,"
        f" without hysteresis {control[0]:.3f} [{control[1]:.3f} {control[2]:.3f}]"
    )
    for line in verdict(found, sharp, loop, control, by_size):
        print("  " + line)
    yield from ()


def _loop(way: Way, middle: float, runs: int) -> tuple[float, float, float]:
    """How much more open the gate is on the way down than on the way up at the curve's middle, with interval."""
    high = float(STRENGTHS[-1])
    n = TICKS // 3
    come = {
        "up": np.r_[np.zeros(n), np.full(TICKS - n, 1.0)],
        "down": np.r_[np.full(n, high), np.full(TICKS - n, 1.0)],
    }
    schedules = np.stack([np.where(c == 1.0, middle, c) for c in come.values()], 1)  # [ticks, 2]
    opened = course(way, schedules, runs, seed=5).openness
    return interval(opened[1] - opened[0])


def _size(name: str, d: int, runs: int) -> np.ndarray:
    """f64[draws]: width beside the middle for D numbers, strengths in proportion to where the middle should lie."""
    strengths = STRENGTHS * (64 / d) ** 0.25
    made = widths(course(WAYS[name], strengths, runs, d, seed=3), strengths)
    return made[:, 1] / made[:, 0]


def verdict(
    found: dict[str, Course],
    sharp: dict[str, np.ndarray],
    loop: tuple[float, float, float],
    control: tuple[float, float, float],
    by_size: dict[int, list[np.ndarray]],
) -> Iterator[str]:
    """What the figures say, and nothing else."""
    for control_name, told in (
        ("continuous", "of the same sum"),
        ("continuous, no sum", "of a moving average"),
    ):
        ratio = sharp[control_name][:, 1] / sharp["phases"][:, 1]
        low, high = np.quantile(ratio, [0.025, 0.975])
        word = "sharper than" if low > 1 else "no sharper than"
        yield (
            f"Two phases are {word} the continuous gate {told}: its curve is {ratio.mean():.1f} [{low:.1f} {high:.1f}]"
            " times as wide."
        )
    middling = {
        name: float(((found[name].openness > 0.1) & (found[name].openness < 0.9)).mean())
        for name in ("phases", "continuous")
    }
    yield (
        f"{middling['phases']:.0%} of the runs lie between the phases, {middling['continuous']:.0%} with the continuous"
        " gate."
    )
    small, large = by_size[min(by_size)], by_size[max(by_size)]
    ours, theirs = large[0] / small[0], large[1] / small[1]
    if np.quantile(ours, 0.975) >= 1:
        yield "The relative width does not shrink with D: a threshold that is crossed, no phase transition."
    elif np.quantile(ours / theirs, 0.975) >= 1:
        yield "The relative width shrinks with D, but no more than the control's: averaging, no phase transition."
    else:
        yield "The relative width shrinks with D, and more than the control's, as in a phase transition."
    stray = [found[name].stray[0].mean() for name in ("phases", "continuous", "always open (m = 1)")]
    yield (
        f"Where there is no pattern {stray[0]:.3f} of noise reach the slow level, {stray[1]:.3f} by the continuous"
        f" gate, {stray[2]:.3f} by one that is always open."
    )
    tau = [(found[name].kept[-1].mean(), found[name].stray[0].mean()) for name in ("phases", "τ = ∞")]
    apart = max(abs(a - b) for a, b in zip(*tau, strict=True))
    word = "makes a difference" if apart > 0.02 else "makes no difference here"
    yield f"Whether the fast level forgets {word} ({apart:.3f})."
    if loop[1] > max(0.0, control[2]):
        yield f"Where one comes from matters ({loop[0]:.2f}), and less without hysteresis ({control[0]:.2f})."
    else:
        told = f"with hysteresis ({loop[0]:.2f}) than without ({control[0]:.2f})"
        yield f"Where one comes from makes no more difference {told}: the sum remembers by itself."
    switches = [found[name].switches.max(0).mean() for name in ("phases", "no hysteresis")]
    yield f"Near the middle a gate changes {switches[0]:.0f} times a run with hysteresis, {switches[1]:.0f} without."
