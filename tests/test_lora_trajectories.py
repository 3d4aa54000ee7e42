"""Kept trajectories are never stale, are found again after a rollback, and tell what is worth learning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chorus.kernels.lora.trajectories import Cache, key
from chorus.runtime.errors import EvalError

NONE = [""] * 5
words = st.text("ab", max_size=3)
states = st.tuples(
    words,
    st.lists(words, min_size=5, max_size=5),
    words,
    st.dictionaries(words, st.integers(0, 2), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(states, states)
def test_two_states_have_the_same_key_only_if_they_are_the_same(one: tuple, other: tuple) -> None:
    assert (key(*one) == key(*other)) == (one == other)


def test_text_and_bytes_are_the_same_input_and_the_order_of_settings_does_not_matter() -> None:
    assert key("b", NONE, "é", {"a": 1, "b": 2}) == key("b", NONE, "é".encode(), {"b": 2, "a": 1})
    with pytest.raises(EvalError, match="5 levels"):
        key("b", ["f"], "x", {})
    with pytest.raises(ValueError):  # a setting that equals nothing, itself included, names nothing
        key("b", NONE, "x", {"temperature": float("nan")})


class Life(RuleBasedStateMachine):
    """Adapters change, are rolled back, swapped; what the cache gives is what would be worked out."""

    def __init__(self) -> None:
        super().__init__()
        self.cache, self.levels, self.past, self.learnt = Cache(limit=3000), list(NONE), [list(NONE)], 0

    @rule(level=st.integers(0, 4), digest=st.sampled_from(["x", "xx", "y"]))
    def change(self, level: int, digest: str) -> None:
        self.past.append(list(self.levels))
        self.levels[level] = digest

    @rule(back=st.integers(0, 5))
    def roll_back(self, back: int) -> None:
        self.levels = list(self.past[-1 - back % len(self.past)])

    @rule(given=st.sampled_from("abc"), seed=st.integers(0, 1))
    def ask(self, given: str, seed: int) -> None:
        truth = repr((self.levels, given, seed)).encode()
        assert self.cache.ask("base", self.levels, given, {"seed": seed}, lambda: truth) == truth
        assert self.cache.get("base", self.levels, given, {"seed": seed}) == truth

    @rule()
    def migrate(self) -> None:
        self.cache.migrated([name for name, _, _ in self.cache.signals(2)])
        assert not self.cache.signals(2)

    @rule(digest=st.sampled_from(["x", "xx", "y"]))
    def forget(self, digest: str) -> None:
        self.cache.forget(digest)
        assert all(digest not in entry.digests for entry in self.cache._entries.values())

    @invariant()
    def books_balance(self) -> None:
        cache = self.cache
        assert cache._bytes == sum(entry.bytes for entry in cache._entries.values()) <= cache.limit
        assert set().union(*cache._by_input.values()) == set(cache._entries)
        assert all(names for names in (*cache._by_input.values(), *cache._by_digest.values()))


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_the_least_recently_used_goes_first_and_the_too_large_is_not_kept() -> None:
    cache = Cache(limit=2000)
    for at in "abc":
        cache.put("base", NONE, at, {}, b"x" * 100)
    cache.get("base", NONE, "a", {})
    cache.put("base", NONE, "d", {}, b"x" * 100)
    assert [cache.get("base", NONE, at, {}) is not None for at in "abcd"] == [True, False, True, True]
    cache.put("base", NONE, "huge", {}, b"x" * 5000)
    assert cache.get("base", NONE, "huge", {}) is None and cache.counts().evicted == 1


def test_what_is_asked_often_is_a_signal_that_outlives_changes_and_fades() -> None:
    cache = Cache(half_life=20)
    for at in range(6):
        cache.ask("base", ["", "", "", "", str(at)], "often", {}, lambda: b"1")
    cache.ask("base", NONE, "once", {}, lambda: b"1")
    ((name, count, hits),) = cache.signals(3)
    assert 4 < count < 6 and hits == 0 and cache.counts().entries == 7
    assert cache.migrated([name]) == 6 and not cache.signals(3)
    assert cache.get("base", NONE, "once", {}) == b"1"
    for _ in range(5):
        cache.get("base", NONE, "burst", {})
    for at in range(100):
        cache.get("base", NONE, f"other {at}", {})
    assert not cache.signals(1.5)
