"""The conversation around a message: what it answers, what answers it, and what was said beside it.

On real chat 57 % of the replies to a question share no content word with it: words find the question,
structure finds the answer.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from chorus.runtime.index.documents import TEXT

if TYPE_CHECKING:
    from chorus.runtime.store.memory import Memory
    from chorus.runtime.store.store import Store

GAP_SECONDS = 600.0  # silence that ends a conversation
LONGEST_CHAIN = 64  # replies followed up or down
LONGEST_REACH = 30 * 86_400.0  # seconds before and after a hit that are looked at

# Hits, then each step of the reply graph from them; UNION stops at cycles.
CHAIN = f"""
WITH RECURSIVE hits AS (SELECT unnest(?) AS id),
up AS (
    SELECT id AS hit, id, 0 AS depth FROM hits
    UNION
    SELECT up.hit, parent.id, up.depth - 1 FROM up
    JOIN messages AS here ON here.id = up.id JOIN messages AS parent ON parent.id = here."reply-to"
    WHERE up.depth > -{LONGEST_CHAIN}
),
down AS (
    SELECT id AS hit, id, 0 AS depth FROM hits
    UNION
    SELECT down.hit, child.id, down.depth + 1 FROM down
    JOIN messages AS child ON child."reply-to" = down.id
    WHERE down.depth < {LONGEST_CHAIN}
)
SELECT hit, id, any_value(depth) FROM (SELECT * FROM up UNION ALL SELECT * FROM down) GROUP BY hit, id
"""

# Ids are numbers that grow with time, as strings: the shorter is the smaller.
BESIDE = """
WITH hits AS (
    SELECT id, "channel-id" AS channel, timestamp AS moment FROM messages WHERE id IN (SELECT unnest(?))
),
near AS (
    SELECT hits.id AS hit, m.id, m.timestamp AS moment,
           (m.timestamp, length(m.id), m.id) < (hits.moment, length(hits.id), hits.id) AS earlier
    FROM messages AS m JOIN hits ON m."channel-id" IS NOT DISTINCT FROM hits.channel AND m.id <> hits.id
    WHERE m.timestamp BETWEEN hits.moment - to_seconds(?) AND hits.moment + to_seconds(?)
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY hit, earlier ORDER BY moment, length(id), id) AS place,
           count(*) OVER (PARTITION BY hit, earlier) AS many
    FROM near
)
SELECT hit, id FROM ranked WHERE CASE WHEN earlier THEN place > many - ? ELSE place <= ? END
"""


Message = dict[str, Any]  # the columns of MESSAGES, and in a window the message's RELATION to the hit

MESSAGES = f"""
SELECT m.id AS "message-id", m."author-id", coalesce(a.nickname, a.name) AS author, m."channel-id",
       c.name AS channel, m.timestamp, {TEXT} AS content, m."reply-to"
FROM messages AS m
LEFT JOIN authors AS a ON a.id = m."author-id"
LEFT JOIN channels AS c ON c.id = m."channel-id"
WHERE m.id IN (SELECT unnest(?))
"""
COLUMNS = ("message-id", "author-id", "author", "channel-id", "channel", "timestamp", "content", "reply-to")


def described(store: Store | Memory, ids: list[str]) -> dict[str, Message]:
    """Message id → what it says, who said it, when and where, for those of IDS that are there."""
    found = {}
    for row in store.rows(MESSAGES, [ids]):
        message = dict(zip(COLUMNS, row, strict=True))
        message["timestamp"] = message["timestamp"].replace(tzinfo=dt.UTC)
        found[row[0]] = message
    return found


def windows(
    store: Store | Memory, ids: list[str], before: int = 4, after: int = 6, gap: float = GAP_SECONDS
) -> dict[str, list[Message]]:
    """For each of IDS the conversation around it, in the order of time; ids that are not there are left out.

    It holds the messages it answers and those that answer it, over any distance, and up to BEFORE and AFTER
    neighbours of the same channel, as far as no silence of more than GAP seconds lies between. A message's
    relation is `self`, `answered` (the hit answers it), `answer` or `beside`.
    """
    relations: dict[str, dict[str, str]] = {hit: {} for hit in ids}
    for hit, message, depth in store.rows(CHAIN, [ids]):
        relations[hit][message] = "self" if depth == 0 else "answered" if depth < 0 else "answer"
    reach = min(gap * max(before, after, 1), LONGEST_REACH)
    for hit, message in store.rows(BESIDE, [ids, reach, reach, before, after]):
        relations[hit].setdefault(message, "beside")
    messages = described(store, sorted({message for around in relations.values() for message in around}))
    found = {}
    for hit, around in relations.items():
        if hit in messages:
            turns = [messages[message] | {"relation": relation} for message, relation in around.items()]
            found[hit] = unbroken(turns, gap)
    return found


def in_time(turn: Message) -> tuple[dt.datetime, int, str]:
    """What TURN is sorted by: ids are numbers that grow with time, as strings."""
    return turn["timestamp"], len(turn["message-id"]), turn["message-id"]


def unbroken(turns: list[Message], gap: float) -> list[Message]:
    """TURNS in order, without the neighbours that a silence longer than GAP seconds cuts off from the hit."""
    turns.sort(key=in_time)
    here = next(at for at, turn in enumerate(turns) if turn["relation"] == "self")
    kept = {at for at, turn in enumerate(turns) if turn["relation"] != "beside"}
    for side in (range(here - 1, -1, -1), range(here + 1, len(turns))):
        last = turns[here]["timestamp"]
        for at in side:
            if turns[at]["relation"] != "beside":
                continue
            if abs((turns[at]["timestamp"] - last).total_seconds()) > gap:
                break
            last = turns[at]["timestamp"]
            kept.add(at)
    return [turn for at, turn in enumerate(turns) if at in kept]
