"""Tables as a program sees them: the macros, the program's own names, errors at their spans, rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus import Capabilities, EvalError, Keyword, Session
from chorus.runtime.plan import catalogue, operators
from chorus.runtime.primitive import split_doc
from chorus.runtime.printer import write
from chorus.runtime.values import Symbol


@pytest.fixture(scope="module")
def session(_tiny_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    import shutil

    folder = tmp_path_factory.mktemp("tables") / "workspace"
    shutil.copytree(_tiny_workspace, folder)
    with Session(folder, allow=Capabilities.all()) as made:
        yield made


def sql(session: Session, text: str, *values: Any) -> list[tuple[Any, ...]]:
    """Hand-written SQL on the same store."""
    return session.context.store.rows(text, list(values))


def rows(session: Session, form: str, **names: Any) -> list[Any]:
    return [tuple(row) for row in session.eval(f"(table->rows {form})", **names)]


def test_counting_filtering_and_grouping_agree_with_sql(session: Session) -> None:
    assert session.eval("(count (messages))") == sql(session, "SELECT count(*) FROM messages")[0][0] > 0
    assert rows(
        session,
        """(-> (messages) (where (contains? (lower content) "e")) (group-by author-id)
               (aggregate (n (count)) (longest (max (length content)))) (order-by (desc n) author-id))""",
    ) == sql(
        session,
        """SELECT "author-id", count(*), max(length(content)) FROM messages
           WHERE contains(lower(content), 'e')
           GROUP BY 1 ORDER BY 2 DESC, 1""",
    )


def test_a_week_begins_on_monday_in_utc(session: Session) -> None:
    weeks = rows(session, "(aggregate (group-by (messages) (week (bucket timestamp :week))) (n (count)))")
    assert sum(n for _, n in weeks) == session.eval("(count (messages))")
    assert all(week.isoweekday() == 1 and week.utcoffset() == dt.timedelta(0) for week, _ in weeks)


def test_a_join_brings_names_and_marks_what_clashes(session: Session) -> None:
    made = "(join (messages) (authors) :on (= author-id id) :kind left)"
    assert "name" in [column.name for column in session.eval(f"(table-columns {made})")]
    wanted = sql(
        session, 'SELECT m.id, a.name FROM messages m LEFT JOIN authors a ON m."author-id" = a.id ORDER BY 1'
    )
    assert rows(session, f"(select {made} id name)") == [(a, b or False) for a, b in wanted]
    clash = session.eval("(table-columns (join (messages) (channels) :on (= channel-id id)))")
    assert {"type", "type-right"} <= {column.name for column in clash}


@pytest.mark.parametrize(
    ("form", "columns"),
    [
        ("(select (messages) id (n (length content)))", "(id n)"),
        ("(select (messages) id raw source-id)", "(id raw source-id)"),
        ("(rename (mentions) (who author-id))", "(message-id who)"),
        ("(distinct (messages) author-id)", "(author-id)"),
        ("(persona-members)", "(persona-id author-id confidence)"),
    ],
)
def test_columns(session: Session, form: str, columns: str) -> None:
    assert write_of(session, f"(table-columns {form})") == columns


def write_of(session: Session, form: str) -> str:
    """What `write` prints of the value."""
    return write([value for _, value in session.run(form)][-1])


# The program's own names.


def test_a_column_wins_over_a_variable_and_is_never_evaluated(session: Session) -> None:
    assert session.eval("(let ((content 5)) (count (where (messages) (= content 5))))") == 0
    assert session.eval("(count (where (messages) (= content content)))") == session.eval(
        "(count (messages))"
    )


def test_variables_calls_and_lists_of_the_program_are_bound(session: Session) -> None:
    first = sql(session, 'SELECT min("author-id") FROM messages')[0][0]
    wanted = sql(session, 'SELECT count(*) FROM messages WHERE "author-id" = ?', first)[0][0]
    assert session.eval("(let ((who x)) (count (where (messages) (= author-id who))))", x=first) == wanted
    assert session.eval("(define (me) x) (count (where (messages) (= author-id (me))))", x=first) == wanted
    assert (
        session.eval("(let ((ids (list x))) (count (where (messages) (member author-id ids))))", x=first)
        == wanted
    )


def test_a_macro_that_makes_a_query_keeps_both_scopes(session: Session) -> None:
    made = """(define-syntax longer
                (syntax-rules () ((_ table n) (let ((m n)) (where table (> (length content) m))))))
              (let ((m 10)) (count (longer (messages) m)))"""
    assert (
        session.eval(made) == sql(session, "SELECT count(*) FROM messages WHERE length(content) > 10")[0][0]
    )


def test_names_that_the_program_shadows_do_not_disturb_the_macros(session: Session) -> None:
    shadows = "(list 5) (cons 6) (cdr 7) (map 8) (lambda-like 9) (%run-step 10) (%where 11) (n 1)"
    assert session.eval(f"(let ({shadows}) (count (where (messages) (> (length content) n))))") > 0


def test_a_value_is_evaluated_once(session: Session) -> None:
    calls = "(define calls 0) (define (n) (set! calls (+ calls 1)) 3)"
    assert session.eval(f"{calls} (where (messages) (> (length content) (n)) (< 0 (n))) calls") == 1


ATTACKS = [
    "x'; DROP TABLE messages;--",
    "' OR 1=1 --",
    "\\'; SELECT 1; --",
    "$1",
    "?",
    "%",
    "a\x00b",
    "{0.__class__}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_values_are_inert(session: Session, attack: str) -> None:
    before = session.eval("(count (messages))")
    assert session.eval("(count (where (messages) (= content x)))", x=attack) == 0
    assert session.eval("(count (where (messages) (member content (list x))))", x=attack) == 0
    assert session.eval("(first-rows (select (messages) (y x)) 1)", x=attack)[0] == {Keyword("y"): attack}
    assert session.eval("(count (messages))") == before


@pytest.mark.parametrize("name", ['a"b', "x' --", 'id" FROM authors; --', "日本", "a b"])
def test_names_of_columns_are_inert(session: Session, name: str) -> None:
    quoted = "|" + name.replace("|", "\\|") + "|"
    made = f"(limit (where (with-columns (messages) ({quoted} 1)) (= {quoted} 1)) 2)"
    assert session.eval(f"(column {made} {quoted})") == [1, 1]


# Errors.

WRONG = [
    ("(where (messages) (contain? content \"x\"))", "table-operator", 20, "contains?"),
    ("(where (messages) (contains? contnt \"x\"))", "table-column", 30, "content"),
    ("(where (messages) (frobnicate content))", "table-operator", 20, "map-rows"),
    ("(where (messages) (> content 3))", "table-type", 19, None),
    ("(where (messages) (lower 3))", "table-type", 26, "usage: (lower string)"),
    ("(where (messages) (lower))", "table-arity", 19, "usage"),
    ("(where (messages) (> (count) 3))", "table-aggregate", 22, "aggregate"),
    ("(where (messages) (matches? content \"(a\"))", "table-pattern", 37, "RE2"),
    ("(select (messages) (length content))", "table-clause", 20, "name it"),
    ("(select (messages) contnt)", "table-column", 20, "content"),
    ("(select (messages) id (ID content))", "table-column-twice", None, "case"),
    ("(rename (messages) (content id))", "table-column-twice", None, None),
    ("(aggregate (group-by (messages) author-id) (x content))", "table-aggregate", 47, "group by it"),
    ("(aggregate (messages) (x (mean (count))))", "table-aggregate", 32, None),
    ("(where (messages) (= timestamp (bucket timestamp :fortnight)))", "table-value", 50, "week"),
    ("(join (messages) (authors) :on (= author-id nme))", "table-column", 45, "name"),
    ("(join (messages) (authors) :on id :kind outer)", "table-join", None, "inner"),
    ("(join (messages) (messages) :on (= id timestamp))", "table-type", 36, None),
    ("(union (messages) (authors))", "table-column", None, None),
    ("(where (messages) (= id (list 1 2)))", "table-form", 25, "member"),
    ("(let ((x (list 1))) (where (messages) (= id x)))", "table-value", 45, "member"),
    ("(limit (messages) -1)", "table-value", None, None),
    ("(where 5 (= 1 1))", "type", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("form", "code", "column", "hint"), WRONG, ids=[row[0] for row in WRONG])
def test_wrong_forms_are_typed_errors_at_their_place(
    session: Session, form: str, code: str, column: int | None, hint: str | None
) -> None:
    with pytest.raises(EvalError) as caught:
        session.eval(form)
    error = caught.value
    assert error.code == code, error.message
    assert error.span is not None and (column is None or error.span.column == column), error.span
    assert hint is None or hint in (error.hint or ""), error.hint


def test_a_number_too_large_for_the_engine_is_a_typed_error(session: Session) -> None:
    with pytest.raises(EvalError, match="too large") as caught:
        session.eval("(first-rows (select (messages) (n (* 9223372036854775807 (+ 2 (length content))))))")
    assert caught.value.code == "table-overflow"


def test_lone_surrogates_are_refused(session: Session) -> None:
    with pytest.raises(EvalError, match="Unicode"):
        session.eval("(where (messages) (= content x))", x="\ud800")


@pytest.mark.parametrize("depth", [50, 5000])
def test_deep_plans_and_expressions_end_in_a_value_or_a_typed_error(session: Session, depth: int) -> None:
    deep = "(+ 1 " * depth + "(length content)" + ")" * depth
    steps = f"(let loop ((n {depth}) (t (messages))) (if (= n 0) (count t) (loop (- n 1) (where t (= 1 1)))))"
    for form in (f"(count (where (messages) (> {deep} 1)))", steps):
        try:
            assert session.eval(form) == session.eval("(count (messages))")
        except EvalError as error:
            assert depth > 100 and error.code == "table-size"


# Rows.


def test_rows_come_as_hash_tables_lists_and_columns(session: Session) -> None:
    (row,) = session.eval("(first-rows (select (messages) id timestamp edited-at) 1)")
    assert isinstance(row[Keyword("timestamp")], dt.datetime) and row[Keyword("timestamp")].tzinfo is not None
    assert session.eval("(column (messages) id)") == [
        row[Keyword("id")] for row in session.eval("(table->list (messages))")
    ]
    longer = "(lambda (row) (string-length (get row :content)))"
    assert session.eval(f"(map-rows (messages) {longer})") == session.eval(
        "(column (select (messages) (n (length content))) n)"
    )


def test_map_rows_goes_on_past_one_chunk(session: Session) -> None:
    many = "(let ((t (messages))) (let ((t (union t t t t t t t t t t))) (union t t t t t t t t t t)))"
    assert session.eval(f"(length (map-rows {many} (lambda (row) 1)))") == 100 * session.eval(
        "(count (messages))"
    )


def test_tables_leave_the_language_as_arrow(session: Session) -> None:
    made = session.eval("(select (messages) id timestamp)")
    made = made if hasattr(made, "schema") else made.arrow()
    assert [str(kind) for kind in made.schema.types] == ["string", "timestamp[us, tz=UTC]"]


def test_a_sample_is_the_same_each_time(session: Session) -> None:
    ids = [session.eval(f"(column (sample (messages) 5 :seed {seed}) id)") for seed in (1, 1, 2, 3, 4)]
    assert len(set(ids[0])) == 5 and ids[0] == ids[1] and any(one != ids[0] for one in ids[2:])


def test_a_table_is_written_with_its_size(session: Session) -> None:
    n = session.eval("(count (messages))")
    assert write_of(session, "(select (messages) id content)") == f"#<table messages {n} rows × 2>"


def test_explaining_gives_the_plan_back_as_a_form(session: Session) -> None:
    form = """(limit (order-by (aggregate (group-by (where (messages) (contains? content "e")) author-id)
              (n (count))) (desc n)) 3)"""
    plan = session.eval(f"(cadr (assq 'plan (cdr (explain {form}))))")
    assert session.eval(f"(table->rows {form})") == session.eval(f"(table->rows {write_of_form(plan)})")
    text = session.eval(f"(cadr (assq 'sql (cdr (explain {form}))))")
    assert text.startswith("SELECT") and "'e'" not in text


def write_of_form(value: Any) -> str:
    """A form that came out of a session as lists, as text."""
    return "(" + " ".join(map(write_of_form, value)) + ")" if isinstance(value, list) else write(value)


def test_a_session_without_the_capability_has_no_tables() -> None:
    from chorus import CapabilityDenied

    with pytest.raises(CapabilityDenied):
        Session().eval("(messages)")


def test_the_catalogue_is_what_the_store_has(session: Session) -> None:
    kinds = {"VARCHAR": "string", "DOUBLE": "real", "BOOLEAN": "boolean", "TIMESTAMP": "instant"}
    kinds |= {"INTEGER": "integer", "BIGINT": "integer"}
    for name, entry in catalogue.STORED.items():
        stored = {row[0]: kinds[row[1]] for row in sql(session, f'DESCRIBE "{name}"')}
        assert catalogue.scan(name).schema.types == stored, name
        if entry.key:
            keys = ", ".join(f'"{key}"' for key in entry.key)
            assert sql(
                session,
                f'SELECT count(*) FROM (SELECT {keys} FROM "{name}" GROUP BY ALL HAVING count(*) > 1)',
            ) == [(0,)]


def test_every_operator_is_documented() -> None:
    for row in operators.OPERATORS.values():
        assert row.doc and row.usage.startswith(f"({row.name}")
    assert set(operators.ALIASES.values()) | set(operators.BY_COUNT.values()) <= operators.OPERATORS.keys()


def doc_examples() -> list[tuple[str, str]]:
    text = (Path(__file__).parent.parent / "stdlib" / "tables.sexp").read_text(encoding="utf-8")
    docs = [part for at, part in enumerate(text.replace('\\"', "\x01").split('"')) if at % 2]
    return [example for doc in docs for example in split_doc(doc.replace("\x01", '"'))[1]]


@pytest.mark.parametrize(("form", "value"), doc_examples())
def test_examples_of_the_macros(session: Session, form: str, value: str) -> None:
    shown = write_of(session, form)
    assert value in ("", "…") or shown == value


def test_a_condition_is_true_or_false_in_json_and_other_missing_values_are_null(session: Session) -> None:
    made = session.eval(
        """(-> (messages) (where (not is-pinned)) (select is-pinned rating (no (= id #f)))
                               (limit 1) (value->json))"""
    )
    assert json.loads(made) == [{"is-pinned": False, "rating": None, "no": False}]


@pytest.mark.parametrize(
    "form", ["(messages)", "(limit (messages) 100)", "(with-columns (messages) (n (length content)))"]
)
def test_null_is_no_value_and_missing_is_false_too(session: Session, form: str) -> None:
    store = session.context.store
    one, *others = store.rows('SELECT id FROM messages WHERE NOT "is-pinned"')
    store.write('UPDATE messages SET "is-pinned" = NULL WHERE id = ?', [one[0]])
    try:
        assert session.eval(f"(count (where {form} (null? is-pinned)))") == 1
        assert session.eval(f"(count (where {form} (not (null? is-pinned)) (missing? is-pinned)))") == len(
            others
        )
        assert session.eval(f"(count (where {form} (null? (= id #f))))") == 0
        assert session.eval(f"(count (where {form} (null? rating)))") == session.eval(
            f"(count (where {form} (missing? rating)))"
        )
    finally:
        store.write('UPDATE messages SET "is-pinned" = FALSE WHERE id = ?', [one[0]])


def test_a_column_may_be_called_as_a_form_is(sample_workspace: Path) -> None:
    with Session(sample_workspace, allow=Capabilities.all()) as session:
        named = "(rename (select (messages) id) (time id))"
        assert session.eval(f"(table-columns (order-by (where {named} (= time time)) (desc time)))") == [
            Symbol("time")
        ]
        with pytest.raises(EvalError, match="time is a form"):
            session.eval("(select (messages) (n time))")
