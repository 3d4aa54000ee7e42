"""Values between a session and its worker process as data: JSON tokens and blocks of bytes, nothing that runs.

A value is a row of tokens for a stack: an atom is pushed, `["list", n]` takes n values and pushes their list; so depth
costs nothing. Arrow tables and arrays travel as their bytes. What is neither data nor known goes as a reference, which
only the side that made it can follow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from chorus.runtime.errors import ChorusError
from chorus.runtime.gaussian import Gaussian
from chorus.runtime.values import Char, Keyword, Pair, Symbol

SMALL: Final = 1 << 53
MOST_TOKENS: Final = 20_000_000
ARRAYS: Final = "biuf"  # kinds of numbers in arrays


class WireError(ChorusError):
    """What came over the wire is no message of ours."""

    code = "worker"


class Message:
    """Tokens and blocks of one message, while it is written."""

    def __init__(self, refer: Callable[[Any], list[Any]]) -> None:
        self.tokens: list[Any] = []
        self.blocks: list[bytes] = []
        self.refer = refer  # what stands for a value that is no data

    def value(self, value: Any) -> list[Any]:
        """The tokens of VALUE."""
        self.tokens = []
        work: list[Any] = [value]
        while work:
            here = work.pop()
            if here.__class__ is _Done:
                self.tokens.append(here.token)
                continue
            parts, token = self._taken_apart(here)
            if parts is None:
                self.tokens.append(token)
            else:
                work.append(_Done(token))
                work.extend(reversed(parts))
            if len(self.tokens) + len(work) > MOST_TOKENS:
                raise WireError("a value this large cannot go to another process", code="size")
        return self.tokens

    def _taken_apart(self, value: Any) -> tuple[list[Any] | None, Any]:
        """(parts, token that puts them together), or (None, token) for an atom."""
        if value is None or value is True or value is False or value.__class__ is str:
            return None, value
        writer = WRITERS.get(value.__class__)
        if writer is not None:
            return writer(value)
        if value.__class__ is bytes or value.__class__ is bytearray:
            return None, ["bytes", self._block(bytes(value))]
        if isinstance(value, Pair):
            from chorus.runtime.printer import write

            return None, ["form", write(value)]
        if hasattr(value, "__arrow_c_stream__"):
            from chorus.runtime.table_given import arrow_of

            found = arrow_of(value)
            if isinstance(found, list):
                return list(found), ["list", len(found)]
            return None, ["arrow", self._block(_arrow_bytes(found))]
        if type(value).__module__ == "chorus.runtime.plots.plot":
            return _plot(value)
        if (
            type(value).__module__ == "numpy"
            and value.__class__.__name__ == "ndarray"
            and value.dtype.kind in ARRAYS
        ):
            return None, ["array", value.dtype.str, list(value.shape), self._block(value.tobytes())]
        if isinstance(value, dict):
            return [part for item in value.items() for part in item], ["dict", len(value)]
        if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
            return list(value), ["list" if isinstance(value, list) else "tuple", len(value)]
        return None, self.refer(value)

    def _block(self, data: bytes) -> int:
        self.blocks.append(data)
        return len(self.blocks) - 1


class _Done:
    """The token that follows its parts."""

    __slots__ = ("token",)

    def __init__(self, token: Any) -> None:
        self.token = token


Taken = tuple[list[Any] | None, Any]


def _int(value: int) -> Taken:
    return None, value if -SMALL < value < SMALL else ["int", hex(value)]


def _float(value: float) -> Taken:
    return None, ["float", value.hex()]


WRITERS: Final[dict[type, Callable[[Any], Taken]]] = {
    int: _int,
    float: _float,
    complex: lambda value: (None, ["complex", value.real.hex(), value.imag.hex()]),
    Fraction: lambda value: (None, ["ratio", hex(value.numerator), hex(value.denominator)]),
    Gaussian: lambda value: ([value.real, value.imag], ["gaussian", 2]),
    Symbol: lambda value: (None, ["symbol", value.name]),
    Keyword: lambda value: (None, ["keyword", value.name]),
    Char: lambda value: (None, ["char", value.value]),
    dt.datetime: lambda value: (None, ["instant", value.isoformat()]),
}


def _plot(plot: Any) -> Taken:
    channels = {role: list(channel) for role, channel in plot.channels.items()}
    rest = {"title": plot.title, "notes": list(plot.notes), "width": plot.width, "height": plot.height}
    return [plot.mark, channels, plot.columns, rest], ["plot", 4]


def _arrow_bytes(value: Any) -> bytes:
    import pyarrow as pa

    held = pa.BufferOutputStream()
    with pa.ipc.new_stream(held, value.schema) as writer:
        writer.write_table(value)
    return held.getvalue().to_pybytes()


# — reading —


def value_of(tokens: Any, blocks: list[bytes], follow: Callable[[list[Any]], Any]) -> Any:
    """The value of TOKENS; FOLLOW gives what a reference stands for. WireError for anything that is no value."""
    stack: list[Any] = []
    if tokens.__class__ is not list:
        raise WireError("a message of the worker is broken")
    try:
        for token in tokens:
            if token.__class__ is not list:
                stack.append(token)
                continue
            tag = token[0]
            if tag in TOGETHER:
                count = int(token[1]) * (2 if tag == "dict" else 1)
                if not 0 <= count <= len(stack):
                    raise WireError("a message of the worker is broken")
                parts = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                stack.append(TOGETHER[tag](parts))
            elif tag in BLOCKS:
                stack.append(BLOCKS[tag](blocks[token[-1]], token))
            else:
                stack.append(ATOMS[tag](*token[1:]) if tag in ATOMS else follow(token))
        (made,) = stack
    except WireError:
        raise
    except Exception as problem:
        raise WireError(f"a message of the worker is broken: {type(problem).__name__}") from None
    return made


def _form(text: str) -> Any:
    from chorus.interpreter.reader import read_one

    return read_one(text, "<form>")


def _made_plot(parts: list[Any]) -> Any:
    from chorus.runtime.plots.plot import Channel, Plot

    mark, channels, columns, rest = parts
    made = {role: Channel(*map(str, channel)) for role, channel in channels.items()}
    return Plot(mark, made, columns, **{**rest, "notes": tuple(rest["notes"])})


def _table(data: bytes, token: list[Any]) -> Any:
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(data)).read_all()
    table.validate(full=True)  # bytes of another process may say anything
    return table


def _array(data: bytes, token: list[Any]) -> Any:
    import numpy as np

    kind = np.dtype(str(token[1]))
    if kind.kind not in ARRAYS:
        raise WireError("a message of the worker is broken")
    return np.frombuffer(data, kind).reshape([int(size) for size in token[2]]).copy()


TOGETHER: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "list": lambda parts: parts,
    "tuple": tuple,
    "dict": lambda parts: dict(zip(parts[::2], parts[1::2], strict=True)),
    "gaussian": lambda parts: Gaussian(*parts),
    "plot": _made_plot,
}
BLOCKS: Final[dict[str, Callable[[bytes, list[Any]], Any]]] = {
    "bytes": lambda data, token: data,
    "arrow": _table,
    "array": _array,
}
ATOMS: Final[dict[str, Callable[..., Any]]] = {
    "int": lambda text: int(text, 16),
    "float": float.fromhex,
    "complex": lambda real, imaginary: complex(float.fromhex(real), float.fromhex(imaginary)),
    "ratio": lambda above, below: Fraction(int(above, 16), int(below, 16)),
    "symbol": Symbol,
    "keyword": Keyword,
    "char": Char,
    "instant": dt.datetime.fromisoformat,
    "form": _form,
}
