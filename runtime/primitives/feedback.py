"""What people made of answers: ratings, corrections and signs beside a workspace's turns, and what they come to."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Items, Name, primitive
from chorus.runtime.values import HashTable, Keyword, Pair, Symbol, lispy, make_list

HOUR = dt.timedelta(hours=1)
UNKNOWN_NAME, NAMES_KEPT = "unknown-name", 1000
ERASED = "erased"  # the kind of the row that stands for those that were taken out
TOLD = ("rating", "correction")  # said on purpose: beside these an author's signs count for nothing
_COLUMNS = 'id, "turn-id", "at", author, rating, comment, data'


@primitive("%record-feedback!", effects="write-store clock")
def record_feedback(
    ctx: Any,
    turn: int,
    kind: Name,
    author: str,
    rating: float | None = None,
    comment: str | None = None,
    at: dt.datetime | None = None,
) -> Any:
    """Keep what AUTHOR made of TURN: a RATING from 1 to 5, or none, of some KIND, and a COMMENT. AT: when, if not now.

    > (guard (e (#t (error-object-code e))) (%record-feedback! 1000000 'rating "ann" 4))
    => unknown-turn
    """
    if not ctx.reader.value("SELECT count(*) FROM turns WHERE id = ?", [turn]):
        last = ctx.reader.value("SELECT max(id) FROM turns")
        raise EvalError(
            f"there is no turn {turn}",
            code="unknown-turn",
            hint=f"the latest is {last}" if last else "ask something first",
        )
    return _written(ctx, at, author, rating, comment, turn, lambda: {"kind": kind})


def _written(
    ctx: Any,
    at: dt.datetime | None,
    author: str | None,
    rating: float | None,
    comment: str | None,
    turn: int | None,
    data: Callable[[], dict[str, Any]],
) -> int:
    """The number of the row that is written: of TURN or of none, at AT or now, with what DATA gives while no other
    process writes."""
    from chorus.runtime.store.writer import FEEDBACK

    moment = (at or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).replace(tzinfo=None)
    with ctx.store.transaction(FEEDBACK):
        number = ctx.store.value("SELECT coalesce(max(id), 0) + 1 FROM feedback")
        row = [number, turn, moment, author, rating, comment, json.dumps(data())]
        ctx.store.write("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    ctx.store.heard = number
    return int(number)


@primitive("ratings-stamp", effects="read-store")
def ratings_stamp(ctx: Any) -> Any:
    """A number that grows whenever somebody makes something of an answer; #f without a workspace.

    > (let ((stamp (ratings-stamp))) (or (not stamp) (>= stamp 0)))
    => #t
    """
    if ctx.folder is None or ctx.untouched:
        return False
    store = ctx.store
    if store.heard is None:
        store.heard = store.value("SELECT coalesce(max(id), 0) FROM feedback")
    return store.heard


@primitive("%record-sign!", effects="note clock")
def record_sign(ctx: Any, turn: int, kind: Name, author: str) -> Any:
    """Keep a sign of some KIND that AUTHOR gave of TURN without saying so, as `%record-feedback!` does; #f where the
    session may only read.

    > (guard (e (#t (error-object-code e))) (%record-sign! 1000000 'repeated "ann"))
    => unknown-turn
    > (guard (e (#t (error-object-message e))) (%record-sign! 1 'correction "ann"))
    => "a correction is said, not shown"
    """
    if kind in TOLD:
        raise EvalError(
            f"a {kind} is said, not shown", code="range", hint="(rate! 4), (correct! answer text)"
        )
    if "workspace" not in ctx.capabilities:
        return False
    return record_feedback(ctx, turn, kind, author)


@primitive("%feedback", effects="read-store")
def feedback(ctx: Any, turn: int | None = None) -> Any:
    """What was made of TURN, or of all turns, as hash tables :id :turn :at :author :kind :rating :comment, the oldest
    first.

    > (%feedback 1000000)
    => ()
    """
    where, given = (
        ('WHERE "turn-id" = ?', [turn]) if turn is not None else ('WHERE "turn-id" IS NOT NULL', [])
    )
    rows = ctx.reader.rows(f"SELECT {_COLUMNS} FROM feedback {where} ORDER BY id", given)
    return make_list(
        lispy(
            {"id": id_, "turn": on, "at": at.replace(tzinfo=dt.UTC), "author": author,
             "kind": Symbol(_kind(data)), "rating": rating, "comment": comment}
        )
        for id_, on, at, author, rating, comment, data in rows
    )  # fmt: skip


# — names that nobody knew: of no turn, as asking for one gives none —


@primitive("%note-name!", effects="note clock")
def note_name(ctx: Any, name: str, developer: str) -> Any:
    """Keep in the workspace that DEVELOPER asked for NAME, which is nobody's, before the turn that comes next; #f where
    there is no workspace, or the session may only read it.

    > (procedure? %note-name!)
    => #t
    """
    if ctx.folder is None or ctx.noteless:
        return False

    def data() -> dict[str, Any]:
        coming = ctx.store.value("SELECT coalesce(max(id), 0) + 1 FROM turns")
        return {"kind": UNKNOWN_NAME, "before": coming}

    return _written(ctx, None, developer, None, name, None, data)


@primitive("unknown-names", effects="read-store")
def unknown_names(ctx: Any) -> Any:
    """The names that were asked for and are no persona's, the latest thousand, the oldest first: lists (name turn
    developer), the turn being the one that came next.

    > (list? (unknown-names))
    => #t
    """
    if ctx.folder is None or ctx.untouched:
        return make_list([])
    rows = ctx.reader.rows(
        """SELECT comment, data, author FROM feedback
           WHERE "turn-id" IS NULL AND json_extract_string(data, '$.kind') = ? ORDER BY id DESC LIMIT ?""",
        [UNKNOWN_NAME, NAMES_KEPT],
    )
    return make_list(make_list([name, json.loads(data)["before"], who]) for name, data, who in reversed(rows))


@primitive("forget-unknown-names!", effects="write-store")
def forget_unknown_names(ctx: Any, *, developer: str | None = None, name: str | None = None) -> int:
    """Erase from the workspace what `unknown-names` tells: of one DEVELOPER, of one NAME, or all of it. How many there
    were.

    > (forget-unknown-names! :developer "nobody-at-all")
    => 0
    """
    from chorus.runtime.store.writer import FEEDBACK

    if ctx.folder is None or ctx.untouched:
        return 0
    which = """WHERE "turn-id" IS NULL AND json_extract_string(data, '$.kind') = ?
               AND author = coalesce(?, author) AND comment = coalesce(?, comment)"""
    given = [UNKNOWN_NAME, developer, name]
    found = int(ctx.store.value(f"SELECT count(*) FROM feedback {which}", given))
    if found:
        with ctx.store.transaction(FEEDBACK):
            ctx.store.write(f"DELETE FROM feedback {which}", given)
    return found


@primitive("forget-ratings!", effects="write-store clock")
def forget_ratings(ctx: Any, author: Name) -> int:
    """Erase from the workspace all that AUTHOR made of answers: ratings, comments, corrections, signs, and names asked
    for. How many there were; `learn` no longer knows of them. The gate's record keeps the differences it was told.

    > (forget-ratings! "nobody-at-all")
    => 0
    """
    from chorus.runtime.store.writer import FEEDBACK

    if ctx.folder is None or ctx.untouched:
        return 0
    found = int(ctx.store.value("SELECT count(*) FROM feedback WHERE author = ?", [author]))
    if found:  # the row that is added keeps numbers growing, so that whoever learned before learns anew
        _written(ctx, None, None, None, None, None, lambda: {"kind": ERASED, "rows": found})
        with ctx.store.transaction(FEEDBACK):
            ctx.store.write("DELETE FROM feedback WHERE author = ?", [author])
    return found


@primitive("%latest-turn", effects="read-store")
def latest_turn(ctx: Any, developer: str) -> Any:
    """The number of the latest turn that DEVELOPER asked; of anybody's, where none is known to be; #f without turns.

    > (%latest-turn "nobody-at-all")
    => …
    """
    rows = ctx.reader.rows("SELECT id, data FROM turns ORDER BY id DESC LIMIT 100")
    own = (id_ for id_, data in rows if json.loads(data or "{}").get("developer") == developer)
    return next(own, rows[0][0] if rows else False)


class Sign(NamedTuple):
    """What one author said of one turn, or showed."""

    turn: int
    author: str
    at: dt.datetime
    kind: str
    value: float  # in [0, 1]
    weight: float


@primitive("%rated-turns", effects="read-store")
def rated_turns(
    ctx: Any,
    signals: Items,
    most: int,
    *,
    since: dt.datetime | None = None,
    limit: int | None = None,
) -> Any:
    """The turns that somebody made something of, the oldest first, one for each who did, with what it comes to, as
    `rated-turns` gives them; values that were chosen are texts.

    SIGNALS: lists (kind value weight), the value #f where the rating tells; MOST an hour and author count.

    > (%rated-turns '((rating #f 1.0)) 12 :limit 0)
    => ()
    """
    worth = {str(kind): (value, float(weight)) for kind, value, weight in map(list, signals)}
    rows = ctx.reader.rows(f'SELECT {_COLUMNS} FROM feedback ORDER BY "at", id')
    heard = list(_counted(_signs(rows, worth), most))
    turns: dict[int, dict[str, list[Sign]]] = {}
    for sign in heard:
        turns.setdefault(sign.turn, {}).setdefault(sign.author, []).append(sign)
    found = ctx.reader.rows(
        """SELECT id, "asked-at", form, data FROM turns WHERE list_contains(?, id) AND "asked-at" >= ?
           ORDER BY id DESC LIMIT ?""",
        [list(turns), _naive(since), len(turns) if limit is None else max(0, limit)],
    )
    return make_list(
        _rated(id_, at, form, json.loads(data or "{}"), author, signs)
        for id_, at, form, data in reversed(found)
        for author, signs in turns[id_].items()
    )


def _naive(moment: dt.datetime | None) -> dt.datetime:
    return dt.datetime(1, 1, 1) if moment is None else moment.astimezone(dt.UTC).replace(tzinfo=None)


def _kind(data: str | None) -> str:
    return str(json.loads(data or "{}").get("kind", "rating"))


def _signs(rows: Iterable[tuple[Any, ...]], worth: dict[str, tuple[Any, float]]) -> Iterator[Sign]:
    for _, turn, at, author, rating, _, data in rows:
        kind = _kind(data)
        if kind not in worth:
            continue
        value, weight = worth[kind]
        if value is False:
            if rating is None:
                continue  # a comment alone
            value = (rating - 1) / 4
        yield Sign(turn, str(author), at, kind, float(value), weight)


def _counted(signs: Iterable[Sign], most: int) -> Iterator[Sign]:
    """Those of SIGNS, oldest first, that count: of an author and a turn the latest rating, else the latest sign of each
    kind; of an author MOST within any hour.
    """
    latest: dict[tuple[int, str], dict[str, Sign]] = {}
    for sign in signs:
        known = latest.setdefault((sign.turn, sign.author), {})
        if sign.kind in TOLD:
            for kind in TOLD:
                known.pop(kind, None)
        known[sign.kind] = sign
    heard = []
    for known in latest.values():
        told = [sign for sign in known.values() if sign.kind in TOLD]
        heard += told or list(known.values())
    counted: defaultdict[str, deque[dt.datetime]] = defaultdict(lambda: deque(maxlen=max(most, 1)))
    for sign in sorted(heard, key=lambda sign: sign.at):
        times = counted[sign.author]
        if most > 0 and (len(times) < most or sign.at - times[0] >= HOUR):
            times.append(sign.at)
            yield sign


def _rated(
    number: int, at: dt.datetime, form: str, data: dict[str, Any], author: str, signs: list[Sign]
) -> HashTable:
    """What AUTHOR's SIGNS of a turn say of what AUTHOR likes, whoever asked."""
    weight = sum(sign.weight for sign in signs)
    rating = sum(sign.weight * sign.value for sign in signs) / weight if weight else 0.5
    chosen = data.get("choices") or {}
    made = {
        "turn": number,
        "at": at.replace(tzinfo=dt.UTC),
        "developer": author,
        "asker": data.get("developer"),
        "kind": Symbol(data["kind"]) if data.get("kind") else None,
        "persona": data.get("persona"),
        "choices": make_list(Pair(Symbol(name), each["value"]) for name, each in chosen.items()),
        "propensities": make_list(Pair(Symbol(name), each["p"]) for name, each in chosen.items()),
        "rating": rating,
        "weight": weight,
        "proposal": data.get("proposal"),
        "refused": data.get("refused"),
        "form": form,
    }
    return HashTable((Keyword(name), False if value is None else value) for name, value in made.items())
