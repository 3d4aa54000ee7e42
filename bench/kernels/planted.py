"""The synthetic community, whose truth is known."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

DEMO = "import sys; from chorus.interpreter.faces.cli import main; sys.exit(main(sys.argv[1:]))"


def planted_messages(seed: int, many: int = 4_000) -> list[dict[str, Any]]:
    """Messages in time with author, text, timestamp and what was planted: persona, intent, tone, reply-to."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "export.json"
        words = ["demo", "--messages", str(many), "--seed", str(seed), "--out", str(out)]
        subprocess.run([sys.executable, "-c", DEMO, *words], check=True, capture_output=True)
        said = json.loads(out.read_text())["messages"]
        truth = json.loads(out.with_suffix(".truth.json").read_text())["messages"]
    nothing = {"persona": None, "intent": None, "tone": None, "reply-to": None}
    return [
        {
            "id": row["id"],
            "author": row["author"]["id"],
            "text": row["content"],
            "timestamp": row["timestamp"],
        }
        | {name: truth.get(row["id"], nothing).get(name) for name in nothing}
        for row in said
    ]
