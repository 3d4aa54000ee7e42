"""Replay: a turn comes back bit for bit, whatever was chosen, rewritten or discovered since; else an error says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from answer_helpers import export
from feedback_helpers import QUESTIONS, ask, discover, made_workspace, opened
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus import ChorusError, Session

with Session() as _plain:
    CHOICES = {
        str(name): list(_plain.eval(f'(map (lambda (c) (format "~s" c)) (setting-choices \'{name}))'))
        for name in _plain.eval("(settings)")
    }
SAME = "(string=? (value->json (replay n)) (hash-ref (%turn n) :answer))"
choices = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in CHOICES.items()}
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_workspace(tmp_path_factory.mktemp("replay"))


@pytest.fixture(scope="module")
def session(workspace: Path) -> Iterator[Session]:
    with opened(workspace, persist=True) as made:
        yield made


def refusal(session: Session, turn: int) -> str:
    with pytest.raises(ChorusError) as caught:
        session.eval("(replay n)", n=turn)
    assert f"turn {turn}" in caught.value.message and caught.value.hint
    return caught.value.code


@settings(max_examples=12)
@given(
    chosen=choices,
    question=st.sampled_from(QUESTIONS),
    target=st.sampled_from(["'everyone", "1", "'music-vinyl", "'wizards"]),
)
def test_whatever_was_chosen_comes_back(
    session: Session, chosen: dict[str, str], question: str, target: str
) -> None:
    if target == "'wizards":
        chosen.setdefault("unknown-persona", "everyone")
        if chosen["unknown-persona"] == "refuse":
            return
    turn = ask(session, target, question, " ".join(f"({name} . {value})" for name, value in chosen.items()))
    assert session.eval(SAME, n=turn) is True
    assert session.eval("(= n (hash-ref (%turn) :id))", n=turn) is True, "a replay is no turn"


@pytest.mark.parametrize(
    "form",
    [
        '(analyze 1 :since "2026-01-01" :metrics \'(volume satisfaction))',
        "(compare 1 2 :metric 'engagement)",
        "(predict 'churn 'nerf-bow :persona 2)",
        "(persona-reaction 1 'nerf-bow)",
        '(query (type persona-inquiry) (target 1) (parameters (question "Is the halberd too strong?")))',
        '(persona-inquiry \'everyone "What of the halberd?" :since (moment "2026-01-01") :channel "general")',
        '(persona-inquiry {:shown {:id #f :label "two" :asked "two"} :authors \'("a-pell" "a-harrow")} "halberd")',
    ],
)
def test_every_form_of_question_comes_back(session: Session, form: str) -> None:
    assert session.eval(SAME, n=session.eval(f"(answer-turn {form})")) is True


def test_it_comes_back_after_rewrites_and_a_restart(workspace: Path, session: Session) -> None:
    session.eval("(define (note x) x)")
    question = "What do players think of the halberd?"
    first = ask(session, "1", question)
    session.eval('(rewrite answer-length 2 :reason "short" :in \'swarm)')
    session.eval('(rewrite attitude-lead (lambda (feeling) "Well") :reason "terse")')
    session.eval('(set! developer-settings \'(("ann" (answer-order . newest))))')
    session.eval('(define kept (open-input-string "a value that cannot be written down"))')
    second = ask(session, "1", question)
    session.eval("(rollback! 'base)")
    texts = [session.eval("(answer-text (replay n))", n=turn) for turn in (first, second)]
    assert texts[0] != texts[1] and texts[1].startswith("Well")
    session.close()
    with opened(workspace, persist=True, developer="bob") as later:
        for turn in (first, second):
            assert later.eval(SAME, n=turn) is True
        assert later.eval('(string=? (environment-version) "base")') is True, "it was for a while only"


def test_a_persona_answers_as_it_was_made_up_then(tmp_path: Path) -> None:
    with opened(made_workspace(tmp_path)) as session:
        question = "What do players think of the halberd?"
        turn = ask(session, "'halberd-vault", question)
        discover(session, 2)
        assert session.eval(SAME, n=turn) is True
        assert ask(session, "'halberd-vault", question) > turn
        session.context.store.write('DELETE FROM "persona-members" WHERE "run-id" = 1')
        assert refusal(session, turn) == "personas-changed"


def test_what_cannot_come_back_says_why(tmp_path: Path) -> None:
    workspace = made_workspace(tmp_path)
    question = "What do players think of the halberd?"
    with opened(workspace) as session:  # whose definitions are not kept
        plain = ask(session, "'everyone", question)
        session.eval("(define answer-mark 1)")
        session.eval("(set! answer-length 2)")
        turn = ask(session, "'everyone", question)
    with opened(workspace) as session:
        assert session.eval(SAME, n=plain) is True
        assert refusal(session, turn) == "definitions-unknown"
        assert session.eval("(answer? (replay n :anyway #t))", n=turn) is True
        session.context.store.write("UPDATE authors SET name = 'someone-else', nickname = 'someone-else'")
        assert refusal(session, plain) == "replay-differs"
        more = export([("n1", "new", "The halberd is wonderful, I love it")], tmp_path / "more.json")
        session.eval("(ingest path)", path=str(more))
        assert refusal(session, plain) == "corpus-changed"
        assert session.eval("(= n (answer-turn (replay n :anyway #t)))", n=plain) is True
        with pytest.raises(ChorusError) as caught:
            session.eval("(replay 1000000)")
        assert caught.value.code == "unknown-turn"


def test_present_definitions_can_be_asked_again_without_a_trace(tmp_path: Path) -> None:
    with opened(made_workspace(tmp_path)) as session:
        turn = ask(session, "'everyone", "What do players think of the halberd?")
        count = "(length (answer-citations (ask-again n)))"
        before = session.eval(count, n=turn)
        session.eval("(set! answer-length 1)")
        assert before > session.eval(count, n=turn) == 1
        assert (
            session.eval("(length (answer-citations (ask-again n :choices '((answer-length . 4)))))", n=turn)
            == before
        )
        assert session.eval("(hash-ref (%turn) :id)") == turn
