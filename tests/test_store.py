"""The store: schema, transactions, threads, one process at a time, no way out of the database."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chorus import Capabilities, Session
from chorus.runtime.errors import Interrupted, StoreError
from chorus.runtime.store import database
from chorus.runtime.store.schema import MIGRATIONS, Migration
from chorus.runtime.store.store import DATABASE, Store

OPEN = "import sys; from chorus.runtime.store.store import Store; s = Store.open(sys.argv[1]);"


def outside(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """CODE in another Python process."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_tables_have_the_columns_people_write(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        columns = {
            table: [name for (name,) in store.rows(f"SELECT column_name FROM (DESCRIBE {table})")]
            for table in ("messages", "authors", "changes", "persona_runs".replace("_", "-").join('""'))
        }
    assert columns["messages"][:5] == ["id", "author-id", "channel-id", "timestamp", "edited-at"]
    assert columns["messages"][-3:] == ["data", "source-id", "raw"]
    assert {"first-seen", "last-seen", "is-bot"} <= set(columns["authors"])
    assert {"feature", "action", "amount"} <= set(columns["changes"])
    assert "corpus-version" in columns['"persona-runs"']


def test_writes_survive_and_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.append("turns", [{"id": 1, "form": "(a)"}, {"id": 2, "form": "(b)"}])
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.write("DELETE FROM turns WHERE id = ?", [1])
            assert store.value("SELECT count(*) FROM turns") == 1, "a transaction sees its own writes"
            raise ZeroDivisionError
    with Store.open(tmp_path) as store:
        assert store.rows("SELECT id, form FROM turns ORDER BY id") == [(1, "(a)"), (2, "(b)")]
        assert store.read("SELECT form FROM turns WHERE id = ?", [2]).to_pylist() == [{"form": "(b)"}]


def test_text_comes_back_as_it_went_in(tmp_path: Path) -> None:
    odd = ["\0", "a\0b", "\ufeff", "\U0010ffff", "‮abc", "e\u0301", "'; DROP TABLE turns; --", "", "\u2028"]
    with Store.open(tmp_path) as store:
        store.append("turns", [{"id": at, "form": text} for at, text in enumerate(odd)])
        for at, text in enumerate(odd):
            assert store.value("SELECT id FROM turns WHERE form = ?", [text]) == at
    with Store.open(tmp_path) as store:
        assert [text for (text,) in store.rows("SELECT form FROM turns ORDER BY id")] == odd


def test_sessions_of_one_process_share_the_store(tmp_path: Path) -> None:
    first, second = Store.open(tmp_path), Store.open(tmp_path / ".." / tmp_path.name)
    first.append("turns", [{"id": 1}])
    first.close()
    assert second.value("SELECT count(*) FROM turns") == 1
    second.close()
    with pytest.raises(StoreError) as caught:
        second.rows("SELECT 1")
    assert caught.value.code == "closed"


def test_a_second_process_is_told_who_has_it(tmp_path: Path) -> None:
    code = OPEN + "print('opened')"
    with Store.open(tmp_path):
        refused = outside(code, tmp_path)
    assert "StoreError" in refused.stderr and f"in use by process {os.getpid()}" in refused.stderr
    assert outside(code, tmp_path).stdout == "opened\n"


def test_a_forked_child_neither_holds_nor_touches_the_store(tmp_path: Path) -> None:
    code = OPEN + (
        "import os, time\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    try: s.rows('SELECT 1')\n"
        "    except Exception as error: print(type(error).__name__, error.code, flush=True)\n"
        "    time.sleep(5); sys.exit(0)\n"
        "s.append('turns', [{'id': 1}])\n"
        "time.sleep(.3)\n"
        "os._exit(0)  # as if killed: the child lives on\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "StoreError closed\n"
        parent.stdout.close()
        parent.wait()
    with Store.open(tmp_path) as store:
        assert store.value("SELECT count(*) FROM turns") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY turns TO 'out.csv'",
        "ATTACH 'other.db'",
        "INSTALL fts",
        "SET enable_external_access = true",
        "SET threads = 1",
    ],
)
def test_no_sql_reaches_outside(tmp_path: Path, sql: str) -> None:
    with Store.open(tmp_path) as store, pytest.raises(StoreError):
        store.rows(sql)


