"""`chorus demo`: write a synthetic community with planted truth, for trying Chorus without anyone's data."""

from __future__ import annotations

import sys
from pathlib import Path

from chorus.interpreter.faces.options import UsageError, parse_count

USAGE = """usage: chorus demo --messages N --seed S --out export.json

Writes a DiscordChatExporter file of an invented game community, and beside it its telemetry
(export.events.jsonl), its patch notes (export.patches.jsonl) and the truth that was planted
(export.truth.json, for tests: Chorus never reads it)."""


def run(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(USAGE)
        return 0
    settings = _settings(arguments)
    from chorus.runtime.synthetic import generate

    out = Path(settings["--out"])
    if not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}")
    summary = generate(parse_count(settings["--messages"]), int(settings["--seed"]), out)
    print(f"wrote {out}: " + ", ".join(f"{key} {value}" for key, value in summary.items()), file=sys.stderr)
    return 0


def _settings(arguments: list[str]) -> dict[str, str]:
    settings = {"--messages": "4000", "--seed": "7", "--out": "export.json"}
    if len(arguments) % 2:
        raise UsageError(f"{arguments[-1]} wants a value after it\n{USAGE}")
    for option, value in zip(arguments[::2], arguments[1::2], strict=True):
        if option not in settings:
            raise UsageError(f"unknown option {option}\n{USAGE}")
        settings[option] = value
    if not settings["--seed"].lstrip("-").isdecimal():
        raise UsageError(f"--seed wants an integer, not {settings['--seed']!r}")
    return settings
