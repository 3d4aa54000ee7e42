"""`chorus fmt`: re-indent `.sexp` files in place, or a pipe."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from chorus.interpreter.faces.formatter import format_source
from chorus.interpreter.faces.options import UsageError, unknown_option

USAGE = """usage: chorus fmt [--check] FILE… | -

Makes indentation regular and leaves line breaks and comments as they are. With --check nothing is
written; the exit code is 1 if a file would change. `-` formats standard input to standard output."""


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    check = "--check" in arguments
    names = [name for name in arguments if name != "--check"]
    if not names:
        raise UsageError(USAGE)
    for name in names:
        if name.startswith("-") and name != "-":
            raise UsageError(unknown_option(name, ["--check", "--help"]))
    if names == ["-"]:
        sys.stdout.write(_format_checked(sys.stdin.read(), "<stdin>"))
        return 0
    changed = [name for name in names if _format_file(Path(name), check)]
    for name in changed:
        print(f"{'would reformat' if check else 'reformatted'} {name}", file=sys.stderr)
    return 1 if check and changed else 0


def _format_file(path: Path, check: bool) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"cannot read {path}: {reason}") from None
    formatted = _format_checked(text, str(path))
    if formatted == text:
        return False
    if not check:
        beside = path.with_name(path.name + ".tmp")
        beside.write_text(formatted, encoding="utf-8")
        os.replace(beside, path)
    return True


def _format_checked(text: str, name: str) -> str:
    """Format, having made sure that it reads, and that it reads the same afterwards."""
    from chorus.interpreter.reader import read_forms
    from chorus.runtime.printer import write

    before = [write(form) for form in read_forms(text, name)]
    formatted = format_source(text)
    if [write(form) for form in read_forms(formatted, name)] != before:
        raise AssertionError(f"formatting would change the meaning of {name}; please report this file")
    return formatted
