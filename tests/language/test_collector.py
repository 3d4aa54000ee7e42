"""The garbage collector's thresholds are raised while a session evaluates, and the host's own put back."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from chorus import Session
from chorus.runtime.limits import COLLECT


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("host", "within"), [((700, 10, 10), COLLECT), ((0, 10, 10), (0, 10, 10)), ((90_000, 5, 5),) * 2]
)
def test_the_hosts_thresholds_come_back(
    thresholds: None, host: tuple[int, int, int], within: tuple[int, int, int]
) -> None:
    gc.set_threshold(*host)
    seen: list[tuple[int, ...]] = []
    with Session() as session:
        session.register("look", lambda: seen.append(gc.get_threshold()))
        session.eval("(look)")
    assert seen == [within]
    assert gc.get_threshold() == host


def test_what_the_program_sets_stays(thresholds: None) -> None:
    with Session() as session:
        session.register("set-it", lambda: gc.set_threshold(123, 4, 5))
        session.eval("(set-it)")
    assert gc.get_threshold() == (123, 4, 5)
