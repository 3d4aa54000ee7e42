"""Writing to ports: values as the reader takes them back and as people read them, characters, bytes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.ports import BinaryOutput, StringOutput, TextOutput
from chorus.runtime.primitive import Quick, primitive
from chorus.runtime.primitives.bytevectors import byte
from chorus.runtime.primitives.ports import OutputPort, given
from chorus.runtime.primitives.vectors import bounds
from chorus.runtime.printer import display_atom, pieces, write_atom
from chorus.runtime.values import UNSPECIFIED, Char, Keyword, Symbol

PIECES = 1000  # of a value's text, between looks at the limits


def put(ctx: Context, text: Iterator[str], caller: str, port: Any = None) -> Any:
    """Send TEXT out, charging for it; a limit or a cancel stops a long value in its middle."""
    target = given(ctx, port, "current-output-port", TextOutput, caller)
    while part := "".join(itertools.islice(text, PIECES)):
        ctx.charge(len(part) >> 3, len(part))
        target.write(part)
    return UNSPECIFIED


SHORT = 1 << 64  # an integer below it is written at no cost worth a charge
ATOMS = frozenset((Symbol, float, bool, Keyword, Char))  # kinds of values with short texts
OWED = 10_000  # characters that a port may take in before they are charged for
LONG = 1000  # characters of a text that is charged for ahead
FIRST_ODD = "\ud800"  # the first character that is not always shown as it is
ABSENT = object()  # an argument that was not given


def _atoms(shown: Callable[[Any], str]) -> Quick:
    """What sends a short atom, as SHOWN, to a port in memory at once."""

    def make(ctx: Context, call: Callable[..., Any]) -> Callable[..., Any]:
        def quick(value: Any = ABSENT, port: Any = ABSENT, *more: Any) -> Any:
            if port.__class__ is StringOutput and port.owed < OWED:
                kind = value.__class__
                if kind is int and -SHORT < value < SHORT:
                    text = str(value)
                elif kind in ATOMS or (kind is str and len(value) < LONG):
                    text = shown(value)
                else:
                    return call(value, port, *more)
                if not more:
                    port.owed += len(text)
                    port.take(text)
                    return UNSPECIFIED
            return _with_all(ctx, call, value, port, more)

        return quick

    return make


def _plain_char(ctx: Context, call: Callable[..., Any]) -> Callable[..., Any]:
    """What sends a character to a port in memory at once."""

    def quick(char: Any = ABSENT, port: Any = ABSENT, *more: Any) -> Any:
        if port.__class__ is StringOutput and port.owed < OWED and char.__class__ is Char and not more:
            text = char.value
            if text < FIRST_ODD:
                port.owed += 1
                port.take(text)
                return UNSPECIFIED
        return _with_all(ctx, call, char, port, more)

    return quick


def _plain_text(ctx: Context, call: Callable[..., Any]) -> Callable[..., Any]:
    """What sends a short text to a port in memory at once."""

    def quick(text: Any = ABSENT, port: Any = ABSENT, *more: Any) -> Any:
        if port.__class__ is StringOutput and port.owed < OWED and text.__class__ is str and not more:
            size = len(text)
            if size < LONG and text.isascii():
                port.owed += size
                port.take(text)
                return UNSPECIFIED
        return _with_all(ctx, call, text, port, more)

    return quick


def _with_all(ctx: Context, call: Callable[..., Any], value: Any, port: Any, more: tuple[Any, ...]) -> Any:
    """CALL with what was given, once what PORT has taken in is charged for."""
    if port.__class__ is StringOutput and port.is_open:
        owed, port.owed = int(port.owed), 0
        ctx.charge(owed >> 3, owed)
    return call(*(each for each in (value, port, *more) if each is not ABSENT))


@primitive("display", effects="output", quick=_atoms(display_atom))
def display_(ctx: Context, value: Any, port: OutputPort | None = None) -> Any:
    """Show VALUE for people, on PORT: strings without quotes.

    > (display "")
    => #<unspecified>
    """
    return put(ctx, pieces(value, display_atom), "display", port)


@primitive("write", effects="output", quick=_atoms(write_atom))
def write_(ctx: Context, value: Any, port: OutputPort | None = None) -> Any:
    """Show VALUE, on PORT, as the reader takes it back: strings in quotes, #0= before what contains itself.

    > (write '||)
    => …
    """
    return put(ctx, pieces(value, write_atom), "write", port)


@primitive("write-shared", effects="output")
def write_shared(ctx: Context, value: Any, port: OutputPort | None = None) -> Any:
    """Show VALUE as `write` does, with #0= before whatever is met twice.

    > (let ((p (open-output-string)) (x (list 1))) (write-shared (list x x) p) (get-output-string p))
    => "(#0=(1) #0#)"
    """
    return put(ctx, pieces(value, write_atom, shared=True), "write-shared", port)


@primitive("write-simple", effects="output")
def write_simple(ctx: Context, value: Any, port: OutputPort | None = None) -> Any:
    """Show VALUE as `write` does, without labels: what contains itself never ends.

    > (let ((p (open-output-string))) (write-simple '(a "b") p) (get-output-string p))
    => "(a \\"b\\")"
    """
    return put(ctx, pieces(value, write_atom, thorough=False), "write-simple", port)


@primitive("newline", effects="output")
def newline(ctx: Context, port: OutputPort | None = None) -> Any:
    """End the line, on PORT.

    > (newline)
    => …
    """
    return put(ctx, iter("\n"), "newline", port)


@primitive("print", effects="output", aliases=("displayln",))
def print_(ctx: Context, *values: Any) -> Any:
    """Show VALUES for people, with spaces in between, and end the line.

    > (print "a" 1)
    => …
    """
    spaced: list[Iterator[str]] = []
    for value in values:
        spaced += (iter(" "), pieces(value, display_atom)) if spaced else (pieces(value, display_atom),)
    return put(ctx, itertools.chain(*spaced, "\n"), "print")


@primitive("write-string", effects="output", quick=_plain_text)
def write_string(
    ctx: Context, text: str, port: OutputPort | None = None, start: int = 0, end: int | None = None
) -> Any:
    """Show TEXT from START to END as it is, on PORT.

    > (write-string "")
    => …
    """
    first, stop = bounds("write-string", len(text), start, end)
    return put(ctx, pieces(text[first:stop], display_atom), "write-string", port)


@primitive("write-char", effects="output", quick=_plain_char)
def write_char(ctx: Context, char: Char, port: OutputPort | None = None) -> Any:
    r"""Show CHAR as it is, on PORT.

    > (write-char #\a)
    => …
    """
    return put(ctx, pieces(char, display_atom), "write-char", port)


@primitive("value->string", effects="pure")
def written(value: Any) -> str:
    """What `write` shows of VALUE.

    > (value->string '("a" b))
    => "(\\"a\\" b)"
    """
    return "".join(pieces(value, write_atom))


@primitive("%displayed", effects="pure")
def displayed(value: Any) -> str:
    """What `display` shows of VALUE.

    > (%displayed '("a" b))
    => "(a b)"
    """
    return "".join(pieces(value, display_atom))


@primitive("write-u8", effects="output")
def write_u8(ctx: Context, value: int, port: OutputPort | None = None) -> Any:
    """Send the byte VALUE to the binary PORT.

    > (let ((p (open-output-bytevector))) (write-u8 7 p) (get-output-bytevector p))
    => #u8(7)
    """
    return _send(ctx, bytes((byte("write-u8", value),)), "write-u8", port)


@primitive("write-bytevector", effects="output")
def write_bytevector(
    ctx: Context, bytes_: bytes, port: OutputPort | None = None, start: int = 0, end: int | None = None
) -> Any:
    """Send BYTES from START to END to the binary PORT.

    > (let ((p (open-output-bytevector))) (write-bytevector #u8(1 2 3) p 1) (get-output-bytevector p))
    => #u8(2 3)
    """
    first, stop = bounds("write-bytevector", len(bytes_), start, end)
    return _send(ctx, bytes(bytes_[first:stop]), "write-bytevector", port)


def _send(ctx: Context, data: bytes, caller: str, port: Any) -> Any:
    ctx.charge(len(data) >> 3, len(data))
    given(ctx, port, "current-output-port", BinaryOutput, caller).write(data)
    return UNSPECIFIED


@primitive("%brief", effects="pure")
def brief_(value: Any, limit: int = 60) -> str:
    """VALUE as `write` prints it, cut off where it is longer than LIMIT.

    > (%brief '(alpha beta) 8)
    => "(alpha …"
    """
    from chorus.runtime.printer import brief

    return brief(value, limit)
