"""What a voice says: tokens drawn one by one, the same for the same seed.

Temperature and nucleus (Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chorus.kernels.voice.lines import CONTEXT, Words
from chorus.runtime.pools import one_thread

if TYPE_CHECKING:
    import torch

Tick = Callable[[], object]


@dataclass(frozen=True)
class Taste:
    """How tokens are drawn: from the NUCLEUS of the likeliest that make up that share; temperature 0 takes the
    likeliest.
    """

    temperature: float = 0.8
    nucleus: float = 0.95
    longest: int = 48
    seed: int = 0


def sample(
    model: torch.nn.Module, words: Words, prompt: str, taste: Taste, longest: int, tick: Tick = lambda: None
) -> str:
    """What MODEL, of at most LONGEST tokens, says in answer to PROMPT ("": of itself)."""
    begun = opening(words, prompt, longest - taste.longest)
    random = np.random.default_rng(taste.seed)
    made: list[int] = []
    with one_thread():  # the order of sums, and with it the last bit, depends on the threads
        for chances in _steps(model, begun, made):
            token = draw(chances, taste, random)
            if token == words.end:
                break
            made.append(token)
            tick()
            if len(made) >= taste.longest:
                break
    return words.decode(made).strip()


def opening(words: Words, prompt: str, room: int) -> list[int]:
    """The tokens before what is said: those of training, with PROMPT in the place of what is answered."""
    ids = words.encode([prompt])[0][-max(1, min(CONTEXT, room - 2)) :] if prompt else []
    return [words.end, *ids, words.end] if ids else [words.end]


def _steps(model: torch.nn.Module, begun: Sequence[int], made: list[int]):
    """The log-chances of the next token [V], again after each that was added to MADE."""
    import torch

    fed, past = list(begun), None
    while True:
        with torch.inference_mode():
            out = model(input_ids=torch.tensor([fed]), past_key_values=past, use_cache=True)
        past = out.past_key_values
        yield out.logits[0, -1].double().numpy()
        fed = [made[-1]]


def draw(scores: np.ndarray, taste: Taste, random: np.random.Generator) -> int:
    """A token by its SCORES [V]."""
    if taste.temperature <= 0:
        return int(scores.argmax())
    scaled = scores / taste.temperature
    chances = np.exp(scaled - scaled.max())
    chances /= chances.sum()
    order = np.argsort(-chances, kind="stable")
    mass = np.cumsum(chances[order])
    kept = order[: int(np.searchsorted(mass, taste.nucleus)) + 1]
    return int(
        kept[
            np.searchsorted(np.cumsum(chances[kept]), random.random() * chances[kept].sum(), "right").clip(
                0, len(kept) - 1
            )
        ]
    )
