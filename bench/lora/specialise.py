"""Whether identical agents come to differ, and only where their tasks do; what their changes are then made of.

Four domains of digits (as they are, pixels permuted in two ways, turned) over one trained base. Eight agents with the
same adapter learn (a) a domain each: how much each adapter helps on every domain, and the control where all learn the
same mixture; (b) a stream of all domains from which each batch goes to one agent: at random, to the one that errs
least, or to the one that errs least for its share of the work. Then: which layer to split is asked where the answer is
planted, what the directions of an adapter serve is asked of adapters of one domain, and what a budget of entropy costs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import streams
import torch
import torch.nn.functional as f
from learners import Network
from torch import Tensor

from chorus.kernels.lora import circuits, entropy, transfer
from chorus.kernels.lora.adapter import Delta
from chorus.kernels.lora.merge import truncated
from chorus.kernels.lora.split import split

AGENTS, DOMAINS, RANK, RATE, STEPS, BATCH = 8, 4, 8, 5e-3, 160, 32
ROUTED = 480  # batches of a shared stream


class Agents:
    """N adapters on both layers of one frozen BASE, all alike at first; a batch is learned by whom it is given to."""

    def __init__(self, base: Network, n: int, seed: int = 0) -> None:
        random = torch.Generator().manual_seed(seed)
        self.base, self.n = base, n
        self.factors: list[Tensor] = []
        for w in base.weights:
            a = torch.randn(RANK, w.shape[1], generator=random) / w.shape[1] ** 0.5
            self.factors += [a.repeat(n, 1, 1), torch.zeros(n, w.shape[0], RANK)]
        for p in self.factors:
            p.requires_grad_()
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.factors]
        self.steps = torch.zeros(n)

    def forward(self, x: Tensor) -> Tensor:
        """[n, b, k] of X [n, b, d]."""
        for layer, (w, bias) in enumerate(zip(self.base.weights, self.base.biases, strict=True)):
            a, b = self.factors[2 * layer : 2 * layer + 2]
            x = x @ w.T + bias + (x @ a.mT) @ b.mT
            x = x.relu() if layer == 0 else x
        return x

    def losses(self, x: Tensor, y: Tensor) -> Tensor:
        """[n, b] of examples X [n, b, d] of classes Y [n, b]."""
        out = self.forward(x)
        return f.cross_entropy(out.flatten(0, 1), y.flatten(), reduction="none").reshape(y.shape)

    def learn(self, x: Tensor, y: Tensor, who: Tensor) -> None:
        """One step of Adam for the agents that the mask WHO [n] names."""
        grads = torch.autograd.grad((self.losses(x, y).mean(1) * who).sum(), self.factors)
        self.steps += who
        with torch.no_grad():
            for p, g, (first, second) in zip(self.factors, grads, self.moments, strict=True):
                mine, t = who[:, None, None], self.steps.clamp(min=1)[:, None, None]
                first += mine * 0.1 * (g - first)
                second += mine * 0.001 * (g * g - second)
                p -= mine * RATE * (first / (1 - 0.9**t)) / ((second / (1 - 0.999**t)).sqrt() + 1e-8)

    def delta(self, agent: int, layer: int) -> Delta:
        return Delta(*(self.factors[2 * layer + i][agent].detach() for i in (0, 1)))


def domains(seed: int) -> tuple[Network, list[streams.Task]]:
    """The base, and the four domains; the base was trained on half of the first."""
    whole = streams.digits(seed)
    base = Network(64, 10, seed)
    half = len(whole.y) // 2
    base.learn(torch.from_numpy(whole.x[:half]), torch.from_numpy(whole.y[:half]))
    random = np.random.default_rng(seed)
    order, other = random.permutation(64), random.permutation(64)
    turned = np.arange(64).reshape(8, 8).T[:, ::-1].reshape(-1)
    changes = [lambda x: x, lambda x: x[:, order], lambda x: x[:, other], lambda x: x[:, turned]]
    x, y = whole.x[half:], whole.y[half:]
    return base, [
        streams.Task(change(x).astype(np.float32), y, change(whole.test_x).astype(np.float32), whole.test_y)
        for change in changes
    ]


def drawn(task: streams.Task, random: np.random.Generator, n: int = BATCH) -> tuple[Tensor, Tensor]:
    some = random.integers(len(task.y), size=n)
    return torch.from_numpy(task.x[some]), torch.from_numpy(task.y[some])


def assigned(base: Network, tasks: list[streams.Task], seed: int, apart: bool) -> Agents:
    """Agents of which each learned a domain of its own, or (the control) batches of all."""
    agents, random = Agents(base, AGENTS), np.random.default_rng(seed)
    for _ in range(STEPS):
        picks = [i % DOMAINS if apart else int(random.integers(DOMAINS)) for i in range(AGENTS)]
        x, y = zip(*(drawn(tasks[p], random) for p in picks), strict=True)
        agents.learn(torch.stack(x), torch.stack(y), torch.ones(AGENTS))
    return agents


@torch.no_grad()
def helped(agents: Agents, tasks: list[streams.Task]) -> np.ndarray:
    """f64[agents, domains]: accuracy of each agent's adapter on each domain."""
    made = []
    for task in tasks:
        x = torch.from_numpy(task.test_x).expand(agents.n, -1, -1)
        made.append((agents.forward(x).argmax(2).numpy() == task.test_y).mean(1))
    return np.stack(made, 1)


