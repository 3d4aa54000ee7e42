"""Messages get their vectors once, in commits that a kill cannot undo, and only what is new is computed."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from search_helpers import HashEmbedder, message, open_context, put

from chorus.runtime import progress
from chorus.runtime.index import embedding, service


@pytest.fixture
def context(tmp_path):
    made = open_context(tmp_path / "workspace", HashEmbedder())
    yield made
    made.close()


def stored(context):
    rows = context.store.rows('SELECT "content-hash", vector FROM embeddings')
    return {content: np.array(vector, np.float32) for content, vector in rows}


def test_equal_texts_share_one_vector_and_silence_has_none(context):
    rows = [message(1, "hello"), message(2, "hello"), message(3, ""), message(4, "  \n")]
    rows += [
        message(5, "", **{"forwarded-content": "passed on"}),
        message(6, "own", **{"forwarded-content": "no"}),
    ]
    put(context, rows)
    done = context.indexes.ensure()
    assert (done.embedded, done.reused, done.remaining) == (3, 0, 0)
    assert sorted(context.embedder.seen) == ["hello", "own", "passed on"]
    ids, matrix = context.indexes.vectors.matrix()
    assert sorted(ids) == ["1", "2", "5", "6"] and matrix.shape == (4, 16)
    assert context.indexes.coverage() == (4, 4)


def test_only_what_is_new_is_computed(context):
    put(context, [message(n, f"text {n}") for n in range(10)])
    context.indexes.ensure()
    put(context, [message(50, "text 3"), message(51, "something new")])
    context.embedder.seen.clear()
    done = context.indexes.ensure()
    assert context.embedder.seen == ["something new"]
    assert (done.embedded, done.reused, done.remaining) == (1, 11, 0)


def test_a_limit_takes_a_sample_that_a_larger_one_contains(context):
    put(context, [message(n, f"text {n}") for n in range(1000)])
    done = context.indexes.ensure(limit=100)
    assert (done.embedded, done.remaining) == (100, 900)
    first = {int(text.split()[1]) for text in context.embedder.seen}
    assert 8 <= sum(n < 125 for n in first) <= 18  # an even sample, not the first or the last
    assert context.indexes.ensure(limit=0).embedded == 0
    context.indexes.ensure(limit=200)
    assert len(stored(context)) == 300 and len(set(context.embedder.seen)) == 300


def test_chosen_messages_come_first(context):
    put(context, [message(n, f"text {n}") for n in range(50)])
    done = context.indexes.ensure(ids=["7", "8", "no-such"])
    assert done.embedded == 2 and sorted(context.embedder.seen) == ["text 7", "text 8"]


def test_the_vector_of_each_text_is_its_own(context, monkeypatch):
    monkeypatch.setattr(embedding, "WINDOW", 64)
    monkeypatch.setattr(embedding, "FIRST_COMMIT", 7)
    texts = [f"{n} " * (1 + n % 9) for n in range(300)]
    put(context, [message(n, text) for n, text in enumerate(texts)])
    context.indexes.ensure()
    ids, rows = context.indexes.vectors.matrix()
    assert len(ids) == 300
    assert np.array_equal(rows, HashEmbedder().encode([texts[int(one)] for one in ids]))


def test_models_are_kept_apart(context):
    put(context, [message(n, f"text {n}") for n in range(5)])
    context.indexes.ensure()
    other = open_context(context.workspace, HashEmbedder(8, "other@1"))
    assert other.indexes.coverage() == (0, 5)
    assert other.indexes.ensure().embedded == 5
    assert other.indexes.vectors.matrix()[1].shape == (5, 8)
    assert context.indexes.vectors.matrix()[1].shape == (5, 16)
    context.__dict__["embedder"] = other.embedder  # the same session changes its model
    assert context.indexes.vectors.matrix()[1].shape == (5, 8)


def test_time_that_runs_out_keeps_what_was_done(context, monkeypatch):
    monkeypatch.setattr(embedding, "FIRST_COMMIT", 10)
    monkeypatch.setattr(embedding, "COMMIT_SECONDS", 0)
    put(context, [message(n, f"text {n}") for n in range(200)])
    encode = context.embedder.encode
    context.embedder.encode = lambda texts, check: (time.sleep(0.03), encode(texts, check))[1]
    done = context.indexes.ensure(seconds=0.15)
    assert 0 < done.embedded < 200 and done.remaining == 200 - done.embedded == 200 - len(stored(context))


WORKER = """
import sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from chorus.runtime.index import embedding
from search_helpers import HashEmbedder, open_context

