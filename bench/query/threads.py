"""Right threads and right replies on real chat: the annotated Ubuntu logs, 20,000 messages of every second day.

usage: python bench/query/threads.py [MESSAGES] [--rebuilt]     (default 20000)

A question is a message that starts a conversation, has a `?` and four words, and was answered. thread-hit10: it is
taken out, and by its text alone its thread, as the gold links have it, should be among the first ten.
reply-hit1: with it in place and no links known, the likeliest reply is one that another person gave.
Weights were fitted on the other days.
With --rebuilt also, no goal: where no link is known, by silences alone and after (rebuild-threads!) with a model of the
other days: how well threads agree with those marked, and whether the message that a found thread is cited by is
right.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from chorus import Capabilities, Session

DATA = Path(os.environ.get("CHORUS_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
FOLDER = DATA / "discord-export"
PIECE = 500  # questions of which links are asked at a time


class Log(NamedTuple):
    """MESSAGES in order, what each answers by the gold LINKS, and the QUESTIONS."""

    messages: list[dict[str, Any]]
    links: dict[str, set[str]]
    questions: list[dict[str, Any]]


def there() -> bool:
    return (FOLDER / "ubuntu-gold-replies.tsv.gz").is_file()


def log(count: int, odd: bool = True) -> Log:
    """COUNT messages of every second day; the other days if not ODD."""
    with gzip.open(FOLDER / "ubuntu.json.gz", "rt") as file:
        every = json.load(file)["messages"]
    links = defaultdict(set)
    with gzip.open(FOLDER / "ubuntu-gold-replies.tsv.gz", "rt") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            links[row["message_id"]].add(row["replies_to"])
    marked = [message for message in every if message["id"] in links]
    days = sorted({message["timestamp"][:10] for message in marked})[odd::2]
    messages = [message for message in marked if message["timestamp"][:10] in set(days)][:count]
    answered = {parent for m in messages for parent in links[m["id"]] - {m["id"]}}
    asks = lambda text: "?" in text and len(text.split()) >= 4
    questions = [
        m for m in messages if links[m["id"]] == {m["id"]} and m["id"] in answered and asks(m["content"])
    ]
    return Log(messages, links, questions)


def threads_of(chat: Log) -> dict[str, str]:
    """Message id → the first of its thread, by the gold links."""
    above = {message["id"]: message["id"] for message in chat.messages}

    def top(one: str) -> str:
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    for message in chat.messages:
        for parent in chat.links[message["id"]] & above.keys():
            above[top(message["id"])] = top(parent)
    return {one: top(one) for one in above}


def measured(count: int, *, rebuilt: bool = False) -> tuple[float, float]:
    """thread-hit10 and reply-hit1."""
    chat = log(count)
    with tempfile.TemporaryDirectory() as folder:
        with Session(f"{folder}/first", allow=Capabilities.all()) as session:
            vectors = session.context.embedder.encode([m["content"] or " " for m in chat.messages])
            asked = {message["id"] for message in chat.questions}
            fill(session, chat, vectors, linked=True, without=asked)
            threads = thread_hits(session, chat, vectors)
        with Session(f"{folder}/second", allow=Capabilities.all()) as session:
            fill(session, chat, vectors, linked=False, without=set())
            replies = reply_hits(session, chat)
        if rebuilt:
            with Session(f"{folder}/third", allow=Capabilities.all()) as session:
                fill(session, chat, vectors, linked=False, without=asked)
                cited_hits(session, chat, "by silences")
                session.eval("(begin (%keep-thread-model! model) (rebuild-threads!))", model=trained(count))
                cited_hits(session, chat, "rebuilt")
    return threads, replies


def trained(count: int) -> bytearray:
    """A model of threads fitted to COUNT messages of the other days."""
    from chorus.kernels.threads.channels import Channel, labelled
    from chorus.kernels.threads.keeping import packed
    from chorus.kernels.threads.log import Message
    from chorus.kernels.threads.training import fit

    chat = log(count, odd=False)
    place = {message["id"]: at for at, message in enumerate(chat.messages)}
    at = lambda m: dt.datetime.fromisoformat(m["timestamp"]).timestamp()
    said = [Message(m["author"]["id"], at(m), m["content"]) for m in chat.messages]
    known = {place[m["id"]]: place.get(min(chat.links[m["id"]], key=int), -1) for m in chat.messages}
    names = {m["author"]["name"]: m["author"]["id"] for m in chat.messages}
    known = {message: answered for message, answered in known.items() if 0 <= answered <= message}
    return bytearray(packed(fit(labelled(Channel(said, names, known)))))


def cited_hits(session: Session, chat: Log, how: str) -> None:
    own = threads_of(chat)
    asked = {question["id"] for question in chat.questions}
    left = {own[message["id"]] for message in chat.messages if message["id"] not in asked}
    session.eval('(count (search "sound"))')
    form = "(map (lambda (thread) (hash-ref thread :message-id)) (search-threads asked))"
    hits = []
    for question in chat.questions:
        if own[question["id"]] in left:
            found = session.eval(form, asked=question["content"])
            hits.append(any(own[str(message)] == own[question["id"]] for message in found))
    agreed = "VI {:.1f}, one to one {:.1f}".format(*agreeing(session, own))
    print(
        f"threads, no links known, {how}: {agreed}; one of ten cited is right {np.mean(hits):.3f}", flush=True
    )


def agreeing(session: Session, own: dict[str, str]) -> tuple[float, float]:
    """How the threads that are searched agree with OWN: VI and one to one, in percent."""
    from chorus.kernels.threads.measures import agreement

    ids, threads = session.context.indexes.conversations.threads()
    first: dict[str, int] = {}
    marked = {(at, first.setdefault(own[one], at)) for at, one in enumerate(ids.to_pylist())}
    found = agreement([marked], [set(enumerate(threads.tolist()))])
    return found.vi, found.one_to_one


def thread_hits(session: Session, chat: Log, vectors: np.ndarray) -> float:
    own = threads_of(chat)
    session.eval('(count (search "sound"))')
    hits = total = 0
    left = {own[m["id"]] for m in chat.messages} & {
        own[m["id"]] for m in chat.messages if m not in chat.questions
    }
    for question in chat.questions:
        if own[question["id"]] not in left:
            continue
        found = session.eval(
            "(map (lambda (thread) (hash-ref thread :id)) (search-threads asked))", asked=question["content"]
        )
        hits += any(own[str(message)] == own[question["id"]] for message in found)
        total += 1
    print(
        f"threads: {total} questions to {len(chat.messages):,} messages, right one in the first ten {hits / total:.3f}"
    )
    return hits / total


def reply_hits(session: Session, chat: Log) -> float:
    by = {message["id"]: message["author"]["name"] for message in chat.messages}
    replies = defaultdict(set)
    for message in chat.messages:
        for parent in chat.links[message["id"]]:
            if by.get(parent, message["author"]["name"]) != message["author"]["name"]:
                replies[parent].add(message["id"])
    asked = [question["id"] for question in chat.questions if replies[question["id"]]]
    best: dict[str, str] = {}
    for start in range(0, len(asked), PIECE):
        links = session.eval(
            "(map (lambda (link) (list (hash-ref link :reply-to) (hash-ref link :id))) (likely-replies ids))",
            ids=asked[start : start + PIECE],
        )
        for parent, message in (tuple(link) for link in links):
            best.setdefault(str(parent), str(message))
    hits = sum(best.get(one) in replies[one] for one in asked) / len(asked)
    print(f"replies: {len(asked)} questions that another answered, the likeliest reply is one {hits:.3f}")
    return hits


def fill(session: Session, chat: Log, vectors: np.ndarray, *, linked: bool, without: set[str]) -> None:
    """The messages but those WITHOUT, with their vectors; of the gold links those to an earlier message, if LINKED."""
    kept = [at for at, message in enumerate(chat.messages) if message["id"] not in without]
    session.eval("(count (messages))")
    messages = [chat.messages[at] for at in kept]
    parent = lambda m: min(chat.links[m["id"]] - {m["id"]}, default=None) if linked else None
    moment = lambda m: dt.datetime.fromisoformat(m["timestamp"]).astimezone(dt.UTC).replace(tzinfo=None)
    store = session.context.store
    store.append(
        "messages",
        pa.table(
            {
                "id": [m["id"] for m in messages],
                "author-id": [m["author"]["id"] for m in messages],
                "channel-id": pa.array(["ubuntu"] * len(messages)),
                "content": [m["content"] for m in messages],
                "reply-to": pa.array([parent(m) for m in messages], pa.string()),
                "timestamp": pa.array([moment(m) for m in messages], pa.timestamp("us")),
            }
        ),
    )
    people = {m["author"]["id"]: m["author"]["name"] for m in messages}
    store.append("authors", pa.table({"id": list(people), "name": list(people.values())}))
    store.write("UPDATE state SET corpus = corpus + 1")
    made = pa.FixedSizeListArray.from_arrays(pa.array(vectors[kept].ravel()), vectors.shape[1])
    rows = pa.table({"said": [m["content"] for m in messages], "vector": made.cast(pa.list_(pa.float32()))})
    with store.transaction("vectors"), store.lending(rows) as lent:
        store.write(
            f"""INSERT INTO embeddings BY NAME SELECT ? AS model, sha256(said) AS "content-hash", any_value(vector)
                AS vector FROM {lent} GROUP BY said""",
            [session.context.embedder.model],
        )


if __name__ == "__main__":
    if not there():
        raise SystemExit(f"there is no {FOLDER}: set CHORUS_DATA")
    sizes = [int(word) for word in sys.argv[1:] if word != "--rebuilt"]
    measured(*(sizes or [20_000]), rebuilt="--rebuilt" in sys.argv)
