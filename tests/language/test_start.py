"""Starting: nothing heavy is imported, caches are used, and damaged or unwritable caches do no harm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chorus.runtime import manifest

PROGRAM = "from chorus import Session; s = Session(); print(s.eval('(sort (map - (list 1 2 3)) <)'))"


def start(cache: Path) -> str:
    env = os.environ | {"XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=env, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_caches_are_made_and_used(tmp_path: Path) -> None:
    assert start(tmp_path) == "[-3, -2, -1]"
    kept = {path.name.split("-")[0]: path.stat().st_mtime_ns for path in (tmp_path / "chorus").iterdir()}
    assert set(kept) == {"manifest", "stdlib"}
    assert start(tmp_path) == "[-3, -2, -1]"
    assert kept == {
        path.name.split("-")[0]: path.stat().st_mtime_ns for path in (tmp_path / "chorus").iterdir()
    }


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_damaged_caches_are_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    start(tmp_path)
    for path in (tmp_path / "chorus").iterdir():
        data = path.read_bytes()
        middle = len(data) // 2
        path.write_bytes(
            data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if damage is None else damage
        )
    assert start(tmp_path) == "[-3, -2, -1]"


def test_a_cache_folder_that_cannot_be_made(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert start(blocked) == "[-3, -2, -1]"


def test_a_cache_of_other_sources_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    manifest.write_cache("x", ["stamp"], 5)
    assert manifest.read_cache("x", ["stamp"]) == 5
    assert manifest.read_cache("x", ["other"]) is None
    assert manifest.read_cache("y", ["stamp"]) is None
