"""The query forms: what they expand to, and that a wrong one is an error at its place that says what is accepted."""

from __future__ import annotations

import pytest

from chorus import EvalError, Session

INQUIRY = """(query (type persona-inquiry) (target competitive-players)
       (parameters (question "How would they react to increased difficulty?") (context last-patch)))"""
PREDICTION = """(query (type prediction) (target player-churn)
       (parameters (change nerf-weapon-damage) (confidence-interval 0.95)))"""
REACTION = """(query persona-reaction (persona competitive-players) (change (nerf weapon-damage 0.8))
       (metrics (satisfaction engagement retention)))"""


@pytest.fixture(scope="module")
def session():  # type: ignore[no-untyped-def]
    with Session() as made:
        yield made


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (
            INQUIRY,
            '(persona-inquiry (audience \'competitive-players) "How would they react to increased difficulty?"'
            " :context 'last-patch)",
        ),
        (PREDICTION, "(predict 'player-churn 'nerf-weapon-damage :level 0.95)"),
        (
            REACTION,
            "(persona-reaction (audience 'competitive-players) '(nerf weapon-damage 0.8)"
            " :metrics '(satisfaction engagement retention))",
        ),
        (
            '(query (type analytics) (target all) (parameters (time-range ("2026-01-01" "2026-02-01"))))',
            '(analyze (audience \'all) :since (moment "2026-01-01") :until (moment "2026-02-01"))',
        ),
        ("(query (type comparison) (target (a b)))", "(compare (audience 'a) (audience 'b))"),
        (
            "(query (type prediction) (target newcomers) (parameters (change (buff bow))))",
            "(persona-reaction (audience 'newcomers) '(buff bow))",
        ),
    ],
)
def test_a_query_expands_to_a_plain_call(session: Session, text: str, call: str) -> None:
    assert session.eval(f"(equal? (macroexpand '{text}) '{call})")


@pytest.mark.parametrize(
    ("text", "at", "message", "hint"),
    [
        (
            "(query (type persona-inquiri) (target x))",
            "persona-inquiri",
            "no query of type",
            "persona-inquiry",
        ),
        ("(query (type prediction) (target churn))", None, "needs the clause change", "(change"),
        ("(query (type prediction) (target churn) (chnge x))", "(chnge", "takes no clause chnge", "change"),
        (
            "(query (type prediction) (target churn) (parameters (change nerf-x) (confidence-interval 95)))",
            "95",
            "takes a number between 0 and 1",
            "0.95",
        ),
        (
            "(query persona-reaction (persona p) (change (nerf)))",
            "(nerf)",
            "takes a change",
            "nerf weapon-damage",
        ),
        (
            "(query persona-reaction (persona p) (change nerf-x) (metrics (charm)))",
            "(charm)",
            "no metric charm",
            "satisfaction",
        ),
        ("(query (type analytics) (target p) (aggregation best))", "best", "mean, median", "mean"),
        ("(query (type persona-inquiry) (target p) (question 7))", "7", "takes a string", "How would"),
        ("(query)", None, "needs a type", "persona-inquiry"),
        ("(query (type prediction) (target a b) (change nerf-x))", "(target", "exactly one value", "target"),
    ],
)
def test_a_wrong_query_is_an_error_at_its_place(
    session: Session, text: str, at: str | None, message: str, hint: str
) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval(text)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
    if at is not None:
        assert caught.value.span is not None
        assert text[caught.value.span.column - 1 :].startswith(at)


def test_a_program_may_pass_its_own_question(session: Session) -> None:
    call = "(macroexpand '(query (type persona-inquiry) (target p) (question q)))"
    assert session.eval(f"(equal? {call} '(persona-inquiry (audience 'p) q))")
