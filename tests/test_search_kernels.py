"""Fusion, diversity and selection agree with their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.kernels.retrieval import reference
from chorus.kernels.retrieval.diversity import mmr
from chorus.kernels.retrieval.topk import top_k
from chorus.runtime.index.fusion import rrf

RANKINGS = st.lists(st.lists(st.integers(0, 12), max_size=15), max_size=4)


@given(RANKINGS, st.floats(0, 100))
def test_fusion_is_its_definition(rankings, k):
    fused = rrf(rankings, k)
    assert dict(fused) == pytest.approx(reference.rrf(rankings, k))
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)


@given(RANKINGS)
def test_fusion_of_one_ranking_keeps_its_order(rankings):
    for ranking in rankings:
        assert [item for item, _ in rrf([ranking])] == list(dict.fromkeys(ranking))


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=12, unique=True),
    st.lists(st.integers(0, 12), unique=True),
)
def test_rising_in_one_ranking_never_lowers_a_score(ranking, other):
    last = ranking[-1]
    raised = [last, *ranking[:-1]]
    assert dict(rrf([raised, other]))[last] >= dict(rrf([ranking, other]))[last]


def test_weights_decide_between_rankings():
    assert next(iter(rrf([["a", "b"], ["b", "a"]], weights=[2.0, 1.0])))[0] == "a"
    assert next(iter(rrf([["a", "b"], ["b", "a"]], weights=[1.0, 2.0])))[0] == "b"


@given(
    st.lists(st.one_of(st.integers(-3, 3).map(float), st.just(math.nan), st.just(math.inf)), max_size=30),
    st.integers(-1, 40),
)
def test_top_k_is_its_definition(scores, k):
    expected = reference.top_k(scores, max(k, 0))
    assert top_k(np.array(scores, dtype=np.float32), k).tolist() == expected


@given(st.integers(1, 12), st.integers(0, 14), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_diversity_is_its_definition(n, k, balance, seed):
    rng = np.random.default_rng(seed)
    vectors, relevance = rng.normal(size=(n, 5)), rng.uniform(size=n)
    assert mmr(vectors, relevance, k, balance) == reference.mmr(
        vectors.tolist(), relevance.tolist(), k, balance
    )


def test_diversity_leaves_out_the_echo():
    vectors = np.array([[1, 0], [1, 0.01], [0, 1]], dtype=np.float32)
    relevance = np.array([0.9, 0.89, 0.5], dtype=np.float32)
    assert mmr(vectors, relevance, 2) == [0, 2]
    assert mmr(vectors, relevance, 2, balance=1.0) == [0, 1]


def test_a_row_of_zeros_is_like_nothing():
    assert mmr(np.zeros((2, 3)), np.array([0.1, 0.2]), 5) == [1, 0]
