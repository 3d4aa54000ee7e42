"""The conversation around a message: what it answers, what answers it, and what was said beside it.

On real chat 57 % of the replies to a question share no content word with it: words find the question, structure finds
the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chorus.runtime.index.documents import TEXT

if TYPE_CHECKING:
    import datetime as dt

    from chorus.runtime.store.store import Store

GAP_SECONDS = 600.0  # silence that ends a conversation
LONGEST_CHAIN = 64  # replies followed up or down

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
WITH hits AS (SELECT id, "channel-id" AS channel, timestamp AS at FROM messages WHERE id IN (SELECT unnest(?))),
near AS (
    SELECT hits.id AS hit, m.id, (m.timestamp, length(m.id), m.id) < (hits.at, length(hits.id), hits.id) AS earlier,
           m.timestamp AS at
    FROM messages AS m JOIN hits ON m."channel-id" IS NOT DISTINCT FROM hits.channel AND m.id <> hits.id
    WHERE m.timestamp BETWEEN hits.at - to_seconds(?) AND hits.at + to_seconds(?)
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY hit, earlier ORDER BY
        CASE WHEN earlier THEN -epoch_us(at) ELSE epoch_us(at) END,
        CASE WHEN earlier THEN -length(id) ELSE length(id) END) AS place
    FROM near
)
SELECT hit, id FROM ranked WHERE place <= CASE WHEN earlier THEN ? ELSE ? END
"""


@dataclass(frozen=True)
class Turn:
    """One message of a conversation. RELATION to the hit: self, answered (it answers this), answer, or beside."""

    id: str
    author_id: str
    channel_id: str
    timestamp: dt.datetime
    text: str
    reply_to: str | None
    relation: str


def windows(
    store: Store, ids: list[str], before: int = 4, after: int = 6, gap: float = GAP_SECONDS
) -> dict[str, list[Turn]]:
    """For each of IDS the conversation around it, in the order of time; ids that are not there are left out.

    It holds the messages it answers and those that answer it, over any distance, and up to BEFORE and AFTER
    neighbours of the same channel, as far as no silence of more than GAP seconds lies between.
    """
    relation: dict[tuple[str, str], str] = {}
    for hit, message, depth in store.rows(CHAIN, [ids]):
        relation[hit, message] = "self" if depth == 0 else "answered" if depth < 0 else "answer"
    reach = gap * max(before, after, 1)
    for hit, message in store.rows(BESIDE, [ids, reach, reach, before, after]):
        relation.setdefault((hit, message), "beside")
    turns = _turns(store, sorted({message for _, message in relation}))
    found: dict[str, list[Turn]] = {}
    for hit in dict.fromkeys(ids):
        if hit in turns:
            around = [
                turns[message] | {"relation": kind} for (of, message), kind in relation.items() if of == hit
            ]
            found[hit] = _unbroken([Turn(**turn) for turn in around], gap)
    return found


def _turns(store: Store, ids: list[str]) -> dict[str, dict]:
    names = ("id", "author_id", "channel_id", "timestamp", "text", "reply_to")
    query = f"""SELECT id, "author-id", "channel-id", timestamp, {TEXT}, "reply-to" FROM messages
                WHERE id IN (SELECT unnest(?))"""
    return {row[0]: dict(zip(names, row, strict=True)) for row in store.rows(query, [ids])}


def _unbroken(turns: list[Turn], gap: float) -> list[Turn]:
    """TURNS in order, without the neighbours that a silence of more than GAP seconds cuts off from the hit."""
    turns.sort(key=lambda turn: (turn.timestamp, len(turn.id), turn.id))
    here = next(at for at, turn in enumerate(turns) if turn.relation == "self")
    kept = {here}
    for step in (-1, 1):
        last = turns[here]
        for at in range(here + step, len(turns) if step > 0 else -1, step):
            turn = turns[at]
            if turn.relation == "beside" and abs((turn.timestamp - last.timestamp).total_seconds()) > gap:
                break
            if turn.relation == "beside":
                last = turn
            kept.add(at)
    linked = {at for at, turn in enumerate(turns) if turn.relation != "beside"}
    return [turn for at, turn in enumerate(turns) if at in kept | linked]
