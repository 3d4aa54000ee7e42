"""Learners of one task after another, each as its paper has it, on the same small network where it has one.

Who is in a task is known while it is learned, and never when it is examined. All networks have one hidden layer and
take as many steps of Adam a task; what else a method needs (EWC's weight, O-LoRA's) was chosen once, on seed 100.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as f
from streams import Task
from torch import Tensor

from chorus.kernels.lora import drift, ridge, timescale
from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.merge import truncated
from chorus.kernels.lora.transfer import measures

HIDDEN, RATE, STEPS, BATCH = 128, 2e-3, 300, 64
KEEP = 200  # examples that a replay holds, of Banking77 ten a class
RANK = 8


class Network:
    """Fine-tuning: everything moves, nothing is held. Two layers; WEIGHTS [h, d], [k, h]."""

    def __init__(self, d: int, k: int, seed: int, keep: int = KEEP) -> None:
        self.random = torch.Generator().manual_seed(seed)
        self.weights = [self._normal(HIDDEN, d) * 2**0.5, self._normal(k, HIDDEN)]
        self.biases = [torch.zeros(HIDDEN), torch.zeros(k)]
        self.keep = keep
        self.learned = 0

    def _normal(self, o: int, d: int) -> Tensor:
        return torch.randn(o, d, generator=self.random) / d**0.5

    def learnable(self) -> list[Tensor]:
        return [*self.weights, *self.biases]

    def effective(self) -> list[Tensor]:
        return self.weights

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.effective()
        return f.linear(f.linear(x, first, self.biases[0]).relu(), second, self.biases[1])

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        return f.cross_entropy(self.forward(x), y)

    def learn(self, x: Tensor, y: Tensor) -> None:
        moving = [p.requires_grad_() for p in self.learnable()]
        optimizer = torch.optim.Adam(moving, RATE)
        for some in self._batches(len(y)):
            optimizer.zero_grad()
            self.loss(x[some], y[some]).backward()
            optimizer.step()
            self.stepped()
        for p in moving:
            p.requires_grad_(False)
        self.learned += 1

    def _batches(self, n: int) -> Iterator[Tensor]:
        epochs = -(-STEPS * BATCH // n)
        order = torch.cat([torch.randperm(n, generator=self.random) for _ in range(epochs)])
        yield from order[: STEPS * BATCH].split(BATCH)

    def stepped(self) -> None:
        """After each step of the optimizer."""

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        return self.forward(x).argmax(1)


class StaticLora(Network):
    """The first task is the base; after it the weights are frozen, and one adapter of both layers goes on learning."""

    def __init__(self, d: int, k: int, seed: int, keep: int = KEEP) -> None:
        super().__init__(d, k, seed, keep)
        self.deltas = self.fresh()

    def fresh(self) -> list[Delta]:
        return [Delta(self._normal(RANK, w.shape[1]), torch.zeros(w.shape[0], RANK)) for w in self.weights]

    def learnable(self) -> list[Tensor]:
        return [part for delta in self.deltas for part in delta] if self.learned else super().learnable()

    def effective(self) -> list[Tensor]:
        if not self.learned:
            return self.weights
        return [w + d.B @ d.A for w, d in zip(self.weights, self.deltas, strict=True)]


class OLora(StaticLora):
    """An adapter for each task, earlier ones frozen and added, the new one's A orthogonal to theirs.

    [Wang et al., O-LoRA, EMNLP findings 2023]
    """

    weight = 0.5

    def __init__(self, d: int, k: int, seed: int, keep: int = KEEP) -> None:
        super().__init__(d, k, seed, keep)
        self.before: list[list[Tensor]] = [[], []]  # A of earlier tasks, of each layer

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        off = sum(
            (delta.A @ torch.cat(before).T).square().sum()
            for delta, before in zip(self.deltas, self.before, strict=True)
            if before
        )
        return super().loss(x, y) + self.weight * off

    def learn(self, x: Tensor, y: Tensor) -> None:
        adapting = self.learned > 0
        super().learn(x, y)
        if adapting:
            for i, delta in enumerate(self.deltas):
                self.weights[i] = self.weights[i] + delta.B @ delta.A
                self.before[i].append(delta.A)
            self.deltas = self.fresh()


class Ewc(Network):
    """Weights that mattered are held by a spring each, as strong as their Fisher information, summed over tasks.

    [Kirkpatrick et al., PNAS 2017]
    """

    weight = 100.0

    def __init__(self, d: int, k: int, seed: int, keep: int = KEEP) -> None:
        super().__init__(d, k, seed, keep)
        self.fisher = [torch.zeros_like(p) for p in self.learnable()]
        self.centre = [p.clone() for p in self.learnable()]

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        held = zip(self.fisher, self.learnable(), self.centre, strict=True)
        pull = sum((fi * (p - c).square()).sum() for fi, p, c in held) if self.learned else 0.0
        return super().loss(x, y) + self.weight / 2 * pull

    def learn(self, x: Tensor, y: Tensor) -> None:
        super().learn(x, y)
        self.centre = [p.clone() for p in self.learnable()]
        moving = [p.requires_grad_() for p in self.learnable()]
        some = torch.randperm(len(y), generator=self.random)[:200]
        for xi in x[some]:
            logits = self.forward(xi[None])
            drawn = torch.multinomial(logits.detach().softmax(1)[0], 1, generator=self.random)
            grads = torch.autograd.grad(f.cross_entropy(logits, drawn), moving)
            self.fisher = [fi + g.square() / len(some) for fi, g in zip(self.fisher, grads, strict=True)]
        for p in moving:
            p.requires_grad_(False)


class Replay(Network):
    """Each batch with as many from an even sample of all that was seen (reservoir).   [Chaudhry et al. 2019]"""

    def __init__(self, d: int, k: int, seed: int, keep: int = KEEP) -> None:
        super().__init__(d, k, seed, keep)
        self.memory = Memory(keep, self.random)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        old_x, old_y = self.memory.drawn(len(y))
        return (
            super().loss(torch.cat([x, old_x]), torch.cat([y, old_y])) if len(old_y) else super().loss(x, y)
        )

    def learn(self, x: Tensor, y: Tensor) -> None:
        super().learn(x, y)
        self.memory.add(x, y)


class TwoTimescales(Replay):
    """Replay, and a slow level that follows while the phase is FREE and is what answers.

    The signal of the gate is minus the fast level's loss, on the new and the remembered: one that is just throwing over
    what it knew is not listened to.
    """

    kappa, tau, up, down = 0.01, 1e9, -0.8, -1.6
    gated = True

    def __init__(self, d: int, k: int, seed: int, keep: int = KEEP) -> None:
        super().__init__(d, k, seed, keep)
        self.base = [w.clone() for w in self.weights]
        self.slow = [p.clone() for p in self.learnable()]
        self.phase, self.told = timescale.FREE, 0.0

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        found = super().loss(x, y)
        self.told += 0.2 * (float(found.detach()) - self.told)
        return found

    @torch.no_grad()
    def stepped(self) -> None:
        if self.gated:
            self.phase = timescale.phase(self.phase, -self.told, self.up, self.down)
        for i, (fast, slow) in enumerate(zip(self.learnable(), self.slow, strict=True)):
            _, self.slow[i] = timescale.step(
                fast - slow, slow, 0.0, self.phase, eta=1.0, tau=self.tau, kappa=self.kappa
            )

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        kept, (self.weights, self.biases) = (self.weights, self.biases), (self.slow[:2], self.slow[2:])
        found = self.forward(x).argmax(1)
        self.weights, self.biases = kept
        return found


class Memory:
    """An even sample of all that was added [reservoir, Vitter 1985]."""

    def __init__(self, keep: int, random: torch.Generator) -> None:
        self.keep, self.random, self.seen = keep, random, 0
        self.x: Tensor = torch.zeros(0)
        self.y = torch.zeros(0, dtype=torch.int64)
        self.keys = torch.zeros(0)

    def add(self, x: Tensor, y: Tensor) -> None:
        keys = torch.cat([self.keys, torch.rand(len(y), generator=self.random)])
        self.x, self.y = torch.cat([self.x.reshape(-1, x.shape[1]), x]), torch.cat([self.y, y])
        best = keys.topk(min(self.keep, len(keys))).indices
        self.x, self.y, self.keys = self.x[best], self.y[best], keys[best]

    def drawn(self, n: int) -> tuple[Tensor, Tensor]:
        some = torch.randint(max(1, len(self.y)), (n,), generator=self.random)
        return (self.x[some], self.y[some]) if len(self.y) else (self.x, self.y)


class RidgeHead:
    """RanPAC: nothing but the sums; λ from a fifth of each task, held out."""

    lifted = 1000

    def __init__(self, d: int, k: int, seed: int, keep: int = KEEP) -> None:
        self.head = ridge.ridge(d, self.lifted, k, seed)
        self.random = torch.Generator().manual_seed(seed)
        self.weights: Tensor | None = None

    def learn(self, x: Tensor, y: Tensor) -> None:
        inside, out = _apart(len(y), self.random)
        ridge.update(self.head, x[inside], y[inside])
        strength, _ = ridge.chosen_strength(self.head, x[out], y[out])
        ridge.update(self.head, x[out], y[out])
        self.weights = ridge.solve(self.head, strength)

    def scores(self, x: Tensor) -> Tensor:
        assert self.weights is not None
        return ridge.scores(self.head, self.weights, x)

    def predict(self, x: Tensor) -> Tensor:
        return self.scores(x).argmax(1)


class Hierarchy(RidgeHead):
    """The ridge head at Domain, and in front of it adapters of features: what shifted is brought back by a slow one,
    from pairs where there are any (`shift`); a fast one (Agent) is tried on each task from labels and a memory, and
    taken only if held-out examples, old and new, gain more than one standard error.
    """

    def __init__(self, d: int, k: int, seed: int, keep: int = KEEP) -> None:
        super().__init__(d, k, seed, keep)
        self.memory = Memory(keep, self.random)
        self.slow: Delta | None = None
        self.taken = self.tried = 0

    def shift(self, new: Tensor, old: Tensor) -> None:
        """The features moved: pairs say from OLD to NEW. The change is put in front of those before it."""
        delta, _ = drift.compensate(new, old)
        whole = drift.chained(delta, self.slow)
        self.slow = whole and truncated(whole, 32)[0]

    def learn(self, x: Tensor, y: Tensor) -> None:
        x = drift.moved(x, self.slow)
        known = self.weights is not None
        super().learn(x, y)
        if known:
            self._try(x, y)
        self.memory.add(x, y)

    def _try(self, x: Tensor, y: Tensor) -> None:
        inside, out = _apart(len(y), self.random)
        old_in, old_out = _apart(len(self.memory.y), self.random)
        both = lambda new, old: (
            torch.cat([x[new], self.memory.x[old]]),
            torch.cat([y[new], self.memory.y[old]]),
        )
        assert self.weights is not None
        found = drift.by_labels(self.head, self.weights, *both(inside, old_in), steps=40)
        held_x, held_y = both(out, old_out)
        truth = f.one_hot(held_y, self.weights.shape[1])
        error = lambda moved: (super(Hierarchy, self).scores(moved) - truth).square().sum(1)
        gain = error(held_x) - error(drift.moved(held_x, found))
        share = torch.cat(
            [torch.full([len(out)], len(x) / len(out)), torch.full([len(old_out)], self._old(old_out))]
        )
        gain = gain * share / share.mean()  # each old example stands for many
        self.tried += 1
        if float(gain.mean()) > float(gain.std()) / len(gain) ** 0.5:
            self.taken += 1
            self.slow = drift.chained(self.slow, found)

    def _old(self, held: Tensor) -> float:
        return float(self.head.seen) / max(1, len(held))

    def scores(self, x: Tensor) -> Tensor:
        return super().scores(drift.moved(x, self.slow))


def _apart(n: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Four fifths of N places, and the rest."""
    order = torch.randperm(n, generator=random)
    return order[: n * 4 // 5], order[n * 4 // 5 :]


LEARNERS: dict[str, Callable[..., Network | RidgeHead]] = {
    "fine-tuning": Network,
    "static LoRA": StaticLora,
    "EWC": Ewc,
    "O-LoRA": OLora,
    "replay": Replay,
    "two timescales + replay": TwoTimescales,
    "ridge": RidgeHead,
    "hierarchy": Hierarchy,
}


def examined(stream: list[Task], learner: Network | RidgeHead) -> tuple[float, float]:
    """(accuracy, forgetting) in percent after the whole STREAM."""
    n = len(stream)
    r = np.full((n, n), np.nan)
    for t, task in enumerate(stream):
        learner.learn(torch.from_numpy(task.x), torch.from_numpy(task.y))
        for j in range(t + 1):
            found = learner.predict(torch.from_numpy(stream[j].test_x)).numpy()
            r[t, j] = (found == stream[j].test_y).mean()
    told = measures(r)
    return 100 * told.accuracy, 100 * told.forgetting
