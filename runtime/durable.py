"""Files that a crash or a power cut leaves old or new, never mixed: written aside, settled, and renamed into place."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path


def replace_file(path: Path, content: bytes, reached: Callable[[str], None] = lambda step: None) -> None:
    """Write CONTENT to PATH so that a reader or a crash meets the old content or the new, never a mixture. REACHED is
    told of each step. Nothing of a write that fails stays, and who may read the file stays as it was.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with open(aside, "wb") as out:
            out.write(content)
            out.flush()
            reached("aside written")
            os.fsync(out.fileno())
        if path.exists():
            shutil.copymode(path, aside)
        reached("aside synced")
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    reached("replaced")
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """What was renamed in FOLDER stays so after a crash, where the system lets a folder be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
