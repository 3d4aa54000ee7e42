"""Search and conversations as primitives; `search`, `near` and `conversation` of the standard library call
them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from chorus.runtime.errors import EvalError, WrongType
from chorus.runtime.instants import in_utc, parse_instant
from chorus.runtime.plan.expressions import Call, Column, Expression, Several, literal
from chorus.runtime.plan.nodes import Plan, Scan
from chorus.runtime.plan.optimise_pushing import joint
from chorus.runtime.plan.types import BOOLEAN, STRING
from chorus.runtime.primitive import ACCEPTS, REJECT, Items, Name, primitive, wrong_type
from chorus.runtime.values import HashTable, Keyword, Opaque, make_list

MOST_RESULTS = 10_000


@primitive("%search-scope", effects="read-store")
def search_scope(
    ctx: Any,
    *,
    authors: Any = False,
    channel: Any = False,
    since: Any = False,
    until: Any = False,
    caller: Name = "search",  # type: ignore[assignment]
) -> Any:
    """The messages of AUTHORS (ids or names), in CHANNEL (id or name), from SINCE on and before UNTIL; #f for
    all. SINCE and UNTIL are instants or dates as text. CALLER is the procedure that errors name.

    > (%search-scope)
    => #f
    """
    from chorus.runtime.plan.catalogue import scan
    from chorus.runtime.table import Table

    table = _scoped(ctx, scan("messages"), authors, channel, since, until, caller)
    if isinstance(table, Scan):
        return False
    return Opaque(frozenset(Table(table, ctx).column("id")))


@primitive("%nobody-in?", effects="pure")
def nobody_in(scope: Any) -> bool:
    """Whether SCOPE, of `%search-scope`, holds no message; #f of #f, which is all of them.

    > (map %nobody-in? (list (%search-scope) (%search-scope :authors '("nobody-at-all"))))
    => (#f #t)
    """
    return isinstance(scope, Opaque) and not scope.host


@primitive("%search-table", effects="read-store")
def search_table(
    ctx: Any,
    head: Name,
    wanted: Any,
    *,
    within: Any = False,
    authors: Any = False,
    channel: Any = False,
    since: Any = False,
    until: Any = False,
    limit: int = 10,
    mode: Name = "both",  # type: ignore[assignment]
) -> Any:
    """The table of what the search HEAD (search, near or similar-to) of WANTED finds in the table WITHIN, #f for all
    messages, narrowed as by `%search-scope`.

    > (table-columns (limit (select (%search-table 'search "hello") id rank) 1))
    => (id rank)
    """
    from chorus.runtime.plan.catalogue import scan
    from chorus.runtime.plan.searches import ID, Search, Wanted
    from chorus.runtime.plan.types import STRING
    from chorus.runtime.table import Table

    table = within.plan if isinstance(within, Table) else scan("messages")
    if within is not False and not isinstance(within, Table):
        raise wrong_type(head, "in", "a table", within)
    if ID not in table.schema or table.schema.types[ID] != STRING or not _knows_messages(table):
        raise EvalError(
            f"{head}: the table has no column id of message ids",
            code="table-clause",
            hint="(messages), or what `where`, `select`, `join` … make of it with its id",
        )
    table = _scoped(ctx, table, authors, channel, since, until, head)
    given = Wanted(head, vector=_vector_bytes(head, wanted)) if head == "near" else Wanted(head, wanted)
    return Table(Search(table, given, _count(limit), mode), ctx)


def _knows_messages(plan: Plan) -> bool:
    """Whether any rows that PLAN is made of tell of messages; what the program holds may."""
    if isinstance(plan, Scan):
        return plan.name == "messages" or "message-id" in plan.schema
    return not plan.inputs or any(map(_knows_messages, plan.inputs))


def _vector_bytes(caller: str, vector: Any) -> bytes:
    import numpy as np

    try:
        return np.asarray(vector, dtype=np.float32).tobytes()
    except (TypeError, ValueError):
        raise wrong_type(caller, "vector", "a vector of numbers", vector) from None


def _scoped(ctx: Any, table: Plan, authors: Any, channel: Any, since: Any, until: Any, caller: str) -> Plan:
    """TABLE, of messages, with these conditions on it."""
    tests: list[Expression] = []
    if authors is not False:
        given = [str(author) for author in _accepted(Items, caller, "authors", authors)]
        tests.append(_member(table, "author-id", _authors(ctx, given)))
    if channel is not False:
        tests.append(_member(table, "channel-id", _channels(ctx, caller, channel)))
    for name, moment, comparison in (("since", since, ">="), ("until", until, "<")):
        if moment is not False:
            column = table.schema.field("timestamp")
            bound = literal(_instant(caller, name, moment))
            tests.append(Call(comparison, (Column(column.name, column.type), bound), BOOLEAN))
    return joint(table, tests)


def _member(table: Plan, name: str, values: list[str]) -> Expression:
    column = table.schema.field(name)
    return Call("member", (Column(column.name, column.type), Several(tuple(values), STRING)), BOOLEAN)


def _authors(ctx: Any, named: list[str]) -> list[str]:
    """The ids of the authors with these ids or names."""
    rows = ctx.reader.rows("SELECT id FROM authors WHERE list_contains(?, name)", [named])
    return sorted({*named, *(id for (id,) in rows)})


@primitive("%check-search", effects="pure")
def check_search(caller: Name, *given: Any) -> None:
    """Refuse, in CALLER's name, what a search cannot take. GIVEN: a name (text id limit before after gap), its
    value, and so on.

    > (begin (%check-search 'search 'text "hello" 'limit 3) 'fine)
    => fine
    """
    for name, value in zip(given[::2], given[1::2], strict=True):
        wanted = _accepted(_TYPES[name.name], caller, name.name, value)
        if name.name == "limit":
            _count(wanted)


_TYPES: dict[str, Any] = {"text": str, "id": str, "limit": int, "before": int, "after": int, "gap": float}


def _accepted(kind: Any, caller: str, name: str, value: Any) -> Any:
    """VALUE as a parameter NAME of type KIND has it."""
    accept = ACCEPTS[kind]
    got = accept.convert(value)
    if got is REJECT:
        raise wrong_type(caller, name, accept.label, value)
    return got


@primitive("%check-message", effects="read-store")
def check_message(ctx: Any, caller: Name, id: str) -> None:
    """Refuse, in CALLER's name, the ID of a message that is not there.

    > (guard (e (#t 'refused)) (%check-message 'similar-to "no-such-message"))
    => refused
    """
    from chorus.runtime.printer import brief

    if not ctx.reader.rows("SELECT 1 FROM messages WHERE id = ?", [id]):
        raise EvalError(
            f"{caller}: there is no message {brief(id)}",
            code="unknown-message",
            hint="(search …) and (messages) have ids of messages",
            irritants=(id,),
        )


@primitive("%check-channel", effects="read-store")
def check_channel(ctx: Any, caller: Name, channel: Name) -> None:
    """Refuse, in CALLER's name, a CHANNEL that no channel has as its id or name.

    > (guard (e (#t 'refused)) (%check-channel 'query "no such channel"))
    => refused
    """
    _channels(ctx, caller, channel)


def _channels(ctx: Any, caller: str, channel: Any) -> list[str]:
    """The ids of the channels with this id or name; several may share a name."""
    from chorus.runtime.plan.types import near as near_ones
    from chorus.runtime.printer import brief

    wanted = _accepted(Name, caller, "channel", channel)
    rows = ctx.reader.rows(
        """SELECT id, coalesce(name, id) FROM channels
           UNION SELECT DISTINCT "channel-id", "channel-id" FROM messages WHERE "channel-id" IS NOT NULL"""
    )
    found = sorted({id for id, name in rows if wanted in (id, name)})
    if not found:
        raise EvalError(
            f"{caller}: there is no channel {brief(wanted)}",
            code="unknown-channel",
            hint=near_ones(wanted, sorted({name for _, name in rows})) or "(channels) has them all",
            irritants=(wanted,),
        )
    return found


def _instant(caller: str, name: str, value: Any) -> dt.datetime:
    """An instant, or a date or date-time as text, in UTC."""
    text = ACCEPTS[str].convert(value)
    try:
        if isinstance(value, dt.datetime):
            return in_utc(value)
        return parse_instant("" if text is REJECT else text)
    except ValueError:
        refused: WrongType = wrong_type(caller, name, "an instant or a date", value)
        refused.hint = f':{name} "2024-06-01" or "2024-06-01T18:30:00Z"; times without an offset are in UTC'
        raise refused from None


@primitive("%prepare-search", effects="read-store keep-index compute")
def prepare_search(ctx: Any) -> None:
    """Embed the messages that have no vector if that takes seconds; else say on stderr that they are missing.

    > (begin (%prepare-search) 'ready)
    => ready
    """
    ctx.indexes.ensure_within_budget()


@primitive("%dense-search", effects="read-store compute")
def dense_search(ctx: Any, text: str, k: int, *, scope: Any = None) -> Any:
    """The K messages nearest in meaning to TEXT among those that have vectors: a list of (id cosine), best
    first.

    > (begin (embed!) (length (%dense-search "hello" 3)))
    => 3
    """
    wanted = _count(k)
    if not text.strip() or not ctx.indexes.coverage()[0]:
        return _ranked([])
    query = ctx.embedder.encode([text], ctx.check)[0]
    return _ranked(ctx.indexes.vectors.search(query, wanted, _allowed(scope)))


@primitive("%near", effects="read-store compute")
def near(ctx: Any, vector: Any, k: int, *, scope: Any = None) -> Any:
    """The K messages whose vectors are nearest to VECTOR: a list of (id cosine), best first.

    > (begin (embed!) (length (%near (embed-text "hello") 2)))
    => 2
    """
    import numpy as np

    query = np.frombuffer(_vector_bytes("near", vector), dtype=np.float32)
    return _ranked(ctx.indexes.vectors.search(query, _count(k), _allowed(scope)))


@primitive("%word-search", effects="read-store compute")
def word_search(ctx: Any, text: str, k: int, *, scope: Any = None) -> Any:
    """The K messages that best match the words of TEXT: a list of (id score), best first, scored by BM25.

    > (%word-search "xyzzyplugh" 3)
    => ()
    """
    return _ranked(ctx.indexes.words.search(text, _count(k), _allowed(scope)))


@primitive("%messages", effects="read-store")
def messages(ctx: Any, ids: Items) -> Any:
    """The messages IDS as hash tables, in the order given, unknown ones left out; author and channel by name
    too.

    > (%messages '("no-such-message"))
    => ()
    """
    wanted = [str(message) for message in ids]
    found = ctx.indexes.conversations.described(wanted)
    return make_list(message_table(found[message]) for message in wanted if message in found)


@primitive("%window", effects="read-store")
def window(ctx: Any, ids: Items, *, before: int = 4, after: int = 6, gap: float | None = None) -> Any:
    """For each of the messages IDS (id message …): the conversation around it, as hash tables with a
    :relation.

    > (%window '("no-such-message"))
    => ()
    """
    if before < 0 or after < 0 or (gap is not None and not gap >= 0):
        raise EvalError("the conversation's before, after and gap should not be negative")
    wanted = [str(message) for message in ids]
    found = ctx.indexes.windows(wanted, before, after, gap)
    made: dict[str, HashTable] = {}
    return make_list(make_list([hit, *(_turn(t, made) for t in turns)]) for hit, turns in found.items())


@primitive("%answered", effects="read-store")
def answered(ctx: Any, ids: Items) -> Any:
    """Lists (id message) of those of the messages IDS that answer one, with the latest message that they answer,
    directly or through others.

    > (%answered '("no-such-message"))
    => ()
    """
    found = ctx.indexes.conversations.answered([str(message) for message in ids])
    return make_list(make_list([hit, message_table(above)]) for hit, above in found.items())


def _turn(turn: dict[str, Any], made: dict[str, HashTable]) -> HashTable:
    """TURN as a table of its own; a message that stands in several conversations is put together once, in MADE."""
    known = made.get(turn["message-id"])
    if known is None:
        known = made[turn["message-id"]] = message_table(turn)
    table = known.copy()
    table.set(_KEYS["relation"], turn["relation"])
    return table


_KEYS: dict[str, Keyword] = {}  # of columns: some 10,000 rows go by in one inquiry


def message_table(row: dict[str, Any]) -> HashTable:
    """ROW, a message's columns, as a hash table."""
    if not row.keys() <= _KEYS.keys():
        _KEYS.update((name, Keyword(name)) for name in row)
    return HashTable.keyed({_KEYS[name]: False if value is None else value for name, value in row.items()})


def _ranked(found: list[tuple[str, float]]) -> Any:
    return make_list(make_list([message, score]) for message, score in found)


def _allowed(scope: Any) -> frozenset[str] | None:
    return scope.host if isinstance(scope, Opaque) else None


def _count(k: int) -> int:
    if not 0 <= k <= MOST_RESULTS:
        raise EvalError(f"the number of results should be from 0 to {MOST_RESULTS:,}, not {k:,}")
    return k
