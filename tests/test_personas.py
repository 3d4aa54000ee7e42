"""Personas in the language: found, stored, named, resolved, kept; against the truth that was planted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pytest
from persona_helpers import spelled

from chorus import Capabilities, EvalError, Session
from chorus.kernels.persona.scores import normalised_information
from chorus.runtime.synthetic import generate

MESSAGES, SEED = 1800, 3


def members(session: Session) -> dict[str, int]:
    rows = session.eval("(map (lambda (p) (cons (persona-id p) (persona-authors p))) (personas))")
    return {author: int(row[0]) for row in rows for author in row[1:]}


def agreement(session: Session, truth: Path) -> float:
    """NMI of discovered against planted personas, over all authors who have one."""
    planted = {a: p for a, p in json.loads(truth.read_text())["authors"].items() if p}
    found = members(session)
    both = sorted(planted.keys() & found.keys())
    number = {name: at for at, name in enumerate(sorted(set(planted.values())))}
    return normalised_information(
        np.array([number[planted[a]] for a in both]), np.array([found[a] for a in both])
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("personas")
    generate(MESSAGES, SEED, folder / "export.json")
    return folder


@pytest.fixture(scope="module")
def session(place: Path) -> Iterator[Session]:
    with Session(place / "workspace", allow=Capabilities.all()) as made:
        made.eval("(ingest path)", path=str(place / "export.json"))
        with pytest.MonkeyPatch.context() as patch:  # the model's own vectors are used in the slow tests
            patch.setattr(made.context.embedder, "encode", spelled)
            made.eval("(define found (discover-personas))")
        yield made


@pytest.fixture
def copy(session: Session, place: Path, tmp_path: Path) -> Iterator[Session]:
    """Another session over a copy of the workspace, to discover anew in."""
    shutil.copytree(place / "workspace", tmp_path / "workspace")
    with Session(tmp_path / "workspace", allow=Capabilities.all()) as made:
        yield made


def test_what_is_found_is_what_was_planted(session, place):
    assert session.eval("(map persona? found)") == [True] * session.eval("(length found)")
    assert agreement(session, place / "export.truth.json") >= 0.65  # a third of the demo's messages


def test_personas_lists_the_stored_ones_the_largest_first(session):
    sizes = session.eval("(map persona-size (personas))")
    assert session.eval("(equal? (map persona-label found) (map persona-label (personas)))")
    assert session.eval("(map persona-id (personas))") == list(range(1, len(sizes) + 1))
    assert sum(session.eval("(map persona-share (personas))")) == pytest.approx(1)


def test_labels_are_unique_slugs(session):
    labels = session.eval("(map persona-label (personas))")
    assert len(set(labels)) == len(labels)
    assert all(label and " " not in label and label == label.lower() for label in labels)


def test_a_persona_is_described(session):
    shown = session.eval("(map (lambda (p) (list (persona-terms p) (persona-representative p))) (personas))")
    for terms, representative in shown:
        assert len(terms) >= 5
        assert len(set(representative)) == len(representative) >= 3
    for reader in ("persona-concerns", "persona-mood", "persona-activity", "persona-evidence"):
        assert session.eval(f"({reader} (car (personas)))")
    assert -1 <= session.eval("(hash-ref (persona-mood (car (personas))) :tone)") <= 1
    assert len(session.eval("(hash-ref (persona-activity (car (personas))) :hours)")) == 24


def test_representative_messages_are_by_members(session):
    assert session.eval(
        """(let ((p (car (personas))))
             (every (lambda (m) (member (message-author-id m) (persona-authors p)))
                    (persona-messages p :limit 12)))"""
    )
    assert session.eval("(length (persona-messages 1 :limit 12))") == 12


def test_everyone_who_said_something_is_assigned_and_no_bot_is(session, place):
    truth = json.loads((place / "export.truth.json").read_text())
    found = members(session)
    spoke = session.eval("(hash-ref (%heard :embed #f) :authors)")
    assert set(found) == set(spoke)
    assert not set(truth["bots"]) & set(found)
    confidences = [session.eval("(persona-confidence-of a)", a=author) for author in spoke[:20]]
    assert all(0 < c <= 1 for c in confidences)


def test_persona_of_an_author(session):
    author = session.eval("(car (persona-authors 1))")
    assert session.eval("(persona-id (persona-of a))", a=author) == 1


def test_a_name_by_meaning_says_so(session):
    how, score, label = session.eval(
        """(let ((r (resolve-persona 'competitive-players)))
             (list (symbol->string (resolved-how r)) (resolved-score r) (persona-label (resolved-persona r))))"""
    )
    assert how == "meaning"
    assert 0.2 < score < 1
    assert label in session.eval("(map persona-label (personas))")


def test_the_competitive_are_found_by_meaning(session, place):
    truth = json.loads((place / "export.truth.json").read_text())["authors"]
    found = session.eval("(persona-authors 'competitive-players)")
    competitive = [truth.get(author) == "competitive-players" for author in found]
    assert np.mean(competitive) > 0.5


@pytest.mark.parametrize(
    "name", ["xyzzy", "tax-lawyers", "quantum-chemistry", "the-players", "banana-bread-recipe"]
)
def test_a_name_that_means_none_is_refused_with_those_there_are(session, name):
    with pytest.raises(EvalError) as refusal:
        session.eval(f"(persona '{name})")
    assert session.eval("(persona-label (car (personas)))") in refusal.value.message


def test_by_label_number_and_record(session):
    how = """(lambda (name) (symbol->string (resolved-how (resolve-persona name))))"""
    assert session.eval(f"({how} (persona-label (car (personas))))") == "label"
    assert session.eval(f"({how} (string->symbol (persona-label (car (personas)))))") == "label"
    assert session.eval(f"({how} 2)") == "id"
    assert session.eval(f"({how} (car (personas)))") == "record"
    with pytest.raises(EvalError):
        session.eval("(persona 99)")


def test_a_search_in_a_persona_finds_its_members_only(session):
    assert session.eval(
        """(let ((p (car (personas))))
             (every (lambda (h) (member (hit-author-id h) (persona-authors p)))
                    (hits (search "the price" :persona p))))"""
    )


def test_no_structure_prints_its_reason(sample_workspace):
    with Session(sample_workspace, allow=Capabilities.all()) as made:
        assert made.eval("(no-structure? (discover-personas))")
        assert "authors wrote enough" in made.eval("(no-structure-reason (discover-personas))")
        assert made.eval("(personas)") == []
        with pytest.raises(EvalError, match="discover-personas"):
            made.eval("(persona 'anyone)")


def test_too_many_personas_is_an_error_with_a_hint(sample_workspace):
    with Session(sample_workspace, allow=Capabilities.all()) as made, pytest.raises(EvalError) as error:
        made.eval("(discover-personas :k 500)")
    assert error.value.hint


def test_personas_come_together_in_a_tree(session):
    shown = session.eval("(present (persona-hierarchy))")
    for label in session.eval("(map persona-label (personas))"):
        assert shown.count(label) == 1
    count = session.eval("(length (personas))")
    assert shown.startswith(f"{count} personas") and shown.count("\n") == 2 * count - 2
    assert session.eval("(= (hierarchy-people (persona-hierarchy)) (apply + (map persona-size (personas))))")
    assert session.eval("(hash-ref (hierarchy-evidence (persona-hierarchy)) :holds)") is True


def test_groups_of_personas_are_finer_and_finer(session):
    count = session.eval("(length (personas))")
    form = "(map (lambda (group) (map persona-id group)) (persona-groups {}))"
    groups = [session.eval(form.format(n)) for n in range(1, count + 1)]
    for n, made in enumerate(groups, 1):
        assert len(made) == n and sorted(chain(*made)) == list(range(1, count + 1))
    for coarse, fine in pairwise(groups):
        assert all(any(set(part) <= set(whole) for whole in coarse) for part in fine)
    for wrong in (0, count + 1, "'two"):
        with pytest.raises(EvalError, match="groups") as caught:
            session.eval(form.format(wrong))
        assert caught.value.code == "range" and caught.value.hint


class TestNames:
    """After what is found has been looked at: personas get names here."""

    def test_a_name_is_stored_at_once(self, session, place):
        session.eval("(name-persona! 2 'the-regulars)")
        assert session.eval("(persona-alias (persona 2))") == "the-regulars"
        assert session.eval("(symbol->string (resolved-how (resolve-persona 'The-Regulars)))") == "alias"

    def test_a_name_is_borne_by_one_persona(self, session):
        for spelling in ("'the-regulars", '"The Regulars"', "(persona-label (persona 2))"):
            with pytest.raises(EvalError, match="of persona 2") as caught:
                session.eval(f"(name-persona! 1 {spelling})")
            assert caught.value.code == "name-taken" and caught.value.hint
        assert session.eval("(persona-alias (persona 1))") is False
        session.eval("(name-persona! 2 'the-regulars)")  # its own name again is no conflict

    @pytest.mark.parametrize("name", ["'everyone", '"Community"', "'all", "'churn", "'volume"])
    def test_a_name_that_means_something_else_is_refused(self, session, name):
        with pytest.raises(EvalError) as caught:
            session.eval(f"(name-persona! 1 {name})")
        assert caught.value.code == "reserved-name" and caught.value.hint
        assert session.eval("(persona-alias (persona 1))") is False

    @pytest.mark.slow
    def test_a_name_stays_with_its_members_through_a_new_discovery(self, copy):
        before = set(copy.eval("(persona-authors 'the-regulars)"))
        count = copy.eval("(length (personas))")
        copy.eval("(discover-personas :k k :seed 5)", k=count)
        after = set(copy.eval("(persona-authors 'the-regulars)"))
        assert len(before & after) > 0.5 * len(before | after)

    @pytest.mark.slow
    def test_a_given_number_of_personas(self, copy):
        assert copy.eval("(length (discover-personas :k 2))") == 2
        assert copy.eval("(length (personas))") == 2
        assert isinstance(copy.eval("(hash-ref (persona-evidence (car (personas))) :structure)"), bool)

    @pytest.mark.slow
    def test_the_same_seed_gives_the_same_personas(self, copy):
        twice = []
        for _ in range(2):
            copy.eval("(begin (discover-personas :k 2 :seed 3) #t)")
            twice.append(members(copy))
        assert twice[0] == twice[1]


class TestChanges:
    """After the names, which they keep."""

    def test_two_personas_are_compared(self, session):
        found = "(hash-ref (compare-personas 1 2) {})"
        assert session.eval(found.format(":only-one")) and session.eval(found.format(":only-other"))
        assert 0 < session.eval(found.format(":hours")) <= 1
        both = session.eval("(hash-ref (compare-personas 1 1) :only-one)")
        assert both == [] and session.eval("(hash-ref (compare-personas 1 1) :hours)") == pytest.approx(
            1, abs=0.01
        )

    def test_an_update_keeps_personas_and_names_and_drift_says_how_little_changed(self, session, place):
        session.eval("(name-persona! 2 'the-steady)")
        count, before = session.eval("(length (personas))"), agreement(session, place / "export.truth.json")
        told = "(map (lambda (p) (list (persona-size p) (persona-confidence p) (persona-representative p))) (personas))"
        found, people = session.eval(told), members(session)
        session.eval("(update-personas!)")
        assert session.eval(told) == found and members(session) == people  # nothing was said since
        assert session.eval("(length (personas))") == count
        assert session.eval("(persona-alias (persona 2))") == "the-steady"
        assert session.eval("(length (hierarchy-personas (persona-hierarchy)))") == count
        assert session.eval("(hash-ref (persona-drift) :agreement)") == 1
        assert session.eval("(hash-ref (persona-drift) :moved)") == []
        assert session.eval("(hash-ref (persona-drift) :appeared)") == []
        assert session.eval("(length (hash-ref (persona-drift) :matches))") == count
        assert agreement(session, place / "export.truth.json") > before - 0.1


@pytest.mark.slow
def test_planted_personas_over_five_seeds(tmp_path):
    scores = []
    for seed in range(5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        generate(5000, seed, folder / "export.json")
        with Session(folder / "workspace", allow=Capabilities.all()) as made:
            made.eval("(ingest path)", path=str(folder / "export.json"))
            made.eval("(discover-personas)")
            scores.append(agreement(made, folder / "export.truth.json"))
    assert np.mean(scores) >= 0.8, scores


@pytest.mark.slow
def test_real_chat_is_divided_when_asked_and_everyone_is_assigned(tmp_path):
    from conftest import real_data

    export = real_data("discord-export/ubuntu.json.gz")
    with Session(tmp_path / "workspace", allow=Capabilities.all()) as made:
        made.eval("(ingest path)", path=str(export))
        assert made.eval("(length (discover-personas :k 3 :limit 20000))") == 3
        evidence = "(hash-ref (persona-evidence (persona 1)) {})"
        assert made.eval(evidence.format(":across")) == "days"
        assert made.eval(evidence.format(":stability")) > made.eval(evidence.format(":null-stability")) - 0.05
        assert len(members(made)) == made.eval("(vector-length (hash-ref (%heard :embed #f) :authors))")


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (":k 1", "range", "at least 2, not 1"),
        (":k 'foo", "type", "discover-personas: :k should be 'auto or"),
        (":limit 'x", "type", "discover-personas: :limit"),
        (":min-messages 0", "range", "discover-personas: :min-messages"),
        (':device "abacus"', "device", "abacus"),
    ],
)
def test_options_that_make_no_sense_are_refused_under_the_callers_name(options, code, says):
    with Session() as made, pytest.raises(EvalError, match=says) as caught:
        made.eval(f"(discover-personas {options})")
    assert caught.value.code == code


def test_an_unknown_persona_has_one_code(session):
    for form in ("(persona 'xyzzy)", "(audience 'xyzzy)", "(persona-messages 999)"):
        with pytest.raises(EvalError, match="no persona answers") as caught:
            session.eval(form)
        assert caught.value.code == "unknown-persona" and "everyone" in caught.value.hint
