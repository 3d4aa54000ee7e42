"""Bytevectors: literals and data are `bytes`, immutable; those made by a program are `bytearray`."""

from __future__ import annotations

from typing import Any

from chorus.runtime.errors import EvalError, WrongType
from chorus.runtime.primitive import primitive, wrong_type
from chorus.runtime.primitives.lists import reserve
from chorus.runtime.primitives.vectors import bounds, out_of_range
from chorus.runtime.values import UNSPECIFIED


def byte(caller: str, value: Any) -> int:
    if value.__class__ is not int or not 0 <= value <= 255:
        raise wrong_type(caller, "byte", "an exact integer from 0 to 255", value)
    return value


def mutable(caller: str, value: Any) -> bytearray:
    if value.__class__ is bytes:
        hint = "literals and data are constant: (bytevector-copy bytes) can be changed"
        raise WrongType(f"{caller}: this bytevector cannot be changed", hint=hint, irritants=(value,))
    if value.__class__ is not bytearray:
        raise wrong_type(caller, "bytes", "a bytevector", value)
    return value


@primitive("bytevector?", effects="pure", checked=False)
def is_bytevector(value: Any) -> bool:
    """Whether VALUE is a bytevector.

    > (bytevector? #u8(1 2))
    => #t
    """
    return value.__class__ in (bytes, bytearray)


@primitive("bytevector", effects="pure")
def bytevector(*items: int) -> bytearray:
    """A bytevector of ITEMS, from 0 to 255.

    > (bytevector 1 2)
    => #u8(1 2)
    """
    return bytearray(byte("bytevector", each) for each in items)


@primitive("make-bytevector", effects="pure")
def make_bytevector(size: int, fill: int = 0) -> bytearray:
    """A bytevector of SIZE times FILL.

    > (make-bytevector 2 7)
    => #u8(7 7)
    """
    reserve(size, "make-bytevector")
    return bytearray([byte("make-bytevector", fill)]) * size


@primitive("bytevector-length", effects="pure")
def bytevector_length(bytes_: bytes) -> int:
    """How many bytes there are.

    > (bytevector-length #u8(1 2))
    => 2
    """
    return len(bytes_)


@primitive("bytevector-u8-ref", effects="pure")
def bytevector_ref(bytes_: bytes, index: int) -> int:
    """The byte at INDEX, from 0.

    > (bytevector-u8-ref #u8(5 6) 1)
    => 6
    """
    if not 0 <= index < len(bytes_):
        raise out_of_range("bytevector-u8-ref", index, len(bytes_))
    return bytes_[index]


@primitive("bytevector-u8-set!", effects="mutate")
def bytevector_set(bytes_: Any, index: int, value: int) -> Any:
    """Make VALUE the byte at INDEX.

    > (let ((b (bytevector 1 2))) (bytevector-u8-set! b 0 9) b)
    => #u8(9 2)
    """
    target = mutable("bytevector-u8-set!", bytes_)
    if not 0 <= index < len(target):
        raise out_of_range("bytevector-u8-set!", index, len(target))
    target[index] = byte("bytevector-u8-set!", value)
    return UNSPECIFIED


@primitive("bytevector-copy", effects="pure")
def bytevector_copy(bytes_: bytes, start: int = 0, end: int | None = None) -> bytearray:
    """A new bytevector of the bytes from START to END.

    > (bytevector-copy #u8(1 2 3) 1)
    => #u8(2 3)
    """
    first, stop = bounds("bytevector-copy", len(bytes_), start, end)
    return bytearray(bytes_[first:stop])


@primitive("bytevector-copy!", effects="mutate")
def bytevector_copy_into(to: Any, at: int, source: bytes, start: int = 0, end: int | None = None) -> Any:
    """Copy the bytes of SOURCE from START to END into TO from AT on.

    > (let ((b (bytevector 1 2 3))) (bytevector-copy! b 1 #u8(8 9)) b)
    => #u8(1 8 9)
    """
    target = mutable("bytevector-copy!", to)
    first, stop = bounds("bytevector-copy!", len(source), start, end)
    bounds("bytevector-copy!", len(target), at, at + stop - first)
    target[at : at + stop - first] = source[first:stop]
    return UNSPECIFIED


@primitive("bytevector-append", effects="pure")
def bytevector_append(*parts: bytes) -> bytearray:
    """The bytes of all PARTS in a new bytevector.

    > (bytevector-append #u8(1) #u8(2 3))
    => #u8(1 2 3)
    """
    reserve(sum(map(len, parts)), "bytevector-append")
    return bytearray(b"".join(parts))


@primitive("utf8->string", effects="pure")
def utf8_to_string(bytes_: bytes, start: int = 0, end: int | None = None) -> str:
    """The text that the bytes from START to END encode in UTF-8.

    > (utf8->string #u8(65 206 187))
    => "Aλ"
    """
    first, stop = bounds("utf8->string", len(bytes_), start, end)
    try:
        return bytes_[first:stop].decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvalError(
            f"utf8->string: no UTF-8 at byte {first + error.start}", irritants=(bytes_,)
        ) from None


@primitive("string->utf8", effects="pure")
def string_to_utf8(text: str, start: int = 0, end: int | None = None) -> bytearray:
    """TEXT from START to END in UTF-8.

    > (string->utf8 "Aλ")
    => #u8(65 206 187)
    """
    first, stop = bounds("string->utf8", len(text), start, end)
    return bytearray(text[first:stop].encode("utf-8", "replace"))
