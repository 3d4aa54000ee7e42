"""A model that serves adapters: each row of a batch by its own, slow levels folded into its weights, new ones trained.

served = attach(model)
served.load([ada, bob])
with served.using([0, 1, -1]):   # a row each for ada, bob and the bare model
    model(**batch)
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from chorus.kernels.lora.adapter import Adapter, Delta, fingerprint, one_base
from chorus.kernels.lora.layers import Layer, Targets, layers_of
from chorus.kernels.lora.merge import fold
from chorus.kernels.lora.ops import apply, apply_one
from chorus.kernels.lora.pack import Pack, pack
from chorus.kernels.lora.plan import BASE, Plan, plan
from chorus.kernels.lora.slots import Slots, Snapshot
from chorus.runtime.errors import EvalError

Who = Adapter | int | str | Sequence[Adapter | int | str | None] | Tensor


@dataclass(eq=False)
class Active:
    """What passes through the model are changed by: one adapter for all rows (`whole`), or one for each (`plan`)."""

    whole: Mapping[str, Delta] = field(default_factory=dict)
    scale: float = 1.0  # of `whole`
    packs: Mapping[str, Pack] = field(default_factory=dict)
    plan: Plan | None = None
    snapshot: Snapshot | None = None  # kept, so that its rows are not written over
    plans: dict[torch.device, Plan] = field(default_factory=dict)  # `plan` where layers lie

    def plan_on(self, device: torch.device) -> Plan:
        if device not in self.plans and self.plan is not None:
            self.plans[device] = self.plan.to(device)
        return self.plans[device]


def attach(model: nn.Module, targets: Targets = None) -> Served:
    """MODEL made to serve adapters of the layers TARGETS (`layers_of`). Nothing changes until one is used."""
    return Served(model, layers_of(model, targets))


class Served:
    """A model and the adapters that it serves."""

    def __init__(self, model: nn.Module, layers: dict[str, Layer]) -> None:
        self.model = model
        self.layers = layers
        self._slots = Slots()
        self._originals: dict[str, Tensor] = {}
        self._learning = [weight for weight in model.parameters() if weight.requires_grad]
        model.requires_grad_(False)  # adapters learn, the model does not
        self._here = threading.local()  # .active: what this thread's passes are changed by
        self._hooks = [
            layer.module.register_forward_hook(self._hook(path), with_kwargs=True)
            for path, layer in layers.items()
        ]

    @cached_property
    def base(self) -> str:
        """The fingerprint of the model as it was attached, whatever has been folded into it since."""
        if self._originals:
            raise EvalError("the fingerprint is of the model without what was folded into it")
        return fingerprint(self.model)

    def load(self, adapters: Sequence[Adapter]) -> None:
        """Serve ADAPTERS, numbered as they come, in the place of those before."""
        self._slots.load([self.fitted(_settled(adapter)) for adapter in adapters])

    def swap(self, who: int | str, adapter: Adapter) -> None:
        """ADAPTER in the place of the loaded one WHO. Passes under way, in whatever thread, end with the old one."""
        self._slots.swap(self._slots.now.number(who), self.fitted(_settled(adapter)))

    @property
    def adapters(self) -> tuple[Adapter, ...]:
        """Those loaded, by number."""
        return self._slots.now.adapters

    def fitted(self, adapter: Adapter) -> Adapter:
        """ADAPTER on the device of each layer and in its kind of number, once it is known to belong to this model."""
        if adapter.base:
            one_base([adapter, Adapter(adapter.layers, 1.0, self.base)])
        made = {}
        for path, delta in adapter.layers.items():
            layer = self.layers.get(path)
            if layer is None:
                raise EvalError(f"{adapter.name or 'the adapter'} changes {path}, which is not served")
            if (delta.A.shape[1], delta.B.shape[0]) != (layer.d, layer.o):
                raise EvalError(
                    f"{path} goes from {layer.d} to {layer.o} numbers, its change from {delta.A.shape[1]} to "
                    f"{delta.B.shape[0]}"
                )
            learns = delta.A.requires_grad or delta.B.requires_grad
            weight = layer.module.weight
            made[path] = delta.to(weight.device) if learns else delta.to(weight.device, weight.dtype)
        return Adapter(made, adapter.alpha, adapter.base, adapter.name)

    @contextmanager
    def using(self, who: Who) -> Iterator[None]:
        """Passes within are changed by WHO: an adapter, or the number or name of a loaded one, for all rows; or one
        of these for each row of the batch (-1 or None: the base). Adapters for each row that learn are packed here, so
        this is entered anew for each step; one for all rows may learn throughout.
        """
        before = getattr(self._here, "active", None)
        self._here.active = self._active(who)
        try:
            yield
        finally:
            self._here.active = before

    def trainable(self, name: str, rank: int = 8, alpha: float | None = None, seed: int = 0) -> Adapter:
        """A new adapter of all layers that changes nothing yet; `using` it, its `parameters()` learn.

        A is drawn as the layers of torch are, B is zero.
        """
        if rank.__class__ is not int or rank < 1:
            raise EvalError(f"a rank is a whole number from 1 on, not {rank}", code="range")
        draw = torch.Generator().manual_seed(seed)
        made = {}
        for path, layer in self.layers.items():
            bound = 1 / math.sqrt(layer.d)
            a = (2 * torch.rand(rank, layer.d, generator=draw) - 1) * bound
            on = layer.module.weight.device
            made[path] = Delta(nn.Parameter(a.to(on)), nn.Parameter(torch.zeros(layer.o, rank, device=on)))
        return Adapter(made, float(rank if alpha is None else alpha), self.base, name)

    def fold(self, adapters: Sequence[Adapter]) -> None:
        """The slow levels ADAPTERS put into the weights, in the place of any folded before; `unfold` undoes it."""
        fitted = [self.fitted(adapter) for adapter in adapters]
        changed = list(dict.fromkeys(path for adapter in fitted for path in adapter.layers))
        tied = [path for path in changed if self.layers[path].tied]
        if tied:
            raise EvalError(
                f"{tied[0]} shares its weight with another layer, which would change, too",
                hint="name the layers to be served by `targets`",
            )
        _ = self.base  # taken before the weights change
        self.unfold()
        with torch.no_grad():
            for path in changed:
                layer = self.layers[path]
                deltas = [delta for adapter in fitted if (delta := adapter.delta(path)) is not None]
                made = fold(layer.weight, deltas)
                self._originals[path] = layer.module.weight.data
                layer.module.weight.data = made.T.contiguous() if layer.transposed else made

    def unfold(self) -> None:
        """The weights as they were attached, bit for bit: the very tensors, which were kept."""
        for path, weight in self._originals.items():
            self.layers[path].module.weight.data = weight
        self._originals.clear()

    def detach(self) -> None:
        """The model as it was before it served."""
        self.unfold()
        for hook in self._hooks:
            hook.remove()
        for weight in self._learning:
            weight.requires_grad_(True)
        self._hooks.clear()
        self._learning.clear()

    def _active(self, who: Who) -> Active:
        if isinstance(who, Adapter | int | str):
            return self._for_all(who)
        wanted: list[Any] = who.tolist() if isinstance(who, Tensor) else list(who)
        if any(isinstance(one, Adapter) for one in wanted):
            return self._for_fresh(wanted)
        now = self._slots.now
        rows = [BASE if one in (None, BASE) else now.rows[now.number(one)] for one in wanted]
        return Active(packs=_asked(now.packs, set(rows) - {BASE}), plan=plan(rows), snapshot=now)

    def _for_fresh(self, wanted: list[Adapter | None]) -> Active:
        """Adapters that are not loaded, one for each row: packed as they are now, so that they can learn."""
        fresh = list({id(one): one for one in wanted if isinstance(one, Adapter)}.values())
        if any(not isinstance(one, Adapter) and one not in (None, BASE) for one in wanted):
            raise EvalError("rows are told by adapters or by the numbers of loaded ones, not by both")
        known = {id(one): at for at, one in enumerate(fresh)}
        rows = [known.get(id(one), BASE) for one in wanted]
        return Active(packs=pack([self.fitted(one) for one in fresh]), plan=plan(rows, len(fresh)))

    def _for_all(self, who: Adapter | int | str) -> Active:
        if isinstance(who, Adapter):
            fitted = self.fitted(who)
            return Active(fitted.layers, fitted.scale)  # its very factors: they may learn while they are used
        if who == BASE:
            return Active()
        now = self._slots.now
        row = now.rows[now.number(who)]
        whole = {path: packed.delta(row) for path, packed in now.packs.items() if packed.ranks[row]}
        return Active(whole, snapshot=now)

    def _hook(self, path: str) -> Callable[..., Tensor | None]:
        """What adds to the output of the layer at PATH."""
        here = self._here

        def change(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], y: Tensor) -> Tensor | None:
            active: Active | None = getattr(here, "active", None)
            if active is None:
                return None
            x = args[0] if args else next(iter(kwargs.values()))
            if active.plan is None:
                delta = active.whole.get(path)
                return None if delta is None else apply_one(x, y, delta, active.scale)
            packed = active.packs.get(path)
            if packed is None:
                return None
            if x.shape[0] != len(active.plan.ids):
                raise EvalError(
                    f"{path} was given {x.shape[0]} rows, and adapters were named for {len(active.plan.ids)}",
                    hint="name one for each row of the batch, or one for all",
                )
            return apply(x, y, packed, active.plan_on(x.device))

        return change


def _asked(packs: Mapping[str, Pack], rows: set[int]) -> dict[str, Pack]:
    """PACKS as far as the adapters in ROWS reach: a layer that none of them changes is left out, and one of high rank
    makes only those batches dearer that it serves. On a GPU the kernels read packs whole.
    """
    most = {path: max((packed.ranks[row] for row in rows), default=0) for path, packed in packs.items()}
    return {
        path: packed if packed.A.is_cuda else packed.within(most[path])
        for path, packed in packs.items()
        if most[path]
    }


def _settled(adapter: Adapter) -> Adapter:
    """ADAPTER as it is now, should it still be learning; one that is no number anywhere is refused before it serves."""
    if not math.isfinite(adapter.scale) or not all(
        bool(part.isfinite().all()) for part in adapter.parameters()
    ):
        raise EvalError(f"{adapter.name or 'the adapter'} holds numbers that are not finite", code="range")
    return adapter.frozen() if any(part.requires_grad for part in adapter.parameters()) else adapter
