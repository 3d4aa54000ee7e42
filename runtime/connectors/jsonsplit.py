"""Splits a JSON document of any size into the elements of its arrays, by structure alone, in bounded memory.

Nothing is parsed here: quotes, brackets and commas are found block by block with array operations. An element
is handed on as the bytes it was written in, with its depth of nesting, so that one too big or too deep for a
parser is known before any parser meets it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

BLOCK = 1 << 20
MAX_ELEMENT = 32 << 20  # bytes of one element that are kept; more is counted but let go
KEPT_OF_OVERSIZED = 1000

_QUOTE, _BACKSLASH, _OPEN, _CLOSE, _COMMA = 1, 2, 3, 4, 5
_KIND = bytes(
    {34: _QUOTE, 92: _BACKSLASH, 91: _OPEN, 123: _OPEN, 93: _CLOSE, 125: _CLOSE, 44: _COMMA}.get(byte, 0)
    for byte in range(256)
)
_STEP = np.array([0, 0, 0, 1, -1, 0], np.int64)  # what each kind does to the depth

_KEY = re.compile(rb'\s*"((?:[^"\\]|\\.)*)"\s*:\s*', re.S)
_BLANK = re.compile(rb"[ \t\r\n]*")
_SPACE = b" \t\r\n"


class Element(NamedTuple):
    """One element as it stood; SIZE counts all its bytes, of which an oversized one keeps only the first."""

    content: bytes
    depth: int  # 0 for a scalar, 1 for a flat object
    size: int


class Truncated(Exception):
    """The document ends before it is complete; `offset` is where."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"ends in the middle, after {offset:,} bytes")
        self.offset = offset


class Malformed(Exception):
    """The document's outer structure is not JSON; `offset` is about where."""

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(f"{what}, near byte {offset:,}" if offset else what)
        self.offset = offset


class Splitter:
    """A cursor in the document that READ(n) gives n bytes of at a time."""

    def __init__(self, read: Callable[[int], bytes], block: int = BLOCK) -> None:
        self._read = read
        self._block = block
        self._buffer = b""
        self._at = 0  # of the cursor, in the buffer
        self._before = 0  # bytes of the document before the buffer

    @property
    def offset(self) -> int:
        return self._before + self._at

    def peek(self) -> bytes:
        """The next byte that is not space, or b"" at the end; the cursor stands on it."""
        while True:
            match = _BLANK.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more():
                return b""

    def take(self, byte: bytes) -> bool:
        """Step over BYTE if it comes next."""
        if self.peek() != byte:
            return False
        self._at += 1
        return True

    def members(self) -> Iterator[str]:
        """Keys of the object whose brace was taken; the caller consumes each value before the next key."""
        while not self.take(b"}"):
            self.take(b",")
            yield self._key()

    def value(self) -> Element:
        """The value that the cursor stands before, up to the comma or bracket that ends it."""
        for found, _ in self._scan(first_only=True):
            if found:
                return found[0]
        raise Truncated(self.offset)

    def elements(self) -> Iterator[list[Element]]:
        """Elements of the array whose bracket was taken, in lists; the cursor ends behind the array."""
        for found, _ in self._scan(first_only=False):
            yield found
        self._at += 1

    def _key(self) -> str:
        self.peek()
        while len(self._buffer) - self._at < 4096 and self._more():
            pass
        match = _KEY.match(self._buffer, self._at)
        if match is None:
            if len(self._buffer) - self._at < 4096:
                raise Truncated(self.offset)
            raise Malformed("expected a key in quotes and a colon", self.offset)
        self._at = match.end()
        return match[1].decode("utf-8", "replace")

    def _more(self) -> bool:
        """Drop what lies behind the cursor and read another block; False at the end of the document."""
        fresh = self._read(self._block)
        self._before += self._at
        self._buffer = self._buffer[self._at :] + fresh
        self._at = 0
        return bool(fresh)

    def _scan(self, first_only: bool) -> Iterator[tuple[list[Element], bool]]:
        """Elements from the cursor on; stops on (not behind) the bracket that closes their container."""
        state = _State()
        parts = _Parts()
        while True:
            if self._at == len(self._buffer) and not self._more():
                raise Truncated(self.offset)
            block = self._buffer[self._at : self._at + self._block]
            cuts, depths, tail_depth, end = state.advance(block)
            if first_only:
                cuts, depths = cuts[:1], depths[:1]
            found = parts.finish(block, cuts, depths)
            if first_only and cuts:
                self._at += cuts[0]
                yield found, True
                return
            if end is not None:
                self._at += end
                yield found, True
                return
            parts.keep(block[cuts[-1] + 1 :] if cuts else block, tail_depth)
            self._at += len(block)
            yield found, False


