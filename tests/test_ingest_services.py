"""Exports of services known by name: help desks, telemetry, Slack; fields as their public documentation has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus.runtime.connectors.ingest import ingest
from chorus.runtime.connectors.paths import html_text, paths
from chorus.runtime.errors import StoreError
from chorus.runtime.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


def document(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def lines(path: Path, rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def events(store: Store) -> list[tuple[Any, ...]]:
    return store.rows('SELECT event, "author-id", value, data FROM events ORDER BY timestamp, event')


# ── help desks ──

TIMES = {"created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-02T10:00:00Z"}
ZENDESK = {
    **TIMES,
    "id": 35436,
    "type": "incident",
    "subject": "Cannot log in",
    "raw_subject": "Cannot log in {{dc.x}}",
    "description": "since the patch",
    "priority": "high",
    "status": "open",
    "requester_id": 20978392,
    "tags": ["login"],
    "custom_fields": [{"id": 27642, "value": "745"}],
    "via": {"channel": "web", "source": {"rel": None}},
    "satisfaction_rating": None,
}


def test_zendesk_pages_on_one_line(store: Store, tmp_path: Path) -> None:
    rows = [ZENDESK, {**ZENDESK, "id": 2, "description": None, "priority": None}, {**ZENDESK, "id": None}]
    page = {"tickets": rows, "count": 3, "next_page": None, "previous_page": None}
    assert ingest(store, document(tmp_path / "t.json", page)).counts[:] == (2, 0, 0, 1)
    assert store.rows("SELECT id, description, priority, type FROM tickets ORDER BY id") == [
        ("2", "", None, "incident"),
        ("35436", "since the patch", "high", "incident"),
    ]
    comment = {
        "id": 9,
        "ticket_id": 35436,
        "author_id": 5,
        "public": False,
        "created_at": TIMES["created_at"],
    }
    bodies = {"type": "Comment", "body": "try *again*", "html_body": "<p>try</p>", "plain_body": "try again"}
    page = {"comments": [{**comment, **bodies}], "next_page": None, "count": 1}
    assert ingest(store, document(tmp_path / "c.json", page)).counts.added == 1
    assert store.rows('SELECT id, "author-id", "channel-id", content, type FROM messages') == [
        ("9", "5", "35436", "try again", None)
    ]


def test_freshdesk_says_its_codes_in_words_and_its_html_as_text(store: Store, tmp_path: Path) -> None:
    ticket = {
        **TIMES,
        "id": 20,
        "subject": "Lost items",
        "description": "<div>my <b>sword</b> &amp; shield</div>",
        "description_text": "my sword & shield",
        "status": 2,
        "priority": 4,
        "requester_id": 1,
        "tags": ["items"],
    }
    rows = [ticket, {**ticket, "id": 21, "description_text": None, "status": 99, "tags": None}]
    assert ingest(store, document(tmp_path / "t.json", rows)).counts.added == 2
    assert store.rows("SELECT id, description, status, priority, tags FROM tickets ORDER BY id") == [
        ("20", "my sword & shield", "open", "urgent", '["items"]'),
        ("21", "my sword & shield", "99", "urgent", "[]"),
    ]
    said = {"body_text": "We look", "body": "<div>We look</div>", "incoming": False, "private": True}
    answer = {**TIMES, **said, "id": 3, "ticket_id": 20, "user_id": 7}
    ingest(store, document(tmp_path / "c.json", [answer]))
    assert store.rows('SELECT "author-id", "channel-id", content FROM messages') == [("7", "20", "We look")]


def test_intercom_conversations_and_their_parts(store: Store, tmp_path: Path) -> None:
    conversation = {
        "type": "conversation",
        "id": "1",
        "created_at": 1663597223,
        "updated_at": 1663597260,
        "title": None,
        "state": "closed",
        "priority": "priority",
        "source": {
            "type": "email",
            "subject": "<p>Refund</p>",
            "body": "<p>money<br>back</p>",
            "author": {"type": "user", "id": "u1"},
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c1"}]},
        "tags": {"type": "tag.list", "tags": [{"type": "tag", "id": "7", "name": "refund"}]},
        "statistics": {"type": "conversation_statistics"},
    }
    page = {"type": "conversation.list", "pages": {"page": 1}, "total_count": 2}
    page["conversations"] = [conversation, {**conversation, "id": "2", "source": None, "title": "T"}]
    assert ingest(store, document(tmp_path / "c.json", page)).counts.added == 2
    assert store.rows('SELECT subject, description, "requester-id", tags FROM tickets ORDER BY id') == [
        ("Refund", "money\nback", "u1", '["refund"]'),
        ("T", "", "c1", '["refund"]'),
    ]
    part = {"type": "conversation_part", "part_type": "comment", "body": "<p>Okay!</p>", "id": "4"}
    author = {"type": "admin", "id": "274", "name": "Op"}
    part |= {"created_at": 1663597260, "author": author, "conversation_id": "1"}
    ingest(
        store, lines(tmp_path / "p.jsonl", [part, {**part, "id": "5", "part_type": "close", "body": None}])
    )
    assert store.rows('SELECT id, "author-id", "channel-id", content, type FROM messages ORDER BY id') == [
        ("4", "274", "1", "Okay!", None),
        ("5", "274", "1", "", "close"),
    ]
    assert store.rows("SELECT name FROM authors") == [("Op",)]


# ── telemetry ──


def test_gameanalytics_keeps_events_that_share_a_name_apart(store: Store, tmp_path: Path) -> None:
    def wrapped(**data: Any) -> dict[str, Any]:
        inside = {"client_ts": 1706933106, "user_id": "u", "session_id": "s", **data}
        return {"arrival_ts": 1706933110, "country_code": "DE", "user_meta": {"a": 1}, "data": inside}

    level = wrapped(category="design", event_id="level:3", value=12.5)
    rows = [
        level,
        {**level, "arrival_ts": 1706933111},
        wrapped(category="user"),
        {"arrival_ts": 1, "data": None},
    ]
    assert ingest(store, lines(tmp_path / "g.jsonl", rows)).counts[:] == (3, 0, 0, 1)
    assert [row[:3] for row in events(store)] == [
        ("level:3", "u", 12.5),
        ("level:3", "u", 12.5),
        ("user", "u", None),
    ]
    assert json.loads(events(store)[0][3])["category"] == "design"


def test_gameanalytics_laid_flat(store: Store, tmp_path: Path) -> None:
    row = {"category": "design", "event_id": "level:3", "user_id": "u", "client_ts": 1706933106}
    assert (
        ingest(store, lines(tmp_path / "g.jsonl", [row, {**row, "client_ts": 1706933107}])).counts.added == 2
    )
    assert [each[0] for each in events(store)] == ["level:3", "level:3"]


def test_playfab_of_both_versions(store: Store, tmp_path: Path) -> None:
    named = {"Name": "level", "Namespace": "custom.game"}
    second = {
        "SchemaVersion": "2.0.1",
        "FullName": named,
        "Id": "e1",
        "Timestamp": "2024-02-03T04:05:06.123Z",
        "Entity": {"Id": "P1", "Type": "title_player_account"},
        "Originator": {"Id": "T", "Type": "title"},
        "Payload": {"level": 3},
    }
    ingest(
        store,
        lines(tmp_path / "2.jsonl", [second, {**second, "Id": "e2", "FullName": "a.b", "Entity": None}]),
    )
    first = {
        "EventName": "login",
        "EventId": "e3",
        "EntityId": "P9",
        "Timestamp": "2024-02-04T04:05:06.1234567Z",
    }
    ingest(store, lines(tmp_path / "1.jsonl", [first]))
    assert [row[:2] for row in events(store)] == [("a.b", None), ("custom.game.level", "P1"), ("login", "P9")]
    assert json.loads(events(store)[1][3])["level"] == 3


def test_unity_spells_an_object_into_its_column(store: Store, tmp_path: Path) -> None:
    csv = 'EVENT_NAME,EVENT_TIMESTAMP,USER_ID,EVENT_JSON\nup,2024-02-03 04:05:06.789,u,"{""level"":5}"\n'
    (tmp_path / "u.csv").write_text(csv + "up,2024-02-03 04:05:07.789,u,{not json\n")
    assert ingest(store, tmp_path / "u.csv").counts.added == 2
    assert [row[3] for row in events(store)] == ['{"level":5}', '{"data":"{not json"}']


# ── Slack ──


def slack(folder: Path) -> Path:
    document(folder / "channels.json", [{"id": "C1", "name": "general", "topic": {"value": "talk"}}])
    profile = {"display_name": "annie", "real_name": "Ann A"}
    document(
        folder / "users.json", [{"id": "U1", "name": "ann", "profile": profile}, {"id": "U2", "name": "bob"}]
    )
    document(folder / "integration_logs.json", [])

    def said(ts: str, **more: Any) -> dict[str, Any]:
        return {"type": "message", "user": "U1", "text": "hi", "ts": ts, **more}

    first = [
        said("1706933106.000100", text="<@U2> &lt;3 <https://a.b|here> <!channel> <#C1|general>"),
        said("1706933200.000200", user="U2", thread_ts="1706933106.000100", edited={"ts": "1706933300.0"}),
        said("1706933300.000300", subtype="channel_join"),
        {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B1",
            "username": "ci",
            "text": "",
            "ts": "1706933400.0",
        },
        {"type": "message", "user": "U1", "text": "when?"},
    ]
    first[0] |= {"reactions": [{"name": "tada", "users": ["U2"], "count": 1}], "thread_ts": first[0]["ts"]}
    first[1] |= {"files": [{"id": "F1", "name": "a.png", "size": 33, "url_private": "https://f/a.png"}]}
    document(folder / "general" / "2024-02-03.json", first)
    document(folder / "general" / "2024-02-04.json", [])
    document(folder / "other" / "2024-02-04.json", [said("1706933106.000100")])
    return folder


def test_a_slack_export(store: Store, tmp_path: Path) -> None:
    summary = ingest(store, slack(tmp_path / "slack"))
    assert summary.counts[:] == (5, 0, 0, 1)
    assert (summary.failed, dict(summary.reasons)) == ([], {"the ts is missing": 1})
    first = "C1:1706933106.000100"
    assert store.rows('SELECT id, type, content, "reply-to" FROM messages ORDER BY "channel-id", id') == [
        (first, "Default", "@bob <3 here (https://a.b) @channel #general", None),
        ("C1:1706933200.000200", "Reply", "hi", first),
        ("C1:1706933300.000300", "channel_join", "hi", None),
        ("C1:1706933400.0", "Default", "", None),
        ("other:1706933106.000100", "Default", "hi", None),
    ]
    assert store.rows('SELECT id, name, "is-bot" FROM authors ORDER BY id') == [
        ("B1", "ci", True),
        ("U1", "annie", False),
        ("U2", "bob", False),
    ]
    assert store.rows("SELECT id, name, topic FROM channels ORDER BY id") == [
        ("C1", "general", "talk"),
        ("other", "other", None),
    ]
    assert store.rows('SELECT "message-id", emoji, count, users FROM reactions') == [
        (first, "tada", 1, '["U2"]')
    ]
    assert store.rows('SELECT "file-name", size FROM attachments') == [("a.png", 33)]
    assert store.rows('SELECT "message-id", "author-id" FROM mentions') == [(first, "U2")]


def test_a_day_of_a_slack_export_and_the_export_again(store: Store, tmp_path: Path) -> None:
    folder = slack(tmp_path / "slack")
    assert ingest(store, folder / "general" / "2024-02-03.json").counts.added == 4
    assert ingest(store, folder).counts[:] == (1, 0, 4, 1)


# ── pages ──


def review(at: int) -> dict[str, Any]:
    return {
        "recommendationid": str(at),
        "author": {"steamid": "7"},
        "review": "x",
        "timestamp_created": 1706933106,
    }


@pytest.mark.parametrize("between", ["\n", "", " \n\n"])
def test_pages_one_behind_another_lose_none(store: Store, tmp_path: Path, between: str) -> None:
    pages = [{"success": 1, "cursor": str(at), "reviews": [review(at), review(at + 1)]} for at in (0, 2, 3)]
    (tmp_path / "p.jsonl").write_text(between.join(map(json.dumps, [*pages, {"success": 1, "reviews": []}])))
    assert ingest(store, tmp_path / "p.jsonl").counts[:] == (5, 0, 1, 0)
    assert ingest(store, tmp_path / "p.jsonl").counts[:2] == (0, 0)


def test_an_empty_page_is_no_mistake_and_a_refusal_is(store: Store, tmp_path: Path) -> None:
    assert ingest(store, document(tmp_path / "last.json", {"success": 1, "reviews": []})).counts[:] == (
        0,
        0,
        0,
        0,
    )
    assert ingest(store, document(tmp_path / "none.json", [])).counts[:] == (0, 0, 0, 0)
    assert ingest(store, document(tmp_path / "odd.json", [1, "a"])).counts.quarantined == 2
    with pytest.raises(StoreError, match="text"):
        ingest(store, document(tmp_path / "no.json", {"success": 2}))


def test_two_exports_in_one_file_are_told(store: Store, tmp_path: Path) -> None:
    message = {"id": "1", "timestamp": "2024-01-01T00:00:00Z", "author": {"id": "2"}, "content": "a"}
    export = json.dumps({"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": [message]})
    (tmp_path / "two.json").write_text(export + "\n" + export.replace('"id": "1", "t', '"id": "9", "t'))
    with pytest.raises(StoreError, match="follows the export"):
        ingest(store, tmp_path / "two.json")


def test_a_row_with_a_list_of_things_is_a_row(store: Store, tmp_path: Path) -> None:
    bought = {"event": "buy", "time": 1706933106, "user": "u", "items": [{"sku": 1}]}
    assert ingest(store, lines(tmp_path / "e.jsonl", [bought, bought])).counts.added == 2
    assert events(store)[0][0] == "buy"


def test_telemetry_under_a_common_name_needs_no_telling(store: Store, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("event_name,user_id,timestamp\nlogin,u,2024-01-01\n")
    ingest(store, tmp_path / "e.csv")
    assert events(store)[0][:2] == ("login", "u")


# ── parts ──


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("plain", "plain"),
        ("a < b", "a < b"),
        ("<p>one</p><p>two &amp; <b>three</b></p>", "one\ntwo & three"),
        ("<style>p {}</style><p>x</p><script>alert(1)</script>", "x"),
        ("</style>seen", "seen"),
        ("a<br/>b<br>c", "a\nb\nc"),
    ],
)
def test_html_is_read_as_it_shows(markup: str, shown: str) -> None:
    assert html_text(markup) == shown


def test_columns_of_objects_come_before_the_objects() -> None:
    assert list(paths([{"a": {"b": {"c": {"d": 1}}}, "e": 2}])) == ["a.b.c", "e", "a.b", "a"]
