"""The bench's planted edits are worth what they are said to be, and what decides about them can tell them apart."""

from __future__ import annotations

import importlib
import statistics
from pathlib import Path
from typing import Any

import pytest

from chorus.runtime.synthetic.developers import population
from chorus.runtime.synthetic.shown import Shown

BENCH = Path(__file__).parents[1] / "bench" / "feedback"


class Bench:
    """The modules of the bench, and a small table: two settings, three questions."""

    def __init__(self) -> None:
        names = ("answers", "people", "edits", "figures")
        self.answers, self.people, self.edits, self.figures = map(importlib.import_module, names)
        lengths, asked = (1, 2, 4, 6), (0.0, 0.6)
        shown = [
            Shown(quotes=n, words=12, authors=n, other=0.25, asked=a, age=90, borne=0.8)
            for n in lengths
            for a in asked
        ]
        whole = list(range(len(shown)))
        questions = [{"kind": kind, "question": kind} for kind in ("opinion", "fact", "never-spoken-of")]
        self.table = self.answers.Answers(
            ["answer-length", "context-shown"], [["1", "2", "4", "6"], ["beside", "before"]], questions,
            [shown, shown, [Shown(refused=True, due=False)]], [whole, whole, [0] * len(whole)], [], 0.0,
        )  # fmt: skip

    def field(self, count: int = 20, seed: int = 3) -> Any:
        people = self.people.people(population(count, seed, mixture=(1, 1, 1, 1)), self.table)
        return self.edits.Field(people, seed)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.syspath_prepend(str(BENCH))
    return Bench()


def test_arms_are_named_by_what_is_chosen(bench: Bench) -> None:
    table = bench.table
    assert table.arm({}) == 0 and table.choices(0) == {"answer-length": "1", "context-shown": "beside"}
    assert all(table.arm(table.choices(arm)) == arm for arm in range(len(table.arms)))
    assert table.see(0, table.arm({"answer-length": "4", "context-shown": "before"})).quotes == 4


def test_the_gain_of_an_edit_is_the_mean_of_its_pairs(bench: Bench) -> None:
    field = bench.field()
    for edit in (*field.plant(2, 0.03, 0.3), *field.plant_nothing(1), *field.plant(2, -0.3, -0.03)):
        seen = [pair.difference for pair in field.pairs(edit, 4000)]
        assert statistics.mean(seen) == pytest.approx(edit.worth, abs=4 * statistics.stdev(seen) / 4000**0.5)


def test_a_planted_gain_harms_no_kind_of_question(bench: Bench) -> None:
    field = bench.field()
    for edit in field.plant(20, 0.02, 0.4):
        assert all(worth[edit.new] >= worth[edit.old] - 1e-9 for worth in field.by_kind)


def test_greedy_ways_take_what_nobody_can_see(bench: Bench) -> None:
    field = bench.field()
    edits = field.plant_nothing(150)
    for accepts in (field.holdout_accepts, field.minibatch_accepts):
        assert 0.1 < statistics.mean(map(accepts, edits)) < 0.6


def test_bounds_of_shares_and_means(bench: Bench) -> None:
    assert bench.figures.share_bounds(0, 50) == pytest.approx((0.0, 0.0711), abs=1e-3)
    assert bench.figures.share_bounds(5, 10) == pytest.approx((0.187, 0.813), abs=1e-3)
    mean, low, high = bench.figures.mean_bounds([0.0, 1.0] * 50)
    assert low < 0.42 < mean == 0.5 < 0.58 < high
