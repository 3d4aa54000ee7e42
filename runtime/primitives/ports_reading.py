"""Reading from ports: characters, lines, strings, bytes. `read`, for forms, needs the reader (`reflection`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.ports import BinaryInput, TextInput
from chorus.runtime.primitive import Quick, primitive
from chorus.runtime.primitives.bytevectors import mutable
from chorus.runtime.primitives.lists import not_negative
from chorus.runtime.primitives.ports import InputPort, given
from chorus.runtime.primitives.vectors import bounds
from chorus.runtime.values import CHARS, EOF, Char


def text_port(ctx: Context, port: Any, caller: str) -> TextInput:
    return given(ctx, port, "current-input-port", TextInput, caller)


def byte_port(ctx: Context, port: Any, caller: str) -> BinaryInput:
    return given(ctx, port, "current-input-port", BinaryInput, caller)


def _from_text(taken: int) -> Quick:
    """What gives the next character of a port with a text in memory at once. TAKEN: how many it takes out of it."""

    def make(ctx: Context, call: Callable[..., Any]) -> Callable[..., Any]:
        def quick(*given: Any) -> Any:
            if len(given) == 1 and (port := given[0]).__class__ is TextInput and port.is_open:
                at = port.position
                if at < len(port.text):
                    letter = port.text[at]
                    if taken:
                        port.position = at + 1
                        if letter == "\n":
                            port.line += 1
                    return CHARS[letter]
            return call(*given)

        return quick

    return make


@primitive("read-char", effects="mutate", quick=_from_text(1))
def read_char(ctx: Context, port: InputPort | None = None) -> Any:
    r"""The next character of PORT, standard input if none is given; the end-of-file object at the end.

    > (read-char (open-input-string "abc"))
    => #\a
    """
    found = text_port(ctx, port, "read-char").take(1)
    return Char(found) if found else EOF


@primitive("peek-char", effects="mutate", quick=_from_text(0))
def peek_char(ctx: Context, port: InputPort | None = None) -> Any:
    r"""The next character of PORT, which stays the next.

    > (let ((p (open-input-string "ab"))) (peek-char p) (peek-char p))
    => #\a
    """
    found = text_port(ctx, port, "peek-char").peek()
    return Char(found) if found else EOF


@primitive("char-ready?", effects="mutate")
def is_char_ready(ctx: Context, port: InputPort | None = None) -> bool:
    """Whether `read-char` would not have to wait.

    > (char-ready? (open-input-string ""))
    => #t
    """
    return text_port(ctx, port, "char-ready?").ready()


@primitive("read-line", effects="mutate")
def read_line(ctx: Context, port: InputPort | None = None) -> Any:
    r"""The next line of PORT without its end, or the end-of-file object.

    > (read-line (open-input-string "one\ntwo"))
    => "one"
    """
    line = text_port(ctx, port, "read-line").take_line()
    if line is None:
        return EOF
    ctx.charge(len(line) >> 3, len(line))
    return line


@primitive("read-string", effects="mutate")
def read_string(ctx: Context, count: int, port: InputPort | None = None) -> Any:
    """The next COUNT characters of PORT, fewer before its end; the end-of-file object at the end.

    > (read-string 2 (open-input-string "abc"))
    => "ab"
    """
    found = text_port(ctx, port, "read-string").take(not_negative("read-string", count))
    ctx.charge(len(found) >> 3, len(found))
    return found if found or count == 0 else EOF


@primitive("read-u8", effects="mutate")
def read_u8(ctx: Context, port: InputPort | None = None) -> Any:
    """The next byte of the binary PORT, or the end-of-file object.

    > (read-u8 (open-input-bytevector #u8(7 8)))
    => 7
    """
    found = byte_port(ctx, port, "read-u8").take(1)
    return found[0] if found else EOF


@primitive("peek-u8", effects="mutate")
def peek_u8(ctx: Context, port: InputPort | None = None) -> Any:
    """The next byte of the binary PORT, which stays the next.

    > (let ((p (open-input-bytevector #u8(7 8)))) (peek-u8 p) (peek-u8 p))
    => 7
    """
    source = byte_port(ctx, port, "peek-u8")
    return source.data[source.position] if source.position < len(source.data) else EOF


@primitive("u8-ready?", effects="mutate")
def is_u8_ready(ctx: Context, port: InputPort | None = None) -> bool:
    """Whether `read-u8` would not have to wait.

    > (u8-ready? (open-input-bytevector #u8()))
    => #t
    """
    return byte_port(ctx, port, "u8-ready?").is_open


@primitive("read-bytevector", effects="mutate")
def read_bytevector(ctx: Context, count: int, port: InputPort | None = None) -> Any:
    """The next COUNT bytes of the binary PORT, fewer before its end; the end-of-file object at the end.

    > (read-bytevector 2 (open-input-bytevector #u8(1 2 3)))
    => #u8(1 2)
    """
    found = byte_port(ctx, port, "read-bytevector").take(not_negative("read-bytevector", count))
    return bytearray(found) if found or count == 0 else EOF


@primitive("read-bytevector!", effects="mutate")
def read_bytevector_into(
    ctx: Context, target: Any, port: InputPort | None = None, start: int = 0, end: int | None = None
) -> Any:
    """Put the next bytes of the binary PORT into TARGET from START to END; how many there were, or the end-of-file
    object.

    > (let ((b (make-bytevector 3 0))) (read-bytevector! b (open-input-bytevector #u8(1 2))) b)
    => #u8(1 2 0)
    """
    room = mutable("read-bytevector!", target)
    first, stop = bounds("read-bytevector!", len(room), start, end)
    found = byte_port(ctx, port, "read-bytevector!").take(stop - first)
    room[first : first + len(found)] = found
    return len(found) if found or first == stop else EOF
