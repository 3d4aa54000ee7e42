"""Whole files, under the capabilities `read` and `write`. Ports are in `ports`, writing to them in `output`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chorus.runtime import durable
from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import primitive
from chorus.runtime.values import UNSPECIFIED, make_list


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
    write_whole("write-file", path, text.encode("utf-8", "replace"))
    return UNSPECIFIED


def write_whole(caller: str, path: str, data: bytes) -> None:
    """Make DATA the content of the file at PATH: all of it or, if that fails, nothing."""
    with file_errors(caller, path):
        target = Path(os.path.realpath(path))  # what a link leads to is written, the link stays
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(data)  # a device or a pipe: there is nothing to put in its place
        else:
            durable.replace_file(target, data)


@primitive("delete-file", effects="write-file")
def delete_file(path: str) -> Any:
    """Remove the file at PATH.

    > (procedure? delete-file)
    => #t
    """
    with file_errors("delete-file", path):
        os.remove(path)
    return UNSPECIFIED
