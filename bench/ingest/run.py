"""Times `ingest` beside DuckDB's own read_json and insert of the same file, in the same run; memory too.

    python bench/ingest/run.py [export.json.gz]

Without a file it takes the real export of the data set, or where that is not here one of 100,000 messages
that it makes. Each way runs in processes of its own, in turn, ROUNDS times; seconds are medians, from opening
the database to its being closed (both checkpoint there), without imports. DuckDB's ways: `inferred` lets it
find the types; `given` names only the columns that we store too; `raw` also keeps each row as it stood, as we
do. The goal is measured against the fastest of them.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 3
GOAL = 2.0

OURS = """
from pathlib import Path
from chorus.runtime.connectors.ingest import ingest
from chorus.runtime.store.store import Store
def load(workspace, export):
    with Store.open(workspace) as store:
        ingest(store, Path(export))
        return store.value("SELECT count(*) FROM messages")
"""

# One object of any size: DuckDB reads it with one thread, whatever the way.
DUCKDB = '''
import duckdb
QUERY = """CREATE TABLE messages AS {query}"""

def load(workspace, export):
    connection = duckdb.connect(workspace + ".duckdb")
    connection.execute(QUERY, [export])
    (count,) = connection.execute("SELECT count(*) FROM messages").fetchone()
    connection.close()
    return count
'''
SOURCE = "read_json(?, maximum_object_size = 2000000000{columns})"
GIVEN = """, columns = {messages: 'STRUCT(
    id VARCHAR, "type" VARCHAR, "timestamp" TIMESTAMPTZ, timestampEdited TIMESTAMPTZ, isPinned BOOLEAN,
    content VARCHAR, author STRUCT(id VARCHAR, name VARCHAR, nickname VARCHAR, isBot BOOLEAN),
    reference STRUCT(messageId VARCHAR))[]'}"""
RAW = """SELECT raw,
    raw->>'$.id' AS id, (raw->>'$.timestamp')::TIMESTAMPTZ AS at, raw->>'$.content' AS content,
    raw->>'$.author.id' AS author FROM (SELECT unnest(messages) AS raw FROM {source})"""
WAYS = {
    "chorus ingest": OURS,
    "duckdb inferred": DUCKDB.replace(
        "{query}", f"SELECT unnest(messages, max_depth := 2) FROM {SOURCE.replace('{columns}', '')}"
    ),
    "duckdb given": DUCKDB.replace(
        "{query}", f"SELECT unnest(messages, max_depth := 2) FROM {SOURCE.replace('{columns}', GIVEN)}"
    ),
    "duckdb raw": DUCKDB.replace(
        "{query}", RAW.replace("{source}", SOURCE.replace("{columns}", ", columns = {messages: 'JSON[]'}"))
    ),
}
MEASURE = """
import json, os, resource, sys, time
wall, cpu = time.perf_counter(), time.process_time()
count = load(sys.argv[1], sys.argv[2])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([count, wall, cpu, peak / 1024]))
"""
# Imports are no part of either; both pass a parameter, for which pandas is loaded where it is installed.
WARM = "import duckdb, numpy, pyarrow; pyarrow.array([1]); duckdb.execute('SELECT ?', [1]).fetchall()\n"


def find_export(folder: Path) -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    data = Path(os.environ.get("CHORUS_DATA") or Path(__file__).parents[3] / "shared" / "data")
    real = data / "discord-export" / "ubuntu.json.gz"
    return real if real.exists() else make_export(folder / "made.json.gz")


def make_export(path: Path, messages: int = 100_000) -> Path:
    chooser = random.Random(1)
    words = [f"word{number}" for number in range(3000)]
    with gzip.open(path, "wt", compresslevel=1) as out:
        out.write('{"guild": {"id": "1"}, "channel": {"id": "2", "type": "GuildTextChat"}, "messages": [')
        for number in range(messages):
            author = str(chooser.randrange(messages // 12))
            row = {
                "id": str(10**18 + number),
                "type": "Default",
                "timestamp": f"2024-01-{number % 28 + 1:02}T10:00:00+00:00",
                "timestampEdited": None,
                "isPinned": False,
                "content": " ".join(chooser.choices(words, k=12)),
                "author": {"id": author, "name": author, "nickname": author, "isBot": False, "roles": []},
                "reference": {"messageId": str(10**18 + number // 2)},
                **{name: [] for name in ("attachments", "embeds", "stickers", "reactions", "mentions")},
            }
            out.write(("," if number else "") + json.dumps(row))
        out.write(f'], "messageCount": {messages}}}')
    return path


def measure(code: str, export: Path, folder: Path) -> list[float]:
    """[rows, wall seconds, CPU seconds, peak MiB] of one run."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        command = [sys.executable, "-c", WARM + code + MEASURE, f"{place}/workspace", str(export)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(value) for value in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        export = find_export(folder)
        runs: dict[str, list[list[float]]] = {way: [] for way in WAYS}
        for _ in range(ROUNDS):
            for way, code in WAYS.items():
                runs[way].append(measure(code, export, folder))
    print(f"{export.name}: {export.stat().st_size:,} bytes, {int(runs['chorus ingest'][0][0]):,} messages\n")
    print(f"{'way':18} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9}")
    medians = {
        way: [statistics.median(column) for column in zip(*got, strict=True)] for way, got in runs.items()
    }
    for way, (_, wall, cpu, peak) in medians.items():
        print(f"{way:18} {wall:8.2f} {cpu:8.2f} {peak:9.0f}")
    assert len({row[0] for row in medians.values()}) == 1, "not all ways took in the same messages"
    ours = medians.pop("chorus ingest")[1]
    ratio = ours / min(wall for _, wall, _, _ in medians.values())
    print(f"\nGOAL ingest-vs-duckdb {ratio:.2f} {GOAL:.2f} {'met' if ratio <= GOAL else 'short'}")


if __name__ == "__main__":
    main()
