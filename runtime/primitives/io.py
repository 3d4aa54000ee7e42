"""Reading and writing: standard output and input, files under the capabilities `read` and `write`."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive
from chorus.runtime.printer import display_atom, pieces, write_atom
from chorus.runtime.values import EOF, UNSPECIFIED, Char, make_list

PIECES = 1000  # of a value's text, between looks at the limits


def put(ctx: Context, text: Iterator[str]) -> Any:
    """Send TEXT out, charging for it; a limit or a cancel stops a long value in its middle."""
    while part := "".join(itertools.islice(text, PIECES)):
        ctx.charge(len(part) >> 3, len(part))
        try:
            ctx.out.write(part)
        except UnicodeEncodeError:  # a terminal that lacks these characters
            encoding = ctx.out.encoding or "ascii"
            ctx.out.write(part.encode(encoding, "replace").decode(encoding))
    return UNSPECIFIED


@primitive("display", effects="output")
def display_(ctx: Context, value: Any) -> Any:
    """Show VALUE for people: strings without quotes.

    > (display "")
    => #<unspecified>
    """
    return put(ctx, pieces(value, display_atom))


@primitive("write", effects="output", aliases=("write-shared", "write-simple"))
def write_(ctx: Context, value: Any) -> Any:
    """Show VALUE as the reader takes it back: strings in quotes.

    > (write '||)
    => …
    """
    return put(ctx, pieces(value, write_atom))


@primitive("newline", effects="output")
def newline(ctx: Context) -> Any:
    """End the line.

    > (newline)
    => …
    """
    return put(ctx, iter("\n"))


@primitive("print", effects="output", aliases=("displayln",))
def print_(ctx: Context, *values: Any) -> Any:
    """Show VALUES for people, with spaces in between, and end the line.

    > (print "a" 1)
    => …
    """
    spaced: list[Iterator[str]] = []
    for value in values:
        spaced += (iter(" "), pieces(value, display_atom)) if spaced else (pieces(value, display_atom),)
    return put(ctx, itertools.chain(*spaced, "\n"))


@primitive("write-string", effects="output")
def write_string(ctx: Context, text: str) -> Any:
    """Show TEXT as it is.

    > (write-string "")
    => …
    """
    return put(ctx, pieces(text, display_atom))


@primitive("write-char", effects="output")
def write_char(ctx: Context, char: Char) -> Any:
    r"""Show CHAR as it is.

    > (write-char #\a)
    => …
    """
    return put(ctx, pieces(char, display_atom))


@primitive("%written", effects="pure", aliases=("value->string",))
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


@primitive("read-line", effects="environment")
def read_line(ctx: Context) -> Any:
    """The next line of standard input without its end, or the end-of-file object.

    > (procedure? read-line)
    => #t
    """
    ctx.check()
    line = sys.stdin.readline()
    ctx.charge(len(line) >> 3, len(line))
    return line.removesuffix("\n").removesuffix("\r") if line else EOF


@contextmanager
def file_errors(caller: str, path: str) -> Iterator[None]:
    """The host's file errors as ours."""
    try:
        yield
    except UnicodeDecodeError as error:
        message = f"{caller}: {path} is not UTF-8 text (byte {error.start})"
        raise EvalError(message, code="file", irritants=(path,)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "no such name"
        raise EvalError(f"{caller}: {path}: {reason.lower()}", code="file", irritants=(path,)) from None


@primitive("read-file", effects="read-file")
def read_file(ctx: Context, path: str) -> str:
    """The text of the file at PATH, in UTF-8.

    > (procedure? read-file)
    => #t
    """
    with file_errors("read-file", path):
        size = os.path.getsize(path)
        ctx.charge(size >> 3, size)
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()


@primitive("read-lines", effects="read-file")
def read_lines(ctx: Context, path: str) -> Any:
    """The lines of the file at PATH, without their ends.

    > (procedure? read-lines)
    => #t
    """
    return make_list(line.removesuffix("\r") for line in _split_lines(read_file(ctx, path)))


def _split_lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


@primitive("file-exists?", effects="read-file")
def file_exists(path: str) -> bool:
    """Whether something is at PATH.

    > (procedure? file-exists?)
    => #t
    """
    with file_errors("file-exists?", path):
        return os.path.exists(path)


@primitive("list-files", effects="read-file")
def list_files(path: str) -> Any:
    """The names in the folder at PATH, in order.

    > (procedure? list-files)
    => #t
    """
    with file_errors("list-files", path):
        return make_list(sorted(os.listdir(path)))


@primitive("write-file", effects="write-file")
def write_file(ctx: Context, path: str, text: str) -> Any:
    """Make TEXT, in UTF-8, the content of the file at PATH: all of it or, if that fails, nothing.

    > (procedure? write-file)
    => #t
    """
    ctx.charge(len(text) >> 3, len(text))
    with file_errors("write-file", path):
        beside = Path(path).with_name(f".{Path(path).name}.{os.getpid()}")
        try:
            with open(beside, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
            settle_folder(beside.parent)
        finally:
            beside.unlink(missing_ok=True)
    return UNSPECIFIED


def settle_folder(path: Path) -> None:
    """Make a rename in the folder at PATH outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@primitive("delete-file", effects="write-file")
def delete_file(path: str) -> Any:
    """Remove the file at PATH.

    > (procedure? delete-file)
    => #t
    """
    with file_errors("delete-file", path):
        os.remove(path)
    return UNSPECIFIED
