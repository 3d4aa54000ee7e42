"""Models at hand: a session opens each base once, and keeps it attached to serve adapters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.kernels.voice.model import Base, opened, restored
from chorus.runtime.errors import EvalError
from chorus.runtime.values import HashTable, Keyword

if TYPE_CHECKING:
    from chorus.kernels.lora.adapter import Adapter
    from chorus.kernels.lora.chain import Served


def at_hand(ctx: Any, given: HashTable) -> tuple[Base, Served]:
    """The base GIVEN, as the workspace opened it, and what serves its adapters."""
    from chorus.kernels.lora.chain import attach

    _, digest, arrays, about = _part(given)
    models = _models(ctx)
    if digest not in models:
        if about["kind"] == "folder":
            raise EvalError(
                f"the voices' base is the model in {about['folder']}, which was not opened",
                code="model",
                hint="it needs the capability `read`",
            )
        base = restored(arrays, about)
        models.clear()  # one at a time: they are what takes memory
        models[digest] = base, attach(base.model)
    return models[digest]


def load_folder(ctx: Any, given: HashTable) -> None:
    """Have the model of a folder at hand that the base GIVEN names, if it names one."""
    from chorus.kernels.lora.chain import attach

    _, digest, _, about = _part(given)
    models = _models(ctx)
    if about["kind"] != "folder" or digest in models:
        return
    base = opened(Path(about["folder"]))
    served = attach(base.model)
    if served.base != about["fingerprint"]:
        raise EvalError(
            f"the model in {about['folder']} is not the one that the voices were trained on",
            code="model",
            hint="(train-voice-base! :from …) and (train-voices!) train them on this one",
        )
    models.clear()
    models[digest] = base, served


def speaking(ctx: Any, given: HashTable, voice: Any) -> tuple[Base, Served, Adapter | None]:
    """The base GIVEN, what serves it, and the adapter of VOICE: a part of the voices, one of the language's, or #f."""
    from chorus.kernels.lora.adapter import Adapter
    from chorus.kernels.lora.values import is_value, kernel_of

    base, served = at_hand(ctx, given)
    if voice is False:
        return base, served, None
    if is_value(voice):
        return base, served, kernel_of(voice, "speak")
    _, _, arrays, about = _part(HashTable([(Keyword("parts"), [voice])]))
    return base, served, Adapter.of(arrays, about)


def adapted(ctx: Any, given: HashTable) -> str:
    """A folder of the workspace with the session's encoder, the adapter GIVEN in its weights."""
    from chorus.kernels.lora.adapter import Adapter
    from chorus.kernels.voice.contrast import is_as_written, write_adapted

    about = given.get(Keyword("about"))
    _, digest, arrays, told = _part(given)
    folder = ctx.workspace.expanduser() / "voices" / f"encoder-{digest[:16]}"
    if is_as_written(folder):
        return str(folder)
    if about.get(Keyword("model")) != ctx.embedder.model:
        raise EvalError(
            "the adapter was trained on another encoder than this session's",
            code="model",
            hint="(use-embedding-model!) goes back to it, or (train-encoder-adapter!) trains one for this",
        )
    write_adapted(ctx.embedder.folder, Adapter.of(arrays, told), folder)
    return str(folder)


def _part(given: HashTable) -> list[Any]:
    """The first part of what `%open-voices` opened: its name, digest, arrays and what is said about it."""
    parts: Any = given.get(Keyword("parts"), None)
    first: Any = next(iter(parts), None) if hasattr(parts, "__iter__") else None
    part = list(first) if hasattr(first, "__iter__") else []
    if len(part) != 4 or part[2].__class__ is not dict or part[3].__class__ is not dict:
        raise EvalError(
            "no voices were opened", code="unknown-voice", hint='(%open-voices "base") opens them'
        )
    return part


def _models(ctx: Any) -> dict[str, Any]:
    return ctx.__dict__.setdefault("_voice_models", {})
