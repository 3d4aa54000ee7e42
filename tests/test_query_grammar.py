"""The query forms: what they expand to, and that a wrong one is an error at its place that says what is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus import Capabilities, EvalError, Session
from chorus.interpreter.diagnostics import report

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


@pytest.fixture
def tiny(sample_workspace: Path) -> Iterator[Session]:
    with Session(sample_workspace, allow=Capabilities.all()) as made:
        yield made


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (
            INQUIRY,
            '(persona-inquiry (audience \'competitive-players) "How would they react to increased difficulty?"'
            " :context (dated-context 'last-patch))",
        ),
        (PREDICTION, "(prediction-of 'player-churn 'nerf-weapon-damage :level 0.95)"),
        (
            REACTION,
            "(persona-reaction (audience 'competitive-players) '(nerf weapon-damage 0.8)"
            " :metrics '(satisfaction engagement retention))",
        ),
        (
            '(query (type analytics) (target all) (parameters (time-range ("2026-01-01" "2026-02-01"))))',
            '(analysis-of (subject \'all) :since (moment "2026-01-01") :until (moment "2026-02-01"))',
        ),
        ("(query (type comparison) (target (a b)))", "(comparison-of (audience 'a) (audience 'b))"),
        ("(analyze (persona a) (metrics (churn)))", "(analysis-of (subject 'a) :metrics '(churn))"),
        (
            "(analyze sentiment (aggregation median))",
            "(analysis-of (subject 'sentiment) :aggregation 'median)",
        ),
        ("(analyze 'all :aggregation 'median)", "(analysis-of 'all :aggregation 'median)"),
        ("(predict 'churn (change (nerf bow)))", "(prediction-of 'churn '(nerf bow))"),
        (
            "(compare a 'b (metrics (engagement)))",
            "(comparison-of (audience 'a) (audience 'b) :metric 'engagement)",
        ),
        ("(compare (persona 1) (persona 2))", "(comparison-of (persona 1) (persona 2))"),
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
            "charm",
            "no metric charm",
            "satisfaction",
        ),
        ("(query (type analytics) (target p) (aggregation best))", "best", "mean, median", "mean"),
        ("(query (type persona-inquiry) (target p) (question 7))", "7", "takes a string", "How would"),
        ("(query)", None, "needs a type", "persona-inquiry"),
        ("(query (type analytics) (target a) (target b))", "(target b)", "given twice", "keep one"),
        (
            '(query (type analytics) (target all) (time-range ("2026-02-01" "2026-01-01")))',
            '("2026-02-01"',
            "ends before it begins",
            "the earlier moment first",
        ),
        (
            '(query (type analytics) (target all) (time-range ("soon" "2026-01-01")))',
            '"soon"',
            "no date",
            "2026-01-31",
        ),
        (
            "(query (type analytics) (target all) (metrics ()))",
            "()",
            "takes a list of metrics",
            "satisfaction",
        ),
        ("(query (type comparison) (target (a b)) (metrics (churn)))", "(churn)", "one metric", "engagement"),
        ("(query (type prediction) (target churn) (change (nerf bow -1)))", "(nerf", "takes a change", "0.8"),
        (
            "(query (type prediction) (target churn) (change nerf-x) (metrics (churn)))",
            "(metrics",
            "a metric itself",
            "leave metrics out",
        ),
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


def test_an_action_that_nobody_knows_is_refused_at_its_place(tiny: Session) -> None:
    text = "(query (type prediction) (target churn) (change (nref bow)))"
    with pytest.raises(EvalError, match="no action nref") as caught:
        tiny.eval(text)
    assert "did you mean nerf?" in caught.value.hint
    assert text[caught.value.span.column - 1 :].startswith("nref")


def test_a_program_may_pass_its_own_question(session: Session) -> None:
    call = "(macroexpand '(query (type persona-inquiry) (target p) (question q)))"
    assert session.eval(f"(equal? {call} '(persona-inquiry (audience 'p) q))")


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("(predict 'churn)", "change", ":change"),
        ("(predict 'churn 'nerf-x :change 'nerf-y)", "change", "predict"),
        ("(analyze 'everyone :aggregation 'best)", "unknown-aggregation", "median"),
        ("(compare 'everyone 'everyone :earlier 7)", "type", ":earlier"),
        ("(persona-inquiry 'everyone 7)", "type", "matchmaking"),
        ("(predict 'retentoin 'nerf-weapon-damage)", "unknown-metric", "did you mean retention?"),
        ("(predict 'churn '(nref weapon-damage 0.8))", "unknown-action", "did you mean nerf?"),
        ("(persona-reaction 'everyone 'nerf-bow :metrics '(satisfactoin))", "unknown-metric", "satisfaction"),
        ("(analyze 'everyone :metrics '(volme))", "unknown-metric", "did you mean volume"),
        ("(analyze 'retentoin)", "unknown-metric", "did you mean retention?"),
        ("(compare 'everyone 'everyone :metric 'churn)", "unknown-metric", "satisfaction"),
        ("(analyze 'everyone :channel 'tavren)", "unknown-channel", "did you mean tavern?"),
        ("(compare 'everyone 'everyone :channel 'tavren)", "unknown-channel", "did you mean tavern?"),
        ("(persona-inquiry 'everyone \"Too hard?\" :channel 'tavren)", "unknown-channel", "tavern"),
        ("(persona-inquiry 'everyone \"Too hard?\" :context 'sumer-patch)", "unknown-context", "last-patch"),
        ('(persona-inquiry \'everyone "Too hard?" :since "soon")', "type", '"2024-06-01"'),
        ('(analyze \'everyone :until "soon")', "type", '"2024-06-01"'),
        ('(persona-inquiry \'evryone "Too hard?")', "unknown-persona", "did you mean everyone?"),
        ("(compare 'evryone 'everyone)", "unknown-persona", "did you mean everyone?"),
    ],
)
def test_an_unknown_name_is_a_typed_error_that_names_the_nearest(
    tiny: Session, text: str, code: str, hint: str
) -> None:
    with pytest.raises(EvalError) as caught:
        tiny.eval(text)
    assert (caught.value.code, hint in (caught.value.hint or "")) == (code, True), caught.value.hint


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("(context sumer-patch)", "unknown-context"),
        ("(channel tavren)", "unknown-channel"),
    ],
)
def test_a_clause_that_names_what_is_not_there_is_where_the_error_is(
    tiny: Session, clause: str, code: str
) -> None:
    given = clause if code == "unknown-context" else f"(filters ({clause}))"
    text = f'(query (type persona-inquiry) (target everyone) (parameters (question "Too hard?") {given}))'
    with pytest.raises(EvalError) as caught:
        tiny.eval(text)
    assert caught.value.code == code and caught.value.span is not None
    assert text[caught.value.span.column - 1 : caught.value.span.end_column - 1] == clause


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("(query (type predicton) (target churn) (change nerf-x))", "did you mean prediction?"),
        ("(query (type prediction) (target retentoin) (change nerf-x))", "did you mean retention?"),
        ("(query (type prediction) (target churn) (change nerf-x) (contxt y))", "did you mean context?"),
        ("(query (type analytics) (target all) (filters ((chanel x))))", "did you mean channel?"),
        ("(query persona-reaction (persona p) (change nerf-x) (metrics (engagment)))", "engagement?"),
    ],
)
def test_a_misspelt_clause_is_told_the_nearest(session: Session, text: str, hint: str) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval(text)
    assert hint in (caught.value.hint or "")


def test_targets_of_an_analysis_are_personas_metrics_and_features(tiny: Session) -> None:
    def metrics(text: str) -> list[str]:
        return tiny.eval(f"(map (lambda (r) (symbol->string (hash-ref r :metric))) (answer-metrics {text}))")

    assert list(metrics("(query (type analytics) (target all))")) == ["volume", "satisfaction"]
    assert list(metrics("(query (type analytics) (target player-churn))")) == ["churn"]
    assert list(metrics("(query (type analytics) (target all) (metrics (volume engagement)))")) == [
        "volume",
        "engagement",
    ]
    feature = tiny.eval("(hash-ref (car (%changes)) :feature)")
    whole = "(hash-ref (car (answer-metrics (analyze 'all))) :value)"
    about = f'(hash-ref (car (answer-metrics (analyze "{feature}"))) :value)'
    assert 0 < tiny.eval(about) < tiny.eval(whole)


def test_dates_may_be_texts_wherever_a_span_of_time_is_given(tiny: Session) -> None:
    for call in ("(analyze 'all {})", "(compare 'all 'all {})", '(persona-inquiry \'all "Too hard?" {})'):
        refused = tiny.eval("(answer-refusal " + call.format(':since "2199-01-01"') + ")")
        assert refused, call


def test_a_prediction_may_name_the_persona_or_the_change_first(tiny: Session) -> None:
    def shape(text: str) -> tuple[str, list[str]]:
        made = tiny.eval(
            f"(let ((a {text})) (list (answer-question a) (map (lambda (r) (hash-ref r :metric)) (answer-metrics a))))"
        )
        question, named = list(made)
        return question, [str(each) for each in named]

    assert shape("(predict 'churn 'nerf-price)") == shape("(predict 'nerf-price 'churn)")
    assert shape("(predict 'everyone 'nerf-price)") == shape("(persona-reaction 'everyone 'nerf-price)")


def test_the_name_of_a_topic_is_read_as_asking_what_people_think_of_it(session: Session) -> None:
    read = session.eval('(read-question "difficulty")')
    assert session.eval("(opinion? r)", r=read) and "difficulty" in session.eval(
        "(hash-ref r :read-as)", r=read
    )
    for question in ("who built the door", "difficulty?!? where", "Is there a price?"):
        assert session.eval("(hash-ref (read-question q) :read-as)", q=question) is False


@pytest.mark.parametrize(
    ("mean", "low", "high", "authors", "says"),
    [
        (0.5, 0.2, 0.8, 9, "They would mostly welcome it"),
        (0.5, -0.2, 1.0, 9, "No clear sign shows, rather for it"),
        (-0.5, -1.0, 0.2, 9, "No clear sign shows, rather against it"),
        (0.9, 0.8, 1.0, 3, "Too few speak of it to tell"),
    ],
)
def test_a_headline_is_no_firmer_than_its_evidence(session, mean, low, high, authors, says) -> None:  # type: ignore[no-untyped-def]
    form = "(reaction-lead (hash-table :mean m :interval i :authors a :voices a :for p :against (- a p)))"
    lead = session.eval(form, m=mean, i=[low, high], a=authors, p=authors if mean > 0 else 0)
    assert lead.startswith(says)


def test_a_sentence_is_quoted_for_a_side_only_if_it_takes_it(session: Session) -> None:
    sides = "(map (lambda (sign) (length (on-side (list {:value 0.1} {:value -0.1} {:value -0.6}) sign))) '(1 -1))"
    assert session.eval(sides) == [0, 1]


def test_dates_may_stand_bare_and_a_filter_alone(session: Session) -> None:
    asked = "(macroexpand '(query (type analytics) (target all) (time-range (2025-01-01 2025-03-01)) (filters {})))"
    call = """'(analysis-of (subject 'all) :since (moment "2025-01-01") :until (moment "2025-03-01")
                :channel (channel-called "general"))"""
    for filters in ("((channel general))", "(channel general)"):
        assert session.eval(f"(equal? {asked.format(filters)} {call})")
    with pytest.raises(EvalError, match="no filter") as caught:
        session.eval("(query (type analytics) (target all) (filters ((chanel general))))")
    assert "(channel NAME)" in caught.value.hint


def test_the_languages_own_calls_are_left_out_of_what_people_see(session: Session) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval("(query (type analytics) (target all) (filters channel))")
    assert any(frame.span.file.startswith("stdlib/") for frame in caught.value.stack), (
        "or this proves nothing"
    )
    assert "stdlib/" not in report(caught.value)


def test_a_question_to_an_empty_workspace_is_told_that_it_is_empty(tmp_path: Path) -> None:
    with Session(tmp_path / "w", allow=Capabilities.all()) as made:
        refusal = made.eval('(answer-refusal (persona-inquiry \'everyone "What of the price?"))')
    assert refusal.startswith("nothing is ingested yet")
