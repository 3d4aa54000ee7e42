"""The language model under all voices: a small GPT made from a table of sizes, or any causal model in a folder.

Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, as `transformers` has it. A folder is
read by that library as everywhere: its files only, safetensors only, no code of the folder run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.kernels.voice.words import Given, Learnt
from chorus.runtime.errors import EvalError

if TYPE_CHECKING:
    import numpy as np
    import torch

    from chorus.kernels.voice.lines import Words

CONFIG = ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head")
SIZES: dict[str, tuple[int, int, int]] = {  # width, layers, heads
    "nano": (64, 2, 2),
    "small": (128, 3, 4),
    "medium": (256, 4, 4),
}
POSITIONS = 128
# Of first weights, times √width: GPT-2's .02 is for 768 wide, and has narrow models learn slowly.
SPREAD = 0.64


@dataclass
class Base:
    """A model, its tokenizer, and what it is: the shape of our own, or the folder of another's."""

    model: torch.nn.Module
    words: Words
    about: dict[str, Any]

    @property
    def longest(self) -> int:
        """Tokens that a row may have."""
        config: Any = self.model.config
        return int(getattr(config, "max_position_embeddings", 0) or POSITIONS)

    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters())


def fresh(words: Learnt, size: str = "small", seed: int = 0) -> Base:
    """An untrained GPT of SIZE for the tokens of WORDS; the same for the same SEED."""
    import torch

    width, layers, heads = SIZES[size]
    shape = dict(zip(CONFIG, (words.size, POSITIONS, width, layers, heads), strict=True))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _gpt(shape, words.end)
    return Base(model, words, {"kind": "gpt", "size": size, "shape": shape})


def _gpt(shape: dict[str, int], end: int) -> torch.nn.Module:
    from transformers import GPT2Config, GPT2LMHeadModel

    quiet()
    # A few passes are too few to need any dropout.
    dropout = dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0)
    spread = SPREAD / shape["n_embd"] ** 0.5
    config = GPT2Config(**shape, **dropout, initializer_range=spread, bos_token_id=end, eos_token_id=end)
    return GPT2LMHeadModel(config).eval()


def opened(folder: Path) -> Base:
    """The causal model in FOLDER, if it is one whole: the library itself fills in what a file lacks by lot."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    quiet()
    if not (folder / "config.json").is_file():
        raise EvalError(
            f"no language model in {folder}: it has no config.json",
            code="model",
            hint="give a folder with config.json, tokenizer.json and model.safetensors",
        )
    if not any(folder.glob("*.safetensors")):
        raise EvalError(
            f"the language model in {folder} has no weights as safetensors",
            code="model",
            hint="other formats run code when they are opened: convert it",
        )
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), **safe)
        model, found = AutoModelForCausalLM.from_pretrained(
            str(folder), use_safetensors=True, dtype="float32", output_loading_info=True, **safe
        )
    except Exception as problem:  # whatever the library makes of a folder that somebody gave
        raise _no_model(folder, f"could not be loaded: {_first_sentence(problem)}") from problem
    base = Base(model.eval(), Given(tokenizer), {"kind": "folder", "folder": str(folder)})
    _refuse_unfit(folder, base, tokenizer, sorted(found["missing_keys"]))
    return base


def _refuse_unfit(folder: Path, base: Base, tokenizer: Any, missing: list[str]) -> None:
    """An error if the model of BASE, to which its files gave all weights but those MISSING, cannot be the base of
    voices.
    """
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise _no_model(
            folder, f"lacks the weights {missing[0]}{more}: its files are not those of a causal model"
        )
    if tokenizer.eos_token_id is None:
        raise _no_model(folder, "has a tokenizer without an end of text")
    words = base.words
    if not words.decode(words.encode(["hello there"])[0]).strip():
        raise _no_model(folder, "has no tokenizer: texts come back empty")
    rows = int(base.model.get_input_embeddings().num_embeddings)  # type: ignore[operator]
    if max(tokenizer.get_vocab().values()) >= rows:
        raise _no_model(
            folder, f"knows {rows} tokens, its tokenizer {words.size}: they do not belong together"
        )
    if not all(bool(weight.isfinite().all()) for weight in base.model.parameters()):
        raise _no_model(folder, "has weights that are not finite numbers")
    if not is_causal(base):
        raise _no_model(
            folder, "looks ahead: what stands later changes what it foretells, so it cannot speak"
        )


def is_causal(base: Base) -> bool:
    """Whether what BASE foretells at a place depends only on what stands before: a model for filling in gaps can be
    opened like any other.
    """
    import torch

    ids = torch.arange(min(8, base.longest)) % base.words.size
    seen = len(ids) // 2
    other = torch.cat([ids[:seen], ids[seen:].flip(0)])
    with torch.inference_mode():
        one, two = base.model(input_ids=torch.stack([ids, other])).logits[:, :seen]
    return bool((one - two).abs().max() <= 1e-5 * one.abs().max())


def _no_model(folder: Path, problem: str) -> EvalError:
    return EvalError(
        f"the language model in {folder} {problem}",
        code="model",
        hint="(train-voice-base! :from …) takes a causal model with its tokenizer, as `save_pretrained` writes them",
    )


def _first_sentence(problem: Exception) -> str:
    """What PROBLEM says first: libraries go on for pages, and advise to run the folder's code."""
    said = str(problem).strip().split("\n")[0].split(". ")[0].rstrip(".")
    if isinstance(problem, (OSError, ValueError, RuntimeError)) or " " in said:
        return said[:200]
    return f"{type(problem).__name__} {said[:200]}"


def kept(base: Base) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """BASE, one of our own, as arrays and what they are: what `restored` takes."""
    import numpy as np

    assert isinstance(base.words, Learnt)
    arrays = {
        name: w.detach().numpy() for name, w in base.model.state_dict().items() if name != "lm_head.weight"
    }
    spelled = base.words.spelled().encode()
    return arrays | {"words": np.frombuffer(spelled, np.uint8)}, base.about


def restored(arrays: dict[str, np.ndarray], about: dict[str, Any]) -> Base:
    """What `kept` kept."""
    import torch

    words = Learnt.read(arrays["words"].tobytes().decode())
    model = _gpt(about["shape"], words.end)
    weights = {name: torch.from_numpy(array.copy()) for name, array in arrays.items() if name != "words"}
    weights["lm_head.weight"] = weights["transformer.wte.weight"]  # tied
    model.load_state_dict(weights)
    return Base(model.eval(), words, about)


def quiet() -> None:
    """Keep the library from looking for anything outside, and from drawing bars of its own."""
    import os

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
