"""What is left of earlier tasks: the hierarchy beside fine-tuning, static LoRA, EWC, O-LoRA, replay and the ridge.

Digits, permuted (6 tasks) and class-incremental (5); Banking77's intents, 11 at a time, as MiniLM vectors; and digits
whose features themselves shift. Nobody knows the task when examined. The ridge and the hierarchy see the same random
lift; the hierarchy's memory for its gate is the replay's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import streams
import torch
from learners import KEEP, LEARNERS, Hierarchy, Network, Replay, RidgeHead, TwoTimescales, examined

from chorus.kernels.lora import drift
from chorus.kernels.lora.transfer import interval

Row = tuple[str, float, str, bool]
CLEAR = 0.2  # points: below that, an interval of few seeds tells nothing
WITHIN = -0.5  # points: as near the ridge the hierarchy has to be


def goals(end: float, full: bool) -> Iterator[Row]:
    torch.set_num_threads(1)
    seeds = range(8 if full else 2)
    digits = lambda seed: streams.by_class(streams.digits(seed), 5, seed)
    yield _compared("forgetting-class-incremental", digits, seeds, end)
    yield _compared("forgetting-permuted", streams.permuted, seeds, end)
    _ablated({"permuted": streams.permuted, "class-incremental": digits}, seeds)
    yield _shifted(range(8 if full else 3))
    if not (streams.DATA / "banking77").is_dir():
        print(f"  Banking77: not here: {streams.DATA / 'banking77'}")
        return
    whole = streams.banking77() if full else streams.banking77(25, 10)
    intents = lambda seed: streams.by_class(whole, 7, seed)
    yield _compared("banking77-continual", intents, range(4 if full else 1), end, classes=77)


def _compared(
    name: str, stream: Callable[[int], list[streams.Task]], seeds: range, end: float, classes: int = 10
) -> Row:
    """Every learner on STREAM, and how the hierarchy's accuracy lies beside the ridge's."""
    print(f"  {name}: accuracy / forgetting, mean of {len(seeds)} seeds")
    found: dict[str, np.ndarray] = {}
    tried = taken = 0
    for learner, make in LEARNERS.items():
        begun, rows = time.process_time(), []
        for seed in seeds:
            tasks = stream(seed)
            made = make(tasks[0].x.shape[1], classes, seed, KEEP if classes == 10 else 10 * classes)
            rows.append(examined(tasks, made))
            if isinstance(made, Hierarchy):
                tried, taken = tried + made.tried, taken + made.taken
        found[learner] = np.array(rows)
        accuracy, forgetting = found[learner].mean(0)
        cost = (time.process_time() - begun) / len(seeds)
        print(f"  {learner:26}{accuracy:7.1f} /{forgetting:6.1f}   {cost:5.1f} s", flush=True)
    for line in verdict(found, tried, taken):
        print("  " + line)
    apart = float((found["hierarchy"] - found["ridge"])[:, 0].mean())
    return name, apart, f">={WITHIN}-points-beside-the-ridge", apart >= WITHIN


def verdict(found: dict[str, np.ndarray], tried: int, taken: int) -> Iterator[str]:
    """In words, how the hierarchy did beside the ridge and beside the best of the others."""
    apart, low, high = interval((found["hierarchy"] - found["ridge"])[:, 0])
    other = max((n for n in found if n not in ("hierarchy", "ridge")), key=lambda n: found[n][:, 0].mean())
    word = "beats" if low > 0 else "loses to" if high < 0 else "does as well as"
    yield (
        f"The hierarchy {word} the ridge alone ({apart:+.2f} points [{low:+.2f} {high:+.2f}]); of {tried} fast"
        f" adapters its gate took {taken}{': LoRA adds nothing here' if high <= 0 or apart == 0 else ''}."
    )
    beside = float((found["hierarchy"] - found[other])[:, 0].mean())
    side = "above" if beside > 0 else "below"
    yield f"The best of the others is {other}: the hierarchy is {abs(beside):.1f} points {side}."


def _ablated(worlds: dict[str, Callable[[int], list[streams.Task]]], seeds: range) -> None:
    """Two timescales without the gate, without replay, with a forgetting fast level."""
    changes: dict[str, dict[str, object]] = {
        "whole": {},
        "m = 1 (no phases)": {"gated": False},
        "no replay": {"keep": 0},
        "τ = 100": {"tau": 100.0},
        "κ = 1 (one timescale)": {"kappa": 1.0, "gated": False},
    }
    for world, stream in worlds.items():
        found = {}
        for name, settings in changes.items():
            rows = []
            for seed in seeds:
                made = TwoTimescales(64, 10, seed, int(str(settings.get("keep", KEEP))))
                for key in settings.keys() & {"gated", "tau", "kappa"}:
                    setattr(made, key, settings[key])
                rows.append(examined(stream(seed), made))
            found[name] = np.array(rows)
        print(f"  two timescales on {world}: " + ", ".join(
            f"{name} {rows[:, 0].mean():.1f}/{rows[:, 1].mean():.1f}" for name, rows in found.items()
        ))  # fmt: skip
        for name in list(found)[1:]:
            lost, low, high = interval(found["whole"][:, 0] - found[name][:, 0])
            word = "costs" if low > CLEAR else "gains" if high < -CLEAR else "makes no clear difference:"
            print(f"    {name}: {word} {abs(lost):.1f} points")


def _shifted(seeds: range) -> Row:
    """The features move three times by something of rank 4, and the old ones never come back."""
    ways: dict[str, list[list[float]]] = {name: [] for name in SHIFTED}
    for seed in seeds:
        tasks = streams.drifting(streams.digits(seed), seed)
        for name, way in SHIFTED.items():
            ways[name].append(way(tasks, seed))
    print("  features shift: accuracy on them as they are now, after each of three shifts")
    for name, rows in ways.items():
        print(f"  {name:44}" + "".join(f"{100 * v:7.1f}" for v in np.mean(rows, 0)))
    last = {name: 100 * np.array(rows)[:, -1] for name, rows in ways.items()}
    for name in [name for name in SHIFTED if name != "ridge, goes on learning"]:
        apart, low, high = interval(last[name] - last["ridge, goes on learning"])
        word = "is above" if low > 0 else "is below" if high < 0 else "cannot be told from"
        print(
            f"  {name} {word} the ridge that goes on learning ({apart:+.1f} points [{low:+.1f} {high:+.1f}])."
        )
    apart, low, _ = interval(last["hierarchy: pairs, no labels"] - last["ridge, goes on learning"])
    return "forgetting-features-shift", apart, ">0-points-above-the-ridge-with-interval", low > 0


def _ridge(tasks: list[streams.Task], seed: int, stop: bool = False, fresh: bool = False) -> list[float]:
    made, found = RidgeHead(64, 10, seed), []
    for at, task in enumerate(tasks):
        if fresh:
            made = RidgeHead(64, 10, seed)
        if at == 0 or not stop:
            made.learn(torch.from_numpy(task.x), torch.from_numpy(task.y))
        found.append(_right(made, task))
    return found


def _hierarchy(tasks: list[streams.Task], seed: int, learn: bool) -> list[float]:
    made, found = Hierarchy(64, 10, seed), []
    for task in tasks:
        if task.before is not None:
            made.shift(torch.from_numpy(task.x), torch.from_numpy(task.before))
        if task.before is None or learn:
            made.learn(torch.from_numpy(task.x), torch.from_numpy(task.y))
        found.append(_right(made, task))
    return found


def _by_labels(tasks: list[streams.Task], seed: int) -> list[float]:
    made, found = Hierarchy(64, 10, seed), []
    for at, task in enumerate(tasks):
        x, y = torch.from_numpy(task.x), torch.from_numpy(task.y)
        if at == 0:
            made.learn(x, y)
        else:
            assert made.weights is not None
            made.slow = drift.chained(drift.by_labels(made.head, made.weights, x, y, seed=seed), None)
        found.append(_right(made, task))
    return found


def _network(tasks: list[streams.Task], seed: int) -> list[float]:
    made, found = Replay(64, 10, seed), []
    for task in tasks:
        made.learn(torch.from_numpy(task.x), torch.from_numpy(task.y))
        found.append(_right(made, task))
    return found


def _right(made: Network | RidgeHead, task: streams.Task) -> float:
    return float((made.predict(torch.from_numpy(task.test_x)).numpy() == task.test_y).mean())


SHIFTED: dict[str, Callable[[list[streams.Task], int], list[float]]] = {
    "ridge, left as it was": lambda tasks, seed: _ridge(tasks, seed, stop=True),
    "ridge, goes on learning": _ridge,
    "ridge, begun anew each time": lambda tasks, seed: _ridge(tasks, seed, fresh=True),
    "network with replay": _network,
    "adapter from labels, through the head": _by_labels,
    "hierarchy: pairs, no labels": lambda tasks, seed: _hierarchy(tasks, seed, learn=False),
    "hierarchy: pairs and labels": lambda tasks, seed: _hierarchy(tasks, seed, learn=True),
}
