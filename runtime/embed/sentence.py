"""Any other sentence-transformers folder, through the library itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.runtime.embed.precision import token_budget
from chorus.runtime.errors import EvalError

if TYPE_CHECKING:
    import numpy as np
    import torch


class SentenceModel:
    """The same two steps as `MiniLM`; a text's length is estimated from its characters."""

    def __init__(self, folder: Path, device: str, dtype: torch.dtype) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a path was given: nothing is to be fetched
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # of reading weights, which is not the user's work
        try:
            self.model = SentenceTransformer(
                str(folder),
                device=device,
                local_files_only=True,
                model_kwargs={"use_safetensors": True, "dtype": dtype},
            )
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as problem:
            raise EvalError(
                f"the embedding model in '{folder}' could not be loaded: {problem}",
                code="model",
                hint="it should be a folder that SentenceTransformer opens, with weights as safetensors",
            ) from problem
        self.budget = token_budget(device, dtype)
        self.dimension = int(self.model.encode(["x"], show_progress_bar=False).shape[1])

    def measure(self, texts: list[str]) -> tuple[list[Any], list[int]]:
        most = self.model.max_seq_length or 512
        return list(texts), [min(len(text) // 4 + 2, most) for text in texts]

    def run(self, items: list[str]) -> np.ndarray:
        """Unit rows float32[n, d]."""
        import numpy as np

        rows = self.model.encode(
            items,
            batch_size=len(items),
            show_progress_bar=False,
            normalize_embeddings=True,
            convert_to_numpy=True,
        )
        return np.ascontiguousarray(rows, dtype=np.float32)
