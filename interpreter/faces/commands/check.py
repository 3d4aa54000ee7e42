"""`chorus check`: read, compile and look at files without running them; every problem found is named."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from chorus.interpreter import diagnostics
from chorus.interpreter.faces.options import UsageError, parse
from chorus.runtime.errors import ChorusError, LimitExceeded
from chorus.runtime.limits import Limits

USAGE = """usage: chorus check [--json] [--effects] [--allow CAP,…] FILE…

Reads and compiles each form of FILE (- is standard input) and looks for names that nothing binds, calls that do not
fit what they call, local variables that are never used and primitives that `chorus FILE`, with the same --allow,
would deny, without running anything but definitions. Errors are sure to stop the program; warnings, but for variables
without use, stop it when what they point at is run. With --json each is an object {"error": {…}} on a line of
standard output. --effects also says which effects each file may have: {"file": …, "effects": […]} with --json.
Exit codes: 0 nothing found, 1 something found, 2 usage, 3 a limit was reached and nothing else found."""

LIMITS = Limits(seconds=5, bytes=1 << 30)  # of each form: expanding a macro may run for ever


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    options = parse([word for word in arguments if word != "--effects"])
    files = [] if options.file is None else [options.file, *options.arguments]
    if not files or any(each.startswith("--") for each in files):
        raise UsageError(USAGE)
    from chorus.interpreter.session import Session

    found: list[ChorusError] = []
    for name in files:
        text = text_of(name)
        with Session(limits=LIMITS) as session:
            problems = session.check(text, name, options.capabilities)
            effects = session.effects(text, name) if "--effects" in arguments else None
        for problem in problems:
            show(problem, options.json)
        if effects is not None:
            show_effects(name, effects, options.json)
        found += problems
    if not found:
        return 0
    return 3 if all(isinstance(each, LimitExceeded) for each in found) else 1


def text_of(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise UsageError(f"cannot read {name}: {unreadable}") from None


def show_effects(name: str, effects: list[str], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"file": name, "effects": effects}, ensure_ascii=False))
    else:
        print(f"{name}: {' '.join(effects) or 'pure'}")


def show(problem: ChorusError, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": diagnostics.as_json(problem)}, ensure_ascii=False))
    else:
        print(diagnostics.report(problem), file=sys.stderr)
