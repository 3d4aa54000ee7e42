"""Arrays kept under their own digest: files of safetensors that never change and are verified when they are read.

    digest = put(folder, {"q.A": a, "q.B": b}, {"base": "…", "alpha": 16})
    tensors, about = get(folder, digest)

The bytes are canonical (tensors by size of item and name, about as sorted JSON), so the same content has the same
digest everywhere, and putting it again writes nothing. A file appears whole or not at all; one that was changed since
is refused, and is made good by putting its content again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorus.runtime.durable import clear_once, replace_file, sync_folder
from chorus.runtime.errors import EvalError, StoreError
from chorus.runtime.store.faults import disk_error

if TYPE_CHECKING:
    import numpy as np

Tensors = dict[str, "np.ndarray"]
DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}
DIGEST = re.compile(r"[0-9a-f]{64}")
START = re.compile(r"[0-9a-f]{6,64}")  # what may stand for a digest
ENDING = ".safetensors"
LONGEST_HEADER = 1 << 24


def put(folder: Path, tensors: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> str:
    """Keep TENSORS and what is said ABOUT them (JSON values) in FOLDER; their digest. When this returns they are on
    the disk.
    """
    data = encoded(tensors, about)
    digest = hashlib.sha256(data).hexdigest()
    path = path_of(folder, digest)
    if _content(path) != data:
        _write(path, data)
    return digest


def get(folder: Path, digest: str) -> tuple[Tensors, dict[str, Any]]:
    """What was put in FOLDER under DIGEST, verified: the arrays are the reader's own, and may be written to."""
    data = _content(path_of(folder, digest))
    if data is None:
        raise EvalError(
            f"no adapter {digest[:12]}… is kept here",
            code="unknown-adapter",
            hint="import it again, or copy its file from the workspace that made it; (audit) says what is missing",
            irritants=(digest,),
        )
    if hashlib.sha256(data).hexdigest() != digest:
        raise StoreError(
            f"the file of adapter {digest[:12]}… is damaged: it is not what was written",
            code="corrupt",
            hint="import or train it again: the same content makes the file good",
            irritants=(digest,),
        )
    return decoded(data)


def has(folder: Path, digest: str) -> bool:
    """Whether FOLDER keeps DIGEST, sound or not."""
    return path_of(folder, digest).is_file()


def is_sound(folder: Path, digest: str) -> bool:
    """Whether what FOLDER keeps under DIGEST is what was put there."""
    data = _content(path_of(folder, digest))
    return data is not None and hashlib.sha256(data).hexdigest() == digest


def listed(folder: Path) -> Iterator[str]:
    """The digests that FOLDER keeps, in order."""
    for path in sorted(folder.glob(f"??/*{ENDING}")):
        digest = path.parent.name + path.name.removesuffix(ENDING)
        if DIGEST.fullmatch(digest):
            yield digest


def found(folder: Path, start: str) -> str:
    """The digest in FOLDER that begins with START, six digits or more."""
    if DIGEST.fullmatch(start):
        return start
    if not START.fullmatch(start):
        raise EvalError(
            f"{start} is no adapter's digest",
            code="unknown-adapter",
            hint="a digest is 64 hexadecimal digits, of which the first six or more may stand for it",
            irritants=(start,),
        )
    fitting = [digest for digest in listed(folder) if digest.startswith(start)]
    if len(fitting) != 1:
        raise EvalError(
            f"{len(fitting) or 'no'} adapters begin with {start}",
            code="unknown-adapter",
            hint="write more of the digest" if fitting else "(adapters) lists those that are kept",
            irritants=(start,),
        )
    return fitting[0]


def path_of(folder: Path, digest: str) -> Path:
    if not DIGEST.fullmatch(digest):
        raise ValueError(f"no digest: {digest!r}")
    return folder / digest[:2] / f"{digest[2:]}{ENDING}"


# — bytes —


def encoded(tensors: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> bytes:
    """A file in the layout of safetensors, the same for the same content."""
    import numpy as np

    arrays = {name: _little(name, np.asarray(array)) for name, array in tensors.items()}
    order = sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name))  # so that all lie aligned
    names = {np.dtype(code): name for name, code in DTYPES.items()}
    header: dict[str, Any] = {"__metadata__": {"about": _json(about)}}
    at = 0
    for name in order:
        array = arrays[name]
        header[name] = {
            "dtype": names[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [at, at + array.nbytes],
        }
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=True).encode()
    text += b" " * (-len(text) % 8)
    return b"".join((len(text).to_bytes(8, "little"), text, *(arrays[name].tobytes() for name in order)))


def _little(name: str, array: np.ndarray) -> np.ndarray:
    """ARRAY with its bytes in the order of the file."""
    made = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if made.dtype.str not in DTYPES.values():
        raise EvalError(
            f"an adapter's arrays are numbers, and {name} is of {array.dtype}",
            code="type",
            hint=f"known are {', '.join(DTYPES)}",
        )
    if name == "__metadata__":
        raise EvalError("no array may be called __metadata__", code="range")
    return made


def _json(about: Mapping[str, Any]) -> str:
    try:
        return json.dumps(about, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise EvalError(
            f"what is said about an adapter is texts, numbers, lists and tables: {problem}", code="type"
        ) from None


def decoded(data: bytes) -> tuple[Tensors, dict[str, Any]]:
    """What `encoded` made DATA of."""
    import numpy as np

    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(LONGEST_HEADER, len(data) - 8):
        raise ValueError("no header")
    header = json.loads(data[8 : 8 + length])
    about = json.loads(header.pop("__metadata__")["about"])
    tensors = {}
    for name, entry in header.items():
        first, last = (8 + length + offset for offset in entry["data_offsets"])
        array = np.frombuffer(data[first:last], dtype=DTYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"]).copy()
    return tensors, about


# — files —


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise disk_error(problem, path.parent.parent) from problem


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for part in path.parent.parent.glob("??"):
            clear_once(part)  # nobody may ever write the same content again
        replace_file(path, data)
        for folder in (path.parent.parent, path.parent.parent.parent):
            sync_folder(folder)
    except OSError as problem:
        raise disk_error(problem, path.parent.parent) from problem
