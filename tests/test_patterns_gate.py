"""Patterns and aliases before the real gate: what comes back is proposed, passes, is used and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from feedback_helpers import made_workspace, opened

from chorus import ChorusError, Session
from chorus.runtime.printer import write

WHAT = ("halberd damage", "the halberd", "boss health", "vault difficulty", "queue times")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    workspace = made_workspace(tmp_path_factory.mktemp("patterns"))
    with opened(workspace, persist=True) as session:
        yield session


def shown(session: Session, text: str) -> str:
    return write([value for _, value in session.run(text, "test")][-1])


def test_a_shape_that_came_back_becomes_a_procedure_that_asks(session: Session) -> None:
    for what in WHAT:
        session.eval(f'(persona-inquiry \'everyone "How would they react to a nerf of {what}?")')
        session.eval("(rate! 5)")
    assert shown(session, "(propose-patterns!)") == "(1)"
    assert shown(session, "(list (get (proposal 1) :state) (get (proposal 1) :findings))") == "(waiting ())"
    assert shown(session, "(propose-patterns!)") == "()", "what waits is not proposed twice"
    assert shown(session, "(approve! 1)") == "accepted"
    asked = '(hash-ref (%turn (answer-turn (inquiry-they-react-nerf "crossbows"))) :form)'
    assert "How would they react to a nerf of crossbows?" in shown(session, asked)
    session.eval('(reject! 1 "nobody uses it")')
    with pytest.raises(ChorusError, match="nothing is called inquiry-they-react-nerf"):
        session.eval('(inquiry-they-react-nerf "crossbows")')


def test_a_name_that_was_given_up_for_a_persona_becomes_its_alias(session: Session) -> None:
    for _ in range(2):
        with pytest.raises(ChorusError, match="no persona answers"):
            session.eval('(persona-inquiry \'sweats "What do they think of the halberd?")')
        session.eval('(persona-inquiry \'halberd-vault "What do they think of the halberd?")')
        session.eval("(rate! 4)")
    number = session.eval("(car (propose-aliases!))")
    assert shown(session, f"(get (proposal {number}) :form)") == "'((sweats . halberd-vault))"
    assert shown(session, f"(approve! {number})") == "accepted"
    label = '(hash-ref (answer-persona (persona-inquiry \'sweats "Is the halberd fun?")) :label)'
    assert shown(session, label) == '"halberd-vault"'
    assert shown(session, "(get (audit) :ok)") == "#t"


def test_names_that_nobody_knew_outlast_the_session_and_can_be_erased(tmp_path: Path) -> None:
    workspace = made_workspace(tmp_path)
    for who in ("ann", "bob"):
        with opened(workspace, developer=who) as session:
            with pytest.raises(ChorusError, match="no persona answers"):
                session.eval('(persona-inquiry \'sweats "What do they think of the halberd?")')
            session.eval('(persona-inquiry \'halberd-vault "What do they think of the halberd?")')
            session.eval("(rate! 4)")
    with opened(workspace, developer="cyd") as session:
        assert shown(session, "(unknown-names)") == '(("sweats" 1 "ann") ("sweats" 2 "bob"))'
        assert (
            shown(session, "(get (proposal (car (propose-aliases!))) :form)") == "'((sweats . halberd-vault))"
        )
        assert shown(session, "(map (lambda (f) (get f :kind)) (%feedback))") == "(rating rating)"
        assert session.eval('(forget-unknown-names! :developer "bob")') == 1
        assert shown(session, "(map caddr (unknown-names))") == '("ann")'
        assert session.eval("(forget-unknown-names!)") == 1 and session.eval("(unknown-names)") == []
        assert session.eval("(length (rated-turns))") == 2


def test_a_shadow_run_asks_the_questions_of_turns_again(session: Session) -> None:
    number = session.eval("(propose! 'answer-length 2 :in 'swarm)")
    rows = session.eval(f"(map (lambda (row) (answer? (get row :present))) (shadow! {number} :turns 3))")
    assert rows == [True, True, True]


def test_where_nothing_was_tried_no_regret_is_claimed(session: Session) -> None:
    session.eval("(learn)")
    assert (
        shown(session, "(map (lambda (key) (hash-ref (regret) key)) '(:mean :high :lately :tried))")
        == "(() () #f 0)"
    )
    assert session.eval("(hash-ref (regret) :settled)") is False
    assert "Regret: nothing was tried yet" in session.eval("(report->string (learning-report))")
