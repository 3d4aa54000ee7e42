"""`chorus check`: read and compile files without running them; every problem found is named."""

from __future__ import annotations

import sys
from pathlib import Path

from chorus.interpreter import diagnostics
from chorus.interpreter.faces.options import UsageError

USAGE = """usage: chorus check FILE…

Reads and compiles each form without running it. Exit code 1 if anything is wrong."""


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    if not arguments:
        raise UsageError(USAGE)
    from chorus.interpreter.session import Session

    found = 0
    for name in arguments:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as unreadable:
            raise UsageError(f"cannot read {name}: {unreadable}") from None
        with Session() as session:
            for problem in session.check(text, name):
                print(diagnostics.report(problem), file=sys.stderr)
                found += 1
    return 1 if found else 0
