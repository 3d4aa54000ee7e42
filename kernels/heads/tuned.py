"""A head whose encoder learns with it: an adapter of the last layers and what weighs their mean and maximum, beside
words.

The adapter: [Hu et al. 2022, arXiv:2106.09685]. Beginning and end of a long text: [Sun et al. 2019, arXiv:1905.05583].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chorus.kernels.heads.features import Arrays, Texts
from chorus.kernels.heads.networks import loss_for
from chorus.kernels.heads.ratios import fit_paired, paired_margins
from chorus.kernels.heads.tokens import Tokens

if TYPE_CHECKING:
    from chorus.kernels.lora.adapter import Adapter

PASSES = 2
RANK = 16
RATE, HEAD_RATE = 1e-3, 2e-3  # of the adapter and of what weighs
BATCH = 32
DROP = 0.1
DECAY = 0.01
CLIP = 1.0
SHARE = 4.0  # of the words' margins, which lie about ±1, beside log-odds
TUNED = "tuned."  # before the names of its arrays
OWN = (TUNED + "weight", TUNED + "bias")


def fit_tuned(texts: Texts, made: Arrays, truth: np.ndarray, seed: int, strength: float) -> Arrays:
    """Words and a tuned encoder, each fitted by itself."""
    return fit_paired(texts, made, truth, seed, strength) | fit_encoder(texts.seen(), truth, seed)


def tuned_margins(texts: Texts, made: Arrays, arrays: Arrays) -> np.ndarray:
    return SHARE * paired_margins(texts, made, arrays) + encoder_margins(texts.seen(), arrays)


def fit_encoder(tokens: Tokens, truth: np.ndarray, seed: int) -> Arrays:
    """AdamW with a warm-up and a cosine on batches of like length; the same seed and threads give the same."""
    import torch

    from chorus.kernels.lora.chain import attach
    from chorus.kernels.voice.training import pace

    upper = tokens.upper()
    served = attach(upper)
    adapter = served.trainable("head", RANK, alpha=2.0 * RANK, seed=seed)
    wanted = torch.from_numpy(truth.astype(np.float32))
    out = torch.nn.Linear(2 * tokens.states.shape[1], truth.shape[1])
    torch.nn.init.zeros_(out.weight)
    loss_of, random = loss_for(truth), np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(
        [
            {"params": adapter.parameters(), "rate": RATE},
            {"params": list(out.parameters()), "rate": HEAD_RATE},
        ],
        weight_decay=DECAY,
    )
    learnt = [*adapter.parameters(), *out.parameters()]
    batches = [batch for _ in range(PASSES) for batch in tokens.shuffled(BATCH, random)]
    with torch.random.fork_rng(devices=[]), served.using(adapter):
        torch.manual_seed(seed)
        torch.nn.init.zeros_(out.bias)
        upper.train()
        for step, batch in enumerate(batches):
            tokens.tick()
            for group in optimiser.param_groups:
                group["lr"] = group["rate"] * pace(step, len(batches))
            pooled = torch.nn.functional.dropout(upper(*tokens.batch(batch), DROP), DROP)
            loss = loss_of(out(pooled), wanted[batch])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learnt, CLIP)
            optimiser.step()
    return arrays_of(adapter) | dict(zip(OWN, (p.detach().numpy() for p in out.parameters()), strict=True))


def arrays_of(adapter: Adapter) -> Arrays:
    """ADAPTER's factors as they are kept in a head's file."""
    return {TUNED + name: tensor.numpy().copy() for name, tensor in adapter.tensors().items()}


def adapter_of(arrays: Arrays) -> Adapter:
    """The adapter that `arrays_of` told of."""
    from chorus.kernels.lora.adapter import Adapter

    own = {name: values for name, values in arrays.items() if name.startswith(TUNED) and name not in OWN}
    tensors = {name.removeprefix(TUNED): np.array(values) for name, values in own.items()}
    return Adapter.of(tensors, {"alpha": 2.0 * RANK})


def encoder_margins(tokens: Tokens, arrays: Arrays) -> np.ndarray:
    """f64[n, K] of TOKENS by what was learnt."""
    import torch

    from chorus.kernels.lora.chain import attach

    weight, bias = (torch.from_numpy(np.array(arrays[name])) for name in OWN)
    made = np.zeros((len(tokens), len(bias)))
    upper = tokens.upper().eval()
    served = attach(upper)
    with torch.inference_mode(), served.using(adapter_of(arrays)):
        for batch in tokens.in_turn():
            tokens.tick()
            pooled = upper(*tokens.batch(batch))
            made[batch] = torch.nn.functional.linear(pooled, weight, bias).double().numpy()
    return made
