"""An adapter of the sentence encoder, learnt from who answers what: a reply is to lie near what it answers.

InfoNCE over a batch, both ways: the other replies of the batch are what a message is not answered by (van den Oord
et al. 2018, arXiv:1807.03748; Henderson et al. 2017, arXiv:1705.00652 as multiple negatives ranking). What says the
same, or stands in the same thread, is no negative. The last layers learn, by low-rank changes; nothing else does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chorus.kernels.voice.model import quiet
from chorus.kernels.voice.training import Tick, pace
from chorus.runtime.errors import EvalError

if TYPE_CHECKING:
    import torch

    from chorus.kernels.lora.adapter import Adapter
    from chorus.kernels.lora.chain import Served

TOKENS = 64  # of a text, at most
LAYERS = 2  # that learn, the last
RANK = 8
WEIGHTS = "model.safetensors"
WRITTEN = "written.sha256"  # of the weights of an encoder with an adapter in them


class Pair(NamedTuple):
    """A message, its reply, and the thread in which both stand."""

    asked: str
    reply: str
    thread: str


@dataclass(frozen=True)
class Lesson:
    """How an encoder's adapter is learnt."""

    passes: int = 2
    rate: float = 1e-3
    batch: int = 32
    temperature: float = 0.05
    rank: int = RANK
    seed: int = 0


@dataclass
class Encoder:
    """A sentence encoder as a module, so that it can learn."""

    model: Any
    tokenizer: Any
    by_mean: bool

    @classmethod
    def open(cls, folder: Path) -> Encoder:
        """The encoder in FOLDER, of sentence-transformers' layout; weights as safetensors only."""
        from transformers import AutoModel, AutoTokenizer

        quiet()
        safe = {"local_files_only": True, "trust_remote_code": False}
        try:
            tokenizer = AutoTokenizer.from_pretrained(str(folder), **safe)
            model = AutoModel.from_pretrained(str(folder), use_safetensors=True, dtype="float32", **safe)
            pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
        except Exception as problem:  # whatever the libraries make of a folder that somebody gave
            raise EvalError(
                f"the encoder in {folder} could not be loaded: {problem}", code="model"
            ) from problem
        by_first = pooling.get("pooling_mode_cls_token") or pooling.get("pooling_mode") == "cls"
        return cls(model.eval(), tokenizer, not by_first)

    def last_layers(self, count: int = LAYERS) -> str:
        """A pattern of the linear layers in the last COUNT layers."""
        numbers = [int(found[1]) for name, _ in self.model.named_modules() if (found := _LAYER.search(name))]
        if not numbers:
            raise EvalError("the encoder has no numbered layers to learn in", code="model")
        last = range(max(numbers) + 1)[-count:]
        return rf".*\blayers?\.({'|'.join(map(str, last))})\..*"

    def __call__(self, texts: Sequence[str]) -> torch.Tensor:
        """Unit rows [n, d] of TEXTS, through which gradients flow."""
        import torch.nn.functional as F

        made = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=TOKENS,
            return_tensors="pt",
            split_special_tokens=True,
        )
        mask = made["attention_mask"][..., None].float()  # [n, t, 1]
        hidden = self.model(**made).last_hidden_state  # [n, t, d]
        pooled = (hidden * mask).sum(1) / mask.sum(1) if self.by_mean else hidden[:, 0]
        return F.normalize(pooled, dim=1)

    def vectors(self, texts: Sequence[str], tick: Tick = lambda: None, batch: int = 64) -> np.ndarray:
        """Unit rows f32[n, d] of TEXTS; equal ones are computed once."""
        import torch

        places: dict[str, int] = {}
        rows = [places.setdefault(text, len(places)) for text in texts]
        order = sorted(places, key=len)
        made = np.zeros((len(places), self.model.config.hidden_size), np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), batch):
                some = order[start : start + batch]
                made[[places[text] for text in some]] = self(some).numpy()
                tick()
        return made[rows]


_LAYER = re.compile(r"\blayers?\.(\d+)\.")


