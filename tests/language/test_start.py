"""Starting: nothing heavy is imported, caches are used, and damaged or unwritable caches do no harm."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import chorus.interpreter
from chorus.runtime import cache

PROGRAM = "from chorus import Session; s = Session(); print(s.eval('(sort (map - (list 1 2 3)) <)'))"

# Enters a procedure of the stdlib in the middle, for which its tree is needed, and looks for the trees that are held.
ENTERING = """
import ast, gc
from chorus import Session
s = Session()
s.eval("(define k #f) (define seen '()) (define left 2)")
s.eval("(define (one x) (call/cc (lambda (here) (if (= x 2) (set! k here)) x)))")
s.eval("(let ((got (map one '(1 2 3)))) (set! seen (cons got seen)) (set! left (- left 1))"
       "  (if (>= left 0) (k (* 10 left))))")
gc.collect()
held = sum(isinstance(each, ast.Module) for each in gc.get_objects())
print(s.eval("seen"), "few" if held < 20 else held)
"""


def start(cache: Path, program: str = PROGRAM) -> str:
    env = os.environ | {"XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=env, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The caches that a first start leaves; seconds, as it compiles all of the stdlib."""
    folder = tmp_path_factory.mktemp("caches")
    assert start(folder) == "[-3, -2, -1]"
    return folder / "chorus"


@pytest.fixture
def caches(first_start: Path, tmp_path: Path) -> Path:
    """A private copy of them; their folder's parent is what `start` takes."""
    return Path(shutil.copytree(first_start, tmp_path / "chorus"))


def test_caches_are_made_and_used(caches: Path, tmp_path: Path) -> None:
    kept = {path.name.split("-")[0]: path.stat().st_mtime_ns for path in caches.iterdir()}
    assert set(kept) == {"manifest", "plugins", "stdlib"}
    assert start(tmp_path) == "[-3, -2, -1]"
    assert kept == {path.name.split("-")[0]: path.stat().st_mtime_ns for path in caches.iterdir()}


SEEN_AT_ONCE = [pytest.param(damage, marks=pytest.mark.slow) for damage in (b"", b"garbage")]


@pytest.mark.parametrize("damage", [*SEEN_AT_ONCE, None])
def test_damaged_caches_are_made_anew(caches: Path, tmp_path: Path, damage: bytes | None) -> None:
    for path in caches.iterdir():
        data = path.read_bytes()
        middle = len(data) // 2
        path.write_bytes(
            data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if damage is None else damage
        )
    assert start(tmp_path) == "[-3, -2, -1]"


def test_a_cache_folder_that_cannot_be_made(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    # Trees are some 700,000 objects, which the process's collector would go through as long as it lives.
    assert start(blocked, ENTERING) == "[[1, 0, 3], [1, 10, 3], [1, 2, 3]] few"


def test_a_cache_of_other_sources_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    parts = [b"one", b"", b"three"]
    cache.write("x", ["stamp"], cache.places(parts), parts)
    found = cache.read("x", ["stamp"])
    assert found is not None
    assert [found[1].read(place) for place in found[0]] == parts
    assert cache.read("x", ["other"]) is None
    assert cache.read("y", ["stamp"]) is None


def test_every_row_is_there_before_anything_is_compiled() -> None:
    """Modules of the compiler are loaded when the first form is compiled; none may declare a form only then."""
    rooms = Path(chorus.interpreter.__file__).parent.glob("**/*.py")
    declared = {
        name for file in rooms for name in re.findall(r'^@row\("([^"]+)"', file.read_text("utf-8"), re.M)
    }
    assert len(declared) > 10
    program = "from chorus import Session; s = Session(); print(*[n for n in %r if s.space.get(n) is None])"
    done = subprocess.run([sys.executable, "-c", program % sorted(declared)], capture_output=True, text=True)
    assert done.stdout.split() == []


def test_a_damaged_part_is_made_anew(caches: Path, tmp_path: Path) -> None:
    """Damage behind the value is noticed when a part is read; the stdlib is then compiled once more."""
    file = next(path for path in caches.iterdir() if path.name.startswith("stdlib-"))
    whole = file.read_bytes()
    value = int.from_bytes(whole[4:12], "big") + 12
    file.write_bytes(whole[:value] + bytes(len(whole) - value))
    assert start(tmp_path) == "[-3, -2, -1]"
    assert any(file.read_bytes()[value:])
