"""Ports: where characters and bytes come from and go to; strings, bytevectors, files and the host's own streams.

Port
├── TextInput       a text, read from POSITION on
│   └── StandardInput   … which grows by a line when more is wanted
├── TextOutput      to a stream of the host's
│   └── StringOutput    … to a text in memory
├── BinaryInput
└── BinaryOutput    to a stream of the host's, or to memory
"""

from __future__ import annotations

import atexit
import io
import math
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.limits import charge_output

UNFINISHED: weakref.WeakSet[Any] = weakref.WeakSet()  # ports to files that nobody has closed


@atexit.register
def finish() -> None:
    """Close what programs left open: what they wrote is to be in the files."""
    for port in list(UNFINISHED):
        if port.is_open:
            port.close()


class Port:
    """One end of a flow; `is_open` until it is closed."""

    __slots__ = ("__weakref__", "is_open", "name")
    kind = "port"

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_open = True

    def __lisp__(self) -> str:
        return f"#<{self.kind} {self.name}>"

    def close(self) -> None:
        self.is_open = False

    def used(self, caller: str) -> Any:
        """This port, as CALLER is about to use it; EvalError when it is closed."""
        if not self.is_open:
            raise EvalError(
                f"{caller}: the {self.kind} {self.name} is closed", code="port", irritants=(self,)
            )
        return self


class TextInput(Port):
    """Characters of TEXT from POSITION on, which is on LINE. FOLD: a reader met #!fold-case."""

    __slots__ = ("fold", "line", "position", "text")
    kind = "input-port"

    def __init__(self, text: str, name: str = "string") -> None:
        super().__init__(name)
        self.text = text
        self.position = 0
        self.line = 1
        self.fold = False

    @property
    def begun(self) -> bool:
        """Whether anything has been read."""
        return self.position > 0

    def more(self) -> bool:
        """Get more text, if there may be any."""
        return False

    def ready(self) -> bool:
        """Whether a character, or the end, can be had without waiting."""
        return True

    def as_bytes(self) -> None:
        """From here on, let bytes that are no text be seen as such: whoever reads rows has to tell them apart."""

    def advance(self, end: int) -> None:
        self.line += self.text.count("\n", self.position, end)
        self.position = end

    def peek(self) -> str:
        """The next character; "" at the end."""
        while self.position >= len(self.text):
            if not self.more():
                return ""
        return self.text[self.position]

    def take(self, count: int) -> str:
        """The next COUNT characters, fewer before the end."""
        while len(self.text) - self.position < count and self.more():
            pass
        start = self.position
        self.advance(min(start + count, len(self.text)))
        return self.text[start : self.position]

    def take_line(self) -> str | None:
        """The next line without its end; None at the end of the text."""
        while (end := self.text.find("\n", self.position)) < 0 and self.more():
            pass
        start = self.position
        if end < 0:
            if start >= len(self.text):
                return None
            self.position = len(self.text)
            return self.text[start:].removesuffix("\r")
        self.line += 1
        self.position = end + 1
        return self.text[start:end].removesuffix("\r")


class StandardInput(TextInput):
    """What the process is given; CHECK is called before it is waited for."""

    __slots__ = ("came", "check")

    def __init__(self, check: Callable[[], None]) -> None:
        super().__init__("", "stdin")
        self.check = check
        self.came = False  # whether there was a line

    @property
    def begun(self) -> bool:
        return self.came

    def more(self) -> bool:
        self.check()
        line = sys.stdin.readline()
        self.came = self.came or line != ""
        self.text = self.text[self.position :] + line
        self.position = 0
        return bool(line)

    def as_bytes(self) -> None:
        with suppress(
            AttributeError, OSError
        ):  # no stream of the system's, or somebody has read from it already
            sys.stdin.reconfigure(errors="surrogateescape", newline="\n")  # type: ignore[union-attr]

    def ready(self) -> bool:
        import select

        if self.position < len(self.text):
            return True
        try:
            return bool(select.select([sys.stdin], [], [], 0)[0])
        except (OSError, ValueError):  # no file of the system's: it does not keep anybody waiting
            return True


class TextOutput(Port):
    """Characters to what STREAM returns: a stream of the host's may be another from one write to the next."""

    __slots__ = ("stream",)
    kind = "output-port"

    def __init__(self, stream: Callable[[], Any], name: str) -> None:
        super().__init__(name)
        self.stream = stream

    def write(self, text: str) -> None:
        charge_output(text)
        stream = self.stream()
        try:
            stream.write(text)
        except UnicodeEncodeError:  # a terminal that lacks these characters
            encoding = getattr(stream, "encoding", None) or "ascii"
            stream.write(text.encode(encoding, "replace").decode(encoding))

    def flush(self) -> None:
        self.stream().flush()


class StringOutput(TextOutput):
    """Characters to a text in memory, which TAKEs them; OWED: how many have been charged to nobody so far; all that
    there are, once it is closed.
    """

    __slots__ = ("memory", "owed", "take")

    def __init__(self) -> None:
        self.owed: float = 0
        memory = self.memory = io.StringIO(newline="")
        self.take = memory.write
        super().__init__(lambda: memory, "string")

    def write(self, text: str) -> None:
        self.memory.write(text)

    def close(self) -> None:
        super().close()
        self.owed = math.inf


class FileOutput(TextOutput):
    """Characters to a file, which is closed with the port, or at the end of the process."""

    __slots__ = ("file",)

    def __init__(self, file: Any, name: str) -> None:
        self.file = file
        super().__init__(lambda: file, name)
        UNFINISHED.add(self)

    def close(self) -> None:
        super().close()
        self.file.close()


class BinaryInput(Port):
    """The bytes DATA from POSITION on."""

    __slots__ = ("data", "position")
    kind = "binary-input-port"

    def __init__(self, data: bytes, name: str = "bytevector") -> None:
        super().__init__(name)
        self.data = data
        self.position = 0

    def take(self, count: int) -> bytes:
        found = self.data[self.position : self.position + count]
        self.position += len(found)
        return found


class BinaryOutput(Port):
    """Bytes to STREAM, a file or an io.BytesIO."""

    __slots__ = ("stream",)
    kind = "binary-output-port"

    def __init__(self, stream: Any, name: str = "bytevector") -> None:
        super().__init__(name)
        self.stream = stream
        if not isinstance(stream, io.BytesIO):
            UNFINISHED.add(self)

    def write(self, data: bytes) -> None:
        if not isinstance(self.stream, io.BytesIO):
            charge_output(data)
        self.stream.write(data)

    def flush(self) -> None:
        self.stream.flush()

    def close(self) -> None:
        super().close()
        if not isinstance(self.stream, io.BytesIO):
            self.stream.close()
