"""Signals in time: planted changes, days, topics are found; noise yields nothing; forecasts cover what comes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from chorus import Capabilities, Session
from chorus.kernels.series.anomalies import anomalies, distances, isolation, robust_z
from chorus.kernels.series.change_points import change_points, statistic
from chorus.kernels.series.forecast import forecast, mean_day, methods, same_day
from chorus.kernels.series.tracks import clusters, emerging, matched
from chorus.kernels.series.weekdays import steady, without_week


def noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


# — change points —


def test_the_statistic_is_that_of_every_split() -> None:
    series = noise(0, 3, 20)
    values, places = statistic(series, 4)
    for row, value, place in zip(series, values, places, strict=True):
        by_hand = {k: np.sqrt(k * (20 - k) / 20) * abs(row[k:].mean() - row[:k].mean()) for k in range(4, 17)}
        assert place == max(by_hand, key=lambda k: by_hand[k])
        assert value == pytest.approx(by_hand[place])


def test_white_noise_has_no_change_points() -> None:
    alarms = sum(bool(change_points(noise(seed, 120), draws=199, seed=seed)) for seed in range(60))
    assert alarms <= 8  # 3 expected; 9 or more one time in 300


def test_planted_changes_are_found_where_they_are() -> None:
    for seed in range(5):
        series = noise(seed, 200)
        series[60:] += 2
        series[130:] -= 3
        found = change_points(series, draws=199, seed=seed)
        assert [min(abs(each.at - at) for at in (60, 130)) <= 3 for each in found] == [True, True]
        assert found[0].after - found[0].before == pytest.approx(2, abs=0.8)


def test_missing_days_and_short_series() -> None:
    series = noise(1, 100)
    series[50:] += 3
    series[::7] = np.nan
    assert [abs(each.at - 50) <= 3 for each in change_points(series, draws=199)] == [True]
    assert change_points(series[:10], draws=99) == []
    assert change_points(np.full(40, 2.0), draws=99) == []


def test_the_habit_of_the_week_is_no_change() -> None:
    habit = np.tile([5.0, 0, 0, 0, 0, 0, 9.0], 20)
    assert np.ptp(without_week(habit)) < 1e-9
    risen = habit + (np.arange(140) >= 70) * 4
    assert [each.at for each in change_points(without_week(risen), draws=99)] == [70]
    assert list(without_week(habit[:20])) == list(habit[:20])


def test_counts_are_made_steady() -> None:
    random = np.random.default_rng(0)
    spreads = [steady(random.poisson(mean, 20_000)).std() for mean in (4, 40, 400)]
    assert all(0.9 < spread < 1.1 for spread in spreads)


# — days out of line —


@pytest.mark.parametrize("draw", ["normal", "poisson"])
def test_noise_has_few_days_out_of_line(draw: str) -> None:
    random = np.random.default_rng(0)
    alarms = 0
    for _ in range(100):
        rows = random.normal(size=(60, 3)) if draw == "normal" else steady(random.poisson(20, (60, 3)))
        alarms += bool(anomalies(rows))
    assert alarms <= 13  # 5 expected; 14 or more one time in 2,000


def test_a_spike_and_a_day_that_goes_against_the_others_are_found() -> None:
    rows = noise(3, 120, 3)
    rows[:, 1] = 0.95 * rows[:, 0] + 0.3 * rows[:, 1]
    rows[40, 2] = 9
    rows[80, :2] = [2.2, -2.2]  # neither is far out alone
    found = anomalies(rows)
    assert {each.at for each in found} == {40, 80}
    spike = next(each for each in found if each.at == 40)
    assert spike.measure == 2 and spike.z > 6
    against = next(each for each in found if each.at == 80)
    assert abs(against.z) < 4 < against.distance


def test_what_all_days_share_is_not_out_of_line() -> None:
    rows = np.column_stack([noise(0, 60), np.full(60, 7.0)])
    assert robust_z(rows)[:, 1].tolist() == [0.0] * 60
    assert anomalies(rows) == [] and anomalies(rows[:10]) == []


def test_distances_are_those_of_mahalanobis() -> None:
    z = np.clip(noise(2, 200, 3), -3, 3)
    scatter = np.linalg.inv(z.T @ z / 200)
    assert distances(z)[7] == pytest.approx(np.sqrt(z[7] @ scatter @ z[7]))


def test_the_isolation_score_sets_a_far_day_apart() -> None:
    rows = noise(4, 100, 2)
    rows[13] = [9, 9]
    assert isolation(rows).argmax() == 13


# — forecasts —


def test_the_methods_are_what_they_say() -> None:
    history = np.arange(21.0)
    assert list(same_day(history, 9, 7)) == [14, 15, 16, 17, 18, 19, 20, 14, 15]
    assert list(mean_day(history, 3, 7)) == [7, 8, 9]


def test_intervals_cover_what_comes() -> None:
    random = np.random.default_rng(1)
    inside = []
    for _ in range(100):
        mean = 12 + 8 * np.sin(np.arange(154) * 2 * np.pi / 7)
        series = random.poisson(mean).astype(float)
        made = forecast(series[:140], 14, level=0.9)
        assert made is not None
        inside.append(np.mean((series[140:] >= made.low) & (series[140:] <= made.high)))
    assert 0.85 < np.mean(inside) < 0.97


def test_the_method_is_the_one_that_would_have_done_best() -> None:
    random = np.random.default_rng(2)
    made = forecast(random.poisson(20, 140).astype(float), 7)
    assert made is not None and made.method != "same-day"
    assert made.mase[made.method] == min(made.mase.values()) < 1
    walk = np.cumsum(random.normal(size=140)) + 50
    again = forecast(walk, 7, season=1)
    assert again is not None and set(again.mase) == set(methods())


def test_too_short_a_series_is_not_forecast() -> None:
    assert forecast(np.arange(20.0), 7) is None


# — topics —


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


# — in the language —


@pytest.mark.parametrize(
    "form",
    [
        "(%change-points '(1 2 x))",
        "(%change-points '(1 2 3) :level 2)",
        "(%anomalies '((1 2) (3)))",
        "(%anomalies '((1 #f) (3 4)))",
        "(%expected '(1 2 3) 0)",
        "(%expected (cons #f (iota 60)) 7)",
        "(%topic-clusters (%stack '(#(1 0))) 0)",
        "(%emerging '((1 2)) '(3))",
    ],
)
def test_what_is_wrong_is_said(form: str) -> None:
    from chorus import ChorusError

    with Session() as session, pytest.raises(ChorusError) as caught:
        session.eval(form)
    assert caught.value.span is not None
    assert "internal" not in caught.value.code


# — of a community —


def rows(session: Session, form: str) -> list[list[object]]:
    made: list[list[object]] = session.eval(f"(table->rows {form})")
    return made


def test_the_days_are_those_of_the_messages(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        counted = session.eval("(map cadr (%by-day (hash-ref (%said) :times)))")
        days = rows(session, "(select (daily 'everyone) day messages authors tone)")
        assert [row[1] for row in days] == list(counted)
        assert all(a[0] < b[0] for a, b in pairwise(days))
        assert all((row[3] is False) == (row[1] == 0) and row[2] <= row[1] for row in days)


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


def test_what_there_is_no_measure_of(sample_workspace: Path) -> None:
    from chorus import ChorusError

    with Session(sample_workspace, allow=Capabilities.all()) as session:
        with pytest.raises(ChorusError) as caught:
            session.eval("(change-points 'everyone :measure 'mesages)")
        assert "messages" in (caught.value.hint or "")
        with pytest.raises(ChorusError) as caught:
            session.eval("(forecast 'everyone :days 300)")
        assert caught.value.code == "range"
