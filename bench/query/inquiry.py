"""How long a question to the community takes in a warm session, the question's embedding included.

usage: python bench/query/inquiry.py [MESSAGES]     (default 200000)

Messages are some hundred sentences with variations; their vectors are the sentences' own, disturbed, so that none need
be computed. Words and sentences get theirs by (embed-parts!), PARTS of them, as after an ingestion; the questions are
embedded by the real model. Beside the time on the clock stands that of this process, which other work on the machine
does not lengthen.
"""

from __future__ import annotations

import sys
import tempfile
import time
from typing import Any

import numpy as np
import pyarrow as pa

from chorus import Capabilities, Session

QUESTIONS = 40
WARM = 4  # not counted
NOISE = 0.5
PARTS = 2_000  # more than there are: a message differs from others by a number alone
PIECE = 100_000
THINGS = (
    "the price,weapon damage,matchmaking,the boss,server lag,the map,loot drops,the queue,the patch,the menu"
)
SAID = (
    "I think {} is fine as it is", "{} is far too much for me", "they should change {} again", "can anyone explain {}?",
    "{} ruined the last event", "I love {} since the update", "why does nobody talk about {}", "{} was better before",
    "we lost because of {}", "my friends left because of {}",
)  # fmt: skip
ASKED = (
    "What do they think of {}?", "Do they like {}?", "How do they feel about {}?", "Why do they complain about {}?",
)  # fmt: skip


def p95(messages: int) -> float:
    """Milliseconds within which 95 % of questions to MESSAGES messages are answered."""
    with tempfile.TemporaryDirectory() as folder, Session(folder, allow=Capabilities.all()) as session:
        fill(session, messages)
        things = THINGS.split(",")
        asked = [form.format(thing) for thing in things for form in ASKED][: QUESTIONS + WARM]
        took = np.array(
            [timed(session, question) for question in [*asked[-WARM:], *asked]][WARM:]
        )  # [questions, 2]
        (middle, own), (most, own_most) = np.quantile(took, (0.5, 0.95), axis=0)
        print(
            f"inquiry at {messages:,}: median {middle:.0f} ms (of this process {own:.0f}), "
            f"p95 {most:.0f} ({own_most:.0f})"
        )
        return float(most)


def timed(session: Session, question: str) -> tuple[float, float]:
    """Milliseconds on the clock, and of this process's threads."""
    begun, before = time.perf_counter(), time.process_time()
    session.eval(
        "(query (type persona-inquiry) (target everyone) (parameters (question asked)))", asked=question
    )
    return 1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - before)


def fill(session: Session, count: int) -> None:
    """COUNT messages of COUNT / 100 authors with their vectors, and the indexes over them."""
    rng = np.random.default_rng(7)
    session.eval("(count (messages))")
    context = session.context
    sentences = [said.format(thing) for thing in THINGS.split(",") for said in SAID]
    centres = context.embedder.encode(sentences)
    context.embedder.encoder  # noqa: B018 (loaded before questions are timed)
    for start in range(0, count, PIECE):
        size = min(PIECE, count - start)
        which = rng.integers(0, len(sentences), size)
        texts = [f"{sentences[at]} {number}" for number, at in enumerate(which, start)]
        vectors = centres[which] + NOISE / centres.shape[1] ** 0.5 * rng.normal(size=(size, centres.shape[1]))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        append(context, start, texts, vectors.astype(np.float32), max(10, count // 100))
    session.eval('(begin (count (search "the price")) (embed-parts! :limit parts))', parts=PARTS)


def append(context: Any, start: int, texts: list[str], vectors: np.ndarray, authors: int) -> None:
    size = len(texts)
    numbers = np.arange(start, start + size)
    moments = pa.array(1_700_000_000_000_000 + numbers * 60_000_000, pa.int64()).cast(pa.timestamp("us"))
    rows = pa.table(
        {
            "id": [f"{10**9 + n}" for n in numbers],
            "author-id": [f"a{n % authors}" for n in numbers],
            "channel-id": [f"c{n % 7}" for n in numbers],
            "content": texts,
            "timestamp": moments,
        }
    )
    store = context.store
    store.append("messages", rows)
    store.write("UPDATE state SET corpus = corpus + ?", [start + 1])
    width = vectors.shape[1]
    made = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), width).cast(pa.list_(pa.float32()))
    with store.transaction("vectors"), store.lending(pa.table({"said": texts, "vector": made})) as lent:
        store.write(
            f"""INSERT INTO embeddings BY NAME
                SELECT ? AS model, sha256(said) AS "content-hash", vector FROM {lent}""",
            [context.embedder.model],
        )


def main(messages: int) -> None:
    print(f"persona-inquiry at {messages:,} messages: p95 {p95(messages):.1f} ms of {QUESTIONS}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
