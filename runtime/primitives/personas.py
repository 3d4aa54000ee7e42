"""Personas and the store: what was heard of each author goes out to the kernels; runs, members and names
are kept."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from chorus.runtime.errors import EvalError
from chorus.runtime.primitive import Name, primitive
from chorus.runtime.values import NIL, HashTable, Keyword, lispy, make_list

CARRIED = 0.3  # overlap of members (Jaccard) from which a name given by a person is carried to a new run
BEST = 3  # of a persona's representative messages, those nearest to a name


@primitive("%save-personas!", effects="read-store write-store clock")
def save_personas(ctx: Any, heard: HashTable, found: HashTable, profiles: Any) -> Any:
    """Store a discovery (FOUND in HEARD, described by PROFILES) as the active run; a person's names for
    personas of the run before go to those who share most members. Its number.

    > (%save-personas! (%heard :embed #f) {:k 0 :evidence {}} '())
    => …
    """
    import numpy as np

    from chorus.runtime.jsonout import json_text

    rows = list(profiles)
    if ctx.untouched:
        return 0  # nothing was ever ingested, and looking makes no workspace
    authors, membership = heard.get(Keyword("authors")), found.get(Keyword("membership"))
    wrote = np.bincount(heard.get(Keyword("author")), minlength=len(authors))
    best = np.asarray(membership).argmax(1) if rows else np.zeros(0, np.int64)
    groups = [{authors[at] for at in np.flatnonzero(best == persona)} for persona in range(len(rows))]
    updated = found.get(Keyword("evidence")).get(Keyword("updated"), False)
    aliases = _kept(ctx, len(groups)) if updated else _carried(ctx, groups)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with ctx.store.transaction("discover-personas"):
        run = (ctx.store.value('SELECT max("run-id") FROM "persona-runs"') or 0) + 1
        ctx.store.write('UPDATE "persona-runs" SET active = false WHERE active')
        ctx.store.write(
            'INSERT INTO "persona-runs" VALUES (?, ?, ?, ?, ?, ?, true)',
            [
                run,
                ctx.store.corpus_version(),
                ctx.embedder.model,
                len(rows),
                json_text(found.get(Keyword("evidence"))),
                now,
            ],
        )
        ctx.store.append("personas", [_row(run, at, row, aliases[at], now) for at, row in enumerate(rows)])
        ctx.store.append(
            "persona-members",
            [
                {
                    "run-id": run,
                    "persona-id": int(best[at]) + 1,
                    "author-id": author,
                    "confidence": float(membership[at, best[at]]),
                    "heard": int(wrote[at]),
                }
                for at, author in enumerate(authors[: len(best)])
            ],
        )
    return run


DATA = ("terms", "concerns", "representative", "mood", "activity")


def _row(run: int, at: int, profile: HashTable, alias: str | None, now: dt.datetime) -> dict[str, Any]:
    from chorus.runtime.jsonout import json_text

    get = lambda name: profile.get(Keyword(name))
    data = json_text(HashTable((Keyword(name), get(name)) for name in DATA))
    columns = {name: get(name) for name in ("label", "size", "share", "confidence")}
    return {"run-id": run, "id": at + 1, "alias": alias, "data": data, "created-at": now, **columns}


def _carried(ctx: Any, groups: list[set[str]]) -> list[str | None]:
    """For each group of author ids the alias of the active run's persona that shares most members with it."""
    named = ctx.reader.rows(
        """SELECT p.id, p.alias FROM personas p JOIN "persona-runs" r USING ("run-id")
           WHERE r.active AND p.alias IS NOT NULL"""
    )
    aliases: list[str | None] = [None] * len(groups)
    scored = []
    for persona, alias in named:
        old = set(_members(ctx, persona))
        scored += [
            (len(old & new) / len(old | new), at, alias) for at, new in enumerate(groups) if old or new
        ]
    for overlap, at, alias in sorted(scored, key=lambda row: (-row[0], row[1])):
        if overlap >= CARRIED and aliases[at] is None and alias not in aliases:
            aliases[at] = alias
    return aliases


def _kept(ctx: Any, k: int) -> list[str | None]:
    """The aliases of the active run's K personas by their numbers, which an update keeps."""
    named = ctx.reader.rows(
        'SELECT p.id, p.alias FROM personas p JOIN "persona-runs" r USING ("run-id") WHERE r.active'
    )
    return [dict(named).get(at + 1) for at in range(k)]


def _members(ctx: Any, persona: int) -> list[str]:
    rows = ctx.reader.rows(
        """SELECT "author-id" FROM "persona-members" JOIN "persona-runs" USING ("run-id")
           WHERE active AND "persona-id" = ? ORDER BY confidence DESC, 1""",
        [persona],
    )
    return [row[0] for row in rows]


@primitive("%personas", effects="read-store")
def personas(ctx: Any) -> Any:
    """The personas of the active run, by number: a list of tables.

    > (list? (%personas))
    => #t
    """
    rows = ctx.reader.rows(
        """SELECT p.id, label, alias, size, share, confidence, data, evidence
           FROM personas p JOIN "persona-runs" r USING ("run-id") WHERE r.active ORDER BY p.id"""
    )
    made = []
    for *plain, data, evidence in rows:
        table = lispy(dict(zip(("id", "label", "alias", "size", "share", "confidence"), plain, strict=True)))
        for name, value in json.loads(data).items():
            table.set(Keyword(name), lispy(_with_instants(value) if name == "activity" else value))
        table.set(Keyword("evidence"), lispy(json.loads(evidence or "{}")))
        made.append(table)
    return make_list(made)


def _with_instants(activity: dict[str, Any]) -> dict[str, Any]:
    """ACTIVITY with its first-seen and last-seen, seconds since 1970, as instants."""
    instant = lambda value: None if value is None else dt.datetime.fromtimestamp(value, dt.UTC)
    return activity | {name: instant(activity.get(name)) for name in ("first-seen", "last-seen")}


@primitive("%name-persona!", effects="read-store write-store")
def name_persona(ctx: Any, persona: int, alias: Name) -> None:
    """Give the persona of that number the name ALIAS, at once; another persona that bore it loses it.

    > (guard (e (#t 'refused)) (%name-persona! 1000000 'nobody))
    => refused
    """
    run = ctx.reader.value('SELECT "run-id" FROM "persona-runs" WHERE active')
    known = ctx.reader.value('SELECT count(*) FROM personas WHERE "run-id" = ? AND id = ?', [run, persona])
    if not known:
        raise EvalError(
            f"there is no persona {persona}", code="unknown", hint="(personas) lists those there are"
        )
    if not alias.strip():
        raise EvalError(
            "a persona's name should not be empty",
            code="empty-name",
            hint="(name-persona! 3 'competitive-players)",
        )
    with ctx.store.transaction("name-persona!"):
        ctx.store.write(
            'UPDATE personas SET alias = NULL WHERE "run-id" = ? AND lower(alias) = lower(?)', [run, alias]
        )
        ctx.store.write('UPDATE personas SET alias = ? WHERE "run-id" = ? AND id = ?', [alias, run, persona])


@primitive("%persona-of", effects="read-store")
def persona_of(ctx: Any, author: str) -> Any:
    """The number of the persona of AUTHOR, an id or name, and the confidence, as (number confidence); #f
    for nobody's.

    > (%persona-of "nobody-at-all")
    => #f
    """
    rows = ctx.reader.rows(
        """SELECT "persona-id", m.confidence FROM "persona-members" m JOIN "persona-runs" r USING ("run-id")
           WHERE r.active AND ("author-id" = ? OR "author-id" IN
                 (SELECT id FROM authors WHERE name = ? OR nickname = ?))
           ORDER BY "author-id" = ? DESC, m.confidence DESC LIMIT 1""",
        [author] * 4,
    )
    return make_list(rows[0]) if rows else False


@primitive("%persona-latest", effects="read-store")
def persona_latest(ctx: Any, persona: int, limit: int) -> Any:
    """The ids of the latest LIMIT messages that say something, by members of the persona of that number.

    > (%persona-latest 1000000 5)
    => ()
    """
    from chorus.runtime.index.documents import TEXT, says

    rows = ctx.reader.rows(
        f"""SELECT m.id FROM messages m JOIN "persona-members" p USING ("author-id")
            JOIN "persona-runs" r USING ("run-id")
            WHERE r.active AND p."persona-id" = ? AND {says(TEXT)}
            ORDER BY m.timestamp DESC, m.id DESC LIMIT ?""",
        [persona, max(limit, 0)],
    )
    return make_list(row[0] for row in rows)


@primitive("%nearest-personas", effects="read-store compute")
def nearest_personas(ctx: Any, name: str) -> Any:
    """The active personas by how near NAME is in meaning, as (number score): half the cosine to a persona's
    terms, half the mean cosine to the three of its representative messages that are nearest.

    On four synthetic communities words for a persona scored .25 to .44, and nonsense at most .24.

    > (%nearest-personas "competitive")
    => …
    """
    documents = _documents(ctx)
    if not documents:
        return NIL
    query = ctx.embedder.encode([name])[0]
    scored = []
    for persona, vectors in documents.items():
        near = sorted((float(score) for score in vectors[1:] @ query), reverse=True)[:BEST]
        terms = float(vectors[0] @ query)
        scored.append((persona, (terms + sum(near) / len(near)) / 2 if near else terms))
    return make_list(make_list(row) for row in sorted(scored, key=lambda row: (-row[1], row[0])))


def _documents(ctx: Any) -> dict[int, Any]:
    """For each active persona the vectors f32[1+r,d] of its terms and of its representative messages,
    kept a session."""
    from chorus.runtime.index.documents import TEXT

    run = ctx.reader.value('SELECT "run-id" FROM "persona-runs" WHERE active')
    kept = ctx.__dict__.setdefault("_persona_documents", {})
    if run not in kept:
        rows = ctx.reader.rows('SELECT id, data FROM personas WHERE "run-id" = ? ORDER BY id', [run])
        kept.clear()
        kept[run] = {}
        for persona, data in rows:
            plain = json.loads(data)
            shown = ctx.reader.rows(
                f"SELECT {TEXT} FROM messages WHERE list_contains(?, id)", [plain["representative"]]
            )
            kept[run][persona] = ctx.embedder.encode(
                [", ".join(plain["terms"]), *(text for (text,) in shown)]
            )
    return kept[run]


@primitive("%persona-run", effects="read-store")
def persona_run(ctx: Any, back: int) -> Any:
    """The discovery BACK steps before the active one (0) that found personas: a table with :members, (author persona)
    each, :known, (author persona confidence messages-heard) each, :labels, (persona label) each, and its :evidence; #f
    where there is none. How many messages were heard is () for runs of an older Chorus.

    > (%persona-run 1000)
    => #f
    """
    runs = ctx.reader.rows(
        """SELECT "run-id", evidence FROM "persona-runs"
           WHERE k > 0 AND "run-id" <= (SELECT "run-id" FROM "persona-runs" WHERE active)
           ORDER BY "run-id" DESC"""
    )
    if not 0 <= back < len(runs):
        return False
    run, evidence = [runs[back][0]], json.loads(runs[back][1] or "{}")
    known = ctx.reader.rows(
        'SELECT "author-id", "persona-id", confidence, heard FROM "persona-members" WHERE "run-id" = ? ORDER BY 1',
        run,
    )
    members = [row[:2] for row in known]
    labels = ctx.reader.rows(
        'SELECT id, coalesce(alias, label) FROM personas WHERE "run-id" = ? ORDER BY id', run
    )
    return lispy({"members": members, "known": known, "labels": labels, "evidence": evidence})


@primitive("%active-run", effects="read-store")
def active_run(ctx: Any) -> Any:
    """The number of the discovery whose personas are in force; #f before the first.

    > (%active-run)
    => …
    """
    version = ctx.reader.version
    kept = ctx.__dict__.get("_active_run")
    if kept is None or version is None or kept[0] != version:
        found = ctx.reader.value('SELECT "run-id" FROM "persona-runs" WHERE active')
        kept = ctx.__dict__["_active_run"] = version, found or False
    return kept[1]


@primitive("%run-members", effects="read-store")
def run_members(ctx: Any, run: int, persona: int) -> Any:
    """The ids of the members that PERSONA had in the discovery RUN, the surest first; () where that is not kept.

    > (%run-members 1000000 1)
    => ()
    """
    rows = ctx.reader.rows(
        """SELECT "author-id" FROM "persona-members" WHERE "run-id" = ? AND "persona-id" = ?
           ORDER BY confidence DESC, 1""",
        [run, persona],
    )
    return make_list(row[0] for row in rows)
