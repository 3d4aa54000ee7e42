"""The one door to embeddings: a model folder, opened at the first text, and `encode`."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chorus.runtime import cache
from chorus.runtime.embed.folder import (
    DEFAULT_MODEL,
    Settings,
    default_folder,
    digest,
    refuse_pickles,
    state,
)
from chorus.runtime.errors import EvalError
from chorus.runtime.spent import spending

if TYPE_CHECKING:
    import numpy as np

SHORT = 2_000  # characters that are encoded sooner without torch than torch is imported
LAST = 2  # layers that `within` leaves out
FEW_TOKENS = 512  # up to so many, as of a question, one thread is soonest done


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
        """From a session's `embedding-model`, `device` and `precision`; else $CHORUS_EMBEDDING_MODEL,
        $CHORUS_DEVICE. Sessions of a process share one, and its weights, as long as the model's files stay as they are.
        """
        path = options.get("embedding-model") or os.environ.get("CHORUS_EMBEDDING_MODEL")
        device = options.get("device") or os.environ.get("CHORUS_DEVICE") or "auto"
        folder = default_folder() if path is None else Path(path)
        return _shared(folder, device, options.get("precision") or "auto", state(folder))

    @cached_property
    def model(self) -> str:
        """The model's identity, name and content digest: vectors of different models are never mixed."""
        name = DEFAULT_MODEL if self.folder == default_folder() else self.folder.name
        return f"{name}@{digest(self.folder)}"

    @cached_property
    def encoder(self) -> Encoder:
        """The loaded model: our own encoder where the folder is a BERT that it knows, else
        sentence-transformers.
        """
        from chorus.runtime.devices import choose_device
        from chorus.runtime.embed.precision import choose_precision

        refuse_pickles(self.folder)
        device = choose_device(self.wanted_device)
        dtype = choose_precision(self.precision, device)
        if self._settings is not None:
            from chorus.runtime.embed.minilm import MiniLM

            return MiniLM(self.folder, self._settings, device, dtype)
        from chorus.runtime.embed.sentence import SentenceModel

        return SentenceModel(self.folder, device, dtype)

    @cached_property
    def _settings(self) -> Settings | None:
        return Settings.read(self.folder)

    @cached_property
    def _plain(self) -> Encoder:
        from chorus.runtime.embed.reference import PlainBert

        assert self._settings is not None
        return PlainBert(self.folder, self._settings)

    def _encoder_for(self, texts: list[str]) -> Encoder:
        """The encoder that has TEXTS done first: for a question typed at the shell, one without torch."""
        indifferent = self.wanted_device in ("auto", "cpu") and self.precision in ("auto", "fp32")
        sooner = (
            "encoder" not in self.__dict__ and "torch" not in sys.modules and sum(map(len, texts)) <= SHORT
        )
        return self._plain if indifferent and sooner and self._settings is not None else self.encoder

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self._encoder_for([]).dimension

    def constant(self, texts: list[str]) -> np.ndarray:
        """`encode` of TEXTS that belong to the program: what one process made is kept for those that follow."""
        import numpy as np

        name = f"vectors-{zlib.crc32(chr(0).join(texts).encode()):08x}"
        stamp = (self.model, self.wanted_device, self.precision)
        kept = cache.value(name, stamp)
        if kept is not None:
            return np.frombuffer(kept, np.float32).reshape(len(texts), -1)
        made = self.encode(texts)
        cache.write(name, stamp, made.tobytes())
        return made

    @spending("model")
    def encode(self, texts: list[str], check: Callable[[], None] | None = None) -> np.ndarray:
        """Unit rows float32[n, d], row i for TEXTS[i]; equal texts are computed once.

        CHECK is called before each batch and may raise, so that Ctrl-C and limits are heard within a batch's
        time.
        """
        unique, rows = _unique(texts)
        encoder = self._encoder_for(unique)
        return _in_batches(encoder, encoder.run, unique, check)[rows]

    def within(self, texts: list[str], check: Callable[[], None] | None = None) -> np.ndarray:
        """float32[n, d]: the mean state of each of TEXTS below the LAST layers of the encoder."""
        from chorus.runtime.embed.minilm import MiniLM

        encoder = self.encoder
        if not isinstance(encoder, MiniLM) or len(encoder.layers) <= LAST:
            raise EvalError(
                f"one cannot look into the encoder {self.model}: it is no BERT of more than {LAST} layers",
                code="model",
                hint="use such a model: (use-embedding-model! …)",
            )
        unique, rows = _unique(texts)
        means, below = encoder.means, len(encoder.layers) - LAST
        return _in_batches(encoder, lambda items: means(items, below), unique, check)[rows]


def _unique(texts: list[str]) -> tuple[list[str], list[int] | slice]:
    """TEXTS without repetition, and the place of each."""
    places: dict[str, int] = {}
    rows = [places.setdefault(_encodable(text), len(places)) for text in texts]
    return list(places), slice(None) if len(places) == len(rows) else rows


def _in_batches(
    encoder: Encoder,
    run: Callable[[list[Any]], np.ndarray],
    texts: list[str],
    check: Callable[[], None] | None,
) -> np.ndarray:
    """What RUN makes of TEXTS as ENCODER measures them, float32[n, d]."""
    import numpy as np

    from chorus.runtime.embed.batches import plan_batches
    from chorus.runtime.pools import one_thread

    items, lengths = encoder.measure(texts) if texts else ([], [])
    made = np.empty((len(texts), encoder.dimension), dtype=np.float32)
    with one_thread() if sum(lengths) <= FEW_TOKENS else nullcontext():
        for batch in plan_batches(lengths, encoder.budget):
            if check is not None:
                check()
            made[batch] = run([items[at] for at in batch])
    return made


@lru_cache(maxsize=2)
def _shared(folder: Path, device: str, precision: str, state: Any) -> Embedder:
    return Embedder(folder, device, precision)


def _encodable(text: str) -> str:
    """TEXT without lone surrogates, which no tokenizer takes; each becomes `?`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
