"""Personas in time: moved by new messages and no further, and changes told by whom they concern."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from persona_helpers import later, planted

from chorus import Capabilities, EvalError, Session
from chorus.kernels.persona.community import Community
from chorus.kernels.persona.drift import drift
from chorus.kernels.persona.refresh import Before, refresh
from chorus.kernels.persona.scores import adjusted_rand

NAMED = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}


def known(made: Community, label: np.ndarray, sure: float = 0.9) -> Before:
    """What a run over MADE would have left: everybody's LABEL, -1 of whom it did not know."""
    heard = np.bincount(made.author, minlength=made.authors)
    return Before(label, np.full(len(label), sure), heard)


def test_without_new_messages_nothing_changes_whatever_the_personas_were_found_by():
    made, truth = planted(0.8, seed=0, authors=120)
    lot = np.random.default_rng(0).integers(4, size=120)  # nothing in the messages speaks for these
    for label, sure in ((truth, 0.9), (lot, 0.4), (lot, 1.0), (lot, 0.25)):
        membership = refresh(made, known(made, label, sure), 4)
        assert (membership.argmax(1) == label).all()
        np.testing.assert_allclose(membership.max(1), sure)


def test_who_wrote_nothing_new_stays_whatever_others_wrote():
    made, truth = planted(0.8, seed=0, authors=120)
    lot = np.random.default_rng(1).integers(4, size=120)
    movers = np.arange(0, 24)
    membership = refresh(later(made, truth, movers), known(made, lot, 0.6), 4)
    assert (membership.argmax(1)[24:] == lot[24:]).all()
    np.testing.assert_allclose(membership.max(1)[24:], 0.6)


def test_those_who_write_otherwise_now_move_and_the_others_stay():
    made, truth = planted(0.8, seed=0, authors=120)
    movers = np.arange(0, 24)
    labels = refresh(later(made, truth, movers), known(made, truth), 4).argmax(1)
    expected = truth.copy()
    expected[movers] = (truth[movers] + 1) % 4
    assert (labels[movers] == expected[movers]).mean() > 0.8
    stayed = np.setdiff1d(np.arange(120), movers)
    assert (labels[stayed] == truth[stayed]).all()


def test_more_of_the_same_moves_hardly_anyone():
    made, truth = planted(0.8, seed=0, authors=120)
    again, _ = planted(0.8, seed=0, authors=120, wrote=(6, 10))
    more = later(made, (truth + 3) % 4, np.zeros(0, np.int64))
    author, day = np.concatenate([more.author, again.author]), np.concatenate([more.day, again.day + 20])
    both = replace(
        more,
        author=author,
        day=day,
        channel=np.zeros(len(author), np.int64),
        behaviour=np.zeros((len(author), 0), np.float32),
        vectors=np.concatenate([more.vectors, again.vectors]),
        rows=np.arange(len(author)),
    )
    labels = refresh(both, known(made, truth), 4).argmax(1)
    assert (labels == truth).mean() > 0.95


def test_runs_that_did_not_count_place_everybody_anew():
    made, truth = planted(0.8, seed=0, authors=120)
    uncounted = Before(truth, np.full(120, 0.9), np.full(120, -1))
    assert (refresh(made, uncounted, 4).argmax(1) == truth).mean() > 0.95


def test_newcomers_are_placed_and_numbers_keep_their_meaning():
    made, truth = planted(0.8, seed=1, authors=120)
    before = np.where(np.arange(120) % 5 == 0, -1, (truth + 2) % 4)  # persona numbers are no order of size
    membership = refresh(made, known(made, before), 4)
    new = before < 0
    assert (membership.argmax(1)[new] == (truth[new] + 2) % 4).mean() > 0.85
    np.testing.assert_allclose(membership.sum(1), 1)


