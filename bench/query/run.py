"""The goals of queries, part by part: tables beside the same SQL typed into DuckDB, answers, meaning, inquiries.

usage: python bench/query/run.py [--patient] [PART …]     (default all: the names of PARTS)

All of them take some sixteen minutes on two cores with nothing else on them. A part that is not begun within BUDGET
is not run, and says so of its goals; --patient runs it all the same, as a machine with other work on it needs. Each
part tells its processor time beside the clock, which other work lengthens little.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import duckdb
import meaning
import pyarrow as pa
import questions

from chorus import Capabilities, Session
from chorus.runtime.plan.sql import compile_plan

MESSAGES = 200_000
ROUNDS = 15
SEED = 7
BUDGET = 18 * 60  # seconds after which no part is begun
PATIENT = "--patient"
WORDS = "the patch broke damage armour lag price love hate weapon nerf queue server match event skin".split()

# Name, the form, the SQL that a person would type for the same rows.
QUERIES = (
    (
        "filter and count",
        '(aggregate (where (messages) (contains? content "damage") (> (length content) 20)) (n (count)))',
        "SELECT count(*) AS n FROM messages WHERE contains(content, 'damage') AND length(content) > 20",
    ),
    (
        "group by author",
        """(limit (order-by (aggregate (group-by (messages) author-id) (n (count)) (m (mean (length content))))
             (desc n) author-id) 20)""",
        """SELECT "author-id", count(*) AS n, avg(length(content)) AS m FROM messages GROUP BY 1
           ORDER BY n DESC, 1 LIMIT 20""",
    ),
    (
        "weeks",
        """(aggregate (group-by (where (messages) (contains? content "lag")) (week (bucket timestamp :week)))
             (n (count)))""",
        """SELECT date_trunc('week', timestamp) AS week, count(*) AS n FROM messages
           WHERE contains(content, 'lag') GROUP BY 1 ORDER BY 1""",
    ),
    (
        "join",
        """(limit (order-by (aggregate (group-by (join (messages) (authors) :on (= author-id id)) name) (n (count)))
             (desc n) name) 20)""",
        """SELECT name, count(*) AS n FROM messages JOIN authors ON messages."author-id" = authors.id
           GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20""",
    ),
    (
        "window",
        """(aggregate (where (window (select (messages) id author-id timestamp) :by author-id
             :order-by (timestamp) (n (row-number))) (= n 1)) (firsts (count)))""",
        """SELECT count(*) AS firsts FROM (SELECT row_number() OVER (PARTITION BY "author-id"
             ORDER BY timestamp, id) AS n FROM messages) WHERE n = 1""",
    ),
    (
        "pivot",
        "(pivot (messages) :by author-id :on (weekday timestamp) :take (count) :among '(1 2 3 4 5 6 7))",
        'SELECT "author-id", '
        + ", ".join(f"count(*) FILTER (WHERE isodow(timestamp) = {d}) AS d{d}" for d in range(1, 8))
        + " FROM messages GROUP BY 1 ORDER BY 1",
    ),
    (
        "latest rows",
        """(limit (order-by (select (where (messages) (contains? content "nerf")) id timestamp content)
             (desc timestamp)) 100)""",
        """SELECT id, timestamp, content FROM messages WHERE contains(content, 'nerf')
           ORDER BY timestamp DESC, id LIMIT 100""",
    ),
)  # fmt: skip


def main(words: list[str]) -> None:
    names = [word for word in words if word != PATIENT]
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SystemExit(f"no part is called {', '.join(unknown)}; there are {' '.join(PARTS)}")
    begun = time.monotonic()
    for name in names or PARTS:
        run, goals = PARTS[name]
        started, before = time.monotonic(), processor()
        if started - begun > BUDGET and PATIENT not in words:
            for goal, target in goals.items():
                print(f"GOAL {goal} not-run {target} short")
            continue
        run()
        print(
            f"({name}: {time.monotonic() - started:.0f} s, of processor {processor() - before:.0f} s)\n",
            flush=True,
        )
    print(f"(whole: {time.monotonic() - begun:.0f} s, of processor {processor():.0f} s)", flush=True)


def processor() -> float:
    """Seconds of processor that this process and its children that ended have taken."""
    return sum(os.times()[:4])


def relational(messages: int = MESSAGES) -> None:
    with tempfile.TemporaryDirectory() as folder, Session(folder, allow=Capabilities.all()) as session:
        fill(session, messages)
        typed = beside(session, f"{folder}/beside.duckdb")
        results = [measure(session, typed, *query) for query in QUERIES]
    print(f"{messages:,} messages; medians of {ROUNDS} rounds in turn, in processor time")
    print(f"{'query':20} {'chorus ms':>10} {'duckdb ms':>10} {'ratio':>7} {'plan ms':>8}")
    for name, ours, theirs, plan in results:
        print(f"{name:20} {ours:10.2f} {theirs:10.2f} {ours / theirs:7.2f} {plan:8.2f}")
    ratio = statistics.geometric_mean(ours / theirs for _, ours, theirs, _ in results)
    goal("relational-vs-duckdb", ratio, 1.1)
    goal("plan-ms", max(plan for *_, plan in results), 5.0)


# Name → what runs it, and the goals that it prints.
PARTS: dict[str, tuple[Callable[[], None], dict[str, object]]] = {
    "relational": (relational, {"relational-vs-duckdb": 1.1, "plan-ms": 5.0}),
    "questions": (questions.main, {"false-answers": 0.05, "answered": 0.80, "citation-precision": 1.0}),
    "reserved": (
        lambda: questions.main(reserved=questions.NEWEST_KEPT),
        {"false-answers-new-facts": 0.05, "answered-new-facts": 0.80, "citation-precision-new-facts": 1.0},
    ),
    "inquiry": (lambda: meaning.run(("inquiry",)), {"inquiry-p95-200k": "≤100ms"}),
    "cascade": (lambda: meaning.run(("cascade",)), {"sem-filter-calls": "≤0.1"}),
    "threads": (lambda: meaning.run(("threads",)), {"thread-hit10": "≥0.85", "reply-hit1": "≥0.70"}),
    "inquiry-1m": (lambda: meaning.run(("inquiry-1m",)), {"inquiry-p95-1m": "≤200ms"}),
}


def beside(session: Session, path: str) -> duckdb.DuckDBPyConnection:
    """A database file of its own with the same tables, as a person would have it open."""
    made = duckdb.connect(path)
    made.execute("SET enable_progress_bar = false")
    for name in ("messages", "authors"):
        made.register("held", session.context.store.read(f"SELECT * FROM {name}"))
        made.execute(f"CREATE TABLE {name} AS SELECT * FROM held")
        made.unregister("held")
    made.execute("CHECKPOINT")
    session.context.store.checkpoint()
    return made


def goal(name: str, measured: float, target: float) -> None:
    print(f"GOAL {name} {measured:.3f} {target} {'met' if measured <= target else 'short'}")


def fill(session: Session, count: int) -> None:
    """A store of made-up messages of some 2000 authors, a few of whom write most."""
    dice = random.Random(SEED)
    authors = [f"a{at}" for at in range(max(10, count // 100))]
    start = 1_700_000_000_000_000
    by = [authors[int(len(authors) * dice.random() ** 3)] for _ in range(count)]
    texts = [" ".join(dice.choices(WORDS, k=dice.randint(2, 14))) for _ in range(count)]
    at = pa.array([start + 60_000_000 * i + dice.randint(0, 59_999_999) for i in range(count)], pa.int64())
    store = session.context.store
    session.eval("(count (messages))")
    ids = [f"m{i:08d}" for i in range(count)]
    columns = {"id": ids, "author-id": by, "channel-id": ["c"] * count, "content": texts}
    store.append("messages", pa.table(columns).append_column("timestamp", at.cast(pa.timestamp("us"))))
    store.append("authors", pa.table({"id": authors, "name": [f"name {a}" for a in authors]}))


def measure(
    session: Session, typed: duckdb.DuckDBPyConnection, name: str, form: str, text: str
) -> tuple[str, float, float, float]:
    """Milliseconds of the process from table to Arrow, from SQL to Arrow, and of planning alone."""
    ((_, table),) = session.run(form)
    ours, theirs = table.arrow(), typed.sql(text).to_arrow_table()
    if [column.to_pylist() for column in ours.columns] != [c.to_pylist() for c in _plain(theirs).columns]:
        raise SystemExit(f"{name}: not the same rows")
    pairs = [(_timed(table.arrow), _timed(lambda: typed.sql(text).to_arrow_table())) for _ in range(ROUNDS)]
    plan = statistics.median(_timed(lambda: compile_plan(table.plan)) for _ in range(ROUNDS))
    return name, statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), plan


def _plain(table: pa.Table) -> pa.Table:
    """Instants marked as UTC, as ours are; dates as instants."""
    columns = [
        column.cast(pa.timestamp("us", "UTC")) if pa.types.is_temporal(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _timed(work: Callable[[], Any]) -> float:
    """Processor time, of all threads: what else the machine does is not in it."""
    before = time.process_time()
    work()
    return 1000 * (time.process_time() - before)


if __name__ == "__main__":
    main(sys.argv[1:])
