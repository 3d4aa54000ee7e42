"""Threads of a workspace: rebuilt without reply links, kept, brought up to date, and found by searches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from search_helpers import NOON, HashEmbedder, message, put
from thread_helpers import planted

from chorus import Capabilities, EvalError, Session
from chorus.kernels.threads.log import Log


def rows_of(log: Log, channel: str = "c1", begin: int = 0) -> list[dict]:
    return [
        message(
            begin + at, m.text, **{"author-id": m.author, "channel-id": channel,
            "timestamp": NOON + dt.timedelta(seconds=m.at)},
        )
        for at, m in enumerate(log.messages)
    ]  # fmt: skip


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path / "workspace", allow=Capabilities.all()) as made:
        made.context.__dict__["embedder"] = HashEmbedder()
        yield made


def kept(session: Session) -> dict[str, tuple]:
    found = session.context.store.rows('SELECT "message-id", answers, score, "thread-id" FROM "thread-links"')
    return {message: rest for message, *rest in found}


def test_links_of_every_channel_are_kept_and_joined(session: Session) -> None:
    (first, links), (second, _) = planted(1, 150), planted(2, 60)
    put(session.context, [*rows_of(first), *rows_of(second, "c2", 1000)])
    assert session.eval("(rebuild-threads!)") == 210
    assert session.eval("(count (thread-links))") == 210
    found = kept(session)
    right = sum(int(found[str(at)][0]) in answered for at, answered in links.items())
    assert right > 0.6 * len(links)
    for one, (answers, score, thread) in found.items():
        assert 0 < score <= 1 and (int(one) < 1000) == (int(answers) < 1000)
        assert thread == found[answers][2] if answers != one else thread == one
    assert session.eval("(rebuild-threads!)") == 0


def test_threads_that_are_searched_are_those_rebuilt(session: Session) -> None:
    log, _ = planted(1, 120)
    put(session.context, rows_of(log))
    conversations = session.context.indexes.conversations
    before = len(set(conversations.threads()[1].tolist()))
    session.eval("(rebuild-threads!)")
    ids, threads = conversations.threads()
    found = kept(session)
    assert len(set(threads.tolist())) == len({thread for *_, thread in found.values()}) != before
    for one, thread in zip(ids.to_pylist(), threads.tolist(), strict=True):
        assert ids[thread].as_py() == found[one][2]
    hit = session.eval("(car (search-threads asked))", asked=log.messages[40].text)
    assert str(next(iter(hit.values()))) in {thread for *_, thread in found.values()}


def test_new_messages_are_added_and_old_links_stay(session: Session) -> None:
    log, _ = planted(1, 300)
    rows = rows_of(log)
    put(session.context, rows[:250])
    session.eval("(rebuild-threads!)")
    early = kept(session)
    put(session.context, rows[250:])
    assert session.eval("(rebuild-threads!)") == 100  # the fifty new, and fifty that they tell of
    found = kept(session)
    assert len(found) == 300 and all(found[one] == early[one] for one in map(str, range(200)))
    whole = {one: answers for one, (answers, *_) in found.items()}
    session.context.store.write('DELETE FROM "thread-links"')
    session.eval("(rebuild-threads!)")
    same = sum(whole[one] == answers for one, (answers, *_) in kept(session).items())
    assert same > 0.95 * 300
    assert all(thread == found[answers][2] for answers, _, thread in found.values())


def test_replies_are_certain(session: Session) -> None:
    put(session.context, [message(0, "one"), message(1, "two"), message(2, "three", **{"reply-to": "0"})])
    session.eval("(rebuild-threads!)")
    assert kept(session)["2"][:2] == ["0", 1.0]


def test_a_workspace_trains_its_own_model(session: Session) -> None:
    log, links = planted(5, 400)
    put(session.context, rows_of(log))
    session.eval("(rebuild-threads!)")
    right = lambda: sum(int(kept(session)[str(at)][0]) in answered for at, answered in links.items())
    before = right()
    pairs = [[str(at), str(answered[0])] for at, answered in links.items()]
    session.eval("(train-threads! links)", links=pairs)
    assert session.eval("(rebuild-threads!)") == 400, "another model goes over all"
    assert right() > before
    session.eval("(train-threads! #f)")
    assert session.eval("(rebuild-threads!)") == 400 and right() == before


def test_training_takes_a_table_of_links(session: Session) -> None:
    log, links = planted(5, 250)
    put(session.context, rows_of(log))
    rows = "(rows->table (map (lambda (l) {:message-id (car l) :reply-to (cadr l)}) links))"
    pairs = [[str(at), str(answered[0])] for at, answered in links.items()]
    session.eval(f"(train-threads! {rows})", links=pairs)
    assert session.eval("(bytevector? (%thread-model))") is True


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("(train-threads! '())", "0 links"),
        ('(train-threads! \'(("0" "0")))', "1 links"),
        ("(train-threads! '(1 2))", "two ids"),
        ("(%link-threads '() (bytevector 1 2 3))", "no model of threads"),
        ('(train-threads! \'(("0" "0")) :device "abacus")', "device 'abacus' is not here"),
        ('(rebuild-threads! :device "abacus")', "device 'abacus' is not here"),
    ],
)
def test_what_cannot_be_trained_is_refused(session: Session, form: str, said: str) -> None:
    put(session.context, [message(0, "one")])
    with pytest.raises(EvalError, match=said):
        session.eval(form)


def test_replies_alone_do_not_tell_what_begins(session: Session) -> None:
    put(session.context, [message(at, "word") for at in range(300)])
    with pytest.raises(EvalError, match="0 of which begin"):
        session.eval("(train-threads! links)", links=[[str(at), str(at - 1)] for at in range(1, 300)])
