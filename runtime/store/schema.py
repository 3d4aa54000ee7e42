"""The workspace's tables, as a list of numbered migrations that only ever grows.

Column names keep the language's hyphens, so one name serves everywhere. There are no indexes and no primary
keys (DuckDB replays both from its log less reliably than rows); whoever writes a table keeps its key unique.
Times are UTC without a zone. The columns named `raw` hold a source's row as it stood.
"""

from __future__ import annotations

from typing import NamedTuple


class Migration(NamedTuple):
    """One step from VERSION - 1 to VERSION; its statements run in one transaction."""

    version: int
    name: str
    statements: tuple[str, ...]


RAW = "raw VARCHAR USING COMPRESSION zstd"  # half the size and the time of what DuckDB would choose

_COMMUNITY = (
    f"""CREATE TABLE messages (
        id VARCHAR NOT NULL, "author-id" VARCHAR NOT NULL, "channel-id" VARCHAR, timestamp TIMESTAMP NOT NULL,
        "edited-at" TIMESTAMP, type VARCHAR, content VARCHAR NOT NULL, "forwarded-content" VARCHAR,
        "reply-to" VARCHAR, "is-pinned" BOOLEAN, language VARCHAR, rating DOUBLE, data VARCHAR,
        "source-id" INTEGER, {RAW})""",
    """CREATE TABLE authors (
        id VARCHAR NOT NULL, name VARCHAR, nickname VARCHAR, discriminator VARCHAR, "is-bot" BOOLEAN,
        roles VARCHAR, color VARCHAR, data VARCHAR, "first-seen" TIMESTAMP, "last-seen" TIMESTAMP)""",
    """CREATE TABLE channels (
        id VARCHAR NOT NULL, name VARCHAR, type VARCHAR, "category-id" VARCHAR, category VARCHAR,
        topic VARCHAR, "guild-id" VARCHAR, "guild-name" VARCHAR, "parent-id" VARCHAR)""",
    """CREATE TABLE reactions (
        "message-id" VARCHAR NOT NULL, "emoji-id" VARCHAR, emoji VARCHAR, code VARCHAR, count INTEGER,
        users VARCHAR)""",
    """CREATE TABLE attachments (
        id VARCHAR, "message-id" VARCHAR NOT NULL, url VARCHAR, "file-name" VARCHAR, size BIGINT)""",
    """CREATE TABLE mentions ("message-id" VARCHAR NOT NULL, "author-id" VARCHAR NOT NULL)""",
    """CREATE VIEW replies AS
        SELECT id AS "message-id", "reply-to", "channel-id" FROM messages WHERE "reply-to" IS NOT NULL""",
    f"""CREATE TABLE tickets (
        id VARCHAR NOT NULL, subject VARCHAR, description VARCHAR, status VARCHAR, priority VARCHAR,
        type VARCHAR, "requester-id" VARCHAR, "created-at" TIMESTAMP, "updated-at" TIMESTAMP, tags VARCHAR,
        "source-id" INTEGER, {RAW})""",
    f"""CREATE TABLE events (
        id VARCHAR NOT NULL, timestamp TIMESTAMP NOT NULL, "author-id" VARCHAR, event VARCHAR, value DOUBLE,
        data VARCHAR, "source-id" INTEGER, {RAW})""",
    f"""CREATE TABLE changes (
        id VARCHAR NOT NULL, timestamp TIMESTAMP NOT NULL, version VARCHAR, title VARCHAR, notes VARCHAR,
        feature VARCHAR, action VARCHAR, amount DOUBLE, data VARCHAR, "source-id" INTEGER, {RAW})""",
)

_PROVENANCE = (
    """CREATE TABLE sources (
        id INTEGER NOT NULL, path VARCHAR, format VARCHAR, digest VARCHAR, status VARCHAR, rows BIGINT,
        "high-water" BIGINT, "started-at" TIMESTAMP, "finished-at" TIMESTAMP, "exported-at" TIMESTAMP,
        owned BIGINT)""",
    f"""CREATE TABLE quarantine (
        "source-id" INTEGER NOT NULL, "row-number" BIGINT, reason VARCHAR, {RAW})""",
)

