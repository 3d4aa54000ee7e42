"""DiscordChatExporter's files come in whole, old versions and odd rows included, once."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chorus.runtime.connectors import batch as batches
from chorus.runtime.connectors.ingest import Summary, ingest
from chorus.runtime.connectors.jsonsplit import MAX_ELEMENT
from chorus.runtime.errors import StoreError
from chorus.runtime.store.store import Store

AUTHOR = {"id": "1", "name": "ann", "nickname": "Ann", "discriminator": "0000", "isBot": False, "roles": []}


def message(number: int, content: Any = "text", **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "type": "Default",
        "timestamp": f"2024-01-01T00:{number // 60 % 60:02}:{number % 60:02}+00:00",
        "timestampEdited": None,
        "content": content,
        "author": AUTHOR,
        **more,
    }


def export(messages: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "guild": {"id": "9", "name": "G"},
        "channel": {"id": "8", "type": "GuildTextChat", "categoryId": "7", "category": "c", "name": "ch"},
        "exportedAt": "2024-02-01T00:00:00+00:00",
        "messages": messages,
        "messageCount": len(messages),
        **more,
    }


def write(path: Path, document: Any, **how: Any) -> Path:
    path.write_text(json.dumps(document, **how), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


def counts(summary: Summary) -> tuple[int, ...]:
    return tuple(summary.counts)


def contents(store: Store) -> dict[str, str]:
    return dict(store.rows("SELECT id, content FROM messages"))


def test_the_tiny_export_comes_in_whole(store: Store, tiny_export: Path) -> None:
    summary = ingest(store, tiny_export)
    assert counts(summary) == (12, 0, 0, 0)
    assert summary.companions == {"tiny.events.jsonl": 7, "tiny.patches.jsonl": 3}
    ids = dict(store.rows("SELECT right(id, 2), id FROM messages"))
    rows = {
        key[-2:]: row
        for key, *row in store.rows(
            """SELECT id, type, timestamp, "edited-at", content, "forwarded-content", "reply-to", "is-pinned"
               FROM messages"""
        )
    }
    utc = dt.datetime
    assert rows["01"][-1] is True and rows["02"][-1] is False
    assert rows["03"][1:3] == [utc(2024, 3, 1, 18, 10, 3), utc(2024, 3, 1, 18, 12, 30)], "offsets come to UTC"
    assert rows["04"][0] == "Reply" and rows["04"][5] == ids["03"]
    assert rows["06"][3] == "", "null content is empty text"
    assert "½ price" in rows["09"][3] and "👩‍🚀" in rows["09"][3]
    assert rows["10"][3] == "" and rows["10"][4].startswith("Crossbow damage") and rows["10"][5] is None
    assert rows["12"][3] == "A lone half of a pair: \ufffd and a nul: \0 end."
    assert "\\ud83d" in store.value("SELECT raw FROM messages WHERE id = ?", [ids["12"]])
    assert store.rows("SELECT id, name, \"is-bot\" FROM authors WHERE name = 'herald'") == [
        ("700000000000000004", "herald", True)
    ]
    assert store.rows('SELECT emoji, count, users FROM reactions WHERE "emoji-id" IS NOT NULL') == [
        ("keepsake", 3, '["700000000000000001","700000000000000002","700000000000000004"]')
    ]
    assert store.rows('SELECT "file-name", size FROM attachments') == [("route.png", 48213)]
    assert store.rows('SELECT "author-id" FROM mentions') == [("700000000000000002",)]
    assert store.rows("SELECT count(*), sum(value) FROM events WHERE event = 'session-minutes'") == [
        (3, 238.0)
    ]
    assert store.rows("SELECT feature, action, amount FROM changes ORDER BY id") == [
        ("difficulty", "increase", 1.2),
        ("crossbow-damage", "nerf", 0.8),
        ("sword-damage", "buff", 1.05),
        (None, None, None),
    ]
    for key, raw in store.rows("SELECT id, raw FROM messages"):
        assert json.loads(raw)["id"] == key, "the row as it stood"


def test_a_thread_of_an_older_version(store: Store, tiny_export: Path) -> None:
    assert counts(ingest(store, tiny_export.with_name("tiny-thread.json"))) == (2, 0, 0, 0)
    assert store.rows('SELECT type, "parent-id", category FROM channels') == [
        ("GuildPublicThread", "800000000000000001", "tavern")
    ]
    assert store.rows('SELECT id, type, "author-id", "reply-to" FROM messages ORDER BY id') == [
        ("1180000000000000021", "Default", "700000000000000001", None),
        ("1180000000000000022", "Reply", "700000000000000003", "1180000000000000021"),
    ]


def test_the_same_file_again_adds_nothing(store: Store, tiny_export: Path, tmp_path: Path) -> None:
    ingest(store, tiny_export)
    version, size = store.corpus_version(), store.value("SELECT count(*) FROM reactions")
    assert counts(ingest(store, tiny_export)) == (0, 0, 12, 0)
    elsewhere = tmp_path / "copy.json.gz"
    elsewhere.write_bytes(gzip.compress(tiny_export.read_bytes()))
    assert counts(ingest(store, elsewhere)) == (0, 0, 12, 0)
    assert (store.corpus_version(), store.value("SELECT count(*) FROM reactions")) == (version, size)


def test_an_edit_replaces_and_an_older_export_does_not(store: Store, tmp_path: Path) -> None:
    old = write(tmp_path / "old.json", export([message(1, "first"), message(2, "same", reactions=[])]))
    edited = message(1, "second", timestampEdited="2024-01-05T00:00:00+00:00")
    reaction = {"emoji": {"id": "", "name": "x"}, "count": 2}
    new = write(
        tmp_path / "new.json",
        export([edited, message(2, "same", reactions=[reaction])], exportedAt="2024-03-01T00:00:00+00:00"),
    )
    assert counts(ingest(store, old)) == (2, 0, 0, 0)
    before = store.corpus_version()
    assert counts(ingest(store, new)) == (0, 2, 0, 0)
    assert contents(store) == {"1": "second", "2": "same"}
    assert store.corpus_version() != before
    for _ in range(2):
        assert counts(ingest(store, old)) == (0, 0, 2, 0), "the older export changes nothing"
    assert contents(store) == {"1": "second", "2": "same"}
    assert store.rows('SELECT "message-id", count FROM reactions') == [("2", 2)]


def test_the_corpus_version_depends_on_the_rows_alone(tmp_path: Path) -> None:
    one = write(tmp_path / "one.json", export([message(1), message(2)]))
    two = write(tmp_path / "two.json", export([message(3)]))
    versions = []
    for at, order in enumerate([(one, two), (two, one), (one, one, two)]):
        with Store.open(tmp_path / f"w{at}") as store:
            for path in order:
                ingest(store, path)
            versions.append(store.corpus_version())
    with Store.open(tmp_path / "w0") as store:
        versions.append(store.corpus_version())
        ingest(store, write(tmp_path / "three.json", export([message(4)])))
        assert store.corpus_version() != versions[0]
    assert len(set(versions)) == 1


BAD_ROWS = [
    ({**message(1), "id": None}, "the id is missing"),
    ({**message(1), "id": ""}, "the id is missing"),
    ({**message(1), "id": 1.5e18}, "the id is a float"),
    ({**message(1), "id": True}, "the id is neither"),
    ({**message(1), "timestamp": "yesterday"}, "the timestamp is not a time"),
    ({**message(1), "timestamp": None}, "the timestamp is missing"),
    ({**message(1), "timestamp": "0001-01-01T00:00:00+14:00"}, "outside the years"),
    ({**message(1), "author": None}, "the author is missing"),
    ({**message(1), "author": "ann"}, "the author is not an object"),
    ({**message(1), "author": {"name": "ann"}}, "the author's id is missing"),
    ({**message(1), "content": {"a": 1}}, "the content is not text"),
    ("a string", "the row is not an object"),
    (None, "the row is not an object"),
    ([message(1)], "the row is not an object"),
    (7, "the row is not an object"),
]


def test_bad_rows_are_named_and_the_batch_goes_on(store: Store, tmp_path: Path) -> None:
    rows = [item for at, (bad, _) in enumerate(BAD_ROWS) for item in (message(100 + at), bad)]
    summary = ingest(store, write(tmp_path / "bad.json", export(rows)))
    assert counts(summary) == (len(BAD_ROWS), 0, 0, len(BAD_ROWS))
    told = store.rows('SELECT "row-number", reason, raw FROM quarantine ORDER BY "row-number"')
    for at, (bad, reason) in enumerate(BAD_ROWS):
        number, why, raw = told[at]
        assert number == 2 * at + 2 and why.startswith(reason.split("outside")[0]) and reason in why
        assert json.loads(raw) == bad
    assert sum(summary.reasons.values()) == len(BAD_ROWS)


def test_rows_no_parser_should_meet(store: Store, tmp_path: Path) -> None:
    deep = '{"id": "2", "embeds": ' + "[" * 100_000 + "]" * 100_000 + "}"
    wide = json.dumps(message(3, "x" * MAX_ELEMENT))
    broken = '{"id": "4", "content": tru}'
    whole = [json.dumps(message(1)), deep, wide, broken, json.dumps(message(5))]
    path = tmp_path / "hostile.json"
    path.write_text('{"guild": {}, "channel": {"id": 8, "type": 0}, "messages": [' + ",".join(whole) + "]}")
    assert counts(ingest(store, path)) == (2, 0, 0, 3)
    reasons = [reason for (reason,) in store.rows('SELECT reason FROM quarantine ORDER BY "row-number"')]
    assert "nested too deep: 100,001 levels" in reasons[0]
    assert "too large" in reasons[1] and reasons[2].startswith("not JSON")
    assert store.value("SELECT max(length(raw)) FROM quarantine") < 10_000


@pytest.mark.parametrize("order", [0, 1, 2])
def test_keys_may_stand_in_any_order(store: Store, tmp_path: Path, order: int) -> None:
    document = export([message(1), message(2)], extra={"messages": [1, "]}"]}, more=[[], {}], text='"[{')
    keys = list(document)
    keys = [keys[::-1], sorted(keys), [*keys[3:], *keys[:3]]][order]
    summary = ingest(store, write(tmp_path / "o.json", {key: document[key] for key in keys}, indent=order))
    assert counts(summary) == (2, 0, 0, 0)
    assert store.rows('SELECT DISTINCT "channel-id" FROM messages') == [("8",)]
    assert store.value('SELECT "exported-at" FROM sources') == dt.datetime(2024, 2, 1)


def test_an_empty_channel(store: Store, tmp_path: Path) -> None:
    assert counts(ingest(store, write(tmp_path / "e.json", export([])))) == (0, 0, 0, 0)


def test_a_cut_file_is_an_error_that_keeps_what_came_before(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 10)
    text = json.dumps(export([message(number) for number in range(100)]))
    path = tmp_path / "cut.json"
    path.write_text(text[: text.index('"id": "57"') + 40])
    with pytest.raises(StoreError, match="ends in the middle") as caught:
        ingest(store, path)
    assert caught.value.code == "input" and "57 rows" in str(caught.value.hint)
    assert store.value("SELECT count(*) FROM messages") == 57
    path.write_text(text)
    assert counts(ingest(store, path)) == (43, 0, 57, 0)


def test_a_cut_gzip(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "cut.json.gz"
    whole = gzip.compress(
        json.dumps(export([message(number, "t" * number) for number in range(2000)])).encode()
    )
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError) as caught:
        ingest(store, path)
    assert caught.value.code == "input"
    assert 0 < store.value("SELECT count(*) FROM messages") < 2000
    path.write_bytes(whole)
    assert sum(counts(ingest(store, path))[:3]) == 2000
    assert store.value("SELECT count(*) FROM messages") == 2000


def test_a_folder_names_its_unreadable_files(store: Store, tmp_path: Path, tiny_export: Path) -> None:
    folder = tmp_path / "exports"
    (folder / "deep").mkdir(parents=True)
    write(folder / "one.json", export([message(1)]))
    write(folder / "deep" / "two.json", export([message(2)]))
    for name in ("tiny.json", "tiny.events.jsonl", "tiny.patches.jsonl"):
        (folder / name).write_bytes(tiny_export.with_name(name).read_bytes())
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))
    (folder / "empty.json").write_text("")
    (folder / ".hidden").write_text("{")
    (folder / "one.truth.json").write_text("{}")
    summary = ingest(store, folder)
    assert summary.counts.added == 14 and summary.counts.quarantined == 2
    assert [Path(name).name for name, _ in summary.failed] == ["empty.json", "picture.png"]
    assert summary.companions == {"tiny.events.jsonl": 7, "tiny.patches.jsonl": 3}
    again = ingest(store, folder)
    assert (again.counts.added, again.counts.updated, again.counts.skipped) == (0, 0, 14)
    assert store.value("SELECT count(*) FROM quarantine") == 2, "named once, however often it is read"


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_counts_what_it_kept_of_a_cut_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 10)
    folder = tmp_path / "exports"
    folder.mkdir()
    write(folder / "whole.json", export([message(1000)]))
    text = json.dumps(export([message(number) for number in range(100)]))
    cut = folder / ("cut.json.gz" if packed else "cut.json")
    whole = gzip.compress(text.encode()) if packed else text.encode()
    cut.write_bytes(whole[: len(whole) // 2])
    summary = ingest(store, folder)
    stored = store.value("SELECT count(*) FROM messages")
    kept = stored - 1
    assert 0 < kept < 100
    assert summary.counts[:] == (stored, 0, 0, 1) and summary.files == 2
    assert summary.reasons == {f"ends in the middle, {kept} rows kept": 1}
    assert [Path(name).name for name, _ in summary.failed] == [cut.name]
    cut.write_bytes(whole)
    again = ingest(store, folder)
    assert again.counts[:] == (100 - kept, 0, stored, 0) and not again.reasons


def test_a_folder_that_holds_the_workspace(tmp_path: Path) -> None:
    write(tmp_path / "one.json", export([message(1)]))
    with Store.open(tmp_path / "workspace") as store:
        assert counts(ingest(store, tmp_path)) == (1, 0, 0, 0)


def test_duplicates_within_a_file(store: Store, tmp_path: Path) -> None:
    edited = message(1, "edited", timestampEdited="2024-01-02T00:00:00+00:00")
    path = write(
        tmp_path / "d.json",
        export([message(1, "first"), edited, message(1, "first"), message(2), message(2)]),
    )
    assert counts(ingest(store, path)) == (2, 0, 3, 0)
    assert contents(store) == {"1": "edited", "2": "text"}
    assert counts(ingest(store, write(tmp_path / "e.json", json.loads(path.read_text()), indent=1)))[:2] == (
        0,
        0,
    )


def test_another_message_with_a_known_id_is_no_update(store: Store, tmp_path: Path) -> None:
    ingest(store, write(tmp_path / "a.json", export([message(1, "ours")])))
    other = {
        **message(1, "theirs"),
        "author": {"id": "2", "name": "bob"},
        "timestamp": "2020-01-01T00:00:00Z",
    }
    assert counts(ingest(store, write(tmp_path / "b.json", export([other])))) == (0, 0, 0, 1)
    assert contents(store) == {"1": "ours"}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def whole(text: str) -> bool:
    """No half of a surrogate pair in TEXT."""
    return not any(0xD800 <= ord(char) < 0xE000 for char in text)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(st.characters(codec=None, exclude_categories=())), max_size=12),
    extra=JSON_VALUES,
    ascii=st.booleans(),
    indent=st.sampled_from([None, 0, 3]),
    rows=st.integers(1, 5),
)
def test_any_text_any_layout_and_twice(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    extra: Any,
    ascii: bool,
    indent: Any,
    rows: int,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    document = export([message(at, text, unknown=extra) for at, text in enumerate(texts)], later=extra)
    path = folder / "x.json"
    path.write_text(
        json.dumps(document, ensure_ascii=ascii, indent=indent), encoding="utf-8", errors="surrogatepass"
    )
    saved, batches.BATCH_ROWS = batches.BATCH_ROWS, rows
    try:
        with Store.open(folder / "w") as store:
            first, version = ingest(store, path), store.corpus_version()
            assert sum(first.counts) == len(texts)
            kept = contents(store)
            for at, text in enumerate(texts):
                if whole(text):
                    assert kept[str(at)] == text
                else:
                    assert str(at) in kept
            path.write_text(json.dumps(document, ensure_ascii=True, indent=1))
            again = ingest(store, path)
            assert again.counts.added == 0 and store.value("SELECT count(*) FROM messages") == len(texts)
            if all(map(whole, texts)):
                assert again.counts.updated == 0 and store.corpus_version() == version
    finally:
        batches.BATCH_ROWS = saved
