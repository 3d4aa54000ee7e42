"""Reviews, posts, tickets, events and patch notes from JSON Lines, JSON, CSV and Parquet, mapped or not."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.runtime.capabilities import Capabilities
from chorus.runtime.connectors.fields import BadRow, instant
from chorus.runtime.connectors.ingest import ingest
from chorus.runtime.connectors.mapping import Mapping
from chorus.runtime.context import Context
from chorus.runtime.errors import EvalError, StoreError
from chorus.runtime.primitives import ingest as primitives
from chorus.runtime.store.store import Store
from chorus.runtime.values import HashTable, Keyword, make_list

DISCORD_HEADER = ["AuthorID", "Author", "Date", "Content", "Attachments", "Reactions"]


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


def lines(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def table(path: Path, header: list[str], rows: list[list[str]], **how: Any) -> Path:
    with open(path, "w", newline="", encoding=how.pop("encoding", "utf-8")) as out:
        writer = csv.writer(out, **how)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def messages(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    named = ", ".join(f'"{column}"' for column in columns)
    return store.rows(f"SELECT {named} FROM messages ORDER BY id")


REVIEWS = [
    {"nr": 7, "who": "ann", "words": "good", "liked": True, "when": 1700000000, "hours": 3.5, "game": "Keep"},
    {
        "nr": 8,
        "who": "bob",
        "words": "bad",
        "liked": False,
        "when": 1700000001000,
        "hours": None,
        "game": "Keep",
    },
]
COLUMNS = {
    "id": "nr",
    "text": "words",
    "author": "who",
    "rating": "liked",
    "timestamp": "when",
    "channel": "game",
}


def test_a_mapping_names_the_columns(store: Store, tmp_path: Path) -> None:
    summary = ingest(store, lines(tmp_path / "r.jsonl", REVIEWS), Mapping(columns=COLUMNS))
    assert tuple(summary.counts) == (2, 0, 0, 0)
    at = dt.datetime(2023, 11, 14, 22, 13, 20)
    assert messages(store, "id", "author-id", "content", "rating", "timestamp", "channel-id", "data") == [
        ("7", "ann", "good", 1.0, at, "Keep", '{"hours":3.5}'),
        ("8", "bob", "bad", 0.0, at + dt.timedelta(seconds=1), "Keep", None),
    ]
    assert [json.loads(raw) for (raw,) in messages(store, "raw")] == REVIEWS
    assert store.rows("SELECT id FROM channels") == [("Keep",)]


def test_another_mapping_of_the_same_file_updates(store: Store, tmp_path: Path) -> None:
    path = lines(tmp_path / "r.jsonl", REVIEWS)
    ingest(store, path, Mapping(columns=COLUMNS))
    version = store.corpus_version()
    again = ingest(store, path, Mapping(columns={**COLUMNS, "text": "game"}))
    assert tuple(again.counts) == (0, 2, 0, 0) and store.corpus_version() != version
    assert messages(store, "content") == [("Keep",), ("Keep",)]
    assert tuple(ingest(store, path, Mapping(columns=COLUMNS)).counts) == (0, 2, 0, 0)
    assert store.corpus_version() == version


def test_well_known_names_need_no_mapping(store: Store, tmp_path: Path) -> None:
    rows = [
        {"id": 1, "user": "ann", "content": "hello", "created_at": "2024-01-01", "lang": "en", "stars": "4"}
    ]
    ingest(store, lines(tmp_path / "r.jsonl", rows))
    assert messages(store, "id", "author-id", "content", "language", "rating") == [
        ("1", "ann", "hello", "en", 4.0)
    ]


def test_rows_without_ids_are_told_apart_and_known_again(store: Store, tmp_path: Path) -> None:
    row = {"user": "ann", "text": "again", "created": "2024-01-01T00:00:00Z"}
    rows = [row, row, {**row, "text": "once"}]
    assert ingest(store, lines(tmp_path / "a.jsonl", rows)).counts.added == 3
    assert ingest(store, lines(tmp_path / "b.jsonl", [*rows, row])).counts[:3] == (1, 0, 3)


def test_sources_that_count_alike_are_kept_apart(store: Store, tmp_path: Path) -> None:
    one = [{"id": 1, "user": "ann", "text": "a", "created": "2024-01-01"}]
    other = [{"id": 1, "user": "bob", "text": "b", "created": "2024-02-01"}]
    ingest(store, lines(tmp_path / "a.jsonl", one))
    assert ingest(store, lines(tmp_path / "b.jsonl", other)).counts[:] == (0, 0, 0, 1)
    assert ":source" in store.value("SELECT reason FROM quarantine")
    assert ingest(store, tmp_path / "b.jsonl", Mapping(source="b")).counts.added == 1
    assert messages(store, "id", "content") == [("1", "a"), ("b:1", "b")]


def test_columns_that_are_not_there_are_named(store: Store, tmp_path: Path) -> None:
    path = lines(tmp_path / "r.jsonl", REVIEWS)
    with pytest.raises(StoreError, match="no column 'wrds' for :text") as caught:
        ingest(store, path, Mapping(columns={"text": "wrds"}))
    assert caught.value.hint == "did you mean 'words'?"
    with pytest.raises(StoreError, match="known to hold the text") as caught:
        ingest(store, path)
    assert "nr, who, words" in str(caught.value.hint)
    with pytest.raises(StoreError) as caught:
        ingest(store, path, Mapping(kind="poems"))
    assert "messages, tickets" in str(caught.value.hint)


def test_bad_lines_are_quarantined_by_number(store: Store, tmp_path: Path) -> None:
    good = {"id": 1, "user": "ann", "text": "a", "created": "2024-01-01"}
    body = [json.dumps(good), "", "{broken", "[1]", json.dumps({**good, "id": 2, "user": None})]
    (tmp_path / "r.jsonl").write_text(
        "\n".join([*body, "[" * 5000 + "]" * 5000, json.dumps({**good, "id": 3})]) + "\n"
    )
    assert ingest(store, tmp_path / "r.jsonl").counts[:] == (2, 0, 0, 4)
    assert store.rows('SELECT "row-number", reason FROM quarantine ORDER BY 1') == [
        (3, "not JSON: Expecting property name enclosed in double quotes"),
        (4, "the row is not an object"),
        (5, "the author is missing"),
        (6, "the row is nested too deep: 5,000 levels"),
    ]


def test_a_last_line_that_is_cut_is_an_error(store: Store, tmp_path: Path) -> None:
    rows = [{"id": at, "user": "ann", "text": "a", "created": "2024-01-01"} for at in range(5)]
    path = lines(tmp_path / "r.jsonl", rows)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StoreError, match="ends in the middle"):
        ingest(store, path)
    assert store.value("SELECT count(*) FROM messages") == 4
    lines(path, rows)
    assert ingest(store, path).counts[:3] == (1, 0, 4)


STEAM = {
    "success": 1,
    "query_summary": {"num_reviews": 1},
    "reviews": [
        {
            "recommendationid": "88",
            "author": {"steamid": "76561198000000001", "playtime_forever": 90},
            "language": "english",
            "review": "worth it",
            "timestamp_created": 1700000000,
            "timestamp_updated": 1700000500,
            "voted_up": True,
            "weighted_vote_score": "0.5",
        }
    ],
    "cursor": "x",
}


@pytest.mark.parametrize("indent", [None, 2])
def test_steam_reviews(store: Store, tmp_path: Path, indent: int | None) -> None:
    (tmp_path / "steam.json").write_text(json.dumps(STEAM, indent=indent))
    assert ingest(store, tmp_path / "steam.json").counts.added == 1
    [row] = messages(store, "id", "author-id", "content", "language", "rating", "edited-at", "data")
    assert row[:5] == ("88", "76561198000000001", "worth it", "english", 1.0)
    assert row[5] == dt.datetime(2023, 11, 14, 22, 21, 40)
    assert json.loads(row[6])["author"]["playtime_forever"] == 90


def test_one_array_of_rows(store: Store, tmp_path: Path) -> None:
    rows = [{"id": 1, "user": "ann", "text": "a", "created": "2024-01-01"}, 5]
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps(rows, indent=1).encode()))
    assert ingest(store, tmp_path / "a.json.gz").counts[:] == (1, 0, 0, 1)


def test_parquet_and_zstd(store: Store, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    at = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    rows = [
        {"id": 10**17 + 1, "user": "ann", "text": "p", "created": at, "tags": ["x"]},
        {"id": None, "user": "b"},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "r.parquet")
    assert ingest(store, tmp_path / "r.parquet").counts[:] == (1, 0, 0, 1)
    line = json.dumps({**rows[0], "id": 5, "created": "2024-01-02"}) + "\n"
    packed = pa.compress(line.encode(), "zstd", asbytes=True)
    (tmp_path / "r.jsonl.zst").write_bytes(packed)
    assert ingest(store, tmp_path / "r.jsonl.zst").counts[:] == (1, 0, 0, 0)
    assert [row[0] for row in messages(store, "id")] == ["100000000000000001", "5"]
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "r.parquet").read_bytes()[:-30])
    with pytest.raises(StoreError, match="not readable"):
        ingest(store, tmp_path / "cut.parquet")


@pytest.mark.parametrize(
    "date", ["2020-01-01T01:33:00.0000000+00:00", "01-Jan-20 01:33 AM", "2019-12-31T19:33:00-06:00"]
)
def test_the_exporters_own_csv(store: Store, tmp_path: Path, date: str) -> None:
    name = "Guild - text - tavern [800].csv"
    row = [
        "1",
        "ann#0001",
        date,
        'a "quoted"\nline, and more',
        "https://x/y/z.png?e=1,https://x/q",
        "🔥 (2),keep (3)",
    ]
    path = table(tmp_path / name, DISCORD_HEADER, [row, row, ["", *row[1:]]], quoting=csv.QUOTE_ALL)
    assert ingest(store, path).counts[:] == (2, 0, 0, 1)
    assert ingest(store, path).counts[:3] == (0, 0, 2)
    found = messages(store, "author-id", "channel-id", "timestamp", "content")
    assert found == [("1", "800", dt.datetime(2020, 1, 1, 1, 33), 'a "quoted"\nline, and more')] * 2
    assert store.rows("SELECT DISTINCT emoji, count FROM reactions ORDER BY count") == [
        ("🔥", 2),
        ("keep", 3),
    ]
    assert store.rows('SELECT DISTINCT "file-name" FROM attachments ORDER BY 1') == [("q",), ("z.png",)]
    assert store.rows("SELECT id, name FROM authors") == [("1", "ann")]
    assert store.rows("SELECT id, name FROM channels") == [("800", "tavern")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_of_any_kind(store: Store, tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [["1", "ann", "naïve ½, b;c|d", "2024-01-01"], ["2", "bob"], ["3", "cat", "", "2024-01-01"]]
    path = table(
        tmp_path / "a.csv", ["id", "user", "text", "date"], rows, delimiter=delimiter, encoding=encoding
    )
    assert ingest(store, path).counts[:] == (2, 0, 0, 1)
    assert messages(store, "id", "content") == [("1", "naïve ½, b;c|d"), ("3", "")]
    assert store.value("SELECT reason FROM quarantine") == "the row has 2 fields, the header 4"


def test_a_cut_csv_is_an_error(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,user,text,date\n1,ann,a,2024-01-01\n2,bob,"never closed')
    with pytest.raises(StoreError, match="ends in the middle"):
        ingest(store, path)
    assert messages(store, "id") == [("1",)]


csv_text = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@settings(max_examples=10, deadline=None)
@given(rows=st.lists(csv_text, max_size=8), ending=st.sampled_from(["\n", "\r\n"]))
def test_csv_quoting_keeps_every_text(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], ending: str
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    written = [["9", "ann", "2024-01-01T00:00:00Z", text, "", ""] for text in rows]
    path = table(folder / "c.csv", DISCORD_HEADER, written, quoting=csv.QUOTE_ALL, lineterminator=ending)
    with Store.open(folder / "w") as store:
        assert ingest(store, path).counts[:] == (len(rows), 0, 0, 0)
        assert sorted(text for (text,) in messages(store, "content")) == sorted(rows)
        for text, raw in messages(store, "content", "raw"):
            assert next(csv.reader(io.StringIO(raw, newline=""), strict=True))[3] == text


def test_tickets_events_and_changes_by_what_they_say(store: Store, tmp_path: Path) -> None:
    ticket = {
        "id": 5,
        "subject": "lag",
        "description": "it lags",
        "status": "open",
        "priority": "high",
        "tags": ["net"],
    }
    times = {"created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z", "requester_id": 77}
    assert ingest(store, lines(tmp_path / "t.jsonl", [{**ticket, **times}])).counts.added == 1
    later = {**ticket, **times, "status": "solved", "updated_at": "2024-01-03T00:00:00Z"}
    assert ingest(store, lines(tmp_path / "u.jsonl", [later])).counts.updated == 1
    assert store.rows('SELECT id, status, "requester-id", tags FROM tickets') == [
        ("5", "solved", "77", '["net"]')
    ]
    event = {"EVENT_NAME": "login", "EVENT_TIMESTAMP": 1700000000, "USER_ID": "u", "EVENT_JSON": {"a": 1}}
    assert ingest(store, lines(tmp_path / "e.jsonl", [event, event])).counts.added == 2
    assert store.rows('SELECT DISTINCT event, "author-id", data FROM events') == [("login", "u", '{"a":1}')]
    patch = {"version": "1.2", "date": "2024-01-01", "notes": "all new", "changes": []}
    assert ingest(store, lines(tmp_path / "p.jsonl", [patch]), Mapping("changes")).counts.added == 1
    both = {
        **patch,
        "changes": [{"feature": "a", "action": "nerf", "amount": "0.5"}, {"feature": "b", "by": 2}],
    }
    assert ingest(store, lines(tmp_path / "q.jsonl", [both]), Mapping("changes")).counts.updated == 1
    assert store.rows("SELECT id, feature, amount, data FROM changes ORDER BY id") == [
        ("1.2#1", "a", 0.5, None),
        ("1.2#2", "b", None, '{"by":2}'),
    ]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2024-02-03T04:05:06.7890123-03:30", "2024-02-03T07:35:06.789012"),
        ("2024-02-03", "2024-02-03T00:00:00"),
        ("03.02.2024 04:05", "2024-02-03T04:05:00"),
        (1_706_933_106, "2024-02-03T04:05:06"),
        ("1706933106000", "2024-02-03T04:05:06"),
        (1_706_933_106.5, "2024-02-03T04:05:06.500000"),
        (1_706_933_106_000_000_000, "2024-02-03T04:05:06"),
        (0, "1970-01-01T00:00:00"),
        (-86400, "1969-12-31T00:00:00"),
    ],
)
def test_instants(written: Any, means: str) -> None:
    assert instant(written).replace(tzinfo=None).isoformat() == means


@pytest.mark.parametrize(
    "written", ["", "soon", None, True, [], float("nan"), 1e30, "9999-12-31T23:59:59-12:00"]
)
def test_no_instants(written: Any) -> None:
    with pytest.raises(BadRow):
        instant(written)


def test_the_primitive_takes_lists_tables_and_symbols(tmp_path: Path) -> None:
    path = str(lines(tmp_path / "r.jsonl", REVIEWS))
    context = Context(tmp_path / "w", Capabilities.all())
    pairs = [(Keyword(field), column) for field, column in COLUMNS.items()]
    flat = make_list(item for pair in pairs for item in pair)
    first = primitives.ingest(context, path, columns=list(flat))
    assert first.get(Keyword("added")) == 2 and first.get(Keyword("reasons")) is None
    again = primitives.ingest(context, path, columns=HashTable(pairs))
    assert (again.get(Keyword("added")), again.get(Keyword("skipped"))) == (0, 2)
    [source] = primitives.ingest_log(context)
    assert source.get(Keyword("status")) == "done" and source.get(Keyword("rows")) == 2
    with pytest.raises(EvalError, match="in turn"):
        primitives.ingest(context, path, columns=[Keyword("text")])
    with pytest.raises(StoreError, match="no file or folder"):
        primitives.ingest(context, str(tmp_path / "nowhere"))
    context.close()


def test_real_reviews(store: Store, real: Callable[[str], Path]) -> None:
    path = real("steam-reviews/reviews.jsonl.gz")
    mapping = Mapping(
        columns={"text": "text", "rating": "recommended", "channel": "game", "timestamp": "created"}
    )
    assert ingest(store, path, mapping).counts[:] == (18162, 0, 0, 0)
    assert store.rows('SELECT count(DISTINCT "channel-id"), count(rating) FROM messages') == [(85, 18162)]
