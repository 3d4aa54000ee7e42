"""Ports as values: what they are, the current ones, opening and closing them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Annotated, Any

from chorus.runtime.calling import named
from chorus.runtime.context import Context
from chorus.runtime.errors import CapabilityDenied, EvalError
from chorus.runtime.ports import (
    BinaryInput,
    BinaryOutput,
    FileOutput,
    Port,
    StandardInput,
    StringOutput,
    TextInput,
    TextOutput,
)
from chorus.runtime.primitive import ACCEPTS, REJECT, Accept, primitive, wrong_type
from chorus.runtime.primitives.io import file_errors
from chorus.runtime.primitives.procedures import make_parameter
from chorus.runtime.values import UNSPECIFIED


def _port(label: str, *kinds: type) -> Accept:
    return Accept(label, lambda value: value if isinstance(value, kinds) else REJECT, frozenset(kinds))


IS_PORT = _port("a port", Port)
IS_INPUT = _port("an input port", TextInput, BinaryInput, StandardInput)
IS_OUTPUT = _port("an output port", TextOutput, BinaryOutput, StringOutput, FileOutput)
AnyPort = Annotated[Any, IS_PORT]
InputPort = Annotated[Any, IS_INPUT]
OutputPort = Annotated[Any, IS_OUTPUT]
ACCEPTS.update({AnyPort: IS_PORT, InputPort: IS_INPUT, OutputPort: IS_OUTPUT})


# — the current ports —


def standard_input(ctx: Context) -> Any:
    def check() -> None:
        if "environment" not in ctx.capabilities:
            raise CapabilityDenied("environment", "reading standard input")
        ctx.check()

    return StandardInput(check)


STANDARD: dict[str, Callable[[Context], Any]] = {
    "current-input-port": standard_input,
    "current-output-port": lambda ctx: TextOutput(lambda: ctx.out, "stdout"),
    "current-error-port": lambda ctx: TextOutput(lambda: sys.stderr, "stderr"),
}


def current(ctx: Context, name: str) -> Any:
    """The parameter object NAME of the session."""
    parameter = ctx.ports.get(name)
    if parameter is None:
        made = make_parameter(STANDARD[name](ctx))
        parameter = ctx.ports[name] = named(made, name, f"({name})")
    return parameter


def _current_port(name: str, doc: str) -> None:
    def made(ctx: Context) -> Any:
        return current(ctx, name)

    made.__doc__ = doc
    primitive(name, effects="pure", own=True)(made)


_current_port(
    "current-input-port",
    "Where `read`, `read-line` … read from unless told otherwise; a parameter object.\n\n"
    '> (parameterize ((current-input-port (open-input-string "one two"))) (read))\n=> one',
)
_current_port(
    "current-output-port",
    "Where `write`, `display` … write to unless told otherwise; a parameter object.\n\n"
    "> (let ((p (open-output-string))) (parameterize ((current-output-port p)) (display 5)) (get-output-string p))\n"
    '=> "5"',
)
_current_port(
    "current-error-port",
    "Where complaints go; a parameter object.\n\n> (output-port? (current-error-port))\n=> #t",
)


def given(ctx: Context, port: Any, name: str, kind: type, caller: str) -> Any:
    """PORT, or the current one called NAME, open and of KIND."""
    chosen: Any = current(ctx, name)() if port is None else port
    if not isinstance(chosen, kind):
        wanted = "a binary port" if kind in (BinaryInput, BinaryOutput) else "a textual port"
        raise wrong_type(caller, "port", wanted, chosen)
    ready: Any = chosen
    return ready.used(caller)


# — what they are —


def _kind(name: str, kinds: tuple[type, ...], doc: str) -> None:
    def test(value: Any) -> bool:
        return isinstance(value, kinds)

    test.__doc__ = doc
    primitive(name, effects="pure", checked=False)(test)


_kind("port?", (Port,), 'Whether VALUE is a port.\n\n> (port? "port")\n=> #f')
_kind(
    "input-port?",
    (TextInput, BinaryInput),
    'Whether VALUE is a port to read from.\n\n> (input-port? (open-input-string ""))\n=> #t',
)
_kind(
    "output-port?",
    (TextOutput, BinaryOutput),
    'Whether VALUE is a port to write to.\n\n> (output-port? (open-input-string ""))\n=> #f',
)
_kind(
    "textual-port?",
    (TextInput, TextOutput),
    "Whether VALUE is a port of characters.\n\n> (textual-port? (open-output-string))\n=> #t",
)
_kind(
    "binary-port?",
    (BinaryInput, BinaryOutput),
    "Whether VALUE is a port of bytes.\n\n> (binary-port? (open-output-string))\n=> #f",
)


@primitive("input-port-open?", effects="pure")
def is_input_open(port: InputPort) -> bool:
    """Whether the input PORT has not been closed.

    > (let ((p (open-input-string ""))) (close-port p) (input-port-open? p))
    => #f
    """
    return port.is_open


@primitive("output-port-open?", effects="pure")
def is_output_open(port: OutputPort) -> bool:
    """Whether the output PORT has not been closed.

    > (output-port-open? (open-output-string))
    => #t
    """
    return port.is_open


def _closing(name: str, kind: Any, doc: str) -> None:
    def close(port: Any) -> Any:
        port.close()
        return UNSPECIFIED

    close.__doc__ = doc
    close.__annotations__["port"] = kind
    primitive(name, effects="mutate")(close)


_closing(
    "close-port", AnyPort, 'Use PORT no more.\n\n> (close-port (open-input-string ""))\n=> #<unspecified>'
)
_closing(
    "close-input-port",
    InputPort,
    'Read no more from PORT.\n\n> (close-input-port (open-input-string ""))\n=> #<unspecified>',
)
_closing(
    "close-output-port",
    OutputPort,
    "Write no more to PORT.\n\n> (close-output-port (open-output-string))\n=> #<unspecified>",
)


# — strings and bytevectors —


@primitive("open-input-string", effects="pure")
def open_input_string(text: str) -> TextInput:
    """A port to read TEXT from.

    > (read-char (open-input-string "abc"))
    => #\\a
    """
    return TextInput(text)


@primitive("open-output-string", effects="pure")
def open_output_string() -> StringOutput:
    """A port that collects what is written to it, for `get-output-string`.

    > (let ((p (open-output-string))) (write '(a "b") p) (get-output-string p))
    => "(a \\"b\\")"
    """
    return StringOutput()


@primitive("get-output-string", effects="pure")
def get_output_string(port: OutputPort) -> str:
    """What has been written to PORT, made by `open-output-string`.

    > (let ((p (open-output-string))) (display "x" p) (get-output-string p))
    => "x"
    """
    if port.__class__ is not StringOutput:
        raise wrong_type("get-output-string", "port", "a port made by open-output-string", port)
    return port.memory.getvalue()


@primitive("open-input-bytevector", effects="pure")
def open_input_bytevector(bytes_: bytes) -> BinaryInput:
    """A port to read BYTES from.

    > (read-u8 (open-input-bytevector #u8(7 8)))
    => 7
    """
    return BinaryInput(bytes(bytes_))


@primitive("open-output-bytevector", effects="pure")
def open_output_bytevector() -> BinaryOutput:
    """A port that collects the bytes written to it, for `get-output-bytevector`.

    > (let ((p (open-output-bytevector))) (write-u8 7 p) (get-output-bytevector p))
    => #u8(7)
    """
    return BinaryOutput(io.BytesIO())


@primitive("get-output-bytevector", effects="pure")
def get_output_bytevector(port: OutputPort) -> bytearray:
    """What has been written to PORT, made by `open-output-bytevector`.

    > (let ((p (open-output-bytevector))) (write-bytevector #u8(1 2) p) (get-output-bytevector p))
    => #u8(1 2)
    """
    if not isinstance(getattr(port, "stream", None), io.BytesIO):
        raise wrong_type("get-output-bytevector", "port", "a port made by open-output-bytevector", port)
    return bytearray(port.stream.getvalue())


# — files —


def _contents(ctx: Context, caller: str, path: str, mode: str) -> Any:
    with file_errors(caller, path):
        encoding = None if "b" in mode else "utf-8"
        with open(path, mode, encoding=encoding, newline=None if encoding is None else "") as file:
            found = file.read()
    ctx.charge(len(found) >> 3, len(found))
    return found


@primitive("open-input-file", effects="read-file")
def open_input_file(ctx: Context, path: str) -> TextInput:
    """A port to read the text of the file at PATH from.

    > (procedure? open-input-file)
    => #t
    """
    return TextInput(_contents(ctx, "open-input-file", path, "r"), path)


@primitive("open-binary-input-file", effects="read-file")
def open_binary_input_file(ctx: Context, path: str) -> BinaryInput:
    """A port to read the bytes of the file at PATH from.

    > (procedure? open-binary-input-file)
    => #t
    """
    return BinaryInput(_contents(ctx, "open-binary-input-file", path, "rb"), path)


@primitive("open-output-file", effects="write-file")
def open_output_file(path: str) -> FileOutput:
    """A port to write text, in UTF-8, to the file at PATH, whose content it replaces.

    > (procedure? open-output-file)
    => #t
    """
    with file_errors("open-output-file", path):
        return FileOutput(open(path, "w", encoding="utf-8", errors="replace", newline=""), path)


@primitive("open-binary-output-file", effects="write-file")
def open_binary_output_file(path: str) -> BinaryOutput:
    """A port to write bytes to the file at PATH, whose content it replaces.

    > (procedure? open-binary-output-file)
    => #t
    """
    with file_errors("open-binary-output-file", path):
        return BinaryOutput(open(path, "wb"), path)


@primitive("flush-output-port", effects="output", aliases=("flush-output",))
def flush_output_port(ctx: Context, port: OutputPort | None = None) -> Any:
    """Hand on what PORT still holds back.

    > (flush-output-port (open-output-string))
    => #<unspecified>
    """
    chosen = current(ctx, "current-output-port")() if port is None else port
    try:
        chosen.used("flush-output-port").flush()
    except OSError as problem:
        raise EvalError(f"flush-output-port: {problem.strerror}", code="file") from None
    return UNSPECIFIED
