"""The encoder's adapter, end to end: learnt in a workspace, searched with, undone, gone with what was erased."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from voice_helpers import tiny_encoder

from chorus import Capabilities, ChorusError, Session

SUBJECTS, THREADS = 8, 240


def said() -> list[dict[str, str]]:
    """Questions, each answered in words of another list: only who learns from replies can know which go together."""
    random, start = np.random.default_rng(0), dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    rows = []
    for at in range(THREADS):
        one, two = (f"w{random.integers(6)} w{random.integers(6)}" for _ in range(2))
        subject = at % SUBJECTS
        for name, text, above in (("q", f"ask{subject} {one}", ""), ("r", f"tell{subject} {two}", f"q{at}")):
            moment = start + dt.timedelta(hours=at, minutes=name == "r")
            rows.append(
                {
                    "id": f"{name}{at}",
                    "text": text,
                    "author": f"{name}{at % 20}",
                    "created": moment.isoformat(),
                    "above": above,
                }
            )
    return rows


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_encoder(tmp_path_factory.mktemp("encoder"), [row["text"] for row in said()])


@pytest.fixture
def session(tmp_path: Path, encoder: Path) -> Iterator[Session]:
    (tmp_path / "said.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said()))
    with Session(tmp_path / "workspace", allow=Capabilities.all(), persist=True) as made:
        columns = '(:text "text" :author "author" :timestamp "created" :id "id" :reply-to "above")'
        made.eval(f"(ingest path :columns '{columns})", path=str(tmp_path / "said.jsonl"))
        made.eval("(use-embedding-model! path)", path=str(encoder))
        made.eval("(embed!)")
        yield made


def answers_near(session: Session, subject: int) -> float:
    """The share of answers about SUBJECT among the answers that lie nearest to a question about it."""
    found = session.eval("(column (search text :mode 'dense :limit 120) content)", text=f"ask{subject} w1 w2")
    told = [text for text in list(found) if text.startswith("tell")][:10]
    return sum(text.startswith(f"tell{subject} ") for text in told) / max(1, len(told))


def refused(session: Session, form: str) -> str:
    with pytest.raises(ChorusError) as error:
        session.eval(form)
    return error.value.code


def test_true_replies_help_search_and_one_form_undoes_it(session: Session, encoder: Path) -> None:
    before = [answers_near(session, subject) for subject in range(SUBJECTS)]
    plain = session.eval("(embedding-model)")
    report = session.eval("(train-encoder-adapter! :passes 20)")
    told = {key.name: value for key, value in report.items()}
    assert told["accepted"] is True and told["after"] > told["before"]
    adapted = session.eval("(use-encoder-adapter!)")
    assert adapted == session.eval("(embedding-model)") != plain
    session.eval("(embed!)")  # the index of the new model; that of the old stays
    after = [answers_near(session, subject) for subject in range(SUBJECTS)]
    assert np.mean(after) > np.mean(before) + 0.2, (before, after)
    session.eval("(use-embedding-model! path)", path=str(encoder))
    assert session.eval("(embedding-model)") == plain
    assert [answers_near(session, subject) for subject in range(SUBJECTS)] == before
    with session.context.store.transaction("erase"):
        session.context.store.write("DELETE FROM messages WHERE id = 'r1' OR id = 'r2' OR id = 'r3'")
    assert refused(session, "(use-encoder-adapter!)") == "stale"


def test_an_adapted_encoder_that_was_forgotten_or_damaged_is_made_anew(
    session: Session, encoder: Path, tmp_path: Path
) -> None:
    def weights() -> Path:
        (found,) = (tmp_path / "workspace" / "voices").glob("encoder-*/model.safetensors")
        return found

    session.eval("(train-encoder-adapter! :passes 20)")
    adapted = session.eval("(use-encoder-adapter!)")
    sound = weights().read_bytes()
    weights().write_bytes(sound[:-4] + b"\0\0\0\0")
    session.eval("(use-embedding-model! path)", path=str(encoder))
    assert session.eval("(use-encoder-adapter!)") == adapted and weights().read_bytes() == sound
    session.eval("(forget-voices!)")
    assert not list((tmp_path / "workspace" / "voices").glob("encoder-*"))
    session.eval("(use-embedding-model! path)", path=str(encoder))
    session.eval("(train-encoder-adapter! :passes 20)")
    assert session.eval("(use-encoder-adapter!)") == adapted
    session.eval("(embed!)")


def test_an_adapter_of_vectors_is_stale_once_a_message_it_learnt_on_is_gone(session: Session) -> None:
    session.eval("(adapter-train! 'ours (reply-pairs :shortest 5) :keep #t)")
    assert session.eval("(hash-ref (adapter-about ours) :learnt-from)") == 2 * THREADS
    session.eval('(adapter-apply ours "ask1 w1 w2")')
    with session.context.store.transaction("erase"):
        session.context.store.write("DELETE FROM messages WHERE id = 'r1'")
    assert refused(session, '(adapter-apply ours "ask1 w1 w2")') == "stale"
    assert refused(session, '(adapter-apply (list ours) \'("ask1 w1 w2"))') == "stale"
    session.eval("(adapter-train! 'ours (reply-pairs :shortest 5) :keep #t)")
    session.eval('(adapter-apply ours "ask1 w1 w2")')