_DERIVED = (
    """CREATE TABLE embeddings (model VARCHAR NOT NULL, "content-hash" VARCHAR NOT NULL, vector FLOAT[])""",
    """CREATE TABLE "persona-runs" (
        "run-id" INTEGER NOT NULL, "corpus-version" VARCHAR, model VARCHAR, k INTEGER, evidence VARCHAR,
        "created-at" TIMESTAMP, active BOOLEAN)""",
    """CREATE TABLE personas (
        "run-id" INTEGER NOT NULL, id INTEGER NOT NULL, label VARCHAR, alias VARCHAR, size INTEGER,
        share DOUBLE, confidence DOUBLE, data VARCHAR, "created-at" TIMESTAMP)""",
    """CREATE TABLE "persona-members" (
        "run-id" INTEGER NOT NULL, "persona-id" INTEGER NOT NULL, "author-id" VARCHAR NOT NULL,
        confidence DOUBLE)""",
    """CREATE TABLE turns (
        id INTEGER NOT NULL, "asked-at" TIMESTAMP, form VARCHAR, answer VARCHAR, "corpus-version" VARCHAR,
        "environment-version" VARCHAR, data VARCHAR)""",
    """CREATE TABLE feedback (
        id INTEGER NOT NULL, "turn-id" INTEGER, "at" TIMESTAMP, author VARCHAR, rating DOUBLE,
        comment VARCHAR, data VARCHAR)""",
    """CREATE TABLE journal (
        seq BIGINT NOT NULL, "at" TIMESTAMP, form VARCHAR, reason VARCHAR, "parent-hash" VARCHAR,
        hash VARCHAR)""",
)

_STATE = (
    # One row: `commits` is compared with the mark, `corpus` is the XOR of the digests of the rows.
    "CREATE TABLE state (commits BIGINT NOT NULL, corpus UHUGEINT NOT NULL)",
    "INSERT INTO state VALUES (0, 0)",
)

_THREADS = (
    """CREATE TABLE "thread-links" (
        "message-id" VARCHAR NOT NULL, answers VARCHAR NOT NULL, score DOUBLE, "thread-id" VARCHAR NOT NULL,
        model VARCHAR)""",
    """CREATE TABLE "thread-models" (id INTEGER NOT NULL, weights BLOB NOT NULL)""",
)

_TOPICS = (
    """CREATE TABLE "topic-history" (
        look INTEGER NOT NULL, "at" TIMESTAMP, id INTEGER NOT NULL, topic VARCHAR, state VARCHAR,
        messages INTEGER, people INTEGER, share DOUBLE, "people-last-week" INTEGER, expected DOUBLE, p DOUBLE,
        emerging BOOLEAN, since TIMESTAMP, examples VARCHAR, "corpus-version" VARCHAR,
        "environment-version" VARCHAR)""",
    """CREATE TABLE "topic-centres" (
        look INTEGER NOT NULL, id INTEGER NOT NULL, model VARCHAR, centre FLOAT[])""",
)

# How many messages of a member had been heard: what came since is what an update goes by. None: a run before this.
_HEARD = ('ALTER TABLE "persona-members" ADD COLUMN heard INTEGER',)

MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "community, provenance, what is derived", _COMMUNITY + _PROVENANCE + _DERIVED + _STATE),
    Migration(2, "threads that were rebuilt", _THREADS),
    Migration(3, "topics over time", _TOPICS),
    Migration(4, "what was heard of a persona's members", _HEARD),
)

LEDGER = 'CREATE TABLE IF NOT EXISTS "schema" (version INTEGER NOT NULL, name VARCHAR, "at" TIMESTAMP)'
