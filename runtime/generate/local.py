"""A causal language model from a folder in Hugging Face's layout."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.generate.prompt import Quote, messages, plain


@lru_cache(maxsize=1)
def _load(path: str) -> tuple[Any, Any]:
    """(tokenizer, model); weights only as safetensors, nothing fetched, no code of the folder run."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if not (Path(path) / "config.json").is_file():
        raise EvalError(
            f"no language model in {path}: it has no config.json",
            hint="give a folder with config.json, tokenizer.json and model.safetensors",
        )
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(path, **safe)
        model = AutoModelForCausalLM.from_pretrained(path, use_safetensors=True, dtype="auto", **safe)
    except (OSError, ValueError, KeyError) as problem:
        raise EvalError(f"the language model in {path} could not be loaded: {problem}") from problem
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.nn.Module.to(model, device).eval()
    return tokenizer, model


def generate(path: str, question: str, quotes: Sequence[Quote], sentences: int, tokens: int = 200) -> str:
    """What the model in folder PATH writes to QUESTION given QUOTES; greedy, so that turns replay."""
    import torch

    tokenizer, model = _load(str(Path(path).expanduser().resolve()))
    turns = messages(question, quotes, sentences)
    if tokenizer.chat_template:
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    else:
        text = plain(turns)
    room = getattr(model.config, "max_position_embeddings", 4096) - tokens
    inputs = tokenizer(text, return_tensors="pt", truncation=True, max_length=max(room, 16))
    inputs = {name: inputs[name].to(model.device) for name in ("input_ids", "attention_mask")}  # [1, length]
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    with torch.inference_mode():
        made = model.generate(**inputs, max_new_tokens=tokens, do_sample=False, pad_token_id=pad)
    return tokenizer.decode(made[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
