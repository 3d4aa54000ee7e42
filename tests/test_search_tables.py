"""Searches as tables: a condition on one is a search of fewer messages, whatever stands between; scores are columns."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from search_helpers import HashEmbedder, message, put

from chorus import Capabilities, EvalError, Keyword, Session
from chorus.runtime.index import searching

WORDS = "lag nerf price queue loot map patch crash".split()
MESSAGES = 300


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    dice = random.Random(3)
    with Session(tmp_path_factory.mktemp("tables"), allow=Capabilities.all()) as made:
        made.context.__dict__["embedder"] = HashEmbedder()
        made.eval("(count (messages))")
        put(
            made.context,
            (
                message(
                    n,
                    " ".join(dice.choices(WORDS, k=dice.randint(1, 6))),
                    **{"author-id": f"a{dice.randrange(5)}", "channel-id": f"c{dice.randrange(3)}"},
                )
                for n in range(1, MESSAGES)
            ),
        )
        made.eval("(embed!)")
        yield made


def rows(session: Session, form: str, **names: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.eval(f"(table->rows {form})", **names)]


def rules(session: Session, form: str) -> str:
    return session.eval(
        f"(with-output-to-string (lambda () (write (cdr (assq 'rules (cdr (explain {form})))))))"
    )


CONDITIONS = (
    '(= channel-id "c1")',
    '(contains? content "lag")',
    '(and (= author-id "a2") (> (length content) 8))',
    '(member author-id (list "a1" "a3"))',
)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("mode", ["both", "words", "dense"])
@pytest.mark.parametrize("limit", [1, 7, 40])
def test_a_condition_gives_the_best_of_those_for_which_it_holds(
    session: Session, condition: str, mode: str, limit: int
) -> None:
    pushed = rows(
        session,
        f'(select (where (search "lag price" :mode \'{mode} :limit {limit}) {condition}) id rank score cosine bm25)',
    )
    given = rows(
        session,
        f'(select (search "lag price" :mode \'{mode} :limit {limit} :in (where (messages) {condition})) '
        "id rank score cosine bm25)",
    )
    assert pushed == given
    assert [row[1] for row in pushed] == list(range(1, len(pushed) + 1))
    if mode != "both":  # by brute force: all of them in line, then the condition, then the first
        every = rows(
            session,
            f'(select (limit (where (select (search "lag price" :mode \'{mode} :limit 10000) '
            f"id content author-id channel-id score (one 1)) (= one 1)) 10000) id content author-id channel-id score)",
        )
        kept = set(session.eval(f"(column (where (messages) {condition}) id)"))
        brute = [(row[0], row[4]) for row in every if row[0] in kept][:limit]
        assert [(row[0], row[2]) for row in pushed] == brute


@pytest.mark.parametrize(
    "form",
    [
        '(where (select (search "lag" :limit 5) id channel-id rank) (= channel-id "c1"))',
        '(where (rename (search "lag" :limit 5) (place channel-id)) (= place "c1"))',
        '(where (order-by (search "lag" :limit 5) (desc id)) (= channel-id "c1"))',
        '(where (where (with-columns (search "lag" :limit 5) (n (length content))) (> n 0)) (= channel-id "c1"))',
    ],
)
def test_conditions_reach_the_search_through_steps_that_keep_rows(session: Session, form: str) -> None:
    assert session.eval(f"(count {form})") == 5
    assert "search-among" in rules(session, form)


@pytest.mark.parametrize(
    "form",
    [
        '(where (limit (search "lag" :limit 50) 5) (= channel-id "c1"))',
        '(where (join (search "lag" :limit 5) (select (messages) id) :on id :kind inner) (= channel-id "c1"))',
        '(where (search "lag" :limit 5) (< rank 3))',
    ],
)
def test_conditions_beyond_a_barrier_or_on_scores_do_not(session: Session, form: str) -> None:
    assert session.eval(f"(count {form})") < 5
    assert "search-among" not in rules(session, form)


def test_explain_shows_the_search_with_its_condition(session: Session) -> None:
    form = '(where (search "lag" :limit 5) (= channel-id "c1") (< rank 3))'
    shown = session.eval(
        f"(with-output-to-string (lambda () (write (cadr (assq 'optimised (cdr (explain {form})))))))"
    )
    assert shown == '(where (search "lag" :in (where (messages) (= channel-id "c1")) :limit 5) (< rank 3))'


def test_searches_compose_with_the_algebra(session: Session) -> None:
    both = rows(session, '(union (select (search "lag" :limit 3) id) (select (search "nerf" :limit 4) id))')
    assert len(both) == 7
    grouped = rows(
        session, '(aggregate (group-by (search "lag" :limit 30) author-id) (n (count)) (best (min rank)))'
    )
    assert sum(row[1] for row in grouped) == 30 and min(row[2] for row in grouped) == 1
    twice = rows(session, '(select (search "nerf" :limit 2 :in (search "lag" :limit 20)) id rank)')
    assert [row[1] for row in twice] == [1, 2]
    assert {row[0] for row in twice} <= {
        row[0] for row in rows(session, '(select (search "lag" :limit 20) id)')
    }


def test_nearest_to_a_message_leaves_it_out_and_heeds_conditions(session: Session) -> None:
    found = rows(
        session, '(select (where (similar-to "5" :limit 8) (= channel-id "c0")) id channel-id score cosine)'
    )
    assert len(found) == 8 and "5" not in {row[0] for row in found}
    assert all(row[1] == "c0" and row[2] == row[3] for row in found)
    assert [row[2] for row in found] == sorted((row[2] for row in found), reverse=True)


def test_a_search_sees_what_was_written_since(session: Session) -> None:
    assert session.eval('(define zebras (search "zebra" :mode \'words)) (count zebras)') == 0
    put(session.context, [message(9001, "a zebra")])
    assert session.eval("(column zebras id)") == ["9001"]


def test_what_has_no_ids_cannot_be_searched(session: Session) -> None:
    with pytest.raises(EvalError, match="no column id"):
        session.eval('(search "lag" :in (select (messages) content))')


def test_an_index_with_a_flipped_bit_is_made_again(session: Session) -> None:
    form = '(select (search "lag" :limit 9) id score)'
    before = rows(session, form)
    folder: Path = session.context.indexes.folder
    for name in ("vectors.safetensors", "words.safetensors"):
        data = bytearray((folder / name).read_bytes())
        data[len(data) * 3 // 4] ^= 4
        (folder / name).write_bytes(data)
    session.context.__dict__.pop("indexes")
    assert rows(session, form) == before


def test_analyze_tells_what_a_search_took_under_the_form_that_asked_for_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked = searching._ranked
    monkeypatch.setattr(searching, "_ranked", lambda *given: time.sleep(0.5) or ranked(*given))
    form = '(select (where (search "lag" :limit 9) (= channel-id "c1")) id score)'
    steps = session.eval(f"(analyze! {form})")
    told = [session.eval('(format "~s" it)', it=step[Keyword("form")]) for step in steps]
    at = told.index('(search "lag" :limit 9)')
    assert told[at + 1 :] == ['(where ... (= channel-id "c1"))', "(messages)"]
    assert not any("join" in text for text in told)  # what it was carried out by
    assert steps[at][Keyword("rows")] == session.eval(f"(count {form})") > 0
    assert steps[at][Keyword("own-ms")] > 250


@pytest.mark.parametrize("table", ["(authors)", '(where (tickets) (= status "open"))'])
def test_ids_of_something_else_are_no_messages(session: Session, table: str) -> None:
    with pytest.raises(EvalError, match="no column id of message ids") as told:
        session.eval(f'(count (search "lag" :in {table}))')
    assert told.value.hint
