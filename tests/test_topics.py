"""Topics through time: planted ones are found, keep their names, and come up; noise makes no alarm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chorus import Capabilities, ChorusError, Session
from chorus.kernels.series.tracks import assigned, clusters, emerging, matched


def planted(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    centres = np.linalg.qr(np.random.default_rng(7).normal(size=(16, 4)))[0].T
    truth = random.integers(0, 4, n)
    return centres[truth] + 0.15 * random.normal(size=(n, 16)), truth


def test_clusters_are_the_planted_ones_and_keep_their_names() -> None:
    from sklearn.metrics import adjusted_rand_score

    vectors, truth = planted(0)
    vectors[0] = 0
    centres, labels = clusters(vectors, 4)
    assert labels[0] == -1
    assert adjusted_rand_score(truth[1:], labels[1:]) > 0.95
    later, _ = clusters(planted(1)[0], 4, seed=5)
    same = matched(centres, later)
    assert sorted(same) == [0, 1, 2, 3]
    assert all(later[at] @ centres[same[at]] > 0.95 for at in range(4))


def test_there_are_no_more_topics_than_different_messages() -> None:
    centres, labels = clusters(np.ones((9, 4), np.float32), 3)
    assert len(centres) == 1 and set(labels) == {0}
    centres, labels = clusters(np.repeat(np.eye(4, dtype=np.float32)[:2], 20, axis=0), 12)
    assert len(centres) == 2 and len(set(labels)) == 2


def test_a_new_topic_is_no_old_one() -> None:
    before = np.eye(4)[:2]
    after = np.eye(4)[[3, 1]]
    assert list(matched(before, after)) == [-1, 1]
    assert list(matched(np.zeros((0, 4)), after)) == [-1, -1]


def test_a_steady_share_is_no_alarm_and_a_rise_is_one() -> None:
    random = np.random.default_rng(0)
    false = risen = 0
    for _ in range(200):
        totals = random.integers(60, 140, 10)
        shares = random.uniform(0.02, 0.3, 6)
        counts = random.binomial(totals, shares[:, None] * np.ones((6, 10)))
        false += int((emerging(counts, totals)[1] < 0.05).sum())
        counts[0, -1] = random.binomial(totals[-1], min(shares[0] + 0.25, 1))
        risen += emerging(counts, totals)[1][0] < 0.05
    assert false <= 0.065 * 200 * 6
    assert risen >= 180


def test_a_topic_that_comes_and_goes_is_not_always_news() -> None:
    totals = np.full(8, 100)
    restless = np.array([[2, 40, 3, 38, 2, 41, 3, 40]])
    steady_one = np.array([[20, 22, 21, 19, 20, 21, 22, 40]])
    assert emerging(restless, totals)[1][0] > 0.05 > emerging(steady_one, totals)[1][0]


def test_known_topics_stay_in_their_rows_and_a_far_one_is_found_beside() -> None:
    vectors, truth = planted(2, 400)
    before, _ = clusters(vectors[truth < 3], 3)
    after, labels = clusters(vectors, 4, known=before)
    assert list(matched(before, after)) == [0, 1, 2, -1]
    assert set(np.flatnonzero(labels == 3)) == set(np.flatnonzero(truth == 3))
    assert list(assigned(np.zeros((2, 16)), after)) == [-1, -1]


# — from look to look —

WEEK = 7 * 86_400 * 10**6
LOOKS = """
(define (said columns) (apply hash-table (append-map list '(:ids :texts :authors :times) columns)))
(define earlier (follow-topics (said before) vectors-before #f k))
(define kept (hash-table :ids (iota k 1) :names (map (lambda (at) (format "name ~a" at)) (iota k 1))
                         :since (map (lambda (_) #f) (iota k)) :centres (cadr earlier)))
(map (lambda (row) (map (lambda (key) (hash-ref row key #f)) '(:id :topic :state :emerging :messages)))
     (car (follow-topics (said now) vectors-now kept k)))
"""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(allow=Capabilities.all()) as made:
        yield made


def looks(session: Session, vectors: np.ndarray, times: np.ndarray, seed: int, k: int) -> list[list[Any]]:
    """The topics at the end of TIMES, after a look a week before: id, topic, state, emerging, messages."""
    order = np.argsort(times, kind="stable")
    vectors, times = vectors[order].astype(np.float32), times[order]
    people = [f"p{at}" for at in np.random.default_rng(seed).integers(0, 40, len(times))]
    columns = [[str(at) for at in range(len(times))], [f"w{at} x" for at in order], people, times.tolist()]
    early = int(np.searchsorted(times, times.max() - WEEK))
    before = [column[:early] for column in columns]
    made: list[list[Any]] = session.eval(
        LOOKS, before=before, now=columns, k=k, **{"vectors-before": vectors[:early], "vectors-now": vectors}
    )
    return made


def test_noise_has_no_new_topics(session: Session) -> None:
    alarms = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        vectors, times = random.normal(size=(300, 12)), random.integers(0, 10 * WEEK, 300)
        alarms += any(row[3] for row in looks(session, vectors, times, seed, 4))
    assert alarms <= 4  # 1 expected; 5 or more one time in 400


def test_a_planted_topic_comes_up_and_the_others_keep_their_names(session: Session) -> None:
    for seed in range(5):
        vectors, truth = planted(seed, 500)
        times = np.random.default_rng(seed).integers(0, 10 * WEEK, 500)
        times[truth == 3] = np.random.default_rng(seed + 9).integers(9 * WEEK, 10 * WEEK, (truth == 3).sum())
        rows = looks(session, vectors, times, seed, 3)
        assert [row[:3] for row in rows[:3]] == [[at, f"name {at}", "goes-on"] for at in (1, 2, 3)]
        assert [row[3] for row in rows] == [False, False, False, True]
        assert rows[3][0] is False and rows[3][2] == "new" and rows[3][4] == (truth == 3).sum()


def test_a_topic_that_nobody_speaks_of_any_more_is_quiet(session: Session) -> None:
    vectors, truth = planted(1, 500)
    times = np.random.default_rng(1).integers(0, 10 * WEEK, 500)
    times[truth == 0] %= 5 * WEEK
    rows = looks(session, vectors, times, 1, 4)
    assert sorted(row[2] for row in rows) == ["goes-on", "goes-on", "goes-on", "quiet"]
    assert next(row[4] for row in rows if row[2] == "quiet") == (truth == 0).sum()


@pytest.mark.parametrize(
    "form",
    [
        "(%topic-centres (%stack '(#(1 0))) 0)",
        "(%emerging '((1 2)) '(3))",
        "(%emerging '((1 -2)) '(3 4))",
        "(%emerging '((1 9)) '(3 4))",
        "(%topic-members (%stack '(#(1 0))) (%stack '(#(1 0))) :keep '(1))",
        '(%topic-spans \'(0 7) \'("a" "b") \'(1 2) 2)',
        '(%topic-spans \'(-1 0) \'("a" "b") \'(1 2) 2)',
        "(%same-topics '(#(1 0)) '(#(1 0 0)))",
        "(%same-topics '(a) '(b))",
        "(name-topic! 7 'lag)",
    ],
)
def test_what_is_wrong_is_said(form: str, sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        with pytest.raises(ChorusError) as caught:
            session.eval(form)
        assert caught.value.span is not None and "internal" not in caught.value.code


# — of a community —


def rows(session: Session, form: str) -> list[list[object]]:
    made: list[list[object]] = session.eval(f"(table->rows {form})")
    return made


def test_a_topic_that_goes_on_keeps_its_name(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        session.eval("(embed!)")
        session.eval("(define first-look (topics 'everyone :k 3))")
        named = rows(
            session, '(with-columns (select first-look topic messages) (topic (string-append "my " topic)))'
        )
        session.eval("""(define renamed (rows->table (map (lambda (row)
            {:topic (string-append "my " (car row)) :examples (json->value (cadr row))})
            (table->rows (select first-look topic examples)))))""")
        again = rows(session, "(select (topics 'everyone :k 3 :like renamed) topic messages)")
        assert sorted(again) == sorted(named)


def test_what_is_kept_lasts_and_names_what_goes_on(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        first = rows(session, "(select (update-topics! :k 3) id topic state)")
        assert [row[0] for row in first] == [1, 2, 3] and {row[2] for row in first} == {"found"}
        assert session.eval("(eq? (name-topic! 2 'the-second) (void))") is True
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        again = rows(session, "(select (update-topics! :k 3) id topic state)")
        assert [row[:2] for row in again] == [[1, first[0][1]], [2, "the-second"], [3, first[2][1]]]
        assert {row[2] for row in again} <= {"goes-on", "quiet"}
        assert "the-second" in [row[0] for row in rows(session, "(select (topics 'everyone :k 3) topic)")]
        history = rows(session, "(select (topic-history) look id corpus-version environment-version)")
        assert [row[:2] for row in history] == [[look, at] for look in (1, 2) for at in (1, 2, 3)]
        assert len({(row[2], row[3]) for row in history}) == 1 and all(row[2] for row in history)


def test_looking_makes_no_workspace(tmp_path: Path) -> None:
    with Session(tmp_path / "none", allow=Capabilities.all()) as session:
        assert session.eval("(count (update-topics!))") == 0
    assert not (tmp_path / "none").exists()