def routed(base: Network, tasks: list[streams.Task], seed: int, how: str) -> tuple[float, float, float]:
    """(normalised mutual information of agent and domain in the second half of a shared stream, the same when
    examined, accuracy).

    At the examination nobody knows the labels: each example is answered by the agent that is surest.
    """
    agents, random, load = Agents(base, AGENTS), np.random.default_rng(seed), np.zeros(AGENTS)
    said = []
    for _ in range(ROUTED):
        domain = int(random.integers(DOMAINS))
        x, y = drawn(tasks[domain], random)
        x, y = x.expand(AGENTS, -1, -1), y.expand(AGENTS, -1)
        with torch.no_grad():
            cost = agents.losses(x, y).mean(1).numpy() + 1e-6 * random.random(AGENTS)
        if how == "random":
            cost = random.random(AGENTS)
        elif how == "balanced":
            cost = cost + 2.0 * (load - load.mean()) / max(1.0, load.mean())
        winner = int(np.argmin(cost))
        load[winner] += 1
        said.append((domain, winner))
        agents.learn(x, y, torch.eye(AGENTS)[winner])
    from sklearn.metrics import normalized_mutual_info_score

    learning = normalized_mutual_info_score(*zip(*said[ROUTED // 2 :], strict=True))
    return float(learning), *examined(agents, tasks)


@torch.no_grad()
def examined(agents: Agents, tasks: list[streams.Task]) -> tuple[float, float]:
    from sklearn.metrics import normalized_mutual_info_score

    who, domain, right = [], [], []
    for number, task in enumerate(tasks):
        p = agents.forward(torch.from_numpy(task.test_x).expand(agents.n, -1, -1)).softmax(2)  # [n, b, k]
        surest = p.amax(2).argmax(0)  # [b]
        who.append(surest.numpy())
        domain.append(np.full(len(surest), number))
        right.append(p.argmax(2)[surest, torch.arange(len(surest))].numpy() == task.test_y)
    together = normalized_mutual_info_score(np.concatenate(domain), np.concatenate(who))
    return float(together), float(np.concatenate(right).mean())


def planted_split(seed: int) -> dict[str, dict[str, tuple[float, float, float, bool]]]:
    """Verdicts of `split` where agents differ in their inputs, in their labels, in nothing."""
    base, tasks = domains(seed)
    random = np.random.default_rng(seed)
    swaps = [random.permutation(10) for _ in range(4)]
    orders = [random.permutation(64) for _ in range(4)]
    change = {
        "inputs": lambda i, x, y: (x[:, orders[i]], y),
        "labels": lambda i, x, y: (x, torch.from_numpy(swaps[i])[y]),
        "nothing": lambda i, x, y: (x, y),
    }
    found = {}
    for name, changed in change.items():
        rounds: dict[str, list[np.ndarray]] = {"first layer": [], "second layer": []}
        for _ in range(12):
            gradients = []
            for agent in range(8):  # four, each twice
                x, y = changed(agent // 2, *drawn(tasks[0], random, 64))
                weights = [w.requires_grad_() for w in base.weights]
                gradients.append(torch.autograd.grad(base.loss(x, y), weights))
                for w in weights:
                    w.requires_grad_(False)
            for layer, parts in zip(rounds, zip(*gradients, strict=True), strict=True):
                rounds[layer].append(np.stack([p.flatten().numpy() for p in parts]).reshape(4, 2, -1))
        found[name] = split({layer: np.stack(g) for layer, g in rounds.items()})
    return found


def served(base: Network, tasks: list[streams.Task], agents: Agents, agent: int) -> list[circuits.Circuit]:
    """Circuits of AGENT's adapter of the first layer, among inputs of all domains, whose labels are the domains.

    The loss is 1 − p of the right class: cross-entropy is greatest, and moves most, where all is lost anyway.
    """
    x = torch.from_numpy(np.concatenate([t.test_x[:120] for t in tasks]))
    y = torch.from_numpy(np.concatenate([t.test_y[:120] for t in tasks]))
    domain = np.repeat(np.arange(DOMAINS), 120)
    second = agents.delta(agent, 1)

    def losses(delta: Delta | None) -> np.ndarray:
        w = base.weights[0] if delta is None else base.weights[0] + delta.B @ delta.A
        hidden = f.linear(x, w, base.biases[0]).relu()
        out = f.linear(hidden, base.weights[1] + second.B @ second.A, base.biases[1])
        return 1 - out.softmax(1)[torch.arange(len(y)), y].numpy()

    return circuits.circuits(agents.delta(agent, 0), x, domain, losses, seed=agent)


def budgets(
    base: Network, tasks: list[streams.Task], agents: Agents
) -> dict[float, tuple[float, float, float]]:
    """For each budget of effective rank (accuracy within it, accuracy of the same rank by truncation, that rank)."""
    made = {}
    for budget in (8.0, 4.0, 2.0, 1.0):
        rows = []
        for agent in range(DOMAINS):
            task = tasks[agent]
            lowered = entropy.within(agents.delta(agent, 0), budget)[0]
            cut = truncated(agents.delta(agent, 0), lowered.rank)[0]
            rows.append(
                (*(_accuracy(base, d, agents.delta(agent, 1), task) for d in (lowered, cut)), lowered.rank)
            )
        made[budget] = tuple(np.mean(rows, 0))
    return made


def _accuracy(base: Network, first: Delta, second: Delta, task: streams.Task) -> float:
    hidden = f.linear(
        torch.from_numpy(task.test_x), base.weights[0] + first.B @ first.A, base.biases[0]
    ).relu()
    out = f.linear(hidden, base.weights[1] + second.B @ second.A, base.biases[1])
    return float((out.argmax(1).numpy() == task.test_y).mean())


def goals(end: float, full: bool) -> Iterator[tuple[str, float, str, bool]]:
    torch.set_num_threads(1)
    seeds = range(8 if full else 3)
    made = [domains(seed) for seed in seeds]
    _learned_apart(made)
    _learned_together(made)
    _split([planted_split(seed) for seed in seeds])
    yield from ()


def _learned_apart(made: list[tuple[Network, list[streams.Task]]]) -> None:
    names = ("plain", "permuted", "permuted 2", "turned")
    own = np.arange(AGENTS) % DOMAINS
    margins: dict[bool, list[float]] = {True: [], False: []}
    tables, kept, labelled = [], [], []
    for seed, (base, tasks) in enumerate(made):
        plain = np.array(
            [float((base.predict(torch.from_numpy(t.test_x)).numpy() == t.test_y).mean()) for t in tasks]
        )
        for apart in (True, False):
            agents = assigned(base, tasks, seed, apart)
            right = helped(agents, tasks)
            beside = right - right.mean(0)  # domains are not equally hard
            mine = beside[np.arange(AGENTS), own]
            margins[apart] += list(mine - (beside.sum(1) - mine) / (DOMAINS - 1))
            if apart:
                kept.append(budgets(base, tasks, agents))
                labelled += [(d, served(base, tasks, agents, d)) for d in range(1, DOMAINS)]
                tables.append(np.vstack([plain, *(right[own == d].mean(0) for d in range(DOMAINS))]))
    print("  accuracy of adapters (rows) on domains:   " + "".join(f"{name:>10}" for name in names))
    for name, row in zip(("none", *names), np.mean(tables, 0), strict=True):
        print(f"  {name:>42}" + "".join(f"{100 * v:10.1f}" for v in row))
    told = {apart: transfer.interval(np.array(m)) for apart, m in margins.items()}
    grown = told[True][1] > max(told[False][2], 0.0)
    print(
        f"  Agents with a domain each {'specialise' if grown else 'do not specialise'}: on their own they are"
        f" {100 * told[True][0]:+.1f} points [{100 * told[True][1]:+.1f} {100 * told[True][2]:+.1f}] better than on the"
        f" others', beside what all agents reach there; those that learned the same mixture {100 * told[False][0]:+.1f}"
        f" [{100 * told[False][1]:+.1f} {100 * told[False][2]:+.1f}]."
    )
    table = np.mean(tables, 0)
    other = table[1:][~np.eye(DOMAINS, dtype=bool)].reshape(DOMAINS, -1) - np.stack(
        [np.delete(table[0], d) for d in range(DOMAINS)]
    )
    worse = int((other < 0).sum())
    print(
        f"  Transfer across domains: {100 * other.mean():+.1f} points on average; in {worse} of {other.size} pairs an"
        " adapter harms the other domain."
    )
    for budget in kept[0]:
        lowered, cut, rank = np.mean([row[budget] for row in kept], 0)
        print(
            f"  budget {budget:3.0f}: accuracy {100 * lowered:.1f} (rank {rank:.1f}), truncated to that rank"
            f" {100 * cut:.1f}"
        )
    apart = np.mean([[row[b][0] - row[b][1] for b in row if b < 8] for row in kept])
    word = "costs more than" if apart < -0.005 else "is better than" if apart > 0.005 else "does as well as"
    print(
        f"  Lowering singular values to an entropy budget {word} cutting to the same rank ({100 * apart:+.1f} points)."
    )
    _served(labelled)


def _learned_together(made: list[tuple[Network, list[streams.Task]]]) -> None:
    found: dict[str, np.ndarray] = {}
    for how in ("random", "winner", "balanced"):
        found[how] = np.array([routed(base, tasks, seed, how) for seed, (base, tasks) in enumerate(made)])
        print(
            f"  shared stream, {how:9}: NMI {found[how][:, 0].mean():.2f} while learning,"
            f" {found[how][:, 1].mean():.2f} examined, accuracy {100 * found[how][:, 2].mean():.1f}"
        )
    for how in ("winner", "balanced"):
        nmi = transfer.interval(found[how][:, 0] - found["random"][:, 0])
        gain = transfer.interval(100 * (found[how][:, 2] - found["random"][:, 2]))
        print(
            f"  Left to the {how}, identical agents {'divide' if nmi[1] > 0.2 else 'hardly divide'} the domains"
            f" among them (NMI {nmi[0]:+.2f} [{nmi[1]:+.2f} {nmi[2]:+.2f}] above chance), and that"
            f" {'helps' if gain[1] > 0 else 'harms' if gain[2] < 0 else 'makes no clear difference'}:"
            f" {gain[0]:+.1f} points [{gain[1]:+.1f} {gain[2]:+.1f}]."
        )


def _split(found: list[dict[str, dict[str, tuple[float, float, float, bool]]]]) -> None:
    for name in found[0]:
        told = ", ".join(
            f"{layer} within {np.mean([row[name][layer][0] for row in found]):+.2f} between"
            f" {np.mean([row[name][layer][1] for row in found]):+.2f}, split in"
            f" {sum(row[name][layer][3] for row in found)} of {len(found)}"
            for layer in found[0][name]
        )
        print(f"  agents differ in {name}: {told}")
    planted = {"inputs": "first layer", "labels": "second layer"}
    hit = sum(row[name][layer][3] for row in found for name, layer in planted.items())
    strange = sum(
        v[3] for row in found for name in row for layer, v in row[name].items() if planted.get(name) != layer
    )
    word = "it can be used" if hit == 2 * len(found) and not strange else "not to be relied on"
    print(
        f"  Splitting by conflict finds the planted layer in {hit} of {2 * len(found)} cases and another in"
        f" {strange} of {4 * len(found)}: {word}."
    )


def _served(found: list[tuple[int, list[circuits.Circuit]]]) -> None:
    every = [(domain, c) for domain, row in found for c in row]
    sure = [(domain, c) for domain, c in every if c.confirmed]
    right = sum(domain == c.label for domain, c in sure)
    active = sum(domain == c.active for domain, c in every)
    print(
        f"  Circuits of adapters that learned one domain: ablation confirms {len(sure)} of {len(every)} directions,"
        f" {right} of them for that domain; by activity alone {active} of {len(every)} are given to it."
    )
    good = len(sure) > 0 and right / len(sure) >= 0.9
    print(
        f"  Labels that ablation confirms {'can' if good else 'cannot'} be trusted ({right} of {len(sure)})."
    )
