"""One input file: its bytes, decompressed on the way, how far they were read, and a digest of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from chorus.runtime.connectors.jsonsplit import Splitter

BLOCK = 1 << 20
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class SourceFile:
    """A file that can be opened again and again; MOVED is told how many of its bytes on disk were read."""

    def __init__(self, path: Path, moved: Callable[[int], None] = lambda at: None) -> None:
        self.path = path
        self.moved = moved
        self.size = path.stat().st_size

    def open(self) -> BinaryIO:
        """The content as a stream of bytes, decompressed by what the file is, not by what it is called."""
        raw: Any = _Watched(self.path, self.moved)
        magic = raw.peek(4)[:4]
        if magic.startswith(GZIP):
            return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]
        if magic == ZSTD:
            import pyarrow as pa

            return pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
        return raw

    def blocks(self) -> Callable[[int], bytes]:
        """A function that reads the next n bytes of the content; what can be read comes before a failure."""
        stream = self.open()
        failure: list[Exception] = []

        def read(size: int) -> bytes:
            parts: list[bytes] = []
            while size > 0 and not failure:
                try:
                    part = stream.read1(size) if hasattr(stream, "read1") else stream.read(size)
                except (OSError, EOFError, zlib.error) as error:
                    failure.append(error)
                    break
                if not part:
                    break
                parts.append(part)
                size -= len(part)
            if failure and not parts:
                raise failure[0]
            return b"".join(parts)

        return read

    def splitter(self) -> Splitter:
        read = self.blocks()
        if self.head(3) == b"\xef\xbb\xbf":
            read(3)
        return Splitter(read)

    def head(self, size: int = 1 << 16) -> bytes:
        """The first SIZE bytes of the content."""
        return self.blocks()(size)

    def digest(self, *also: str) -> str:
        """A name for the file's bytes and for ALSO, which says how they are to be read."""
        made = hashlib.blake2b(digest_size=16)
        made.update("\x1f".join(also).encode("utf-8", "surrogatepass"))
        with open(self.path, "rb") as stream:
            while block := stream.read(BLOCK):
                made.update(block)
        return made.hexdigest()


class _Watched(io.BufferedReader):
    """A buffered file that reports its position."""

    def __init__(self, path: Path, moved: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path), BLOCK)
        self._moved = moved

    def read(self, size: int | None = -1, /) -> bytes:
        got = super().read(size)
        self._moved(self.tell())
        return got