def test_a_load_is_frugal_and_the_rest_is_not(tmp_path: Path) -> None:
    limit = "SELECT current_setting('memory_limit')"
    with Store.open(tmp_path) as store:
        before = store.value(limit)
        for _ in range(3):
            with store.frugal("100MB"):
                assert store.value(limit) == "95.3 MiB"
        assert store.value(limit) == before
        assert store.value("SELECT current_setting('enable_progress_bar')") is False, "it prints to stdout"


def test_a_host_variable_is_no_table(tmp_path: Path) -> None:
    import pyarrow as pa

    secret = pa.table({"a": [1]})  # noqa: F841
    with Store.open(tmp_path) as store, pytest.raises(StoreError, match="secret"):
        store.rows("SELECT * FROM secret")


def test_threads_read_while_one_writes(tmp_path: Path) -> None:
    wrong: list[object] = []
    done = threading.Event()
    with Store.open(tmp_path) as store:
        store.append("turns", [{"id": 0}, {"id": 0}])

        def read() -> None:
            while not done.is_set():
                try:
                    count = store.value("SELECT count(*) FROM turns")
                    if count % 2:
                        wrong.append(count)
                except Exception as error:
                    wrong.append(error)
                    return

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for at in range(20):
            with store.transaction():
                store.append("turns", [{"id": at}])
                store.append("turns", [{"id": at}])
        done.set()
        for reader in readers:
            reader.join()
        assert store.value("SELECT count(*) FROM turns") == 42
    assert not wrong


FOR_HOURS = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b"


@pytest.mark.parametrize("writing", [False, True])
def test_a_long_query_can_be_interrupted(tmp_path: Path, writing: bool) -> None:
    with Store.open(tmp_path) as store:
        threading.Timer(0.3, store.interrupt, [threading.get_ident()]).start()
        started = time.monotonic()
        with pytest.raises(Interrupted), store.transaction() if writing else contextlib.nullcontext():
            store.rows(FOR_HOURS)
        assert time.monotonic() - started < 60  # of what would take hours
        assert store.value("SELECT 1") == 1


