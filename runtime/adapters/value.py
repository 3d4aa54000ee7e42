"""An adapter as the language has it: low-rank changes of named layers, known by the digests of its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from chorus.runtime.errors import EvalError

if TYPE_CHECKING:
    import numpy as np

SHOWN = 8  # digits of a digest that people see
FACTORS = (".A", ".B")  # what a tensor's name adds to its layer's: A [r,d], B [o,r]


class Content(NamedTuple):
    """What one digest stands for. TENSORS are `layer.A` and `layer.B`; ABOUT says alpha, base and name."""

    tensors: dict[str, np.ndarray]
    about: dict[str, Any]

    @property
    def layers(self) -> dict[str, tuple[int, int, int]]:
        """Layer → (outputs, inputs, rank)."""
        found = {}
        for name, a in self.tensors.items():
            if name.endswith(FACTORS[0]):
                layer = name.removesuffix(FACTORS[0])
                b = self.tensors[layer + FACTORS[1]]
                found[layer] = (b.shape[0], a.shape[1], a.shape[0])
        return found


class Adapter:
    """The sum of what DIGESTS stand for, in their order; OPEN gives the content of each when it is first needed."""

    __slots__ = ("__weakref__", "_contents", "digests", "open")

    def __init__(self, digests: tuple[str, ...], open: Callable[[str], Content]) -> None:
        self.digests = digests
        self.open = open
        self._contents: tuple[Content, ...] | None = None

    @property
    def contents(self) -> tuple[Content, ...]:
        """Verified when they were read, and known to belong together."""
        if self._contents is None:
            found = tuple(map(self.open, self.digests))
            insist_on_one_base(found)
            self._contents = found
        return self._contents

    @property
    def is_loaded(self) -> bool:
        return self._contents is not None

    def learn(self, content: Content) -> None:
        """CONTENT is what its one digest stands for: it need not be opened."""
        self._contents = (content,)

    # — what it is —

    @property
    def name(self) -> str:
        return "+".join(dict.fromkeys(str(each.about.get("name") or "unnamed") for each in self.contents))

    @property
    def base(self) -> str:
        """The fingerprint of what it changes; "" if it may be anything of its sizes."""
        return next((base for each in self.contents if (base := base_of(each))), "")

    @property
    def layers(self) -> dict[str, tuple[int, int, int]]:
        """Layer → (outputs, inputs, rank); the ranks of a sum's parts add up."""
        found: dict[str, tuple[int, int, int]] = {}
        for content in self.contents:
            for layer, (o, d, r) in content.layers.items():
                found[layer] = (o, d, r + (found[layer][2] if layer in found else 0))
        return found

    @property
    def rank(self) -> int:
        return max((rank for _, _, rank in self.layers.values()), default=0)

    # — as a value —

    def __kept__(self) -> tuple[str, list[Any]]:
        """The call that gives it back: a name of the language and what it is given."""
        return "adapter", list(self.digests)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Adapter) and self.digests == other.digests

    def __hash__(self) -> int:
        return hash(self.digests)

    def __lisp__(self) -> str:
        """#<adapter voice rank 8 3f2a91c0 of minilm>, and what is wrong with one that cannot be read."""
        digests = "+".join(digest[:SHOWN] for digest in self.digests)
        try:
            base = self.base
            of = f" of {base[:SHOWN] if len(base) == 64 else base}" if base else ""
            return f"#<adapter {self.name} rank {self.rank} {digests}{of}>"
        except Exception as problem:  # printing must not fail
            return f"#<adapter {digests}: {getattr(problem, 'code', 'unreadable')}>"


def base_of(content: Content) -> str:
    return str(content.about.get("base") or "")


def insist_on_one_base(contents: tuple[Content, ...]) -> None:
    """Adapters add up only if they change the same layers of the same thing."""
    bases = list(dict.fromkeys(base for each in contents if (base := base_of(each))))
    if len(bases) > 1:
        raise EvalError(
            "these adapters belong to different models: " + ", ".join(base[:24] for base in bases),
            code="adapter",
            hint="adapters under one name in a chain of frames are added up, so they must change the same model: "
            "give this one another name",
        )
    sizes: dict[str, tuple[int, int]] = {}
    for content in contents:
        for layer, (o, d, _) in content.layers.items():
            if sizes.setdefault(layer, (o, d)) != (o, d):
                (o2, d2) = sizes[layer]
                raise EvalError(
                    f"the layer {layer} has {o2}×{d2} numbers in one adapter and {o}×{d} in another",
                    code="adapter",
                    hint="they were made for different models, or for different embedding models",
                )
