"""kill -9 in the middle of an ingestion: nothing acknowledged is lost, nothing partial, nothing twice."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chorus.runtime.connectors.ingest import ingest
from chorus.runtime.store.store import MARK, Store

MESSAGES = 6000

# The batch is small, so that there are many places to die in between.
RUN = """
import sys
from pathlib import Path
from chorus.runtime.connectors import batch
from chorus.runtime.connectors.ingest import ingest
from chorus.runtime.store.store import Store
batch.BATCH_ROWS = int(sys.argv[3])
ingest(Store.open(sys.argv[1]), Path(sys.argv[2]))
"""


def make_export(path: Path) -> Path:
    chooser = random.Random(5)
    rows = []
    for number in range(MESSAGES):
        author = {"id": str(chooser.randrange(50)), "name": "someone", "isBot": False}
        reaction = {"emoji": {"id": "", "name": "x"}, "count": number % 7}
        rows.append(
            {
                "id": str(10**18 + number),
                "type": "Default",
                "timestamp": f"2024-01-{number % 28 + 1:02}T00:00:00+00:00",
                "content": " ".join(chooser.choices(["a", "keep", "boss", "nerf"], k=20)),
                "author": author,
                "reactions": [reaction] if number % 3 == 0 else [],
            }
        )
    rows.insert(100, {**rows[100], "id": None})
    path.write_bytes(gzip.compress(json.dumps({"channel": {"id": "1"}, "messages": rows}).encode()))
    return path


def acknowledged(workspace: Path) -> int:
    """Commits that the mark has seen."""
    try:
        return int(json.loads((workspace / MARK).read_text())["commits"])
    except (FileNotFoundError, ValueError):
        return 0


def kill_in_the_middle(workspace: Path, export: Path, commits: int, batch: int) -> bool:
    """Ingest in another process, killed once COMMITS more are acknowledged; whether it was still alive."""
    until = acknowledged(workspace) + commits
    with subprocess.Popen([sys.executable, "-c", RUN, str(workspace), str(export), str(batch)]) as process:
        while process.poll() is None and acknowledged(workspace) < until:
            time.sleep(0.002)
        alive = process.poll() is None
        process.kill()
    return alive


def state(store: Store) -> tuple[object, ...]:
    return (
        store.value("SELECT count(*) FROM messages"),
        store.value("SELECT count(DISTINCT id) FROM messages"),
        store.value("SELECT sum(count) FROM reactions"),
        store.value("SELECT count(*) FROM authors"),
        store.value("SELECT count(*) FROM quarantine"),
        store.corpus_version(),
    )


def test_killed_again_and_again(tmp_path: Path) -> None:
    export = make_export(tmp_path / "e.json.gz")
    with Store.open(tmp_path / "whole") as store:
        ingest(store, export)
        wanted = state(store)
    assert wanted[:2] == (MESSAGES, MESSAGES) and wanted[4] == 1
    workspace = tmp_path / "killed"
    killed = sum(kill_in_the_middle(workspace, export, commits, 300) for commits in (1, 4, 7))
    assert killed >= 2, "too fast to be killed: the test shows nothing"
    with Store.open(workspace) as store:
        before = store.value("SELECT count(*) FROM messages")
        assert 0 < before < MESSAGES
        summary = ingest(store, export)
        assert summary.counts.added == MESSAGES - before
        assert state(store) == wanted
        assert tuple(ingest(store, export).counts) == (0, 0, MESSAGES, 1)
        assert store.alarm == []


@pytest.mark.slow
def test_the_real_export_killed_and_whole(tmp_path: Path, real: Callable[[str], Path]) -> None:
    export = real("discord-export/ubuntu.json.gz")
    workspace = tmp_path / "w"
    assert kill_in_the_middle(workspace, export, 5, 20_000)
    code = RUN + "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    command = [sys.executable, "-c", code, str(workspace), str(export), "20000"]
    peak = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert peak < 600_000, f"{peak} KiB at the peak"
    with Store.open(workspace) as store:
        assert state(store)[:2] == (207_761, 207_761)
        assert store.value("SELECT count(*) FROM authors") == 16_673
        assert tuple(ingest(store, export).counts) == (0, 0, 207_761, 0)


@pytest.mark.slow
def test_a_big_file_needs_little_memory(tmp_path: Path) -> None:
    """1 GB of export, of which each message is a few hundred bytes and one is 200 MB."""
    path = tmp_path / "big.json"
    row = {"id": "", "timestamp": "2024-01-01T00:00:00+00:00", "author": {"id": "1"}, "content": "x" * 1500}
    with open(path, "w") as out:
        out.write('{"channel": {"id": "1"}, "messages": [')
        for number in range(500_000):
            out.write(json.dumps({**row, "id": str(number)}) + ",")
            if number == 1000:
                out.write(json.dumps({**row, "id": "huge", "content": "y" * 200_000_000}) + ",")
        out.write(json.dumps({**row, "id": "last"}) + "]}")
    code = RUN + "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    command = [sys.executable, "-c", code, str(tmp_path / "w"), str(path), "20000"]
    peak = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert peak < 1_000_000, f"{peak} KiB at the peak"
    with Store.open(tmp_path / "w") as store:
        assert store.value("SELECT count(*) FROM messages") == 500_001
        assert "too large: 200,0" in store.value("SELECT reason FROM quarantine")
