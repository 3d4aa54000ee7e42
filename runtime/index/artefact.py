"""Files of arrays that are derived from the store: written whole, tied to what they were made from, checked
before use.

The layout is that of safetensors, so any tool can look inside; the header's metadata holds what the file was
made from and a digest over everything. 116 of 160 bit flips in a FAISS file load without complaint: nothing
in such a file is believed before its digest is.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chorus.runtime.durable import sync_folder
from chorus.runtime.errors import StoreError

CHUNK = 1 << 23  # bytes hashed by one thread at a time; hashlib lets go of the interpreter lock
DTYPES = {"F32": "<f4", "I64": "<i8", "I32": "<i4", "U64": "<u8", "U16": "<u2", "U8": "|u1"}
NAMES = {np.dtype(code): name for name, code in DTYPES.items()}
BLANK = "0" * 64


@dataclass(frozen=True)
class Artefact:
    """An opened file: KEY says what it was made from, ARRAYS are views of the mapped file."""

    key: dict[str, Any]
    arrays: dict[str, np.ndarray]


class Section:
    """One array to be written: FILL gets it as mapped zeros, so that it need never be whole in memory."""

    def __init__(self, shape: tuple[int, ...], dtype: Any, fill: Callable[[np.ndarray], None]) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.fill = fill

    @classmethod
    def of(cls, array: np.ndarray) -> Section:
        return cls(array.shape, array.dtype, lambda view: np.copyto(view, array))

    @property
    def bytes(self) -> int:
        """Its size, without the gap after it."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize


def write(
    path: Path, key: dict[str, Any], sections: dict[str, Section], check: Callable[[], None] = lambda: None
) -> None:
    """Replace PATH by a file of SECTIONS made from KEY (JSON values). Readers see the old file or the new,
    never a part.
    """
    sections = dict(
        sorted(sections.items(), key=lambda pair: -pair[1].dtype.itemsize)
    )  # so that all lie aligned
    header = _header(key, sections)
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        with temporary.open("w+b") as file:
            start = file.write(header(BLANK))
            file.flush()
            _reserve(file, start + sum(section.bytes for section in sections.values()))
            _fill(file, start, sections)
            digest = _digest(file.fileno(), check)
            file.seek(0)
            file.write(header(digest))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as problem:
        raise StoreError(
            f"the index '{path.name}' could not be written: {problem.strerror}", code="disk"
        ) from problem
    finally:
        temporary.unlink(missing_ok=True)


def read(path: Path, check: Callable[[], None] = lambda: None) -> Artefact | None:
    """The file's arrays, memory-mapped and verified; None when it is missing, cut short, changed or of
    another layout.
    """
    try:
        with path.open("rb") as file:
            header, start = _read_header(file)
            metadata = header.pop("__metadata__")
            if _digest(file.fileno(), check) != metadata["digest"]:
                return None
            view = np.memmap(file, dtype=np.uint8, mode="r")
        arrays = {name: _view(view, start, entry) for name, entry in header.items()}
        return Artefact(json.loads(metadata["key"]), arrays)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def pack_strings(strings: list[str]) -> dict[str, np.ndarray]:
    """STRINGS as two arrays, `text` and `ends`, for keeping in a file."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in strings]
    ends = np.cumsum(np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded)), dtype=np.int64)
    return {"text": np.frombuffer(b"".join(encoded), dtype=np.uint8), "ends": ends}


def unpack_strings(text: np.ndarray, ends: np.ndarray) -> list[str]:
    """What `pack_strings` packed."""
    raw, stops = text.tobytes(), ends.tolist()
    return [raw[a:b].decode("utf-8", "surrogatepass") for a, b in zip([0, *stops], stops, strict=False)]


def _header(key: dict[str, Any], sections: dict[str, Section]) -> Callable[[str], bytes]:
    """A function from digest to the header's bytes, whose length does not depend on the digest."""
    entries: dict[str, Any] = {}
    at = 0
    for name, section in sections.items():
        entries[name] = {
            "dtype": NAMES[section.dtype],
            "shape": list(section.shape),
            "data_offsets": [at, at + section.bytes],
        }
        at += section.bytes

    def made(digest: str) -> bytes:
        metadata = {"digest": digest, "key": json.dumps(key, sort_keys=True)}
        text = json.dumps({"__metadata__": metadata, **entries}, separators=(",", ":")).encode()
        text += b" " * (-(len(text) + 8) % 64)  # arrays begin aligned
        return len(text).to_bytes(8, "little") + text

    return made


def _sweep(path: Path) -> None:
    """Remove what a killed process left of PATH: a workspace has one process, and that is this one."""
    for left in path.parent.glob(f"{path.name}.*.tmp"):
        if not left.name.startswith(f"{path.name}.{os.getpid()}-"):
            left.unlink(missing_ok=True)


def _reserve(file: Any, size: int) -> None:
    """Make FILE that large, really: filling a hole through a mapping on a full disk kills the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
    else:
        file.truncate(size)


def _fill(file: Any, start: int, sections: dict[str, Section]) -> None:
    view = np.memmap(file, dtype=np.uint8, mode="r+")
    for section in sections.values():
        if section.bytes:
            section.fill(view[start : start + section.bytes].view(section.dtype).reshape(section.shape))
        start += section.bytes
    view.flush()


def _read_header(file: Any) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= 1 << 20:
        raise ValueError("no header")
    return json.loads(file.read(length)), 8 + length


def _view(view: np.ndarray, start: int, entry: dict[str, Any]) -> np.ndarray:
    first, last = entry["data_offsets"]
    return view[start + first : start + last].view(DTYPES[entry["dtype"]]).reshape(entry["shape"])


def _digest(descriptor: int, check: Callable[[], None]) -> str:
    """SHA-256 over the SHA-256 of each CHUNK of the file, the digest's own place in the header taken as
    blank.
    """
    size = os.fstat(descriptor).st_size
    if size == 0:
        return ""
    with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as view:
        at = view.find(b'"digest":"', 0, 1 << 20) + len(b'"digest":"')

        def hashed(start: int) -> bytes:
            check()
            piece = view[start : start + CHUNK]
            if start < at + 64 and at < start + CHUNK:  # the first chunk, in any sane file
                piece = piece[: at - start] + BLANK.encode() + piece[at - start + 64 :]
            return hashlib.sha256(piece).digest()

        starts = range(0, size, CHUNK)
        if len(starts) == 1:
            return hashlib.sha256(hashed(0)).hexdigest()
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            return hashlib.sha256(b"".join(pool.map(hashed, starts))).hexdigest()
