"""Acknowledged writes that a damaged log has lost are noticed, named, and made good by ingesting again."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chorus.runtime.connectors.ingest import ingest
from chorus.runtime.durable import replace_file
from chorus.runtime.errors import StoreError
from chorus.runtime.store.check import problems
from chorus.runtime.store.mark import Mark
from chorus.runtime.store.store import DATABASE, MARK, Store

WAL = DATABASE + ".wal"

# Two ingestions and a write, then death without a checkpoint: all of it is in the log.
DIE = """
import os, sys
from pathlib import Path
from chorus.runtime.connectors.ingest import ingest
from chorus.runtime.store.store import Store
store = Store.open(sys.argv[1])
for file in sys.argv[2:]:
    ingest(store, Path(file))
store.append("turns", [{"id": 1}], label="turn 1")
os._exit(9)
"""


@pytest.fixture(scope="module")
def dead(tiny_export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose process died with everything still in the log."""
    folder = tmp_path_factory.mktemp("dead") / "w"
    files = [str(tiny_export), str(tiny_export.with_name("tiny-thread.json"))]
    done = subprocess.run([sys.executable, "-c", DIE, str(folder), *files], timeout=60)
    assert done.returncode == 9
    assert (folder / WAL).stat().st_size > 1000
    return folder


def copy(dead: Path, tmp_path: Path, keep: float = 1.0) -> Path:
    folder = tmp_path / "w"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(dead, folder)
    log = (folder / WAL).read_bytes()
    (folder / WAL).write_bytes(log[: int(len(log) * keep)])
    return folder


def test_a_whole_log_is_no_alarm(dead: Path, tmp_path: Path) -> None:
    with Store.open(copy(dead, tmp_path)) as store:
        assert store.alarm == []
        assert store.value("SELECT count(*) FROM messages") == 14
        assert store.value("SELECT count(*) FROM turns") == 1


@pytest.mark.parametrize("keep", [0.0, 0.2, 0.5, 0.8, 0.95, 0.999])
def test_a_cut_log_is_never_silent(
    dead: Path, tmp_path: Path, keep: float, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy(dead, tmp_path, keep)
    try:
        store = Store.open(folder)
    except StoreError as error:
        assert error.code == "corrupt"
        return
    with store:
        if not store.alarm:  # only what cannot be ingested again is gone: it is told
            assert "turn 1" in capsys.readouterr().err
            assert store.value("SELECT count(*) FROM messages") == 14
            return
        with pytest.raises(StoreError, match="lost acknowledged writes") as caught:
            store.rows("SELECT count(*) FROM messages")
        assert caught.value.code == "corrupt" and "ingest" in str(caught.value.hint)
        with pytest.raises(StoreError):
            store.append("turns", [{"id": 2}])
        for label in store.alarm:
            ingest(store, Path(label.removeprefix("ingest ")))
        assert store.alarm == []
        assert store.value("SELECT count(*) FROM messages") == store.value(
            "SELECT count(DISTINCT id) FROM messages"
        )


def test_the_alarm_survives_reopening_until_it_is_dealt_with(dead: Path, tmp_path: Path) -> None:
    folder = copy(dead, tmp_path, 0.3)
    for _ in range(2):
        with Store.open(folder) as store, pytest.raises(StoreError):
            store.rows("SELECT 1")
    with Store.open(folder) as store:
        store.settle()
        assert store.value("SELECT 1") == 1
    with Store.open(folder) as store:
        assert store.value("SELECT 1") == 1


def test_a_deleted_database_is_noticed(dead: Path, tmp_path: Path) -> None:
    folder = copy(dead, tmp_path)
    (folder / WAL).unlink()
    (folder / DATABASE).unlink()
    with Store.open(folder) as store:
        assert any("tiny.json" in label for label in store.alarm)


def test_an_unreadable_mark_is_noticed(dead: Path, tmp_path: Path) -> None:
    folder = copy(dead, tmp_path)
    (folder / MARK).write_bytes(b'{"commits": 3, "rec')
    with Store.open(folder) as store:
        assert store.alarm


def test_rows_that_are_not_as_they_were_stored_are_found(dead: Path, tmp_path: Path) -> None:
    with Store.open(copy(dead, tmp_path)) as store:
        assert problems(store) == []
        one = store.value("SELECT min(id) FROM messages")
        store.write("UPDATE messages SET content = content || '!' WHERE id = ?", [one])
        assert "digest" in problems(store)[0]
        store.write("UPDATE messages SET content = left(content, -1) WHERE id = ?", [one])
        assert problems(store) == []
        store.write('UPDATE reactions SET "message-id" = ?', ["nowhere"])
        assert problems(store) == ["4 rows of reactions belong to no message"]
        store.write("INSERT INTO authors SELECT * FROM authors LIMIT 1")
        assert "1 rows of authors repeat an id" in problems(store)


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_is_never_a_silent_wrong_answer(dead: Path, tmp_path: Path, seed: int) -> None:
    folder = copy(dead, tmp_path)
    with Store.open(folder) as store:
        store.checkpoint()
        wanted = (
            store.rows("SELECT * FROM messages ORDER BY id"),
            store.rows("SELECT * FROM changes ORDER BY id"),
        )
    chooser = random.Random(seed)
    content = bytearray((folder / DATABASE).read_bytes())
    used = [at for at, byte in enumerate(content) if byte]
    content[chooser.choice(used)] ^= 1 << chooser.randrange(8)
    (folder / DATABASE).write_bytes(content)
    try:
        with Store.open(folder) as store:
            found = problems(store)
            got = (
                store.rows("SELECT * FROM messages ORDER BY id"),
                store.rows("SELECT * FROM changes ORDER BY id"),
            )
            assert found or got == wanted
    except StoreError as error:
        assert error.code in ("corrupt", "version"), error.message


def test_the_mark_forgets_old_labels_but_not_that_they_were(tmp_path: Path) -> None:
    mark = Mark(tmp_path / "mark")
    for number in range(1, 1001):
        mark.commits = number
        mark.recent = [*mark.recent, (number, f"write {number}")][-256:]
    mark.save()
    lost = Mark(tmp_path / "mark").compare(10)
    assert lost[0] == "earlier writes" and lost[-1] == "write 1000"


def test_replacing_a_file_leaves_nothing_beside_it(tmp_path: Path) -> None:
    replace_file(tmp_path / "a", b"one")
    replace_file(tmp_path / "a", b"two")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"two")]
