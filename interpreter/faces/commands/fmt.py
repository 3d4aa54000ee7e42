"""`chorus fmt`: re-indent `.sexp` files in place, or a pipe."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from chorus.interpreter import diagnostics
from chorus.interpreter.faces.options import UsageError, unknown_option
from chorus.interpreter.formatter import format_source
from chorus.runtime.errors import ChorusError

USAGE = """usage: chorus fmt [--check] FILE… | -

Makes indentation regular and leaves line breaks and comments as they are. With --check nothing is
written; the exit code is 1 if a file would change. A file that cannot be
read as forms is left as it is. `-` formats standard input to standard output."""


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
    code = 0
    for name in names:
        try:
            changed = _format_file(Path(name), check)
        except ChorusError as error:  # the others are formatted all the same
            print(diagnostics.report(error), file=sys.stderr)
            code = 1
            continue
        if changed:
            print(f"{'would reformat' if check else 'reformatted'} {name}", file=sys.stderr)
            code = 1 if check else code
    return code


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
        raise ChorusError(
            f"formatting would change the meaning of {name}", code="internal", hint="please report this file"
        )
    return formatted
