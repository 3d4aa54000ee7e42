"""Cross-encoders: models that read two texts together and say how well they go with each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from chorus.runtime.embed.folder import refuse_pickles
from chorus.runtime.errors import EvalError

BATCH = 64  # pairs between two looks at the clock


class CrossEncoder:
    """The model in a local folder; its weights are read at the first pair."""

    def __init__(self, path: str, device: str = "auto") -> None:
        self.folder = Path(path)
        self.device = device
        if not (self.folder / "config.json").is_file():
            raise EvalError(
                f"there is no cross-encoder in '{path}'",
                code="model",
                hint="give the folder of a sentence-transformers cross-encoder",
            )

    @cached_property
    def model(self) -> Any:
        from sentence_transformers import CrossEncoder as Loaded

        from chorus.runtime.devices import choose_device

        refuse_pickles(self.folder)
        try:
            made = Loaded(str(self.folder), device=choose_device(self.device), local_files_only=True)
        except (OSError, ValueError, KeyError) as problem:
            raise EvalError(
                f"the model in '{self.folder}' cannot be read: {problem}", code="model"
            ) from problem
        if made.config.num_labels != 1:
            raise EvalError(
                f"the model in '{self.folder}' gives {made.config.num_labels} numbers a pair, not one",
                code="model",
            )
        return made

    def scores(self, pairs: list[tuple[str, ...]], check: Callable[[], None]) -> list[float]:
        """From 0 to 1 for each of PAIRS."""
        found: list[float] = []
        for start in range(0, len(pairs), BATCH):
            check()
            part = [list(pair) for pair in pairs[start : start + BATCH]]
            found += [float(score) for score in self.model.predict(part, show_progress_bar=False)]
        return found

    def __lisp__(self) -> str:
        return f"#<cross-encoder {self.folder.name}>"
