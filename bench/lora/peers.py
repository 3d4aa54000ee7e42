"""PEFT, which adapters are measured beside: put into a folder of its own, beside the tree's torch and transformers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[2] / ".bench" / "lora"
WANTED = ("peft==0.21.0", "accelerate", "psutil")


def peft() -> bool:
    """Whether PEFT can be imported, after it has been fetched once."""
    ready = HOME / ".ready"
    if not ready.exists():
        fetch = ["install", "-q", "--no-deps", "--target", str(HOME), *WANTED]
        if subprocess.run([sys.executable, "-m", "pip", *fetch]).returncode:
            print("PEFT could not be installed: what it is measured beside is missing", file=sys.stderr)
            return False
        ready.touch()
    sys.path.append(str(HOME))
    return True
