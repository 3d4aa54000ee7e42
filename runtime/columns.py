"""Columns of numbers from the store as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow


def numbers(column: pyarrow.ChunkedArray, kind: Any) -> np.ndarray:
    """COLUMN of numbers, none missing, as an array of KIND of its own.

    Not by Arrow's `to_numpy`, which imports pandas: a third of a second of the first question of a process.
    """
    parts = [np.from_dlpack(chunk) for chunk in column.chunks if len(chunk)]
    return np.concatenate(parts).astype(kind, copy=False) if parts else np.zeros(0, kind)


def places(rows: np.ndarray) -> pyarrow.Array:
    """ROWS i64[n] as what `take` takes: an array made of them would import pandas as well."""
    import pyarrow as pa

    return pa.Array.from_buffers(
        pa.int64(), len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows, np.int64))]
    )
