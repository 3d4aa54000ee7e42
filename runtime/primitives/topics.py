"""Topics and the store: what they were at each look is kept, with the versions of the corpus and the environment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, primitive
from chorus.runtime.values import UNSPECIFIED, HashTable, Keyword, make_list

LATEST = """
SELECT look, id, topic, since, centre FROM "topic-centres" JOIN "topic-history" USING (look, id)
WHERE look = (SELECT max(look) FROM "topic-centres" WHERE model = ?) ORDER BY id
"""


@primitive("%kept-topics", effects="read-store")
def kept_topics(ctx: Any) -> Any:
    """The topics of the latest :look by this session's embedding model: :ids :names :since and :centres, rows of a
    tensor; #f where there are none.

    > (%kept-topics)
    => #f
    """
    import numpy as np

    rows = ctx.reader.rows(LATEST, [ctx.embedder.model])
    if not rows:
        return False
    looks, ids, names, since, centres = zip(*rows, strict=True)
    columns = {
        "look": looks[0],
        "ids": make_list(ids),
        "names": make_list(names),
        "since": make_list(each.replace(tzinfo=dt.UTC) for each in since),
        "centres": np.array(centres, dtype=np.float64),
    }
    return HashTable((Keyword(name), value) for name, value in columns.items())


COLUMNS = ("topic", "state", "messages", "people", "share", "people-last-week", "expected", "p", "emerging")


@primitive("%keep-topics!", effects="read-store write-store clock")
def keep_topics(ctx: Any, rows: Items, centres: Any, places: Items) -> int:
    """Keep ROWS, hash tables of topics whose CENTRES stand at PLACES, as the next look; its number. A row without an
    :id is given the next that no topic has had, and one without :since begins now.

    > (%keep-topics! '() #(1 0) '())
    => 0
    """
    from chorus.runtime.jsonout import json_text

    if not rows or ctx.untouched:
        return 0  # looking makes no workspace
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with ctx.store.transaction("update-topics!"):
        look, last = ctx.store.rows(
            'SELECT coalesce(max(look), 0), coalesce(max(id), 0) FROM "topic-history"'
        )[0]
        same = {
            "look": look + 1,
            "at": now,
            "corpus-version": ctx.store.corpus_version(),
            "environment-version": ctx.environment_version,
        }
        kept, middles = [], []
        for row, place in zip(rows, places, strict=True):
            get = lambda name, row=row: row.get(Keyword(name), False)
            if get("id") is False:
                last += 1
                row.set(Keyword("id"), last)
            since = get("since")
            kept.append(
                {name: None if get(name) is False and name != "emerging" else get(name) for name in COLUMNS}
                | {"id": get("id"), "since": since.replace(tzinfo=None) if since else now}
                | {"examples": json_text(get("examples"))}
                | same
            )
            centre = [float(each) for each in centres[place]]
            middles.append({"look": look + 1, "id": get("id"), "model": ctx.embedder.model, "centre": centre})
        ctx.store.append("topic-history", kept)
        ctx.store.append("topic-centres", middles)
    return same["look"]


@primitive("%rename-topic!", effects="read-store write-store")
def rename_topic(ctx: Any, number: int, name: str) -> Any:
    """Call topic NUMBER by NAME, at all looks.

    > (guard (e (#t (error-object-message e))) (%rename-topic! 1000000 "lag"))
    => "there is no topic 1000000"
    """
    known = ctx.reader.value('SELECT count(*) FROM "topic-history" WHERE id = ?', [number])
    if not known:
        raise EvalError(
            f"there is no topic {number}",
            code="unknown",
            hint="(topic-history) has their numbers; (update-topics!) looks for them",
        )
    with ctx.store.transaction("name-topic!"):
        ctx.store.write('UPDATE "topic-history" SET topic = ? WHERE id = ?', [name, number])
    return UNSPECIFIED