class Slow(HashEmbedder):
    def encode(self, texts, check=None):
        print(len(texts), flush=True)
        time.sleep(0.05)
        return super().encode(texts, check)

embedding.FIRST_COMMIT, embedding.COMMIT_SECONDS = 20, 0
open_context(Path(sys.argv[1]), Slow()).indexes.ensure()
"""


def test_a_kill_loses_nothing_that_was_committed(tmp_path, request):
    folder = tmp_path / "workspace"
    made = open_context(folder, HashEmbedder())
    put(made, [message(n, f"text {n}") for n in range(400)])
    made.close()
    counts = [0]
    for commits in (3, 5):
        arguments = [sys.executable, "-c", WORKER, str(folder), str(request.path.parent)]
        worker = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        for _ in range(commits):
            worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        again = open_context(folder, HashEmbedder())
        kept = stored(again)
        assert len(kept) >= counts[-1] + 20 * (commits - 1) and len(kept) % 20 == 0
        counts.append(len(kept))
        again.close()
    last = open_context(folder, HashEmbedder())
    done = last.indexes.ensure()
    assert done.embedded == 400 - counts[-1] and done.remaining == 0
    assert last.store.rows('SELECT count(*), count(DISTINCT "content-hash") FROM embeddings') == [(400, 400)]
    ids, rows = last.indexes.vectors.matrix()
    assert np.array_equal(rows, HashEmbedder().encode([f"text {one}" for one in ids]))
    last.close()


def test_two_sessions_at_once_store_each_text_once(context):
    put(context, [message(n, f"text {n}") for n in range(50)])
    other = open_context(context.workspace, HashEmbedder())
    encode = context.embedder.encode

    def overtaken(texts, check):
        other.indexes.ensure()
        return encode(texts, check)

    context.embedder.encode = overtaken
    context.indexes.ensure()
    counted = 'SELECT count(*), count(DISTINCT "content-hash") FROM embeddings'
    assert context.store.rows(counted) == [(50, 50)]


# ── what a search may do unasked ──


def test_a_small_workspace_is_embedded_unasked(context, capsys):
    put(context, [message(n, f"text {n}") for n in range(10)])
    context.indexes.ensure_within_budget()
    assert context.indexes.coverage() == (10, 10)
    assert capsys.readouterr().err == ""


def test_a_large_one_is_not_and_stderr_says_so_once(context, monkeypatch, capsys):
    monkeypatch.setattr(service, "SILENT_MESSAGES", 20)
    put(context, [message(n, f"text {n}") for n in range(30)])
    for _ in range(2):
        context.indexes.ensure_within_budget()
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "no message has a vector" in said and "(embed!)" in said
    context.indexes.ensure(limit=15)
    context.indexes.ensure_within_budget()  # 15 are few enough
    assert context.indexes.coverage() == (30, 30)


def test_long_work_is_announced_with_its_size_its_time_and_a_way_to_do_less(context, monkeypatch, capsys):
    put(context, [message(n, f"text {n}") for n in range(200)])
    context.indexes.ensure(limit=100)
    assert capsys.readouterr().err == "", "who gives a limit knows of the time"
    monkeypatch.setattr(embedding, "LONG", 0.0)
    monkeypatch.setattr(embedding, "FIRST_COMMIT", 10)
    context.indexes.ensure()
    (line,) = capsys.readouterr().err.splitlines()
    assert re.match(r"embedding: 70 texts still need a vector, about \d+ s; .*\(embed! :limit n\)", line)


def test_short_work_is_not_announced(context, capsys):
    put(context, [message(n, f"text {n}") for n in range(200)])
    context.indexes.ensure()
    assert capsys.readouterr().err == ""


def test_a_bar_appears_though_the_first_text_takes_long(monkeypatch):
    class Terminal(io.StringIO):
        isatty = lambda self: True

    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    monkeypatch.setattr("sys.stderr", Terminal())
    with progress.Progress("embedding", 10):
        time.sleep(0.4)
    assert "embedding" in sys.stderr.getvalue()
