"""What somebody new types wrongly into a query, and what it is answered with: where, and what would be right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from answer_helpers import workspace_of

from chorus import Capabilities, ChorusError, Session

ROWS = [(f"m{n}", f"a{n % 3}", "lag " * n) for n in range(1, 9)]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with workspace_of(ROWS, tmp_path_factory.mktemp("mistakes")) as opened:
        yield opened


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path / "nothing", allow=Capabilities.all()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("form", "hint"),
    [
        ('(where (messages) (contains content "lag"))', "contains? may be meant"),
        ('(where (messages) (like content "lag%"))', "(contains? text"),
        ('(where (messages) (regex-match? content "lag"))', '(matches? text "regular expression")'),
        ("(where (messages) (between (length content) 1 2))", "(<= low value high)"),
        ("(select (messages) (x (avg (length content))))", "(mean number)"),
        ("(aggregate (messages) (p (percentile (length content) 0.9)))", "(quantile number 0.9)"),
        ("(query (type comparison) (target newcomers))", "(target (competitive-players newcomers))"),
    ],
)
def test_the_hint_names_what_there_is(session: Session, form: str, hint: str) -> None:
    with pytest.raises(ChorusError) as caught:
        session.eval(form)
    assert hint in (caught.value.hint or "")


def test_what_the_hints_name_works(session: Session) -> None:
    for form in (
        '(where (messages) (matches? content "lag"))',
        "(where (messages) (<= 1 (length content) 2000))",
        "(aggregate (messages) (m (mean (length content))) (p (quantile (length content) 0.9)))",
        '(select (messages) (h (hour timestamp "Europe/Berlin")) (s (substring content 0 3)))',
    ):
        assert session.eval(f"(count {form})") >= 1


def test_a_join_says_which_table_lacks_the_column(session: Session) -> None:
    with pytest.raises(ChorusError, match="the right table has no column author-id"):
        session.eval("(join (messages) (authors) :on author-id)")
    with pytest.raises(ChorusError, match="the left table has no column name"):
        session.eval("(join (messages) (authors) :on (= name id))")


def test_macros_that_bind_and_group_stand_over_columns(session: Session) -> None:
    """`case` is a macro whose expansion applies a lambda and holds a `begin`."""
    by_hand = session.eval("(count (where (messages) (or (= (length content) 4) (= (length content) 8))))")
    assert by_hand == 0 or by_hand >= 1
    shortest = session.eval("(apply min (column (select (messages) (n (length content))) n))")
    form = "(count (where (messages) (case (length content) ((wanted) #t) (else #f))))"
    assert session.eval(form.replace("wanted", str(shortest))) == 1
    assert session.eval(form.replace("wanted", "-1")) == 0
    assert session.eval("(count (where (messages) (begin (> (length content) 0))))") == len(ROWS)
    with pytest.raises(ChorusError) as caught:
        session.eval("(where (messages) (do ((i 0 (+ i 1))) ((= i 3) #t)))")
    assert caught.value.code == "table-form"


def test_one_metric_needs_no_list(session: Session) -> None:
    form = "(map (lambda (row) (hash-ref row :metric)) (answer-metrics (analyze 'everyone :metrics {})))"
    assert session.eval(form.format("'volume")) == session.eval(form.format("'(volume)"))


@pytest.mark.parametrize(
    "form",
    [
        '(answer-refusal (persona-inquiry \'everyone "Is it fair?"))',
        '(answer-refusal (persona-inquiry \'everyone "What do they think of the lag?"))',
        "(answer-refusal (analyze 'everyone))",
        "(guard (e (#t (error-object-message e))) (compare 'newcomers 'veterans))",
    ],
)
def test_an_empty_workspace_says_so_first(empty: Session, form: str) -> None:
    assert "nothing is ingested yet" in empty.eval(form)


@pytest.mark.parametrize(
    ("form", "place", "hint"),
    [
        ("(query (type analytics) (target all) (metrics (volume volum)))", "volum)", "did you mean volume? "),
        ("(query (type comparison) (target (1 2)) (metrics (volume topics)))", "topics)", "accepted: volume"),
        (
            '(query (type analytics) (target all) (filters ((channel "a" "b"))))',
            '(channel "a" "b"',
            "accepted",
        ),
        (
            '(query (type analytics) (target all) (filters ((channel "a") (channel "b"))))',
            '(channel "b")',
            "one",
        ),
    ],
)
def test_a_value_that_is_not_taken_is_told_at_its_place(
    session: Session, form: str, place: str, hint: str
) -> None:
    with pytest.raises(ChorusError) as caught:
        session.eval(form)
    assert caught.value.span is not None and caught.value.span.column == form.index(place) + 1
    assert (caught.value.hint or "").startswith(hint) or hint in (caught.value.hint or "")


def test_no_metrics_are_no_answer(session: Session) -> None:
    with pytest.raises(ChorusError, match="no metric is asked for"):
        session.eval("(analyze 'everyone :metrics '())")


def test_a_patch_to_come_is_no_last_patch(tmp_path: Path) -> None:
    """Of two on one day the later is the last."""
    days = {"1.0": "2025-01-02T10:00:00Z", "1.1": "2025-01-02T18:00:00Z", "9.9": "2999-01-01T00:00:00Z"}
    told = [
        {"id": f"p{version}", "timestamp": day, "version": version, "title": f"Patch {version}", "notes": "-",
         "changes": [{"feature": "price", "action": "increase", "amount": 0.5}]}
        for version, day in days.items()
    ]  # fmt: skip
    (tmp_path / "q.patches.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told))
    last = "(let ((found (resolve-context 'last-patch))) (and found (hash-ref found :version)))"
    with Session(tmp_path / "ws", allow=Capabilities.all()) as opened:
        assert opened.eval(last) is False
        opened.eval("(ingest path)", path=str(tmp_path / "q.patches.jsonl"))
        assert opened.eval(last) == "1.1"
        assert opened.eval('(hash-ref (resolve-context "9.9") :version)') == "9.9"
    with pytest.raises(ChorusError) as caught:
        Session().eval('(query (type persona-inquiry) (target all) (question "Why?") (context 2.5))')
    assert '(context "2.16")' in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ("(query (type analytics) (target everyone) (time-range (yesterday today)))", "yesterday"),
        ('(query (type analytics) (target everyone) (time-range ("2024-01-01" nowhere)))', "nowhere"),
        ('(query (type analytics) (target everyone) (time-range ("yesterday" "next week")))', '"next week"'),
        ("(plot (messages) :x timestmp)", "timestmp"),
        ('(plot (messages) :x timestamp :file "a.png")', '"a.png"'),
    ],
)
def test_a_wrong_word_is_shown_itself(session: Session, form: str, word: str) -> None:
    with pytest.raises(ChorusError) as caught:
        session.eval(form)
    span = caught.value.span
    assert span is not None
    assert span.column == form.index(word) + 1


def test_days_may_be_called_by_their_words(session: Session) -> None:
    form = '(query (type analytics) (target everyone) (metrics volume) (time-range ("Monday" (now))))'
    assert session.eval(f"(answer? {form})") is True


def test_an_explanation_is_shown_part_by_part(session: Session) -> None:
    shown = session.eval('(present (explain (where (select (messages) id content) (> id "m3"))))')
    names = [line.split()[0] for line in shown.splitlines()]
    assert names[:3] == ["plan", "optimised", "rules"]
    assert (
        names.index("predicted") < names.index("columns") < names.index("parameters") < names.index("SELECT")
    )
    assert session.eval("(present '(explain (sql 5)))") is False
