"""The rows of a batch sorted by the adapter that each wants, so that every adapter's rows lie side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from chorus.runtime.errors import EvalError

BASE = -1  # of a row that no adapter changes


class Plan(NamedTuple):
    """T rows for L adapters: those of adapter l are `order[starts[l]:starts[l+1]]`, those of the base come before."""

    order: Tensor  # [T] of rows, sorted stably
    starts: tuple[int, ...]  # L+1
    inverse: Tensor  # [T]: where each row went
    ids: Tensor  # [T], as they were given

    @property
    def segments(self) -> list[tuple[int, int, int]]:
        """(adapter, first, past the last) in the sorted order, for each adapter that has rows."""
        return [
            (at, first, last)
            for at, (first, last) in enumerate(zip(self.starts, self.starts[1:], strict=False))
            if last > first
        ]


def plan(ids: Sequence[int] | Tensor, count: int | None = None, device: object = "cpu") -> Plan:
    """What IDS of rows come to: each -1 or the number of an adapter, of which there are COUNT."""
    given = torch.as_tensor(ids, dtype=torch.int64).cpu()
    highest = int(given.max()) if given.numel() else BASE
    least = int(given.min()) if given.numel() else BASE
    count = highest + 1 if count is None else count
    if given.dim() != 1 or least < BASE or highest >= count:
        raise EvalError(
            f"a row's adapter is {BASE} (the base) or from 0 to {count - 1}", irritants=(least, highest)
        )
    order = torch.argsort(given, stable=True)
    inverse = torch.empty_like(order)
    inverse[order] = torch.arange(len(order))
    sizes = torch.bincount(given + 1, minlength=count + 1)  # [L+1], the base first
    starts = tuple(torch.cumsum(sizes, 0).tolist())
    on = torch.device(str(device))
    return Plan(order.to(on), starts, inverse.to(on), given.to(on))