def test_what_another_thread_asked_goes_on(tmp_path: Path) -> None:
    outcomes: list[Any] = []

    def ask() -> None:
        try:
            outcomes.append(store.value("SELECT sum(a.range * b.range) FROM range(20000) a, range(20000) b"))
        except Interrupted as error:
            outcomes.append(error)

    with Store.open(tmp_path) as store:
        other = threading.Thread(target=ask)
        other.start()
        while other.is_alive():
            store.interrupt(threading.get_ident())
            other.join(0.01)
    assert outcomes == [(20_000 * 19_999 // 2) ** 2]


def test_a_migration_is_applied_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = MIGRATIONS[-1].version
    with Store.open(tmp_path) as store:
        store.append("turns", [{"id": 7}])
    broken = (
        *MIGRATIONS,
        Migration(newest + 1, "breaks", ("CREATE TABLE half (a INTEGER)", "SELECT nonsense")),
    )
    monkeypatch.setattr(database.migrate, "__defaults__", (broken,))
    with pytest.raises(StoreError):
        Store.open(tmp_path)
    whole = (*MIGRATIONS, Migration(newest + 1, "mends", ("CREATE TABLE half (a INTEGER)",)))
    monkeypatch.setattr(database.migrate, "__defaults__", (whole,))
    for _ in range(2):
        with Store.open(tmp_path) as store:
            assert store.schema_version == newest + 1
            assert store.value("SELECT count(*) FROM half") == 0
            assert store.value("SELECT id FROM turns") == 7
            assert store.value('SELECT count(*) FROM "schema" WHERE version = ?', [newest + 1]) == 1


def test_a_newer_workspace_is_refused(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.write('INSERT INTO "schema" VALUES (?, ?, NULL)', [99, "from the future"])
    with pytest.raises(StoreError) as caught:
        Store.open(tmp_path)
    assert caught.value.code == "version" and "newer" in caught.value.message


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "w").write_text("not a folder")
    with pytest.raises(StoreError) as caught:
        Store.open(tmp_path / "w")
    assert caught.value.code == "disk"


def test_a_database_that_is_none_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"this is no database" * 1000)
    with pytest.raises(StoreError) as caught:
        Store.open(tmp_path)
    assert caught.value.code == "corrupt"


def test_an_unwritable_disk_makes_the_store_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chorus.runtime import durable

    with Store.open(tmp_path) as store:
        store.append("turns", [{"id": 1}])

        def fail(_: int) -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(durable.os, "fsync", fail)
        with pytest.raises(StoreError) as caught:
            store.append("turns", [{"id": 2}])
        assert caught.value.code == "disk"
        monkeypatch.undo()
        with pytest.raises(StoreError):
            store.append("turns", [{"id": 3}])
        assert store.value("SELECT max(id) FROM turns") == 2, "reading goes on"


def test_queries_that_are_wrong_are_typed(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store, pytest.raises(StoreError) as caught:
        store.rows("SELECT nothing FROM nowhere")
    assert caught.value.code == "query" and not isinstance(caught.value, duckdb.Error)


class Stop(BaseException):
    """What a cancelled evaluation is struck with."""


def test_a_thread_that_is_stopped_anywhere_leaves_the_store_sound(tmp_path: Path) -> None:
    import pyarrow as pa

    rows = pa.table({"id": pa.array(range(50), pa.int32())})
    finished = stops = 0
    done = threading.Event()

    def work(store: Store) -> None:
        nonlocal finished, stops
        while not done.is_set():
            try:
                with store.transaction("work"):
                    store.append("turns", rows)
                    store.append("turns", rows)
                    store.rows("SELECT count(*) FROM turns")
                store.rows("SELECT id FROM turns LIMIT 3000")
                finished += 1
            except (Stop, StoreError):  # it strikes inside DuckDB too, which reports it as its own
                stops += 1
            finally:
                with contextlib.suppress(Stop):
                    store.abandon(threading.get_ident())

    with Store.open(tmp_path) as store:
        worker = threading.Thread(target=work, args=(store,), daemon=True)
        worker.start()
        chooser, until = random.Random(3), time.monotonic() + 4
        while time.monotonic() < until:
            time.sleep(chooser.random() * 0.1)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(worker.ident or 0), ctypes.py_object(Stop)
            )
        done.set()
        worker.join(5)
        store.abandon(worker.ident or 0)
        assert stops > 3 and finished > 0
        assert store.value("SELECT count(*) FROM turns") % 100 == 0
        store.append("turns", rows)
        count = store.value("SELECT count(*) FROM turns")
    with Store.open(tmp_path) as store:
        assert store.value("SELECT count(*) FROM turns") == count and store.alarm == []


def test_the_engine_holds_no_more_memory_than_was_said(tmp_path: Path) -> None:
    limit = "SELECT current_setting('memory_limit')"
    with Session(tmp_path, allow=Capabilities.all(), memory=64_000_000) as session:
        store = session.context.store
        with store.frugal():
            assert store.value(limit) == "61.0 MiB"
        assert store.value(limit) == "61.0 MiB"
        store.bound(128_000_000)  # somebody else's word
        assert store.value(limit) == "61.0 MiB"
        with pytest.raises(StoreError, match="more memory") as caught:
            store.rows("SELECT list(i) FROM range(50000000) t(i)")
        assert caught.value.code == "memory" and "--memory" in (caught.value.hint or "")
    with Session(memory=32_000_000) as session:
        assert session.context.memory.value(limit) == "30.5 MiB"
    with pytest.raises(ValueError, match="16,000,000"):
        Session(memory=5)


def test_what_is_lent_streams_too(tmp_path: Path) -> None:
    import pyarrow as pa

    with Store.open(tmp_path) as store:
        lent = {"held": pa.table({"i": range(1000)})}
        batches = store.batches("SELECT a.i FROM held a, held b", size=10_000, lent=lent)
        first = next(batches)
        assert 0 < first.num_rows < 1_000_000
        assert store.value("SELECT 1") == 1, "others may ask meanwhile"
        assert first.num_rows + sum(batch.num_rows for batch in batches) == 1_000_000
