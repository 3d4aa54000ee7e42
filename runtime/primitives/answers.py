"""What answers need of the store: dated changes, counts of words, activity by day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated, Any

from chorus.runtime.errors import EvalError
from chorus.runtime.index.documents import TEXT
from chorus.runtime.instants import DAY
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.primitives.search import message_table
from chorus.runtime.values import HashTable, Keyword, Opaque, Symbol, make_list

MOST_NAMED = 12  # names that a hint lists


def _table(**fields: Any) -> HashTable:
    shown = ((name.replace("_", "-"), value) for name, value in fields.items())
    return HashTable((Keyword(name), False if value is None else value) for name, value in shown)


@primitive("%changes", effects="read-store")
def changes(ctx: Any) -> Any:
    """The dated changes, oldest first, as hash tables: :id :timestamp :version :title :notes :feature :action
    :amount.

    > (list? (%changes))
    => #t
    """
    names = ("id", "timestamp", "version", "title", "notes", "feature", "action", "amount")
    rows = ctx.reader.rows(f"SELECT {', '.join(names)} FROM changes ORDER BY timestamp, id", [])
    return make_list(
        _table(**dict(zip(names, (row[0], row[1].replace(tzinfo=dt.UTC), *row[2:]), strict=True)))
        for row in rows
    )


@primitive("%term-counts", effects="read-store")
def term_counts(ctx: Any, terms: Items) -> HashTable:
    """How many messages contain each of TERMS as a part of a word: :documents in all, :counts term → n.

    > (hash-ref (hash-ref (%term-counts '("xyzzyplugh")) :counts) "xyzzyplugh")
    => 0
    """
    given = [str(term).lower() for term in terms]
    counts = {term: ctx.indexes.words.holding(term) for term in given if term.isascii() and term.isalnum()}
    rest = [term for term in given if term not in counts]
    if rest:
        each = ", ".join("count(*) FILTER (WHERE contains(said, ?))" for _ in rest)
        [row] = ctx.reader.rows(f"SELECT {each} FROM (SELECT lower({TEXT}) AS said FROM messages)", rest)
        counts |= zip(rest, row, strict=True)
    return _table(documents=ctx.indexes.messages(), counts=HashTable((term, counts[term]) for term in given))


@primitive("%activity", effects="read-store")
def activity(ctx: Any, authors: Items | None = None) -> HashTable:
    """Who did what on which day, of AUTHORS (ids) or everyone.

    :start is the first day of the workspace's messages, midnight UTC, :days their number; :ids :texts
    :message-days stand for each message with words; :active-days :active-authors for each message and event.

    > (hash-ref (%activity '("nobody-at-all")) :ids)
    => ()
    """
    [(first, last)] = ctx.reader.rows(
        "SELECT epoch_us(min(timestamp)), epoch_us(max(timestamp)) FROM messages", []
    )
    if first is None:
        return _table(start=None, days=0, ids=make_list([]))
    low, days = first // DAY, last // DAY - first // DAY + 1
    ours, given = (
        ('list_contains(?, "author-id")', [[str(a) for a in authors]])
        if authors is not None
        else ("TRUE", [])
    )
    day = f"(epoch_us(timestamp) // {DAY} - {low})::INTEGER"
    inside = f"{day} BETWEEN 0 AND {days - 1}"
    spoken = f"SELECT id, {TEXT} AS said, {day} AS day FROM messages WHERE {ours} AND trim({TEXT}) <> ''"
    said = ctx.reader.read(f"{spoken} ORDER BY id", given)
    lived = ctx.reader.read(
        f"""SELECT DISTINCT {day} AS day, "author-id" AS author FROM messages WHERE {ours} AND {inside} UNION
        SELECT DISTINCT {day}, "author-id" FROM events
        WHERE "author-id" IS NOT NULL AND event <> 'churn' AND {ours} AND {inside}""",
        given * 2,
    )
    ctx.charge(steps=said.num_rows, bytes=said.nbytes + lived.nbytes)
    start = dt.datetime.fromtimestamp(low * 86_400, dt.UTC)
    columns = {
        "ids": make_list(said.column("id").to_pylist()),
        "texts": make_list(said.column("said").to_pylist()),
        "message_days": said.column("day").to_numpy(),
        "active_days": lived.column("day").to_numpy(),
        "active_authors": Opaque(lived.column("author").to_pylist()),
    }
    return _table(start=start, days=days, **columns)


# What a candidate for an answer takes of a message, and what it is called there; all but the first five may be missing.
_CANDIDATE = {
    "id": "message-id", "author": "author-id", "name": "author", "text": "content", "timestamp": "timestamp",
    "channel": "channel", "context": "context", "context-id": "context-id", "link": "link",
}  # fmt: skip
_CANDIDATE_KEYS = [(Keyword(name), Keyword(column)) for name, column in _CANDIDATE.items()]
_VECTOR, _CONTEXT_VECTOR, _LINK = Keyword("vector"), Keyword("context-vector"), Keyword("link")


@primitive("%candidates", effects="read-store keep-index compute")
def candidates(ctx: Any, messages: Items) -> Any:
    """MESSAGES, hash tables such as those of `%messages`, as `%evidence` takes them: :id :author :name :text :timestamp
    :channel :vector, and :context :context-id :context-vector :link of the message answered, #f and 0 where none is.

    Messages that the index has no vector of are embedded now, and kept; what is answered need have none.

    > (%candidates '())
    => ()
    """
    rows = [
        {name: message.values.get(column, False) for name, column in _CANDIDATE_KEYS} for message in messages
    ]
    ids = [row[_CANDIDATE_KEYS[0][0]] for row in rows]
    answered = [row[Keyword("context-id")] for row in rows]
    there, _ = ctx.indexes.vectors.of(ids)
    new = set(ids) - set(there)
    if new:
        ctx.indexes.ensure(ids=new)
    there, found = ctx.indexes.vectors.of(ids + sorted(set(answered) - {False}))
    vectors = dict(zip(there, found, strict=True))
    for id, above, row in zip(ids, answered, rows, strict=True):
        row[_VECTOR], row[_CONTEXT_VECTOR] = vectors[id], vectors.get(above, False)
        row[_LINK] = row[_LINK] or 0.0
    return make_list(HashTable.keyed(row) for row in rows)


_ADDRESS = re.compile(r"\s*(@?)([^\s:,]{2,64})([:,]?)(?=\s)")


@primitive("%addressed", effects="read-store")
def addressed(ctx: Any, texts: Items, common: Items) -> Any:
    """For each of TEXTS the list of author ids that it speaks to by name at its beginning; #f where to nobody.

    "@ann try this", "ann: try this", "ann, try this" and "ann try this" do; the last two not where the name
    is one of the COMMON words.

    > (%addressed '("just so" "yes, so it is") '("yes"))
    => (#f #f)
    """
    heads = _heads([str(text) for text in texts], common)
    named = ctx.indexes.names() if any(heads) else {}
    return make_list(make_list(named[head]) if head in named else False for head in heads)


def _heads(texts: list[str], common: list[Any]) -> list[str | None]:
    """The word, in lower case, that each of TEXTS may speak to."""
    usual = set(common)
    found = [_ADDRESS.match(text) for text in texts]
    return [m[2].lower() if m and (m[1] or m[3] == ":" or m[2].lower() not in usual) else None for m in found]


@primitive("%addressing", effects="read-store")
def addressing(ctx: Any, ids: Items, common: Items) -> Any:
    """Those of the messages IDS that speak to somebody by name at their beginning, see `%addressed`.

    > (%addressing '("no-such-message") '())
    => ()
    """
    said = ctx.indexes.conversations.described([str(message) for message in ids])
    heads = _heads([message["content"] for message in said.values()], common)
    named = ctx.indexes.names() if any(heads) else {}
    return make_list(message for message, head in zip(said, heads, strict=True) if head in named)


@primitive("%answers-to", effects="read-store")
def answers_to(ctx: Any, ids: Items, common: Items, *, after: int, beside: int) -> Any:
    """What may answer each of the messages IDS: lists (answered message how place), both messages as hash tables.

    HOW is `reply`, `thread` (a reply to a reply), `addressed` (said after it, within AFTER messages, to its author by
    name, see `%addressed`) or `beside`: one of the first BESIDE that others say after it to nobody; PLACE counts them.

    > (%answers-to '("no-such-message") '() :after 9 :beside 1)
    => ()
    """
    found = []
    for id, turns in ctx.indexes.windows([str(message) for message in ids], 0, after).items():
        hit = next(turn for turn in turns if turn["message-id"] == id)
        shown = message_table(hit)
        for turn, how, place in _answering(ctx, hit, turns, common, beside):
            found.append(make_list([shown, message_table(turn), Symbol(how), place]))
    return make_list(found)


def _answering(
    ctx: Any, hit: dict[str, Any], turns: list[dict[str, Any]], common: list[Any], beside: int
) -> Iterator[tuple[dict[str, Any], str, int]]:
    """Those of TURNS that may answer HIT, how, and in which place."""
    heads = _heads([turn["content"] for turn in turns], common)
    named = ctx.indexes.names() if any(heads) else {}
    said = 0
    for turn, head in zip(turns, heads, strict=True):
        whom = named.get(head) if head else None
        if turn["relation"] == "answer":
            yield turn, "reply" if turn["reply-to"] == hit["message-id"] else "thread", 0
        elif turn["relation"] != "beside" or turn["author-id"] == hit["author-id"]:
            continue
        elif whom is not None and hit["author-id"] in whom:
            yield turn, "addressed", 0
        elif whom is None and turn["reply-to"] is None:
            said += 1
            if said <= beside:
                yield turn, "beside", said


@primitive("%bots", effects="read-store")
def bots(ctx: Any) -> Any:
    """The ids of the authors that are programs.

    > (list? (%bots))
    => #t
    """
    return make_list(ctx.indexes.bots())


@primitive("%persona-authors", effects="read-store")
def persona_authors(ctx: Any, persona: int) -> Any:
    """The ids of the authors of PERSONA, a number of the present discovery, the surest first.

    > (%persona-authors 1000000)
    => ()
    """
    sql = """SELECT "author-id" FROM "persona-members" JOIN "persona-runs" USING ("run-id")
             WHERE active AND "persona-id" = ? ORDER BY confidence DESC, 1"""
    return make_list(row[0] for row in ctx.reader.rows(sql, [persona]))


@primitive("%vectors-or-zero", effects="read-store compute")
def vectors_or_zero(ctx: Any, ids: Items) -> Annotated[Any, "n d"]:
    """The vectors of the messages IDS as rows; zeros for a message that has none.

    > (tensor-ref (%vectors-or-zero '("no-such-message")) 0 0)
    => 0.0
    """
    import numpy as np

    wanted = [str(message) for message in ids]
    ctx.charge(steps=len(wanted), bytes=4 * 384 * len(wanted))
    there, rows = ctx.indexes.vectors.of(wanted)
    place = {message: at for at, message in enumerate(there)}
    size = rows.shape[1] if len(rows) else 384
    made = np.zeros((len(wanted), size), dtype=np.float32)
    for at, message in enumerate(wanted):
        if message in place:
            made[at] = rows[place[message]]
    return made


@primitive("%said", effects="read-store")
def said(ctx: Any, *, authors: Items | None = None, scope: Any = False) -> HashTable:
    """What AUTHORS (ids; default everyone) wrote in SCOPE, of %search-scope: :ids :texts :authors :times.

    > (hash-ref (%said :authors '("nobody-at-all")) :ids)
    => ()
    """
    tests = [f"trim({TEXT}) <> ''"]
    given: list[Any] = []
    if authors is not None:
        tests.append('list_contains(?, "author-id")')
        given.append([str(author) for author in authors])
    if isinstance(scope, Opaque):
        tests.append("id IN (SELECT unnest(?))")
        given.append(sorted(scope.host))
    what = f'id, {TEXT} AS said, "author-id" AS author, epoch_us(timestamp) AS moment'
    rows = ctx.reader.read(
        f"SELECT {what} FROM messages WHERE {' AND '.join(tests)} ORDER BY timestamp, id", given
    )
    ctx.charge(steps=rows.num_rows, bytes=rows.nbytes)
    ids, texts, who, times = (rows.column(name).to_pylist() for name in ("id", "said", "author", "moment"))
    return _table(ids=make_list(ids), texts=make_list(texts), authors=make_list(who), times=Opaque(times))


@primitive("%did-you-mean", effects="pure")
def did_you_mean(name: Name, known: Items) -> str | bool:
    """A hint that names those of KNOWN that lie nearest to NAME in spelling; #f when none is near.

    > (%did-you-mean 'retentoin '("retention" "churn"))
    => "did you mean retention?"
    """
    from chorus.runtime.plan.types import near

    return near(name, [str(each) for each in known]) or False


@primitive("%unknown-name", effects="pure")
def unknown_name(kind: Name, name: Name, known: Items, message: str = "") -> Any:
    """Raise an error with the code unknown-KIND: there is no KIND called NAME. Its hint names the nearest of
    KNOWN, and all of them; MESSAGE stands in place of the usual one.

    > (guard (e (#t (error-object-message e))) (%unknown-name 'metric 'charm '("mood")))
    => "there is no metric charm"
    """
    from chorus.runtime.plan.types import near

    names = [str(each) for each in known]
    accepted = f"known: {', '.join(names[:MOST_NAMED])}" if names else f"no {kind} is known yet"
    raise EvalError(
        message or f"there is no {kind} {name}",
        code=f"unknown-{kind}",
        hint=" ".join(filter(None, (near(name, names), accepted))),
        irritants=(name,),
    )