class _State:
    """What carries over from one block to the next: inside a string, behind a backslash, how deep."""

    def __init__(self) -> None:
        self.in_string = False
        self.escaping = False
        self.depth = 0

    def advance(self, block: bytes) -> tuple[list[int], list[int], int, int | None]:
        """Where elements end in BLOCK, how deep each is, how deep the rest, where the container closes."""
        kind = np.frombuffer(bytearray(block.translate(_KIND)), np.uint8)  # [n]
        self._unescape(kind)
        at = np.flatnonzero(kind != 0)  # [m]
        kinds = kind[at]
        inside = (np.cumsum(kinds == _QUOTE, dtype=np.int32) + self.in_string) & 1
        self.in_string = bool(inside[-1]) if len(inside) else self.in_string
        outside = (kinds >= _OPEN) & (inside == 0)
        at, kinds = at[outside], kinds[outside]
        depth = self.depth + np.cumsum(_STEP[kinds])
        closing = np.flatnonzero(depth < 0)
        end: int | None = None
        if len(closing):
            last = int(closing[0])
            end = int(at[last])
            at, kinds, depth = at[: last + 1], kinds[: last + 1], depth[: last + 1]
        self.depth = int(depth[-1]) if len(depth) else self.depth
        borders = np.flatnonzero(((kinds == _COMMA) & (depth == 0)) | (depth < 0))
        starts = np.concatenate(([0], borders[:-1] + 1)) if len(borders) else borders
        deepest = np.maximum(np.maximum.reduceat(depth, starts), 0).tolist() if len(borders) else []
        rest = depth[borders[-1] + 1 :] if len(borders) else depth
        return at[borders].tolist(), deepest, int(rest.max(initial=self.depth)), end

    def _unescape(self, kind: np.ndarray) -> None:
        """Blank out the characters that a backslash escapes."""
        slashes = np.flatnonzero(kind == _BACKSLASH)
        if self.escaping and len(kind):
            kind[0] = 0
            slashes = slashes[slashes > 0]
            self.escaping = False
        if not len(slashes):
            return
        first = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)  # where runs of backslashes begin
        lengths = np.diff(first, append=len(slashes))
        behind = slashes[first] + lengths
        escaped = behind[lengths % 2 == 1]
        if len(escaped) and escaped[-1] == len(kind):
            self.escaping = True
            escaped = escaped[:-1]
        kind[escaped] = 0
        kind[slashes] = 0


class _Parts:
    """An element's beginning from earlier blocks."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.depth = 0

    def keep(self, part: bytes, depth: int) -> None:
        self.size += len(part)
        self.depth = max(self.depth, depth)
        if self.size <= MAX_ELEMENT:
            self.parts.append(part)
        else:
            self.parts = [b"".join(self.parts)[:KEPT_OF_OVERSIZED]]

    def finish(self, block: bytes, cuts: list[int], depths: list[int]) -> list[Element]:
        """The elements of BLOCK that end at CUTS; space alone (an empty array) is none."""
        if not cuts:
            return []
        first = self._first(block[: cuts[0]], depths[0])
        starts = [cut + 1 for cut in cuts]
        found = [first] + [
            Element(block[start:cut].strip(_SPACE), depth, cut - start)
            for start, cut, depth in zip(starts, cuts[1:], depths[1:], strict=False)
        ]
        return found if found[0].content and found[-1].content else [one for one in found if one.content]

    def _first(self, part: bytes, depth: int) -> Element:
        self.keep(part, depth)
        element = Element(b"".join(self.parts).strip(_SPACE), self.depth, self.size)
        self.parts, self.size, self.depth = [], 0, 0
        return element


def nesting(text: bytes) -> int:
    """How deep brackets nest in the JSON TEXT, those in strings not counted."""
    state = _State()
    _, depths, rest, _ = state.advance(text)
    return max([*depths, rest])
