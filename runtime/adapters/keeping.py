"""A session's adapters: what the program made is in memory, what is bound to names that are kept is on the disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from chorus.runtime.adapters import objects
from chorus.runtime.adapters.value import FACTORS, Adapter, Content
from chorus.runtime.errors import EvalError

if TYPE_CHECKING:
    import numpy as np

FOLDER = "adapters"


class Adapters:
    """FOLDER: where the workspace keeps them; None for a session without one, whose adapters end with it."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.held: dict[str, Content] = {}  # bound to a name, but not on the disk
        self.made: WeakValueDictionary[str, Adapter] = (
            WeakValueDictionary()
        )  # of one digest, as long as they are used

    def make(self, tensors: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Adapter:
        """An adapter of TENSORS; in memory only."""
        import hashlib

        content = Content(dict(tensors), dict(about))
        insist_on_pairs(content)
        digest = hashlib.sha256(objects.encoded(tensors, about)).hexdigest()
        known = self.made.get(digest)
        if known is None:
            known = self.made[digest] = Adapter((digest,), self.content)
        known.learn(content)
        return known

    def sum(self, digests: Sequence[str]) -> Adapter:
        """What DIGESTS stand for, added up; read when it is used."""
        if len(digests) == 1 and (known := self.made.get(digests[0])) is not None:
            return known
        made = Adapter(tuple(digests), self.content)
        if len(digests) == 1:
            self.made[digests[0]] = made
        return made

    def content(self, digest: str) -> Content:
        """What DIGEST stands for, verified if it comes from the disk."""
        known = self.made.get(digest)
        if known is not None and known.is_loaded:
            return known.contents[0]
        if digest in self.held:
            return self.held[digest]
        if self.folder is None:
            raise EvalError(
                f"no adapter {digest[:12]}… is known here",
                code="unknown-adapter",
                hint="this session has no workspace; start with the one that it was made in: --workspace DIR",
                irritants=(digest,),
            )
        return Content(*objects.get(self.folder, digest))

    def has(self, digest: str) -> bool:
        """Whether there is something under DIGEST, sound or not."""
        there = digest in self.held or digest in self.made
        return there or (self.folder is not None and objects.has(self.folder, digest))

    def found(self, start: str) -> str:
        """The one digest that begins with START."""
        fitting = {digest for digest in (*self.held, *self.made) if digest.startswith(start)}
        if len(start) >= 6 and len(fitting) == 1:
            return fitting.pop()
        if self.folder is None:
            raise EvalError(
                f"no adapter begins with {start}",
                code="unknown-adapter",
                hint="(adapters) lists those there are",
            )
        return objects.found(self.folder, start)

    def keep(self, adapter: Adapter, lasting: bool) -> None:
        """Have ADAPTER as long as the session lasts, or if it is to be LASTING as long as the workspace."""
        for digest in adapter.digests:
            if lasting and self.folder is not None:
                if not objects.is_sound(self.folder, digest):
                    objects.put(self.folder, *self.content(digest))
                self.held.pop(digest, None)
            elif digest not in self.held and not (self.folder and objects.has(self.folder, digest)):
                self.held[digest] = self.content(digest)

    def listed(self) -> list[str]:
        """The digests of all that is kept, on the disk or in memory."""
        on_disk = [] if self.folder is None else objects.listed(self.folder)
        return list(dict.fromkeys((*on_disk, *self.held)))


def insist_on_pairs(content: Content) -> None:
    """An adapter's arrays come in twos that fit: A [r,d] and B [o,r] of each layer."""
    tensors = content.tensors
    layers = {name.removesuffix(end) for name in tensors for end in FACTORS if name.endswith(end)}
    wanted = {layer + end for layer in layers for end in FACTORS}
    if not layers or wanted != set(tensors):
        odd = ", ".join(sorted(wanted ^ set(tensors))[:3])
        raise EvalError(
            f"an adapter is a pair A, B of matrices for each layer{': ' + odd if odd else ''}", code="adapter"
        )
    for layer in layers:
        a, b = (tensors[layer + end] for end in FACTORS)
        if a.ndim != 2 or b.ndim != 2 or a.shape[0] != b.shape[1]:
            raise EvalError(
                f"layer {layer}: A {a.shape} and B {b.shape} do not fit; A is rank × inputs, B outputs × rank",
                code="shape",
            )
        if not (_finite(a) and _finite(b)):
            raise EvalError(f"layer {layer} holds numbers that are not finite", code="range")


def _finite(array: np.ndarray) -> bool:
    import numpy as np

    return bool(np.isfinite(array).all())
