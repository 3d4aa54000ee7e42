"""`chorus demo`: write a synthetic community with planted truth, for trying Chorus without anyone's data."""

from __future__ import annotations

import sys
from pathlib import Path

from chorus.interpreter.faces.options import UsageError, parse_count, unknown_option

USAGE = """usage: chorus demo --messages N --seed S --out export.json

Writes a DiscordChatExporter file of an invented game community, and beside it its telemetry
(export.events.jsonl), its patch notes (export.patches.jsonl), the truth that was planted
(export.truth.json, for tests: Chorus never reads it) and questions with and without an answer
in it (export.questions.jsonl, for evaluate-answers)."""


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    settings = _settings(arguments)
    from chorus.runtime.synthetic import generate

    out = Path(settings["--out"])
    if not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}")
    try:
        summary = generate(parse_count(settings["--messages"]), int(settings["--seed"]), out)
    except ValueError as problem:  # too few messages for a community
        raise UsageError(str(problem)) from None
    except OSError as problem:
        raise UsageError(f"cannot write {out}: {problem.strerror}") from None
    print(f"wrote {out}: " + ", ".join(f"{key} {value}" for key, value in summary.items()), file=sys.stderr)
    return 0


def _settings(arguments: list[str]) -> dict[str, str]:
    settings = {"--messages": "4000", "--seed": "7", "--out": "export.json"}
    words = [part for word in arguments for part in word.split("=", 1)]
    for at in range(0, len(words), 2):
        option, value = words[at], words[at + 1 : at + 2]
        if option not in settings:
            raise UsageError(unknown_option(option, settings))
        if not value:
            raise UsageError(f"{option} wants a value after it")
        settings[option] = value[0]
    if not settings["--seed"].lstrip("-").isdecimal():
        raise UsageError(f"--seed wants an integer, not {settings['--seed']!r}")
    return settings
