"""Heads that are networks, on vectors alone: a perceptron, and a Fourier operator over the dimensions of embeddings.

A Fourier operator presumes that neighbouring dimensions belong together, and dimensions of embeddings have no order. So
it comes with its control, the same over dimensions in an order drawn by lot; `beside.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from chorus.kernels.heads.features import Arrays, Texts, dense

HIDDEN = 256
EPOCHS = 25
RATE = 3e-3  # of learning, falling to 0
DECAY = 0.05
SCALE = 10.0  # of unit vectors: a network that sees coordinates of .05 learns nothing for a long while
WIDTH, MODES, DEPTH, CELLS = 16, 24, 2, 8  # of the Fourier operator
STEPS, BATCH, STIFF = 600, 16, 1e-2  # of its learning, about so many; and its decay
ROUNDS = (3, 30)  # epochs, at least and at most
TOGETHER = 512  # rows that it reads at once
FOURIER = "fourier."  # before the names of its parameters


def fit_mlp(
    texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float, hidden: int = HIDDEN
) -> Arrays:
    """One hidden layer on vectors alone, dropout, AdamW; where each text has one label, softmax."""
    import torch
    from torch import nn

    x = torch.from_numpy(SCALE * dense(texts).astype(np.float32)).to(texts.device)
    y = torch.from_numpy(truth.astype(np.float32)).to(texts.device)
    loss_of = loss_for(truth)
    with drawing(seed, texts.device):
        net = nn.Sequential(
            nn.Linear(x.shape[1], hidden), nn.GELU(), nn.Dropout(0.3), nn.Linear(hidden, y.shape[1])
        ).to(texts.device)
        optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
        for epoch in range(EPOCHS):
            for group in optimiser.param_groups:
                group["lr"] = RATE * (1 - epoch / EPOCHS)
            for part in torch.randperm(len(x)).split(64):
                loss = loss_of(net(x[part]), y[part])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    names = ("weights1", "bias1", "weights2", "bias2")
    return {name: p.detach().cpu().numpy().copy() for name, p in zip(names, net.parameters(), strict=True)}


@contextmanager
def drawing(seed: int, device: str) -> Iterator[None]:
    """Torch draws from SEED here and on DEVICE; whoever else draws of it is not disturbed."""
    import torch

    with torch.random.fork_rng(devices=[device] if device.startswith("cuda") else []):
        torch.manual_seed(seed)
        yield


def mlp_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    from scipy.special import erf

    a = SCALE * dense(texts).astype(np.float64) @ arrays["weights1"].T + arrays["bias1"]  # [n, hidden]
    hidden = a * (1 + erf(a / np.sqrt(2))) / 2
    return np.asarray(hidden @ arrays["weights2"].T + arrays["bias2"])


def fit_narrow(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """The perceptron with as many parameters as the Fourier operator has."""
    d, k = dense(texts).shape[1], truth.shape[1]
    parameters = sum(p.numel() for p in operator(d, k).parameters())
    return fit_mlp(texts, made, truth, seed, strength, max(1, parameters // (d + k + 1)))


def fit_fourier(
    texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float, by_lot: bool = False
) -> Arrays:
    """A Fourier operator that reads each vector as a signal, AdamW.   [Li et al., ICLR 2021]

    BY_LOT its dimensions are put into an order drawn by lot first, the same for all vectors.
    """
    import torch

    from chorus.kernels.spectral.operator import fit

    x = dense(texts)
    order = np.random.default_rng(seed).permutation(x.shape[1]) if by_lot else np.arange(x.shape[1])
    arrays = {"order": order, "centre": x.mean(0), "spread": np.maximum(x.std(0), 1e-6)}
    with drawing(seed, texts.device):
        net = operator(x.shape[1], truth.shape[1]).to(texts.device)
        wanted = torch.from_numpy(truth.astype(np.float32)).to(texts.device)
        epochs = int(np.clip(STEPS * BATCH // max(len(x), 1), *ROUNDS))
        given = signals(x, arrays).to(texts.device)
        fit(net, given, wanted, loss=loss_for(truth), epochs=epochs, batch=BATCH, decay=STIFF, seed=seed)
    return arrays | {FOURIER + name: p.detach().cpu().numpy().copy() for name, p in net.state_dict().items()}


def fit_by_lot(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    return fit_fourier(texts, made, truth, seed, strength, by_lot=True)


def fourier_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    import torch

    x = signals(dense(texts), arrays)
    state = {
        name.removeprefix(FOURIER): torch.from_numpy(np.asarray(values))
        for name, values in arrays.items()
        if name.startswith(FOURIER)
    }
    net = operator(x.shape[1], len(state["out.bias"]))
    net.load_state_dict(state)
    net = net.eval().to(texts.device)
    with torch.no_grad():
        parts = [net(part.to(texts.device)).cpu().double().numpy() for part in x.split(TOGETHER)]
    return np.concatenate(parts) if len(x) else np.zeros((0, len(state["out.bias"])))


def signals(x: np.ndarray, arrays: Arrays) -> Any:
    """Vectors f32[n, d] as signals of spread 1, their dimensions in the order of ARRAYS."""
    import torch

    return torch.from_numpy(
        ((x - arrays["centre"]) / arrays["spread"])[:, arrays["order"]].astype(np.float32)
    )


def operator(d: int, k: int) -> Any:
    """The untrained operator from D places to K margins."""
    from chorus.kernels.spectral.operator import FourierHead

    return FourierHead(k, WIDTH, min(MODES, d // 2), DEPTH, min(CELLS, d))


def loss_for(truth: np.ndarray) -> Any:
    """Of margins and wanted: softmax where each text has one label, otherwise each label apart."""
    from torch.nn import functional

    one = bool((truth.sum(1) == 1).all())
    return functional.cross_entropy if one else functional.binary_cross_entropy_with_logits