def train_encoder(
    served: Served, encoder: Encoder, pairs: Sequence[Pair], lesson: Lesson, tick: Tick = lambda: None
) -> Adapter:
    """An adapter of the layers SERVED of ENCODER, learnt on PAIRS."""
    import torch

    made = served.trainable("encoder", lesson.rank, alpha=2.0 * lesson.rank, seed=lesson.seed)
    optimiser = torch.optim.AdamW(made.parameters(), lr=lesson.rate, weight_decay=0.0)
    random = np.random.default_rng(lesson.seed)
    step, total = 0, lesson.passes * steps_of(pairs, lesson)
    for _ in range(lesson.passes):
        order = random.permutation(len(pairs))
        for start in range(0, len(order), lesson.batch):
            batch = [pairs[at] for at in order[start : start + lesson.batch]]
            for group in optimiser.param_groups:
                group["lr"] = lesson.rate * pace(step, total)
            with served.using(made):
                loss = info_nce(
                    encoder([pair.asked for pair in batch]),
                    encoder([pair.reply for pair in batch]),
                    torch.tensor(negatives(batch)),
                    lesson.temperature,
                )
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
            torch.nn.utils.clip_grad_norm_(made.parameters(), 1.0)
            optimiser.step()
            step += 1
            tick()
    return made.frozen()


def steps_of(pairs: Sequence[Pair], lesson: Lesson) -> int:
    return -(-len(pairs) // lesson.batch)


def info_nce(a: torch.Tensor, b: torch.Tensor, may: torch.Tensor, temperature: float) -> torch.Tensor:
    """Of unit rows A and B [n, d] the loss of telling row i's partner from the rows that MAY [n, n] be its
    negatives.
    """
    import torch
    import torch.nn.functional as F

    scores = (a @ b.T) / temperature  # [n, n]
    scores = scores.masked_fill(~(may | torch.eye(len(a), dtype=torch.bool)), -torch.inf)
    right = torch.arange(len(a))
    return (F.cross_entropy(scores, right) + F.cross_entropy(scores.T, right)) / 2


def negatives(batch: Sequence[Pair]) -> np.ndarray:
    """Which pairs of BATCH may be each other's negatives: bool[n, n], of different threads and texts; symmetric."""
    apart = np.ones((len(batch), len(batch)), bool)
    for field in Pair._fields:
        values = np.array([getattr(pair, field) for pair in batch], object)
        apart &= values[:, None] != values[None, :]
    return apart


def write_adapted(folder: Path, adapter: Adapter, target: Path) -> None:
    """TARGET as a copy of the encoder's FOLDER with ADAPTER added to its weights: any program that opens the one
    opens the other.
    """
    import shutil

    from safetensors.torch import save_file

    weights = _weights(folder)
    for path in adapter.layers:
        name = next((name for name in (f"{path}.weight", f"bert.{path}.weight") if name in weights), None)
        delta = adapter.delta(path)
        if name is None or delta is None:
            raise EvalError(f"the encoder in {folder} has no layer {path}", code="model")
        weights[name] = weights[name] + delta.B @ delta.A
    aside = target.with_name(target.name + ".aside")
    shutil.rmtree(aside, ignore_errors=True)
    keep = shutil.ignore_patterns("*.safetensors", "*.bin", "onnx", "openvino", ".git*")
    shutil.copytree(folder, aside, ignore=keep)
    save_file(weights, aside / WEIGHTS, metadata={"format": "pt"})
    (aside / WRITTEN).write_text(_digest(aside / WEIGHTS), encoding="ascii")
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)


def is_as_written(folder: Path) -> bool:
    """Whether FOLDER holds what `write_adapted` wrote there."""
    try:
        return (folder / WRITTEN).read_text(encoding="ascii") == _digest(folder / WEIGHTS)
    except (OSError, ValueError):
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    try:
        return load_file(folder / WEIGHTS)
    except OSError as problem:
        raise EvalError(f"the encoder in {folder} has no {WEIGHTS}", code="model") from problem
