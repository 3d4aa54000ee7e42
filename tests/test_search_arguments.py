"""What search says of arguments that it cannot take, and the dates that it can."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from search_helpers import HashEmbedder, message, put

from chorus import Capabilities, EvalError, Session


@pytest.fixture(scope="module")
def session(_tiny_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("search") / "workspace"
    shutil.copytree(_tiny_workspace, folder)
    with Session(folder, allow=Capabilities.all()) as made:
        yield made


@pytest.mark.parametrize(
    ("form", "code", "message"),
    [
        ("(search 5)", "type", "search: text should be a string, not 5"),
        ('(search "x" :limit "3")', "type", 'search: limit should be an exact integer, not "3"'),
        ('(search "x" :limit -1)', "eval", "the number of results should be from 0"),
        (
            '(search "x" :mode \'words :since 5)',
            "type",
            "search: since should be an instant or a date, not 5",
        ),
        ('(search "x" :mode \'words :until "soon")', "type", "search: until should be an instant or a date"),
        ('(search "x" :mode \'words :authors "ann")', "type", "search: authors should be a list or vector"),
        ('(search "x" :mode \'words :channel 5)', "type", "search: channel should be a name, not 5"),
        ('(near \'(1 2) :limit "3")', "type", "near: limit should be an exact integer"),
        ("(similar-to 5)", "type", "similar-to: id should be a string, not 5"),
        ('(conversation "1" :before "2")', "type", "conversation: before should be an exact integer"),
        ('(conversations \'("1") :gap "long")', "type", "conversations: gap should be a real number"),
    ],
)
def test_errors_name_the_procedure_and_the_argument(
    session: Session, form: str, code: str, message: str
) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval(form)
    assert message in caught.value.message
    assert caught.value.code == code


def test_a_refused_date_comes_with_an_example(session: Session) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval('(search "x" :mode \'words :since "June")')
    assert "2024-06-01" in str(caught.value.hint)


def test_an_unknown_channel_is_an_error_with_near_names(session: Session) -> None:
    name = session.context.store.value("SELECT min(name) FROM channels")
    with pytest.raises(EvalError, match="search: there is no channel") as caught:
        session.eval('(search "x" :mode \'words :channel name)', name=name + "x")
    assert name in str(caught.value.hint)


def ids(session: Session, form: str, **names: Any) -> list[str]:
    return sorted(session.eval(f"(column {form} id)", **names))


def test_a_date_as_text_is_its_instant(session: Session) -> None:
    store = session.context.store
    word = "the"
    days = [row[0] for row in store.rows("SELECT DISTINCT timestamp::DATE::VARCHAR FROM messages ORDER BY 1")]
    every = ids(session, "(search word :mode 'words :limit 100)", word=word)
    assert every
    for day in days:
        since = ids(session, "(search word :mode 'words :limit 100 :since day)", word=word, day=day)
        until = ids(session, "(search word :mode 'words :limit 100 :until day)", word=word, day=day)
        assert sorted(since + until) == every
        assert since == ids(
            session, "(search word :mode 'words :limit 100 :since (moment day))", word=word, day=day
        )


def test_a_channel_by_name_or_id(session: Session) -> None:
    rows = session.context.store.rows("SELECT id, name FROM channels WHERE name IS NOT NULL")
    for id, name in rows:
        by_id = ids(session, '(search "the" :mode \'words :limit 100 :channel it)', it=id)
        assert by_id == ids(session, '(search "the" :mode \'words :limit 100 :channel it)', it=name)


READS = """(count (messages)) (corpus-version) (embedding-coverage) (embed!) (personas) (conversation "1") (%changes)
(%bots) (%said) (%activity) (%term-counts '("x" "…")) (%next-turn) (%recent-turns 3) (embed-parts!)
(count (search "x")) (guard (e (#t "refused")) (similar-to "1"))
(search-threads "x") (likely-replies '("1")) (opinion-of 'everyone "Too hard?") (%answered '("1")) (%heard :embed #f)"""


def test_who_reads_an_empty_folder_leaves_it_empty(tmp_path: Path) -> None:
    """And what is written there later is found by the same session."""
    with Session(tmp_path, allow=Capabilities.all()) as made:
        made.context.__dict__["embedder"] = HashEmbedder()
        made.eval(READS)
        assert not list(tmp_path.iterdir())
        put(made.context, [message(1, "the lag is back")])
        assert made.eval('(column (search "lag" :mode \'words) id)') == ["1"]
        assert made.eval('(length (conversation "1"))') == 1
        assert made.eval('(length (search-threads "lag"))') == 1
