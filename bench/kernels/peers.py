"""The libraries that the kernels are measured beside, in an environment of their own that shares the tree's torch."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

TREE = Path(__file__).parents[2]
HOME = TREE / ".bench" / "kernels"
PYTHON = str(HOME / "bin" / "python")
PEERS = ("toponetx", "dtaidistance", "torch_geometric", "stumpy", "neuraloperator", "statsforecast", "evoc")


def install() -> str:
    """The interpreter that has the peers and this tree; each peer is installed once, by itself."""
    if not Path(PYTHON).exists():
        venv.create(HOME, with_pip=True)
    (folder,) = HOME.glob("lib/python*/site-packages")
    shared = [path for path in sys.path if path.endswith("site-packages") and not path.startswith(str(HOME))]
    (folder / "dependencies.pth").write_text("\n".join(shared) + "\n")
    for name, arguments in {"chorus": ["--no-deps", "-e", str(TREE)], **{p: [p] for p in PEERS}}.items():
        ready = HOME / f".ready-{name}"
        if ready.exists():
            continue
        command = [PYTHON, "-m", "pip", "install", "-q", "-c", str(TREE / "constraints.txt"), *arguments]
        if subprocess.run(command).returncode == 0:
            ready.touch()
        else:
            print(f"{name} could not be installed: what it is measured beside is missing", file=sys.stderr)
    return PYTHON
