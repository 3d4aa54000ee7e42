"""What is written to a file is there whole, and what the file was besides its content stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chorus import Capabilities, Session
from chorus.runtime.durable import clear_remains, locked, replace_file


def test_a_file_keeps_who_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o600)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["aside written", "aside synced"])
def test_a_write_that_fails_leaves_the_old_and_nothing_else(tmp_path: Path, step: str) -> None:
    def reached(now: str) -> None:
        if now == step:
            raise OSError("no power")

    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(OSError, match="no power"):
        replace_file(path, b"new", reached)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a", "old")]


def test_what_a_link_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with Session(allow=Capabilities("write")) as session:
        session.eval('(write-file path "new")', path=str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == "new"


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    with Session(allow=Capabilities("write")) as session:
        session.eval('(write-file path "through")', path=str(pipe))
    reader.join(20)
    assert got == ["through"] and pipe.is_fifo()


KILLED = """
import os, signal, sys
from pathlib import Path
from chorus.runtime.durable import clear_remains, locked, replace_file

replace_file(Path(sys.argv[1]), b"half", lambda step: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_what_a_killed_writer_left_aside_goes_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "a")], check=False)
    assert killed.returncode == -9 and len(list(tmp_path.iterdir())) == 1
    dead = next(tmp_path.iterdir()).name.split("-")[1]
    mine = tmp_path / f".chorus-{os.getpid()}-1.new"  # of a process that lives
    elsewhere = tmp_path / f".chorus-{dead}-2.new"  # a living writer's whose process cannot be seen from here
    for name in (mine, elsewhere, tmp_path / ".notes.20240101-1200", tmp_path / ".chorus-1-x.new"):
        name.write_bytes(b"")
    with open(elsewhere, "wb") as file, locked(file):
        replace_file(tmp_path / "b", b"new")
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"b", mine.name, elsewhere.name, ".notes.20240101-1200", ".chorus-1-x.new"}
    clear_remains(tmp_path)
    assert not elsewhere.exists() and mine.exists()


def test_a_name_may_be_as_long_as_the_system_lets_it_be(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
