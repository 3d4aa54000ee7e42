"""The conversation around a message: replies at any distance, neighbours up to a silence."""

from __future__ import annotations

import datetime as dt

import pytest
from search_helpers import NOON, HashEmbedder, message, open_context, put

from chorus.runtime.primitives.answers import answers_to
from chorus.runtime.primitives.turns import record_turn
from chorus.runtime.values import Keyword


@pytest.fixture
def context(tmp_path):
    made = open_context(tmp_path / "workspace", HashEmbedder())
    made.store.append("authors", [{"id": "a1", "name": "ada", "nickname": "Ada"}])
    made.store.append("channels", [{"id": "c1", "name": "general"}])
    yield made
    made.close()


def ids(turns):
    return [turn["message-id"] for turn in turns]


def window(context, hit, **options):
    return context.indexes.windows([hit], **options)[hit]


def test_neighbours_stand_around_the_hit_in_order(context):
    put(context, [message(n, f"text {n}") for n in range(1, 30)])
    assert ids(window(context, "15", before=2, after=3)) == ["13", "14", "15", "16", "17", "18"]
    assert ids(window(context, "1", before=2, after=1)) == ["1", "2"]
    assert ids(window(context, "10", before=0, after=0)) == ["10"]
    hit = window(context, "10", before=0, after=0)[0]
    assert (hit["author"], hit["channel"], hit["content"]) == ("Ada", "general", "text 10")
    assert hit["timestamp"] == (NOON + dt.timedelta(minutes=10)).replace(tzinfo=dt.UTC)


def test_numbers_order_messages_of_one_moment(context):
    put(context, [message(n, "x", timestamp=NOON) for n in (8, 9, 10, 11)])
    assert ids(window(context, "10", before=1, after=1)) == ["9", "10", "11"]


def test_a_silence_ends_the_conversation(context):
    rows = [message(n, f"text {n}") for n in range(1, 7)]
    rows += [message(n, f"text {n}", timestamp=NOON + dt.timedelta(minutes=60 + n)) for n in range(7, 10)]
    put(context, rows)
    assert ids(window(context, "6", before=2, after=5)) == ["4", "5", "6"]
    assert ids(window(context, "8", before=5, after=5)) == ["7", "8", "9"]
    assert ids(window(context, "6", before=2, after=2, gap=7200)) == ["4", "5", "6", "7", "8"]


def test_another_channel_is_another_conversation(context):
    put(context, [message(n, "x", **{"channel-id": "c1" if n % 2 else "c2"}) for n in range(1, 10)])
    assert ids(window(context, "5", before=1, after=1)) == ["3", "5", "7"]


def test_replies_are_followed_up_and_down(context):
    far = dt.timedelta(days=1)
    rows = [message(n, "noise") for n in range(1, 4)]
    rows += [message(100, "root", timestamp=NOON - far)]
    rows += [message(101, "answer", timestamp=NOON, **{"reply-to": "100"})]
    rows += [message(102, "to the answer", timestamp=NOON + far, **{"reply-to": "101"})]
    rows += [message(103, "elsewhere", timestamp=NOON + 2 * far, **{"reply-to": "102", "channel-id": "c9"})]
    rows += [message(104, "another answer to the root", timestamp=NOON + 2 * far, **{"reply-to": "100"})]
    put(context, rows)
    around = {turn["message-id"]: turn["relation"] for turn in window(context, "101", before=0, after=1)}
    expected = {"100": "answered", "101": "self", "102": "answer", "103": "answer", "1": "beside"}
    assert around == expected


def test_replies_that_go_round_end(context):
    put(context, [message(1, "x", **{"reply-to": "2"}), message(2, "y", **{"reply-to": "1"})])
    assert ids(window(context, "1", before=0, after=0)) == ["1", "2"]
    put(
        context,
        [message(3, "to itself", **{"reply-to": "3"}), message(4, "to no one", **{"reply-to": "gone"})],
    )
    assert ids(window(context, "3", before=0, after=0)) == ["3"]
    assert ids(window(context, "4", before=0, after=0)) == ["4"]


def test_many_at_once_are_each_as_alone(context):
    put(
        context,
        [message(n, f"text {n}", **{"reply-to": str(n - 7) if n % 3 == 0 else None}) for n in range(1, 60)],
    )
    hits = [str(n) for n in range(1, 60, 4)]
    together = context.indexes.windows([*hits, "unknown", hits[0]])
    assert list(together) == hits
    for hit in hits:
        assert together[hit] == window(context, hit)


def test_what_is_answered_is_the_latest_of_the_window_that_is(context):
    rows = [message(n, f"text {n}", **{"reply-to": str(n // 2) if n % 3 else None}) for n in range(1, 40)]
    put(
        context,
        [*rows, message(50, "to nothing", **{"reply-to": "999"}), message(51, "x", **{"reply-to": "51"})],
    )
    hits = [*(row["id"] for row in rows), "50", "51", "no-such-message"]
    found = context.indexes.conversations.answered(hits)
    for hit, turns in context.indexes.windows(hits).items():
        above = [turn["message-id"] for turn in turns if turn["relation"] == "answered"]
        assert (found[hit]["message-id"] if hit in found else None) == (above[-1] if above else None)
    assert len(found) > 10


def test_what_may_answer_is_told_by_reply_name_and_place(context):
    context.store.append("authors", [{"id": "a2", "name": "bob"}, {"id": "a3", "name": "cleo"}])
    said = [
        ("1", "a1", "where is the fox", None),
        ("2", "a2", "in the marsh", "1"),
        ("3", "a3", "which one", "2"),
        ("4", "a3", "ada: the eastern", None),
        ("5", "a2", "cleo: it is not", None),
        ("6", "a1", "thanks", None),
        ("7", "a2", "welcome", None),
        ("8", "a3", "me too", None),
    ]
    put(context, [message(int(n), text, **{"author-id": who, "reply-to": to}) for n, who, text, to in said])
    form = evaluated(context, ["1"], beside=1)
    assert form == [("2", "reply", 0), ("3", "thread", 0), ("4", "addressed", 0), ("7", "beside", 1)]


def evaluated(context, wanted, **options):
    found = answers_to(context, wanted, [], after=10, **options)
    rows = [list(row) for row in found]
    return [(row[1].get(Keyword("message-id")), row[2].name, row[3]) for row in rows]


def test_a_recorded_turn_makes_nothing_stale(context):
    put(context, [message(1, "a")])
    before = context.store.version
    record_turn(context, 1, "(query …)", "{}")
    assert context.store.version == before
    assert context.store.value("SELECT count(*) FROM turns") == 1
    put(context, [message(2, "b")])
    assert context.store.version != before
    assert ids(window(context, "1")) == ["1", "2"]
