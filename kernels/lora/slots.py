"""The adapters that a model has at hand, by number, and how one is exchanged while others are served.

Readers take a snapshot and keep it; who writes puts the new adapter into a row that no snapshot in use knows, and then
publishes another snapshot (read-copy-update). No reader waits or sees half an adapter, and one row is copied, not all.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from chorus.kernels.lora.adapter import Adapter, Delta, one_base
from chorus.kernels.lora.pack import Pack, pack
from chorus.runtime.errors import EvalError

SPARE = 1  # rows kept free for exchanges; more are made when these are still in use


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The adapters as they were at one moment: number i lies in row rows[i] of each pack."""

    adapters: tuple[Adapter, ...] = ()
    rows: tuple[int, ...] = ()
    packs: Mapping[str, Pack] = field(default_factory=dict)

    def number(self, who: int | str) -> int:
        """The number of the adapter that is told by number or name."""
        if isinstance(who, str):
            found = [at for at, adapter in enumerate(self.adapters) if adapter.name == who]
            who = found[0] if len(found) == 1 else len(self.adapters)
        if who.__class__ is not int or not 0 <= who < len(self.adapters):
            names = ", ".join(f"{at} {adapter.name}".rstrip() for at, adapter in enumerate(self.adapters))
            raise EvalError("no adapter, or more than one, is loaded by that name", hint=f"loaded: {names}")
        return who


class Slots:
    """The current snapshot, and those before it that somebody still reads."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._read: weakref.WeakSet[Snapshot] = weakref.WeakSet()
        self.now = Snapshot()

    def load(self, adapters: Sequence[Adapter]) -> None:
        """ADAPTERS in the place of all before."""
        with self._writing:
            self._publish(_packed(adapters))

    def swap(self, at: int, adapter: Adapter) -> None:
        """ADAPTER as number AT, one of those loaded; who began before goes on with the old one."""
        with self._writing:
            now = self.now
            adapters = (*now.adapters[:at], adapter, *now.adapters[at + 1 :])
            one_base(adapters)
            row = self._free_row()
            if row is None or not _fits(adapter, now.packs):
                self._publish(_packed(adapters))
                return
            packs = {
                path: _written(packed, row, adapter.layers.get(path), adapter.scale)
                for path, packed in now.packs.items()
            }
            self._publish(Snapshot(adapters, (*now.rows[:at], row, *now.rows[at + 1 :]), packs))

    def _publish(self, snapshot: Snapshot) -> None:
        self._read.add(snapshot)
        self.now = snapshot

    def _free_row(self) -> int | None:
        """A row of the packs that no snapshot in use knows. Those of other packs keep more rows than need be."""
        kept = {row for snapshot in self._read for row in snapshot.rows}
        packs = list(self.now.packs.values())
        count = len(packs[0].ranks) if packs else 0
        return next((row for row in range(count) if row not in kept), None)


def _packed(adapters: Sequence[Adapter]) -> Snapshot:
    """Fresh packs of ADAPTERS, and of rows to spare."""
    if not adapters:
        return Snapshot()
    with torch.inference_mode(False), torch.no_grad():  # rows are written later on, by whomever
        packs = pack([*adapters, *[adapters[0]] * SPARE])
    return Snapshot(tuple(adapters), tuple(range(len(adapters))), packs)


def _fits(adapter: Adapter, packs: Mapping[str, Pack]) -> bool:
    """Whether ADAPTER has no layer and no rank that the packs have no room for."""
    return all(
        path in packs and delta.rank <= packs[path].A.shape[1] and delta.A.dtype == packs[path].A.dtype
        for path, delta in adapter.layers.items()
    )


def _written(packed: Pack, row: int, delta: Delta | None, scale: float) -> Pack:
    """PACKED with DELTA in ROW, the tensors being the same."""
    rank = 0 if delta is None else delta.rank
    with torch.inference_mode(False), torch.no_grad():
        packed.A[row].zero_()
        packed.B[row].zero_()
        if delta is not None:
            packed.A[row, :rank] = delta.A
            packed.B[row, :, :rank] = delta.B
        packed.scale[row] = scale
    return packed._replace(ranks=(*packed.ranks[:row], rank, *packed.ranks[row + 1 :]))