def test_labels_that_mean_nothing_are_not_upheld():
    """Personas drawn by lot have nothing that sets them apart: newcomers are placed by chance."""
    made, _ = planted(0.8, seed=2, authors=120)
    lot = np.random.default_rng(0).integers(4, size=120)
    new = np.arange(120) % 3 == 0
    labels = refresh(made, known(made, np.where(new, -1, lot)), 4).argmax(1)
    assert abs(adjusted_rand(labels[new], lot[new])) < 0.15


def test_a_persona_without_members_is_refused():
    made, truth = planted(0.8, seed=0, authors=40)
    with pytest.raises(ValueError, match="no member"):
        refresh(made, known(made, np.where(truth == 3, -1, truth)), 4)


def test_renaming_is_no_change():
    renamed = {person: 10 - group for person, group in NAMED.items()}
    found = drift(NAMED, renamed)
    assert found.matches == [(1, 9, 1.0), (2, 8, 1.0)]
    assert not found.moved and found.agreement == 1


def test_movers_comers_and_goers_are_named():
    found = drift(NAMED, {"a": 1, "b": 1, "c": 2, "d": 2, "f": 1})
    assert found.moved == [("c", 1, 2)]
    assert (found.people, found.came, found.went) == (4, 1, 1)


def test_a_group_of_newcomers_has_appeared_and_one_that_left_has_vanished():
    found = drift(NAMED, {"a": 1, "b": 1, "c": 1, "x": 3, "y": 3})
    assert found.appeared == [3] and found.vanished == [2]


def test_groups_that_kept_their_numbers_are_matched_by_them_however_many_moved():
    before, after = {"a": 1, "b": 1, "c": 2, "d": 2}, {"a": 2, "b": 2, "c": 1, "d": 2}
    found = drift(before, after, kept=True)
    assert [match[:2] for match in found.matches] in ([(1, 1), (2, 2)], [(2, 2), (1, 1)])
    assert found.moved == [("a", 1, 2), ("b", 1, 2), ("c", 2, 1)]
    assert not found.appeared and not found.vanished
    assert len(drift(before, after).moved) < 3  # told by members alone they would have been exchanged


def test_two_divisions_of_different_people_have_nothing_in_common():
    found = drift({"a": 1}, {"b": 1})
    assert found.agreement is None and found.people == 0 and not found.matches


@pytest.mark.parametrize("form", ["(update-personas!)", "(persona-drift)", "(persona-drift :back 3)"])
def test_without_personas_there_is_nothing_to_change(form, sample_workspace):
    with Session(sample_workspace, allow=Capabilities.all()) as made, pytest.raises(EvalError) as caught:
        made.eval(form)
    assert caught.value.code == "unknown" and "discover-personas" in caught.value.hint


@pytest.mark.parametrize(
    ("points", "options"),
    [
        ("'((1) (2) (#t))", ""),
        ('\'("12" "34" "56")', ""),
        ("'((1) (2) (+nan.0))", ""),
        ("'((1) (2) (1e30))", ""),
        ("'((1) (2) (3 4))", ""),
        ("'((1) (2) (3))", ":neighbours 0"),
        ("'((1) (2) (3))", ":landmarks 1"),
        ("'((1) (2))", ""),
        ("'()", ""),
    ],
)
def test_points_that_are_none_are_refused(points, options):
    with Session() as made, pytest.raises(EvalError) as caught:
        made.eval(f"(spectral-clusters {points} 2 {options})")
    assert caught.value.code in ("type", "range")


def test_points_in_the_language_by_landmarks_and_devices():
    with Session() as made:
        made.eval("(define points (map (lambda (i) (list (if (even? i) 0 9) (* 0.01 i))) (iota 60)))")
        assert made.eval(
            """(let ((c (spectral-clusters points 2 :landmarks 20)))
                 (list (= (vector-ref c 0) (vector-ref c 2)) (= (vector-ref c 0) (vector-ref c 1))))"""
        ) == [True, False]
        with pytest.raises(EvalError, match="landmarks"):
            made.eval("(spectral-clusters points 5 :landmarks 2)")
        with pytest.raises(EvalError, match="device"):
            made.eval('(spectral-clusters points 2 :device "abacus")')
